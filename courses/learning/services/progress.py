"""What a device tells of a lesson, and self-checks."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from courses.catalogue.types import CheckBlock
from courses.learning.events import LessonCompleted
from courses.learning.logic.progress import joined, judged, share_read, standing_of
from courses.learning.models import CheckAttempt, LessonProgress, ProgressEvent
from courses.learning.selectors.gates import OpenLesson, own_lesson
from courses.learning.services.moments import moment_of
from courses.learning.types import CheckResult, Happening, Place, Standing, StudyRefused, Told
from lms.accounts.api import Acting
from lms.core import audit
from lms.core.events import publish


@transaction.atomic
def tell(
    *,
    by: Acting,
    training_class: UUID,
    lesson: UUID,
    key: UUID,
    kind: Happening,
    place: Place,
    age_ms: int,
    now: datetime,
) -> Standing:
    """Take in one thing a device tells of a lesson; told again under the same key it changes nothing.

    age_ms: how long ago it happened, by the device. The share read is worked out here, from the place and the text.
    Raises PermissionDenied, Http404 (gate).
    """
    at = own_lesson(by, training_class, lesson)
    told = Told(
        key=key,
        kind=kind,
        at=moment_of(at, age_ms, now=now),
        place=Place(min(max(place.block, 0), at.blocks), place.second),
        percent=0 if kind is Happening.OPENED else share_read(place.block, at.blocks),
        received_at=now,
    )
    return _take_in(at, told, by.user, now)


def _take_in(at: OpenLesson, told: Told, by: UUID | None, now: datetime) -> Standing:
    enrolment = at.enrolment
    held = {"enrolment": enrolment, "lesson": at.lesson.uid}
    # One row a lesson is the lock: its events are taken in one after the other.
    row = LessonProgress.objects.select_for_update(of=("self",)).filter(**held).first()
    if row is None:
        fresh = LessonProgress(**held, version=at.lesson.version)
        fresh.standing = standing_of(told)
        # Completed is told below, once.
        fresh.completed_at = None
        LessonProgress.objects.bulk_create([fresh], ignore_conflicts=True)
        row = LessonProgress.objects.select_for_update(of=("self",)).get(**held)
    before = row.standing
    if ProgressEvent.objects.filter(enrolment=enrolment, key=told.key).exists():
        return before
    ProgressEvent.objects.create(
        **held,
        version=at.lesson.version,
        key=told.key,
        kind=told.kind,
        block=told.place.block,
        second=told.place.second,
        percent=told.percent,
        at=told.at,
        received_at=now,
    )
    after = joined(before, standing_of(told))
    if after != before:
        row.standing = after
        row.version = at.lesson.version
        row.save()
    if before.completed_at is None and after.completed_at is not None:
        audit.record(
            subject_kind="enrolment",
            subject=enrolment.uuid,
            action="lesson_completed",
            actor=by,
            fields={"lesson": at.lesson.uid, "version": at.lesson.version},
            now=now,
        )
        publish(
            LessonCompleted(
                enrolment=enrolment.uuid,
                person=enrolment.person.uuid,
                training_class=at.row.uuid,
                lesson=at.lesson.uid,
                version=at.lesson.version,
                at=after.completed_at,
            )
        )
    return after


@transaction.atomic
def answer_check(
    *,
    by: Acting,
    training_class: UUID,
    lesson: UUID,
    check: UUID,
    chosen: Collection[str],
    key: UUID,
    age_ms: int,
    now: datetime,
) -> CheckResult:
    """Keep an answer to a self-check question and say whether it is right, and why.

    Raises StudyRefused ("empty", "option"), PermissionDenied, Http404 (also for a question the lesson does not have).
    """
    at = own_lesson(by, training_class, lesson)
    question = at.check(check)
    picked = sorted(set(chosen))
    if not picked:
        raise StudyRefused(_("Choose an answer first."), code="empty", field="chosen")
    if set(picked) - {option.key for option in question.options}:
        raise StudyRefused(_("There is no such answer."), code="option", field="chosen")
    attempt = CheckAttempt(
        enrolment=at.enrolment,
        lesson=lesson,
        version=at.lesson.version,
        check_uid=check,
        key=key,
        chosen=picked,
        correct=judged(question, picked),
        at=moment_of(at, age_ms, now=now),
        received_at=now,
    )
    CheckAttempt.objects.bulk_create([attempt], ignore_conflicts=True)
    return _result(question, picked)


def _result(question: CheckBlock, picked: list[str]) -> CheckResult:
    return CheckResult(
        correct=judged(question, picked),
        right=tuple(option.key for option in question.options if option.correct),
        explanation=question.explanation,
        clause=question.clause,
    )
