"""What a policy asks of a person, and her answers as facts. Pure."""

from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import date
from typing import Any

from courses.enrolment.types import Declaration, Questions
from lms.policies.types import EnrolmentFacts, ProfileData

_GRADUATE = "graduate_unemployed"
_EMPLOYEE = "employee"
# What an exclusion is asked as.
_EXCLUSIONS = {
    "public_establishment_staff": "on_establishment",
    "enrolled_student": "is_student",
    "non_employee": "employee",
}


def questions(profile: ProfileData) -> Questions:
    """What has to be asked for `enrolment_eligibility` to know, beyond the date of birth."""
    asked = profile.parameters
    wanted = {_EXCLUSIONS[group] for group in asked.exclude if group in _EXCLUSIONS}
    codes = [*(asked.target_groups or ()), *asked.key_groups]
    if asked.target_groups is not None or asked.insured_unless_key_group:
        wanted.add("category")
    if _GRADUATE in codes:
        wanted |= {"graduated_on", "employed"}
    if asked.insured_unless_key_group:
        wanted.add("insured")
    if asked.employee_contract_months is not None and _EMPLOYEE in codes:
        wanted |= {"contract_months", "insured_months"}
    return Questions(frozenset(wanted), {code: profile.labels.get(code, code) for code in dict.fromkeys(codes)})


def needed_for(category: str | None) -> frozenset[str]:
    """What only this category is asked."""
    return {
        _GRADUATE: frozenset({"graduated_on", "employed"}),
        _EMPLOYEE: frozenset({"contract_months", "insured_months"}),
    }.get(category or "", frozenset())


def facts(
    declared: Declaration, *, first_training_day: date, birth_date: date | None, enrolled_on: date
) -> EnrolmentFacts:
    """Her answers as the evaluator reads them."""
    return EnrolmentFacts(
        first_training_day=first_training_day, birth_date=birth_date, enrolled_on=enrolled_on, **asdict(declared)
    )


def packed(declared: Declaration) -> dict[str, Any]:
    """What was said, ready for JSON; what was not said is left out."""
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in asdict(declared).items()
        if value is not None
    }


def unpacked(stored: Mapping[str, Any]) -> Declaration:
    """The inverse of `packed`."""
    known = {field.name for field in fields(Declaration)}
    said = {name: value for name, value in stored.items() if name in known}
    if "graduated_on" in said:
        said["graduated_on"] = date.fromisoformat(said["graduated_on"])
    return Declaration(**said)
