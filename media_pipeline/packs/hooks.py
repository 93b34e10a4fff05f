"""Rule packs in Wagtail's admin: addresses and menu. Imported by `media_pipeline.wagtail_hooks`."""

from django.http import HttpRequest
from django.urls import URLPattern, URLResolver, include, path, reverse_lazy
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from lms.accounts.api import NOBODY
from media_pipeline.packs.rules import reads_packs


@hooks.register("register_admin_urls")
def rule_urls() -> list[URLPattern | URLResolver]:
    """Wagtail wraps them in its check that the user may enter the admin at all."""
    return [path("rules/", include("media_pipeline.packs.admin_urls"))]


class RulesItem(MenuItem):
    """Shown to whoever may read rule packs."""

    def is_shown(self, request: HttpRequest) -> bool:
        """By the matrix."""
        return reads_packs(getattr(request, "acting", NOBODY))


@hooks.register("register_admin_menu_item")
def rules_item() -> MenuItem:
    return RulesItem(_("Compliance rules"), reverse_lazy("rules:list"), icon_name="warning", order=280)
