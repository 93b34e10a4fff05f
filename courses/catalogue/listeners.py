"""What this room does when Wagtail has let a page go live."""

from typing import Any

from django.dispatch import receiver
from wagtail.models import Revision
from wagtail.signals import page_published

from courses.catalogue.keeping import keep_version
from courses.catalogue.models import LessonPage
from lms.core import clock


@receiver(page_published, sender=LessonPage, dispatch_uid="courses.keep_version")
def keep_published_lesson(instance: LessonPage, revision: Revision | None = None, **_kwargs: Any) -> None:
    """Keep its text for good, when it went live and was not only scheduled."""
    if instance.live:
        keep_version(instance, revision, clock.now())
