"""Addresses of packages on the other origin: signed for one reader and one package, good for some hours.

Readers have no login there: the signature stands in the path, so what a package names relatively is under it, too.
"""

from datetime import datetime, timedelta
from functools import lru_cache
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.core.signing import Signer
from django.utils.crypto import constant_time_compare

from lms.core.crypto import blind_index

# A page left open over a training day still goes on.
VALID_FOR = timedelta(hours=12)
_SALT = "courses.packages"


def content_origin() -> str:
    """`https://host` of packages, "" where there is none."""
    return str(settings.CONTENT_ORIGIN)


def content_host() -> str:
    """The same as a Host header says it."""
    return _host(content_origin())


@lru_cache(maxsize=8)
def _host(origin: str) -> str:
    return urlsplit(origin).netloc.lower()


def home_origin() -> str:
    """Our own origin: the only one whose pages may frame a package."""
    parts = urlsplit(settings.WAGTAILADMIN_BASE_URL)
    return f"{parts.scheme}://{parts.netloc}"


def reader_name(user: UUID) -> str:
    """What a package is told of who studies: the same each time, and nobody's name."""
    return blind_index(str(user), purpose="package-reader")[:20]


def package_url(package: UUID, *, user: UUID, now: datetime) -> str:
    """Where the frame of a package begins, for this reader, for twelve hours; "" where no other origin serves it."""
    if not content_origin():
        return ""
    until, who = int((now + VALID_FOR).timestamp()), reader_name(user)
    return f"{content_origin()}/p/{package}/{until}/{who}/{_signature(package, until, who)}/"


def is_signed(package: UUID, until: str, who: str, signature: str, *, now: datetime) -> bool:
    """Whether these parts of an address were given out together and still hold."""
    if not (until.isascii() and until.isdigit() and len(until) < 12):
        return False
    right = constant_time_compare(signature, _signature(package, int(until), who))
    return right and now.timestamp() <= int(until)


def _signature(package: UUID, until: int, who: str) -> str:
    return Signer(salt=_SALT).signature(f"{package}:{until}:{who}")
