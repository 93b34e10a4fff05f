"""What the rooms of assessment add to Wagtail's admin."""

from assessment.bank import hooks as bank
from assessment.papers import hooks as papers
from assessment.statistics import hooks as statistics

__all__ = ["bank", "papers", "statistics"]
