"""A part passed alone counts for the law book's months; then it is missing again, and everybody can read why."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessment.api import Door, ResitState, Standing, video_door
from assessment.results.explaining import _summary
from assessment.results.models import ExpiredPart, GradeDecision, PartMark
from assessment.results.resits import PASSED
from assessment.results.services import expire_due, receive_mark
from assessment.specification.types import Part
from lms.notices.models import Notice
from lms.policies.api import DecisionKind, Outcome, decision_card, decisions_about, months_after
from tests.assessment.results.test_resits import BOTH, again, both, law, sat, scored, standing, word
from tests.assessment.results.world import Examined, examined, released
from tests.media_pipeline.cast import NOW, Cast

PASSED_ON = NOW
LAST = months_after(NOW.date(), 12)


def case_of(cast: Cast, months: int | None = 12, **changes: Any) -> Examined:
    said = {"part_score_valid_months": months} if months else {"pass_mark": "60"}
    return examined(cast, profile=law("demonstration", **said), specification=both(), entitlements=BOTH, **changes)


def told(case: Examined, part: Part, mark: str, at: datetime, **changes: Any) -> GradeDecision:
    said = {"attempt": uuid4() if part is Part.THEORY else None, "submission": None, "outcome": uuid4(), **changes}
    made = receive_mark(
        candidacy=case.candidacy.uuid, part=part, mark=Decimal(mark), proposed_fail=False, now=at, **said
    )
    assert made is not None
    return made


def at(day: date) -> datetime:
    return NOW + (day - NOW.date())


def test_a_passed_part_is_missing_again_when_its_months_are_over_and_the_page_says_why(cast: Cast) -> None:
    case = case_of(cast)
    scored(case)
    sat(cast, case, theory="82.0", video="50.0")
    assert word(case, Part.THEORY) == (False, PASSED)
    assert expire_due(now=at(LAST)) == 0
    assert expire_due(now=at(LAST) + timedelta(days=1)) == 1
    assert expire_due(now=at(LAST) + timedelta(days=2)) == 0
    assert word(case, Part.THEORY) == (True, "")
    row = ExpiredPart.objects.get()
    assert (row.part, row.passed_on, row.until) == ("theory", NOW.date(), LAST)
    # Sitting it again is no resit, and the video's own resit stays what it was.
    assert standing(case, Part.THEORY) == Standing(0, None, ResitState.FIRST)
    said = [one.decision for one in decisions_about(case.candidacy.uuid, DecisionKind.RESIT)]
    reason = next(found for one in said if (found := one.reason("part_score_valid_months")))
    assert (reason.outcome, reason.required, reason.found) == (Outcome.NOT_MET, "12", f"theory:{NOW.date()}")
    assert Notice.objects.filter(kind="part_expired").count() == 1
    # The video's resit comes a day later: the whole result waits for theory, and its card says what has expired.
    second = again(cast, case)
    late = told(case, Part.VIDEO, "70.0", at(LAST) + timedelta(days=3), submission=second.submission.uuid)
    assert (late.grade, late.part_grades[0].mark, late.part_grades[0].expired) == ("", None, LAST)
    card = decision_card(late.policy_decision)
    assert [one.title for one in card.reasons if one.found == f"理论考试，{NOW.date()}合格"] == ["单科合格有效期：提醒"]
    assert _summary(late.part_grades).startswith(f"理论考试曾合格，有效期至{LAST}，须重考。")
    whole = told(case, Part.THEORY, "66.0", at(LAST) + timedelta(days=4))
    assert (whole.grade, whole.part_grades[0].expired) == ("pass", None)


def test_what_was_handed_in_in_time_counts_however_long_its_marking_takes(cast: Cast) -> None:
    case = case_of(cast)
    told(case, Part.THEORY, "82.0", PASSED_ON)
    # Her video was handed in on the first day; its panel finished after the months were over.
    assert expire_due(now=at(LAST) + timedelta(days=30)) == 0
    made = told(case, Part.VIDEO, "70.0", at(LAST) + timedelta(days=30), submission=case.submission.uuid)
    assert made.grade == "pass"
    # Complete, and only the chief is slow: nothing is taken back, nor once it is published.
    assert expire_due(now=at(LAST) + timedelta(days=60)) == 0
    released(cast, made)
    assert expire_due(now=at(LAST) + timedelta(days=90)) == 0
    # A correction years later recomputes it without taking anything back.
    attempt = PartMark.objects.get(part=Part.THEORY).attempt
    anew = told(case, Part.THEORY, "84.0", at(LAST) + timedelta(days=400), attempt=attempt)
    assert (anew.grade, anew.composite) == ("pass", Decimal("74.2"))


def test_an_expired_video_opens_its_door(cast: Cast) -> None:
    case = case_of(cast)
    scored(case)
    sat(cast, case, theory="40.0", video="82.0")
    assert video_door(case.candidacy.uuid).reason == PASSED
    assert expire_due(now=at(LAST) + timedelta(days=1)) == 1
    assert video_door(case.candidacy.uuid).state is Door.OPEN


def test_without_months_nothing_expires(cast: Cast) -> None:
    case = case_of(cast, months=None)
    sat(cast, case, theory="82.0", video="50.0")
    assert expire_due(now=NOW + timedelta(days=4000)) == 0
    assert word(case, Part.THEORY) == (False, PASSED)


@pytest.mark.parametrize(
    "day, months, last",
    (
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 12, 15), 12, date(2027, 12, 15)),
    ),
    ids=["short month", "leap day", "year"],
)
def test_the_last_day_is_the_same_day_of_the_month_or_its_end(day: date, months: int, last: date) -> None:
    assert months_after(day, months) == last


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(1, 120))
def test_months_end_in_the_month_asked_for(day: date, months: int) -> None:
    last = months_after(day, months)
    assert (last.year * 12 + last.month) - (day.year * 12 + day.month) == months
    assert last.day <= day.day
