"""How somebody's homework stands: marks that count, what it came to, what a lesson's page says of a task."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from django.db.models import OuterRef, Subquery
from django.urls import reverse
from django.utils.translation import pgettext

from courses.enrolment.models import Enrolment
from courses.homework.models import HomeworkItem, HomeworkMark, HomeworkPart
from courses.homework.selectors.places import ClassTask
from courses.homework.types import ItemState, Standing
from courses.learning.above import TaskLink


def newest_mark() -> Subquery:
    """The mark that counts of each hand-in."""
    marks = HomeworkMark.objects.filter(item=OuterRef("pk")).order_by("-version")
    return Subquery(marks.values("mark")[:1])


def mark_on(row: HomeworkItem | None) -> Decimal | None:
    """That mark, on a row annotated with it as `newest`; None without one."""
    mark: Decimal | None = getattr(row, "newest", None)
    return mark


def state_label(state: ItemState | None) -> tuple[str, str]:
    """What a state is called, and the tone of its tag; None: nothing was begun."""
    if state is None:
        return pgettext("homework", "Not begun"), "mute"
    return {
        ItemState.DRAFT: (pgettext("homework", "Draft"), "warn"),
        ItemState.HANDED_IN: (pgettext("homework", "To be marked"), "now"),
        ItemState.RETURNED: (pgettext("homework", "Returned"), "bad"),
        ItemState.MARKED: (pgettext("homework", "Marked"), "ok"),
    }[state]


def latest_items(enrolments: Iterable[int]) -> dict[tuple[int, UUID], HomeworkItem]:
    """(enrolment, task) → its latest attempt, with `newest` its mark; one query."""
    rows = HomeworkItem.objects.filter(enrolment__in=list(enrolments)).annotate(newest=newest_mark())
    return {(row.enrolment_id, row.task): row for row in rows.defer("text").order_by("attempt_no")}


def standing_of(enrolment: Enrolment, tasks: Sequence[ClassTask]) -> Standing:
    """Her marks over the tasks of her class; one query."""
    marked = HomeworkItem.objects.filter(enrolment=enrolment, state=ItemState.MARKED).annotate(newest=newest_mark())
    return Standing(
        enrolment=enrolment.uuid,
        tasks=tuple(task.block.uid for task in tasks),
        marks=dict(marked.values_list("task", "newest")),
    )


def told_parts(enrolments: Iterable[int]) -> dict[int, HomeworkPart]:
    """Enrolment → what was last told to the assessment; one query."""
    rows = HomeworkPart.objects.filter(enrolment__in=list(enrolments)).order_by("version")
    return {row.enrolment_id: row for row in rows}


def task_links(enrolment: UUID, training_class: UUID, tasks: Sequence[UUID]) -> Mapping[UUID, TaskLink]:
    """What a lesson's page says of each of its tasks; one query."""
    rows = HomeworkItem.objects.filter(enrolment__uuid=enrolment, task__in=tasks).annotate(newest=newest_mark())
    latest = {row.task: row for row in rows.defer("text").order_by("attempt_no")}
    return {task: _link(latest.get(task), training_class, task) for task in tasks}


def _link(row: HomeworkItem | None, training_class: UUID, task: UUID) -> TaskLink:
    state = ItemState(row.state) if row else None
    label, tone = state_label(state)
    words = {
        None: pgettext("homework", "Hand in this task"),
        ItemState.DRAFT: pgettext("homework", "Go on and hand in"),
        ItemState.HANDED_IN: pgettext("homework", "See what you handed in"),
        ItemState.RETURNED: pgettext("homework", "See why, and hand in again"),
        ItemState.MARKED: pgettext("homework", "See the mark and the words"),
    }[state]
    return TaskLink(label, tone, mark_on(row), words, reverse("courses:homework_task", args=[training_class, task]))


def lesson_shares(enrolment: UUID) -> Mapping[UUID, Fraction]:
    """Lesson → the mean share of the marks in its tasks, 0 to 1; one query."""
    marked = HomeworkItem.objects.filter(enrolment__uuid=enrolment, state=ItemState.MARKED)
    found: dict[UUID, list[Decimal]] = {}
    for lesson, mark in marked.annotate(newest=newest_mark()).order_by().values_list("lesson", "newest"):
        found.setdefault(lesson, []).append(mark)
    return {lesson: sum(map(Fraction, marks), Fraction(0)) / (100 * len(marks)) for lesson, marks in found.items()}
