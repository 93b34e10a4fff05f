"""What this room holds about a person."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Count, Q
from django.utils.translation import pgettext

from courses.homework.models import HomeworkItem, HomeworkMark, HomeworkPart
from courses.homework.selectors.standing import state_label
from courses.homework.types import ItemState
from lms.core.holdings import Holding


def hold(person: UUID, user: UUID | None) -> Sequence[Holding]:
    """What she handed in with the words it was answered with, and what it came to."""
    mine = Q(enrolment__person__uuid=person)
    if user:
        mine |= Q(enrolment__person__user__uuid=user)
    items = HomeworkItem.objects.filter(mine).annotate(number_of_pictures=Count("pictures")).order_by("id")
    marks = HomeworkMark.objects.filter(item__in=HomeworkItem.objects.filter(mine).values("pk")).select_related("item")
    parts = HomeworkPart.objects.filter(mine).select_related("enrolment__training_class").order_by("id")
    return [
        Holding(
            pgettext("homework", "Homework handed in"),
            [
                {
                    pgettext("courses", "Class"): row.enrolment.training_class.name,
                    pgettext("homework", "Task"): row.task_title,
                    pgettext("homework", "Attempt"): row.attempt_no,
                    pgettext("courses", "State"): state_label(ItemState(row.state))[0],
                    pgettext("homework", "Handed in"): row.handed_in_at,
                    pgettext("homework", "Text"): row.text,
                    pgettext("homework", "Pictures"): row.number_of_pictures,
                    pgettext("homework", "Reason of the return"): row.returned.reason
                    if hasattr(row, "returned")
                    else "",
                }
                for row in items.select_related("enrolment__training_class", "returned")
            ],
        ),
        Holding(
            pgettext("homework", "Marks of homework"),
            [
                {
                    pgettext("homework", "Task"): row.item.task_title,
                    pgettext("homework", "Mark"): row.mark,
                    pgettext("homework", "Words of the instructor"): row.words,
                    pgettext("homework", "Marked"): row.created_at,
                }
                for row in marks.order_by("id")
            ],
        ),
        Holding(
            pgettext("homework", "Homework in the assessment"),
            [
                {
                    pgettext("courses", "Class"): row.enrolment.training_class.name,
                    pgettext("homework", "Mark"): row.mark,
                    pgettext("homework", "Told"): row.created_at,
                }
                for row in parts
            ],
        ),
    ]
