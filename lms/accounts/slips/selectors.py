"""What is known of slips and checks of identity."""

from datetime import date
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from lms.accounts.people.models import User
from lms.accounts.slips.models import IdentityCheck, Slip
from lms.accounts.slips.types import IdentityCheckKind, SlipPurpose, SlipState
from lms.core.holdings import Holding


def open_slip(user: User, *, today: date) -> Slip | None:
    """Her slip that still opens something."""
    return Slip.objects.filter(user=user, state=SlipState.OPEN, valid_to__gte=today).first()


def slips_of(user: User) -> list[Slip]:
    """All her slips, the newest first."""
    return list(Slip.objects.filter(user=user).select_related("identity_check").order_by("-id"))


def identity_seen(person: UUID) -> bool:
    """Whether somebody has compared her with her original identity paper."""
    return IdentityCheck.objects.filter(person=person, kind=IdentityCheckKind.PAPER_SEEN).exists()


def purpose_label(purpose: SlipPurpose) -> str:
    """In the current language."""
    return str(dict(Slip.PURPOSES)[purpose.value])


def held_slips(person: UUID, user: UUID | None) -> list[Holding]:
    """What the download says: slips made for her, checks of her identity; no codes, which nobody has."""
    slips = Slip.objects.filter(user__uuid=user).order_by("id") if user else Slip.objects.none()
    checks = IdentityCheck.objects.filter(person=person).order_by("id")
    return [
        Holding(
            _("Sign-in slips"),
            [
                {
                    pgettext("slip", "Purpose"): str(slip.get_purpose_display()),
                    pgettext("slip", "State"): str(slip.get_state_display()),
                    pgettext("slip", "Made"): slip.created_at,
                    pgettext("slip", "Made by"): slip.issuer,
                    _("Valid to"): slip.valid_to,
                    pgettext("slip", "Used"): slip.used_at,
                }
                for slip in slips
            ],
        ),
        Holding(
            _("Checks of identity"),
            [
                {pgettext("slip", "Check"): str(check.get_kind_display()), pgettext("slip", "Made"): check.created_at}
                for check in checks
            ],
        ),
    ]
