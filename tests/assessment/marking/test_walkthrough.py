"""The walkthrough cases of cases/*.csv, and the runner that tells where one comes out otherwise."""

import io
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from assessment.bank.types import QuestionType
from assessment.marking.credit import policies
from assessment.marking.walkthrough import Cases, read_cases, response_of, walk

CASES = sorted((Path(__file__).parent / "cases").glob("*.csv"))
HEAD = "题目,题型,答案,分值,计分办法,步骤,动作,作答内容,应有状态,应得分,说明\n"


def cases(rows: str) -> Cases:
    return read_cases(io.BytesIO((HEAD + rows).encode()))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_every_case_comes_out_as_its_table_says(path: Path) -> None:
    with path.open("rb") as file:
        read = read_cases(file)
    assert read.faults == ()
    assert [str(mismatch) for mismatch in walk(read.cases)] == []


def test_there_is_a_case_of_every_type_and_every_policy_we_ship() -> None:
    asked = [case for path in CASES for case in read_cases(io.BytesIO(path.read_bytes())).cases]
    assert {case.type for case in asked} == set(QuestionType)
    assert {case.policy for case in asked} == set(policies().values())


def test_what_comes_out_otherwise_is_told_with_its_row() -> None:
    read = cases("少选,多选题,A C,3,strict,1,作答,A,已答,,\n,,,,,2,交卷,,部分对,1.50,\n")
    (mismatch,) = walk(read.cases)
    assert str(mismatch) == "row 3: 少选, step 2 (finish): expected partly with 1.50, found wrong with 0.00"


def test_a_mark_too_early_is_told() -> None:
    (mismatch,) = walk(cases("早,单选题,A,2,,1,作答,A,已答,2,\n").cases)
    assert (mismatch.mark, mismatch.step.mark) == (None, Decimal(2))


@pytest.mark.parametrize(
    "row, words",
    (
        (",,,,,1,作答,A,已答,,\n", "no question stands above"),
        ("题,单选题,A,2,,1,拍照,A,已答,,\n", "the action is not known"),
        ("题,单选题,A,2,,1,作答,A,满意,,\n", "the state is not known"),
        ("题,论述题,A,2,,1,作答,A,已答,,\n", "the type is not known"),
        ("题,单选题,A,2,kind,1,作答,A,已答,,\n", "the policy is not known"),
        ("题,单选题,,2,,1,作答,A,已答,,\n", "the key is missing"),
        ("题,单选题,A,,,1,作答,A,已答,,\n", "no marks"),
        ("题,匹配题,1B,2,,1,作答,1-B,已答,,\n", "no pairs like"),
    ),
    ids=lambda value: value if value.isascii() else "",
)
def test_a_row_that_cannot_be_read_says_why(row: str, words: str) -> None:
    (fault,) = cases(row).faults
    assert fault.row == 2
    assert words in fault.message


@pytest.mark.parametrize(
    "steps, words",
    (
        ("1,作答,也许,已答,,\n", "neither true nor false"),
        ("1,交卷,,未作答,0,\n,,,,,2,人评,1,已人评,1,\n", "nothing here waits for people"),
    ),
    ids=("answer", "people"),
)
def test_a_step_that_cannot_be_taken_says_why(steps: str, words: str) -> None:
    (mismatch,) = walk(cases(f"题,判断题,对,2,,{steps}").cases)
    assert words in str(mismatch)


@pytest.mark.parametrize(
    "type_, said, response",
    (
        (QuestionType.MULTIPLE, "ACD", ["A", "C", "D"]),
        (QuestionType.MULTIPLE, "A、C，D", ["A", "C", "D"]),
        (QuestionType.TRUE_FALSE, "×", False),
        (QuestionType.FILL, "7", ["7"]),
        (QuestionType.FILL, "7 |", ["7", ""]),
        (QuestionType.MATCHING, "1-B, 2－A", {"1": "B", "2": "A"}),
        (QuestionType.MATCHING, "1-B 2-A", {"1": "B", "2": "A"}),
        (QuestionType.SHORT, "一 | 二", "一 | 二"),
        (QuestionType.SINGLE, "", None),
        (QuestionType.SINGLE, '{"x": 1}', {"x": 1}),
    ),
)
def test_a_response_as_people_write_it(type_: QuestionType, said: str, response: object) -> None:
    assert response_of(type_, said) == response


def test_the_runner_counts_what_it_walked_and_fails_on_a_mismatch(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_bytes((HEAD + "题,单选题,A,2,,1,交卷,,未作答,0,\n").encode("gb18030"))
    bad.write_text(HEAD + "题,单选题,A,2,,1,交卷,,对,2,\n", encoding="utf-8-sig")
    out = io.StringIO()
    call_command("exam_cases", str(good), stdout=out)
    assert out.getvalue() == "good.csv: 1 questions, 1 steps, 0 not as expected\n"
    with pytest.raises(CommandError, match="1 not as expected"):
        call_command("exam_cases", str(good), str(bad), stdout=out)
    assert "bad.csv: row 2: 题, step 1 (finish): expected right with 2, found not_answered with 0.00" in out.getvalue()


def test_the_runner_says_when_a_file_is_no_table(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(CommandError, match=r"x\.csv: 第1行缺这些表头"):
        call_command("exam_cases", str(path))
