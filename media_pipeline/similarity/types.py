"""What comparing two works finds. No Django. Times are seconds from the first picture."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class Kind(StrEnum):
    """What is alike."""

    FILE = "file"  # 相同文件
    PICTURE = "picture"  # 相似画面
    SOUND = "sound"  # 相似声音
    TEXT = "text"  # 相似文案


class Tie(StrEnum):
    """Whose the other work is; nobody is told more."""

    OTHER = "other"
    SAME = "same"  # the same person's earlier attempt: linked, not accused


@dataclass(frozen=True)
class Stretch:
    """Seconds of one's own and of the other work that agree."""

    own_start: float
    own_end: float
    other_start: float
    other_end: float


@dataclass(frozen=True)
class Alike:
    """How much of two works agrees, 0 to 1, and where. how: "mirrored" pictures; name of the speed of sounds, else ""."""

    value: float
    stretches: tuple[Stretch, ...] = ()
    how: str = ""


NOTHING = Alike(0.0)


@dataclass(frozen=True)
class Measured:
    """One measure of a match. value and threshold: 0 to 1; warns: the boundary is reached. how: as in `Alike`."""

    kind: Kind
    value: float
    threshold: float
    warns: bool
    stretches: tuple[Stretch, ...] = ()
    how: str = ""


@dataclass(frozen=True)
class LookalikeHead:
    """A match as a list shows it. number: counts from 1 in a work, and is all that names the other one."""

    uuid: UUID
    number: int
    tie: Tie
    measures: tuple[Measured, ...]
    found_at: datetime


@dataclass(frozen=True)
class LookalikeLine:
    """A line of a transcript. parts: (text, whether the other work says it too, whether it hides a name)."""

    start_s: float
    end_s: float
    parts: tuple[tuple[str, bool, bool], ...]


@dataclass(frozen=True)
class LookalikeSides:
    """Both works of a match. other: never shown to anybody who is blind; other_code: for those who decide and whose reach is
    other_place."""

    head: LookalikeHead
    other: UUID
    other_code: str
    other_place: str
    own_duration_s: float
    other_duration_s: float
    own_lines: tuple[LookalikeLine, ...]
    other_lines: tuple[LookalikeLine, ...]


@dataclass(frozen=True)
class HeldWork:
    """A work that is held back because somebody else handed in the same file."""

    code: str
    level_label: str
    product_label: str
    uploaded_at: datetime
    held_at: datetime


@dataclass(frozen=True)
class Release:
    """Why a work was let go on to scoring all the same, by whom and when."""

    reason: str
    by: UUID
    at: datetime
