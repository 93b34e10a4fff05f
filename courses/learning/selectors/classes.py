"""How a class studies: for its teacher and institution, and for the rooms above."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Count, Exists, OuterRef, Q
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _

from courses.catalogue.types import ManifestData
from courses.classes.models import TrainingClass
from courses.classes.selectors import readable_classes
from courses.classes.types import ClassState
from courses.enrolment.models import Enrolment
from courses.enrolment.types import PLACED
from courses.learning.models import CheckAttempt, LessonProgress, StudyDeadline
from courses.learning.rules import may_set_deadlines
from courses.learning.selectors.gates import manifest_of, watched_class
from courses.learning.selectors.questions import question_counts
from courses.learning.selectors.study import course_lines
from courses.learning.types import (
    ClassProgress,
    DueLine,
    LessonStanding,
    StaffClassPage,
    StaffClassRow,
    TraineeProgress,
)
from lms.accounts.api import Acting, Role, can
from lms.notices.api import deadline

_ROWS = 200


def class_progress(row: TrainingClass, *, only: UUID | None = None) -> ClassProgress:
    """How every placed trainee of a class stands in every lesson; four queries whatever its size. The caller has the gate.

    only: one enrolment instead of all.
    """
    data = manifest_of(row)
    placed = Enrolment.objects.filter(training_class=row, state__in=PLACED)
    if only is not None:
        placed = placed.filter(uuid=only)
    enrolments = list(placed.select_related("person").order_by("id"))
    found: dict[int, dict[UUID, LessonStanding]] = {each.pk: {} for each in enrolments}
    right = _right(row, only)
    for one in LessonProgress.objects.filter(enrolment__in=enrolments):
        answered, correct = right.get((one.enrolment_id, one.lesson), (0, 0))
        found[one.enrolment_id][one.lesson] = LessonStanding(
            lesson=one.lesson,
            state=one.state,
            percent=one.percent,
            opened_at=one.opened_at,
            completed_at=one.completed_at,
            right=correct,
            checks=answered,
            seen_at=max(at for at in (one.opened_at, one.place_at, one.completed_at) if at is not None),
        )
    wanted = {lesson.uid for lesson in data.lessons} if data else set()
    return ClassProgress(
        training_class=row.uuid,
        manifest=data.uuid if data else None,
        lessons=len(wanted),
        trainees=tuple(
            TraineeProgress(
                enrolment=each.uuid,
                person=each.person.uuid,
                name=each.person.name,
                completed=sum(
                    lesson in wanted and standing.completed_at is not None
                    for lesson, standing in found[each.pk].items()
                ),
                lessons=found[each.pk],
            )
            for each in enrolments
        ),
    )


def _right(row: TrainingClass, only: UUID | None) -> Mapping[tuple[int, UUID], tuple[int, int]]:
    """(Enrolment, lesson) → questions answered, and of those the ones whose last answer is right."""
    same = {name: OuterRef(name) for name in ("enrolment", "lesson", "check_uid")}
    newer = Q(at__gt=OuterRef("at")) | Q(at=OuterRef("at"), id__gt=OuterRef("id"))
    last = CheckAttempt.objects.filter(~Exists(CheckAttempt.objects.filter(newer, **same)))
    rows = last.filter(enrolment__training_class=row)
    if only is not None:
        rows = rows.filter(enrolment__uuid=only)
    summed = rows.order_by().values_list("enrolment_id", "lesson")
    counted = summed.annotate(answered=Count("pk"), right=Count("pk", filter=Q(correct=True)))
    return {(enrolment, lesson): (answered, right) for enrolment, lesson, answered, right in counted}


def studying_classes(acting: Acting) -> tuple[StaffClassRow, ...]:
    """The classes she looks after, newest first. Raises PermissionDenied."""
    if acting.role is Role.TRAINEE or can(acting, "study", "read") is None:
        raise PermissionDenied
    rows = (
        readable_classes(acting)
        .exclude(state=ClassState.CANCELLED)
        .annotate(
            placed=Count("enrolments", filter=Q(enrolments__state__in=PLACED), distinct=True),
            asked=Count(
                "enrolments__lesson_questions",
                filter=Q(enrolments__lesson_questions__waiting_since__isnull=False),
                distinct=True,
            ),
        )
    )
    return tuple(
        StaffClassRow(
            name=row.name,
            detail=row.institution.name,
            url=reverse("courses:study_class", args=[row.uuid]),
            trainees=row.placed,
            waiting=row.asked,
        )
        for row in rows[:_ROWS]
    )


def studying_class(acting: Acting, training_class: UUID, *, now: datetime) -> StaffClassPage:
    """One class's lessons to read, deadlines, and questions. Raises PermissionDenied, Http404."""
    row = watched_class(acting, training_class)
    data = manifest_of(row)
    waiting, overdue = question_counts(row, now=now) if can(acting, "lesson_question", "read") else (0, 0)
    placed = Enrolment.objects.filter(training_class=row, state__in=PLACED).count()
    return StaffClassPage(
        class_uid=row.uuid,
        name=row.name,
        trainees=placed,
        total=len(data.lessons) if data else 0,
        courses=course_lines(data, row.uuid, {}, {}, now=now) if data else (),
        dues=_dues(row, data, placed, now),
        waiting=waiting,
        overdue=overdue,
        may_set=data is not None and may_set_deadlines(acting, row),
        class_url=reverse("courses:class", args=[row.uuid]) if can(acting, "training_class", "read") else "",
        back_url=reverse("courses:study"),
    )


def _dues(row: TrainingClass, data: ManifestData | None, placed: int, now: datetime) -> tuple[DueLine, ...]:
    """Deadlines with how many trainees have not studied what is due; two queries."""
    if data is None:
        return ()
    done: dict[int, set[UUID]] = {}
    rows = LessonProgress.objects.filter(
        enrolment__training_class=row, enrolment__state__in=PLACED, completed_at__isnull=False
    )
    for enrolment, lesson in rows.values_list("enrolment_id", "lesson"):
        done.setdefault(enrolment, set()).add(lesson)
    lines = []
    for each in StudyDeadline.objects.filter(training_class=row).order_by("due", "id"):
        held = data.lesson(each.lesson) if each.lesson else None
        wanted = {each.lesson} if each.lesson else {lesson.uid for lesson in data.lessons}
        stands = deadline(each.due, now=now)
        lines.append(
            DueLine(
                uuid=each.uuid,
                label=held.title
                if held
                else _("All lessons")
                if each.lesson is None
                else _("A lesson no longer taught"),
                phrase=stands.phrase,
                tone=stands.tone,
                missing=placed - sum(wanted <= lessons for lessons in done.values()),
            )
        )
    return tuple(lines)


def deadline_choices(row: TrainingClass) -> list[tuple[str, str]]:
    """What a deadline may be set for: all lessons, or one."""
    data = manifest_of(row)
    lessons = [(str(lesson.uid), f"{lesson.position + 1} {lesson.title}") for lesson in data.lessons] if data else []
    return [("", _("All lessons")), *lessons]


def deadline_for(row: TrainingClass, uuid: UUID) -> StudyDeadline:
    """One deadline of a class. Raises Http404."""
    held = StudyDeadline.objects.select_related("training_class__institution").filter(training_class=row, uuid=uuid)
    found = held.first()
    if found is None:
        raise Http404
    return found
