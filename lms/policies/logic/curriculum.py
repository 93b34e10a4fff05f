"""What of a policy a curriculum meets: content, themes, hours, shares, forms, ways of teaching, audiences."""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal

from lms.policies.logic.judging import judge
from lms.policies.logic.teaching import (
    allowed_forms,
    audience_of_category,
    enough_hours,
    enough_shares,
    for_level,
    listed_content,
    modes_of,
    only_listed_content,
    tidy,
)
from lms.policies.types import (
    Bundle,
    CoverageReport,
    CurriculumFacts,
    Decision,
    HourSums,
    LessonFacts,
    ModuleThemes,
    ProfileData,
    Reason,
    Share,
)

THEORY, PRACTICE = "theory", "practice"
_NO_HOURS = Decimal(0)


def curriculum_coverage(profile: ProfileData, facts: CurriculumFacts) -> CoverageReport:
    """What a curriculum meets of a profile and what not, rule by rule, with the figures behind it.

    What only a class can tell (days, minutes of an hour, size, filing) is not asked here: `class_opening` asks it.
    """
    lessons = facts.lessons
    items = _items(profile)
    hours = _hours(lessons)
    themes = _themes(profile, facts)
    return CoverageReport(
        decision=Decision(
            (
                *_hour_rules(profile, facts, hours),
                *_forms(profile, facts),
                *_content(profile, lessons),
                *_theme_rules(profile, themes),
                *_methods(profile, lessons),
                *_audiences(profile, facts),
            )
        ),
        hours=hours,
        required_hours=for_level(profile.parameters.min_hours, facts.level),
        standard_hours=for_level(profile.parameters.standard_hours, facts.level),
        shares=_shares(profile, hours),
        items=_bundles(profile.parameters.content_items, lessons, items),
        untagged=_untagged(profile, lessons),
        themes=themes,
        methods=_bundles(profile.parameters.methods, lessons, lambda lesson: lesson.methods),
        categories=_bundles(profile.parameters.categories, lessons, _categories(profile)),
    )


Codes = Callable[[LessonFacts], frozenset[str]]


def _items(profile: ProfileData) -> Codes:
    listed = frozenset(profile.parameters.content_items)
    return lambda lesson: lesson.items.get(profile.key, frozenset()) & listed


def _categories(profile: ProfileData) -> Codes:
    return lambda lesson: lesson.categories.get(profile.key, frozenset())


def _bundles(codes: Iterable[str], lessons: Iterable[LessonFacts], of: Codes) -> tuple[Bundle, ...]:
    return tuple(Bundle(code, tuple(lesson for lesson in lessons if code in of(lesson))) for code in codes)


# Hours ---------------------------------------------------------------------------------------------------------------


def _hours(lessons: Iterable[LessonFacts]) -> HourSums:
    by_kind: dict[str, Decimal] = {THEORY: _NO_HOURS, PRACTICE: _NO_HOURS}
    by_delivery: dict[str, Decimal] = {}
    for lesson in lessons:
        _add(by_kind, lesson.kind, lesson.hours)
        _add(by_delivery, lesson.delivery, lesson.hours)
    return HourSums(
        total=sum(by_kind.values(), _NO_HOURS),
        theory=by_kind[THEORY],
        practice=by_kind[PRACTICE],
        by_delivery=tuple(sorted(by_delivery.items())),
    )


def _add(sums: dict[str, Decimal], code: str, hours: Decimal) -> None:
    sums[code] = sums.get(code, _NO_HOURS) + hours


def _hour_rules(profile: ProfileData, facts: CurriculumFacts, hours: HourSums) -> list[Reason]:
    total, theory, practice = tidy(hours.total), tidy(hours.theory), tidy(hours.practice)
    return [
        *enough_hours(profile, level=facts.level, hours=total, practice_hours=practice),
        *enough_shares(profile, hours=total, theory_hours=theory, practice_hours=practice),
    ]


def _shares(profile: ProfileData, hours: HourSums) -> tuple[Share, ...]:
    asked = profile.parameters
    return (
        Share("theory_ratio_min", hours.theory, hours.total, asked.theory_ratio_min),
        Share("practice_ratio_min", hours.practice, hours.total, asked.practice_ratio_min),
    )


def _forms(profile: ProfileData, facts: CurriculumFacts) -> list[Reason]:
    modes = frozenset(mode for lesson in facts.lessons for mode in modes_of(profile, lesson.delivery, lesson.methods))
    return allowed_forms(profile, modes or None, special_circumstances=facts.special_circumstances)


# Content -------------------------------------------------------------------------------------------------------------


def covered_items(profile: ProfileData, lessons: Iterable[LessonFacts]) -> frozenset[str]:
    """The listed content that these lessons cover."""
    items = _items(profile)
    return frozenset(code for lesson in lessons for code in items(lesson))


def untagged_lessons(profile: ProfileData, lessons: Iterable[LessonFacts]) -> tuple[str, ...]:
    """Titles of lessons that cover none of the listed content."""
    return tuple(lesson.title for lesson in _untagged(profile, lessons))


def _untagged(profile: ProfileData, lessons: Iterable[LessonFacts]) -> tuple[LessonFacts, ...]:
    items = _items(profile)
    return tuple(lesson for lesson in lessons if not items(lesson)) if profile.parameters.content_items else ()


def _content(profile: ProfileData, lessons: tuple[LessonFacts, ...]) -> list[Reason]:
    return [
        *listed_content(profile, covered_items(profile, lessons) if lessons else None),
        *only_listed_content(profile, untagged_lessons(profile, lessons) if lessons else None),
    ]


# Themes that run through the whole training (S3-11) --------------------------------------------------------------------


def _themes(profile: ProfileData, facts: CurriculumFacts) -> tuple[ModuleThemes, ...]:
    asked = profile.parameters
    if not asked.cross_cutting:
        return ()
    items = _items(profile)
    found = []
    for module in facts.modules:
        counts = {theme: sum(theme in items(lesson) for lesson in module.lessons) for theme in asked.cross_cutting}
        lacking = tuple(theme for theme, count in counts.items() if count < asked.cross_cutting_lessons)
        found.append(ModuleThemes(module.uid, module.title, tuple(counts.items()), lacking))
    return tuple(found)


def _theme_rules(profile: ProfileData, themes: tuple[ModuleThemes, ...]) -> list[Reason]:
    """A module that lacks a theme is named with what it lacks, one line each: title, tab, codes."""
    if not profile.parameters.cross_cutting:
        return []
    lacking = [f"{module.title}\t{','.join(module.lacking)}" for module in themes if module.lacking]
    met = not lacking if themes else None
    required = ",".join(profile.parameters.cross_cutting)
    return [judge(profile, "cross_cutting", met, required=required, found="\n".join(lacking), soft=True)]


# Ways of teaching, audiences -------------------------------------------------------------------------------------------


def _methods(profile: ProfileData, lessons: tuple[LessonFacts, ...]) -> list[Reason]:
    """Where the ways are to be combined, all of them occur; else they are only reported (S4-15, S5-15)."""
    asked = profile.parameters
    if not asked.methods_combined:
        return []
    missing = frozenset(asked.methods) - frozenset(method for lesson in lessons for method in lesson.methods)
    met = not missing if lessons else None
    return [judge(profile, "methods", met, required=asked.methods, found=missing if lessons else None, soft=True)]


def _audiences(profile: ProfileData, facts: CurriculumFacts) -> list[Reason]:
    """Lessons for another category than the one asked for, or for none at all, are named (S4-08, S4-18)."""
    asked = profile.parameters
    if not asked.categories:
        return []
    categories = _categories(profile)
    wanted = frozenset(asked.categories) if facts.category is None else frozenset({facts.category})
    others = [lesson.title for lesson in facts.lessons if not categories(lesson) & wanted]
    met = not others if facts.lessons else None
    return [
        *audience_of_category(profile, facts.category, facts.audience),
        judge(profile, "lesson_audiences", met, required=wanted, found="\n".join(others), soft=True),
    ]


def as_codes(pairs: Iterable[tuple[str, Iterable[str]]]) -> Mapping[str, frozenset[str]]:
    """Tags or audiences of a lesson, as `LessonFacts` takes them."""
    return {key: frozenset(codes) for key, codes in pairs}
