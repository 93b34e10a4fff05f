"""Marking by the rubric, giving back, and what all homework comes to in the assessment."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from assessment.api import PartRule, ResultRefused, record_part_mark
from courses.classes.models import TrainingClass
from courses.classes.types import ClassState
from courses.enrolment.models import Enrolment
from courses.enrolment.types import EnrolmentState
from courses.homework.logic import canonical, mark_of, part_mark
from courses.homework.models import HomeworkItem, HomeworkMark, HomeworkPart, HomeworkReturn, HomeworkRubric
from courses.homework.selectors.places import class_tasks, homework_rule, item_for, placed_in, taken_back, teaches
from courses.homework.selectors.rubrics import rubric_for
from courses.homework.selectors.standing import standing_of
from courses.homework.types import WORDS_MAX, HomeworkRefused, ItemState, RubricData
from lms.accounts.api import Acting, masked_name, records_of, require
from lms.core import audit
from lms.core.ids import new_uuid
from lms.core.reference import content_hash
from lms.core.states import IllegalMove
from lms.notices.api import notify

# Over, but not yet closed: nothing more is taught, so what is missing will stay missing.
_SETTLED_IN = frozenset({ClassState.FINISHED, ClassState.ASSESSMENT})

NOTICE_KINDS: Mapping[str, str] = {
    "homework.marked": gettext_noop("Homework marked"),
    "homework.returned": gettext_noop("Homework returned"),
}


@dataclass(frozen=True)
class Settled:
    """What came of settling a class. told: how many parts were told now; refused: (masked name, why not)."""

    told: int
    refused: tuple[tuple[str, str], ...]


def _locked(by: Acting, item: UUID) -> tuple[HomeworkItem, UUID]:
    """The hand-in and the user who marks, with every other hand-in of the same trainee locked: two who mark her tasks do so
    one after the other.

    The enrolment itself is left alone: releasing a result locks candidacy before enrolment, and marking must not cross it.
    """
    try:
        row = item_for(by, item)
    except Http404:
        if taken_back(by, item):
            raise HomeworkRefused(_("She has taken this back meanwhile."), code="moved") from None
        raise
    held = row.enrolment
    require(by, "homework", "update", own=teaches(by, held.training_class))
    if by.user is None:
        raise PermissionDenied
    if by.person in records_of([held.person.uuid])[held.person.uuid]:
        raise HomeworkRefused(_("Nobody marks her own homework."), code="own")
    rows = HomeworkItem.objects.select_for_update(of=("self",)).filter(enrolment=held).order_by("id")
    locked = {each.pk: each for each in rows.select_related("enrolment__training_class", "enrolment__person")}
    return locked[row.pk], by.user


def _words(words: str) -> str:
    plain = words.replace("\r\n", "\n").strip()
    if len(plain) > WORDS_MAX:
        raise HomeworkRefused(
            _("At most %(most)d characters, please; these are %(number)d.") % {"most": WORDS_MAX, "number": len(plain)},
            code="words",
            field="words",
        )
    return plain


@transaction.atomic
def mark_homework(*, by: Acting, item: UUID, levels: Mapping[str, str], words: str, now: datetime) -> HomeworkMark:
    """Give a hand-in its mark, or change the one it has: then with words. `levels`: criterion → level of the rubric.

    When every task of her class is marked, what they come to is told to the assessment where its specification asks for
    homework (S5-21). She is told and reads mark and words.
    Raises PermissionDenied, Http404, HomeworkRefused ("own", "levels", "words", "rubric", "moved", "closed").
    """
    row, user = _locked(by, item)
    held = row.enrolment.training_class
    rule = homework_rule(held)
    rubric = rubric_for(rule)
    said = _words(words)
    state = ItemState(row.state)
    if state not in {ItemState.HANDED_IN, ItemState.MARKED}:
        raise HomeworkRefused(_("This was changed meanwhile. Please look at it again."), code="moved")
    if state is ItemState.MARKED and not said:
        raise HomeworkRefused(_("Say why the mark changes. She will read it."), code="words", field="words")
    try:
        mark = mark_of(rubric, levels)
    except ValueError:
        raise HomeworkRefused(_("Choose a level for every criterion."), code="levels", field="levels") from None
    made = _write_mark(row, rubric, levels, mark, said, user, now)
    if state is ItemState.HANDED_IN:
        row.move(ItemState.MARKED, now=now)
    refusal = _tell_part(row.enrolment, rule, rubric, settle=False, by=by, now=now)
    if refusal and refusal.code == "closed" and state is ItemState.MARKED:
        raise HomeworkRefused(_("Her result is released; this mark can no longer change."), code="closed")
    _notify(row, "homework.marked", _MARKED, now, key=f"{row.uuid}:{made.version}")
    audit.record(
        subject_kind="homework",
        subject=row.uuid,
        action="marked" if made.version == 1 else "mark_changed",
        actor=by.user,
        fields={
            "mark": str(mark),
            "tenths": int(mark * 10),
            "version": made.version,
            "rubric": rubric.uuid,
            "content": made.content_hash,
            "words": said,
        },
        now=now,
    )
    return made


def _write_mark(
    row: HomeworkItem,
    rubric: RubricData,
    levels: Mapping[str, str],
    mark: Decimal,
    words: str,
    user: UUID,
    now: datetime,
) -> HomeworkMark:
    version = row.marks.count() + 1
    content = canonical(
        {
            "item": row.uuid,
            "version": version,
            "rubric": rubric.content_hash,
            "lesson_version": row.lesson_version,
            "text": content_hash(row.text),
            "pictures": list(row.pictures.order_by("id").values_list("sha256", flat=True)),
            "video": row.video,
            "levels": dict(levels),
            "mark": str(mark),
            "words": content_hash(words),
        }
    )
    return HomeworkMark.objects.create(
        item=row,
        version=version,
        rubric=HomeworkRubric.objects.get(uuid=rubric.uuid),
        levels=dict(levels),
        mark=mark,
        words=words,
        given_by=user,
        content_hash=content_hash(content),
        created_at=now,
    )


@transaction.atomic
def return_homework(*, by: Acting, item: UUID, reason: str, now: datetime) -> HomeworkItem:
    """Give it back with a reason she reads; she may hand in again.

    Raises PermissionDenied, Http404, HomeworkRefused ("own", "reason", "moved").
    """
    row, user = _locked(by, item)
    said = _words(reason)
    if not said:
        raise HomeworkRefused(_("Say what to do better. She will read it."), code="reason", field="reason")
    try:
        row.move(ItemState.RETURNED, now=now)
    except IllegalMove:
        raise HomeworkRefused(_("This was changed meanwhile. Please look at it again."), code="moved") from None
    HomeworkReturn.objects.create(item=row, reason=said, given_by=user, created_at=now)
    _notify(row, "homework.returned", _RETURNED, now, key=str(row.uuid))
    audit.record(
        subject_kind="homework",
        subject=row.uuid,
        action="returned",
        actor=by.user,
        fields={"reason": said, "attempt": row.attempt_no},
        now=now,
    )
    return row


# ---- the part of the assessment ----


def _tell_part(
    enrolment: Enrolment, rule: PartRule | None, rubric: RubricData, *, settle: bool, by: Acting, now: datetime
) -> ResultRefused | None:
    """Tell the assessment what her homework came to, once it is complete (or `settle`: what is missing counts as the rubric
    says) and differs from what was told before. The refusal where the assessment does not take it; nothing is kept then."""
    if rule is None or enrolment.candidacy is None:
        return None
    tasks = class_tasks(enrolment.training_class)
    standing = standing_of(enrolment, tasks)
    last = enrolment.homework_parts.order_by("-version").first()
    complete = set(standing.tasks) <= set(standing.marks)
    settled = not complete and (settle or bool(last and last.settled))
    mark = part_mark(standing, missing=rubric.missing if settled else None)
    if mark is None:
        return None
    content = {
        "rubric": rubric.content_hash,
        "missing": str(rubric.missing),
        "settled": settled,
        "tasks": [[str(task), str(standing.marks.get(task, "")) or None] for task in standing.tasks],
    }
    fingerprint = content_hash(canonical({"enrolment": str(enrolment.uuid), "mark": str(mark), **content}))
    if last is not None and last.content_hash == fingerprint:
        return None
    uuid = new_uuid()
    try:
        record_part_mark(candidacy=enrolment.candidacy, part=rule.part, mark=mark, evidence=uuid, now=now)
    except ResultRefused as refusal:
        return refusal
    HomeworkPart.objects.create(
        uuid=uuid,
        enrolment=enrolment,
        version=last.version + 1 if last else 1,
        mark=mark,
        settled=settled,
        content=content,
        content_hash=fingerprint,
        given_by=by.user if settle else None,
        created_at=now,
    )
    return None


def settle_homework(*, by: Acting, training_class: TrainingClass, now: datetime) -> Settled:
    """After the training: whoever has tasks without a mark gets what the rubric counts for a missing one, and everybody's
    homework is told to the assessment. Each trainee on her own; pressing it again tells what was refused before.

    Raises NotAllowed, HomeworkRefused ("part", "rubric", "early", "waiting").
    """
    require(by, "homework", "update", own=teaches(by, training_class))
    rule = homework_rule(training_class)
    if rule is None:
        raise HomeworkRefused(_("Homework does not count in the assessment of this class."), code="part")
    rubric = rubric_for(rule)
    if training_class.state not in _SETTLED_IN:
        raise HomeworkRefused(_("Homework is settled after the training has ended."), code="early")
    there = placed_in(training_class).filter(state=EnrolmentState.IN_TRAINING)
    waiting = HomeworkItem.objects.filter(
        enrolment__in=there.order_by().values("pk"), state=ItemState.HANDED_IN
    ).count()
    if waiting:
        raise HomeworkRefused(
            _("%(number)d hand-ins are not marked yet. Mark them first.") % {"number": waiting}, code="waiting"
        )
    told, refused = 0, []
    for enrolment in there.select_related("training_class"):
        with transaction.atomic():
            list(HomeworkItem.objects.select_for_update().filter(enrolment=enrolment).order_by("id"))
            before = enrolment.homework_parts.count()
            refusal = _tell_part(enrolment, rule, rubric, settle=True, by=by, now=now)
            if refusal:
                refused.append((masked_name(enrolment.person.name), refusal.message))
            elif enrolment.homework_parts.count() > before:
                told += 1
                audit.record(
                    subject_kind="enrolment",
                    subject=enrolment.uuid,
                    action="homework_settled",
                    actor=by.user,
                    fields={"class": training_class.uuid},
                    now=now,
                )
    return Settled(told, tuple(refused))


# ---- telling her ----

_MARKED = (
    gettext_noop("Your homework is marked: %(task)s"),
    gettext_noop("Your instructor has marked “%(task)s”. You can read the mark and what was said about it."),
)
_RETURNED = (
    gettext_noop("Your homework was returned: %(task)s"),
    gettext_noop("Your instructor has returned “%(task)s”. Read why, change it and hand it in again."),
)


def _notify(row: HomeworkItem, kind: str, words: tuple[str, str], now: datetime, *, key: str) -> None:
    held = row.enrolment.training_class
    notify(
        user=None,
        person=row.enrolment.person.uuid,
        kind=kind,
        title=words[0],
        body=words[1],
        params={"task": row.task_title},
        url=reverse("courses:homework_task", args=[held.uuid, row.task]),
        about=held.uuid,
        about_name=held.name,
        key=key,
        now=now,
    )
