import io
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from lms.core.tables import (
    Column,
    Kind,
    Limits,
    Table,
    TableRefused,
    Value,
    csv_bytes,
    harmless,
    read_table,
    written_by,
    xlsx_bytes,
)

AT = datetime(2026, 3, 16, 6, 30, 5, tzinfo=UTC)
MARK = "Exported"
NAME = Column("name", ("姓名",))
NUMBER = Column("number", ("证件号码", "身份证号"), required=False)
HOURS = Column("hours", ("学时",), Kind.DECIMAL)
START = Column("start", ("开始时间",), Kind.MOMENT, required=False)
ASKED = (NAME, NUMBER, HOURS, START)


def sheet(*rows: list[object]) -> io.BytesIO:
    book = Workbook()
    active = book.active
    assert active is not None
    for row in rows:
        active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out


def refused(file: io.BytesIO, **limits: int) -> TableRefused:
    with pytest.raises(TableRefused) as caught:
        read_table(file, ASKED, limits=Limits(**limits))
    return caught.value


@pytest.mark.parametrize("text", ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "＝1", "=cmd|' /C calc'!A0", "\r=1"))
def test_nothing_that_looks_like_a_formula_runs(text: str) -> None:
    assert harmless(text) == f"'{text}"
    made = xlsx_bytes([Table("表", ["姓名"], [[text]])], mark=MARK)
    cell = load_workbook(io.BytesIO(made)).worksheets[0]["A2"]
    assert cell.data_type == "s"
    assert cell.quotePrefix


@given(st.lists(st.tuples(st.text(max_size=40), st.decimals(-9999, 9999, places=2)), max_size=5))
@settings(max_examples=40, deadline=None)
def test_what_is_written_is_read_again(rows: list[tuple[str, Decimal]]) -> None:
    rows = [(name, hours) for name, hours in rows if name.strip().strip("\ufeff\u200b").strip() == name != ""]
    rows = [(name, hours) for name, hours in rows if name.isprintable() and not name.startswith("'")]
    table = Table("学时/表", ["姓名", "学时"], rows)
    for made in (xlsx_bytes([table], mark=MARK), csv_bytes(table, mark=MARK)):
        read = read_table(io.BytesIO(made), (NAME, HOURS))
        assert [(row.values["name"], row.values["hours"]) for row in read.rows] == rows
        assert not read.faults


def test_days_and_moments_are_shanghais_and_the_end_says_who_took_it() -> None:
    mark = written_by("林*燕", "连江县职业中学", AT)
    row: list[Value] = [AT, date(2026, 3, 20), None, True, 7, Decimal("1.50")]
    table = Table("a" * 40, ["一", "二", "三", "四", "五", "六"], [row])
    text = csv_bytes(table, mark=mark).decode("utf-8-sig")
    assert text.splitlines()[1].startswith("2026-03-16 14:30:05,2026-03-20,,")
    assert text.splitlines()[1].endswith(",7,1.50")
    assert text.splitlines()[-1] == mark
    assert "2026-03-16 14:30:05" in mark
    made = load_workbook(io.BytesIO(xlsx_bytes([table], mark=mark))).worksheets[0]
    assert made["A2"].value == datetime(2026, 3, 16, 14, 30, 5)  # noqa: DTZ001  # Excel knows no zones
    assert made["A4"].value == mark


def test_every_fault_names_its_cell() -> None:
    file = sheet(
        ["姓名", "身份证号", "学时", "开始时间"],
        ["林晓燕", 350122199003070012, "一点五", "昨天"],
        [None, "350122199003070012", "=1+1", "2026-03-20 14:30"],
        ["陈大文", "350122199003070012", "1,000.5", datetime(2026, 3, 20, 14, 30)],  # noqa: DTZ001  # a cell's
        ["欧阳", None, None, None],
        ["尾行", None, "2", None],
    )
    read = read_table(file, ASKED)
    assert [fault.cell for fault in read.faults] == ["B2", "C2", "D2", "A3", "C3", "C5"]
    good = read.rows[0]
    assert good.number == 4
    assert good.values["hours"] == Decimal("1000.5")
    assert good.values["start"] == datetime(2026, 3, 20, 6, 30, tzinfo=UTC)


def test_a_chinese_csv_of_excel_is_read() -> None:
    raw = "姓名\t学时\r\n林晓燕\t1.5\r\n\r\n".encode("gb18030")
    read = read_table(io.BytesIO(raw), (NAME, HOURS))
    assert read.rows[0].values == {"name": "林晓燕", "hours": Decimal("1.5")}


def test_files_are_refused_with_reasons() -> None:
    head: list[object] = ["姓名", "学时"]
    assert refused(sheet(head, *[["林", 1]] * 11), rows=10).where == "A12"
    assert refused(sheet(["姓名", "姓名", "学时"])).where == "B1"
    assert "学时" in refused(sheet(["姓名"])).message
    for raw in (
        b"",
        b"\x00\x01\x02",
        b"PK\x03\x04 but nothing more",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        b"\xff\xfe\xff",
    ):
        assert refused(io.BytesIO(raw)).message
    assert refused(sheet(head), bytes=100).message


def rebuilt(change: dict[str, bytes]) -> io.BytesIO:
    out = io.BytesIO()
    with (
        zipfile.ZipFile(sheet(["姓名", "学时"], ["林", 1])) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for entry in old.infolist():
            if entry.filename not in change:
                new.writestr(entry.filename, old.read(entry.filename))
        for name, body in change.items():
            new.writestr(name, body)
    return out


def test_bombs_macros_and_entities_are_refused() -> None:
    assert refused(rebuilt({"xl/media/zero": b"0" * 40 * 1024**2})).message
    assert refused(rebuilt({"xl/media/zero": b"0" * 4 * 1024**2})).message
    assert refused(rebuilt({"xl/vbaProject.bin": b"macro"})).message
    bomb = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><worksheet>&x;</worksheet>'
    assert refused(rebuilt({"xl/worksheets/sheet1.xml": bomb})).message


def test_a_wide_or_long_empty_sheet_costs_nothing() -> None:
    far = b"""<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><dimension ref="A1:XFD1048576"/>
    <sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>\xe5\xa7\x93\xe5\x90\x8d</t></is></c><c r="B1" t="inlineStr"><is>
    <t>\xe5\xad\xa6\xe6\x97\xb6</t></is></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>"""
    assert read_table(rebuilt({"xl/worksheets/sheet1.xml": far}), (NAME, HOURS)).rows == ()
