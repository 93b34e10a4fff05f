"""What the room of learning holds about a person."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Q
from django.utils.translation import pgettext

from courses.learning.models import (
    Bookmark,
    CheckAttempt,
    LessonAnswer,
    LessonNote,
    LessonProgress,
    LessonQuestion,
    PackageState,
    ProgressEvent,
    StudyBackground,
)
from lms.core.holdings import Holding


def hold(person: UUID, user: UUID | None) -> Sequence[Holding]:
    """Her progress, notes, bookmarks, self-checks, questions, what she said about herself; the answers she gave."""
    whose = Q(enrolment__person__uuid=person)
    by_her = Q(by_person__uuid=person)
    if user:
        whose |= Q(enrolment__person__user__uuid=user)
        by_her |= Q(by_user=user)
    lesson, at = pgettext("learning", "Lesson"), pgettext("learning", "At")
    words, class_name = pgettext("learning", "Words"), pgettext("learning", "Class")
    hers = "enrolment__training_class"
    return [
        Holding(
            pgettext("learning", "Progress in lessons"),
            [
                {
                    class_name: row.enrolment.training_class.name,
                    lesson: row.lesson,
                    pgettext("learning", "Read, in percent"): row.percent,
                    pgettext("learning", "Opened"): row.opened_at,
                    pgettext("learning", "Completed"): row.completed_at,
                }
                for row in LessonProgress.objects.filter(whose).select_related(hers).order_by("id")
            ],
        ),
        Holding(
            pgettext("learning", "Where you were in a lesson"),
            [
                {
                    lesson: row.lesson,
                    pgettext("learning", "What"): row.kind,
                    pgettext("learning", "Block"): row.block,
                    pgettext("learning", "Second of the video"): row.second,
                    at: row.at,
                }
                for row in ProgressEvent.objects.filter(whose).order_by("id")
            ],
        ),
        Holding(
            pgettext("learning", "Notes"),
            [
                {lesson: row.lesson, words: row.text, at: row.saved_at}
                for row in LessonNote.objects.filter(whose).order_by("id")
            ],
        ),
        Holding(
            pgettext("learning", "Packages in lessons"),
            [
                {
                    pgettext("learning", "Package"): row.package,
                    pgettext("learning", "What it says"): row.status,
                    pgettext("learning", "Score it says"): row.score,
                    pgettext("learning", "Place in it"): row.location,
                    pgettext("learning", "What it keeps"): row.suspend_data,
                    pgettext("learning", "Seconds it counts"): row.seconds,
                    at: row.saved_at,
                }
                for row in PackageState.objects.filter(whose).order_by("id")
            ],
        ),
        Holding(
            pgettext("learning", "Bookmarks"),
            [
                {lesson: row.lesson, pgettext("learning", "Block"): row.block, at: row.at}
                for row in Bookmark.objects.filter(whose, is_set=True).order_by("id")
            ],
        ),
        Holding(
            pgettext("learning", "Self-checks"),
            [
                {
                    lesson: row.lesson,
                    pgettext("learning", "Chosen"): "、".join(row.chosen),
                    pgettext("learning", "Right"): row.correct,
                    at: row.at,
                }
                for row in CheckAttempt.objects.filter(whose).order_by("id")
            ],
        ),
        Holding(
            pgettext("learning", "Questions to the teacher"),
            [
                {lesson: row.lesson, words: row.text, at: row.asked_at}
                for row in LessonQuestion.objects.filter(whose).order_by("id")
            ],
        ),
        Holding(
            pgettext("learning", "Messages under questions"),
            [
                {words: row.text, at: row.at}
                for row in LessonAnswer.objects.filter(by_her | _under(person, user)).order_by("id")
            ],
        ),
        Holding(
            pgettext("learning", "What you said for your path"),
            [
                {
                    pgettext("learning", "Schooling"): row.background.schooling,
                    pgettext("learning", "Experience"): row.background.experience,
                    pgettext("learning", "Aim"): row.background.aim,
                    at: row.said_at,
                }
                for row in StudyBackground.objects.filter(whose).order_by("id")
            ],
        ),
    ]


def _under(person: UUID, user: UUID | None) -> Q:
    asked = Q(question__enrolment__person__uuid=person)
    return asked | Q(question__enrolment__person__user__uuid=user) if user else asked
