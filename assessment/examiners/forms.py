"""Forms of the pool: clean input, never save."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from assessment.examiners.types import ExaminerGrade, ExaminerRefused
from lms.core.types import Level


class DateInput(forms.DateInput):
    """The browser's own calendar."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class ExaminerForm(forms.Form):
    """An examiner of the acting body as her qualification card says; `people` are (uuid, name)."""

    user = forms.ChoiceField(label=pgettext_lazy("pool", "Examiner"))
    card_no = forms.CharField(label=_("Number of the qualification card"), max_length=40)
    grade = forms.ChoiceField(
        label=pgettext_lazy("examiner", "Grade"),
        choices=[
            (ExaminerGrade.EXAMINER.value, _("Examiner")),
            (ExaminerGrade.SENIOR.value, _("Senior examiner")),
        ],
    )
    levels = forms.TypedMultipleChoiceField(
        label=pgettext_lazy("examiner", "Levels"),
        coerce=int,
        choices=[(level.value, level.rank_zh) for level in Level],
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Levels 2 and 1 need a senior examiner."),
    )
    valid_from = forms.DateField(label=_("Valid from"), widget=DateInput())
    valid_to = forms.DateField(label=_("Valid to"), widget=DateInput())

    def __init__(self, *args: Any, people: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.error_messages["required"] = _("Please fill this in.")
        self.fields["user"].choices = people  # type: ignore[attr-defined]

    def refuse(self, refusal: ExaminerRefused) -> None:
        """Show a service's refusal beside the field it names."""
        self.add_error(refusal.field if refusal.field in self.fields else None, refusal.message)
