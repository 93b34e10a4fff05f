"""Clean input of this room's pages; nothing here saves."""

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from assessment.certification.labels import reissue_label, revocation_label
from assessment.certification.types import CertificationRefused, ReissueReason, RevocationReason, SchemeData
from assessment.specification.types import Paper
from lms.core.states import IllegalMove

_LONGEST_REASON = 500


class StepForm(forms.Form):
    """A step without input; carries the refusal back to the page."""

    def refuse(self, refusal: CertificationRefused | IllegalMove) -> None:
        """Show a service's refusal beside the field it names; a step somebody else has taken, in plain words."""
        if isinstance(refusal, IllegalMove):
            self.add_error(None, _("Somebody has taken this step already. The page now shows how it stands."))
        else:
            self.add_error(refusal.field if refusal.field in self.fields else None, refusal.message)


class BatchForm(StepForm):
    """Which group a batch is begun for."""

    level = forms.IntegerField(min_value=1, max_value=5, widget=forms.HiddenInput)
    specification = forms.UUIDField(widget=forms.HiddenInput)
    kind = forms.ChoiceField(choices=[(paper.value, paper.value) for paper in Paper], widget=forms.HiddenInput)

    def clean_kind(self) -> Paper:
        return Paper(self.cleaned_data["kind"])


class FreezeForm(StepForm):
    """The people chosen, as the page's checkboxes send them."""

    def chosen(self, values: list[str]) -> list[UUID]:
        """Their candidacies; what is no uuid adds an error."""
        try:
            return [UUID(value) for value in values]
        except ValueError:
            self.add_error(None, _("Please choose the people again."))
            return []


class ReasonForm(StepForm):
    """A reason in somebody's words."""

    reason = forms.CharField(
        label=_("Reason in words"),
        help_text=_("It stays with the papers and is not shown to the public."),
        max_length=_LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class ReturnForm(ReasonForm):
    """Why a batch goes back."""

    prefix = "return"

    reason = forms.CharField(
        label=_("Why it is returned"),
        help_text=_("The evaluation body reads it."),
        max_length=_LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class RevokeForm(ReasonForm):
    """Why a certificate is taken back: the category is public."""

    prefix = "revoke"

    category = forms.ChoiceField(label=_("Kind of reason"), help_text=_("The verification page shows it."))
    field_order = ("category", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self, [(one.value, revocation_label(one)) for one in RevocationReason])

    def clean_category(self) -> RevocationReason:
        return RevocationReason(self.cleaned_data["category"])


class ReissueForm(ReasonForm):
    """Why a certificate is made again."""

    prefix = "reissue"

    category = forms.ChoiceField(label=_("Kind of reason"), help_text=_("The verification page shows it."))
    field_order = ("category", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self, [(one.value, reissue_label(one)) for one in ReissueReason])

    def clean_category(self) -> ReissueReason:
        return ReissueReason(self.cleaned_data["category"])


def _offer(form: forms.Form, choices: list[tuple[str, str]]) -> None:
    field = form.fields["category"]
    if isinstance(field, forms.ChoiceField):
        field.choices = [("", "—"), *choices]


class CodesForm(StepForm):
    """One field a code of the scheme."""

    def __init__(self, *args: Any, scheme: SchemeData, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for part in scheme.code_parts:
            self.fields[part.name] = forms.CharField(
                label=part.label,
                max_length=part.width,
                min_length=part.width,
                widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
            )

    def codes(self) -> dict[str, str]:
        """The codes as cleaned."""
        return {name: str(value) for name, value in self.cleaned_data.items()}


class VerifyForm(forms.Form):
    """A paper looked up without its QR code."""

    number = forms.CharField(
        label=_("Certificate number"),
        help_text=_("As on the certificate; spaces do not matter."),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    name = forms.CharField(
        label=pgettext_lazy("of a holder", "Name"),
        help_text=_("The holder's full name as printed."),
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
