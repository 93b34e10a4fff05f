"""A curriculum folder into Wagtail pages: first what would happen, then all of it or nothing, as drafts.

What comes in is never live: every page waits for the review by two people. Existing lessons are found by their uid within
the edition; their place in the order stays, and what a file does not name stays as well.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from hashlib import sha1
from pathlib import PurePosixPath
from typing import IO, Any
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext_noop as _
from wagtail.documents.models import Document
from wagtail.images.models import Image

from courses.catalogue.documents import Files, document_of, file_sha256, write_document
from courses.catalogue.exchange.codec import Vocabulary
from courses.catalogue.exchange.faults import Fault
from courses.catalogue.exchange.folder import CourseFile, LessonFile, LevelFile, read_folder
from courses.catalogue.logic import content_hash
from courses.catalogue.models import CoursePage, CurriculumPage, LessonPage, LevelPage
from courses.catalogue.types import DownloadBlock, LessonDocument, PackageBlock, PictureBlock, VideoBlock
from courses.packages.models import ContentPackage
from courses.videos.models import LessonVideo
from lms.accounts.api import Acting, User, require
from lms.core import audit
from lms.core.imports import PICTURE_KINDS, ImportRefused, Limits, Tree, open_archive, safe_picture
from lms.policies.api import profiles

KINDS: Mapping[str, str] = {"md": "text", "yaml": "text", "pdf": "pdf", **PICTURE_KINDS}
LIMITS = Limits(archive=60 * 1024 * 1024, entries=5000, total=120 * 1024 * 1024, entry=30 * 1024 * 1024, depth=6)
_MOST_FILE = 30 * 1024 * 1024


class Outcome(StrEnum):
    """What an import does with one page."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    REFUSED = "refused"


@dataclass(frozen=True)
class ImportRow:
    """One file: what becomes of it. fault: why it is refused."""

    outcome: Outcome
    path: str
    title: str = ""
    fault: Fault | None = None


@dataclass(frozen=True)
class ImportReport:
    """What an import would do, or did. done: whether it was written."""

    rows: tuple[ImportRow, ...]
    done: bool = False

    @property
    def refused(self) -> tuple[ImportRow, ...]:
        """The rows that stop the whole."""
        return tuple(row for row in self.rows if row.outcome is Outcome.REFUSED)

    def count(self, outcome: Outcome) -> int:
        """How many rows came out so."""
        return sum(row.outcome is outcome for row in self.rows)


@contextmanager
def curriculum_archive(file: IO[bytes]) -> Iterator[Tree]:
    """A curriculum's zip, judged. Raises ImportRefused."""
    with open_archive(file, KINDS, LIMITS) as archive:
        yield archive


def import_curriculum(*, by: Acting, tree: Tree, dry_run: bool, now: datetime) -> ImportReport:
    """Bring a folder in as drafts, or say what that would do. One refused row and nothing is written.

    Raises NotAllowed.
    """
    require(by, "curriculum_file", "execute")
    tags, audiences = vocabularies(now)
    levels, faults = read_folder(tree, tags, audiences)
    refused = [ImportRow(Outcome.REFUSED, fault.file, fault=fault) for fault in faults]
    with swept() as made, transaction.atomic():
        coming = {course.uid for level in levels for course in level.courses if course.uid}
        work = Importer(tree, user_of(by), made, coming, whole=not faults)
        rows = [*refused, *(row for level in levels for row in work.plan(level))]
        report = ImportReport(tuple(sorted(rows, key=lambda row: row.path)))
        if dry_run or report.refused:
            return report
        for level in levels:
            work.write(level)
        work.share(levels)
        _record(by, report, now)
    return replace(report, done=True)


def _record(by: Acting, report: ImportReport, now: datetime) -> None:
    counts = {outcome.value: report.count(outcome) for outcome in (Outcome.NEW, Outcome.CHANGED, Outcome.SAME)}
    _recorded(by, "imported", counts, now)


@transaction.atomic
def record_export(*, by: Acting, texts: int, now: datetime) -> None:
    """Somebody took the curriculum along."""
    _recorded(by, "exported", {"texts": texts}, now)


def _recorded(by: Acting, action: str, counts: Mapping[str, int], now: datetime) -> None:
    root = CurriculumPage.objects.get()
    audit.record(
        subject_kind="curriculum", subject=UUID(int=root.pk), action=action, actor=by.user, fields=dict(counts), now=now
    )


def vocabularies(now: datetime) -> tuple[Vocabulary, Vocabulary]:
    """The codes of content and of categories that each profile in force knows."""
    known = profiles(on=now.date())
    tags = {one.key: tuple(one.raw.get("content_items") or ()) for one in known}
    return tags, {one.key: tuple(one.raw.get("categories") or ()) for one in known}


@contextmanager
def swept() -> Iterator[list[str]]:
    """Files stored in this block go again when it fails: the database rolls back, the disk does not."""
    made: list[str] = []
    try:
        yield made
    except BaseException:
        for name in made:
            default_storage.delete(name)
        raise


@dataclass
class Importer:
    """One import under way. made: names of the files it stored; coming: uids of the modules that the folder brings;
    whole: every file of it could be read."""

    tree: Tree
    user: User | None
    made: list[str]
    coming: set[UUID] = field(default_factory=set)
    whole: bool = True
    images: dict[str, Image] = field(default_factory=dict)
    documents: dict[str, Document] = field(default_factory=dict)

    # What would happen -----------------------------------------------------------------------------------------------
    def plan(self, level: LevelFile) -> Iterator[ImportRow]:
        """One row for every file, nothing written."""
        page = level_page(level)
        yield _row(
            page and _level_fields(page.get_latest_revision_as_object()), _level_wanted(level), level.path, level.title
        )
        used = {
            block.file for course in level.courses for lesson in course.lessons for block in _files_of(lesson.document)
        }
        for name in sorted(level.files):
            yield from self._plan_file(name, level.files[name], used)
        for course in level.courses:
            yield from self._plan_course(page, course)

    def _plan_file(self, name: str, path: str, used: set[str]) -> Iterator[ImportRow]:
        if name not in used:
            if not self.whole:  # the lesson that shows it may be one of those with a fault
                return
            yield ImportRow(
                Outcome.REFUSED, path, fault=Fault(0, _("No lesson of this level shows this file."), {}, path)
            )
        elif not name.endswith(".pdf"):
            try:
                with self.tree.open(path) as source:
                    safe_picture(source, path)
            except ImportRefused as refusal:
                yield ImportRow(Outcome.REFUSED, path, fault=Fault(0, refusal.template, refusal.values, path))

    def _plan_course(self, level: LevelPage | None, course: CourseFile) -> Iterator[ImportRow]:
        page = course_page(level, course)
        if course.alias:
            if not self._aliased(course.alias):
                message = _("There is no module %(uid)s that could be used here; import its level first.")
                yield ImportRow(
                    Outcome.REFUSED, course.path, fault=Fault(1, message, {"uid": str(course.alias)}, course.path)
                )
            else:
                yield ImportRow(Outcome.SAME if page else Outcome.NEW, course.path, page.title if page else "")
            return
        held = page.get_latest_revision_as_object() if page else None
        yield _row(held and _course_fields(held), _course_wanted(course), course.path, course.title)
        for lesson in course.lessons:
            yield self._plan_lesson(level, lesson)

    def _aliased(self, uid: UUID) -> bool:
        return uid in self.coming or CoursePage.objects.filter(uid=uid, shared_from=None).exists()

    def _plan_lesson(self, level: LevelPage | None, lesson: LessonFile) -> ImportRow:
        document, path = lesson.document, lesson.path
        for video in (block for block in document.blocks if isinstance(block, VideoBlock)):
            if not LessonVideo.objects.filter(uuid=video.video).exists():
                message = _(
                    "The lesson video %(uuid)s is not here; upload it first, videos do not travel in the folder."
                )
                return ImportRow(
                    Outcome.REFUSED, path, document.title, Fault(0, message, {"uuid": str(video.video)}, path)
                )
        for package in (block for block in document.blocks if isinstance(block, PackageBlock)):
            if not ContentPackage.objects.filter(uuid=package.package).exists():
                message = _("The package %(uuid)s is not here; upload it first, packages do not travel in the folder.")
                return ImportRow(
                    Outcome.REFUSED, path, document.title, Fault(0, message, {"uuid": str(package.package)}, path)
                )
        page = lesson_page(level, document.uid)
        if page is None:
            return ImportRow(Outcome.NEW, path, document.title)
        same = content_hash(document_of(page.get_latest_revision_as_object())) == content_hash(document)
        if same:
            return ImportRow(Outcome.SAME, path, document.title)
        if page.locked or page.workflow_in_progress:
            message = _("The lesson is locked or being reviewed; import it when that has ended.")
            return ImportRow(Outcome.REFUSED, path, document.title, Fault(0, message, {}, path))
        return ImportRow(Outcome.CHANGED, path, document.title)

    # Doing it --------------------------------------------------------------------------------------------------------
    def write(self, level: LevelFile) -> None:
        """The level, its modules and lessons as drafts."""
        page = level_page(level) or self._new_level(level)
        wanted = _level_wanted(level)
        newest = page.get_latest_revision_as_object()
        if _level_fields(newest) != wanted:
            newest.title, newest.in_force_from = wanted
            newest.save_revision(user=self.user)
        for course in level.courses:
            if not course.alias:
                self._write_course(level, page, course)

    def _new_level(self, level: LevelFile) -> LevelPage:
        made = LevelPage(
            title=level.title,
            slug=f"level-{level.level}-edition-{level.edition}" if level.edition > 1 else f"level-{level.level}",
            level=level.level,
            edition=level.edition,
            in_force_from=level.in_force_from,
            is_open=LevelPage.objects.filter(level=level.level, is_open=True).exists(),
            live=False,
        )
        CurriculumPage.objects.get().add_child(instance=made)
        made.save_revision(user=self.user)
        return made

    def _write_course(self, file: LevelFile, level: LevelPage, course: CourseFile) -> None:
        page = course_page(level, course)
        title, code, summary = _course_wanted(course)
        if page is None:
            page = CoursePage(uid=course.uid, title=title, code=code, summary=summary, live=False)
            page.slug = free_slug(level, course.slug)
            level.add_child(instance=page)
            page.save_revision(user=self.user)
        else:
            newest = page.get_latest_revision_as_object()
            if _course_fields(newest) != (title, code, summary):
                newest.title, newest.code, newest.summary = title, code, summary
                newest.save_revision(user=self.user)
        for lesson in course.lessons:
            self._write_lesson(file, level, page, lesson)

    def _write_lesson(self, file: LevelFile, level: LevelPage, course: CoursePage, lesson: LessonFile) -> None:
        page = lesson_page(level, lesson.document.uid)
        files = self.files(file, lesson.document)
        if page is None:
            page = write_document(LessonPage(live=False), lesson.document, files)
            page.slug = free_slug(course, lesson.slug)
            course.add_child(instance=page)
            page.save_revision(user=self.user)
            return
        newest = page.get_latest_revision_as_object()
        if content_hash(document_of(newest)) != content_hash(lesson.document):
            write_document(newest, lesson.document, files).save_revision(user=self.user)

    def share(self, levels: tuple[LevelFile, ...], publish: Callable[[CoursePage], Any] | None = None) -> None:
        """The modules used by alias, when all others are there. publish: how one goes live; None: it stays a draft."""
        for level in levels:
            page = level_page(level)
            for course in level.courses:
                if page is not None and course.alias and course_page(page, course) is None:
                    source = CoursePage.objects.filter(uid=course.alias, shared_from=None).order_by("-pk").first()
                    made = CoursePage(uid=course.alias, shared_from=source, title=source.title, live=False)
                    made.slug = free_slug(page, course.slug)
                    page.add_child(instance=made)
                    publish(made) if publish else made.save_revision(user=self.user)

    # Pictures and downloads ------------------------------------------------------------------------------------------
    def files(self, level: LevelFile, document: LessonDocument) -> Files:
        """What the lesson shows: found by its SHA-256, or stored now."""
        for block in _files_of(document):
            path = level.files[block.file]
            if isinstance(block, PictureBlock) and block.sha256 not in self.images:
                self.images[block.sha256] = self._held(Image, block, path)
            elif isinstance(block, DownloadBlock) and block.sha256 not in self.documents:
                self.documents[block.sha256] = self._held(Document, block, path)
        uuids = {block.video for block in document.blocks if isinstance(block, VideoBlock)}
        videos = {video.uuid: video for video in LessonVideo.objects.filter(uuid__in=uuids)}
        wanted = {block.package for block in document.blocks if isinstance(block, PackageBlock)}
        packages = {row.uuid: row for row in ContentPackage.objects.filter(uuid__in=wanted)}
        return Files(images=self.images, documents=self.documents, videos=videos, packages=packages)

    def _held(self, model: Any, block: PictureBlock | DownloadBlock, path: str) -> Any:
        data = self.tree.read(path, most=_MOST_FILE)
        # Wagtail's own hash finds them, SHA-256 decides.
        for held in model.objects.filter(file_hash=sha1(data, usedforsecurity=False).hexdigest()):
            if file_sha256(held) == block.sha256:
                return held
        title = block.alt if isinstance(block, PictureBlock) else block.title
        made = model(title=title[:255], file=ContentFile(data, name=PurePosixPath(block.file).name))
        made.uploaded_by_user = self.user
        made._set_document_file_metadata() if model is Document else made._set_image_file_metadata()
        made.save()
        self.made.append(made.file.name)
        return made


def user_of(by: Acting) -> User | None:
    """The login that acts; None for the installation."""
    return User.objects.get(uuid=by.user) if by.user else None


def level_page(level: LevelFile) -> LevelPage | None:
    """The page of this edition."""
    return LevelPage.objects.filter(level=level.level, edition=level.edition).first()


def course_page(level: LevelPage | None, course: CourseFile) -> CoursePage | None:
    """The module within an edition, by its uid."""
    if level is None:
        return None
    return CoursePage.objects.child_of(level).filter(uid=course.alias or course.uid).first()


def lesson_page(level: LevelPage | None, uid: UUID) -> LessonPage | None:
    """The lesson within an edition, by its uid."""
    return LessonPage.objects.descendant_of(level).filter(uid=uid).first() if level is not None else None


def _files_of(document: LessonDocument) -> tuple[PictureBlock | DownloadBlock, ...]:
    return tuple(block for block in document.blocks if isinstance(block, PictureBlock | DownloadBlock))


def _level_fields(page: LevelPage) -> tuple[Any, ...]:
    return (page.title, page.in_force_from)


def _level_wanted(level: LevelFile) -> tuple[Any, ...]:
    return (level.title, level.in_force_from)


def _course_fields(page: CoursePage) -> tuple[str, ...]:
    return (page.title, page.code, page.summary)


def _course_wanted(course: CourseFile) -> tuple[str, ...]:
    return (course.title, course.code, course.summary)


def _row(held: tuple[Any, ...] | None, wanted: tuple[Any, ...], path: str, title: str) -> ImportRow:
    if held is None:
        return ImportRow(Outcome.NEW, path, title)
    return ImportRow(Outcome.SAME if held == wanted else Outcome.CHANGED, path, title)


def free_slug(parent: Any, slug: str) -> str:
    """The slug, with a number when a sibling of another uid has it."""
    taken = set(parent.get_children().values_list("slug", flat=True))
    return next(each for each in (slug, *(f"{slug}-{at}" for at in range(2, 1000))) if each not in taken)
