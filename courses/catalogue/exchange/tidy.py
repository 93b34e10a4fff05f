"""The one spelling of texts: what two writers mean the same is the same, character by character. No Django."""

import re
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from courses.catalogue.markdown import canonical
from courses.catalogue.types import BLOCK_TYPES, Accepts, Block, LessonDocument, Method, TextBlock

_BREAKS = re.compile("\r\n?|[\u0085\u2028\u2029\v\f]")
# Control characters, lone surrogates, byte order marks and what is no character at all.
_UNSEEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\ufeff\ud800-\udfff\ufffe\uffff]")
_WRAPPED = re.compile(r"\s*\n\s*")
_CHINESE_WRAPPED = re.compile(r"(?<=[\u2e80-\u9fff\uff00-\uffef])\s*\n\s*(?=[\u2e80-\u9fff\uff00-\uffef])")
_Part = TypeVar("_Part")


def tidy_text(text: str) -> str:
    """Lines of text: one kind of line end, no blanks at the ends of lines and around the whole, nothing unseen."""
    text = _UNSEEN.sub("", _BREAKS.sub("\n", text).replace("\t", "    "))
    return "\n".join(line.rstrip() for line in text.split("\n")).strip()


def tidy_line(text: str) -> str:
    """One line: what was on several is joined, Chinese without a space between; one blank where several stood."""
    text = _CHINESE_WRAPPED.sub("", tidy_text(text))
    return " ".join(_WRAPPED.sub(" ", text).split())


def tidy_markdown(text: str) -> str:
    """Running text in the one spelling of `courses.catalogue.markdown`."""
    return canonical(tidy_text(text))


def is_block(part: object) -> bool:
    """A block, not a part of one: the `text` of a block is Markdown, that of an option is a line."""
    return isinstance(part, tuple(BLOCK_TYPES.values()))


def tidy(document: LessonDocument) -> LessonDocument:
    """The document in its one spelling: texts tidied, running text in one piece, empty text left out, profiles and
    codes sorted."""
    blocks: list[Block] = []
    for block in document.blocks:
        block = _tidied(block)
        last = blocks[-1] if blocks else None
        if isinstance(block, TextBlock) and isinstance(last, TextBlock):
            blocks[-1] = TextBlock(tidy_markdown(f"{last.text}\n\n{block.text}"))
        elif not isinstance(block, TextBlock) or block.text:
            blocks.append(block)
    return replace(
        document,
        methods=tuple(method for method in Method if method in document.methods),
        title=tidy_line(document.title),
        summary=tidy_line(document.summary),
        tags=tuple(sorted((key, tuple(sorted(codes))) for key, codes in document.tags if codes)),
        audiences=tuple(sorted((key, tuple(sorted(codes))) for key, codes in document.audiences if codes)),
        blocks=tuple(blocks),
    )


def _tidied(part: _Part) -> _Part:
    changes: dict[str, Any] = {}
    for field in fields(part):  # type: ignore[arg-type]
        value = getattr(part, field.name)
        # An enum's word is a str, too, and has its one spelling.
        if type(value) is str:
            changes[field.name] = tidy_markdown(value) if field.name == "text" and is_block(part) else tidy_line(value)
        elif field.name == "accepts":
            changes[field.name] = tuple(each for each in Accepts if each in value)
        elif isinstance(value, tuple):
            changes[field.name] = tuple(_tidied(each) if is_dataclass(each) else each for each in value)
    return replace(part, **changes)  # type: ignore[type-var]
