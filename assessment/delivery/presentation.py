"""What pages and papers say of sittings: states, what happened, what was noticed, moments."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext, pgettext_lazy

from assessment.delivery.logic import to_moment
from assessment.delivery.types import ArrangementKind, AttemptState, Kind, SittingKind, SittingState, Standing, Watched

KINDS: Final[Mapping[SittingKind, Promise]] = {
    SittingKind.CLASS: pgettext_lazy("sitting", "Class examination"),
    SittingKind.ACCREDITATION: pgettext_lazy("sitting", "Accreditation examination"),
}
STATES: Final[Mapping[SittingState, Promise]] = {
    SittingState.DRAFTED: pgettext_lazy("sitting state", "Draft"),
    SittingState.REQUESTED: pgettext_lazy("sitting state", "Waits for approval"),
    SittingState.APPROVED: pgettext_lazy("sitting state", "Approved"),
    SittingState.OPEN: pgettext_lazy("sitting state", "Open"),
    SittingState.CLOSED: pgettext_lazy("sitting state", "Closed"),
    SittingState.MARKED: pgettext_lazy("sitting state", "Marked"),
    SittingState.RELEASED: pgettext_lazy("sitting state", "Released"),
    SittingState.VOIDED: pgettext_lazy("sitting state", "Void"),
}
TONES: Final[Mapping[SittingState, str]] = {
    SittingState.DRAFTED: "mute",
    SittingState.REQUESTED: "now",
    SittingState.APPROVED: "ok",
    SittingState.OPEN: "now",
    SittingState.CLOSED: "info",
    SittingState.MARKED: "info",
    SittingState.RELEASED: "ok",
    SittingState.VOIDED: "bad",
}
ATTEMPTS: Final[Mapping[AttemptState | None, Promise]] = {
    None: pgettext_lazy("attempt state", "Not here"),
    AttemptState.WAITING: pgettext_lazy("attempt state", "In the waiting room"),
    AttemptState.RUNNING: pgettext_lazy("attempt state", "Answering"),
    AttemptState.PAUSED: pgettext_lazy("attempt state", "Paused by the invigilator"),
    AttemptState.HANDED_IN: pgettext_lazy("attempt state", "Handed in"),
    AttemptState.TIMED_OUT: pgettext_lazy("attempt state", "Time is up"),
    AttemptState.VOIDED: pgettext_lazy("attempt state", "Void"),
}
ATTEMPT_TONES: Final[Mapping[AttemptState | None, str]] = {
    None: "mute",
    AttemptState.WAITING: "info",
    AttemptState.RUNNING: "now",
    AttemptState.PAUSED: "warn",
    AttemptState.HANDED_IN: "ok",
    AttemptState.TIMED_OUT: "ok",
    AttemptState.VOIDED: "bad",
}
HAPPENED: Final[Mapping[Kind, Promise]] = {
    Kind.ENTERED: pgettext_lazy("attempt event", "Came into the waiting room"),
    Kind.STARTED: pgettext_lazy("attempt event", "Opened the paper"),
    Kind.DEVICE: pgettext_lazy("attempt event", "Went on from another device"),
    Kind.PAUSED: pgettext_lazy("attempt event", "Paused"),
    Kind.RESUMED: pgettext_lazy("attempt event", "Resumed"),
    Kind.EXTENDED: pgettext_lazy("attempt event", "Got more time"),
    Kind.HANDED_IN: pgettext_lazy("attempt event", "Handed in"),
    Kind.TIMED_OUT: pgettext_lazy("attempt event", "Ended when the time was up"),
    Kind.VOIDED: pgettext_lazy("attempt event", "Declared void"),
    Kind.KEYED: pgettext_lazy("attempt event", "Paper form keyed in"),
}
NOTICED: Final[Mapping[Watched, Promise]] = {
    Watched.FOCUS_LOST: pgettext_lazy("integrity", "Left the exam page"),
    Watched.FOCUS_BACK: pgettext_lazy("integrity", "Came back to the exam page"),
    Watched.PASTED: pgettext_lazy("integrity", "Pasted text"),
    Watched.COPIED: pgettext_lazy("integrity", "Copied text"),
    Watched.FULL_SCREEN_LEFT: pgettext_lazy("integrity", "Left full screen"),
    Watched.OFFLINE: pgettext_lazy("integrity", "Lost the network"),
    Watched.ONLINE: pgettext_lazy("integrity", "Network came back"),
    Watched.RELOADED: pgettext_lazy("integrity", "Reloaded the page"),
    Watched.SECOND_TAB: pgettext_lazy("integrity", "Opened in a second tab"),
    Watched.SECOND_DEVICE: pgettext_lazy("integrity", "Opened on a second device"),
}
STANDINGS: Final[Mapping[Standing, Promise]] = {
    Standing.COUNTED: pgettext_lazy("answer standing", "Counts"),
    Standing.LATE: pgettext_lazy("answer standing", "Arrived late"),
    Standing.BESIDE: pgettext_lazy("answer standing", "From an earlier device"),
    Standing.PAPER: pgettext_lazy("answer standing", "Counts, from the paper form"),
}
ARRANGEMENTS: Final[Mapping[ArrangementKind, Promise]] = {
    ArrangementKind.LARGE_TYPE: pgettext_lazy("arrangement", "Large type"),
    ArrangementKind.READING_ALOUD: pgettext_lazy("arrangement", "Reading aloud"),
    ArrangementKind.SCRIBE: pgettext_lazy("arrangement", "Scribe"),
    ArrangementKind.PAPER_FORM: pgettext_lazy("arrangement", "Paper form"),
}
# Sent home by the machine when the sitting closed, with a word instead of a sentence.
_MACHINE_REASONS: Final[Mapping[str, Promise]] = {
    "not_started": pgettext_lazy("attempt event", "Never began before the sitting closed"),
}


def moment(at: datetime | None) -> str:
    """2026-03-20 14:30 in Shanghai; "" for none."""
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}" if at else ""


def clock(ms: int | None) -> str:
    """14:32:08 in Shanghai; "" for none."""
    return f"{timezone.localtime(to_moment(ms)):%H:%M:%S}" if ms is not None else ""


def window(opens: datetime, closes: datetime) -> str:
    """2026-03-20 14:00–16:00, the second day named only where it is another one."""
    first, last = timezone.localtime(opens), timezone.localtime(closes)
    if first.date() == last.date():
        return f"{first:%Y-%m-%d %H:%M}–{last:%H:%M}"
    return f"{first:%Y-%m-%d %H:%M}–{last:%Y-%m-%d %H:%M}"


def ago(seconds: int) -> str:
    """How long ago in the smallest fitting unit."""
    if seconds < 60:
        return pgettext("board", "%(count)d s") % {"count": max(0, seconds)}
    if seconds < 3600:
        return pgettext("board", "%(count)d min") % {"count": seconds // 60}
    return pgettext("board", "%(count)d h") % {"count": seconds // 3600}


def minutes_more(value: int | None) -> str:
    """Of an event that gave time, in minutes; "" for none."""
    if not value:
        return ""
    return pgettext("board", "%(count)d min") % {"count": value // 60_000}


def why(reason: str) -> str:
    """A reason as people read it: the machine's words have a sentence, msgids their translation."""
    if not reason:
        return ""
    said = _MACHINE_REASONS.get(reason)
    return str(said) if said else gettext(reason)


_PARTIES: Final[Mapping[str, Promise]] = {
    "hr_bureau": pgettext_lazy("party", "HR bureau"),
    "county_hr_bureau": pgettext_lazy("party", "HR bureau of the county"),
    "commerce_bureau": pgettext_lazy("party", "commerce bureau"),
    "finance_bureau": pgettext_lazy("party", "finance bureau"),
    "competent_authority": pgettext_lazy("party", "competent authority"),
    "association": pgettext_lazy("party", "trade association"),
    "expert": pgettext_lazy("party", "experts"),
    "leader": pgettext_lazy("party", "leader"),
    "panel": pgettext_lazy("party", "review panel"),
}


def parties_label(parties: Sequence[str]) -> str:
    """Who approves, in words."""
    return pgettext("sitting", ", ").join(str(_PARTIES.get(party, party)) for party in parties)


def forms_label(forms: list[str]) -> str:
    """A、B."""
    return pgettext("sitting", ", ").join(sorted(forms))
