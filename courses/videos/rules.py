"""Who makes lesson videos."""

from uuid import UUID

from django.http import HttpRequest

from lms.accounts.api import NOBODY, Acting, may


def may_make(acting: Acting) -> bool:
    """Whoever writes lessons or approves them."""
    return any(may(acting, "lesson", action) for action in ("create", "update", "approve"))


def makes_videos(request: HttpRequest) -> bool:
    """Whether the person signed in does."""
    return may_make(getattr(request, "acting", NOBODY))


def may_correct(acting: Acting, author: UUID) -> bool:
    """Title and captions: the author's, and the committee's, who approves lessons."""
    return may(acting, "lesson", "approve") or (may_make(acting) and acting.user == author)
