"""Patterns are searched only where a word they need was said: the findings are those of a search everywhere."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_pipeline.rulepacks.check import untimed
from media_pipeline.rulepacks.literals import PatternIndex, need_of
from media_pipeline.rulepacks.loading import load_rules, shipped_document
from media_pipeline.rulepacks.stream import stream

PATTERNS = [(number, found) for number, found in enumerate(one for rule in load_rules() for one in rule.patterns)]


def everywhere(patterns, text):
    return sorted(
        (key, match.start(), match.end())
        for key, pattern in patterns
        for match in pattern.finditer(text)
        if match.end() > match.start()
    )


def test_on_all_our_sentences_as_one_text_it_finds_what_a_search_everywhere_finds():
    texts = [row["text"] for rows in shipped_document()["sentences"].values() for row in rows]
    whole = stream([untimed(number, text) for number, text in enumerate(texts)]).text
    assert sorted(PatternIndex(PATTERNS).find(whole)) == everywhere(PATTERNS, whole)


@pytest.mark.parametrize(
    "pattern,words",
    (
        ("最(?:好|强)", {"最好", "最强"}),
        ("(?:我|你)?们家", {"我们家", "你们家", "们家"}),
        ("[0-9]+倍赔", {"倍赔"}),
        ("好[^\\n]{0,4}评价", {"评价"}),
        ("(?:好|.)茶?", None),
        ("(?=最好)最", {"最"}),
    ),
)
def test_the_words_a_pattern_needs(pattern, words):
    assert need_of(pattern).words == words


HARD = [
    (number, re.compile(text))
    for number, text in enumerate(("a{1,3}b", "(?<=c)ab?", "b+c", "a[^b]{0,2}c(?!a)", "(?:ab|ca)+", "b(?=.{0,70}a)"))
]


@given(st.text(alphabet="abc", max_size=200))
def test_windows_change_nothing(text):
    assert sorted(PatternIndex(HARD).find(text)) == everywhere(HARD, text)


def test_the_shipped_pack_searches_no_pattern_everywhere():
    assert [found.pattern for _, found in PATTERNS if need_of(found.pattern).words is None] == []
