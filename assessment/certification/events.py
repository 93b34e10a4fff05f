"""What this room tells the rooms above."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class CertificateIssued:
    """The first paper of a candidacy was issued; a reissue is no news."""

    candidacy: UUID
    person: UUID
    certificate: UUID
