"""Figures of a small class, computed by hand: three lessons of 20, 40 and 0 minutes, four trainees."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from courses.learning.types import LessonStanding, StudyState
from courses.reports.logic import (
    deepest_drop,
    due_days,
    due_lines,
    farthest_off,
    lesson_lines,
    lesson_rows,
    rounded,
    share,
    trainee_lines,
)
from courses.reports.types import ClassFacts, Due, Handed, Pace, PlannedLesson, Spent, Studied

ONE, TWO, THREE = (UUID(int=number) for number in (1, 2, 3))
TASK, OTHER, GONE = (UUID(int=number) for number in (91, 92, 99))
LESSONS = (
    PlannedLesson(ONE, 1, "红线", 20, 3, (TASK,)),
    PlannedLesson(TWO, 2, "四步法", 40, 3, (OTHER,)),
    PlannedLesson(THREE, 3, "线下演练", 0, 0, ()),
)
# A Monday; the class runs for two weeks, today is its ninth day.
FIRST = date(2026, 3, 2)
TODAY = date(2026, 3, 10)


def at(day: int, hour: int = 2) -> datetime:
    """10:00 in Shanghai on a day of March."""
    return datetime(2026, 3, day, hour, tzinfo=UTC)


def stood(
    lesson: UUID, percent: int, seen: int, *, done: int | None = None, right: int = 0, of: int = 0
) -> LessonStanding:
    state = StudyState.COMPLETED if done else StudyState.OPENED
    return LessonStanding(
        lesson, state, percent, at(2), at(done) if done else None, right=right, checks=of, seen_at=at(seen)
    )


def studied(
    number: int, *lessons: LessonStanding, time: Mapping[UUID | None, Spent] | None = None, **homework: Handed
) -> Studied:
    names = {"task": TASK, "other": OTHER, "gone": GONE}
    seen = max((each.seen_at for each in lessons if each.seen_at), default=None)
    return Studied(
        enrolment=UUID(int=100 + number),
        name=f"学员{number}",
        lessons={each.lesson: each for each in lessons},
        ended={each.lesson: each.completed_at.date() for each in lessons if each.completed_at},
        seen_at=seen,
        seen_on=seen.date() if seen else None,
        time=time or {},
        homework={names[name]: handed for name, handed in homework.items()},
    )


ALL_DONE = studied(
    1,
    stood(ONE, 100, 3, done=3, right=3, of=3),
    stood(TWO, 100, 5, done=5, right=1, of=2),
    stood(THREE, 100, 6, done=6),
    time={ONE: Spent(1200, 1500), TWO: Spent(1800, 1800), None: Spent(600, 600)},
    task=Handed(Decimal("80.5")),
    other=Handed(Decimal(90)),
)
LATE = studied(
    2,
    stood(ONE, 100, 8, done=8, right=2, of=3),
    stood(TWO, 60, 9, right=0, of=1),
    time={ONE: Spent(1200, 2700), TWO: Spent(300, 300)},
    task=Handed(None),
    other=Handed(None, returned=True),
)
AWAY = studied(3, stood(ONE, 30, 2))
NEVER = studied(4, gone=Handed(Decimal(50)))
FACTS = ClassFacts(
    lessons=LESSONS,
    trainees=(ALL_DONE, LATE, AWAY, NEVER),
    dues=(Due(ONE, date(2026, 3, 4)), Due(None, date(2026, 3, 20))),
    today=TODAY,
    runs=(FIRST, date(2026, 3, 15)),
)


def without_dues(**changes: Any) -> ClassFacts:
    return replace(FACTS, dues=(), **changes)


def test_a_lessons_own_deadline_comes_before_the_one_for_all() -> None:
    assert due_days(LESSONS, FACTS.dues) == {
        ONE: date(2026, 3, 4),
        TWO: date(2026, 3, 20),
        THREE: date(2026, 3, 20),
    }
    assert due_days(LESSONS, [Due(TWO, TODAY)]) == {TWO: TODAY}


def test_each_trainee() -> None:
    done, late, away, never = trainee_lines(FACTS)
    assert (done.completed, done.opened, done.lessons) == (3, 3, 3)
    # 20 + 30 min of lessons and 10 min of another platform, of 60 planned.
    assert (done.counted_s, done.planned_s) == (3600, 3600)
    assert (done.right, done.answered) == (4, 5)
    assert (done.handed, done.tasks, done.mean) == (2, 2, Decimal("85.3"))
    assert (done.overdue, done.late, done.seen_at) == (0, 0, at(6))
    # Lesson 1 was due on the 4th and finished on the 8th; what was returned is not handed in.
    assert (late.completed, late.overdue, late.late, late.handed, late.mean) == (1, 0, 1, 1, None)
    assert (late.counted_s, late.right, late.answered) == (1500, 2, 4)
    assert (away.completed, away.opened, away.overdue, away.seen_at) == (0, 1, 1, at(2))
    # Homework for a task the class no longer has is not in her figures.
    assert (never.opened, never.handed, never.mean, never.overdue) == (0, 0, None, 1)


def test_how_they_stand() -> None:
    assert [line.pace for line in trainee_lines(FACTS)] == [Pace.DONE, Pace.STUDYING, Pace.LATE, Pace.LATE]
    # Without deadlines: last seen on the 2nd is eight days ago; who never began is away since the first day.
    assert [line.pace for line in trainee_lines(without_dues())] == [
        Pace.DONE,
        Pace.STUDYING,
        Pace.IDLE,
        Pace.IDLE,
    ]
    # Six days after the first day nobody is away, and after the class nobody is any more.
    for today in (date(2026, 3, 8), date(2026, 3, 16)):
        paces = [line.pace for line in trainee_lines(without_dues(today=today))]
        assert paces == [Pace.DONE, Pace.STUDYING, Pace.STUDYING, Pace.NEW]
    assert {line.pace for line in trainee_lines(without_dues(lessons=()))} <= {Pace.IDLE, Pace.STUDYING, Pace.NEW}


def test_each_lesson() -> None:
    one, two, three = lesson_lines(FACTS)
    assert (one.opened, one.half, one.finished) == (3, 2, 2)
    # (25 + 45) / 2 = 35 min, before the cap of 20.
    assert (one.timed, one.spent_s) == (2, 2100)
    assert (one.right, one.answered) == (5, 6)
    assert (two.opened, two.half, two.finished, two.timed, two.spent_s) == (2, 2, 1, 1, 1800)
    # Finished without time on record: a gap, not zero minutes.
    assert (three.opened, three.finished, three.timed, three.spent_s) == (1, 1, 0, None)


def test_the_findings() -> None:
    lines = lesson_lines(FACTS)
    # Lessons 1 and 2 both lose one: the earlier is told.
    assert (worst := deepest_drop(lines)) is not None
    assert worst.lesson.number == 1
    assert deepest_drop(lesson_lines(replace(FACTS, trainees=(ALL_DONE,)))) is None
    # 35 of 20 minutes is 75 % off, 30 of 40 is 25 %.
    assert farthest_off((line.lesson, line.spent_s) for line in lines) == LESSONS[0]
    assert farthest_off([(LESSONS[1], 1800)]) == LESSONS[1]
    assert farthest_off([(LESSONS[1], 1801), (LESSONS[2], 99)]) is None
    assert farthest_off([]) is None


def test_each_deadline() -> None:
    one, every = due_lines(FACTS)
    assert (one.in_time, one.later, one.missing) == (1, 1, 2)
    assert (every.in_time, every.later, every.missing) == (1, 0, 3)
    # The last of all lessons decides: it was finished on the 6th.
    [missed] = due_lines(replace(FACTS, dues=(Due(None, date(2026, 3, 5)),)))
    assert (missed.in_time, missed.later, missed.missing) == (0, 1, 3)
    [nothing] = due_lines(replace(FACTS, lessons=(), dues=(Due(None, TODAY),)))
    assert (nothing.in_time, nothing.missing) == (0, 4)


def test_one_persons_lessons() -> None:
    one, two, three = lesson_rows(LATE, FACTS)
    assert (one.late_days, one.overdue, one.handed, one.returned, one.mean) == (4, False, 1, 0, None)
    assert (two.handed, two.returned, two.due) == (0, 1, date(2026, 3, 20))
    assert (three.standing, three.time, three.overdue) == (None, Spent(0, 0), False)
    assert [row.overdue for row in lesson_rows(AWAY, FACTS)] == [True, False, False]


def test_shares_are_rounded_once_half_up() -> None:
    assert [share(1, 3), share(2, 3), share(1, 8), share(0, 4), share(0, 0)] == [33, 67, 13, 0, None]
    assert [rounded(1, 2), rounded(3, 2), rounded(1, 3)] == [1, 2, 0]
    assert timedelta(seconds=rounded(4200, 2)) == timedelta(minutes=35)
