"""Pure evaluation: (profile, facts) → Decision. Nothing here reads a clock, a database or a setting."""

from lms.policies.logic.classes import class_opening, filing_window_of, may_teach, plan_approval
from lms.policies.logic.enrolment import age_on, enrolment_eligibility, ledger_counts
from lms.policies.logic.grades import completion, exam_entitlement, grade, may_examine, resit, round_score
from lms.policies.logic.money import subsidy
from lms.policies.logic.periods import disclosed, keep_until, publicity_end
from lms.policies.logic.reading import read_profile
from lms.policies.logic.resolving import VersionHead, resolve

__all__ = [
    "VersionHead",
    "age_on",
    "class_opening",
    "completion",
    "disclosed",
    "enrolment_eligibility",
    "exam_entitlement",
    "filing_window_of",
    "grade",
    "keep_until",
    "ledger_counts",
    "may_examine",
    "may_teach",
    "plan_approval",
    "publicity_end",
    "read_profile",
    "resit",
    "resolve",
    "round_score",
    "subsidy",
]
