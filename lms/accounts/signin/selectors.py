"""What the account pages show."""

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession

from lms.accounts.memberships.selectors import role_label, valid_memberships
from lms.accounts.people.models import User
from lms.accounts.signin.types import AccountPage, HeldRole
from lms.accounts.types import STAFF_ROLES
from lms.core import clock


def account_page(user: User) -> AccountPage:
    """The signed-in user's own account; four queries."""
    held = list(valid_memberships(user, today=clock.today()))
    factors = {factor.type: factor for factor in Authenticator.objects.filter(user=user)}
    codes = factors.get(Authenticator.Type.RECOVERY_CODES)
    return AccountPage(
        login_name=user.username,
        display_name=user.display_name,
        second_step=Authenticator.Type.TOTP in factors,
        second_step_required=any(row.role in STAFF_ROLES for row in held),
        recovery_codes_left=len(codes.wrap().get_unused_codes()) if codes else 0,
        sessions=UserSession.objects.filter(user=user).count(),
        roles=tuple(HeldRole(row.uuid, row.organisation.name, role_label(row.role), row.valid_to) for row in held),
    )
