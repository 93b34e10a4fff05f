"""The starter bank: every file of ours is sound, loading it twice changes nothing, what somebody edited is hers."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from assessment.bank.loader import CONTENT, ContentFault, load_bank, read_folder
from assessment.bank.models import Question, QuestionVerdict, QuestionVersion
from assessment.bank.selectors import drawable, topics
from assessment.bank.services import write_question
from assessment.bank.types import QuestionState, QuestionType
from lms.core.types import Level
from tests.assessment.bank.world import build_cast, document
from tests.lms.accounts.world import NOW

FILE = """
topic: C5-01
source: 示范题库，自编
stimuli:
  - {uid: 3bcfe4f3-07db-47b6-95aa-ca48db164485, text: 一家合作社今晚播茉莉花茶。}
questions:
  - uid: 8f2b69b9-a7a9-47dd-ac8e-4e056fda28c8
    type: single
    step: remember
    difficulty: 1
    law: true
    clause: 《广告法》第九条
    stem: 哪一句是绝对化用语？
    options: {A: 全网最低价, B: 今天采的, C: 一斤十元, D: 明天发货}
    answer: [A]
    explanation: 没有依据的最高级。
  - uid: ee65479a-7cd8-418d-ad56-c9bb01f16e09
    type: matching
    step: apply
    difficulty: 3
    clause: 课程
    stimulus: 3bcfe4f3-07db-47b6-95aa-ca48db164485
    stem: 连线。
    options: {1: 价格, 2: 日期, A: 看标签, B: 看后台, C: 问厂家}
    answer: ["1-B", "2-A"]
    explanation: 各看各的。
  - uid: 8af435d4-71b6-458d-bfcd-03d05fbeda89
    type: fill
    step: understand
    difficulty: 2
    clause: 课程
    stem: 开播前核对____和____。
    answer: [[资质, 证照], [价格]]
    explanation: 两样。
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "level-5").mkdir()
    (tmp_path / "level-5" / "C5-01.yaml").write_text(FILE, encoding="utf-8")
    return tmp_path


@pytest.mark.django_db
def test_it_loads_once_and_renews_what_is_still_ours(folder: Path) -> None:
    cast = build_cast()
    assert load_bank(folder, now=NOW) == 3
    assert load_bank(folder, now=NOW) == 0
    assert {(one.state, one.is_demo) for one in Question.objects.all()} == {(QuestionState.APPROVED, True)}
    assert len(drawable(Level.ELEMENTARY)) == 3
    assert not QuestionVerdict.objects.exists()
    assert {one.question_id for one in QuestionVersion.objects.filter(author=None)} == set(
        Question.objects.values_list("pk", flat=True)
    )
    path = folder / "level-5" / "C5-01.yaml"
    path.write_text(FILE.replace("一斤十元", "一斤十二元").replace("各看各的", "各看一处"), encoding="utf-8")
    edited = Question.objects.get(type=QuestionType.MATCHING)
    hers = replace(document("专家改过的题"), uid=edited.uuid)
    assert edited.current is not None
    write_question(by=cast.author, document=hers, base=edited.current.uuid, now=NOW)
    assert load_bank(folder, now=NOW) == 1
    assert load_bank(folder, now=NOW) == 0
    single = Question.objects.get(uuid="8f2b69b9-a7a9-47dd-ac8e-4e056fda28c8")
    assert (single.state, single.versions.count()) == (QuestionState.APPROVED, 2)
    assert single.approved == single.current
    edited.refresh_from_db()
    assert edited.current is not None
    assert edited.current.content["stem"] == "专家改过的题"


@pytest.mark.parametrize(
    "old, new, said",
    (
        ("answer: [A]", "answer: [E]", "question 1"),
        ("topic: C5-01", "topic: C4-01", "level"),
        ("ee65479a-7cd8-418d-ad56-c9bb01f16e09", "8f2b69b9-a7a9-47dd-ac8e-4e056fda28c8", "already"),
        ("step: apply", "step: guess", "question 2"),
        (
            "  - {uid: 3bcfe4f3-07db-47b6-95aa-ca48db164485",
            "  - {uid: 3bcfe4f3-07db-47b6-95aa-ca48db164486",
            "question 2",
        ),
    ),
)
def test_a_file_that_is_not_sound_says_where(folder: Path, old: str, new: str, said: str) -> None:
    path = folder / "level-5" / "C5-01.yaml"
    path.write_text(FILE.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ContentFault, match=said):
        list(read_folder(folder))


def test_our_own_bank_is_sound_and_whole() -> None:
    ours = list(read_folder(CONTENT))
    assert len(ours) >= 400
    by_topic = Counter(one.place.topic for one in ours)
    assert set(by_topic) == {topic.code for topic in topics()}
    assert min(by_topic.values()) >= 10
    assert {one.type for one in ours} == set(QuestionType)
    for one in ours:
        assert all((one.explanation, one.place.clause, "示范" in one.place.source)), one.uid
    for level in (Level.ELEMENTARY, Level.INTERMEDIATE, Level.ADVANCED):
        of = [one for one in ours if one.place.level is level]
        assert sum(one.place.law for one in of) * 10 >= len(of), level
