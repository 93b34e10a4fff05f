"""A trainee registers herself (issue 3, item 3), and holds no office before somebody has seen her."""

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from lms.accounts.consent.selectors import texts_in_force
from lms.accounts.consent.services import write_consent
from lms.accounts.consent.types import ConsentHow, ConsentKey
from lms.accounts.logic import age_on
from lms.accounts.memberships.models import Membership
from lms.accounts.memberships.services import grant_membership
from lms.accounts.organisations.models import Organisation
from lms.accounts.people.models import Person, User
from lms.accounts.people.services import create_person, create_user, trainee_data
from lms.accounts.registration.models import Registration
from lms.accounts.registration.selectors import needs_seeing
from lms.accounts.registration.types import Registered
from lms.accounts.types import (
    INSTALLATION,
    STAFF_ROLES,
    AccountsRefusal,
    Acting,
    OrganisationKind,
    PersonData,
    Role,
)
from lms.core import audit, clock

_ADULT = 18
# An evaluation body takes practitioners of no class for its accreditations.
_REGISTERING = (OrganisationKind.INSTITUTION, OrganisationKind.EVALUATION_BODY)


@transaction.atomic
def register_trainee(
    *, institution: UUID, data: PersonData, password: str, consents: Collection[UUID], now: datetime
) -> Registered:
    """A person, a login with a password of her own, a trainee's role, and what she agreed to.

    Under 16 is refused; the use of sensitive data must be agreed to, the use of videos may be agreed to later.
    Raises AccountsRefusal ("institution", "name", "document_number", "birth_date", "age", "phone", "consents", "password",
    "registered").
    """
    organisation = Organisation.objects.filter(uuid=institution, kind__in=_REGISTERING).first()
    if organisation is None:
        raise AccountsRefusal(_("Choose a training institution."), code="institution", field="institution")
    today = clock.day_of(now)
    clean = trainee_data(data, today=today)
    texts = {text.uuid: text for text in texts_in_force()}
    agreed = [texts[uuid] for uuid in consents if uuid in texts]
    if not any(text.key is ConsentKey.SENSITIVE_DATA for text in agreed):
        raise AccountsRefusal(
            _("Without this consent nobody can be registered."), code="consents", field=ConsentKey.SENSITIVE_DATA.value
        )
    try:
        validate_password(password, User(display_name=clean.name))
    except ValidationError as error:
        raise AccountsRefusal(" ".join(error.messages), code="password", field="password1") from None
    user = create_user(
        by=INSTALLATION,
        organisation=organisation,
        display_name=clean.name,
        password=password,
        password_is_initial=False,
        is_demo=organisation.is_demo,
        now=now,
    )
    person = create_person(
        by=INSTALLATION, organisation=organisation, data=clean, user=user, is_demo=organisation.is_demo, now=now
    )
    grant_membership(by=INSTALLATION, user=user, organisation=organisation, role=Role.TRAINEE, now=now)
    row = Registration.objects.create(person=person, organisation=organisation, created_at=now)
    for text in agreed:
        write_consent(person=person, text=text.uuid, given=True, how=ConsentHow.SCREEN, by=user.uuid, now=now)
    audit.record(
        subject_kind="person",
        subject=person.uuid,
        action="registered_herself",
        actor=user.uuid,
        fields={"registration": row.uuid, "organisation": organisation.uuid},
        now=now,
    )
    return Registered(
        login_name=user.username,
        name=clean.name,
        institution=organisation.name,
        minor=clean.birth_date is not None and age_on(clean.birth_date, today) < _ADULT,
    )


@transaction.atomic
def give_role(
    *,
    by: Acting,
    user: User,
    organisation: Organisation,
    role: Role,
    now: datetime,
    valid_from: date | None = None,
    valid_to: date | None = None,
) -> Membership:
    """A further role for somebody who has a login. Raises NotAllowed, AccountsRefusal ("unseen", "self", "role", "overlap",
    "valid_to", "administrator")."""
    require_seen(Person.objects.filter(user=user).first(), role)
    return grant_membership(
        by=by, user=user, organisation=organisation, role=role, valid_from=valid_from, valid_to=valid_to, now=now
    )


def require_seen(person: Person | None, role: Role) -> None:
    """Whoever knows a name and a number can register under them, so an office goes only to whom somebody has seen.

    Raises AccountsRefusal ("unseen").
    """
    if role in STAFF_ROLES and person is not None and needs_seeing(person):
        raise AccountsRefusal(
            _(
                "She registered herself, and nobody has compared her with her original paper yet. Her institution does so "
                "first; if the login is not hers, it makes her a slip."
            ),
            code="unseen",
            field="role",
        )
