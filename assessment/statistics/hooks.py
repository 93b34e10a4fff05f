"""Statistics in Wagtail's admin: addresses, menu, what waits. Imported by `assessment.wagtail_hooks`."""

from typing import Any

from django.http import HttpRequest
from django.urls import URLPattern, URLResolver, include, path, reverse, reverse_lazy
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.components import Component

from assessment.statistics.rules import decides_concerns, reads_statistics
from assessment.statistics.selectors import waiting_concerns
from lms.accounts.api import NOBODY


@hooks.register("register_admin_urls")
def statistics_urls() -> list[URLPattern | URLResolver]:
    """Wagtail wraps them in its check that the user may enter the admin at all."""
    return [path("statistics/", include("assessment.statistics.admin_urls"))]


class StatisticsItem(MenuItem):
    """Shown to whoever may read statistics."""

    def is_shown(self, request: HttpRequest) -> bool:
        """By the matrix."""
        return reads_statistics(getattr(request, "acting", NOBODY))


@hooks.register("register_admin_menu_item")
def statistics_item() -> MenuItem:
    return StatisticsItem(_("Question statistics"), reverse_lazy("statistics:list"), icon_name="table", order=280)


class ConcernsPanel(Component):
    """How many questions with bad statistics wait for the committee."""

    template_name = "assessment/statistics/panel.html"
    order = 70

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        """One count."""
        return {"count": waiting_concerns(parent_context["request"].acting), "url": reverse("statistics:concerns")}


@hooks.register("construct_homepage_panels")
def concerns_panel(request: HttpRequest, panels: list[Component]) -> None:
    """For the committee."""
    if decides_concerns(getattr(request, "acting", NOBODY)):
        panels.append(ConcernsPanel())
