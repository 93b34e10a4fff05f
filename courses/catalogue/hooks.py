"""The curriculum in Wagtail's admin: what passes by the review is refused, what waits is shown."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, URLResolver, include, path, reverse
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.action_menu import ActionMenuItem
from wagtail.admin.ui.components import Component
from wagtail.admin.views.bulk_action import BulkAction
from wagtail.admin.views.pages.bulk_actions.page_bulk_action import PageBulkAction
from wagtail.admin.widgets import Button
from wagtail.models import Page

from courses.catalogue.models import CoursePage, GatedPage, LessonPage, LevelPage
from courses.catalogue.reviewing import may_review, returned_states, waiting_states
from courses.catalogue.rules import arranges_curriculum, writes_lessons
from courses.catalogue.services import rename_copy


@hooks.register("register_admin_urls")
def curriculum_urls() -> list[URLPattern | URLResolver]:
    """Wagtail wraps them in its check that the user may enter the admin at all."""
    return [path("curriculum/", include("courses.catalogue.admin_urls"))]


@hooks.register("before_publish_page")
def only_by_review(request: HttpRequest, page: Page) -> HttpResponse | None:
    """Superusers are offered a button that others are not; it saves, and publishes nothing."""
    if not isinstance(page, GatedPage):
        return None
    messages.error(request, gettext("Saved as a draft. Nothing goes live before a second person has approved it."))
    return redirect("wagtailadmin_pages:edit", page.pk)


@hooks.register("before_copy_page")
def copies_have_their_own_ways(request: HttpRequest, page: Page) -> HttpResponse | None:
    """A level is copied as a new edition; a module is shared, not mirrored."""
    specific = page.specific
    if isinstance(specific, LevelPage):
        return redirect("curriculum_admin:new_edition", specific.pk)
    if isinstance(specific, GatedPage) and request.POST.get("alias"):
        messages.error(request, gettext("A module is used in another level by sharing it, not by a mirror page."))
        return redirect("wagtailadmin_explore", page.get_parent().pk)
    return None


@hooks.register("after_copy_page")
def a_copy_is_another_lesson(request: HttpRequest, page: Page, new_page: Page) -> None:
    """Its tasks and questions have names of their own as well."""
    for lesson in LessonPage.objects.descendant_of(new_page, inclusive=True):
        rename_copy(lesson, request.user)


class ReviewItem(ActionMenuItem):
    """The reviewer's way from the locked page to her decision."""

    name = "action-review"
    label = pgettext_lazy("review", "Read and decide")
    icon_name = "clipboard-list"

    def is_shown(self, context: dict[str, Any]) -> bool:
        """To who may decide."""
        return context["view"] == "edit" and may_review(context["page"], context["request"].user)

    def get_url(self, context: dict[str, Any]) -> str:
        """The page of the review."""
        return reverse("curriculum_admin:review", args=[context["page"].pk])


@hooks.register("register_page_action_menu_item")
def review_item() -> ReviewItem:
    return ReviewItem(order=5)


@hooks.register("register_page_header_buttons")
def edition_buttons(page: Page, user: Any, view_name: str, next_url: str | None = None) -> Any:
    """What the committee does with a level or a module as a whole."""
    specific = page.specific
    if not arranges_curriculum(user):
        return
    if isinstance(specific, LevelPage):
        yield Button(
            _("Copy as a new edition"),
            reverse("curriculum_admin:new_edition", args=[page.pk]),
            icon_name="copy",
            priority=70,
        )
    if isinstance(specific, CoursePage) and specific.shared_from_id is None:
        yield Button(
            _("Use in another level"), reverse("curriculum_admin:share", args=[page.pk]), icon_name="link", priority=70
        )


class ReviewsPanel(Component):
    """待我审定 and 退回我的."""

    template_name = "courses/admin/reviews_panel.html"
    order = 50

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        """Both lists, at most twenty each."""
        user = parent_context["request"].user
        waiting = [
            {
                "title": state.revision.object_str,
                "by": state.workflow_state.requested_by,
                "at": state.started_at,
                "url": reverse("curriculum_admin:review", args=[state.revision.object_id]),
            }
            for state in waiting_states(user).select_related("revision", "workflow_state__requested_by")[:20]
        ]
        returned = [
            {
                "title": state.current_task_state.revision.object_str,
                "comment": state.current_task_state.comment,
                "at": state.current_task_state.finished_at,
                "url": reverse("wagtailadmin_pages:edit", args=[state.object_id]),
            }
            for state in returned_states(user).select_related("current_task_state__revision")[:20]
        ]
        return {"waiting": waiting, "returned": returned, "reviews": arranges_curriculum(user)}


_WAGTAILS = {"workflow_objects_to_moderate", "site_summary"}


@hooks.register("construct_homepage_panels")
def reviews_panel(request: HttpRequest, panels: list[Component]) -> None:
    """First what waits for her; Wagtail's own panel of the same things goes."""
    if writes_lessons(request):
        panels[:] = [ReviewsPanel(), *(panel for panel in panels if getattr(panel, "name", "") not in _WAGTAILS)]


# What many pages at once may be put to, and what one page asks for it.
_AT_ONCE = {"publish": "can_publish", "unpublish": "can_unpublish", "delete": "can_delete", "move": "can_move"}


@hooks.register("before_bulk_action")
def not_at_once_either(request: HttpRequest, action_type: str, objects: Iterable[Any], action: BulkAction) -> None:
    """Many pages at once are judged as each alone: Wagtail takes them for plain pages, whose rights know no review.

    Raises PermissionDenied, and none of them is touched.
    """
    if not isinstance(action, PageBulkAction):
        return
    for page in (one.specific for one in objects):
        if not isinstance(page, GatedPage):
            continue
        asked = _AT_ONCE.get(action_type)
        if asked is not None and not getattr(page.permissions_for_user(request.user), asked)():
            raise PermissionDenied(gettext("Your role may not do this here."))
        if action_type == "delete":
            what_is_taught_stays(request, page)


@hooks.register("before_delete_page")
def what_is_taught_stays(request: HttpRequest, page: Page) -> None:
    """A module that another level shares is not deleted."""
    if CoursePage.objects.filter(shared_from__in=CoursePage.objects.descendant_of(page, inclusive=True)).exists():
        raise PermissionDenied(gettext("Another level uses this module."))
