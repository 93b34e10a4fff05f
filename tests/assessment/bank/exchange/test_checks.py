"""What a sound question is, field by field."""

from dataclasses import replace
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given, settings

from assessment.bank.exchange.checks import document_of, faults, normalise, sifted, tidied, tidy, to_json
from assessment.bank.types import Key, Option, Place, QuestionDocument, QuestionType, ReadQuestion, Step, Stimulus
from lms.core.types import Level
from tests.assessment.bank.exchange.documents import EVERY_TYPE, documents, lettered, media, png

pytestmark = pytest.mark.usefixtures("english")

SINGLE, MULTIPLE, FALSE, TRUE, FILL, ORDERING, MATCHING, SHORT = EVERY_TYPE


@pytest.mark.parametrize("document", EVERY_TYPE, ids=lambda document: document.type.value)
def test_a_sound_question_has_no_fault_and_is_tidy(document):
    assert faults(document) == ()
    assert tidied(document) == document


@pytest.mark.parametrize(
    "document,field,words",
    (
        (replace(SHORT, stem=" \n", media=()), "stem", "empty"),
        (replace(TRUE, stem="长" * 4001), "stem", "4001"),
        (replace(TRUE, stem="甲\x07乙"), "stem", "invisible"),
        (replace(MULTIPLE, options=lettered("甲"), key=Key(choices=("A",))), "options", "1 options"),
        (replace(MULTIPLE, options=lettered("甲", "乙", " 甲。")), "options", "A and C say the same"),
        (replace(MULTIPLE, options=lettered("甲", "", "丙")), "options", "B is empty"),
        (replace(MULTIPLE, options=(Option("A", "甲"), Option("C", "乙"))), "options", "not A, B, C"),
        (replace(MULTIPLE, key=Key(choices=("A", "F"))), "key", "F is not among"),
        (replace(MULTIPLE, key=Key(choices=("A",))), "key", "two answers"),
        (replace(MULTIPLE, key=Key(choices=("C", "A"))), "key", "order of the options"),
        (replace(MULTIPLE, key=Key()), "key", "missing"),
        (replace(SINGLE, key=Key(choices=("A", "B"))), "key", "exactly one"),
        (replace(SINGLE, key=Key(choices=("A",), truth=True)), "key", "does not fit"),
        (replace(TRUE, key=Key()), "key", "missing"),
        (replace(TRUE, options=lettered("对", "错")), "options", "no options"),
        (replace(FILL, stem="没有空"), "stem", "no blank"),
        (replace(FILL, key=Key(blanks=(("七",),))), "key", "2 blanks, the answer has 1"),
        (replace(FILL, key=Key(blanks=(("七",), (" ",)))), "key", "blank 2 is empty"),
        (replace(FILL, key=Key(blanks=(("七",), ("甲 / 乙",)))), "key", "lone stroke"),
        (replace(FILL, key=Key(blanks=(("七", "７", "7"), ("定作",)))), "key", "twice"),
        (replace(ORDERING, key=Key(choices=("A", "B"))), "key", "every option once"),
        (replace(MATCHING, key=Key(pairs=(("1", "B"),))), "key", "every left item"),
        (replace(MATCHING, key=Key(pairs=(("1", "B"), ("2", "B")))), "key", "two left ones"),
        (replace(MATCHING, key=Key(pairs=(("1", "B"), ("2", "X")))), "key", "X is not among"),
        (replace(SHORT, key=Key(model="")), "key", "model answer"),
        (replace(TRUE, marks=Decimal(0)), "marks", "above 0"),
        (replace(TRUE, marks=Decimal("100.5")), "marks", "at most 100"),
        (replace(TRUE, marks=Decimal("NaN")), "marks", "number"),
        (replace(TRUE, place=Place(Level.ADVANCED, difficulty=6)), "place", "1 (easy) to 5"),
        (replace(TRUE, stimulus=Stimulus(UUID(int=1), "")), "stimulus", "empty"),
        (replace(SINGLE, media=()), "media", "not there"),
        (replace(TRUE, media=(media("a.png", png()),)), "media", "not shown"),
        (replace(TRUE, stem="![x](../a.png)", media=(media("../a.png", png()),)), "media", "cannot stand"),
    ),
)
def test_a_fault_is_named_where_it_is(document, field, words):
    told = [fault for fault in faults(document) if fault.field == field and words in fault.message]
    assert told, faults(document)


@given(documents())
@settings(max_examples=150, deadline=None)
def test_tidying_twice_changes_nothing_and_judging_never_raises(document):
    assert tidied(document) == document
    faults(document)


def test_texts_are_compared_without_width_case_and_gaps():
    assert normalise("ＡＢ Ｃ　直 播。") == normalise("ab c直播")
    assert normalise("12 3") != normalise("123")
    assert normalise("≥3") != normalise("≤3")
    assert tidy(" 甲\t乙 \r\n丙\u00a0\u200b \u2028") == "甲 乙\n丙"


def test_what_a_file_leaves_out_is_filled_from_the_defaults():
    read = ReadQuestion(
        "第1行", QuestionType.FILL, "退货________日", Key(blanks=(("七",),)), stimulus="材料", marks=Decimal("2.00")
    )
    defaults = Place(Level.ADVANCED, "C3-01", Step.APPLY, 2, "条", law=True, source="甲校")
    document = document_of(read, defaults, UUID(int=9))
    assert (document.uid, document.place, document.stem) == (UUID(int=9), defaults, "退货____日")
    assert str(document.marks) == "2"
    again = document_of(replace(read, where="第2行", level=Level.ELEMENTARY), defaults, UUID(int=10))
    assert again.stimulus == document.stimulus
    assert again.place.topic == ""


def test_sifting_refuses_with_every_reason_and_where():
    good = ReadQuestion("1", QuestionType.TRUE_FALSE, "甲", Key(truth=True), uid=UUID(int=3))
    reading = sifted(
        "plain",
        (
            good,
            replace(good, where="2", stem="乙"),
            replace(good, where="3", uid=None, stem="", key=Key()),
            replace(good, where="4", uid=None, stem="![x](a.svg)", files=(("a.svg", b"<svg onload='x()'/>"),)),
        ),
        (),
    )
    assert [read.where for read in reading.accepted] == ["1"]
    assert [row.where for row in reading.refused] == ["2", "3", "4"]
    assert "1" in reading.refused[0].reason
    assert "empty" in reading.refused[1].reason
    assert "missing" in reading.refused[1].reason
    assert "a.svg" in reading.refused[2].reason


def test_the_dry_run_tells_answers_as_the_issue_says():
    def told(document: QuestionDocument) -> object:
        read = ReadQuestion("1", document.type, document.stem, document.key, document.options, marks=document.marks)
        return to_json(read)["answer"]

    answers = [told(document) for document in EVERY_TYPE]
    assert answers == [
        ["B"],
        ["A", "C"],
        False,
        True,
        ["七 / 7", "定作商品"],
        ["C", "A", "B"],
        ["1-B", "2-A"],
        "一是……\n二是……",
    ]
    read = ReadQuestion("1", QuestionType.TRUE_FALSE, "甲", Key(truth=True), marks=Decimal("1.5"), stimulus="料")
    assert to_json(read) == {
        "type": "true_false", "stem": "甲", "options": [], "answer": True, "marks": 1.5, "stimulus": "料",
    }  # fmt: skip
