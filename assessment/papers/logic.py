"""Reading, checking and writing a blueprint; what it asks as quotas; a paper's content and hash. Pure."""

import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from math import ceil, floor
from typing import Any
from uuid import UUID

from assessment.bank.types import QuestionType, Step
from assessment.papers.types import (
    Ask,
    BlueprintContent,
    Fault,
    Measure,
    PaperItem,
    PaperState,
    Quota,
    QuotaKind,
    Section,
    SectionData,
    Share,
    Source,
    TopicShare,
)
from lms.core.reference import content_hash
from lms.core.types import Level

HUNDRED = Decimal(100)
_S = PaperState
MOVES: Mapping[PaperState, frozenset[PaperState]] = {
    _S.DRAWN: frozenset({_S.APPROVED, _S.WITHDRAWN}),
    _S.APPROVED: frozenset({_S.USED, _S.WITHDRAWN}),
    _S.USED: frozenset({_S.WITHDRAWN}),
    _S.WITHDRAWN: frozenset(),
}
# What one sitting can hold; beyond this it is a slip of the pen.
MINUTES, QUESTIONS, CASES = range(1, 601), range(1, 301), range(1, 51)
_CENT = Decimal("0.01")


class BlueprintFault(ValueError):
    """A blueprint cannot be read or does not add up. faults: what and where."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(f"{one.where}: {one.code} {dict(one.said)}" for one in faults))
        self.faults = tuple(faults)


# Reading and writing ---------------------------------------------------------------------------------------------------


def read_blueprint(content: Mapping[str, Any]) -> BlueprintContent:
    """A blueprint out of its stored or shipped form; whether it adds up is `faults`' to say. Raises BlueprintFault."""
    try:
        return BlueprintContent(
            key=str(content["key"]),
            level=Level(int(content["level"])),
            title=str(content["title"]),
            note=str(content.get("note", "")),
            minutes=int(content["minutes"]),
            total=_number(content.get("total", 100)),
            pass_mark=_number(content.get("pass_mark", 60)),
            sections=tuple(_section(one) for one in content["sections"]),
            topic_measure=Measure(content.get("topic_measure", "marks")),
            topics=tuple(_topic(one) for one in content.get("topics", ())),
            difficulty={int(name): _share(one) for name, one in (content.get("difficulty") or {}).items()},
            steps={Step(name): _share(one) for name, one in (content.get("steps") or {}).items()},
            law_minimum=_number(content.get("law_minimum", 10)),
            forbidden_pairs=tuple((UUID(str(a)), UUID(str(b))) for a, b in content.get("forbidden_pairs", ())),
            overlap_limit=_number(content.get("overlap_limit", 0)),
            exposure_limit=None if content.get("exposure_limit") is None else int(content["exposure_limit"]),
        )
    except (KeyError, ValueError, TypeError, AttributeError, InvalidOperation) as fault:
        raise BlueprintFault([Fault("", "unreadable", {"why": repr(fault)})]) from fault


def _number(said: Any) -> Decimal:
    number = Decimal(str(said))
    if not number.is_finite():
        raise InvalidOperation(str(said))
    return number


def _section(said: Mapping[str, Any]) -> Section:
    source = Source(said.get("from", "bank"))
    if source is Source.VIDEO:
        return Section(str(said["title"]), source, share=_number(said["share"]))
    asks = said.get("items", [said])
    return Section(
        title=str(said["title"]),
        source=source,
        asks=tuple(Ask(QuestionType(one["type"]), int(one["count"]), _number(one["marks"])) for one in asks),
        cases=int(said.get("cases", 1)),
    )


def _topic(said: Mapping[str, Any]) -> TopicShare:
    codes = tuple(str(code) for code in said["codes"])
    return TopicShare(
        str(said.get("name") or "、".join(codes)), codes, _number(said["share"]), _number(said["tolerance"])
    )


def _share(said: Mapping[str, Any]) -> Share:
    return Share(_number(said["share"]), _number(said["tolerance"]))


def plain(number: Decimal) -> str:
    """As people write it: 0.5, 30, no exponent."""
    return f"{number.normalize():f}"


def content_of(blueprint: BlueprintContent) -> dict[str, Any]:
    """As it is stored; `read_blueprint` gives the same again."""
    return {
        "key": blueprint.key,
        "level": int(blueprint.level),
        "title": blueprint.title,
        "note": blueprint.note,
        "minutes": blueprint.minutes,
        "total": plain(blueprint.total),
        "pass_mark": plain(blueprint.pass_mark),
        "sections": [_section_content(one) for one in blueprint.sections],
        "topic_measure": blueprint.topic_measure.value,
        "topics": [{"name": one.name, "codes": list(one.codes), **_share_content(one)} for one in blueprint.topics],
        "difficulty": {str(name): _share_content(one) for name, one in sorted(blueprint.difficulty.items())},
        "steps": {name.value: _share_content(one) for name, one in sorted(blueprint.steps.items())},
        "law_minimum": plain(blueprint.law_minimum),
        "forbidden_pairs": sorted(sorted([str(a), str(b)]) for a, b in blueprint.forbidden_pairs),
        "overlap_limit": plain(blueprint.overlap_limit),
        "exposure_limit": blueprint.exposure_limit,
    }


def _section_content(section: Section) -> dict[str, Any]:
    said: dict[str, Any] = {"title": section.title, "from": section.source.value}
    if section.source is Source.VIDEO:
        return said | {"share": plain(section.share)}
    if section.source is Source.CASE:
        said["cases"] = section.cases
    return said | {
        "items": [{"type": ask.type.value, "count": ask.count, "marks": plain(ask.marks)} for ask in section.asks]
    }


def _share_content(share: Share | TopicShare) -> dict[str, str]:
    return {"share": plain(share.share), "tolerance": plain(share.tolerance)}


def canonical(content: Mapping[str, Any]) -> str:
    """One text for one content."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def hash_of(content: Mapping[str, Any]) -> str:
    """64 hex digits, whatever the order of keys."""
    return content_hash(canonical(content))


# Does it add up ----------------------------------------------------------------------------------------------------------


def faults(blueprint: BlueprintContent, topics: Sequence[str]) -> tuple[Fault, ...]:
    """What is wrong with a blueprint, by itself: marks that do not sum up, shares that no numbers meet (domain 4.4).

    topics: codes of the bank's topics at this level.
    """
    return tuple(_faults(blueprint, frozenset(topics)))


def _faults(blueprint: BlueprintContent, topics: frozenset[str]) -> Iterator[Fault]:
    if blueprint.minutes not in MINUTES:
        yield Fault("minutes", "minutes")
    if not 0 < blueprint.pass_mark <= blueprint.total:
        yield Fault("pass_mark", "pass_mark", {"total": plain(blueprint.total)})
    yield from _section_faults(blueprint)
    yield from _topic_faults(blueprint, topics)
    for name, shares, every in (
        ("difficulty", blueprint.difficulty, len(blueprint.difficulty) == 5),
        ("steps", blueprint.steps, len(blueprint.steps) == len(Step)),
    ):
        yield from _share_faults(name, list(shares.values()), whole=every)
    if set(blueprint.difficulty) - set(range(1, 6)):
        yield Fault("difficulty", "difficulty")
    if not 0 <= blueprint.law_minimum <= HUNDRED:
        yield Fault("law_minimum", "percent")
    if not 0 <= blueprint.overlap_limit <= HUNDRED:
        yield Fault("overlap_limit", "percent")
    if blueprint.exposure_limit is not None and blueprint.exposure_limit < 0:
        yield Fault("exposure_limit", "negative")
    if any(a == b for a, b in blueprint.forbidden_pairs):
        yield Fault("forbidden_pairs", "pair")


def _section_faults(blueprint: BlueprintContent) -> Iterator[Fault]:
    found = sum((section.marks for section in blueprint.sections), Decimal(0))
    if found != blueprint.total:
        yield Fault("sections", "total", {"found": plain(found), "total": plain(blueprint.total)})
    if not any(section.asks for section in blueprint.sections):
        yield Fault("sections", "empty")
    if sum(section.source is Source.VIDEO for section in blueprint.sections) > 1:
        yield Fault("sections", "videos")
    titles = [section.title for section in blueprint.sections]
    for place, section in enumerate(blueprint.sections):
        at = f"sections.{place}"
        if not section.title.strip() or titles.index(section.title) != place:
            yield Fault(f"{at}.title", "title")
        if section.source is Source.VIDEO and not 0 < section.share <= blueprint.total:
            yield Fault(f"{at}.marks", "marks")
        yield from _ask_faults(section, at)


def _ask_faults(section: Section, at: str) -> Iterator[Fault]:
    if section.source is Source.BANK and len(section.asks) != 1:
        yield Fault(at, "one_type")
    if section.source is Source.CASE and not section.asks:
        yield Fault(at, "empty")
    if section.source is Source.CASE and section.cases not in CASES:
        yield Fault(f"{at}.cases", "cases")
    if len({ask.type for ask in section.asks}) < len(section.asks):
        yield Fault(at, "type_twice")
    for ask in section.asks:
        if ask.count not in QUESTIONS:
            yield Fault(f"{at}.count", "count")
        # Marks are added exactly and rounded once, at the end: no mark finer than that.
        if ask.marks <= 0 or ask.marks % _CENT:
            yield Fault(f"{at}.marks", "marks")


def _topic_faults(blueprint: BlueprintContent, topics: frozenset[str]) -> Iterator[Fault]:
    named = [code for one in blueprint.topics for code in one.codes]
    unknown = sorted(set(named) - topics)
    if unknown:
        yield Fault("topics", "topic", {"codes": " ".join(unknown)})
    twice = sorted({code for code in named if named.count(code) > 1})
    if twice:
        yield Fault("topics", "topic_twice", {"codes": " ".join(twice)})
    if any(not one.codes for one in blueprint.topics):
        yield Fault("topics", "no_topic")
    yield from _share_faults("topics", list(blueprint.topics), whole=topics <= set(named))


def _share_faults(name: str, shares: Sequence[Share | TopicShare], *, whole: bool) -> Iterator[Fault]:
    if any(not 0 <= one.share <= HUNDRED or not 0 <= one.tolerance <= HUNDRED for one in shares):
        yield Fault(name, "percent")
        return
    least = sum((max(Decimal(0), one.share - one.tolerance) for one in shares), Decimal(0))
    most = sum((one.share + one.tolerance for one in shares), Decimal(0))
    if least > HUNDRED:
        yield Fault(name, "shares_over", {"found": plain(least)})
    if whole and shares and most < HUNDRED:
        yield Fault(name, "shares_under", {"found": plain(most)})


# Quotas ------------------------------------------------------------------------------------------------------------------


def quotas(blueprint: BlueprintContent) -> tuple[Quota, ...]:
    """Everything one form must keep, section by section, then topics, difficulty, steps and law.

    Ends of a share of questions are whole numbers, those of a share of marks whole hundredths: the strictest that lie
    inside.
    """
    found = [
        Quota(QuotaKind.SECTION, section.title, Measure.COUNT, Decimal(ask.count), Decimal(ask.count), ask.type)
        for section in blueprint.sections
        for ask in section.asks
    ]
    measure = blueprint.topic_measure
    whole = blueprint.drawn_marks if measure is Measure.MARKS else Decimal(blueprint.count)
    found += [_quota(QuotaKind.TOPIC, one.name, measure, one, whole) for one in blueprint.topics]
    count = Decimal(blueprint.count)
    found += [
        _quota(QuotaKind.DIFFICULTY, str(name), Measure.COUNT, one, count)
        for name, one in sorted(blueprint.difficulty.items())
    ]
    found += [
        _quota(QuotaKind.STEP, name.value, Measure.COUNT, one, count) for name, one in sorted(blueprint.steps.items())
    ]
    if blueprint.law_minimum:
        low = _within(Fraction(blueprint.law_minimum) * Fraction(blueprint.total) / 100, Measure.MARKS, up=True)
        found.append(Quota(QuotaKind.LAW, "", Measure.MARKS, low, None))
    return tuple(found)


def _quota(kind: QuotaKind, name: str, measure: Measure, share: Share | TopicShare, whole: Decimal) -> Quota:
    middle, slack = Fraction(share.share), Fraction(share.tolerance)
    low = max(Fraction(0), middle - slack) * Fraction(whole) / 100
    high = min(Fraction(100), middle + slack) * Fraction(whole) / 100
    return Quota(kind, name, measure, _within(low, measure, up=True), _within(high, measure, up=False))


def _within(end: Fraction, measure: Measure, *, up: bool) -> Decimal:
    step = 100 if measure is Measure.MARKS else 1
    return Decimal(ceil(end * step) if up else floor(end * step)) / step


def overlap_quota(blueprint: BlueprintContent) -> Quota:
    """How many questions two forms may have in common."""
    most = floor(Fraction(blueprint.overlap_limit) * blueprint.count / 100)
    return Quota(QuotaKind.OVERLAP, "", Measure.COUNT, Decimal(0), Decimal(most))


# Papers ------------------------------------------------------------------------------------------------------------------


def paper_content(
    blueprint: BlueprintContent, sections: Sequence[SectionData], *, version: int, blueprint_hash: str
) -> dict[str, Any]:
    """What a paper is, for good: versions and marks in their order, no text and no key."""
    return {
        "blueprint": {
            "key": blueprint.key,
            "level": int(blueprint.level),
            "version": version,
            "content_hash": blueprint_hash,
        },
        "title": blueprint.title,
        "minutes": blueprint.minutes,
        "total": plain(blueprint.total),
        "pass_mark": plain(blueprint.pass_mark),
        "sections": [
            {
                "title": section.title,
                "from": section.kind.value,
                "video_share": plain(section.video_share),
                "items": [
                    {
                        "position": item.position,
                        "question": str(item.question),
                        "version": str(item.version),
                        "type": item.type.value,
                        "marks": plain(item.marks),
                        "stimulus": str(item.stimulus) if item.stimulus else None,
                    }
                    for item in section.items
                ],
            }
            for section in sections
        ],
    }


def sections_of(content: Mapping[str, Any]) -> tuple[SectionData, ...]:
    """The sections of a stored paper."""
    return tuple(
        SectionData(
            title=one["title"],
            kind=Source(one["from"]),
            items=tuple(
                PaperItem(
                    position=item["position"],
                    question=UUID(item["question"]),
                    version=UUID(item["version"]),
                    type=QuestionType(item["type"]),
                    marks=Decimal(item["marks"]),
                    stimulus=UUID(item["stimulus"]) if item["stimulus"] else None,
                )
                for item in one["items"]
            ),
            video_share=Decimal(one["video_share"]),
        )
        for one in content["sections"]
    )
