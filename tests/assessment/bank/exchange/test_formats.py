"""Which format a file is in is told by what it holds, whatever it is called."""

import pytest

from assessment.bank.exchange import formats
from tests.assessment.bank.exchange.documents import EVERY_TYPE, FILES


@pytest.mark.parametrize(
    "data,key",
    (
        ("一、单项选择题\n1. 甲？（ B ）\nA. 一 B. 二\n".encode(), "plain"),
        ("1. 甲{x}是什么？\nA. 一\n答案：A".encode("gb18030"), "plain"),
        ("\ufeff::题::甲？{=乙 ~丙}".encode("utf-16"), "gift"),
        ("// 注\n甲是对的。{T}\n".encode(), "gift"),
        ("甲？{\n=一\n~二\n}".encode(), "gift"),
        ("$CATEGORY: 题库\n甲{}".encode(), "gift"),
        (b"<?xml version='1.0'?><quiz></quiz>", "moodle"),
        (b"<assessmentItem xmlns='http://www.imsglobal.org/xsd/imsqti_v2p1'/>", "qti21"),
        (b"<assessmentItem xmlns='http://www.imsglobal.org/xsd/imsqti_v2p2'/>", "qti22"),
        (b"<qti-assessment-item xmlns='http://www.imsglobal.org/xsd/imsqtiasi_v3p0'/>", "qti30"),
        (formats.write("excel", EVERY_TYPE[3:4], {}, title=""), "excel"),
        (formats.write("excel", EVERY_TYPE[:1], FILES, title=""), "excel"),
        (formats.write("qti30", EVERY_TYPE, FILES, title=""), "qti30"),
    ),
)
@pytest.mark.parametrize("name", ("题.docx", "x"))
def test_a_format_is_told_by_content(data, key, name):
    assert formats.detect(data, name) == key


def test_every_format_says_how_it_travels():
    assert set(formats.WRITTEN_FORMATS) >= {"excel", "gift", "moodle", "qti30", "paper"}
    assert {"excel", "word", "plain", "gift", "moodle", "qti21", "qti22", "qti30"} < set(formats.READ_FORMATS)
    for key in formats.WRITTEN_FORMATS:
        assert formats.FORMATS[key].suffix
        assert formats.FORMATS[key].media_type
    with pytest.raises(KeyError):
        formats.write("qti21", EVERY_TYPE, FILES, title="")
    with pytest.raises(ValueError, match="answers"):
        formats.write("moodle", EVERY_TYPE, FILES, title="", keys=False)
