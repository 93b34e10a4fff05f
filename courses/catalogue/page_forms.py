"""The lesson's form in Wagtail: codes of policies and ways of teaching as boxes to tick instead of JSON."""

from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminPageForm

from courses.catalogue.types import Method
from lms.core import clock
from lms.policies.api import ProfileData, profiles

METHODS = [
    (Method.LECTURE.value, pgettext_lazy("method", "Lecture")),
    (Method.OPERATION.value, pgettext_lazy("method", "Operation")),
    (Method.STUDY_TOUR.value, pgettext_lazy("method", "Study tour")),
    (Method.CASE.value, pgettext_lazy("method", "Typical cases")),
    (Method.INTERNAL.value, pgettext_lazy("method", "Internal training")),
    (Method.EXTERNAL.value, pgettext_lazy("method", "External training")),
    (Method.ONLINE.value, pgettext_lazy("method", "Online learning")),
    (Method.HANDS_ON.value, pgettext_lazy("method", "Hands-on practice")),
    (Method.EXCHANGE.value, pgettext_lazy("method", "Exchange meeting")),
]


def content_codes(rules: ProfileData) -> list[tuple[str, str]]:
    """The content list of a policy: (code, words)."""
    return [(code, rules.labels.get(code, code)) for code in rules.parameters.content_items]


def audience_codes(rules: ProfileData) -> list[tuple[str, str]]:
    """The categories of trainees a policy names: (code, words)."""
    return [(code, str(words)) for code, words in (rules.raw.get("categories") or {}).items()]


def choices_of(codes: Any) -> list[tuple[str, list[tuple[str, str]]]]:
    """Boxes by policy, in force today: (title, [(key:code, words)]); policies without such a list are left out."""
    groups = ((rules, codes(rules)) for rules in profiles(on=clock.today()))
    return [(rules.title, [(f"{rules.key}:{code}", words) for code, words in many]) for rules, many in groups if many]


class CodesField(forms.MultipleChoiceField):
    """{policy: [codes]} as boxes. Codes that no policy in force has any more are kept as they are."""

    widget = forms.CheckboxSelectMultiple

    def prepare_value(self, value: Any) -> Any:
        """The boxes ticked."""
        if isinstance(value, dict):
            return [f"{key}:{code}" for key, codes in value.items() for code in codes]
        return value

    def clean(self, value: Any) -> dict[str, list[str]]:
        """In the order of the boxes."""
        ticked = set(super().clean(value))
        found: dict[str, list[str]] = {}
        for _group, boxes in cast("list[tuple[str, list[tuple[str, str]]]]", self.choices):
            for box, _words in boxes:
                if box in ticked:
                    key, code = box.split(":", 1)
                    found.setdefault(key, []).append(code)
        return found

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether other boxes are ticked."""
        return set(self.prepare_value(initial or {})) != set(data or ())


class LessonPageForm(WagtailAdminPageForm):
    """The lesson's form."""

    methods = forms.MultipleChoiceField(
        label=pgettext_lazy("lesson", "Ways of teaching"), choices=METHODS, widget=forms.CheckboxSelectMultiple
    )
    tags = CodesField(label=_("Content it covers"), required=False)
    audiences = CodesField(label=_("Whom it is for"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tags"].choices = choices_of(content_codes)
        self.fields["audiences"].choices = choices_of(audience_codes)

    def clean(self) -> dict[str, Any]:
        """Study online needs a number of minutes."""
        cleaned: dict[str, Any] = super().clean()
        complete = self.fields["summary"].required  # Wagtail asks for nothing while a draft is saved
        if complete and cleaned.get("delivery") == "online" and not cleaned.get("online_minutes"):
            self.add_error("online_minutes", ValidationError(gettext("Say how long a trainee studies this online.")))
        return cleaned
