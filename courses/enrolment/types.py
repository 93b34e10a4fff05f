"""Enrolments: how they stand, what is declared, what their pages show. No Django."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from courses.classes.types import Act, ClassHead
from lms.policies.types import DecisionCard


class EnrolmentState(StrEnum):
    """Where an enrolment stands (domain 3.2; recommendation and attendance gate come with their rooms)."""

    SUBMITTED = "submitted"  # 待审核
    APPROVED = "approved"  # 已录取
    IN_TRAINING = "in_training"  # 培训中
    ASSESSED = "assessed"  # 已考核
    PASSED = "passed"  # 考核通过
    CERTIFIED = "certified"  # 已发证
    FAILED = "failed"  # 未通过
    RESIT = "resit"  # 待补考
    RETAKE_REQUIRED = "retake_required"  # 须重修
    REJECTED = "rejected"  # 未录取
    WITHDRAWN = "withdrawn"  # 已撤回


# One table of allowed moves; every other move raises IllegalMove.
MOVES: dict[EnrolmentState, frozenset[EnrolmentState]] = {
    EnrolmentState.SUBMITTED: frozenset({EnrolmentState.APPROVED, EnrolmentState.REJECTED, EnrolmentState.WITHDRAWN}),
    EnrolmentState.APPROVED: frozenset({EnrolmentState.IN_TRAINING, EnrolmentState.REJECTED, EnrolmentState.WITHDRAWN}),
    EnrolmentState.IN_TRAINING: frozenset({EnrolmentState.ASSESSED, EnrolmentState.WITHDRAWN}),
    EnrolmentState.ASSESSED: frozenset({EnrolmentState.PASSED, EnrolmentState.FAILED}),
    # A released result may be changed later (an appeal) and is then told again.
    EnrolmentState.PASSED: frozenset({EnrolmentState.CERTIFIED, EnrolmentState.FAILED}),
    EnrolmentState.CERTIFIED: frozenset(),
    EnrolmentState.FAILED: frozenset({EnrolmentState.PASSED, EnrolmentState.RESIT, EnrolmentState.RETAKE_REQUIRED}),
    EnrolmentState.RESIT: frozenset({EnrolmentState.PASSED, EnrolmentState.FAILED, EnrolmentState.WITHDRAWN}),
    EnrolmentState.RETAKE_REQUIRED: frozenset({EnrolmentState.PASSED, EnrolmentState.FAILED}),
    EnrolmentState.REJECTED: frozenset(),
    EnrolmentState.WITHDRAWN: frozenset(),
}
# She is on her way to an examination: another of the same level has to wait.
ACTIVE = (
    EnrolmentState.SUBMITTED,
    EnrolmentState.APPROVED,
    EnrolmentState.IN_TRAINING,
    EnrolmentState.ASSESSED,
)
# Let go before the training: she may ask again.
LET_GO = (EnrolmentState.REJECTED, EnrolmentState.WITHDRAWN)
# They take a place in the class.
PLACED = tuple(state for state in EnrolmentState if state not in {EnrolmentState.SUBMITTED, *LET_GO})


class EnrolmentRefused(Exception):
    """A foreseen refusal. `message` is for the person who asked; `field` names the input, "" for the whole form."""

    def __init__(self, message: str, *, code: str, field: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.field = field


@dataclass(frozen=True)
class Declaration:
    """What she declared about herself, as far as the class's policy asks; None is not said.

    guardian_consent: the institution has seen her guardian's written consent; never her own word.
    """

    category: str | None = None
    is_student: bool | None = None
    on_establishment: bool | None = None
    employed: bool | None = None
    employee: bool | None = None
    graduated_on: date | None = None
    insured: bool | None = None
    contract_months: int | None = None
    insured_months: int | None = None
    guardian_consent: bool | None = None


@dataclass(frozen=True)
class Questions:
    """What a policy asks of a person. fields: names of `Declaration`; categories: code → the document's words."""

    fields: frozenset[str]
    categories: Mapping[str, str]


@dataclass(frozen=True)
class RosterRow:
    """One enrolment in the institution's list. name: masked."""

    uuid: UUID
    name: str
    submitted_on: date
    state_label: str
    tone: str
    url: str


@dataclass(frozen=True)
class ClassRow:
    """One class in a list. placed: admitted so far; waiting: enrolments nobody has decided on."""

    head: ClassHead
    placed: int
    waiting: int


@dataclass(frozen=True)
class ClassListPage:
    """Classes as one reader may see them, newest first. plan_url: "" for those who plan none."""

    rows: tuple[ClassRow, ...]
    plan_url: str


@dataclass(frozen=True)
class ClassPage:
    """One class. roster: None for readers who see no names; opening: the decision on its opening, None before filing.

    acts: moves by a button alone; reasoned: those that go with a few words; parting: grave ones with words.
    note: what the bureau or the institution wrote. may_start: those admitted can be taken in now. coverage_url: its policy
    against its curriculum; homework_url: its homework; recordings_url: its sessions on video; "" for readers without.
    """

    head: ClassHead
    policy_title: str
    specification_title: str
    facts: tuple[tuple[str, str], ...]
    instructors: tuple[str, ...]
    may_add_instructor: bool
    opening: DecisionCard | None
    note: str
    acts: tuple[Act, ...]
    reasoned: tuple[Act, ...]
    parting: tuple[Act, ...]
    roster: tuple[RosterRow, ...] | None
    placed: int
    waiting: int
    may_start: bool
    list_url: str
    coverage_url: str
    homework_url: str
    recordings_url: str


@dataclass(frozen=True)
class OpenClass:
    """A class she may join. left: places left, at least 0."""

    head: ClassHead
    left: int
    url: str


@dataclass(frozen=True)
class MyEnrolment:
    """One of her own enrolments."""

    uuid: UUID
    class_name: str
    institution_name: str
    level_label: str
    starts_on: date
    ends_on: date
    state: EnrolmentState
    state_label: str
    tone: str
    url: str


@dataclass(frozen=True)
class EnrolmentHome:
    """Her enrolments, newest first, and the classes she may join."""

    mine: tuple[MyEnrolment, ...]
    open_classes: tuple[OpenClass, ...]


@dataclass(frozen=True)
class EnrolmentPage:
    """One enrolment, as its owner or the office sees it. name: "" for the owner herself, masked for the office.

    headline: the sentence that answers "what now". declared: her answers, question and answer; the owner's alone.
    may_give_up: she may end the resit that is open to her. asks_guardian: the office may
    record the guardian's consent with its approval.
    """

    uuid: UUID
    head: ClassHead
    name: str
    state: EnrolmentState
    state_label: str
    tone: str
    headline: str
    reason: str
    submitted_at: datetime
    decision: DecisionCard | None
    declared: tuple[tuple[str, str], ...]
    may_withdraw: bool
    may_give_up: bool
    may_decide: bool
    may_reject: bool
    may_let_leave: bool
    asks_guardian: bool
    upload_url: str
    back_url: str
