"""From sheets and rulings to a mark: the worked cases of domain 4.3 and of rubric.json, and what must always hold."""

import json
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from assessment.marking.logic import (
    apportioned,
    band_of,
    band_ranges,
    deduction_of,
    half_up,
    in_turn,
    judge,
    needs_arbitration,
    notes_of,
    parsed_score,
    points_of,
    seats_needed,
    status_of,
)
from assessment.marking.types import Centre, Judgement, MarkingRules, NoteView, Ruled, SheetMarks, Verdict

# Names and limits as in rubric.json, whose bands are in Chinese.
CODES = {"优秀": "excellent", "良好": "good", "合格": "pass", "不合格": "fail"}
RULES = MarkingRules(
    bands=(("excellent", 90), ("good", 80), ("pass", 60), ("fail", 0)),
    compliance="C7",
    trim_from=5,
    high=10,
    high_cap=30,
    medium=3,
    medium_cap=9,
)
FIFTEEN = Decimal(15)
# The worked cases of rubric.json, beside those that only domain 4.3 rule 8 has.
CASES: list[dict[str, Any]] = [
    {"sheets": ["82", "78", "86"], "final": "82.0", "grade": "良好"},
    {"sheets": ["60", "59", "61"], "final": "60.0", "grade": "合格"},
    {"sheets": ["59.5", "60", "60"], "final": "59.8", "grade": "不合格"},
    {"sheets": ["90", "90", "89.5"], "final": "89.8", "grade": "良好"},
    {"sheets": ["55", "75", "70"], "arbitration": True},
    {"sheets": ["40", "70", "72", "74", "95"], "arbitration": True},
]


def sheets(*totals: str, compliance: str = "8") -> list[SheetMarks]:
    """Sheets of these totals, of which C7 is the same part."""
    c7 = Decimal(compliance)
    return [SheetMarks(seat, {"C2": Decimal(total) - c7, "C7": c7}) for seat, total in enumerate(totals, start=1)]


def judged(
    *totals: str, findings: tuple[Ruled, ...] = (), arbitrated: bool = False, compliance: str = "8"
) -> Judgement:
    return judge(sheets(*totals, compliance=compliance), findings, RULES, arbitrated=arbitrated)


@pytest.mark.parametrize("case", CASES)
def test_worked_cases(case: dict[str, Any]) -> None:
    totals = [Decimal(total) for total in case["sheets"]]
    assert needs_arbitration(totals, FIFTEEN) is case.get("arbitration", False)
    if "final" in case:
        outcome = judged(*case["sheets"])
        assert (outcome.mark, outcome.grade) == (Decimal(case["final"]), CODES[case["grade"]])


def test_the_limit_itself_is_still_a_mean() -> None:
    assert not needs_arbitration([Decimal(60), Decimal(75)], FIFTEEN)
    assert needs_arbitration([Decimal(60), Decimal("75.5")], FIFTEEN)


def test_arbitration_takes_the_median_of_all_and_its_sheets_make_the_criteria() -> None:
    outcome = judged("55", "75", "70", "68", arbitrated=True)
    assert (outcome.method, outcome.counted, outcome.mark) == (Centre.MEDIAN, (3, 4), Decimal("69.0"))
    assert sum(outcome.means.values()) == outcome.centre
    assert judged("40", "70", "72", "74", "95", "71", arbitrated=True).mark == Decimal("71.5")


def test_five_sheets_within_the_limit_lose_the_highest_and_the_lowest() -> None:
    outcome = judged("70", "72", "74", "76", "84")
    assert (outcome.method, outcome.counted, outcome.mark) == (Centre.TRIMMED, (2, 3, 4), Decimal("74.0"))


def test_a_confirmed_serious_finding_takes_ten_points_after_the_mean() -> None:
    outcome = judged("66", "66", "66", findings=(Ruled(1, "H", 2, 1),))
    assert (outcome.mark, outcome.grade, outcome.deducted) == (Decimal("56.0"), "fail", 10)


def test_one_breach_of_severity_b_proposes_a_fail_until_the_chief_decides() -> None:
    pending = judged("95", "95", "95", findings=(Ruled(1, "B", 3, 0),))
    assert (pending.grade, pending.proposed_fail, pending.undecided) == ("fail", True, (1,))
    assert (pending.centre, pending.removed, pending.mark) == (Decimal("95.0"), Decimal("8.0"), Decimal("87.0"))
    confirmed = judged("95", "95", "95", findings=(Ruled(1, "B", 0, 3, Verdict.CONFIRM),))
    assert (confirmed.grade, confirmed.proposed_fail, confirmed.undecided) == ("fail", True, ())
    dismissed = judged("95", "95", "95", findings=(Ruled(1, "B", 3, 0, Verdict.DISMISS),))
    assert (dismissed.grade, dismissed.mark, dismissed.undecided) == ("excellent", Decimal("95.0"), ())


def test_the_majority_confirms_and_the_chief_decides_ties_and_every_b() -> None:
    assert status_of(Ruled(1, "H", 2, 1)) is Verdict.CONFIRM
    assert status_of(Ruled(1, "M", 1, 2, Verdict.CONFIRM)) is Verdict.DISMISS
    assert status_of(Ruled(1, "H", 2, 2)) is None
    assert status_of(Ruled(1, "H", 2, 2, Verdict.DISMISS)) is Verdict.DISMISS
    assert status_of(Ruled(1, "B", 3, 0)) is None


def test_deductions_stop_at_the_most_of_their_kind_and_at_nothing() -> None:
    assert points_of([(n, "H") for n in range(1, 6)], RULES) == {1: 10, 2: 10, 3: 10, 4: 0, 5: 0}
    assert points_of([(n, "M") for n in range(1, 6)], RULES) == {1: 3, 2: 3, 3: 3, 4: 0, 5: 0}
    assert points_of([(1, "L"), (2, "B")], RULES) == {}
    assert [deduction_of(severity, RULES) for severity in "BHML"] == [None, 10, 3, 0]
    every = tuple(Ruled(n, "H", 3, 0) for n in range(1, 5))
    assert judged("25", "25", "25", findings=every).mark == Decimal("0.0")


def test_a_compliance_score_is_not_touched_by_findings_of_other_severities() -> None:
    assert judged("80", "80", "80", findings=(Ruled(1, "M", 3, 0),)).means["C7"] == Decimal("8.0")


tenths = st.integers(0, 200).map(lambda half: Decimal(half) / 2)
findings_lists = st.lists(
    st.builds(
        Ruled,
        number=st.integers(1, 50),
        severity=st.sampled_from("BHM"),
        confirmed=st.integers(0, 3),
        dismissed=st.integers(0, 3),
        chief=st.sampled_from([None, *Verdict]),
    ),
    max_size=8,
    unique_by=lambda ruled: ruled.number,
)


@given(st.lists(tenths, min_size=3, max_size=7), findings_lists, st.booleans())
def test_a_mark_adds_up_and_does_not_depend_on_the_order(
    totals: list[Decimal], found: list[Ruled], arbitrated: bool
) -> None:
    marks = [SheetMarks(seat, {"C2": total / 2, "C7": total / 2}) for seat, total in enumerate(totals, start=1)]
    outcome = judge(marks, found, RULES, arbitrated=arbitrated)
    assert outcome == judge(marks[::-1], found, RULES, arbitrated=arbitrated)
    assert outcome.mark == max(Decimal(0), outcome.centre - outcome.removed - outcome.deducted)
    assert 0 <= outcome.mark <= 100
    assert outcome.deducted <= 39
    assert sum(outcome.means.values()) == outcome.centre
    assert min(totals) <= outcome.centre + Decimal("0.1")
    assert outcome.centre <= max(totals) + Decimal("0.1")


@given(st.lists(tenths, min_size=3, max_size=5), findings_lists, st.sampled_from("BHM"))
def test_one_more_confirmed_finding_never_helps(totals: list[Decimal], found: list[Ruled], severity: str) -> None:
    marks = [SheetMarks(seat, {"C2": total / 2, "C7": total / 2}) for seat, total in enumerate(totals, start=1)]
    before = judge(marks, found, RULES, arbitrated=False)
    after = judge(marks, [*found, Ruled(99, severity, 3, 0, Verdict.CONFIRM)], RULES, arbitrated=False)
    assert after.mark <= before.mark


@given(st.lists(st.fractions(0, 20), min_size=1, max_size=10))
def test_rounded_shares_add_up(shares: list[Fraction]) -> None:
    named = {f"C{place}": share for place, share in enumerate(shares)}
    whole = half_up(sum(shares, Fraction(0)))
    rounded = apportioned(named, whole)
    assert sum(rounded.values()) == whole
    assert all(abs(Fraction(rounded[name]) - share) < Fraction(1, 10) for name, share in named.items())


def test_half_up() -> None:
    assert [half_up(Fraction(figure)) for figure in ("59.75", "59.74", "59.849999", "0.05")] == [
        Decimal("59.8"),
        Decimal("59.7"),
        Decimal("59.8"),
        Decimal("0.1"),
    ]


# Bands, scores, comments, turns.


@pytest.mark.parametrize(
    "maximum, ranges",
    (
        (15, [("13.5", "15"), ("12", "13"), ("9", "11.5"), ("0", "8.5")]),
        (8, [("7.5", "8"), ("6.5", "7"), ("5", "6"), ("0", "4.5")]),
        (3, [("3", "3"), ("2.5", "2.5"), ("2", "2"), ("0", "1.5")]),
    ),
)
def test_bands_of_a_criterion_in_steps(maximum: int, ranges: list[tuple[str, str]]) -> None:
    made = band_ranges(Decimal(maximum), Decimal("0.5"), [90, 80, 60, 0])
    assert made == [(Decimal(low), Decimal(high)) for low, high in ranges]


@given(st.integers(1, 40), st.integers(0, 80))
def test_a_score_lies_in_the_band_whose_range_holds_it(maximum: int, halves: int) -> None:
    score = min(Decimal(halves) / 2, Decimal(maximum))
    ranges = band_ranges(Decimal(maximum), Decimal("0.5"), [share for _code, share in RULES.bands])
    holding = [
        code
        for (code, _share), reach in zip(RULES.bands, ranges, strict=True)
        if reach and reach[0] <= score <= reach[1]
    ]
    assert holding == [band_of(score, Decimal(maximum), RULES.bands)]


@pytest.mark.parametrize(
    "typed, score",
    (("8.5", "8.5"), (" 8 ", "8.0"), ("８．５", "8.5"), ("0", "0.0"), ("10", "10.0"), ("8。5", "8.5"), ("8.50", "8.5")),
)
def test_scores_as_people_type_them(typed: str, score: str) -> None:
    assert str(parsed_score(typed, maximum=Decimal(10), step=Decimal("0.5"))) == score


@pytest.mark.parametrize("typed", ("10.5", "8.3", "-1", "8,5", "eight", "1e1", "NaN", "8.55", "Infinity"))
def test_no_other_score_is_taken(typed: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        parsed_score(typed, maximum=Decimal(10), step=Decimal("0.5"))


def test_an_empty_field_is_no_score() -> None:
    assert parsed_score("  ", maximum=Decimal(10), step=Decimal("0.5")) is None


def test_comments_speak_of_a_second() -> None:
    assert notes_of("[00:55] 近景太快\n\n净含量看不清\n[12:03]再看一次") == [
        NoteView(55.0, "近景太快"),
        NoteView(None, "净含量看不清"),
        NoteView(723.0, "再看一次"),
    ]


def test_the_least_loaded_first_and_no_order_of_rows() -> None:
    first, second, third = (uuid4() for _ in range(3))
    loads = {first: 2, second: 0, third: 2}
    assert in_turn(loads, seed="x")[0] == second
    assert in_turn(loads, seed="x") == in_turn(dict(reversed(loads.items())), seed="x")
    assert len({tuple(in_turn(dict.fromkeys(loads, 1), seed=str(seed))) for seed in range(40)}) > 1


@pytest.mark.parametrize("minimum, odd, seats", ((3, True, 3), (4, True, 5), (4, False, 4), (2, True, 3)))
def test_seats(minimum: int, odd: bool, seats: int) -> None:
    assert seats_needed(minimum, odd=odd) == seats


# Our rubrics (domain 4.1; rubric.json).

WEIGHTS = {
    5: [10, 20, 15, 15, 5, 5, 10, 5, 15, 0],
    4: [8, 20, 10, 12, 12, 13, 10, 5, 5, 5],
    3: [6, 16, 8, 10, 14, 16, 10, 5, 3, 12],
}


def test_the_rubrics_say_what_the_domain_says() -> None:
    path = Path(__file__).parents[3] / "assessment" / "marking" / "data" / "rubrics.yaml"
    entries = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert {entry["level"]: [one["maximum"] for one in entry["criteria"]] for entry in entries} == WEIGHTS
    for entry in entries:
        assert sum(one["maximum"] for one in entry["criteria"]) == 100
        assert [one["code"] for one in entry["criteria"]] == [f"C{number}" for number in range(1, 11)]
        assert [(band["label"], band["share"]) for band in entry["bands"]] == [
            ("优秀", 90),
            ("良好", 80),
            ("合格", 60),
            ("不合格", 0),
        ]
        assert entry["deductions"] == {"H": 10, "H_cap": 30, "M": 3, "M_cap": 9}
        assert json.dumps(entry, ensure_ascii=False)
