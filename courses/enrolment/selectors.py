"""Gates and reads of enrolments, the roster among them."""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from assessment.api import Door, VideoDoor, entitlement, part_label, specification, video_door
from courses.classes.models import TrainingClass
from courses.classes.selectors import (
    class_acts,
    class_head,
    instructor_names,
    own_place,
    readable_classes,
    teaching_place,
)
from courses.classes.types import ClassState
from courses.enrolment.logic import facts, packed, questions
from courses.enrolment.models import Enrolment
from courses.enrolment.types import (
    ACTIVE,
    PLACED,
    ClassListPage,
    ClassPage,
    ClassRow,
    EnrolmentHome,
    EnrolmentPage,
    EnrolmentState,
    MyEnrolment,
    OpenClass,
    Questions,
    RosterRow,
)
from lms.accounts.api import Acting, Role, can, canonical_person, masked_name, may, records_of
from lms.core import audit
from lms.core.clock import day_of
from lms.core.types import Level
from lms.policies.api import (
    ClassFacts,
    Decision,
    DecisionCard,
    DecisionKind,
    ProfileData,
    card_of,
    class_opening,
    decision_card,
    enrolment_eligibility,
    profile,
)

# Roles that see who is in a class; finance sees the class, not its people.
_ROSTER = "enrolment"


def eligibility(rules: ProfileData, enrolment: Enrolment) -> Decision:
    """Whether she may join, with the openness of the level (S1-10); her age is taken on the first training day."""
    row = enrolment.training_class
    decision = enrolment_eligibility(
        rules,
        facts(
            enrolment.declaration,
            first_training_day=row.starts_on,
            birth_date=enrolment.person.birth_date,
            enrolled_on=day_of(enrolment.created_at),
        ),
    )
    opened = class_opening(rules, ClassFacts(Level(row.level), row.starts_on, row.ends_on)).reason("levels_open")
    return Decision((opened, *decision.reasons)) if opened else decision


def decides(acting: Acting, row: TrainingClass) -> bool:
    """Its institution decides on enrolments (domain 3.3 RUo), the bureau that covers it may (RA).

    A trainee's own cell reaches her enrolment, never the decision on it.
    """
    return acting.role is not Role.TRAINEE and (
        may(acting, "enrolment", "update", place=own_place(acting, row))
        or may(acting, "enrolment", "approve", place=row.institution.path)
    )


def _readable_with_own(acting: Acting) -> QuerySet[TrainingClass]:
    """A trainee sees the classes she asked to join; everybody else by role. Raises PermissionDenied."""
    if acting.role is not Role.TRAINEE:
        return readable_classes(acting)
    if acting.person is None:
        return TrainingClass.objects.none()
    rows = TrainingClass.objects.select_related("institution").order_by("-starts_on", "-id")
    return rows.filter(enrolments__person__uuid__in=records_of([acting.person])[acting.person]).distinct()


def class_for_page(acting: Acting, uuid: UUID) -> TrainingClass:
    """The gate of a class's page. Raises PermissionDenied, Http404."""
    row = _readable_with_own(acting).filter(uuid=uuid).first()
    if row is None:
        raise Http404
    return row


def classes_page(acting: Acting) -> ClassListPage:
    """Classes as she may see them, newest first. Raises PermissionDenied."""
    rows = _readable_with_own(acting).annotate(
        placed=Count("enrolments", filter=Q(enrolments__state__in=PLACED), distinct=True),
        waiting=Count("enrolments", filter=Q(enrolments__state=EnrolmentState.SUBMITTED), distinct=True),
    )
    return ClassListPage(
        rows=tuple(ClassRow(class_head(row), row.placed, row.waiting) for row in rows),
        plan_url=reverse("courses:class_plan") if teaching_place(acting) else "",
    )


def class_page(acting: Acting, row: TrainingClass) -> ClassPage:
    """One class; `row` from `class_for_page`."""
    states = list(row.enrolments.values_list("state", flat=True))
    placed = sum(state in PLACED for state in states)
    waiting = sum(state == EnrolmentState.SUBMITTED for state in states)
    runs = may(acting, "training_class", "update", place=own_place(acting, row))
    over = row.state in {ClassState.CLOSED, ClassState.CANCELLED}
    cell = can(acting, _ROSTER, "read")
    rules = profile(row.profile)
    acts = class_acts(acting, row)
    return ClassPage(
        head=class_head(row),
        policy_title=_("%(title)s, version %(version)s") % {"title": rules.title, "version": rules.version},
        specification_title=specification(row.specification).title,
        facts=_class_facts(row, rules),
        instructors=instructor_names(row),
        may_add_instructor=runs and not over,
        opening=decision_card(row.decision) if row.decision and acting.role is not Role.TRAINEE else None,
        note=row.opening_note,
        acts=tuple(act for act in acts if not act.reason),
        reasoned=tuple(act for act in acts if act.reason and not act.grave),
        parting=tuple(act for act in acts if act.reason and act.grave),
        roster=_roster(row) if cell is not None and acting.role is not Role.TRAINEE else None,
        placed=placed,
        waiting=waiting,
        may_start=runs and row.state == ClassState.OPEN and placed > 0 and waiting == 0,
        list_url=reverse("courses:classes"),
        coverage_url=_coverage_url(acting, row),
        homework_url=_homework_url(acting, row),
        recordings_url=_recordings_url(acting, row),
    )


def _coverage_url(acting: Acting, row: TrainingClass) -> str:
    reads = acting.role is not Role.TRAINEE and may(acting, "lesson", "read")
    return reverse("courses:class_coverage", args=[row.uuid]) if reads else ""


def _homework_url(acting: Acting, row: TrainingClass) -> str:
    reads = acting.role is not Role.TRAINEE and can(acting, "homework", "read") is not None
    return reverse("courses:homework_class", args=[row.uuid]) if reads else ""


def _recordings_url(acting: Acting, row: TrainingClass) -> str:
    reads = can(acting, "class_recording", "read") is not None
    return reverse("courses:recordings", args=[row.uuid]) if reads else ""


def _class_facts(row: TrainingClass, rules: ProfileData) -> tuple[tuple[str, str], ...]:
    """What is known of it, without what is not stated."""
    known: list[tuple[str, int | str | None]] = [
        (_("Theory hours"), row.theory_hours),
        (_("Practice hours"), row.practice_hours),
        (_("Minutes of a class hour"), row.hour_minutes),
        (_("Training days"), row.days),
        (_("Days on site"), row.offline_days),
        (_("Ways of teaching"), "、".join(rules.labels.get(mode, mode) for mode in row.modes) or None),
        (_("Type of training"), rules.labels.get(row.training_type, row.training_type) or None),
        (_("Why the class is larger"), row.size_reason or None),
    ]
    return tuple((label, str(value)) for label, value in known if value is not None)


def _roster(row: TrainingClass) -> tuple[RosterRow, ...]:
    rows = row.enrolments.select_related("person").order_by("id")
    return tuple(_roster_row(enrolment) for enrolment in rows)


def _roster_row(row: Enrolment) -> RosterRow:
    label, tone = state_label(EnrolmentState(row.state))
    return RosterRow(
        uuid=row.uuid,
        name=masked_name(row.person.name),
        submitted_on=day_of(row.created_at),
        state_label=label,
        tone=tone,
        url=reverse("courses:enrolment", args=[row.uuid]),
    )


def enrolment_for(acting: Acting, uuid: UUID) -> Enrolment:
    """The gate of one enrolment: her own, or of a class of those who see its people. Raises PermissionDenied, Http404."""
    cell = can(acting, "enrolment", "read")
    if cell is None:
        raise PermissionDenied
    rows = Enrolment.objects.select_related("person", "training_class__institution")
    row = rows.filter(uuid=uuid).first()
    if row is None:
        raise Http404
    if acting.role is Role.TRAINEE:
        reached = acting.person is not None and canonical_person(row.person.uuid) == acting.person
    else:
        reached = readable_classes(acting).filter(pk=row.training_class_id).exists()
    if not reached:
        raise Http404
    return row


def enrolment_page(acting: Acting, row: Enrolment) -> EnrolmentPage:
    """One enrolment; `row` from `enrolment_for`. While nobody has decided, it is judged by what is known now."""
    own = acting.role is Role.TRAINEE
    state = EnrolmentState(row.state)
    label, tone = state_label(state)
    rules = profile(row.training_class.profile)
    office = decides(acting, row.training_class)
    judged = eligibility(rules, row)
    guardian = judged.reason("guardian_consent")
    opened = row.training_class.state == ClassState.OPEN
    door = _door(row)
    judged_now = door is not None and door.state is Door.HANDED_IN
    return EnrolmentPage(
        uuid=row.uuid,
        head=class_head(row.training_class),
        name="" if own else masked_name(row.person.name),
        state=state,
        state_label=label,
        tone=tone,
        headline=headline(row, door),
        reason=row.reason,
        submitted_at=row.created_at,
        decision=_card(row, judged, rules),
        declared=_declared(row, rules) if own or office else (),
        may_withdraw=own and state in {EnrolmentState.SUBMITTED, EnrolmentState.APPROVED},
        may_give_up=own and state is EnrolmentState.RESIT and not judged_now,
        may_decide=office and opened and state is EnrolmentState.SUBMITTED,
        may_reject=office and state in {EnrolmentState.SUBMITTED, EnrolmentState.APPROVED},
        may_let_leave=office and state in _EXAMINED and not judged_now,
        asks_guardian=guardian is not None and row.declaration.guardian_consent is None,
        upload_url=_upload_url(row, door) if own else "",
        back_url=reverse("courses:enrolments") if own else reverse("courses:class", args=[row.training_class.uuid]),
    )


# Her examination is open: the first time, or for a resit.
_EXAMINED = frozenset({EnrolmentState.IN_TRAINING, EnrolmentState.RESIT})


def _door(row: Enrolment) -> VideoDoor | None:
    """Whether she may hand in her video; None before and after the examination."""
    return video_door(row.candidacy) if row.candidacy and row.state in _EXAMINED else None


def being_judged(row: Enrolment) -> bool:
    """Whether a work of hers is with the examiners; one that has passed is not."""
    return row.candidacy is not None and video_door(row.candidacy).state is Door.HANDED_IN


def _upload_url(row: Enrolment, door: VideoDoor | None) -> str:
    """Where she hands in, with what is known filled in; "" while she may not."""
    if door is None or door.state not in {Door.OPEN, Door.AGAIN}:
        return ""
    asked = f"replaces={door.asset}" if door.asset else f"level={row.training_class.level}"
    return f"{reverse('media:upload')}?{asked}"


def _card(row: Enrolment, judged: Decision, rules: ProfileData) -> DecisionCard | None:
    if row.state == EnrolmentState.SUBMITTED:
        return card_of(judged, rules, kind=DecisionKind.ENROLMENT)
    return decision_card(row.decision) if row.decision else None


def _declared(row: Enrolment, rules: ProfileData) -> tuple[tuple[str, str], ...]:
    """Question and answer, in the words of the policy."""
    said = []
    for name, value in packed(row.declaration).items():
        if isinstance(value, bool):
            words = pgettext("answer", "Yes") if value else pgettext("answer", "No")
        elif name == "graduated_on":
            words = date_format(date.fromisoformat(value), "Y-m-d")
        else:
            words = rules.labels.get(str(value), str(value))
        said.append((question_label(name), words))
    return tuple(said)


def enrolment_home(acting: Acting) -> EnrolmentHome:
    """Her enrolments and the classes she may join. Raises PermissionDenied for those who enrol in nothing."""
    cell = can(acting, "enrolment", "create")
    if cell is None:
        raise PermissionDenied
    mine = list(_mine(acting.person))
    busy = {row.training_class.level for row in mine if row.state in ACTIVE}
    joined = {row.training_class_id for row in mine if row.state in PLACED}
    offered = [row for row in _open_classes(acting) if row.level not in busy and row.pk not in joined]
    placed = _placed(offered)
    return EnrolmentHome(
        mine=tuple(_my_row(row) for row in mine),
        open_classes=tuple(_open_row(row, placed.get(row.pk, 0)) for row in offered),
    )


def _mine(person: UUID | None) -> Iterable[Enrolment]:
    if person is None:
        return []
    rows = Enrolment.objects.filter(person__uuid__in=records_of([person])[person])
    return rows.select_related("training_class__institution").order_by("-id")


def _open_classes(acting: Acting) -> QuerySet[TrainingClass]:
    return (
        TrainingClass.objects.filter(state=ClassState.OPEN, institution__path__startswith=acting.organisation_path)
        .select_related("institution")
        .order_by("starts_on", "id")
    )


def _placed(rows: Iterable[TrainingClass]) -> dict[int, int]:
    """Class → how many places are taken."""
    taken = Enrolment.objects.filter(training_class__in=[row.pk for row in rows], state__in=PLACED)
    counted = taken.order_by().values_list("training_class").annotate(number=Count("pk"))
    return dict(counted)


def open_class_for(acting: Acting, uuid: UUID) -> TrainingClass:
    """The gate of the enrolment form. Raises PermissionDenied, Http404."""
    if can(acting, "enrolment", "create") is None:
        raise PermissionDenied
    row = _open_classes(acting).filter(uuid=uuid).first()
    if row is None:
        raise Http404
    return row


def questions_of(row: TrainingClass) -> Questions:
    """What its policy asks of her."""
    return questions(profile(row.profile))


def _open_row(row: TrainingClass, placed: int) -> OpenClass:
    return OpenClass(
        head=class_head(row),
        left=max(0, row.capacity - placed),
        url=reverse("courses:enrol", args=[row.uuid]),
    )


def _my_row(row: Enrolment) -> MyEnrolment:
    state = EnrolmentState(row.state)
    label, tone = state_label(state)
    held = row.training_class
    return MyEnrolment(
        uuid=row.uuid,
        class_name=held.name,
        institution_name=held.institution.name,
        level_label=Level(held.level).rank_zh,
        starts_on=held.starts_on,
        ends_on=held.ends_on,
        state=state,
        state_label=label,
        tone=tone,
        url=reverse("courses:enrolment", args=[row.uuid]),
    )


def my_enrolments(person: UUID) -> tuple[MyEnrolment, ...]:
    """Her enrolments, newest first: for her home."""
    return tuple(_my_row(row) for row in _mine(person))


def waiting_enrolments(acting: Acting) -> int:
    """How many enrolments wait for this institution's decision; 0 for everybody else."""
    if acting.role is not Role.INSTITUTION_ADMIN or acting.organisation is None:
        return 0
    return Enrolment.objects.filter(
        training_class__institution__uuid=acting.organisation,
        training_class__state=ClassState.OPEN,
        state=EnrolmentState.SUBMITTED,
    ).count()


def headline(row: Enrolment, door: VideoDoor | None = None) -> str:
    """The sentence that answers "what now"."""
    resit = _open_parts(row) if row.state == EnrolmentState.RESIT else ()
    if door is not None and door.state is not Door.OPEN and not (resit and door.state is Door.SHUT):
        return {
            Door.AGAIN: _("Your video was not accepted. Please hand in another."),
            Door.HANDED_IN: _("Your video is handed in. You will be told the result."),
            Door.SHUT: _(door.reason) if door.reason else _("You are in training."),
        }[door.state]
    held = row.training_class
    said = {"day": date_format(held.starts_on, "SHORT_DATE_FORMAT"), "class": held.name}
    return {
        EnrolmentState.SUBMITTED: _("Your institution will decide. You will be told."),
        EnrolmentState.APPROVED: _("You are admitted. The training begins on %(day)s.") % said,
        EnrolmentState.IN_TRAINING: _("You are in training. Hand in your selling video when you are ready."),
        EnrolmentState.ASSESSED: _("Your work has been assessed. The result will be released."),
        EnrolmentState.PASSED: _("You have passed. Your certificate is being prepared."),
        EnrolmentState.CERTIFIED: _("You have passed and hold your certificate."),
        EnrolmentState.FAILED: _("You did not pass this time. Your result says why."),
        EnrolmentState.RESIT: _("You did not pass this time. You may sit again: %(parts)s.")
        % {"parts": pgettext("list", ", ").join(resit)},
        EnrolmentState.RETAKE_REQUIRED: _(
            "Your resits are used up. Join a new class of this level; once its training is complete you may be examined again."
        ),
        EnrolmentState.REJECTED: _("You were not admitted to this class. The reasons are below."),
        EnrolmentState.WITHDRAWN: _("This enrolment has ended. You may join another class."),
    }[EnrolmentState(row.state)]


def _open_parts(row: Enrolment) -> tuple[str, ...]:
    """What may be sat again, in words; a video that was handed in is not among it."""
    if row.candidacy is None:
        return ()
    asked = [rule.part for rule in specification(row.training_class.specification).parts]
    words = {part: entitlement(row.candidacy, part) for part in asked}
    return tuple(part_label(part) for part, word in words.items() if word is not None and word.granted)


def state_label(state: EnrolmentState) -> tuple[str, str]:
    """What a state is called, and the tone of its tag."""
    return {
        EnrolmentState.SUBMITTED: (pgettext("enrolment", "To be decided"), "warn"),
        EnrolmentState.APPROVED: (pgettext("enrolment", "Admitted"), "ok"),
        EnrolmentState.IN_TRAINING: (pgettext("enrolment", "In training"), "now"),
        EnrolmentState.ASSESSED: (pgettext("enrolment", "Assessed"), "info"),
        EnrolmentState.PASSED: (pgettext("enrolment", "Passed"), "ok"),
        EnrolmentState.CERTIFIED: (pgettext("enrolment", "Certificate issued"), "ok"),
        EnrolmentState.FAILED: (pgettext("enrolment", "Not passed"), "bad"),
        EnrolmentState.RESIT: (pgettext("enrolment", "Resit open"), "warn"),
        EnrolmentState.RETAKE_REQUIRED: (pgettext("enrolment", "Training to be taken again"), "bad"),
        EnrolmentState.REJECTED: (pgettext("enrolment", "Not admitted"), "bad"),
        EnrolmentState.WITHDRAWN: (pgettext("enrolment", "Taken back"), "mute"),
    }[state]


def question_label(name: str) -> str:
    """A question of the form, as asked."""
    return {
        "category": _("Which group do you belong to?"),
        "is_student": _("Are you enrolled at a school or university?"),
        "on_establishment": _("Are you on the establishment of a public body?"),
        "employed": _("Are you employed?"),
        "employee": _("Are you an employee of this company?"),
        "graduated_on": _("When did you leave school?"),
        "insured": _("Is your social insurance paid here?"),
        "contract_months": _("For how many months does your labour contract run?"),
        "insured_months": _("For how many months has your insurance been paid?"),
        "guardian_consent": _("Guardian's written consent seen"),
    }[name]


def placed_at(enrolment: Enrolment) -> datetime:
    """When she got her place in the class: as the trail has it, else when she asked for it."""
    admitted = audit.AuditEvent.objects.filter(
        subject_kind="enrolment", subject=enrolment.uuid, action="moved", fields__state=EnrolmentState.APPROVED.value
    )
    first = admitted.order_by("sequence").values_list("at", flat=True).first()
    return first or enrolment.created_at
