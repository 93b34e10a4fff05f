"""What Wagtail's data migrations make, for runs without migrations (--nomigrations)."""

from wagtail.models import Collection, Locale, Page

from courses.catalogue.services import load_curriculum


def curriculum() -> None:
    """Load the curriculum, on Wagtail's roots."""
    if not Locale.objects.exists():
        Locale.objects.create(language_code="zh-hans")
    if not Page.objects.exists():
        Page.add_root(title="Root", slug="root")
    if not Collection.objects.exists():
        Collection.add_root(name="Root")
    load_curriculum()
