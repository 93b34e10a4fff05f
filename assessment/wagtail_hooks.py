"""What the rooms of assessment add to Wagtail's admin."""

from assessment.bank import hooks as bank

__all__ = ["bank"]
