"""Writing a draft, adding to it, handing it in and taking it back."""

from contextlib import suppress
from datetime import datetime
from functools import partial
from pathlib import PurePosixPath
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from courses.catalogue.types import Accepts
from courses.homework.models import HomeworkItem, HomeworkPicture
from courses.homework.pictures import PIXELS_MAX, SIZE_MAX, CleanPicture, PictureRefused
from courses.homework.selectors.places import Place, own_item, place_for, why_closed
from courses.homework.types import PICTURES_MAX, TEXT_MAX, HomeworkRefused, ItemState
from lms.accounts.api import Acting, require
from lms.core import audit
from lms.core.clock import SHANGHAI
from lms.core.ids import new_uuid
from lms.core.states import IllegalMove
from media_pipeline.api import AssetState, HandedIn, Purpose, UploadRefused, material_of, receive_material, too_big

_GIVEN_UP = frozenset({AssetState.REJECTED, AssetState.FAILED})


class HomeworkStale(HomeworkRefused):
    """The draft was saved in another window meanwhile: `text` and `revision` as they stand there."""

    def __init__(self, text: str, revision: int) -> None:
        super().__init__(
            _("This was changed on another device meanwhile. Compare the two and save again."),
            code="stale",
            field="text",
        )
        self.text = text
        self.revision = revision


@transaction.atomic
def save_draft(
    *, by: Acting, training_class: UUID, task: UUID, text: str, revision: int, now: datetime
) -> HomeworkItem:
    """Keep what she wrote; the first save begins the attempt. `revision`: of the draft she changed, 0 before the first.

    Raises PermissionDenied, Http404, HomeworkRefused ("now", "marked", "handed_in", "text"), HomeworkStale.
    """
    row = _draft(by, place_for(by, training_class, task), now)
    _write(row, text, revision, now)
    return row


def _draft(by: Acting, place: Place, now: datetime) -> HomeworkItem:
    """The attempt she may change, locked; begun where there is none. After a return it begins as a copy."""
    require(by, "homework", "create", own=True)
    closed = why_closed(place.enrolment)
    if closed:
        raise HomeworkRefused(closed, code="now")
    task = place.task.block
    rows = HomeworkItem.objects.select_for_update().filter(enrolment=place.enrolment, task=task.uid)
    held = {ItemState(row.state): row for row in rows.order_by("attempt_no")}
    if ItemState.DRAFT in held:
        return held[ItemState.DRAFT]
    if ItemState.MARKED in held:
        raise HomeworkRefused(_("This task is marked already."), code="marked")
    if ItemState.HANDED_IN in held:
        raise HomeworkRefused(_("This task is handed in already. Take it back first to change it."), code="handed_in")
    before = held.get(ItemState.RETURNED)
    try:
        with transaction.atomic():
            return _begin(place, before, now)
    except IntegrityError:
        begun = rows.filter(state=ItemState.DRAFT).first()
        if begun is None:
            raise
        return begun  # by another window, a moment ago


def _begin(place: Place, before: HomeworkItem | None, now: datetime) -> HomeworkItem:
    task = place.task
    attempts = HomeworkItem.objects.filter(enrolment=place.enrolment, task=task.block.uid)
    row = HomeworkItem.objects.create(
        enrolment=place.enrolment,
        task=task.block.uid,
        lesson=task.lesson,
        lesson_version=task.lesson_version,
        task_title=task.block.title,
        attempt_no=(attempts.aggregate(last=Max("attempt_no"))["last"] or 0) + 1,
        text=before.text if before else "",
        video=before.video if before else None,
        is_demo=place.enrolment.is_demo,
        created_at=now,
        saved_at=now,
        moved_at=now,
    )
    for picture in before.pictures.order_by("id") if before else ():
        HomeworkPicture.objects.create(
            item=row,
            key=picture.key,
            size=picture.size,
            sha256=picture.sha256,
            width=picture.width,
            height=picture.height,
            created_at=picture.created_at,
        )
    return row


def _write(row: HomeworkItem, text: str, revision: int, now: datetime) -> None:
    plain = text.replace("\0", "").replace("\r\n", "\n").replace("\r", "\n")
    words = "\n".join(line.rstrip() for line in plain.split("\n")).strip()
    if len(words) > TEXT_MAX:
        raise HomeworkRefused(
            _("The text has %(number)d characters; at most %(most)d can be handed in.")
            % {"number": len(words), "most": TEXT_MAX},
            code="text",
            field="text",
        )
    if words == row.text:
        return
    # A fresh attempt after a return begins as a copy: its revision is 0 as that of a page that has not begun.
    if revision != row.revision:
        raise HomeworkStale(row.text, row.revision)
    row.text, row.revision, row.saved_at = words, row.revision + 1, now
    row.save(update_fields=["text", "revision", "saved_at"])


# ---- pictures ----


def add_picture(*, by: Acting, training_class: UUID, task: UUID, picture: CleanPicture, now: datetime) -> None:
    """Store a picture with the draft; the same picture again is once. Whatever goes wrong, no file is left without a row.

    Raises PermissionDenied, Http404, HomeworkRefused ("picture" and those of `save_draft`).
    """
    place = place_for(by, training_class, task)
    _accepts(place, Accepts.PICTURE, _("This task takes no pictures."))
    uuid = new_uuid()
    local = now.astimezone(SHANGHAI)
    key = f"homework/{local:%Y}/{local:%m}/{uuid}/picture.jpg"
    saved = storages["private"].save(key, ContentFile(picture.data))
    try:
        if not _keep_picture(by, place, uuid, saved, picture, now):
            _discard(saved)
    except BaseException:
        _discard(saved)
        raise


def _discard(key: str) -> None:
    """Delete a stored picture, and on disk its folder."""
    storage = storages["private"]
    storage.delete(key)
    with suppress(OSError):
        storage.delete(str(PurePosixPath(key).parent))


@transaction.atomic
def _keep_picture(
    by: Acting, place: Place, uuid: UUID, key: str, picture: CleanPicture, now: datetime
) -> HomeworkPicture | None:
    row = _draft(by, place, now)
    if row.pictures.filter(sha256=picture.sha256).exists():
        return None
    if row.pictures.count() >= PICTURES_MAX:
        raise HomeworkRefused(
            _("At most %(number)d pictures can be handed in. Remove one first.") % {"number": PICTURES_MAX},
            code="picture",
            field="picture",
        )
    row.saved_at = now
    row.save(update_fields=["saved_at"])
    return HomeworkPicture.objects.create(
        uuid=uuid,
        item=row,
        key=key,
        size=len(picture.data),
        sha256=picture.sha256,
        width=picture.width,
        height=picture.height,
        created_at=now,
    )


@transaction.atomic
def remove_picture(*, by: Acting, training_class: UUID, task: UUID, picture: UUID, now: datetime) -> None:
    """Take a picture out of the draft; its file goes unless a returned attempt shows it. Gone already: nothing happens."""
    row = _draft(by, place_for(by, training_class, task), now)
    # Shown on the page of a returned attempt, whose pictures the new one begins with as copies.
    shown = HomeworkPicture.objects.filter(uuid=picture, item__enrolment=row.enrolment_id, item__task=row.task).first()
    found = row.pictures.filter(sha256=shown.sha256).first() if shown else None
    if found is None:
        return
    found.delete()
    row.saved_at = now
    row.save(update_fields=["saved_at"])
    if not HomeworkPicture.objects.filter(key=found.key).exists():
        transaction.on_commit(partial(_discard, found.key))


def refused_picture(refusal: PictureRefused) -> HomeworkRefused:
    """What the gate of pictures says, in words."""
    words = {
        "empty": _("The file is empty. Please choose the picture again."),
        "too_big": _("The picture is larger than %(size)d MB. Please choose a smaller one.")
        % {"size": SIZE_MAX // 1024**2},
        "not_a_picture": _("Only photographs can be handed in: JPEG, PNG or WebP."),
        "too_many_pixels": _("The picture has more than %(number)d million pixels. Please choose a smaller one.")
        % {"number": PIXELS_MAX // 1_000_000},
        "too_small": _("The picture is too small to see anything on it."),
        "broken": _("The picture cannot be read. Please choose it again or take another."),
    }[refusal.code]
    return HomeworkRefused(words, code="picture", field="picture")


# ---- a video ----


def add_video(
    *, by: Acting, training_class: UUID, task: UUID, file: HandedIn, form_token: UUID, now: datetime
) -> HomeworkItem:
    """Hand the file to the media pipeline and put it in the draft, in place of the one before.

    Raises PermissionDenied, Http404, HomeworkRefused ("video" and those of `save_draft`).
    """
    place = place_for(by, training_class, task)
    _accepts(place, Accepts.VIDEO, _("This task takes no video."))
    with transaction.atomic():
        _draft(by, place, now)
    try:
        asset = receive_material(
            by=by,
            purpose=Purpose.HOMEWORK,
            file=file,
            title=place.task.block.title[:60],
            form_token=form_token,
            is_demo=place.enrolment.is_demo,
            now=now,
        )
    except UploadRefused as refusal:
        raise HomeworkRefused(_video_words(refusal), code="video", field="video") from refusal
    return _keep_video(by, place, asset, now)


def _video_words(refusal: UploadRefused) -> str:
    if refusal.message:
        return refusal.message
    return {
        "empty": _("The file is empty. Please choose the video again."),
        "too_big": too_big(),
    }.get(refusal.code, _("The video could not be stored. Please try again in a few minutes."))


@transaction.atomic
def _keep_video(by: Acting, place: Place, asset: UUID, now: datetime) -> HomeworkItem:
    row = _draft(by, place, now)
    row.video, row.saved_at = asset, now
    row.save(update_fields=["video", "saved_at"])
    return row


@transaction.atomic
def remove_video(*, by: Acting, training_class: UUID, task: UUID, now: datetime) -> None:
    """Take the video out of the draft; the media pipeline keeps the file for its time."""
    row = _draft(by, place_for(by, training_class, task), now)
    row.video, row.saved_at = None, now
    row.save(update_fields=["video", "saved_at"])


def _accepts(place: Place, kind: Accepts, words: str) -> None:
    if kind not in place.task.block.accepts:
        raise HomeworkRefused(words, code="picture" if kind is Accepts.PICTURE else "video")


# ---- handing in ----


@transaction.atomic
def hand_in(*, by: Acting, training_class: UUID, task: UUID, text: str, revision: int, now: datetime) -> HomeworkItem:
    """Save and hand in; from now on the instructor may mark it.

    Raises PermissionDenied, Http404, HomeworkRefused ("empty", "video": refused by the checks, and those of
    `save_draft`), HomeworkStale.
    """
    place = place_for(by, training_class, task)
    row = _draft(by, place, now)
    _write(row, text, revision, now)
    if not (row.text or row.video or row.pictures.exists()):
        raise HomeworkRefused(_("There is nothing to hand in yet."), code="empty", field="text")
    video = material_of(row.video, Purpose.HOMEWORK) if row.video else None
    if row.video and (video is None or video.state in _GIVEN_UP):
        raise HomeworkRefused(
            _("The video was not accepted. Remove it or add another before you hand in."), code="video", field="video"
        )
    row.move(
        ItemState.HANDED_IN,
        now=now,
        handed_in_at=now,
        lesson=place.task.lesson,
        lesson_version=place.task.lesson_version,
        task_title=place.task.block.title,
    )
    _record(row, "handed_in", by, now)
    return row


@transaction.atomic
def take_back(*, by: Acting, item: UUID, now: datetime) -> HomeworkItem:
    """Make a draft again of what nobody has marked. Raises PermissionDenied, Http404, HomeworkRefused ("now", "marked")."""
    held = own_item(by, item)
    closed = why_closed(held.enrolment)
    if closed:
        raise HomeworkRefused(closed, code="now")
    row = HomeworkItem.objects.select_for_update().get(pk=held.pk)
    try:
        row.move(ItemState.DRAFT, now=now, handed_in_at=None)
    except IllegalMove:
        raise HomeworkRefused(_("Your instructor has looked at it already."), code="marked") from None
    _record(row, "taken_back", by, now)
    return row


def _record(row: HomeworkItem, action: str, by: Acting, now: datetime) -> None:
    audit.record(
        subject_kind="homework",
        subject=row.uuid,
        action=action,
        actor=by.user,
        fields={
            "task": row.task,
            "lesson_version": row.lesson_version,
            "attempt": row.attempt_no,
            "state": ItemState(row.state),
            "text": row.text,
            "video": row.video,
            "pictures": row.pictures.count(),
        },
        now=now,
    )
