"""What pages say of figures and flags. Figures that cannot be had are a dash, never zero."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import pgettext, pgettext_lazy

from assessment.bank.types import QuestionType
from assessment.statistics.types import Code, ConcernState, Flag, Left, RunKind, Same, Weight

DASH: Final = "—"
_TRUE_FALSE: Final[Mapping[str, Promise]] = {
    "true": pgettext_lazy("answer", "True"),
    "false": pgettext_lazy("answer", "False"),
}
KINDS: Final[Mapping[RunKind, Promise]] = {
    RunKind.SITTING: pgettext_lazy("analysis", "One sitting"),
    RunKind.GROUP: pgettext_lazy("analysis", "Parallel papers, all sittings"),
    RunKind.LEVEL: pgettext_lazy("analysis", "Level, all sittings"),
}
STATES: Final[Mapping[ConcernState, Promise]] = {
    ConcernState.OPEN: pgettext_lazy("statistics", "Waits for a decision"),
    ConcernState.KEPT: pgettext_lazy("statistics", "Kept"),
    ConcernState.SUSPENDED: pgettext_lazy("statistics", "Suspended"),
    ConcernState.LAPSED: pgettext_lazy("statistics", "Not flagged any more"),
}
TONES: Final[Mapping[Weight, str]] = {Weight.URGENT: "bad", Weight.LOOK: "warn", Weight.NOTE: "mute"}
_SHORT: Final[Mapping[Code, Promise]] = {
    Code.TOO_FEW: pgettext_lazy("flag", "too few"),
    Code.TOO_HARD: pgettext_lazy("flag", "very hard"),
    Code.TOO_EASY: pgettext_lazy("flag", "very easy"),
    Code.NEGATIVE: pgettext_lazy("flag", "check the key"),
    Code.WEAK: pgettext_lazy("flag", "separates weakly"),
    Code.DISTRACTOR_ABLE: pgettext_lazy("flag", "wrong option draws the able"),
    Code.DISTRACTOR_IDLE: pgettext_lazy("flag", "idle option"),
    Code.NOT_REACHED: pgettext_lazy("flag", "many did not reach it"),
    Code.MISFIT_HIGH: pgettext_lazy("flag", "does not fit"),
    Code.MISFIT_LOW: pgettext_lazy("flag", "too regular"),
    Code.DRIFT: pgettext_lazy("flag", "has changed"),
    Code.ALPHA_LOW: pgettext_lazy("flag", "low reliability"),
}
_WORDS: Final[Mapping[Code, Promise]] = {
    Code.TOO_FEW: pgettext_lazy(
        "flag", "%(found)s candidates reached it, fewer than %(limit)s: the figures are only a hint."
    ),
    Code.TOO_HARD: pgettext_lazy("flag", "Very hard: facility %(found)s, below %(limit)s."),
    Code.TOO_EASY: pgettext_lazy(
        "flag", "Very easy: facility %(found)s, above %(limit)s. It hardly tells anybody apart."
    ),
    Code.NEGATIVE: pgettext_lazy(
        "flag", "The able get it wrong: item–rest correlation %(found)s. Check the key first, then the wording."
    ),
    Code.WEAK: pgettext_lazy(
        "flag", "Hardly tells the able from the weak: item–rest correlation %(found)s, below %(limit)s."
    ),
    Code.DISTRACTOR_ABLE: pgettext_lazy(
        "flag", "Those who chose a wrong option are abler than those who were right, by %(found)s standard errors."
    ),
    Code.DISTRACTOR_IDLE: pgettext_lazy(
        "flag", "A wrong option was chosen by %(found)s only: nobody takes it for right."
    ),
    Code.NOT_REACHED: pgettext_lazy(
        "flag", "%(found)s ran out of time before it, more than %(limit)s: it stands too late, or time is short."
    ),
    Code.MISFIT_HIGH: pgettext_lazy(
        "flag", "Answers do not follow ability: fit %(found)s, above %(limit)s. Guessing, two meanings or a wrong key."
    ),
    Code.MISFIT_LOW: pgettext_lazy(
        "flag", "Answers follow ability too closely: fit %(found)s, below %(limit)s. It may repeat other questions."
    ),
    Code.DRIFT: pgettext_lazy("flag", "It has become %(way)s since the sittings before, by %(found)s."),
    Code.ALPHA_LOW: pgettext_lazy("flag", "Reliability %(found)s, below %(limit)s: marks of this paper are uncertain."),
}
NO_RASCH: Final[Mapping[str, Promise]] = {
    "few": pgettext_lazy("statistics", "No Rasch model: too few candidates."),
    "split": pgettext_lazy("statistics", "No Rasch model: the answers fall into parts that nobody links."),
    "many": pgettext_lazy("statistics", "No Rasch model: too many questions, or too many different sets of them."),
    "slow": pgettext_lazy("statistics", "No Rasch model: no estimate was found."),
}
_LEFT: Final[Mapping[str, Promise]] = {
    Left.ALL_RIGHT: pgettext_lazy("statistics", "all right"),
    Left.ALL_WRONG: pgettext_lazy("statistics", "all wrong"),
    Left.PARTIAL: pgettext_lazy("statistics", "marked in steps"),
}
# Which figures are shares of 0 to 1, and which are whole numbers; the rest have two decimals.
_SHARES: Final = frozenset({Code.TOO_HARD, Code.TOO_EASY, Code.DISTRACTOR_IDLE, Code.NOT_REACHED})

# A drift of difficulty has a limit of half a logit, one of facility a tenth.
_LOGITS: Final = 0.25


def percent(share: float | None) -> str:
    """0.615 → 62%."""
    return DASH if share is None else f"{share * 100:.0f}%".replace("-", "\u2212")


def figure(value: float | None, digits: int = 2) -> str:
    """With so many decimals and a real minus."""
    return DASH if value is None else f"{value:.{digits}f}".replace("-", "\u2212")


def with_error(value: float | None, error: float | None) -> str:
    """−0.45 ± 0.21."""
    return DASH if value is None or error is None else f"{figure(value)} ± {figure(error)}"


def difficulty_words(figures: Mapping[str, Any]) -> str:
    """Of an item: its Rasch difficulty, or why it has none."""
    if figures.get("difficulty") is None and figures.get("left"):
        return str(_LEFT[figures["left"]])
    return with_error(figures.get("difficulty"), figures.get("error"))


def fit_words(figures: Mapping[str, Any]) -> str:
    """Infit and outfit."""
    if figures.get("infit") is None:
        return DASH
    return f"{figure(figures['infit'])} / {figure(figures['outfit'])}"


def flag_label(flag: Flag) -> str:
    """In two or three words, for a tag."""
    return str(_SHORT[flag.code])


def flag_words(flag: Flag) -> str:
    """In a sentence with the figure and its limit."""
    share = flag.code in _SHARES
    if flag.code is Code.TOO_FEW:
        found, limit = f"{flag.found:.0f}", f"{flag.limit:.0f}"
    elif share:
        found, limit = percent(flag.found), percent(flag.limit)
    else:
        found, limit = figure(flag.found), figure(flag.limit)
    way = ""
    if flag.code is Code.DRIFT:
        of_difficulty = flag.limit >= _LOGITS
        words = pgettext("drift", "%(found)s logits") if of_difficulty else pgettext("drift", "%(found)s points")
        found = words % {"found": figure(abs(flag.found)) if of_difficulty else f"{abs(flag.found) * 100:.0f}"}
        way = drift_way(flag)
    return str(_WORDS[flag.code]) % {"found": found, "limit": limit, "way": way}


def drift_way(flag: Flag) -> str:
    """Which way a drift goes."""
    easier = flag.found < 0 if flag.limit >= _LOGITS else flag.found > 0
    return pgettext("drift", "easier") if easier else pgettext("drift", "harder")


def drift_words(drift: Mapping[str, Any] | None) -> str:
    """What an item has changed by since it was asked before."""
    if drift is None:
        return DASH
    if drift["of"] == "difficulty":
        words = pgettext("drift", "difficulty %(change)s")
        change = f"{drift['difference']:+.2f}"
    else:
        words = pgettext("drift", "facility %(change)s points")
        change = f"{drift['difference'] * 100:+.0f}"
    said = words % {"change": change.replace("-", "\u2212")}
    if drift["same"] == Same.QUESTION:
        said = pgettext("drift", "%(said)s since the version before") % {"said": said}
    return said


def option_label(option: str) -> str:
    """As the question shows it."""
    return str(_TRUE_FALSE.get(option, option))


def type_of(value: str) -> QuestionType:
    """Of a stored item."""
    return QuestionType(value)


def counted(words: Sequence[str]) -> str:
    """A list in a sentence."""
    return pgettext("list", ", ").join(words)


def few_words(candidates: int, limit: int) -> str:
    """What stands above the figures of a small group."""
    return _("%(count)d candidates, fewer than %(limit)d: the figures are only a hint, and no question is flagged.") % {
        "count": candidates,
        "limit": limit,
    }
