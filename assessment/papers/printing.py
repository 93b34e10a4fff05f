"""A paper on A4 by typst, for candidates or with its answers for those who mark. The same paper gives the same bytes."""

import io
import json
import re
import tempfile
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import typst
from noto_cjk_sans_otc import FONT_PATH

from assessment.bank.types import Key, MediaKind, Option, QuestionDocument, QuestionType
from assessment.papers.logic import plain
from assessment.papers.types import PaperData, PaperState, SectionData, Source

_FOLDER: Final = Path(__file__).parent / "data"
_TEMPLATE: Final = "paper_1.typ"
_ORDINALS: Final = "一二三四五六七八九十"
_MARKUP: Final = re.compile(r"!\[([^\[\]\n]*)\]\(([^()\s]+)\)|\*\*(.+?)\*\*|_{4,}|\n")
_USUAL, _LARGE = 10.5, 18  # points
_LINE: Final = 84  # half-width characters that stand beside each other in options
_LONG: Final = 600  # characters from which a question may be broken over two pages
_SHORT_LINES: Final = 5
# A paper is Chinese whoever prints it.
_TYPES: Final[Mapping[QuestionType, str]] = {
    QuestionType.SINGLE: "单选",
    QuestionType.MULTIPLE: "多选",
    QuestionType.TRUE_FALSE: "判断",
    QuestionType.FILL: "填空",
    QuestionType.ORDERING: "排序",
    QuestionType.MATCHING: "匹配",
    QuestionType.SHORT: "简答",
}
_HOW: Final[Mapping[QuestionType, str]] = {
    QuestionType.SINGLE: "每题只有一个正确答案，把字母写在括号里。",
    QuestionType.MULTIPLE: "每题有两个或两个以上正确答案；错选、多选、少选均不得分。",
    QuestionType.TRUE_FALSE: "正确的在括号里写“√”，错误的写“×”。",
    QuestionType.FILL: "把答案写在横线上。",
    QuestionType.ORDERING: "在括号里按正确顺序写出字母。",
    QuestionType.MATCHING: "把右边的字母写进左边的括号里。",
    QuestionType.SHORT: "在题后横线上作答。",
}
# A bracket after the stem to write the answer in, unless the stem has one.
_BRACKETED: Final = frozenset(
    {QuestionType.SINGLE, QuestionType.MULTIPLE, QuestionType.TRUE_FALSE, QuestionType.ORDERING}
)
_RULES: Final = "请先填写姓名、准考证号和座位，再作答。答案写在规定位置，写在别处无效。考试结束后试卷不得带出考场。"


def render(
    paper: PaperData,
    documents: Sequence[QuestionDocument],
    files: Mapping[str, bytes],
    *,
    keys: bool,
    large: bool = False,
) -> bytes:
    """The paper as PDF. documents: of its items in their order, with their keys where `keys` asks for them; files: bytes by
    SHA-256; large: in large type for who does not see well."""
    pictures = _pictures(documents, files)
    said = words(paper, documents, {sha256: name for sha256, (name, _data) in pictures.items()}, keys=keys)
    said["size"] = _LARGE if large else _USUAL
    with tempfile.TemporaryDirectory(prefix="paper-") as folder:
        for name, data in pictures.values():
            (Path(folder) / name).write_bytes(data)
        (Path(folder) / _TEMPLATE).write_bytes((_FOLDER / _TEMPLATE).read_bytes())
        compiler = typst.Compiler(root=folder, font_paths=_fonts(), ignore_system_fonts=True)
        made = compiler.compile(
            str(Path(folder) / _TEMPLATE),
            format="pdf",
            sys_inputs={"data": json.dumps(said, ensure_ascii=False)},
            timestamp=0,
        )
    if not isinstance(made, bytes):
        raise TypeError("typst made several files of one paper")
    return made


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    folder = str(Path(str(FONT_PATH)).parent)
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[folder])


def _pictures(documents: Sequence[QuestionDocument], files: Mapping[str, bytes]) -> dict[str, tuple[str, bytes]]:
    """SHA-256 → file name and PNG bytes: what any reader of pictures can open, typst shows."""
    from PIL import Image

    made: dict[str, tuple[str, bytes]] = {}
    for media in (media for document in documents for media in document.media):
        if media.kind is MediaKind.PICTURE and media.sha256 in files and media.sha256 not in made:
            out = io.BytesIO()
            with Image.open(io.BytesIO(files[media.sha256]), formats=("PNG", "JPEG", "GIF", "WEBP")) as picture:
                picture.convert("RGBA").save(out, "PNG")
            made[media.sha256] = f"{media.sha256}.png", out.getvalue()
    return made


def words(
    paper: PaperData, documents: Sequence[QuestionDocument], names: Mapping[str, str], *, keys: bool
) -> dict[str, Any]:
    """Everything the template prints. names: file by SHA-256. Without `keys` nothing of key and explanation is in it."""
    left = iter(documents)
    sections = []
    for place, section in enumerate(paper.sections):
        own = [(item, next(left)) for item in section.items]
        case, items = None, []
        for item, document in own:
            opened = item.stimulus is not None and item.stimulus != case
            case = item.stimulus
            items.append(
                _item(item.position, document, names, keys)
                | {
                    "case": _runs(document.stimulus.text, document, names) if opened and document.stimulus else [],
                    "mark": _TYPES[item.type] if section.kind is Source.CASE else "",
                }
            )
        sections.append(
            {
                "ordinal": _ORDINALS[place % 10],
                "heading": f"{_ORDINALS[place % 10]}、{section.title}",
                "note": _note(section),
                "worth": _worth(section),
                "items": items,
            }
        )
    return {
        "title": paper.title,
        "form": f"{paper.form}卷",
        "author": "Kaibo 开播",
        "code": f"{paper.form}-{paper.content_hash[:12]}",
        "level": paper.level.label_zh,
        "minutes": str(paper.minutes),
        "total": plain(paper.total),
        "pass_mark": plain(paper.pass_mark),
        "rules": _RULES,
        "keys": keys,
        "withdrawn": paper.state is PaperState.WITHDRAWN,
        "sections": sections,
    }


def _worth(section: SectionData) -> str:
    if section.kind is Source.VIDEO:
        return f"{plain(section.video_share)}分"
    groups: dict[tuple[QuestionType, Decimal], int] = {}
    for item in section.items:
        groups[item.type, item.marks] = groups.get((item.type, item.marks), 0) + 1
    if len(groups) == 1:
        ((_type, marks),) = groups
        return f"共{len(section.items)}题，每题{plain(marks)}分，共{plain(section.marks)}分。"
    parts = "，".join(f"{_TYPES[kind]}{count}题、每题{plain(marks)}分" for (kind, marks), count in groups.items())
    return f"{parts}，共{plain(section.marks)}分。"


def _note(section: SectionData) -> str:
    if section.kind is Source.VIDEO:
        return f"{plain(section.video_share)}分。按视频部分的最终成绩折算，不在本卷作答。"
    kinds = list(dict.fromkeys(item.type for item in section.items))
    return _worth(section) + "".join(_HOW[kind] for kind in kinds)


def _item(number: int, document: QuestionDocument, names: Mapping[str, str], keys: bool) -> dict[str, Any]:
    stem = document.stem
    if document.type in _BRACKETED and not re.search(r"[（(]\s*[）)]", stem):
        stem += "（　　）"
    matching = document.type is QuestionType.MATCHING
    plain_length = len(stem) + sum(len(option.text) for option in document.options)
    said: dict[str, Any] = {
        "number": number,
        "stem": _runs(stem, document, names),
        "long": plain_length > _LONG,
        "left": _two_sides(document, names) if matching else [],
        "options": [] if matching else _options(document, names),
        "lines": _SHORT_LINES if document.type is QuestionType.SHORT else 0,
        "answer": [],
        "explanation": [],
        "clause": "",
    }
    if keys:
        said["answer"] = _runs(_answer(document.key, document.type), document, names)
        said["explanation"] = _runs(document.explanation, document, names)
        said["clause"] = document.place.clause
    return said


def _two_sides(document: QuestionDocument, names: Mapping[str, str]) -> list[list[Any]]:
    left = [option for option in document.options if option.key.isdigit()]
    right = [option for option in document.options if not option.key.isdigit()]
    rows = max(len(left), len(right))
    return [[_cell(side, row, document, names) for side in (left, right)] for row in range(rows)]


def _cell(side: Sequence[Option], row: int, document: QuestionDocument, names: Mapping[str, str]) -> Any:
    return None if row >= len(side) else {"key": side[row].key, "runs": _runs(side[row].text, document, names)}


def _options(document: QuestionDocument, names: Mapping[str, str]) -> list[dict[str, Any]]:
    """Beside each other when they are short, two by two when they fit so, else each on a line."""
    if not document.options:
        return []
    bare = not any("\n" in option.text or "![" in option.text for option in document.options)
    widest = max(sum(1 if ord(sign) < 0x2000 else 2 for sign in option.text) for option in document.options) + 5
    count = len(document.options)
    columns = count if bare and widest * count <= _LINE else 2 if bare and widest * 2 <= _LINE else 1
    cells = [{"key": one.key, "runs": _runs(one.text, document, names)} for one in document.options]
    return [{"columns": columns, "cells": cells[at : at + columns]} for at in range(0, count, columns)]


def _runs(text: str, document: QuestionDocument, names: Mapping[str, str]) -> list[dict[str, str]]:
    media = {one.name: one for one in document.media}
    made: list[dict[str, str]] = []
    at = 0

    def say(kind: str, words: str = "", **more: str) -> None:
        made.append({"kind": kind, "text": words, **more})

    for found in _MARKUP.finditer(text):
        if found.start() > at:
            say("text", text[at : found.start()])
        at = found.end()
        if found[2]:
            held = media.get(found[2])
            if held is not None and held.sha256 in names:
                say("picture", found[1], file=names[held.sha256])
            else:
                say("text", f"［{found[1] or found[2]}］")
        elif found[3]:
            say("strong", found[3])
        elif found[0] == "\n":
            say("break")
        elif document.type is QuestionType.FILL:
            say("blank")
        else:
            say("text", found[0])
    if at < len(text):
        say("text", text[at:])
    return made


def _answer(key: Key, kind: QuestionType) -> str:
    match kind:
        case QuestionType.TRUE_FALSE:
            return "√（正确）" if key.truth else "×（错误）"
        case QuestionType.FILL:
            return "；".join(" / ".join(texts) for texts in key.blanks)
        case QuestionType.ORDERING:
            return " → ".join(key.choices)
        case QuestionType.MATCHING:
            return "，".join(f"{left}-{right}" for left, right in key.pairs)
        case QuestionType.SHORT:
            return key.model
    return "".join(key.choices)
