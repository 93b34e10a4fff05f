"""What people say on the pages of statistics."""

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from assessment.bank.forms import ReasonForm
from assessment.statistics.types import ConcernState

__all__ = ["DecisionForm", "ReasonForm"]


class DecisionForm(forms.Form):
    """Keep or suspend, and why."""

    verdict = forms.ChoiceField(
        choices=[(ConcernState.KEPT.value, ""), (ConcernState.SUSPENDED.value, "")], required=True
    )
    reason = forms.CharField(
        label=pgettext_lazy("statistics", "Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Say why.")},
    )
