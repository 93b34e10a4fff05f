"""What the rooms of courses add to Wagtail's admin."""

from courses.catalogue import hooks as catalogue
from courses.packages import hooks as packages
from courses.videos import hooks as videos

__all__ = ["catalogue", "packages", "videos"]
