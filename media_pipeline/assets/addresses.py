"""Addresses of videos that a page gives out: signed for one user, one file and some hours. The page's gate is above.

A player asks for the file again and again while it plays; the signature says that the page was shown to this user.
"""

from datetime import datetime, timedelta
from urllib.parse import urlencode
from uuid import UUID

from django.core.signing import Signer
from django.http import QueryDict
from django.utils.crypto import constant_time_compare

# The longest lesson lasts three hours; a page left open at noon still plays in the afternoon.
VALID_FOR = timedelta(hours=6)
_SALT = "media_pipeline.addresses"


def signed_query(asset: UUID, what: str, *, user: UUID, now: datetime) -> str:
    """`e=…&s=…`: lets `user` fetch the file `what` of the asset for six hours."""
    until = int((now + VALID_FOR).timestamp())
    return urlencode({"e": until, "s": _signature(asset, what, user, until)})


def is_signed(query: QueryDict, asset: UUID, what: str, *, user: UUID | None, now: datetime) -> bool:
    """Whether this query was given out for exactly this and still holds."""
    until = query.get("e", "")
    if user is None or not (until.isascii() and until.isdigit() and len(until) < 12):
        return False
    right = constant_time_compare(query.get("s", ""), _signature(asset, what, user, int(until)))
    return right and now.timestamp() <= int(until)


def _signature(asset: UUID, what: str, user: UUID, until: int) -> str:
    return Signer(salt=_SALT).signature(f"{asset}:{what}:{user}:{until}")
