"""Cues cut where findings and masked names begin and end; captions for the blind desk; scores and marks of short answers."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessment.marking.logic import (
    MASK,
    judge_booklet,
    masked,
    nameless,
    offered_scores,
    parsed_score,
    quoted,
    scaled_limit,
    spans_of,
    step_of,
    worth_judging,
)
from assessment.marking.types import Centre, SheetMarks, Span
from media_pipeline.assets.types import EvidenceCue, EvidenceFinding


def line(text: str, masks: tuple[tuple[int, int], ...] = (), index: int = 0) -> EvidenceCue:
    return EvidenceCue(index, 41.6 + index, 45.0 + index, text, masks, low_trust=False)


def hint(*spans: tuple[int, int, int], severity: str = "H") -> EvidenceFinding:
    return EvidenceFinding(severity, "绝对化用语", "", "", "ABS-01", "x", 41.6, 45.0, suspected=False, spans=spans)


def test_a_finding_is_a_run_of_its_own() -> None:
    found = spans_of(line("每天喝一杯降血压真好"), [(1, hint((0, 5, 8)))])
    assert found == [Span("每天喝一杯", "", None), Span("降血压", "bad", 1), Span("真好", "", None)]


def test_of_two_over_each_other_the_graver_shows() -> None:
    pair = [(1, hint((0, 0, 4), severity="M")), (2, hint((0, 2, 6), severity="B"))]
    assert spans_of(line("一二三四五六"), pair) == [Span("一二", "warn", 1), Span("三四五六", "bad", 2)]


def test_a_name_is_hidden_even_inside_a_finding() -> None:
    found = spans_of(line("我是林小燕国家级", ((2, 5),)), [(1, hint((0, 0, 8)))])
    assert found == [Span("我是", "bad", 1), Span(MASK * 3, "masked", None), Span("国家级", "bad", 1)]


def test_the_words_of_a_finding_are_quoted_with_the_name_hidden() -> None:
    cues = [line("我是林小燕", ((2, 5),)), line("国家级主播", index=1)]
    assert quoted(hint((0, 0, 5), (1, 0, 3)), cues) == f"我是{MASK * 3}国家级"
    assert quoted(hint(), cues) == MASK


@given(
    st.text(alphabet="一二三四五", max_size=12),
    st.lists(st.tuples(st.integers(0, 12), st.integers(0, 14)), max_size=3),
    st.lists(st.tuples(st.sampled_from("BHML"), st.integers(0, 12), st.integers(0, 14)), max_size=4),
)
def test_no_character_is_lost_and_no_name_is_left(
    text: str, masks: list[tuple[int, int]], findings: list[tuple[str, int, int]]
) -> None:
    cue = line(text, tuple(masks))
    numbered = [(n, hint((0, start, end), severity=severity)) for n, (severity, start, end) in enumerate(findings, 1)]
    pieces = spans_of(cue, numbered)
    assert "".join(piece.text for piece in pieces) == masked(text, masks)
    assert all(piece.text for piece in pieces)


# Short answers.


@pytest.mark.parametrize(
    "marks,step,offered",
    (
        ("2", "0.5", ["2", "1.5", "1", "0.5", "0"]),
        ("1", "0.5", ["1", "0.5", "0"]),
        ("0.25", "0.25", ["0.25", "0"]),
        ("1.25", "0.5", ["1.25", "1", "0.5", "0"]),
        ("10", "0.5", ["10", "9", "8", "7", "6", "5", "4", "3", "2", "1", "0"]),
    ),
)
def test_steps_and_keys_of_a_question(marks: str, step: str, offered: list[str]) -> None:
    assert step_of(Decimal(marks)) == Decimal(step)
    assert offered_scores(Decimal(marks)) == [Decimal(score) for score in offered]


@given(st.decimals(min_value="0.01", max_value="100", places=2))
def test_every_key_is_a_score_of_its_question(marks: Decimal) -> None:
    offered = offered_scores(marks)
    assert (offered[0], offered[-1]) == (marks, Decimal(0))
    assert len(offered) <= 12
    assert [parsed_score(str(score), maximum=marks, step=step_of(marks)) for score in offered] == offered


def test_the_limit_of_a_spread_is_scaled_to_the_booklet() -> None:
    assert scaled_limit(Decimal("15.0"), Decimal(10)) == Decimal("1.5")
    assert scaled_limit(Decimal("15.0"), Decimal(100)) == Decimal(15)


@pytest.mark.parametrize("response", (None, "", " \n\t", ["A"], {"1": "B"}, True, 3))
def test_what_nobody_has_to_judge(response: object) -> None:
    assert worth_judging(response) == ""


def test_a_signed_answer_is_nameless() -> None:
    assert nameless("我是林晓燕，林晓燕答", ["林晓燕", "林", ""]) == f"我是{MASK * 3}，{MASK * 3}答"


def _booklet(*scores: tuple[str, str]) -> list[SheetMarks]:
    return [
        SheetMarks(seat, {"Q1": Decimal(one), "Q2": Decimal(two)}) for seat, (one, two) in enumerate(scores, start=1)
    ]


def test_marks_of_a_booklet_are_means_half_up() -> None:
    judged = judge_booklet(_booklet(("1", "0.5"), ("1", "0"), ("0", "0")), arbitrated=False, trim_from=5)
    assert judged.marks == {"Q1": Decimal("0.67"), "Q2": Decimal("0.17")}
    assert (judged.total, judged.spread, judged.method) == (Decimal("0.84"), Decimal("1.5"), Centre.MEAN)
    half = judge_booklet(_booklet(("0.01", "0"), ("0", "0")), arbitrated=False, trim_from=5)
    assert half.marks["Q1"] == Decimal("0.01")  # 0.005


def test_after_arbitration_the_middle_sheets_of_a_booklet_count() -> None:
    sheets = _booklet(("4", "2"), ("0", "0"), ("3", "1"), ("2", "1"))
    judged = judge_booklet(sheets, arbitrated=True, trim_from=5)
    assert (judged.counted, judged.marks) == ((3, 4), {"Q1": Decimal("2.50"), "Q2": Decimal("1.00")})


@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 4)), min_size=1, max_size=7), st.booleans())
def test_a_mark_lies_between_what_was_given(halves: list[tuple[int, int]], arbitrated: bool) -> None:
    sheets = _booklet(*((str(Decimal(one) / 2), str(Decimal(two) / 2)) for one, two in halves))
    judged = judge_booklet(sheets, arbitrated=arbitrated, trim_from=5)
    for code, mark in judged.marks.items():
        given_ = [sheet.scores[code] for sheet in sheets]
        assert min(given_) <= mark <= max(given_)
    assert judge_booklet(sheets[::-1], arbitrated=arbitrated, trim_from=5).total == judged.total
