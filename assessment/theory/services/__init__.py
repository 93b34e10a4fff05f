"""What happens to the marks of papers."""

from assessment.theory.services.corrections import decide_correction, propose_correction, trying
from assessment.theory.services.marking import (
    mark_attempt,
    mark_sitting,
    receive_booklet,
    receive_video,
    settle_part,
)
from assessment.theory.services.release import confirm_marks, release_marks, tell_released

__all__ = [
    "confirm_marks",
    "decide_correction",
    "mark_attempt",
    "mark_sitting",
    "propose_correction",
    "receive_booklet",
    "receive_video",
    "release_marks",
    "settle_part",
    "tell_released",
    "trying",
]
