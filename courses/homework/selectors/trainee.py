"""Her pages: the tasks of her classes, and one of them."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from django.urls import reverse
from django.utils.translation import gettext as _

from assessment.api import PartRule
from courses.enrolment.models import Enrolment
from courses.enrolment.types import EnrolmentState
from courses.homework.models import HomeworkItem
from courses.homework.selectors.attempts import attempts_of, task_head
from courses.homework.selectors.places import (
    ClassTask,
    Place,
    class_tasks,
    homework_rule,
    my_enrolments,
    why_closed,
)
from courses.homework.selectors.standing import latest_items, mark_on, state_label, told_parts
from courses.homework.types import (
    OPEN_STATES,
    PICTURES_MAX,
    AttemptView,
    ClassTasks,
    ItemState,
    TaskPage,
    TaskRow,
)
from lms.accounts.api import Acting


def counts_words(rule: PartRule | None) -> str:
    """What homework is worth in the assessment; "" where it has no part in it."""
    if rule is None:
        return ""
    said = {"weight": _plain(rule.weight), "mark": _plain(rule.pass_mark)}
    return _("Homework counts %(weight)s%% of the assessment; %(mark)s marks are needed to pass it.") % said


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"


def my_tasks(acting: Acting) -> tuple[ClassTasks, ...]:
    """The tasks of each of her classes, newest class first. Raises PermissionDenied."""
    enrolments = [row for row in my_enrolments(acting) if row.state != EnrolmentState.APPROVED]
    items, parts = latest_items(row.pk for row in enrolments), told_parts(row.pk for row in enrolments)
    shown = []
    for row in enrolments:
        tasks = class_tasks(row.training_class)
        if not tasks:
            continue
        rows = tuple(_row(row, task, items.get((row.pk, task.block.uid))) for task in tasks)
        part = parts.get(row.pk)
        shown.append(
            ClassTasks(
                class_name=row.training_class.name,
                counts=counts_words(homework_rule(row.training_class)),
                part=part.mark if part else None,
                rows=rows,
                marked=sum(each.mark is not None for each in rows),
            )
        )
    return tuple(shown)


def _row(enrolment: Enrolment, task: ClassTask, item: HomeworkItem | None) -> TaskRow:
    label, tone = state_label(ItemState(item.state) if item else None)
    return TaskRow(
        title=task.block.title,
        lesson_title=task.lesson_title,
        state_label=label,
        tone=tone,
        mark=mark_on(item),
        url=reverse("courses:homework_task", args=[enrolment.training_class.uuid, task.block.uid]),
    )


def task_page(acting: Acting, place: Place, *, now: datetime) -> TaskPage:
    """One task; `place` from `place_for`."""
    enrolment, task = place.enrolment, place.task
    row = enrolment.training_class
    attempts = attempts_of(enrolment.pk, task.block.uid, user=acting.user or enrolment.uuid, now=now)
    last = attempts[-1] if attempts else None
    under_way = last if last and last.state in OPEN_STATES else None
    draft = _draft(under_way)
    closed = why_closed(enrolment)
    may_write = not closed and (last is None or last.state in {ItemState.DRAFT, ItemState.RETURNED})
    label, tone = state_label(last.state if last else None)
    addresses: list[str] = [str(row.uuid), str(task.block.uid)]
    # After a return she starts from what she handed in, until the first save makes it a draft of its own.
    copied = last if may_write and last and last.state is ItemState.RETURNED else None
    shown = under_way or copied
    return TaskPage(
        head=task_head(row, task),
        state_label=label,
        tone=tone,
        headline=_headline(last, attempts, closed),
        now=shown,
        revision=draft.revision if draft else 0,
        saved_at=draft.saved_at if draft else None,
        may_write=may_write,
        may_take_back=bool(last and last.state is ItemState.HANDED_IN and not closed),
        closed=closed,
        counts=counts_words(homework_rule(row)),
        earlier=tuple(reversed([each for each in attempts if each is not under_way])),
        pictures_left=max(0, PICTURES_MAX - len(shown.pictures)) if shown else PICTURES_MAX,
        save_url=reverse("courses:homework_task", args=addresses),
        draft_url=reverse("courses:homework_draft", args=addresses),
        video_url=reverse("courses:homework_video", args=addresses),
        take_back_url=reverse("courses:homework_take_back", args=[last.uuid]) if last else "",
        list_url=reverse("courses:homework"),
    )


def _draft(under_way: AttemptView | None) -> HomeworkItem | None:
    if under_way is None or under_way.state is not ItemState.DRAFT:
        return None
    return HomeworkItem.objects.defer("text").get(uuid=under_way.uuid)


def _headline(last: AttemptView | None, attempts: Sequence[AttemptView], closed: str) -> str:
    """The sentence that answers "what now"."""
    if last is not None and last.state is ItemState.MARKED:
        return _("Your instructor has marked it.")
    if last is not None and last.state is ItemState.HANDED_IN:
        return _("Handed in. Your instructor will mark it, and you will be told.")
    if closed:
        return closed
    if last is not None and last.state is ItemState.RETURNED:
        return _("Returned. Read why, change it and hand it in again.")
    if len(attempts) > 1:
        return _("Change it and hand it in again.")
    return _("Do the task, then hand in what you have made.")
