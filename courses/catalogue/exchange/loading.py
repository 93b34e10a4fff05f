"""The curriculum Kaibo ships: `courses/catalogue/content`, published as it stands, as long as nobody has edited it."""

from pathlib import Path
from typing import Any

from django.db import transaction
from wagtail.models import Page

from courses.catalogue.documents import document_of, write_document
from courses.catalogue.exchange.faults import Unreadable
from courses.catalogue.exchange.folder import CourseFile, LessonFile, LevelFile, read_folder
from courses.catalogue.exchange.importing import Importer, level_page
from courses.catalogue.logic import content_hash, hash_of
from courses.catalogue.models import CoursePage, LessonPage, LevelPage
from courses.catalogue.releasing import releasing
from lms.core.imports import Folder

CONTENT = Path(__file__).parent.parent / "content"


@transaction.atomic
def load_content(root: Path = CONTENT, *, only: frozenset[int] | None = None) -> int:
    """Publish the lessons below `root`; returns how many pages were made or renewed. Raises Unreadable.

    only: levels to load; None: all. A page is renewed while it still says what we wrote, and never moved or taken away. The
    day an edition comes into force is set with its first modules.
    """
    tree = Folder(root)
    levels, faults = read_folder(tree)
    if faults:
        raise Unreadable(list(faults))
    with releasing():
        importer = Importer(tree, None, [])
        return sum(_level(importer, level) for level in levels if only is None or level.level in only)


def _level(importer: Importer, level: LevelFile) -> int:
    page = level_page(level)
    if page is None:
        return 0  # an edition that somebody took away, or the frame is not laid yet
    if page.numchild == 0 and page.in_force_from != level.in_force_from:
        page.in_force_from = level.in_force_from
        _publish(page)
        page.refresh_from_db()
    held = {course.uid: course for course in CoursePage.objects.child_of(page).filter(shared_from=None)}
    lessons = {lesson.uid: lesson for lesson in LessonPage.objects.descendant_of(page)}
    changed = 0
    for course in level.courses:
        if course.alias:
            continue
        row, made = _course(page, held.get(course.uid) if course.uid else None, course)
        changed += made
        changed += sum(
            _lesson(importer, level, row, lessons.get(lesson.document.uid), lesson) for lesson in course.lessons
        )
    importer.share((level,), publish=_publish)
    return changed


def _course(level: LevelPage, page: CoursePage | None, course: CourseFile) -> tuple[CoursePage, int]:
    wanted = (course.title, course.code, course.summary)
    ours = hash_of(wanted)
    if page is None:
        page = CoursePage(uid=course.uid, slug=course.slug, live=False, reference_hash=ours)
        page.title, page.code, page.summary = wanted
        level.add_child(instance=page)
        _publish(page)
        return page, 1
    edited = hash_of((page.title, page.code, page.summary)) != page.reference_hash or page.has_unpublished_changes
    if edited or page.reference_hash == ours:
        return page, 0
    page.title, page.code, page.summary = wanted
    page.reference_hash = ours
    _publish(page)
    return page, 1


def _lesson(
    importer: Importer, level: LevelFile, course: CoursePage, page: LessonPage | None, lesson: LessonFile
) -> int:
    ours = content_hash(lesson.document)
    if page is None:
        page = LessonPage(slug=lesson.slug, live=False, reference_hash=ours)
        write_document(page, lesson.document, importer.files(level, lesson.document))
        course.add_child(instance=page)
        _publish(page)
        return 1
    # Asked in this order: the text of an unchanged page need not be read.
    if page.reference_hash in ("", ours) or page.has_unpublished_changes or not page.live:
        return 0
    if content_hash(document_of(page)) != page.reference_hash:
        return 0
    page.reference_hash = ours
    write_document(page, lesson.document, importer.files(level, lesson.document))
    _publish(page)
    return 1


def _publish(page: Page) -> Any:
    return page.save_revision().publish()
