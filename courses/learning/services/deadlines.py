"""Until when a class studies, who is reminded, and what she says of herself for her path."""

from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from courses.classes.models import TrainingClass
from courses.classes.types import ClassState
from courses.enrolment.models import Enrolment
from courses.enrolment.types import EnrolmentState
from courses.learning.models import LessonProgress, StudyBackground, StudyDeadline
from courses.learning.rules import REMIND_DAYS, may_set_deadlines
from courses.learning.selectors.gates import manifest_of, own_seat
from courses.learning.types import Background, StudyRefused
from lms.accounts.api import Acting, NotAllowed
from lms.core import audit, clock
from lms.notices.api import notify


@transaction.atomic
def set_deadline(
    *, by: Acting, training_class: TrainingClass, lesson: UUID | None, due: date, now: datetime
) -> StudyDeadline:
    """Say until when a class studies a lesson, or all of them (None); said again it is moved.

    Raises NotAllowed, StudyRefused ("past", "outside", "lesson").
    """
    row = TrainingClass.objects.select_for_update(of=("self",)).select_related("institution").get(pk=training_class.pk)
    if not may_set_deadlines(by, row):
        raise NotAllowed(_("Your role may not do this here."))
    if due < clock.day_of(now):
        raise StudyRefused(_("This day is over. Choose a later one."), code="past", field="due")
    if due > row.ends_on:
        raise StudyRefused(
            _("The training ends on %(day)s. Choose that day or an earlier one.") % {"day": row.ends_on.isoformat()},
            code="outside",
            field="due",
        )
    manifest = manifest_of(row)
    if lesson is not None and (manifest is None or manifest.lesson(lesson) is None):
        raise StudyRefused(_("This class has no such lesson."), code="lesson", field="lesson")
    made, _fresh = StudyDeadline.objects.update_or_create(
        training_class=row, lesson=lesson, defaults={"due": due, "set_by": by.user, "set_at": now}
    )
    audit.record(
        subject_kind="training_class",
        subject=row.uuid,
        action="study_deadline_set",
        actor=by.user,
        fields={"lesson": lesson, "due": due.isoformat()},
        now=now,
    )
    return made


@transaction.atomic
def remove_deadline(*, by: Acting, deadline: StudyDeadline, now: datetime) -> None:
    """Take a deadline back. Raises NotAllowed."""
    if not may_set_deadlines(by, deadline.training_class):
        raise NotAllowed(_("Your role may not do this here."))
    gone, _rows = StudyDeadline.objects.filter(pk=deadline.pk).delete()
    if gone:
        audit.record(
            subject_kind="training_class",
            subject=deadline.training_class.uuid,
            action="study_deadline_removed",
            actor=by.user,
            fields={"lesson": deadline.lesson, "due": deadline.due.isoformat()},
            now=now,
        )


# Whoever is still to study: admitted or in training.
_STUDYING = (EnrolmentState.APPROVED, EnrolmentState.IN_TRAINING)


def remind(*, now: datetime) -> int:
    """Remind who has not studied what is due soon, in the site and by mail; each deadline and day once. How many were told.

    A few days before and on the day itself (`rules.REMIND_DAYS`); after the day nobody is told again.
    """
    today = clock.day_of(now)
    told = 0
    rows = StudyDeadline.objects.select_related("training_class").filter(
        due__gte=today,
        due__lte=today + timedelta(days=max(REMIND_DAYS)),
        training_class__state__in=[ClassState.OPEN, ClassState.TEACHING],
    )
    for row in rows:
        # The latest of the days that has come: a night the job did not run is made up for.
        step = min(days for days in REMIND_DAYS if (row.due - today).days <= days)
        told += _remind_class(row, step, now)
    return told


@transaction.atomic
def _remind_class(row: StudyDeadline, step: int, now: datetime) -> int:
    manifest = manifest_of(row.training_class)
    if manifest is None:
        return 0
    lesson = manifest.lesson(row.lesson) if row.lesson else None
    if row.lesson and lesson is None:
        return 0  # the lesson is not in the class any more
    wanted = {row.lesson} if row.lesson else {each.uid for each in manifest.lessons}
    enrolments = Enrolment.objects.filter(training_class=row.training_class, state__in=_STUDYING)
    completed: dict[int, set[UUID]] = {}
    for enrolment, uid in LessonProgress.objects.filter(
        enrolment__in=enrolments, completed_at__isnull=False
    ).values_list("enrolment_id", "lesson"):
        completed.setdefault(enrolment, set()).add(uid)
    told = 0
    for each in enrolments.select_related("person"):
        missing = len(wanted - completed.get(each.pk, set()))
        if not missing:
            continue
        told += 1
        params: dict[str, str | int] = {"name": row.training_class.name}
        if lesson is not None:
            title, params["lesson"] = gettext_noop("Study “%(lesson)s” in time"), lesson.title
            url = reverse("courses:lesson", args=[row.training_class.uuid, lesson.uid])
        else:
            title, params["number"] = gettext_noop("%(number)d lessons are still to study"), missing
            url = reverse("courses:study_class", args=[row.training_class.uuid])
        notify(
            user=None,
            person=each.person.uuid,
            kind="study_deadline",
            title=title,
            body=gettext_noop("Your class: %(name)s."),
            params=params,
            url=url,
            due=row.due,
            key=f"{row.uuid}:{row.due.isoformat()}:{step}",
            now=now,
            about=row.training_class.uuid,
            about_name=row.training_class.name,
        )
    return told


@transaction.atomic
def say_background(*, by: Acting, training_class: UUID, background: Background, now: datetime) -> None:
    """Keep what she says of her schooling, experience and aim; her path follows it. Raises PermissionDenied, Http404."""
    seat = own_seat(by, training_class)
    row = StudyBackground.objects.filter(enrolment=seat.enrolment).first() or StudyBackground(enrolment=seat.enrolment)
    row.background, row.said_at = background, now
    row.save()
