"""The trainee's enrolment form and the office's decision on it."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from courses.classes.forms import DateInput
from courses.enrolment.logic import needed_for
from courses.enrolment.selectors import question_label
from courses.enrolment.types import Declaration, EnrolmentRefused, Questions

_MONTHS_MAX = 600
_ORDER = (
    "category",
    "is_student",
    "on_establishment",
    "employee",
    "insured",
    "employed",
    "graduated_on",
    "contract_months",
    "insured_months",
)
# Asked only of one category: may stay empty for the others.
_SOMETIMES = frozenset({"employed", "graduated_on", "contract_months", "insured_months"})
_YES_NO = [("yes", pgettext_lazy("answer", "Yes")), ("no", pgettext_lazy("answer", "No"))]


class EnrolmentForm(forms.Form):
    """What the policy of the class asks of her, and her word that it is true."""

    def __init__(self, *args: Any, questions: Questions, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._asked = [name for name in _ORDER if name in questions.fields]
        for name in self._asked:
            self.fields[name] = self._field(name, questions)
        self.fields["truth"] = forms.BooleanField(
            label=_("I ask to join this class; what I have said is true."),
            error_messages={"required": _("Please tick this to enrol.")},
        )

    @staticmethod
    def _field(name: str, questions: Questions) -> forms.Field:
        said: dict[str, Any] = {
            "label": question_label(name),
            "required": name not in _SOMETIMES,
            "error_messages": {"required": _("Please answer this.")},
        }
        if name == "category":
            return forms.ChoiceField(choices=[("", "—"), *questions.categories.items()], **said)
        if name == "graduated_on":
            return forms.DateField(widget=DateInput(), **said)
        if name.endswith("_months"):
            return forms.IntegerField(min_value=0, max_value=_MONTHS_MAX, **said)
        return forms.ChoiceField(choices=_YES_NO, widget=forms.RadioSelect, **said)

    def clean(self) -> dict[str, Any]:
        """What her category alone is asked must not stay empty."""
        said = super().clean() or self.cleaned_data
        for name in needed_for(said.get("category")) & set(self._asked):
            if said.get(name) in {None, ""} and name not in self.errors:
                self.add_error(name, _now("Please answer this: your group is asked for it."))
        return said

    def declaration(self) -> Declaration:
        """Her answers; what was left empty is not said."""
        said: dict[str, Any] = {}
        for name in self._asked:
            value = self.cleaned_data.get(name)
            if value not in {None, ""}:
                said[name] = value == "yes" if value in {"yes", "no"} else value
        return Declaration(**said)

    def refuse(self, refusal: EnrolmentRefused) -> None:
        """Show a service's refusal."""
        self.add_error(refusal.field if refusal.field in self.fields else None, refusal.message)


class AdmitForm(forms.Form):
    """Admission; a minor's guardian's consent is seen on paper."""

    guardian_consent = forms.BooleanField(label=_("I have seen the guardian's written consent."), required=False)


class LeaveForm(forms.Form):
    """The end of her training with the words she reads."""

    reason = forms.CharField(label=_("Why she leaves"), max_length=300, required=False)


class RejectForm(forms.Form):
    """A refusal with the words she reads."""

    reason = forms.CharField(label=_("Why she is not admitted"), max_length=300, required=False)
