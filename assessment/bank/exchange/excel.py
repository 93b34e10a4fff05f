"""Questions as an Excel table: one row each, drop-downs for what has a list, faults told by cell ("D7").

Files of questions cannot lie in cells: a table that shows some comes as a zip of the table and a folder `files`. What is
written is text and never runs; formulas, macros and pictures laid over cells are refused on the way in, and nothing is
parsed before its size is known. Codes, drop-downs and headings are the same in every language, so files travel.
"""

import io
import posixpath
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import islice
from typing import Any
from uuid import UUID
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from openpyxl import Workbook, load_workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter, range_boundaries
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.datavalidation import DataValidation

from assessment.bank.exchange import words, zips
from assessment.bank.exchange.checks import (
    BETWEEN_TEXTS,
    CELL_CHARACTERS,
    FILE_BYTES,
    QUESTIONS,
    blanks_drawn,
    decimal_of,
    document_of,
    excerpt,
    faults,
    sides,
    sifted,
)
from assessment.bank.types import (
    Key,
    Media,
    Option,
    Place,
    QuestionDocument,
    QuestionType,
    Reading,
    ReadQuestion,
    Refused,
)
from lms.core.imports import Archive, ImportRefused, Limits, safe_xml
from lms.core.tables import harmless
from lms.core.types import Level

_MIB = 1024 * 1024
_BOOK = "questions.xlsx"
_LETTERS = "ABCDEFGHIJKL"
_YES, _NO = "是", "否"

# Column key → how its heading may read; the first is written.
_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "type": ("题型", "类型", "试题类型", "题目类型", "type"),
    "stem": ("题干", "题目", "试题内容", "题目内容", "试题", "问题", "stem", "question"),
    **{letter: (f"选项{letter}", letter, f"{letter}选项", f"option{letter}") for letter in _LETTERS},
    "options": ("选项", "备选项", "候选项", "选项内容", "options"),
    "answer": ("答案", "正确答案", "参考答案", "标准答案", "answer"),
    "explanation": ("解析", "试题解析", "答案解析", "explanation"),
    "marks": ("分值", "分数", "marks", "score"),
    "difficulty": ("难度", "难易程度", "difficulty"),
    "level": ("等级", "级别", "level"),
    "topic": ("知识点", "章节", "模块", "topic"),
    "step": ("认知层次", "认知水平", "step"),
    "clause": ("出处条款", "依据", "法条", "出处", "clause"),
    "law": ("法律题", "是否法律题", "law"),
    "uncertain": ("待核", "存疑", "uncertain"),
    "source": ("来源", "source"),
    **{f"L{number}": (f"左项{number}", f"left{number}") for number in range(1, 13)},
    "files": ("附件", "文件", "files"),
    "stimulus": ("材料", "案例材料", "共用题干", "stimulus"),
    "stimulus_uid": ("材料编号", "stimulusid"),
    "uid": ("编号", "题号编码", "uid"),
}
_WIDTHS = {
    "stem": 48,
    "explanation": 40,
    "stimulus": 40,
    "answer": 14,
    "uid": 38,
    "stimulus_uid": 38,
    "clause": 28,
    "topic": 28,
}
_HEADINGS = {
    re.sub(r"[\s*＊:：()（）]", "", title).lower(): key for key, titles in _COLUMNS.items() for title in titles
}
_WRITTEN = {key: titles for key, titles in _COLUMNS.items() if key != "options"}  # one cell for all is only read
_REQUIRED = ("stem", "answer")

_BROKEN = (
    InvalidFileException,
    ParseError,
    DefusedXmlException,
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
    IndexError,
    NotImplementedError,
    RuntimeError,
    OSError,
    EOFError,
    SyntaxError,
)
# An honest table of 5,000 questions has some 15 MB of XML; more makes a machine of 2 GB sweat.
_CELLS = 400_000  # 5,000 questions of 45 columns are 225,000
_BOOK_LIMITS = Limits(archive=FILE_BYTES, entries=500, total=60 * _MIB, entry=40 * _MIB, ratio=100)
_KINDS = {**zips.PACKAGE_KINDS, **zips.BOOK_KINDS, "xlsx": "archive"}
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z0-9:$]{2,30})"')
# With a prefix or without: the library goes by the name space.
_CELL_OR_ROW = re.compile(rb"<(?:[^\s<>/:]{1,100}+:)?(?:c|row)[\s/>]")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")

_EXPLAINED = (
    ("怎样填写", ""),
    ("题型", "单选题、多选题、判断题、填空题、排序题、匹配题、简答题。请从下拉列表中选择。"),
    ("题干", "填空题用四个下划线 ____ 表示一个空。**粗体** 用两个星号。图片写作 ![说明](文件名.png)，见“附件”。"),
    ("选项A…选项L", "2 至 12 个，依次填写，中间不留空。匹配题的右项也写在这里。"),
    ("左项1…左项12", "只用于匹配题：左边的各项。"),
    ("答案·单选题", "一个字母：B"),
    ("答案·多选题", "两个以上字母：ACD"),
    ("答案·判断题", "对 或 错"),
    ("答案·填空题", "每空一行（Alt+Enter 换行）；同一空的几种写法用“ / ”（两边各一个空格）隔开，最好的写在最前面。"),
    ("答案·排序题", "按正确顺序写出全部字母：CAB"),
    ("答案·匹配题", "左右配对，用空格隔开：1-B 2-A"),
    ("答案·简答题", "参考答案全文"),
    ("难度", "1（易）至 5（难）"),
    ("等级、知识点", "从下拉列表中选择；留空时按导入时选定的等级和知识点。"),
    ("法律题、待核", "是 或 否。待核：法律上还有疑问，等待核对。"),
    ("材料", "案例题的共用材料：同一材料的各题都填同样的文字。"),
    ("附件", "每行一个文件名。把本表和名为 files 的文件夹一起压缩成一个 zip 再导入。"),
    ("编号", "由系统填写。新题留空；改动已有的题目时不要改动编号。"),
    ("不能用", "公式、宏、合并单元格、盖在单元格上的图片。"),
)


# Out -----------------------------------------------------------------------------------------------------------------


def template() -> bytes:
    """An empty table with drop-downs and explanations, for people to fill."""
    return _book((), "")


def write(documents: Sequence[QuestionDocument], files: Mapping[str, bytes], *, title: str) -> bytes:
    """The table; with files a zip of `questions.xlsx` and `files/…`. Raises KeyError for a file that was not given."""
    book = _book(documents, title)
    used = {media.sha256: media for document in documents for media in document.media}
    if not used:
        return book
    return zips.packed({_BOOK: book, **{_path(media): files[media.sha256] for media in used.values()}}, stored=True)


def _path(media: Media) -> str:
    # Names are unique in a question only.
    return f"files/{media.sha256[:16]}{_suffix(media.name)}"


def _suffix(name: str) -> str:
    return "." + name.rpartition(".")[2].lower()


def _book(documents: Sequence[QuestionDocument], title: str) -> bytes:
    book = Workbook()
    sheet: Any = book.active
    sheet.title = "题库"
    book.properties.title = _clean(title) or None
    book.properties.creator = "Kaibo 开播"
    for column, (key, titles) in enumerate(_WRITTEN.items(), start=1):
        cell = sheet.cell(1, column, titles[0])
        cell.font = Font(bold=True)
        cell.fill = PatternFill("solid", fgColor="DDEBF7" if key in ("type", *_REQUIRED) else "F2F2F2")
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        sheet.column_dimensions[get_column_letter(column)].width = _WIDTHS.get(key, 14)
    sheet.freeze_panes = "C2"
    wrapped = Alignment(wrap_text=True, vertical="top")
    for row, document in enumerate(documents, start=2):
        for column, text in enumerate(_cells(document).values(), start=1):
            if text:
                _put(sheet, row, column, text).alignment = wrapped
    told = book.create_sheet("说明")
    told.column_dimensions["A"].width, told.column_dimensions["B"].width = 20, 100
    for row, (left, right) in enumerate(_EXPLAINED, start=1):
        told.cell(row, 1, left).font = Font(bold=True)
        told.cell(row, 2, right).alignment = wrapped
    _lists(book, sheet, len(documents))
    out = io.BytesIO()
    book.save(out)
    return _same_bytes(out.getvalue())


def _same_bytes(data: bytes) -> bytes:
    """The library writes the moment into the file; the same questions give the same bytes."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    core = "docProps/core.xml"
    entries[core] = re.sub(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*", rb"\g<1>2000-01-01T00:00:00Z", entries[core])
    return zips.packed(entries, first="[Content_Types].xml")


def _put(sheet: Any, row: int, column: int, text: str) -> Any:
    cell = sheet.cell(row, column)
    # Excel reads _x0041_ as an A: the first stroke is escaped. A text that begins like a formula stays text.
    cell.value, cell.data_type = _ESCAPED.sub(r"_x005F_x\1_", _clean(text)), "s"
    if harmless(text) != text:
        cell.quotePrefix = True
    return cell


def _clean(text: str) -> str:
    return re.sub("[\x00-\x08\x0b-\x1f]", "\ufffd", text)[:CELL_CHARACTERS]


def _lists(book: Workbook, sheet: Any, count: int) -> None:
    lists = book.create_sheet("选项列表")
    lists.sheet_state = "hidden"
    columns = list(_WRITTEN)
    choices: dict[str, list[str]] = {
        "type": [names[0] for names in words.TYPE_WORDS.values()],
        "difficulty": ["1", "2", "3", "4", "5"],
        "level": [names[0] for level, names in sorted(words.LEVEL_WORDS.items(), key=lambda row: -int(row[0]))],
        "topic": [f"{code} {title}" for code, (_level, title) in words.topics().items()],
        "step": [names[0] for names in words.STEP_WORDS.values()],
        "law": [_YES, _NO],
        "uncertain": [_YES, _NO],
    }
    for column, (key, options) in enumerate(choices.items(), start=1):
        for row, option in enumerate(options, start=1):
            lists.cell(row, column, option)
        letter, shown = get_column_letter(column), get_column_letter(columns.index(key) + 1)
        rule = DataValidation("list", formula1=f"'选项列表'!${letter}$1:${letter}${len(options)}", allow_blank=True)
        # A topic may be typed; anything else outside its list is a slip.
        rule.showErrorMessage = key != "topic"
        rule.errorTitle, rule.error = "请从列表中选择", "请从下拉列表中选择一项。"
        rule.add(f"{shown}2:{shown}{max(count + 200, 1000)}")
        sheet.add_data_validation(rule)


def _cells(document: QuestionDocument) -> dict[str, str]:
    """The texts of a row by column key, every column of them."""
    left, right = sides(document.options)
    place = document.place
    texts = dict.fromkeys(_WRITTEN, "")
    texts |= {
        "uid": str(document.uid),
        "type": words.TYPE_WORDS[document.type][0],
        "stem": document.stem,
        "answer": _answer(document.type, document.key),
        "explanation": document.explanation,
        "marks": "" if document.marks is None else f"{document.marks:f}",
        "difficulty": str(place.difficulty),
        "level": words.LEVEL_WORDS[place.level][0],
        "topic": place.topic,
        "step": words.STEP_WORDS[place.step][0],
        "clause": place.clause,
        "law": _YES if place.law else _NO,
        "uncertain": _YES if place.uncertain else _NO,
        "source": place.source,
        "files": "\n".join(f"{media.name} = {_path(media)}" for media in document.media),
        "stimulus": document.stimulus.text if document.stimulus else "",
        "stimulus_uid": str(document.stimulus.uid) if document.stimulus else "",
    }
    texts |= {option.key: option.text for option in right}
    texts |= {f"L{option.key}": option.text for option in left}
    return texts


def _answer(type_: QuestionType, key: Key) -> str:
    if type_ is QuestionType.TRUE_FALSE:
        return words.TRUTH_WORDS[bool(key.truth)][0]
    if type_ is QuestionType.FILL:
        return "\n".join(BETWEEN_TEXTS.join(texts) for texts in key.blanks)
    if type_ is QuestionType.MATCHING:
        return " ".join(f"{left}-{right}" for left, right in key.pairs)
    return key.model if type_ is QuestionType.SHORT else "".join(key.choices)


# In ------------------------------------------------------------------------------------------------------------------


class _Cell(Exception):
    """What is wrong in a cell. key: of its column."""

    def __init__(self, key: str, message: str) -> None:
        super().__init__(message)
        self.key = key
        self.message = message


def read(data: bytes, *, name: str) -> Reading:
    """The questions of a table, or of a zip of one table and its files. Raises ImportRefused."""
    zips.sized(data)
    try:
        book, files = _parts(data, name)
        with zips.opened(book, zips.BOOK_KINDS, _BOOK_LIMITS) as archive:
            return _read_book(archive, book, files)
    except ImportRefused:
        raise
    except _BROKEN:
        raise ImportRefused(
            gettext_noop("The Excel file is damaged. Open it, save it again and choose it anew."), name
        ) from None


def _parts(data: bytes, name: str) -> tuple[bytes, Mapping[str, bytes]]:
    """The table's bytes and the files beside it, by their path."""
    if not data.startswith(b"PK"):
        raise ImportRefused(gettext_noop("This is not an Excel file (.xlsx)."), name)
    with zips.opened(data, _KINDS) as archive:
        books = [path for path in archive.names if path.lower().endswith(".xlsx")]
        if "xl/workbook.xml" in archive.names:
            return data, {}
        if len(books) != 1:
            raise ImportRefused(gettext_noop("The archive holds no Excel table, or more than one."), name)
        files = {path: archive.read(path, FILE_BYTES) for path in archive.names if path not in books}
        return archive.read(books[0], FILE_BYTES), files


def _read_book(archive: Archive, data: bytes, files: Mapping[str, bytes]) -> Reading:
    if any(path.lower().endswith("vbaproject.bin") for path in archive.names):
        raise ImportRefused(gettext_noop("The file holds macros. Save it as .xlsx without macros."))
    for path in archive.names:
        if path.endswith((".xml", ".rels")):
            archive.sha256(path)  # read once within the announced size, checksum and all, before anybody parses it
    _no_masses(archive)
    book = load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
    if not all(_path_of(sheet).endswith(".xml") for sheet in book.worksheets):
        raise ValueError("a sheet that was not looked through")
    refused: list[Refused] = []
    questions: list[ReadQuestion] = []
    found = False
    shown = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    for sheet in shown:
        reader = _Sheet(sheet, files, *_over_cells(archive, _path_of(sheet)), named=len(shown) > 1)
        if not reader.headed:
            continue
        found = True
        questions.extend(reader.questions())
        refused.extend(reader.refused)
    if not found:
        missing = "、".join(_COLUMNS[key][0] for key in _REQUIRED)
        raise ImportRefused(gettext_noop("No sheet has a row with these headings: %(titles)s."), titles=missing)
    title = book.properties.title or ""
    return sifted("excel", questions, refused, _ESCAPED.sub(_unescaped, title))


def _path_of(sheet: Any) -> str:
    return str(sheet._worksheet_path)  # the library has no other name for it


def _no_masses(archive: Archive) -> None:
    """A text longer than Excel keeps, or masses of rows and cells, are refused while they are streamed: before a library
    holds them, walks through them, or both."""
    for path in archive.names:
        if not path.endswith(".xml"):  # wherever it lies: a relation may call any of them a sheet
            continue
        run = longest = cells = 0
        with archive.open(path) as stream:
            while block := stream.read(_MIB):
                # What ends with the block may be cut in two; a sign lost there changes no sum that matters.
                cells += sum(1 for _found in _CELL_OR_ROW.finditer(block))
                if b"\0" in block:
                    raise ValueError("UTF-16: Excel writes UTF-8, and here signs are counted as bytes")
                head, *rest = block.split(b"<")
                run += len(head)
                longest = max(longest, run, max(map(len, rest), default=0))
                run = len(rest[-1]) if rest else run
        # In UTF-8 a character has at most four bytes, as an entity it may have eight.
        if longest > CELL_CHARACTERS * 8:
            raise ImportRefused(
                gettext_noop("A cell holds more than %(most)d characters, which Excel itself does not keep."),
                path,
                most=CELL_CHARACTERS,
            )
        if cells > _CELLS:
            raise ImportRefused(gettext_noop("The table has more than %(most)d cells; split it."), path, most=_CELLS)


def _over_cells(archive: Archive, path: str) -> tuple[list[tuple[int, int, int, int]], set[int]]:
    """Merged ranges (columns and rows, first and last) of a sheet, and the rows that pictures lie on."""
    merged: list[tuple[int, int, int, int]] = []
    # They stand behind the rows: looked for by their sign, a table of a hundred thousand rows need not be parsed twice.
    for found in islice(_MERGED.finditer(archive.read(path, _BOOK_LIMITS.entry)), QUESTIONS):
        left, top, right, bottom = range_boundaries(found.group(1).decode())
        merged.append((left or 1, top or 1, right or 1, bottom or 1))
    covered: set[int] = set()
    folder, _slash, base = path.rpartition("/")
    links = f"{folder}/_rels/{base}.rels"
    if links in archive.names:
        for link in safe_xml(archive.read(links), links):
            target = link.get("Target", "")
            drawing = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"{folder}/{target}")
            if "/drawing" in link.get("Type", "") and drawing in archive.names:
                root = safe_xml(archive.read(drawing, 10 * _MIB), drawing)
                for anchor in root:
                    row = next((node.text for node in anchor.iter() if node.tag.endswith("}row")), None)
                    if any(node.tag.endswith("}pic") for node in anchor.iter()) and row and row.isdecimal():
                        covered.add(int(row) + 1)
    return merged, covered


class _Sheet:
    """One sheet: its heading, its rows."""

    def __init__(
        self,
        sheet: Any,
        files: Mapping[str, bytes],
        merged: Sequence[tuple[int, int, int, int]],
        covered: set[int],
        *,
        named: bool,
    ) -> None:
        self.refused: list[Refused] = []
        self._name = f"{sheet.title}!" if named else ""
        self._files = files
        self._merged: dict[int, tuple[int, int]] = {}
        for first_column, first, _last_column, last in merged:
            for row in range(first, min(last, first + QUESTIONS) + 1):
                self._merged.setdefault(row, (first_column, first))
        self._covered = covered
        sheet.reset_dimensions()
        self._rows = self._filled(sheet)
        self._columns: dict[str, int] = {}
        for at, cells in self._rows:
            columns: dict[str, int] = {}
            for place, cell in enumerate(cells):
                key = _HEADINGS.get(re.sub(r"[\s*＊:：()（）]", "", str(cell.value or "")).lower())
                if key:
                    columns.setdefault(key, place)
            if all(key in columns for key in _REQUIRED):
                self._columns = columns
                break
            if at > 20:  # a title and some words may stand above the headings, not a novel
                break
        self.headed = bool(self._columns)

    @staticmethod
    def _filled(sheet: Any) -> Iterator[tuple[int, Sequence[Any]]]:
        # Rows far below that Excel merely formatted are looked at, up to a bound.
        for at, cells in enumerate(sheet.iter_rows(max_row=QUESTIONS * 10, max_col=80), start=1):
            if any(cell.value not in (None, "") for cell in cells):
                yield at, cells

    def questions(self) -> Iterator[ReadQuestion]:
        """The rows that are questions; what is wrong goes to `refused`."""
        count = 0
        for at, cells in self._rows:
            stem = self._raw(cells, "stem")
            if not any(self._raw(cells, key) for key in self._columns):
                continue
            count += 1
            if count > QUESTIONS + 1:
                return  # `sifted` refuses the first too many
            try:
                read = self._question(at, cells)
            except _Cell as wrong:
                self.refused.append(Refused(self._where(at, wrong.key), wrong.message, excerpt(stem)))
                continue
            where = self._wrong_cell(at, read)
            yield ReadQuestion(**{**vars(read), "where": where or self._where(at, "stem")})

    def _where(self, number: int, key: str) -> str:
        column = self._columns.get(key)
        return f"{self._name}{get_column_letter(column + 1) if column is not None else 'A'}{number}"

    def _wrong_cell(self, number: int, read: ReadQuestion) -> str:
        """The cell of the first fault that the checks will tell, "" for a sound question."""
        found = faults(document_of(read, Place(Level.ELEMENTARY), UUID(int=0)))
        if not found:
            return ""
        fault = found[0]
        key = {"stem": "stem", "key": "answer", "place": "clause", "media": "files"}.get(fault.field, fault.field)
        if fault.field == "options":
            key = fault.option if fault.option in _LETTERS else f"L{fault.option}"
            key = key if key in self._columns else "options" if "options" in self._columns else "A"
        return self._where(number, key)

    def _raw(self, cells: Sequence[Any], key: str) -> str:
        column = self._columns.get(key)
        value = cells[column].value if column is not None and column < len(cells) else None
        return "" if value is None else str(value).strip()

    def _text(self, cells: Sequence[Any], key: str) -> str:
        """The text of a cell. Raises _Cell for a formula, an error, a long number."""
        column = self._columns.get(key)
        if column is None or column >= len(cells):
            return ""
        cell = cells[column]
        value = cell.value
        if value is None:
            return ""
        kind = getattr(cell, "data_type", "")
        if kind == "f":
            raise _Cell(key, _("A formula; paste its value instead."))
        if kind == "e":
            raise _Cell(key, _("The cell shows an error; type the value."))
        if isinstance(value, bool):
            return _YES if value else _NO
        if isinstance(value, int | float):
            if not abs(value) < 10**15:  # nor is it a number at all (NaN)
                raise _Cell(key, _("Excel has cut this long number. Format the column as text and type it again."))
            return str(int(value)) if value == int(value) else str(value)
        if not isinstance(value, str):
            raise _Cell(key, _("Excel made a date of this; format the cell as text and type it again."))
        if len(value) > CELL_CHARACTERS:
            raise _Cell(
                key,
                _("The text has %(size)s characters; at most %(most)s are kept.")
                % {"size": len(value), "most": CELL_CHARACTERS},
            )
        return _ESCAPED.sub(_unescaped, value)

    def _named(self, cells: Sequence[Any], key: str, find: Callable[[str], Any]) -> Any:
        """What a word of a list means, None for an empty cell. Raises _Cell for an unknown word."""
        text = self._text(cells, key).strip()
        if not text:
            return None
        meant = find(text)
        if meant is None or meant == "":
            raise _Cell(key, _("“%(text)s” is not in the list; choose from the drop-down.") % {"text": text[:40]})
        return meant

    def _question(self, number: int, cells: Sequence[Any]) -> ReadQuestion:
        if number in self._merged:
            column, first = self._merged[number]
            raise _Cell(
                "stem", _("Cells are merged at %(cell)s; split them.") % {"cell": f"{get_column_letter(column)}{first}"}
            )
        if number in self._covered:
            raise _Cell(
                "stem",
                _("A picture lies over this row; put it beside the table as a file, see the sheet of explanations."),
            )
        type_ = self._named(cells, "type", words.type_of) if "type" in self._columns else self._guessed(cells)
        if type_ is None:
            raise _Cell("type", _("The type of the question is missing."))
        return ReadQuestion(
            where="",
            type=type_,
            stem=self._text(cells, "stem"),
            key=self._key(cells, type_),
            options=self._options(cells, type_),
            explanation=self._text(cells, "explanation"),
            marks=self._marks(cells),
            stimulus=self._text(cells, "stimulus"),
            stimulus_uid=self._named(cells, "stimulus_uid", _uid),
            uid=self._named(cells, "uid", _uid),
            level=self._named(cells, "level", words.level_of),
            topic=self._named(cells, "topic", words.topic_of) or "",
            step=self._named(cells, "step", words.step_of),
            difficulty=self._named(cells, "difficulty", words.difficulty_of),
            clause=self._text(cells, "clause"),
            law=self._named(cells, "law", words.truth_of),
            source=self._text(cells, "source"),
            uncertain=bool(self._named(cells, "uncertain", words.truth_of)),
            files=self._shown(cells),
        )

    def _guessed(self, cells: Sequence[Any]) -> QuestionType:
        """The type by what a row says, for tables that have no column for it."""
        answer = self._text(cells, "answer").strip()
        options = self._options(cells, QuestionType.TRUE_FALSE)
        if options:
            letters = re.sub(r"[\s,，;；、]", "", answer.upper().translate(_HALF))
            return QuestionType.SINGLE if len(letters) == 1 else QuestionType.MULTIPLE
        if blanks_drawn(self._text(cells, "stem")):
            return QuestionType.FILL
        return QuestionType.TRUE_FALSE if words.truth_of(answer) is not None else QuestionType.SHORT

    def _options(self, cells: Sequence[Any], type_: QuestionType) -> tuple[Option, ...]:
        right = self._filled_to_last(cells, [(letter, letter) for letter in _LETTERS])
        if not right and (told := self._text(cells, "options").strip()):
            # All in one cell: by their letters, or a line each.
            pieces = re.split(r"(?:^|\s+|[;；|])[A-LＡ-Ｌ]\s*[.．、:：)）]\s*", told)[1:] or re.split(
                r"\n|\s*[|；;]\s*", told
            )
            if len(pieces) > len(_LETTERS):
                raise _Cell(
                    "options", _("There are %(count)s options; between 2 and 12 are allowed.") % {"count": len(pieces)}
                )
            right = [Option(_LETTERS[place], text) for place, text in enumerate(pieces)]
        left = self._filled_to_last(cells, [(f"L{number}", str(number)) for number in range(1, 13)])
        if type_ is QuestionType.TRUE_FALSE and [words.truth_of(option.text) for option in right] == [True, False]:
            right = []  # teachers write 对 and 错 as options
        return (*left, *right)

    def _filled_to_last(self, cells: Sequence[Any], keys: Sequence[tuple[str, str]]) -> list[Option]:
        texts = [(key, self._text(cells, column)) for column, key in keys]
        while texts and not texts[-1][1].strip():
            texts.pop()
        return [Option(key, text) for key, text in texts]

    def _marks(self, cells: Sequence[Any]) -> Decimal | None:
        text = self._text(cells, "marks").strip().removesuffix("分").strip()
        if not text:
            return None
        told = decimal_of(text)
        if told is None:
            raise _Cell("marks", _("A number is expected here."))
        return told

    def _key(self, cells: Sequence[Any], type_: QuestionType) -> Key:
        text = self._text(cells, "answer")
        if type_ is QuestionType.TRUE_FALSE:
            return Key(truth=self._named(cells, "answer", words.truth_of))
        if type_ is QuestionType.SHORT:
            return Key(model=text)
        if type_ is QuestionType.FILL:
            lines = text.strip().split("\n")
            blanks = self._text(cells, "stem").count("____")
            if len(lines) == 1 < blanks:
                # Not our own way of writing, but the one of most teachers.
                lines = re.split(r"\s*[;；|]\s*", lines[0])
            return Key(blanks=tuple(tuple(line.strip().split(BETWEEN_TEXTS)) for line in lines))
        plain = text.upper().translate(_HALF)
        if type_ is QuestionType.MATCHING:
            pairs = re.findall(r"(\d{1,2})\s*[-–—:：=→]*\s*([A-L])", plain)
            if re.sub(r"(\d{1,2})\s*[-–—:：=→]*\s*([A-L])|[\s,，;；、]", "", plain):
                raise _Cell("answer", _("Pairs such as 1-B 2-A are expected here."))
            return Key(pairs=tuple(sorted(pairs, key=lambda pair: int(pair[0]))))
        letters = re.sub(r"[\s,，;；、.。/|→>-]", "", plain)
        if not re.fullmatch(f"[{_LETTERS}]*", letters):
            raise _Cell("answer", _("Letters of the options are expected here, such as B or ACD."))
        return Key(choices=tuple(sorted(letters) if type_ is QuestionType.MULTIPLE else letters))

    def _shown(self, cells: Sequence[Any]) -> tuple[tuple[str, bytes], ...]:
        """Files by the lines of the cell: "name = path", or a name that lies in the folder files."""
        files: list[tuple[str, bytes]] = []
        for line in self._text(cells, "files").splitlines():
            name, _equals, path = (piece.strip() for piece in line.partition(" = "))
            if not name:
                continue
            wanted = path or f"files/{name}"
            found = [data for held, data in self._files.items() if held == wanted or held.endswith(f"/{wanted}")]
            if len(found) != 1:
                raise _Cell("files", _("The file %(name)s is shown, but it is not there.") % {"name": name})
            files.append((name, found[0]))
        return tuple(files)


_HALF = str.maketrans("ＡＢＣＤＥＦＧＨＩＪＫＬ０１２３４５６７８９－", "ABCDEFGHIJKL0123456789-")


def _uid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _unescaped(found: re.Match[str]) -> str:
    return chr(int(found.group(1), 16))
