"""Taking in a selling video: stored and hashed first, then one transaction makes it a work and starts its first stage."""

import logging
from datetime import datetime
from pathlib import PureWindowsPath
from typing import Any, Protocol
from uuid import UUID

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from lms.accounts.api import Acting
from lms.core import audit
from lms.core.events import publish
from lms.core.ids import blind_code, new_uuid
from lms.core.types import Level, ProductKind
from media_pipeline.assets import store
from media_pipeline.assets.events import WorkReceived
from media_pipeline.assets.logic import STAGE_NAMES
from media_pipeline.assets.models import MediaAsset, Rendition
from media_pipeline.assets.selectors import replaceable, require_uploader
from media_pipeline.assets.services import FOLDERS, discard_unnamed, enqueue_stage, subject_kind
from media_pipeline.assets.types import LONG, AssetState, Purpose, RenditionKind

log = logging.getLogger("kaibo.media")
_CODE_TRIES = 5


class UploadRefused(Exception):
    """A foreseen refusal. `code`: empty, too_big, not_stored, not_replaceable; or another room's, with its own `message`."""

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.message = message


class UploadedVideo(store.Readable, Protocol):
    """An open file with the name it came by and its size in bytes."""

    name: str | None

    @property
    def size(self) -> int | None: ...

    def seek(self, offset: int, /) -> object: ...


# What is handed in: a file to be stored, or one that came in pieces and lies where it stays.
HandedIn = UploadedVideo | store.InPlace


def receive_upload(
    *,
    acting: Acting,
    file: HandedIn,
    title: str,
    product: ProductKind,
    product_name: str,
    level: Level,
    declared_ai: bool,
    form_token: UUID,
    now: datetime,
    brand: str = "",
    replaces: UUID | None = None,
    begun_at: datetime | None = None,
    is_demo: bool = False,
) -> MediaAsset:
    """Store the file privately and start its checks; the same form sent again gives the work it made the first time.

    `replaces`: her own work that this one takes the place of, as long as its scoring has not begun. `begun_at`: when the
    upload began, for whoever judges a deadline. Raises PermissionDenied, UploadRefused. Whatever goes wrong, neither a row
    nor a part of the file is left; a file that lay in its place before is the caller's to discard.
    """
    require_uploader(acting)
    asset = MediaAsset(
        product=product,
        product_name=product_name,
        brand=brand,
        level=level,
        declared_ai=declared_ai,
        **_handed_in(acting, title, form_token, is_demo),
    )
    return _take_in(asset, file, replaces, begun_at or now, now)


def receive_material(
    *,
    by: Acting,
    purpose: Purpose,
    file: HandedIn,
    title: str,
    form_token: UUID,
    now: datetime,
    is_demo: bool = False,
) -> UUID:
    """Take in a video of a lesson, of homework or of a class; its uuid names it for `materials_of` and `material_file`.

    It goes through the same stages with thresholds of its own (any length up to some hours, faults of picture and sound
    only noted; a recording of a class is not transcribed), is on no list of works and rings no examiner. The caller's gate
    decides who may hand in. The same form sent again gives the video it made the first time. Raises PermissionDenied for a
    login without an organisation, UploadRefused, ValueError for a submission.
    """
    if purpose is Purpose.SUBMISSION:
        raise ValueError("works for the assessment come in by receive_upload")
    asset = MediaAsset(purpose=purpose, level=0, declared_ai=False, **_handed_in(by, title, form_token, is_demo))
    return _take_in(asset, file, None, now, now).uuid


def _handed_in(acting: Acting, title: str, form_token: UUID, is_demo: bool) -> dict[str, Any]:
    """What every video says about who hands it in and where."""
    if acting.user is None or acting.organisation is None:
        raise PermissionDenied
    return {
        "owner_user": acting.user,
        "owner_person": acting.person,
        "organisation": acting.organisation,
        "organisation_path": acting.organisation_path,
        "organisation_name": acting.organisation_name,
        "form_token": form_token,
        "title": title,
        "is_demo": is_demo,
    }


def _take_in(asset: MediaAsset, file: HandedIn, replaces: UUID | None, begun_at: datetime, now: datetime) -> MediaAsset:
    """Store the file and record the asset, or give back what the same form made before; refusals leave nothing."""
    before = _made_by(asset)
    if before:
        return before
    purpose = Purpose(asset.purpose)
    _check_size(file.size or 0, purpose)
    asset.uuid = new_uuid()
    in_place = isinstance(file, store.InPlace)
    stored = file.stored if isinstance(file, store.InPlace) else _put(file, asset, now)
    asset.original_name = PureWindowsPath(file.name or "").name[-255:]
    asset.size, asset.sha256 = stored.size, stored.sha256
    asset.created_at = asset.moved_at = now
    try:
        _check_size(stored.size, purpose)  # what arrived, not what was announced
        return _record(asset, stored, replaces, begun_at, now)
    except IntegrityError:
        twin = _made_by(asset)
        if not in_place:
            discard_unnamed([stored.key])
        if twin is None:
            raise
        return twin
    except BaseException:
        if not in_place:
            discard_unnamed([stored.key])
        raise


def _put(file: UploadedVideo, asset: MediaAsset, now: datetime) -> store.Stored:
    file.seek(0)
    return _store(file, f"{store.folder_key(FOLDERS[Purpose(asset.purpose)], asset.uuid, now)}/source")


def _made_by(asset: MediaAsset) -> MediaAsset | None:
    """What the same form made before, of the same purpose."""
    same = {"owner_user": asset.owner_user, "form_token": asset.form_token, "purpose": asset.purpose}
    return MediaAsset.objects.filter(**same).first()


def _check_size(size: int, purpose: Purpose) -> None:
    if size == 0:
        raise UploadRefused("empty")
    if size > upload_limit(purpose):
        raise UploadRefused("too_big")


def _store(file: UploadedVideo, key: str) -> store.Stored:
    try:
        return store.put(file, key)
    except OSError as fault:
        log.error("upload not stored: %s", fault.strerror)
        raise UploadRefused("not_stored") from fault


@transaction.atomic
def _record(
    asset: MediaAsset, stored: store.Stored, replaces: UUID | None, begun_at: datetime, now: datetime
) -> MediaAsset:
    if replaces:
        asset.replaces = _replace(asset, replaces, now)
    asset.blind_code = _unused_code()
    asset.save(force_insert=True)
    Rendition.objects.create(
        asset=asset,
        kind=RenditionKind.SOURCE,
        key=stored.key,
        size=stored.size,
        sha256=stored.sha256,
        mime="application/octet-stream",
    )
    if asset.purpose == Purpose.SUBMISSION:
        publish(WorkReceived(asset.uuid, asset.owner_user, asset.owner_person, asset.level, replaces, begun_at))
    enqueue_stage(asset, STAGE_NAMES[0])
    audit.record(
        subject_kind=subject_kind(asset),
        subject=asset.uuid,
        action="uploaded",
        actor=asset.owner_user,
        fields={
            "state": AssetState.UPLOADED,
            "size": asset.size,
            "sha256": asset.sha256,
            "declared_ai": asset.declared_ai,
            "replaces": asset.replaces.uuid if asset.replaces else None,
        },
        now=now,
    )
    return asset


def _unused_code() -> str:
    """Six million codes: a collision is rare but must not lose an upload; the constraint still decides a race."""
    for _ in range(_CODE_TRIES):
        code = blind_code()
        if not MediaAsset.objects.filter(blind_code=code).exists():
            return code
    raise RuntimeError("no unused blind code found")


def _replace(asset: MediaAsset, replaces: UUID, now: datetime) -> MediaAsset:
    old = replaceable(MediaAsset.submissions.filter(uuid=replaces, owner_user=asset.owner_user)).first()
    if old is None or not old.move(AssetState.REPLACED, now=now):
        raise UploadRefused("not_replaceable")
    return old


def refusal_words(code: str) -> str:
    """What a refusal says that brings no message of its own."""
    return {
        "empty": gettext("The file is empty. Please choose the video again."),
        "too_big": too_big(),
        "not_stored": gettext("The video could not be stored. Please try again in a few minutes."),
        "not_replaceable": gettext("The earlier video has been replaced already. See your works."),
    }[code]


def too_big(purpose: Purpose = Purpose.SUBMISSION) -> str:
    """The refusal of a file over the limit."""
    largest = upload_limit(purpose) // (1 << 20)
    return gettext("The file is larger than %(size)s MB. Please shorten or compress the video.") % {
        "size": f"{largest:,}"
    }


def too_big_for_upload(size: int, purpose: Purpose = Purpose.SUBMISSION) -> str:
    """The same where a file of `size` bytes is over the limit, else ""."""
    return too_big(purpose) if size > upload_limit(purpose) else ""


def upload_limit(purpose: Purpose = Purpose.SUBMISSION) -> int:
    """The largest file taken in for a purpose, in bytes: lessons and recordings of classes last hours."""
    limit: int = settings.UPLOAD_LONG_MAX_BYTES if purpose in LONG else settings.UPLOAD_MAX_BYTES
    return limit
