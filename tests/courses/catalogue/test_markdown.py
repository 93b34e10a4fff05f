"""Lesson text: one spelling for one text, and the same text in Draftail and in a file."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courses.catalogue.markdown import canonical, plain_text, to_html, to_markdown
from courses.catalogue.presentation import safe_html

_MARKS = (
    "**",
    "*",
    "_",
    "[",
    "]",
    "(",
    ")",
    "\\",
    "\n",
    "\n\n",
    "- ",
    "1. ",
    "10) ",
    "> ",
    "### ",
    "#",
    ":::",
    " ",
    "红线。",
)
_LINKS = (
    "http://a.b/?x=1&copy;=2",
    "[链接](https://a.cn/x)",
    "**强**",
    "\\\n",
    "&amp;",
    "<b>",
    "`",
    "~",
    "---",
    "\t",
    "    ",
    "![",
)
_TAGS = (
    "<p>",
    "</p>",
    "<ul>",
    "<li>",
    "</li>",
    "</ul>",
    "<ol>",
    "</ol>",
    "<b>",
    "</b>",
    "</a>",
    "<br/>",
    "<blockquote>",
)
_ODD = (
    "<a href='https://x.cn/(a)?b&amp;c;'>",
    "<a href='javascript:1'>",
    "<h2>",
    "<script>x</script>",
    "* a",
    "1. c",
    "&nbsp;",
)
_typed = st.lists(st.sampled_from(_MARKS + _LINKS) | st.text(max_size=3), max_size=14).map("".join)
_pasted = st.lists(st.sampled_from(_TAGS + _ODD + _MARKS) | st.text(max_size=3), max_size=16).map("".join)


@given(_typed)
def test_canonical_text_is_a_fixpoint(text: str) -> None:
    once = canonical(text)
    assert canonical(once) == once
    assert to_markdown(to_html(once)) == once


@given(_pasted)
def test_what_an_editor_holds_becomes_canonical_text(html: str) -> None:
    once = to_markdown(html)
    assert canonical(once) == once
    assert to_markdown(to_html(once)) == once


@pytest.mark.parametrize(
    "markdown, html",
    (
        ("**红线。**然后", "<p><b>红线。</b>然后</p>"),
        ("- 一\n  1. 甲\n- 二", "<ul><li>一<ol><li>甲</li></ol></li><li>二</li></ul>"),
        ("> 引\\\n> 文", "<blockquote>引<br/>文</blockquote>"),
        ("[条文](https://a.cn/x)", '<p><a href="https://a.cn/x">条文</a></p>'),
    ),
)
def test_both_shapes(markdown: str, html: str) -> None:
    assert (to_html(markdown), to_markdown(html)) == (html, markdown)


@pytest.mark.parametrize("bad", ("<script>alert(1)</script>", "[x](javascript:alert(1))", '<img src=x onerror="a">'))
def test_nothing_in_a_text_can_act(bad: str) -> None:
    shown = safe_html(bad)
    assert ("<script" in shown, "href" in shown, "<img" in shown) == (False, False, False)


def test_the_words_alone() -> None:
    assert plain_text("### 先看\n\n- **一**\n- [二](/learn/)") == "先看\n一\n二"
