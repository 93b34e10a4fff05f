"""Between a Wagtail page and its `LessonDocument`.

A task's and a question's uid is the id of its block in the stream; a picture's `file` is its name in exports.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from decimal import Decimal
from functools import lru_cache
from hashlib import file_digest
from pathlib import PurePath
from typing import Any
from uuid import UUID, uuid4, uuid5

from django.core.files.storage import default_storage
from wagtail.documents.models import Document
from wagtail.images.models import Image
from wagtail.rich_text import expand_db_html

from courses.catalogue.logic import block_type, pairs, plain_hours
from courses.catalogue.markdown import to_html, to_markdown
from courses.catalogue.models import LessonPage
from courses.catalogue.types import (
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
from courses.packages.models import ContentPackage
from courses.videos.models import LessonVideo

_KEYS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True)
class Files:
    """Where what a document names is found: pictures and downloads by SHA-256, videos and packages by uuid."""

    images: Mapping[str, Image]
    documents: Mapping[str, Document]
    videos: Mapping[UUID, LessonVideo]
    packages: Mapping[UUID, ContentPackage] = field(default_factory=dict)


NO_FILES = Files({}, {}, {})


class MissingFile(LookupError):
    """A document names a file or a video that is not there. `what`: its name."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


def document_of(page: LessonPage) -> LessonDocument:
    """What a page, or one of its revisions (`revision.as_object()`), says; of an unfinished draft what there is."""
    return LessonDocument(
        uid=page.uid,
        title=page.title,
        summary=page.summary,
        kind=LessonKind(page.kind or LessonKind.THEORY),
        delivery=Delivery(page.delivery or Delivery.ONLINE),
        methods=tuple(method for method in Method if method.value in page.methods),
        hours=plain_hours(page.hours or Decimal(0)),
        online_minutes=page.online_minutes or 0,
        tags=pairs(page.tags),
        audiences=pairs(page.audiences),
        blocks=joined(_block(page, at, child) for at, child in enumerate(page.body) if _is_there(child)),
    )


_CHOSEN = {"picture": "image", "download": "document", "video": "video", "package": "package"}


def _is_there(child: Any) -> bool:
    """Whether what a block shows was chosen, and still exists."""
    name = _CHOSEN.get(child.block_type)
    return child.value is not None and (name is None or child.value[name] is not None)


def joined(blocks: Iterable[Block]) -> tuple[Block, ...]:
    """Text blocks in a row are one, as in a file; empty ones are none."""
    kept: list[Block] = []
    for block in blocks:
        last = kept[-1] if kept else None
        if isinstance(block, TextBlock) and not block.text:
            continue
        if isinstance(block, TextBlock) and isinstance(last, TextBlock):
            kept[-1] = TextBlock(f"{last.text}\n\n{block.text}")
        else:
            kept.append(block)
    return tuple(kept)


def _uid(page: LessonPage, at: int, child: Any) -> UUID:
    # A block that was never saved has no id yet (preview): any stable name will do.
    return UUID(child.id) if child.id else uuid5(page.uid, str(at))


def _text(value: Any) -> str:
    return to_markdown(expand_db_html(value.source)) if value else ""


def _plain(value: Any) -> str:
    return " ".join(str(value or "").split())


def _block(page: LessonPage, at: int, child: Any) -> Block:
    value, kind = child.value, child.block_type
    if kind == "text":
        return TextBlock(_text(value))
    if kind == "task":
        accepts = tuple(one for one in Accepts if one.value in value["accepts"])
        return TaskBlock(
            _uid(page, at, child), _plain(value["title"]), _text(value["text"]), accepts, value["minutes"] or 0
        )
    if kind == "check":
        return CheckBlock(
            uid=_uid(page, at, child),
            kind=CheckKind(value["kind"] or CheckKind.SINGLE),
            stem=_plain(value["stem"]),
            options=tuple(
                Option(_KEYS[number], _plain(option["text"]), bool(option["correct"]))
                for number, option in enumerate(value["options"])
            ),
            explanation=_plain(value["explanation"]),
            clause=_plain(value["clause"]),
        )
    read = _READERS[kind]
    block: Block = read(value)
    return block


def _picture(value: Any) -> PictureBlock:
    image = value["image"]
    return PictureBlock(
        file=value["name"] or PurePath(image.file.name).name,
        sha256=file_sha256(image),
        alt=_plain(value["alt"]),
        caption=_plain(value["caption"]),
    )


def _download(value: Any) -> DownloadBlock:
    document = value["document"]
    return DownloadBlock(
        file=value["name"] or PurePath(document.file.name).name,
        sha256=file_sha256(document),
        title=_plain(value["title"]),
    )


_READERS: dict[str, Any] = {
    "picture": _picture,
    "download": _download,
    "video": lambda value: VideoBlock(
        value["video"].uuid,
        _plain(value["title"]),
        tuple(Chapter(one["second"] or 0, _plain(one["title"])) for one in value["chapters"]),
    ),
    "package": lambda value: PackageBlock(value["package"].uuid, _plain(value["title"])),
    "case": lambda value: CaseBlock(_plain(value["title"]), _text(value["text"]), _plain(value["product"])),
    "script": lambda value: ScriptBlock(_plain(value["title"]), _text(value["text"]), _plain(value["product"])),
    "law": lambda value: LawBlock(
        _plain(value["law"]),
        _plain(value["article"]),
        _text(value["text"]),
        _plain(value["source"]),
        bool(value["uncertain"]),
    ),
    "say": lambda value: SayBlock(_plain(value["good"]), _plain(value["bad"]), _plain(value["why"])),
    "terms": lambda value: TermsBlock(
        tuple(Term(_plain(one["term"]), _plain(one["meaning"])) for one in value["terms"])
    ),
}


def file_sha256(held: Image | Document) -> str:
    """The SHA-256 of a picture's or document's file, taken once for each content (Wagtail keeps a SHA-1 of its own)."""
    return _sha256_of(held.file.name, held.get_file_hash())


@lru_cache(maxsize=2048)
def _sha256_of(name: str, _sha1: str) -> str:
    with default_storage.open(name, "rb") as source:
        return file_digest(source, "sha256").hexdigest()


def write_document(page: LessonPage, document: LessonDocument, files: Files = NO_FILES) -> LessonPage:
    """Put a document onto a page without saving it; `document_of` then gives the same. Raises MissingFile."""
    page.uid = document.uid
    page.title = document.title
    page.summary = document.summary
    page.kind = document.kind.value
    page.delivery = document.delivery.value
    page.methods = [method.value for method in Method if method in document.methods]
    page.hours = document.hours
    page.online_minutes = document.online_minutes
    page.tags = {key: list(codes) for key, codes in document.tags}
    page.audiences = {key: list(codes) for key, codes in document.audiences}
    stream = page._meta.get_field("body").stream_block
    page.body = stream.to_python([_raw(document, at, block, files) for at, block in enumerate(document.blocks)])
    return page


def _raw(document: LessonDocument, at: int, block: Block, files: Files) -> dict[str, Any]:
    """A block as a StreamField stores it."""
    uid = block.uid if isinstance(block, (TaskBlock, CheckBlock)) else uuid5(document.uid, str(at))
    return {"type": block_type(block), "value": _value(block, files), "id": str(uid)}


def _value(block: Block, files: Files) -> Any:
    if isinstance(block, TextBlock):
        return to_html(block.text)
    plain = {part.name: getattr(block, part.name) for part in fields(block) if part.name not in {"uid", "sha256"}}
    if isinstance(block, PictureBlock):
        plain |= {"image": _found(files.images, block.sha256, block.file), "name": plain.pop("file")}
    elif isinstance(block, DownloadBlock):
        plain |= {"document": _found(files.documents, block.sha256, block.file), "name": plain.pop("file")}
    elif isinstance(block, VideoBlock):
        plain |= {"video": _found(files.videos, block.video, block.title), "chapters": _rows(block.chapters)}
    elif isinstance(block, PackageBlock):
        plain |= {"package": _found(files.packages, block.package, block.title)}
    elif isinstance(block, CheckBlock):
        plain |= {"kind": block.kind.value, "options": _rows(block.options, leave="key")}
    elif isinstance(block, TermsBlock):
        plain |= {"terms": _rows(block.terms)}
    elif isinstance(block, TaskBlock):
        plain |= {"accepts": [one.value for one in block.accepts]}
    if isinstance(block, (CaseBlock, LawBlock, ScriptBlock, TaskBlock)):
        plain["text"] = to_html(block.text)
    return plain


def _rows(parts: Iterable[Any], *, leave: str = "") -> list[dict[str, Any]]:
    return [{part.name: getattr(one, part.name) for part in fields(one) if part.name != leave} for one in parts]


def _found(held: Mapping[Any, Any], key: Any, what: str) -> int:
    if key not in held:
        raise MissingFile(what)
    return int(held[key].pk)


def renamed(document: LessonDocument) -> LessonDocument:
    """The same text as another lesson: a new uid, and new ones for its tasks and questions."""
    blocks = tuple(
        replace(block, uid=uuid4()) if isinstance(block, (TaskBlock, CheckBlock)) else block
        for block in document.blocks
    )
    return replace(document, uid=uuid4(), blocks=blocks)
