"""The second factor outside the browser: the demonstration's staff get one from the builder and print its code."""

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from allauth.mfa.utils import decrypt
from django.conf import settings
from django.db import transaction

from lms.accounts.people.models import User


class DemonstrationOnly(Exception):
    """Asked for a code outside a demonstration, or of a user who is not marked as one."""


def _require_demo(user: User) -> None:
    if not settings.DEMO or not user.is_demo:
        raise DemonstrationOnly(user.username)


@transaction.atomic
def enrol_demo_second_factor(*, user: User) -> None:
    """Give a demonstration user an authenticator and recovery codes; nothing happens if she has one.

    Raises DemonstrationOnly.
    """
    _require_demo(user)
    if not Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists():
        TOTP.activate(user, generate_totp_secret())
        RecoveryCodes.activate(user)


def demo_totp(user: User) -> str:
    """The six digits that are valid now (real time). Raises DemonstrationOnly, Authenticator.DoesNotExist."""
    _require_demo(user)
    secret = decrypt(Authenticator.objects.get(user=user, type=Authenticator.Type.TOTP).data["secret"])
    # With a tolerance the counters run from earlier to later steps; the middle one is now.
    counters = list(yield_hotp_counters_from_time())
    return format_hotp_value(hotp_value(secret, counters[len(counters) // 2]))
