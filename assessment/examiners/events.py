"""News of this room."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class ExaminerFiled:
    """One more examiner may be given work: works that wait for a panel may find one now."""

    examiner: UUID
    user: UUID
