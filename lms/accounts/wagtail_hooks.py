"""The Wagtail admin: our colours and logo, the administrator's pages, and nothing that would pass by the services."""

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import URLPattern, URLResolver, include, path, reverse_lazy
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.components import Component

from lms.accounts.matrix import can
from lms.accounts.rules import acting_of


@hooks.register("insert_global_admin_css")
def kaibo_css() -> SafeString:
    """Colours, focus and fonts; no other admin CSS."""
    return format_html('<link rel="stylesheet" href="{}">', static("admin/kaibo-admin.css"))


@hooks.register("register_admin_urls")
def people_urls() -> list[URLPattern | URLResolver]:
    """Wagtail wraps them in its check that the user may enter the admin at all."""
    return [path("people/", include("lms.accounts.backoffice.urls"))]


class PeopleItem(MenuItem):
    """Shown to whoever may read that kind of object."""

    object_kind = "user"

    def is_shown(self, request: HttpRequest) -> bool:
        """By the matrix."""
        return can(acting_of(request.user), self.object_kind, "read") is not None


@hooks.register("register_admin_menu_item")
def users_item() -> MenuItem:
    return PeopleItem(_("Logins and roles"), reverse_lazy("people_admin:users"), icon_name="user", order=100)


@hooks.register("register_admin_menu_item")
def organisations_item() -> MenuItem:
    return PeopleItem(_("Organisations"), reverse_lazy("people_admin:organisations"), icon_name="site", order=110)


@hooks.register("register_admin_menu_item")
def persons_item() -> MenuItem:
    return PeopleItem(_("Persons"), reverse_lazy("people_admin:persons"), icon_name="group", order=120)


@hooks.register("construct_main_menu")
def without_wagtails_help(request: HttpRequest, menu_items: list[MenuItem]) -> None:
    """The help menu tells Wagtail's news, in English, and leads off the site."""
    menu_items[:] = [item for item in menu_items if item.name != "help"]


class PeoplePanel(Component):
    """The administrator's first page: her three lists."""

    template_name = "accounts/admin/panel.html"
    order = 100


@hooks.register("construct_homepage_panels")
def people_panel(request: HttpRequest, panels: list[Component]) -> None:
    """For whoever manages logins."""
    if can(acting_of(request.user), "user", "read") is not None:
        panels[:] = [PeoplePanel()]


@hooks.register("construct_homepage_summary_items")
def only_ones_own_figures(request: HttpRequest, items: list[Any]) -> None:
    """The page count says nothing to an administrator, who sees no page."""
    if can(acting_of(request.user), "lesson", "read") is None:
        items.clear()
