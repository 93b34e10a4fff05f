"""The recommended path: which lessons in what order and why, by rules that are data (S3-13, S5-02). No Django."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from uuid import UUID

from courses.learning.types import PathFacts, PathLesson, PathStep, Weight

# What a rule may ask of her, and of a lesson.
HER_WORDS = frozenset({"schooling", "experience", "aim", "level", "job"})
LESSON_WORDS = frozenset({"kind", "delivery", "methods", "tags", "first_course"})


@dataclass(frozen=True)
class PathRule:
    """One rule: whom and which lessons it concerns, how these are to be taken and why.

    her, lesson: name → allowed values, all names must fit; `tags` and `methods` fit when one value is the lesson's.
    """

    code: str
    weight: Weight
    reason: str
    reason_en: str
    her: Mapping[str, frozenset[str]] = field(default_factory=dict)
    lesson: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class PathRules:
    """A version of the rules. again_below: a share of right answers below this sends her back to the lesson."""

    version: str
    again_below: Fraction
    rules: tuple[PathRule, ...]


_RANK = {Weight.AGAIN: 0, Weight.FIRST: 1, Weight.NORMAL: 2, Weight.QUICK: 3}
# Reasons that come from facts, not from a rule of the file.
AGAIN, DUE, AUDIENCE = "again", "due", "audience"


def recommended(lessons: Sequence[PathLesson], facts: PathFacts, rules: PathRules) -> tuple[PathStep, ...]:
    """Her path: what is left, and what went badly, in the order to take it, each with its reasons and a day.

    Modules keep their order, they build on each other; inside a module what matters most to her comes first. What has
    a deadline comes before what has a later one or none; what went badly stands at the very front. Days are spread
    evenly by minutes from today to the last training day, never after a lesson's deadline. Every lesson not completed
    is in the path exactly once: nothing that is taught is left out (the hours of the class stay the same for all).
    """
    weighed = [step for step in (_weighed(lesson, facts, rules) for lesson in lessons) if step is not None]
    weighed.sort(key=lambda each: _order(each, facts))
    days = _days([lesson for lesson, _, _ in weighed], facts)
    return tuple(
        PathStep(lesson.uid, weight, reasons, day) for (lesson, weight, reasons), day in zip(weighed, days, strict=True)
    )


_Weighed = tuple[PathLesson, Weight, tuple[str, ...]]


def _weighed(lesson: PathLesson, facts: PathFacts, rules: PathRules) -> _Weighed | None:
    share = facts.results.get(lesson.uid)
    if lesson.uid in facts.completed:
        return (lesson, Weight.AGAIN, (AGAIN,)) if share is not None and share < rules.again_below else None
    reasons = []
    weight = Weight.NORMAL
    if share is not None and share < rules.again_below:
        weight, reasons = Weight.AGAIN, [AGAIN]
    if _due(lesson, facts) is not None:
        reasons.append(DUE)
    if facts.categories & lesson.audiences:
        weight = min(weight, Weight.FIRST, key=_RANK.__getitem__)
        reasons.append(AUDIENCE)
    fitting = [rule for rule in rules.rules if fits(rule, lesson, facts)]
    for rule in fitting:
        reasons.append(rule.code)
    # What matters most wins: a lesson that one rule calls for and another would skim is studied.
    if fitting:
        strongest = min((rule.weight for rule in fitting), key=_RANK.__getitem__)
        weight = strongest if weight is Weight.NORMAL else min(weight, strongest, key=_RANK.__getitem__)
    if weight is not Weight.QUICK:
        quick = {rule.code for rule in fitting if rule.weight is Weight.QUICK}
        reasons = [code for code in reasons if code not in quick]
    return lesson, weight, tuple(reasons)


def fits(rule: PathRule, lesson: PathLesson, facts: PathFacts) -> bool:
    """Whether a rule speaks of this lesson for her. What she has not said fits nothing."""
    return all(_hers(name, facts) in allowed for name, allowed in rule.her.items()) and all(
        _its(name, lesson) & allowed for name, allowed in rule.lesson.items()
    )


def _hers(name: str, facts: PathFacts) -> str | None:
    if name == "level":
        return str(facts.level)
    if name == "job":
        return facts.job
    said = {
        "schooling": facts.background.schooling,
        "experience": facts.background.experience,
        "aim": facts.background.aim,
    }[name]
    return None if said is None else str(said)


def _its(name: str, lesson: PathLesson) -> frozenset[str]:
    return {
        "kind": frozenset({str(lesson.kind)}),
        "delivery": frozenset({str(lesson.delivery)}),
        "methods": lesson.methods,
        "tags": lesson.tags,
        "first_course": frozenset({"yes" if lesson.course == 0 else "no"}),
    }[name]


def _due(lesson: PathLesson, facts: PathFacts) -> date | None:
    """Its own deadline; the one for all lessons says nothing about their order."""
    return facts.due.get(lesson.uid)


def _order(each: _Weighed, facts: PathFacts) -> tuple[bool, date, int, int, int]:
    lesson, weight, _reasons = each
    return (
        weight is not Weight.AGAIN,
        _due(lesson, facts) or date.max,
        lesson.course,
        _RANK[weight],
        lesson.position,
    )


def _days(lessons: Iterable[PathLesson], facts: PathFacts) -> list[date]:
    """A day for each lesson in order: minutes spread evenly over the days left, today among them."""
    ordered = list(lessons)
    last = facts.due.get(None, facts.ends_on)
    left = max((min(last, facts.ends_on) - facts.today).days, 0) + 1
    whole = sum(max(lesson.minutes, 1) for lesson in ordered)
    days, before = [], 0
    for lesson in ordered:
        day = facts.today + timedelta(days=before * left // whole)
        due = _due(lesson, facts)
        days.append(day if due is None else max(min(day, due), facts.today))
        before += max(lesson.minutes, 1)
    return days


def rules_of(raw: Mapping[str, object]) -> PathRules:
    """The rules of a file as read (`data/path_rules.yaml`). Raises ValueError, KeyError for what it does not know."""
    rules = []
    codes: set[str] = set()
    for each in raw["rules"]:  # type: ignore[attr-defined]
        her = {name: frozenset(map(str, values)) for name, values in each.get("her", {}).items()}
        lesson = {name: frozenset(map(str, values)) for name, values in each.get("lesson", {}).items()}
        if unknown := ({*her} - HER_WORDS) | ({*lesson} - LESSON_WORDS):
            raise ValueError(f"rule {each['code']} asks for {sorted(unknown)}")
        if each["code"] in codes | {AGAIN, DUE, AUDIENCE}:
            raise ValueError(f"two rules are called {each['code']}")
        codes.add(each["code"])
        rules.append(PathRule(each["code"], Weight(each["weight"]), each["reason"], each["reason_en"], her, lesson))
    return PathRules(str(raw["version"]), Fraction(str(raw["again_below"])), tuple(rules))


def lesson_share(right: int, asked: int) -> Fraction | None:
    """What share she got right; None where nothing was asked."""
    return Fraction(right, asked) if asked else None


def worst(results: Iterable[Mapping[UUID, Fraction]]) -> dict[UUID, Fraction]:
    """Results of several kinds in one: the lowest share of each lesson."""
    low: dict[UUID, Fraction] = {}
    for part in results:
        for lesson, share in part.items():
            low[lesson] = min(share, low.get(lesson, share))
    return low
