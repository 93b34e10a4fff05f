"""Confirming and releasing: nothing is typed, decisions are named."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _


class UuidsField(forms.Field):
    """Several UUIDs under one name; what is none is refused."""

    widget = forms.MultipleHiddenInput
    default_error_messages = {"required": _("Please select at least one.")}

    def to_python(self, value: Any) -> list[UUID]:
        try:
            return [UUID(text) for text in value or []]
        except ValueError:
            raise forms.ValidationError(_("This selection cannot be read. Please load the page anew.")) from None


class SelectionForm(forms.Form):
    """The decisions ticked in a list."""

    decision = UuidsField()


class RefusedForm(forms.Form):
    """Carries the reasons of refused acts to the summary above the page."""

    def __init__(self, reasons: Iterable[str]) -> None:
        super().__init__({})
        for reason in reasons:
            self.add_error(None, reason)
