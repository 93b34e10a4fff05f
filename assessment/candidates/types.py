"""Candidacies and the works handed in under them. No Django."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from assessment.specification.types import Part


class CandidacyState(StrEnum):
    """Whether works may still be handed in."""

    OPEN = "open"
    CLOSED = "closed"


class SubmissionState(StrEnum):
    """Where a work handed in for an examination stands (domain 3.2, from the hand-in on; the checks are the asset's)."""

    ATTACHED = "attached"  # 已交，等检测和分配
    REPLACED = "replaced"  # 已被新作品替换
    SCORING = "scoring"  # 评分中
    SCORED = "scored"  # 评分完成
    GRADED = "graded"  # 成绩已发布，未通过：补考另交一件


# One table of allowed moves; every other move raises IllegalMove.
SUBMISSION_MOVES: dict[SubmissionState, frozenset[SubmissionState]] = {
    SubmissionState.ATTACHED: frozenset({SubmissionState.REPLACED, SubmissionState.SCORING}),
    SubmissionState.REPLACED: frozenset(),
    SubmissionState.SCORING: frozenset({SubmissionState.SCORED}),
    SubmissionState.SCORED: frozenset({SubmissionState.GRADED}),
    SubmissionState.GRADED: frozenset(),
}
CANDIDACY_MOVES: dict[CandidacyState, frozenset[CandidacyState]] = {
    CandidacyState.OPEN: frozenset({CandidacyState.CLOSED}),
    # A released result that is changed to a fail (an appeal) opens the way to a resit again.
    CandidacyState.CLOSED: frozenset({CandidacyState.OPEN}),
}


class NoCandidacy(LookupError):
    """No candidacy or submission of this uuid."""


class CandidacyRefused(Exception):
    """A foreseen refusal. `code`: pinned, twice, closed; `message` is for the person who asked."""

    def __init__(self, message: str, *, code: str) -> None:
        super().__init__(message)
        self.message = message
        self.code = code


@dataclass(frozen=True)
class Grant:
    """A part she may be examined in or not, and why; what `renew_candidacy` is given for each part.

    reason: a msgid, said in the reader's language; "" only where it is granted.
    """

    part: Part
    granted: bool
    reason: str


@dataclass(frozen=True)
class EntitlementData:
    """The latest word on one part: the class's grant, unless the results hold the part.

    reason: a msgid, "" when there is nothing to say. held: the results' word, which no renewal of the class undoes.
    """

    part: Part
    granted: bool
    reason: str
    at: datetime
    held: bool = False


@dataclass(frozen=True)
class Withheld:
    """A part that its results keep shut, whatever the class grants (`hold_parts`), or that they let go again.

    reason: a msgid, "" exactly where the part is let go.
    """

    part: Part
    reason: str


@dataclass(frozen=True)
class CandidacyData:
    """One person's examination in one class, pinned to versions. level 5 (elementary) to 1; planned_hours: class hours.

    class_uid None: a practitioner of no class; class_name is then the accreditation's. class_uid, organisation, profile and
    specification are uuids; organisation_path is the institution's own tree path.
    """

    uuid: UUID
    person: UUID
    user: UUID | None
    class_uid: UUID | None
    class_name: str
    organisation: UUID
    organisation_path: str
    organisation_name: str
    level: int
    job: str
    planned_hours: int
    profile: UUID
    specification: UUID
    state: CandidacyState
    is_demo: bool
    created_at: datetime


@dataclass(frozen=True)
class SubmissionData:
    """One work handed in for one part. attempt_no counts from 1 within candidacy and part."""

    uuid: UUID
    candidacy: UUID
    part: Part
    asset: UUID
    attempt_no: int
    state: SubmissionState
    created_at: datetime


class Door(StrEnum):
    """Whether a candidate may hand in her video now."""

    OPEN = "open"  # nothing handed in yet
    AGAIN = "again"  # the checks refused her work or gave it up: another takes its place
    HANDED_IN = "handed_in"
    SHUT = "shut"  # not entitled, or the examination is over


@dataclass(frozen=True)
class VideoDoor:
    """What a page tells her. reason: a msgid, where it is shut; asset: of the work that stands, or
    that the checks refused and a new one names as replaced."""

    state: Door
    reason: str = ""
    asset: UUID | None = None
