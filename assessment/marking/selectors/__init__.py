"""Gates and reads of marking. Everything given to a template is blind: the work is its code."""

from assessment.marking.selectors.booklets import booklet_file, booklet_page
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
from assessment.marking.selectors.lookalikes import held_page, lookalike_page, lookalike_stored_file
from assessment.marking.selectors.outcomes import booklet_outcome, outcome
from assessment.marking.selectors.panels import panel_for, panel_page, panels_list, readable_panel, waiting_panels
from assessment.marking.selectors.sheets import desk_list, sheet_for, sheet_page, waiting_sheets
from assessment.marking.selectors.transcripts import transcript_page
from assessment.marking.selectors.waivers import waived_for, waiver_gate, waiver_list, waiver_page

__all__ = [
    "booklet_file",
    "booklet_outcome",
    "booklet_page",
    "desk_list",
    "evidence_captions",
    "evidence_for",
    "evidence_list",
    "evidence_page",
    "evidence_stored_file",
    "held_page",
    "lookalike_page",
    "lookalike_stored_file",
    "outcome",
    "panel_for",
    "panel_page",
    "panels_list",
    "readable_panel",
    "severity_label",
    "sheet_for",
    "sheet_page",
    "transcript_page",
    "verdict_label",
    "waiting_evidence",
    "waiting_panels",
    "waiting_sheets",
    "waived_for",
    "waiver_gate",
    "waiver_list",
    "waiver_page",
]
