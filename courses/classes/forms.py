"""Forms of the class pages: clean input, never save."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from courses.classes.types import ClassPlan, ClassRefused
from lms.core.types import Level
from lms.policies.api import ProfileData

_HOURS_MAX = 2000
_PLACES_MAX = 500


class DateInput(forms.DateInput):
    """The browser's own calendar."""

    input_type = "date"

    def __init__(self, **attrs: Any) -> None:
        super().__init__(attrs=attrs or None, format="%Y-%m-%d")


def _number(label: Any, most: int, *, required: bool = True, help_text: Any = "") -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        min_value=0 if not required else 1,
        max_value=most,
        required=required,
        help_text=help_text,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )


class ClassForm(forms.Form):
    """A class under one policy: what that policy does not ask about is not on the form."""

    name = forms.CharField(label=pgettext_lazy("class", "Name of the class"), max_length=100)
    level = forms.TypedChoiceField(label=pgettext_lazy("courses", "Level"), coerce=int)
    work = forms.ChoiceField(label=pgettext_lazy("courses", "Job"))
    starts_on = forms.DateField(label=_("First training day"), widget=DateInput())
    ends_on = forms.DateField(label=_("Last training day"), widget=DateInput())
    planned_hours = _number(_("Planned class hours"), _HOURS_MAX)
    training_type = forms.ChoiceField(label=_("Type of training"))
    capacity = _number(pgettext_lazy("class", "Places"), _PLACES_MAX)
    theory_hours = _number(_("Theory hours"), _HOURS_MAX, required=False)
    practice_hours = _number(_("Practice hours"), _HOURS_MAX, required=False)
    hour_minutes = _number(_("Minutes of a class hour"), 120, required=False)
    days = _number(_("Training days"), 366, required=False)
    offline_days = _number(_("Days on site"), 366, required=False)
    modes = forms.MultipleChoiceField(label=_("Ways of teaching"), required=False, widget=forms.CheckboxSelectMultiple)
    size_reason = forms.CharField(
        label=_("Why the class is larger"),
        max_length=200,
        required=False,
        help_text=_("Only where the class is larger than the policy advises."),
    )

    def __init__(self, *args: Any, rules: ProfileData, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.error_messages["required"] = _("Please fill this in.")
        asked = rules.parameters
        levels = asked.levels_open or tuple(Level)
        self._work = [(work.name, work.job or work.name) for work in asked.occupations] or [
            ("互联网营销师", "直播销售员")
        ]
        self._choices("level", [(level.value, level.rank_zh) for level in sorted(levels)])
        self._choices("work", [(str(at), " · ".join(dict.fromkeys(pair))) for at, pair in enumerate(self._work)])
        types = [(code, rules.labels.get(code, code)) for code in asked.training_types]
        self._choices("training_type", [("", "—"), *types])
        self._choices("modes", [(mode, rules.labels.get(mode, mode)) for mode in self._modes(rules)])
        unasked = {
            "training_type": not asked.training_types,
            "theory_hours": asked.theory_ratio_min is None,
            "practice_hours": asked.practice_ratio_min is None and asked.practice_counts,
            "hour_minutes": asked.class_hour_minutes is None or "class_hour_minutes" in asked.defaulted,
            "days": asked.min_days is None,
            "offline_days": asked.min_offline_days is None,
            "modes": asked.modes is None,
            "size_reason": asked.class_size_max is None or not asked.class_size_soft,
        }
        for name, drop in unasked.items():
            if drop:
                del self.fields[name]

    @staticmethod
    def _modes(rules: ProfileData) -> tuple[str, ...]:
        return (*(rules.parameters.modes or ()), *rules.parameters.modes_in_special_circumstances)

    def _choices(self, name: str, choices: list[tuple[Any, str]]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]

    def plan(self) -> ClassPlan:
        """What was typed."""
        said = self.cleaned_data
        occupation, job = self._work[int(said["work"])]
        return ClassPlan(
            name=said["name"],
            level=Level(said["level"]),
            occupation=occupation,
            job=job,
            starts_on=said["starts_on"],
            ends_on=said["ends_on"],
            planned_hours=said["planned_hours"],
            capacity=said["capacity"],
            theory_hours=said.get("theory_hours"),
            practice_hours=said.get("practice_hours"),
            hour_minutes=said.get("hour_minutes"),
            days=said.get("days"),
            offline_days=said.get("offline_days"),
            modes=frozenset(said.get("modes") or ()),
            training_type=said.get("training_type") or "",
            size_reason=said.get("size_reason") or "",
        )

    def refuse(self, refusal: ClassRefused) -> None:
        """Show a service's refusal beside the field it names."""
        self.add_error(refusal.field if refusal.field in self.fields else None, refusal.message)


class InstructorForm(forms.Form):
    """Whom to add; `people` are (uuid, name)."""

    instructor = forms.ChoiceField(label=_("Instructor"))

    def __init__(self, *args: Any, people: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["instructor"].choices = people  # type: ignore[attr-defined]


class ReasonForm(forms.Form):
    """Words that go with a decision."""

    reason = forms.CharField(
        label=pgettext_lazy("courses", "Reason"),
        max_length=300,
        required=False,
        widget=forms.TextInput,
    )


class AdoptForm(forms.Form):
    """Why a class changes what it is taught from; the first time nobody asks."""

    reason = forms.CharField(
        label=_("Why the class changes"),
        max_length=300,
        required=False,
        help_text=_("Trainees may ask why a lesson reads differently. This stays on record."),
    )
