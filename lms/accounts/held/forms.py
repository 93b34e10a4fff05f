"""Clean input of an office that prints somebody's data."""

from django import forms
from django.utils.translation import gettext_lazy as _


class PurposeForm(forms.Form):
    """Why the full data is needed; it goes into the audit trail."""

    purpose = forms.CharField(
        label=_("Purpose"),
        max_length=200,
        help_text=_("For example: she asked for it at the counter. It is kept in the audit trail."),
        error_messages={"required": _("Say for what purpose.")},
    )
