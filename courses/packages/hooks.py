"""Packages in Wagtail's admin: addresses, menu, chooser. Imported by `courses.wagtail_hooks`."""

from typing import Any

from django.http import HttpRequest
from django.urls import URLPattern, URLResolver, include, path, reverse, reverse_lazy
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.admin_url_finder import register_admin_url_finder
from wagtail.admin.menu import MenuItem

from courses.packages.blocks import PackageChooser, package_chooser
from courses.packages.models import ContentPackage
from courses.packages.rules import makes_packages


@hooks.register("register_admin_urls")
def package_urls() -> list[URLPattern | URLResolver]:
    """Wagtail wraps them in its check that the user may enter the admin at all."""
    return [path("packages/", include("courses.packages.admin_urls"))]


@hooks.register("register_admin_viewset")
def chooser() -> PackageChooser:
    return package_chooser


class PackagesItem(MenuItem):
    """Shown to whoever writes lessons."""

    def is_shown(self, request: HttpRequest) -> bool:
        """By the matrix."""
        return makes_packages(request)


@hooks.register("register_admin_menu_item")
def packages_item() -> MenuItem:
    return PackagesItem(_("Packages"), reverse_lazy("packages:list"), icon_name="code", order=255)


class PackageFinder:
    """Where the chooser leads: packages are never changed, so to their list."""

    def __init__(self, user: Any = None) -> None:
        self.user = user

    def get_edit_url(self, _instance: ContentPackage) -> str:
        """The list."""
        return reverse("packages:list")


register_admin_url_finder(ContentPackage, PackageFinder)
