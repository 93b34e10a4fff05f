"""Who may read the curriculum."""

from django.http import HttpRequest

from lms.accounts.api import NOBODY, may


def reads_lessons(request: HttpRequest) -> bool:
    """Every role with a cell in the row "lessons" of domain 3.3; the curriculum belongs to no institution."""
    return may(getattr(request, "acting", NOBODY), "lesson", "read")
