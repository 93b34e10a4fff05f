"""Clean input of corrections and merges."""

from typing import Any

from django import forms
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from lms.accounts.people.models import Person
from lms.accounts.types import DocumentKind


def _papers() -> list[tuple[str, str]]:
    return [("", gettext("As on the record")), *((kind, str(label)) for kind, label in Person.DOCUMENTS)]


class CorrectionForm(forms.Form):
    """What the record should say; what stays empty stays as it is."""

    name = forms.CharField(
        label=_("Right name"),
        max_length=100,
        required=False,
        help_text=_("Leave it empty if the name is right."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    document_type = forms.ChoiceField(label=_("Kind of identity paper"), choices=_papers, required=False)
    document_number = forms.CharField(
        label=_("Right number of the paper"),
        max_length=30,
        required=False,
        help_text=_("Leave it empty if the number is right."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "text"}),
    )
    evidence = forms.CharField(
        label=_("What shows it"),
        max_length=500,
        help_text=_("For example: new identity card issued on 1 March 2026, certificate of the police station."),
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Say which paper shows it.")},
    )
    scan_note = forms.CharField(
        label=_("Where the copy is kept"),
        max_length=200,
        required=False,
        help_text=_("For example: folder 2026-3, sheet 14."),
    )

    def clean(self) -> dict[str, Any]:
        """Something must change."""
        data = super().clean() or self.cleaned_data
        if not data.get("name") and not data.get("document_number"):
            self.add_error("name", gettext("Fill in the right name or the right number."))
        kind = data.get("document_type")
        data["document_type"] = DocumentKind(kind) if kind else None
        return data


class MergeForm(forms.Form):
    """Two records of one human being."""

    kept = forms.CharField(
        label=_("Record that stays"),
        max_length=30,
        help_text=_("Login name or number of the identity paper"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Fill in the record that stays.")},
    )
    merged = forms.CharField(
        label=_("Record that points to it from now on"),
        max_length=30,
        help_text=_("Login name or number of the identity paper"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Fill in the second record.")},
    )
    evidence = forms.CharField(
        label=_("What shows that both are one person"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Say what shows that both are one person.")},
    )


class DecisionForm(forms.Form):
    """Allow or refuse."""

    verdict = forms.ChoiceField(choices=[("allow", ""), ("refuse", "")])
    reason = forms.CharField(
        label=pgettext_lazy("decision", "Reason"),
        max_length=500,
        required=False,
        help_text=_("Required when refused; she reads it."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
