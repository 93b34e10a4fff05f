"""Laying the frame of the curriculum."""

from pathlib import Path
from typing import Any

import yaml
from django.contrib.auth.models import Group, Permission
from django.db import transaction
from wagtail.models import (
    Collection,
    GroupCollectionPermission,
    GroupPagePermission,
    Page,
    Site,
    Workflow,
    WorkflowPage,
)

from courses.catalogue.models import CurriculumPage, LevelPage
from courses.catalogue.releasing import releasing
from lms.accounts.api import COMMITTEE_GROUP
from lms.core.reference import content_hash

_FILE = Path(__file__).with_name("curriculum.yaml")
# What the committee may do with pages below the curriculum, and with pictures and documents for them.
_PAGE_RIGHTS = ("add_page", "change_page", "publish_page", "lock_page", "unlock_page")
_COLLECTION_RIGHTS = ("add_image", "change_image", "choose_image", "add_document", "change_document", "choose_document")
# Groups and workflow of Wagtail's own installation: rights here come from roles only.
_WAGTAIL_GROUPS = ("Editors", "Moderators")
_WAGTAIL_WORKFLOW = "Moderators approval"


@transaction.atomic
def load_curriculum() -> int:
    """Make the Wagtail site, the curriculum page, the five levels and the committee's rights; returns rows changed.

    A level's text is renewed from our file as long as nobody has edited the page.
    """
    frame: dict[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    curriculum, changed = _curriculum(str(frame["title"]))
    changed += sum(_level(curriculum, level) for level in frame["levels"])
    changed += _committee_rights(curriculum)
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


def _committee_rights(curriculum: CurriculumPage) -> int:
    group, _made = Group.objects.get_or_create(name=COMMITTEE_GROUP)
    changed = 0
    for permission in Permission.objects.filter(content_type__app_label="wagtailcore", codename__in=_PAGE_RIGHTS):
        changed += GroupPagePermission.objects.get_or_create(group=group, page=curriculum, permission=permission)[1]
    root = Collection.get_first_root_node()
    rights = Permission.objects.filter(
        content_type__app_label__in=("wagtailimages", "wagtaildocs"), codename__in=_COLLECTION_RIGHTS
    )
    for permission in rights:
        changed += GroupCollectionPermission.objects.get_or_create(group=group, collection=root, permission=permission)[
            1
        ]
    return changed


def _put_away_wagtails_own() -> int:
    groups, _rows = Group.objects.filter(name__in=_WAGTAIL_GROUPS, user=None).delete()
    pages, _rows = WorkflowPage.objects.filter(workflow__name=_WAGTAIL_WORKFLOW).delete()
    workflows = Workflow.objects.filter(name=_WAGTAIL_WORKFLOW, active=True).update(active=False)
    return groups + pages + workflows
