"""Reference data: what an installation cannot do without (curriculum frame; later profiles, rubrics, calendar).

Each room registers its loader in its app's `ready`; `manage.py load_reference` (run by `make setup`) calls them in the
order of registration, lower rooms first. A loader may run any number of times: it writes only what is missing or what
has changed in our files since, and never what people have edited.
"""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

Loader = Callable[[], int]
_loaders: dict[str, Loader] = {}


@dataclass(frozen=True)
class Loaded:
    """One loader's outcome: how many rows were made or changed."""

    name: str
    changed: int


def register(name: str, loader: Loader) -> None:
    """Add a loader under a name of its own; it returns how many rows it made or changed. Raises ValueError."""
    if _loaders.get(name, loader) is not loader:
        raise ValueError(f"two loaders are called {name!r}")
    _loaders[name] = loader


def load_all() -> list[Loaded]:
    """Run every loader, each in its own transaction."""
    return [Loaded(name, loader()) for name, loader in _loaders.items()]


def content_hash(text: str) -> str:
    """The SHA-256 of a text, to tell ours from what people have made of it (64 hex digits)."""
    return sha256(text.encode()).hexdigest()
