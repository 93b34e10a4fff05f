"""The administrator's forms: clean input, never save."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lms.accounts.memberships.models import Membership
from lms.accounts.organisations.models import Organisation
from lms.accounts.people.models import Person
from lms.accounts.types import AccountsRefusal, DocumentKind, OrganisationKind, PersonData, Role, Sex

_NOBODY = Organisation.objects.none()


if TYPE_CHECKING:
    _OrganisationChoice = forms.ModelChoiceField[Organisation]
else:
    _OrganisationChoice = forms.ModelChoiceField


class _TreeChoice(_OrganisationChoice):
    def label_from_instance(self, obj: Any) -> str:
        """Indented by depth with full-width spaces."""
        return "\u3000" * (obj.depth - 1) + str(obj.name)


def _organisations(label: Any) -> _TreeChoice:
    return _TreeChoice(queryset=_NOBODY, label=label, to_field_name="uuid")


class PlacedForm(forms.Form):
    """A form that chooses among the organisations the administrator looks after (argument `organisations`)."""

    def __init__(self, *args: Any, organisations: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("parent", "organisation"):
            if name in self.fields:
                self.fields[name].queryset = organisations  # type: ignore[attr-defined]

    def refuse(self, refusal: AccountsRefusal) -> None:
        """Show a service's refusal beside the field it names."""
        self.add_error(refusal.field if refusal.field in self.fields else None, refusal.message)


class OrganisationForm(PlacedForm):
    """Name and kind; on creation also the place in the tree."""

    parent = _organisations(_("Belongs to"))
    name = forms.CharField(label=pgettext_lazy("organisation", "Name"), max_length=200)
    kind = forms.ChoiceField(label=_("Kind"), choices=Organisation.KINDS)

    def __init__(self, *args: Any, with_parent: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not with_parent:
            del self.fields["parent"]

    def clean_kind(self) -> OrganisationKind:
        """As an enum member."""
        return OrganisationKind(self.cleaned_data["kind"])


class UserForm(PlacedForm):
    """A new login."""

    organisation = _organisations(_("Registered by"))
    display_name = forms.CharField(
        label=_("Name to show"), max_length=100, help_text=_("As colleagues say it; staff see it beside what was done.")
    )


class RenameForm(forms.Form):
    """The name shown."""

    display_name = forms.CharField(label=_("Name to show"), max_length=100)


class MembershipForm(PlacedForm):
    """A role on one organisation, for some days."""

    role = forms.ChoiceField(label=_("Role"), choices=Membership.ROLES)
    organisation = _organisations(_("On behalf of"))
    valid_from = forms.DateField(
        label=pgettext_lazy("role", "From"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("Empty: today"),
    )
    valid_to = forms.DateField(
        label=_("Until and including"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("Empty: until it is ended"),
    )

    def clean_role(self) -> Role:
        """As an enum member."""
        return Role(self.cleaned_data["role"])


class PersonForm(PlacedForm):
    """A person as on her identity paper."""

    organisation = _organisations(_("Registered by"))
    name = forms.CharField(
        label=pgettext_lazy("person", "Name"), max_length=100, help_text=_("As on the identity paper")
    )
    document_type = forms.ChoiceField(label=_("Identity paper"), choices=[("", "—"), *Person.DOCUMENTS], required=False)
    document_number = forms.CharField(label=_("Number of the paper"), max_length=40, required=False)
    birth_date = forms.DateField(
        label=_("Date of birth"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("Empty: taken from the ID card number"),
    )
    sex = forms.ChoiceField(
        label=_("Sex"),
        choices=[("", "—"), *Person.SEXES],
        required=False,
        help_text=_("Empty: taken from the ID card number"),
    )
    phone = forms.CharField(label=_("Phone"), max_length=30, required=False)

    def person_data(self) -> PersonData:
        """What was typed, for the service."""
        data = self.cleaned_data
        return PersonData(
            name=data["name"],
            sex=Sex(data["sex"]) if data["sex"] else None,
            birth_date=data["birth_date"],
            document_type=DocumentKind(data["document_type"]) if data["document_type"] else None,
            document_number=data["document_number"],
            phone=data["phone"],
        )
