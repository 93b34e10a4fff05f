"""The rule, and every fraud of "Done when" with its exact minutes."""

import hashlib
from dataclasses import replace
from datetime import date
from decimal import Decimal
from importlib.resources import files
from uuid import UUID

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from courses.studytime.logic import both, class_hours, counted, length, played_ms, present, union, without
from courses.studytime.rules import study_rules, version_on
from courses.studytime.types import BeatData, Counted, Flag, Interval, Logged, Refusal, Stream

RULES = study_rules(1, "demonstration")
LESSON, OTHER = UUID(int=1), UUID(int=2)
START = 1_800_000_000_000  # a stream's opening, ms
MIN = 60_000
DAY: Interval = (START - 3_600_000, START + 20 * 3_600_000)
SEEN = int(Flag.VISIBLE)
WATCHING = int(Flag.VISIBLE | Flag.PLAYING)


def stream(pk: int = 1, *, lesson: UUID = LESSON, at: int = 0, cap: int = 600, enrolment: int = 1) -> Stream:
    """Opened `at` ms after START; cap in minutes."""
    return Stream(pk, enrolment, lesson, START + at, cap * 60, RULES, DAY)


def beats(
    start_ms: int,
    minutes: float,
    *,
    pk: int = 1,
    flags: int = SEEN,
    idle_from: int | None = None,
    asked: bool = True,
    late_ms: int = 0,
    opened: int = 0,
    first: int = 1,
    rate: int = 100,
) -> list[BeatData]:
    """A beat every 20 s from start_ms (since the opening) on; somebody touches all the time unless idle since `idle_from`.

    asked: 还在学习吗 is answered every 15 minutes; late_ms: how much later than its moment each arrives.
    """
    made = []
    for i in range(1, round(minutes * 3) + 1):
        at = start_ms + i * 20_000
        idle = max(0, at - idle_from) if idle_from is not None else 0
        extra = Flag.ANSWERED if asked and at % (15 * MIN) == 0 else 0
        position = (at - start_ms) * rate // 100
        received = START + opened + at + late_ms + 50
        made.append(BeatData(pk, first + i - 1, received, at, 20_000, idle, flags | extra, position, rate))
    return made


def count(*parts: tuple[Stream, list[BeatData]], capped: bool = True, logged: tuple[Logged, ...] = ()) -> Counted:
    return counted([one for one, _ in parts], {one.pk: sent for one, sent in parts}, logged, capped=capped)


def why(result: Counted) -> dict[Refusal, float]:
    """Reason → minutes."""
    out: dict[Refusal, float] = {}
    for piece in result.refused:
        assert piece.reason is not None
        out[piece.reason] = out.get(piece.reason, 0) + piece.ms / MIN
    return out


def test_honest_study_counts_to_the_second() -> None:
    result = count((stream(), beats(0, 40)))
    assert result.seconds == 2400
    assert result.refused == ()
    assert result.ms == {(1, LESSON): 40 * MIN}


def test_two_tabs_of_one_lesson_count_once() -> None:
    second = beats(0, 30, pk=2, opened=5 * MIN)
    result = count((stream(1), beats(0, 30)), (stream(2, at=5 * MIN), second))
    assert result.seconds == 35 * 60
    assert why(result) == {Refusal.OVERLAP: 25}


def test_two_devices_on_two_lessons_count_once_for_the_page_opened_first() -> None:
    phone = (stream(1, lesson=LESSON), beats(0, 20))
    desk = (stream(2, lesson=OTHER, at=10 * MIN), beats(0, 20, pk=2, opened=10 * MIN))
    result = count(phone, desk)
    assert result.ms == {(1, LESSON): 20 * MIN, (1, OTHER): 10 * MIN}
    assert result == count(desk, phone)


def test_two_classes_at_once_count_once() -> None:
    result = count((stream(1), beats(0, 10)), (stream(2, enrolment=2), beats(0, 10, pk=2)))
    assert result.ms == {(1, LESSON): 10 * MIN}


def test_seeking_to_the_end_counts_the_time_that_passed() -> None:
    sent = beats(0, 1, flags=WATCHING)
    sent[-1] = sent[-1]._replace(position_ms=60 * MIN)
    assert count((stream(), sent)).seconds == 60
    # Of the hour's video only what ended at its positions was played: 0–40 s and the last 20 s.
    assert played_ms(sent, duration_ms=60 * MIN) == 60_000


def test_double_speed_counts_the_walls_time() -> None:
    sent = beats(0, 10, flags=WATCHING, rate=200)
    assert count((stream(), sent)).seconds == 600
    assert played_ms(sent, duration_ms=20 * MIN) == 20 * MIN


def test_a_speed_nobody_can_choose_is_taken_as_double() -> None:
    assert played_ms([beats(0, 1)[0]._replace(flags=WATCHING, rate=1000, position_ms=MIN)], duration_ms=MIN) == 40_000


def test_a_device_whose_clock_runs_ahead_earns_nothing_ahead() -> None:
    """Each beat claims to be an hour later than it arrives."""
    sent = [beat._replace(received_ms=beat.received_ms - 60 * MIN) for beat in beats(60 * MIN, 10)]
    result = count((stream(), sent))
    assert result.seconds == 0
    assert why(result)[Refusal.AHEAD] == pytest.approx(10, abs=0.01)


def test_a_beat_ahead_of_its_arrival_counts_up_to_its_arrival() -> None:
    [beat] = [BeatData(1, 1, START + 30_000, 40_000, 20_000, 0, SEEN, None, 100)]
    result = count((stream(), [beat]))
    assert [(piece.from_ms, piece.until_ms) for piece in result.intervals] == [(START + 20_000, START + 30_000)]
    assert why(result) == {Refusal.AHEAD: pytest.approx(1 / 6)}


def test_a_device_whose_clock_was_set_back_earns_no_time_before_the_opening() -> None:
    sent = [BeatData(1, 1, START + 10_000, 10_000, 30_000, 0, SEEN, None, 100)]
    assert count((stream(), sent)).intervals[0].from_ms == START


def test_replayed_requests_count_nothing() -> None:
    sent = beats(0, 10)
    assert count((stream(), sent * 5)) == count((stream(), sent))
    # Sent again an hour later, as if new: their moments have long passed.
    again = [beat._replace(seq=beat.seq + 1000, received_ms=beat.received_ms + 60 * MIN) for beat in sent]
    assert count((stream(), sent + again)).seconds == 600


def test_a_hidden_page_counts_nothing() -> None:
    sent = beats(0, 5) + beats(5 * MIN, 20, flags=0, first=100) + beats(25 * MIN, 5, first=200, asked=False)
    # After 25 minutes nobody had answered since the opening: 15 minutes hold, and the page asks first.
    sent[-15] = sent[-15]._replace(flags=SEEN | Flag.ANSWERED, idle_ms=20_000)
    result = count((stream(), sent))
    assert why(result) == {Refusal.HIDDEN: 20, Refusal.UNANSWERED: pytest.approx(1 / 3)}
    assert result.seconds == 580


def test_ten_thousand_beats_in_a_burst_count_the_time_since_the_opening() -> None:
    """All sent two minutes after the opening, claiming ten thousand different stretches."""
    sent = [BeatData(1, i, START + 2 * MIN, i * 20_000, 20_000, 0, SEEN, None, 100) for i in range(1, 10_001)]
    result = count((stream(), sent))
    assert result.seconds == 120
    assert list(why(result)) == [Refusal.AHEAD]


def test_a_beat_speaks_for_thirty_seconds_at_most() -> None:
    sent = [BeatData(1, 1, START + 10 * MIN, 10 * MIN, 10 * MIN, 60_000, SEEN, None, 100)]
    assert count((stream(), sent)).seconds == 30


def test_reading_rests_after_three_minutes_watching_after_fifteen() -> None:
    assert count((stream(), beats(0, 10, idle_from=60_000, asked=False))).seconds == 4 * 60
    watched = count((stream(), beats(0, 20, idle_from=0, flags=WATCHING)))
    assert watched.seconds == 15 * 60
    assert why(watched) == {Refusal.IDLE: 5}


def test_the_question_must_be_answered() -> None:
    result = count((stream(), beats(0, 20, asked=False)))
    assert result.seconds == 15 * 60
    assert why(result) == {Refusal.UNANSWERED: 5}
    # Answered 40 s after it was asked: the time until then counts too; answered after two minutes: it does not.
    soon = beats(0, 20, asked=False)
    soon[46] = soon[46]._replace(flags=SEEN | Flag.ANSWERED)
    assert count((stream(), soon)).seconds == 20 * 60
    late = beats(0, 20, asked=False)
    late[50] = late[50]._replace(flags=SEEN | Flag.ANSWERED)
    assert count((stream(), late)).seconds == 18 * 60


@pytest.mark.req("S2-30")
def test_fuzhou_asks_every_ten_minutes() -> None:
    fuzhou = replace(stream(), rules=study_rules(1, "fuzhou_2021"))
    assert count((fuzhou, beats(0, 20, asked=False))).seconds == 10 * 60


def test_what_arrives_within_half_an_hour_counts_later_does_not() -> None:
    assert count((stream(), beats(0, 10, late_ms=29 * MIN))).seconds == 600
    result = count((stream(), beats(0, 10, late_ms=31 * MIN)))
    assert result.seconds == 0
    assert why(result) == {Refusal.LATE: 10}


def test_before_and_after_the_class_nothing_counts() -> None:
    one = replace(stream(), runs=(START + 5 * MIN, START + 10 * MIN))
    result = count((one, beats(0, 20)))
    assert result.seconds == 300
    assert why(result) == {Refusal.OUTSIDE: 15}


def test_a_lesson_earns_its_minutes_and_no_more() -> None:
    first, second = stream(1, cap=20), stream(2, cap=20, at=30 * MIN)
    result = count((first, beats(0, 15)), (second, beats(0, 15, pk=2, opened=30 * MIN)))
    assert result.seconds == 20 * 60
    assert why(result) == {Refusal.CAP: 10}
    assert min(piece.from_ms for piece in result.refused) == START + 35 * MIN


def test_time_of_other_platforms_comes_last() -> None:
    entry = Logged(7, 1, (START + 5 * MIN, START + 25 * MIN), None)
    result = count((stream(), beats(0, 10)), logged=(entry,))
    assert result.ms == {(1, LESSON): 10 * MIN, (1, None): 15 * MIN}
    assert why(result) == {Refusal.OVERLAP: 5}
    unlisted = count((stream(), beats(0, 10)), logged=(entry._replace(refused=Refusal.UNLISTED),))
    assert unlisted.seconds == 600
    assert why(unlisted) == {Refusal.UNLISTED: 20}


def test_class_hours_are_rounded_down_once() -> None:
    step = Decimal("0.1")
    assert class_hours(45 * 60, 45, step) == 1
    assert class_hours(45 * 60 - 1, 45, step) == Decimal("0.9")
    assert class_hours(31 * 45 * 60, 45, step) == 31
    assert class_hours(0, 45, step) == 0
    assert class_hours(10**9, 45, Decimal(1)) == 370370


def test_rules_once_published_never_change() -> None:
    text = files("courses.studytime").joinpath("data/study_rules.yaml").read_text(encoding="utf-8")
    first = next(one for one in yaml.safe_load(text)["versions"] if one["version"] == 1)
    assert hashlib.sha256(repr(first).encode()).hexdigest()[:16] == "b0b4b7324257fc17"
    assert version_on(date(2026, 11, 21)) == 1


# Properties -----------------------------------------------------------------------------------------------------------

SPANS = st.tuples(st.integers(0, 200), st.integers(0, 200))
BEATS = st.builds(
    BeatData,
    stream=st.integers(1, 3),
    seq=st.integers(1, 60),
    received_ms=st.integers(0, 90 * MIN).map(lambda ms: START + ms),
    at_ms=st.integers(0, 100 * MIN),
    span_ms=st.integers(0, 120_000),
    idle_ms=st.integers(0, 20 * MIN),
    flags=st.integers(0, 7),
    position_ms=st.none(),
    rate=st.just(100),
)
STREAMS = [stream(1), stream(2, lesson=OTHER, at=7 * MIN, cap=5), stream(3, at=40 * MIN, enrolment=2)]
LOGS = [Logged(1, 1, (START + 30 * MIN, START + 60 * MIN), None)]


def grouped(sent: list[BeatData]) -> dict[int, list[BeatData]]:
    out: dict[int, list[BeatData]] = {}
    for beat in sent:
        out.setdefault(beat.stream, []).append(beat)
    return out


@given(st.lists(BEATS, max_size=40), st.randoms(use_true_random=False), st.booleans())
@settings(max_examples=150, deadline=None)
def test_order_and_repetition_change_nothing(sent: list[BeatData], random: object, capped: bool) -> None:
    plain = counted(STREAMS, grouped(sent), LOGS, capped=capped)
    shuffled = sent + sent[: len(sent) // 2]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert counted(list(reversed(STREAMS)), grouped(shuffled), LOGS, capped=capped) == plain


@given(st.lists(BEATS, max_size=40))
@settings(max_examples=150, deadline=None)
def test_never_more_than_the_wall_clock(sent: list[BeatData]) -> None:
    result = counted(STREAMS, grouped(sent))
    pieces = [(piece.from_ms, piece.until_ms) for piece in result.intervals]
    assert length(union(pieces)) == sum(end - start for start, end in pieces)  # no moment twice
    for one in STREAMS:
        arrived = [beat.received_ms for beat in sent if beat.stream == one.pk]
        mine = [piece for piece in result.intervals if piece.stream == one.pk]
        assert all(piece.from_ms >= one.opened_ms for piece in mine)
        assert all(piece.until_ms <= max(arrived) for piece in mine)
    for piece in result.intervals:
        refused = [(r.from_ms, r.until_ms) for r in result.refused if r.stream == piece.stream]
        overlap = both([(piece.from_ms, piece.until_ms)], union(refused))
        assert not overlap  # counted or refused, never both


@given(st.lists(BEATS, max_size=30), st.lists(BEATS, max_size=10))
@settings(max_examples=150, deadline=None)
def test_more_beats_never_take_anything_away(sent: list[BeatData], more: list[BeatData]) -> None:
    less = counted(STREAMS, grouped(sent))
    assert counted(STREAMS, grouped(sent + more)).seconds >= less.seconds


@given(st.lists(BEATS, max_size=40), st.integers(0, 100))
@settings(max_examples=100, deadline=None)
def test_days_add_up(sent: list[BeatData], minute: int) -> None:
    cut = START + minute * MIN
    whole = counted(STREAMS, grouped(sent), LOGS).ms
    early = counted(STREAMS, grouped(sent), LOGS, within=(0, cut)).ms
    late = counted(STREAMS, grouped(sent), LOGS, within=(cut, 2 * START)).ms
    assert {key: early.get(key, 0) + late.get(key, 0) for key in {*early, *late}} == whole


@given(st.lists(SPANS), st.lists(SPANS))
def test_sets_of_moments(left: list[Interval], right: list[Interval]) -> None:
    def moments(parts: list[Interval]) -> set[int]:
        return {moment for start, end in parts for moment in range(start, end)}

    a, b = union(left), union(right)
    assert moments(a) == moments(left)
    assert moments(both(a, b)) == moments(a) & moments(b)
    assert moments(without(a, b)) == moments(a) - moments(b)
    assert length(a) == len(moments(left))


@given(st.lists(st.integers(0, 100), min_size=1), st.integers(1, 20), st.integers(0, 10))
def test_presence_is_bridged_only_within_the_grace(answers: list[int], every: int, grace: int) -> None:
    windows = present(answers, every, grace)
    assert all(any(start <= answer < end for start, end in windows) for answer in answers)
    assert length(windows) <= len(set(answers)) * (every + grace)
