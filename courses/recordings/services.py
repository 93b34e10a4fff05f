"""Recordings of classes: handed in, withdrawn."""

from datetime import datetime
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from courses.classes.models import TrainingClass
from courses.recordings.models import ClassRecording
from courses.recordings.selectors import is_taught, may_record, may_withdraw
from courses.recordings.types import NewRecording, RecordingRefused
from lms.accounts.api import Acting
from lms.core import audit, clock
from media_pipeline.api import InPlace, Purpose, receive_material


def add_recording(
    *,
    by: Acting,
    training_class: TrainingClass,
    new: NewRecording,
    file: InPlace,
    form_token: UUID,
    now: datetime,
    is_demo: bool = False,
) -> ClassRecording:
    """Take in the recording of a session, or a part of one; the same form again gives the recording it made (S2-31).

    Raises PermissionDenied, RecordingRefused, and UploadRefused for what the file itself is refused for.
    """
    row = TrainingClass.objects.select_related("institution").get(pk=training_class.pk)
    if not may_record(by, row) or by.user is None:
        raise PermissionDenied
    check_session(row, new, now=now)
    try:
        with transaction.atomic():
            asset = receive_material(
                by=by,
                purpose=Purpose.RECORDING,
                file=file,
                title=new.subject,
                form_token=form_token,
                is_demo=is_demo,
                now=now,
            )
            made, fresh = ClassRecording.objects.get_or_create(
                asset=asset,
                defaults={
                    "training_class": row,
                    "sha256": file.stored.sha256,
                    "subject": new.subject,
                    "mode": new.mode,
                    "held_on": new.held_on,
                    "starts_at": new.starts_at,
                    "minutes": new.minutes,
                    "by": by.user,
                    "is_demo": is_demo,
                    "created_at": now,
                },
            )
            if fresh:
                audit.record(
                    subject_kind="class_recording",
                    subject=made.uuid,
                    action="added",
                    actor=by.user,
                    fields={
                        "class": row.uuid,
                        "asset": asset,
                        "held_on": new.held_on.isoformat(),
                        "sha256": made.sha256,
                    },
                    now=now,
                )
    except IntegrityError as clash:
        if not _has(row, file.stored.sha256):
            raise
        raise RecordingRefused(_("This very file is among the recordings of the class already.")) from clash
    return made


def check_session(row: TrainingClass, new: NewRecording, *, now: datetime) -> None:
    """Whether the class can have had this session. Raises RecordingRefused with the field."""
    if not is_taught(row):
        raise RecordingRefused(_("The class has not begun, so there is nothing to record yet."))
    words = ""
    if not row.starts_on <= new.held_on <= row.ends_on:
        days = {"first": row.starts_on.isoformat(), "last": row.ends_on.isoformat()}
        words = _("The class was taught from %(first)s to %(last)s. Choose a day of it.") % days
    elif new.held_on > now.astimezone(clock.SHANGHAI).date():
        words = _("This day has not come yet.")
    if words:
        raise RecordingRefused(words, errors={"held_on": words})


def _has(row: TrainingClass, sha256: str) -> bool:
    return ClassRecording.objects.filter(training_class=row, sha256=sha256, withdrawn_at=None).exists()


@transaction.atomic
def withdraw_recording(*, by: Acting, recording: ClassRecording, reason: str, now: datetime) -> ClassRecording:
    """Take one off the list that was handed in by mistake; row and file stay. Raises PermissionDenied, RecordingRefused."""
    rows = ClassRecording.objects.select_for_update(of=("self",)).select_related("training_class__institution")
    row = rows.get(pk=recording.pk)
    if row.withdrawn_at is not None:
        raise RecordingRefused(_("It is withdrawn already."))
    if not may_withdraw(by, row):
        raise PermissionDenied
    reason = " ".join(reason.split())[:300]
    if not reason:
        raise RecordingRefused(_("Say why."), errors={"reason": _("Say why.")})
    row.withdrawn_at, row.withdrawn_by, row.withdraw_reason = now, by.user, reason
    row.save(update_fields=["withdrawn_at", "withdrawn_by", "withdraw_reason"])
    audit.record(
        subject_kind="class_recording",
        subject=row.uuid,
        action="withdrawn",
        actor=by.user,
        fields={"reason": reason},
        now=now,
    )
    return row
