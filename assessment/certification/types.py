"""Batches, numbers and certificates: words and shapes. No Django."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from assessment.specification.types import Paper

# What a certificate says besides the job; the catalogue of occupations comes with a later step.
OCCUPATION = "互联网营销师"
# Papers that go through a batch: the authority allocates their numbers (S1-33).
NUMBERED = frozenset({Paper.SKILL_LEVEL_CERTIFICATE})


class BatchState(StrEnum):
    """认定批次, domain 3.2."""

    OPEN = "open"
    FROZEN = "frozen"
    FILED = "filed"
    RETURNED = "returned"
    REVIEWED = "reviewed"
    NUMBERS_ALLOCATED = "numbers_allocated"
    ISSUED = "issued"


BATCH_MOVES: Mapping[BatchState, frozenset[BatchState]] = {
    BatchState.OPEN: frozenset({BatchState.FROZEN}),
    BatchState.FROZEN: frozenset({BatchState.FILED}),
    BatchState.FILED: frozenset({BatchState.REVIEWED, BatchState.RETURNED}),
    BatchState.RETURNED: frozenset({BatchState.FROZEN}),
    BatchState.REVIEWED: frozenset({BatchState.NUMBERS_ALLOCATED, BatchState.RETURNED}),
    BatchState.NUMBERS_ALLOCATED: frozenset({BatchState.ISSUED}),
    BatchState.ISSUED: frozenset(),
}


class CertificateState(StrEnum):
    """证书: what the verification page answers. Reissued: a newer paper stands in its place."""

    ISSUED = "issued"
    REVOKED = "revoked"
    REISSUED = "reissued"


CERTIFICATE_MOVES: Mapping[CertificateState, frozenset[CertificateState]] = {
    CertificateState.ISSUED: frozenset({CertificateState.REVOKED, CertificateState.REISSUED}),
    CertificateState.REVOKED: frozenset(),
    CertificateState.REISSUED: frozenset(),
}


class ReplacementState(StrEnum):
    """换发: asked for by the body; where the scheme wants a new number the bureau gives it before the paper is made."""

    REQUESTED = "requested"
    NUMBERED = "numbered"
    ISSUED = "issued"


REPLACEMENT_MOVES: Mapping[ReplacementState, frozenset[ReplacementState]] = {
    ReplacementState.REQUESTED: frozenset({ReplacementState.NUMBERED}),
    ReplacementState.NUMBERED: frozenset({ReplacementState.ISSUED}),
    ReplacementState.ISSUED: frozenset(),
}


class RevocationReason(StrEnum):
    """The category the public reads; the words behind it stay inside."""

    FRAUD = "fraud"  # 弄虚作假
    RESULT_CHANGED = "result_changed"  # 成绩认定有变
    ISSUED_IN_ERROR = "issued_in_error"  # 发证有误
    OTHER = "other"


class ReissueReason(StrEnum):
    """Why a new paper takes the place of the old one."""

    LOST = "lost"  # 遗失
    DAMAGED = "damaged"  # 损坏
    CORRECTED = "corrected"  # 个人信息更正


class NumberRefused(ValueError):
    """A number cannot be built. `part` names what does not fit the scheme."""

    def __init__(self, part: str) -> None:
        super().__init__(part)
        self.part = part


class CertificationRefused(Exception):
    """A foreseen refusal of a service of this room. `message` is for the person who asked; `field` names the input."""

    def __init__(self, message: str, *, code: str, field: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.field = field


@dataclass(frozen=True)
class SchemePart:
    """One piece of a number. source: code (given to the body by the authority), year, level or sequence.

    pattern: what a code must match. label: Chinese name. synthetic: what a demonstration's code begins with, so that no
    demonstration number can be a real one; "" where the part says nothing about the place.
    """

    name: str
    label: str
    source: str
    width: int
    pattern: str = ""
    counted: bool = True
    synthetic: str = ""


@dataclass(frozen=True)
class SchemeData:
    """A number scheme as loaded. reissue: "keep" or "new". regex: what every number of it matches from end to end."""

    uuid: UUID
    key: str
    version: int
    content_hash: str
    title: str
    source: str
    length: int
    regex: str
    reissue: str
    parts: tuple[SchemePart, ...]

    @property
    def code_parts(self) -> tuple[SchemePart, ...]:
        """The parts a body is given."""
        return tuple(part for part in self.parts if part.source == "code")


@dataclass(frozen=True)
class PassedResult:
    """A published pass, as the batch takes it over: the decision, what it stands on, and for whom.

    level 5 to 1; planned_hours: class hours; composite: None where the specification has a single graded part.
    """

    decision: UUID
    decision_version: int
    decision_hash: str
    candidacy: UUID
    person: UUID
    user: UUID | None
    level: int
    job: str
    planned_hours: int
    class_uid: UUID | None
    class_name: str
    organisation: UUID
    organisation_path: str
    organisation_name: str
    profile: UUID
    specification: UUID
    grade: str
    composite: Decimal | None
    is_demo: bool


@dataclass(frozen=True)
class Pin:
    """An exact version a certificate stands on. hash: 64 hex digits, "" where the thing has none."""

    kind: str
    key: str
    version: str
    hash: str


@dataclass(frozen=True)
class CertificateData:
    """Everything printed, and nothing else: the same data gives the same bytes.

    serial: the certificate's uuid, random and never public. It stands in the document's metadata, so that nobody can
    guess an identity number by rendering guesses until the published SHA-256 fits.
    """

    serial: UUID
    kind: Paper
    number: str
    code: str
    verify_url: str
    name: str
    sex: str
    birth_date: date | None
    document_type: str
    document_number: str
    occupation: str
    job: str
    level: int
    planned_hours: int
    class_name: str
    body_name: str
    issued_on: date
    edition: int
    is_demo: bool
    pins: tuple[Pin, ...]
    template: str
    engine: str


@dataclass(frozen=True)
class Rendered:
    """A made paper: bytes and their SHA-256 as 64 hex digits."""

    pdf: bytes
    sha256: str


@dataclass(frozen=True)
class StepView:
    """One step of an order with a now, as components/steps.html reads it."""

    title: str
    state: str
    detail: str = ""


@dataclass(frozen=True)
class EligibleGroup:
    """Passed people not yet in a batch, of one level and one specification."""

    level: int
    level_label: str
    specification: UUID
    specification_label: str
    kind: Paper
    kind_label: str
    count: int


@dataclass(frozen=True)
class BatchListRow:
    """A batch in the list. tone: of the state's tag."""

    uuid: UUID
    title: str
    body_name: str
    level_label: str
    count: int
    state: BatchState
    state_label: str
    tone: str
    waits_for_me: bool
    changed_at: datetime
    url: str


@dataclass(frozen=True)
class BatchListPage:
    """The batches this person reaches, newest first. groups: from which a body may begin one."""

    rows: list[BatchListRow]
    groups: list[EligibleGroup]
    may_create: bool
    number: int
    count: int
    total: int

    @property
    def previous(self) -> int | None:
        return self.number - 1 if self.number > 1 else None

    @property
    def next(self) -> int | None:
        return self.number + 1 if self.number < self.count else None


@dataclass(frozen=True)
class BatchRowView:
    """One person in a batch, masked. certificate_url: "" before issue."""

    candidacy: UUID
    position: int
    name_masked: str
    document_masked: str
    class_name: str
    organisation_name: str
    grade_label: str
    composite: Decimal | None
    number: str = ""
    certificate_label: str = ""
    certificate_tone: str = "mute"
    certificate_url: str = ""


@dataclass(frozen=True)
class HistoryLine:
    """What happened when. version: of the frozen rows; snapshot: first characters of their hash."""

    label: str
    at: datetime
    version: int
    snapshot: str
    reason: str


@dataclass(frozen=True)
class BatchPage:
    """One batch. actions: the names of the steps this person may take now; choosing: the rows are not fixed yet."""

    uuid: UUID
    title: str
    body_name: str
    body: UUID
    kind_label: str
    level_label: str
    state: BatchState
    state_label: str
    tone: str
    steps: list[StepView]
    rows: list[BatchRowView]
    choosing: bool
    history: list[HistoryLine]
    actions: frozenset[str]
    version: int
    snapshot_hash: str
    scheme_label: str
    codes_set: bool
    codes_url: str
    is_demo: bool
    returned_reason: str

    @property
    def may_choose(self) -> bool:
        """Whether the reader chooses the people of the next version."""
        return self.choosing and "freeze" in self.actions


@dataclass(frozen=True)
class CertificateFacts:
    """A certificate's facts as shown on screen; `name` is masked unless the reader is its holder."""

    name: str
    kind_label: str
    occupation: str
    job: str
    level_label: str
    planned_hours: int
    body_name: str
    issued_on: date
    number: str
    number_shown: str
    edition: int
    is_demo: bool


@dataclass(frozen=True)
class CertificateSummary:
    """A certificate as other rooms are told of it. verify_url: whole, as in its QR code; pdf_key: in private storage."""

    uuid: UUID
    number: str
    code: str
    verify_url: str
    pdf_key: str
    pdf_sha256: str
    state: CertificateState
    issued_on: date


@dataclass(frozen=True)
class MyCertificateRow:
    """One of her certificates in the list."""

    title: str
    level_label: str
    state_label: str
    tone: str
    issued_on: date
    url: str
    is_demo: bool


@dataclass(frozen=True)
class MyCertificatePage:
    """Her certificate."""

    facts: CertificateFacts
    state: CertificateState
    state_label: str
    tone: str
    reason: str
    since: date | None
    picture_url: str
    pdf_url: str
    verify_url: str
    verify_shown: str
    code: str
    newer_url: str


@dataclass(frozen=True)
class CertificatePage:
    """A certificate at the desks of the body and the bureau."""

    uuid: UUID
    facts: CertificateFacts
    document_masked: str
    class_name: str
    state: CertificateState
    state_label: str
    tone: str
    history: list[HistoryLine]
    pins: tuple[Pin, ...]
    engine: str
    template: str
    sha256: str
    batch_url: str
    pdf_url: str
    verify_url: str
    newer_url: str
    older_url: str
    replacement: ReplacementState | None
    number_kept: bool
    actions: frozenset[str]


@dataclass(frozen=True)
class VerifyAnswer:
    """What the public reads. state: valid, revoked, reissued or unknown.

    facts: None when unknown. sha256: of the PDF, "" unless the paper is valid. reason, since: of a revocation or reissue.
    """

    state: str
    checked_at: datetime
    facts: CertificateFacts | None = None
    sha256: str = ""
    reason: str = ""
    since: date | None = None
    newer_url: str = ""


@dataclass(frozen=True)
class CodesPage:
    """The codes the authority gives one body, under the scheme chosen. sample: a number made of those it has."""

    body: UUID
    body_name: str
    schemes: tuple[SchemeData, ...]
    scheme: SchemeData
    held: Mapping[str, str]
    sample: str
    is_demo: bool
