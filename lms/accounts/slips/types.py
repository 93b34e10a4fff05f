"""Slips: what for, in which state, after which check of identity."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

# Printed on the slip; its last day counts to 24:00.
SLIP_DAYS = 7


class SlipPurpose(StrEnum):
    """Why a slip was made."""

    FIRST_LOGIN = "first_login"
    FORGOTTEN_PASSWORD = "forgotten_password"  # noqa: S105 # a reason, not a password
    LOST_SECOND_STEP = "lost_second_step"


class SlipState(StrEnum):
    """open → used | replaced | withdrawn. Past its last day an open slip opens nothing."""

    OPEN = "open"
    USED = "used"
    REPLACED = "replaced"
    WITHDRAWN = "withdrawn"


MOVES: Mapping[SlipState, frozenset[SlipState]] = {
    SlipState.OPEN: frozenset({SlipState.USED, SlipState.REPLACED, SlipState.WITHDRAWN}),
}


class IdentityCheckKind(StrEnum):
    """How the one who made the slip knew whom she had before her."""

    PAPER_SEEN = "paper_seen"  # 核对证件原件: the original, photo and face compared
    KNOWN = "known"  # a colleague known in person; not for somebody whose paper is on record


@dataclass(frozen=True)
class PrintedSlip:
    """What is on the paper. `code` is shown once and stored only as a hash."""

    slip: UUID
    user: UUID
    display_name: str
    login_name: str
    code: str
    purpose: SlipPurpose
    valid_to: date
    issuer: str
    second_step: bool  # whether her role needs one
