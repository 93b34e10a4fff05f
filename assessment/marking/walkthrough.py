"""Walkthrough cases: what happens to one answer, step by step, with the state and mark expected, in a table that a committee
member writes. After the walkthrough tests of Moodle's question engine (the idea).

Columns: question, type, key, marks, policy (the first row of a question says them), step, action, response, expected_state,
expected_mark, note. Headings, actions, states and types may be Chinese or English. docs/recipes/exam_cases.md is the guide.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import IO, Any, TypeVar

from assessment.bank.exchange.checks import BETWEEN_TEXTS
from assessment.bank.types import Key, QuestionType
from assessment.marking.credit import CreditPolicy, policies
from assessment.marking.objective import CENT, Marked, mark, struck
from lms.core.tables import Column, Kind, Row, read_table


class Action(StrEnum):
    """What is done in a step."""

    ANSWER = "answer"
    CLEAR = "clear"
    FINISH = "finish"
    COUNT = "count"  # the chief decides that what came after the end counts
    PEOPLE = "people"  # people give a mark
    REGRADE = "regrade"  # a new key, or "struck"


class State(StrEnum):
    """Where an answer stands after a step: two before the end, the outcomes after it, and `marked` once people have."""

    TODO = "todo"
    ANSWERED = "answered"
    NOT_ANSWERED = "not_answered"
    MALFORMED = "malformed"
    WRONG = "wrong"
    PARTLY = "partly"
    RIGHT = "right"
    FOR_PEOPLE = "for_people"
    MARKED = "marked"


# Words of a table, each with its Chinese; looked up without spaces and capitals.
_ACTIONS = {
    "作答": Action.ANSWER,
    "清空": Action.CLEAR,
    "交卷": Action.FINISH,
    "计入": Action.COUNT,
    "人评": Action.PEOPLE,
    "改答案": Action.REGRADE,
}
_STATES = {
    "未答": State.TODO,
    "已答": State.ANSWERED,
    "未作答": State.NOT_ANSWERED,
    "无法识别": State.MALFORMED,
    "错": State.WRONG,
    "部分对": State.PARTLY,
    "对": State.RIGHT,
    "待人评": State.FOR_PEOPLE,
    "已人评": State.MARKED,
}
_TYPES = {
    "单选题": QuestionType.SINGLE,
    "多选题": QuestionType.MULTIPLE,
    "判断题": QuestionType.TRUE_FALSE,
    "填空题": QuestionType.FILL,
    "排序题": QuestionType.ORDERING,
    "匹配题": QuestionType.MATCHING,
    "简答题": QuestionType.SHORT,
}
_TRUTHS = {"true": True, "对": True, "正确": True, "√": True, "false": False, "错": False, "错误": False, "×": False}
_STRUCK = {"struck", "作废"}
_Word = TypeVar("_Word", bound=StrEnum)
_JSON = re.compile(r'\s*[\[{"]|(?:null|true|false)$')
_PAIR = re.compile(r"\s*(\w+)\s*[-－—=]\s*(\w+)\s*")
_BETWEEN_LETTERS = re.compile(r"[\s,，、;；]+")
_BETWEEN_BLANKS = "|"

COLUMNS = (
    Column("question", ("question", "题目"), required=False),
    Column("type", ("type", "题型"), required=False),
    Column("key", ("key", "答案"), required=False),
    Column("marks", ("marks", "分值"), Kind.DECIMAL, required=False),
    Column("policy", ("policy", "计分办法"), required=False),
    Column("step", ("step", "步骤"), required=False),
    Column("action", ("action", "动作")),
    Column("response", ("response", "作答内容"), required=False),
    Column("expected_state", ("expected_state", "应有状态")),
    Column("expected_mark", ("expected_mark", "应得分"), Kind.DECIMAL, required=False),
    Column("note", ("note", "说明"), required=False),
)


@dataclass(frozen=True)
class Fault:
    """A row that cannot be read or walked. row: its number in the file, 0 for the file."""

    row: int
    message: str


@dataclass(frozen=True)
class Step:
    """One row. mark: None where no mark may stand yet (the cell is empty)."""

    row: int
    step: str
    action: Action
    response: str
    state: State
    mark: Decimal | None
    note: str = ""


@dataclass(frozen=True)
class Case:
    """One question and its steps in order."""

    question: str
    type: QuestionType
    key: Key = field(repr=False)
    marks: Decimal
    policy: CreditPolicy
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Cases:
    """A file read: the cases, and what could not be read."""

    cases: tuple[Case, ...]
    faults: tuple[Fault, ...]


@dataclass(frozen=True)
class Mismatch:
    """A step that came out otherwise. `fault`: why the step could not be taken at all, else ""."""

    question: str
    step: Step
    state: State
    mark: Decimal | None
    fault: str = ""

    def __str__(self) -> str:
        place = f"row {self.step.row}: {self.question}, step {self.step.step or '?'} ({self.step.action})"
        if self.fault:
            return f"{place}: {self.fault}"
        return f"{place}: expected {_told(self.step.state, self.step.mark)}, found {_told(self.state, self.mark)}"


def _told(state: State, marks: Decimal | None) -> str:
    return f"{state} without a mark" if marks is None else f"{state} with {marks}"


# Reading ---------------------------------------------------------------------------------------------------------------


class _Wrong(ValueError):
    """What is wrong in a row, for whoever wrote it."""


def read_cases(file: IO[bytes]) -> Cases:
    """The cases of a CSV or Excel file. Raises lms.core.tables.TableRefused when it is no such table."""
    read = read_table(file, COLUMNS)
    faults = [Fault(int(re.sub(r"\D", "", fault.cell) or 0), fault.message) for fault in read.faults]
    heads: list[tuple[Row, list[Step]]] = []
    for row in read.rows:
        try:
            step = _step(row)
            if row.values["question"]:
                heads.append((row, []))
            if not heads:
                raise _Wrong("no question stands above this row")
            heads[-1][1].append(step)
        except _Wrong as wrong:
            faults.append(Fault(row.number, str(wrong)))
    cases = []
    for head, steps in heads:
        try:
            cases.append(_case(head, steps))
        except _Wrong as wrong:
            faults.append(Fault(head.number, str(wrong)))
    if not read.rows and not faults:
        faults.append(Fault(0, "there is no case in it"))
    return Cases(tuple(cases), tuple(sorted(faults, key=lambda fault: fault.row)))


def _text(row: Row, name: str) -> str:
    value = row.values.get(name)
    return "" if value is None else str(value).strip()


def _word(said: str, chinese: Mapping[str, _Word], english: type[_Word], what: str) -> _Word:
    plain = said.strip().lower()
    try:
        return chinese.get(plain) or english(plain)
    except ValueError:
        raise _Wrong(f"{what} is not known: {said!r} (one of {', '.join([*chinese, *english])})") from None


def _step(row: Row) -> Step:
    mark_ = row.values["expected_mark"]
    return Step(
        row=row.number,
        step=_text(row, "step"),
        action=_word(_text(row, "action"), _ACTIONS, Action, "the action"),
        response=_text(row, "response"),
        state=_word(_text(row, "expected_state"), _STATES, State, "the state"),
        mark=None if mark_ is None else Decimal(str(mark_)),
        note=_text(row, "note"),
    )


def _case(head: Row, steps: Sequence[Step]) -> Case:
    type_ = _word(_text(head, "type"), _TYPES, QuestionType, "the type")
    marks = head.values["marks"]
    if marks is None:
        raise _Wrong("the question has no marks")
    said = _text(head, "policy") or "strict"
    if said not in policies():
        raise _Wrong(f"the policy is not known: {said!r} (one of {', '.join(policies())})")
    key = read_key(type_, _text(head, "key"))
    return Case(_text(head, "question"), type_, key, Decimal(str(marks)), policies()[said], tuple(steps))


def read_key(type_: QuestionType, said: str) -> Key:
    """A key as people write it: "B", "A C D", "对", "平台 / 直播平台 | 2021" (a stroke between blanks), "1-B 2-A". Raises
    ValueError."""
    if type_ is QuestionType.SHORT:
        return Key(model=said)
    if not said:
        raise _Wrong("the key is missing")
    if type_ is QuestionType.TRUE_FALSE:
        return Key(truth=_truth(said))
    if type_ is QuestionType.FILL:
        blanks = [[text.strip() for text in blank.split(BETWEEN_TEXTS)] for blank in said.split(_BETWEEN_BLANKS)]
        return Key(blanks=tuple(tuple(filter(None, blank)) for blank in blanks))
    if type_ is QuestionType.MATCHING:
        return Key(pairs=tuple(_pairs(said).items()))
    return Key(choices=tuple(_letters(said)))


def _truth(said: str) -> bool:
    if said.strip().lower() not in _TRUTHS:
        raise _Wrong(f"neither true nor false: {said!r}")
    return _TRUTHS[said.strip().lower()]


def _letters(said: str) -> list[str]:
    """ "ACD", "A C D" and "A、C、D" are the same."""
    parts = [part for part in _BETWEEN_LETTERS.split(said) if part]
    return list(parts[0]) if len(parts) == 1 else parts


def _pairs(said: str) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for part in filter(str.strip, re.split(r"[,，、;；]|(?<=\w)\s+(?=\w+\s*[-－—=])", said)):
        found = _PAIR.fullmatch(part)
        if not found or found[1] in pairs:
            raise _Wrong(f"no pairs like 1-B 2-A: {said!r}")
        pairs[found[1]] = found[2]
    return pairs


def response_of(type_: QuestionType, said: str) -> Any:
    """A response as people write it in a table, as JSON would give it back; what begins like JSON is taken as JSON.

    "A C" is ["A", "C"], "对" true, "平台 | " ["平台", ""], "1-B 2-A" {"1": "B", "2": "A"}. Raises ValueError.
    """
    if not said or said == "null":
        return None
    if _JSON.match(said):
        return json.loads(said)
    if type_ is QuestionType.SHORT:
        return said
    if type_ is QuestionType.TRUE_FALSE:
        return _truth(said)
    if type_ is QuestionType.FILL:
        return [text.strip() for text in said.split(_BETWEEN_BLANKS)]
    return _pairs(said) if type_ is QuestionType.MATCHING else _letters(said)


# Walking ---------------------------------------------------------------------------------------------------------------


class _Walk:
    """One answer under way. What comes after the end is kept beside and counts by decision alone."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.key: Key | None = case.key
        self.response: Any = None
        self.late: Any = None
        self.finished = False
        self.by_people: Decimal | None = None

    def take(self, step: Step) -> None:
        """Raises ValueError when the step cannot be taken."""
        match step.action:
            case Action.ANSWER | Action.CLEAR:
                cleared = step.action is Action.CLEAR
                self._answer(None if cleared else response_of(self.case.type, step.response))
            case Action.FINISH:
                self.finished = True
            case Action.COUNT:
                self.response, self.late = self.late, None
            case Action.PEOPLE:
                self._people(step.response)
            case Action.REGRADE:
                struck_out = step.response.lower() in _STRUCK
                self.key = None if struck_out else read_key(self.case.type, step.response)

    def _answer(self, response: Any) -> None:
        if self.finished:
            self.late = response
        else:
            self.response = response

    def _people(self, said: str) -> None:
        found = self._marked()
        if found is None or found.marks is not None:
            raise ValueError("nothing here waits for people")
        try:
            given = Decimal(said)
        except InvalidOperation:
            raise ValueError(f"no mark: {said!r}") from None
        if not 0 <= given <= self.case.marks or given != given.quantize(CENT):
            raise ValueError(f"a mark lies between 0 and {self.case.marks}, in hundredths")
        self.by_people = given

    def _marked(self) -> Marked | None:
        case = self.case
        if not self.finished:
            return None
        if self.key is None:
            return struck(case.marks)
        return mark(case.type, self.key, self.response, case.marks, case.policy)

    def stands(self) -> tuple[State, Decimal | None]:
        found = self._marked()
        if found is None:
            return (State.TODO if self.response is None else State.ANSWERED), None
        if found.marks is None and self.by_people is not None:
            return State.MARKED, self.by_people
        return State(found.outcome.value), found.marks


def walk(cases: Iterable[Case]) -> list[Mismatch]:
    """Every step that comes out otherwise than its row expects; after one that cannot be taken, the case is left."""
    found = []
    for case in cases:
        under_way = _Walk(case)
        for step in case.steps:
            try:
                under_way.take(step)
                state, given = under_way.stands()
            except ValueError as fault:
                found.append(Mismatch(case.question, step, State.TODO, None, str(fault)))
                break
            if (state, given) != (step.state, step.mark):
                found.append(Mismatch(case.question, step, state, given))
    return found
