"""What a re-check finds, as services and pages are given it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

RECHECK_JOB = "media.recheck_works"


class RecheckRefusal(Exception):
    """Something a person may not do now. message: for her; code: for tests."""

    def __init__(self, message: str, *, code: str) -> None:
        super().__init__(message)
        self.message, self.code = message, code


@dataclass(frozen=True)
class Point:
    """A finding as far as two packs can be compared by it: what, and in which characters of which cues."""

    category: str
    severity: str
    rule: str
    text: str
    start_s: float
    end_s: float
    suspected: bool
    spans: tuple[tuple[int, int, int], ...]

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Point":
        spans = tuple((cue, start, end) for cue, start, end in data["spans"])
        return cls(**{**data, "spans": spans})
