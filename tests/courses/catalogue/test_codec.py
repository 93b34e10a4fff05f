"""Lessons as text: any document survives, any fault has its line."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from string import ascii_lowercase
from typing import Any
from uuid import UUID

import pytest
import yaml
from django.core.management import CommandError, call_command
from hypothesis import given, settings
from hypothesis import strategies as st

from courses.catalogue.exchange.codec import dump, load
from courses.catalogue.exchange.faults import Unreadable
from courses.catalogue.exchange.tidy import tidy
from courses.catalogue.types import (
    Accepts,
    CaseBlock,
    Chapter,
    CheckBlock,
    CheckKind,
    Delivery,
    DownloadBlock,
    LawBlock,
    LessonDocument,
    LessonKind,
    Method,
    Option,
    PackageBlock,
    PictureBlock,
    SayBlock,
    ScriptBlock,
    TaskBlock,
    Term,
    TermsBlock,
    TextBlock,
    VideoBlock,
)

LESSON = """---
uid: 6f0e0c1e-52a3-4c0e-9a58-0d6b7c1f2a31
title: 广告法里的红线
summary: 说出三类不能说的话
kind: theory
delivery: online
methods: [lecture, case]
hours: 4
online_minutes: 20
tags:
  company_policy: [law]
  jiangyin_2023: [ethics, law]
---
### 先看一个例子

鱼丸卖得好，是因为**真的**新鲜。

::: law
law: 《中华人民共和国广告法》
article: 第九条
text: |
  不得使用“最高级”这样的话。

  - 说事实
  - 给出处
source: 《中华人民共和国广告法》（2021年修正）
uncertain: false
:::

::: check
uid: 6f0e0c1e-52a3-4c0e-9a58-0d6b7c1f2a33
kind: single
stem: 哪一句可以说？
options:
  - {key: A, text: "全网最低, 错过没有", correct: false}
  - {key: B, text: 今天的价格是三十元, correct: true}
explanation: 说的是事实。
clause: 《广告法》第九条
:::
"""

# Words as editors and word processors leave them: colons, quotes, brackets, blanks, dashes, YAML's own words, unseen characters.
_words = st.one_of(
    st.text(
        st.sampled_from("中文a1 :#-[]{}'\"\\|>,?!&*%@`=~.\u3000\u200d🐟\u2028\ufeff\x07\t"), min_size=1, max_size=20
    ),
    st.sampled_from(
        ["yes", "null", "~", "1e3", "2021-01-01", "0x1F", "- a", "a: b", "---", "...", "<<", "=", "12:30:45", "|"]
    ),
    st.text(min_size=1, max_size=20),
)
# Short enough for the shortest field (a term has 40 characters).
_line = _words.map(lambda text: text[:20] + "字")
_text = st.lists(
    st.one_of(_words, st.sampled_from(["", ":::", "::: law", r"\:::", "---", "  - 项", "### 题"])), max_size=6
).map(lambda lines: "\n".join([*lines, "字"]))
_file = st.text(ascii_lowercase, min_size=1, max_size=8).map(lambda name: name + ".png")
_uuids = st.uuids(version=4)


@st.composite
def _checks(draw: Any) -> CheckBlock:
    kind = draw(st.sampled_from(CheckKind))
    count = 2 if kind is CheckKind.TRUE_FALSE else draw(st.integers(2, 6))
    right = set(range(2)) if kind is CheckKind.MULTIPLE else {draw(st.integers(0, count - 1))}
    options = tuple(Option("ABCDEF"[at], draw(_line), at in right) for at in range(count))
    return CheckBlock(draw(_uuids), kind, draw(_line), options, draw(_line), draw(st.one_of(st.just(""), _line)))


_optional = st.one_of(st.just(""), _line)
_chapters = st.lists(st.tuples(st.integers(0, 5000), _line), max_size=3, unique_by=lambda row: row[0]).map(
    lambda rows: tuple(Chapter(*row) for row in sorted(rows))
)
_blocks = st.one_of(
    st.builds(TextBlock, _text),
    st.builds(PictureBlock, _file, st.just("ab"), _line, _optional),
    st.builds(VideoBlock, _uuids, _line, _chapters),
    st.builds(DownloadBlock, _file, st.just("ab"), _line),
    st.builds(PackageBlock, _uuids, _line),
    st.builds(CaseBlock, _line, _text, _optional),
    st.builds(LawBlock, _line, _line, _text, _line, st.booleans()),
    st.builds(SayBlock, _line, _line, _line),
    st.builds(ScriptBlock, _line, _text, _optional),
    st.builds(
        TaskBlock, _uuids, _line, _text, st.sets(st.sampled_from(Accepts), min_size=1).map(tuple), st.integers(1, 600)
    ),
    _checks(),
    st.builds(TermsBlock, st.lists(st.builds(Term, _line, _line), min_size=1, max_size=3).map(tuple)),
)
_codes = st.dictionaries(
    st.text(ascii_lowercase, min_size=1, max_size=6),
    st.lists(st.text(ascii_lowercase, min_size=1, max_size=6), min_size=1, max_size=3, unique=True).map(tuple),
    max_size=3,
).map(lambda table: tuple(table.items()))
documents = st.builds(
    LessonDocument,
    uid=_uuids,
    title=_line,
    summary=_line,
    kind=st.sampled_from(LessonKind),
    delivery=st.sampled_from(Delivery),
    methods=st.sets(st.sampled_from(Method), min_size=1).map(tuple),
    hours=st.integers(1, 80).map(lambda halves: Decimal(halves) / 2),
    online_minutes=st.integers(0, 30),
    tags=_codes,
    audiences=_codes,
    blocks=st.lists(_blocks, max_size=6).map(tuple),
)


class _AnyFile(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return "ab"

    def __contains__(self, name: object) -> bool:
        return True

    def get(self, name: str, default: Any = None) -> Any:
        return "ab"


@settings(max_examples=300, deadline=None)
@given(document=documents)
def test_any_document_comes_back_and_its_file_is_the_same_byte_for_byte(document: LessonDocument):
    text = dump(document)
    back = load(text, files=_AnyFile(x="ab"))
    assert back == tidy(document)
    assert dump(back) == text
    yaml.safe_load(text.split("\n---\n")[0].removeprefix("---\n"))  # front matter is YAML for any reader


def test_a_canonical_file_is_its_own_export():
    assert dump(load(LESSON)) == LESSON


def test_what_editors_leave_behind_is_read_and_written_canonically():
    sloppy = LESSON.replace("\n", "\r\n").replace("[lecture, case]", "\r\n  - lecture\r\n  - 'case'")
    sloppy = (
        "\ufeff"
        + sloppy.replace("鲜。", "鲜。   ").replace("company_policy: [law]", "company_policy: [ law ]")
        + "\n\n"
    )
    assert dump(load(sloppy)) == LESSON


@pytest.mark.parametrize(
    "was,becomes,line,words",
    (
        ("title: 广告法里的红线", "title: 广告法: 红线", 3, "double quotes"),
        ("kind: theory", "kind: theroy", 5, "theory, practice"),
        ("hours: 4", "hours: 4.3", 8, "steps of 0.5"),
        ("online_minutes: 20", "online_minutes: 300", 9, "from 0 to 240"),
        ("company_policy: [law]", "company_policy: [low]", 11, "live_basics"),
        ("article: 第九条", "artikel: 第九条", 20, "“article” meant"),
        ("article: 第九条\n", "", 19, "“article” is missing"),
        ("uncertain: false", "uncertain: maybe", 27, "true or false"),
        ("uncertain: false\n:::\n", "uncertain: false\n", 18, "not closed"),
        ("::: check", "::: cheque", 30, "no block “cheque”"),
        ("correct: true", "correct: false", 35, "Exactly one"),
        ("key: B", "key: C", 35, "A, B, C"),
        ("stem: 哪一句可以说？", "stem: &all 哪一句可以说？", 33, "References"),
        ("stem: 哪一句可以说？", "stem: a\nstem: b", 34, "twice; the first is in line 33"),
        ("6f0e0c1e-52a3-4c0e-9a58-0d6b7c1f2a33", "6f0e0c1e-52a3-4c0e-9a58-0d6b7c1f2a31", 0, "twice"),
        ("---\n###", "###", 1, "second line ---"),
    ),
)
def test_a_fault_is_said_with_its_line(was: str, becomes: str, line: int, words: str):
    assert was in LESSON
    vocabulary = {"company_policy": ("live_basics", "law"), "jiangyin_2023": ("law", "ethics")}
    with pytest.raises(Unreadable) as refused:
        load(LESSON.replace(was, becomes, 1), file="a.md", tags=vocabulary)
    fault = refused.value.faults[0]
    assert (fault.file, fault.line) == ("a.md", line)
    assert words in str(fault)


def test_all_faults_are_named_at_once():
    broken = (
        LESSON.replace("hours: 4", "hours: four")
        .replace("uncertain: false", "uncertain: no")
        .replace("key: B", "key: C")
    )
    with pytest.raises(Unreadable) as refused:
        load(broken)
    assert [fault.line for fault in refused.value.faults] == [8, 27, 35]


def test_depth_and_size_are_bounded():
    for broken in (LESSON.replace("stem: 哪一句可以说？", "stem: " + "[" * 5000), LESSON + "字" * 200_000):
        with pytest.raises(Unreadable):
            load(broken)


def test_a_picture_must_be_there():
    text = LESSON + "\n::: picture\nfile: fish.png\nalt: 一盒鱼丸\n:::\n"
    with pytest.raises(Unreadable, match=r"files/fish\.png"):
        load(text, files={})
    assert load(text, files={"fish.png": "ab"}).blocks[-1] == PictureBlock("fish.png", "ab", "一盒鱼丸")
    with pytest.raises(Unreadable, match="no file name"):
        load(text.replace("fish.png", "../fish.png"))


def test_the_checker_counts_and_rewrites(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    folder = tmp_path / "level-5" / "01-law"
    folder.mkdir(parents=True)
    file = folder / "01-red-lines.md"
    file.write_text(LESSON.replace("[lecture, case]", "[ lecture,case ]"), encoding="utf-8")
    call_command("curriculum_check", str(tmp_path), "--write")
    assert "rewrite" in capsys.readouterr().out
    assert file.read_text(encoding="utf-8") == LESSON
    second = folder / "02-again.md"
    document = replace(load(LESSON), uid=UUID("6f0e0c1e-52a3-4c0e-9a58-0d6b7c1f2a39"))
    second.write_text(dump(document), encoding="utf-8")
    with pytest.raises(CommandError):
        call_command("curriculum_check", str(tmp_path))
    assert "stands in" in capsys.readouterr().out
