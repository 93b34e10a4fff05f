"""Which tasks a class has, and the gates of homework: hers, and of those who read it."""

from dataclasses import dataclass
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as _

from assessment.api import Part, PartRule, specification
from courses.catalogue.selectors import manifest
from courses.catalogue.types import TaskBlock
from courses.classes.models import TrainingClass
from courses.classes.selectors import class_manifest, readable_classes
from courses.classes.types import ClassState
from courses.enrolment.models import Enrolment
from courses.enrolment.types import PLACED, EnrolmentState
from courses.homework.models import HomeworkItem, HomeworkPart, HomeworkPicture
from courses.homework.types import ItemState
from lms.accounts.api import Acting, Role, can, records_of

# Homework is handed in from the first day of teaching until the class is closed.
_EXAMINED = frozenset({EnrolmentState.IN_TRAINING, EnrolmentState.RESIT})
_TAUGHT = frozenset({ClassState.TEACHING, ClassState.FINISHED, ClassState.ASSESSMENT})


@dataclass(frozen=True)
class ClassTask:
    """A practice task of a class's curriculum, and the lesson it stands in."""

    block: TaskBlock
    lesson: UUID
    lesson_version: UUID
    lesson_title: str


@dataclass(frozen=True)
class Place:
    """Where she hands in: her enrolment, with its class, and the task."""

    enrolment: Enrolment
    task: ClassTask


def class_tasks(row: TrainingClass) -> tuple[ClassTask, ...]:
    """The tasks of the curriculum the class is pinned to, in its order; empty for a class without one."""
    uuid = class_manifest(row)
    if uuid is None:
        return ()
    found: dict[UUID, ClassTask] = {}
    for course in manifest(uuid).courses:
        for lesson in course.lessons:
            for block in lesson.tasks:
                found.setdefault(block.uid, ClassTask(block, lesson.uid, lesson.version, lesson.title))
    return tuple(found.values())


def homework_rule(row: TrainingClass) -> PartRule | None:
    """The homework part of the class's specification; None where homework does not count (S5-21)."""
    return specification(row.specification).part(Part.HOMEWORK)


def placed_in(row: TrainingClass) -> QuerySet[Enrolment]:
    """Whoever took a place in the class, by the order of enrolment."""
    return Enrolment.objects.filter(training_class=row, state__in=PLACED).select_related("person").order_by("id")


# ---- hers ----


def require_trainee(acting: Acting) -> None:
    """Gate of her own pages. Raises PermissionDenied for everybody who hands nothing in."""
    if can(acting, "homework", "create") is None:
        raise PermissionDenied


def my_enrolments(acting: Acting) -> QuerySet[Enrolment]:
    """Her places in classes, newest first, whichever record of hers they were made under. Raises PermissionDenied."""
    require_trainee(acting)
    if acting.person is None:
        return Enrolment.objects.none()
    rows = Enrolment.objects.filter(person__uuid__in=records_of([acting.person])[acting.person], state__in=PLACED)
    return rows.select_related("training_class__institution", "person").order_by("-id")


def place_for(acting: Acting, training_class: UUID, task: UUID) -> Place:
    """The gate of one task of hers. Raises PermissionDenied, Http404."""
    enrolment = my_enrolments(acting).filter(training_class__uuid=training_class).first()
    if enrolment is None:
        raise Http404
    found = next((each for each in class_tasks(enrolment.training_class) if each.block.uid == task), None)
    if found is None:
        raise Http404
    return Place(enrolment, found)


def why_closed(enrolment: Enrolment) -> str:
    """Why nothing can be handed in now, in words; "" while it can."""
    if enrolment.state == EnrolmentState.APPROVED:
        return _("Homework is handed in once the training has begun.")
    if enrolment.state not in _EXAMINED or enrolment.training_class.state not in _TAUGHT:
        return _("The training is over; nothing more can be handed in.")
    if HomeworkPart.objects.filter(enrolment=enrolment, settled=True).exists():
        return _("The homework of your class is settled; nothing more can be handed in.")
    return ""


def may_write(place: Place) -> bool:
    """Whether she may change what she hands in: it is open, neither waiting nor marked."""
    items = HomeworkItem.objects.filter(enrolment=place.enrolment, task=place.task.block.uid)
    return (
        not why_closed(place.enrolment) and not items.filter(state__in=(ItemState.HANDED_IN, ItemState.MARKED)).exists()
    )


# ---- those who read ----


def readable_items(acting: Acting) -> QuerySet[HomeworkItem]:
    """What was handed in to the classes this reader sees; drafts are nobody's but hers. Raises PermissionDenied."""
    return _items_of_her_classes(acting).exclude(state=ItemState.DRAFT)


def _items_of_her_classes(acting: Acting) -> QuerySet[HomeworkItem]:
    if can(acting, "homework", "read") is None or acting.role is Role.TRAINEE:
        raise PermissionDenied
    rows = HomeworkItem.objects.filter(enrolment__training_class__in=readable_classes(acting).order_by().values("pk"))
    return rows.select_related("enrolment__training_class__institution", "enrolment__person")


def taken_back(acting: Acting, uuid: UUID) -> bool:
    """Whether a hand-in that this reader could see a moment ago is its owner's draft again: she is told that, and no more.
    Raises PermissionDenied."""
    return _items_of_her_classes(acting).filter(uuid=uuid, state=ItemState.DRAFT).exists()


def item_for(acting: Acting, uuid: UUID) -> HomeworkItem:
    """The gate of one hand-in on the desk. Raises PermissionDenied, Http404."""
    row = readable_items(acting).filter(uuid=uuid).first()
    if row is None:
        raise Http404
    return row


def own_item(acting: Acting, uuid: UUID) -> HomeworkItem:
    """The gate of one hand-in of hers. Raises PermissionDenied, Http404."""
    mine = my_enrolments(acting).order_by().values("pk")
    row = HomeworkItem.objects.filter(uuid=uuid, enrolment__in=mine).select_related("enrolment__training_class").first()
    if row is None:
        raise Http404
    return row


def homework_class_for(acting: Acting, uuid: UUID) -> TrainingClass:
    """The gate of the homework of one class. Raises PermissionDenied, Http404."""
    if can(acting, "homework", "read") is None or acting.role is Role.TRAINEE:
        raise PermissionDenied
    row = readable_classes(acting).filter(uuid=uuid).first()
    if row is None:
        raise Http404
    return row


def picture_for(acting: Acting, uuid: UUID) -> HomeworkPicture:
    """The gate of a picture: its maker's, or of a reader of what it was handed in with. Raises PermissionDenied, Http404."""
    row = HomeworkPicture.objects.select_related("item").filter(uuid=uuid).first()
    if row is None:
        raise Http404
    if acting.role is Role.TRAINEE:
        own_item(acting, row.item.uuid)
    else:
        item_for(acting, row.item.uuid)
    return row


def teaches(acting: Acting, row: TrainingClass) -> bool:
    """Whether she is an instructor of the class, whichever record of hers was added."""
    if acting.role is not Role.INSTRUCTOR or acting.person is None:
        return False
    return row.instructors.filter(person__uuid__in=records_of([acting.person])[acting.person]).exists()
