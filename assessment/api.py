"""The door of assessment for the rooms above it."""

from assessment.candidates.selectors import (
    candidacies,
    candidacies_of,
    candidacy,
    class_candidacy,
    entitlement,
    live_submission,
    open_candidacies,
    submission,
    submission_for_asset,
    submissions_of,
)
from assessment.candidates.services import begin_scoring, close_candidacy, finish_scoring, renew_candidacy
from assessment.candidates.types import (
    CandidacyData,
    CandidacyRefused,
    CandidacyState,
    Grant,
    NoCandidacy,
    SubmissionData,
    SubmissionState,
)
from assessment.examiners.events import ExaminerFiled
from assessment.examiners.selectors import available_examiners, waiting_examiners
from assessment.examiners.services import add_examiner, move_examiner
from assessment.examiners.types import ExaminerData, ExaminerGrade, ExaminerRefused, ExaminerState
from assessment.marking.selectors import evidence_for, evidence_list, evidence_page, waiting_evidence
from assessment.marking.services import grant_evidence
from assessment.specification.selectors import approved_specification, specification, specifications
from assessment.specification.services import approve_specification, load_specifications
from assessment.specification.types import (
    NoSpecification,
    Paper,
    Part,
    PartRule,
    Quorum,
    SpecificationData,
    SpecificationRefusal,
)

__all__ = [
    "CandidacyData",
    "CandidacyRefused",
    "CandidacyState",
    "ExaminerData",
    "ExaminerFiled",
    "ExaminerGrade",
    "ExaminerRefused",
    "ExaminerState",
    "Grant",
    "NoCandidacy",
    "NoSpecification",
    "Paper",
    "Part",
    "PartRule",
    "Quorum",
    "SpecificationData",
    "SpecificationRefusal",
    "SubmissionData",
    "SubmissionState",
    "add_examiner",
    "approve_specification",
    "approved_specification",
    "available_examiners",
    "begin_scoring",
    "candidacies",
    "candidacies_of",
    "candidacy",
    "class_candidacy",
    "close_candidacy",
    "entitlement",
    "evidence_for",
    "evidence_list",
    "evidence_page",
    "finish_scoring",
    "grant_evidence",
    "live_submission",
    "load_specifications",
    "move_examiner",
    "open_candidacies",
    "renew_candidacy",
    "specification",
    "specifications",
    "submission",
    "submission_for_asset",
    "submissions_of",
    "waiting_evidence",
    "waiting_examiners",
]
