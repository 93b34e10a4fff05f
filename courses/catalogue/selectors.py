"""What is kept of the curriculum: versions, manifests, editions in force, levels opened, and the search."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet

from courses.catalogue.logic import checks_of, from_json, normalised, snippet, tasks_of, videos_of
from courses.catalogue.models import LessonVersion, LevelOpening, LevelPage, LiveLesson, Manifest
from courses.catalogue.types import (
    FoundLesson,
    LessonChange,
    LessonVersionData,
    ManifestCourse,
    ManifestData,
    ManifestLesson,
)
from lms.core.types import Level

_FOUND_MAX = 50
_KEPT_VERSIONS = 1024
_KEPT_MANIFESTS = 64


class NotKept(LookupError):
    """No version or manifest has this uuid."""


@lru_cache(maxsize=_KEPT_VERSIONS)
def lesson_version(uuid: UUID) -> LessonVersionData:
    """One published text. Written once, so it is read from the database once. Raises NotKept."""
    row = LessonVersion.objects.filter(uuid=uuid).first()
    if row is None:
        raise NotKept(f"no lesson version {uuid}")
    return version_data(row)


def version_data(row: LessonVersion) -> LessonVersionData:
    """One row as data."""
    return LessonVersionData(
        uuid=row.uuid,
        lesson=row.lesson,
        title=row.title,
        content_hash=row.content_hash,
        revision=row.revision,
        published_at=row.published_at,
        by=row.by,
        approved_by=row.approved_by,
        document=from_json(row.document),
    )


@lru_cache(maxsize=_KEPT_MANIFESTS)
def manifest(uuid: UUID) -> ManifestData:
    """What an edition held: two queries the first time, none afterwards. Raises NotKept."""
    row = Manifest.objects.filter(uuid=uuid).first()
    if row is None:
        raise NotKept(f"no manifest {uuid}")
    return ManifestData(
        uuid=row.uuid,
        level=row.level,
        edition=row.edition,
        content_hash=row.content_hash,
        created_at=row.created_at,
        courses=courses_of(row.entries),
    )


def courses_of(entries: Sequence[Mapping[str, Any]]) -> tuple[ManifestCourse, ...]:
    """The modules of a manifest's entries with their lessons, in one query."""
    wanted = [UUID(one) for entry in entries for one in entry["lessons"]]
    versions = {one.uuid: version_data(one) for one in LessonVersion.objects.filter(uuid__in=wanted)}
    position = {one: at for at, one in enumerate(wanted)}
    return tuple(
        ManifestCourse(
            uid=UUID(entry["uid"]),
            title=entry["title"],
            code=entry["code"],
            summary=entry["summary"],
            lessons=tuple(manifest_lesson(versions[UUID(one)], position[UUID(one)]) for one in entry["lessons"]),
        )
        for entry in entries
    )


def manifest_lesson(version: LessonVersionData, position: int) -> ManifestLesson:
    """A version as a manifest shows it."""
    document = version.document
    return ManifestLesson(
        uid=document.uid,
        version=version.uuid,
        title=document.title,
        summary=document.summary,
        kind=document.kind,
        delivery=document.delivery,
        methods=document.methods,
        hours=document.hours,
        online_minutes=document.online_minutes,
        tags=document.tags,
        audiences=document.audiences,
        tasks=tasks_of(document),
        checks=len(checks_of(document)),
        videos=videos_of(document),
        position=position,
    )


def live_version(uid: UUID) -> LessonVersionData | None:
    """The text of a lesson that is live now, in the newest edition that has it live; None when none is."""
    held = (
        LiveLesson.objects.filter(page__uid=uid, page__live=True)
        .order_by("-page__live_revision_id")
        .values_list("version__uuid", flat=True)
        .first()
    )
    return lesson_version(held) if held else None


def compare_manifests(before: ManifestData | None, after: ManifestData) -> tuple[LessonChange, ...]:
    """Which lessons differ, in the order of the new one; those it lacks come last."""
    old = {lesson.uid: lesson for lesson in before.lessons} if before else {}
    new = {lesson.uid: lesson for lesson in after.lessons}
    changes = [
        LessonChange(uid, lesson.title, old[uid].version if uid in old else None, lesson.version)
        for uid, lesson in new.items()
        if uid not in old or old[uid].version != lesson.version
    ]
    gone = [LessonChange(uid, lesson.title, lesson.version, None) for uid, lesson in old.items() if uid not in new]
    return (*changes, *gone)


def search_versions(words: str, within: ManifestData | None = None) -> tuple[FoundLesson, ...]:
    """Lessons that hold every word, at most 50; titles that hit come first. Two-character words are found as well.

    within: a class's manifest; None: what is live now.
    """
    asked = normalised(words).split()
    if not asked:
        return ()
    rows = LessonVersion.objects.all()
    if within is not None:
        rows = rows.filter(uuid__in=[lesson.version for lesson in within.lessons])
    else:
        rows = rows.filter(id__in=LiveLesson.objects.filter(page__live=True).values("version"))
    for word in asked:
        rows = rows.filter(words__contains=word)
    found = rows.order_by("-id").values_list("lesson", "uuid", "title", "words")[: _FOUND_MAX * 2]
    hits = sorted(found, key=lambda row: not all(word in normalised(row[2]) for word in asked))
    return tuple(_found(uid, version, title, text, asked[0]) for uid, version, title, text in hits[:_FOUND_MAX])


def _found(uid: UUID, version: UUID, title: str, words: str, first: str) -> FoundLesson:
    lines = words.split("\n")
    body = "\n".join(lines[1:])
    before, hit, after = snippet(body, first)
    return FoundLesson(uid, version, title, lines[1] if len(lines) > 1 else "", before, hit, after)


def edition_in_force(level: int, on: date) -> LevelPage | None:
    """The published edition that classes beginning on a day are taught by (S2-15)."""
    return editions(level).filter(Q(in_force_from=None) | Q(in_force_from__lte=on)).first()


def editions_in_force(on: date) -> list[LevelPage]:
    """The same for every level, the highest number (elementary) first, in one query."""
    found: dict[int, LevelPage] = {}
    rows = LevelPage.objects.live().filter(Q(in_force_from=None) | Q(in_force_from__lte=on))
    for page in rows.order_by("-level", F("in_force_from").desc(nulls_last=True), "-edition"):
        found.setdefault(page.level, page)
    return list(found.values())


def editions(level: int) -> QuerySet[LevelPage]:
    """Published editions of a level, the one whose day came last first."""
    return LevelPage.objects.live().filter(level=level).order_by(F("in_force_from").desc(nulls_last=True), "-edition")


def opened_levels() -> frozenset[Level]:
    """Levels that the authority decided to open and has not closed since (S1-10)."""
    latest: dict[int, bool] = {}
    for level, opens in LevelOpening.objects.order_by("-id").values_list("level", "opens"):
        latest.setdefault(level, opens)
    return frozenset(Level(level) for level, opens in latest.items() if opens)


def closed_levels() -> frozenset[Level]:
    """Levels nobody may plan or join a class of: closed in the curriculum, or by decision, and not opened since."""
    latest: dict[int, bool] = {}
    for level, opens in LevelOpening.objects.order_by("-id").values_list("level", "opens"):
        latest.setdefault(level, opens)
    begun = dict.fromkeys((level for level, opened in _begun() if not opened), False)
    return frozenset(Level(level) for level, opens in {**begun, **latest}.items() if not opens)


def _begun() -> Iterable[tuple[int, bool]]:
    return LevelPage.objects.filter(edition=1).values_list("level", "is_open")
