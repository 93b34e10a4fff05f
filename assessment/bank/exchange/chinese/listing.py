"""The answer list at the end of a paper, brought to its questions; what cannot be brought is refused by its line."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from assessment.bank.exchange.checks import excerpt
from assessment.bank.exchange.chinese.blocks import Block, Listing, Paper, Section
from assessment.bank.exchange.chinese.keys import is_truth, letters
from assessment.bank.exchange.chinese.marks import CASE, EXPLANATION, Heading, fields_in, number_at
from assessment.bank.exchange.chinese.texts import Fate, Line, twin
from assessment.bank.types import QuestionType, Refused

_RANGE = re.compile(
    r"\(?(\d{1,4})\s{0,2}(?:-{1,2}|~|至|到)\s{0,2}(\d{1,4})\s{0,2}题?\s{0,2}\)?\s{0,2}[:.、,)]?\s{0,4}(?=[A-La-l√×对错正误TF])"
)
_HEAD = re.compile(
    r"(?<![\d.\-~A-Za-z])\(?(\d{1,4})\s{0,2}(?:[.、:)](?!\d)|(?=\s{0,3}(?:[A-L√×]|对|错|正确|错误)))\)?\s{0,4}"
)
_CELLS = re.compile(r"\s*\|\s*|\t+|\s+")
_TRUTH_RUN = re.compile(r"[√×]+|[对错]+|[TF]+")


@dataclass
class _Entry:
    """One answer: its number (0: it has none) and its lines, each cut to its own part."""

    number: int
    pieces: list[tuple[Line, str]]

    @property
    def text(self) -> str:
        """All that it says, on one line."""
        return " ".join(text for _line, text in self.pieces if text)


@dataclass
class _Part:
    """What stands under one heading of an answer list. style: how its answers are numbered; point: the last number of
    a list inside a text; doubtful: such numbers that the next question has as well; explained: lines behind a letter
    explain it."""

    heading: Heading | None
    explained: bool = False
    entries: list[_Entry] = field(default_factory=list)
    bad: list[tuple[Line, str]] = field(default_factory=list)
    style: str = ""
    point: int = 0
    doubtful: dict[int, _Entry] = field(default_factory=dict)

    @property
    def of_texts(self) -> bool:
        """Its answers are texts, in which points may be numbered as the questions are."""
        return self.heading is not None and self.heading.kind in (QuestionType.SHORT, CASE)

    def is_point(self, number: int) -> bool:
        """Whether a number inside a text numbers a point of it. When it could be the next question's, it is remembered."""
        if not self.of_texts or not self.entries:
            return False
        last = self.entries[-1].number
        if number == last + 1:
            if self.point != number - 1 or not self.point:
                self.point = 0
                return False
            self.doubtful[number] = self.entries[-1]
        self.point = number
        return True

    def goes_on(self, plain: str) -> bool:
        """Whether a line without a number belongs to the answer above: that is a text, or it or the list explains."""
        if self.explained or any(not start for start, _end, _field in fields_in(plain)):
            return True
        told = twin(next((text for _line, text in self.entries[-1].pieces if text), ""))
        return not (letters(told) or is_truth(told.strip(" .。")))

    def settle(self) -> None:
        """A remembered number that no answer had after all: whether it was a point is not clear."""
        told = {entry.number for entry in self.entries}
        for number, owner in self.doubtful.items():
            if number not in told and owner in self.entries:
                self.entries.remove(owner)
                reason = _(
                    "Whether “%(number)s.” numbers a point or the next answer is not clear; number points （1）（2）."
                )
                self.bad.extend((line, reason % {"number": number}) for line, _text in owner.pieces)


def brought(paper: Paper) -> list[tuple[Line, Refused]]:
    """Gives every answer of the paper's lists to its question (Block.listed); the rest comes back refused."""
    refused: list[tuple[Line, Refused]] = []
    began = 0
    for listing in paper.listings:
        sections = [section for section in paper.sections[: listing.after] if section.blocks]
        near = [section for section in paper.sections[began : listing.after] if section.blocks]
        began = listing.after
        last = listing is paper.listings[-1]
        for line, reason in _given(listing, near if near and not last else (near or sections), sections):
            paper.fates[line.index] = Fate.REFUSED
            refused.append((line, Refused(line.where, reason, excerpt(line.text))))
    return refused


def _given(listing: Listing, near: Sequence[Section], all_: Sequence[Section]) -> Iterator[tuple[Line, str]]:
    explained = listing.explained or any(
        EXPLANATION in (name for _start, _end, name in fields_in(line.plain))
        for _h, lines in listing.parts
        for line, _s in lines
    )
    parts = [_read(heading, lines, explained) for heading, lines in listing.parts]
    for part in parts:
        yield from part.bad
        if listing.explains:
            for entry in part.entries:
                entry.pieces[0] = (entry.pieces[0][0], f"解析：{entry.pieces[0][1]}")
    numbers = [block.number for section in near for block in section.blocks if block.number]
    unique = len(set(numbers)) == len(numbers)
    for part in parts:
        if not part.entries:
            continue
        if part.heading is not None and (part.heading.kind or part.heading.ordinal):
            section = _section_of(part.heading, all_)
            if section is None:
                yield from _all(part.entries, _("No section of the paper belongs to this heading of the answer list."))
            else:
                yield from _to_section(part.entries, [section])
        elif not any(entry.number for entry in part.entries) or (unique and not _restarts(part.entries)):
            yield from _to_section(part.entries, near)
        else:
            yield from _by_runs(part.entries, near)


def _section_of(heading: Heading, sections: Sequence[Section]) -> Section | None:
    same = [section for section in sections if heading.ordinal and section.ordinal == heading.ordinal]
    if heading.kind:
        fits = [section for section in same or sections if section.kind == heading.kind]
        same = fits or ([section for section in same if not section.kind])
    return same[0] if len(same) == 1 else None


def _restarts(entries: Sequence[_Entry]) -> bool:
    """Whether the numbers of a list begin anew: the same number, from 1 on, stands twice."""
    return sum(entry.number == 1 for entry in entries) > 1


def _by_runs(entries: Sequence[_Entry], sections: Sequence[Section]) -> Iterator[tuple[Line, str]]:
    """Numbers begin anew in each section: the first run of answers belongs to the first section, and so on, when each has as
    many answers as its section has questions."""
    runs: list[list[_Entry]] = []
    for entry in entries:
        if not runs or entry.number <= runs[-1][-1].number:
            runs.append([])
        runs[-1].append(entry)
    if [len(run) for run in runs] != [len(section.blocks) for section in sections]:
        yield from _all(
            entries, _("Several questions have this number; put the sections' headings into the answer list.")
        )
        return
    for run, section in zip(runs, sections, strict=True):
        if [entry.number for entry in run] == list(range(1, len(run) + 1)):
            for entry, block in zip(run, section.blocks, strict=True):
                block.listed.extend(entry.pieces)
        else:
            yield from _to_section(run, [section])


def _to_section(entries: Sequence[_Entry], sections: Sequence[Section]) -> Iterator[tuple[Line, str]]:
    blocks = [block for section in sections for block in section.blocks]
    if entries and not entries[0].number:
        if len(blocks) == 1 and sections[0].kind is QuestionType.MULTIPLE and letters(entries[0].text):
            entries = _together(entries)
        yield from _in_order(entries, blocks)
        return
    by_number: dict[int, list[Block]] = {}
    for block in blocks:
        by_number.setdefault(block.number, []).append(block)
    said: dict[int, set[str]] = {}
    for entry in entries:
        said.setdefault(entry.number, set()).add(entry.text)
    told: set[int] = set()
    for entry in entries:
        found = by_number.get(entry.number, [])
        if len(found) == 1 and len(said[entry.number]) > 1:
            yield from _all([entry], _("Two answers are given, and they differ."))
        elif len(found) == 1 and entry.number in told:
            for line, _text in entry.pieces:
                found[0].listed.append((line, ""))
        elif len(found) == 1:
            told.add(entry.number)
            found[0].listed.extend(entry.pieces)
        elif found:
            yield from _all([entry], _("Several questions have this number."))
        else:
            yield from _all(
                [entry], _("The answer list names question %(number)s, which was not found.") % {"number": entry.number}
            )


def _in_order(entries: Sequence[_Entry], blocks: Sequence[Block]) -> Iterator[tuple[Line, str]]:
    """Answers without numbers: as many as there are questions, or all of them are refused."""
    if len(entries) != len(blocks):
        reason = _("The list has %(answers)s answers for %(questions)s questions.") % {
            "answers": len(entries),
            "questions": len(blocks),
        }
        yield from _all(entries, reason)
        return
    for entry, block in zip(entries, blocks, strict=True):
        block.listed.extend(entry.pieces)


def _together(entries: Sequence[_Entry]) -> Sequence[_Entry]:
    """AC under a heading of one multiple-choice question: one answer of two letters, not two answers."""
    line = entries[0].pieces[0][0]
    return [_Entry(0, [(line, "".join(entry.text for entry in entries))])]


def _all(entries: Sequence[_Entry], reason: str) -> Iterator[tuple[Line, str]]:
    for line in {line.index: line for entry in entries for line, _text in entry.pieces}.values():
        yield line, reason


# Lines of the list ----------------------------------------------------------------------------------------------------


def _read(heading: Heading | None, lines: Sequence[tuple[Line, int]], explained: bool) -> _Part:
    part = _Part(heading, explained)
    numbers: list[int] = []
    for line, start in lines:
        plain, text = line.plain[start:], line.text[start:]
        cells = [cell for cell in _CELLS.split(plain.strip("| ")) if cell]
        if cells and cells[0] in ("题号", "序号"):
            numbers = [int(cell) for cell in cells[1:] if cell.isdecimal()]
            part.entries.extend(_Entry(number, [(line, "")]) for number in numbers)
            continue
        if numbers and cells and cells[0] in ("答案", "参考答案", "正确答案"):
            _row(part, line, cells[1:], numbers)
            numbers = []
            continue
        _line(part, line, plain, text)
    part.settle()
    return part


def _row(part: _Part, line: Line, cells: Sequence[str], numbers: Sequence[int]) -> None:
    fresh = part.entries[len(part.entries) - len(numbers) :]
    if len(cells) != len(numbers):
        del part.entries[len(part.entries) - len(numbers) :]
        reason = _("The row has %(answers)s answers for %(questions)s numbers.") % {
            "answers": len(cells),
            "questions": len(numbers),
        }
        part.bad.append((line, reason))
        part.bad.extend((entry.pieces[0][0], reason) for entry in fresh[:1])
        return
    for entry, cell in zip(fresh, cells, strict=True):
        entry.pieces.append((line, cell))


def _line(part: _Part, line: Line, plain: str, text: str) -> None:
    ranges = list(_RANGE.finditer(plain))
    if ranges and not plain[: ranges[0].start()].strip(" ,;、"):
        ends = [found.start() for found in ranges[1:]] + [len(plain)]
        for found, end in zip(ranges, ends, strict=True):
            first, last = int(found.group(1)), int(found.group(2))
            single = _HEAD.search(plain, found.end(), end)
            cut = single.start() if single else end
            answers = _answers(plain[found.end() : cut])
            if last < first or answers is None or len(answers) != last - first + 1:
                reason = _("Between %(first)s and %(last)s there are not as many answers as numbers.") % {
                    "first": first,
                    "last": last,
                }
                part.bad.append((line, reason))
                continue
            part.entries.extend(_Entry(first + at, [(line, answer)]) for at, answer in enumerate(answers))
            if cut < end:
                _line(part, line, plain[cut:end], text[cut:end])
        return
    number = number_at(plain)
    style = "1" if number and number.style in ("1?", "1 ") else number.style if number else ""
    heads = _heads(plain) if not style or not part.style or style == part.style else []
    if len(heads) == 1 and part.is_point(heads[0][0]):
        heads = []
    elif heads and part.of_texts:
        point = number_at(plain[heads[0][2] :].removeprefix("答:").removeprefix("【答案】").lstrip())
        part.point = 1 if point is not None and point.value == 1 and point.style == "1" else 0
    if heads:
        part.style = part.style or style
        ends = [start for _number, start, _end in heads[1:]] + [len(text)]
        for (value, _start, after), end in zip(heads, ends, strict=True):
            part.entries.append(_Entry(value, [(line, text[after:end].strip(" \t　,，;；、|"))]))
        return
    if (answers := _answers(plain)) and (not part.entries or not part.entries[-1].number):
        part.entries.extend(_Entry(0, [(line, answer)]) for answer in answers)
    elif part.entries and part.entries[-1].number and part.goes_on(plain):
        part.entries[-1].pieces.append((line, text))
    else:
        part.bad.append((line, _("This line of the answer list belongs to no question.")))


def _heads(plain: str) -> list[tuple[int, int, int]]:
    """Where the answers of one line begin: (number, start, end of the number). Several only when their numbers follow on one
    another."""
    first = number_at(plain)
    found = [(int(head.group(1)), head.start(), head.end()) for head in _HEAD.finditer(plain)]
    if not found or found[0][1] > 0:
        if first is None or first.style not in ("1", "(1)", "1?", "1 "):
            return []
        return [(first.value, 0, first.end)]
    kept = [found[0]]
    for head in found[1:]:
        content = plain[kept[-1][2] : head[1]].strip(" \t,;、。|")
        anew = head[0] == 1 and len(content) < 24 and bool(letters(content) or is_truth(content))
        if (
            (head[0] == kept[-1][0] + 1 or anew)
            and (plain[head[1]] == "(") == (plain[0] == "(")
            and plain[kept[-1][2] : head[1]].strip(" ,;、")
        ):
            kept.append(head)
    if len(kept) > 1:
        ends = [head[1] for head in kept[1:]] + [len(plain)]
        contents = [plain[head[2] : end].strip(" \t,;、。|") for head, end in zip(kept, ends, strict=True)]
        short = all(letters(content) or is_truth(content) for content in contents)
        apart = all(plain[head[1] - 1] in " \t;,、|" for head in kept[1:]) and all(
            len(content) <= 40 for content in contents
        )
        if not short and not apart:
            return kept[:1]
    return kept


def _answers(plain: str) -> list[str] | None:
    """ABCDA, AB ACD BC, √×√: the answers one after the other; None when the text is something else."""
    plain = plain.strip(" \t,;、。.|")
    words = [word for word in re.split(r"[\s,;、|]+", plain) if word]
    if len(words) == 1:
        return (
            list(words[0])
            if re.fullmatch(r"[A-La-l]{1,400}", words[0]) or _TRUTH_RUN.fullmatch(words[0])
            else ([words[0]] if is_truth(words[0]) else None)
        )
    if all(_TRUTH_RUN.fullmatch(word) for word in words) or all(is_truth(word) for word in words):
        return [sign for word in words for sign in (word if _TRUTH_RUN.fullmatch(word) else [word])]
    if not all(letters(word) for word in words):
        return None
    # ABCDA BCDAB: groups of five, for the eye; a letter stands twice in some group, or its order falls.
    if all(len(word) == 5 for word in words[:-1]) and any(sorted(set(word)) != list(word) for word in words):
        return list("".join(words))
    return words
