"""Cues cut where findings and masked names begin and end; captions for the blind desk."""

from hypothesis import given
from hypothesis import strategies as st

from assessment.marking.logic import MASK, masked, quoted, spans_of, webvtt
from assessment.marking.types import Span
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


def test_captions_are_masked_escaped_and_stamped() -> None:
    cues = [line("我是林小燕 <b>&", ((2, 5),)), EvidenceCue(1, 50.0, 50.0, "empty", (), low_trust=False)]
    assert webvtt(cues) == (f"WEBVTT\n\n1\n00:00:41.600 --> 00:00:45.000\n我是{MASK * 3} &lt;b&gt;&amp;\n")


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
