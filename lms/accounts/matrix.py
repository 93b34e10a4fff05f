"""The permission matrix as data: domain 3.3 for the objects that exist so far. What has no cell is refused."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from lms.accounts.types import Acting, Role

# The letters of domain 3.3: create, read, update, approve or decide, execute.
Action = Literal["create", "read", "update", "approve", "execute"]
_LETTER: Mapping[str, str] = {"create": "C", "read": "R", "update": "U", "approve": "A", "execute": "X"}


@dataclass(frozen=True)
class Cell:
    """One cell: letters of "CRUAX"; `own` = own or assigned rows only; `masked` = personal data masked.

    `condition` names the remark of the domain's table (blind, after decision) that the object's own gate applies.
    """

    letters: str
    own: bool = False
    masked: bool = False
    condition: str = ""

    def allows(self, action: Action) -> bool:
        """Who may create, update or decide on a thing may read it; executing alone shows nothing."""
        if action == "read":
            return any(letter in self.letters for letter in "RCUA")
        return _LETTER[action] in self.letters


MATRIX: Mapping[str, Mapping[Role, Cell]] = {
    "own_submission": {
        Role.TRAINEE: Cell("CR", own=True),
        Role.INSTITUTION_ADMIN: Cell("R", masked=True),
        Role.HR_BUREAU: Cell("R"),
        Role.INSPECTOR: Cell("R"),
    },
    "other_submission": {
        Role.EXAMINER: Cell("R", own=True, condition="blind"),
        Role.CHIEF_EXAMINER: Cell("R"),
        Role.INSTITUTION_ADMIN: Cell("R", masked=True),
        Role.HR_BUREAU: Cell("R"),
        Role.INSPECTOR: Cell("R"),
    },
    # Transcript, check results and findings.
    "evidence": {
        Role.TRAINEE: Cell("R", own=True, condition="after decision"),
        Role.EXAMINER: Cell("R", own=True, condition="blind"),
        Role.CHIEF_EXAMINER: Cell("R"),
        Role.HR_BUREAU: Cell("R"),
        Role.INSPECTOR: Cell("R"),
    },
    "lesson": {
        Role.TRAINEE: Cell("R"),
        Role.INSTRUCTOR: Cell("CU"),
        Role.EXAMINER: Cell("R"),
        Role.CHIEF_EXAMINER: Cell("R"),
        Role.COMMITTEE: Cell("A"),
        Role.INSTITUTION_ADMIN: Cell("R"),
        Role.HR_BUREAU: Cell("R"),
        Role.COMMERCE_BUREAU: Cell("R"),
        Role.INSPECTOR: Cell("R"),
    },
    "audit_log": {
        Role.INSTITUTION_ADMIN: Cell("R", own=True),
        Role.HR_BUREAU: Cell("R"),
        Role.INSPECTOR: Cell("R"),
    },
    # Not in the domain's table; its note decides: users, organisations and the dead-letter list, administrator only.
    "user": {Role.ADMINISTRATOR: Cell("CRU")},
    "membership": {Role.ADMINISTRATOR: Cell("CRU")},
    "person": {Role.ADMINISTRATOR: Cell("CRU", masked=True)},
    "organisation": {Role.ADMINISTRATOR: Cell("CRU")},
    "dead_letter": {Role.ADMINISTRATOR: Cell("RX")},
}

# Kinds whose rows belong to no organisation; of every other kind a row is reached by its place in the tree.
PLACELESS = frozenset({"lesson", "dead_letter"})


def can(acting: Acting, object_kind: str, action: Action) -> Cell | None:
    """The cell that lets this role do this to this kind of object, or None: refused, also for an unknown kind."""
    cell = MATRIX.get(object_kind, {}).get(acting.role)
    return cell if cell is not None and cell.allows(action) else None
