"""A class in training with two lessons of 20 minutes, three trainees, and what they did: the numbers of the tests."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from courses.classes.models import TrainingClass
from courses.enrolment.models import Enrolment
from courses.enrolment.services import start_training
from courses.enrolment.types import EnrolmentState
from courses.homework.models import HomeworkItem, HomeworkMark, HomeworkRubric
from courses.homework.services.rubrics import load_homework_rubrics
from courses.homework.types import ItemState
from courses.learning.models import CheckAttempt, LessonProgress, StudyDeadline
from courses.studytime.models import StudyTotal
from lms.core.clock import day_of
from tests.courses.lessons import DAY, Taught, taught
from tests.courses.school import admitted
from tests.lms.accounts.world import make_person
from tests.media_pipeline.cast import NOW, Cast

# The third day of the class, 14:30 in Shanghai.
TODAY = DAY + timedelta(days=2)


@dataclass(frozen=True)
class Reported:
    """`owner` finished both lessons, `colleague` began the first, `quiet` never came."""

    taught: Taught
    owner: Enrolment
    colleague: Enrolment
    quiet: Enrolment

    @property
    def row(self) -> TrainingClass:
        return self.taught.row

    def url(self, *parts: Any) -> str:
        """An address of the class's report."""
        return "/".join(["/progress", str(self.row.uuid), *map(str, parts), ""])


def placed(row: TrainingClass, serial: int, name: str = "赵小满") -> Enrolment:
    """Somebody more in the class."""
    return Enrolment.objects.create(
        person=make_person(row.institution, None, serial, name),
        training_class=row,
        state=EnrolmentState.IN_TRAINING,
        created_at=NOW,
        moved_at=NOW,
    )


def stood(
    enrolment: Enrolment, lesson: UUID, percent: int, *, at: datetime, done: datetime | None = None
) -> LessonProgress:
    return LessonProgress.objects.create(
        enrolment=enrolment,
        lesson=lesson,
        version=uuid4(),
        percent=percent,
        place_at=at,
        place_key=uuid4(),
        opened_at=DAY,
        completed_at=done,
    )


def answered(enrolment: Enrolment, lesson: UUID, *answers: bool, at: datetime = DAY) -> None:
    """Her answers to one question, one after the other: the last counts."""
    check = uuid4()
    for number, correct in enumerate(answers):
        moment = at + timedelta(minutes=number)
        CheckAttempt.objects.create(
            enrolment=enrolment,
            lesson=lesson,
            version=uuid4(),
            check_uid=check,
            key=uuid4(),
            chosen=["A"],
            correct=correct,
            at=moment,
            received_at=moment,
        )


def timed(enrolment: Enrolment, lesson: UUID | None, minutes: int, *, cap: int | None = 20, day: int = 0) -> None:
    StudyTotal.objects.create(
        enrolment=enrolment,
        lesson=lesson,
        day=day_of(DAY + timedelta(days=day)),
        ms=minutes * 60_000,
        cap_s=cap * 60 if cap else None,
    )


def handed(
    enrolment: Enrolment, task: UUID, *, state: ItemState = ItemState.MARKED, mark: str = "", attempt: int = 1
) -> None:
    item = HomeworkItem.objects.create(
        enrolment=enrolment,
        task=task,
        lesson=uuid4(),
        lesson_version=uuid4(),
        task_title="改三句话",
        attempt_no=attempt,
        state=state,
        created_at=DAY,
        saved_at=DAY,
        handed_in_at=DAY,
        moved_at=DAY,
    )
    if mark:
        HomeworkMark.objects.create(
            item=item,
            version=1,
            rubric=HomeworkRubric.objects.order_by("id")[0],
            levels={},
            mark=Decimal(mark),
            given_by=uuid4(),
            content_hash="0" * 64,
            created_at=DAY,
        )


def reported(cast: Cast) -> Reported:
    load_homework_rubrics()
    made = taught(cast, teach=False)
    admitted(cast, made.row, "colleague")
    start_training(by=cast.acting("school_admin"), training_class=made.row, now=NOW)
    owner, colleague = Enrolment.objects.filter(training_class=made.row).select_related("person").order_by("id")
    world = Reported(made, owner, colleague, placed(made.row, 77))
    first, second = made.lesson(0), made.lesson(1)
    tasks = [lesson.tasks[0].uid for lesson in made.manifest.lessons]
    # Owner: lesson 1 on the first day in 30 minutes (20 count) over two days, lesson 2 on the second day in 14.
    stood(owner, first, 100, at=DAY, done=DAY)
    stood(owner, second, 100, at=DAY + timedelta(days=1), done=DAY + timedelta(days=1))
    timed(owner, first, 18)
    timed(owner, first, 12, day=1)
    timed(owner, second, 14, day=1)
    timed(owner, None, 5, cap=None)
    answered(owner, first, False, True)
    answered(owner, first, True, False)
    answered(owner, second, True)
    handed(owner, tasks[0], state=ItemState.RETURNED)
    handed(owner, tasks[0], mark="80", attempt=2)
    handed(owner, tasks[1], mark="91")
    # Colleague: half of lesson 1 in 6 minutes; her homework waits.
    stood(colleague, first, 50, at=DAY + timedelta(hours=1))
    timed(colleague, first, 6)
    answered(colleague, first, False)
    handed(colleague, tasks[0], state=ItemState.HANDED_IN)
    # Lesson 1 was due on the second day.
    StudyDeadline.objects.create(training_class=made.row, lesson=first, due=day_of(DAY + timedelta(days=1)), set_at=DAY)
    return world
