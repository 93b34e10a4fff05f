"""What Moodle itself exports, and what we do not take from it."""

import base64

import pytest

from assessment.bank.exchange import moodle
from assessment.bank.types import Key, QuestionType
from tests.assessment.bank.exchange.documents import png

pytestmark = pytest.mark.usefixtures("english")


def quiz(*questions):
    """A quiz of question elements."""
    return f"<?xml version='1.0' encoding='UTF-8'?>\n<quiz>\n{''.join(questions)}</quiz>".encode()


def question(kind, html, inside="", form="html", files=""):
    """One element as Moodle writes it."""
    return (
        f'<question type="{kind}">\n<name><text>n</text></name>\n'
        f'<questiontext format="{form}"><text><![CDATA[{html}]]></text>{files}</questiontext>\n{inside}</question>\n'
    )


def answer(fraction, text, feedback=""):
    said = f'<feedback format="html"><text>{feedback}</text></feedback>' if feedback else ""
    return f'<answer fraction="{fraction}" format="html"><text><![CDATA[{text}]]></text>{said}</answer>'


def test_what_moodle_writes_is_read():
    picture = f'<file name="价 签.png" path="/" encoding="base64">{base64.b64encode(png()).decode()}</file>'
    reading = moodle.read(
        quiz(
            "<question type='category'><category><text>$course$/top/题库/初级/法律法规及相关行业知识</text></category></question>",
            question(
                "multichoice",
                '<p dir="ltr" style="x">看<b> 图</b>：<img src="@@PLUGINFILE@@/%E4%BB%B7%20%E7%AD%BE.png" alt="价签" onerror="x()"></p>'
                "<script>alert(1)</script><ul><li>一</li><li>二</li></ul>H<sub>2</sub>O 3 m<sup>2</sup>",
                "<generalfeedback format='html'><text>&lt;p&gt;因为&lt;/p&gt;</text></generalfeedback>"
                "<defaultgrade>2.0000000</defaultgrade><single>true</single>"
                + answer(0, "<p>甲</p>", "不对")
                + answer(100, "乙"),
                files=picture,
            ),
            question(
                "multichoice",
                "乙？",
                "<single>false</single>" + answer(50, "甲") + answer(50, "乙") + answer(-100, "丙"),
            ),
            question("truefalse", "丙", answer(0, "true") + answer(100, "false")),
            question("shortanswer", "首都？", answer(100, "北京") + answer(100, r"北\*京") + answer(0, "上海")),
            question("cloze", "{1:SA:=七~%100%7#好~%0%八}日内，{:SHORTANSWER:=定作\\}&amp;}除外"),
            question("numerical", "几日？", "<answer fraction='100'><text>7</text><tolerance>0</tolerance></answer>"),
            question(
                "matching",
                "配对",
                "".join(
                    f"<subquestion format='html'><text>{left}</text><answer><text>{right}</text></answer></subquestion>"
                    for left, right in (("主播", "讲解"), ("场控", "改价"), ("", "客服"))
                ),
            ),
            question("ordering", "排", answer(1, "甲") + answer(2, "乙") + answer(3, "丙")),
            question(
                "essay", "简述", "<graderinfo format='html'><text>&lt;p&gt;一&lt;br&gt;二&lt;/p&gt;</text></graderinfo>"
            ),
            question(
                "multichoice",
                "一\n二",
                "<single>1</single>" + answer(100, "甲") + answer(0, "乙"),
                form="moodle_auto_format",
            ),
        ),
        name="moodle.xml",
    )
    assert reading.refused == ()
    single, multiple, no, short, cloze, number, match, order, essay, auto = reading.accepted
    assert single.stem == "看 **图**：![价签](价-签.png)\n• 一\n• 二\nH₂O 3 m²"
    assert (single.key.choices, single.topic, str(single.marks)) == (("B",), "C5-01", "2")
    assert single.explanation == "因为\nA. 不对"
    assert single.files == (("价-签.png", png()),)
    assert reading.title == "题库"
    assert multiple.key.choices == ("A", "B")
    assert no.key.truth is False
    assert (short.type, short.stem, short.key.blanks) == (QuestionType.FILL, "首都？\n____", (("北京", "北*京"),))
    assert (cloze.stem, cloze.key.blanks) == ("____日内，____除外", (("七", "7"), ("定作}&",)))
    assert number.key == Key(blanks=(("7",),))
    texts = {option.key: option.text for option in match.options}
    assert [(texts[left], texts[right]) for left, right in match.key.pairs] == [("主播", "讲解"), ("场控", "改价")]
    assert "".join({option.key: option.text for option in order.options}[key] for key in order.key.choices) == "甲乙丙"
    assert (essay.type, essay.key.model) == (QuestionType.SHORT, "一\n二")
    assert auto.stem == "一\n二"


@pytest.mark.parametrize(
    "element,words",
    (
        (question("calculated", "甲"), "calculated"),
        (question("description", "甲"), "description"),
        (question("cloze", "{1:MULTICHOICE:=甲~乙}"), "MULTICHOICE"),
        (question("shortanswer", "甲", answer(100, "北*")), "star"),
        (question("shortanswer", "甲", answer(100, "北") + answer(50, "南")), "part of the marks"),
        (
            question("numerical", "甲", "<answer fraction='100'><text>7</text><tolerance>0.1</tolerance></answer>"),
            "tolerance",
        ),
        (question("essay", "甲"), "model answer"),
        (question("essay", '<img src="https://tracker.example/x.png">'), "network"),
        (question("essay", '<img src="file:///etc/passwd">'), "network"),
        (question("essay", '<img src="@@PLUGINFILE@@/none.png">'), "not there"),
        (question("essay", "<svg onload='x()'></svg>"), "SVG"),
        (question("essay", "<math><mi>x</mi></math>"), "MathML"),
        (question("essay", "<iframe src='https://x.example'></iframe>"), "iframe"),
        (question("essay", "<div>" * 200), "too deep"),
        (question("multichoice", "甲", "<single>true</single>" + answer(100, "甲") + answer(0, "甲")), "say the same"),
        (
            question("multichoice", "甲", "<single>true</single>" + "".join(answer(0, str(i)) for i in range(13))),
            "13 options",
        ),
    ),
)
def test_what_cannot_be_kept_is_refused_by_line(element, words):
    reading = moodle.read(quiz(question("truefalse", "丙", answer(100, "true")), element), name="x.xml")
    assert len(reading.accepted) == 1
    (refused,) = reading.refused
    assert words in refused.reason
    line = (
        quiz(question("truefalse", "丙", answer(100, "true")), element).decode().split(element[:30])[0].count("\n") + 1
    )
    assert refused.where == f"Line {line} (question 2)"
