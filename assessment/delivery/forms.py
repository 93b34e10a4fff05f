"""Clean input of the offices' pages of sittings; nothing here saves."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django import forms
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from assessment.delivery.logic import read_keyed
from assessment.delivery.pages.arrangements import KeyedQuestion
from assessment.delivery.pages.sittings import Choices, NewSitting
from assessment.delivery.presentation import ARRANGEMENTS
from assessment.delivery.types import ArrangementKind, DeliveryRefused, SittingRequest
from lms.core.states import IllegalMove
from lms.core.types import Level

_LONGEST_REASON: Final = 300
_KEY: Final = re.compile(r"[0-9a-f]{64}")


class MomentInput(forms.DateTimeInput):
    """The browser's own calendar and clock, to the minute."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M")


class StepForm(forms.Form):
    """A step without input; carries the refusal back to the page."""

    def refuse(self, refusal: DeliveryRefused | IllegalMove) -> None:
        """Show a service's refusal beside the field it names; a step somebody else has taken, in plain words."""
        if isinstance(refusal, IllegalMove):
            self.add_error(None, _("Somebody has taken this step already. The page now shows how it stands."))
        else:
            self.add_error(refusal.field if refusal.field in self.fields else None, refusal.message)


def _reason() -> forms.CharField:
    return forms.CharField(
        label=pgettext_lazy("sitting", "Reason"),
        max_length=_LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class ReasonForm(StepForm):
    """A reason in somebody's words."""

    reason = _reason()


class MinutesForm(StepForm):
    """Minutes and why."""

    minutes = forms.IntegerField(
        label=pgettext_lazy("sitting", "Minutes"),
        min_value=1,
        max_value=240,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    reason = _reason()


class InvigilatorForm(StepForm):
    """Who watches."""

    user = forms.TypedChoiceField(label=pgettext_lazy("sitting", "Invigilator"), coerce=UUID)

    def __init__(self, *args: Any, choices: Choices = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user"].choices = choices  # type: ignore[attr-defined]


class RegisterForm(StepForm):
    """Candidates to put down; those only whom the page offered."""

    candidacies = forms.TypedMultipleChoiceField(
        label=pgettext_lazy("sitting", "Candidates"), coerce=UUID, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, choices: Choices = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["candidacies"].choices = choices  # type: ignore[attr-defined]


class LateForm(StepForm):
    """One more candidate after the roster was fixed, and why."""

    candidacy = forms.TypedChoiceField(label=pgettext_lazy("sitting", "Candidate"), coerce=UUID)
    reason = _reason()

    def __init__(self, *args: Any, choices: Choices = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["candidacy"].choices = choices  # type: ignore[attr-defined]


class RepeatForm(StepForm):
    """The parallel form of a new attempt, and why."""

    form = forms.ChoiceField(label=pgettext_lazy("sitting", "Parallel form"))
    reason = _reason()

    def __init__(self, *args: Any, letters: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["form"].choices = [(one, one) for one in letters]  # type: ignore[attr-defined]


class RulingForm(StepForm):
    """The chief's word on answers that came late, named "epoch.number"."""

    answers = forms.MultipleChoiceField(label=pgettext_lazy("sitting", "Answers"), widget=forms.CheckboxSelectMultiple)
    counts = forms.TypedChoiceField(
        label=pgettext_lazy("sitting", "Decision"),
        coerce=lambda value: value == "yes",
        choices=(
            ("yes", pgettext_lazy("sitting", "They count")),
            ("no", pgettext_lazy("sitting", "They do not count")),
        ),
        widget=forms.RadioSelect,
    )
    reason = _reason()

    def __init__(self, *args: Any, choices: Choices = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["answers"].choices = choices  # type: ignore[attr-defined]

    def named(self) -> list[tuple[int, int]]:
        """(epoch, number) of the answers chosen."""
        return [(int(epoch), int(number)) for epoch, number in (one.split(".") for one in self.cleaned_data["answers"])]


def _kinds() -> list[tuple[str, str]]:
    return [(kind.value, str(label)) for kind, label in ARRANGEMENTS.items()]


class ArrangementForm(StepForm):
    """What a candidate needs besides more time, and why. choices: for whom, where the page is not one candidate's already."""

    entry = forms.TypedChoiceField(label=pgettext_lazy("sitting", "Candidate"), coerce=UUID)
    kind = forms.TypedChoiceField(label=pgettext_lazy("arrangement", "Arrangement"), coerce=ArrangementKind)
    scribe = forms.CharField(
        label=pgettext_lazy("arrangement", "Who writes for the candidate"),
        max_length=60,
        required=False,
        help_text=_("For a scribe only; the name stands on the minutes."),
    )
    reason = _reason()

    def __init__(self, *args: Any, choices: Choices | None = None, scribe: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].help_text = _(
            "Kept encrypted; only who decides about it and who conducts the sitting reads it."
        )
        if choices is None:
            del self.fields["entry"]
        else:
            self.fields["entry"].choices = choices  # type: ignore[attr-defined]
        kinds = _kinds()
        if not scribe:
            del self.fields["scribe"]
            kinds = [one for one in kinds if one[0] != ArrangementKind.SCRIBE]
        self.fields["kind"].choices = kinds  # type: ignore[attr-defined]


class ArrangementRulingForm(StepForm):
    """The chief's word on one arrangement."""

    granted = forms.TypedChoiceField(
        label=pgettext_lazy("sitting", "Decision"),
        coerce=lambda value: value == "yes",
        choices=(
            ("yes", pgettext_lazy("arrangement", "Grant it")),
            ("no", pgettext_lazy("arrangement", "Do not grant it")),
        ),
        widget=forms.RadioSelect,
    )
    reason = _reason()


class ApplicationForm(StepForm):
    """What she does, for who decides whether she is admitted."""

    practice = forms.CharField(
        label=pgettext_lazy("application", "What you do, and since when"),
        max_length=_LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("For instance: selling by livestream for a tea shop since 2024."),
    )


class ApplicationRulingForm(StepForm):
    """The evaluation body's word on one application."""

    granted = forms.TypedChoiceField(
        label=pgettext_lazy("sitting", "Decision"),
        coerce=lambda value: value == "yes",
        choices=(("yes", pgettext_lazy("application", "Admit")), ("no", pgettext_lazy("application", "Do not admit"))),
        widget=forms.RadioSelect,
    )
    reason = _reason()


class KeyingForm(StepForm):
    """What stands on a paper form, a field a question."""

    def __init__(self, *args: Any, questions: Sequence[KeyedQuestion], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.questions = questions
        for one in questions:
            self.fields[f"q{one.position}"] = self._field(one)

    def _field(self, one: KeyedQuestion) -> forms.CharField:
        said = _("%(position)d. %(type)s")
        widget = (
            forms.Textarea(attrs={"rows": 3}) if one.wide else forms.TextInput(attrs={"autocapitalize": "characters"})
        )
        widget.attrs |= {"autocomplete": "off", "spellcheck": "false"}
        return forms.CharField(
            label=said % {"position": one.position, "type": one.label},
            required=False,
            max_length=4000,
            strip=False,
            widget=widget,
            help_text=one.how,
        )

    def clean(self) -> dict[str, Any]:
        self.read: dict[int, Any] = {}
        for one in self.questions:
            try:
                self.read[one.position] = read_keyed(
                    one.type,
                    self.cleaned_data.get(f"q{one.position}", ""),
                    left=one.left,
                    options=one.options,
                    blanks=one.blanks,
                )
            except ValueError:
                self.add_error(f"q{one.position}", gettext("This question has no such answer. Look at the form again."))
        return self.cleaned_data

    def responses(self) -> dict[int, Any]:
        """Position → response, when valid."""
        return self.read


class SettlingForm(KeyingForm):
    """What the chief reads where two people read differently, and why."""

    reason = _reason()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields([name for name in self.fields if name != "reason"])

    def _field(self, one: KeyedQuestion) -> forms.CharField:
        made = super()._field(one)
        said = gettext("First: %(one)s; second: %(other)s")
        made.help_text = said % {"one": one.one, "other": one.other}
        return made


class SittingForm(StepForm):
    """A request of a sitting."""

    title = forms.CharField(label=pgettext_lazy("sitting", "Name of the sitting"), max_length=100)
    class_uid = forms.TypedChoiceField(label=pgettext_lazy("sitting", "Class"), coerce=UUID)
    papers = forms.TypedChoiceField(
        label=pgettext_lazy("sitting", "Paper"),
        coerce=UUID,
        help_text=_("Only papers the HR bureau has approved. Neighbours get different forms."),
    )
    opens_at = forms.DateTimeField(label=pgettext_lazy("sitting", "Attempts begin from"), widget=MomentInput())
    closes_at = forms.DateTimeField(
        label=pgettext_lazy("sitting", "Nobody begins after"),
        widget=MomentInput(),
        help_text=_("Who began has her full time."),
    )
    freeze_at = forms.DateTimeField(
        label=pgettext_lazy("sitting", "Roster fixed at"),
        widget=MomentInput(),
        help_text=_("From then on only the invigilator adds somebody, with a reason."),
    )
    hall = forms.CharField(label=pgettext_lazy("sitting", "Hall"), max_length=100)
    seats = forms.IntegerField(label=pgettext_lazy("sitting", "Seats"), min_value=1, max_value=2000)
    grace_s = forms.IntegerField(
        label=pgettext_lazy("sitting", "Seconds of grace"),
        min_value=0,
        max_value=300,
        initial=30,
        help_text=_("The same for everyone, for answers on their way when the time is up."),
    )
    starts_per_minute = forms.IntegerField(
        label=pgettext_lazy("sitting", "Starts a minute"),
        min_value=1,
        max_value=3000,
        initial=300,
        help_text=_("The waiting room lets in so many; nobody loses time by it."),
    )
    identity_check = forms.BooleanField(
        label=pgettext_lazy("sitting", "The invigilator checks identity cards"), required=False, initial=True
    )
    browser_keys = forms.CharField(
        label=pgettext_lazy("sitting", "Safe Exam Browser keys"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_(
            "Configuration keys or browser exam keys, one a line, 64 characters each; empty where any browser may be used."
        ),
    )

    def __init__(self, *args: Any, offered: NewSitting, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offered = offered
        self.fields["papers"].choices = offered.paper_choices  # type: ignore[attr-defined]
        if offered.classes is None:
            del self.fields["class_uid"]
        else:
            self.fields["class_uid"].choices = offered.class_choices  # type: ignore[attr-defined]

    def clean_browser_keys(self) -> tuple[str, ...]:
        keys = tuple(self.cleaned_data["browser_keys"].lower().split())
        if not all(_KEY.fullmatch(key) for key in keys):
            raise forms.ValidationError(_("A key has 64 characters, 0 to 9 and a to f."))
        return keys

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        forms_of = self.offered.papers.get(said.get("papers"))  # type: ignore[arg-type]
        chosen = (self.offered.classes or {}).get(said.get("class_uid"))  # type: ignore[arg-type]
        if forms_of and chosen and forms_of[0].level != chosen[1]:
            words = gettext("The class is of the level %(level)s; choose a paper of this level.")
            self.add_error("papers", words % {"level": chosen[1].label_zh})
        return said

    def asked(self) -> SittingRequest:
        """The request, when valid."""
        said = self.cleaned_data
        chosen = self.offered.papers[said["papers"]]
        return SittingRequest(
            kind=self.offered.kind,
            title=said["title"],
            level=Level(chosen[0].level),
            papers=tuple((one.form, one.uuid) for one in chosen),
            opens_at=said["opens_at"],
            closes_at=said["closes_at"],
            freeze_at=said["freeze_at"],
            hall=said["hall"],
            seats=said["seats"],
            class_uid=said.get("class_uid"),
            grace_s=said["grace_s"],
            starts_per_minute=said["starts_per_minute"],
            identity_check=said["identity_check"],
            browser_keys=said["browser_keys"],
        )


def usual_hours(now: datetime) -> dict[str, datetime]:
    """What the form shows first: a week ahead at full hours, the roster fixed a day before."""
    opens = (now + timedelta(days=7)).replace(minute=0, second=0, microsecond=0)
    return {"opens_at": opens, "closes_at": opens + timedelta(hours=1), "freeze_at": opens - timedelta(days=1)}
