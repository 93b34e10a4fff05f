"""Re-checks in Wagtail's admin. Imported by `media_pipeline.wagtail_hooks`."""

from django.urls import URLPattern, URLResolver, include, path
from wagtail import hooks


@hooks.register("register_admin_urls")
def recheck_urls() -> list[URLPattern | URLResolver]:
    """Wagtail wraps them in its check that the user may enter the admin at all."""
    return [path("rules/<uuid:uuid>/old/", include("media_pipeline.rechecks.admin_urls"))]
