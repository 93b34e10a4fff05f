"""The forms of export and import: clean input, never save."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from courses.catalogue.exchange.word import LessonFacts
from courses.catalogue.models import CoursePage, LessonPage, LevelPage
from courses.catalogue.page_forms import METHODS
from courses.catalogue.types import Delivery, LessonKind, Method


class ExportForm(forms.Form):
    """Which edition, and whether drafts go along."""

    level = forms.ModelChoiceField(
        queryset=LevelPage.objects.none(),
        label=pgettext_lazy("courses", "Level"),
        required=False,
        empty_label=pgettext_lazy("export", "The whole curriculum"),
    )
    drafts = forms.BooleanField(
        label=_("With changes that are not published yet"),
        required=False,
        help_text=_("Otherwise what trainees read today."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["level"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101
        field.queryset = LevelPage.objects.filter(numchild__gt=0).order_by("-level", "edition")


class FolderForm(forms.Form):
    """A curriculum folder as a zip."""

    archive = forms.FileField(
        label=_("Curriculum folder as a zip file"),
        help_text=_("At most 60 MB. First you see what would happen; nothing is changed yet."),
        widget=forms.FileInput(attrs={"accept": ".zip,application/zip"}),
    )


class WordForm(forms.Form):
    """A Word file."""

    word = forms.FileField(
        label=_("Word file (.docx)"),
        help_text=_("Headings, text, lists and pictures are taken over; you see what is not."),
        widget=forms.FileInput(attrs={"accept": ".docx"}),
    )


class WordLessonForm(forms.Form):
    """What a Word file does not say."""

    module = forms.ModelChoiceField(
        queryset=CoursePage.objects.none(), label=capfirst(pgettext_lazy("curriculum", "module"))
    )
    title = forms.CharField(label=pgettext_lazy("lesson", "Title"), max_length=100)
    summary = forms.CharField(
        label=capfirst(pgettext_lazy("lesson", "summary")),
        max_length=200,
        help_text=_("One sentence: what one can do afterwards."),
    )
    kind = forms.ChoiceField(label=capfirst(pgettext_lazy("lesson", "kind")), choices=LessonPage.KINDS)
    delivery = forms.ChoiceField(label=capfirst(pgettext_lazy("lesson", "delivery")), choices=LessonPage.DELIVERIES)
    methods = forms.MultipleChoiceField(
        label=capfirst(pgettext_lazy("lesson", "ways of teaching")),
        choices=METHODS,
        widget=forms.CheckboxSelectMultiple,
    )
    hours = forms.DecimalField(
        label=capfirst(_("class hours")), min_value=Decimal("0.5"), max_value=40, decimal_places=1, step_size=0.5
    )
    online_minutes = forms.IntegerField(
        label=capfirst(_("minutes of study online")), min_value=0, max_value=2400, initial=0
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["module"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101
        field.queryset = CoursePage.objects.filter(shared_from=None).order_by("path")

    def facts(self) -> LessonFacts:
        """The cleaned values."""
        given = self.cleaned_data
        return LessonFacts(
            title=given["title"],
            summary=given["summary"],
            kind=LessonKind(given["kind"]),
            delivery=Delivery(given["delivery"]),
            methods=tuple(method for method in Method if method.value in given["methods"]),
            hours=given["hours"],
            online_minutes=given["online_minutes"],
        )
