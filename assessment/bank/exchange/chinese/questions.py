"""Raw questions into read ones: stem, options, key, explanation and the rest; or the reason why not."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise
from typing import TypeVar

from django.utils.translation import gettext as _

from assessment.bank.exchange.checks import STEM_CHARACTERS
from assessment.bank.exchange.chinese.blocks import Block, Section
from assessment.bank.exchange.chinese.keys import (
    Unclear,
    blanks,
    chosen,
    difficulty,
    is_truth,
    letters,
    order,
    pairs,
    truth,
)
from assessment.bank.exchange.chinese.marks import (
    ANSWER,
    CASE,
    CHOICE,
    CIRCLES,
    CLAUSE,
    DIFFICULTY,
    EMPTY_BRACKET,
    EXPLANATION,
    KEY_BRACKET,
    LAST_SIGN,
    LOOSE,
    MARKS,
    NAMED_KEY,
    OWN_MARKS,
    SOURCE,
    STEP,
    TOPIC,
    TYPE,
    fields_in,
    kind_mark,
    kind_named,
    label_at,
    label_before,
    number_at,
    option_lead,
    options_in,
    type_mark,
)
from assessment.bank.exchange.chinese.texts import Line, twin
from assessment.bank.types import BLANK, Key, Option, QuestionType, ReadQuestion, Step

T = TypeVar("T")
EMPTY = "（　　）"
STEM, OPTIONS = "stem", "options"
_STEPS = {
    **dict.fromkeys(("识记", "记忆", "了解", "知道"), Step.REMEMBER),
    **dict.fromkeys(("理解", "领会", "熟悉"), Step.UNDERSTAND),
    **dict.fromkeys(("应用", "运用", "掌握", "简单应用"), Step.APPLY),
    **dict.fromkeys(("分析", "综合", "评价", "综合应用"), Step.ANALYSE),
}
_UNDERSCORES = re.compile(
    r"[_＿﹍﹎‗]{1,}(?:\s{0,2}[(（]?\s?(?:\d{1,2}|[①-⑳])\s?[)）]?\s{0,2}[_＿﹍﹎‗]{1,})?|﹏{2,}|[—－─]{4,}"
)
_ORDERED = re.compile("排序|排列|先后顺序|正确顺序|正确的顺序")
_OF_TEXTS = (QuestionType.SHORT, QuestionType.FILL, CASE)
_TOPIC_CODE = re.compile(r"[A-Z]\d-\d{2}")


@dataclass
class _Parts:
    """The fields of one question while they are gathered: their lines by name."""

    stem: list[tuple[Line, str]] = field(default_factory=list)
    options: list[tuple[Line, str]] = field(default_factory=list)
    texts: dict[str, list[str]] = field(default_factory=dict)
    answers: list[str] = field(default_factory=list)
    listed: list[str] = field(default_factory=list)
    stray: str = ""


def read_block(block: Block) -> Iterator[tuple[ReadQuestion | Unclear, Sequence[Line]]]:
    """The question of a block, or those of its parts （1）（2）, each read or refused, with its lines."""
    for part in _split(block):
        lost = next((line.lost for line in part.lines if line.lost), "")
        try:
            if lost:
                raise Unclear(lost)
            yield _question(part), part.lines
        except Unclear as unclear:
            yield unclear, part.lines


def _split(block: Block) -> list[Block]:
    """（1）（2） under one number with options or answers of their own: what stands before them is their shared material."""
    heads = [at for at, line in enumerate(block.lines) if at and (number_at(line.plain) or _NO).style == "(1)"]
    if not heads or block.section.kind in (QuestionType.MATCHING, QuestionType.ORDERING, QuestionType.FILL):
        return [block]
    bounds = [*heads, len(block.lines)]
    own = all(
        any(
            option_lead(line.plain) == "A"
            or any(f == ANSWER for _s, _e, f in fields_in(line.plain))
            or KEY_BRACKET.search(line.plain)
            for line in block.lines[a:b]
        )
        for a, b in pairwise(bounds)
    )
    if not own or any(option_lead(line.plain) or fields_in(line.plain) for line in block.lines[: heads[0]]):
        return [block]
    before = block.lines[: heads[0]]
    material = "\n".join(line.text[block.start if at == 0 else 0 :] for at, line in enumerate(before))
    parts = []
    for a, b in pairwise(bounds):
        number = number_at(block.lines[a].plain) or _NO
        part = Block(block.section, number.value, block.lines[a:b], number.end, number.key, number.kind, block.material)
        part.own_material = _stripped_material(material)
        parts.append(part)
    parts[0].extra = list(before)
    if block.listed:  # an answer for the whole: it cannot be parted
        for part in parts:
            part.listed = block.listed
    return parts


class _NoNumber:
    style, value, end, key, kind = "", 0, 0, "", ""


_NO = _NoNumber()


def _stripped_material(text: str) -> str:
    return re.sub(r"^[【\[]?(?:案例|材料|背景材料|案例分析)[一二三四五\d]{0,2}[】\]]?[:：]?\s{0,4}", "", text)


# Gathering ------------------------------------------------------------------------------------------------------------


def _gathered(block: Block) -> _Parts:
    parts = _Parts()
    current = STEM
    for at, line in enumerate(block.lines):
        start = block.start if at == 0 else 0
        lead = option_lead(line.plain[start:])
        late = current == ANSWER and lead == "A" and not parts.options and block.section.kind not in _OF_TEXTS
        if lead and (at or start == 0) and (current in (STEM, OPTIONS) or late):
            current = OPTIONS
        current = _line(parts, line, start, current)
    field_ = ANSWER
    # A text may say 依据： or 要点： itself: where the list marks its parts by brackets, those are words of the text.
    bracketed = block.section.kind in (QuestionType.SHORT, CASE) and any(
        twin(text)[start] in "【[" for _where, text in block.listed for start, _end, _name in fields_in(twin(text))
    )
    for _where, text in block.listed:
        field_ = _piece(parts, text, field_, bracketed=bracketed)
    return parts


def _line(parts: _Parts, line: Line, start: int, current: str) -> str:
    plain, text = line.plain[start:], line.text[start:]
    named = list(NAMED_KEY.finditer(plain))
    marks = [mark for mark in fields_in(plain) if not any(found.start() <= mark[0] < found.end() for found in named)]
    _put(parts, line, text[: marks[0][0]] if marks else text, current)
    ends = ([mark[0] for mark in marks[1:]] + [len(text)]) if marks else []
    for (_start, after, name), end in zip(marks, ends, strict=True):
        current = name
        parts.texts.setdefault(name, [])
        if name == ANSWER:
            parts.answers.append("")
        _put(parts, line, text[after:end], current)
    return current


def _put(parts: _Parts, line: Line, text: str, current: str) -> None:
    text = text.strip()
    if not text:
        return
    if current == STEM:
        parts.stem.append((line, text))
    elif current == OPTIONS:
        parts.options.append((line, text))
    elif current == ANSWER:
        parts.answers[-1] = f"{parts.answers[-1]}\n{text}".strip()
    elif current in (EXPLANATION, CLAUSE) or not parts.texts.get(current):
        parts.texts.setdefault(current, []).append(text)
    elif EXPLANATION in parts.texts:
        parts.texts[EXPLANATION].append(text)
    else:
        parts.stray = line.where


def _piece(parts: _Parts, text: str, current: str, *, bracketed: bool) -> str:
    """A line of this question's answer in the answer list. bracketed: only marks in brackets are marks."""
    plain = twin(text)
    marks = [mark for mark in fields_in(plain) if not bracketed or plain[mark[0]] in "【["]
    head = (text[: marks[0][0]] if marks else text).strip()
    if head:
        if current == ANSWER:
            parts.listed.append(head)
        else:
            parts.texts.setdefault(current, []).append(head)
    ends = ([mark[0] for mark in marks[1:]] + [len(text)]) if marks else []
    for (_start, after, name), end in zip(marks, ends, strict=True):
        value, current = text[after:end].strip(), name
        if value and name == ANSWER:
            parts.listed.append(value)
        elif value:
            parts.texts.setdefault(name, []).append(value)
    return current


# Building -------------------------------------------------------------------------------------------------------------


@dataclass
class _Draft:
    """A question on its way. told: the answers that the file gives, wherever they stood."""

    stem: str
    kind: str
    options: list[Option]
    left: list[Option]
    told: list[str]
    marks: Decimal | None
    explanation: str = ""
    more: list[str] = field(default_factory=list)


def _question(block: Block) -> ReadQuestion:
    parts = _gathered(block)
    if parts.stray:
        raise Unclear(_("The text at %(where)s belongs to no part of the question.") % {"where": parts.stray})
    stem = "\n".join(text for _line, text in parts.stem)
    stem, named, said = _labels(stem)
    stem, marks = _own_marks(stem, parts, said, block.section)
    stem, kind = _kind(stem, parts, named, block)
    stem, inline = _inline_options(stem) if not parts.options and kind != QuestionType.MATCHING else (stem, "")
    options = (
        _options(([inline] if inline else []) + [text for _line, text in parts.options], kind)
        if kind != QuestionType.MATCHING
        else []
    )
    left: list[Option] = []
    if kind == QuestionType.MATCHING:
        stem, left, options = _sides(stem, [text for _line, text in parts.options])
    told = [answer for answer in parts.answers if answer]
    listed = "\n".join(parts.listed)
    if listed:
        told.append(listed)
    if kind == QuestionType.ORDERING and not options:
        stem, options = _items(stem)
    elif not options and _by_circles(kind, told):
        stem, options = _items(stem)
        told = [_circles_as_letters(text) for text in told] if options else told
    draft = _Draft(stem, kind, options, left, told, marks, "\n".join(parts.texts.get(EXPLANATION, [])))
    try:
        if any(not answer for answer in parts.answers) and not told:
            raise Unclear(_("The answer is missing."))
        type_, key = _key(draft, block.before)
    except Unclear as unclear:
        unclear.read = _made(block, parts, draft, _likely(draft), Key())
        raise
    return _made(block, parts, draft, type_, key)


def _likely(draft: _Draft) -> QuestionType:
    """The type of a question whose answer is not known, for somebody to mend."""
    if draft.kind in list(QuestionType):
        return QuestionType(draft.kind)
    if _blank_count(draft.stem):
        return QuestionType.FILL
    return QuestionType.SINGLE if draft.options else QuestionType.SHORT


def _made(block: Block, parts: _Parts, draft: _Draft, type_: QuestionType, key: Key) -> ReadQuestion:
    marks = draft.marks
    if marks is None and type_ is QuestionType.FILL and block.section.each_blank:
        marks = block.section.each_blank * len(key.blanks)
    explanation = "\n".join([*draft.more, *parts.texts.get(EXPLANATION, [])])
    sources = ["，".join(parts.texts[SOURCE])] if parts.texts.get(SOURCE) else []
    step, level, topic = _place(parts, sources)
    material = block.own_material or (
        "\n".join(line.text[start:] for line, start in block.material.lines) if block.material else ""
    )
    shown = [line for line in block.lines if line.files] + [line for line in block.extra if line.files]
    shown += [line for line, _start in (block.material.lines if block.material else []) if line.files]
    return ReadQuestion(
        where=block.lines[0].where,
        type=type_,
        stem=draft.stem,
        key=key,
        options=(*draft.left, *draft.options) if type_ is not QuestionType.TRUE_FALSE else (),
        explanation=explanation,
        marks=marks,
        stimulus=material.strip(),
        topic=topic,
        step=step,
        difficulty=level,
        clause="".join(parts.texts.get(CLAUSE, [])),
        source="；".join(sources),
        files=tuple(dict(pair for line in shown for pair in line.files).items()),
    )


def _place(parts: _Parts, sources: list[str]) -> tuple[Step | None, int | None, str]:
    """Step, difficulty and topic; what says them in words of its own is kept with the source."""
    level = step = None
    topic = ""
    if words := "".join(parts.texts.get(DIFFICULTY, [])):
        level = difficulty(words)
        if level is None:
            sources.append(f"难度：{words}")
    if words := "".join(parts.texts.get(STEP, [])):
        step = _STEPS.get(words.strip("。. "))
        if step is None:
            sources.append(f"认知层次：{words}")
    if words := "；".join(parts.texts.get(TOPIC, [])):
        if _TOPIC_CODE.fullmatch(words.strip()):
            topic = words.strip()
        else:
            sources.append(f"知识点：{words}")
    return step, level, topic


_KIND_LINE = re.compile(
    r"((?:单项选择|单选|多项选择|多选|不定项选择|判断|是非|填空|简答|问答|论述|排序|匹配|连线)题)\s{0,4}\n(?=\s{0,8}\S)"
)


def _labels(stem: str) -> tuple[str, str, Decimal | None]:
    """The stem without what says its type and marks at its head or end, and those: （单选，2分）：, 判断：, （本题2分）."""
    kind, marks = "", None
    while True:
        plain = twin(stem)
        label = label_at(plain, 0)
        named = kind_mark(plain)
        if label is not None and not (label.kind and kind) and (label.marks is None or marks is None):
            rest = stem[label.end :]
            stem = rest[1:].lstrip() if twin(rest[:1]) == ":" else rest.lstrip()
        elif not kind and (line := _KIND_LINE.match(stem)) and kind_named(line.group(1)):
            kind, stem = kind_named(line.group(1)), stem[line.end() :]
            continue
        elif named is not None and not kind:
            (_end, kind), stem = named, stem[named[0] :]
            continue
        else:
            label = label_before(plain)
            if label is None or (label.kind and kind) or (label.marks is not None and marks is not None):
                return stem, kind, marks
            stem = (stem[: label.start].rstrip() + stem[label.end :]).strip()
        kind, marks = kind or label.kind, label.marks if marks is None else marks


def _own_marks(stem: str, parts: _Parts, said: Decimal | None, section: Section) -> tuple[str, Decimal | None]:
    """（2分） of the question itself, its 分值, or what its section gives each."""
    if text := "".join(parts.texts.get(MARKS, [])):
        found = re.search(r"\d{1,3}(?:\.\d{1,2})?", twin(text))
        if found:
            return stem, Decimal(found.group())
    if said is not None:
        return stem, said
    plain = twin(stem)
    found_all = list(OWN_MARKS.finditer(plain))
    if len(found_all) == 1 and len(plain) - found_all[0].end() < 30:
        found = found_all[0]
        return (stem[: found.start()] + stem[found.end() :]).strip(), Decimal(found.group(1))
    return stem, section.each


def _kind(stem: str, parts: _Parts, said: str, block: Block) -> tuple[str, str]:
    """The kind a mark in the stem, 题型： or the section names; "" when nothing does."""
    if text := "".join(parts.texts.get(TYPE, [])):
        kind = kind_named(twin(text).strip("[]【】() "))
        if not kind:
            raise Unclear(_("The type “%(text)s” is not known.") % {"text": text[:20]})
        return stem, kind
    if said:
        return stem, said
    if mark := type_mark(twin(stem)):
        start, end, kind = mark
        before, after = stem[:start].strip(), stem[end:].strip()
        return before + (after if before else after.lstrip(":：").lstrip()), kind
    return stem, block.kind or ("" if block.section.kind == CASE else block.section.kind)


# Options --------------------------------------------------------------------------------------------------------------


def _inline_options(stem: str) -> tuple[str, str]:
    """Options behind the stem on its own line: A. 甲 B. 乙 …"""
    plain = twin(stem)
    found = options_in(plain)
    for at, (start, _end, key, bracket) in enumerate(found):
        if key != "A" or start == 0 or plain[start - 1] not in " \t\n)】。?!:;_，,":
            continue
        if not bracket and plain[found[at][1] - 1] in " A" and plain[start - 1] not in "\t\n":
            continue
        if any(key == "B" for _s, _e, key, _b in found[at + 1 :]):
            return stem[:start].strip(), stem[start:]
    return stem, ""


def _options(texts: Sequence[str], kind: str) -> list[Option]:
    """The options of the lines, letters in their order. A letter inside a text is none when the next line begins with it."""
    made: list[Option] = []
    plains = [twin(text) for text in texts]
    leads = [option_lead(plain) for plain in plains]
    for at, (text, plain) in enumerate(zip(texts, plains, strict=True)):
        following = next((lead for lead in leads[at + 1 :] if lead), "")
        if not leads[at]:
            if made:
                made[-1] = Option(made[-1].key, f"{made[-1].text}\n{text}".strip())
            continue
        cuts = _cuts(plain, made[-1].key if made else "", following)
        ends = [start for start, _end, _key in cuts[1:]] + [len(text)]
        for (_start, after, key), end in zip(cuts, ends, strict=True):
            made.append(Option(key, text[after:end].strip(" \t　;；") if end < len(text) else text[after:end].strip()))
    keys = [option.key for option in made]
    if keys != [chr(65 + at) for at in range(len(keys))]:
        raise Unclear(_("The letters of the options are not A, B, C… in their order.") + f" ({' '.join(keys)})")
    return made


def _cuts(plain: str, before: str, following: str) -> list[tuple[int, int, str]]:
    found = options_in(plain)
    start, end, key, bracket = found[0]
    cuts = [(start, end, key)]
    spaced = plain[end - 1] not in ".、:)]】"
    for start, end, key, in_brackets in found[1:]:
        if key != chr(ord(cuts[-1][2]) + 1) or in_brackets != bracket or (following and key >= following):
            continue
        sign = plain[end - 1]
        if sign not in ".、:)]】" and not (spaced and plain[start - 1] in " \t"):
            continue
        cuts.append((start, end, key))
    return cuts


_LEFT = re.compile(
    rf"(?:\(\s?(\d{{1,2}})\s?\)\s?[.、]?|([{CIRCLES}])\s?[.、]?|(?<![\d.])(\d{{1,2}})\s?[.、)](?!\d))\s{{0,4}}"
)
_SIDE_HEAD = re.compile(
    r"^(?:左[列栏边侧]?|右[列栏边侧]?|甲[列栏]|乙[列栏]|[AB][列栏])\s{0,4}[:：]?\s{0,4}", re.MULTILINE
)


def _sides(stem: str, more: Sequence[str]) -> tuple[str, list[Option], list[Option]]:
    """Left 1, 2, 3 and right A, B, C of a matching question, in two columns or one after the other."""
    rows = [*stem.split("\n"), *(row for text in more for row in text.split("\n"))]
    left: list[Option] = []
    right: list[Option] = []
    head: list[str] = []
    for row in rows:
        row = _SIDE_HEAD.sub("", row.strip())
        plain = twin(row)
        letters_found = [
            found
            for found in options_in(plain)
            if plain[found[1] - 1] in ".、:)]】" and (found[0] == 0 or plain[found[0] - 1] in " \t-→_|;")
        ]
        cut = letters_found[0][0] if letters_found else len(row)
        numbers = list(_LEFT.finditer(plain[:cut]))
        if not numbers or numbers[0].start():
            numbers = []
        if not numbers and not letters_found:
            if row and (left or right):
                raise Unclear(
                    _("A line of the matching question has neither number nor letter: “%(text)s”.") % {"text": row[:30]}
                )
            head.extend([row] if row else [])
            continue
        if not numbers and cut > 0 and plain[:cut].strip(" -→_|\t"):
            head.append(row)
            continue
        ends = ([found.start() for found in numbers[1:]] + [cut]) if numbers else []
        for found, end in zip(numbers, ends, strict=True):
            left.append(Option(str(len(left) + 1), row[found.end() : end].strip(" \t　-—–→_|;；")))
        ends = ([found[0] for found in letters_found[1:]] + [len(row)]) if letters_found else []
        for (_start, after, key, _b), end in zip(letters_found, ends, strict=True):
            right.append(Option(key, row[after:end].strip(" \t　;；|")))
    right.sort(key=lambda option: option.key)
    if not left or not right:
        raise Unclear(
            _("The two sides of the matching question were not found: number one 1, 2, 3, letter the other A, B, C.")
        )
    return "\n".join(head).strip(), left, right


def _items(stem: str) -> tuple[str, list[Option]]:
    """Items ①②③ or （1）（2） of an ordering question as options A, B, C."""
    plain = twin(stem)
    for pattern in (rf"([{CIRCLES}])\s?[.、]?\s{{0,4}}", r"\((\d{1,2})\)\s?[.、]?\s{0,4}"):
        heads = list(re.finditer(pattern, plain))
        values = [
            CIRCLES.find(head.group(1)) + 1 or (int(head.group(1)) if head.group(1).isdecimal() else 0)
            for head in heads
        ]
        if len(heads) > 1 and values == list(range(1, len(heads) + 1)):
            ends = [head.start() for head in heads[1:]] + [len(stem)]
            options = [
                Option(chr(65 + at), stem[head.end() : end].strip(" \t\n　;；,，、。"))
                for at, (head, end) in enumerate(zip(heads, ends, strict=True))
            ]
            return stem[: heads[0].start()].strip(), options
    return stem, []


def _by_circles(kind: str, told: Sequence[str]) -> bool:
    """Whether the options of a choice may be ①②③: its section says that it is one, or its answers are such signs alone."""
    choices = ("", CHOICE, LOOSE, QuestionType.SINGLE, QuestionType.MULTIPLE)
    signs = bool(told) and all(re.fullmatch(rf"[{CIRCLES}\s,、;]{{1,40}}", twin(text)) for text in told)
    return kind in choices and (signs or bool(kind))


def _circles_as_letters(text: str) -> str:
    if not re.fullmatch(rf"[{CIRCLES}\s,、;]{{1,40}}", twin(text)):
        return text
    return "".join(chr(65 + CIRCLES.find(sign)) for sign in text if sign in CIRCLES[:12])


# Keys -----------------------------------------------------------------------------------------------------------------


def _key(draft: _Draft, before: str) -> tuple[QuestionType, Key]:
    _named_key(draft)
    kind = draft.kind
    if kind == QuestionType.SHORT and draft.options and not draft.told:
        kind = draft.kind = ""
    if draft.options and kind in (
        "",
        CHOICE,
        LOOSE,
        QuestionType.SINGLE,
        QuestionType.MULTIPLE,
        QuestionType.TRUE_FALSE,
    ):
        return _choice_key(draft, before)
    if kind in (QuestionType.SINGLE, QuestionType.MULTIPLE, CHOICE, LOOSE):
        raise Unclear(_("The options were not found; begin each with A. B. C."))
    if kind == QuestionType.TRUE_FALSE or (not kind and (before or _says_truth(draft))):
        return _truth_key(draft, before)
    if kind == QuestionType.ORDERING:
        if not draft.options:
            raise Unclear(_("The options were not found; begin each with A. B. C."))
        return QuestionType.ORDERING, Key(choices=_same([order(text, draft.options) for text in _needed(draft)]))
    if kind == QuestionType.MATCHING:
        sides = [option.key for option in draft.left], [option.key for option in draft.options]
        return QuestionType.MATCHING, Key(pairs=_same([pairs(text, *sides) for text in _needed(draft)]))
    if kind == QuestionType.FILL or (not kind and _blank_count(draft.stem)):
        return _fill_key(draft)
    draft.stem = draft.stem.strip()
    text = _same(_needed(draft))
    asks = not kind and EMPTY_BRACKET.search(twin(draft.stem))
    if asks and not letters(twin(text)):
        return _fill_key(draft)
    if not kind and (letters(twin(text)) and len(text) <= 12):
        raise Unclear(_("The options were not found; begin each with A. B. C."))
    return QuestionType.SHORT, Key(model=text)


def _needed(draft: _Draft) -> list[str]:
    if not draft.told:
        raise Unclear(_("The answer is missing."))
    return draft.told


def _same(said: Sequence[T]) -> T:
    if any(one != said[0] for one in said):
        raise Unclear(_("Two answers are given, and they differ."))
    return said[0]


def _named_key(draft: _Draft) -> None:
    """（答案：B） in the stem is an answer like any other."""
    plain = twin(draft.stem)
    found = list(NAMED_KEY.finditer(plain))
    for mark in reversed(found):
        draft.told.insert(0, draft.stem[mark.start(1) : mark.end(1)].strip())
        draft.stem = (draft.stem[: mark.start()] + draft.stem[mark.end() :]).strip()


def _says_truth(draft: _Draft) -> bool:
    if any(truth(text) is not None for text in draft.told):
        return not _blank_count(draft.stem)
    plain = twin(draft.stem)
    return bool(LAST_SIGN.search(plain)) or any(
        is_truth(found.group(1)) for found in KEY_BRACKET.finditer(plain) if len(found.group(1)) == 1
    )


def _bracketed(draft: _Draft, fits: "re.Pattern[str]") -> str:
    """The key in a bracket of the stem, taken out of it; "" when there is none. Raises Unclear for several."""
    plain = twin(draft.stem)
    found = [mark for mark in KEY_BRACKET.finditer(plain) if fits.fullmatch(mark.group(1).strip())]
    if found and EMPTY_BRACKET.search(plain):
        found = []  # the place of the key is empty: the other bracket is text
    if len(found) > 1:
        at_end = [mark for mark in found if not plain[mark.end() :].strip(" 。.?!:;_")]
        first = len(found) > 1 and plain[found[-2].end() : found[-1].start()].strip()
        if len(at_end) != 1 or not first or fits is _SIGNS_ONLY:
            raise Unclear(_("Several brackets of the stem could hold the answer."))
        found = at_end
    if not found:
        return ""
    mark = found[0]
    inner = plain[mark.start() + 1 : mark.end() - 1]
    ends = not plain[mark.end() :].strip(" 。.?!:;_")
    if draft.told and not ends and inner == inner.strip():
        return ""
    draft.stem = draft.stem[: mark.start()] + EMPTY + draft.stem[mark.end() :]
    return mark.group(1)


_LETTERS_ONLY = re.compile(r"[A-La-l][A-La-l\s,、;/]{0,40}")
_SIGNS_ONLY = re.compile(r"√|∨|×|x|X|对|错|正确|错误|不正确|[TFtf]")


def _choice_key(draft: _Draft, before: str) -> tuple[QuestionType, Key]:
    of_truth = len(draft.options) == 2 and all(truth(option.text) for option in draft.options)
    inline = _bracketed(draft, _LETTERS_ONLY) or (_bracketed(draft, _SIGNS_ONLY) if of_truth else "")
    draft.stem = EMPTY_BRACKET.sub(EMPTY, _widened(draft.stem)).strip()
    told = [*draft.told, *([inline] if inline else []), *([before] if before else [])]
    if not told:
        told = _concluded(draft.explanation)
    if draft.kind in ("", QuestionType.TRUE_FALSE) and len(draft.options) == 2:
        values = [truth(option.text) for option in draft.options]
        if {value[0] for value in values if value is not None and not value[1]} == {True, False}:
            return _truth_of_options(draft, told)
    if draft.kind == QuestionType.TRUE_FALSE:
        raise Unclear(_("A true or false question has no options but right and wrong."))
    if not draft.kind and _ORDERED.search(draft.stem) and any(re.search("[→>-]", twin(text)) for text in told):
        return QuestionType.ORDERING, Key(choices=_same([order(text, draft.options) for text in told]))
    said = [chosen(text, draft.options) for text in told]
    keys = _same([tuple(sorted(one.keys)) for one in said])
    draft.more.extend(one.more for one in said if one.more)
    if draft.kind == QuestionType.SINGLE and len(keys) != 1:
        raise Unclear(_("A single choice has exactly one answer."))
    if draft.kind == QuestionType.MULTIPLE and len(keys) < 2:
        raise Unclear(_("A multiple choice has two answers or more."))
    ordered = said[0].keys != keys and len(keys) == len(draft.options) and _ORDERED.search(draft.stem)
    if not draft.kind and ordered:
        return QuestionType.ORDERING, Key(choices=_same([one.keys for one in said]))
    return (QuestionType.SINGLE if len(keys) == 1 else QuestionType.MULTIPLE), Key(choices=keys)


_CONCLUSION = re.compile(
    r"(?:故|所以|因此|因而|综上|本题|此题|答案)(?:[,，]\s?)?(?:本题|此题)?(?:的)?(?:正确)?(?:答案|选项)?"
    r"(?:应当?)?(?:选择?|为|是)\s{0,2}[:]?\s{0,2}[(]?\s?([A-L](?:[\s,、]{0,2}[A-L]){0,11})(?![A-Za-z])"
)


def _concluded(explanation: str) -> list[str]:
    """The key that an explanation ends in, 故选B, when it says so once. Raises Unclear."""
    found = list(_CONCLUSION.finditer(twin(explanation)))
    if len(found) != 1:
        raise Unclear(_("The answer is missing."))
    return [found[0].group(1)]


def _truth_of_options(draft: _Draft, told: Sequence[str]) -> tuple[QuestionType, Key]:
    values = {option.key: value[0] for option in draft.options if (value := truth(option.text)) is not None}
    answers = []
    for text in told:
        keys = letters(twin(text))
        if len(keys) == 1 and keys[0] in values:
            answers.append(values[keys[0]])
        elif (said := truth(text)) is not None:
            answers.append(said[0])
            draft.more.extend([said[1]] if said[1] else [])
        else:
            one = chosen(text, draft.options)
            draft.more.extend([one.more] if one.more else [])
            answers.append(values[one.keys[0]])
    return QuestionType.TRUE_FALSE, Key(truth=_same(answers))


def _truth_key(draft: _Draft, before: str) -> tuple[QuestionType, Key]:
    told = [*draft.told, *([before] if before else [])]
    plain = twin(draft.stem)
    if (found := LAST_SIGN.search(plain)) and not KEY_BRACKET.search(plain):
        told.append(found.group(1))
        draft.stem = draft.stem[: found.start(1)].strip()
    elif inline := _bracketed(draft, _SIGNS_ONLY):
        told.append(inline)
    draft.stem = EMPTY_BRACKET.sub(EMPTY, _widened(draft.stem)).strip()
    if not told:
        raise Unclear(_("The answer is missing."))
    answers = []
    for text in told:
        said = truth(text)
        if said is None:
            raise Unclear(_("The answer “%(text)s” says neither right nor wrong.") % {"text": text[:40]})
        answers.append(said[0])
        draft.more.extend([said[1]] if said[1] else [])
    return QuestionType.TRUE_FALSE, Key(truth=_same(answers))


def _widened(text: str) -> str:
    """Empty brackets in half-width signs as full-width ones, so that one pattern finds them."""
    plain = twin(text)
    made, last = [], 0
    for found in EMPTY_BRACKET.finditer(plain):
        made += [text[last : found.start()], EMPTY]
        last = found.end()
    return "".join(made) + text[last:]


def _blank_count(stem: str) -> int:
    return len(re.findall(r"[_＿﹍]{2,}", stem))


# What stands in a bracket and is no answer: （简称GMV）, （见第三章）, （保留两位小数）.
_REMARK = re.compile(
    r"详?见|参见|例?如|注[:意]|单位|即(?!时|日|刻)|简称|全称|又称|也称|以下|下同|不含|不包括|不少于|不超过|保留|精确|提示|填|来源|出处"
    r"|包括|含|其中|\d{4}年|[A-Za-z]{1,12}$"
)
_IN_BRACKET = re.compile(r"[(\[【]([^()\[\]【】\n]{1,60})[)\]】]")


def _fill_key(draft: _Draft) -> tuple[QuestionType, Key]:
    stem, count = _UNDERSCORES.subn(BLANK, draft.stem)
    if not count:
        plain, made, last = twin(draft.stem), [], 0
        for found in EMPTY_BRACKET.finditer(plain):
            between = draft.stem[last : found.start()]
            made += [between if between.strip() or not count else " ", BLANK]
            last, count = found.end(), count + 1
        stem = "".join(made) + draft.stem[last:]
    if not draft.told:
        stem, count = _answered(draft, stem, count)
    if not count:
        raise Unclear(_("The stem has no blank; mark each with four underscores."))
    draft.stem = stem
    return QuestionType.FILL, Key(blanks=_same([blanks(text, count) for text in _needed(draft)]))


def _answered(draft: _Draft, stem: str, count: int) -> tuple[str, int]:
    """The stem of a fill-in question whose answers stand in its brackets: in place of the blanks, behind each of them, or
    all in one bracket at the end. They are told; the brackets go. Raises Unclear when a bracket may be a remark."""
    plain = twin(stem)
    found = list(_IN_BRACKET.finditer(plain))
    if not found or len(stem) > STEM_CHARACTERS:
        return stem, count
    if count:
        behind = [mark for mark in found if plain[: mark.start()].rstrip(" ").endswith(BLANK)]
        at_end = not plain[found[-1].end() :].strip(" 。.;") and not plain[: found[-1].start()].rstrip(" ").endswith(
            BLANK
        )
        if len(behind) != count:
            behind = found[-1:] if at_end else []
        cut = ""
    else:
        behind, cut = found, BLANK
    texts = [stem[mark.start(1) : mark.end(1)].strip() for mark in behind]
    if not texts or (count and any(_REMARK.match(twin(text)) and not text.isascii() for text in texts)):
        return stem, count
    if not count and any(_REMARK.match(twin(text)) for text in texts):
        raise Unclear(_("Several brackets of the stem could hold the answer."))
    for mark in reversed(behind):
        before, after = stem[: mark.start()], stem[mark.end() :]
        stem = before + cut + after if cut else before.rstrip() + after
    draft.told = ["；".join(texts)]
    return stem.strip(), count or len(texts)
