"""What a blueprint says and whether it adds up; what its quotas are in numbers."""

from dataclasses import replace
from typing import Any

import pytest
from django.utils.translation import override

from assessment.bank.types import QuestionType
from assessment.papers.logic import BlueprintFault, content_of, faults, hash_of, quotas, read_blueprint
from assessment.papers.presentation import fault_words, shortfall_words
from assessment.papers.types import Ask, BlueprintContent, Measure, QuotaKind, Section, Shortfall, Source
from tests.assessment.papers.world import D, bank_section, blueprint, share, topics

TOPICS = ("C5-01", "C5-02")
SOUND = blueprint(
    bank_section(20, "2.5"),
    Section("案例", Source.CASE, (Ask(QuestionType.SINGLE, 5, D(2)), Ask(QuestionType.SHORT, 2, D(5))), cases=3),
    Section("带货视频", Source.VIDEO, share=D(30)),
    **topics(Measure.MARKS, C5_01=("40", "10"), C5_02=("60", "10")),
    difficulty={2: share("50", "9.9")},
    law_minimum=D(10),
)


def test_a_blueprint_is_stored_and_read_again_as_it_was() -> None:
    assert read_blueprint(content_of(SOUND)) == SOUND
    assert hash_of(content_of(SOUND)) == hash_of(dict(reversed(content_of(SOUND).items())))
    assert faults(SOUND, TOPICS) == ()


def test_quotas_are_the_strictest_whole_numbers_inside_the_shares() -> None:
    told = {(one.kind, one.name): (one.low, one.high) for one in quotas(SOUND)}
    assert told[QuotaKind.TOPIC, "C5_01"] == (D(21), D(35))  # of the 70 marks that are drawn, not of the video's
    assert told[QuotaKind.DIFFICULTY, "2"] == (D(11), D(16))  # 40.1 to 59.9 percent of 27 questions
    assert told[QuotaKind.LAW, ""] == (D(10), None)  # of the whole 100 marks


@pytest.mark.parametrize(
    "changed, codes",
    (
        pytest.param({"total": D(99)}, ["total"], id="total"),
        pytest.param({"pass_mark": D(101)}, ["pass_mark"], id="pass mark"),
        pytest.param({"minutes": 0}, ["minutes"], id="minutes"),
        pytest.param({"sections": (*SOUND.sections, SOUND.sections[2])}, ["total", "videos", "title"], id="two videos"),
        pytest.param(topics(C5_09=("10", "0")), ["topic"], id="unknown topic"),
        pytest.param(topics(C5_01=("30", "5"), C5_02=("30", "5")), ["shares_under"], id="shares short of all"),
        pytest.param(topics(C5_01=("80", "5"), C5_02=("40", "5")), ["shares_over"], id="shares beyond all"),
        pytest.param({"difficulty": {6: share("10")}}, ["difficulty"], id="difficulty"),
        pytest.param({"law_minimum": D(101)}, ["percent"], id="law"),
        pytest.param({"overlap_limit": D(-1)}, ["percent"], id="overlap"),
        pytest.param({"exposure_limit": -1}, ["negative"], id="exposure"),
    ),
)
def test_what_does_not_add_up_is_named(changed: dict[str, Any], codes: list[str]) -> None:
    assert [fault.code for fault in faults(replace(SOUND, **changed), TOPICS)] == codes


def test_marks_finer_than_a_hundredth_and_a_type_twice_are_faults() -> None:
    odd = Section("案例", Source.CASE, (Ask(QuestionType.SINGLE, 1, D("0.005")), Ask(QuestionType.SINGLE, 1, D(1))))
    assert [fault.code for fault in faults(blueprint(odd), TOPICS)] == ["type_twice", "marks"]


@pytest.mark.parametrize(
    "broken", ({}, {"level": 9}, {"minutes": "x"}, {"total": "NaN"}, {"sections": [{"from": "?"}]})
)
def test_what_cannot_be_read_is_a_fault_and_not_an_error(broken: dict[str, Any]) -> None:
    with pytest.raises(BlueprintFault):
        read_blueprint({**content_of(SOUND), **broken} if broken else {})


def test_a_shortfall_says_quota_and_number_in_both_languages() -> None:
    quota = next(one for one in quotas(SOUND) if one.kind is QuotaKind.TOPIC)
    few, many = Shortfall(quota, "A", D(12), D(9)), Shortfall(quota, "A", D("36.5"), D("1.5"))
    with override("zh-hans"):
        assert shortfall_words(few) == "考点：C5_01：要求21至35分，最多只有12分，还差9分"
        assert shortfall_words(many) == "考点：C5_01：要求21至35分，最好也要36.5分，多出1.5分"
    with override("en"):
        assert shortfall_words(few) == "Topics: C5_01: asked 21 to 35 marks, at best 12 marks, 9 marks too few"


def test_a_fault_says_where_it_is() -> None:
    bad: BlueprintContent = replace(SOUND, total=D(99))
    with override("zh-hans"):
        assert [fault_words(one) for one in faults(bad, TOPICS)] == ["大题：各大题合计100分，不是99分。"]
