"""Clean input of the pages of marks; nothing here saves."""

from collections.abc import Collection
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from assessment.bank.types import Key, QuestionDocument, QuestionType
from assessment.theory.logic import key_fits
from assessment.theory.types import CorrectionKind, TheoryRefused, Waits
from lms.policies.api import PAPERS_SHOWN
from lms.policies.types import Shown

_LONGEST_REASON = 300


class StepForm(forms.Form):
    """A step without input; carries the refusal back to the page."""

    def refuse(self, refusal: TheoryRefused) -> None:
        """Show a service's refusal beside the field it names."""
        self.add_error(refusal.field if refusal.field in self.fields else None, refusal.message)


def _reason(rows: int = 2) -> forms.CharField:
    return forms.CharField(
        label=pgettext_lazy("sitting", "Reason"),
        max_length=_LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": rows}),
    )


class ReleaseForm(StepForm):
    """Releasing marks, and what candidates see of their papers; what the policy allows is offered."""

    shown = forms.TypedChoiceField(
        label=pgettext_lazy("opened paper", "What candidates see"),
        choices=[(one.value, PAPERS_SHOWN[one]) for one in Shown],
        coerce=Shown,
        empty_value=Shown.MARKS,
        initial=Shown.MARKS,
        required=False,
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=pgettext_lazy("sitting", "Reason"),
        help_text=pgettext_lazy("opened paper", "Needed where questions are opened. It is kept with the release."),
        max_length=_LONGEST_REASON,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, allowed: Collection[Shown], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["shown"].choices = [(one.value, PAPERS_SHOWN[one]) for one in allowed]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """More than marks needs a reason."""
        asked = super().clean() or {}
        if asked.get("shown", Shown.MARKS) is not Shown.MARKS and not asked.get("reason", "").strip():
            self.add_error("reason", pgettext_lazy("sitting", "Say why."))
        return asked


class SettleForm(StepForm):
    """Not to wait for a part of a paper any more."""

    part = forms.TypedChoiceField(choices=[(one.value, one.value) for one in Waits], coerce=Waits)
    reason = _reason()


class DecideForm(StepForm):
    """The chief's word on a correction."""

    accepted = forms.TypedChoiceField(
        label=pgettext_lazy("correction", "Decision"),
        choices=[
            ("yes", pgettext_lazy("correction", "Accept: mark every paper anew")),
            ("no", pgettext_lazy("correction", "Refuse: the marks stay")),
        ],
        coerce=lambda said: said == "yes",
        widget=forms.RadioSelect,
    )
    reason = _reason()
    seen = forms.UUIDField(required=False, widget=forms.HiddenInput)


class ProposeForm(StepForm):
    """Another key for one question version, or striking it out.

    `key` is typed as people write it: letters of the options (AC; in order for an ordering question), 对 or 错, a line a blank
    with accepted texts parted by ｜, pairs such as 1-B 2-A.
    """

    kind = forms.TypedChoiceField(
        label=pgettext_lazy("correction", "What becomes of it"),
        choices=[
            (CorrectionKind.KEY.value, pgettext_lazy("correction", "Another key")),
            (CorrectionKind.STRUCK.value, pgettext_lazy("correction", "Struck out: everybody has its marks")),
        ],
        coerce=CorrectionKind,
        widget=forms.RadioSelect,
    )
    key = forms.CharField(
        label=pgettext_lazy("correction", "The right answer"), required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    reason = _reason(3)

    def __init__(self, *args: Any, document: QuestionDocument, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.document = document
        self.fields["key"].help_text = _HELP.get(document.type, "")
        if document.type is not QuestionType.FILL:
            self.fields["key"].widget = forms.TextInput(attrs={"autocomplete": "off"})
        if document.type is QuestionType.SHORT:
            self.fields["kind"].choices = self.fields["kind"].choices[1:]  # type: ignore[attr-defined]
            self.fields["kind"].initial = CorrectionKind.STRUCK.value
            del self.fields["key"]

    def clean(self) -> dict[str, Any]:
        """`key` becomes a Key; None where the question is struck out."""
        said = super().clean() or {}
        if said.get("kind") is CorrectionKind.KEY:
            key = read_key(self.document, said.get("key", ""))
            if key is None:
                self.add_error("key", _("This key does not fit the question. Look at its options."))
            said["key"] = key
        else:
            said["key"] = None
        return said


_HELP = {
    QuestionType.SINGLE: _("Letters of the options. Several, if each of them alone shall be right: BD."),
    QuestionType.MULTIPLE: _("Letters of the options that belong together: AC."),
    QuestionType.ORDERING: _("All letters in the right order: BADC."),
    QuestionType.TRUE_FALSE: _("对 or 错."),
    QuestionType.FILL: _("A line a blank; several accepted texts parted by ｜."),
    QuestionType.MATCHING: _("Pairs such as 1-B 2-A."),
}
_TRUE, _FALSE = frozenset({"对", "正确", "true", "t"}), frozenset({"错", "错误", "false", "f"})


def read_key(document: QuestionDocument, text: str) -> Key | None:
    """A key as somebody typed it, None when it is none of this question's."""
    said = text.strip().upper()
    match document.type:
        case QuestionType.TRUE_FALSE:
            word = said.casefold()
            key = Key(truth=True if word in _TRUE else False if word in _FALSE else None)
        case QuestionType.FILL:
            lines = [line for line in text.strip().splitlines() if line.strip()]
            parted = [line.replace("|", "｜").split("｜") for line in lines]
            key = Key(blanks=tuple(tuple(part.strip() for part in line if part.strip()) for line in parted))
        case QuestionType.MATCHING:
            pairs = [pair.partition("-") for pair in said.replace("，", " ").replace(",", " ").split()]
            key = Key(pairs=tuple((left, right) for left, _dash, right in pairs))
        case _:
            letters = [letter for letter in said if letter.isalnum()]
            in_order = document.type is QuestionType.ORDERING
            key = Key(choices=tuple(letters if in_order else sorted(set(letters))))
    return key if key_fits(document, key) else None
