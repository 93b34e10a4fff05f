"""Writes of marking."""

from assessment.marking.services.allocation import allocate, ask_for_examiners, ask_for_waiting
from assessment.marking.services.booklets import open_booklet
from assessment.marking.services.evidence import grant_evidence
from assessment.marking.services.keys import keys_of_booklet, keys_of_panel
from assessment.marking.services.lookalikes import open_lookalike, release_lookalike
from assessment.marking.services.panels import (
    assign_fourth,
    decide_finding,
    reassign_sheet,
    retry_allocation,
    sign_panel,
)
from assessment.marking.services.rubrics import load_rubrics
from assessment.marking.services.sealing import SealedEvidence, seal_evidence
from assessment.marking.services.sheets import declare_conflict, save_sheet, submit_sheet
from assessment.marking.services.transcripts import correct_heard
from assessment.marking.services.waivers import decide_waiver

__all__ = [
    "SealedEvidence",
    "allocate",
    "ask_for_examiners",
    "ask_for_waiting",
    "assign_fourth",
    "correct_heard",
    "decide_finding",
    "decide_waiver",
    "declare_conflict",
    "grant_evidence",
    "keys_of_booklet",
    "keys_of_panel",
    "load_rubrics",
    "open_booklet",
    "open_lookalike",
    "reassign_sheet",
    "release_lookalike",
    "retry_allocation",
    "save_sheet",
    "seal_evidence",
    "sign_panel",
    "submit_sheet",
]
