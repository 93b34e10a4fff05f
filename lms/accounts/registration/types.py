"""What a trainee who registers herself chooses from, and what she is given."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class OpenInstitution:
    """An institution that takes trainees: its name with the place it stands in."""

    uuid: UUID
    label: str


@dataclass(frozen=True)
class Registered:
    """Shown once more until she leaves the browser; printable."""

    login_name: str
    name: str
    institution: str
    minor: bool  # between 16 and 18: the guardian's consent is asked for at enrolment
