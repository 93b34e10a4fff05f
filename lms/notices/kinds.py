"""What the kinds of notice are called on lists; each room names its own from its app's `ready`."""

from django.utils.translation import gettext

_labels: dict[str, str] = {}


def register(kind: str, label: str) -> None:
    """Name a kind by a msgid (mark it with gettext_noop). Raises ValueError when it has another name already."""
    if _labels.setdefault(kind, label) != label:
        raise ValueError(f"the kind {kind!r} of notice has two names")


def kind_label(kind: str) -> str:
    """The kind in the current language; one without a name is shown as it is."""
    return gettext(_labels[kind]) if kind in _labels else kind
