"""The course's glossary as a recogniser is told of it: terms that its sample lines say, up to her level."""

import pytest

from courses.catalogue.types import SayBlock, ScriptBlock, Term, TermsBlock
from courses.catalogue.vocabulary import spoken_terms
from lms.core.types import Level
from media_pipeline.assets.vocabulary import course_words
from tests.courses.catalogue.writing import course, document, lesson, level, rewritten
from tests.courses.roots import curriculum

TERMS = TermsBlock((Term("保证金", "押金"), Term("小黄车", "商品列表"), Term("福利款", "低价引流的货")))
LINES = (SayBlock("点小黄车下单", "", ""), ScriptBlock("开场", "今天的福利款在小黄车里。"))


@pytest.mark.django_db
def test_terms_that_sample_lines_say_come_first_by_how_often() -> None:
    curriculum()
    page = lesson(course(level(5)), document(blocks=(TERMS, *LINES)))
    lesson(
        course(level(3), "高级"),
        document("三级课", blocks=(TermsBlock((Term("话术", "说法"),)), ScriptBlock("稿", "话术"))),
    )
    assert spoken_terms(Level(5)) == ("小黄车", "福利款")
    assert set(spoken_terms(Level(3))) == {"小黄车", "福利款", "话术"}
    assert course_words(Level(5)) == ("小黄车", "福利款")  # told to the pipeline
    rewritten(page, blocks=(TermsBlock((Term("连麦", "和别的主播同播"),)), SayBlock("我们连麦吧", "", "")))
    assert spoken_terms(Level(5)) == ("连麦",)
