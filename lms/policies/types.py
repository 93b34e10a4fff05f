"""Profiles, facts and explained decisions. No Django.

A fact that nobody supplies yet is None: what a profile asks of it is then *unknown*, never *met*.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any
from uuid import UUID

from lms.core.types import Level
from lms.core.workdays.types import FilingMode, FilingWindow


class Outcome(StrEnum):
    """How one rule came out."""

    MET = "met"
    NOT_MET = "not_met"
    UNKNOWN = "unknown"


class DecisionKind(StrEnum):
    """What a stored decision is about."""

    ENROLMENT = "enrolment"
    CLASS_OPENING = "class_opening"
    EXAM_ENTITLEMENT = "exam_entitlement"
    GRADE = "grade"
    COMPLETION = "completion"
    RESIT = "resit"
    SUBSIDY = "subsidy"
    PLAN_APPROVAL = "plan_approval"
    EXAMINER = "examiner"
    LEDGER = "ledger"
    CURRICULUM = "curriculum"


class Shown(StrEnum):
    """What a candidate sees of her released theory paper; each holds what stands before it. A profile names the most."""

    MARKS = "marks"  # by section and topic; no question, no key
    ANSWERS = "answers"  # each question with her own answer and its marks
    KEYS = "keys"  # the right answers, too


class Grade(StrEnum):
    """优秀, 良好, 合格, 不合格 (S5-23)."""

    EXCELLENT = "excellent"
    GOOD = "good"
    PASS = "pass"  # noqa: S105
    FAIL = "fail"


class PublicityKind(StrEnum):
    """How the days of publicity are counted (domain 2.2 no. 5)."""

    WORKING = "working"
    CALENDAR = "calendar"


class SubsidyBasis(StrEnum):
    """For whom money is paid (domain 2.2 no. 4)."""

    PER_QUALIFIED = "per_qualified"
    PER_TRAINEE = "per_trainee"
    PER_CERTIFICATE = "per_certificate"


class Purpose(StrEnum):
    """Two views over one record (domain 2.2 no. 15)."""

    PUBLICITY = "publicity"
    ACCEPTANCE = "acceptance"


@dataclass(frozen=True)
class Reason:
    """One rule and how it came out.

    rule: its name in `lms.policies.words`. clause: where it stands, with the document's number; "" is a platform default.
    required, found: plain values (a number, a fraction 31/40, a date, codes with commas), put into words when shown; found
    "" is unknown. soft: a warning, which blocks nothing.
    """

    rule: str
    outcome: Outcome
    clause: str
    required: str
    found: str
    soft: bool = False


@dataclass(frozen=True)
class Decision:
    """What follows from a profile and the facts, with its reasons. Exactly one of allowed, refused, pending is true."""

    reasons: tuple[Reason, ...] = ()

    @property
    def allowed(self) -> bool:
        """Every rule that blocks is met."""
        return all(reason.soft or reason.outcome is Outcome.MET for reason in self.reasons)

    @property
    def refused(self) -> bool:
        """Some rule that blocks is not met."""
        return any(not reason.soft and reason.outcome is Outcome.NOT_MET for reason in self.reasons)

    @property
    def pending(self) -> bool:
        """Nothing refuses, something is unknown."""
        return not self.allowed and not self.refused

    @property
    def warnings(self) -> tuple[Reason, ...]:
        """Soft rules that are not met."""
        return tuple(reason for reason in self.reasons if reason.soft and reason.outcome is Outcome.NOT_MET)

    def reason(self, rule: str) -> Reason | None:
        """The reason of one rule, None when the profile does not ask for it."""
        return next((reason for reason in self.reasons if reason.rule == rule), None)


@dataclass(frozen=True)
class Occupation:
    """A job trained. Codes carry the days they are valid: 4-01-02-07 of the 2021 standard, 4-01-06-02 of the 2022 list."""

    name: str
    job: str
    codes: tuple[tuple[str, date | None, date | None], ...] = ()

    def code_on(self, day: date) -> str:
        """The code valid on a day, "" when none is known."""
        holds = ((first is None or first <= day) and (last is None or day <= last) for _, first, last in self.codes)
        return next((code for (code, _, _), valid in zip(self.codes, holds, strict=True) if valid), "")


@dataclass(frozen=True)
class AgeRule:
    """Ages that count; a bound of None is open. The flags say whether the bound itself counts."""

    from_age: int | None
    to_age: int | None
    from_inclusive: bool = True
    to_inclusive: bool = True


@dataclass(frozen=True)
class Subsidy:
    """Rates by level in yuan, "any" as level 0; `rate_entered`: the document names none, HR enters it."""

    basis: SubsidyBasis
    rates: Mapping[int, Decimal]
    rate_entered: bool
    count_failed: bool
    requires_certificate: bool
    first_time_cap: Decimal | None
    trainee_fee: Decimal
    payer: str
    fund: str


@dataclass(frozen=True)
class Publicity:
    """How long, in which days; `mask_pii`: no sensitive data on the page."""

    days: int
    kind: PublicityKind
    mask_pii: bool


@dataclass(frozen=True)
class OpeningFiling:
    """Filing before a class opens. `working_days` None: before it opens. `approval`: it must be approved, not only filed."""

    working_days: int | None
    mode: FilingMode
    approval: bool


@dataclass(frozen=True)
class Parameters:
    """What a profile says, with the platform's defaults where it is silent (`defaulted` names those).

    None: the profile does not ask. `levels_open` None: a single tier, any level will do. Shares and the attendance gate
    are exact fractions.

    lessons_on_content: no lesson is about anything but the listed content. cross_cutting: themes that at least
    `cross_cutting_lessons` lessons of every module carry. delivery_modes, method_modes: how a lesson's delivery and ways of
    teaching read in this profile's modes. audiences: category → whom it is for.
    """

    class_hour_minutes: int | None
    levels_open: tuple[Level, ...] | None
    levels_closed: Mapping[int, str]
    level_names: Mapping[int, str]
    occupations: tuple[Occupation, ...]
    min_hours: Mapping[int, int]
    standard_hours: Mapping[int, int]
    min_days: int | None
    min_offline_days: int | None
    theory_ratio_min: Fraction | None
    practice_ratio_min: Fraction | None
    practice_counts: bool
    modes: tuple[str, ...] | None
    modes_in_special_circumstances: tuple[str, ...]
    modes_never_alone: tuple[str, ...]
    attendance_min: Fraction | None
    class_size_max: int | None
    class_size_soft: bool
    opening_filing: OpeningFiling | None
    plan_approvers: tuple[str, ...]
    annual_plan_by: str
    target_groups: tuple[str, ...] | None
    exclude: tuple[str, ...]
    priority_groups: tuple[str, ...]
    key_groups: tuple[str, ...]
    key_group_ratio_min: Fraction | None
    insured_unless_key_group: bool
    employee_contract_months: int | None
    employee_insured_months: int | None
    graduate_window_years: int | None
    minimum_age: int | None
    guardian_consent_below: int | None
    ledger_age: Mapping[str, AgeRule]
    institutions: tuple[str, ...] | None
    instructor_kinds: tuple[str, ...] | None
    instructor_certificate: bool
    instructor_practice_months: int | None
    teacher_may_examine: bool
    content_items: tuple[str, ...]
    lessons_on_content: bool
    cross_cutting: tuple[str, ...]
    cross_cutting_lessons: int
    methods: tuple[str, ...]
    methods_combined: bool
    delivery_modes: Mapping[str, str]
    method_modes: Mapping[str, str]
    categories: tuple[str, ...]
    audiences: Mapping[str, tuple[str, ...]]
    training_types: tuple[str, ...]
    parts: tuple[str, ...]
    pass_mark: Decimal
    grade_bands: Mapping[Grade, Decimal]
    resits_allowed: int | None
    after_failed_resit: str
    absence_uses_attempt: bool
    papers_shown: Shown
    part_score_valid_months: int | None
    credentials: tuple[str, ...]
    certificate_number_by: str
    subsidy: Subsidy | None
    publicity: Publicity
    archive_years: int
    checklists: Mapping[str, tuple[str, ...]]
    specification_key: str
    completion_needs_all_hours: bool
    defaulted: frozenset[str]


@dataclass(frozen=True)
class ProfileData:
    """One version of a policy profile. `in_force_from` None: from the beginning; `public`: anybody may read it.

    labels: the document's own words for the codes in its lists. raw: everything as written, for what no room reads yet.
    """

    uuid: UUID
    key: str
    version: int
    content_hash: str
    title: str
    document: str
    issuers: tuple[str, ...]
    public: bool
    valid_from: date | None
    valid_to: date | None
    in_force_from: date | None
    superseded_by: str
    parameters: Parameters = field(repr=False)
    clauses: Mapping[str, str] = field(repr=False)
    labels: Mapping[str, str] = field(repr=False)
    raw: Mapping[str, Any] = field(repr=False, compare=False, default_factory=dict)

    def clause(self, rule: str) -> str:
        """Where a rule stands, with the document's number; "" for a platform default."""
        clause = self.clauses.get(rule, "")
        if clause.startswith("《"):
            return clause
        if not clause or rule in self.parameters.defaulted:
            return ""
        return f"{self.document} {clause}"


@dataclass(frozen=True)
class EnrolmentFacts:
    """About one person and the class she asks for. Ages are taken on the first training day (domain 2.2 no. 7)."""

    first_training_day: date
    birth_date: date | None = None
    enrolled_on: date | None = None
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
class ClassFacts:
    """About one class as planned. `job` is an occupation or job by name; hours are class hours; `modes` is how its meetings
    are held.

    content_items, untagged: what the lessons of its curriculum cover, and the titles of those that cover nothing listed.
    `filed_on` with `filing_window`: from the working-day calendar (`filing_window_of`), which this package only reads.
    """

    level: Level | None
    starts_on: date | None
    ends_on: date | None
    job: str | None = None
    institution: str | None = None
    hours: int | None = None
    theory_hours: int | None = None
    practice_hours: int | None = None
    hour_minutes: int | None = None
    days: int | None = None
    offline_days: int | None = None
    modes: frozenset[str] | None = None
    special_circumstances: bool | None = None
    size: int | None = None
    size_reason: str = ""
    content_items: frozenset[str] | None = None
    untagged: tuple[str, ...] | None = None
    training_type: str | None = None
    plan_approved_by: frozenset[str] | None = None
    opening_approved: bool | None = None
    filed_on: date | None = None
    filing_window: FilingWindow | None = None
    opening_decided_levels: frozenset[Level] = frozenset()
    trainee_fee: Decimal | None = None


@dataclass(frozen=True)
class LessonFacts:
    """One lesson as policies look at it. hours: class hours; kind: theory or practice; delivery: online, offline, practice.

    items, categories: profile key → the codes of its content and of its categories that the lesson is tagged with.
    """

    uid: UUID
    title: str
    hours: Decimal
    kind: str
    delivery: str
    methods: frozenset[str] = frozenset()
    items: Mapping[str, frozenset[str]] = field(default_factory=dict)
    categories: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class ModuleFacts:
    """One module with its lessons in order."""

    uid: UUID
    title: str
    lessons: tuple[LessonFacts, ...]


@dataclass(frozen=True)
class CurriculumFacts:
    """What is taught at a level. category, audience: of the training asked about, in the profile's codes; None: not stated."""

    level: Level | None
    modules: tuple[ModuleFacts, ...]
    special_circumstances: bool | None = None
    category: str | None = None
    audience: str | None = None

    @property
    def lessons(self) -> tuple[LessonFacts, ...]:
        """All of them in order."""
        return tuple(lesson for module in self.modules for lesson in module.lessons)


@dataclass(frozen=True)
class HourSums:
    """Class hours of a curriculum, by kind and by delivery code."""

    total: Decimal
    theory: Decimal
    practice: Decimal
    by_delivery: tuple[tuple[str, Decimal], ...]


@dataclass(frozen=True)
class Share:
    """A share of the hours, exact. rule: which one; required None: the profile does not ask."""

    rule: str
    part: Decimal
    whole: Decimal
    required: Fraction | None

    @property
    def value(self) -> Fraction | None:
        """None while there are no hours."""
        return Fraction(self.part) / Fraction(self.whole) if self.whole else None


@dataclass(frozen=True)
class Bundle:
    """Lessons that carry one code of a profile: a content item, a way of teaching, a category."""

    code: str
    lessons: tuple[LessonFacts, ...]

    @property
    def hours(self) -> Decimal:
        """Class hours of these lessons; a lesson with two codes counts under both."""
        return sum((lesson.hours for lesson in self.lessons), Decimal(0))


@dataclass(frozen=True)
class ModuleThemes:
    """How many lessons of a module carry each theme that runs through the training; lacking: too few or none."""

    uid: UUID
    title: str
    counts: tuple[tuple[str, int], ...]
    lacking: tuple[str, ...]


@dataclass(frozen=True)
class CoverageReport:
    """What a curriculum meets of one profile: the decision and the figures behind it.

    required_hours, standard_hours: of the level, None where not asked. untagged: lessons that cover none of the items.
    """

    decision: Decision
    hours: HourSums
    required_hours: int | None
    standard_hours: int | None
    shares: tuple[Share, ...]
    items: tuple[Bundle, ...]
    untagged: tuple[LessonFacts, ...]
    themes: tuple[ModuleThemes, ...]
    methods: tuple[Bundle, ...]
    categories: tuple[Bundle, ...]


@dataclass(frozen=True)
class Attendance:
    """Class hours attended out of those held, as integers: 31/40 is compared exactly (S2-39)."""

    attended: int
    held: int

    @property
    def share(self) -> Fraction:
        """The exact fraction; nothing held is nothing attended."""
        return Fraction(self.attended, self.held) if self.held else Fraction(0)


@dataclass(frozen=True)
class ExamFacts:
    """About one candidate before a part is examined."""

    attendance: Attendance | None = None


@dataclass(frozen=True)
class PartMark:
    """One part of the assessment. `mark` None: not there yet.

    proposed_fail: a confirmed finding of severity B proposes a fail; fail_confirmed: the chief's word, None until given.
    """

    part: str
    mark: Decimal | None
    pass_mark: Decimal
    weight: Decimal
    proposed_fail: bool = False
    fail_confirmed: bool | None = None


@dataclass(frozen=True)
class Graded:
    """`composite` is for display (never lets one part make up for another); `grade` None: pending."""

    decision: Decision
    composite: Decimal | None
    grade: Grade | None


@dataclass(frozen=True)
class SubsidyFacts:
    """About one class and level. Counts are people; `entered_rate` where HR enters it; `first_time` of the certified."""

    level: Level
    trained: int
    passed: int | None
    certified: int | None
    first_time: int = 0
    days: int | None = None
    offline_days: int | None = None
    hours: int | None = None
    hour_minutes: int | None = None
    trainee_fee: Decimal | None = None
    entered_rate: Decimal | None = None


@dataclass(frozen=True)
class SubsidyTotal:
    """`total` is what the profile gives, None while something is unknown, 0 when refused.

    total_with_failed, total_without_failed: both readings of an ambiguous basis, to be shown together (domain 2.2 no. 4).
    """

    decision: Decision
    rate: Decimal | None
    counted: int | None
    total: Decimal | None
    total_with_failed: Decimal | None
    total_without_failed: Decimal | None


@dataclass(frozen=True)
class Figure:
    """One line of a decision card's sum."""

    label: str
    value: str
    tone: str = ""
    total: bool = False


@dataclass(frozen=True)
class ReasonCard:
    """One reason in the reader's words."""

    title: str
    rule: str
    clause: str
    required: str
    found: str
    remedy: str


@dataclass(frozen=True)
class DecisionCard:
    """What components/decision.html reads. tone: ok, bad, warn or notrun."""

    title: str
    tone: str
    verdict: str
    summary: str
    figures: tuple[Figure, ...]
    reasons: tuple[ReasonCard, ...]
    policy: str


@dataclass(frozen=True)
class StoredDecisionData:
    """A decision as stored: never changed, a new judgement is a new row."""

    uuid: UUID
    kind: DecisionKind
    subject_kind: str
    subject: UUID
    decision: Decision
    profile: UUID
    by: UUID | None
    at: datetime


class NoProfile(LookupError):
    """There is no such profile, or no version of it is in force that day."""


class ProfileFault(ValueError):
    """A profile's file says something that cannot be read."""
