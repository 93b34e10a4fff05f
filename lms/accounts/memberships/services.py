"""Granting and ending roles."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from lms.accounts.memberships.models import Membership
from lms.accounts.memberships.selectors import valid_memberships
from lms.accounts.organisations.models import Organisation
from lms.accounts.organisations.rules import require_give
from lms.accounts.people.models import User
from lms.accounts.rules import require
from lms.accounts.types import AccountsRefusal, Acting, Role
from lms.core import audit, clock

# Wagtail's page permissions hang on a group; who may enter the admin at all is decided by the role acted in.
COMMITTEE_GROUP = "Curriculum committee"
INSTRUCTOR_GROUP = "Curriculum authors"
GROUP_OF: Mapping[str, str] = {Role.COMMITTEE: COMMITTEE_GROUP, Role.INSTRUCTOR: INSTRUCTOR_GROUP}


@transaction.atomic
def grant_membership(
    *,
    by: Acting,
    user: User,
    organisation: Organisation,
    role: Role,
    now: datetime,
    valid_from: date | None = None,
    valid_to: date | None = None,
) -> Membership:
    """Give a role on an organisation from `valid_from` (default: today) to `valid_to`, both included.

    An administrator holds no other role: she decides who may do what, so she may do nothing of it herself. Who gives which
    role where says `lms.accounts.chain`.
    Raises NotAllowed, AccountsRefusal ("self", "role", "valid_to", "overlap", "administrator").
    """
    require(by, "membership", "create", place=organisation.path)
    _refuse_self(by, user)
    if role is Role.ANONYMOUS:
        raise AccountsRefusal(_("This role cannot be given."), code="role", field="role")
    require_give(by, role, organisation, action="create")
    first = valid_from or clock.day_of(now)
    if valid_to is not None and valid_to < first:
        raise AccountsRefusal(_("The last day lies before the first."), code="valid_to", field="valid_to")
    User.objects.select_for_update().get(pk=user.pk)  # two grants to one user come one after the other
    held = Membership.objects.filter(Q(valid_to=None) | Q(valid_to__gte=first), user=user)
    if valid_to is not None:
        held = held.filter(valid_from__lte=valid_to)
    if held.filter(organisation=organisation, role=role.value).exists():
        raise AccountsRefusal(_("This role is held on some of these days already."), code="overlap", field="role")
    others = (
        held.exclude(role=Role.ADMINISTRATOR) if role is Role.ADMINISTRATOR else held.filter(role=Role.ADMINISTRATOR)
    )
    if others.exists():
        raise AccountsRefusal(
            _("An administrator holds no other role. Use a second login."), code="administrator", field="role"
        )
    membership = Membership.objects.create(
        user=user, organisation=organisation, role=role.value, valid_from=first, valid_to=valid_to
    )
    if role in GROUP_OF:
        user.groups.add(Group.objects.get_or_create(name=GROUP_OF[role])[0])
    audit.record(
        subject_kind="user",
        subject=user.uuid,
        action="role_granted",
        actor=by.user,
        fields={
            "membership": membership.uuid,
            "organisation": organisation.uuid,
            "role": role,
            "valid_from": _digits(first),
            "valid_to": _digits(valid_to) if valid_to else None,
        },
        now=now,
    )
    return membership


@transaction.atomic
def end_membership(*, by: Acting, membership: Membership, last_day: date, now: datetime) -> Membership:
    """Let a role end with `last_day` (included). One that has not begun ends with its first day.

    Raises NotAllowed, AccountsRefusal ("self", "last_administrator").
    """
    if membership.role == Role.ADMINISTRATOR:
        # All of them, in one order: two administrators who end each other wait instead of locking each other out.
        list(Membership.objects.select_for_update().filter(role=Role.ADMINISTRATOR).order_by("id"))
    row = (
        Membership.objects.select_for_update(of=("self",)).select_related("user", "organisation").get(pk=membership.pk)
    )
    require(by, "membership", "update", place=row.organisation.path)
    require_give(by, Role(row.role), row.organisation, action="update")
    _refuse_self(by, row.user)
    row.valid_to = max(last_day, row.valid_from)
    _keep_an_administrator(row)
    row.save(update_fields=["valid_to"])
    if row.role in GROUP_OF and not _held_after(row):
        row.user.groups.remove(*row.user.groups.filter(name=GROUP_OF[row.role]))
    audit.record(
        subject_kind="user",
        subject=row.user.uuid,
        action="role_ended",
        actor=by.user,
        fields={"membership": row.uuid, "valid_to": _digits(row.valid_to)},
        now=now,
    )
    return row


def _digits(day: date) -> int:
    # The trail keeps numbers as they are and would hash a text.
    return day.year * 10_000 + day.month * 100 + day.day


def _refuse_self(by: Acting, user: User) -> None:
    if by.user is not None and by.user == user.uuid:
        raise AccountsRefusal(_("Nobody changes her own roles. Ask another administrator."), code="self")


def _keep_an_administrator(row: Membership) -> None:
    if row.role != Role.ADMINISTRATOR or row.valid_to is None:
        return
    after = row.valid_to + timedelta(days=1)
    left = Membership.objects.filter(
        Q(valid_to=None) | Q(valid_to__gte=after),
        role=Role.ADMINISTRATOR,
        valid_from__lte=after,
        user__is_active=True,
    ).exclude(pk=row.pk)
    if not left.exists():
        raise AccountsRefusal(_("The installation would be left without an administrator."), code="last_administrator")


def _held_after(row: Membership) -> bool:
    return (
        valid_memberships(row.user, today=clock.today()).filter(role=row.role).exists()
        or Membership.objects.filter(user=row.user, role=row.role, valid_from__gt=clock.today()).exists()
    )
