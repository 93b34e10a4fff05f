"""The door of assessment for the rooms above it."""

from assessment.marking.selectors import evidence_for, evidence_list, evidence_page, waiting_evidence
from assessment.marking.services import grant_evidence

__all__ = ["evidence_for", "evidence_list", "evidence_page", "grant_evidence", "waiting_evidence"]
