"""Laying the frame of the curriculum; new editions, shared modules, decisions about levels."""

from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import yaml
from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from wagtail.models import (
    Collection,
    GroupCollectionPermission,
    GroupPagePermission,
    Page,
    Site,
    Workflow,
    WorkflowPage,
    WorkflowTask,
)

from courses.catalogue.logic import DECIDED_LEVELS
from courses.catalogue.models import (
    CoursePage,
    CurriculumPage,
    LessonPage,
    LevelOpening,
    LevelPage,
    SecondPersonTask,
)
from courses.catalogue.releasing import releasing
from courses.catalogue.reviewing import authors_of
from courses.catalogue.rules import require_opening_right
from courses.catalogue.selectors import closed_levels
from lms.accounts.api import COMMITTEE_GROUP, INSTRUCTOR_GROUP, Acting, Role, User, require
from lms.core import audit, clock
from lms.core.clock import day_of
from lms.core.reference import content_hash
from lms.core.types import Level

_FILE = Path(__file__).with_name("curriculum.yaml")
# What the committee may do with pages below the curriculum, and with pictures and documents for them.
# Nobody may publish: that is for the review. Files are added and chosen, changed only by who brought them.
_AUTHOR_RIGHTS = ("add_page", "change_page")
_PAGE_RIGHTS = (*_AUTHOR_RIGHTS, "lock_page", "unlock_page")
_COLLECTION_RIGHTS = ("add_image", "choose_image", "add_document", "choose_document")
REVIEW = "两人审定"
# Groups and workflow of Wagtail's own installation: rights here come from roles only.
_WAGTAIL_GROUPS = ("Editors", "Moderators")
_WAGTAIL_WORKFLOW = "Moderators approval"


@transaction.atomic
def load_curriculum() -> int:
    """Make the Wagtail site, the curriculum page, the five levels, the review and the rights; returns rows changed.

    A level's text is renewed from our file as long as nobody has edited the page.
    """
    frame: dict[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    curriculum, changed = _curriculum(str(frame["title"]))
    changed += sum(_level(curriculum, level) for level in frame["levels"])
    changed += _rights(curriculum, COMMITTEE_GROUP, _PAGE_RIGHTS, Role.COMMITTEE)
    changed += _rights(curriculum, INSTRUCTOR_GROUP, _AUTHOR_RIGHTS, Role.INSTRUCTOR)
    changed += _review(curriculum)
    return changed + _put_away_wagtails_own()


def _curriculum(title: str) -> tuple[CurriculumPage, int]:
    page = CurriculumPage.objects.first()
    if page is not None:
        return page, 0
    page = CurriculumPage(title=title, slug="curriculum", show_in_menus=True)
    Page.get_first_root_node().add_child(instance=page)
    site = Site.objects.filter(is_default_site=True).first() or Site(hostname="localhost", is_default_site=True)
    welcome = site.root_page if site.pk else None
    site.root_page, site.site_name = page, "Kaibo"
    site.save()
    if welcome is not None and welcome.slug == "home" and not welcome.get_children().exists():
        welcome.delete()
    page.refresh_from_db()
    return page, 1


def _level(curriculum: CurriculumPage, wanted: dict[str, Any]) -> int:
    intro = str(wanted["intro"]).strip()
    ours = content_hash(intro)
    page = LevelPage.objects.filter(level=wanted["level"], edition=1).first()
    if page is None:
        page = LevelPage(
            title=wanted["title"],
            slug=wanted["slug"],
            level=wanted["level"],
            intro=intro,
            is_open=bool(wanted["open"]),
            reference_hash=ours,
        )
        curriculum.add_child(instance=page)
        _release(page)
        return 1
    edited = content_hash(page.intro) != page.reference_hash
    if edited or page.reference_hash == ours or page.has_unpublished_changes:
        return 0
    page.intro, page.reference_hash = intro, ours
    _release(page)
    return 1


def _release(page: LevelPage) -> None:
    with releasing():
        page.save_revision().publish()


def _rights(curriculum: CurriculumPage, name: str, page_rights: tuple[str, ...], role: Role) -> int:
    """A group's rights are exactly these; who holds the role is in it."""
    group, _made = Group.objects.get_or_create(name=name)
    pages = Permission.objects.filter(content_type__app_label="wagtailcore", codename__in=page_rights)
    files = Permission.objects.filter(
        content_type__app_label__in=("wagtailimages", "wagtaildocs"), codename__in=_COLLECTION_RIGHTS
    )
    root = Collection.get_first_root_node()
    changed = GroupPagePermission.objects.filter(group=group).exclude(page=curriculum, permission__in=pages).delete()[0]
    changed += GroupCollectionPermission.objects.filter(group=group).exclude(permission__in=files).delete()[0]
    for permission in pages:
        changed += GroupPagePermission.objects.get_or_create(group=group, page=curriculum, permission=permission)[1]
    for permission in files:
        changed += GroupCollectionPermission.objects.get_or_create(group=group, collection=root, permission=permission)[
            1
        ]
    outside = User.objects.filter(memberships__role=role).exclude(groups=group).distinct()
    for user in outside.filter(Q(memberships__valid_to=None) | Q(memberships__valid_to__gte=clock.today())):
        user.groups.add(group)
        changed += 1
    return changed


def _review(curriculum: CurriculumPage) -> int:
    """The workflow every page of the curriculum goes through."""
    if WorkflowPage.objects.filter(page=curriculum, workflow__name=REVIEW, workflow__active=True).exists():
        return 0
    task = SecondPersonTask.objects.filter(name=REVIEW).first() or SecondPersonTask.objects.create(name=REVIEW)
    workflow, _made = Workflow.objects.get_or_create(name=REVIEW, defaults={"active": True})
    WorkflowTask.objects.get_or_create(workflow=workflow, task=task.task_ptr, defaults={"sort_order": 0})
    WorkflowPage.objects.update_or_create(page=curriculum, defaults={"workflow": workflow})
    return 1


def _put_away_wagtails_own() -> int:
    groups, _rows = Group.objects.filter(name__in=_WAGTAIL_GROUPS, user=None).delete()
    pages, _rows = WorkflowPage.objects.filter(workflow__name=_WAGTAIL_WORKFLOW).delete()
    workflows = Workflow.objects.filter(name=_WAGTAIL_WORKFLOW, active=True).update(active=False)
    return groups + pages + workflows


class CurriculumRefused(Exception):
    """A foreseen refusal. `message` is for the person who asked; `field` names the input."""

    def __init__(self, message: str, *, code: str, field: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.field = field


@transaction.atomic
def copy_edition(*, by: Acting, user: User | None, page: LevelPage, now: datetime) -> LevelPage:
    """A level with its modules and lessons as a new edition; it is a draft until two people let it go live.

    Lessons keep their names (uid). A text that is live in the old edition was approved, so it is live in the new one; one
    with unpublished changes comes over as it is live, and its changes as a draft. Raises NotAllowed, CurriculumRefused
    ("draft").
    """
    require(by, "lesson", "approve")
    Page.objects.select_for_update().get(pk=page.get_parent().pk)
    last = LevelPage.objects.filter(level=page.level).order_by("-edition").first()
    if last is not None and not last.live:
        raise CurriculumRefused(_("The newest edition is still a draft. Finish or delete it first."), code="draft")
    number = last.edition + 1 if last else 1
    copy = LevelPage(
        title=page.title,
        slug=f"level-{page.level}-{number}",
        level=page.level,
        edition=number,
        intro=page.intro,
        is_open=page.is_open,
        live=False,
        owner=user,
    )
    page.get_parent().add_child(instance=copy)
    copy.save_revision(user=user)
    for course in CoursePage.objects.child_of(page).order_by("path"):
        _copy_course(course, copy, user)
    audit.record(
        subject_kind="curriculum_page",
        subject=copy.translation_key,
        action="edition_copied",
        actor=by.user,
        fields={"level": copy.level, "edition": number, "from": page.edition},
        now=now,
    )
    return copy


def _copy_course(course: CoursePage, to: LevelPage, user: User | None) -> None:
    copy = CoursePage(
        title=course.title,
        slug=course.slug,
        uid=course.uid,
        code=course.code,
        summary=course.summary,
        shared_from=course.shared_from,
        reference_hash=course.reference_hash,
        live=False,
        owner=user,
    )
    to.add_child(instance=copy)
    _go_live_as(course, copy, user)
    for lesson in LessonPage.objects.child_of(course).order_by("path"):
        fields = {name: getattr(lesson, name) for name in _LESSON_FIELDS}
        twin = LessonPage(slug=lesson.slug, live=False, owner=user, **fields)
        copy.add_child(instance=twin)
        _go_live_as(lesson, twin, user)
        if lesson.has_unpublished_changes:
            newer = lesson.get_latest_revision_as_object()
            for name in _LESSON_FIELDS:
                setattr(twin, name, getattr(newer, name))
            # Who wrote the changes stays their author: she does not approve them in the copy either.
            for author in User.objects.filter(pk__in=authors_of(lesson.latest_revision)):
                twin.save_revision(user=author)
            twin.save_revision(user=user)


_LESSON_FIELDS = (
    "title",
    "uid",
    "summary",
    "kind",
    "delivery",
    "methods",
    "hours",
    "online_minutes",
    "tags",
    "audiences",
    "body",
    "reference_hash",
)


def _go_live_as(source: Page, copy: Page, user: User | None) -> None:
    revision = copy.save_revision(user=user)
    if source.live:
        with releasing():
            revision.publish()
        copy.refresh_from_db()


@transaction.atomic
def share_module(*, by: Acting, user: User | None, course: CoursePage, level: LevelPage, now: datetime) -> CoursePage:
    """Use a module in another level without copy (S3-15): its lessons are the source's. Live after the review.

    Raises NotAllowed, CurriculumRefused ("level").
    """
    require(by, "lesson", "approve")
    source = course.shared_from or course
    if source.get_parent().pk == level.pk:
        raise CurriculumRefused(_("The module belongs to this level already."), code="level", field="level")
    if CoursePage.objects.child_of(level).filter(uid=source.uid).exists():
        raise CurriculumRefused(_("This level uses the module already."), code="level", field="level")
    slugs = set(CoursePage.objects.child_of(level).values_list("slug", flat=True))
    slug = source.slug if source.slug not in slugs else f"{source.slug}-{source.uid.hex[:6]}"
    shared = CoursePage(
        title=source.title, slug=slug, uid=source.uid, code="", shared_from=source, live=False, owner=user
    )
    level.add_child(instance=shared)
    shared.save_revision(user=user)
    audit.record(
        subject_kind="curriculum_page",
        subject=shared.translation_key,
        action="module_shared",
        actor=by.user,
        fields={"module": source.uid, "level": level.level, "edition": level.edition},
        now=now,
    )
    return shared


def rename_copy(page: LessonPage, user: Any) -> None:
    """After Wagtail copied a lesson: its tasks and questions get names of their own, as the copy itself has."""
    uid = page.uid
    raw = [
        {**block, "id": str(uuid4())} if block["type"] in {"task", "check"} else block
        for block in page.body.get_prep_value()
    ]
    page.body = page._meta.get_field("body").stream_block.to_python(raw)
    page.uid = uid
    page.save_revision(user=user)
    if not page.live:
        page.save()


@transaction.atomic
def decide_level(
    *, by: Acting, level: Level, opens: bool, document: str, reason: str, decided_on: date, now: datetime
) -> LevelOpening:
    """Record the authority's decision on a level (S1-10): from now on classes of it may be planned and joined, or not.

    Raises NotAllowed, CurriculumRefused ("level", "document", "reason", "decided_on", "same").
    """
    require_opening_right(by)
    if level not in DECIDED_LEVELS:
        raise CurriculumRefused(_("This level needs no decision."), code="level", field="level")
    said, why = " ".join(document.split()), " ".join(reason.split())
    if not said:
        raise CurriculumRefused(_("Name the document of the decision."), code="document", field="document")
    if not why:
        raise CurriculumRefused(_("Say what the decision rests on."), code="reason", field="reason")
    if decided_on > day_of(now):
        raise CurriculumRefused(_("This day has not come yet."), code="decided_on", field="decided_on")
    if (level not in closed_levels()) == opens:
        raise CurriculumRefused(_("That is how it stands already."), code="same")
    row = LevelOpening.objects.create(
        level=int(level),
        opens=opens,
        document=said[:200],
        reason=why[:500],
        decided_on=decided_on,
        by=by.user,
        created_at=now,
    )
    audit.record(
        subject_kind="level_opening",
        subject=row.uuid,
        action="opened" if opens else "closed",
        actor=by.user,
        fields={"level": int(level), "document": said},
        now=now,
    )
    return row
