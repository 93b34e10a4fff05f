"""News of the media pipeline for the rooms above. Heard in the transaction that made them true."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True)
class WorkReceived:
    """A video was handed in; told before its first stage starts. A room above may refuse it by raising `UploadRefused`.

    person: the owner's, None when her login belongs to nobody; level: 5 (elementary) to 1; replaces: the work of hers that
    it takes the place of; begun_at: when its upload began.
    """

    asset: UUID
    user: UUID
    person: UUID | None
    level: int
    replaces: UUID | None
    begun_at: datetime


@dataclass(frozen=True)
class EvidenceReady:
    """Every stage is done: examiners can use the evidence."""

    asset: UUID


@dataclass(frozen=True)
class MediaRefused:
    """A check failed: the trainee must upload another video. reasons: code and values, as stored."""

    asset: UUID
    reasons: tuple[dict[str, object], ...]


@dataclass(frozen=True)
class MediaStuck:
    """Processing gave up on this work; its job waits in the dead-letter list. reason: a msgid, plain."""

    asset: UUID
    reason: str
