"""What pages say of blueprints and papers: quotas, what fails and by how much, faults, states."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from assessment.bank.presentation import STEPS, TYPES, difficulty
from assessment.bank.types import Step
from assessment.papers.logic import plain
from assessment.papers.types import (
    BlueprintContent,
    Fault,
    Measure,
    Met,
    PaperState,
    Quota,
    QuotaKind,
    Section,
    Shortfall,
    Source,
)

SOURCES: Final[Mapping[Source, Promise]] = {
    Source.BANK: pgettext_lazy("section source", "Single questions"),
    Source.CASE: pgettext_lazy("section source", "Questions about a case"),
    Source.VIDEO: pgettext_lazy("section source", "Share of the video's mark"),
}
MEASURES: Final[Mapping[Measure, Promise]] = {
    Measure.MARKS: pgettext_lazy("measure", "Marks"),
    Measure.COUNT: pgettext_lazy("measure", "Number of questions"),
}
STATES: Final[Mapping[PaperState, Promise]] = {
    PaperState.DRAWN: pgettext_lazy("paper state", "Drawn, waits for approval"),
    PaperState.APPROVED: pgettext_lazy("paper state", "Approved"),
    PaperState.USED: pgettext_lazy("paper state", "Used"),
    PaperState.WITHDRAWN: pgettext_lazy("paper state", "Withdrawn"),
}
TONES: Final[Mapping[PaperState, str]] = {
    PaperState.DRAWN: "now",
    PaperState.APPROVED: "ok",
    PaperState.USED: "ok",
    PaperState.WITHDRAWN: "mute",
}
_KINDS: Final[Mapping[QuotaKind, Promise]] = {
    QuotaKind.SECTION: pgettext_lazy("quota", "Section: %(name)s"),
    QuotaKind.TOPIC: pgettext_lazy("quota", "Topics: %(name)s"),
    QuotaKind.DIFFICULTY: pgettext_lazy("quota", "Difficulty: %(name)s"),
    QuotaKind.STEP: pgettext_lazy("quota", "Step: %(name)s"),
    QuotaKind.LAW: pgettext_lazy("quota", "Questions of law"),
    QuotaKind.PAIRS: pgettext_lazy("quota", "Pairs that may not stand together"),
    QuotaKind.OVERLAP: pgettext_lazy("quota", "Questions in common"),
}
FAULTS: Final[Mapping[str, Promise]] = {
    "unreadable": gettext_lazy("The blueprint cannot be read: %(why)s"),
    "minutes": gettext_lazy("The time lies between 1 and 600 minutes."),
    "pass_mark": gettext_lazy("The pass mark lies above 0 and at most at %(total)s."),
    "total": gettext_lazy("The sections sum to %(found)s marks, not to %(total)s."),
    "empty": gettext_lazy("There is a section without questions."),
    "videos": gettext_lazy("There is more than one section for the video."),
    "title": gettext_lazy("Every section has a title of its own."),
    "marks": gettext_lazy("Marks are above 0 and no finer than 0.01."),
    "one_type": gettext_lazy("A section of single questions has one type."),
    "cases": gettext_lazy("A case section has 1 to 50 cases."),
    "type_twice": gettext_lazy("A type stands twice in one section."),
    "count": gettext_lazy("A section has 1 to 300 questions of a type."),
    "difficulty": gettext_lazy("Difficulty goes from 1 to 5."),
    "percent": gettext_lazy("Shares and tolerances lie between 0 and 100 percent."),
    "negative": gettext_lazy("The limit of uses is 0 or more."),
    "pair": gettext_lazy("A pair names two different questions."),
    "topic": gettext_lazy("This level has no topic %(codes)s."),
    "topic_twice": gettext_lazy("A topic is counted twice: %(codes)s"),
    "no_topic": gettext_lazy("A share names no topic."),
    "shares_over": gettext_lazy("The shares ask for at least %(found)s percent together."),
    "shares_under": gettext_lazy("The shares allow at most %(found)s percent together."),
}
_PARTS: Final[Mapping[str, Promise]] = {
    "minutes": pgettext_lazy("paper", "Minutes"),
    "pass_mark": pgettext_lazy("paper", "Pass mark"),
    "sections": pgettext_lazy("paper", "Sections"),
    "topics": pgettext_lazy("paper", "Topics"),
    "difficulty": pgettext_lazy("paper", "Difficulty"),
    "steps": pgettext_lazy("paper", "Cognitive steps"),
    "law_minimum": pgettext_lazy("paper", "Least share of law"),
    "overlap_limit": pgettext_lazy("paper", "Most in common"),
    "exposure_limit": pgettext_lazy("paper", "Most uses of a question"),
    "forbidden_pairs": pgettext_lazy("paper", "Forbidden pairs"),
}


def fault_words(fault: Fault) -> str:
    """Where and what: 大题 2：…"""
    words = str(FAULTS[fault.code]) % dict(fault.said)
    part, _dot, rest = fault.where.partition(".")
    if part not in _PARTS:
        return words
    place = rest.partition(".")[0]
    where = f"{_PARTS[part]} {int(place) + 1}" if place.isdigit() else str(_PARTS[part])
    return pgettext("fault", "%(where)s: %(what)s") % {"where": where, "what": words}


def quota_label(quota: Quota) -> str:
    """What a quota is about."""
    name = quota.name
    if quota.kind is QuotaKind.SECTION and quota.type is not None and str(TYPES[quota.type]) not in name:
        name = f"{name} · {TYPES[quota.type]}"
    if quota.kind is QuotaKind.DIFFICULTY:
        name = difficulty(int(name))
    if quota.kind is QuotaKind.STEP:
        name = str(STEPS[Step(name)])
    return str(_KINDS[quota.kind]) % {"name": name}


def amount(quota: Quota, number: Decimal) -> str:
    """A number in the quota's measure: 12题, 7.5分."""
    if quota.measure is Measure.MARKS:
        return pgettext("paper", "%(number)s marks") % {"number": plain(number)}
    if quota.kind is QuotaKind.PAIRS:
        return pgettext("paper", "%(number)s pairs") % {"number": plain(number)}
    return pgettext("paper", "%(number)s questions") % {"number": plain(number)}


def quota_range(quota: Quota) -> str:
    """What is asked."""
    if quota.high is None:
        return pgettext("paper", "at least %(amount)s") % {"amount": amount(quota, quota.low)}
    if quota.high == quota.low:
        return amount(quota, quota.low)
    if not quota.low:
        return pgettext("paper", "at most %(amount)s") % {"amount": amount(quota, quota.high)}
    return pgettext("paper", "%(low)s to %(amount)s") % {"low": plain(quota.low), "amount": amount(quota, quota.high)}


def met_words(met: Met) -> str:
    """What a form has."""
    return amount(met.quota, met.found)


def shortfall_words(one: Shortfall) -> str:
    """Which quota fails and by how much, in a sentence."""
    too_much = one.quota.high is not None and one.found > one.quota.high
    words = (
        pgettext("paper", "%(quota)s: asked %(asked)s, at best %(found)s, %(by)s too many")
        if too_much
        else pgettext("paper", "%(quota)s: asked %(asked)s, at best %(found)s, %(by)s too few")
    )
    return words % {
        "quota": quota_label(one.quota) + (f" ({' / '.join(one.form)})" if len(one.form) > 1 else ""),
        "asked": quota_range(one.quota),
        "found": amount(one.quota, one.found),
        "by": amount(one.quota, one.by),
    }


def section_words(section: Section) -> str:
    """What a section asks: 30题，每题2分，共60分."""
    if section.source is Source.VIDEO:
        return pgettext("paper", "%(marks)s marks from the video part") % {"marks": plain(section.share)}
    asks = [
        pgettext("paper", "%(type)s: %(count)d, %(marks)s marks each")
        % {"type": TYPES[ask.type], "count": ask.count, "marks": plain(ask.marks)}
        for ask in section.asks
    ]
    words = pgettext("punctuation", "; ").join(asks)
    if section.source is Source.CASE:
        words += pgettext("punctuation", "; ") + pgettext("paper", "from at most %(count)d cases") % {
            "count": section.cases
        }
    return words


def share_lines(content: BlueprintContent) -> Iterable[tuple[str, str, str]]:
    """(part, name, share ± tolerance) of topics, difficulty and steps."""
    topics = str(_PARTS["topics"])
    for topic in content.topics:
        yield topics, f"{topic.name} ({' '.join(topic.codes)})", _percent(topic.share, topic.tolerance)
    for number, share in sorted(content.difficulty.items()):
        yield str(_PARTS["difficulty"]), difficulty(number), _percent(share.share, share.tolerance)
    for step, share in content.steps.items():
        yield str(_PARTS["steps"]), str(STEPS[step]), _percent(share.share, share.tolerance)


def _percent(share: Decimal, tolerance: Decimal) -> str:
    return f"{plain(share)}% ± {plain(tolerance)}"
