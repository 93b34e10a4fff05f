"""The desk's pages: what is to be marked, one hand-in, the homework of a class."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Count, Q
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from courses.catalogue.selectors import lesson_version
from courses.catalogue.types import TaskBlock
from courses.classes.models import TrainingClass
from courses.classes.selectors import readable_classes
from courses.classes.types import ClassState
from courses.enrolment.models import Enrolment
from courses.enrolment.types import EnrolmentState
from courses.homework.logic import mean_of
from courses.homework.models import HomeworkItem, HomeworkPart
from courses.homework.selectors.attempts import attempts_of, task_head
from courses.homework.selectors.places import (
    ClassTask,
    class_tasks,
    homework_rule,
    placed_in,
    readable_items,
    teaches,
)
from courses.homework.selectors.rubrics import rubric_for, title_of
from courses.homework.selectors.standing import latest_items, mark_on, newest_mark, state_label, told_parts
from courses.homework.selectors.trainee import counts_words
from courses.homework.types import (
    ClassHomeworkPage,
    HomeworkListPage,
    HomeworkRefused,
    HomeworkShelf,
    ItemRow,
    ItemState,
    MarkingPage,
    TaskTally,
    TraineeTally,
)
from lms.accounts.api import Acting, can, masked_name, records_of
from media_pipeline.api import ROWS_A_PAGE, pages

_SHELVES = {
    "waiting": ItemState.HANDED_IN,
    "returned": ItemState.RETURNED,
    "marked": ItemState.MARKED,
}


def waiting_homework(acting: Acting) -> int:
    """How many hand-ins wait for this instructor's mark; 0 for everybody else."""
    if can(acting, "homework", "update") is None:
        return 0
    return readable_items(acting).filter(state=ItemState.HANDED_IN).count()


def homework_list(
    acting: Acting, *, shelf: str = "", training_class: UUID | None = None, page: int = 1
) -> HomeworkListPage:
    """One list of the desk, by default what waits. Raises PermissionDenied, Http404 (an unknown class)."""
    rows = readable_items(acting)
    held: TrainingClass | None = None
    if training_class is not None:
        held = readable_classes(acting).filter(uuid=training_class).first()
        if held is None:
            raise Http404
        rows = rows.filter(enrolment__training_class=held)
    counts = rows.aggregate(**{name: Count("pk", filter=Q(state=state)) for name, state in _SHELVES.items()})
    shelf = shelf if shelf in _SHELVES else "waiting"
    labels = {
        "waiting": pgettext("homework", "To be marked"),
        "returned": pgettext("homework", "Returned"),
        "marked": pgettext("homework", "Marked"),
    }
    found = pages(counts[shelf], page)
    order = ("handed_in_at", "id") if shelf == "waiting" else ("-moved_at", "-id")
    shown = rows.filter(state=_SHELVES[shelf]).annotate(newest=newest_mark()).defer("text").order_by(*order)
    asked = {"class": str(training_class)} if training_class else {}
    url = reverse("courses:homework")
    return HomeworkListPage(
        rows=tuple(_row(row) for row in shown[found.start : found.start + ROWS_A_PAGE]),
        shelves=tuple(
            HomeworkShelf(
                name, labels[name], counts[name], f"{url}?{urlencode({'show': name, **asked})}", name == shelf
            )
            for name in _SHELVES
        ),
        shelf=shelf,
        class_name=held.name if held else "",
        class_url=reverse("courses:homework_class", args=[held.uuid]) if held else "",
        all_url=f"{url}?{urlencode({'show': shelf})}",
        pages=found,
        asked=urlencode({"show": shelf, **asked}),
        marks=can(acting, "homework", "update") is not None,
    )


def _row(row: HomeworkItem) -> ItemRow:
    label, tone = state_label(ItemState(row.state))
    return ItemRow(
        trainee=masked_name(row.enrolment.person.name),
        class_name=row.enrolment.training_class.name,
        task_title=row.task_title,
        attempt=row.attempt_no,
        handed_in_at=row.handed_in_at or row.moved_at,
        state_label=label,
        tone=tone,
        mark=mark_on(row),
        url=reverse("courses:homework_item", args=[row.uuid]),
    )


# ---- one hand-in ----


def marking_page(acting: Acting, row: HomeworkItem, *, now: datetime) -> MarkingPage:
    """One hand-in with every attempt before it; `row` from `item_for`. Raises HomeworkRefused ("rubric")."""
    held = row.enrolment.training_class
    state = ItemState(row.state)
    attempts = attempts_of(row.enrolment_id, row.task, user=acting.user or row.uuid, now=now)
    shown = next(each for each in attempts if each.uuid == row.uuid)
    own = acting.person in records_of([row.enrolment.person.uuid])[row.enrolment.person.uuid]
    may_mark = teaches(acting, held) and not own
    given = row.marks.order_by("-version").first()
    return MarkingPage(
        attempt=shown,
        head=task_head(held, _task_of(row, held)),
        trainee=masked_name(row.enrolment.person.name),
        earlier=tuple(
            each for each in reversed(attempts) if each.number < shown.number and each.state is not ItemState.DRAFT
        ),
        rubric=rubric_for(homework_rule(held)),
        chosen=dict(given.levels) if given else {},
        may_mark=may_mark and state in {ItemState.HANDED_IN, ItemState.MARKED},
        open=state is ItemState.HANDED_IN,
        next_url=_next(acting, row) if may_mark else "",
        mark_url=reverse("courses:homework_mark", args=[row.uuid]),
        return_url=reverse("courses:homework_return", args=[row.uuid]),
        list_url=reverse("courses:homework"),
        class_url=reverse("courses:homework_class", args=[held.uuid]),
    )


def _task_of(row: HomeworkItem, held: TrainingClass) -> ClassTask:
    """The task as it read when she handed in, also where the class's curriculum has changed since."""
    version = lesson_version(row.lesson_version)
    blocks = (block for block in version.document.blocks if isinstance(block, TaskBlock) and block.uid == row.task)
    return ClassTask(next(blocks), row.lesson, row.lesson_version, version.title)


def next_item(acting: Acting, after: HomeworkItem) -> str:
    """Where to go on marking after this one: the oldest that waits in the same class, else anywhere; "" for none."""
    return _next(acting, after)


def _next(acting: Acting, row: HomeworkItem) -> str:
    waiting = readable_items(acting).filter(state=ItemState.HANDED_IN).exclude(pk=row.pk).order_by("handed_in_at", "id")
    same = waiting.filter(enrolment__training_class=row.enrolment.training_class_id)
    found = same.values_list("uuid", flat=True).first() or waiting.values_list("uuid", flat=True).first()
    return reverse("courses:homework_item", args=[found]) if found else ""


# ---- a class ----


@dataclass
class _Count:
    handed_in: int = 0
    waiting: int = 0


def class_homework_page(acting: Acting, row: TrainingClass) -> ClassHomeworkPage:
    """Every task and every trainee of a class; `row` from `homework_class_for`. The number of queries is one."""
    tasks = class_tasks(row)
    there = list(placed_in(row))
    items = latest_items(each.pk for each in there)
    parts = told_parts(each.pk for each in there)
    rule = homework_rule(row)
    settles = teaches(acting, row) and rule is not None
    try:
        rubric_title = title_of(rubric_for(rule))
    except HomeworkRefused as refusal:
        rubric_title = refusal.message
    return ClassHomeworkPage(
        class_uuid=row.uuid,
        class_name=row.name,
        counts=counts_words(rule),
        rubric_title=rubric_title,
        tasks=tuple(_task_tally(task, [items.get((each.pk, task.block.uid)) for each in there]) for task in tasks),
        trainees=tuple(_trainee_tally(each, tasks, items, parts.get(each.pk)) for each in there),
        placed=len(there),
        task_count=len(tasks),
        may_settle=settles
        and _over(row)
        and any(each.state == EnrolmentState.IN_TRAINING and each.pk not in parts for each in there),
        early=_("Homework is settled after the training has ended.") if settles and not _over(row) else "",
        settle_url=reverse("courses:homework_settle", args=[row.uuid]),
        waiting_url=f"{reverse('courses:homework')}?{urlencode({'class': str(row.uuid)})}",
        list_url=reverse("courses:homework"),
        class_url=reverse("courses:class", args=[row.uuid]),
    )


def _over(row: TrainingClass) -> bool:
    return row.state in {ClassState.FINISHED, ClassState.ASSESSMENT}


def _task_tally(task: ClassTask, items: Iterable[HomeworkItem | None]) -> TaskTally:
    there = [item for item in items if item is not None and item.state != ItemState.DRAFT]
    marks = [mark for item in there if (mark := mark_on(item)) is not None]
    return TaskTally(
        title=task.block.title,
        lesson_title=task.lesson_title,
        handed_in=len(there),
        waiting=sum(item.state == ItemState.HANDED_IN for item in there),
        marked=len(marks),
        mean=mean_of(marks),
    )


def _trainee_tally(
    enrolment: Enrolment,
    tasks: Iterable[ClassTask],
    items: dict[tuple[int, UUID], HomeworkItem],
    part: HomeworkPart | None,
) -> TraineeTally:
    hers = [item for task in tasks if (item := items.get((enrolment.pk, task.block.uid)))]
    marks = [mark for item in hers if (mark := mark_on(item)) is not None]
    return TraineeTally(
        trainee=masked_name(enrolment.person.name),
        marked=len(marks),
        waiting=sum(item.state == ItemState.HANDED_IN for item in hers),
        mean=mean_of(marks),
        part=part.mark if part else None,
        settled=bool(part and part.settled),
    )
