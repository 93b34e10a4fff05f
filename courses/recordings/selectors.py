"""Recordings of a class, for its institution and for those who supervise it."""

from collections.abc import Iterable
from datetime import date
from fractions import Fraction
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from courses.classes.models import TrainingClass
from courses.classes.selectors import class_for, own_place
from courses.classes.types import ClassState
from courses.recordings.logic import sessions_of
from courses.recordings.models import ClassRecording
from courses.recordings.types import FileRow, Mode, Part, RecordedSession, RecordingPage, RecordingsPage, SessionRow
from lms.accounts.api import Acting, User, may
from lms.policies.api import DecisionCard, ProfileData, card_of, class_recordings, keep_until, profile
from media_pipeline.api import Material, Purpose, material_of, material_steps, materials_of

# From the first day of teaching; a claim may ask for a recording when the class is long closed.
_TAUGHT = frozenset({ClassState.TEACHING, ClassState.FINISHED, ClassState.ASSESSMENT, ClassState.CLOSED})
_FAILED = frozenset({"rejected_intake", "media_failed"})


def recorded_class(acting: Acting, uuid: UUID) -> TrainingClass:
    """Gate of a class's recordings. Raises PermissionDenied, Http404."""
    row = class_for(acting, uuid)
    if not may(acting, "class_recording", "read", place=row.institution.path, own=True):
        raise PermissionDenied
    return row


def may_record(acting: Acting, row: TrainingClass) -> bool:
    """Whether she hands in recordings of this class: its institution, and whoever teaches it."""
    return may(acting, "class_recording", "create", place=own_place(acting, row), own=True)


def recording_for(acting: Acting, training_class: UUID, uuid: UUID) -> ClassRecording:
    """Gate of one recording. Raises PermissionDenied, Http404."""
    row = recorded_class(acting, training_class)
    held = ClassRecording.objects.select_related("training_class__institution").filter(training_class=row, uuid=uuid)
    found = held.first()
    if found is None:
        raise Http404
    return found


def may_withdraw(acting: Acting, recording: ClassRecording) -> bool:
    """Its institution's staff."""
    place = own_place(acting, recording.training_class)
    return recording.withdrawn_at is None and may(acting, "class_recording", "update", place=place)


def is_taught(row: TrainingClass) -> bool:
    """Whether there can be recordings of it yet."""
    return ClassState(row.state) in _TAUGHT


def kept_until(row: TrainingClass, policy: ProfileData) -> date:
    """Recordings are part of a class's archive and stay for the years its policy names."""
    return keep_until([policy], row.ends_on)


def mode_label(mode: Mode) -> str:
    """理论课 or 实操课."""
    return {Mode.THEORY: pgettext("session", "Theory"), Mode.PRACTICE: pgettext("session", "Practice")}[mode]


def recordings_page(acting: Acting, row: TrainingClass) -> RecordingsPage:
    """All recordings of a class by session. The number of queries is one."""
    rows = list(ClassRecording.objects.filter(training_class=row, withdrawn_at=None))
    materials = materials_of([held.asset for held in rows], Purpose.RECORDING) if rows else {}
    policy = profile(row.profile)
    by_uuid = {held.uuid: held for held in rows}
    sessions = sessions_of(_part(held, materials[held.asset]) for held in rows)
    return RecordingsPage(
        class_name=row.name,
        class_url=reverse("courses:class", args=[row.uuid]),
        sessions=tuple(
            _session(row, session, [(by_uuid[uuid], materials[by_uuid[uuid].asset]) for uuid in session.parts])
            for session in sessions
        ),
        decision=_decision(policy, sessions),
        kept_until=kept_until(row, policy),
        new_url=reverse("courses:recording_new", args=[row.uuid]) if may_record(acting, row) and is_taught(row) else "",
    )


def _part(held: ClassRecording, material: Material) -> Part:
    seconds = None
    if material.state in _FAILED:
        seconds = Fraction(0)
    elif not material.live:
        seconds = Fraction(str(material.duration_s or 0))
    return Part(held.uuid, held.held_on, held.starts_at, held.minutes, seconds)


def _session(
    row: TrainingClass, session: RecordedSession, files: Iterable[tuple[ClassRecording, Material]]
) -> SessionRow:
    held = list(files)
    return SessionRow(
        held_on=session.held_on,
        starts_at=session.starts_at,
        subject=held[0][0].subject,
        mode_label=mode_label(Mode(held[0][0].mode)),
        minutes=session.minutes,
        recorded_s=None if session.seconds is None else float(session.seconds),
        short=session.short,
        files=tuple(
            FileRow(
                url=reverse("courses:recording", args=[row.uuid, recording.uuid]),
                duration_s=material.duration_s,
                state_label=material.state_label,
                tone=material.tone,
            )
            for recording, material in held
        ),
    )


def _decision(policy: ProfileData, sessions: tuple[RecordedSession, ...]) -> DecisionCard | None:
    decided = class_recordings(policy, [(session.minutes, session.seconds) for session in sessions])
    if not decided.reasons:
        return None
    return card_of(decided, policy, title=_("What the policy asks of recordings"))


def recording_page(acting: Acting, held: ClassRecording) -> RecordingPage:
    """One recording: how it stands, then the picture itself. Raises Http404."""
    material = material_of(held.asset, Purpose.RECORDING)
    if material is None:
        raise Http404
    row = held.training_class
    names = dict(User.objects.filter(uuid=held.by).values_list("uuid", "display_name"))
    ready = material.state == "ready_for_scoring"
    where = [row.uuid, held.uuid]
    return RecordingPage(
        title=held.subject,
        class_name=row.name,
        list_url=reverse("courses:recordings", args=[row.uuid]),
        held_on=held.held_on,
        starts_at=held.starts_at,
        minutes=held.minutes,
        mode_label=mode_label(Mode(held.mode)),
        by=names.get(held.by, ""),
        uploaded_at=held.created_at,
        kept_until=kept_until(row, profile(row.profile)),
        duration_s=material.duration_s,
        src=reverse("courses:recording_file", args=[*where, "video"]) if ready else "",
        poster=reverse("courses:recording_file", args=[*where, "poster"]) if ready else "",
        hints=material.hints,
        headline=_headline(material),
        state_label=material.state_label,
        tone=material.tone,
        reasons=material.reasons,
        stages=tuple(material_steps(held.asset, Purpose.RECORDING)),
        live=material.live,
        progress_url=reverse("courses:recording_progress", args=where),
        withdraw_url=reverse("courses:recording_withdraw", args=where) if may_withdraw(acting, held) else "",
        withdrawn=held.withdraw_reason,
    )


def _headline(material: Material) -> str:
    if material.live:
        return _("The recording is being checked")
    if material.state in _FAILED:
        return _("This recording cannot be used")
    return _("The recording is checked")
