"""Files that questions show: pictures are made anew, sound and film are known by their first bytes, all are private."""

import io
from contextlib import suppress
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from assessment.bank.exchange.checks import FILE_BYTES, media_kind
from assessment.bank.models import QuestionFile
from assessment.bank.refusals import BankRefusal
from assessment.bank.rules import require_writer
from assessment.bank.types import Media, MediaKind
from lms.accounts.api import Acting
from lms.core.clock import SHANGHAI
from lms.core.ids import new_uuid
from lms.core.imports import ImportRefused, safe_picture

# Longest side of a picture, in points: sharp on every screen, and no camera's whole sensor.
_SIDE = 2000
_QUALITY = 88


@transaction.atomic
def store_file(*, by: Acting, data: bytes, name: str, now: datetime) -> Media:
    """Keep a file for a question that will show it. name: as `![alt](name)` calls it.

    A picture is decoded and encoded again, so nothing but the picture is kept (no place, no camera, no second file within).
    Raises NotAllowed, BankRefusal ("file").
    """
    require_writer(by)
    held = keep_file(data=data, name=name, by=by.user, now=now)
    return Media(name, held.sha256, MediaKind(held.kind))


def keep_file(*, data: bytes, name: str, by: UUID | None, now: datetime) -> QuestionFile:
    """The same without the gate; what is stored already is not stored twice. Raises BankRefusal ("file")."""
    known = QuestionFile.objects.filter(sha256=sha256(data).hexdigest()).first()
    if known is not None:
        return known
    if len(data) > FILE_BYTES:
        raise _refused(_("The file %(name)s is larger than 20 MB."), name)
    kind = media_kind(data[:16])
    if kind is None:
        raise _refused(
            _("%(name)s is no picture (PNG, JPEG, GIF, WebP), sound (MP3, M4A, OGG, WAV) or film (MP4)."), name
        )
    kept, mime, suffix = _picture(data, name) if kind is MediaKind.PICTURE else (data, *_sound_or_film(data))
    digest = sha256(kept).hexdigest()
    known = QuestionFile.objects.filter(sha256=digest).first()
    return known or _stored(kept, digest, kind, mime, suffix, by, now)


def _refused(words: str, name: str) -> BankRefusal:
    return BankRefusal(words % {"name": name}, code="file", field="media")


def _stored(
    data: bytes, digest: str, kind: MediaKind, mime: str, suffix: str, by: UUID | None, now: datetime
) -> QuestionFile:
    storage, local = storages["private"], now.astimezone(SHANGHAI)
    key = storage.save(f"questions/{local:%Y}/{local:%m}/{new_uuid()}/file.{suffix}", ContentFile(data))
    try:
        with transaction.atomic():
            return QuestionFile.objects.create(
                sha256=digest, kind=kind, mime=mime, size=len(data), storage_key=key, by=by, created_at=now
            )
    except IntegrityError:  # the same file came twice at once: the first is kept
        with suppress(OSError):
            storage.delete(key)
        return QuestionFile.objects.get(sha256=digest)


def _picture(data: bytes, name: str) -> tuple[bytes, str, str]:
    from PIL import Image, ImageOps

    try:
        safe_picture(io.BytesIO(data), name)
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "GIF", "WEBP")) as opened:
            photo = opened.format == "JPEG"
            picture: Any = ImageOps.exif_transpose(opened)
            picture.thumbnail((_SIDE, _SIDE))
            bare = picture.convert("RGB" if photo else "RGBA" if _transparent(picture) else "RGB")
    except ImportRefused as refusal:
        raise BankRefusal(refusal.message, code="file", field="media") from None
    except (OSError, ValueError):
        raise _refused(_("The picture %(name)s cannot be read; save it again as PNG or JPEG."), name) from None
    bare.info = {}
    out = io.BytesIO()
    if photo:
        bare.save(out, "JPEG", quality=_QUALITY)
        return out.getvalue(), "image/jpeg", "jpg"
    bare.save(out, "PNG", optimize=True)
    return out.getvalue(), "image/png", "png"


def _transparent(picture: Any) -> bool:
    return "A" in picture.getbands() or "transparency" in picture.info


def _sound_or_film(data: bytes) -> tuple[str, str]:
    if data[4:8] == b"ftyp":
        return ("audio/mp4", "m4a") if data[8:11] == b"M4A" else ("video/mp4", "mp4")
    if data.startswith(b"OggS"):
        return "audio/ogg", "ogg"
    return ("audio/wav", "wav") if data[8:12] == b"WAVE" else ("audio/mpeg", "mp3")
