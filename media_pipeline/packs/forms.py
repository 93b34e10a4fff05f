"""Forms of rule packs: a rule, another part as YAML, test sentences, reasons, dates."""

from collections.abc import Mapping
from typing import Any, Final

import yaml
from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from media_pipeline.rulepacks.document import Document

SEVERITIES: Final[Mapping[str, Promise]] = {
    "B": pgettext_lazy("rules", "B: proposed fail"),
    "H": pgettext_lazy("rules", "H: high"),
    "M": pgettext_lazy("rules", "M: medium"),
    "L": pgettext_lazy("rules", "L: low"),
}
SCOPES: Final[Mapping[str, Promise]] = {
    "all": pgettext_lazy("rules", "all goods"),
    "food": pgettext_lazy("rules", "food and drink"),
    "cosmetics": pgettext_lazy("rules", "cosmetics"),
    "alcohol": pgettext_lazy("rules", "alcohol"),
}
_MOST = 400_000


class NoteForm(forms.Form):
    """What every edit needs: the text she had before her, and why she changes it."""

    seen = forms.UUIDField(widget=forms.HiddenInput)
    note = forms.CharField(
        label=pgettext_lazy("rules", "Change note"),
        max_length=500,
        help_text=_("What was changed and why, for who reviews it."),
    )


class RuleForm(NoteForm):
    """One rule. The id of a new one is the next of its category."""

    term = forms.CharField(label=pgettext_lazy("rules", "Term"), max_length=60)
    severity = forms.ChoiceField(label=pgettext_lazy("rules", "Severity"), choices=list(SEVERITIES.items()))
    scope = forms.ChoiceField(label=pgettext_lazy("rules", "Goods"), choices=list(SCOPES.items()))
    patterns = forms.CharField(
        label=pgettext_lazy("rules", "Patterns"),
        required=False,
        max_length=_MOST,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"}),
        help_text=_("Regular expressions, one a line, on text without punctuation. The term itself is always found."),
    )
    rewording = forms.CharField(
        label=pgettext_lazy("rules", "Say instead"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Empty: the advice of the category."),
    )
    first = forms.DateField(label=pgettext_lazy("rules", "In force from"), required=False)
    last = forms.DateField(label=pgettext_lazy("rules", "In force until"), required=False)
    field_order = ("term", "severity", "scope", "patterns", "rewording", "first", "last", "note", "seen")

    def rule(self, key: str, category: str) -> dict[str, Any]:
        """The rule as a document has it."""
        said = self.cleaned_data
        return {
            "id": key,
            "category": category,
            "term": said["term"],
            "severity": said["severity"],
            "scope": said["scope"],
            "patterns": [line.strip() for line in said["patterns"].splitlines() if line.strip()],
            "rewording": said["rewording"],
            "from": said["first"].isoformat() if said["first"] else "",
            "until": said["last"].isoformat() if said["last"] else "",
        }


def rule_initial(rule: Mapping[str, Any]) -> dict[str, Any]:
    """A rule as its form shows it."""
    return {
        **{name: rule[name] for name in ("term", "severity", "scope", "rewording")},
        "patterns": "\n".join(rule["patterns"]),
        "first": rule["from"],
        "last": rule["until"],
    }


def next_id(document: Document, category: str) -> str:
    """The next free id of a category, such as ABS-50."""
    numbers = [int(row["id"].rpartition("-")[2]) for row in document["rules"] if row["category"] == category]
    return f"{category}-{max(numbers, default=0) + 1:02}"


class PartForm(NoteForm):
    """Exceptions, words, statements or categories, as YAML."""

    content = forms.CharField(
        label=pgettext_lazy("rules", "Content (YAML)"),
        max_length=_MOST,
        widget=forms.Textarea(attrs={"rows": 30, "spellcheck": "false"}),
    )
    field_order = ("content", "note", "seen")

    def clean_content(self) -> Any:
        """The data, of a few plain kinds."""
        try:
            found = yaml.safe_load(self.cleaned_data["content"])
        except (yaml.YAMLError, RecursionError, ValueError) as error:
            raise forms.ValidationError(_("Not YAML: %(why)s"), params={"why": error}) from None
        if not isinstance(found, dict | list):
            raise forms.ValidationError(_("Not YAML: %(why)s"), params={"why": type(found).__name__})
        return found


class SentencesForm(NoteForm):
    """People's own test sentences in mark-up."""

    marked = forms.CharField(
        label=pgettext_lazy("rules", "Test sentences"),
        required=False,
        max_length=_MOST,
        widget=forms.Textarea(attrs={"rows": 20, "spellcheck": "false"}),
        help_text=_(
            "“# ABS” opens a category; then a sentence a line: M (must be flagged inside the braces) or N (must not be"
            " flagged), core or hard, the kind of goods or -, the text, “;;” and a note."
        ),
    )
    field_order = ("marked", "note", "seen")


class StartForm(forms.Form):
    """A new draft."""

    base = forms.ChoiceField(label=pgettext_lazy("rules", "Begin as a copy of"))
    title = forms.CharField(label=pgettext_lazy("rules", "Title"), max_length=200)

    def __init__(self, *args: Any, bases: list[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["base"].choices = bases  # type: ignore[attr-defined]


class WhyForm(forms.Form):
    """A step that asks why."""

    reason = forms.CharField(
        label=pgettext_lazy("rules", "Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )


class PublishForm(forms.Form):
    """From when a pack is in force."""

    effective_from = forms.DateField(
        label=pgettext_lazy("rules", "In force from"), widget=forms.DateInput(attrs={"type": "date"})
    )
