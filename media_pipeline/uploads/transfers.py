"""Files that come in pieces: begun, continued, cancelled, taken in, given up.

Whatever is killed at whatever moment, an acknowledged byte is stored and a stored upload goes on: a piece is flushed before
its offset is written, the offset moves by compare-and-set under a short lease, and the last piece leaves a job that makes the
work should nobody else have done so.
"""

import hashlib
import hmac
import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import F, Q, Sum
from django.http import Http404
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from lms.accounts.api import Acting, User, acting_for
from lms.core import clock
from lms.core.ids import new_uuid
from lms.core.jobs import TryAgain, enqueue
from media_pipeline.assets import store
from media_pipeline.assets.models import MediaAsset, Rendition
from media_pipeline.assets.services import discard_unnamed
from media_pipeline.uploads.logic import CHECKSUM_MISMATCH, Fingerprint, parse_metadata
from media_pipeline.uploads.models import Upload
from media_pipeline.uploads.parts import parts
from media_pipeline.uploads.services import UploadRefused, refusal_words
from media_pipeline.uploads.targets import UploadTarget, target_named
from media_pipeline.uploads.types import (
    OVER,
    UPLOAD_MOVES,
    Busy,
    BytesLost,
    Checksum,
    NoRoom,
    TransferStopped,
    UploadState,
)

log = logging.getLogger("kaibo.media")

RECEIVE_JOB = "media.receive"
FOLDER = "uploads"
# A larger body is stored as it comes, piece after piece of this size.
PIECE_BYTES = 8 << 20
# A body with a checksum is kept in memory until it is known to be right.
CHECKED_BYTES = PIECE_BYTES
_READ = 1 << 18
# Larger files are made into works by the worker: hashing them would hold a web thread for too long.
_INLINE_BYTES = 512 << 20
_FINISH_LEASE = timedelta(seconds=60)
_RENEW_BYTES = 256 << 20
_KEPT_AFTER_END = timedelta(days=7)
_MOST_OPEN = 20

NOT_THE_SAME_FILE = gettext_noop("The pieces do not make the file that was begun with. Please upload the video again.")
NOT_ALLOWED = gettext_noop("You may not upload this any more. Ask your class's office.")
TARGET_GONE = gettext_noop("This kind of video is not taken in here any more.")


# ---- begun ----


def begin_upload(
    *, acting: Acting, target: UploadTarget, length: int, metadata: str, said: Mapping[str, str], now: datetime
) -> tuple[Upload, bool]:
    """A new upload, or the one of the same bytes that she has begun before (True): it goes on where it stopped.

    `metadata` is the header `said` was read from; `fingerprint` in it tells the bytes, `token` the form. What is declared
    is judged before a byte is sent. Raises PermissionDenied, Http404, TransferStopped (413, 422, 507).
    """
    accepted = target.check(acting, said)
    if acting.user is None:
        raise PermissionDenied
    if length == 0:
        raise TransferStopped(422, refusal_words("empty"), errors={"video": refusal_words("empty")})
    if length > target.max_bytes():
        words = too_big_for(target)
        raise TransferStopped(413, words, errors={"video": words})
    mine = {
        "owner_user": acting.user,
        "target": target.name,
        "context": accepted.context,
        "length": length,
        "fingerprint": said.get("fingerprint", ""),
    }
    declared = {"metadata": metadata, "form_token": _token(said), "membership": acting.membership}
    before = _continued(mine, declared)
    if before:
        return before, True
    real = clock.real_now()
    uuid = new_uuid()
    try:
        with transaction.atomic():
            User.objects.select_for_update().get(uuid=acting.user)  # one at a time counts what she has
            _check_room(acting.user, target, length)
            made = Upload.objects.create(
                uuid=uuid,
                key=f"{store.folder_key(FOLDER, uuid, now)}/source",
                created_at=now,
                touched_at=real,
                expires_at=real + kept_for(),
                **mine,
                **declared,
            )
    except IntegrityError:
        before = _continued(mine, declared)  # begun in another window a moment ago
        if before is None:
            raise
        return before, True
    return made, False


def _continued(mine: dict[str, Any], declared: dict[str, Any]) -> Upload | None:
    """Her unfinished upload of the same bytes, with what she says now."""
    if not mine["fingerprint"]:
        return None
    held = Upload.objects.filter(**mine, state=UploadState.OPEN)
    row = held.first()
    if row is None or not held.filter(pk=row.pk).update(**declared, expires_at=clock.real_now() + kept_for()):
        return None
    return Upload.objects.get(pk=row.pk)


def _token(said: Mapping[str, str]) -> UUID:
    try:
        return UUID(said.get("token", ""))
    except ValueError:
        return new_uuid()


def _check_room(owner: UUID, target: UploadTarget, length: int) -> None:
    """Raises TransferStopped: her quota (422), the installation's, or the disk (507)."""
    under_way = Upload.objects.filter(state__in=[UploadState.OPEN, UploadState.RECEIVED])
    hers = under_way.filter(owner_user=owner, target=target.name)
    stored = MediaAsset.objects.filter(owner_user=owner, purpose=target.name)
    if hers.count() >= _MOST_OPEN:
        raise TransferStopped(422, _("Too many of your uploads are unfinished. Finish or cancel one first."))
    if _sum(hers, "length") + _sum(stored, "size") + length > target.owner_bytes():
        most = f"{target.owner_bytes() / (1 << 30):,.0f}"
        raise TransferStopped(422, _("Your videos would take more than %(size)s GB together.") % {"size": most})
    remaining = int(under_way.aggregate(left=Sum(F("length") - F("offset")))["left"] or 0)
    total = settings.UPLOAD_TOTAL_BYTES
    if total and _sum(MediaAsset.objects.all(), "size") + _sum(under_way, "length") + length > total:
        raise no_room()
    free = parts().room()
    if free is not None and free - remaining - length < settings.UPLOAD_RESERVE_BYTES:
        raise no_room()


def _sum(rows: Any, field: str) -> int:
    return int(rows.aggregate(sum=Sum(field))["sum"] or 0)


def too_big_for(target: UploadTarget) -> str:
    """The refusal of a file over the target's limit."""
    return _("The file is larger than %(size)s MB. Please shorten or compress the video.") % {
        "size": f"{target.max_bytes() >> 20:,}"
    }


def kept_for() -> timedelta:
    """How long an unfinished upload is kept after its last piece."""
    return timedelta(hours=settings.UPLOAD_KEPT_HOURS)


def no_room() -> TransferStopped:
    """507: what has arrived is kept, and the upload goes on when there is room."""
    return TransferStopped(
        507,
        _(
            "There is no room for the video at the moment. What was sent is kept; it goes on by itself when there is room."
        ),
        retry_after_s=60,
    )


def gone() -> TransferStopped:
    """410."""
    return TransferStopped(410, _("This upload was cancelled or has run out. Please upload the video again."))


def busy() -> TransferStopped:
    """423."""
    return TransferStopped(423, _("This video is being sent from another window, too."), retry_after_s=2)


# ---- continued ----


def check_piece(*, upload: Upload, offset: int, announced: int) -> None:
    """Whether a piece may come, before its body is read. Raises TransferStopped (403, 409, 410, 413)."""
    state = UploadState(upload.state)
    if state in OVER:
        raise gone()
    if offset != upload.offset:
        raise TransferStopped(409, _("The upload stands at another byte. It goes on from there."))
    if announced > upload.length - offset:
        raise TransferStopped(413, _("More bytes were sent than the upload was begun with."))


def append(
    *, upload: Upload, offset: int, body: store.Readable, announced: int, checksum: Checksum | None, now: datetime
) -> Upload:
    """Store what comes, as far as it comes; the upload as it stands then. `announced` bytes are read at most.

    With a checksum all or nothing is stored. Raises what `check_piece` raises, and TransferStopped (423 while another
    writes, 460 for a wrong checksum, 507 when the disk is full).
    """
    check_piece(upload=upload, offset=offset, announced=announced)
    if checksum:
        data = _read(body, announced)
        found = hashlib.new(checksum.algorithm, data, usedforsecurity=False).digest()
        if len(data) < announced or not hmac.compare_digest(found, checksum.digest):
            raise TransferStopped(CHECKSUM_MISMATCH, _("A piece was damaged on its way. It is sent again."))
        return _keep(upload, data, now) if data else upload
    left = announced
    while left:
        piece = _read(body, min(PIECE_BYTES, left))
        if not piece:
            break
        upload = _keep(upload, piece, now)
        left -= len(piece)
        if len(piece) < PIECE_BYTES:  # the end, or she is gone
            break
    return upload


def _read(body: store.Readable, size: int) -> bytes:
    """So many bytes, fewer when the sender breaks off: what has arrived is worth keeping."""
    held = bytearray()
    while len(held) < size:
        try:
            chunk = body.read(min(_READ, size - len(held)))
        except OSError:
            break
        if not chunk:
            break
        held += chunk
    return bytes(held)


def _keep(upload: Upload, piece: bytes, now: datetime) -> Upload:
    """Store one piece behind the offset the object was read with, then acknowledge it."""
    storage = parts()
    token, real = new_uuid(), clock.real_now()
    unmoved = Upload.objects.filter(pk=upload.pk, state=UploadState.OPEN, offset=upload.offset)
    free = Q(writer=None) | Q(writer_until__lt=real)
    if not unmoved.filter(free).update(writer=token, writer_until=real + timedelta(seconds=storage.lease_s)):
        raise _why_not(upload)
    ours = unmoved.filter(writer=token)
    row = Upload.objects.get(pk=upload.pk)
    end = row.offset + len(piece)
    try:
        state = storage.append(row.key, row.parts, row.offset, piece, row.length)
    except NoRoom:
        ours.update(writer=None, writer_until=None)
        raise no_room() from None
    except Busy:
        ours.update(writer=None, writer_until=None)
        raise busy() from None
    except BytesLost:
        log.error("upload %s: storage has lost acknowledged bytes", row.uuid)
        _end(row, UploadState.EXPIRED)
        raise gone() from None
    except BaseException:
        ours.update(writer=None, writer_until=None)
        raise
    real = clock.real_now()
    written: dict[str, Any] = {
        "offset": end,
        "parts": state,
        "writer": None,
        "writer_until": None,
        "touched_at": real,
        "expires_at": real + kept_for(),
    }
    whole = end == row.length
    with transaction.atomic():
        if not ours.update(**written, **({"state": UploadState.RECEIVED} if whole else {})):
            raise _why_not(upload)  # the lease ran out in the middle, or she cancelled
        if whole:
            later = real + timedelta(seconds=30) if _inline(row) else None
            enqueue(RECEIVE_JOB, row.uuid, key=str(row.uuid), not_before=later)
    row = Upload.objects.get(pk=upload.pk)
    if whole and _inline(row):
        _finish_now(row, now)
        row = Upload.objects.get(pk=upload.pk)
    return row


def _why_not(upload: Upload) -> TransferStopped:
    row = Upload.objects.get(pk=upload.pk)
    if row.state in OVER:
        return gone()
    if row.offset != upload.offset:
        return TransferStopped(409, _("The upload stands at another byte. It goes on from there."))
    return busy()


def _inline(row: Upload) -> bool:
    return parts().near and row.length <= _INLINE_BYTES


def _finish_now(row: Upload, now: datetime) -> None:
    """So that she need not wait for the worker; what goes wrong here, the job tries again and tells."""
    try:
        finish_upload(uuid=row.uuid, now=now)
    except Exception:  # every byte is safe, and the answer says so
        log.exception("upload %s is left to the worker", row.uuid)


# ---- cancelled ----


def cancel_upload(*, upload: Upload) -> None:
    """Forget it and its bytes. Raises TransferStopped (403 for what is a work already, 410 when it is over)."""
    state = UploadState(upload.state)
    if state in OVER:
        raise gone()
    if state is not UploadState.OPEN or not _end(upload, UploadState.ENDED):
        raise TransferStopped(403, _("All of it has arrived; it cannot be cancelled any more."))


def _end(row: Upload, after: UploadState, **fields: Any) -> bool:
    """Compare-and-set from the state it was read in; then its bytes go, unless they became a work."""
    before = UploadState(row.state)
    if after not in UPLOAD_MOVES[before]:
        return False
    written = {"state": after, "touched_at": clock.real_now(), "writer": None, "writer_until": None, **fields}
    if not Upload.objects.filter(pk=row.pk, state=before).update(**written):
        return False
    if after in OVER and not Rendition.objects.filter(key=row.key).exists():
        # Another may have stored a piece since the row was read: what it must clean up stands in the newest.
        newest = Upload.objects.get(pk=row.pk)
        try:
            parts().discard(newest.key, newest.parts)
        except OSError as fault:  # the daily search finds what is left
            log.warning("upload %s: %s", row.uuid, fault)
    return True


# ---- taken in ----


def finish_upload(*, uuid: UUID, now: datetime) -> Upload:
    """Make a work, or a material, of an upload whose every byte is there; again after a crash it gives the same.

    The file stays where it grew: nothing is copied. Refusals end on the row with their reason. Raises TryAgain while
    another does it.
    """
    row = Upload.objects.get(uuid=uuid)
    if row.state != UploadState.RECEIVED:
        return row
    token, real = new_uuid(), clock.real_now()
    free = Q(writer=None) | Q(writer_until__lt=real)
    waiting = Upload.objects.filter(pk=row.pk, state=UploadState.RECEIVED)
    if not waiting.filter(free).update(writer=token, writer_until=real + _FINISH_LEASE):
        raise TryAgain(gettext_noop("Another process is storing this upload."))
    user = User.objects.filter(uuid=row.owner_user).first()
    language = (user.language if user else "") or settings.LANGUAGE_CODE
    try:
        with translation.override(translation.get_language() or language):
            url, reason = _take_in(row, user, token, now)
    finally:
        waiting.filter(writer=token).update(writer=None, writer_until=None)
    if reason:
        _end(row, UploadState.REFUSED, message=reason[:500])
    else:
        _end(row, UploadState.DONE, url=url)
    return Upload.objects.get(pk=row.pk)


def _take_in(row: Upload, user: User | None, token: UUID, now: datetime) -> tuple[str, str]:
    """The address to go on at, or the reason why not."""
    target = target_named(row.target)
    if target is None:
        return "", _(TARGET_GONE)
    said = parse_metadata(row.metadata)
    try:
        stored = _stored(row, token)
        if stored is None:
            return "", _(NOT_THE_SAME_FILE)
        acting = acting_for(user, str(row.membership)) if user else None
        if acting is None:
            return "", _(NOT_ALLOWED)
        file = store.InPlace(said.get("filename", ""), stored)
        said = {**said, "token": str(row.form_token)}
        url = target.take_in(acting, said, file, now, row.created_at)
    except UploadRefused as refusal:
        return "", refusal.message or refusal_words(refusal.code)
    except TransferStopped as stop:
        return "", next(iter(stop.errors.values()), stop.message)
    except (PermissionDenied, Http404):
        return "", _(NOT_ALLOWED)
    except BytesLost:
        log.error("upload %s: storage has lost acknowledged bytes", row.uuid)
        return "", _(NOT_THE_SAME_FILE)
    # The same form sent before has its work already: these bytes are nobody's.
    discard_unnamed([row.key])
    return url, ""


def _stored(row: Upload, token: UUID) -> store.Stored | None:
    """The file where it lies, hashed in one reading; None when it is not the one that was begun with."""
    storage = parts()
    if not Rendition.objects.filter(key=row.key).exists():
        storage.complete(row.key, row.parts, row.length)
    whole, ends = hashlib.sha256(), Fingerprint(row.length)
    read = renewed = 0
    for chunk in storage.chunks(row.key):
        whole.update(chunk)
        ends.update(chunk)
        read += len(chunk)
        if read - renewed >= _RENEW_BYTES:
            renewed = read
            Upload.objects.filter(pk=row.pk, writer=token).update(writer_until=clock.real_now() + _FINISH_LEASE)
    if read != row.length or (row.fingerprint and ends.hexdigest() != row.fingerprint):
        return None
    return store.Stored(row.key, read, whole.hexdigest())


# ---- given up ----


def expire_uploads(*, real: datetime) -> int:
    """End what was abandoned and forget what is long over; how many were ended. `real` is real time."""
    ended = 0
    for row in Upload.objects.filter(state=UploadState.OPEN, expires_at__lt=real).order_by("id")[:200]:
        ended += _end(row, UploadState.EXPIRED)
    over = [*OVER, UploadState.DONE]
    Upload.objects.filter(state__in=over, touched_at__lt=real - _KEPT_AFTER_END).delete()
    return ended


def discard_orphan_parts(*, before: datetime) -> int:
    """Delete files of uploads that neither a row nor a work names; how many. `before` is real time.

    Nothing goes when no file there is one the database names: that is another installation's folder, or an empty database.
    """
    found = list(store.walk(FOLDER))
    keys = {_upload_key(name) for name in found}
    named = set(Rendition.objects.filter(key__in=keys).values_list("key", flat=True))
    named |= set(Upload.objects.filter(key__in=keys).exclude(state__in=OVER).values_list("key", flat=True))
    if not named:
        return 0
    orphans = [name for name in found if _upload_key(name) not in named and store.is_older(name, before)]
    for name in orphans:
        store.discard(name)
    return len(orphans)


def _upload_key(name: str) -> str:
    """The upload's key, of its remainder, too."""
    return name.partition(".tail-")[0]
