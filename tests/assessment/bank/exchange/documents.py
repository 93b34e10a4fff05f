"""Questions for the exchange tests: one of each type with everything in it, and a strategy that makes any tidy one."""

import io
from dataclasses import replace
from decimal import Decimal
from functools import cache
from hashlib import sha256
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from PIL import Image

from assessment.bank.exchange.checks import faults, tidied
from assessment.bank.types import (
    Key,
    Media,
    MediaKind,
    Option,
    Place,
    QuestionDocument,
    QuestionType,
    Step,
    Stimulus,
)
from lms.core.types import Level


@cache
def png(colour: str = "red") -> bytes:
    """A small picture."""
    out = io.BytesIO()
    Image.new("RGB", (4, 4), colour).save(out, "PNG")
    return out.getvalue()


MP3 = b"ID3\x03\x00" + bytes(40)
MP4 = b"\x00\x00\x00\x18ftypmp42" + bytes(40)
FILES = {sha256(data).hexdigest(): data for data in (png(), png("blue"), MP3, MP4)}


def lettered(*texts: str) -> tuple[Option, ...]:
    """Options A, B, C…."""
    return tuple(Option("ABCDEFGHIJKL"[i], text) for i, text in enumerate(texts))


def media(name: str, data: bytes) -> Media:
    """A file of a question."""
    kinds = {"png": MediaKind.PICTURE, "mp3": MediaKind.AUDIO, "mp4": MediaKind.VIDEO}
    return Media(name, sha256(data).hexdigest(), kinds[name.rpartition(".")[2]])


PLACE = Place(
    level=Level.ELEMENTARY,
    topic="C5-01",
    step=Step.APPLY,
    difficulty=4,
    clause="《中华人民共和国广告法》第九条",
    law=True,
    source="Kaibo 开播 示范题库，自编",
    uncertain=True,
)
CASE = Stimulus(UUID(int=7), "主播小李在直播间说：\n“全网**最低价**，错过不再有。”\n\n  价格：￥9.9 & <包邮>")


def made(type_: QuestionType, stem: str, key: Key, number: int, **more: Any) -> QuestionDocument:
    """A document of the usual place."""
    return replace(QuestionDocument(UUID(int=number), type_, PLACE, stem, key), **more)


EVERY_TYPE: tuple[QuestionDocument, ...] = (
    made(
        QuestionType.SINGLE,
        "图中 ![价签](tag.png) 写着“原价”，\n主播**不能**说的是？",
        Key(choices=("B",)),
        1,
        options=lettered("=1+1", "+国家级 <b>", "![蓝](blue-1.png)", "@SUM(A1)"),
        explanation="见第九条。\n\n  一、“国家级”；\n  二、a  b。",
        marks=Decimal("1.5"),
        media=(media("tag.png", png()), media("blue-1.png", png("blue"))),
    ),
    made(
        QuestionType.MULTIPLE,
        "下列说法正确的有（ ）。",
        Key(choices=("A", "C")),
        2,
        options=lettered("甲", "乙", "丙", "丁", "戊"),
        stimulus=CASE,
        marks=Decimal(2),
    ),
    made(QuestionType.TRUE_FALSE, "-5% 不是折扣。", Key(truth=False), 3, stimulus=CASE),
    made(QuestionType.TRUE_FALSE, "七日无理由退货有例外。", Key(truth=True), 4),
    made(
        QuestionType.FILL,
        "消费者权益保护法规定____日内无理由退货，____除外。",
        Key(blanks=(("七", "7"), ("定作商品",))),
        5,
        explanation="第二十五条",
    ),
    made(
        QuestionType.ORDERING,
        "排出正确的开播顺序：",
        Key(choices=("C", "A", "B")),
        6,
        options=lettered("试音", "开播", "检查商品链接"),
    ),
    made(
        QuestionType.MATCHING,
        "把岗位与职责连起来。",
        Key(pairs=(("1", "B"), ("2", "A"))),
        7,
        options=(Option("1", "主播"), Option("2", "场控"), *lettered("改价、上架", "讲解商品", "客服")),
    ),
    QuestionDocument(
        UUID(int=8),
        QuestionType.SHORT,
        Place(Level.ADVANCED),
        "简述憋单的害处 ![听](say.mp3) ![看](show.mp4)。",
        Key(model="一是……\n二是……"),
        media=(media("say.mp3", MP3), media("show.mp4", MP4)),
    ),
)

# Text --------------------------------------------------------------------------------------------------------------

_LETTERS = st.one_of(
    st.sampled_from(
        "直播间商品价格主播消费者广告法第条，。；：“”（）《》×√ \n=+-@|%<>&\"'#*_[]{}~:\\/$^`!?.,;0123ABCabc😀·…—"
    ),
    st.characters(exclude_categories=("Cc", "Cs", "Cf", "Cn", "Co")),
)


def texts(most: int = 40) -> st.SearchStrategy[str]:
    """Text that people and machines write: signs of every markup, of formulas, lines, wide spaces."""
    return st.text(_LETTERS, min_size=1, max_size=most)


_PLACES = st.builds(
    Place,
    level=st.sampled_from(Level),
    topic=st.sampled_from(("", "C5-01", "C3-03")),
    step=st.sampled_from(Step),
    difficulty=st.integers(1, 5),
    clause=st.one_of(st.just(""), texts(20)),
    law=st.booleans(),
    source=st.one_of(st.just(""), texts(20)),
    uncertain=st.booleans(),
)
_STIMULI = st.one_of(st.none(), st.builds(Stimulus, uid=st.uuids(version=4), text=texts(80)))
_MARKS = st.one_of(st.none(), st.integers(1, 10_000).map(lambda cents: Decimal(cents) / 100))


@st.composite
def documents(draw: st.DrawFn) -> QuestionDocument:
    """Any sound, tidy question."""
    type_ = draw(st.sampled_from(QuestionType))
    stem, key = draw(texts(120)), Key()
    options: tuple[Option, ...] = ()
    count = draw(st.integers(2, 12))
    letters = "ABCDEFGHIJKL"[:count]

    def choices() -> tuple[Option, ...]:
        return lettered(*draw(st.lists(texts(), min_size=count, max_size=count)))

    if type_ is QuestionType.SINGLE:
        options, key = choices(), Key(choices=(draw(st.sampled_from(letters)),))
    elif type_ is QuestionType.MULTIPLE:
        options = choices()
        key = Key(choices=tuple(sorted(draw(st.sets(st.sampled_from(letters), min_size=2)))))
    elif type_ is QuestionType.ORDERING:
        options, key = choices(), Key(choices=tuple(draw(st.permutations(letters))))
    elif type_ is QuestionType.MATCHING:
        right = choices()
        lefts = draw(st.lists(texts(), min_size=2, max_size=count))
        options = (*(Option(str(i + 1), text) for i, text in enumerate(lefts)), *right)
        order = draw(st.permutations(letters))
        key = Key(pairs=tuple((str(i + 1), order[i]) for i in range(len(lefts))))
    elif type_ is QuestionType.TRUE_FALSE:
        key = Key(truth=draw(st.booleans()))
    elif type_ is QuestionType.FILL:
        blanks = draw(st.lists(st.lists(texts(12), min_size=1, max_size=3), min_size=1, max_size=4))
        stem = "____".join([stem, *draw(st.lists(texts(8), min_size=len(blanks), max_size=len(blanks)))])
        key = Key(blanks=tuple(tuple(one) for one in blanks))
    else:
        key = Key(model=draw(texts(80)))
    shown = draw(st.sampled_from((None, media("p.png", png()), media("声.mp3", MP3))))
    if shown:
        stem = f"{stem} ![]({shown.name})" if draw(st.booleans()) else f"![图 1]({shown.name})\n{stem}"
    document = QuestionDocument(
        uid=draw(st.uuids()),
        type=type_,
        place=draw(_PLACES),
        stem=stem,
        key=key,
        options=options,
        explanation=draw(st.one_of(st.just(""), texts(80))),
        marks=draw(_MARKS),
        stimulus=draw(_STIMULI),
        media=(shown,) if shown else (),
    )
    return tidied(document)


def sound_documents() -> st.SearchStrategy[QuestionDocument]:
    """Documents that pass the checks."""
    return documents().filter(lambda document: not faults(document))
