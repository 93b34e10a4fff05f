"""Forms of the curriculum's own pages: clean input, never save."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ReviewForm(forms.Form):
    """The words that go with a return."""

    comment = forms.CharField(
        label=pgettext_lazy("review", "Remarks"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("What is to be changed, for the author. Needed when you return it."),
    )


class ShareForm(forms.Form):
    """Which level is to use a module; `levels` are (page, title)."""

    level = forms.TypedChoiceField(label=pgettext_lazy("courses", "Level"), coerce=int)

    def __init__(self, *args: Any, levels: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["level"].choices = levels  # type: ignore[attr-defined]


class OpeningForm(forms.Form):
    """The authority's decision on a level."""

    decided_on = forms.DateField(
        label=_("Decided on"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    document = forms.CharField(
        label=pgettext_lazy("level opening", "Document"),
        max_length=200,
        help_text=_("Name and number of the decision."),
    )
    reason = forms.CharField(
        label=pgettext_lazy("level opening", "What it rests on"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
