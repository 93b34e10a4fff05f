"""A lesson video as pages show it. No Django."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from media_pipeline.assets.types import CaptionLine, Pages, StageView


@dataclass(frozen=True)
class VideoView:
    """One lesson video for one reader. `src`, `poster`, `captions`: addresses signed for her, good for six hours.

    state: `processing`, `ready` or `failed`; without `ready` the addresses are empty and `duration_s` may be None.
    captions is empty when nothing was said in the video. `state_label` is translated.
    """

    uuid: UUID
    title: str
    src: str
    poster: str
    captions: str
    duration_s: float | None
    state: str
    state_label: str

    @property
    def ready(self) -> bool:
        """Whether it can be played."""
        return self.state == "ready"


@dataclass(frozen=True)
class VideoRow:
    """A line of the list of those who make lessons. captions: which version is shown, in words."""

    uuid: UUID
    title: str
    author: str
    created_at: datetime
    duration_s: float | None
    state_label: str
    ready: bool
    captions: str
    is_demo: bool


@dataclass(frozen=True)
class VideoList:
    """Lesson videos, newest first. query: what the titles hold."""

    rows: list[VideoRow]
    pages: Pages
    query: str


@dataclass(frozen=True)
class Waiting:
    """A video that is not ready. steps: what is being done; reasons: why it stopped; live: ask again."""

    uuid: UUID
    title: str
    state_label: str
    steps: list[StageView]
    reasons: tuple[str, ...]
    live: bool


@dataclass(frozen=True)
class Workbench:
    """A ready video and one page of its captions.

    number: the version shown, `newest` unless a form brought an older one; lines: those of this page; machine: what the
    machine heard, by id, where it differs; doubtful: ids of lines nobody has looked at that the machine does not trust.
    """

    uuid: UUID
    title: str
    author: str
    created_at: datetime
    player: VideoView
    hints: tuple[str, ...]
    may_correct: bool
    number: int
    lines: tuple[CaptionLine, ...]
    machine: dict[int, str]
    doubtful: frozenset[int]
    pages: Pages


class VideoRefused(Exception):
    """A foreseen refusal of a service here; `message` is for the person who asked, `field` names the input."""

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.field = field
