"""Gates and reads of classes."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.translation import pgettext

from courses.catalogue.coverage import curriculum_facts
from courses.catalogue.selectors import manifest
from courses.classes.models import TrainingClass
from courses.classes.types import Act, ClassHead, ClassState
from lms.accounts.api import Acting, Membership, Organisation, OrganisationKind, Role, can, may, records_of
from lms.core.types import Level
from lms.policies.api import CurriculumFacts, LessonFacts, Outcome, decision

_OVER = frozenset({ClassState.CLOSED, ClassState.CANCELLED})
# Those who teach and are examined under their own name.
TEACHING_KINDS = (OrganisationKind.INSTITUTION, OrganisationKind.COMPANY)


def readable_classes(acting: Acting) -> QuerySet[TrainingClass]:
    """Classes this person may see by her role: her institution's, those she teaches, those of the place she covers.

    A trainee's own are a matter of her enrolment (the room above). Raises PermissionDenied.
    """
    cell = can(acting, "training_class", "read")
    if cell is None or acting.organisation is None:
        raise PermissionDenied
    rows = TrainingClass.objects.select_related("institution").order_by("-starts_on", "-id")
    if cell.own:
        if acting.role is not Role.INSTRUCTOR or acting.person is None:
            return rows.none()
        return rows.filter(instructors__person__uuid__in=records_of([acting.person])[acting.person]).distinct()
    if acting.role is Role.INSTITUTION_ADMIN:
        return rows.filter(institution__uuid=acting.organisation)
    return rows.filter(institution__path__startswith=acting.organisation_path)


def class_for(acting: Acting, uuid: UUID) -> TrainingClass:
    """The gate of one class. Raises PermissionDenied, Http404."""
    row = readable_classes(acting).filter(uuid=uuid).first()
    if row is None:
        raise Http404
    return row


def class_levels(classes: Collection[UUID]) -> dict[UUID, Level | None]:
    """Class → the level it trains for, None when it is over; for the bank of questions, whose rooms lie below. One query."""
    rows = TrainingClass.objects.filter(uuid__in=list(classes)).values_list("uuid", "level", "state")
    return {uuid: None if state in _OVER else Level(level) for uuid, level, state in rows}


def class_manifest(row: TrainingClass) -> UUID | None:
    """The manifest the class is taught from, None while its level has no curriculum."""
    pinned: UUID | None = row.manifest_pins.order_by("-id").values_list("manifest", flat=True).first()
    return pinned


def class_curriculum(row: TrainingClass) -> CurriculumFacts:
    """What the class is taught, as policies look at it; without modules while it has no curriculum."""
    pinned = class_manifest(row)
    return curriculum_facts(row.level, manifest(pinned).courses if pinned else ())


def class_lessons(row: TrainingClass) -> tuple[LessonFacts, ...]:
    """Its lessons, as policies look at them."""
    return class_curriculum(row).lessons


def own_place(acting: Acting, row: TrainingClass) -> str | None:
    """The place of a class for acts of its institution: an evaluation body covers a whole town, but runs none of these."""
    own = acting.role is not Role.INSTITUTION_ADMIN or acting.organisation == row.institution.uuid
    return row.institution.path if own else None


def teaching_place(acting: Acting) -> Organisation | None:
    """The institution whose staff this is, None for everybody else: only a place that teaches plans classes."""
    if acting.organisation is None or can(acting, "training_class", "create") is None:
        return None
    return Organisation.objects.filter(uuid=acting.organisation, kind__in=TEACHING_KINDS).first()


def waiting_classes(acting: Acting) -> int:
    """How many filed classes wait for this bureau's word; 0 for everybody else."""
    if can(acting, "training_class", "approve") is None:
        return 0
    return TrainingClass.objects.filter(
        institution__path__startswith=acting.organisation_path, state=ClassState.FILED
    ).count()


def class_head(row: TrainingClass) -> ClassHead:
    """What every page says of it."""
    label, tone = state_label(ClassState(row.state))
    return ClassHead(
        uuid=row.uuid,
        name=row.name,
        institution_name=row.institution.name,
        level_label=Level(row.level).rank_zh,
        job=row.job,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        planned_hours=row.planned_hours,
        capacity=row.capacity,
        state=ClassState(row.state),
        state_label=label,
        tone=tone,
        url=reverse("courses:class", args=[row.uuid]),
    )


def class_acts(acting: Acting, row: TrainingClass) -> tuple[Act, ...]:
    """The moves she may make now; the start of teaching belongs to the room of enrolment."""
    state = ClassState(row.state)
    runs = may(acting, "training_class", "update", place=own_place(acting, row))
    decides = may(acting, "training_class", "approve", place=row.institution.path)
    acts: list[Act] = []
    if runs and state is ClassState.PLANNED:
        acts.append(Act(ClassState.FILED, pgettext("class", "File the opening"), False, False))
    if decides and state is ClassState.FILED:
        acts.append(Act(ClassState.OPEN, pgettext("class", "Approve the opening"), False, _asks_words(row)))
        acts.append(Act(ClassState.PLANNED, pgettext("class", "Return the filing"), False, True))
    if runs and state is ClassState.TEACHING:
        acts.append(Act(ClassState.FINISHED, pgettext("class", "End the training"), True, False))
    if runs and state is ClassState.FINISHED:
        acts.append(Act(ClassState.ASSESSMENT, pgettext("class", "Begin the assessment"), False, False))
    if runs and state is ClassState.ASSESSMENT:
        acts.append(Act(ClassState.CLOSED, pgettext("class", "Close the class"), True, False))
    if runs and state in {ClassState.PLANNED, ClassState.FILED, ClassState.OPEN}:
        acts.append(Act(ClassState.CANCELLED, pgettext("class", "Cancel the class"), True, True))
    return tuple(acts)


def _asks_words(row: TrainingClass) -> bool:
    """Whether the policy asks for something that is not known, besides the very approval."""
    if row.decision is None:
        return True
    reasons = decision(row.decision).decision.reasons
    return any(
        reason.outcome is Outcome.UNKNOWN and not reason.soft and reason.rule != "opening_approval"
        for reason in reasons
    )


def state_label(state: ClassState) -> tuple[str, str]:
    """What a state is called, and the tone of its tag."""
    return {
        ClassState.PLANNED: (pgettext("class", "Planned"), "mute"),
        ClassState.FILED: (pgettext("class", "Filed, waiting for the bureau"), "warn"),
        ClassState.OPEN: (pgettext("class", "Open for enrolment"), "now"),
        ClassState.TEACHING: (pgettext("class", "Teaching"), "info"),
        ClassState.FINISHED: (pgettext("class", "Training ended"), "info"),
        ClassState.ASSESSMENT: (pgettext("class", "Being assessed"), "info"),
        ClassState.CLOSED: (pgettext("class", "Closed"), "ok"),
        ClassState.CANCELLED: (pgettext("class", "Cancelled"), "mute"),
    }[state]


def instructor_names(row: TrainingClass) -> tuple[str, ...]:
    """Who teaches it, by name: an instructor stands before the class under her own name."""
    return tuple(row.instructors.order_by("id").values_list("person__name", flat=True))


def addable_instructors(row: TrainingClass, *, on: date) -> list[tuple[str, str]]:
    """Instructors of its institution who do not teach it yet: (person's uuid, name)."""
    members = Membership.objects.filter(
        Q(valid_to=None) | Q(valid_to__gte=on),
        valid_from__lte=on,
        role=Role.INSTRUCTOR,
        organisation=row.institution,
        user__is_active=True,
        user__person__isnull=False,
    ).order_by("id")
    taught = set(row.instructors.values_list("person__uuid", flat=True))
    pairs = dict(members.values_list("user__person__uuid", "user__person__name"))
    return [(str(uuid), name) for uuid, name in pairs.items() if uuid not in taught]
