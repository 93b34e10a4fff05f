"""Figures in words: states, and the one sentence that each drawing shows."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from courses.reports.types import LessonLine, Pace, PlannedLesson


def pace_label(pace: Pace, overdue: int = 0) -> tuple[str, str]:
    """What a pace is called, and the tone of its tag."""
    if pace is Pace.LATE:
        return ngettext("%(number)d lesson overdue", "%(number)d lessons overdue", overdue) % {"number": overdue}, "bad"
    return {
        Pace.DONE: (pgettext("pace", "All finished"), "ok"),
        Pace.IDLE: (pgettext("pace", "Away for days"), "warn"),
        Pace.NEW: (pgettext("pace", "Not begun"), "mute"),
        Pace.STUDYING: (pgettext("pace", "Studying"), "info"),
    }[pace]


def lesson_name(lesson: PlannedLesson) -> str:
    """第3课《…》."""
    return _("lesson %(number)d “%(title)s”") % {"number": lesson.number, "title": lesson.title}


def minutes(seconds: int) -> int:
    """Whole minutes, half up, for drawings and tables; what counts is cut off elsewhere."""
    return (seconds + 30) // 60


def full_minutes(seconds: int) -> int:
    """Full minutes: counted time is never rounded up."""
    return seconds // 60


def drop_finding(worst: LessonLine | None, *, placed: int, opened: int) -> str:
    """Where most drop off."""
    if not placed:
        return _("Nobody has a place in this class yet.")
    if not opened:
        return _("Nobody has opened a lesson yet.")
    if worst is None:
        return _("Whoever opened a lesson finished it.")
    return _("Most drop off in %(lesson)s: %(opened)d opened it, %(finished)d finished it.") % {
        "lesson": lesson_name(worst.lesson),
        "opened": worst.opened,
        "finished": worst.finished,
    }


def time_finding(worst: PlannedLesson | None, spent_s: int, *, timed: bool) -> str:
    """Which lesson takes least what was planned for it."""
    if not timed:
        return _("Nobody has finished a lesson with time on record yet.")
    if worst is None:
        return _("Every lesson takes about the time planned for it.")
    said = {"lesson": lesson_name(worst), "planned": worst.minutes, "spent": minutes(spent_s)}
    if spent_s > worst.minutes * 60:
        return _("Longest beyond its plan is %(lesson)s: %(spent)d min on average, %(planned)d planned.") % said
    return _("Passed fastest is %(lesson)s: %(spent)d min on average, %(planned)d planned.") % said


def person_finding(completed: int, total: int, counted_s: int, planned_s: int) -> str:
    """How far one trainee is."""
    return _("%(completed)d of %(total)d lessons finished; %(counted)d min counted, %(planned)d planned.") % {
        "completed": completed,
        "total": total,
        "counted": full_minutes(counted_s),
        "planned": planned_s // 60,
    }
