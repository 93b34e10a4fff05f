"""How often something may be tried: allauth's counters under names of our own; and those of passwords, which every login
pays for, as numbers that the cache adds up by itself.

A window begins with its first try and ends so many seconds later, whatever comes in between.
"""

import hashlib
from contextlib import suppress
from dataclasses import dataclass

from allauth.core.internal import ratelimit
from django.core.cache import cache
from django.http import HttpRequest


@dataclass(frozen=True)
class Bound:
    """`most` tries in `seconds`. A right password gives back `returned` of each `weight` that a try takes."""

    name: str
    most: int
    seconds: int
    weight: int = 1
    returned: int = 1


# A whole class shares one address: 60 wrong passwords a minute, or 600 right ones, whose hashes are work for the server.
OF_AN_ADDRESS = Bound("address", 600, 60, weight=10, returned=9)
# 6 wrong ones in 15 minutes for one login name.
OF_A_LOGIN = Bound("login", 6, 15 * 60)


def counted(bound: Bound, whose: str) -> bool:
    """Count one try; whether it is within the bound. Of tries at once each is counted."""
    key = _key(bound, whose)
    try:
        tries = cache.incr(key, bound.weight)
    except ValueError:
        # Nothing stands yet; or somebody else's first try has come in between.
        tries = bound.weight if cache.add(key, bound.weight, bound.seconds) else _again(key, bound)
    return tries <= bound.most


def given_back(bound: Bound, whose: str) -> None:
    """It was the right password. A window that has ended meanwhile needs nothing."""
    with suppress(ValueError):
        cache.decr(_key(bound, whose), bound.returned)


def _again(key: str, bound: Bound) -> int:
    try:
        return cache.incr(key, bound.weight)
    except ValueError:  # that window ended at this very moment
        cache.set(key, bound.weight, bound.seconds)
        return bound.weight


def _key(bound: Bound, whose: str) -> str:
    return f"tries:{bound.name}:{hashlib.sha256(whose.encode()).hexdigest()}"


def within(request: HttpRequest, action: str, rates: str, *, key: str | None = None) -> bool:
    """Count one try; False when there were too many. `rates` as in ACCOUNT_RATE_LIMITS."""
    usage = ratelimit.consume(request, app="kaibo", action=action, config={action: rates}, key=key, user=request.user)
    return usage is not None
