"""A decision in the reader's words, for components/decision.html."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from lms.policies.selectors import decision, profile
from lms.policies.types import Decision, DecisionCard, DecisionKind, Figure, Outcome, ProfileData, Reason, ReasonCard
from lms.policies.words import in_words, title_of, words_of

# What stands in the way comes first.
_ORDER = {Outcome.NOT_MET: 0, Outcome.UNKNOWN: 1, Outcome.MET: 2}


def decision_card(
    uuid: UUID,
    *,
    title: str = "",
    summary: str = "",
    figures: Iterable[Figure] = (),
    remedies: Mapping[str, str] | None = None,
    only_open: bool = False,
) -> DecisionCard:
    """The card of a stored decision. The gate is the caller's. Raises LookupError.

    remedies: rule → what can be done, over our own words. only_open: leave out what is met.
    """
    stored = decision(uuid)
    return card_of(
        stored.decision,
        profile(stored.profile),
        kind=stored.kind,
        title=title,
        summary=summary,
        figures=figures,
        remedies=remedies,
        only_open=only_open,
    )


def card_of(
    decided: Decision,
    policy: ProfileData,
    *,
    kind: DecisionKind | None = None,
    title: str = "",
    summary: str = "",
    figures: Iterable[Figure] = (),
    remedies: Mapping[str, str] | None = None,
    only_open: bool = False,
) -> DecisionCard:
    """The card of a decision that is not stored: a preview, or one of no kind that is ever stored, with its own title."""
    shown = [reason for reason in decided.reasons if not only_open or reason.outcome is not Outcome.MET]
    shown.sort(key=lambda reason: (_ORDER[reason.outcome], reason.soft))
    return DecisionCard(
        title=title or (title_of(kind, decided) if kind else ""),
        tone="ok" if decided.allowed else "bad" if decided.refused else "warn",
        verdict=_verdict(decided),
        summary=summary or _summary(decided),
        figures=tuple(figures),
        reasons=tuple(_reason(reason, policy, remedies or {}) for reason in shown),
        policy=_("Policy: %(title)s, version %(version)s") % {"title": policy.title, "version": policy.version},
    )


def _verdict(decided: Decision) -> str:
    """符合, 不符合, 待定."""
    if decided.allowed:
        return pgettext("decision", "Met")
    return pgettext("decision", "Not met") if decided.refused else pgettext("decision", "Open")


def _summary(decided: Decision) -> str:
    counts = dict.fromkeys(Outcome, 0)
    for reason in decided.reasons:
        counts[reason.outcome] += 1
    return (
        _("%(met)s rules met, %(not_met)s not met, %(unknown)s not known yet")
        % {outcome.value: count for outcome, count in counts.items()}
        if decided.reasons
        else _("This policy asks nothing here")
    )


def _reason(reason: Reason, policy: ProfileData, remedies: Mapping[str, str]) -> ReasonCard:
    words = words_of(reason.rule)
    unmet = reason.outcome is not Outcome.MET
    unknown = reason.outcome is Outcome.UNKNOWN
    return ReasonCard(
        title=_titled(str(words.title), reason),
        rule=str(words.rule),
        clause=reason.clause or _("Default of this platform"),
        required=in_words(words.required, reason.required, policy),
        found=pgettext("fact", "Not entered yet") if unknown else in_words(words.found, reason.found, policy),
        remedy=remedies.get(reason.rule, str(words.remedy)) if unmet else "",
    )


def _titled(title: str, reason: Reason) -> str:
    """学时：不符合."""
    if reason.soft:
        state = (
            pgettext("reason", "for information") if reason.outcome is Outcome.MET else pgettext("reason", "reminder")
        )
    else:
        state = {
            Outcome.MET: pgettext("reason", "met"),
            Outcome.NOT_MET: pgettext("reason", "not met"),
            Outcome.UNKNOWN: pgettext("reason", "not known yet"),
        }[reason.outcome]
    return _("%(rule)s: %(state)s") % {"rule": title, "state": state}
