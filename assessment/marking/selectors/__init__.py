"""Gates and reads of marking. Everything given to a template is blind: the work is its code."""

from assessment.marking.selectors.evidence import (
    evidence_captions,
    evidence_for,
    evidence_list,
    evidence_page,
    evidence_stored_file,
    severity_label,
    verdict_label,
    waiting_evidence,
)

__all__ = [
    "evidence_captions",
    "evidence_for",
    "evidence_list",
    "evidence_page",
    "evidence_stored_file",
    "severity_label",
    "verdict_label",
    "waiting_evidence",
]
