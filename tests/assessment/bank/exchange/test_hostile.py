"""Files that are after something: refused as a whole, refused by row, or harmless. None of them is stored or fetched."""

import base64
import io
import random
import time
import zipfile

import pytest
from openpyxl import Workbook

from assessment.bank.comparing import pieces
from assessment.bank.exchange import excel, formats, moodle, zips
from assessment.bank.exchange.checks import FILE_BYTES, QUESTIONS, decimal_of
from lms.core.imports import ImportRefused
from tests.assessment.bank.exchange.documents import EVERY_TYPE, FILES

pytestmark = pytest.mark.usefixtures("english")

MIB = 1024 * 1024
MANIFEST = b"<manifest xmlns='imsqti_v2p1'><resources><resource type='imsqti_item_xmlv2p1' href='a.xml'/></resources></manifest>"
BOOM = b'<?xml version="1.0"?><!DOCTYPE quiz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><quiz>&b;</quiz>'
FETCH = b'<?xml version="1.0"?><!DOCTYPE quiz [<!ENTITY x SYSTEM "file:///etc/passwd">]><quiz><question type="essay">&x;</question></quiz>'
REMOTE = b'<?xml version="1.0"?><!DOCTYPE quiz SYSTEM "http://x.example/evil.dtd"><quiz/>'


def zipped(entries, **changes):
    """A zip as it is, whatever its names."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            row = zipfile.ZipInfo(name)
            row.compress_type = zipfile.ZIP_DEFLATED
            for key, value in changes.items():
                setattr(row, key, value)
            archive.writestr(row, data)
    return out.getvalue()


def book_with(xml):
    """An Excel file whose first sheet is this XML."""
    out = io.BytesIO()
    Workbook().save(out)
    with zipfile.ZipFile(out) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    return zipped(entries | {"xl/worksheets/sheet1.xml": xml})


SHEET = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>%s</sheetData></worksheet>'
CELL = b'<row r="1"><c r="A1" t="inlineStr"><is><t>%s</t></is></c></row>'


# Made when asked for: some are large.
DANGEROUS = {
    "climbs": lambda: zipped({"imsmanifest.xml": MANIFEST, "../../evil.xml": b"x"}),
    "absolute": lambda: zipped({"imsmanifest.xml": MANIFEST, "/etc/evil.xml": b"x"}),
    "drive": lambda: zipped({"imsmanifest.xml": MANIFEST, "C:evil.xml": b"x"}),
    "link": lambda: zipped({"imsmanifest.xml": MANIFEST, "a.xml": b"/etc/passwd"}, external_attr=0o120777 << 16),
    "grows": lambda: zipped({"imsmanifest.xml": MANIFEST, "a.xml": bytes(30 * MIB)}),
    "nested": lambda: zipped({"imsmanifest.xml": MANIFEST, "inner.zip": zipped({"a": b"x"})}),
    "program": lambda: zipped({"imsmanifest.xml": MANIFEST, "run.exe": b"MZ"}),
    "script": lambda: zipped({"imsmanifest.xml": MANIFEST, "run.js": b"alert(1)"}),
    "expands": lambda: zipped({"imsmanifest.xml": BOOM}),
    "fetches": lambda: zipped({"imsmanifest.xml": FETCH}),
    "plain xml expands": lambda: BOOM,
    "plain xml fetches": lambda: FETCH,
    "plain xml from afar": lambda: REMOTE,
    "unclosed": lambda: b"<quiz>" * 5,
    "macros": lambda: zipped({"xl/workbook.xml": b"<x/>", "xl/vbaProject.bin": b"x", "[Content_Types].xml": b"<x/>"}),
    "book expands": lambda: book_with(BOOM),
    "book fetches": lambda: book_with(FETCH),
    "cell of 100 MB": lambda: book_with(SHEET % (CELL % (b"A" * (100 * MIB)))),
    "tail behind the cells": lambda: book_with(SHEET % (CELL % b"&#65;" * 10) + b"A" * (4 * MIB)),
    "cell of 100 MB in a zip": lambda: zipped(
        {"题.xlsx": book_with(SHEET % (CELL % (b"A" * (100 * MIB)))), "files/a.png": b"\x89PNG\r\n\x1a\n"}
    ),
    "old word": lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100),
    "zeros": lambda: b"\x00" * 100,
    "machine code": lambda: b"MZ\x90\x00",
    "too large": lambda: b"\x00" * (FILE_BYTES + 1),
}


def moodle_with(kind, text, more=b""):
    """A Moodle file of one question with this text."""
    head = f'<quiz><question type="{kind}"><questiontext format="html"><text><![CDATA[{text}]]></text></questiontext>'
    return head.encode() + more + b"</question></quiz>"


def answers_with(fraction):
    share = f'<answer fraction="{fraction}"><text>x</text></answer>'.encode()
    return moodle_with("multichoice", "哪个对？", share + b'<answer fraction="0"><text>y</text></answer>')


GRADED = b"<defaultgrade>1e9999999</defaultgrade><answer fraction='100'><text>true</text></answer>"

# Small files that once cost minutes: the square of their length, or a number that fills a disk when it is written out.
TIRING = {
    "braces": ("1. " + "{=" * 400_000 + "\nA. 甲\nB. 乙\n答案：A\n").encode,
    "spaces behind a brace": ("{" + " " * 1_000_000).encode,
    "empty lines": lambda: b"\n" * 1_000_000 + b"x",
    "one endless gift": ("::t:: s {" + "=a#b " * 300_000 + "}").encode,
    "a weight of gift": "多选 {\n~%1e9999999%甲\n~%NaN%乙\n}".encode,
    "gaps without an end": lambda: moodle_with("cloze", "{1:SHORTANSWER:=" * 60_000),
    "tags without an end": lambda: moodle_with("truefalse", "<a " * 300_000),
    "tags within tags": lambda: moodle_with("truefalse", "<b>" * 200_000),
    "brackets": lambda: moodle_with("truefalse", "![" * 400_000),
    "a share of 1e9999999": lambda: answers_with("1e9999999"),
    "a share that is none": lambda: answers_with("NaN"),
    "a mark of 1e9999999": lambda: moodle_with("truefalse", "对吗？", GRADED),
    "cells by another prefix": lambda: book_with(
        b'<x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><x:sheetData>'
        b'<x:row r="1">' + b"<x:c/>" * 500_000 + b"</x:row></x:sheetData></x:worksheet>"
    ),
}


@pytest.mark.parametrize("name", TIRING)
def test_small_files_do_not_tire_the_reader(name):
    data = TIRING[name]()
    began = time.monotonic()
    try:
        reading = formats.read(data, "题")
    except ImportRefused as told:
        reasons = [told.message]
    else:
        assert reading.accepted == ()
        reasons = [row.reason for row in reading.refused]
    assert all(reasons)
    assert time.monotonic() - began < 10


@pytest.mark.parametrize("text", ("1e9999999", "-1e9999999", "NaN", "Infinity", "1e-9999999", "abc"))
def test_a_number_nobody_can_write_out_is_none(text):
    assert decimal_of(text) is None


def test_alike_texts_of_the_worst_kind_are_compared():
    old = "".join(f"一{chr(0x5000 + at)}" for at in range(2000))
    new = "".join(f"一{chr(0x7000 + at)}" for at in range(2000))
    began = time.monotonic()
    left, right = pieces(old, new)
    assert time.monotonic() - began < 5
    assert "".join(piece.text for piece in left) == old
    assert "".join(piece.text for piece in right) == new


@pytest.mark.parametrize("name", DANGEROUS)
def test_dangerous_files_are_not_let_in(name):
    data = DANGEROUS[name]()
    began = time.monotonic()
    with pytest.raises(ImportRefused) as told:
        formats.read(data, "题")
    assert told.value.message
    assert time.monotonic() - began < 5


def test_a_long_cell_is_refused_before_it_is_parsed():
    # Letters that do not shrink well, so the bomb's ratio does not refuse it first.
    text = base64.b64encode(random.Random(1).randbytes(900_000))
    with pytest.raises(ImportRefused, match="32767"):
        formats.read(book_with(SHEET % (CELL % text)), "题.xlsx")


def test_an_item_that_fetches_is_refused_alone():
    item = FETCH.replace(b"quiz", b"assessmentItem")
    reading = formats.read(zips.packed({"imsmanifest.xml": MANIFEST, "a.xml": item}), "x.zip")
    assert reading.accepted == ()
    assert reading.refused[0].where == "a.xml"
    assert "entities" in reading.refused[0].reason


def test_a_million_rows_are_not_walked_through():
    rows = b"".join(b'<row r="%d"><c r="A%d"><v>1</v></c></row>' % (i, i) for i in range(1, 300_000))
    began = time.monotonic()
    with pytest.raises(ImportRefused):
        formats.read(book_with(SHEET % rows), "题.xlsx")
    assert time.monotonic() - began < 10


def test_more_questions_than_a_file_may_hold_are_refused():
    one = b'<question type="truefalse"><questiontext><text>%d</text></questiontext><answer fraction="100"><text>true</text></answer></question>'
    reading = moodle.read(b"<quiz>" + b"".join(one % i for i in range(QUESTIONS + 50)) + b"</quiz>", name="x.xml")
    assert len(reading.accepted) == QUESTIONS
    assert str(QUESTIONS) in reading.refused[-1].reason


@pytest.mark.parametrize("format_", ("excel", "moodle", "qti30"))
def test_what_looks_like_a_script_stays_words(format_):
    """Text is text: what a person typed comes out escaped, and comes back as typed."""
    from dataclasses import replace

    nasty = (
        "<script>alert(1)</script> <img src=x onerror=x()> javascript:x() {1:SA:=x} =1+1 &lt;b&gt; ]]> <!-- --> ${7*7}"
    )
    document = replace(EVERY_TYPE[3], stem=nasty, explanation=nasty)
    data = formats.write(format_, [document], FILES, title=nasty)
    (read,) = formats.read(data, "x").accepted
    assert (read.stem, read.explanation) == (nasty, nasty)
    if format_ == "excel":
        return
    texts = (
        [data]
        if format_ == "moodle"
        else [zipfile.ZipFile(io.BytesIO(data)).read(name) for name in zipfile.ZipFile(io.BytesIO(data)).namelist()]
    )
    assert not any(b"<script" in text or b"<img src=x" in text for text in texts)


@pytest.mark.parametrize("cut", (1, 10, 100, 1000))
def test_a_file_that_was_not_copied_whole_is_not_let_in(cut):
    data = excel.write(EVERY_TYPE[3:5], {}, title="")
    with pytest.raises(ImportRefused):
        formats.read(data[:-cut], "x.xlsx")
