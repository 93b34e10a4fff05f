"""A lesson document as JSON and back, its hash, its words. No Django."""

import json
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from decimal import Decimal
from functools import lru_cache
from hashlib import sha256
from typing import Any
from uuid import UUID

from courses.catalogue.markdown import plain_text
from courses.catalogue.types import (
    BLOCK_TYPES,
    Accepts,
    Block,
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
from lms.core.types import Level

# Technician and senior technician wait for the authority (S1-10).
DECIDED_LEVELS = frozenset({Level.TECHNICIAN, Level.SENIOR_TECHNICIAN})
_WORD_OF = {made: word for word, made in BLOCK_TYPES.items()}
_MARKDOWN_BLOCKS = (TextBlock, CaseBlock, LawBlock, ScriptBlock, TaskBlock)


def block_type(block: Block) -> str:
    """The word for a block in files, StreamFields and templates."""
    return _WORD_OF[type(block)]


def to_json(document: LessonDocument) -> dict[str, Any]:
    """Plain values in the order of the fields: what a version stores and the hash is taken of."""
    plain: dict[str, Any] = {
        name.name: _plain(getattr(document, name.name)) for name in fields(document) if name.name != "blocks"
    }
    plain["tags"] = {key: list(codes) for key, codes in document.tags}
    plain["audiences"] = {key: list(codes) for key, codes in document.audiences}
    plain["blocks"] = [
        {"type": block_type(block), **{part.name: _plain(getattr(block, part.name)) for part in fields(block)}}
        for block in document.blocks
    ]
    return plain


def _plain(value: Any) -> Any:
    if isinstance(value, (UUID, Decimal)):
        return str(value)
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if hasattr(value, "__dataclass_fields__"):
        return {part.name: _plain(getattr(value, part.name)) for part in fields(value)}
    return value


def from_json(plain: Mapping[str, Any]) -> LessonDocument:
    """The inverse. Raises KeyError, ValueError on what `to_json` did not write."""
    return LessonDocument(
        uid=UUID(plain["uid"]),
        title=plain["title"],
        summary=plain["summary"],
        kind=LessonKind(plain["kind"]),
        delivery=Delivery(plain["delivery"]),
        methods=tuple(Method(one) for one in plain["methods"]),
        hours=Decimal(plain["hours"]),
        online_minutes=int(plain["online_minutes"]),
        tags=pairs(plain["tags"]),
        audiences=pairs(plain["audiences"]),
        blocks=tuple(_block(one) for one in plain["blocks"]),
    )


def plain_hours(hours: Decimal) -> Decimal:
    """Half hours in one spelling: 4, 1.5."""
    return Decimal(int(hours)) if hours == int(hours) else Decimal(hours).quantize(Decimal("0.1"))


def pairs(codes: Mapping[str, Sequence[str]]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """{key: [codes]} as the sorted pairs of a document; keys without codes are left out."""
    return tuple((key, tuple(codes[key])) for key in sorted(codes) if codes[key])


def _block(plain: Mapping[str, Any]) -> Block:
    made = BLOCK_TYPES[plain["type"]]
    given = {key: value for key, value in plain.items() if key != "type"}
    for key, read in _READ.items():
        if key in given and (key != "video" or made is VideoBlock):
            given[key] = read(given[key])
    if made is CheckBlock:
        given["kind"] = CheckKind(given["kind"])
    return made(**given)


_READ: dict[str, Any] = {
    "uid": UUID,
    "video": UUID,
    "package": UUID,
    "accepts": lambda many: tuple(Accepts(one) for one in many),
    "chapters": lambda many: tuple(Chapter(**one) for one in many),
    "options": lambda many: tuple(Option(**one) for one in many),
    "terms": lambda many: tuple(Term(**one) for one in many),
}


def content_hash(document: LessonDocument) -> str:
    """The SHA-256 of everything a lesson says, 64 hex digits."""
    return hash_of(to_json(document))


def hash_of(plain: Any) -> str:
    """The SHA-256 of plain values as canonical JSON."""
    return sha256(json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def tasks_of(document: LessonDocument) -> tuple[TaskBlock, ...]:
    """Its practice tasks, in order."""
    return tuple(block for block in document.blocks if isinstance(block, TaskBlock))


def checks_of(document: LessonDocument) -> tuple[CheckBlock, ...]:
    """Its self-check questions, in order."""
    return tuple(block for block in document.blocks if isinstance(block, CheckBlock))


def videos_of(document: LessonDocument) -> tuple[UUID, ...]:
    """Its lesson videos, in order."""
    return tuple(block.video for block in document.blocks if isinstance(block, VideoBlock))


def packages_of(document: LessonDocument) -> tuple[UUID, ...]:
    """Its SCORM packages, in order."""
    return tuple(block.package for block in document.blocks if isinstance(block, PackageBlock))


def files_of(document: LessonDocument) -> tuple[PictureBlock | DownloadBlock, ...]:
    """The blocks that show a file."""
    return tuple(block for block in document.blocks if isinstance(block, (PictureBlock, DownloadBlock)))


def words_of(document: LessonDocument) -> str:
    """Every word a reader sees, one line a piece, for search and snippets; not the answers of self-checks."""
    return "\n".join(line for line in _lines(document) if line)


def _lines(document: LessonDocument) -> Iterator[str]:
    yield document.title
    yield document.summary
    for block in document.blocks:
        if isinstance(block, (PictureBlock,)):
            yield from (block.caption, block.alt)
            continue
        if isinstance(block, SayBlock):
            yield from (block.good, block.bad, block.why)
            continue
        if isinstance(block, CheckBlock):
            yield block.stem
            continue
        if isinstance(block, TermsBlock):
            for term in block.terms:
                yield from (term.term, term.meaning)
            continue
        yield getattr(block, "title", "")
        yield " ".join(filter(None, (getattr(block, "law", ""), getattr(block, "article", ""))))
        if isinstance(block, _MARKDOWN_BLOCKS):
            yield plain_text(block.text)


@lru_cache(maxsize=1)
def _simplified() -> Any:
    from opencc import OpenCC

    return OpenCC("t2s")


def normalised(text: str) -> str:
    """As searched: NFKC, lower case, simplified characters, one space for many; the same for a text and for a query."""
    folded = unicodedata.normalize("NFKC", text).lower()
    return " ".join(str(_simplified().convert(folded)).split())


def normalised_lines(text: str) -> str:
    """`normalised`, line by line: no hit spans two pieces of a lesson."""
    return "\n".join(normalised(line) for line in text.split("\n"))


def snippet(words: str, query: str, *, around: int = 24) -> tuple[str, str, str]:
    """The words before the first hit, the hit, the words after, on its line; ("", "", "") without a hit."""
    for line in words.split("\n"):
        at = line.find(query)
        if at >= 0:
            first, last = max(0, at - around), at + len(query) + around
            before = ("…" if first else "") + line[first:at]
            after = line[at + len(query) : last] + ("…" if last < len(line) else "")
            return before, query, after
    return "", "", ""
