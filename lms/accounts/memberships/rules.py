"""Whose person somebody is: where she is registered, and where she holds a role."""

from datetime import date

from django.db.models import Q

from lms.accounts.memberships.models import Membership
from lms.accounts.people.models import Person
from lms.accounts.types import Acting, Role


def in_branch_of(acting: Acting, person: Person, *, today: date) -> bool:
    """Whether the person is registered in the branch of who acts, or holds a role there today or later."""
    if acting.role is Role.ANONYMOUS:
        return False
    path = acting.organisation_path
    if person.organisation.path.startswith(path):
        return True
    held = Membership.objects.filter(Q(valid_to=None) | Q(valid_to__gte=today), organisation__path__startswith=path)
    return held.filter(user__person=person).exists()
