"""Typed readers of environment variables that fail loudly.

Every variable is documented in `docs/operations.md`; a test compares the two.
"""

import os
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off", ""}


def string(name: str, default: str | None = None) -> str:
    """The variable's text. Raises ImproperlyConfigured when it is unset and there is no default."""
    value = os.environ.get(name, default)
    if value is None:
        raise ImproperlyConfigured(f"{name} must be set")
    return value


def boolean(name: str, default: bool | None = None) -> bool:
    """1/true/yes/on or 0/false/no/off. Raises ImproperlyConfigured on anything else."""
    raw = os.environ.get(name)
    if raw is None:
        if default is None:
            raise ImproperlyConfigured(f"{name} must be set")
        return default
    if raw.strip().lower() in _TRUE:
        return True
    if raw.strip().lower() in _FALSE:
        return False
    raise ImproperlyConfigured(f"{name} must be 1 or 0, not {raw!r}")


def integer(name: str, default: int | None = None, *, minimum: int | None = None) -> int:
    """A whole number, at least `minimum`. Raises ImproperlyConfigured on anything else."""
    raw = string(name, None if default is None else str(default))
    try:
        value = int(raw)
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {raw!r}") from None
    if minimum is not None and value < minimum:
        raise ImproperlyConfigured(f"{name} must be at least {minimum}, not {value}")
    return value


def listing(name: str, default: str | None = None) -> list[str]:
    """Comma-separated words, blanks dropped."""
    return [word.strip() for word in string(name, default).split(",") if word.strip()]


def origin(name: str, default: str | None = None) -> str:
    """`https://host` or `http://host:port`, small letters, nothing after it. Raises ImproperlyConfigured on anything else."""
    value = string(name, default).strip().rstrip("/").lower()
    parts = urlsplit(value)
    if value and (parts.scheme not in {"http", "https"} or value != f"{parts.scheme}://{parts.netloc}" or "@" in value):
        raise ImproperlyConfigured(f"{name} must be like https://host, not {value!r}")
    return value


def path(name: str, default: Path | None = None) -> Path:
    """An absolute folder or file path. Raises ImproperlyConfigured when it is relative."""
    value = Path(string(name, None if default is None else str(default)))
    if not value.is_absolute():
        raise ImproperlyConfigured(f"{name} must be an absolute path, not {value}")
    return value
