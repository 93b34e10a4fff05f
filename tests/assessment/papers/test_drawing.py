"""Drawing: found wherever it exists, by seed, and where it does not which quota fails and by how many."""

import random
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from uuid import UUID

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from assessment.bank.loader import read_folder
from assessment.bank.types import Drawable, QuestionType
from assessment.papers import drawing
from assessment.papers.drawing import draw, offers
from assessment.papers.logic import plain, read_blueprint
from assessment.papers.types import Ask, BlueprintContent, Drawn, Measure, QuotaKind, Section, Shortfall, Source
from tests.assessment.papers.world import D, bank_section, blueprint, question, share, topics

SINGLE, TRUE_FALSE = QuestionType.SINGLE, QuestionType.TRUE_FALSE


def failing(outcome: Drawn | tuple[Shortfall, ...]) -> list[tuple[str, str, str, str, str]]:
    assert not isinstance(outcome, Drawn), "it could be drawn"
    return [(one.quota.kind.value, one.quota.name, one.form, plain(one.found), plain(one.by)) for one in outcome]


def forms_of(outcome: Drawn | tuple[Shortfall, ...]) -> list[set[int]]:
    assert isinstance(outcome, Drawn), failing(outcome)
    return [{item.question.int for item in form.items} for form in outcome.forms]


# Against every subset ------------------------------------------------------------------------------------------------------

questions = st.builds(
    lambda kind, topic, difficulty, law, exposure: (kind, topic, difficulty, law, exposure),
    st.sampled_from([SINGLE, TRUE_FALSE]),
    st.sampled_from(["C5-01", "C5-02"]),
    st.integers(1, 2),
    st.booleans(),
    st.integers(0, 2),
)
shares = st.tuples(st.sampled_from(["0", "25", "50", "100"]), st.sampled_from(["0", "20", "50"]))


@st.composite
def cases(draw_: st.DrawFn) -> tuple[BlueprintContent, list[Drawable], list[tuple[UUID, UUID]], int]:
    bank = [
        question(number, type=kind, topic=topic, difficulty=difficulty, law=law, exposure=exposure)
        for number, (kind, topic, difficulty, law, exposure) in enumerate(
            draw_(st.lists(questions, max_size=8)), start=1
        )
    ]
    sections = [bank_section(draw_(st.integers(1, 3)), "2")]
    if draw_(st.booleans()):
        sections.append(bank_section(draw_(st.integers(1, 2)), "1.5", TRUE_FALSE, "判断题"))
    made = blueprint(
        *sections,
        **topics(draw_(st.sampled_from(list(Measure))), C5_01=draw_(shares)),
        difficulty={1: share(*draw_(shares))} if draw_(st.booleans()) else {},
        law_minimum=D(draw_(st.sampled_from(["0", "10", "60"]))),
        overlap_limit=D(draw_(st.sampled_from(["0", "34", "100"]))),
        exposure_limit=draw_(st.sampled_from([None, 1])),
    )
    pairs = draw_(st.lists(st.tuples(st.integers(1, 8), st.integers(1, 8)).filter(lambda p: p[0] != p[1]), max_size=4))
    return made, bank, [(UUID(int=a), UUID(int=b)) for a, b in pairs], draw_(st.integers(1, 2))


def keeps(made: BlueprintContent, form: Sequence[Drawable], pairs: list[tuple[UUID, UUID]]) -> bool:
    """By the blueprint's words, not by its quotas: shares as fractions of what is on the form."""
    marks = {section.asks[0].type: section.asks[0].marks for section in made.sections}
    for section in made.sections:
        if sum(one.type is section.asks[0].type for one in form) != section.count:
            return False
    worth = sum(marks[one.type] for one in form)
    for topic in made.topics:
        if made.topic_measure is Measure.MARKS:
            part, whole = sum(marks[one.type] for one in form if one.topic in topic.codes), worth
        else:
            part, whole = D(sum(one.topic in topic.codes for one in form)), D(len(form))
        if abs(D(part) / D(whole) * 100 - topic.share) > topic.tolerance:
            return False
    for level, wanted in made.difficulty.items():
        got = D(sum(one.difficulty == level for one in form)) / len(form) * 100
        if abs(got - wanted.share) > wanted.tolerance:
            return False
    law = sum((marks[one.type] for one in form if one.law), D(0))
    held = {one.question for one in form}
    return law * 100 >= made.law_minimum * made.total and not any(a in held and b in held for a, b in pairs)


def ways(made: BlueprintContent, bank: list[Drawable], pairs: list[tuple[UUID, UUID]]) -> list[frozenset[UUID]]:
    usable = [one for one in bank if made.exposure_limit is None or one.exposure <= made.exposure_limit]
    return [
        frozenset(one.question for one in form) for form in combinations(usable, made.count) if keeps(made, form, pairs)
    ]


@settings(max_examples=150, deadline=None)
@given(cases())
def test_it_is_drawn_exactly_where_some_set_of_questions_does(
    case: tuple[BlueprintContent, list[Drawable], list[tuple[UUID, UUID]], int],
) -> None:
    made, bank, pairs, forms = case
    good = ways(made, bank, pairs)
    most = int(made.overlap_limit * made.count / 100)
    exists = bool(good) if forms == 1 else any(len(a & b) <= most for a in good for b in good)
    outcome = draw(made, bank, seed=3, forms=forms, pairs=pairs)
    assert isinstance(outcome, Drawn) is exists, outcome
    if isinstance(outcome, Drawn):
        held = [frozenset(item.question for item in form.items) for form in outcome.forms]
        assert all(one in good for one in held)
        assert forms == 1 or (len(held[0] & held[1]) <= most and outcome.overlaps[0].found == len(held[0] & held[1]))
        assert [item.position for item in outcome.forms[0].items] == list(range(1, made.count + 1))
    else:
        assert all(one.by > 0 for one in outcome)
        assert outcome


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**31 - 1), st.integers(1, 3), st.randoms(use_true_random=False))
def test_the_same_seed_and_bank_give_the_same_paper_in_whatever_order_the_bank_comes(
    seed: int, forms: int, order: random.Random
) -> None:
    bank = [question(n, topic=f"C5-0{n % 3 + 1}", difficulty=n % 4 + 1, law=n % 5 == 0) for n in range(1, 90)]
    made = blueprint(bank_section(12, "5"), **topics(C5_01=("34", "9")), overlap_limit=D(25))
    first = draw(made, bank, seed=seed, forms=forms)
    order.shuffle(bank)
    assert draw(made, bank, seed=seed, forms=forms) == first


# What the seed decides -----------------------------------------------------------------------------------------------------


def test_other_seeds_give_other_papers_and_every_question_its_turn() -> None:
    bank = [question(n) for n in range(1, 41)]
    drawn = [forms_of(draw(blueprint(bank_section(8, "5")), bank, seed=seed))[0] for seed in range(60)]
    assert len({frozenset(one) for one in drawn}) == 60
    assert set.union(*drawn) == set(range(1, 41))


def test_the_least_exposed_come_first_and_beyond_the_limit_none() -> None:
    bank = [question(n, exposure=n % 4) for n in range(1, 41)]
    made = blueprint(bank_section(12, "5"))
    (form,) = forms_of(draw(made, bank, seed=1))
    assert sorted(n % 4 for n in form) == [0] * 10 + [1] * 2
    limited = blueprint(bank_section(12, "5"), exposure_limit=0)
    assert failing(draw(limited, bank, seed=1)) == [("section", "单项选择题", "A", "10", "2")]


def test_what_is_to_be_avoided_is_not_drawn() -> None:
    bank = [question(n) for n in range(1, 9)]
    used = [UUID(int=n) for n in (1, 2, 3, 4)]
    assert forms_of(draw(blueprint(bank_section(4, "5")), bank, seed=1, avoid=used)) == [{5, 6, 7, 8}]


def test_parallel_forms_share_nothing_where_the_bank_is_large_enough() -> None:
    bank = [question(n, difficulty=n % 5 + 1) for n in range(1, 101)]
    made = blueprint(bank_section(20, "5"), overlap_limit=D(50), difficulty={1: share("20", "5")})
    held = forms_of(draw(made, bank, seed=5, forms=4))
    assert [len(a & b) for a, b in combinations(held, 2)] == [0] * 6


def test_a_form_for_which_both_others_are_needed_is_not_spoilt_by_taking_the_first_that_comes() -> None:
    """Greedy takes question 1 as the law question and is left without topic C5-02."""
    bank = [
        question(1, law=True, topic="C5-02"),
        question(2, law=True, topic="C5-01", difficulty=5),
        question(3, topic="C5-02", difficulty=5),
        question(4, topic="C5-01"),
    ]
    made = blueprint(
        bank_section(2, "5"),
        **topics(C5_02=("50", "0")),
        law_minimum=D(50),
        overlap_limit=D(0),
        difficulty={5: share("50", "50")},
    )
    held = forms_of(draw(made, bank, seed=1, forms=2))
    assert sorted(map(sorted, held)) == [[1, 4], [2, 3]]


# Cases ---------------------------------------------------------------------------------------------------------------------


def case_bank(cases: int, singles: int, judged: int) -> list[Drawable]:
    made = []
    for case in range(cases):
        kinds = [SINGLE] * singles + [TRUE_FALSE] * judged
        made += [
            question(1000 * (case + 1) + place, type=kind, stimulus=UUID(int=case + 1))
            for place, kind in enumerate(kinds)
        ]
    return made


def case_section(singles: int, judged: int, cases: int) -> Section:
    asks = (Ask(SINGLE, singles, D(2)), Ask(TRUE_FALSE, judged, D("1.5")))
    return Section("案例分析题", Source.CASE, asks, cases=cases)


def test_a_case_section_opens_no_more_cases_than_it_may_and_keeps_each_together() -> None:
    made = blueprint(case_section(4, 4, 2))
    drawn = draw(made, [*case_bank(9, 2, 2), question(5)], seed=2)
    assert isinstance(drawn, Drawn)
    stimuli = [item.stimulus for item in drawn.forms[0].items]
    assert len(set(stimuli)) == 2
    assert stimuli == [stimuli[0]] * 4 + [stimuli[4]] * 4
    assert [item.type for item in drawn.forms[0].items[:4]] == [SINGLE, SINGLE, TRUE_FALSE, TRUE_FALSE]


def test_a_bank_section_takes_no_question_out_of_a_case() -> None:
    assert failing(draw(blueprint(bank_section(2, "5")), case_bank(3, 2, 0), seed=1)) == [
        ("section", "单项选择题", "A", "0", "2")
    ]


def test_cases_beyond_those_looked_at_first_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "_CASES_FIRST", 2)
    rich = [question(9000 + n, type=SINGLE, stimulus=UUID(int=99), exposure=9) for n in range(5)]
    held = forms_of(
        draw(blueprint(Section("案例", Source.CASE, (Ask(SINGLE, 5, D(2)),))), [*case_bank(6, 2, 0), *rich], seed=1)
    )
    assert held == [{9000, 9001, 9002, 9003, 9004}]


# What fails ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "made, bank, forms, told",
    (
        pytest.param(
            blueprint(bank_section(5, "2")),
            [question(n) for n in range(1, 4)],
            1,
            [("section", "单项选择题", "A", "3", "2")],
            id="too few of a type",
        ),
        pytest.param(
            blueprint(bank_section(4, "2"), **topics(C5_02=("75", "0"))),
            [question(n, topic="C5-02" if n == 1 else "C5-01") for n in range(1, 9)],
            1,
            [("topic", "C5_02", "A", "1", "2")],
            id="too few of a topic",
        ),
        pytest.param(
            blueprint(bank_section(4, "2.5"), **topics(Measure.MARKS, C5_01=("25", "0"))),
            [question(n) for n in range(1, 9)],
            1,
            [("topic", "C5_01", "A", "10", "7.5")],
            id="too many marks of a topic",
        ),
        pytest.param(
            blueprint(bank_section(4, "2.5"), law_minimum=D(50)),
            [question(n, law=n == 1) for n in range(1, 9)],
            1,
            [("law", "", "A", "2.5", "2.5")],
            id="too little law",
        ),
        pytest.param(
            blueprint(bank_section(4, "2.5"), difficulty={5: share("50", "10")}),
            [question(n) for n in range(1, 9)],
            1,
            [("difficulty", "5", "A", "0", "2")],
            id="nothing hard",
        ),
        pytest.param(
            blueprint(bank_section(4, "2.5"), overlap_limit=D(25)),
            [question(n) for n in range(1, 7)],
            2,
            [("overlap", "", "AB", "2", "1")],
            id="forms too much alike",
        ),
        pytest.param(
            blueprint(bank_section(3, "2"), forbidden_pairs=tuple((UUID(int=1), UUID(int=n)) for n in (2, 3))),
            [question(n) for n in range(1, 4)],
            1,
            [("pairs", "", "A", "2", "2")],
            id="pairs that must stand together",
        ),
    ),
)
def test_a_quota_that_cannot_be_met_is_named_with_how_much_is_missing(
    made: BlueprintContent, bank: list[Drawable], forms: int, told: list[object]
) -> None:
    assert failing(draw(made, bank, seed=1, forms=forms)) == told


def test_a_missing_question_is_told_once_and_not_again_as_missing_law_topic_and_difficulty() -> None:
    made = blueprint(
        bank_section(4, "2.5"), **topics(C5_01=("100", "0")), law_minimum=D(100), difficulty={2: share("100")}
    )
    assert failing(draw(made, [question(1, law=True)], seed=1)) == [("section", "单项选择题", "A", "1", "3")]


def test_what_the_bank_offers_is_counted_by_quota() -> None:
    made = blueprint(
        bank_section(2, "5"), **topics(C5_02=("50", "50")), law_minimum=D(10), difficulty={5: share("0", "50")}
    )
    bank = [
        question(1, topic="C5-02"),
        question(2, law=True),
        question(3, type=TRUE_FALSE, topic="C5-02", difficulty=5, law=True),
    ]
    assert [(one.quota.kind, one.questions) for one in offers(made, bank)] == [
        (QuotaKind.SECTION, 2),
        (QuotaKind.TOPIC, 1),
        (QuotaKind.DIFFICULTY, 0),
        (QuotaKind.LAW, 1),
    ]


# What is shipped -----------------------------------------------------------------------------------------------------------


@pytest.mark.req("S1-31")
def test_the_shipped_level_5_blueprint_is_drawn_from_the_starter_bank_in_two_forms() -> None:
    file = Path(drawing.__file__).with_name("data") / "blueprints.yaml"
    (made,) = [
        one
        for one in map(read_blueprint, yaml.safe_load(file.read_text(encoding="utf-8"))["blueprints"])
        if one.level == 5
    ]
    bank = [
        Drawable(
            one.uid,
            one.uid,
            one.place.level,
            one.place.topic,
            one.type,
            one.place.step,
            one.place.difficulty,
            one.place.law,
            one.stimulus.uid if one.stimulus else None,
            0,
        )
        for one in read_folder()
        if one.place.level == made.level
    ]
    drawn = draw(made, bank, seed=20261121, forms=2)
    assert isinstance(drawn, Drawn)
    assert [sum(item.marks for item in form.items) for form in drawn.forms] == [100, 100]
