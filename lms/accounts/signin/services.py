"""The second factor outside the browser, codes that work once, and other names to sign in by."""

import secrets
from datetime import datetime, timedelta

from allauth.mfa import app_settings
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
from django.contrib.auth.hashers import check_password, make_password
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from lms.accounts.people.models import User
from lms.accounts.signin.logic import tidy_alias
from lms.accounts.signin.models import Alias
from lms.accounts.signin.selectors import alias_index, offered_kinds
from lms.accounts.signin.types import ALIAS_MOVES, AliasKind, AliasState
from lms.accounts.types import AccountsRefusal
from lms.core import audit, clock, senders

ALIAS_CODE_MINUTES = 10
_TRIES = 5


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


def take_code(user: User, code: str) -> bool:
    """Whether this code of hers is used for the first time, and mark it used.

    An authenticator's code is accepted for the steps before and after its own as well, 90 seconds in all; allauth
    remembers a used one for 30 seconds only, and not at all the one that set the authenticator up.
    """
    steps = 2 * app_settings.TOTP_TOLERANCE + 2  # one more than it is accepted for
    return cache.add(f"kaibo.code-used:{user.pk}:{code}", "y", timeout=steps * app_settings.TOTP_PERIOD)


def request_alias(*, user: User, kind: AliasKind, value: str, now: datetime) -> Alias:
    """Send a code to a phone or mail address that is to stand for the login name.

    Whether another login has it is not said before she has shown that it is hers.
    Raises AccountsRefusal ("off", "value", "held", "not_sent").
    """
    if kind not in offered_kinds():
        raise AccountsRefusal(_("This installation does not send such codes."), code="off", field="value")
    tidied = tidy_alias(kind, value)
    if not tidied:
        words = {
            AliasKind.PHONE: _("A mobile number has 11 digits; one abroad begins with + and the country."),
            AliasKind.MAIL: _("This is not a mail address. It looks like name@example.com."),
        }
        raise AccountsRefusal(words[kind], code="value", field="value")
    code = f"{secrets.randbelow(1_000_000):06d}"
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        live = list(Alias.objects.filter(user=user, kind=kind.value).exclude(state=AliasState.ENDED))
        if any(row.state == AliasState.CONFIRMED for row in live):
            raise AccountsRefusal(_("Take the present one away first."), code="held", field="value")
        for row in live:
            _move(row, AliasState.ENDED, ended_at=now)
        alias = Alias.objects.create(
            user=user,
            kind=kind.value,
            value=tidied,
            index=alias_index(kind, tidied),
            code_hash=make_password(code),
            tries_left=_TRIES,
            code_until=clock.real_now() + timedelta(minutes=ALIAS_CODE_MINUTES),
            created_at=now,
        )
    text = _("Your Kaibo code is %(code)s. It is valid for %(minutes)d minutes.") % {
        "code": code,
        "minutes": ALIAS_CODE_MINUTES,
    }
    try:
        if kind is AliasKind.PHONE:
            senders.send_sms(phone=tidied, text=text)
        else:
            senders.send_mail(address=tidied, subject=_("Kaibo: your code"), text=text)
    except senders.NotSent:
        _move(alias, AliasState.ENDED, ended_at=now)
        raise AccountsRefusal(
            _("The code could not be sent. Please try again later."), code="not_sent", field="value"
        ) from None
    return alias


def confirm_alias(*, user: User, kind: AliasKind, code: str, now: datetime) -> Alias:
    """Compare the code; from now on the phone or address signs her in.

    Raises AccountsRefusal ("none", "code", "taken").
    """
    with transaction.atomic():
        row = Alias.objects.select_for_update().filter(user=user, kind=kind.value, state=AliasState.PENDING).first()
        over = row is None or row.tries_left == 0 or row.code_until is None or row.code_until < clock.real_now()
        fits = not over and row is not None and check_password(code, row.code_hash)
        if row is not None and not over and not fits:
            row.tries_left -= 1  # counted also when the answer is no
            row.save(update_fields=["tries_left"])
    if row is None or over:
        raise AccountsRefusal(_("This code is no longer valid. Have a new one sent."), code="none", field="code")
    if not fits:
        raise AccountsRefusal(_("The code is not right. Please look at the message again."), code="code", field="code")
    try:
        with transaction.atomic():
            if not _move(row, AliasState.CONFIRMED, confirmed_at=now, code_hash=""):
                raise AccountsRefusal(_("This code was used a moment ago."), code="none", field="code")
            _note(user, "alias_confirmed", kind, now)
    except IntegrityError:
        Alias.objects.filter(pk=row.pk).update(state=AliasState.ENDED.value, ended_at=now, code_hash="")
        raise AccountsRefusal(
            _("Another login is signed in to by this already, so it cannot stand for yours too."),
            code="taken",
            field="code",
        ) from None
    return row


@transaction.atomic
def end_alias(*, user: User, kind: AliasKind, now: datetime) -> None:
    """Take the alias away; nothing happens when there is none."""
    for row in Alias.objects.select_for_update().filter(user=user, kind=kind.value).exclude(state=AliasState.ENDED):
        _move(row, AliasState.ENDED, ended_at=now, code_hash="")
        _note(user, "alias_ended", kind, now)


def _move(row: Alias, to: AliasState, **changes: object) -> bool:
    if to not in ALIAS_MOVES.get(AliasState(row.state), frozenset()):
        raise ValueError(f"an alias does not go from {row.state} to {to}")
    return Alias.objects.filter(pk=row.pk, state=row.state).update(state=to.value, **changes) == 1


def _note(user: User, action: str, kind: AliasKind, now: datetime) -> None:
    audit.record(subject_kind="user", subject=user.uuid, action=action, actor=user.uuid, fields={"kind": kind}, now=now)
