"""Tables in and out: Excel (.xlsx) and CSV, for every room.

Out: text is written as text. A cell that begins like a formula never runs: in Excel it is marked as text, in CSV it gets an
apostrophe before it. Every file ends with a line that says who took it and when.

In: what is read is bounded before it is read (bytes, unpacked bytes, rows), formulas and macros are refused, and every fault
names its cell (`B7`) and what to do about it.
"""

import csv
import io
import re
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import IO, Any
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from lms.core.clock import SHANGHAI

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV_TYPE = "text/csv; charset=utf-8"

Value = str | int | Decimal | date | datetime | bool | None

# Spreadsheets take a cell that begins so for a formula, some of them the full-width signs too.
_FORMULA = re.compile(r"^[\s\u00a0\ufeff\u200b]*[=+\-@＝＋－＠|%]|^[\t\r\n]")
_SHEET_NAME = re.compile(r"[\[\]:*?/\\]")
_LONGEST = 32_767  # characters Excel keeps in a cell
_SCANNED = 70_000  # rows looked at, the empty ones included
_MB = 1024 * 1024


class Kind(StrEnum):
    """What a column of a file that is read holds."""

    TEXT = "text"
    NUMBER = "number"  # whole
    DECIMAL = "decimal"
    DATE = "date"
    MOMENT = "moment"  # date and time of day in Shanghai


@dataclass(frozen=True)
class Table:
    """One sheet to write. columns: the titles; rows: as many values each. widths: characters a column, 12 where unsaid."""

    title: str
    columns: Sequence[str]
    rows: Iterable[Sequence[Value]]
    widths: Sequence[int] = ()


@dataclass(frozen=True)
class Column:
    """One column asked of a file. titles: how its heading may read, the first is shown in messages."""

    key: str
    titles: tuple[str, ...]
    kind: Kind = Kind.TEXT
    required: bool = True


@dataclass(frozen=True)
class Limits:
    """What is still read."""

    bytes: int = 5 * _MB
    unpacked: int = 30 * _MB
    ratio: int = 200
    entries: int = 500
    rows: int = 5_000
    columns: int = 60


@dataclass(frozen=True)
class Fault:
    """What is wrong in one cell. cell: its name in the sheet; message: what is wrong and how to mend it."""

    cell: str
    message: str


@dataclass(frozen=True)
class Row:
    """One row read: its number in the sheet and its values by column key; None for an empty cell that may be empty."""

    number: int
    values: Mapping[str, Value]


@dataclass(frozen=True)
class Read:
    """A file read: rows without any fault, and the faults of the others."""

    rows: tuple[Row, ...]
    faults: tuple[Fault, ...]


class TableRefused(Exception):
    """The file as a whole cannot be read. `message` is for the person who gave it; `where` a cell, "" for the file."""

    def __init__(self, message: str, *, where: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.where = where


def harmless(text: str) -> str:
    """Text for a CSV cell: what begins like a formula gets an apostrophe before it."""
    return f"'{text}" if _FORMULA.match(text) else text


def written_by(who: str, place: str, at: datetime) -> str:
    """The line at the end of every file: who took it, where from, when (Shanghai)."""
    moment = at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")
    return _("Exported by %(who)s (%(place)s) at %(moment)s") % {"who": who, "place": place, "moment": moment}


def xlsx_bytes(tables: Sequence[Table], *, mark: str) -> bytes:
    """An Excel file of these sheets. mark: the line of `written_by`, at each sheet's end and on each printed page."""
    book = Workbook(write_only=True)
    for table in tables:
        sheet = book.create_sheet(_SHEET_NAME.sub(" ", table.title)[:31] or "1")
        for i, _title in enumerate(table.columns):
            width = table.widths[i] if i < len(table.widths) else 12
            sheet.column_dimensions[get_column_letter(i + 1)].width = width
        sheet.freeze_panes = "A2"
        sheet.print_title_rows = "1:1"
        # Codes begin with & in a footer.
        sheet.oddFooter.left.text = mark.replace("&", "&&")
        sheet.oddFooter.right.text = "&P/&N"
        sheet.append([_cell(sheet, title, bold=True) for title in table.columns])
        for row in table.rows:
            sheet.append([_cell(sheet, value) for value in row])
        sheet.append([])
        sheet.append([_cell(sheet, mark)])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _cell(sheet: Any, value: Value, *, bold: bool = False) -> Any:
    cell = WriteOnlyCell(sheet)
    if isinstance(value, str):
        text = ILLEGAL_CHARACTERS_RE.sub("\ufffd", value)[:_LONGEST]
        # openpyxl takes "=" for a formula unless told that this is text.
        cell.value, cell.data_type = text, "s"
        cell.quotePrefix = bool(_FORMULA.match(text))
        if bold:
            cell.font = Font(bold=True)
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    elif isinstance(value, datetime):
        cell.value = value.astimezone(SHANGHAI).replace(tzinfo=None, microsecond=0)
        cell.number_format = "yyyy-mm-dd hh:mm:ss"
    elif isinstance(value, date):
        cell.value = value
        cell.number_format = "yyyy-mm-dd"
    elif isinstance(value, bool):
        cell.value = pgettext("table", "Yes") if value else pgettext("table", "No")
    elif value is not None:
        cell.value = value
    return cell


def csv_bytes(table: Table, *, mark: str) -> bytes:
    """The same as CSV, in UTF-8 with the mark that Excel asks for."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([harmless(title) for title in table.columns])
    for row in table.rows:
        writer.writerow([_plain(value) for value in row])
    writer.writerow([])
    writer.writerow([harmless(mark)])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _plain(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return harmless(value)
    if isinstance(value, datetime):
        return value.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, bool):
        return pgettext("table", "Yes") if value else pgettext("table", "No")
    return str(value)


# Reading -------------------------------------------------------------------------------------------------------------


def read_table(file: IO[bytes], columns: Sequence[Column], *, limits: Limits | None = None) -> Read:
    """Read the first sheet of an .xlsx or a CSV file. The headings stand in the first row that is not empty.

    Raises TableRefused when the file as a whole cannot be read: its kind, its size, its headings.
    """
    bounds = limits or Limits()
    file.seek(0, io.SEEK_END)
    size = file.tell()
    file.seek(0)
    if size > bounds.bytes:
        raise TableRefused(
            _("The file has %(size)s MB, at most %(most)s MB are read. Split it.")
            % {"size": f"{size / _MB:.1f}", "most": f"{bounds.bytes / _MB:.0f}"}
        )
    head = file.read(8)
    file.seek(0)
    if head.startswith(b"PK\x03\x04"):
        lines = _xlsx_lines(file, bounds)
    elif head.startswith(b"\xd0\xcf\x11\xe0"):
        raise TableRefused(_("This is an old .xls file or one with a password. Save it as .xlsx without a password."))
    else:
        lines = _csv_lines(file.read(), bounds)
    return _read(lines, columns)


def _xlsx_lines(file: IO[bytes], bounds: Limits) -> list[tuple[int, Sequence[Any]]]:
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
            names = {entry.filename for entry in entries}
            if len(entries) > bounds.entries or len(names) < len(entries):
                raise TableRefused(_("The file is not built like an Excel file."))
            if "xl/workbook.xml" not in names:
                raise TableRefused(_("This is not an Excel file (.xlsx)."))
            if any(name.lower().endswith("vbaproject.bin") for name in names):
                raise TableRefused(_("The file holds macros. Save it as .xlsx without macros."))
            whole = sum(entry.file_size for entry in entries)
            packed = sum(entry.compress_size for entry in entries) or 1
            if whole > bounds.unpacked or (whole > _MB and whole / packed > bounds.ratio):
                raise TableRefused(_("Unpacked, the file is too large. Delete what is not needed and save it again."))
            # The sizes stated may lie: nothing is unpacked beyond them.
            for entry in entries:
                _unpacks_as_stated(archive, entry)
        file.seek(0)
        book = load_workbook(file, read_only=True, data_only=False, keep_links=False)
        sheet = book.worksheets[0] if book.worksheets else None
        if sheet is None:
            raise TableRefused(_("The file has no sheet."))
        sheet.reset_dimensions()
        # Read whole here, so that what is broken in it is told as such.
        lines: list[tuple[int, Sequence[Any]]] = []
        for number, cells in enumerate(sheet.iter_rows(max_row=_SCANNED, max_col=bounds.columns), start=1):
            if any(cell.value not in (None, "") for cell in cells):
                lines.append((number, cells))
            if len(lines) > bounds.rows + 1:
                raise _too_many(number, bounds)
        return lines
    except TableRefused:
        raise
    except (
        zipfile.BadZipFile,
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
    ):
        raise TableRefused(_("The Excel file is damaged. Open it, save it again and choose it anew.")) from None


def _unpacks_as_stated(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    """Raises BadZipFile: zipfile itself stops at the stated size and compares the checksum there."""
    with archive.open(entry) as stream:
        while stream.read(_MB):
            pass


def _csv_lines(raw: bytes, bounds: Limits) -> list[tuple[int, Sequence[Any]]]:
    if b"\x00" in raw[:4096]:
        raise TableRefused(_("This is neither an Excel file (.xlsx) nor a CSV file."))
    text = None
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = raw.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    if text is None:
        raise TableRefused(_("The characters of the file cannot be read. Save it as CSV UTF-8."))
    first = text.split("\n", 1)[0]
    delimiter = max(",\t;", key=first.count)
    lines: list[tuple[int, Sequence[Any]]] = []
    try:
        for number, cells in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), start=1):
            if any(cell.strip() for cell in cells):
                lines.append((number, cells[: bounds.columns]))
            if len(lines) > bounds.rows + 1:
                raise _too_many(number, bounds)
    except csv.Error:
        raise TableRefused(_("The CSV file is damaged near row %(row)s.") % {"row": len(lines) + 1}) from None
    return lines


def _too_many(number: int, bounds: Limits) -> TableRefused:
    return TableRefused(
        _("More than %(most)s rows; row %(row)s is the first too many. Split the file.")
        % {"most": bounds.rows, "row": number},
        where=f"A{number}",
    )


def _read(lines: list[tuple[int, Sequence[Any]]], columns: Sequence[Column]) -> Read:
    if not lines:
        raise TableRefused(_("The file is empty."))
    places = _places(lines[0], columns)
    rows: list[Row] = []
    faults: list[Fault] = []
    for number, cells in lines[1:]:
        values: dict[str, Value] = {}
        wrong: list[Fault] = []
        for column in columns:
            place = places.get(column.key)
            cell = f"{get_column_letter(place + 1)}{number}" if place is not None else f"A{number}"
            given = cells[place] if place is not None and place < len(cells) else None
            try:
                values[column.key] = _value(given, column)
            except _Wrong as said:
                wrong.append(Fault(cell, str(said)))
        if wrong and number == lines[-1][0] and _raw(cells[0]) and not any(_raw(one) for one in cells[1:]):
            continue  # the line at the end of our own files is no row
        if wrong:
            faults.extend(wrong)
        else:
            rows.append(Row(number, values))
    return Read(tuple(rows), tuple(faults))


def _places(head: tuple[int, Sequence[Any]], columns: Sequence[Column]) -> dict[str, int]:
    number, cells = head
    found: dict[str, int] = {}
    for place, given in enumerate(cells):
        title = _tidy(_raw(given))
        for column in columns:
            if title and title in {_tidy(name) for name in column.titles}:
                if column.key in found:
                    where = f"{get_column_letter(place + 1)}{number}"
                    raise TableRefused(
                        _("Cell %(cell)s: the heading %(title)s stands there twice.")
                        % {"cell": where, "title": column.titles[0]},
                        where=where,
                    )
                found[column.key] = place
    missing = [column.titles[0] for column in columns if column.required and column.key not in found]
    if missing:
        raise TableRefused(
            _("Row %(row)s lacks these headings: %(titles)s.") % {"row": number, "titles": "、".join(missing)},
            where=f"A{number}",
        )
    return found


def _tidy(heading: Any) -> str:
    return re.sub(r"[\s*＊:：()（）]", "", str(heading or "")).lower()


def _raw(given: Any) -> Any:
    return given.value if hasattr(given, "data_type") else given


class _Wrong(Exception):
    """What is wrong in a cell."""


def _value(given: Any, column: Column) -> Value:
    if getattr(given, "data_type", "") == "f":
        raise _Wrong(_("A formula; paste its value instead."))
    if getattr(given, "data_type", "") == "e":
        raise _Wrong(_("The cell shows an error; type the value."))
    value = _raw(given)
    if isinstance(value, str):
        value = value.strip().strip("\ufeff\u200b")
        if value.startswith("'") and _FORMULA.match(value[1:]):
            value = value[1:]  # our own apostrophe
    if value is None or value == "":
        if column.required:
            raise _Wrong(_("%(title)s is missing.") % {"title": column.titles[0]})
        return None
    return _READERS[column.kind](value)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        raise _Wrong(_("Text is expected here."))
    if isinstance(value, int | float):
        # Excel keeps fifteen digits of a number: the end of an identity number is lost for good.
        if abs(value) >= 10**15:
            raise _Wrong(_("Excel has cut this long number. Format the column as text and type it again."))
        return str(int(value)) if value == int(value) else str(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return str(value)


def _decimal(value: Any) -> Decimal:
    try:
        number = Decimal(str(value).replace(",", "").replace("，", ""))
    except InvalidOperation:
        raise _Wrong(_("A number is expected here.")) from None
    if isinstance(value, bool) or not number.is_finite():
        raise _Wrong(_("A number is expected here."))
    return number


def _number(value: Any) -> int:
    number = _decimal(value)
    if number != number.to_integral_value() or abs(number) >= 10**15:
        raise _Wrong(_("A whole number is expected here."))
    return int(number)


_DATES = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日", "%Y%m%d")
_TIMES = ("%H:%M:%S", "%H:%M")


def _date(value: Any) -> date:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    for form in _DATES:
        try:
            return datetime.strptime(str(value), form).date()  # noqa: DTZ007  # a day has no zone
        except ValueError:
            continue
    raise _Wrong(_("A date such as 2026-03-20 is expected here."))


def _moment(value: Any) -> datetime:
    if isinstance(value, datetime):
        return value.replace(tzinfo=SHANGHAI)
    text = str(value).replace("T", " ")
    for day in _DATES:
        for hour in _TIMES:
            try:
                return datetime.strptime(text, f"{day} {hour}").replace(tzinfo=SHANGHAI)
            except ValueError:
                continue
    raise _Wrong(_("A date and time such as 2026-03-20 14:30 is expected here."))


_READERS: dict[Kind, Callable[[Any], Value]] = {
    Kind.TEXT: _text,
    Kind.NUMBER: _number,
    Kind.DECIMAL: _decimal,
    Kind.DATE: _date,
    Kind.MOMENT: _moment,
}
