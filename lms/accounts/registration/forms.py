"""The form of a trainee who registers herself."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lms.accounts.consent.types import ConsentKey, ConsentTextData
from lms.accounts.people.models import Person
from lms.accounts.registration.types import OpenInstitution
from lms.accounts.types import AccountsRefusal, DocumentKind, PersonData, Sex


class RegistrationForm(forms.Form):
    """Who she is, where she wants to learn, a password of her own, what she agrees to.

    texts: the consent texts shown; each becomes a checkbox named by its key. The use of videos may be agreed to later.
    """

    institution = forms.ChoiceField(label=_("Training institution"))
    name = forms.CharField(
        label=pgettext_lazy("person", "Name"),
        max_length=100,
        help_text=_("As on the identity paper"),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    document_type = forms.ChoiceField(label=_("Identity paper"), choices=Person.DOCUMENTS)
    document_number = forms.CharField(
        label=_("Number of the paper"), max_length=40, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    birth_date = forms.DateField(
        label=_("Date of birth"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date", "autocomplete": "bday"}),
        help_text=_("With an ID card it is taken from the number"),
    )
    sex = forms.ChoiceField(
        label=_("Sex"),
        choices=[("", "—"), *Person.SEXES],
        required=False,
        help_text=_("With an ID card it is taken from the number"),
    )
    phone = forms.CharField(
        label=_("Phone"),
        max_length=30,
        required=False,
        help_text=_("Optional; it may be shared and is no way to sign in"),
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel"}),
    )
    password1 = forms.CharField(
        label=_("New password"),
        strip=False,
        help_text=_(
            "At least 10 characters. No birthday, no phone number; four unrelated words are easy to keep in mind."
        ),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    password2 = forms.CharField(
        label=_("New password again"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(
        self,
        *args: Any,
        institutions: tuple[OpenInstitution, ...],
        texts: tuple[ConsentTextData, ...],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        choices = [(str(one.uuid), one.label) for one in institutions]
        self.fields["institution"].choices = [("", "—"), *choices]  # type: ignore[attr-defined]
        self.texts = texts
        for text in texts:
            needed = text.key is ConsentKey.SENSITIVE_DATA
            self.fields[text.key.value] = forms.BooleanField(
                label=_("I have read this and agree"),
                required=needed,
                help_text="" if needed else _("You can also agree later, before you hand in a video."),
                error_messages={"required": _("Without this consent nobody can be registered.")},
            )

    def consent_fields(self) -> list[tuple[ConsentTextData, forms.BoundField]]:
        """Each text with its checkbox, for the template."""
        return [(text, self[text.key.value]) for text in self.texts]

    def clean(self) -> dict[str, Any]:
        """The two passwords agree."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("password1") and cleaned.get("password2") and cleaned["password1"] != cleaned["password2"]:
            self.add_error("password2", _("The two passwords differ. Please type them again."))
        return cleaned

    def person_data(self) -> PersonData:
        """What was typed, for the service."""
        data = self.cleaned_data
        return PersonData(
            name=data["name"],
            sex=Sex(data["sex"]) if data["sex"] else None,
            birth_date=data["birth_date"],
            document_type=DocumentKind(data["document_type"]),
            document_number=data["document_number"],
            phone=data["phone"],
        )

    def refuse(self, refusal: AccountsRefusal) -> None:
        """Show a service's refusal beside the field it names."""
        self.add_error(refusal.field if refusal.field in self.fields else None, refusal.message)
