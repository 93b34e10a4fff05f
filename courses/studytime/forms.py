"""Forms of study time: clean input, never save."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from courses.classes.forms import DateInput
from courses.studytime.types import StudyRefused


class _Refusable(forms.Form):
    def refuse(self, refusal: StudyRefused) -> None:
        """Show a service's refusal beside the field it names."""
        self.add_error(refusal.field if refusal.field in self.fields else None, refusal.message)


class PlatformForm(_Refusable):
    """A platform put on the list."""

    name = forms.CharField(label=_("Name of the platform"), max_length=100)
    operator = forms.CharField(label=_("Operator"), max_length=100)
    document = forms.CharField(
        label=_("Listed by which document"), max_length=200, help_text=_("Number and title of the paper.")
    )
    valid_from = forms.DateField(label=_("Listed from"), widget=DateInput())
    valid_to = forms.DateField(
        label=_("Listed until"), widget=DateInput(), required=False, help_text=_("Leave empty while it has no end.")
    )


class EndForm(_Refusable):
    """The last day of a listing."""

    last_day = forms.DateField(label=_("Last day of the listing"), widget=DateInput())


class LogForm(_Refusable):
    """A log of another platform."""

    platform = forms.CharField(label=_("Name of the platform"), max_length=100)
    file = forms.FileField(
        label=_("Log file"),
        help_text=_("Excel (.xlsx) or CSV, at most 900 kB and 5,000 rows."),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
    )

    def __init__(self, *args: Any, platforms: tuple[str, ...] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if platforms:
            self.fields["platform"].help_text = _("Listed here: %(names)s") % {"names": "、".join(platforms)}


class HourForm(forms.Form):
    """Which day and hour an auditor asks for."""

    day = forms.DateField(label=pgettext_lazy("study time", "Day"), widget=DateInput(), required=False)
    hour = forms.IntegerField(min_value=0, max_value=23, required=False)
