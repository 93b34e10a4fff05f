"""What the rooms of courses add to Wagtail's admin."""

from courses.videos import hooks as videos

__all__ = ["videos"]
