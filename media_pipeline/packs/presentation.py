"""What pages say of rule packs: states, faults, parts, figures."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from media_pipeline.packs.types import PackState
from media_pipeline.rulepacks.document import Fault

STATES: Final[Mapping[PackState, Promise]] = {
    PackState.DRAFT: pgettext_lazy("rules", "Draft"),
    PackState.REVIEW: pgettext_lazy("rules", "Under review"),
    PackState.PUBLISHED: pgettext_lazy("rules", "Published"),
    PackState.WITHDRAWN: pgettext_lazy("rules", "Withdrawn"),
    PackState.GIVEN_UP: pgettext_lazy("rules", "Given up"),
}
TONES: Final[Mapping[PackState, str]] = {
    PackState.DRAFT: "now",
    PackState.REVIEW: "warn",
    PackState.PUBLISHED: "ok",
    PackState.WITHDRAWN: "mute",
    PackState.GIVEN_UP: "mute",
}
PARTS: Final[Mapping[str, Promise]] = {
    "exceptions": pgettext_lazy("rules", "Exceptions, negation and quotation"),
    "words": pgettext_lazy("rules", "Shared words"),
    "statements": pgettext_lazy("rules", "Required statements"),
    "categories": pgettext_lazy("rules", "Categories, articles and advice"),
}
FIELDS: Final[Mapping[str, Promise]] = {
    "category": pgettext_lazy("rules", "Category"),
    "term": pgettext_lazy("rules", "Term"),
    "severity": pgettext_lazy("rules", "Severity"),
    "scope": pgettext_lazy("rules", "Goods"),
    "patterns": pgettext_lazy("rules", "Patterns"),
    "rewording": pgettext_lazy("rules", "Say instead"),
    "from": pgettext_lazy("rules", "In force from"),
    "until": pgettext_lazy("rules", "In force until"),
}
CHANGES: Final[Mapping[str, Promise]] = {
    "added": pgettext_lazy("rules", "New"),
    "changed": pgettext_lazy("rules", "Changed"),
    "gone": pgettext_lazy("rules", "Gone"),
}
_FAULTS: Final[Mapping[str, Promise]] = {
    "format": gettext_lazy("it is of another format"),
    "lacks": gettext_lazy("parts are missing: %(detail)s"),
    "many": gettext_lazy("there are more than %(detail)s"),
    "id": gettext_lazy("its id must be a known category and a number"),
    "twice": gettext_lazy("there are two of this id"),
    "term": gettext_lazy("it has no term"),
    "severity": gettext_lazy("its severity is unknown"),
    "scope": gettext_lazy("its goods are unknown"),
    "patterns": gettext_lazy("it has more than %(detail)s patterns"),
    "dates": gettext_lazy("its dates cannot be read"),
    "order": gettext_lazy("it ends before it begins"),
    "unreadable": gettext_lazy("it cannot be read: %(detail)s"),
    "sentence": gettext_lazy("this is no test sentence"),
    "marks": gettext_lazy("its marks do not fit its text"),
    "syntax": gettext_lazy("no regular expression: %(detail)s"),
    "word": gettext_lazy("it names a shared word that is not there: %(detail)s"),
    "long": gettext_lazy("a pattern is longer than %(detail)s characters"),
    "empty": gettext_lazy("a pattern matches nothing at all: %(detail)s"),
    "endless": gettext_lazy("a repetition without end inside another: %(detail)s"),
    "backreference": gettext_lazy("a pattern refers back to a group: %(detail)s"),
}
_SHOWN = 200


def fault_words(fault: Fault) -> str:
    """One fault for its reader."""
    words = str(_FAULTS[fault.code]) % {"detail": fault.detail[:_SHOWN]}
    return _("%(where)s: %(what)s") % {"where": fault.where, "what": words}


def shown(value: Any) -> str:
    """A field of a rule as text."""
    return "\n".join(value) if isinstance(value, list) else str(value or "–")


def share(part: int, whole: int) -> str:
    """12/13 (92.3 %)."""
    return f"{part}/{whole} ({part / whole:.1%})" if whole else "–"
