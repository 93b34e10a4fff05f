"""What the curriculum's templates are given."""

from dataclasses import dataclass


@dataclass(frozen=True)
class LevelView:
    """One level: `rank` as printed on certificates (五级/初级工), `intro` as HTML, `url` of its own page."""

    title: str
    rank: str
    number: int
    intro: str
    is_open: bool
    url: str
    courses: tuple[str, ...]
