"""What an administrator sees: the organisations, logins and persons of her own place in the tree."""

from typing import Any
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.core.paginator import Paginator
from django.db.models import Prefetch, Q, QuerySet
from django.shortcuts import get_object_or_404

from lms.accounts.backoffice.types import (
    Listing,
    MembershipRow,
    OrganisationRow,
    PersonRow,
    UserPage,
    UserRow,
)
from lms.accounts.logic import masked_document, masked_name, masked_phone, tidy_number
from lms.accounts.memberships.models import Membership
from lms.accounts.memberships.selectors import role_label
from lms.accounts.organisations.models import Organisation
from lms.accounts.people.models import Person, User
from lms.accounts.people.selectors import document_indexes
from lms.accounts.rules import require
from lms.accounts.types import Acting
from lms.core import clock
from lms.core.crypto import blind_index

_ROWS_A_PAGE = 50


def organisations_of(acting: Acting) -> QuerySet[Organisation]:
    """The organisations an administrator looks after, in tree order. Raises NotAllowed."""
    require(acting, "organisation", "read", place=acting.organisation_path)
    return Organisation.objects.filter(path__startswith=acting.organisation_path).order_by("path")


def organisation_for(acting: Acting, uuid: UUID) -> Organisation:
    """One of them. Raises NotAllowed, Http404."""
    return get_object_or_404(organisations_of(acting), uuid=uuid)


def organisation_listing(acting: Acting) -> tuple[OrganisationRow, ...]:
    """The whole tree below the administrator; one query."""
    nodes = list(organisations_of(acting))
    top = min((node.depth for node in nodes), default=1)
    return tuple(
        OrganisationRow(node.uuid, node.name, str(node.get_kind_display()), node.depth - top, node.is_demo)
        for node in nodes
    )


def _users(acting: Acting) -> QuerySet[User]:
    require(acting, "user", "read", place=acting.organisation_path)
    return User.objects.filter(organisation__path__startswith=acting.organisation_path)


def user_for(acting: Acting, uuid: UUID) -> User:
    """One of the logins registered in the administrator's place. Raises NotAllowed, Http404."""
    return get_object_or_404(_users(acting).select_related("organisation"), uuid=uuid)


def membership_for(acting: Acting, user: User, uuid: UUID) -> Membership:
    """A membership of that user. Raises NotAllowed, Http404."""
    require(acting, "membership", "read", place=acting.organisation_path)
    return get_object_or_404(user.memberships.select_related("organisation"), uuid=uuid)


def user_listing(acting: Acting, *, query: str, page: int) -> Listing:
    """Logins by name or login name; three queries. Raises NotAllowed."""
    users = _users(acting).order_by("username")
    if query:
        users = users.filter(Q(display_name__icontains=query) | Q(username__startswith=tidy_number(query)))
    today = clock.today()
    holding = Membership.objects.filter(Q(valid_to=None) | Q(valid_to__gte=today), valid_from__lte=today)
    users = users.select_related("organisation").prefetch_related(
        Prefetch("memberships", queryset=holding, to_attr="holding")
    )
    return _page(users, query, page, _user_row)


def _user_row(user: Any) -> UserRow:
    return UserRow(
        uuid=user.uuid,
        login_name=user.username,
        display_name=user.display_name,
        organisation=user.organisation.name if user.organisation else "",
        roles=tuple(role_label(row.role) for row in user.holding),
        is_active=user.is_active,
        is_demo=user.is_demo,
    )


def user_page(acting: Acting, user: User) -> UserPage:
    """One login, its person masked, and its roles, the newest first."""
    today = clock.today()
    held = list(user.memberships.select_related("organisation").order_by("-valid_from", "-id"))
    user.holding = [row for row in held if _holds(row, today)]  # type: ignore[attr-defined]
    person = Person.objects.filter(user=user).first()
    return UserPage(
        row=_user_row(user),
        person=masked_name(person.name) if person else "",
        has_password=user.has_usable_password(),
        password_is_initial=user.password_is_initial,
        second_step=Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists(),
        memberships=tuple(
            MembershipRow(
                uuid=row.uuid,
                role_label=role_label(row.role),
                organisation=row.organisation.name,
                valid_from=row.valid_from,
                valid_to=row.valid_to,
                holds=_holds(row, today),
                can_end=row.valid_to is None or row.valid_to > today,
            )
            for row in held
        ),
        is_self=acting.user == user.uuid,
    )


def _holds(row: Membership, today: Any) -> bool:
    return row.valid_from <= today and (row.valid_to is None or row.valid_to >= today)


def person_listing(acting: Acting, *, query: str, page: int) -> Listing:
    """Persons by name, or by the whole number of an identity paper or phone; masked. Raises NotAllowed."""
    require(acting, "person", "read", place=acting.organisation_path)
    persons = Person.objects.filter(organisation__path__startswith=acting.organisation_path)
    if query:
        persons = persons.filter(
            Q(name__icontains=query)
            | Q(document_index__in=document_indexes(query))
            | Q(phone_index=blind_index(tidy_number(query), purpose="phone"))
        )
    return _page(persons.select_related("organisation", "user").order_by("-id"), query, page, _person_row)


def _person_row(person: Person) -> PersonRow:
    return PersonRow(
        uuid=person.uuid,
        name=masked_name(person.name),
        document_label=str(person.get_document_type_display()),
        document=masked_document(person.document_number),
        phone=masked_phone(person.phone),
        organisation=person.organisation.name,
        login_name=person.user.username if person.user else "",
        is_demo=person.is_demo,
    )


def _page(rows: QuerySet[Any], query: str, number: int, build: Any) -> Listing:
    pages = Paginator(rows, _ROWS_A_PAGE)
    page = pages.get_page(number)
    return Listing(
        rows=tuple(build(row) for row in page),
        total=pages.count,
        page=page.number,
        pages=pages.num_pages,
        query=query,
    )
