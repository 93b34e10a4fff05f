"""Lesson videos by name. The file, its renditions and captions are the media pipeline's, named by uuid.

For the StreamField's video block: `from courses.videos.blocks import LessonVideoBlock` (a ChooserBlock over `LessonVideo`;
its value is the row, `.uuid` is what a `VideoBlock` of a lesson document keeps). The chooser's modal and the upload and
caption pages are in `wagtail_hooks`/`views`. For templates: `courses.videos.selectors.video_views(uuids, user=, now=)` and
`components/lesson_player.html`.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lms.core.records import Record

__all__ = ["LessonVideo"]


class LessonVideo(Record):
    """A video that lessons show. `asset`: the media pipeline's; `author`: the login that handed it in.

    Its state is the asset's. The title may be mended; another picture is another video.
    """

    title = models.CharField(pgettext_lazy("lesson video", "title"), max_length=60)
    asset = models.UUIDField(unique=True, editable=False)
    author = models.UUIDField(editable=False)
    is_demo = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField(editable=False)

    class Meta:
        verbose_name = _("lesson video")
        verbose_name_plural = _("lesson videos")
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=~models.Q(title=""), name="courses_video_has_title"),
        ]

    def __str__(self) -> str:
        return self.title
