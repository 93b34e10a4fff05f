"""What the pages of the curriculum show; screens are made from documents, never from a page's fields."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import nh3
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from wagtail.models import Page
from wagtail.rich_text import expand_db_html

from courses.catalogue.documents import document_of, file_sha256
from courses.catalogue.keeping import live_versions
from courses.catalogue.logic import DECIDED_LEVELS, block_type, checks_of, packages_of, tasks_of, videos_of
from courses.catalogue.markdown import to_html
from courses.catalogue.models import (
    CoursePage,
    CurriculumPage,
    LessonPage,
    LessonVersion,
    LevelOpening,
    LevelPage,
    LiveLesson,
)
from courses.catalogue.page_forms import METHODS, audience_codes, choices_of
from courses.catalogue.rules import decides_openings
from courses.catalogue.selectors import closed_levels, editions_in_force, lesson_version, version_data
from courses.catalogue.types import (
    Block,
    CheckBlock,
    CourseCard,
    DownloadBlock,
    LessonCard,
    LessonDocument,
    LevelDecision,
    LevelRow,
    LevelView,
    PackageBlock,
    PictureBlock,
    TaskBlock,
    VideoBlock,
)
from courses.packages.selectors import package_views
from courses.packages.types import PackageView
from courses.videos.selectors import video_views
from courses.videos.types import VideoView
from lms.accounts.api import Acting
from lms.core import clock
from lms.core.types import Level

_TAGS = {"p", "h3", "ul", "ol", "li", "blockquote", "b", "strong", "a", "br"}
_NO_HOURS = Decimal(0)
_EMPTY = SafeString("")


@dataclass(frozen=True)
class BlockView:
    """One block on a screen. type: its word of BLOCK_TYPES; anchor: its id on the page, for marks and resuming.

    block: the document's own, for its plain fields; html: its Markdown, safe. file_url: of a picture or download;
    video, package: with addresses for this reader, None when it is gone. number, of: which check or task of how many.
    """

    type: str
    anchor: str
    block: Block
    html: SafeString = _EMPTY
    file_url: str = ""
    video: VideoView | None = None
    package: PackageView | None = None
    number: int = 0
    of: int = 0


@dataclass(frozen=True)
class Heading:
    """A place to jump to within the lesson."""

    anchor: str
    title: str


@dataclass(frozen=True)
class LessonView:
    """A lesson on a screen. version: None in a preview; hours in class hours."""

    uid: UUID
    version: UUID | None
    title: str
    summary: str
    kind_label: str
    delivery_label: str
    hours: Decimal
    online_minutes: int
    blocks: tuple[BlockView, ...]
    checks: int
    tasks: int
    uncertain: bool


def safe_html(markdown: str) -> SafeString:
    """Markdown as HTML that cannot do anything; cleaned once more on the way out."""
    return mark_safe(nh3.clean(to_html(markdown), tags=_TAGS, attributes={"a": {"href"}}, link_rel="noopener"))  # noqa: S308


def lesson_view(
    document: LessonDocument,
    *,
    user: UUID,
    now: datetime,
    version: UUID | None = None,
    files: Mapping[str, str] | None = None,
) -> LessonView:
    """A lesson for one reader; who may read it is decided before. Videos cost five queries, packages one, the rest none.

    version: of the `LessonVersion` shown; a draft has none and brings the addresses of its `files` by SHA-256.
    """
    videos = video_views(videos_of(document), user=user, now=now) if videos_of(document) else {}
    packages = package_views(packages_of(document), user=user, now=now) if packages_of(document) else {}
    checks, tasks = checks_of(document), tasks_of(document)
    views = []
    for at, block in enumerate(document.blocks, start=1):
        text = getattr(block, "text", "")
        views.append(
            BlockView(
                type=block_type(block),
                anchor=f"b{at}",
                block=block,
                html=safe_html(text) if isinstance(text, str) and text else _EMPTY,
                file_url=_file_url(block, version, files or {})
                if isinstance(block, (PictureBlock, DownloadBlock))
                else "",
                video=videos.get(block.video) if isinstance(block, VideoBlock) else None,
                package=packages.get(block.package) if isinstance(block, PackageBlock) else None,
                number=_place(block, checks) or _place(block, tasks),
                of=len(checks) if isinstance(block, CheckBlock) else len(tasks) if isinstance(block, TaskBlock) else 0,
            )
        )
    return LessonView(
        uid=document.uid,
        version=version,
        title=document.title,
        summary=document.summary,
        kind_label=str(dict(LessonPage.KINDS)[document.kind.value]),
        delivery_label=str(dict(LessonPage.DELIVERIES)[document.delivery.value]),
        hours=document.hours,
        online_minutes=document.online_minutes,
        blocks=tuple(views),
        checks=len(checks),
        tasks=len(tasks),
        uncertain=any(getattr(block, "uncertain", False) for block in document.blocks),
    )


def _place(block: Block, among: tuple[Any, ...]) -> int:
    return among.index(block) + 1 if block in among else 0


def _file_url(block: PictureBlock | DownloadBlock, version: UUID | None, files: Mapping[str, str]) -> str:
    if version is None:
        return files.get(block.sha256, "")
    return reverse("courses:version_file", args=[version, block.sha256])


def draft_view(page: LessonPage, *, user: UUID | None, now: datetime) -> LessonView:
    """A page or revision as its readers will see it; for those who write lessons."""
    files: dict[str, str] = {}
    for child in page.body:
        held = child.value.get(_HOLDS[child.block_type]) if child.block_type in _HOLDS else None
        if held is not None:
            files[file_sha256(held)] = held.file.url
    return lesson_view(document_of(page), user=user or page.uid, now=now, files=files)


_HOLDS = {"picture": "image", "download": "document"}


def context_of(page: Page, request: HttpRequest) -> dict[str, Any]:
    """The names a page's template uses: `levels`, `level`, `course` or `lesson`, and `back_url`."""
    if isinstance(page, CurriculumPage):
        return {"levels": levels_in_force(request)}
    back = {"back_url": page.get_parent().get_url(request), "back_label": page.get_parent().title}
    if isinstance(page, LevelPage):
        return {**back, **_level_context(page, request)}
    if isinstance(page, CoursePage):
        cards = _cards([page], request)
        return {**back, "course": cards[0] if cards else None}
    if isinstance(page, LessonPage):
        return {**back, "lesson": _shown(page, request), "summary": page.summary}
    return back


def _shown(page: LessonPage, request: HttpRequest) -> LessonView:
    """The kept text of a live page; the page's own in a preview."""
    user = getattr(getattr(request, "acting", None), "user", None)
    if not getattr(request, "is_preview", False):
        live = LiveLesson.objects.filter(page_id=page.pk).values_list("version__uuid", flat=True).first()
        if live is not None:
            version = lesson_version(live)
            return lesson_view(version.document, user=user or page.uid, now=clock.now(), version=version.uuid)
    return draft_view(page, user=user, now=clock.now())


def _level_context(page: LevelPage, request: HttpRequest) -> dict[str, Any]:
    """The level's modules, all of them or those for one audience (`?for=policy:category`, S4-18)."""
    groups = choices_of(audience_codes)
    asked = request.GET.get("for", "")
    known = {box: words for _title, boxes in groups for box, words in boxes}
    chosen = asked if asked in known else ""
    courses = course_cards(page, request)
    shown = courses
    if chosen:
        key, code = chosen.split(":", 1)
        shown = tuple(
            replace(course, lessons=fitting)
            for course in courses
            if (fitting := tuple(lesson for lesson in course.lessons if code in dict(lesson.audiences).get(key, ())))
        )
    return {
        "level": level_view(page, request, courses=shown),
        "audiences": groups,
        "chosen": chosen,
        "filtered_out": bool(chosen and courses and not shown),
    }


def levels_in_force(request: HttpRequest | None) -> tuple[LevelView, ...]:
    """The edition in force of every level, in the order of learning."""
    closed = closed_levels()
    return tuple(level_view(page, request, closed=closed) for page in editions_in_force(clock.today()))


def level_view(
    page: LevelPage,
    request: HttpRequest | None,
    *,
    courses: tuple[CourseCard, ...] = (),
    closed: frozenset[Level] | None = None,
) -> LevelView:
    """A level's head, with its modules where they are shown."""
    level = Level(page.level)
    lessons = [lesson for course in courses for lesson in course.lessons]
    return LevelView(
        title=page.title,
        rank=level.rank_zh,
        number=page.level,
        edition=page.edition,
        intro=expand_db_html(page.intro),
        is_open=level not in (closed_levels() if closed is None else closed),
        url=page.get_url(request) or "",
        courses=courses,
        hours=sum((lesson.hours for lesson in lessons), _NO_HOURS),
        hours_by_delivery=tuple(_by_delivery(lessons)),
    )


def _by_delivery(lessons: Iterable[LessonCard]) -> Iterable[tuple[str, Decimal]]:
    sums: dict[str, Decimal] = {}
    for lesson in lessons:
        sums[lesson.delivery_label] = sums.get(lesson.delivery_label, _NO_HOURS) + lesson.hours
    return sums.items()


def course_cards(page: LevelPage, request: HttpRequest | None) -> tuple[CourseCard, ...]:
    """The published modules of an edition with their published lessons; shared ones show the lessons of their source."""
    return _cards(
        list(CoursePage.objects.child_of(page).live().order_by("path").select_related("shared_from")), request
    )


def _cards(courses: list[CoursePage], request: HttpRequest | None) -> tuple[CourseCard, ...]:
    held = live_versions([course.shared_from or course for course in courses])
    wanted = [version for lessons in held.values() for _lesson, version in lessons]
    rows = {row.uuid: version_data(row) for row in LessonVersion.objects.filter(uuid__in=wanted)}
    pages = dict(
        LiveLesson.objects.filter(version__uuid__in=wanted, page__live=True).values_list(
            "version__uuid", "page__url_path"
        )
    )
    cards = []
    for course in courses:
        source = course.shared_from or course
        base = source.get_url(request) or ""
        lessons = tuple(
            _lesson_card(rows[version].document, f"{base}{pages[version].rstrip('/').rsplit('/', 1)[-1]}/")
            for _lesson, version in held.get(source.path, ())
        )
        cards.append(
            CourseCard(
                uid=source.uid,
                title=source.title,
                code=course.code or source.code,
                summary=source.summary,
                url=base,
                hours=sum((lesson.hours for lesson in lessons), _NO_HOURS),
                lessons=lessons,
            )
        )
    return tuple(cards)


def _lesson_card(document: LessonDocument, url: str) -> LessonCard:
    methods = dict(METHODS)
    return LessonCard(
        uid=document.uid,
        title=document.title,
        summary=document.summary,
        url=url,
        kind_label=str(dict(LessonPage.KINDS)[document.kind.value]),
        delivery_label=str(dict(LessonPage.DELIVERIES)[document.delivery.value]),
        method_labels=tuple(str(methods[method.value]) for method in document.methods),
        hours=document.hours,
        online_minutes=document.online_minutes,
        audiences=document.audiences,
    )


def level_rows(acting: Acting) -> tuple[LevelRow, ...]:
    """Every level as the authority sees it: open or closed, and the decisions about it, the latest first."""
    closed = closed_levels()
    decided: dict[int, list[LevelOpening]] = {}
    for opening in LevelOpening.objects.order_by("-id"):
        decided.setdefault(opening.level, []).append(opening)
    may_decide = decides_openings(acting)
    return tuple(
        LevelRow(
            number=int(level),
            title=level.label_zh,
            rank=level.rank_zh,
            is_open=level not in closed,
            may_decide=may_decide and level in DECIDED_LEVELS,
            decisions=tuple(
                LevelDecision(one.opens, one.document, one.reason, one.decided_on)
                for one in decided.get(int(level), ())
            ),
        )
        for level in sorted(Level)
    )
