"""The exam's arithmetic, worked by hand."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import pairwise, permutations
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessment.delivery.logic import (
    add_up,
    browser_key_fits,
    canonical,
    check_stream,
    first_hash,
    forms_by_seat,
    in_time,
    line,
    link,
    option_order,
    read_keyed,
    sheet,
    step,
    to_moment,
    to_ms,
)
from assessment.delivery.types import (
    ATTEMPT_MOVES,
    AttemptClock,
    AttemptState,
    Happened,
    Kind,
    NotPossible,
    Sent,
    Standing,
    Stored,
)

UID = UUID("00000000-0000-4000-8000-000000000001")


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_moment_is_whole_milliseconds_rounded_down(moment: datetime) -> None:
    assert timedelta(0) <= moment - to_moment(to_ms(moment)) < timedelta(milliseconds=1)


def test_a_clock_adds_up() -> None:
    told = add_up(
        [
            Happened(Kind.ENTERED, 0, 1),
            Happened(Kind.STARTED, 1_000, 60_000),
            Happened(Kind.PAUSED, 11_000),
            Happened(Kind.EXTENDED, 12_000, 5_000),
            Happened(Kind.DEVICE, 13_000),
            Happened(Kind.RESUMED, 21_000),
        ]
    )
    assert told == AttemptClock(AttemptState.RUNNING, 2, 1_000, 76_000, None)
    assert [in_time(76_000, 30_000, at) for at in (105_999, 106_000, 106_001)] == [True, True, False]


def test_a_clock_that_was_set_back_during_a_pause_takes_nothing() -> None:
    paused = AttemptClock(AttemptState.PAUSED, 1, 0, 60_000, 10_000)
    assert step(paused, Happened(Kind.RESUMED, 4_000)).deadline_ms == 60_000


@pytest.mark.parametrize("kind", list(ATTEMPT_MOVES))
@pytest.mark.parametrize("state", list(AttemptState))
def test_every_other_move_raises(kind: Kind, state: AttemptState) -> None:
    allowed, after = ATTEMPT_MOVES[kind]
    clock = AttemptClock(state, 1, 0, 60_000, 5_000)
    if state in allowed:
        assert step(clock, Happened(kind, 9_000, 1)).state == (after or state)
    else:
        with pytest.raises(NotPossible):
            step(clock, Happened(kind, 9_000, 1))


def test_a_receipt_is_this_hash() -> None:
    """Written out, so that another program can check a stream."""
    first = sha256(f"kaibo.exam/{UID}/1".encode()).hexdigest()
    assert first_hash(UID, 1) == first
    made = link(first, 1, Sent(1, 7, '["A"]'), 1_700_000_000_000, Standing.COUNTED)
    assert made.hash == sha256(f'{first}\n1\n1\n7\n1700000000000\ncounted\n["A"]'.encode()).hexdigest()
    assert check_stream(UID, 1, [made]) == ""
    assert check_stream(UID, 2, [made]) == "answer 2.1 was changed"


def test_one_text_for_one_response() -> None:
    assert canonical({"b": ["茶"], "a": None}) == '{"a":null,"b":["\\u8336"]}'


def _row(epoch: int, sequence: int, position: int, standing: Standing) -> Stored:
    return Stored(epoch, sequence, position, f'"{epoch}.{sequence}"', 0, standing, "")


def test_what_counts_whatever_the_order_of_rows() -> None:
    rows = [
        _row(1, 1, 1, Standing.COUNTED),
        _row(1, 2, 1, Standing.COUNTED),
        _row(1, 3, 2, Standing.BESIDE),
        _row(1, 4, 3, Standing.BESIDE),
        _row(2, 1, 2, Standing.COUNTED),
        _row(2, 2, 1, Standing.LATE),
    ]
    late, beside, under = (2, 2), (1, 4), (1, 3)
    for shuffled in permutations(rows):
        assert {p: r.response for p, r in sheet(shuffled).items()} == {1: '"1.2"', 2: '"2.1"'}
    decided = sheet(rows, {late, beside, under})
    # Late counts as the change of mind it is; beside fills what is empty and never lies over.
    assert {p: r.response for p, r in decided.items()} == {1: '"2.2"', 2: '"2.1"', 3: '"1.4"'}


def test_options_are_shuffled_for_good_and_evenly() -> None:
    assert option_order("seed", UID, "ABCD") == option_order("seed", UID, "ABCD")
    seen = [option_order(f"seed {n}", UID, "ABCD") for n in range(2400)]
    assert set(seen) == set(permutations("ABCD"))
    firsts = [order[0] for order in seen]
    # 600 expected each; four standard deviations are 85.
    assert all(abs(firsts.count(key) - 600) < 85 for key in "ABCD")


@given(st.lists(st.sampled_from("ABC"), min_size=1, max_size=3, unique=True), st.integers(1, 40), st.text(max_size=8))
def test_neighbours_have_different_forms(forms: list[str], seats: int, seed: str) -> None:
    given_out = forms_by_seat(forms, seats, seed)
    assert len(given_out) == seats
    assert len(forms) == 1 or all(a != b for a, b in pairwise(given_out))


def test_three_hundred_go_in_within_a_minute() -> None:
    opens = 1_000_000
    enters = [line(p, opens_ms=opens, entered_ms=0, starts_per_minute=300, now_ms=0).enters_ms for p in range(1, 301)]
    assert (enters[0], enters[-1]) == (opens, opens + 59_800)
    assert enters == sorted(set(enters))
    # Ten seconds in, 51 have gone; number 60 waits for 8 more, and a late comer goes in at once.
    waits = line(60, opens_ms=opens, entered_ms=0, starts_per_minute=300, now_ms=opens + 10_000)
    assert (waits.ahead, waits.enters_ms) == (8, opens + 11_800)
    late = line(301, opens_ms=opens, entered_ms=opens + 600_000, starts_per_minute=300, now_ms=opens + 600_000)
    assert (late.ahead, late.enters_ms) == (0, opens + 600_000)


@given(st.integers(1, 400), st.integers(1, 600), st.integers(-60_000, 120_000))
def test_nobody_is_ahead_of_whoever_may_go_in(place: int, pace: int, off: int) -> None:
    told = line(place, opens_ms=100_000, entered_ms=0, starts_per_minute=pace, now_ms=100_000 + off)
    assert (told.ahead == 0) or told.enters_ms > 100_000 + off


def test_a_browser_key_fits_its_page_alone() -> None:
    url, key = "https://kaibo.example/exam/1/", "c" * 64
    right = sha256(f"{url}{key}".encode()).hexdigest()
    assert browser_key_fits(url, ["", right], [key])
    assert browser_key_fits(url, [right.upper()], ["d" * 64, key])
    assert not browser_key_fits(url + "2", [right], [key])
    assert not browser_key_fits(url, ["", ""], [key])
    assert browser_key_fits(url, [], [])


@pytest.mark.parametrize(
    "type_, text, read",
    (
        ("single", " ｂ ", ["B"]),
        ("multiple", "c, A", ["A", "C"]),
        ("ordering", "b-a-c", ["B", "A", "C"]),
        ("true_false", "×", False),
        ("true_false", "对", True),
        ("matching", "2a 1B", {"1": "B", "2": "A"}),
        ("fill", "真实\n", ["真实", ""]),
        ("short", " 先道歉，再核实。 ", "先道歉，再核实。"),
        ("multiple", "  ", None),
    ),
    ids=str,
)
def test_what_stands_on_a_paper_form_is_read_as_a_response(type_: str, text: str, read: object) -> None:
    assert read_keyed(type_, text, left=["1", "2"], options=["A", "B", "C"], blanks=2) == read


@pytest.mark.parametrize(
    "type_, text",
    (("single", "AB"), ("single", "E"), ("multiple", "AA"), ("true_false", "也许"), ("matching", "1B 1A"), ("matching", "1E"),
     ("matching", "B"), ("fill", "一\n二\n三")),
)  # fmt: skip
def test_what_a_question_has_not_is_refused(type_: str, text: str) -> None:
    with pytest.raises(ValueError, match="no such answer"):
        read_keyed(type_, text, left=["1", "2"], options=["A", "B", "C"], blanks=2)
