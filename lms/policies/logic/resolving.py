"""Which version of a profile holds for a class filed on a day (S1-01)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID


@dataclass(frozen=True)
class VersionHead:
    """What resolving needs of one version."""

    uuid: UUID
    version: int
    in_force_from: date | None


def resolve(versions: Iterable[VersionHead], on: date) -> VersionHead | None:
    """The version whose day has come last; of two with the same day the later version. Their order does not matter."""
    holding = [head for head in versions if head.in_force_from is None or head.in_force_from <= on]
    return max(holding, key=lambda head: (head.in_force_from or date.min, head.version), default=None)
