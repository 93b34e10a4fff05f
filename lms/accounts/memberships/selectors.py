"""Which memberships hold today, and on whose behalf a user acts."""

from datetime import date
from uuid import UUID

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db.models import BigAutoField, DateField, Q, QuerySet

from lms.accounts.memberships.models import Membership
from lms.accounts.people.models import Person, User
from lms.accounts.types import NOBODY, STAFF_ROLES, Acting, Role
from lms.core import clock
from lms.core.keptquery import KeptQuery


class _Unread:
    """Not read with the user."""


_UNREAD = _Unread()


def valid_memberships(user: User, *, today: date) -> QuerySet[Membership]:
    """The user's memberships that hold on this day, oldest first; the first is acted in unless another is chosen."""
    return (
        Membership.objects.filter(Q(valid_to=None) | Q(valid_to__gte=today), user=user, valid_from__lte=today)
        .select_related("organisation")
        .order_by("id")
    )


def _held(user: int, today: date) -> QuerySet[Membership]:
    return valid_memberships(User(pk=user), today=today)


_HELD = KeptQuery(_held, user=BigAutoField(), today=DateField())


def is_staff_today(user: User) -> bool:
    """Whether any membership that holds today is other than a trainee's."""
    return any(row.role in STAFF_ROLES for row in _HELD(user=user.pk, today=clock.today()))


def acting_for(user: AbstractBaseUser | AnonymousUser, chosen: str | None) -> Acting:
    """On whose behalf this user acts; `chosen` is the uuid of the membership picked, ignored when it does not hold."""
    if not isinstance(user, User) or not user.is_active:
        return NOBODY
    person = _person_of(user)
    held = _HELD(user=user.pk, today=clock.today())
    if not held:
        return Acting(user.uuid, person, Role.ANONYMOUS, None, "", "", None)
    picked = next((row for row in held if str(row.uuid) == chosen), held[0])
    organisation, role = picked.organisation, Role(picked.role)
    return Acting(
        user=user.uuid,
        person=person,
        role=role,
        organisation=organisation.uuid,
        # Staff of an institution work on their own institution, also where it is a body that examines a whole county.
        organisation_path=organisation.path if role is Role.INSTITUTION_ADMIN else organisation.scope_path,
        organisation_name=organisation.name,
        membership=picked.uuid,
    )


def _person_of(user: User) -> UUID | None:
    """A login of a merged duplicate acts as the person who was kept. Read with the user at the door of a request."""
    read: UUID | _Unread | None = getattr(user, "kept_person", _UNREAD)
    if not isinstance(read, _Unread):
        return read
    found = Person.objects.filter(user=user).select_related("merged_into").first()
    return (found.merged_into or found).uuid if found else None


def role_label(role: str) -> str:
    """The role's name in the current language; "" for nobody's."""
    return str(dict(Membership.ROLES).get(role, ""))
