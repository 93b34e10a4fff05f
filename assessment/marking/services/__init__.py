"""Writes of marking."""

from assessment.marking.services.evidence import grant_evidence
from assessment.marking.services.rubrics import load_rubrics

__all__ = ["grant_evidence", "load_rubrics"]
