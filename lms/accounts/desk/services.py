"""Admitting people at a desk: a person, her login and her role in one act."""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from lms.accounts.desk.types import WITH_PAPER, Admitted
from lms.accounts.memberships.rules import in_branch_of
from lms.accounts.memberships.services import grant_membership
from lms.accounts.organisations.models import Organisation
from lms.accounts.organisations.rules import require_give
from lms.accounts.people.models import Person, User
from lms.accounts.people.selectors import document_index
from lms.accounts.people.services import cleaned_person, create_person, create_user, trainee_data
from lms.accounts.registration.services import require_seen
from lms.accounts.rules import NotAllowed, require
from lms.accounts.slips.models import IdentityCheck
from lms.accounts.slips.services import record_identity_check
from lms.accounts.slips.types import IdentityCheckKind
from lms.accounts.types import AccountsRefusal, Acting, PersonData, Role
from lms.core import audit, clock


@transaction.atomic
def admit(
    *,
    by: Acting,
    organisation: Organisation,
    role: Role,
    data: PersonData,
    now: datetime,
    valid_to: date | None = None,
) -> Admitted:
    """Register somebody with a login and give her a role. Nobody can sign in to the login before a slip is made.

    Who is registered by her identity paper already, here or elsewhere, is known again by paper and name and keeps her
    login; a second person is never made of her.
    Raises NotAllowed, AccountsRefusal (those of the person's data; "other_name", "unseen", "age", "overlap",
    "administrator", "self").
    """
    require_give(by, role, organisation, action="create")
    today = clock.day_of(now)
    clean = trainee_data(data, today=today) if role is Role.TRAINEE else cleaned_person(data, today=today)
    if role in WITH_PAPER and not clean.document_number:
        raise AccountsRefusal(
            _("This role is given with an identity paper. Enter its kind and number."),
            code="document_number",
            field="document_number",
        )
    person = _known(clean)
    known = person is not None
    require_seen(person, role)
    user = _login_of(by, organisation, person, clean, now)
    if person is None:
        person = create_person(by=by, organisation=organisation, data=clean, user=user, now=now)
    grant_membership(by=by, user=user, organisation=organisation, role=role, valid_to=valid_to, now=now)
    return Admitted(user.uuid, user.username, known)


def _known(clean: PersonData) -> Person | None:
    """The person of this paper, if her name is the same. Raises AccountsRefusal ("other_name")."""
    index = document_index(clean.document_type, clean.document_number)
    if not index or clean.document_type is None:
        return None
    rows = Person.objects.select_for_update(of=("self",)).select_related("user", "merged_into__user")
    row = rows.filter(document_type=clean.document_type.value, document_index=index).first()
    if row is None:
        return None
    if "".join(row.name.split()) != "".join(clean.name.split()):
        raise AccountsRefusal(
            _(
                "This identity paper is registered under another name. Compare the name; if the record is wrong, ask for a "
                "correction."
            ),
            code="other_name",
            field="name",
        )
    return row.merged_into or row


def _login_of(by: Acting, organisation: Organisation, person: Person | None, clean: PersonData, now: datetime) -> User:
    if person is not None and person.user is not None:
        return person.user
    user = create_user(by=by, organisation=organisation, display_name=clean.name, password=None, now=now)
    if person is not None:
        person.user = user
        person.save(update_fields=["user"])
        audit.record(
            subject_kind="person",
            subject=person.uuid,
            action="login_given",
            actor=by.user,
            fields={"user": user.uuid},
            now=now,
        )
    return user


@transaction.atomic
def see_identity(*, by: Acting, person: Person, paper_end: str, now: datetime) -> IdentityCheck:
    """Somebody who registered herself stands at the desk with her original paper.

    Raises NotAllowed, AccountsRefusal ("paper_end").
    """
    require(by, "person", "update", place=by.organisation_path)
    if not in_branch_of(by, person, today=clock.day_of(now)):
        raise NotAllowed(_("Your role may not do this here."))
    check = record_identity_check(
        by=by, person=person, user=person.user, check=IdentityCheckKind.PAPER_SEEN, paper_end=paper_end, now=now
    )
    audit.record(
        subject_kind="person",
        subject=person.uuid,
        action="identity_seen",
        actor=by.user,
        fields={"identity_check": check.uuid},
        now=now,
    )
    return check
