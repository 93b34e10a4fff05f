"""What the rooms of assessment add to Wagtail's admin."""

from assessment.bank import hooks as bank
from assessment.papers import hooks as papers

__all__ = ["bank", "papers"]
