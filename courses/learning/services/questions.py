"""Questions to the teacher, and her answers (S5-19)."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from courses.classes.models import TrainingClass
from courses.learning.models import LessonAnswer, LessonQuestion
from courses.learning.rules import ANSWER_MAX, QUESTION_MAX, may_answer
from courses.learning.selectors.gates import own_lesson, own_seat
from courses.learning.services.words import worded
from lms.accounts.api import Acting, NotAllowed, Person
from lms.core import audit
from lms.notices.api import notify

NOTICE_KINDS = {
    "lesson_answer": gettext_noop("Answer of your teacher"),
    "lesson_question": gettext_noop("Question of a trainee"),
    "study_deadline": gettext_noop("Study deadline"),
}


@transaction.atomic
def ask(*, by: Acting, training_class: UUID, lesson: UUID, text: str, key: UUID, now: datetime) -> LessonQuestion:
    """Ask the teacher about a lesson; asked again under the same key it is the same question. Teachers are told.

    Raises StudyRefused ("empty", "long"), NotAllowed, PermissionDenied, Http404.
    """
    at = own_lesson(by, training_class, lesson)
    words = worded(text, QUESTION_MAX)
    row, fresh = LessonQuestion.objects.get_or_create(
        enrolment=at.enrolment,
        key=key,
        defaults={
            "lesson": lesson,
            "version": at.lesson.version,
            "text": words,
            "asked_at": now,
            "waiting_since": now,
        },
    )
    if fresh:
        _tell_teachers(row, at.row, at.lesson.title, now)
        audit.record(
            subject_kind="lesson_question",
            subject=row.uuid,
            action="asked",
            actor=by.user,
            fields={"lesson": lesson, "class": at.row.uuid},
            now=now,
        )
    return row


def _tell_teachers(row: LessonQuestion, training_class: TrainingClass, lesson: str, now: datetime) -> None:
    for person in Person.objects.filter(taught_classes__training_class=training_class):
        notify(
            user=None,
            person=person.uuid,
            kind="lesson_question",
            title=gettext_noop("A trainee asks about “%(lesson)s”"),
            body=gettext_noop("In the class %(name)s. Please answer soon."),
            params={"lesson": lesson, "name": training_class.name},
            url=reverse("courses:lesson_question", args=[row.uuid]),
            now=now,
            about=training_class.uuid,
            about_name=training_class.name,
        )


def _locked(question: LessonQuestion) -> LessonQuestion:
    rows = LessonQuestion.objects.select_for_update(of=("self",))
    return rows.select_related("enrolment__person", "enrolment__training_class__institution").get(pk=question.pk)


@transaction.atomic
def add_words(*, by: Acting, question: LessonQuestion, text: str, now: datetime) -> LessonQuestion:
    """The asker adds something; she waits for an answer again. Raises StudyRefused, NotAllowed, Http404."""
    row = _locked(question)
    seat = own_seat(by, row.enrolment.training_class.uuid)
    if seat.enrolment.pk != row.enrolment_id:
        raise NotAllowed(_("Your role may not do this here."))
    words = worded(text, QUESTION_MAX)
    LessonAnswer.objects.create(
        question=row, by_teacher=False, by_person=row.enrolment.person, by_user=by.user, text=words, at=now
    )
    if row.waiting_since is None:
        row.waiting_since = now
        row.save(update_fields=["waiting_since"])
        _tell_teachers(row, row.enrolment.training_class, seat.lesson_title(row.lesson), now)
    audit.record(subject_kind="lesson_question", subject=row.uuid, action="added", actor=by.user, now=now)
    return row


@transaction.atomic
def answer(*, by: Acting, question: LessonQuestion, text: str, share: bool, now: datetime) -> LessonQuestion:
    """A teacher of the class answers; the asker is told. share: show it to the whole class, without her name.

    Raises NotAllowed, StudyRefused ("empty", "long").
    """
    row = _locked(question)
    training_class = row.enrolment.training_class
    if not may_answer(by, training_class):
        raise NotAllowed(_("Your role may not do this here."))
    words = worded(text, ANSWER_MAX)
    teacher = Person.objects.filter(uuid=by.person).first() if by.person else None
    LessonAnswer.objects.create(question=row, by_teacher=True, by_person=teacher, by_user=by.user, text=words, at=now)
    row.waiting_since, row.is_shared = None, share
    row.answered_at = row.answered_at or now
    row.save(update_fields=["waiting_since", "answered_at", "is_shared"])
    notify(
        user=None,
        person=row.enrolment.person.uuid,
        kind="lesson_answer",
        title=gettext_noop("Your teacher has answered your question"),
        body=gettext_noop("In the class %(name)s."),
        params={"name": training_class.name},
        url=reverse("courses:lesson_question", args=[row.uuid]),
        now=now,
        about=training_class.uuid,
        about_name=training_class.name,
    )
    audit.record(
        subject_kind="lesson_question",
        subject=row.uuid,
        action="answered",
        actor=by.user,
        fields={"shared": share},
        now=now,
    )
    return row
