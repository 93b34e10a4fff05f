"""Choosing a lesson video: the modal in Wagtail's admin, and the block for StreamFields. Packages are chosen the same way."""

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from wagtail.admin.forms.choosers import BaseFilterForm
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.generic.chooser import ChooseResultsView, ChooseView, ChosenView
from wagtail.admin.viewsets.chooser import ChooserViewSet

from courses.videos.models import LessonVideo
from courses.videos.rules import makes_videos
from lms.core import clock


class _Gated:
    """Only who writes lessons chooses among their videos."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The gate, then the view. Raises PermissionDenied."""
        if not makes_videos(request):
            raise PermissionDenied
        answer: HttpResponse = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        return answer


class TitleFilter(BaseFilterForm):
    """Finds by any part of the title: two Chinese characters are enough."""

    q = forms.CharField(label=pgettext_lazy("lesson video", "Title"), required=False, max_length=60)

    def filter(self, objects: QuerySet[LessonVideo]) -> QuerySet[LessonVideo]:
        """Those whose title holds what was typed."""
        objects = super().filter(objects)
        words = " ".join(self.cleaned_data["q"].split())
        if not words:
            return objects
        self.is_searching, self.search_query = True, words
        return objects.filter(title__icontains=words)


class _Listed(_Gated):
    """What the modal and its list share."""

    filter_form_class = TitleFilter
    title_column: Column

    @property
    def columns(self) -> list[Column]:
        """Title and day: titles may be alike."""
        handed_in = pgettext_lazy("lesson video", "Handed in on")
        return [self.title_column, Column("created_at", label=handed_in, accessor=_day)]


def _day(video: LessonVideo) -> str:
    return f"{video.created_at.astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M}"


class Choose(_Listed, ChooseView):
    """The modal."""


class Results(_Listed, ChooseResultsView):
    """Its list, while one types."""


class Chosen(_Gated, ChosenView):
    """The one chosen."""


class LessonVideoChooser(ChooserViewSet):
    """All lesson videos, newest first, found by title; new ones are handed in on their own page."""

    model = "courses.LessonVideo"
    icon = "media"
    choose_one_text = _("Choose a lesson video")
    choose_another_text = _("Choose another lesson video")
    edit_item_text = _("Captions of this lesson video")
    choose_view_class = Choose
    choose_results_view_class = Results
    chosen_view_class = Chosen


lesson_video_chooser = LessonVideoChooser("lesson_video_chooser", url_prefix="lesson-videos/choose")
LessonVideoBlock = lesson_video_chooser.get_block_class(name="LessonVideoBlock", module_path="courses.videos.blocks")
