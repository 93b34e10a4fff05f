"""A lesson video as pages show it. No Django."""

from dataclasses import dataclass
from uuid import UUID


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


class VideoRefused(Exception):
    """A foreseen refusal of a service here; `message` is for the person who asked, `field` names the input."""

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.field = field
