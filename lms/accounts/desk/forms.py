"""The desk's forms: clean input, never save."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lms.accounts.organisations.models import Organisation
from lms.accounts.people.models import Person
from lms.accounts.slips.models import IdentityCheck, Slip
from lms.accounts.slips.types import IdentityCheckKind, SlipPurpose
from lms.accounts.types import AccountsRefusal, DocumentKind, OrganisationKind, PersonData, Role, Sex

_DAY = {"type": "date"}
_PAPER_END = _("The last eight characters of the number on the original paper")


class DeskForm(forms.Form):
    """A form that can show a service's refusal beside the field it names."""

    def refuse(self, refusal: AccountsRefusal) -> None:
        """Under the field, or above the form."""
        self.add_error(refusal.field if refusal.field in self.fields else None, refusal.message)


class _PlaceForm(DeskForm):
    """Chooses one of the organisations given (argument `places`); a single one is chosen already."""

    place_field = "organisation"

    def __init__(self, *args: Any, places: Sequence[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.places = {str(place.uuid): place for place in places}
        top = min((place.depth for place in places), default=1)
        choices = [(str(place.uuid), "\u3000" * (place.depth - top) + place.name) for place in places]
        if len(choices) != 1:
            choices.insert(0, ("", "—"))
        self.fields[self.place_field].choices = choices  # type: ignore[attr-defined]

    def place(self) -> Organisation:
        """The organisation chosen."""
        return self.places[self.cleaned_data[self.place_field]]


class NewOrganisationForm(_PlaceForm):
    """Name, kind, and where it stands."""

    place_field = "parent"
    parent = forms.ChoiceField(label=_("Belongs to"))
    kind = forms.ChoiceField(label=_("Kind"))
    name = forms.CharField(label=pgettext_lazy("organisation", "Name"), max_length=200)

    def __init__(self, *args: Any, kinds: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [*kinds]  # type: ignore[attr-defined]

    def clean_kind(self) -> OrganisationKind:
        """As an enum member."""
        return OrganisationKind(self.cleaned_data["kind"])


class GiveRoleForm(_PlaceForm):
    """A role on one organisation, for some days."""

    role = forms.ChoiceField(label=_("Role"))
    organisation = forms.ChoiceField(label=_("On behalf of"))
    valid_to = forms.DateField(
        label=_("Until and including"),
        required=False,
        widget=forms.DateInput(attrs=_DAY),
        help_text=_("Empty: until it is ended"),
    )

    def __init__(self, *args: Any, roles: Sequence[tuple[Role, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [(role.value, label) for role, label in roles]  # type: ignore[attr-defined]

    def clean_role(self) -> Role:
        """As an enum member."""
        return Role(self.cleaned_data["role"])


class PersonFields(DeskForm):
    """A person as on her identity paper."""

    name = forms.CharField(
        label=pgettext_lazy("person", "Name"), max_length=100, help_text=_("As on the identity paper")
    )
    document_type = forms.ChoiceField(label=_("Identity paper"), choices=[("", "—"), *Person.DOCUMENTS], required=False)
    document_number = forms.CharField(
        label=_("Number of the paper"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    birth_date = forms.DateField(
        label=_("Date of birth"),
        required=False,
        widget=forms.DateInput(attrs=_DAY),
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
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
        help_text=_("Optional; it may be shared and is no way to sign in"),
    )

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


class AdmitForm(GiveRoleForm, PersonFields):
    """Somebody new at the desk: who she is, what she will do here."""

    field_order = (
        "role", "organisation", "name", "document_type", "document_number", "birth_date", "sex", "phone", "valid_to",
    )  # fmt: skip


class SlipForm(DeskForm):
    """Why a slip is made and how the identity was checked."""

    purpose = forms.ChoiceField(label=_("What for"), choices=Slip.PURPOSES, widget=forms.RadioSelect)
    check = forms.ChoiceField(label=_("Identity check"), choices=IdentityCheck.KINDS, widget=forms.RadioSelect)
    paper_end = forms.CharField(
        label=_PAPER_END,
        max_length=16,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("Read them from the paper in your hand; they are compared with the record."),
    )

    def __init__(self, *args: Any, has_paper: bool, has_password: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kept = [IdentityCheckKind.PAPER_SEEN] if has_paper else list(IdentityCheckKind)
        self.fields["check"].choices = [  # type: ignore[attr-defined]
            choice for choice in IdentityCheck.KINDS if choice[0] in kept
        ]
        if has_paper:
            self.fields["paper_end"].required = True
        else:
            del self.fields["paper_end"]
        if has_password:
            self.fields["purpose"].choices = Slip.PURPOSES[1:]  # type: ignore[attr-defined]
        self.fields["purpose"].initial = (
            SlipPurpose.FORGOTTEN_PASSWORD.value if has_password else SlipPurpose.FIRST_LOGIN.value
        )
        if len(kept) == 1:
            self.fields["check"].initial = kept[0].value

    def clean_purpose(self) -> SlipPurpose:
        """As an enum member."""
        return SlipPurpose(self.cleaned_data["purpose"])

    def clean_check(self) -> IdentityCheckKind:
        """As an enum member."""
        return IdentityCheckKind(self.cleaned_data["check"])


class SeenForm(DeskForm):
    """She stands at the desk with her paper."""

    paper_end = forms.CharField(
        label=_PAPER_END, max_length=16, widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("Compare photo and face; then type them from the paper in your hand."),
    )  # fmt: skip


class PaperConsentForm(DeskForm):
    """A consent signed on paper, or taken back on paper."""

    text = forms.UUIDField(widget=forms.HiddenInput)
    given = forms.TypedChoiceField(
        label=_("What the paper says"),
        choices=[("1", _("She agrees")), ("0", _("She takes her consent back"))],
        coerce=lambda value: value == "1",
        widget=forms.RadioSelect,
        initial="1",
    )
    signed_on = forms.DateField(label=_("Signed on"), widget=forms.DateInput(attrs=_DAY))
    note = forms.CharField(label=_("Where the paper is kept"), max_length=200, help_text=_("Folder and page"))
