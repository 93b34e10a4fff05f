"""What pages and devices send."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from courses.classes.forms import DateInput
from courses.learning.rules import ANSWER_MAX, QUESTION_MAX
from courses.learning.types import (
    Aim,
    Background,
    Experience,
    Happening,
    PackageSaid,
    PackageStatus,
    Place,
    Schooling,
    StudyRefused,
)
from lms.core import reading

_BLOCK_MAX = 32767
_SECOND_MAX = 86400
_SECONDS_MAX = 10**7
_SCORE = re.compile(r"\d{1,3}(\.\d{1,7})?", re.ASCII)


class Unreadable(ValueError):
    """A device sent something that no page of ours sends."""


def json_of(body: bytes) -> Mapping[str, Any]:
    """The object a device sent. Raises Unreadable."""
    try:
        sent = reading.json_of(body)
    except ValueError as fault:
        raise Unreadable from fault
    if not isinstance(sent, dict):
        raise Unreadable
    return sent


def uuid_in(sent: Mapping[str, Any], name: str) -> UUID:
    """Raises Unreadable."""
    try:
        return UUID(str(sent[name]))
    except (KeyError, ValueError) as fault:
        raise Unreadable from fault


def number_in(sent: Mapping[str, Any], name: str, most: int, otherwise: int | None = None) -> int:
    """A whole number from 0 to `most`; larger and smaller ones are brought there. Raises Unreadable."""
    value = sent.get(name, otherwise)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Unreadable
    return int(min(max(value, 0), most))


def text_in(sent: Mapping[str, Any], name: str) -> str:
    """Raises Unreadable."""
    value = sent.get(name)
    if not isinstance(value, str):
        raise Unreadable
    return value


def age_in(sent: Mapping[str, Any]) -> int:
    """How long ago it happened, in milliseconds; no more than the years of a device's life. Raises Unreadable."""
    return number_in(sent, "age_ms", 10**12, 0)


@dataclass(frozen=True)
class Sent:
    """What a device told of a lesson, as read."""

    key: UUID
    kind: Happening
    place: Place
    age_ms: int


def told_in(sent: Mapping[str, Any]) -> Sent:
    """Raises Unreadable."""
    try:
        kind = Happening(str(sent.get("kind")))
    except ValueError as fault:
        raise Unreadable from fault
    second = None if sent.get("second") is None else number_in(sent, "second", _SECOND_MAX)
    place = Place(number_in(sent, "block", _BLOCK_MAX, 0), second)
    return Sent(uuid_in(sent, "key"), kind, place, age_in(sent))


def package_in(sent: Mapping[str, Any]) -> PackageSaid:
    """What a package says. Raises Unreadable."""
    try:
        status = PackageStatus(text_in(sent, "status"))
    except ValueError as fault:
        raise Unreadable from fault
    score = text_in(sent, "score")
    if score and (not _SCORE.fullmatch(score) or Decimal(score) > 100):
        raise Unreadable
    return PackageSaid(
        status=status,
        score=Decimal(score).quantize(Decimal("0.01")) if score else None,
        location=text_in(sent, "location"),
        suspend_data=text_in(sent, "suspend_data"),
        seconds=number_in(sent, "seconds", _SECONDS_MAX, 0),
    )


def chosen_in(sent: Mapping[str, Any]) -> list[str]:
    """Keys of options. Raises Unreadable."""
    chosen = sent.get("chosen")
    if not isinstance(chosen, list) or not all(isinstance(each, str) for each in chosen):
        raise Unreadable
    return chosen


def block_in(sent: Mapping[str, Any]) -> int:
    """Raises Unreadable."""
    return number_in(sent, "block", _BLOCK_MAX)


def number_of(typed: str | None) -> int:
    """A form's whole number, 0 for what is none."""
    return min(int(typed), _BLOCK_MAX) if typed and typed.isascii() and typed.isdecimal() else 0


class WordsForm(forms.Form):
    """A question, or something added to one."""

    text = forms.CharField(
        label=_("Your words"),
        max_length=QUESTION_MAX,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Write something first.")},
    )

    def refuse(self, refusal: StudyRefused) -> None:
        """Put a refusal beside its field."""
        self.add_error(refusal.field if refusal.field in self.fields else None, refusal.message)


class AnswerForm(WordsForm):
    """A teacher's answer."""

    text = forms.CharField(
        label=_("Your answer"),
        max_length=ANSWER_MAX,
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": _("Write something first.")},
    )
    share = forms.BooleanField(
        label=_("Show question and answer to the whole class"),
        help_text=_("Without the name of who asked."),
        required=False,
    )


class DeadlineForm(forms.Form):
    """Until when a class studies a lesson, or all of them."""

    lesson = forms.ChoiceField(label=_("What to study"), required=False)
    due = forms.DateField(
        label=_("Until"), widget=DateInput(), error_messages={"required": _("Choose a day.")}, help_text=_("To 24:00.")
    )

    def __init__(self, *args: Any, choices: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["lesson"].choices = choices  # type: ignore[attr-defined]

    def said(self) -> tuple[UUID | None, date]:
        """The lesson, None for all, and the day."""
        lesson = self.cleaned_data["lesson"]
        return (UUID(lesson) if lesson else None), self.cleaned_data["due"]

    def refuse(self, refusal: StudyRefused) -> None:
        """Put a refusal beside its field."""
        self.add_error(refusal.field if refusal.field in self.fields else None, refusal.message)


SCHOOLING = [
    (Schooling.PRIMARY.value, pgettext_lazy("schooling", "Primary school or less")),
    (Schooling.JUNIOR.value, pgettext_lazy("schooling", "Junior secondary school")),
    (Schooling.SENIOR.value, pgettext_lazy("schooling", "Senior secondary or vocational school")),
    (Schooling.COLLEGE.value, pgettext_lazy("schooling", "College or more")),
]
EXPERIENCE = [
    (Experience.NONE.value, pgettext_lazy("experience", "I have not sold anything yet")),
    (Experience.SHOP.value, pgettext_lazy("experience", "I have run a shop or worked in sales")),
    (Experience.LIVE.value, pgettext_lazy("experience", "I have streamed or made short videos")),
]
AIM = [
    (Aim.JOB.value, pgettext_lazy("aim", "Find work as a streamer")),
    (Aim.OWN.value, pgettext_lazy("aim", "Sell my own products, run my own shop")),
    (Aim.UPGRADE.value, pgettext_lazy("aim", "Get better in the post I have")),
]


class BackgroundForm(forms.Form):
    """What she may say of herself, for her path; nothing is required."""

    schooling = forms.ChoiceField(label=_("Schooling"), widget=forms.RadioSelect, choices=SCHOOLING, required=False)
    experience = forms.ChoiceField(
        label=_("What you have sold so far"), widget=forms.RadioSelect, choices=EXPERIENCE, required=False
    )
    aim = forms.ChoiceField(label=_("What you learn it for"), widget=forms.RadioSelect, choices=AIM, required=False)

    def background(self) -> Background:
        """As said."""
        said = self.cleaned_data
        return Background(
            schooling=Schooling(said["schooling"]) if said["schooling"] else None,
            experience=Experience(said["experience"]) if said["experience"] else None,
            aim=Aim(said["aim"]) if said["aim"] else None,
        )


def background_initial(background: Background) -> dict[str, str]:
    """A form as she filled it last."""
    said = {"schooling": background.schooling, "experience": background.experience, "aim": background.aim}
    return {name: str(value) for name, value in said.items() if value}


def not_understood() -> str:
    """For a device that sent what it should not."""
    return gettext("This could not be read. Please reload the page.")
