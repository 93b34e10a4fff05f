"""Tables of assessment, a line a room."""

from assessment.marking.models import EvidenceGrant

__all__ = ["EvidenceGrant"]
