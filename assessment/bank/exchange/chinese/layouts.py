"""Layouts that are no lines of a paper yet, brought into them: exports of exam platforms, pasted tables, bare option letters.

Nothing is taken away silently: a line made of several remembers them (`Line.also`), a row made into several lines gives each
its own place, and what only the platform says (我的答案) is known as noise.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from assessment.bank.exchange.chinese.marks import (
    EXPLANATION,
    FIELD_NAMES,
    fields_in,
    heading_at,
    is_noise,
    number_at,
    option_lead,
    options_in,
)
from assessment.bank.exchange.chinese.texts import Fate, Line, twin

_RUN = 6  # lines that one option's text may take


@dataclass
class Settled:
    """Lines as the reader of papers wants them. fates: of the lines that are noise; strays: rows that fit no table."""

    lines: list[Line]
    fates: dict[int, Fate] = field(default_factory=dict)
    strays: list[Line] = field(default_factory=list)


def settled(lines: Sequence[Line]) -> Settled:
    """The lines of a file in the layout of a paper."""
    made = Settled([])
    rows = list(_own_words(lines, made))
    rows = list(_tables(rows, made))
    rows = [_bared(line) for line in rows]
    rows = list(_named(rows, made))
    rows = _joined(rows, made)
    rows = _chapters(rows)
    made.lines = _lettered(rows)
    return made


def _said(line: Line, text: str, also: tuple[int, ...] = ()) -> Line:
    return replace(line, text=text, plain=twin(text), also=(*line.also, *also))


# What a platform says of the one who sat the test --------------------------------------------------------------------

_MINE = "我的答案|你的答案|您的答案|学生答案|考生答案|作答"
_MINE_HEAD = re.compile(rf"(?:{_MINE}|(?:参考|正确|标准)?答案|(?:本题|最终)?得分)\s{{0,4}}:")
_MINE_CUT = re.compile(
    rf"(?:{_MINE}|(?:本题|最终)?得分)\s{{0,4}}:.*?(?=(?:参考答案|正确答案|标准答案|答案解析|解析)\s{{0,4}}:|$)"
)


def _own_words(lines: Sequence[Line], made: Settled) -> Iterator[Line]:
    for line in lines:
        if line.too_long or not _MINE_HEAD.match(line.plain):
            yield line
            continue
        kept, last = [], 0
        for found in _MINE_CUT.finditer(line.plain):
            kept.append(line.text[last : found.start()].strip())
            last = found.end()
        text = " ".join(piece for piece in [*kept, line.text[last:].strip()] if piece)
        if not last:
            yield line
        elif text or line.files or line.lost:
            yield _said(line, text)
        else:
            made.fates[line.index] = Fate.NOISE


# Tables pasted as text -----------------------------------------------------------------------------------------------

_STEM = ("题干", "题目", "试题", "题目内容", "试题内容", "题干内容", "试题题干", "问题")
_NUMBER = ("题号", "序号", "编号")
_OPTION_NAME = re.compile(r"(?:选项|答案)?\s?([A-L])\s?(?:选项|项)?")


def _cells(line: Line) -> list[str]:
    """The cells of a row: parted by tabs, or by | when the row begins with one; [] when it is no row."""
    if line.too_long:
        return []
    if "\t" in line.text:
        return [cell.strip() for cell in line.text.split("\t")]
    if line.plain[:1] == "|" and line.plain.count("|") > 2:
        return [cell.strip() for cell in line.text.replace("｜", "|").strip().strip("|").split("|")]
    return []


def _columns(line: Line) -> list[str] | None:
    """What each column holds: number, stem, options, a letter, the word of a field; "" for one that is not known. None
    when the row is no head of a table."""
    names = [twin(cell).strip("* ") for cell in _cells(line)]
    if len(names) < 3 or len(names) > 40:
        return None
    columns = [_column(name) for name in names]
    if columns.count("stem") != 1 or columns.count("答案") != 1:
        return None
    return columns


def _column(name: str) -> str:
    if name in _STEM:
        return "stem"
    if name in _NUMBER:
        return "number"
    if name in ("选项", "备选项", "备选答案", "选项内容"):
        return "options"
    if found := _OPTION_NAME.fullmatch(name.upper()):
        return found.group(1)
    if name in ("答案", "正确答案", "参考答案", "标准答案", "Answer"):
        return "答案"
    return name if name in FIELD_NAMES else ""


def _tables(lines: Sequence[Line], made: Settled) -> Iterator[Line]:
    columns: list[str] | None = None
    number = 0
    for line in lines:
        cells = _cells(line)
        if head := _columns(line):
            columns, number = head, 0
            made.fates[line.index] = Fate.HEADING
            continue
        if columns is None or not cells:
            columns = None
            yield line
            continue
        if not any(twin(cell).strip("-: ") for cell in cells):
            made.fates[line.index] = Fate.NOISE
            continue
        given = dict(zip(columns, cells, strict=False))
        if len(cells) > len(columns) or given.get("") or len(set(columns)) < len(columns) or not given.get("stem"):
            made.strays.append(line)
            continue
        said = twin(given.get("number", ""))
        number = int(said) if said.isdecimal() and 0 < len(said) < 5 else number + 1
        yield from _row(line, given, number)


def _row(line: Line, given: dict[str, str], number: int) -> Iterator[Line]:
    stem = given["stem"]
    own = number_at(twin(stem))
    if own is not None and own.value == number and own.style == "1":
        stem = stem[own.end :]
    yield _said(line, f"{number}. {stem}")
    rest = replace(line, gap=False, files=(), lost="")
    for name in sorted(name for name in given if len(name) == 1 and given[name]):
        yield _said(rest, f"{name}. {given[name]}")
    if given.get("options"):
        yield _said(rest, given["options"])
    for name, text in given.items():
        if name in FIELD_NAMES and text:
            yield _said(rest, f"【{name}】{text}")


# Marks around what a line begins with --------------------------------------------------------------------------------

_BULLET = re.compile(r"(?:[>•·●◆]\s{0,4}|[-*+]\s{1,4}){1,4}")
_STRONG = re.compile(r"\*\*([^*]{1,4000})\*\*\s{0,4}")


def _bared(line: Line) -> Line:
    """A line without the bullet or the asterisks of Markdown before its number, letter or field."""
    if line.too_long or line.plain[:1] not in set(">•·●◆-*+"):
        return line
    text = line.text
    if (bullet := _BULLET.match(line.plain)) and _begins(line.plain[bullet.end() :]):
        text = text[bullet.end() :]
    if (strong := _STRONG.match(twin(text))) and _begins(strong.group(1)):
        text = text[strong.start(1) : strong.end(1)] + text[strong.end() :]
    return _said(line, text.strip()) if text != line.text else line


def _begins(plain: str) -> bool:
    starts = any(not start for start, _end, _field in fields_in(plain))
    return starts or bool(option_lead(plain)) or number_at(plain) is not None or plain.startswith("**")


_NAMED = re.compile(
    r"(?:题目|题干|试题|问题)(?:内容)?\s{0,4}:\s{0,4}(?=\S)|[【\[](?:题目|题干|试题|问题)[】\]]\s{0,4}:?\s{0,4}(?=\S)"
)
_OPTIONS_NAMED = re.compile(
    r"(?:选项|备选答案|备选项)\s{0,4}:\s{0,4}|[【\[](?:选项|备选答案|备选项)[】\]]\s{0,4}:?\s{0,4}"
)


_LETTER_NAMED = re.compile(r"选项\s{0,2}([A-L])\s{0,2}[:.、]\s{0,4}(?=\S)")
_ASKED = re.compile(r"问\s{0,4}:\s{0,4}(?=\S)")  # only above 答: "2. 问：" is a step of many a sales talk


def _named(lines: Sequence[Line], made: Settled) -> Iterator[Line]:
    """题目：… and 选项：… without those words, where options or an answer follow."""
    for at, line in enumerate(lines):
        if line.too_long:
            yield line
        elif found := _LETTER_NAMED.match(line.plain):
            yield _said(line, f"{found.group(1)}. {line.text[found.end() :]}")
        elif found := _OPTIONS_NAMED.match(line.plain):
            rest = line.plain[found.end() :]
            if not rest and not line.files:
                made.fates[line.index] = Fate.HEADING
            else:
                yield _said(line, line.text[found.end() :]) if option_lead(rest) == "A" else line
        else:
            number = number_at(line.plain)
            start = number.end if number else 0
            found = _NAMED.match(line.plain, start)
            asked = _ASKED.match(line.plain, start)
            if asked and any(re.match("答\\s{0,4}:", other.plain) for other in lines[at + 1 : at + 2]):
                yield _said(line, line.text[: asked.start()] + line.text[asked.end() :])
            elif found and _answered(lines[at + 1 : at + 8]):
                yield _said(line, line.text[: found.start()] + line.text[found.end() :])
            else:
                yield line


def _answered(following: Sequence[Line]) -> bool:
    """Whether options or an answer come next. A number or an explanation before them: the word was a point of an answer, such
    as 2. 问题：…, not the name of a stem."""
    for line in following:
        if line.too_long or number_at(line.plain):
            return False
        if _OPTIONS_NAMED.match(line.plain) or _LETTER_NAMED.match(line.plain) or option_lead(line.plain):
            return True
        fields = [field for start, _end, field in fields_in(line.plain) if not start]
        if fields:
            return fields[0] != EXPLANATION
    return False


# Numbers and letters alone on their line -----------------------------------------------------------------------------

_LONE_NUMBER = re.compile(r"(\d{1,3})\s?[.、]?")
_LONE_LETTER = re.compile(r"([A-La-l])\s?([.、:)]?)")


def _plain_text(line: Line) -> bool:
    return not (
        line.too_long
        or is_noise(line.plain)
        or _LONE_LETTER.fullmatch(line.plain)
        or option_lead(line.plain)
        or any(not start for start, _end, _field in fields_in(line.plain))
    )


def _joined(lines: Sequence[Line], made: Settled) -> list[Line]:
    """A, and on the next line its text; 1, and on the next line the question, each as one line."""
    joined: list[Line] = []
    taken = set(_lone_options(lines))
    last = page = at = 0
    while at < len(lines):
        line = lines[at]
        following = lines[at + 1] if at + 1 < len(lines) else None
        if following is not None and at in taken:
            found = _LONE_LETTER.fullmatch(line.plain)
            sign = "" if found is None or found.group(2) else ". "
            joined.append(_with(line, sign, following))
            at += 2
            continue
        number = None if line.too_long else _LONE_NUMBER.fullmatch(line.plain)
        if number and following is not None and _is_lone_number(lines, at, taken, int(number.group(1)), last):
            last = int(number.group(1))
            joined.append(_with(line, "" if line.plain[-1] in ".、" else ". ", following))
            at += 2
            continue
        at += 1
        if number and joined and _is_page(joined[-1], following):
            value = int(number.group(1))
            if value == page + 1 or not page:
                made.fates[line.index] = Fate.NOISE
            else:
                made.strays.append(line)
            page = value
            continue
        joined.append(line)
    return joined


def _is_page(before: Line, following: Line | None) -> bool:
    """Whether a number alone stands between the end of one question and the beginning of the next."""
    if before.too_long or (following is not None and following.too_long):
        return False
    marks = fields_in(before.plain)
    ends = bool(option_lead(before.plain)) or (bool(marks) and marks[-1][1] < len(before.plain))
    begins = following is None or number_at(following.plain) is not None or heading_at(following.plain) is not None
    return ends and begins


def _with(line: Line, sign: str, following: Line) -> Line:
    text = f"{line.text}{sign}{following.text}"
    made = _said(line, text, (following.index, *following.also))
    return replace(made, files=(*line.files, *following.files), lost=line.lost or following.lost)


def _lone_options(lines: Sequence[Line]) -> Iterator[int]:
    """Where letters stand alone, A and B at least, in their order, each followed by its text."""
    run: list[int] = []
    since = 0
    for at, line in enumerate(lines):
        found = None if line.too_long else _LONE_LETTER.fullmatch(line.plain)
        if found is None:
            since += 1
            if since > _RUN or (run and any(not start for start, _e, _f in fields_in(line.plain[:40]))):
                yield from run if len(run) > 1 else ()
                run = []
            continue
        wanted = chr(65 + len(run))
        if found.group(1).upper() != wanted or not (at + 1 < len(lines) and _plain_text(lines[at + 1])):
            yield from run if len(run) > 1 else ()
            run = []
            if found.group(1).upper() != "A" or not (at + 1 < len(lines) and _plain_text(lines[at + 1])):
                continue
        run.append(at)
        since = 0
    yield from run if len(run) > 1 else ()


def _is_lone_number(lines: Sequence[Line], at: int, taken: set[int], value: int, last: int) -> bool:
    """The number of a question: in its order, text follows, and then options or an answer."""
    following = lines[at + 1]
    if value not in (1, last + 1) or not _plain_text(following):
        return False
    if number_at(following.plain) is not None or heading_at(following.plain) is not None:
        return False
    if _LONE_NUMBER.fullmatch(following.plain):
        return False
    for other in range(at + 2, min(at + 10, len(lines))):
        line = lines[other]
        if line.too_long or _LONE_NUMBER.fullmatch(line.plain):
            return False
        if other in taken or option_lead(line.plain) == "A" or any(not s for s, _e, _f in fields_in(line.plain)):
            return True
    return False


# 1.1, 1.2, 2.1 -------------------------------------------------------------------------------------------------------

_CHAPTER = re.compile(r"(\d{1,2})\.(\d{1,3})(?=[\s.、:)]|[\u4e00-\u9fff《“(])\s{0,4}[.、:)]?\s{0,4}(?!\d)")


def _chapters(lines: Sequence[Line]) -> list[Line]:
    """Numbers of chapter and question, 1.1 1.2 … 2.1, as the number of the question: only when every such number of the
    file follows on the one before and no question has another kind."""
    heads = {
        at: (int(found.group(1)), int(found.group(2)), found.end())
        for at, line in enumerate(lines)
        if not line.too_long and (found := _CHAPTER.match(line.plain))
    }
    told = [(chapter, number) for chapter, number, _end in heads.values()]
    if len(told) < 3 or told[0][1] != 1:
        return list(lines)
    for before, after in pairwise(told):
        if after not in ((before[0], before[1] + 1), (before[0] + 1, 1)):
            return list(lines)
    if any(
        at not in heads and (number := number_at(line.plain)) is not None and number.style in ("1", "1?")
        for at, line in enumerate(lines)
        if not line.too_long
    ):
        return list(lines)
    return [
        _said(line, f"{heads[at][1]}. {line.text[heads[at][2] :]}") if at in heads else line
        for at, line in enumerate(lines)
    ]


# Letters without a sign behind them ----------------------------------------------------------------------------------

_BARE = re.compile(r"(?:^|(?<=[\s)?:。】]))([A-L])(?=[^\sA-Za-z.、:)\],\-/+&=])")


def _lettered(lines: Sequence[Line]) -> list[Line]:
    """A人货场  B吃喝玩 as A.人货场  B.吃喝玩, when the letters come in their order and blanks part the items."""
    made: list[Line] = []
    following = ""  # the letter with which the options may go on
    for at, line in enumerate(lines):
        if line.too_long or not _BARE.search(line.plain):
            following = ""
            made.append(line)
            continue
        places = _bare(line.plain, following) or _bare_lines(lines, at)
        if not places:
            following = ""
            made.append(line)
            continue
        following = chr(ord(line.plain[places[-1]]) + 1)
        kept, last = [], 0
        for place in places:
            kept.append(line.text[last : place + 1])
            last = place + 1
        made.append(_said(line, ".".join([*kept, line.text[last:]])))
    return made


def _bare(plain: str, following: str) -> list[int]:
    """Where the letters of the items stand on one line; [] when they are none."""
    found = [match.start(1) for match in _BARE.finditer(plain)]
    if len(found) > 40:
        return []
    if options_in(plain) and any(plain[end - 1] in ".、:)]】" for _s, end, _k, _b in options_in(plain)):
        return []
    if following and found and found[0] == 0 and plain[0] == following:
        run = _in_order(plain, found)
        return run or [0]
    for first, place in enumerate(found):
        if plain[place] != "A" or not (place == 0 or plain[place - 1] in ")?:。】" or _apart(plain, place)):
            continue
        run = _in_order(plain, found[first:])
        if len(run) > 1:
            return run
    return []


def _apart(plain: str, place: int) -> bool:
    return (
        plain[place - 1] == "\t"
        or plain[place - 2 : place].isspace()
        or plain[max(place - 9, 0) : place].rstrip()[-1:] in ")?:。】"
    )


def _in_order(plain: str, places: Sequence[int]) -> list[int]:
    """The run of letters from the first place on; two of them only where wide blanks part the items."""
    run = [places[0]]
    for place in places[1:]:
        if ord(plain[place]) == ord(plain[run[-1]]) + 1 and plain[place - 1].isspace():
            run.append(place)
    wide = all(plain[place - 1] == "\t" or plain[place - 2 : place].isspace() for place in run[1:])
    return run if wide or len(run) > 2 else run[:1] if run[0] == 0 else []


def _bare_lines(lines: Sequence[Line], at: int) -> list[int]:
    """A人货场 / B吃喝玩 / C你我他, each on its own line under a question."""
    if not lines[at].plain.startswith("A") or not at:
        return []
    before = lines[at - 1]
    if before.too_long or (number_at(before.plain) is None and before.plain[-1:] not in ")?:"):
        return []
    if fields_in(before.plain) or at + 2 >= len(lines):
        return []
    for letter, line in zip("ABC", lines[at : at + 3], strict=True):
        found = None if line.too_long else _BARE.match(line.plain)
        if found is None or found.group(1) != letter:
            return []
    return [0]
