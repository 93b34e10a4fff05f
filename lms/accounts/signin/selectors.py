"""What the account pages show, and whose login a typed name is."""

from uuid import UUID

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from lms.accounts.logic import tidy_number
from lms.accounts.memberships.selectors import role_label, valid_memberships
from lms.accounts.people.models import User
from lms.accounts.signin.logic import kind_of, masked_alias, tidy_alias
from lms.accounts.signin.models import Alias
from lms.accounts.signin.types import AccountPage, AliasKind, AliasRow, AliasState, HeldRole
from lms.accounts.types import STAFF_ROLES
from lms.core import clock, senders
from lms.core.crypto import blind_index
from lms.core.holdings import Holding


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


def alias_index(kind: AliasKind, tidied: str) -> str:
    """The blind index of a tidied phone number or mail address."""
    return blind_index(tidied, purpose=f"alias:{kind}")


def login_name_of(typed: str) -> str:
    """The login name meant by what was typed: itself, or that of a confirmed phone or mail address; never says which."""
    kind = kind_of(typed)
    tidied = tidy_alias(kind, typed)
    if not tidied:
        return tidy_number(typed)
    found = Alias.objects.filter(index=alias_index(kind, tidied), state=AliasState.CONFIRMED).select_related("user")
    alias = found.first()
    return alias.user.username if alias else tidy_number(typed)


def offered_kinds() -> tuple[AliasKind, ...]:
    """The kinds of alias this installation can confirm: it must be able to send the code."""
    on = {AliasKind.PHONE: senders.sms_on(), AliasKind.MAIL: senders.mail_on()}
    return tuple(kind for kind in AliasKind if on[kind])


def alias_rows(user: User) -> tuple[AliasRow, ...]:
    """Her aliases and the kinds she could add; one query."""
    live = {row.kind: row for row in Alias.objects.filter(user=user).exclude(state=AliasState.ENDED)}
    offered = offered_kinds()
    rows = []
    for kind, label in Alias.KINDS:
        row = live.get(kind)
        if row is None and kind not in offered:
            continue
        state = AliasState(row.state) if row else None
        shown = masked_alias(AliasKind(kind), row.value) if row else ""
        rows.append(AliasRow(AliasKind(kind), str(label), shown, state))
    return tuple(rows)


def held_aliases(person: UUID, user: UUID | None) -> list[Holding]:
    """What the download says of them."""
    rows = Alias.objects.filter(user__uuid=user).order_by("id") if user else Alias.objects.none()
    return [
        Holding(
            _("Phone and mail for signing in"),
            [
                {
                    pgettext("alias", "Kind"): str(row.get_kind_display()),
                    _("Phone or mail address"): row.value,
                    pgettext("alias", "State"): str(row.get_state_display()),
                    pgettext("alias", "Confirmed"): row.confirmed_at,
                    pgettext("alias", "Ended"): row.ended_at,
                }
                for row in rows
            ],
        )
    ]
