"""Planning a class, filing and opening it, and its way to the end."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from assessment.api import NoSpecification, approved_specification
from courses.catalogue.keeping import manifest_for
from courses.catalogue.selectors import closed_levels, opened_levels
from courses.classes.events import ClassCancelled, ClassFinished
from courses.classes.models import ClassInstructor, ManifestPin, TrainingClass
from courses.classes.selectors import class_lessons, class_manifest, own_place, teaching_place
from courses.classes.types import ClassPlan, ClassRefused, ClassState
from lms.accounts.api import Acting, Membership, Person, Role, TieKind, TieObject, record_tie, require
from lms.core import audit
from lms.core.clock import day_of
from lms.core.events import publish
from lms.core.types import Level
from lms.core.workdays.api import calendar
from lms.policies.api import (
    ClassFacts,
    Decision,
    DecisionKind,
    ProfileData,
    class_opening,
    covered_items,
    filing_window_of,
    profile,
    store_decision,
    untagged_lessons,
)

_RUN_BY_INSTITUTION = frozenset(
    {ClassState.FILED, ClassState.FINISHED, ClassState.ASSESSMENT, ClassState.CLOSED, ClassState.CANCELLED}
)
_REASON_MAX = 300


@transaction.atomic
def plan_class(*, by: Acting, policy: UUID, plan: ClassPlan, now: datetime, is_demo: bool = False) -> TrainingClass:
    """A class of the acting institution, pinned to this version of a profile and to the specification approved for it.

    Raises NotAllowed, PermissionDenied (not an institution), ClassRefused ("name", "ends_on", "hours", "training_type",
    "level", "twice").
    """
    institution = teaching_place(by)
    if institution is None:
        raise PermissionDenied
    require(by, "training_class", "create", place=institution.path)
    rules = profile(policy)
    name = " ".join(plan.name.split())
    _check(name, plan)
    if plan.training_type not in (rules.parameters.training_types or ("",)):
        raise ClassRefused(_("Choose the type of training."), code="training_type", field="training_type")
    if plan.level in closed_levels():
        raise ClassRefused(
            _("This level is not open. The authority decides when it opens."), code="level", field="level"
        )
    try:
        specification = approved_specification(rules.parameters.specification_key, plan.level)
    except NoSpecification:
        raise ClassRefused(
            _("No assessment is approved for this level under this policy, so no class can be planned for it."),
            code="level",
            field="level",
        ) from None
    row = TrainingClass(
        name=name,
        institution=institution,
        profile=rules.uuid,
        specification=specification.uuid,
        level=int(plan.level),
        occupation=plan.occupation,
        job=plan.job,
        starts_on=plan.starts_on,
        ends_on=plan.ends_on,
        planned_hours=plan.planned_hours,
        theory_hours=plan.theory_hours,
        practice_hours=plan.practice_hours,
        hour_minutes=plan.hour_minutes,
        days=plan.days,
        offline_days=plan.offline_days,
        modes=sorted(plan.modes),
        training_type=plan.training_type,
        capacity=plan.capacity,
        size_reason=plan.size_reason.strip(),
        created_by=by.user,
        is_demo=is_demo or institution.is_demo,
        created_at=now,
        moved_at=now,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise ClassRefused(_("A class of this name exists already."), code="twice", field="name") from None
    taught = manifest_for(row.level, row.starts_on, now)
    if taught is not None:
        ManifestPin.objects.create(training_class=row, manifest=taught, by=by.user, created_at=now)
    audit.record(
        subject_kind="training_class",
        subject=row.uuid,
        action="planned",
        actor=by.user,
        fields={
            "profile": rules.uuid,
            "specification": specification.uuid,
            "level": int(plan.level),
            "manifest": taught,
        },
        now=now,
    )
    return row


def _check(name: str, plan: ClassPlan) -> None:
    if not name:
        raise ClassRefused(_("Enter the name of the class."), code="name", field="name")
    if plan.ends_on < plan.starts_on:
        raise ClassRefused(_("The last day lies before the first."), code="ends_on", field="ends_on")
    if (plan.theory_hours or 0) + (plan.practice_hours or 0) > plan.planned_hours:
        raise ClassRefused(
            _("Theory and practice together are more than all class hours."), code="hours", field="planned_hours"
        )


@transaction.atomic
def adopt_manifest(*, by: Acting, training_class: TrainingClass, reason: str, now: datetime) -> ManifestPin:
    """Let what the curriculum holds now reach the class: the decision by which approved fixes come to it.

    The edition stays the one in force on its first day. Raises NotAllowed, ClassRefused ("reason", "nothing", "same",
    "over").
    """
    row = _locked(training_class)
    require(by, "training_class", "update", place=own_place(by, row))
    if row.state in {ClassState.CLOSED, ClassState.CANCELLED}:
        raise ClassRefused(_("This class is over."), code="over")
    held = class_manifest(row)
    words = " ".join(reason.split())[:_REASON_MAX]
    if held is not None and not words:
        raise ClassRefused(_("Say why the class changes what it is taught from."), code="reason", field="reason")
    wanted = manifest_for(row.level, row.starts_on, now)
    if wanted is None:
        raise ClassRefused(_("No lesson of this level is published yet."), code="nothing")
    if wanted == held:
        raise ClassRefused(_("The class has the newest text already."), code="same")
    pin = ManifestPin.objects.create(training_class=row, manifest=wanted, reason=words, by=by.user, created_at=now)
    audit.record(
        subject_kind="training_class",
        subject=row.uuid,
        action="curriculum_adopted",
        actor=by.user,
        fields={"manifest": wanted, "before": held, "reason": words},
        now=now,
    )
    return pin


@transaction.atomic
def add_instructor(*, by: Acting, training_class: TrainingClass, person: UUID, now: datetime) -> ClassInstructor:
    """Let an instructor of the institution teach the class; from then on she never judges its people (domain 2.2 no. 11).

    Adding her twice is once. Raises NotAllowed, ClassRefused ("instructor").
    """
    row = _locked(training_class)
    require(by, "training_class", "update", place=own_place(by, row))
    today = day_of(now)
    teaches = Membership.objects.filter(
        Q(valid_to=None) | Q(valid_to__gte=today),
        valid_from__lte=today,
        user__person__uuid=person,
        organisation=row.institution,
        role=Role.INSTRUCTOR,
    )
    teacher = Person.objects.filter(uuid=person).first()
    if teacher is None or not teaches.exists():
        raise ClassRefused(_("Choose an instructor of your own institution."), code="instructor", field="instructor")
    if row.state in {ClassState.CLOSED, ClassState.CANCELLED}:
        raise ClassRefused(_("This class is over."), code="over")
    made, fresh = ClassInstructor.objects.get_or_create(
        training_class=row, person=teacher, defaults={"added_by": by.user, "created_at": now}
    )
    if fresh:
        record_tie(
            kind=TieKind.TEACHES,
            person=person,
            object_kind=TieObject.CLASS,
            object_uuid=row.uuid,
            valid_from=row.starts_on,
            source="courses.classes",
            by=by.user,
            now=now,
        )
        audit.record(
            subject_kind="training_class",
            subject=row.uuid,
            action="instructor_added",
            actor=by.user,
            fields={"person": person},
            now=now,
        )
    return made


def _locked(training_class: TrainingClass) -> TrainingClass:
    rows = TrainingClass.objects.select_for_update(of=("self",)).select_related("institution")
    return rows.get(pk=training_class.pk)


@transaction.atomic
def move_class(
    *, by: Acting, training_class: TrainingClass, to: ClassState, now: datetime, reason: str = ""
) -> TrainingClass:
    """File, open, return, end, assess, close or cancel; teaching begins with `start_training` of the room above.

    Filing and opening are judged by the class's profile and the decision is stored with the class: what the profile
    refuses leaves the class where it was, with the reasons; what it cannot know is opened only with the bureau's words.
    Raises NotAllowed, ClassRefused ("reason", "teaching"), IllegalMove.
    """
    row = _locked(training_class)
    if to is ClassState.TEACHING:
        raise ClassRefused(_("Teaching begins when those admitted are taken in."), code="teaching")
    if to in _RUN_BY_INSTITUTION:
        require(by, "training_class", "update", place=own_place(by, row))
    else:
        require(by, "training_class", "approve", place=row.institution.path)
    reason = " ".join(reason.split())[:_REASON_MAX]
    if to is ClassState.FILED:
        return _file(by, row, now)
    if to is ClassState.OPEN:
        return _open(by, row, reason, now)
    if to in {ClassState.PLANNED, ClassState.CANCELLED} and not reason:
        raise ClassRefused(_("Say why, in a few words."), code="reason", field="reason")
    row.move(to, now=now, **({"opening_note": reason} if reason else {}))
    if to is ClassState.CANCELLED:
        publish(ClassCancelled(row.uuid, by.user))
    if to is ClassState.FINISHED:
        publish(ClassFinished(row.uuid))
    _record(by, row, now)
    return row


def begin_teaching(*, by: Acting, training_class: TrainingClass, now: datetime) -> TrainingClass:
    """Part of `start_training`, in its transaction. Raises NotAllowed, IllegalMove."""
    row = _locked(training_class)
    require(by, "training_class", "update", place=own_place(by, row))
    row.move(ClassState.TEACHING, now=now)
    _record(by, row, now)
    return row


def _file(by: Acting, row: TrainingClass, now: datetime) -> TrainingClass:
    decision = _judge(by, row, now, filed_at=now, opening_approved=None)
    if not decision.refused:
        row.move(ClassState.FILED, now=now, filed_at=now, opening_note="")
        _record(by, row, now)
    return row


def _open(by: Acting, row: TrainingClass, reason: str, now: datetime) -> TrainingClass:
    decision = _judge(by, row, now, filed_at=row.filed_at or now, opening_approved=True)
    if decision.refused:
        return row
    if decision.pending and not reason:
        raise ClassRefused(
            _("The policy asks for something that is not known here. Say what you have looked at."),
            code="reason",
            field="reason",
        )
    row.move(ClassState.OPEN, now=now, opened_at=now, opened_by=by.user, opening_note=reason)
    _record(by, row, now)
    return row


def _judge(
    by: Acting, row: TrainingClass, now: datetime, *, filed_at: datetime, opening_approved: bool | None
) -> Decision:
    rules = profile(row.profile)
    decision = class_opening(rules, class_facts(rules, row, filed_at=filed_at, opening_approved=opening_approved))
    row.decision = store_decision(
        kind=DecisionKind.CLASS_OPENING,
        subject_kind="training_class",
        subject=row.uuid,
        decision=decision,
        profile=rules.uuid,
        by=by.user,
        now=now,
    )
    row.save(update_fields=["decision"])
    return decision


def class_facts(
    rules: ProfileData, row: TrainingClass, *, filed_at: datetime, opening_approved: bool | None
) -> ClassFacts:
    """What is known of a class, its content from the curriculum it is taught by.

    No room supplies plan approval or special circumstances yet: unknown.
    """
    taught = class_lessons(row)
    return ClassFacts(
        level=Level(row.level),
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        job=row.job,
        institution=row.institution.name,
        hours=row.planned_hours,
        theory_hours=row.theory_hours,
        practice_hours=row.practice_hours,
        hour_minutes=row.hour_minutes,
        days=row.days,
        offline_days=row.offline_days,
        modes=frozenset(row.modes) or None,
        training_type=row.training_type or None,
        content_items=covered_items(rules, taught) if taught else None,
        untagged=untagged_lessons(rules, taught) if taught else None,
        size=row.capacity,
        size_reason=row.size_reason,
        opening_approved=opening_approved,
        filed_on=day_of(filed_at),
        filing_window=filing_window_of(rules, row.starts_on, calendar()),
        opening_decided_levels=opened_levels(),
    )


def _record(by: Acting, row: TrainingClass, now: datetime) -> None:
    fields: dict[str, Any] = {"state": ClassState(row.state), "decision": row.decision, "note": row.opening_note}
    audit.record(subject_kind="training_class", subject=row.uuid, action="moved", actor=by.user, fields=fields, now=now)
