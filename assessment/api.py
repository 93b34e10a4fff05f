"""The door of assessment for the rooms above it."""

from assessment.bank.above import register_class_levels
from assessment.bank.demonstration import demo_review
from assessment.bank.events import QuestionApproved, QuestionWithdrawn
from assessment.bank.loader import load_bank
from assessment.bank.refusals import BankRefusal
from assessment.bank.selectors import drawable, returned_questions, waiting_questions
from assessment.bank.services import mark_used, offer_practice
from assessment.bank.types import (
    Drawable,
    Key,
    Option,
    Place,
    PracticeItem,
    QuestionDocument,
    QuestionType,
    Step,
)
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
    video_door,
)
from assessment.candidates.services import (
    begin_scoring,
    close_candidacy,
    finish_scoring,
    renew_candidacy,
    reopen_candidacy,
)
from assessment.candidates.types import (
    CandidacyData,
    CandidacyRefused,
    CandidacyState,
    Door,
    Grant,
    NoCandidacy,
    SubmissionData,
    SubmissionState,
    VideoDoor,
)
from assessment.certification.events import CertificateIssued
from assessment.certification.issuing import issue_batch, issue_replacement, reissue_certificate, revoke_certificate
from assessment.certification.loading import load_schemes
from assessment.certification.selectors import (
    certificate_summary,
    certificates_of,
    count_my_certificates,
    eligible_groups,
    my_certificates,
    number_schemes,
    waiting_batches,
)
from assessment.certification.services import (
    allocate_numbers,
    create_batch,
    file_batch,
    freeze_batch,
    return_batch,
    review_batch,
    set_codes,
)
from assessment.certification.types import CertificationRefused
from assessment.delivery.door import ExamDoor
from assessment.delivery.events import SittingClosed
from assessment.delivery.pages.exam import Near, NearestExam, nearest_exam
from assessment.delivery.pages.sittings import waiting_sittings
from assessment.examiners.events import ExaminerFiled
from assessment.examiners.selectors import available_examiners, waiting_examiners
from assessment.examiners.services import add_examiner, move_examiner
from assessment.examiners.types import ExaminerData, ExaminerGrade, ExaminerRefused, ExaminerState
from assessment.marking.events import BookletMarked, PanelFinished
from assessment.marking.selectors import (
    desk_list,
    evidence_for,
    evidence_list,
    evidence_page,
    outcome,
    panel_page,
    sheet_page,
    waiting_evidence,
    waiting_panels,
    waiting_sheets,
)
from assessment.marking.selectors.rubrics import rubric_of
from assessment.marking.services import (
    allocate,
    assign_fourth,
    decide_finding,
    declare_conflict,
    grant_evidence,
    load_rubrics,
    open_booklet,
    reassign_sheet,
    save_sheet,
    sign_panel,
    submit_sheet,
)
from assessment.marking.types import (
    BookletItem,
    MarkingRefusal,
    OutcomeData,
    PanelState,
    SheetChanges,
    SheetState,
    Verdict,
)
from assessment.papers.demonstration import demo_papers
from assessment.papers.selectors import (
    approved_papers,
    named_blueprint,
    paper_for_sitting,
    parallel_forms,
    waiting_papers,
)
from assessment.papers.services import approve_blueprint, approve_paper, draw_papers, load_blueprints, use_paper
from assessment.papers.types import NoBlueprint, NoPaper, PaperRefusal
from assessment.results.counting import attempts_left
from assessment.results.events import AttemptsUsedUp, ResultReleased
from assessment.results.labels import part_label
from assessment.results.resits import record_absence, start_afresh
from assessment.results.selectors import grades_of, my_results, waiting_results
from assessment.results.services import ResultRefused, confirm_grade, record_part_mark, release_grade
from assessment.results.types import GradeData, GradeState, Onward, ResitState, Standing
from assessment.specification.selectors import (
    approved_specification,
    specification,
    specifications,
    waiting_specifications,
)
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
from assessment.statistics.selectors import waiting_concerns
from assessment.theory.demonstration import Examiners, demo_exam
from assessment.theory.events import CandidateAbsent, PaperReleased
from assessment.theory.pages import waiting_corrections as waiting_corrections_of_questions
from assessment.theory.pages import waiting_marks
from assessment.theory.selectors import marked_sitting, marked_sittings, marked_versions
from assessment.theory.services import confirm_marks, release_marks
from assessment.theory.types import MarkedItem, MarkedPaper, TheoryRefused, VersionUse

__all__ = [
    "AttemptsUsedUp",
    "BankRefusal",
    "BookletItem",
    "BookletMarked",
    "CandidacyData",
    "CandidacyRefused",
    "CandidacyState",
    "CandidateAbsent",
    "CertificateIssued",
    "CertificationRefused",
    "Door",
    "Drawable",
    "ExamDoor",
    "ExaminerData",
    "ExaminerFiled",
    "ExaminerGrade",
    "ExaminerRefused",
    "ExaminerState",
    "Examiners",
    "GradeData",
    "GradeState",
    "Grant",
    "Key",
    "MarkedItem",
    "MarkedPaper",
    "MarkingRefusal",
    "Near",
    "NearestExam",
    "NoBlueprint",
    "NoCandidacy",
    "NoPaper",
    "NoSpecification",
    "Onward",
    "Option",
    "OutcomeData",
    "PanelFinished",
    "PanelState",
    "Paper",
    "PaperRefusal",
    "PaperReleased",
    "Part",
    "PartRule",
    "Place",
    "PracticeItem",
    "QuestionApproved",
    "QuestionDocument",
    "QuestionType",
    "QuestionWithdrawn",
    "Quorum",
    "ResitState",
    "ResultRefused",
    "ResultReleased",
    "SheetChanges",
    "SheetState",
    "SittingClosed",
    "SpecificationData",
    "SpecificationRefusal",
    "Standing",
    "Step",
    "SubmissionData",
    "SubmissionState",
    "TheoryRefused",
    "Verdict",
    "VersionUse",
    "VideoDoor",
    "add_examiner",
    "allocate",
    "allocate_numbers",
    "approve_blueprint",
    "approve_paper",
    "approve_specification",
    "approved_papers",
    "approved_specification",
    "assign_fourth",
    "attempts_left",
    "available_examiners",
    "begin_scoring",
    "candidacies",
    "candidacies_of",
    "candidacy",
    "certificate_summary",
    "certificates_of",
    "class_candidacy",
    "close_candidacy",
    "confirm_grade",
    "confirm_marks",
    "count_my_certificates",
    "create_batch",
    "decide_finding",
    "declare_conflict",
    "demo_exam",
    "demo_papers",
    "demo_review",
    "desk_list",
    "draw_papers",
    "drawable",
    "eligible_groups",
    "entitlement",
    "evidence_for",
    "evidence_list",
    "evidence_page",
    "file_batch",
    "finish_scoring",
    "freeze_batch",
    "grades_of",
    "grant_evidence",
    "issue_batch",
    "issue_replacement",
    "live_submission",
    "load_bank",
    "load_blueprints",
    "load_rubrics",
    "load_schemes",
    "load_specifications",
    "mark_used",
    "marked_sitting",
    "marked_sittings",
    "marked_versions",
    "move_examiner",
    "my_certificates",
    "my_results",
    "named_blueprint",
    "nearest_exam",
    "number_schemes",
    "offer_practice",
    "open_booklet",
    "open_candidacies",
    "outcome",
    "panel_page",
    "paper_for_sitting",
    "parallel_forms",
    "part_label",
    "reassign_sheet",
    "record_absence",
    "record_part_mark",
    "register_class_levels",
    "reissue_certificate",
    "release_grade",
    "release_marks",
    "renew_candidacy",
    "reopen_candidacy",
    "return_batch",
    "returned_questions",
    "review_batch",
    "revoke_certificate",
    "rubric_of",
    "save_sheet",
    "set_codes",
    "sheet_page",
    "sign_panel",
    "specification",
    "specifications",
    "start_afresh",
    "submission",
    "submission_for_asset",
    "submissions_of",
    "submit_sheet",
    "use_paper",
    "video_door",
    "waiting_batches",
    "waiting_concerns",
    "waiting_corrections_of_questions",
    "waiting_evidence",
    "waiting_examiners",
    "waiting_marks",
    "waiting_panels",
    "waiting_papers",
    "waiting_questions",
    "waiting_results",
    "waiting_sheets",
    "waiting_sittings",
    "waiting_specifications",
]
