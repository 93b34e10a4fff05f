"""How allauth behaves here: no sign-up, no mail, plain messages, secrets encrypted, staff keep their second factor."""

from collections.abc import Collection
from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core import context
from allauth.core.internal import ratelimit
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db.models import BigAutoField
from django.http import HttpRequest
from django.shortcuts import resolve_url
from django.utils.translation import gettext_lazy as _

from lms.accounts.memberships.selectors import is_staff_today
from lms.accounts.people.models import User
from lms.accounts.signin.limits import OF_A_LOGIN, OF_AN_ADDRESS, Bound, counted, given_back
from lms.core import clock, crypto
from lms.core.keptquery import KeptQuery

_SECRET_COLUMN = "mfa.authenticator.data"  # noqa: S105 # a column's name, not a secret
_WAITS = ("rate_limited", "too_many_login_attempts")
_SILENT = ("account/messages/logged_in", "account/messages/logged_out", "mfa/messages/recovery_codes_generated")


_FACTORS = KeptQuery(lambda user: Authenticator.objects.filter(user_id=user), user=BigAutoField())


class AccountAdapter(DefaultAccountAdapter):
    """Login by login name and password; logins are given by the installation."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": _("This login is closed. Please ask those who gave it to you."),
        "username_password_mismatch": _("Login name or password is not right. Please check both and try again."),
        "too_many_login_attempts": _(
            "Too many wrong tries. For safety this login waits 15 minutes; then please try again."
        ),
        "rate_limited": _("Too many tries in a short time. Please wait a minute, then try again."),
        "incorrect_password": _("The password is not right. Please type it again."),
        "enter_current_password": _("Type the password you have now."),
    }

    def validation_error(self, code: str, *args: Any) -> ValidationError:
        """With the wait that applies: the address's bound clears in a minute, that of a login in 15."""
        if code in _WAITS:
            code = "rate_limited" if self._address_waits() else "too_many_login_attempts"
        error: ValidationError = super().validation_error(code, *args)
        return error

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count a try before the password is looked at, so that many at once are no way around. Raises ValidationError."""
        for bound, whose in self._bounds(request, credentials):
            if not counted(bound, whose):
                code = "rate_limited" if bound is OF_AN_ADDRESS else "too_many_login_attempts"
                raise super().validation_error(code)

    def authenticate(self, request: HttpRequest, **credentials: Any) -> AbstractBaseUser | None:
        """The user whose password it is, who has not tried in vain then. Raises ValidationError."""
        user: AbstractBaseUser | None = super().authenticate(request, **credentials)
        if user is not None:
            for bound, whose in self._bounds(request, credentials):
                given_back(bound, whose)
        return user

    def _bounds(self, request: HttpRequest, credentials: dict[str, Any]) -> tuple[tuple[Bound, str], ...]:
        login = str(credentials.get("username", "")).lower()
        return (OF_AN_ADDRESS, ratelimit.get_ip(request)), (OF_A_LOGIN, login)

    def _address_waits(self) -> bool:
        rates = [rate for rate in app_settings.RATE_LIMITS["login_failed"].split(",") if rate.strip().endswith("/ip")]
        config = {"login_failed": ",".join(rates)}
        return not ratelimit.consume(
            context.request, app="allauth.account", action="login_failed", config=config, dry_run=True
        )

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never: logins are given."""
        return False

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Home; the first password's owner goes on to whatever comes next."""
        return resolve_url("portal:home")

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Nobody has an address here."""

    def add_message(
        self, request: HttpRequest, level: int, message_template: str | None = None, *args: Any, **kwargs: Any
    ) -> None:
        """Without the greetings that say what the page shows anyway."""
        if not (message_template or "").startswith(_SILENT):
            super().add_message(request, level, message_template, *args, **kwargs)

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Not from somebody who has only just signed in: the first login goes straight to the second step."""
        request = context.request
        records = get_authentication_records(request, request.user)
        if any(clock.real_now().timestamp() - one["at"] < app_settings.REAUTHENTICATION_TIMEOUT for one in records):
            return False
        return bool(super().is_reauthentication_required(app=app, **kwargs))


class MFAAdapter(DefaultMFAAdapter):
    """Authenticator secrets are encrypted like personal fields; who works here cannot do without one."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("The code is not right. Wait for the next one and type that."),
        "cannot_delete_authenticator": _("Your role needs the second step, so it cannot be switched off."),
    }

    def encrypt(self, text: str) -> str:
        """Under the newest field key."""
        return crypto.encrypt(text, context=_SECRET_COLUMN)

    def decrypt(self, encrypted_text: str) -> str:
        """Raises lms.core.crypto.DecryptionError."""
        return crypto.decrypt(encrypted_text, context=_SECRET_COLUMN)

    def get_totp_label(self, user: AbstractBaseUser) -> str:
        """The login name, so that several logins in one app can be told apart."""
        return user.get_username()

    def get_totp_issuer(self) -> str:
        """One name in every language: it stays in the app for years."""
        return "Kaibo"

    def is_mfa_enabled(self, user: Any, types: Collection[str] | None = None) -> bool:
        """Whether she has a second step, of these types where they are named; one query."""
        if user.is_anonymous:
            return False
        return any(types is None or one.type in types for one in _FACTORS(user=user.pk))

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Not while any staff role is held."""
        user: User = authenticator.user
        return not is_staff_today(user)
