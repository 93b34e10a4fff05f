"""How often something may be tried: allauth's counters under names of our own."""

from allauth.core.internal import ratelimit
from django.http import HttpRequest


def within(request: HttpRequest, action: str, rates: str, *, key: str | None = None) -> bool:
    """Count one try; False when there were too many. `rates` as in ACCOUNT_RATE_LIMITS."""
    usage = ratelimit.consume(request, app="kaibo", action=action, config={action: rates}, key=key, user=request.user)
    return usage is not None
