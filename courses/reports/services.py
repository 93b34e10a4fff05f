"""Reports out of the house: recorded and marked."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from courses.classes.models import TrainingClass
from courses.reports.logic import lesson_lines, trainee_lines
from courses.reports.selectors import class_facts, due_rows, lesson_shown, on_shelf, shelf_of, trainee_row
from courses.reports.types import DueShown, LessonShown, TraineeRow
from lms.accounts.api import Acting, User
from lms.core import audit
from lms.core.tables import Table, written_by, xlsx_bytes


@transaction.atomic
def export_report(*, by: Acting, training_class: TrainingClass, show: str, now: datetime) -> bytes:
    """The report of a class as an Excel file: the trainees of the list `show`, all lessons, all deadlines.

    `training_class` from `reported_class`. Names as the page shows them.
    """
    facts = class_facts(training_class, now=now)
    lines = on_shelf(trainee_lines(facts), show)
    tables = [
        _people([trainee_row(by, training_class.uuid, line) for line in lines]),
        _lessons([lesson_shown(line) for line in lesson_lines(facts)]),
        _dues(due_rows(facts, now=now)),
    ]
    user = User.objects.filter(uuid=by.user).first() if by.user else None
    made = xlsx_bytes(tables, mark=written_by(user.get_full_name() if user else "", by.organisation_name, now))
    audit.record(
        subject_kind="training_class",
        subject=training_class.uuid,
        action="progress_exported",
        actor=by.user,
        fields={"show": shelf_of(show) or "all", "rows": len(lines)},
        now=now,
    )
    return made


def _people(rows: Sequence[TraineeRow]) -> Table:
    return Table(
        pgettext("report", "Trainees"),
        [
            pgettext("courses", "Trainee"),
            _("Lessons finished"),
            _("Lessons of the class"),
            _("Minutes counted"),
            _("Minutes planned"),
            _("Last studied"),
            _("Self-checks right"),
            _("Self-checks answered"),
            pgettext("report", "Homework handed in"),
            pgettext("report", "Practice tasks"),
            _("Mean mark"),
            _("Lessons overdue"),
            _("Lessons finished late"),
            pgettext("courses", "State"),
        ],
        [
            [
                row.name,
                row.completed,
                row.lessons,
                row.counted_min,
                row.planned_min,
                row.seen_at,
                row.right,
                row.answered,
                row.handed,
                row.tasks,
                row.mean,
                row.overdue,
                row.late,
                row.pace_label,
            ]
            for row in rows
        ],
        (12, 10, 10, 10, 10, 20, 10, 10, 10, 10, 10, 10, 10, 14),
    )


def _lessons(rows: Sequence[LessonShown]) -> Table:
    return Table(
        pgettext("report", "Lessons"),
        [
            pgettext("report", "No."),
            pgettext("report", "Lesson"),
            pgettext("report", "Opened"),
            pgettext("report", "Half read"),
            pgettext("report", "Finished"),
            _("Minutes planned"),
            _("Minutes spent, mean of those who finished"),
            _("Trainees in that mean"),
            _("Self-checks right, %"),
        ],
        [
            [
                row.number,
                row.title,
                row.opened,
                row.half,
                row.finished,
                row.planned_min,
                row.spent_min,
                row.timed,
                row.share,
            ]
            for row in rows
        ],
        (6, 36, 10, 10, 10, 10, 16, 12, 12),
    )


def _dues(rows: Sequence[DueShown]) -> Table:
    return Table(
        pgettext("courses", "Deadlines"),
        [
            pgettext("report", "Lesson"),
            pgettext("report", "Until"),
            pgettext("report", "In time"),
            pgettext("report", "Later"),
            pgettext("report", "Not finished"),
        ],
        [[row.label, row.day, row.in_time, row.later, row.missing] for row in rows],
        (36, 14, 10, 10, 10),
    )
