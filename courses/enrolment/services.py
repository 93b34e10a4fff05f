"""Asking to join a class, deciding on it, and the way through training and examination."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from assessment.api import (
    CandidacyRefused,
    CandidacyState,
    Grant,
    Onward,
    Part,
    close_candidacy,
    renew_candidacy,
    reopen_candidacy,
    specification,
    start_afresh,
)
from assessment.api import candidacy as find_candidacy
from courses.catalogue.selectors import closed_levels
from courses.classes.models import TrainingClass
from courses.classes.services import begin_teaching
from courses.classes.types import ClassState
from courses.enrolment.models import Enrolment
from courses.enrolment.selectors import being_judged, decides, eligibility
from courses.enrolment.types import ACTIVE, PLACED, Declaration, EnrolmentRefused, EnrolmentState
from lms.accounts.api import (
    Acting,
    NotAllowed,
    Person,
    canonical_person,
    masked_name,
    needs_seeing,
    records_of,
    require,
)
from lms.core import audit
from lms.core.states import IllegalMove
from lms.notices.api import notify
from lms.policies.api import (
    Decision,
    DecisionKind,
    ExamFacts,
    ProfileData,
    exam_entitlement,
    profile,
    store_decision,
)

_REASON_MAX = 300
NO_ATTENDANCE = gettext_noop(
    "The rules of your class ask for attendance, which is not recorded here yet. Ask your institution."
)
_EXAMINED_HERE = frozenset({Part.THEORY, Part.VIDEO, Part.HOMEWORK})
NOT_EXAMINED = gettext_noop("This part is not examined on this platform yet.")


@transaction.atomic
def submit_enrolment(
    *, by: Acting, training_class: UUID, declared: Declaration, now: datetime, is_demo: bool = False
) -> Enrolment:
    """Ask to join an open class. What the class's policy refuses is kept as a rejected enrolment with its reasons.

    Raises NotAllowed, EnrolmentRefused ("person", "closed", "twice").
    """
    require(by, "enrolment", "create", own=True)
    if by.person is None:
        raise EnrolmentRefused(
            _("Your login is not tied to your identity paper yet. Please ask your institution."), code="person"
        )
    # One person asks for one thing at a time, and the class does not close meanwhile.
    person = Person.objects.select_for_update(no_key=True).get(uuid=by.person)
    row = TrainingClass.objects.select_for_update(of=("self",)).select_related("institution").filter(
        uuid=training_class
    ).first()  # fmt: skip
    if row is None or row.state != ClassState.OPEN or not by.covers(row.institution.path):
        raise EnrolmentRefused(_("This class takes no enrolments now."), code="closed")
    if row.level in closed_levels():
        raise EnrolmentRefused(_("This level is not open. The authority decides when it opens."), code="level")
    same = records_of([person.uuid])[person.uuid]
    held = Enrolment.objects.filter(person__uuid__in=same, state__in=ACTIVE)
    if (
        held.filter(training_class__level=row.level).exists()
        or row.enrolments.filter(person__uuid__in=same, state__in=PLACED).exists()
    ):
        raise EnrolmentRefused(_("You are enrolled at this level already. See your enrolments."), code="twice")
    made = Enrolment(
        person=person,
        training_class=row,
        submitted_by=by.user,
        is_demo=is_demo or row.is_demo,
        created_at=now,
        moved_at=now,
    )
    made.declaration = replace(declared, guardian_consent=None)
    made.save(force_insert=True)
    decision = _judge(made, by=None, now=now)
    if decision.refused:
        made.move(EnrolmentState.REJECTED, now=now)
    _record(made, "submitted", by.user, now)
    return made


def _judge(enrolment: Enrolment, *, by: UUID | None, now: datetime) -> Decision:
    rules = profile(enrolment.training_class.profile)
    decision = eligibility(rules, enrolment)
    enrolment.decision = store_decision(
        kind=DecisionKind.ENROLMENT,
        subject_kind="enrolment",
        subject=enrolment.uuid,
        decision=decision,
        profile=rules.uuid,
        by=by,
        now=now,
    )
    enrolment.save(update_fields=["decision"])
    return decision


def _locked(enrolment: Enrolment) -> Enrolment:
    """The row with its class, the class locked first: places are counted one after the other."""
    TrainingClass.objects.select_for_update().get(pk=enrolment.training_class_id)
    rows = Enrolment.objects.select_for_update(of=("self",))
    return rows.select_related("training_class__institution", "person").get(pk=enrolment.pk)


def _require_decider(by: Acting, row: TrainingClass) -> None:
    if not decides(by, row):
        raise NotAllowed(_("Your role may not do this here."))


@transaction.atomic
def approve_enrolment(*, by: Acting, enrolment: Enrolment, now: datetime, guardian_consent: bool = False) -> Enrolment:
    """Admit her. Judged anew; only a clear yes admits, an unknown waits for what is missing.

    guardian_consent: the office has seen the written consent of a minor's guardian.
    Raises NotAllowed, EnrolmentRefused ("full", "unseen", "refused", "unknown", "closed"), IllegalMove.
    """
    row = _locked(enrolment)
    _require_decider(by, row.training_class)
    if row.training_class.state != ClassState.OPEN:
        raise EnrolmentRefused(_("This class takes no enrolments now."), code="closed")
    if row.training_class.enrolments.filter(state__in=PLACED).count() >= row.training_class.capacity:
        raise EnrolmentRefused(
            _("All %(places)d places of the class are taken.") % {"places": row.training_class.capacity}, code="full"
        )
    if needs_seeing(row.person):
        raise EnrolmentRefused(
            _("She registered herself. Compare her with her original identity paper first, on her page under People."),
            code="unseen",
        )
    if guardian_consent:
        row.declaration = replace(row.declaration, guardian_consent=True)
        row.save(update_fields=["declared"])
    decision = eligibility(profile(row.training_class.profile), row)
    if decision.refused:
        raise EnrolmentRefused(_("The policy of the class does not admit her. See the reasons below."), code="refused")
    if decision.pending:
        raise EnrolmentRefused(_("Something the policy asks is not known yet. See the reasons below."), code="unknown")
    _judge(row, by=by.user, now=now)
    row.move(EnrolmentState.APPROVED, now=now, decided_by=by.user)
    _tell(row, _ADMITTED, now)
    _record(row, "moved", by.user, now)
    return row


@transaction.atomic
def reject_enrolment(*, by: Acting, enrolment: Enrolment, reason: str, now: datetime) -> Enrolment:
    """Let her go before the training, with a reason she reads. Raises NotAllowed, EnrolmentRefused ("reason"), IllegalMove."""
    row = _locked(enrolment)
    _require_decider(by, row.training_class)
    words = " ".join(reason.split())[:_REASON_MAX]
    if not words:
        raise EnrolmentRefused(_("Say why, in a few words. She will read it."), code="reason", field="reason")
    # An encrypted column takes text only through the model, so the words are saved beside the compare-and-set.
    row.move(EnrolmentState.REJECTED, now=now, decided_by=by.user)
    row.reason = words
    row.save(update_fields=["reason"])
    _tell(row, _REJECTED, now)
    _record(row, "moved", by.user, now)
    return row


@transaction.atomic
def withdraw_enrolment(*, by: Acting, enrolment: Enrolment, now: datetime) -> Enrolment:
    """Take her own enrolment back before the training, or give up her resit.

    Raises NotAllowed, EnrolmentRefused ("judging": her resit is with the examiners), IllegalMove.
    """
    row = _locked(enrolment)
    own = by.person is not None and by.person == canonical_person(row.person.uuid)
    require(by, "enrolment", "update", own=own)
    if not own:
        raise PermissionDenied
    if row.state == EnrolmentState.IN_TRAINING:
        raise IllegalMove(EnrolmentState.IN_TRAINING, EnrolmentState.WITHDRAWN)
    resit = row.state == EnrolmentState.RESIT
    row.move(EnrolmentState.WITHDRAWN, now=now)
    if resit:
        _shut(row, by.user, now)
    _record(row, "moved", by.user, now)
    return row


@transaction.atomic
def let_leave(*, by: Acting, enrolment: Enrolment, reason: str, now: datetime) -> Enrolment:
    """She leaves the class after the training began, or her resit, with the office's words: her candidacy closes, so she may
    enrol anew.

    Raises NotAllowed, EnrolmentRefused ("reason", "judging": her work is with the examiners), IllegalMove.
    """
    row = _locked(enrolment)
    _require_decider(by, row.training_class)
    words = " ".join(reason.split())[:_REASON_MAX]
    if not words:
        raise EnrolmentRefused(_("Say why, in a few words. She will read it."), code="reason", field="reason")
    if row.state not in {EnrolmentState.IN_TRAINING, EnrolmentState.RESIT}:
        raise IllegalMove(EnrolmentState(row.state), EnrolmentState.WITHDRAWN)
    row.move(EnrolmentState.WITHDRAWN, now=now, decided_by=by.user)
    row.reason = words
    row.save(update_fields=["reason"])
    _shut(row, by.user, now)
    _tell(row, _LEFT, now)
    _record(row, "moved", by.user, now)
    return row


def _shut(row: Enrolment, by: UUID | None, now: datetime) -> None:
    """Her examination in this class is over, unless a work of hers is with the examiners."""
    if row.candidacy is None:
        return
    # Closed before it is asked: a work handed in a moment ago shows, and one that comes later finds the door shut.
    close_candidacy(candidacy=row.candidacy, by=by, now=now)
    if being_judged(row):
        raise EnrolmentRefused(_("Her work is with the examiners. Wait for the result."), code="judging")


@transaction.atomic
def start_training(*, by: Acting, training_class: TrainingClass, now: datetime) -> int:
    """Begin to teach: everybody admitted is in training and becomes a candidate; returns how many.

    Raises NotAllowed, EnrolmentRefused ("waiting", "nobody", "candidacy"), IllegalMove.
    """
    row = begin_teaching(by=by, training_class=training_class, now=now)
    asked = row.enrolments.filter(state=EnrolmentState.SUBMITTED).count()
    if asked:
        raise EnrolmentRefused(
            _("%(number)d enrolments are not decided yet. Admit or reject them first.") % {"number": asked},
            code="waiting",
        )
    admitted = list(
        row.enrolments.select_for_update(of=("self",))
        .filter(state=EnrolmentState.APPROVED)
        .select_related("person__user", "training_class__institution")
        .order_by("id")
    )
    if not admitted:
        raise EnrolmentRefused(_("Nobody has been admitted to this class."), code="nobody")
    rules = profile(row.profile)
    entitled = exam_entitlement(rules, ExamFacts(attendance=None))
    grants = _grants(row, entitled)
    for enrolment in admitted:
        _take_in(enrolment, rules, entitled, grants, by=by.user, now=now)
    return len(admitted)


def _grants(row: TrainingClass, entitled: Decision) -> list[Grant]:
    """Theory, video and homework are examined here so far; what the policy cannot know gives no right to them."""
    grants = []
    for rule in specification(row.specification).parts:
        if rule.part in _EXAMINED_HERE:
            grants.append(Grant(rule.part, entitled.allowed, "" if entitled.allowed else NO_ATTENDANCE))
        else:
            grants.append(Grant(rule.part, False, NOT_EXAMINED))
    return grants


def _take_in(
    enrolment: Enrolment,
    rules: ProfileData,
    entitled: Decision,
    grants: list[Grant],
    *,
    by: UUID | None,
    now: datetime,
) -> None:
    row, person = enrolment.training_class, enrolment.person
    _end_resit(person, row.level, by=by, now=now)
    try:
        candidacy = renew_candidacy(
            person=person.uuid,
            user=person.user.uuid if person.user else None,
            class_uid=row.uuid,
            class_name=row.name,
            organisation=row.institution.uuid,
            organisation_path=row.institution.path,
            organisation_name=row.institution.name,
            level=row.level,
            job=row.job,
            planned_hours=row.planned_hours,
            profile=row.profile,
            specification=row.specification,
            entitlements=grants,
            by=by,
            now=now,
            is_demo=enrolment.is_demo,
        )
    except CandidacyRefused as refusal:
        raise EnrolmentRefused(f"{masked_name(person.name)}: {refusal.message}", code="candidacy") from None
    store_decision(
        kind=DecisionKind.EXAM_ENTITLEMENT,
        subject_kind="candidacy",
        subject=candidacy.uuid,
        decision=entitled,
        profile=rules.uuid,
        by=None,
        now=now,
    )
    enrolment.move(EnrolmentState.IN_TRAINING, now=now, candidacy=candidacy.uuid)
    _record(enrolment, "moved", by, now)


def _end_resit(person: Person, level: int, *, by: UUID | None, now: datetime) -> None:
    """She takes the training again of her own will: the resit she had left in another class ends, her attempts still count."""
    same = records_of([person.uuid])[person.uuid]
    waiting = Enrolment.objects.select_for_update(of=("self",)).filter(
        person__uuid__in=same, training_class__level=level, state=EnrolmentState.RESIT
    )
    for held in waiting.select_related("training_class__institution", "person").order_by("id"):
        held.move(EnrolmentState.FAILED, now=now)
        try:
            _shut(held, by, now)
        except EnrolmentRefused as refusal:
            raise EnrolmentRefused(f"{masked_name(person.name)}: {refusal.message}", code="candidacy") from None
        _record(held, "moved", by, now)


_AFTER = {
    Onward.PASSED: EnrolmentState.PASSED,
    Onward.RESIT: EnrolmentState.RESIT,
    Onward.OVER: EnrolmentState.FAILED,
    Onward.RETAKE_REQUIRED: EnrolmentState.RETAKE_REQUIRED,
}


@transaction.atomic
def record_result(*, candidacy: UUID, onward: Onward, now: datetime) -> None:
    """Her result was released: she has been assessed, and passed, or failed with what comes next.

    While a resit is left her examination stays open, else it is over. A candidacy that no enrolment knows is left alone, and
    so is one whose enrolment has ended or led to a certificate.
    """
    row = _of_candidacy(candidacy)
    if row is None or row.state in {EnrolmentState.CERTIFIED, EnrolmentState.WITHDRAWN}:
        return
    after = _AFTER[onward]
    if after is EnrolmentState.RESIT and not _stays_open(candidacy, now):
        after = EnrolmentState.FAILED
    if row.state == EnrolmentState.IN_TRAINING:
        row.move(EnrolmentState.ASSESSED, now=now)
    if row.state != after:
        if row.state != EnrolmentState.FAILED and after is not EnrolmentState.PASSED:
            row.move(EnrolmentState.FAILED, now=now)
        if row.state != after:
            row.move(after, now=now)
        _record(row, "moved", None, now)
    if after is not EnrolmentState.RESIT and find_candidacy(candidacy).state is CandidacyState.OPEN:
        close_candidacy(candidacy=candidacy, by=None, now=now)


def _stays_open(candidacy: UUID, now: datetime) -> bool:
    """Whether her examination is open for a resit; what a changed result had closed opens, unless she is in another by now."""
    if find_candidacy(candidacy).state is CandidacyState.OPEN:
        return True
    try:
        reopen_candidacy(candidacy=candidacy, by=None, now=now)
    except CandidacyRefused:
        return False
    return True


@transaction.atomic
def complete_training(*, training_class: UUID, now: datetime) -> None:
    """The training is complete: whoever of the class had to take it again may be examined (S5-25)."""
    rows = Enrolment.objects.filter(training_class__uuid=training_class, state=EnrolmentState.IN_TRAINING)
    start_afresh(candidacies=[uuid for uuid in rows.values_list("candidacy", flat=True) if uuid], now=now)


@transaction.atomic
def record_certificate(*, candidacy: UUID, certificate: UUID, now: datetime) -> None:
    """Her certificate was issued."""
    row = _of_candidacy(candidacy)
    if row is None or row.state == EnrolmentState.CERTIFIED:
        return
    row.move(EnrolmentState.CERTIFIED, now=now, certificate=certificate)
    _record(row, "moved", None, now)


def _of_candidacy(candidacy: UUID) -> Enrolment | None:
    rows = Enrolment.objects.select_for_update(of=("self",)).select_related("training_class__institution", "person")
    return rows.filter(candidacy=candidacy).first()


@transaction.atomic
def let_go(*, training_class: UUID, by: UUID | None, now: datetime) -> None:
    """The class was cancelled: everybody who asked or was admitted is told and may look for another."""
    rows = (
        Enrolment.objects.select_for_update(of=("self",))
        .select_related("training_class__institution", "person")
        .filter(training_class__uuid=training_class, state__in=(EnrolmentState.SUBMITTED, EnrolmentState.APPROVED))
        .order_by("id")
    )
    for row in rows:
        row.move(EnrolmentState.REJECTED, now=now, decided_by=by)
        row.reason = _("The class was cancelled.")
        row.save(update_fields=["reason"])
        _tell(row, _CANCELLED, now)
        _record(row, "moved", by, now)


_ADMITTED = (
    "enrolment.admitted",
    gettext_noop("You are admitted: %(class_name)s"),
    gettext_noop("The training begins on %(starts_on)s. See your enrolment for what comes next."),
)
_REJECTED = (
    "enrolment.rejected",
    gettext_noop("Not admitted: %(class_name)s"),
    gettext_noop("Your institution could not admit you to the class that begins on %(starts_on)s. See the reason."),
)
_CANCELLED = (
    "enrolment.cancelled",
    gettext_noop("The class is cancelled: %(class_name)s"),
    gettext_noop("The class that was to begin on %(starts_on)s will not take place. You may join another."),
)
_LEFT = (
    "enrolment.left",
    gettext_noop("You have left the class: %(class_name)s"),
    gettext_noop("Your institution has ended your place in the class that began on %(starts_on)s. See the reason."),
)
NOTICE_KINDS: Mapping[str, str] = {
    _ADMITTED[0]: gettext_noop("Admission to a class"),
    _REJECTED[0]: gettext_noop("Refusal of an enrolment"),
    _CANCELLED[0]: gettext_noop("Cancelling of a class"),
    _LEFT[0]: gettext_noop("Leaving of a class"),
}


def _tell(row: Enrolment, words: tuple[str, str, str], now: datetime) -> None:
    kind, title, body = words
    held = row.training_class
    notify(
        user=None,
        person=row.person.uuid,
        kind=kind,
        title=title,
        body=body,
        params={"class_name": held.name, "starts_on": held.starts_on},
        url=reverse("courses:enrolment", args=[row.uuid]),
        about=held.uuid,
        about_name=held.name,
        now=now,
    )


def _record(row: Enrolment, action: str, by: UUID | None, now: datetime) -> None:
    audit.record(
        subject_kind="enrolment",
        subject=row.uuid,
        action=action,
        actor=by,
        fields={
            "class": row.training_class.uuid,
            "person": row.person.uuid,
            "state": EnrolmentState(row.state),
            "decision": row.decision,
            "candidacy": row.candidacy,
        },
        now=now,
    )
