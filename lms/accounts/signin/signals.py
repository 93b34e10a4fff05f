"""What follows from signing in and from changes to password and second factor: session marks and audit events."""

from typing import Any

from allauth.account.signals import password_changed, user_logged_in
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import (
    authentication_failed,
    authenticator_added,
    authenticator_removed,
    authenticator_reset,
    authenticator_used,
)
from django.dispatch import receiver
from django.http import HttpRequest

from lms.accounts.people.models import User
from lms.accounts.people.services import end_sessions
from lms.core import audit, clock

# In the session: this browser has shown the second factor.
SECOND_FACTOR_KEY = "second_factor"


def note(user: User, action: str) -> None:
    """An event on the user's own chain, done by herself."""
    audit.record(subject_kind="user", subject=user.uuid, action=action, actor=user.uuid, now=clock.now())


@receiver(user_logged_in)
def on_signed_in(request: HttpRequest, user: User, **_kwargs: Any) -> None:
    """Every sign-in is on the record."""
    note(user, "signed_in")


@receiver(password_changed)
def on_password_changed(request: HttpRequest, user: User, **_kwargs: Any) -> None:
    """Her own password now; Django's session hash has ended the other sessions."""
    User.objects.filter(pk=user.pk).update(password_is_initial=False)
    end_sessions(user, keep=request.session.session_key)
    note(user, "password_changed")


@receiver(authenticator_added)
def on_factor_added(request: HttpRequest, user: User, authenticator: Authenticator, **_kwargs: Any) -> None:
    """Whoever else is signed in has not shown the new factor and has to come again."""
    if authenticator.type != Authenticator.Type.TOTP:
        return
    request.session[SECOND_FACTOR_KEY] = True
    end_sessions(user, keep=request.session.session_key)
    note(user, "second_factor_added")


@receiver(authenticator_used)
def on_factor_used(request: HttpRequest, **_kwargs: Any) -> None:
    """The mark survives the change of the session's key that follows at sign-in."""
    request.session[SECOND_FACTOR_KEY] = True


@receiver(authenticator_removed)
def on_factor_removed(request: HttpRequest, user: User, authenticator: Authenticator, **_kwargs: Any) -> None:
    """Switched off by a trainee."""
    if authenticator.type == Authenticator.Type.TOTP:
        request.session.pop(SECOND_FACTOR_KEY, None)
        note(user, "second_factor_removed")


@receiver(authenticator_reset)
def on_codes_renewed(user: User, **_kwargs: Any) -> None:
    """New recovery codes."""
    note(user, "recovery_codes_renewed")


@receiver(authentication_failed)
def on_code_refused(user: User, **_kwargs: Any) -> None:
    """Bounded by the same limit as wrong passwords."""
    note(user, "code_refused")
