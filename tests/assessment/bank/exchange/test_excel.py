"""The table people fill: drop-downs, what teachers write, faults by cell."""

import io
from dataclasses import replace
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.drawing.image import Image as Drawing

from assessment.bank.exchange import excel, formats, zips
from assessment.bank.types import Key, QuestionType
from lms.core.imports import ImportRefused
from lms.core.types import Level
from tests.assessment.bank.exchange.documents import EVERY_TYPE, FILES, png

pytestmark = pytest.mark.usefixtures("english")

HEAD = [
    "题型",
    "题干",
    "选项A",
    "选项B",
    "选项C",
    "选项D",
    "答案",
    "解析",
    "分值",
    "难度",
    "等级",
    "知识点",
    "左项1",
    "左项2",
]


def table(*rows, change=lambda _book: None, head=HEAD):
    """A teacher's table: a title, the headings, the rows."""
    book = Workbook()
    sheet: Any = book.active
    sheet.append(["初级理论题库"])
    sheet.append(head)
    for row in rows:
        sheet.append(list(row))
    change(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_what_teachers_write_is_understood():
    reading = formats.read(
        table(
            ["单选", "甲？", "一", "二", "三", "四", " b ", "因为", 2, "中", "五级/初级工", "法律法规及相关行业知识"],
            ["多项选择题", "乙？", "一", "二", "三", "四", "D、A", None, 2.5, "★★★★", "5", "C5-02 直播工具应用"],
            ["判断题", "丙。", "正确", "错误", None, None, "√"],
            ["判断题", "丁。", None, None, None, None, False],
            ["填空题", "____和____", None, None, None, None, "甲 / 贾；乙"],
            ["排序题", "排序", "一", "二", "三", None, "C→A→B"],
            ["匹配题", "配对", "一", "二", "三", None, "２－Ａ，1:C", None, None, None, None, None, "左一", "左二"],
            ["简答题", 2026, None, None, None, None, "答"],
        ),
        "题.xlsx",
    )
    assert reading.refused == ()
    single, multiple, yes, no, fill, order, match, short = reading.accepted
    assert (single.where, single.key.choices, single.difficulty, single.level, single.topic) == (
        "B3",
        ("B",),
        3,
        Level.ELEMENTARY,
        "C5-01",
    )
    assert (multiple.key.choices, str(multiple.marks), multiple.difficulty, multiple.topic) == (
        ("A", "D"),
        "2.5",
        4,
        "C5-02",
    )
    assert (yes.key.truth, no.key.truth, yes.options) == (True, False, ())
    assert fill.key.blanks == (("甲", "贾"), ("乙",))
    assert order.key.choices == ("C", "A", "B")
    assert match.key.pairs == (("1", "C"), ("2", "A"))
    assert (short.type, short.stem) == (QuestionType.SHORT, "2026")


@pytest.mark.parametrize(
    "row,cell,words",
    (
        (["选词题", "甲", "一", "二", None, None, "A"], "A3", "选词题"),
        ([None, "甲", "一", "二", None, None, "A"], "A3", ""),
        (["单选题", "甲", "一", "二", None, None, "E"], "G3", "E"),
        (["单选题", "甲", "一", "二", None, None, "甲"], "G3", ""),
        (["单选题", "甲", "一", "一", None, None, "A"], "D3", "A"),
        (["单选题", "甲", "一", None, "三", None, "A"], "D3", "B"),
        (["单选题", None, "一", "二", None, None, "A"], "B3", ""),
        (["单选题", "甲", "一", "二", None, None, "A", None, "两分"], "I3", ""),
        (["单选题", "甲", "一", "二", None, None, "A", None, 0], "I3", "100"),
        (["单选题", "甲", "一", "二", None, None, "A", None, 2, "顶级"], "J3", "顶级"),
        (["单选题", "=1+1", "一", "二", None, None, "A"], "B3", ""),
        (["单选题", "甲", "=cmd|'/c calc'!A0", "二", None, None, "A"], "C3", ""),
        (["填空题", "____和____", None, None, None, None, "甲"], "G3", "2"),
        (["匹配题", "甲", "一", "二", None, None, "连线", None, None, None, None, None, "左", "右"], "G3", "1-B"),
    ),
)
def test_a_fault_is_told_by_its_cell(row, cell, words):
    good = ["判断题", "对。", None, None, None, None, "对"]
    reading = formats.read(table(row, good), "题.xlsx")
    assert [one.where for one in reading.refused] == [cell]
    assert words in reading.refused[0].reason
    assert [read.where for read in reading.accepted] == ["B4"]


def test_merged_cells_and_pictures_over_cells_are_refused_hidden_sheets_left_out():
    def change(book):
        sheet = book.active
        sheet.merge_cells("B3:C3")
        sheet.add_image(Drawing(io.BytesIO(png())), "E4")
        hidden = book.create_sheet("旧题")
        hidden.append(HEAD)
        hidden.append(["判断题", "旧。", None, None, None, None, "对"])
        hidden.sheet_state = "hidden"
        more = book.create_sheet("第二页")
        more.append(HEAD)
        more.append(["判断题", "新。", None, None, None, None, "对"])

    yes = ["判断题", "对。", None, None, None, None, "对"]
    reading = formats.read(table(yes, yes, yes, change=change), "题.xlsx")
    assert [(row.where, "B3" in row.reason) for row in reading.refused] == [("Sheet!B3", True), ("Sheet!B4", False)]
    assert [read.where for read in reading.accepted] == ["Sheet!B5", "第二页!B2"]


def test_what_is_written_never_runs():
    nasty = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "|calc", "%1", "＝1"]
    documents = [replace(EVERY_TYPE[3], stem=text, uid=EVERY_TYPE[i].uid) for i, text in enumerate(nasty)]
    sheet = load_workbook(io.BytesIO(excel.write(documents, {}, title="=1+1")))["题库"]
    for row in sheet.iter_rows(min_row=2):
        for cell in row:
            assert cell.data_type in ("s", "n"), cell
            assert cell.data_type == "s" or cell.value is None
    assert all(sheet.cell(i + 2, 2).quotePrefix for i in range(len(nasty)))


def test_the_template_has_drop_downs_a_hidden_list_and_explanations():
    data = excel.template()
    book = load_workbook(io.BytesIO(data))
    assert book.sheetnames == ["题库", "说明", "选项列表"]
    assert book["选项列表"].sheet_state == "hidden"
    rules = {str(rule.sqref): rule.formula1 for rule in book["题库"].data_validations.dataValidation}
    assert any(where.startswith("A2:A") for where in rules)
    assert len(rules) == 7
    told = [str(cell.value) for row in book["说明"] for cell in row]
    assert any("1-B 2-A" in text for text in told)
    reading = excel.read(data, name="模板.xlsx")
    assert (reading.accepted, reading.refused) == ((), ())


def test_files_lie_beside_the_table():
    plain = table(
        ["判断题", "![图](tag.png) 对。", None, None, None, None, "对", "tag.png"],
        ["判断题", "![图](none.png) 对。", None, None, None, None, "对", "none.png"],
        head=[*HEAD[:7], "附件"],
    )
    data = zips.packed({"我的题/题.xlsx": plain, "我的题/files/tag.png": png()})
    assert formats.detect(data, "题.zip") == "excel"
    reading = formats.read(data, "题.zip")
    assert [read.files for read in reading.accepted] == [(("tag.png", png()),)]
    assert [row.where for row in reading.refused] == ["H4"]


@pytest.mark.parametrize(
    "data", (b"PK\x03\x04 broken", b"", zips.packed({"a.txt": b"x"}), table(head=["题型", "题干"]))
)
def test_what_is_no_table_is_not_let_in(data):
    with pytest.raises(ImportRefused):
        excel.read(data, name="x.xlsx")


def test_every_question_is_a_row_of_its_own():
    data = excel.write([row for row in EVERY_TYPE if not row.media], FILES, title="")
    assert formats.written_suffix("excel", data) == "xlsx"
    assert formats.written_suffix("excel", excel.write(EVERY_TYPE, FILES, title="")) == "zip"
    again = excel.read(data, name="x.xlsx")
    assert [read.key for read in again.accepted] == [row.key for row in EVERY_TYPE if not row.media]
    assert again.accepted[0].key != Key()


def test_tables_of_other_makers_without_types_and_with_options_in_one_cell_are_read():
    reading = formats.read(
        table(
            ["甲？", "A.一 B.二\nC、三", "B"],
            ["乙？", "一\n二\n三", "AC"],
            ["丙。", None, "×"],
            ["____日", None, "七"],
            ["简述", None, "因为"],
            ["丁？", "|".join("一二三四五六七八九十甲乙丙"), "A"],
            head=["试题内容", "选项", "正确答案"],
        ),
        "题.xlsx",
    )
    assert [read.type.value for read in reading.accepted] == ["single", "multiple", "true_false", "fill", "short"]
    assert [option.text for option in reading.accepted[0].options] == ["一", "二", "三"]
    assert [option.text for option in reading.accepted[1].options] == ["一", "二", "三"]
    assert [row.where for row in reading.refused] == ["B8"]
