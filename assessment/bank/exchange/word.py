"""A Word exam paper into lines, and those to the reader of plain papers.

The file passes the house's gate and declares no document type in any part. What Word numbers by itself (1. 2. A. B. 一、) is
written out as it is shown; pictures stand in the text as `![图](name)`; tables become lines. Bold, underlined or coloured
text is never taken for a key. Deleted text is left out; text boxes follow their paragraph.
"""

import io
import posixpath
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from xml.etree.ElementTree import Element

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from assessment.bank.exchange import paper, zips
from assessment.bank.exchange.checks import media_kind
from assessment.bank.exchange.chinese import account
from assessment.bank.exchange.chinese.texts import Fate, Line, numbered
from assessment.bank.types import Reading
from lms.core.imports import PICTURE_KINDS, Archive, ImportRefused, Limits, safe_picture, safe_xml

FORMAT = "word"
_MIB = 1024 * 1024
LIMITS = Limits(archive=20 * _MIB, entries=3000, total=150 * _MIB, entry=40 * _MIB, depth=6)
# Word's own parts. Embedded objects and macros (.bin, .docm) stay outside; the question that shows one is refused.
KINDS: Mapping[str, str] = {
    "xml": "text",
    "rels": "text",
    **dict.fromkeys(("emf", "wmf", "odttf", "tif", "tiff", "bmp", "svg"), "any"),
    **PICTURE_KINDS,
}
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_V = "{urn:schemas-microsoft-com:vml}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_LEFT_OUT = frozenset(
    _W + name
    for name in (
        "del moveFrom instrText delText pPr rPr footnoteReference endnoteReference commentReference sectPr tblPr"
    ).split()
) | {f"{_MC}Fallback"}
_Row = tuple[str, str, tuple[tuple[str, bytes], ...], str]

# Numbers that Word writes --------------------------------------------------------------------------------------------

_CHINESE = "零一二三四五六七八九十"


def _chinese(value: int) -> str:
    if value <= 10:
        return _CHINESE[value]
    tens, ones = divmod(value, 10)
    if tens > 9:
        return str(value)
    return f"{_CHINESE[tens] if tens > 1 else ''}十{_CHINESE[ones] if ones else ''}"


def _letter(value: int) -> str:
    return chr(64 + (value - 1) % 26 + 1) * ((value - 1) // 26 + 1)


def _roman(value: int) -> str:
    made = ""
    for worth, sign in (
        (100, "C"),
        (90, "XC"),
        (50, "L"),
        (40, "XL"),
        (10, "X"),
        (9, "IX"),
        (5, "V"),
        (4, "IV"),
        (1, "I"),
    ):
        count, value = divmod(value, worth)
        made += sign * min(count, 30)
    return made


def _circled(value: int) -> str:
    return chr(0x245F + value) if 1 <= value <= 20 else str(value)


_FORMS: Mapping[str, Callable[[int], str]] = {
    "upperLetter": _letter,
    "lowerLetter": lambda value: _letter(value).lower(),
    "upperRoman": _roman,
    "lowerRoman": lambda value: _roman(value).lower(),
    **dict.fromkeys(
        (
            "chineseCounting",
            "chineseCountingThousand",
            "japaneseCounting",
            "ideographDigital",
            "taiwaneseCounting",
            "taiwaneseCountingThousand",
            "japaneseDigitalTenThousand",
            "chineseLegalSimplified",
        ),
        _chinese,
    ),
    **dict.fromkeys(("decimalEnclosedCircle", "decimalEnclosedCircleChinese"), _circled),
    "decimalZero": lambda value: f"{value:02d}",
    "decimalEnclosedParen": lambda value: f"({value})",
    "decimalEnclosedFullstop": lambda value: f"{value}.",
}


@dataclass(frozen=True)
class _Level:
    """One level of a list. text: as 第%1题 or %1."""

    start: int
    form: str
    text: str


@dataclass
class _Numbering:
    """The lists of a document and how far each has counted."""

    lists: dict[str, dict[int, _Level]] = field(default_factory=dict)
    shared: dict[str, str] = field(default_factory=dict)  # lists of one abstract kind count together
    restarted: set[tuple[str, int]] = field(default_factory=set)
    styles: dict[str, tuple[str, int]] = field(default_factory=dict)
    counts: dict[str, dict[int, int]] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)

    def said(self, paragraph: Element) -> str:
        """What Word shows before a paragraph: "1. ", "A．", "一、", or ""."""
        where = self._place(paragraph)
        if where is None or where[0] not in self.lists or where[1] not in self.lists[where[0]]:
            return ""
        name, depth = where
        levels = self.lists[name]
        counts = self.counts.setdefault(self.shared[name], {})
        if name not in self.seen:
            self.seen.add(name)
            for restarted in [at for owner, at in self.restarted if owner == name]:
                counts.pop(restarted, None)
        counts[depth] = counts.get(depth, levels[depth].start - 1) + 1
        for deeper in [at for at in counts if at > depth]:
            del counts[deeper]
        level = levels[depth]
        if level.form in ("bullet", "none"):
            return ""
        text = level.text
        for upper in range(depth + 1):
            sign = f"%{upper + 1}"
            if sign in text and upper in levels:
                form = _FORMS.get(levels[upper].form, str)
                text = text.replace(sign, form(counts.get(upper, levels[upper].start)))
        return f"{text} " if text and text[-1] not in "、．）" else text

    def _place(self, paragraph: Element) -> tuple[str, int] | None:
        look = paragraph.find(f"{_W}pPr")
        if look is None:
            return None
        number = look.find(f"{_W}numPr")
        style = look.find(f"{_W}pStyle")
        inherited = self.styles.get(_value(style)) if style is not None else None
        if number is None:
            return inherited
        name = _value(number.find(f"{_W}numId")) or (inherited[0] if inherited else "")
        depth = _value(number.find(f"{_W}ilvl"))
        return (name, int(depth) if depth.isdecimal() else (inherited[1] if inherited else 0)) if name != "0" else None


def _value(element: Element | None) -> str:
    return (element.get(f"{_W}val") or "") if element is not None else ""


def _numbering(parts: Mapping[str, Element]) -> _Numbering:
    made = _Numbering()
    root = parts.get("word/numbering.xml")
    if root is not None:
        kinds = {
            kind.get(f"{_W}abstractNumId") or "": dict(map(_level, kind.findall(f"{_W}lvl")))
            for kind in root.findall(f"{_W}abstractNum")
        }
        for row in root.findall(f"{_W}num"):
            name, kind = row.get(f"{_W}numId") or "", _value(row.find(f"{_W}abstractNumId"))
            levels = dict(kinds.get(kind, {}))
            for over in row.findall(f"{_W}lvlOverride"):
                depth = _whole(over.get(f"{_W}ilvl"), 0)
                new = over.find(f"{_W}lvl")
                if new is not None:
                    levels[depth] = _level(new)[1]
                start = _value(over.find(f"{_W}startOverride"))
                if start and depth in levels:
                    levels[depth] = _Level(_whole(start, 1), levels[depth].form, levels[depth].text)
                    made.restarted.add((name, depth))
            made.lists[name], made.shared[name] = levels, kind
    styles = parts.get("word/styles.xml")
    for style in styles.findall(f"{_W}style") if styles is not None else ():
        number = style.find(f"{_W}pPr/{_W}numPr")
        if number is not None and (name := _value(number.find(f"{_W}numId"))):
            made.styles[style.get(f"{_W}styleId") or ""] = (name, _whole(_value(number.find(f"{_W}ilvl")), 0))
    return made


def _level(element: Element) -> tuple[int, _Level]:
    form = _value(element.find(f"{_W}numFmt")) or "decimal"
    start = _whole(_value(element.find(f"{_W}start")), 1)
    return _whole(element.get(f"{_W}ilvl"), 0), _Level(start, form, _value(element.find(f"{_W}lvlText")))


def _whole(text: str | None, other: int) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 6 else other


# The document ---------------------------------------------------------------------------------------------------------


def read(data: bytes, *, name: str) -> Reading:
    """The questions of a Word paper; where is 第N段, tables' paragraphs counted as well. Raises ImportRefused."""
    return account(lines(data, name), FORMAT)[0]


def fates(data: bytes, *, name: str) -> tuple[tuple[Line, Fate | None], ...]:
    """Every line of a Word paper and what became of it. Raises ImportRefused."""
    found = lines(data, name)
    return tuple(zip(found, account(found, FORMAT)[1], strict=True))


def lines(data: bytes, name: str) -> tuple[Line, ...]:
    """The lines of a Word file. Raises ImportRefused."""
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise ImportRefused(
            gettext_noop(
                "This is an old Word file (.doc) or one with a password; open it in Word or WPS and save it as .docx."
            ),
            name,
        )
    if data.startswith(b"{\\rtf"):
        raise ImportRefused(gettext_noop("This is an RTF file; open it in Word or WPS and save it as .docx."), name)
    zips.sized(data)
    with zips.opened(data, KINDS, LIMITS) as archive:
        if "word/document.xml" not in archive.names:
            raise ImportRefused(gettext_noop("This is no Word file (.docx)."), name)
        parts = {
            part: safe_xml(archive.read(part, most=LIMITS.entry), part)
            for part in archive.names
            if part.endswith((".xml", ".rels"))
        }
        return tuple(numbered(_Document(archive, parts).rows()))


class _Document:
    """The body of a file on its way to lines."""

    def __init__(self, archive: Archive, parts: Mapping[str, Element]) -> None:
        self._archive = archive
        self._parts = parts
        self._numbering = _numbering(parts)
        self._count = 0
        self._files: list[tuple[str, bytes]] = []
        self._lost = ""
        told = parts.get("docProps/core.xml")
        # A paper of this house writes **strong** as bold; anywhere else bold is mere looks.
        self._ours = told is not None and any(
            element.tag.endswith("}creator") and element.text == paper.AUTHOR for element in told
        )
        relations = parts.get("word/_rels/document.xml.rels")
        self._targets = {
            row.get("Id") or "": row.get("Target") or ""
            for row in (relations if relations is not None else ())
            if row.get("TargetMode") != "External"
        }

    def rows(self) -> Iterator[_Row]:
        """Where, text, pictures and what was lost, line by line."""
        body = self._parts["word/document.xml"].find(f"{_W}body")
        yield from self._blocks(body) if body is not None else ()

    def _blocks(self, parent: Element) -> Iterator[_Row]:
        for child in parent:
            if child.tag == f"{_W}p":
                yield from self._paragraph(child)
            elif child.tag == f"{_W}tbl":
                yield from self._table(child)
            elif child.tag in (f"{_W}sdt", f"{_W}sdtContent", f"{_W}ins", f"{_W}moveTo", f"{_W}customXml"):
                yield from self._blocks(child)

    def _paragraph(self, paragraph: Element) -> Iterator[_Row]:
        self._count += 1
        where = f"第{self._count}段"
        text, boxes = self._text(paragraph)
        said = self._numbering.said(paragraph)
        rows = f"{said}{text}".split("\n")
        files, lost = tuple(self._files), self._lost
        self._files, self._lost = [], ""
        for row in rows:
            own = tuple((name, data) for name, data in files if f"({name})" in row)
            yield where, row, own, lost if row is rows[-1] else ""
        for box in boxes:
            yield from self._blocks(box)

    def _text(self, paragraph: Element) -> tuple[str, list[Element]]:
        out: list[str] = []
        boxes: list[Element] = []
        stack = [iter(paragraph)]
        while stack:
            child = next(stack[-1], None)
            if child is None:
                stack.pop()
                continue
            if child.tag in _LEFT_OUT:
                continue
            if child.tag == f"{_W}txbxContent":
                boxes.append(child)
                continue
            piece = self._strong(child) if self._ours and out and child.tag == f"{_W}r" else None
            piece = piece or self._piece(child)
            if piece is not None:
                out.append(piece)
            else:
                stack.append(iter(child))
        return "".join(out), boxes

    def _strong(self, run: Element) -> str | None:
        """A bold run of nothing but text as `**text**`."""
        tags = {child.tag for child in run} - {f"{_W}rPr", f"{_W}t"}
        if tags or run.find(f"{_W}rPr/{_W}b") is None:
            return None
        text = "".join(child.text or "" for child in run.findall(f"{_W}t"))
        return f"**{text}**" if text and text == text.strip() else None

    def _piece(self, element: Element) -> str | None:
        """What one element says; None: look inside."""
        match element.tag.rpartition("}")[2]:
            case "t" if element.tag.startswith((_W, _M)):
                return element.text or ""
            case "tab" | "ptab":
                return "\t"
            case "br" | "cr":
                return "\n"
            case "noBreakHyphen":
                return "-"
            case "oMath" | "oMathPara":
                self._lost = _("The formula cannot be read; write it as text or paste it as a picture.")
                return ""
            case "blip":
                return self._picture(element.get(f"{_R}embed") or "")
            case "imagedata" if element.tag.startswith(_V):
                return self._picture(element.get(f"{_R}id") or "")
            case "OLEObject" | "chart" | "relIds":
                self._lost = _("An embedded object or drawing cannot be read; paste it as a picture.")
                return ""
        return None

    def _picture(self, relation: str) -> str:
        target = self._targets.get(relation, "")
        part = posixpath.normpath(posixpath.join("word", target)) if not target.startswith("/") else target[1:]
        if not target or part not in self._archive.names:
            self._lost = _("A picture is not in the file but linked from elsewhere; paste it into the text.")
            return ""
        data = self._archive.read(part, most=LIMITS.entry)
        if media_kind(data[:16]) is None:
            self._lost = _("A picture is of a kind that no browser shows (EMF, WMF, TIFF); paste it as PNG or JPEG.")
            return ""
        try:
            safe_picture(io.BytesIO(data), part)
        except ImportRefused as bad:
            self._lost = bad.message
            return ""
        suffix = part.rpartition(".")[2].lower()
        name = f"picture-{sha256(data).hexdigest()[:12]}.{'jpg' if suffix == 'jpeg' else suffix}"
        self._files.append((name, data))
        return f"![图]({name})"

    # Tables -------------------------------------------------------------------------------------------------------------

    def _table(self, table: Element) -> Iterator[_Row]:
        """A table of questions by its head row, an answer table or a layout of options row by row."""
        columns: list[str] = []
        for at, row in enumerate(_rows_of(table)):
            cells = [list(self._blocks(cell)) for cell in row.findall(f"{_W}tc")]
            texts = ["\n".join(text for _where, text, _files, _lost in cell).strip() for cell in cells]
            if at == 0 and len(columns := _columns(texts)):
                continue_ = next((cell[0] for cell in cells if cell), None)
                if continue_ is not None:
                    yield continue_[0], "", (), ""
                continue
            if columns:
                yield from _told(cells, texts, columns)
                continue
            longest = max((len([one for one in cell if one[1].strip() or one[2]]) for cell in cells), default=0)
            if longest <= 1:  # one line a cell: the row is a line
                first = next((one for cell in cells for one in cell), None)
                if first is None:
                    continue
                files = tuple(pair for cell in cells for one in cell for pair in one[2])
                lost = next((one[3] for cell in cells for one in cell if one[3]), "")
                yield first[0], "\t".join(texts), files, lost
            else:
                for cell in cells:
                    yield from cell


def _rows_of(table: Element) -> Iterator[Element]:
    for child in table:
        if child.tag == f"{_W}tr":
            yield child
        elif child.tag in (f"{_W}sdt", f"{_W}sdtContent", f"{_W}ins"):
            yield from _rows_of(child)


_HEADS = {
    **dict.fromkeys(("题干", "题目", "试题", "试题内容", "题目内容", "问题", "内容"), "stem"),
    **dict.fromkeys(("题号", "序号", "编号", "No."), "number"),
    **dict.fromkeys(("答案", "正确答案", "参考答案", "标准答案"), "答案"),
    **dict.fromkeys(("解析", "答案解析", "试题解析", "说明"), "解析"),
    **dict.fromkeys(("题型", "类型", "试题类型"), "题型"),
    **dict.fromkeys(("难度", "难易度", "难易程度"), "难度"),
    **dict.fromkeys(("分值", "分数"), "分值"),
    **dict.fromkeys(("知识点", "考点", "章节"), "知识点"),
    **dict.fromkeys(("选项",), "options"),
}


def _columns(texts: list[str]) -> list[str]:
    """What the columns of a question table hold; [] when its first row is no head."""
    made = []
    for text in texts:
        bare = text.replace(" ", "").replace("\u3000", "")
        letter = bare.removeprefix("选项").strip(".．、")
        made.append(f"option{letter}" if len(letter) == 1 and letter in "ABCDEFGHIJKL" else _HEADS.get(bare, ""))
    return made if "stem" in made and ("答案" in made or "optionA" in made or "options" in made) else []


def _told(cells: list[list[_Row]], texts: list[str], columns: list[str]) -> Iterator[_Row]:
    """One row of a question table as the lines of a question."""
    first = next((one for cell in cells for one in cell), None)
    if first is None or not any(texts):
        return
    told = dict(zip(columns, texts, strict=False))
    where = first[0]
    files = tuple(dict(pair for cell in cells for one in cell for pair in one[2]).items())
    lost = next((one[3] for cell in cells for one in cell if one[3]), "")
    number = told.get("number", "").strip(".．、 ")
    yield where, "", (), ""
    stem = told["stem"].replace("\n", " ")
    yield where, f"{number}. {stem}" if number.isdecimal() else stem, files, lost
    if told.get("options"):
        for line in told["options"].split("\n"):
            yield where, line, (), ""
    for column, text in zip(columns, texts, strict=False):
        if column.startswith("option") and len(column) == 7 and text:
            yield where, f"{column[-1]}. {text.replace(chr(10), ' ')}", (), ""
    for column, text in zip(columns, texts, strict=False):
        if column in ("答案", "解析", "题型", "难度", "分值", "知识点") and text:
            yield where, f"【{column}】{text}", (), ""
        elif column == "" and text:
            yield where, f"【来源】{text}", (), ""
