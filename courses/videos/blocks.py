"""Choosing a lesson video: the modal in Wagtail's admin, and the block for StreamFields."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.views.generic.chooser import ChooseResultsView, ChooseView, ChosenView
from wagtail.admin.viewsets.chooser import ChooserViewSet

from courses.videos.rules import makes_videos


class _Gated:
    """Only who writes lessons chooses among their videos."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The gate, then the view. Raises PermissionDenied."""
        if not makes_videos(request):
            raise PermissionDenied
        answer: HttpResponse = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        return answer


class _Choose(_Gated, ChooseView):
    """The modal."""


class _Results(_Gated, ChooseResultsView):
    """Its list, while one types."""


class _Chosen(_Gated, ChosenView):
    """The one chosen."""


class LessonVideoChooser(ChooserViewSet):
    """All lesson videos, newest first, found by title; new ones are handed in on their own page."""

    model = "courses.LessonVideo"
    icon = "media"
    choose_one_text = _("Choose a lesson video")
    choose_another_text = _("Choose another lesson video")
    edit_item_text = _("Captions of this lesson video")
    choose_view_class = _Choose
    choose_results_view_class = _Results
    chosen_view_class = _Chosen


lesson_video_chooser = LessonVideoChooser("lesson_video_chooser", url_prefix="lesson-videos/choose")
LessonVideoBlock = lesson_video_chooser.get_block_class(name="LessonVideoBlock", module_path="courses.videos.blocks")
