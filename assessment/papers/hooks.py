"""Blueprints and papers in Wagtail's admin: addresses and menu. Imported by `assessment.wagtail_hooks`."""

from django.http import HttpRequest
from django.urls import URLPattern, URLResolver, include, path, reverse_lazy
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from assessment.papers.rules import reads_papers
from lms.accounts.api import NOBODY


@hooks.register("register_admin_urls")
def paper_urls() -> list[URLPattern | URLResolver]:
    """Wagtail wraps them in its check that the user may enter the admin at all."""
    return [path("papers/", include("assessment.papers.admin_urls"))]


class PapersItem(MenuItem):
    """Shown to whoever may read papers."""

    def is_shown(self, request: HttpRequest) -> bool:
        """By the matrix."""
        return reads_papers(getattr(request, "acting", NOBODY))


@hooks.register("register_admin_menu_item")
def papers_item() -> MenuItem:
    return PapersItem(_("Blueprints and papers"), reverse_lazy("papers:list"), icon_name="doc-full-inverse", order=270)
