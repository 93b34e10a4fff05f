"""What an upload in pieces is: its states, what stops it, what a page reads about it. No Django."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class UploadState(StrEnum):
    """open → received (every byte is there) → done | refused; open → ended (by its owner) | expired."""

    OPEN = "open"  # 上传中
    RECEIVED = "received"  # 已收齐，正在收存
    DONE = "done"  # 已成为作品或素材
    REFUSED = "refused"  # 收齐后没有接受
    ENDED = "ended"  # 本人取消
    EXPIRED = "expired"  # 放弃太久


# One table of allowed moves; every other move raises.
UPLOAD_MOVES: Mapping[UploadState, frozenset[UploadState]] = {
    UploadState.OPEN: frozenset({UploadState.RECEIVED, UploadState.ENDED, UploadState.EXPIRED}),
    UploadState.RECEIVED: frozenset({UploadState.DONE, UploadState.REFUSED}),
    UploadState.DONE: frozenset(),
    UploadState.REFUSED: frozenset(),
    UploadState.ENDED: frozenset(),
    UploadState.EXPIRED: frozenset(),
}
# Their bytes are gone, or belong to a work.
OVER = frozenset({UploadState.REFUSED, UploadState.ENDED, UploadState.EXPIRED})


class TransferStopped(Exception):
    """A piece, or the whole upload, is not taken. `status` is HTTP's, `message` plain words in the reader's language.

    errors: field of the form → what is wrong with it. retry_after_s: when trying again is worth it.
    """

    def __init__(
        self, status: int, message: str, *, errors: Mapping[str, str] | None = None, retry_after_s: int | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.errors = dict(errors or {})
        self.retry_after_s = retry_after_s


class BadHeader(ValueError):
    """A header that the protocol does not allow; the text names it."""


class NoRoom(Exception):
    """The disk, or the bucket, takes no more bytes now."""


class Busy(Exception):
    """Somebody else is writing this upload at this moment."""


class BytesLost(Exception):
    """Storage holds fewer bytes than were acknowledged."""


@dataclass(frozen=True)
class Checksum:
    """What the sender says a piece hashes to. algorithm: sha1 or sha256; digest: the bytes."""

    algorithm: str
    digest: bytes


@dataclass(frozen=True)
class Accepted:
    """What a target says to an upload before its bytes come.

    context: what else must be the same for two uploads of one file to be one upload, as the task of homework.
    """

    context: str = ""


@dataclass(frozen=True)
class Progress:
    """How an upload stands, for its owner's page. url: where to go on once it is done; message: why it was refused."""

    state: UploadState
    offset: int
    length: int
    url: str = ""
    message: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)
