"""Opening streams, taking beats in, and making the days' sums from the ledger."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from courses.classes.models import TrainingClass
from courses.classes.types import ClassState
from courses.enrolment.models import Enrolment
from courses.enrolment.types import EnrolmentState
from courses.studytime.logic import caps_of, counted
from courses.studytime.models import Beat, StudyDay, StudyStream, StudyTotal
from courses.studytime.rules import study_rules, version_on
from courses.studytime.selectors import (
    counted_enrolments,
    counted_seconds,
    day_interval,
    day_of,
    hours_of,
    humans,
    ledgers,
    profile_key,
    to_ms,
)
from courses.studytime.tickets import Pass, Ticket, sealed
from courses.studytime.types import ClockView, OnlineHours, StudyRefused
from lms.core import clock

# One request carries at most so many beats; a stream at most one in two seconds, after a first burst.
BATCH_MAX = 60
_BURST = 120
_PER_BEAT_MS = 2000
_DAY_MS = 24 * 3600 * 1000
_CHUNK = 50
# A page opened again every two minutes, ten hours long. Every stream is kept for good, so a script may not make millions.
STREAMS_A_DAY = 300


def study_ticket(*, enrolment: Enrolment, lesson: UUID, online_minutes: int, now: datetime) -> ClockView:
    """The clock of a lesson page and, while her study counts, the signed leave to start it. Writes nothing.

    enrolment with its training_class; online_minutes: the lesson's, as the class's plan stands now. The view goes to
    `courses/studytime/_clock.html` as `clock`.
    """
    held = enrolment.training_class
    key = profile_key(held)
    rules = study_rules(version_on(clock.day_of(now)), key)
    note = _stands_still(enrolment, online_minutes, now)
    ticket = ""
    if not note:
        until = to_ms(now) + rules.stream_max_s * 1000
        ticket = sealed(Ticket(enrolment.pk, enrolment.person_id, str(lesson), online_minutes, key, until))
    return ClockView(
        ticket=ticket,
        counted_s=counted_seconds(enrolment.pk, lesson),
        required_s=online_minutes * 60,
        interval_s=rules.interval_s,
        presence_every_s=rules.presence_every_s,
        presence_grace_s=rules.presence_grace_s,
        idle_text_s=rules.idle_text_s,
        idle_video_s=rules.idle_video_s,
        note=note,
    )


def _stands_still(enrolment: Enrolment, online_minutes: int, now: datetime) -> str:
    """Why nothing is counted now, in a sentence; "" when it is."""
    held, today = enrolment.training_class, clock.day_of(now)
    if not online_minutes:
        return _("This lesson is taught on site; time on the phone is not counted.")
    if enrolment.state == EnrolmentState.APPROVED or today < held.starts_on:
        return _("The training has not begun; you may read ahead, but no time is counted yet.")
    if (
        enrolment.state != EnrolmentState.IN_TRAINING
        or today > held.ends_on
        or held.state not in {ClassState.TEACHING, ClassState.OPEN}
    ):
        return _("The training has ended; you may read on, but no more time is counted.")
    return ""


@transaction.atomic
def open_stream(*, ticket: Ticket, nonce: UUID, device: UUID, now: datetime) -> tuple[str, StudyStream]:
    """Write down that a lesson page was opened. The same nonce again gives the same stream with its first moment.

    Returns the pass for its beats and the row. Raises StudyRefused.
    """
    # One page after the other opens for one enrolment, or two at once would both be the last of the day.
    rows = Enrolment.objects.select_for_update(of=("self",), no_key=True).select_related("training_class")
    enrolment = rows.filter(pk=ticket.enrolment).first()
    if enrolment is None:
        raise StudyRefused(_("This enrolment is not known."), code="gone")
    if note := _stands_still(enrolment, ticket.online_minutes, now):
        raise StudyRefused(note, code="closed")
    rules = study_rules(version_on(clock.day_of(now)), ticket.profile)
    row = StudyStream.objects.filter(enrolment=enrolment, nonce=nonce).first()
    if row is None:
        if _opened_today(enrolment, now) >= STREAMS_A_DAY:
            raise StudyRefused(
                _("Lessons were opened too often today; you may read on, and time is counted again tomorrow."),
                code="many",
            )
        row = StudyStream.objects.create(
            enrolment=enrolment,
            nonce=nonce,
            person_id=enrolment.person_id,
            lesson=UUID(ticket.lesson),
            device=device,
            profile=ticket.profile,
            rules_version=rules.version,
            online_minutes=ticket.online_minutes,
            opened_at=now,
        )
    opened_ms = to_ms(row.opened_at)
    until = opened_ms + rules.stream_max_s * 1000
    return sealed(Pass(row.pk, row.person_id, enrolment.pk, str(row.lesson), opened_ms, until)), row


def _opened_today(enrolment: Enrolment, now: datetime) -> int:
    midnight = datetime.combine(clock.day_of(now), time(), clock.SHANGHAI)
    opened = StudyStream.objects.filter(person=enrolment.person_id, opened_at__gte=midnight, enrolment=enrolment)
    return opened[:STREAMS_A_DAY].count()


def receive_beats(*, leave: Pass, beats: Sequence[Any], now: datetime) -> int:
    """Put a stream's beats into the ledger; returns how many were well formed.

    A number that was taken in before is left as it was. What is malformed, or runs ahead of what a page can send in the
    time that passed, is not taken in at all. Raises StudyRefused for a request that is none.
    """
    if not isinstance(beats, list) or len(beats) > BATCH_MAX:
        raise StudyRefused(_("Too many beats at once."), code="batch")
    most = _BURST + max(0, to_ms(now) - leave.opened_ms) // _PER_BEAT_MS
    rows = [row for one in beats if (row := _beat(leave.stream, one, most, now)) is not None]
    if rows:
        days = {(leave.person, day_of(leave.opened_ms)), (leave.person, clock.day_of(now))}
        with transaction.atomic():
            Beat.objects.bulk_create(rows, ignore_conflicts=True)
            mark_stale(days)
    return len(rows)


def mark_stale(days: Collection[tuple[int, date]]) -> None:
    """Have these days of these persons (pk) made again."""
    StudyDay.objects.bulk_create(
        [StudyDay(person_id=person, day=day) for person, day in sorted(days)],
        update_conflicts=True,
        unique_fields=["person", "day"],
        update_fields=["stale"],
    )


def _beat(stream: int, said: Any, most: int, now: datetime) -> Beat | None:
    """One beat as sent, [seq, at_ms, span_ms, idle_ms, flags, position_ms or null, rate], or None."""
    if not isinstance(said, list) or len(said) != 7:
        return None
    seq, at_ms, span_ms, idle_ms, flags, position, rate = said
    numbers = (seq, at_ms, span_ms, idle_ms, flags, rate, 0 if position is None else position)
    if not all(type(number) is int and 0 <= number <= _DAY_MS for number in numbers):
        return None
    if not 0 < seq <= most or flags > 7 or rate > 1000:
        return None
    return Beat(
        stream_id=stream,
        seq=seq,
        received_at=now,
        at_ms=at_ms,
        span_ms=span_ms,
        idle_ms=idle_ms,
        flags=flags,
        position_ms=position,
        rate=rate,
    )


def refresh_days(*, persons: Collection[int] | None = None, limit: int | None = None) -> int:
    """Make the sums of stale days again, of these persons' records or of everybody; returns how many days were made."""
    rows = StudyDay.objects.filter(stale=True).order_by("day", "person_id")
    if persons is not None:
        rows = rows.filter(person__in=persons)
    by_day: dict[date, list[int]] = defaultdict(list)
    for person, day in rows.values_list("person_id", "day")[:limit]:
        by_day[day].append(person)
    for day, those in by_day.items():
        for i in range(0, len(those), _CHUNK):
            make_day(persons=those[i : i + _CHUNK], day=day)
    return sum(len(those) for those in by_day.values())


@transaction.atomic
def make_day(*, persons: Collection[int], day: date) -> None:
    """The sums of one day of some persons, from the ledger alone.

    The mark is taken off first: a beat that arrives meanwhile waits for this row or finds it fresh, and marks it again.
    """
    roots = humans(persons)
    StudyDay.objects.filter(person__in=list(roots), day=day).update(stale=False)
    within = day_interval(day)
    totals = []
    for ledger in ledgers(roots, within).values():
        caps = caps_of(ledger.streams)
        for (enrolment, lesson), ms in counted(ledger.streams, ledger.beats, ledger.logged, within=within).ms.items():
            cap = caps.get((enrolment, lesson))
            totals.append(StudyTotal(enrolment_id=enrolment, lesson=lesson, day=day, ms=ms, cap_s=cap))
    StudyTotal.objects.filter(enrolment__person__in=list(roots), day=day).delete()
    StudyTotal.objects.bulk_create(totals)


def recount_persons(*, persons: Collection[UUID]) -> None:
    """Have every day of these persons made again."""
    StudyDay.objects.filter(person__uuid__in=list(persons)).update(stale=True)


def counted_online_hours(training_class: TrainingClass) -> dict[UUID, OnlineHours]:
    """THE counted online hours of a class (S3-16), by enrolment: whatever the ledger holds at this moment."""
    pairs = counted_enrolments(training_class)
    persons = Enrolment.objects.filter(pk__in=[pk for pk, _uuid in pairs]).values_list("person_id", flat=True)
    refresh_days(persons=list(humans(list(persons))))
    return hours_of(training_class, pairs)
