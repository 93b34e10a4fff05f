"""Keeping what goes live: a version of every lesson, a manifest of every edition a class is to be taught by."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from wagtail.models import Revision

from courses.catalogue.documents import document_of, file_sha256
from courses.catalogue.logic import content_hash, files_of, hash_of, normalised_lines, to_json, words_of
from courses.catalogue.models import (
    ApprovedRevision,
    CoursePage,
    LessonPage,
    LessonVersion,
    LevelPage,
    LiveLesson,
    Manifest,
    VersionFile,
)
from courses.catalogue.selectors import edition_in_force
from courses.catalogue.types import LessonDocument
from lms.core import audit


class NothingToTeach(Exception):
    """An edition has no published lesson yet."""


@transaction.atomic
def keep_version(page: LessonPage, revision: Revision | None, now: datetime) -> LessonVersion:
    """The version of what a page shows live; the same text again is the version there was. Points the page to it."""
    document = document_of(page)
    digest = content_hash(document)
    version = LessonVersion.objects.filter(lesson=document.uid, content_hash=digest).first()
    if version is None:
        version = _kept(page, document, digest, revision, now)
    LiveLesson.objects.update_or_create(page_id=page.pk, defaults={"version": version})
    return version


def _kept(
    page: LessonPage, document: LessonDocument, digest: str, revision: Revision | None, now: datetime
) -> LessonVersion:
    approval = ApprovedRevision.objects.filter(revision=revision).first() if revision else None
    version = LessonVersion.objects.create(
        lesson=document.uid,
        page=page.pk,
        revision=revision.pk if revision else None,
        title=document.title,
        content_hash=digest,
        document=to_json(document),
        words=normalised_lines(words_of(document)),
        published_at=now,
        by=approval.by if approval else None,
        approved_by=approval.approved_by if approval else None,
    )
    shown = {block.sha256 for block in files_of(document)}
    for child in page.body:
        if child.block_type in {"picture", "download"} and child.value is not None:
            _keep_file(version, child, shown)
    audit.record(
        subject_kind="lesson",
        subject=document.uid,
        action="published",
        actor=version.approved_by,
        fields={"version": version.uuid, "content_hash": digest, "by": version.by, "revision": version.revision},
        now=now,
    )
    return version


def _keep_file(version: LessonVersion, child: Any, shown: set[str]) -> None:
    name = "image" if child.block_type == "picture" else "document"
    held = child.value[name]
    if held is None:  # deleted since; the text says so, too
        return
    digest = file_sha256(held)
    if digest in shown:
        shown.discard(digest)
        VersionFile.objects.create(version=version, sha256=digest, **{name: held})
        # Wagtail lets who brought a file change and delete it; what a kept text shows belongs to nobody any more.
        type(held).objects.filter(pk=held.pk).update(uploaded_by_user=None)


@transaction.atomic
def make_manifest(page: LevelPage, now: datetime) -> Manifest:
    """What the edition holds live now, in its order; the same content again is the manifest there was.

    Modules without a published lesson are left out. Raises NothingToTeach.
    """
    entries = live_entries(page)
    if not any(entry["lessons"] for entry in entries):
        raise NothingToTeach
    made, _fresh = Manifest.objects.get_or_create(
        level=page.level,
        edition=page.edition,
        content_hash=hash_of(entries),
        defaults={"entries": entries, "created_at": now},
    )
    return made


def manifest_for(level: int, on: date, now: datetime) -> UUID | None:
    """The manifest for a class that begins on a day: of the edition in force then (S2-15); None while it teaches nothing."""
    page = edition_in_force(level, on)
    try:
        return make_manifest(page, now).uuid if page is not None else None
    except NothingToTeach:
        return None


def live_lessons(level: int, on: date) -> tuple[tuple[UUID, UUID, str], ...]:
    """What a manifest made now would hold for a class that begins on a day: (lesson uid, version, title), in order."""
    page = edition_in_force(level, on)
    versions = [UUID(one) for entry in (live_entries(page) if page else ()) for one in entry["lessons"]]
    rows = LessonVersion.objects.filter(uuid__in=versions).values_list("uuid", "lesson", "title")
    named = {version: (lesson, version, title) for version, lesson, title in rows}
    return tuple(named[version] for version in versions)


def live_entries(page: LevelPage) -> list[dict[str, Any]]:
    """What a manifest of the edition would hold now; two queries, nothing is written."""
    courses = list(CoursePage.objects.child_of(page).live().order_by("path").select_related("shared_from"))
    lessons = live_versions([course.shared_from or course for course in courses])
    taken: set[UUID] = set()
    entries = []
    for course in courses:
        source = course.shared_from or course
        if source.uid in taken or not source.live:
            continue
        taken.add(source.uid)
        versions = [version for lesson, version in lessons.get(source.path, ()) if lesson not in taken]
        taken.update(lesson for lesson, _version in lessons.get(source.path, ()))
        if versions:
            entries.append(
                {
                    "uid": str(source.uid),
                    "title": source.title,
                    "code": course.code or source.code,
                    "summary": source.summary,
                    "lessons": [str(version) for version in versions],
                }
            )
    return entries


def live_versions(courses: list[CoursePage]) -> dict[str, list[tuple[UUID, UUID]]]:
    """The published lessons below these modules, in order: (lesson uid, version uuid) by the module's path. One query."""
    found: dict[str, list[tuple[UUID, UUID]]] = {course.path: [] for course in courses}
    if not courses:
        return found
    steps = len(courses[0].path)
    below = Q()
    for path in found:
        below |= Q(page__path__startswith=path)
    held = LiveLesson.objects.filter(below, page__live=True)
    for path, lesson, version in held.order_by("page__path").values_list(
        "page__path", "version__lesson", "version__uuid"
    ):
        found[path[:steps]].append((lesson, version))
    return found
