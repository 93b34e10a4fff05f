"""The curriculum as one folder in a zip: the same content gives the same bytes."""

import re
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import IO, TypeVar

from django.core.files.storage import default_storage

from courses.catalogue.documents import document_of
from courses.catalogue.exchange.folder import CourseFile, LessonFile, LevelFile, folder_name, write_folder
from courses.catalogue.models import CoursePage, LessonPage, LevelPage
from courses.catalogue.types import Block, DownloadBlock, PictureBlock

_ASCII = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_Kept = TypeVar("_Kept", LevelPage, CoursePage, LessonPage)
_SLUG_MOST = 80
_FIRST_DAY = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Exported:
    """texts: path → text. files: path → name in Wagtail's storage."""

    texts: dict[str, str]
    files: dict[str, str]

    def write_zip(self, target: IO[bytes]) -> None:
        """Everything, sorted, without times and without packing: the bytes depend on nothing but the content."""
        with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
            for path in sorted({*self.texts, *self.files}):
                entry = zipfile.ZipInfo(path, _FIRST_DAY)
                entry.create_system, entry.external_attr = 3, 0o100644 << 16
                archive.writestr(entry, self._bytes(path))

    def zipped(self) -> bytes:
        """`write_zip` into memory."""
        target = BytesIO()
        self.write_zip(target)
        return target.getvalue()

    def write_folder(self, root: Path) -> None:
        """Everything below `root`; what else lies there stays."""
        for path in sorted({*self.texts, *self.files}):
            target = root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(self._bytes(path))

    def _bytes(self, path: str) -> bytes:
        if path in self.texts:
            return self.texts[path].encode()
        with default_storage.open(self.files[path], "rb") as source:
            data: bytes = source.read()
        return data


def export_curriculum(levels: Iterable[LevelPage], *, drafts: bool = False) -> Exported:
    """The texts and files of these editions. drafts: the newest saved text of every page; else what is live."""
    files: dict[str, str] = {}
    written = tuple(_level(page, drafts, files) for page in levels)
    return Exported(write_folder(written), files)


def _level(page: LevelPage, drafts: bool, files: dict[str, str]) -> LevelFile:
    courses = CoursePage.objects.child_of(page).order_by("path").select_related("shared_from", "latest_revision")
    lessons = LessonPage.objects.descendant_of(page).order_by("path").select_related("latest_revision")
    if not drafts:
        courses, lessons = courses.live(), lessons.live()
    below: dict[str, list[LessonPage]] = {}
    for lesson in lessons:
        below.setdefault(lesson.path[: -LessonPage.steplen], []).append(lesson)
    names = _Names(folder_name(page.level, page.edition), files)
    newest = _newest(page, drafts)
    return LevelFile(
        level=page.level,
        edition=page.edition,
        title=newest.title,
        in_force_from=newest.in_force_from,
        courses=tuple(_course(course, below.get(course.path, []), drafts, names) for course in courses),
    )


def _newest(page: _Kept, drafts: bool) -> _Kept:
    return page.get_latest_revision_as_object() if drafts and page.latest_revision_id else page


def _course(page: CoursePage, lessons: list[LessonPage], drafts: bool, names: "_Names") -> CourseFile:
    slug = _slug(page.slug, str(page.uid), "module")
    if page.shared_from is not None:
        return CourseFile(slug, alias=page.shared_from.uid)
    newest = _newest(page, drafts)
    return CourseFile(
        slug=slug,
        uid=page.uid,
        title=newest.title,
        code=newest.code,
        summary=newest.summary,
        lessons=tuple(_lesson(lesson, drafts, names) for lesson in lessons),
    )


def _lesson(page: LessonPage, drafts: bool, names: "_Names") -> LessonFile:
    newest = _newest(page, drafts)
    document = document_of(newest)
    held = [child.value for child in newest.body if child.block_type in {"picture", "download"} and child.value]
    sources = iter([(value.get("image") or value.get("document")).file.name for value in held])
    blocks = tuple(
        names.take(block, next(sources)) if isinstance(block, PictureBlock | DownloadBlock) else block
        for block in document.blocks
    )
    return LessonFile(_slug(page.slug, str(page.uid), "lesson"), replace(document, blocks=blocks))


def _slug(slug: str, uid: str, kind: str) -> str:
    """The page's address where it is plain ASCII; Chinese ones get a name from the uid, the same every time."""
    return slug if _ASCII.fullmatch(slug) and len(slug) <= _SLUG_MOST else f"{kind}-{uid[:8]}"


class _Names:
    """The names in one level's `files/`: the same content once, another content of the same name under another."""

    def __init__(self, root: str, files: dict[str, str]) -> None:
        self.root = root
        self.files = files
        self.taken: dict[str, str] = {}

    def take(self, block: PictureBlock | DownloadBlock, source: str) -> Block:
        """The block under the name its file has in the export."""
        name = block.file
        if self.taken.setdefault(name.casefold(), block.sha256) != block.sha256:
            path = PurePosixPath(name)
            name = f"{path.stem[:80]}-{block.sha256[:12]}{path.suffix}"
            self.taken[name.casefold()] = block.sha256
        self.files.setdefault(f"{self.root}/files/{name}", source)
        return replace(block, file=name)
