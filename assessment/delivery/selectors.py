"""Reading sittings and attempts. Gates: what is not yours is not there (404), what your role may not is refused (403)."""

import json
from collections import Counter
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import BigAutoField, Count, QuerySet, UUIDField
from django.http import Http404

from assessment.delivery.logic import add_up, check_stream, first_hash, line, sheet, to_moment, to_ms
from assessment.delivery.models import Answer, Arrangement, Attempt, IntegrityEvent, LateRuling, RosterEntry, Sitting
from assessment.delivery.papers import paper_being_sat
from assessment.delivery.rules import ATTEMPT, CONDUCT, SITTING, require_for
from assessment.delivery.tokens import KEEP_MS, Leave, sealed
from assessment.delivery.types import (
    ASIDE,
    TAKEN,
    AnswerData,
    ArrangementKind,
    AttemptClock,
    AttemptState,
    BoardRow,
    Line,
    Recount,
    SittingState,
    Standing,
    Stored,
    Stream,
)
from lms.accounts.api import Acting, Action, records_of, require
from lms.core.keptquery import KeptQuery

# Candidates hear of a sitting when it is approved.
NOT_ANNOUNCED = (SittingState.DRAFTED, SittingState.REQUESTED)

# ---- gates ----

_ENTRY = KeptQuery(lambda uuid: RosterEntry.objects.select_related("sitting").filter(uuid=uuid), uuid=UUIDField())
_ATTEMPT = KeptQuery(lambda uuid: Attempt.objects.select_related("entry__sitting").filter(uuid=uuid), uuid=UUIDField())
_ENTRIES = KeptQuery(
    lambda person: (
        RosterEntry.objects.select_related("sitting").filter(person=person).exclude(sitting__state__in=NOT_ANNOUNCED)
    ),
    person=UUIDField(),
)
_LAST = KeptQuery(lambda entry: Attempt.objects.filter(entry=entry).order_by("-number")[:1], entry=BigAutoField())
_ATTEMPTS = KeptQuery(
    lambda person: Attempt.objects.filter(entry__person=person).order_by("entry_id", "number"), person=UUIDField()
)
_ANSWERS = KeptQuery(lambda attempt: Answer.objects.filter(attempt__uuid=attempt).order_by("id"), attempt=UUIDField())


def sitting_for(acting: Acting, sitting: UUID, action: Action = "read") -> Sitting:
    """A sitting for an office or its invigilator. Raises Http404, NotAllowed."""
    row = Sitting.objects.filter(uuid=sitting).first()
    if row is None:
        raise Http404
    require_for(acting, SITTING, action, row)
    return row


def conducted(acting: Acting, sitting: UUID) -> Sitting:
    """A sitting for who conducts it. Raises Http404, NotAllowed."""
    row = Sitting.objects.filter(uuid=sitting).first()
    if row is None:
        raise Http404
    require_for(acting, CONDUCT, "execute", row)
    return row


def entry_for(acting: Acting, entry: UUID) -> RosterEntry:
    """A candidate's own place on a roster. Raises Http404 (also another's), NotAllowed."""
    require(acting, ATTEMPT, "execute", own=True)
    found = _ENTRY(uuid=entry)
    if not found or not hers(acting, found[0]):
        raise Http404
    return found[0]


def attempt_for(acting: Acting, attempt: UUID) -> Attempt:
    """A candidate's own attempt, with entry and sitting. Raises Http404 (also another's), NotAllowed."""
    require(acting, ATTEMPT, "execute", own=True)
    found = _ATTEMPT(uuid=attempt)
    if not found or not hers(acting, found[0].entry):
        raise Http404
    return found[0]


def last_attempt(entry: RosterEntry) -> Attempt | None:
    """The newest attempt of a place on a roster, which it then knows; None before she came in. One query."""
    found = _LAST(entry=entry.pk)
    if not found:
        return None
    found[0].entry = entry
    return found[0]


def hers(acting: Acting, entry: RosterEntry) -> bool:
    """Whether a place on a roster is her own, also by a duplicate record of hers; only then it costs queries."""
    return acting.person is not None and (entry.person == acting.person or entry.person in _persons(acting))


def entries_of(acting: Acting) -> tuple[tuple[RosterEntry, Attempt | None], ...]:
    """Her places on rosters with their sittings, each with its newest attempt, the latest sitting first. Raises NotAllowed."""
    require(acting, ATTEMPT, "execute", own=True)
    persons = _persons(acting)
    rows = [row for person in persons for row in _ENTRIES(person=person)]
    rows.sort(key=lambda row: (row.sitting.opens_at, row.pk), reverse=True)
    newest = {one.entry_id: one for person in persons for one in _ATTEMPTS(person=person)}
    return tuple((row, newest.get(row.pk)) for row in rows)


def shows_file(acting: Acting, version: UUID) -> bool:
    """Whether a paper that she has opened holds this version. Raises NotAllowed."""
    require(acting, ATTEMPT, "execute", own=True)
    sat = Attempt.objects.filter(entry__person__in=_persons(acting), started_ms__isnull=False)
    papers = sat.exclude(state=AttemptState.VOIDED).values_list("paper", flat=True).distinct()
    return any(
        item.version == version
        for paper in papers
        for section in paper_being_sat(paper).sections
        for item in section.items
    )


# An attempt that was begun and is not void.
_BEGUN = (AttemptState.RUNNING, AttemptState.PAUSED, AttemptState.HANDED_IN, AttemptState.TIMED_OUT)


def sat_elsewhere(candidacies: Collection[UUID], sitting: Sitting) -> frozenset[UUID]:
    """Which of them began an attempt in another sitting whose mark the results have not been told: one attempt at a time; one
    query. Released is not told yet: the worker tells one candidate after another."""
    if len(candidacies) == 1:
        rows = _BEGUN_ELSEWHERE(candidacy=next(iter(candidacies)), sitting=sitting.pk)
    else:
        rows = list(_begun_elsewhere(sitting.pk, entry__candidacy__in=list(candidacies)))
    return frozenset(row.entry.candidacy for row in rows)


def _begun_elsewhere(sitting: int, **whose: Any) -> QuerySet[Attempt]:
    begun = Attempt.objects.select_related("entry").filter(**whose, state__in=_BEGUN, told_at=None)
    return begun.exclude(entry__sitting=sitting).exclude(entry__sitting__state=SittingState.VOIDED)


_BEGUN_ELSEWHERE = KeptQuery(
    lambda candidacy, sitting: _begun_elsewhere(sitting, entry__candidacy=candidacy),
    candidacy=UUIDField(),
    sitting=BigAutoField(),
)


def begun_untold(candidacy: UUID) -> tuple[datetime, ...]:
    """When she began the attempts whose mark the results were not told; one query."""
    rows = Attempt.objects.filter(entry__candidacy=candidacy, state__in=_BEGUN, told_at=None, started_ms__isnull=False)
    begun = rows.exclude(entry__sitting__state=SittingState.VOIDED)
    return tuple(to_moment(ms) for ms in begun.values_list("started_ms", flat=True) if ms is not None)


def begun_at(attempt: UUID) -> datetime | None:
    """When an attempt was begun; None for one that is not of this room."""
    ms = Attempt.objects.filter(uuid=attempt).values_list("started_ms", flat=True).first()
    return None if ms is None else to_moment(ms)


def _persons(acting: Acting) -> Iterable[UUID]:
    return records_of([acting.person])[acting.person] if acting.person else ()


# ---- for the candidate's page ----


def leave_to_save(row: Attempt) -> str:
    """The token of the device that is in now. row: with entry and sitting."""
    sitting = row.entry.sitting
    last = to_ms(sitting.closes_at) + (sitting.minutes + row.entry.extra_minutes) * 60_000
    return sealed(Leave(row.pk, row.epoch, max(row.deadline_ms or 0, last) + KEEP_MS))


def place_in_line(row: Attempt, *, now: datetime) -> Line:
    """When she goes in, for the waiting room. row: with entry and sitting."""
    sitting = row.entry.sitting
    return line(
        row.place,
        opens_ms=to_ms(sitting.opens_at),
        entered_ms=row.entered_ms,
        starts_per_minute=sitting.starts_per_minute,
        now_ms=to_ms(now),
    )


def current_answers(attempt: UUID) -> dict[int, object]:
    """Position → the response that counts now, to fill her page in again. One query."""
    return {position: json.loads(row.response) for position, row in sheet(_stored(attempt)).items()}


def _stored(attempt: UUID) -> list[Stored]:
    return [row.as_stored() for row in _ANSWERS(attempt=attempt)]


def granted_kinds(entry: RosterEntry) -> frozenset[ArrangementKind]:
    """What was granted to her besides more time."""
    return frozenset(map(ArrangementKind, entry.granted.split()))


# ---- for marking and for people ----


def answers_of(attempt: UUID) -> tuple[AnswerData, ...]:
    """Every answer ever taken in, in the order of arrival, with the chief's decisions."""
    ruled = dict(LateRuling.objects.filter(answer__attempt__uuid=attempt).values_list("answer_id", "counts"))
    return tuple(
        _data(row, ruled.get(row.pk, False)) for row in Answer.objects.filter(attempt__uuid=attempt).order_by("id")
    )


def answers_that_count(attempt: UUID) -> dict[int, AnswerData]:
    """Position → the answer that is marked, the chief's decisions applied (see `logic.sheet`)."""
    said = {(one.epoch, one.sequence): one for one in answers_of(attempt)}
    accepted = [name for name, one in said.items() if one.accepted]
    return {position: said[row.epoch, row.sequence] for position, row in sheet(_stored(attempt), accepted).items()}


def counted_responses(attempts: Collection[UUID]) -> dict[UUID, dict[int, Any]]:
    """Attempt → position → the response that is marked, as `answers_that_count` has it; three queries in all."""
    wanted = dict(Attempt.objects.filter(uuid__in=list(attempts)).values_list("pk", "uuid"))
    accepted: dict[int, list[tuple[int, int]]] = {}
    ruled = LateRuling.objects.filter(answer__attempt__in=wanted, counts=True)
    for attempt, epoch, sequence in ruled.values_list("answer__attempt_id", "answer__epoch", "answer__sequence"):
        accepted.setdefault(attempt, []).append((epoch, sequence))
    stored: dict[int, list[Stored]] = {}
    for row in Answer.objects.filter(attempt__in=wanted).order_by("id"):
        stored.setdefault(row.attempt_id, []).append(row.as_stored())
    return {
        uuid: {
            position: json.loads(row.response)
            for position, row in sheet(stored.get(attempt, ()), accepted.get(attempt, ())).items()
        }
        for attempt, uuid in wanted.items()
    }


def _data(row: Answer, accepted: bool) -> AnswerData:
    return AnswerData(
        position=row.position,
        response=json.loads(row.response),
        standing=Standing(row.standing),
        epoch=row.epoch,
        sequence=row.sequence,
        at=to_moment(row.at_ms),
        accepted=accepted,
    )


def recount(attempt: UUID) -> Recount:
    """The attempt made again from what is written once, and whether the cached row says the same."""
    row = Attempt.objects.get(uuid=attempt)
    clock = add_up(event.as_happened() for event in row.events.order_by("number")) or AttemptClock()
    stored = _stored(attempt)
    streams: dict[int, list[Stored]] = {}
    for one in sorted(stored, key=lambda one: (one.epoch, one.sequence)):
        streams.setdefault(one.epoch, []).append(one)
    problems = [check_stream(attempt, epoch, rows) for epoch, rows in streams.items()]
    mine = streams.get(clock.epoch)
    stream = Stream(mine[-1].sequence, mine[-1].hash) if mine else Stream(0, first_hash(attempt, clock.epoch))
    if clock != row.clock:
        problems.append("the row's clock is not what its events add up to")
    if stream != Stream(row.sequence, row.hash):
        problems.append("the row's last receipt is not the last answer's")
    return Recount(clock, stream, len(stored), next(filter(None, problems), ""))


# ---- the invigilator's board ----


def board(sitting: Sitting) -> tuple[BoardRow, ...]:
    """Everybody who may sit, by seat; six queries whatever their number."""
    entries = list(sitting.entries.filter(included=True).order_by("seat", "id"))
    attempts = {row.entry_id: row for row in _last_first(sitting)}
    mine = Answer.objects.filter(attempt__entry__sitting=sitting)
    answered = Counter(
        attempt
        for attempt, _position in mine.filter(standing__in=TAKEN).values_list("attempt_id", "position").distinct()
    )
    beside = dict(mine.filter(standing__in=ASIDE).values_list("attempt_id").annotate(number=Count("id")))
    noticed = IntegrityEvent.objects.filter(attempt__entry__sitting=sitting)
    watched = dict(noticed.values_list("attempt_id").annotate(number=Count("id")))
    arranged: dict[int, list[ArrangementKind]] = {}
    for entry_pk, kind in Arrangement.objects.filter(entry__sitting=sitting, ruling__granted=True).values_list(
        "entry_id", "kind"
    ):
        arranged.setdefault(entry_pk, []).append(ArrangementKind(kind))
    rows = []
    for entry in entries:
        one = attempts.get(entry.pk)
        rows.append(
            BoardRow(
                entry=entry.uuid,
                person=entry.person,
                seat=entry.seat,
                form=one.form if one else entry.form,
                attempt=one.uuid if one else None,
                state=AttemptState(one.state) if one else None,
                answered=answered[one.pk] if one else 0,
                items=sitting.items,
                beside=beside.get(one.pk, 0) if one else 0,
                watched=watched.get(one.pk, 0) if one else 0,
                deadline_ms=one.deadline_ms if one else None,
                seen_ms=one.seen_ms if one else None,
                extra_minutes=entry.extra_minutes,
                identity_checked=entry.identity_at is not None,
                arrangements=tuple(sorted(arranged.get(entry.pk, ()))),
                on_paper=one.on_paper if one else False,
            )
        )
    return tuple(rows)


def _last_first(sitting: Sitting) -> QuerySet[Attempt]:
    return Attempt.objects.filter(entry__sitting=sitting).order_by("number")


def absentees(sitting: Sitting) -> tuple[UUID, ...]:
    """Candidacies that could have sat and never began (缺考), by seat."""
    sat = Attempt.objects.filter(entry__sitting=sitting, started_ms__isnull=False).values("entry_id")
    return tuple(
        sitting.entries.filter(included=True)
        .exclude(pk__in=sat)
        .order_by("seat", "id")
        .values_list("candidacy", flat=True)
    )
