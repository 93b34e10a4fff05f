"""Forms of the clients' desk: clean input, never save."""

from datetime import UTC, datetime, time, timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from courses.statements.types import Asked


class ClientForm(forms.Form):
    """A new system."""

    name = forms.CharField(
        label=pgettext_lazy("statement client", "Name of the system"),
        max_length=60,
        help_text=_("Such as “city learning record store”."),
    )


class FileForm(forms.Form):
    """From when to when; both days included."""

    since = forms.DateField(
        label=pgettext_lazy("statements", "From"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    until = forms.DateField(
        label=pgettext_lazy("statements", "Until"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )

    def asked(self) -> Asked:
        """The days as moments, oldest first."""
        since, until = self.cleaned_data["since"], self.cleaned_data["until"]
        zone = timezone.get_default_timezone()
        return Asked(
            since=datetime.combine(since, time.min, zone).astimezone(UTC) - timedelta(microseconds=1)
            if since
            else None,
            until=datetime.combine(until, time.max, zone).astimezone(UTC) if until else None,
            ascending=True,
            limit=500,
        )
