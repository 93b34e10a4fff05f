"""Questions to the teacher: threads, and what waits for an answer (S5-19)."""

from datetime import datetime, timedelta
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, Q, QuerySet
from django.http import Http404
from django.urls import reverse

from courses.catalogue.types import ManifestData
from courses.classes.models import TrainingClass
from courses.classes.selectors import readable_classes
from courses.enrolment.models import Enrolment
from courses.learning.logic.labels import shortened
from courses.learning.models import LessonAnswer, LessonQuestion
from courses.learning.rules import ANSWER_WITHIN_DAYS, may_answer
from courses.learning.selectors.gates import lesson_title, manifest_of, manifests_of
from courses.learning.types import QuestionList, QuestionPage, QuestionRow, QuestionView, Word
from lms.accounts.api import Acting, Role, can, canonical_person, masked_name, records_of

_ROWS = 200
_EXCERPT = 40
WAITING, OVERDUE, ALL = "waiting", "overdue", "all"


def _threads() -> QuerySet[LessonQuestion]:
    answers = LessonAnswer.objects.select_related("by_person").order_by("id")
    return LessonQuestion.objects.prefetch_related(Prefetch("answers", answers))


def lesson_thread(enrolment: Enrolment, lesson: UUID) -> tuple[QuestionView, ...]:
    """Her questions about a lesson, and those of others that the teacher shared; two queries."""
    shared = Q(enrolment__training_class=enrolment.training_class_id, is_shared=True)
    rows = _threads().filter(Q(enrolment=enrolment) | shared, lesson=lesson).order_by("asked_at", "id")
    return tuple(_view(row, mine=row.enrolment_id == enrolment.pk) for row in rows)


def _view(row: LessonQuestion, *, mine: bool) -> QuestionView:
    return QuestionView(
        uuid=row.uuid,
        text=row.text,
        asked_at=row.asked_at,
        words=tuple(
            Word(
                text=each.text,
                at=each.at,
                teacher=each.by_teacher,
                who=each.by_person.name if each.by_teacher and each.by_person else "",
            )
            for each in row.answers.all()
        ),
        mine=mine,
        waiting=row.waiting_since is not None,
        shared=row.is_shared,
        url=reverse("courses:lesson_question", args=[row.uuid]),
    )


def _readable(acting: Acting) -> QuerySet[LessonQuestion]:
    """A trainee's own; everybody else's by role and place. Raises PermissionDenied."""
    if can(acting, "lesson_question", "read") is None:
        raise PermissionDenied
    rows = LessonQuestion.objects.select_related("enrolment__person", "enrolment__training_class__institution")
    if acting.role is Role.TRAINEE:
        if acting.person is None:
            return rows.none()
        return rows.filter(enrolment__person__uuid__in=records_of([acting.person])[acting.person])
    return rows.filter(enrolment__training_class__in=readable_classes(acting).order_by().values("pk"))


def waiting_questions(acting: Acting) -> int:
    """How many questions wait for this teacher; 0 for everybody else."""
    if acting.role is not Role.INSTRUCTOR or can(acting, "lesson_question", "update") is None:
        return 0
    return _readable(acting).filter(waiting_since__isnull=False).count()


def overdue_before(now: datetime) -> datetime:
    """Whoever asked before this moment and waits still, waits too long."""
    return now - timedelta(days=ANSWER_WITHIN_DAYS)


def question_counts(row: TrainingClass, *, now: datetime) -> tuple[int, int]:
    """Of one class: how many questions wait, and how many of them too long; one query."""
    since = LessonQuestion.objects.filter(enrolment__training_class=row, waiting_since__isnull=False).values_list(
        "waiting_since", flat=True
    )
    moments = [moment for moment in since if moment is not None]
    return len(moments), sum(moment < overdue_before(now) for moment in moments)


def question_list(acting: Acting, *, show: str, now: datetime) -> QuestionList:
    """Questions she sees: those that wait first, the longest waiting on top. Raises PermissionDenied."""
    own = acting.role is Role.TRAINEE
    rows = _readable(acting)
    waiting = rows.filter(waiting_since__isnull=False)
    overdue = waiting.filter(waiting_since__lt=overdue_before(now))
    if own or show == ALL:
        wanted = rows.order_by("waiting_since", "-asked_at") if not own else rows.order_by("-asked_at", "-id")
        show = ALL
    else:
        wanted = (overdue if show == OVERDUE else waiting).order_by("waiting_since", "id")
    listed = list(wanted[:_ROWS])
    manifests = manifests_of(row.enrolment.training_class for row in listed)
    return QuestionList(
        rows=tuple(_row(row, manifests.get(row.enrolment.training_class_id), own=own, now=now) for row in listed),
        waiting=waiting.count(),
        overdue=overdue.count(),
        within=ANSWER_WITHIN_DAYS,
        show=show if show in {OVERDUE, ALL} else WAITING,
        own=own,
    )


def _row(row: LessonQuestion, data: ManifestData | None, *, own: bool, now: datetime) -> QuestionRow:
    return QuestionRow(
        uuid=row.uuid,
        excerpt=shortened(row.text, _EXCERPT),
        who="" if own else masked_name(row.enrolment.person.name),
        lesson=lesson_title(data, row.lesson),
        class_name=row.enrolment.training_class.name,
        asked_at=row.asked_at,
        days=_days(row, now),
        waiting=row.waiting_since is not None,
        overdue=_overdue(row, now),
        url=reverse("courses:lesson_question", args=[row.uuid]),
    )


def _days(row: LessonQuestion, now: datetime) -> int:
    return max((now - row.waiting_since).days, 0) if row.waiting_since else 0


def _overdue(row: LessonQuestion, now: datetime) -> bool:
    return row.waiting_since is not None and row.waiting_since < overdue_before(now)


def question_for(acting: Acting, uuid: UUID) -> LessonQuestion:
    """The gate of one thread. Raises PermissionDenied, Http404."""
    row = _readable(acting).prefetch_related("answers__by_person").filter(uuid=uuid).first()
    if row is None:
        raise Http404
    return row


def question_page(acting: Acting, row: LessonQuestion, *, now: datetime) -> QuestionPage:
    """One thread; `row` from `question_for`."""
    training_class = row.enrolment.training_class
    mine = acting.role is Role.TRAINEE and canonical_person(row.enrolment.person.uuid) == acting.person
    data = manifest_of(training_class)
    held = data.lesson(row.lesson) if data else None
    reads = mine or can(acting, "study", "read") is not None
    return QuestionPage(
        view=_view(row, mine=mine),
        who="" if mine else masked_name(row.enrolment.person.name),
        lesson=held.title if held else "",
        lesson_url=reverse("courses:lesson", args=[training_class.uuid, row.lesson]) if held and reads else "",
        class_name=training_class.name,
        overdue=_overdue(row, now),
        days=_days(row, now),
        may_answer=may_answer(acting, training_class),
        may_follow=mine,
        back_url=reverse("courses:lesson_questions"),
    )
