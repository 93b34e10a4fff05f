"""A Word exam paper: A4, sections by type with their marks, a line for the candidate; keys and explanations on pages of their
own and only when they are asked for. The same questions give the same bytes.
"""

import io
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import docx
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK
from docx.image.exceptions import UnrecognizedImageError
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

from assessment.bank.exchange import zips
from assessment.bank.exchange.checks import BETWEEN_TEXTS, sides
from assessment.bank.exchange.chinese.marks import kind_mark, label_at, label_before, type_mark
from assessment.bank.exchange.chinese.texts import twin
from assessment.bank.types import MediaKind, QuestionDocument, QuestionType

FORMAT = "paper"
AUTHOR = "Kaibo 开播"
# A paper is Chinese whoever prints it.
_TITLES: Mapping[QuestionType, str] = {
    QuestionType.SINGLE: "单项选择题",
    QuestionType.MULTIPLE: "多项选择题",
    QuestionType.TRUE_FALSE: "判断题",
    QuestionType.FILL: "填空题",
    QuestionType.ORDERING: "排序题",
    QuestionType.MATCHING: "匹配题",
    QuestionType.SHORT: "简答题",
}
_CASES = "案例分析题"
_ORDINALS = "一二三四五六七八九十"
_LINE = 72  # half-width characters in a line of 10.5 pt on A4
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_MARKUP = re.compile(r"!\[([^\[\]\n]*)\]\(([^()\s]+)\)|\*\*(?=\S)(.+?)(?<=\S)\*\*")
# What XML 1.0 cannot hold.
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True)
class _Section:
    """Questions under one heading, numbered through the paper. first: the first one's number."""

    title: str
    first: int
    documents: tuple[QuestionDocument, ...]


def write(documents: Sequence[QuestionDocument], files: Mapping[str, bytes], *, title: str, keys: bool = True) -> bytes:
    """The paper as .docx. files: bytes by SHA-256; keys: whether the pages with answers and explanations follow."""
    paper = docx.Document()
    _dressed(paper, title)
    writer = _Writer(paper, files)
    _head(paper, title)
    sections = _sections(documents)
    for at, section in enumerate(sections):
        paper.add_paragraph(f"{_ordinal(at)}、{section.title}{_worth(section.documents)}", style="Heading 2")
        writer.questions(section)
    if keys:
        paper.add_paragraph().add_run().add_break(WD_BREAK.PAGE)
        paper.add_paragraph("参考答案与解析", style="Heading 1")
        for at, section in enumerate(sections):
            paper.add_paragraph(f"{_ordinal(at)}、{section.title}", style="Heading 2")
            writer.answers(section)
    out = io.BytesIO()
    paper.save(out)
    return _fixed(out.getvalue())


def _fixed(data: bytes) -> bytes:
    """The same parts with fixed times in a fixed order."""
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        return zips.packed({name: parts.read(name) for name in parts.namelist()}, first="[Content_Types].xml")


def _ordinal(at: int) -> str:
    return _ORDINALS[at]


def _sections(documents: Sequence[QuestionDocument]) -> list[_Section]:
    """By type in the usual order, case sets last with their questions together."""
    made: list[_Section] = []
    number = 1
    for type_ in QuestionType:
        own = tuple(document for document in documents if document.type is type_ and document.stimulus is None)
        if own:
            made.append(_Section(_TITLES[type_], number, own))
            number += len(own)
    cases: dict[UUID, list[QuestionDocument]] = {}
    for document in documents:
        if document.stimulus is not None:
            cases.setdefault(document.stimulus.uid, []).append(document)
    if cases:
        made.append(_Section(_CASES, number, tuple(document for own in cases.values() for document in own)))
    return made


def _worth(documents: Sequence[QuestionDocument]) -> str:
    marks = {document.marks for document in documents}
    count = f"共{len(documents)}题"
    if len(marks) != 1 or None in marks:
        return f"（{count}）"
    each = next(iter(marks)) or Decimal(0)
    return f"（{count}，每题{_number(each)}分，共{_number(each * len(documents))}分）"


def _number(value: Decimal) -> str:
    return f"{value.normalize():f}"


# Looks ----------------------------------------------------------------------------------------------------------------


def _dressed(paper: Any, title: str) -> None:
    section = paper.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.5)
    section.top_margin = section.bottom_margin = Cm(2.2)
    for name, size, font in (("Normal", 10.5, "宋体"), ("Heading 1", 16, "黑体"), ("Heading 2", 12, "黑体")):
        style = paper.styles[name]
        style.font.name, style.font.size, style.font.color.rgb = "Times New Roman", Pt(size), None
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for attribute in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{attribute}"), None)
        fonts.set(qn("w:eastAsia"), font)
        style.paragraph_format.space_after = Pt(3)
    told = paper.core_properties
    told.title, told.author, told.last_modified_by, told.comments = _clean(title)[:255], AUTHOR, AUTHOR, ""
    told.created = told.modified = _EPOCH
    foot = section.footer.paragraphs[0]
    foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
    foot.add_run("第 ")
    _page_number(foot)
    foot.add_run(" 页")


def _page_number(paragraph: Any) -> None:
    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        run = paragraph.add_run()
        element = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            element.set(qn("w:fldCharType"), kind)
        else:
            element.text = text
        run._r.append(element)


def _head(paper: Any, title: str) -> None:
    heading = paper.add_paragraph(_clean(title), style="Heading 1")
    heading.alignment = WD_ALIGN_PARAGRAPH.CENTER
    line = paper.add_paragraph("姓名：________________　　准考证号：________________________　　得分：__________")
    line.alignment = WD_ALIGN_PARAGRAPH.CENTER


def _clean(text: str) -> str:
    return _UNSEEN.sub("", text)


def _width(text: str) -> int:
    return sum(1 if ord(sign) < 0x2000 else 2 for sign in text)


# Text -----------------------------------------------------------------------------------------------------------------


class _Writer:
    """Questions and answers into the paper."""

    def __init__(self, paper: Any, files: Mapping[str, bytes]) -> None:
        self._paper = paper
        self._files = files

    def questions(self, section: _Section) -> None:
        """The questions of a section, without anything that tells their keys."""
        worth = "每题" in _worth(section.documents)
        case = None
        for number, document in enumerate(section.documents, start=section.first):
            if document.stimulus is not None and document.stimulus.uid != case:
                case = document.stimulus.uid
                self._say("【材料】", document.stimulus.text, document)
            marks = "" if worth or document.marks is None else f"（{_number(document.marks)}分）"
            asked = _asked(document)
            mark = f"【{_TITLES[document.type]}】" if section.title == _CASES or _says_type(asked) else ""
            self._say(f"{number}. {mark}{marks}", asked, document)
            if document.type is QuestionType.MATCHING:
                self._two_columns(document)
            else:
                self._options(document)
            if document.type is QuestionType.SHORT:
                for _line in range(5):
                    self._paper.add_paragraph("")

    def answers(self, section: _Section) -> None:
        """The keys of a section, each with its explanation and clause."""
        for number, document in enumerate(section.documents, start=section.first):
            # A text may hold 要点： or 依据： itself, so its parts are marked by brackets.
            mark = "【答案】" if document.type is QuestionType.SHORT else ""
            self._say(f"{number}. {mark}", _answer(document), document)
            if document.explanation:
                self._say("【解析】", document.explanation, document)
            if document.place.clause:
                self._say("【依据】", document.place.clause, document)

    def _say(self, head: str, text: str, document: QuestionDocument) -> Any:
        paragraph = self._paper.add_paragraph(head)
        self._into(paragraph, text, document)
        return paragraph

    def _into(self, paragraph: Any, text: str, document: QuestionDocument) -> None:
        last = 0
        for found in _MARKUP.finditer(text):
            paragraph.add_run(_clean(text[last : found.start()]))
            last = found.end()
            if found.group(3) is not None:
                paragraph.add_run(_clean(found.group(3))).bold = True
            else:
                self._file(paragraph, found.group(1), found.group(2), document)
        paragraph.add_run(_clean(text[last:]))

    def _file(self, paragraph: Any, alt: str, name: str, document: QuestionDocument) -> None:
        media = next((media for media in document.media if media.name == name), None)
        data = self._files.get(media.sha256) if media else None
        if media is None or data is None:
            paragraph.add_run(f"［{_clean(alt or name)}］")
            return
        if media.kind is not MediaKind.PICTURE:
            word = "音频" if media.kind is MediaKind.AUDIO else "视频"
            paragraph.add_run(f"［{word}：{_clean(alt or name)}］")
            return
        try:
            picture = paragraph.add_run().add_picture(io.BytesIO(_as_word_shows(data)))
        except (UnrecognizedImageError, OSError, ValueError):
            paragraph.add_run(f"［{_clean(alt or name)}］")
            return
        if picture.width > Cm(12):
            picture.height, picture.width = int(picture.height * Cm(12) / picture.width), Cm(12)

    def _options(self, document: QuestionDocument) -> None:
        """On one line when they are short, on two when they fit so, else each on its own."""
        if not document.options:
            return
        texts = [f"{option.key}. {option.text}" for option in document.options]
        plain = not any("\n" in text or "![" in text for text in texts)
        widest = max(_width(text) for text in texts) + 4
        a_line = len(texts) if plain and widest * len(texts) <= _LINE else 2 if plain and widest * 2 <= _LINE else 1
        for at in range(0, len(texts), a_line):
            paragraph = self._paper.add_paragraph()
            paragraph.paragraph_format.left_indent = Cm(0.7)
            for place, text in enumerate(texts[at : at + a_line]):
                if place:
                    paragraph.add_run("\t")
                    paragraph.paragraph_format.tab_stops.add_tab_stop(Cm(0.7 + 15.3 / a_line * place))
                self._into(paragraph, text, document)

    def _two_columns(self, document: QuestionDocument) -> None:
        left, right = sides(document.options)
        table = self._paper.add_table(rows=max(len(left), len(right)), cols=2)
        for column, options in enumerate((left, right)):
            for row, option in enumerate(options):
                mark = f"（{option.key}）" if column == 0 else f"{option.key}. "
                paragraph = table.cell(row, column).paragraphs[0]
                paragraph.add_run(mark)
                self._into(paragraph, option.text, document)


def _as_word_shows(data: bytes) -> bytes:
    """WebP as PNG, which Word shows; the others as they are."""
    if data[:4] != b"RIFF":
        return data
    from PIL import Image

    out = io.BytesIO()
    with Image.open(io.BytesIO(data), formats=("WEBP",)) as picture:
        picture.save(out, "PNG")
    return out.getvalue()


def _says_type(asked: str) -> bool:
    """Whether a stem begins or ends with what a reader takes for the mark of its type, （多选）: it gets one before it."""
    plain = twin(asked)
    return bool(type_mark(plain) or label_at(plain, 0) or label_before(plain) or kind_mark(plain))


def _asked(document: QuestionDocument) -> str:
    """The stem as a candidate sees it: long lines for blanks, a bracket for right or wrong."""
    if document.type is QuestionType.FILL:
        return re.sub("_{4,}", "________", document.stem)
    if document.type is QuestionType.TRUE_FALSE and not re.search(r"[（(]\s*[）)]", document.stem):
        return f"{document.stem}（　　）"
    return document.stem


def _answer(document: QuestionDocument) -> str:
    key = document.key
    match document.type:
        case QuestionType.TRUE_FALSE:
            return "√" if key.truth else "×"
        case QuestionType.FILL:
            return "；".join(BETWEEN_TEXTS.join(texts) for texts in key.blanks)
        case QuestionType.ORDERING:
            return _joined(key.choices, "→")
        case QuestionType.MATCHING:
            return _joined((f"{left}-{right}" for left, right in key.pairs), "，")
        case QuestionType.SHORT:
            return key.model
    return "".join(key.choices)


def _joined(parts: Iterable[str], sign: str) -> str:
    return sign.join(parts)
