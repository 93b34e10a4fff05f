"""What the audit trail says. No Django."""

from dataclasses import dataclass
from enum import Enum
from uuid import UUID

# Ids, counts and words of our own are stored as they are; any other text is stored as a keyed hash.
Fact = str | int | bool | UUID | Enum | None

GENESIS = "0" * 64


@dataclass(frozen=True)
class Link:
    """One event as the chain sees it. `at` is ISO 8601 in UTC with microseconds; hashes are 64 hex digits."""

    subject_kind: str
    subject: str
    sequence: int
    action: str
    actor: str
    fields: dict[str, str | int | bool | None]
    at: str
    previous: str
    hash: str


@dataclass(frozen=True)
class Verified:
    """The outcome of a check: how many links or seals were read, and the first thing that is wrong ("" when none)."""

    checked: int
    problem: str = ""

    @property
    def ok(self) -> bool:
        return not self.problem
