"""What the pages of the curriculum show; screens are made from documents, never from a page's fields."""

from collections.abc import Iterable
from dataclasses import dataclass
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

from courses.catalogue.logic import block_type, checks_of, tasks_of, videos_of
from courses.catalogue.markdown import to_html
from courses.catalogue.models import CurriculumPage, LessonPage, LevelPage
from courses.catalogue.selectors import closed_levels, editions_in_force
from courses.catalogue.types import (
    Block,
    CheckBlock,
    CourseCard,
    DownloadBlock,
    LessonCard,
    LessonDocument,
    LevelView,
    PictureBlock,
    TaskBlock,
    VideoBlock,
)
from courses.videos.selectors import video_views
from courses.videos.types import VideoView
from lms.core import clock
from lms.core.types import Level

_TAGS = {"p", "h3", "ul", "ol", "li", "blockquote", "b", "strong", "a", "br"}
_NO_HOURS = Decimal(0)
_EMPTY = SafeString("")


@dataclass(frozen=True)
class BlockView:
    """One block on a screen. type: its word of BLOCK_TYPES; anchor: its id on the page, for marks and resuming.

    block: the document's own, for its plain fields; html: its Markdown, safe. file_url: of a picture or download;
    video: with addresses for this reader, None when the video is gone. number, of: which check or task of how many.
    """

    type: str
    anchor: str
    block: Block
    html: SafeString = _EMPTY
    file_url: str = ""
    video: VideoView | None = None
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
) -> LessonView:
    """A lesson for one reader; who may read it is decided before. Videos cost five queries, the rest none.

    version: of the `LessonVersion` shown; without it (preview) pictures are served to those who edit.
    """
    videos = video_views(videos_of(document), user=user, now=now) if videos_of(document) else {}
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
                file_url=file_url(block, version) if isinstance(block, (PictureBlock, DownloadBlock)) else "",
                video=videos.get(block.video) if isinstance(block, VideoBlock) else None,
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


def file_url(block: PictureBlock | DownloadBlock, version: UUID | None) -> str:
    """Where a version's picture or file is served to whoever reads lessons."""
    if version is None:
        return reverse("courses:draft_file", args=[block.sha256])
    return reverse("courses:version_file", args=[version, block.sha256])


def context_of(page: Page, request: HttpRequest) -> dict[str, Any]:
    """The names a page's template uses: `levels`, `level`, `course` or `lesson`, and `back_url`."""
    if isinstance(page, CurriculumPage):
        return {"levels": levels_in_force(request)}
    back = {"back_url": page.get_parent().get_url(request)}
    if isinstance(page, LevelPage):
        return {**back, "level": level_view(page, request, courses=course_cards(page, request))}
    return back


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
    return ()
