"""Gates and reads of reports. However large a class is, the number of queries is one."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Count, Exists, Max, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from courses.classes.models import TrainingClass
from courses.classes.selectors import readable_classes, state_label
from courses.classes.types import ClassState
from courses.enrolment.models import Enrolment
from courses.enrolment.types import PLACED
from courses.homework.models import HomeworkItem
from courses.homework.selectors.standing import newest_mark
from courses.homework.types import ItemState
from courses.learning.models import LessonProgress, StudyDeadline
from courses.learning.selectors.classes import class_progress
from courses.learning.selectors.gates import manifest_of
from courses.learning.selectors.study import state_label as lesson_state
from courses.learning.types import StudyState, TraineeProgress
from courses.reports import words
from courses.reports.logic import (
    deepest_drop,
    due_lines,
    farthest_off,
    lesson_lines,
    lesson_rows,
    rounded,
    share,
    trainee_lines,
)
from courses.reports.types import (
    ClassFacts,
    ClassListPage,
    ClassRow,
    Due,
    DueLine,
    DueShown,
    Figure,
    Handed,
    LessonLine,
    LessonOfHers,
    LessonRow,
    LessonShown,
    Pace,
    PersonPage,
    PlannedLesson,
    ReportPage,
    Shelf,
    Spent,
    Studied,
    TraineeLine,
    TraineeRow,
)
from courses.studytime.logic import lesson_seconds
from courses.studytime.models import StudyTotal
from lms.accounts.api import Acting, Role, can, masked_name
from lms.core.charts import BarChart, BulletBar, NestedBar, bullet_bars, nested_bars
from lms.core.clock import day_of
from lms.notices.api import deadline
from media_pipeline.api import ROWS_A_PAGE, pages

# A report shows how somebody studies, her time and her homework: whoever reads it may read all three.
_OBJECTS = ("study", "study_time", "homework")
# Which trainees each list holds, in the order of the lists; "" is everybody.
_SHELVES: dict[str, Pace | None] = {
    "": None,
    "late": Pace.LATE,
    "idle": Pace.IDLE,
    "new": Pace.NEW,
    "done": Pace.DONE,
}


# ---- gates ----


def _require(acting: Acting) -> None:
    if acting.role is Role.TRAINEE or any(can(acting, kind, "read") is None for kind in _OBJECTS):
        raise PermissionDenied


def reported_class(acting: Acting, uuid: UUID) -> TrainingClass:
    """The gate of a class's report: by role and place. Raises PermissionDenied, Http404."""
    _require(acting)
    row = readable_classes(acting).exclude(state=ClassState.CANCELLED).filter(uuid=uuid).first()
    if row is None:
        raise Http404
    return row


def reported_enrolment(acting: Acting, training_class: UUID, uuid: UUID) -> Enrolment:
    """The gate of one trainee's report. Raises PermissionDenied, Http404."""
    held = reported_class(acting, training_class)
    row = Enrolment.objects.select_related("person").filter(training_class=held, uuid=uuid, state__in=PLACED).first()
    if row is None:
        raise Http404
    row.training_class = held
    return row


def _name(acting: Acting, name: str) -> str:
    """As the matrix lets this role see it."""
    cell = can(acting, "study", "read")
    return masked_name(name) if cell is None or cell.masked else name


# ---- the list ----


def class_list(acting: Acting, *, page: int = 1) -> ClassListPage:
    """The classes she may report on, newest first. Raises PermissionDenied."""
    _require(acting)
    rows = readable_classes(acting).exclude(state=ClassState.CANCELLED)
    found = pages(rows.count(), page)
    placed = Enrolment.objects.filter(training_class=OuterRef("pk"), state__in=PLACED).order_by()
    begun = placed.filter(Exists(LessonProgress.objects.filter(enrolment=OuterRef("pk"))))
    theirs = LessonProgress.objects.filter(enrolment__training_class=OuterRef("pk"), enrolment__state__in=PLACED)
    last = theirs.order_by().values("enrolment__training_class").annotate(at=Max(Coalesce("place_at", "opened_at")))
    seen = Subquery(last.values_list("at"))
    shown = rows.annotate(trainees=Coalesce(_counted(placed), 0), begun=Coalesce(_counted(begun), 0), seen_at=seen)
    return ClassListPage(
        rows=tuple(_class_row(row) for row in shown[found.start : found.start + ROWS_A_PAGE]), pages=found
    )


def _counted(rows: QuerySet[Enrolment]) -> Subquery:
    return Subquery(rows.values("training_class").annotate(number=Count("pk")).values("number"))


def _class_row(row: TrainingClass) -> ClassRow:
    label, tone = state_label(ClassState(row.state))
    return ClassRow(
        name=row.name,
        institution=row.institution.name,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        state_label=label,
        tone=tone,
        trainees=getattr(row, "trainees", 0),
        begun=getattr(row, "begun", 0),
        seen_at=getattr(row, "seen_at", None),
        url=reverse("courses:progress_class", args=[row.uuid]),
    )


# ---- what is on record ----


def class_facts(row: TrainingClass, *, now: datetime, only: UUID | None = None) -> ClassFacts:
    """Everything the figures are made of: nine queries whatever the class's size. The caller has the gate.

    only: one enrolment instead of all. Study time as its days were last summed up, at most some minutes ago.
    """
    data = manifest_of(row)
    progress = class_progress(row, only=only)
    placed = Enrolment.objects.filter(training_class=row, state__in=PLACED)
    # By number: a class of hundreds has thousands of rows, and a uuid costs more than all else that is read of one.
    numbers = {uuid: pk for pk, uuid in (placed.filter(uuid=only) if only else placed).values_list("pk", "uuid")}
    time, homework = _time(row, only), _homework(row, only)
    return ClassFacts(
        lessons=tuple(
            PlannedLesson(
                uid=lesson.uid,
                number=lesson.position + 1,
                title=lesson.title,
                minutes=lesson.online_minutes,
                checks=lesson.checks,
                tasks=tuple(task.uid for task in lesson.tasks),
            )
            for lesson in (data.lessons if data else ())
        ),
        trainees=tuple(
            _studied(one, time.get(numbers.get(one.enrolment, 0), {}), homework.get(numbers.get(one.enrolment, 0), {}))
            for one in progress.trainees
        ),
        dues=tuple(
            Due(lesson, day)
            for lesson, day in StudyDeadline.objects.filter(training_class=row).values_list("lesson", "due")
        ),
        today=day_of(now),
        runs=(row.starts_on, row.ends_on),
    )


def _studied(one: TraineeProgress, time: Mapping[UUID | None, Spent], homework: Mapping[UUID, Handed]) -> Studied:
    seen_at = max((each.seen_at for each in one.lessons.values() if each.seen_at), default=None)
    return Studied(
        enrolment=one.enrolment,
        name=one.name,
        lessons=one.lessons,
        ended={uid: day_of(each.completed_at) for uid, each in one.lessons.items() if each.completed_at},
        seen_at=seen_at,
        seen_on=day_of(seen_at) if seen_at else None,
        time=time,
        homework=homework,
    )


def _time(row: TrainingClass, only: UUID | None) -> dict[int, dict[UUID | None, Spent]]:
    rows = StudyTotal.objects.filter(enrolment__training_class=row).order_by()
    if only is not None:
        rows = rows.filter(enrolment__uuid=only)
    found: dict[int, dict[UUID | None, Spent]] = {}
    summed = rows.values_list("enrolment_id", "lesson").annotate(whole=Sum("ms"), cap=Max("cap_s"))
    for enrolment, lesson, ms, cap in summed:
        found.setdefault(enrolment, {})[lesson] = Spent(lesson_seconds(ms, cap), ms // 1000)
    return found


def _homework(row: TrainingClass, only: UUID | None) -> dict[int, dict[UUID, Handed]]:
    """The latest attempt of each task that was handed in; a draft after a return leaves it returned."""
    rows = HomeworkItem.objects.filter(enrolment__training_class=row).exclude(state=ItemState.DRAFT)
    if only is not None:
        rows = rows.filter(enrolment__uuid=only)
    found: dict[int, dict[UUID, Handed]] = {}
    latest = rows.annotate(newest=newest_mark()).order_by("attempt_no")
    for enrolment, task, state, mark in latest.values_list("enrolment_id", "task", "state", "newest"):
        found.setdefault(enrolment, {})[task] = Handed(mark, state == ItemState.RETURNED)
    return found


# ---- a class ----


def shelf_of(asked: str) -> str:
    """The list asked for, "" (everybody) for an unknown one."""
    return asked if asked in _SHELVES else ""


def on_shelf(lines: Iterable[TraineeLine], show: str) -> list[TraineeLine]:
    """The trainees of a list; page and file hold the same."""
    wanted = _SHELVES[shelf_of(show)]
    return [line for line in lines if wanted is None or line.pace is wanted]


def report_page(acting: Acting, row: TrainingClass, *, show: str = "", page: int = 1, now: datetime) -> ReportPage:
    """The report of a class; `row` from `reported_class`. Whole lists, fifty trainees a page."""
    show = shelf_of(show)
    facts = class_facts(row, now=now)
    people, lessons = trainee_lines(facts), lesson_lines(facts)
    chosen = on_shelf(people, show)
    found = pages(len(chosen), page)
    worst = deepest_drop(lessons)
    off = farthest_off((line.lesson, line.spent_s) for line in lessons)
    spent = {line.lesson.uid: line.spent_s for line in lessons}
    asked = urlencode({"show": show}) if show else ""
    url = reverse("courses:progress_class", args=[row.uuid])
    export = reverse("courses:progress_export", args=[row.uuid])
    return ReportPage(
        class_name=row.name,
        institution=row.institution.name,
        class_uid=row.uuid,
        placed=len(people),
        total=len(facts.lessons),
        figures=_figures(people, len(facts.lessons)),
        drop=_drop_chart(lessons, worst, len(people)) if people and lessons else None,
        drop_finding=words.drop_finding(worst, placed=len(people), opened=sum(line.opened for line in lessons)),
        time=_time_chart([(line.lesson, line.spent_s) for line in lessons], off) if people and lessons else None,
        time_finding=words.time_finding(
            off, (spent.get(off.uid) or 0) if off else 0, timed=any(line.timed for line in lessons)
        ),
        lessons=tuple(lesson_shown(line) for line in lessons),
        dues=due_rows(facts, now=now),
        shelves=_shelves(people, show, url),
        rows=tuple(trainee_row(acting, row.uuid, line) for line in chosen[found.start : found.start + ROWS_A_PAGE]),
        pages=found,
        show=show,
        asked=asked,
        export_url=f"{export}?{asked}" if asked else export,
        class_url=reverse("courses:class", args=[row.uuid]),
        study_url=reverse("courses:study_class", args=[row.uuid]),
        time_url=reverse("courses:study_time_class", args=[row.uuid]),
        list_url=reverse("courses:progress"),
    )


def _figures(people: Sequence[TraineeLine], lessons: int) -> tuple[Figure, ...]:
    placed = len(people)
    done = sum(line.pace is Pace.DONE for line in people)
    late = sum(line.pace is Pace.LATE for line in people)
    right, answered = sum(line.right for line in people), sum(line.answered for line in people)
    completed = sum(line.completed for line in people)
    tenths = rounded(completed * 10, placed) if placed else 0
    mean, people_unit = f"{tenths // 10}.{tenths % 10}", pgettext("report unit", "people")
    known = share(right, answered)
    return (
        Figure(
            _("Finished all lessons"),
            f"{done}/{placed}",
            people_unit,
            _("%(number)d have not begun") % {"number": sum(not line.opened for line in people)},
        ),
        Figure(
            _("Lessons finished, on average"),
            f"{mean}/{lessons}" if placed else pgettext("chart", "No data"),
            pgettext("report unit", "lessons") if placed else "",
            "",
        ),
        Figure(_("Behind a deadline"), str(late), people_unit, ""),
        Figure(
            _("Self-checks right"),
            f"{known}%" if known is not None else pgettext("chart", "No data"),
            "",
            _("%(right)d of %(answered)d questions answered") % {"right": right, "answered": answered}
            if answered
            else "",
        ),
    )


def _drop_chart(lines: Sequence[LessonLine], worst: LessonLine | None, placed: int) -> BarChart:
    keys = (
        (3, pgettext("drop-off", "opened, under half")),
        (5, pgettext("drop-off", "half read, not finished")),
        (1, pgettext("drop-off", "finished")),
    )
    bars = [
        NestedBar(
            label=f"{line.lesson.number} {line.lesson.title}",
            value=_("opened %(opened)d, half %(half)d, finished %(finished)d")
            % {"opened": line.opened, "half": line.half, "finished": line.finished},
            figures=(line.opened, line.half, line.finished),
            hot=line is worst,
        )
        for line in lines
    ]
    return nested_bars(bars, most=placed, keys=keys)


def _time_chart(times: Sequence[tuple[PlannedLesson, int | None]], off: PlannedLesson | None) -> BarChart | None:
    bars = [
        BulletBar(
            label=f"{lesson.number} {lesson.title}",
            value=_("%(spent)s min, plan %(planned)s") % {"spent": words.minutes(seconds), "planned": lesson.minutes}
            if seconds is not None
            else "",
            measured=seconds / 60 if seconds is not None else None,
            planned=lesson.minutes,
            hot=lesson is off,
        )
        for lesson, seconds in times
        if lesson.minutes
    ]
    if all(bar.measured is None for bar in bars):
        return None
    return bullet_bars(
        bars, series=1, words=pgettext("study time", "time spent"), mark_words=pgettext("study time", "planned")
    )


def lesson_shown(line: LessonLine) -> LessonShown:
    """A lesson for tables."""
    return LessonShown(
        number=line.lesson.number,
        title=line.lesson.title,
        opened=line.opened,
        half=line.half,
        finished=line.finished,
        planned_min=line.lesson.minutes,
        spent_min=words.minutes(line.spent_s) if line.spent_s is not None else None,
        timed=line.timed,
        share=share(line.right, line.answered),
    )


def due_rows(facts: ClassFacts, *, now: datetime) -> tuple[DueShown, ...]:
    """The deadlines of a class for tables, the earliest first."""
    titles = {lesson.uid: f"{lesson.number} {lesson.title}" for lesson in facts.lessons}
    return tuple(_due_shown(line, titles, now) for line in due_lines(facts))


def _due_shown(line: DueLine, titles: dict[UUID, str], now: datetime) -> DueShown:
    stands = deadline(line.day, now=now)
    return DueShown(
        label=_("All lessons") if line.lesson is None else titles.get(line.lesson, _("A lesson no longer taught")),
        day=line.day,
        phrase=stands.phrase,
        tone=stands.tone if line.missing else "ok",
        in_time=line.in_time,
        later=line.later,
        missing=line.missing,
    )


def _shelves(people: Sequence[TraineeLine], show: str, url: str) -> tuple[Shelf, ...]:
    labels = {
        "": pgettext("report", "All"),
        "late": pgettext("report", "Overdue"),
        "idle": pgettext("report", "Away for 7 days"),
        "new": pgettext("report", "Not begun"),
        "done": pgettext("report", "All finished"),
    }
    return tuple(
        Shelf(
            label=label,
            count=len(on_shelf(people, key)),
            url=f"{url}?{urlencode({'show': key})}#people" if key else f"{url}#people",
            current=key == show,
        )
        for key, label in labels.items()
    )


def trainee_row(acting: Acting, training_class: UUID, line: TraineeLine) -> TraineeRow:
    """A trainee for tables; her name as this reader may see it."""
    label, tone = words.pace_label(line.pace, line.overdue)
    return TraineeRow(
        name=_name(acting, line.name),
        url=reverse("courses:progress_person", args=[training_class, line.enrolment]),
        completed=line.completed,
        lessons=line.lessons,
        counted_min=words.full_minutes(line.counted_s),
        planned_min=line.planned_s // 60,
        seen_at=line.seen_at,
        right=line.right,
        answered=line.answered,
        share=share(line.right, line.answered),
        handed=line.handed,
        tasks=line.tasks,
        mean=line.mean,
        overdue=line.overdue,
        late=line.late,
        pace_label=label,
        tone=tone,
    )


# ---- one person ----


def person_page(acting: Acting, row: Enrolment, *, now: datetime) -> PersonPage:
    """One trainee of a class; `row` from `reported_enrolment`."""
    held = row.training_class
    facts = class_facts(held, now=now, only=row.uuid)
    [line], [one] = trainee_lines(facts), facts.trainees
    rows = lesson_rows(one, facts)
    shown = trainee_row(acting, held.uuid, line)
    times = [(each.lesson, each.time.spent_s or None) for each in rows]
    return PersonPage(
        name=shown.name,
        class_name=held.name,
        pace_label=shown.pace_label,
        tone=shown.tone,
        figures=_own_figures(shown),
        time=_time_chart(times, None) if rows else None,
        time_finding=words.person_finding(line.completed, line.lessons, line.counted_s, line.planned_s),
        lessons=tuple(_lesson_of_hers(each, now) for each in rows),
        class_url=reverse("courses:progress_class", args=[held.uuid]),
        list_url=reverse("courses:progress"),
        time_url=reverse("courses:study_time_person", args=[held.uuid, row.uuid]),
    )


def _own_figures(shown: TraineeRow) -> tuple[Figure, ...]:
    nothing = pgettext("chart", "No data")
    return (
        Figure(
            _("Lessons finished"),
            f"{shown.completed}/{shown.lessons}",
            pgettext("report unit", "lessons"),
            _late(shown),
        ),
        Figure(_("Counted study time"), f"{shown.counted_min}/{shown.planned_min}", pgettext("report unit", "min"), ""),
        Figure(
            _("Self-checks right"),
            f"{shown.share}%" if shown.share is not None else nothing,
            "",
            _("%(right)d of %(answered)d questions answered") % {"right": shown.right, "answered": shown.answered}
            if shown.answered
            else "",
        ),
        Figure(
            pgettext("report", "Homework handed in"),
            f"{shown.handed}/{shown.tasks}",
            pgettext("report unit", "tasks"),
            _("mean mark %(mean)s") % {"mean": shown.mean} if shown.mean is not None else "",
        ),
    )


def _late(shown: TraineeRow) -> str:
    return _("%(number)d finished after the deadline") % {"number": shown.late} if shown.late else ""


def _lesson_of_hers(row: LessonRow, now: datetime) -> LessonOfHers:
    standing = row.standing
    label, tone = lesson_state(standing.state if standing else StudyState.NEW)
    due, due_tone = _due_of_hers(row, now)
    return LessonOfHers(
        number=row.lesson.number,
        title=row.lesson.title,
        state_label=label,
        tone=tone,
        percent=standing.percent if standing else 0,
        opened_at=standing.opened_at if standing else None,
        completed_at=standing.completed_at if standing else None,
        counted_min=words.full_minutes(row.time.counted_s),
        planned_min=row.lesson.minutes,
        right=standing.right if standing else 0,
        answered=standing.checks if standing else 0,
        checks=row.lesson.checks,
        homework=_homework_words(row),
        due=due,
        due_tone=due_tone,
    )


def _due_of_hers(row: LessonRow, now: datetime) -> tuple[str, str]:
    if row.due is None:
        return "", ""
    if row.late_days:
        return _("%(days)d days after its day") % {"days": row.late_days}, "warn"
    if row.standing is not None and row.standing.completed_at is not None:
        return pgettext("report", "In time"), "ok"
    stands = deadline(row.due, now=now)
    return stands.phrase, stands.tone


def _homework_words(row: LessonRow) -> str:
    """What came of the lesson's tasks; "" where it has none."""
    if not row.lesson.tasks:
        return ""
    if row.mean is not None:
        return _("mark %(mark)s") % {"mark": row.mean}
    if row.handed:
        return pgettext("report", "handed in")
    return pgettext("report", "returned") if row.returned else pgettext("report", "not handed in")
