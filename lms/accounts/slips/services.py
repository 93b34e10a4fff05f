"""Printed one-time slips: a first password, a forgotten one, a lost second factor.

The next level up looks at the identity paper and prints a slip. Whoever holds it and knows the login name chooses a
password of her own, once; the code is stored as a hash only.
"""

from datetime import datetime, timedelta

from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from lms.accounts.logic import tidy_number
from lms.accounts.memberships.selectors import valid_memberships
from lms.accounts.people.models import Person, User
from lms.accounts.people.services import end_sessions, initial_password, locked_user
from lms.accounts.rules import NotAllowed, require
from lms.accounts.slips.logic import paper_ends_so, tidy_code
from lms.accounts.slips.models import IdentityCheck, Slip
from lms.accounts.slips.types import (
    MOVES,
    SLIP_DAYS,
    IdentityCheckKind,
    PrintedSlip,
    SlipPurpose,
    SlipState,
)
from lms.accounts.types import STAFF_ROLES, AccountsRefusal, Acting
from lms.core import audit, clock


class WrongMove(Exception):
    """A slip may not go from its state to the one asked for."""


def _move(slip: Slip, to: SlipState, **changes: datetime) -> bool:
    """Compare and set; False when somebody else moved it first. Raises WrongMove."""
    if to not in MOVES.get(SlipState(slip.state), frozenset()):
        raise WrongMove(f"{slip.state} -> {to}")
    moved = Slip.objects.filter(pk=slip.pk, state=slip.state).update(state=to.value, **changes)
    slip.state = to.value
    return moved == 1


@transaction.atomic
def issue_slip(
    *,
    by: Acting,
    user: User,
    purpose: SlipPurpose,
    check: IdentityCheckKind,
    now: datetime,
    paper_end: str = "",
) -> PrintedSlip:
    """A one-time code for `user`, after her identity was checked; an older slip is void.

    A forgotten password and a lost phone stop at once: the old password opens nothing, all sessions end, and for a lost
    phone the authenticator and its recovery codes are forgotten.
    paper_end: the last eight characters of the number on the paper shown, compared where a paper is on record.
    Raises NotAllowed, AccountsRefusal ("self", "elsewhere", "closed", "first", "check", "paper_end").
    """
    require(by, "slip", "execute", place=user.organisation.path if user.organisation else "")
    row = locked_user(by=by, user=user, now=now)
    if by.user is None:
        raise NotAllowed(_("A slip is made by a person who has checked the identity."))
    if not row.is_active:
        raise AccountsRefusal(_("This login is closed. Open it again first."), code="closed")
    if purpose is SlipPurpose.FIRST_LOGIN and row.has_usable_password() and not row.password_is_initial:
        raise AccountsRefusal(
            _("This login has a password already. Choose “Forgotten password”."), code="first", field="purpose"
        )
    identity = _checked_identity(by, row, check, paper_end, now)
    for older in Slip.objects.select_for_update().filter(user=row, state=SlipState.OPEN):
        _move(older, SlipState.REPLACED)
    code = initial_password()
    slip = Slip.objects.create(
        user=row,
        purpose=purpose.value,
        code_hash=make_password(tidy_code(code)),
        valid_to=clock.day_of(now) + timedelta(days=SLIP_DAYS),
        identity_check=identity,
        issued_by=by.user,
        issuer=by.organisation_name,
        created_at=now,
    )
    row.set_unusable_password()
    row.password_is_initial = False
    row.save(update_fields=["password", "password_is_initial"])
    if purpose is SlipPurpose.LOST_SECOND_STEP:
        Authenticator.objects.filter(user=row).delete()
    end_sessions(row)
    audit.record(
        subject_kind="user",
        subject=row.uuid,
        action="slip_issued",
        actor=by.user,
        fields={"slip": slip.uuid, "purpose": purpose, "check": check, "identity_check": identity.uuid},
        now=now,
    )
    today = clock.day_of(now)
    return PrintedSlip(
        slip=slip.uuid,
        user=row.uuid,
        display_name=row.display_name,
        login_name=row.username,
        code=code,
        purpose=purpose,
        valid_to=slip.valid_to,
        issuer=by.organisation_name,
        second_step=valid_memberships(row, today=today).filter(role__in=STAFF_ROLES).exists(),
    )


def _checked_identity(by: Acting, user: User, check: IdentityCheckKind, paper_end: str, now: datetime) -> IdentityCheck:
    person = Person.objects.filter(user=user).first()
    return record_identity_check(by=by, person=person, user=user, check=check, paper_end=paper_end, now=now)


def record_identity_check(
    *,
    by: Acting,
    person: Person | None,
    user: User | None,
    check: IdentityCheckKind,
    now: datetime,
    paper_end: str = "",
) -> IdentityCheck:
    """Write down how somebody's identity was checked, in the caller's transaction and behind her gate.

    Raises AccountsRefusal ("check", "paper_end").
    """
    number = person.document_number if person else ""
    if check is IdentityCheckKind.KNOWN and number:
        raise AccountsRefusal(
            _("An identity paper is on record for this person, so ask for the original."), code="check", field="check"
        )
    if number and not paper_ends_so(number, paper_end):
        raise AccountsRefusal(
            _("These are not the last eight characters of the paper on record. Please look at the original again."),
            code="paper_end",
            field="paper_end",
        )
    if by.user is None:
        raise NotAllowed(_("An identity is checked by a person."))
    return IdentityCheck.objects.create(
        person=person.uuid if person else None,
        user=user.uuid if user else None,
        kind=check.value,
        by=by.user,
        organisation=by.organisation,
        created_at=now,
    )


@transaction.atomic
def withdraw_slip(*, by: Acting, slip: Slip, now: datetime) -> None:
    """Void a slip that was lost or handed to nobody. Raises NotAllowed, AccountsRefusal ("slip"), WrongMove."""
    require(by, "slip", "execute", place=slip.user.organisation.path if slip.user.organisation else "")
    locked_user(by=by, user=slip.user, now=now)
    if slip.state != SlipState.OPEN or not _move(slip, SlipState.WITHDRAWN):
        raise AccountsRefusal(_("This slip is no longer open."), code="slip")
    audit.record(
        subject_kind="user",
        subject=slip.user.uuid,
        action="slip_withdrawn",
        actor=by.user,
        fields={"slip": slip.uuid},
        now=now,
    )


@transaction.atomic
def redeem_slip(*, login_name: str, code: str, password: str, now: datetime) -> User:
    """Choose an own password with a slip; the slip is used up by it, and by nothing less.

    Nobody learns which of the two was wrong. Raises AccountsRefusal ("code", "password").
    """
    today = clock.day_of(now)
    slip = (
        Slip.objects.select_for_update(of=("self",))
        .select_related("user")
        .filter(user__username=tidy_number(login_name), user__is_active=True, state=SlipState.OPEN, valid_to__gte=today)
        .first()
    )
    if slip is None:
        make_password(tidy_code(code))  # an unknown login name takes as long as a wrong code
    if slip is None or not check_password(tidy_code(code), slip.code_hash):
        raise AccountsRefusal(
            _(
                "Login name and code do not fit together, or the slip was used, replaced or is past its last day. Please "
                "look at the slip again, or ask for a new one."
            ),
            code="code",
        )
    user = slip.user
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise AccountsRefusal(" ".join(error.messages), code="password", field="password1") from None
    if not _move(slip, SlipState.USED, used_at=now):
        raise AccountsRefusal(_("This slip was used a moment ago."), code="code")
    user.set_password(password)
    user.password_is_initial = False
    user.save(update_fields=["password", "password_is_initial"])
    end_sessions(user)
    audit.record(
        subject_kind="user",
        subject=user.uuid,
        action="slip_used",
        actor=user.uuid,
        fields={"slip": slip.uuid},
        now=now,
    )
    return user
