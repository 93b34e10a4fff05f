"""What this room does when Wagtail has let a page go live."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models.signals import pre_save
from django.dispatch import receiver
from wagtail.documents.models import Document
from wagtail.images.models import Image
from wagtail.models import Revision
from wagtail.signals import page_published

from courses.catalogue.file_forms import REPLACED
from courses.catalogue.keeping import keep_version
from courses.catalogue.models import LessonPage
from courses.catalogue.practice import practise
from lms.core import clock


@receiver(page_published, sender=LessonPage, dispatch_uid="courses.keep_version")
def keep_published_lesson(instance: LessonPage, revision: Revision | None = None, **_kwargs: Any) -> None:
    """Keep its text for good, when it went live and was not only scheduled; its self-checks go into the practice pool."""
    if instance.live:
        now = clock.now()
        practise(instance, keep_version(instance, revision, now), now)


@receiver(pre_save, sender=Image, dispatch_uid="courses.kept_image")
@receiver(pre_save, sender=Document, dispatch_uid="courses.kept_document")
def keep_file(sender: type[Image] | type[Document], instance: Image | Document, **_kwargs: Any) -> None:
    """A file is never replaced by another, shown or not: whoever reviews a text that names it has seen what goes live.

    Raises PermissionDenied.
    """
    if instance.pk is None:
        return
    before = sender.objects.filter(pk=instance.pk).values_list("file", flat=True).first()
    # A file that was chosen but not stored yet is another one, whatever it is called.
    if before is not None and (before != instance.file.name or not instance.file._committed):
        raise PermissionDenied(str(REPLACED))
