"""Making logins and persons, and what an administrator does for someone who is locked out."""

import secrets
from datetime import date, datetime
from typing import TypeVar

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from lms.accounts.logic import (
    YOUNGEST_HOST,
    IdentityNumberError,
    age_on,
    birth_date_of,
    checked_resident_number,
    is_female,
    is_foreigner_card_number,
    is_passport_number,
    is_permit_number,
    tidy_number,
)
from lms.accounts.organisations.models import Organisation
from lms.accounts.organisations.rules import may_give, require_register
from lms.accounts.people.models import Person, User
from lms.accounts.people.selectors import document_index
from lms.accounts.rules import require
from lms.accounts.types import AccountsRefusal, Acting, DocumentKind, PersonData, Role, Sex
from lms.core import audit, clock
from lms.core.crypto import blind_index

T = TypeVar("T")
_DRAWS = 20
# Read from a slip and typed on a phone: no 0/O, 1/l/I.
_SLIP_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_SLIP_LENGTH = 12
_MOBILE_DIGITS = 11


def initial_password() -> str:
    """A random code (59 bits) in three groups, as printed on a slip or, by the installation, for the first administrator."""
    letters = "".join(secrets.choice(_SLIP_LETTERS) for _index in range(_SLIP_LENGTH))
    return "-".join(letters[start : start + 4] for start in range(0, _SLIP_LENGTH, 4))


@transaction.atomic
def create_user(
    *,
    by: Acting,
    organisation: Organisation,
    display_name: str,
    password: str | None,
    now: datetime,
    password_is_initial: bool = True,
    is_demo: bool = False,
) -> User:
    """A login with a random name of 8 digits, registered by `organisation`; without a password nobody can log in.

    Raises NotAllowed, AccountsRefusal ("display_name").
    """
    require_register(by, "user", organisation)
    display_name = " ".join(display_name.split())
    if not display_name:
        raise AccountsRefusal(_("Enter the name to show."), code="display_name", field="display_name")
    user = _with_free_name(
        User(
            display_name=display_name,
            organisation=organisation,
            password_is_initial=password_is_initial and password is not None,
            is_demo=is_demo or organisation.is_demo,
            created_at=now,
        ),
        password,
    )
    audit.record(
        subject_kind="user",
        subject=user.uuid,
        action="created",
        actor=by.user,
        fields={"display_name": display_name, "organisation": organisation.uuid},
        now=now,
    )
    return user


def _with_free_name(user: User, password: str | None) -> User:
    user.set_password(password)
    for _draw in range(_DRAWS):
        user.username = str(secrets.randbelow(90_000_000) + 10_000_000)
        try:
            with transaction.atomic():
                user.save(force_insert=True)
        except IntegrityError:
            continue
        return user
    raise RuntimeError("no free login name was drawn")


@transaction.atomic
def create_person(
    *,
    by: Acting,
    organisation: Organisation,
    data: PersonData,
    now: datetime,
    user: User | None = None,
    is_demo: bool = False,
) -> Person:
    """A person registered by `organisation`, with at most one login.

    A resident card's number is checked by GB 11643 and gives the sex and the date of birth where they are not stated.
    Raises NotAllowed, AccountsRefusal ("name", "document_number", "birth_date", "sex", "phone", "user").
    """
    require_register(by, "person", organisation)
    clean = cleaned_person(data, today=clock.day_of(now))
    person = Person(
        user=user,
        name=clean.name,
        sex=clean.sex or "",
        birth_date=clean.birth_date,
        document_type=clean.document_type or "",
        document_number=clean.document_number,
        document_index=document_index(clean.document_type, clean.document_number),
        phone=clean.phone,
        phone_index=blind_index(clean.phone, purpose="phone") if clean.phone else "",
        organisation=organisation,
        is_demo=is_demo or organisation.is_demo,
        created_at=now,
    )
    if user is not None and Person.objects.filter(user=user).exists():
        raise AccountsRefusal(_("This login already belongs to a person."), code="user", field="user")
    if person.document_index:
        _refuse_second(person)
    try:
        with transaction.atomic():
            person.save(force_insert=True)
    except IntegrityError:  # somebody else was first, a moment ago
        raise _registered_already() from None
    audit.record(
        subject_kind="person",
        subject=person.uuid,
        action="created",
        actor=by.user,
        fields={
            "name": person.name,
            "document_type": clean.document_type,
            "document_number": person.document_number,
            "phone": person.phone,
            "organisation": organisation.uuid,
            "user": user.uuid if user else None,
        },
        now=now,
    )
    return person


def cleaned_person(data: PersonData, *, today: date) -> PersonData:
    """The data tidied, checked and completed from the paper's number. Raises AccountsRefusal."""
    name = " ".join(data.name.split())
    if not name:
        raise AccountsRefusal(_("Enter the name as on the identity paper."), code="name", field="name")
    number, sex, born = tidy_number(data.document_number), data.sex, data.birth_date
    if number and data.document_type is None:
        raise AccountsRefusal(_("Choose the kind of identity paper."), code="document_type", field="document_type")
    if number and data.document_type is DocumentKind.RESIDENT_CARD:
        number = _checked_card(number, today)
        sex = _agreeing(sex, Sex.FEMALE if is_female(number) else Sex.MALE, "sex")
        born = _agreeing(born, birth_date_of(number), "birth_date")
    elif number and data.document_type is not None:
        _check_other_paper(data.document_type, number, today)
    if born is not None and born > today:
        raise AccountsRefusal(_("The date of birth cannot be later than today."), code="birth_date", field="birth_date")
    return PersonData(
        name=name,
        sex=sex,
        birth_date=born,
        document_type=data.document_type,
        document_number=number,
        phone=_checked_phone(data.phone),
    )


def trainee_data(data: PersonData, *, today: date) -> PersonData:
    """The same, with what a trainee cannot do without: an identity paper and a date of birth; under 16 is refused.

    Raises AccountsRefusal.
    """
    clean = cleaned_person(data, today=today)
    if not clean.document_number or clean.document_type is None:
        raise AccountsRefusal(
            _("A trainee is registered with an identity paper."), code="document_number", field="document_number"
        )
    if clean.birth_date is None:
        raise AccountsRefusal(
            _("Enter the date of birth as on the paper."), code="birth_date_missing", field="birth_date"
        )
    if age_on(clean.birth_date, today) < YOUNGEST_HOST:
        raise AccountsRefusal(
            _("Livestream hosts must be at least %(years)d years old. Please come back after the birthday.")
            % {"years": YOUNGEST_HOST},
            code="age",
            field="document_number" if clean.document_type is DocumentKind.RESIDENT_CARD else "birth_date",
        )
    return clean


def _checked_card(number: str, today: date) -> str:
    try:
        return checked_resident_number(number, today=today, synthetic=settings.DEMO)
    except IdentityNumberError as error:
        messages = {
            "length": _("An ID card number has 18 characters; this one has %(length)d.") % {"length": len(number)},
            "digits": _("An ID card number has digits only, and at most an X at the end."),
            "region": _("The first two digits of the ID card number are no province. Please look at the card again."),
            "birth_date": _(
                "Digits 7 to 14 of the ID card number are no date of birth. Please look at the card again."
            ),
            "check_digit": _(
                "The last character of the ID card number does not fit. Please type it again from the card."
            ),
        }
        raise AccountsRefusal(messages[error.reason], code=error.reason, field="document_number") from None


def _check_other_paper(kind: DocumentKind, number: str, today: date) -> None:
    fits = {
        DocumentKind.HMT_PERMIT: is_permit_number(number, today=today, synthetic=settings.DEMO),
        DocumentKind.FOREIGNER_CARD: is_foreigner_card_number(number, today=today),
        DocumentKind.PASSPORT: is_passport_number(number),
    }
    if not fits[kind]:
        raise AccountsRefusal(
            _("This is not how a number of this kind of paper looks. Please look at the paper again."),
            code="document_form",
            field="document_number",
        )


def _checked_phone(typed: str) -> str:
    phone = tidy_number(typed).removeprefix("+86")
    if not phone:
        return ""
    if phone.startswith("+"):  # a number abroad
        if not phone[1:].isdecimal():
            raise AccountsRefusal(_("A phone number has digits only."), code="phone", field="phone")
        return phone
    if not phone.isdecimal():
        raise AccountsRefusal(_("A phone number has digits only."), code="phone", field="phone")
    if len(phone) != _MOBILE_DIGITS:
        message = _("A mobile number has 11 digits; this one has %(length)d.") % {"length": len(phone)}
        raise AccountsRefusal(message, code="phone", field="phone")
    return phone


def _agreeing(stated: T | None, on_paper: T, field: str) -> T:
    if stated is not None and stated != on_paper:
        raise AccountsRefusal(_("This differs from the ID card number."), code="contradiction", field=field)
    return on_paper


def _refuse_second(person: Person) -> None:
    if Person.objects.filter(document_type=person.document_type, document_index=person.document_index).exists():
        raise _registered_already()


def _registered_already() -> AccountsRefusal:
    return AccountsRefusal(
        _("A person with this identity paper is registered already."), code="registered", field="document_number"
    )


@transaction.atomic
def set_active(*, by: Acting, user: User, active: bool, now: datetime) -> None:
    """Close a login (its sessions end at once) or open it again.

    Raises NotAllowed, AccountsRefusal ("self", "elsewhere").
    """
    row = locked_user(by=by, user=user, now=now)
    row.is_active = active
    row.save(update_fields=["is_active"])
    if not active:
        end_sessions(row)
    audit.record(
        subject_kind="user",
        subject=row.uuid,
        action="opened" if active else "closed",
        actor=by.user,
        now=now,
    )


@transaction.atomic
def rename_user(*, by: Acting, user: User, display_name: str, now: datetime) -> None:
    """Change the name shown. Raises NotAllowed, AccountsRefusal ("display_name", "self", "elsewhere")."""
    row = locked_user(by=by, user=user, now=now)
    row.display_name = " ".join(display_name.split())
    if not row.display_name:
        raise AccountsRefusal(_("Enter the name to show."), code="display_name", field="display_name")
    row.save(update_fields=["display_name"])
    audit.record(
        subject_kind="user",
        subject=row.uuid,
        action="renamed",
        actor=by.user,
        fields={"display_name": row.display_name},
        now=now,
    )


def locked_user(*, by: Acting, user: User, now: datetime) -> User:
    """The login's row, locked, when who acts looks after it; within a transaction.

    Raises NotAllowed, AccountsRefusal ("self", "elsewhere").
    """
    row = User.objects.select_for_update().get(pk=user.pk)
    require(by, "user", "update", place=row.organisation.path if row.organisation else "")
    if by.user == row.uuid:
        raise AccountsRefusal(_("Another administrator must do this for you."), code="self")
    # Whoever resets a login could act in every role it holds: they must lie within her reach and be hers to give.
    today = clock.day_of(now)
    held = list(row.memberships.filter(Q(valid_to=None) | Q(valid_to__gte=today)).select_related("organisation"))
    if row.organisation is not None and not held:
        require_register(by, "user", row.organisation)
    if not all(_looks_after(by, membership.role, membership.organisation) for membership in held):
        raise AccountsRefusal(
            _(
                "This login also holds a role outside your organisation. Please ask the administrator of the level above."
            ),
            code="elsewhere",
        )
    return row


def _looks_after(by: Acting, role: str, organisation: Organisation) -> bool:
    if by.role is Role.ADMINISTRATOR:
        return by.covers(organisation.scope_path)
    return may_give(by, Role(role), organisation)


def end_sessions(user: User, *, keep: str | None = None) -> None:
    """Log the user out everywhere, except in the session with the key `keep`."""
    held = UserSession.objects.filter(user=user).exclude(session_key=keep or "")
    Session.objects.filter(session_key__in=list(held.values_list("session_key", flat=True))).delete()
    held.delete()


@transaction.atomic
def set_preferences(*, user: User, changes: dict[str, str]) -> None:
    """Store language, text size or theme, already checked by the form."""
    User.objects.filter(pk=user.pk).update(**changes)
    for name, value in changes.items():
        setattr(user, name, value)
