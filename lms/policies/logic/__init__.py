"""Pure evaluation: (profile, facts) → Decision. Nothing here reads a clock, a database or a setting."""

from lms.policies.logic.classes import class_opening, filing_window_of, may_teach, plan_approval
from lms.policies.logic.curriculum import as_codes, covered_items, curriculum_coverage, untagged_lessons
from lms.policies.logic.enrolment import age_on, enrolment_eligibility, ledger_counts
from lms.policies.logic.grades import (
    completion,
    exam_entitlement,
    grade,
    may_examine,
    months_after,
    paper_opening,
    part_validity,
    resit,
    round_score,
)
from lms.policies.logic.money import subsidy
from lms.policies.logic.periods import disclosed, keep_until, publicity_end
from lms.policies.logic.reading import read_profile
from lms.policies.logic.recordings import class_recordings
from lms.policies.logic.resolving import VersionHead, resolve
from lms.policies.logic.teaching import (
    allowed_forms,
    audience_of_category,
    enough_hours,
    enough_shares,
    listed_content,
    modes_of,
    only_listed_content,
    type_of_training,
)

__all__ = [
    "VersionHead",
    "age_on",
    "allowed_forms",
    "as_codes",
    "audience_of_category",
    "class_opening",
    "class_recordings",
    "completion",
    "covered_items",
    "curriculum_coverage",
    "disclosed",
    "enough_hours",
    "enough_shares",
    "enrolment_eligibility",
    "exam_entitlement",
    "filing_window_of",
    "grade",
    "keep_until",
    "ledger_counts",
    "listed_content",
    "may_examine",
    "may_teach",
    "modes_of",
    "months_after",
    "only_listed_content",
    "paper_opening",
    "part_validity",
    "plan_approval",
    "publicity_end",
    "read_profile",
    "resit",
    "resolve",
    "round_score",
    "subsidy",
    "type_of_training",
    "untagged_lessons",
]
