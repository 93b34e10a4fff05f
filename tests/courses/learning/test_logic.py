"""Progress as a join, what comes next, and the recommended path: pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from functools import reduce
from itertools import permutations
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courses.catalogue.types import CheckBlock, CheckKind, Delivery, LessonKind, Option
from courses.learning.logic.path import AGAIN, AUDIENCE, DUE, recommended, rules_of, worst
from courses.learning.logic.progress import (
    OLDEST,
    event_time,
    joined,
    judged,
    next_of,
    place_in,
    share_read,
    standing_of,
)
from courses.learning.rules import path_rules
from courses.learning.types import (
    Aim,
    Background,
    Experience,
    Happening,
    PathFacts,
    PathLesson,
    Place,
    Schooling,
    Standing,
    StudyState,
    Told,
    Weight,
)

NOW = datetime(2026, 3, 16, 6, 30, tzinfo=UTC)

tolds = st.builds(
    Told,
    key=st.uuids(version=4),
    kind=st.sampled_from(Happening),
    # Few moments, so that ties are common.
    at=st.integers(0, 5).map(lambda minutes: NOW + timedelta(minutes=minutes)),
    place=st.builds(Place, st.integers(0, 12), st.none() | st.integers(0, 900)),
    percent=st.integers(0, 100),
)


def folded(told: Sequence[Told]) -> Standing:
    return reduce(joined, map(standing_of, told), Standing())


@given(st.lists(tolds, max_size=5, unique_by=lambda each: each.key))
def test_the_order_of_arrival_and_repetition_decide_nothing(told: list[Told]) -> None:
    expected = folded(told)
    for order in permutations(told):
        assert folded(order) == expected
        assert folded([*order, *order]) == expected


@given(st.lists(tolds, max_size=4), st.lists(tolds, max_size=4), st.lists(tolds, max_size=4))
def test_standings_join_as_a_lattice(one: list[Told], two: list[Told], three: list[Told]) -> None:
    a, b, c = folded(one), folded(two), folded(three)
    assert joined(a, Standing()) == a
    assert joined(joined(a, b), c) == joined(a, joined(b, c))


@given(st.lists(tolds, min_size=1, max_size=6), tolds)
def test_nothing_told_late_moves_a_newer_place_or_takes_progress_back(told: list[Told], late: Told) -> None:
    before = folded(told)
    after = joined(before, standing_of(late))
    assert after.percent >= before.percent
    assert (after.state is StudyState.COMPLETED) >= (before.state is StudyState.COMPLETED)
    if before.place_at is not None and late.at < before.place_at:
        assert after.place == before.place


def test_a_device_says_how_long_ago_never_when() -> None:
    ever = NOW - 2 * OLDEST
    assert event_time(NOW, 90_000, ever) == NOW - timedelta(seconds=90)
    assert event_time(NOW, -5, ever) == NOW  # a clock set back meanwhile
    assert event_time(NOW, 10**15, ever) == NOW - OLDEST
    assert event_time(NOW, 90_000, NOW - timedelta(seconds=30)) == NOW - timedelta(seconds=30)
    assert event_time(NOW, 90_000, NOW + timedelta(days=1)) == NOW  # reading ahead


def test_the_share_read_and_a_place_in_a_text_that_became_shorter() -> None:
    assert [share_read(block, 8) for block in (0, 1, 4, 8, 9)] == [0, 12, 50, 100, 100]
    assert share_read(3, 0) == 0
    assert place_in(Place(12, 30), 8) == Place(8, 30)


NEW = Standing()


@dataclass(frozen=True)
class Line:
    name: str
    standing: Standing = NEW


def test_next_is_where_she_was_last_then_the_first_left() -> None:
    done = Line("a", Standing(opened_at=NOW, completed_at=NOW))
    new, later = Line("b"), Line("d")
    begun = Line("c", folded([Told(UUID(int=1), Happening.READ, NOW)]))
    newer = Line("e", folded([Told(UUID(int=2), Happening.READ, NOW + timedelta(minutes=1))]))
    assert next_of([done, new, later]) is new
    assert next_of([done, new, begun, newer]) is newer
    assert next_of([done]) is None


def check(*correct: str) -> CheckBlock:
    options = tuple(Option(key, key, key in correct) for key in "ABC")
    return CheckBlock(UUID(int=9), CheckKind.MULTIPLE, "?", options, "")


def test_a_self_check_is_right_with_exactly_the_right_answers() -> None:
    question = check("A", "C")
    assert judged(question, ["C", "A"])
    assert not any(judged(question, chosen) for chosen in (["A"], ["A", "B", "C"], ["B"], []))


# ---- the path ----


def lesson(number: int, **changes: Any) -> PathLesson:
    fields: dict[str, Any] = {
        "uid": UUID(int=number),
        "title": str(number),
        "course": number // 10,
        "position": number,
        "kind": LessonKind.THEORY,
        "delivery": Delivery.ONLINE,
        "minutes": 20,
    }
    return PathLesson(**(fields | changes))


def facts(**changes: Any) -> PathFacts:
    fields: dict[str, Any] = {
        "level": 5,
        "job": "直播销售员",
        "today": date(2026, 3, 16),
        "ends_on": date(2026, 3, 20),
    }
    return PathFacts(**(fields | changes))


CURRICULUM = [
    lesson(1),
    lesson(2, methods=frozenset({"case"})),
    lesson(11, tags=frozenset({"law"})),
    lesson(12, tags=frozenset({"live_streaming"})),
    lesson(13, kind=LessonKind.PRACTICE),
    lesson(21, tags=frozenset({"data_analysis"})),
    lesson(22, tags=frozenset({"after_sales"})),
]


def path(**changes: Any) -> dict[int, tuple[Weight, tuple[str, ...]]]:
    steps = recommended(CURRICULUM, facts(**changes), path_rules())
    return {step.uid.int: (step.weight, step.reasons) for step in steps}


@pytest.mark.req("S3-13")
def test_the_path_differs_by_schooling_experience_and_need() -> None:
    beginner = path(background=Background(Schooling.JUNIOR, Experience.NONE, Aim.OWN))
    assert beginner[1] == (Weight.FIRST, ("beginner_basics",))
    assert beginner[2] == (Weight.FIRST, ("beginner_basics", "examples_first"))
    assert beginner[22] == (Weight.FIRST, ("own_shop",))
    streamer = path(background=Background(Schooling.COLLEGE, Experience.LIVE, Aim.JOB))
    assert streamer[1] == (Weight.QUICK, ("streamer_basics",))
    assert streamer[13] == (Weight.FIRST, ("find_job",))
    assert streamer[22] == (Weight.NORMAL, ())
    # Inside a module what matters comes first, modules keep their order.
    assert list(beginner) == [1, 2, 11, 12, 13, 22, 21]
    assert list(streamer) == [1, 2, 11, 12, 13, 21, 22]


@pytest.mark.req("S5-02")
def test_the_path_differs_by_level_and_post() -> None:
    assert path()[21] == (Weight.NORMAL, ())
    assert path(level=4)[21] == (Weight.FIRST, ("higher_data",))
    assert path(job="直播销售员")[12] == (Weight.FIRST, ("job_live",))
    assert path(job="视频创推员")[12] == (Weight.NORMAL, ())
    assert path(job="平台管理员")[21] == (Weight.FIRST, ("job_platform",))


@pytest.mark.req("S3-13")
def test_what_went_badly_comes_again_first_and_what_is_due_next() -> None:
    shares = {UUID(int=1): Fraction(1, 3), UUID(int=2): Fraction(2, 3), UUID(int=13): Fraction(1, 3)}
    due = {UUID(int=22): date(2026, 3, 17), None: date(2026, 3, 19)}
    done = frozenset({UUID(int=1), UUID(int=2)})
    found = path(results=shares, due=due, completed=done)
    assert list(found)[:3] == [1, 13, 22]
    assert found[1] == (Weight.AGAIN, (AGAIN,))
    assert found[13][0] is Weight.AGAIN
    assert DUE in found[22][1]
    assert 2 not in found  # completed, and well enough


def test_a_lesson_made_for_her_kind_of_people() -> None:
    made = lesson(1, audiences=frozenset({"poor_household"}))
    [step] = recommended([made], facts(categories=frozenset({"poor_household"})), path_rules())
    assert (step.weight, step.reasons) == (Weight.FIRST, (AUDIENCE,))


lessons = st.lists(
    st.builds(
        lesson,
        st.integers(0, 60),
        minutes=st.integers(0, 90),
        kind=st.sampled_from(LessonKind),
        tags=st.sets(st.sampled_from(["law", "after_sales", "data_analysis"])).map(frozenset),
        methods=st.sets(st.sampled_from(["case", "lecture"])).map(frozenset),
    ),
    max_size=12,
    unique_by=lambda each: each.uid,
)
backgrounds = st.builds(
    Background,
    st.none() | st.sampled_from(Schooling),
    st.none() | st.sampled_from(Experience),
    st.none() | st.sampled_from(Aim),
)


@given(lessons, backgrounds, st.sets(st.integers(0, 60)), st.integers(-3, 30), st.integers(-2, 9))
def test_the_path_leaves_nothing_out_and_stays_in_time(
    every: list[PathLesson], background: Background, done: set[int], left: int, due: int
) -> None:
    today = date(2026, 3, 16)
    completed = frozenset(UUID(int=number) for number in done)
    asked = facts(
        background=background,
        completed=completed,
        ends_on=today + timedelta(days=left),
        due={every[0].uid: today + timedelta(days=due)} if every else {},
    )
    steps = recommended(every, asked, path_rules())
    assert sorted(step.uid.int for step in steps) == sorted(each.uid.int for each in every if each.uid not in completed)
    assert all(today <= step.day <= max(asked.ends_on, today) for step in steps)
    for step in steps:
        if step.uid in asked.due:
            assert step.day <= max(asked.due[step.uid], today)


@given(lessons)
def test_days_follow_the_path(every: list[PathLesson]) -> None:
    days = [step.day for step in recommended(every, facts(), path_rules())]
    assert days == sorted(days)


def test_a_rule_may_ask_only_what_is_known() -> None:
    raw: dict[str, Any] = {"version": "1", "again_below": "0.6", "rules": [{"code": "x", "weight": "first", "reason": "", "reason_en": ""}]}  # fmt: skip
    assert rules_of(raw).rules[0].weight is Weight.FIRST
    with pytest.raises(ValueError, match="age"):
        rules_of(raw | {"rules": [raw["rules"][0] | {"her": {"age": ["20"]}}]})
    with pytest.raises(ValueError, match="two rules"):
        rules_of(raw | {"rules": raw["rules"] * 2})


def test_of_several_results_the_worst_counts() -> None:
    one, two = UUID(int=1), UUID(int=2)
    assert worst([{one: Fraction(1, 2)}, {one: Fraction(1, 3), two: Fraction(1)}]) == {one: Fraction(1, 3), two: Fraction(1)}  # fmt: skip


def test_standings_say_their_state() -> None:
    opened = standing_of(Told(UUID(int=1), Happening.OPENED, NOW))
    assert [Standing().state, opened.state, replace(opened, completed_at=NOW).state] == list(StudyState)
