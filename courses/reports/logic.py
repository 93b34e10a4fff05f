"""Figures from what is on record. No Django; every share is exact until it is shown."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from uuid import UUID

from courses.homework.logic import mean_of
from courses.reports.types import (
    ClassFacts,
    Due,
    DueLine,
    LessonLine,
    LessonRow,
    Pace,
    PlannedLesson,
    Spent,
    Studied,
    TraineeLine,
)

# Somebody who did not study for so many days while the class runs is worth a call. Our proposal; no policy says a number.
IDLE_DAYS = 7
# The time a lesson takes is told as off its plan from this share of the plan on.
OFF_PLAN = Fraction(1, 4)

_NO_TIME = Spent(0, 0)


def due_days(lessons: Iterable[PlannedLesson], dues: Iterable[Due]) -> dict[UUID, date]:
    """Lesson → until when: its own deadline, else the one for all lessons; lessons without either are missing."""
    days = {due.lesson: due.day for due in dues}
    found = {lesson.uid: days.get(lesson.uid, days.get(None)) for lesson in lessons}
    return {uid: day for uid, day in found.items() if day is not None}


def rounded(part: int, whole: int) -> int:
    """The nearest whole number to part/whole, half up. whole is not 0."""
    return (2 * part + whole) // (2 * whole)


def share(right: int, answered: int) -> int | None:
    """Right of answered in whole percent, half up; None where nothing was answered."""
    return rounded(right * 100, answered) if answered else None


# ---- one trainee ----


def trainee_lines(facts: ClassFacts) -> tuple[TraineeLine, ...]:
    """Every trainee, in the order of the class."""
    days = due_days(facts.lessons, facts.dues)
    tasks = frozenset(task for lesson in facts.lessons for task in lesson.tasks)
    planned_s = sum(lesson.minutes for lesson in facts.lessons) * 60
    return tuple(_trainee(one, facts, days, tasks, planned_s) for one in facts.trainees)


def _trainee(
    one: Studied, facts: ClassFacts, days: Mapping[UUID, date], tasks: frozenset[UUID], planned_s: int
) -> TraineeLine:
    completed = opened = right = answered = overdue = late = 0
    for lesson in facts.lessons:
        standing = one.lessons.get(lesson.uid)
        ended = one.ended.get(lesson.uid)
        due = days.get(lesson.uid)
        if due is not None:
            overdue += ended is None and due < facts.today
            late += ended is not None and due < ended
        if standing is None:
            continue
        opened += standing.opened_at is not None
        completed += ended is not None
        right += standing.right
        answered += standing.checks
    handed = [each for task, each in one.homework.items() if task in tasks and not each.returned]
    total = len(facts.lessons)
    return TraineeLine(
        enrolment=one.enrolment,
        name=one.name,
        completed=completed,
        opened=opened,
        lessons=total,
        counted_s=sum(each.counted_s for each in one.time.values()),
        planned_s=planned_s,
        seen_at=one.seen_at,
        right=right,
        answered=answered,
        handed=len(handed),
        tasks=len(tasks),
        mean=mean_of([each.mark for each in handed if each.mark is not None]),
        overdue=overdue,
        late=late,
        pace=_pace(completed, opened, overdue, one.seen_on, facts),
    )


def _pace(completed: int, opened: int, overdue: int, seen: date | None, facts: ClassFacts) -> Pace:
    if facts.lessons and completed == len(facts.lessons):
        return Pace.DONE
    if overdue:
        return Pace.LATE
    first, last = facts.runs
    # Who never began has been away since the first day.
    if first <= facts.today <= last and (facts.today - max(seen or first, first)).days >= IDLE_DAYS:
        return Pace.IDLE
    return Pace.STUDYING if opened else Pace.NEW


def lesson_rows(one: Studied, facts: ClassFacts) -> tuple[LessonRow, ...]:
    """Every lesson of one trainee."""
    days = due_days(facts.lessons, facts.dues)
    rows = []
    for lesson in facts.lessons:
        standing = one.lessons.get(lesson.uid)
        ended, due = one.ended.get(lesson.uid), days.get(lesson.uid)
        there = [one.homework[task] for task in lesson.tasks if task in one.homework]
        rows.append(
            LessonRow(
                lesson=lesson,
                standing=standing,
                time=one.time.get(lesson.uid, _NO_TIME),
                handed=sum(not each.returned for each in there),
                returned=sum(each.returned for each in there),
                mean=mean_of([each.mark for each in there if each.mark is not None and not each.returned]),
                due=due,
                late_days=max(0, (ended - due).days) if ended and due else 0,
                overdue=due is not None and ended is None and due < facts.today,
            )
        )
    return tuple(rows)


# ---- all lessons ----


def lesson_lines(facts: ClassFacts) -> tuple[LessonLine, ...]:
    """Every lesson over all trainees: where they drop off, and how long it takes those who finish."""
    return tuple(_lesson(lesson, facts.trainees) for lesson in facts.lessons)


def _lesson(lesson: PlannedLesson, trainees: Sequence[Studied]) -> LessonLine:
    opened = half = finished = right = answered = timed = spent = 0
    for one in trainees:
        standing = one.lessons.get(lesson.uid)
        if standing is None or standing.opened_at is None:
            continue
        opened += 1
        right += standing.right
        answered += standing.checks
        half += standing.percent >= 50 or standing.completed_at is not None
        if standing.completed_at is None:
            continue
        finished += 1
        took = one.time.get(lesson.uid, _NO_TIME).spent_s
        timed += took > 0
        spent += took
    mean = rounded(spent, timed) if timed else None
    return LessonLine(lesson, opened, half, finished, timed, mean, right, answered)


def due_lines(facts: ClassFacts) -> tuple[DueLine, ...]:
    """Every deadline over all trainees. Of all lessons: the last of them decides."""
    lines = []
    for due in facts.dues:
        wanted = [lesson.uid for lesson in facts.lessons] if due.lesson is None else [due.lesson]
        in_time = later = 0
        for one in facts.trainees:
            days = [one.ended[uid] for uid in wanted if uid in one.ended]
            if not days or len(days) < len(wanted):
                continue
            in_time += max(days) <= due.day
            later += max(days) > due.day
        lines.append(DueLine(due.lesson, due.day, in_time, later, len(facts.trainees) - in_time - later))
    return tuple(lines)


# ---- what to look at first ----


def deepest_drop(lines: Iterable[LessonLine]) -> LessonLine | None:
    """The lesson that most of those who opened it did not finish, the earlier of equals; None where all finished."""
    open_ones = [line for line in lines if line.opened > line.finished]
    return max(open_ones, key=lambda line: (line.opened - line.finished, -line.lesson.number), default=None)


def farthest_off(times: Iterable[tuple[PlannedLesson, int | None]]) -> PlannedLesson | None:
    """The lesson whose seconds lie farthest from its plan, by share of the plan; None where none is a quarter off."""
    off = [
        (Fraction(abs(seconds - lesson.minutes * 60), lesson.minutes * 60), -lesson.number, lesson)
        for lesson, seconds in times
        if seconds is not None and lesson.minutes
    ]
    worst = max(off, key=lambda each: each[:2], default=None)
    return worst[2] if worst and worst[0] >= OFF_PLAN else None
