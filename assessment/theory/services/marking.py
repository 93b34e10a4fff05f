"""Marks of a sitting's papers brought up to date with the facts: by a job, in pieces, as often as anything changes.

A pass writes nothing where a mark would come out the same: after a worker that was killed another goes on, and two at once
wait for each other at the sitting's row.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import islice
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from assessment.candidates.selectors import candidacies
from assessment.delivery.models import Attempt, Sitting
from assessment.delivery.types import SittingState
from assessment.marking.services import open_booklet
from assessment.marking.types import BookletItem
from assessment.theory.logic import cause_of, seal_of
from assessment.theory.models import BookletMark, BookletOpening, PaperMark, PaperVideo, Settlement
from assessment.theory.rules import require_for
from assessment.theory.selectors import FINISHED, finished, newest_marks
from assessment.theory.services.facts import (
    Assessed,
    Prepared,
    assessed,
    fingerprint,
    papers_sat,
    prepared,
    to_be_opened,
)
from assessment.theory.services.telling import tell
from assessment.theory.types import PaperContent, TheoryRefused, Waits
from lms.accounts.api import Acting
from lms.core import audit
from lms.core.ids import blind_code, new_uuid
from lms.core.jobs import enqueue

SITTING_JOB = "theory.mark_sitting"
PAPER_JOB = "theory.mark_paper"
# Papers a transaction: short enough that nobody waits for the sitting's row.
PIECE = 50
LONGEST_REASON = 300
_MARKABLE = (SittingState.CLOSED, SittingState.MARKED, SittingState.RELEASED)
_OPEN = (SittingState.CLOSED, SittingState.MARKED)


def ask_for_marking(sitting: UUID, *, why: str) -> None:
    """Let the worker bring a sitting's marks up to date. why: names the news, so that none is lost on a running job."""
    enqueue(SITTING_JOB, sitting, key=f"{sitting}:{why}")


def ask_for_paper(attempt: UUID, *, why: str) -> None:
    """The same for one paper."""
    enqueue(PAPER_JOB, attempt, key=f"{attempt}:{why}")


def mark_sitting(*, sitting: UUID, now: datetime, beat: Callable[[int, int], None] | None = None) -> int:
    """Bring the marks of every finished attempt up to date; how many were written. A sitting that is not closed has none.

    beat: called in each piece's transaction with (papers done, papers in all); what it raises undoes the piece.
    """
    row = Sitting.objects.filter(uuid=sitting, state__in=_MARKABLE).first()
    if row is None:
        return 0
    given = prepared(row, papers_sat(row), now=now)
    wanted = list(finished(row).values_list("uuid", flat=True))
    written = done = 0
    for piece in _pieces(wanted):
        with transaction.atomic():
            if beat is not None:
                beat(done, len(wanted))
            written += _bring_up(sitting, piece, given, now)
        done += len(piece)
    _note_marked(sitting, now=now)
    return written


def mark_attempt(*, attempt: UUID, now: datetime) -> int:
    """The same for one attempt."""
    row = Attempt.objects.select_related("entry__sitting").filter(uuid=attempt).first()
    if row is None or row.state not in FINISHED or row.entry.sitting.state not in _MARKABLE:
        return 0
    sitting = row.entry.sitting
    with transaction.atomic():
        written = _bring_up(sitting.uuid, [attempt], prepared(sitting, [row.paper], now=now), now)
    _note_marked(sitting.uuid, now=now)
    return written


def _pieces(wanted: Sequence[UUID]) -> Iterator[list[UUID]]:
    rest = iter(wanted)
    while piece := list(islice(rest, PIECE)):
        yield piece


def _locked(sitting: UUID, *states: SittingState) -> Sitting | None:
    return Sitting.objects.select_for_update().filter(uuid=sitting, state__in=states).first()


def _bring_up(sitting: UUID, wanted: Collection[UUID], given: Prepared, now: datetime) -> int:
    """One piece, in the caller's transaction. The sitting's row keeps others out: who rules, voids, releases or marks."""
    row = _locked(sitting, *_MARKABLE)
    if row is None:
        return 0
    rows = finished(row).filter(uuid__in=list(wanted)).select_related("entry__sitting")
    found = assessed(row, rows, given)
    codes = _codes(sum(one.head is None for one in found))
    made = [_written(one, one.head.code if one.head else codes.pop(), now) for one in found if one.changed]
    PaperMark.objects.bulk_create(made)
    for one in found:
        _give_to_people(one, given, now)
    if row.state == SittingState.RELEASED:
        tell(row, made, now=now)
    if made:
        _record(row, "papers_marked", None, now, marks=len(made), seal=seal_of([_name(mark) for mark in made]))
    return len(made)


def _name(mark: PaperMark) -> tuple[UUID, int, str]:
    return mark.attempt.uuid, mark.number, mark.content_hash


def _codes(count: int) -> list[str]:
    """So many codes that no paper has."""
    found: set[str] = set()
    while len(found) < count:
        drawn = {blind_code() for _number in range(count - len(found))}
        found |= drawn - set(PaperMark.objects.filter(code__in=drawn, number=1).values_list("code", flat=True))
    return list(found)


def _written(one: Assessed, code: str, now: datetime) -> PaperMark:
    before = one.head.as_content() if one.head else None
    return PaperMark(
        attempt=one.attempt,
        number=one.head.number + 1 if one.head else 1,
        code=code,
        cause=cause_of(before, one.content),
        paper=one.attempt.paper,
        at=now,
        **_columns(one.content),
    )


def _columns(content: PaperContent) -> dict[str, object]:
    return {
        "items": [item.to_json() for item in content.items],
        "total": content.total,
        "pass_mark": content.pass_mark,
        "video_section": content.video_section,
        "video_share": content.video_share,
        "machine": content.machine,
        "people": content.people,
        "video": content.video,
        "mark": content.mark,
        "proposed_fail": content.proposed_fail,
        "credit_key": content.credit_key,
        "credit_hash": content.credit_hash,
        "corrections": [str(uuid) for uuid in content.corrections],
        "settled": list(content.settled),
        "people_outcome": content.people_outcome,
        "video_outcome": content.video_outcome,
        "content_hash": content.content_hash,
    }


def _give_to_people(one: Assessed, given: Prepared, now: datetime) -> None:
    """Short answers go to the examiners when the paper is first marked; one that came to count after that in a booklet of its
    own, to those who marked the first."""
    if Waits.PEOPLE not in one.content.waits:
        return
    before = list(BookletOpening.objects.filter(attempt=one.attempt).values_list("answers", flat=True))
    answers = {
        place.position: fingerprint(one.responses.get(place.position))
        for place in to_be_opened(one, given.sheets[one.attempt.paper])
    }
    fresh = {
        position: said
        for position, said in answers.items()
        if not any(opened.get(str(position)) == said for opened in before)
    }
    if not fresh:
        return
    booklet = new_uuid() if before else one.attempt.uuid
    BookletOpening.objects.create(
        attempt=one.attempt, booklet=booklet, answers={str(place): said for place, said in fresh.items()}, at=now
    )
    places = [place for place in given.sheets[one.attempt.paper].places if place.position in fresh]
    open_booklet(
        attempt=one.attempt.uuid,
        candidacy=one.attempt.entry.candidacy,
        items=[BookletItem(place.position, place.question, place.version, place.marks) for place in places],
        now=now,
        booklet=booklet,
    )


@transaction.atomic
def _note_marked(sitting: UUID, *, now: datetime) -> None:
    """The sitting is marked once every paper of it is."""
    row = _locked(sitting, SittingState.CLOSED)
    if row is None:
        return
    rows = list(finished(row))
    heads = newest_marks(rows)
    if any(one.pk not in heads or heads[one.pk].mark is None for one in rows):
        return
    row.move(SittingState.MARKED, now=now)
    _record(row, "marked", None, now, papers=len(rows))


@transaction.atomic
def receive_booklet(
    *, booklet: UUID, marks: Sequence[tuple[int, Decimal]], outcome: UUID, now: datetime
) -> BookletMark | None:
    """People have marked a booklet of short answers; the worker adds them in. The same outcome again changes nothing."""
    opening = BookletOpening.objects.select_related("attempt").filter(booklet=booklet).first()
    if opening is None or BookletMark.objects.filter(outcome=outcome).exists():
        return None
    made = BookletMark.objects.create(
        attempt=opening.attempt,
        booklet=booklet,
        marks=[[position, str(worth)] for position, worth in marks],
        outcome=outcome,
        at=now,
    )
    ask_for_paper(opening.attempt.uuid, why=str(outcome))
    return made


@transaction.atomic
def receive_video(
    *, candidacy: UUID, mark: Decimal, proposed_fail: bool, outcome: UUID, now: datetime
) -> PaperVideo | None:
    """The mark of a candidacy's video is final: kept for a paper it is part of, now or later. Again changes nothing."""
    if PaperVideo.objects.filter(outcome=outcome).exists():
        return None
    made = PaperVideo.objects.create(
        candidacy=candidacy, mark=mark, proposed_fail=proposed_fail, outcome=outcome, at=now
    )
    sat = Attempt.objects.filter(entry__candidacy=candidacy, state__in=FINISHED, entry__sitting__state__in=_OPEN)
    for attempt in sat.order_by("id").values_list("uuid", flat=True):
        ask_for_paper(attempt, why=str(outcome))
    return made


@transaction.atomic
def settle_part(*, by: Acting, attempt: UUID, part: Waits, reason: str, now: datetime) -> Settlement:
    """Decide not to wait any more for a part of a paper: no video was handed in, nobody can mark it. It is worth nothing then.

    Raises NotAllowed, TheoryRefused ("state", "reason", "settled": the paper does not wait for this part).
    """
    found = Attempt.objects.values_list("entry__sitting__uuid", flat=True).filter(uuid=attempt).first()
    sitting = _locked(found, *_OPEN) if found else None
    if sitting is None:
        raise TheoryRefused(_("The sitting has moved on. Look at it again."), code="state")
    require_for(by, "exam_decision", "approve", sitting)
    words = said(reason)
    row = Attempt.objects.select_related("entry").get(uuid=attempt)
    head = newest_marks([row]).get(row.pk)
    if row.state not in FINISHED or head is None or part not in head.as_content().waits:
        raise TheoryRefused(_("This paper does not wait for that part."), code="settled")
    made = Settlement.objects.create(attempt=row, part=part, reason=words, by=by.user, at=now)
    ask_for_paper(attempt, why=f"settled:{part}")
    _record(sitting, "part_settled", by.user, now, attempt=row.uuid, part=part)
    return made


def said(reason: str) -> str:
    """A reason in words. Raises TheoryRefused ("reason")."""
    words = " ".join(reason.split())
    if not words:
        raise TheoryRefused(pgettext("sitting", "Say why."), code="reason", field="reason")
    if len(words) > LONGEST_REASON:
        text = _("At most %(count)d characters.") % {"count": LONGEST_REASON}
        raise TheoryRefused(text, code="reason", field="reason")
    return words


def _record(row: Sitting, action: str, actor: UUID | None, now: datetime, **fields: audit.Fact) -> None:
    audit.record(subject_kind="sitting", subject=row.uuid, action=action, actor=actor, fields=fields, now=now)


def persons_of(sitting: Sitting) -> tuple[set[UUID], set[UUID]]:
    """Persons on a sitting's roster, and classes they are examined in."""
    entries = list(sitting.entries.filter(included=True).values_list("candidacy", "person"))
    held = candidacies([candidacy for candidacy, _person in entries])
    classes = {one.class_uid for one in held.values() if one.class_uid}
    return {person for _candidacy, person in entries}, classes
