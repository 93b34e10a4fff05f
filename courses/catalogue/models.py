"""The curriculum as Wagtail pages: curriculum > level > course > lesson."""

from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.fields import RichTextField
from wagtail.models import Page
from wagtail.rich_text import expand_db_html

from courses.catalogue.rules import reads_lessons
from courses.catalogue.types import LevelView
from lms.core.types import Level

__all__ = ["CurriculumPage", "LevelPage"]


class GatedPage(Page):
    """A page for roles that read lessons; whoever is not signed in is sent there first."""

    class Meta:
        abstract = True

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The gate, then the page. Raises PermissionDenied."""
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if not reads_lessons(request):
            raise PermissionDenied
        return super().serve(request, *args, **kwargs)


class CurriculumPage(GatedPage):
    """The root of the curriculum: the levels, highest number (elementary) first."""

    max_count = 1
    subpage_types = ["courses.LevelPage"]
    is_creatable = False
    template = "courses/curriculum_page.html"

    class Meta:
        verbose_name = _("curriculum")
        verbose_name_plural = _("curricula")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """`levels`: tuple of LevelView in the order of learning."""
        pages = LevelPage.objects.child_of(self).live().order_by("-level")
        return {
            **super().get_context(request, *args, **kwargs),
            "levels": tuple(page.as_view(request) for page in pages),
        }


class LevelPage(GatedPage):
    """One of the five levels (S1-06). Technician and senior technician stay closed until the authority opens them (S1-10)."""

    LEVELS = [(level.value, level.label_zh) for level in Level]

    level = models.PositiveSmallIntegerField(_("level"), choices=LEVELS, unique=True)
    intro = RichTextField(_("introduction"), features=["bold", "ol", "ul", "link"], blank=True)
    is_open = models.BooleanField(_("open for enrolment"), default=False)
    # The hash of the text it was made from: our text may be improved as long as nobody has edited the page.
    reference_hash = models.CharField(max_length=64, blank=True, editable=False)

    parent_page_types = ["courses.CurriculumPage"]
    subpage_types: list[str] = []
    is_creatable = False
    template = "courses/level_page.html"
    content_panels = [
        *Page.content_panels,
        FieldPanel("level", read_only=True),
        FieldPanel("is_open", read_only=True),
        FieldPanel("intro"),
    ]

    class Meta:
        verbose_name = _("level")
        verbose_name_plural = _("levels")
        constraints = [
            models.CheckConstraint(condition=models.Q(level__gte=1, level__lte=5), name="courses_five_levels"),
        ]

    def as_view(self, request: HttpRequest | None = None) -> LevelView:
        """The page's data for a template."""
        return LevelView(
            title=self.title,
            rank=Level(self.level).rank_zh,
            number=self.level,
            intro=expand_db_html(self.intro),
            is_open=self.is_open,
            url=self.get_url(request) or "",
            courses=(),
        )

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """`level`: LevelView; `back_url`: the curriculum."""
        return {
            **super().get_context(request, *args, **kwargs),
            "level": self.as_view(request),
            "back_url": self.get_parent().get_url(request),
        }
