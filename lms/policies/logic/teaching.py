"""What is asked of teaching whoever plans it: hours, shares, forms, content. Classes, curricula, plans and timetables are
judged by these same functions.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from lms.core.types import Level
from lms.policies.logic.judging import Number, among, at_least, judge, share_at_least
from lms.policies.types import ProfileData, Reason

ANY_LEVEL = 0


def for_level(table: Mapping[int, int], level: Level | None) -> int | None:
    """The number of a level in a table by level, or the one for any."""
    return table.get(ANY_LEVEL) if level is None else table.get(int(level), table.get(ANY_LEVEL))


def enough_hours(
    profile: ProfileData, *, level: Level | None, hours: Number | None, practice_hours: Number | None
) -> list[Reason]:
    """Class hours in all (S1-12), however they are split among stages (S1-13), and those of the national standard, softly.

    A level without hours of its own is not asked.
    """
    asked = profile.parameters
    reasons = []
    if asked.min_hours and level is None and ANY_LEVEL not in asked.min_hours:
        reasons.append(judge(profile, "min_hours", None, required=None, found=None))
    needed = for_level(asked.min_hours, level)
    if needed is not None:
        counted = counted_hours(profile, hours=hours, practice_hours=practice_hours)
        reasons.append(at_least(profile, "min_hours", counted, needed))
    standard = for_level(asked.standard_hours, level)
    if standard is not None:
        reasons.append(at_least(profile, "standard_hours", hours, standard, soft=True))
    return reasons


def counted_hours(profile: ProfileData, *, hours: Number | None, practice_hours: Number | None) -> Number | None:
    """Practice counts into the total (S1-14) unless the profile says otherwise."""
    if hours is None or profile.parameters.practice_counts:
        return hours
    return None if practice_hours is None else hours - practice_hours


def enough_shares(
    profile: ProfileData, *, hours: Number | None, theory_hours: Number | None, practice_hours: Number | None
) -> list[Reason]:
    """The shares of theory (S2-13) and of practice (S3-12), as exact fractions of all hours."""
    asked = profile.parameters
    reasons = []
    if asked.theory_ratio_min is not None:
        reasons.append(share_at_least(profile, "theory_ratio_min", theory_hours, hours, asked.theory_ratio_min))
    if asked.practice_ratio_min is not None:
        reasons.append(share_at_least(profile, "practice_ratio_min", practice_hours, hours, asked.practice_ratio_min))
    return reasons


def allowed_forms(
    profile: ProfileData, modes: frozenset[str] | None, *, special_circumstances: bool | None
) -> list[Reason]:
    """Each mode is allowed; some only in special circumstances (S4-16); some only together (S2-12: no pure online)."""
    asked = profile.parameters
    if asked.modes is None:
        return []
    allowed = frozenset(asked.modes)
    special = frozenset(asked.modes_in_special_circumstances)
    if modes is None:
        return [judge(profile, "modes", None, required=allowed, found=None)]
    beyond = modes - allowed
    met: bool | None = not beyond
    if beyond and beyond <= special:
        met = special_circumstances
    if met and modes <= frozenset(asked.modes_never_alone):
        met = False
    return [judge(profile, "modes", met, required=allowed, found=modes)]


def modes_of(profile: ProfileData, delivery: str, methods: Iterable[str]) -> frozenset[str]:
    """A lesson's delivery and ways of teaching in the profile's own modes.

    What the profile does not translate stands for itself; practice is on site where the profile has no mode for it.
    """
    asked = profile.parameters
    mode = asked.delivery_modes.get(delivery)
    if mode is None:
        mode = "offline" if delivery == "practice" and "practice" not in (asked.modes or ()) else delivery
    return frozenset({mode, *(asked.method_modes[method] for method in methods if method in asked.method_modes)})


def listed_content(profile: ProfileData, items: frozenset[str] | None) -> list[Reason]:
    """The listed content is covered; what is missing is named and blocks nothing (S1-05, S2-14, S4-17, S5-14)."""
    listed = profile.parameters.content_items
    if not listed:
        return []
    missing = None if items is None else frozenset(listed) - items
    met = None if missing is None else not missing
    return [judge(profile, "content_items", met, required=listed, found=missing, soft=True)]


def only_listed_content(profile: ProfileData, untagged: Sequence[str] | None) -> list[Reason]:
    """No lesson is about something else, where the profile says so (S2-17). untagged: titles of lessons without an item."""
    if not profile.parameters.lessons_on_content:
        return []
    met = None if untagged is None else not untagged
    return [judge(profile, "lessons_on_content", met, required="", found="\n".join(untagged or ()))]


def type_of_training(profile: ProfileData, training_type: str | None) -> list[Reason]:
    """A class says which type of training it is, where the profile names types (S3-10)."""
    types = profile.parameters.training_types
    return [among(profile, "training_type", training_type, types)] if types else []


def audience_of_category(profile: ProfileData, category: str | None, audience: str | None) -> list[Reason]:
    """Whether a category of training is meant for these people: a warning (S4-08). Nothing to say while one is not stated."""
    if category is None or audience is None or not profile.parameters.audiences:
        return []
    meant = profile.parameters.audiences.get(category, ())
    return [among(profile, "audience", audience, meant, soft=True)]


def tidy(hours: Decimal) -> Number:
    """Whole hours without a decimal point."""
    return int(hours) if hours == int(hours) else hours.normalize()
