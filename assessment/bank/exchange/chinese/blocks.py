"""Lines into questions still raw: sections, shared material, where each question begins, and the answer list apart."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from assessment.bank.exchange.chinese.marks import (
    ANSWER,
    CASE,
    KEY_BRACKET,
    LAST_SIGN,
    NAMED_KEY,
    Heading,
    Number,
    answer_list_at,
    bare_heading_at,
    explanations_at,
    fields_in,
    heading_at,
    is_instruction,
    is_noise,
    is_notes,
    kind_heading_at,
    kind_mark,
    listed_heading_at,
    looks_like_list,
    material_at,
    number_at,
    option_lead,
    options_in,
    type_mark,
)
from assessment.bank.exchange.chinese.texts import Fate, Line
from assessment.bank.types import QuestionType

_AHEAD = 40  # lines looked at to see what a number belongs to


@dataclass
class Section:
    """Questions under one heading. kind: as of Heading; ordinal: 0 when it has none; answers: lines of its own list."""

    kind: str = ""
    ordinal: int = 0
    title: str = ""
    each: Decimal | None = None
    each_blank: Decimal | None = None
    blocks: list["Block"] = field(default_factory=list)


@dataclass
class Material:
    """Shared material of a case set. last: number of the last question it serves, 0 while not known."""

    lines: list[tuple[Line, int]] = field(default_factory=list)
    last: int = 0
    open: bool = True  # still collecting text


@dataclass
class Block:
    """A raw question. number: 0 when it has none; start: where the text begins in the first line; before: a key in a bracket
    before the number; kind: of a mark before it; listed: answers from the answer list; own_material: what stood before the
    parts （1）（2） of one number, in the lines `extra`."""

    section: Section
    number: int
    lines: list[Line]
    start: int
    before: str = ""
    kind: str = ""
    material: Material | None = None
    listed: list[tuple[Line, str]] = field(default_factory=list)
    own_material: str = ""
    extra: list[Line] = field(default_factory=list)


@dataclass
class Listing:
    """One answer list: under each heading (or none) its lines, each with the place where its text begins."""

    parts: list[tuple[Heading | None, list[tuple[Line, int]]]] = field(default_factory=list)
    after: int = 0  # how many sections had been read before it
    explained: bool = False  # its head says that it explains
    explains: bool = False  # it holds explanations, no answers


@dataclass
class Paper:
    """A paper taken apart. fates: what became of the lines that are in no question and no list; strays: lines that belong
    to nothing."""

    title: str = ""
    sections: list[Section] = field(default_factory=list)
    listings: list[Listing] = field(default_factory=list)
    fates: dict[int, Fate] = field(default_factory=dict)
    strays: list[Line] = field(default_factory=list)


def taken_apart(lines: Sequence[Line]) -> Paper:
    """The sections, questions and answer lists of a paper."""
    return _Reader(lines).read()


class _Reader:
    def __init__(self, lines: Sequence[Line]) -> None:
        self.lines = lines
        self.paper = Paper()
        self.section = Section()
        self.paper.sections.append(self.section)
        self.block: Block | None = None
        self.material: Material | None = None
        self.listing: Listing | None = None
        self.style = ""  # how questions of this section are numbered
        self.list_last = 0  # the last number of a list inside a question
        self.notes = 0  # inside the notes for candidates: the last number there, -1 before any
        self.complete = False  # the current question has options or an answer
        self.last_field = "stem"
        self.marked = [
            not line.too_long and (bool(option_lead(line.plain)) or bool(fields_in(line.plain))) for line in lines
        ]
        self.numbers = [None if line.too_long else number_at(line.plain) for line in lines]

    def read(self) -> Paper:
        """Every line in turn."""
        self._choose_style(0)
        for at, line in enumerate(self.lines):
            if line.too_long:
                self.paper.strays.append(line)
                continue
            if self.listing is not None and self._listed(at, line):
                continue
            self._line(at, line)
        return self.paper

    # What a line is ---------------------------------------------------------------------------------------------------

    def _line(self, at: int, line: Line) -> None:
        if self._noise(at, line) or self._answer_list(at, line) or self._heading(at, line) or self._note(at, line):
            return
        if self._material(at, line) or self._question(at, line):
            return
        if self.block is not None:
            self._more(self.block, line)
        elif self.material is not None and self.material.open:
            self.material.lines.append((line, 0))
            self.paper.fates[line.index] = Fate.HEADING
        elif is_instruction(line.plain) or self._in_preamble():
            self._preamble(line)
        else:
            self.paper.strays.append(line)

    def _in_preamble(self) -> bool:
        """Before the first question: of the paper, or of a section whose questions are numbered."""
        return not self.section.blocks and (bool(self.style) or len(self.paper.sections) == 1)

    def _preamble(self, line: Line) -> None:
        if not self.paper.title and len(self.paper.sections) == 1 and not self.section.blocks and len(line.text) <= 100:
            self.paper.title = line.text.strip("#*= ")
        self.paper.fates[line.index] = Fate.HEADING

    def _noise(self, at: int, line: Line) -> bool:
        same_as_title = bool(self.paper.title) and line.text.strip("#*= ") == self.paper.title
        strokes = (
            len(line.plain) >= 6 and not line.plain.strip("_ ") and self.section.kind in (QuestionType.SHORT, CASE)
        )
        if line.files or not (is_noise(line.plain) or same_as_title or strokes):
            return False
        if self.listing is not None and line.plain.startswith("题号"):
            return False
        self.paper.fates[line.index] = Fate.NOISE
        return True

    def _note(self, at: int, line: Line) -> bool:
        """The notes for candidates, which are numbered like questions, end at a heading or where the numbers begin anew."""
        if not self.notes:
            if self.block is None and is_notes(line.plain):
                self.notes = -1
                self.paper.fates[line.index] = Fate.HEADING
                return True
            return False
        number = self.numbers[at]
        if (number is not None and number.value <= self.notes) or self.marked[at]:
            self.notes = 0
            self._choose_style(at)
            return False
        self.notes = max(self.notes, number.value if number else self.notes)
        self.paper.fates[line.index] = Fate.HEADING
        return True

    # Sections ---------------------------------------------------------------------------------------------------------

    def _heading(self, at: int, line: Line) -> bool:
        heading = heading_at(line.plain)
        if heading is not None and not self._is_heading(at, line, heading):
            heading = None
        if heading is None:
            heading = bare_heading_at(line.plain)
            if heading is None or not self._stands_alone(at):
                return False
        self._close()
        self.paper.fates[line.index] = Fate.HEADING
        if heading.answers:
            self._open_listing(heading, explained=bool(_EXPLAINED.search(line.plain)))
            if heading.rest < len(line.plain):
                self._add_listed(line, heading.rest)
            return True
        self.notes = 0
        self.section = Section(heading.kind, heading.ordinal, heading.title, heading.each, heading.each_blank)
        self.paper.sections.append(self.section)
        self._choose_style(at + 1)
        if self.section.kind == CASE:
            self.material = Material()
        return True

    def _is_heading(self, at: int, line: Line, heading: Heading) -> bool:
        """A heading with (一) inside a case section, or one with an answer on its own line, may be none."""
        if self.marked[at] and not heading.ordinal:
            return False
        following = self._next(at)
        if following is not None and option_lead(self.lines[following].plain) == "A":
            return False
        return not (heading.paren and self.section.kind == CASE and heading.kind == CASE)

    def _stands_alone(self, at: int) -> bool:
        """Whether a heading without a kind is one: no option and no answer follows before the next number."""
        following = self._next(at)
        if following is None or self.marked[at]:
            return False
        plain = self.lines[following].plain
        if self.marked[following] or answer_list_at(plain):
            return False
        return self.numbers[following] is not None or heading_at(plain) is not None or is_instruction(plain)

    def _next(self, at: int) -> int | None:
        return next((other for other in range(at + 1, min(at + 6, len(self.lines))) if not self._skipped(other)), None)

    def _skipped(self, at: int) -> bool:
        return self.lines[at].too_long or is_noise(self.lines[at].plain)

    def _choose_style(self, start: int) -> None:
        """How the questions from here to the next heading are numbered: by the plainest kind of number that stands there."""
        counts: dict[str, int] = {}
        end = start
        while end < len(self.lines):
            line = self.lines[end]
            ends = not line.too_long and (heading_at(line.plain) is not None or answer_list_at(line.plain) is not None)
            if ends and end > start:
                break
            number = self.numbers[end]
            if number is not None:
                counts[number.style] = counts.get(number.style, 0) + 1
            end += 1
        styles = ["1", "(1)", "(一)", "一", "1 ", "①"]
        self.style = next((style for style in styles if counts.get(style)), "1" if counts.get("1?") else "")
        if self.style in ("一", "①") and not self._asked(start, end):
            self.style = ""
        self.list_last = 0

    def _asked(self, start: int, end: int) -> bool:
        """Whether numbers of an unusual kind number questions: each is followed by options or an answer."""
        at = [other for other in range(start, end) if (self.numbers[other] or _NONE).style == self.style]
        return all(self._attached(other) for other in at[:5])

    # Answer lists -----------------------------------------------------------------------------------------------------

    def _answer_list(self, at: int, line: Line) -> bool:
        found = answer_list_at(line.plain)
        if found is None:
            return False
        word, rest = found
        if rest >= len(line.plain):
            following = self._next(at)
            if following is None or not self._opens_list(following, word):
                return False
        elif not any(section.blocks for section in self.paper.sections) or self._single_answer(line.plain[rest:]):
            return False
        self._close()
        self._open_listing(None, explained=bool(_EXPLAINED.search(line.plain[:rest])))
        if rest < len(line.plain):
            self._add_listed(line, rest)
        else:
            self.paper.fates[line.index] = Fate.HEADING
        return True

    def _single_answer(self, rest: str) -> bool:
        """答案：1.弹幕 2.福袋 belongs to the question above when that has no answer yet and is a fill-in or matching one."""
        kinds = (QuestionType.FILL, QuestionType.MATCHING, QuestionType.ORDERING)
        if self.block is None or self.section.kind not in kinds:
            return False
        return len(self.section.blocks) == 1 or self._has_answers(self.section.blocks[:-1])

    def _has_answers(self, blocks: Sequence[Block]) -> bool:
        return any(
            field_ == ANSWER for block in blocks for line in block.lines for _s, _e, field_ in fields_in(line.plain)
        )

    def _opens_list(self, at: int, word: str) -> bool:
        blocks = [block for section in self.paper.sections for block in section.blocks]
        if not blocks:
            return False
        plain = self.lines[at].plain
        if heading_at(plain) is not None or bare_heading_at(plain) is not None:
            return True
        if (told := kind_heading_at(plain)) is not None and number_at(plain[told.rest :]) is not None:
            return True
        if self._has_answers(blocks[-6:]):
            return False
        number = self.numbers[at]
        if word == "答案" and len(blocks) == 1 and not looks_like_list(plain):
            return False
        return looks_like_list(plain) or number is not None or bool(re.fullmatch(r"[A-L√×对错\s]{6,400}", plain))

    def _open_listing(self, heading: Heading | None, *, explained: bool) -> None:
        self.listing = Listing(after=len(self.paper.sections), explained=explained)
        self.paper.listings.append(self.listing)
        self.listing.parts.append((heading, []))

    def _listed(self, at: int, line: Line) -> bool:
        """A line of the answer list; False when it is the heading of a new section of questions."""
        if self._noise(at, line):
            return True
        answer = answer_list_at(line.plain)
        if answer and answer[1] >= len(line.plain) and heading_at(line.plain) is None:
            self.paper.fates[line.index] = Fate.HEADING
            return True
        if (told := listed_heading_at(line.plain)) is not None and self._known(told) and self._next_part(told):
            if self.listing is not None:
                self.listing.parts.append((told, []))
            self._add_listed(line, told.rest)
            return True
        if self._explanations(at, line):
            return True
        if (told := kind_heading_at(line.plain)) is not None and self.listing is not None:
            self.listing.parts.append((told, []))
            self._add_listed(line, told.rest)
            return True
        heading = heading_at(line.plain) or bare_heading_at(line.plain)
        if heading is not None and self._returns(at, heading, line):
            self.listing = None
            return False
        if self.listing is not None and heading is not None and (heading.kind or self._known(heading)):
            self.listing.parts.append((heading, []))
            rest = heading.rest if heading.answers else _rest_of_heading(line, heading)
            if rest < len(line.plain):
                self._add_listed(line, rest)
            else:
                self.paper.fates[line.index] = Fate.HEADING
            return True
        self._add_listed(line, 0)
        return True

    def _explanations(self, at: int, line: Line) -> bool:
        """解析 on a line of its own, and then the numbers anew: a second list, of explanations."""
        following = self._next(at)
        if not explanations_at(line.plain) or following is None or self.listing is None:
            return False
        number, plain = self.numbers[following], self.lines[following].plain
        if heading_at(plain) is None and (number is None or number.value != 1):
            return False
        self._open_listing(None, explained=True)
        self.listing.explains = True
        self.paper.fates[line.index] = Fate.HEADING
        return True

    def _next_part(self, heading: Heading) -> bool:
        """Whether a section's number is the next one of the answer list, and no point of an answer that is a text."""
        told = [part for part, _lines in self.listing.parts if part is not None] if self.listing else []
        return heading.ordinal > (told[-1].ordinal if told else 0)

    def _known(self, heading: Heading) -> bool:
        return any(section.ordinal == heading.ordinal and section.ordinal for section in self.paper.sections)

    def _returns(self, at: int, heading: Heading, line: Line) -> bool:
        """Whether a heading in an answer list begins new questions: nothing like it was read, and no answers follow."""
        if any(
            section.blocks
            and section.kind == heading.kind
            and (section.ordinal == heading.ordinal or not section.ordinal or not heading.ordinal)
            for section in self.paper.sections
        ):
            return False
        if _rest_of_heading(line, heading) < len(line.plain) or heading.answers:
            return False
        following = self._next(at)
        if following is None or looks_like_list(self.lines[following].plain):
            return False
        if not heading.kind:
            return not self._known(heading)
        return True

    def _add_listed(self, line: Line, start: int) -> None:
        if self.listing is not None:
            self.listing.parts[-1][1].append((line, start))

    # Shared material --------------------------------------------------------------------------------------------------

    def _material(self, at: int, line: Line) -> bool:
        found = material_at(line.plain)
        if found is None:
            number = self.numbers[at]
            if self.section.kind == CASE and number is not None and number.style == "(一)" and self.style == "1":
                self._new_material(line, number.end, 0)
                return True
            return False
        if found.above and self.material is not None and not self.section_blocks_since():
            self.material.open = False
            self.material.last = found.last
            self.paper.fates[line.index] = Fate.HEADING
            return True
        if found.above:
            return False
        if self.block is not None and not self.complete and not found.last and self.section.kind != CASE:
            return False  # 【案例】 inside the stem of a question
        self._new_material(line, found.rest, found.last)
        return True

    def section_blocks_since(self) -> bool:
        """Whether the current material has questions already."""
        return any(block.material is self.material for block in self.section.blocks)

    def _new_material(self, line: Line, rest: int, last: int) -> None:
        pending = self.material
        self._close()
        if pending is not None and pending.open and pending.last and not pending.lines and not last:
            self.material = pending  # 根据以下材料，回答1–3题 and then 材料：
        else:
            self.material = Material(last=last)
        if rest < len(line.text):
            self.material.lines.append((line, rest))
        self.paper.fates[line.index] = Fate.HEADING

    # Questions --------------------------------------------------------------------------------------------------------

    def _question(self, at: int, line: Line) -> bool:
        number = self.numbers[at]
        if number is not None and self._is_question(at, line, number):
            self._begin(line, number)
            return True
        if self.style and self.block is None and self.material is None:
            return False
        if not self.style and self._begins_unnumbered(at, line):
            self._begin(line, None)
            return True
        return False

    def _is_question(self, at: int, line: Line, number: Number) -> bool:
        style = "1" if number.style == "1?" else number.style
        if style == "1 " and self.style == "1":
            style = (
                "1" if self.block is not None and number.value == self.block.number + 1 and self._attached(at) else ""
            )
        if style != self.style:
            return False
        last = self.block.number if self.block else 0
        if number.style == "1?" and number.value != last + 1:
            return False
        if self.block is None:
            return True
        if self._pair_row(line.plain):
            return False
        return self._continues(at, number, last)

    def _continues(self, at: int, number: Number, last: int) -> bool:
        """A number inside a question is either the next one's or a point of a list in it."""
        value = number.value
        if value == last + 1:
            if self.list_last and self.list_last == value - 1 and not self._attached(at):
                self.list_last = value
                return False
            self.list_last = 0
            return True
        if self.list_last and value == self.list_last + 1:
            self.list_last = value
            return False
        if value == 1 and not (self.complete and self.last_field == "options") and not self._attached(at):
            self.list_last = 1
            return False
        self.list_last = 0
        return True

    def _pair_row(self, plain: str) -> bool:
        """A row of two columns in a matching question: 1. 抖音    A. 短视频."""
        if self.section.kind != QuestionType.MATCHING:
            return False
        number = number_at(plain)
        found = [start for start, _end, _key, _b in options_in(plain, number.end if number else 0) if start]
        return bool(found) and plain[found[0] - 1] in " \t-→_|"

    def _attached(self, at: int) -> bool:
        """Whether options or an answer stand on this line or before the next number of the same kind."""
        first = self.numbers[at]
        plain = self.lines[at].plain
        if KEY_BRACKET.search(plain) or LAST_SIGN.search(plain) or NAMED_KEY.search(plain) or (first and first.key):
            return True
        if any(start and plain[start - 1] in " \t)" for start, _e, key, _b in options_in(plain) if key == "B"):
            return True
        for other in range(at, min(at + _AHEAD, len(self.lines))):
            if self.lines[other].too_long:
                return False
            number = self.numbers[other]
            if other > at and number is not None and first is not None and number.style == first.style:
                return False
            if self.marked[other]:
                return True
        return False

    def _begins_unnumbered(self, at: int, line: Line) -> bool:
        if self.marked[at] and (option_lead(line.plain) or fields_in(line.plain)[0][0] == 0):
            return False
        if self.block is None:
            if _marked_kind(line.plain):
                return True
            if is_instruction(line.plain) or (self.material is not None and self.material.open and not self._asks(at)):
                return False
            return len(self.paper.sections) > 1 or self._asks(at)
        if self.complete and _marked_kind(line.plain):
            return True
        if not self.complete:
            return self.section.kind == QuestionType.TRUE_FALSE and _has_truth(self.block.lines[-1].plain)
        if self.last_field == "options":
            return line.gap or self._asks(at)
        return (line.gap and self.last_field != "open") or self._asks(at)

    def _asks(self, at: int) -> bool:
        """Whether this line is a stem: options follow at once, or an answer of one line."""
        plain = self.lines[at].plain
        if KEY_BRACKET.search(plain) or LAST_SIGN.search(plain):
            return True
        for other in range(at + 1, min(at + 4, len(self.lines))):
            if self.lines[other].too_long or (self.lines[other].gap and other > at + 1):
                return False
            if self.numbers[other] is not None or heading_at(self.lines[other].plain) is not None:
                return False
            if option_lead(self.lines[other].plain) == "A":
                return True
            if self.marked[other]:
                return fields_in(self.lines[other].plain)[:1] != [] and not option_lead(self.lines[other].plain)
        return False

    def _begin(self, line: Line, number: Number | None) -> None:
        material = self.material
        if material is not None:
            material.open = False
            if (material.last and number is not None and number.value > material.last) or (
                not material.lines and not material.last
            ):
                material = self.material = None
        self.block = Block(
            self.section,
            number.value if number else 0,
            [],
            number.end if number else 0,
            number.key if number else "",
            number.kind if number else "",
            material,
        )
        self.section.blocks.append(self.block)
        self.complete, self.last_field, self.list_last = False, "stem", 0
        self._more(self.block, line)

    def _more(self, block: Block, line: Line) -> None:
        """A line of the current question. After the options and a blank line, text that is no field belongs to nothing."""
        start = block.start if not block.lines else 0
        plain = line.plain[start:]
        found, lead = fields_in(plain), option_lead(plain)
        stray = self.complete and self.last_field in ("options", "answer") and line.gap and not found and not lead
        if stray and block.lines and not line.files and not self._open_answer():
            self.paper.strays.append(line)
            return
        block.lines.append(line)
        if found:
            point = number_at(plain[found[-1][1] :])
            if point is not None and point.value == 1 and point.style == self.style:
                self.list_last = 1
            self.complete, self.last_field = True, "open" if self._open_answer() else found[-1][2]
        elif (lead and self.last_field in ("stem", "options")) or (
            any(key == "B" for _s, _e, key, _b in options_in(plain)) and self.last_field == "stem"
        ):
            self.complete, self.last_field = True, "options"

    def _open_answer(self) -> bool:
        """Whether the answers of this section are texts, which may hold several lines with blank ones between."""
        return self.section.kind in (QuestionType.SHORT, CASE)

    def _close(self) -> None:
        self.block = None
        self.material = None
        self.complete, self.list_last = False, 0


_NONE = Number("", 0, 0)
_EXPLAINED = re.compile("解析|详解|说明")


def _marked_kind(plain: str) -> bool:
    """Whether a line is a question that begins with the mark of its type: 【判断】…, 单选：…."""
    mark = type_mark(plain)
    return (mark is not None and not plain[: mark[0]].strip() and len(plain) > mark[1] + 3) or kind_mark(
        plain
    ) is not None


def _has_truth(plain: str) -> bool:
    return bool(KEY_BRACKET.search(plain) or LAST_SIGN.search(plain))


def _rest_of_heading(line: Line, heading: Heading) -> int:
    """Where the answers begin that stand on the line of a heading; the line's length when there are none."""
    rest = line.plain[heading.rest :]
    for found in re.finditer(r"\d|[A-L]|[√×]|对|错|正确", rest):
        least = 1 if rest[max(found.start() - 1, 0)] in ": " else 3
        if looks_like_list(rest[found.start() :]) or re.fullmatch(
            rf"[A-L√×对错正确误\s,;、]{{{least},400}}", rest[found.start() :]
        ):
            return heading.rest + found.start()
    return len(line.plain)
