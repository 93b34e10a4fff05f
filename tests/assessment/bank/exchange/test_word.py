"""Word papers in and out: automatic numbers, tables, pictures; keys only where they are asked for."""

import io
import zipfile
from dataclasses import replace
from uuid import uuid4

import docx
import pytest
from docx.shared import RGBColor

from assessment.bank.exchange import formats, paper, word
from assessment.bank.exchange.checks import answer_of
from assessment.bank.loader import read_folder
from assessment.bank.types import Key, QuestionType
from lms.core.imports import ImportRefused
from tests.assessment.bank.exchange.documents import EVERY_TYPE, FILES, png


def saved(made):
    """The bytes of a Word document."""
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def test_numbers_pictures_and_tables_are_read():
    made = docx.Document()
    made.add_heading("直播理论卷", 0)
    made.add_paragraph("一、单项选择题（每题2分）")
    made.add_paragraph("图中的设备是（ A ）", style="List Number").add_run().add_picture(io.BytesIO(png()))
    made.add_paragraph("A. 灯\tB. 麦")
    made.add_paragraph("第二题", style="List Number")
    table = made.add_table(2, 2)
    for at, text in enumerate(("A. 甲", "B. 乙", "C. 丙", "D. 丁")):
        table.cell(at // 2, at % 2).text = text
    made.add_paragraph("答案：C")
    table = made.add_table(2, 6)
    for row, texts in enumerate(("题号 题干 A B 答案 解析", "3 表中题 一 二 B 因为二")):
        for at, text in enumerate(texts.split()):
            table.cell(row, at).text = text
    data = saved(made)
    reading = word.read(data, name="x")
    assert (reading.format, reading.title, reading.refused) == ("word", "直播理论卷", ())
    assert [read.key.choices for read in reading.accepted] == [("A",), ("C",), ("B",)]
    assert reading.accepted[0].where == "第3段"
    assert [bytes_ for _name, bytes_ in reading.accepted[0].files] == [png()]
    assert reading.accepted[2].explanation == "因为二"
    assert None not in [fate for _line, fate in word.fates(data, name="x")]


def test_a_bold_or_red_option_is_no_key():
    made = docx.Document()
    made.add_paragraph("1. 哪个对？")
    made.add_paragraph("A. 甲")
    run = made.add_paragraph("").add_run("B. 乙")
    run.bold = run.underline = True
    run.font.color.rgb = RGBColor(255, 0, 0)
    reading = word.read(saved(made), name="x")
    assert reading.accepted == ()
    assert [one.where for one in reading.refused] == ["第1段"]


def test_an_old_or_foreign_file_says_what_to_do():
    for data in (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), b"{\\rtf1 x}", b"PK\x03\x04"):
        with pytest.raises(ImportRefused):
            word.read(data, name="x.doc")


def test_a_document_type_in_a_part_is_refused():
    source = zipfile.ZipFile(io.BytesIO(saved(docx.Document())))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as parts:
        for name in source.namelist():
            data = source.read(name)
            if name == "word/document.xml":
                data = data.replace(
                    b"<w:document", b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><w:document', 1
                )
            parts.writestr(name, data)
    with pytest.raises(ImportRefused):
        word.read(out.getvalue(), name="x")


def test_a_paper_with_keys_is_read_back():
    data = paper.write(EVERY_TYPE, FILES, title="直播卷")
    assert data == paper.write(EVERY_TYPE, FILES, title="直播卷")
    assert formats.detect(data, "x") == "word"
    reading = word.read(data, name="x")
    assert (reading.refused, reading.title) == ((), "直播卷")
    expected = {answer_text(document): document.type for document in EVERY_TYPE}
    assert {answer_text(read): read.type for read in reading.accepted} == expected


def told(question, clause):
    """What a paper keeps of a question, without the bracket that it draws for right or wrong."""
    stem = question.stem.removesuffix("（　　）") if question.type is QuestionType.TRUE_FALSE else question.stem
    return question.type, stem, question.key, question.options, question.explanation, clause


def test_the_starter_bank_comes_back_from_its_paper():
    bank = [document for document in read_folder() if document.stimulus is None]
    order = sorted(bank, key=lambda document: list(QuestionType).index(document.type))
    reading = word.read(paper.write(bank, {}, title="题库"), name="x")
    assert reading.refused == ()
    for read, document in zip(reading.accepted, order, strict=True):
        assert told(read, read.clause) == told(document, document.place.clause)


@pytest.mark.parametrize(
    "stem", ("下面哪些能当背景？（多选）", "（多选）哪些能当背景？", "判断：哪些能当背景，**不**能少？")
)
def test_words_like_a_mark_stay_in_an_exported_stem(stem):
    document = next(one for one in EVERY_TYPE if one.type is QuestionType.MULTIPLE and not one.media)
    (read,) = word.read(paper.write([replace(document, stem=stem, stimulus=None)], {}, title="卷"), name="x").accepted
    assert (read.type, read.stem) == (QuestionType.MULTIPLE, stem)


def short(model):
    """A short question with this model answer."""
    document = next(one for one in EVERY_TYPE if one.type is QuestionType.SHORT)
    key = Key(model=model)
    return replace(
        document, uid=uuid4(), stem=f"怎样做{len(model)}？", key=key, explanation="因为。", stimulus=None, media=()
    )


@pytest.mark.parametrize("model", ("参考要点：\n1. 先停。\n依据：有证书。", "要点：一、停。\n解析：算清账。"))
def test_words_like_a_field_stay_in_an_exported_answer(model):
    (read,) = word.read(paper.write([short(model)], {}, title="卷"), name="x").accepted
    assert (read.key.model, read.explanation) == (model, "因为。")


@pytest.mark.parametrize(
    "model", ("参考要点：\n1. 问题：没有出处。\n2. 问：买哪一箱？", "参考要点：\n1. 先停。\n2. 问题：没有出处。")
)
def test_words_like_the_name_of_a_stem_stay_in_an_exported_answer(model):
    made = [short(model), short("再看一遍。")]
    read, _after = word.read(paper.write(made, {}, title="卷"), name="x").accepted
    assert (read.key.model, read.explanation) == (model, "因为。")


def answer_text(question):
    """The answer as one text, to compare without the order of sections."""
    return str(answer_of(question.type, question.key))


def test_a_paper_without_keys_tells_none():
    data = paper.write(EVERY_TYPE, FILES, title="直播卷", keys=False)
    text = "\n".join(line.text for line in word.lines(data, "x"))
    assert "参考答案" not in text
    for secret in ("第二十五条", "定作商品", "C→A→B", "1-B", "第九条", "一是"):
        assert secret not in text
    assert word.read(data, name="x").accepted == ()
