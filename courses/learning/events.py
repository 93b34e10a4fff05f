"""News of this room."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True)
class LessonCompleted:
    """A trainee has studied a lesson to its end, by her own word. version: the `LessonVersion` she read."""

    enrolment: UUID
    person: UUID
    training_class: UUID
    lesson: UUID
    version: UUID
    at: datetime
