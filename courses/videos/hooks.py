"""Lesson videos in Wagtail's admin: addresses, menu, chooser. Imported by `courses.wagtail_hooks`."""

from typing import Any

from django.http import HttpRequest
from django.urls import URLPattern, URLResolver, include, path, reverse, reverse_lazy
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.admin_url_finder import register_admin_url_finder
from wagtail.admin.menu import MenuItem

from courses.videos.blocks import LessonVideoChooser, lesson_video_chooser
from courses.videos.models import LessonVideo
from courses.videos.rules import makes_videos


@hooks.register("register_admin_urls")
def video_urls() -> list[URLPattern | URLResolver]:
    """Wagtail wraps them in its check that the user may enter the admin at all."""
    return [path("lesson-videos/", include("courses.videos.admin_urls"))]


@hooks.register("register_admin_viewset")
def video_chooser() -> LessonVideoChooser:
    return lesson_video_chooser


class VideosItem(MenuItem):
    """Shown to whoever writes lessons."""

    def is_shown(self, request: HttpRequest) -> bool:
        """By the matrix."""
        return makes_videos(request)


@hooks.register("register_admin_menu_item")
def videos_item() -> MenuItem:
    return VideosItem(_("Lesson videos"), reverse_lazy("lesson_videos:list"), icon_name="media", order=250)


class VideoFinder:
    """Where a lesson video is edited: the chooser leads there."""

    def __init__(self, user: Any = None) -> None:
        self.user = user

    def get_edit_url(self, instance: LessonVideo) -> str:
        """Its page with the captions."""
        return reverse("lesson_videos:video", args=[instance.uuid])


register_admin_url_finder(LessonVideo, VideoFinder)
