"""Who makes lesson videos."""

from django.http import HttpRequest

from lms.accounts.api import NOBODY, Acting, may


def may_make(acting: Acting) -> bool:
    """Whoever writes lessons or approves them."""
    return any(may(acting, "lesson", action) for action in ("create", "update", "approve"))


def makes_videos(request: HttpRequest) -> bool:
    """Whether the person signed in does."""
    return may_make(getattr(request, "acting", NOBODY))
