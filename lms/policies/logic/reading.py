"""From a profile's content, as the file or a bureau wrote it, to typed parameters. Faults name the place."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from types import MappingProxyType
from typing import Any, TypeVar
from uuid import UUID

from lms.core.types import Level
from lms.core.workdays.types import FilingMode
from lms.policies.types import (
    AgeRule,
    Grade,
    Occupation,
    OpeningFiling,
    Parameters,
    ProfileData,
    ProfileFault,
    Publicity,
    PublicityKind,
    Shown,
    Subsidy,
    SubsidyBasis,
)

V = TypeVar("V")
ANY_LEVEL = 0
_HEAD = frozenset(
    {"title", "document", "issuers", "issued_on", "public", "valid", "in_force_from", "superseded_by", "clauses"}
)
# Said by a document, read by rooms that come later; kept in `raw`.
_LATER = frozenset(
    "archive_access claim_chain effect_metrics evaluation_bodies full_recording fund "
    "instructor_certificates lecture_videos loan min_video_seconds payer plan_change_needs_approval plans quota_table "
    "satisfaction special_groups".split()
)
_DEFAULTS = (
    "class_hour_minutes attendance_min pass_mark grade_bands resits_allowed archive_years publicity minimum_age "
    "guardian_consent_below teacher_may_examine".split()
)
_READ = frozenset(
    "levels_open levels_closed level_names occupations min_hours standard_hours min_days min_offline_days "
    "theory_ratio_min practice_ratio_min practice_counts modes modes_in_special_circumstances modes_never_alone "
    "class_size_max opening_filing plan_approvers annual_plan_by target_groups exclude priority_groups key_groups "
    "key_group_ratio_min insured_unless_key_group employee_rule graduate_window_years ledger institutions "
    "institutions_table instructor_kinds instructor content_items lessons_on_content cross_cutting methods methods_combined "
    "delivery_modes method_modes categories audiences training_types parts after_failed_resit credentials "
    "certificate_number_by subsidy checklists specification_key completion_needs_all_hours absence_uses_attempt "
    "papers_shown part_score_valid_months".split()
) | frozenset(_DEFAULTS)


def read_profile(content: Mapping[str, Any], *, uuid: UUID, key: str, version: int, content_hash: str) -> ProfileData:
    """A profile's content as typed data. `content["defaults"]` are the platform's of the day it was stored.

    Raises ProfileFault for an unknown name, a missing one or a value that cannot be read.
    """
    said = dict(content.get("profile", {}))
    unknown = said.keys() - _HEAD - _LATER - _READ
    if unknown:
        raise ProfileFault(f"{key}: no rule is called {min(unknown)!r}")
    silent = frozenset(name for name in _DEFAULTS if name not in said)
    asked = {**content.get("defaults", {}), **said}
    missing = [name for name in ("title", "document", *_DEFAULTS) if name not in asked]
    if missing:
        raise ProfileFault(f"{key}: {missing[0]!r} is missing")
    try:
        parameters = _parameters(asked, silent)
        return ProfileData(
            uuid=uuid,
            key=key,
            version=version,
            content_hash=content_hash,
            title=str(said["title"]),
            document=str(said["document"]),
            issuers=tuple(said.get("issuers", ())),
            public=bool(said.get("public", False)),
            valid_from=_day(said.get("valid", {}).get("from")),
            valid_to=_day(said.get("valid", {}).get("to")),
            in_force_from=_day(said.get("in_force_from", said.get("valid", {}).get("from"))),
            superseded_by=str(said.get("superseded_by", "")),
            parameters=parameters,
            clauses=MappingProxyType({**content.get("common_clauses", {}), **said.get("clauses", {})}),
            labels=MappingProxyType(_labels(said)),
            raw=MappingProxyType(said),
        )
    except (ValueError, TypeError, KeyError, AttributeError, InvalidOperation, ZeroDivisionError) as fault:
        raise ProfileFault(f"{key}: {fault}") from fault


def _parameters(asked: Mapping[str, Any], silent: frozenset[str]) -> Parameters:
    size = asked.get("class_size_max") or {}
    employee = asked.get("employee_rule") or {}
    instructor = asked.get("instructor") or {}
    filing = asked.get("opening_filing")
    publicity = asked["publicity"]
    themes = asked.get("cross_cutting") or {}
    return Parameters(
        class_hour_minutes=_whole(asked["class_hour_minutes"]),
        levels_open=_levels(asked.get("levels_open")),
        levels_closed=_by_level(asked.get("levels_closed"), str),
        level_names=_by_level(asked.get("level_names"), str),
        occupations=tuple(_occupation(entry) for entry in asked.get("occupations") or ()),
        min_hours=_by_level(asked.get("min_hours"), int),
        standard_hours=_by_level(asked.get("standard_hours"), int),
        min_days=_whole(asked.get("min_days")),
        min_offline_days=_whole(asked.get("min_offline_days")),
        theory_ratio_min=_share(asked.get("theory_ratio_min")),
        practice_ratio_min=_share(asked.get("practice_ratio_min")),
        practice_counts=bool(asked.get("practice_counts", True)),
        modes=_codes_or_none(asked.get("modes")),
        modes_in_special_circumstances=_codes(asked.get("modes_in_special_circumstances")),
        modes_never_alone=_codes(asked.get("modes_never_alone")),
        attendance_min=_share(asked["attendance_min"]),
        class_size_max=_whole(size.get("value")),
        class_size_soft=bool(size.get("soft", False)),
        opening_filing=None if filing is None else _filing(filing),
        plan_approvers=_codes(asked.get("plan_approvers")),
        annual_plan_by=str(asked.get("annual_plan_by", "")),
        target_groups=_codes_or_none(asked.get("target_groups")),
        exclude=_codes(asked.get("exclude")),
        priority_groups=_codes(asked.get("priority_groups")),
        key_groups=_codes(asked.get("key_groups")),
        key_group_ratio_min=_share(asked.get("key_group_ratio_min")),
        insured_unless_key_group=bool(asked.get("insured_unless_key_group", False)),
        employee_contract_months=_whole(employee.get("contract_months")),
        employee_insured_months=_whole(employee.get("insured_months")),
        graduate_window_years=_whole(asked.get("graduate_window_years")),
        minimum_age=_whole(asked["minimum_age"]),
        guardian_consent_below=_whole(asked["guardian_consent_below"]),
        ledger_age={name: _ages(rule) for name, rule in ((asked.get("ledger") or {}).get("age") or {}).items()},
        institutions=_codes_or_none(asked.get("institutions")),
        instructor_kinds=_codes_or_none(asked.get("instructor_kinds")),
        instructor_certificate=bool(instructor.get("certificate", False)),
        instructor_practice_months=_whole(instructor.get("practice_months_min")),
        teacher_may_examine=bool(asked["teacher_may_examine"]),
        content_items=_codes(asked.get("content_items")),
        lessons_on_content=bool(asked.get("lessons_on_content", False)),
        cross_cutting=_codes(themes.get("themes")),
        cross_cutting_lessons=int(themes.get("lessons_min", 1)),
        methods=_codes(asked.get("methods")),
        methods_combined=bool(asked.get("methods_combined", False)),
        delivery_modes=_words(asked.get("delivery_modes")),
        method_modes=_words(asked.get("method_modes")),
        categories=_codes(asked.get("categories")),
        audiences={name: _codes(people) for name, people in (asked.get("audiences") or {}).items()},
        training_types=_codes(asked.get("training_types")),
        parts=_codes(asked.get("parts")),
        pass_mark=Decimal(str(asked["pass_mark"])),
        grade_bands={Grade(name): Decimal(str(floor)) for name, floor in asked["grade_bands"].items()},
        resits_allowed=_whole(asked["resits_allowed"]),
        after_failed_resit=str(asked.get("after_failed_resit", "")),
        # Not coming uses no attempt: the platform's default, for every profile is silent on it.
        absence_uses_attempt=bool(asked.get("absence_uses_attempt", False)),
        # A silent profile opens no paper, and what is passed stays passed.
        papers_shown=Shown(asked.get("papers_shown", Shown.MARKS)),
        part_score_valid_months=_months(asked.get("part_score_valid_months")),
        credentials=_codes(asked.get("credentials")),
        certificate_number_by=str(asked.get("certificate_number_by", "")),
        subsidy=None if asked.get("subsidy") is None else _subsidy(asked["subsidy"]),
        publicity=Publicity(
            int(publicity["days"]), PublicityKind(publicity["kind"]), bool(publicity.get("mask_pii", True))
        ),
        archive_years=int(asked["archive_years"]),
        checklists={name: _codes(entries) for name, entries in (asked.get("checklists") or {}).items()},
        specification_key=str(asked.get("specification_key", "")),
        completion_needs_all_hours=bool(asked.get("completion_needs_all_hours", False)),
        defaulted=silent,
    )


def _day(value: Any) -> date | None:
    return None if value is None else date.fromisoformat(str(value))


def _whole(value: Any) -> int | None:
    return None if value is None else int(value)


def _months(value: Any) -> int | None:
    """Raises ValueError for none at all, which would take every part back at once."""
    months = _whole(value)
    if months is not None and months < 1:
        raise ValueError("part_score_valid_months is at least 1: write null for no limit")
    return months


def _share(value: Any) -> Fraction | None:
    return None if value is None else Fraction(str(value))


def _codes(value: Any) -> tuple[str, ...]:
    """A list of codes, or {code: words}."""
    return tuple(str(code) for code in value or ())


def _words(value: Any) -> dict[str, str]:
    """A table from one code to another."""
    return {str(code): str(other) for code, other in (value or {}).items()}


def _codes_or_none(value: Any) -> tuple[str, ...] | None:
    """As _codes; null is "anything", an empty list would be "nothing"."""
    return None if value is None else _codes(value)


def _levels(value: Any) -> tuple[Level, ...] | None:
    """null is a single tier. Raises ValueError for an empty list, which would close the profile."""
    if value is None:
        return None
    if not value:
        raise ValueError("levels_open is empty: write null for a single tier")
    return tuple(Level(int(level)) for level in value)


def _by_level(value: Any, kind: Callable[[Any], V]) -> dict[int, V]:
    """A table by level; "any" is level 0."""
    return {ANY_LEVEL if level == "any" else int(level): kind(entry) for level, entry in (value or {}).items()}


def _occupation(entry: Mapping[str, Any]) -> Occupation:
    codes = tuple((str(code["code"]), _day(code["from"]), _day(code["to"])) for code in entry.get("codes", ()))
    return Occupation(str(entry["name"]), str(entry.get("job", "")), codes)


def _filing(entry: Mapping[str, Any]) -> OpeningFiling:
    return OpeningFiling(
        _whole(entry.get("working_days")), FilingMode(entry.get("mode", "within")), bool(entry.get("approval", False))
    )


def _ages(entry: Mapping[str, Any]) -> AgeRule:
    return AgeRule(
        _whole(entry.get("from")),
        _whole(entry.get("to")),
        bool(entry.get("from_inclusive", True)),
        bool(entry.get("to_inclusive", True)),
    )


def _subsidy(entry: Mapping[str, Any]) -> Subsidy:
    entered = entry["amount"] == "entered"
    cap = entry.get("first_time_cap")
    return Subsidy(
        basis=SubsidyBasis(entry["basis"]),
        rates={} if entered else _by_level(entry["amount"], lambda rate: Decimal(str(rate))),
        rate_entered=entered,
        count_failed=bool(entry.get("count_failed", False)),
        requires_certificate=bool(entry.get("requires_certificate", False)),
        first_time_cap=None if cap is None else Decimal(str(cap)),
        trainee_fee=Decimal(str(entry.get("trainee_fee", 0))),
        payer=",".join(_codes(entry.get("payer"))),
        fund=str(entry.get("fund", "")),
    )


def _labels(said: Mapping[str, Any]) -> dict[str, str]:
    """Every {code: words} of the profile; a code has one meaning inside a profile's rule, the first is kept."""
    labels: dict[str, str] = {}
    for name, value in said.items():
        if name in {"clauses", "level_names", "levels_closed"} or not isinstance(value, Mapping):
            continue
        tables = [value, *(inner for inner in value.values() if isinstance(inner, Mapping))]
        for table in tables:
            for code, words in table.items():
                if isinstance(words, str) and not words.isascii():
                    labels.setdefault(str(code), words)
    return labels
