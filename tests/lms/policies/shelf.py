"""The six profiles straight from the file, and changed ones."""

from typing import Any
from uuid import UUID

import yaml

from lms.core.workdays.services import _FILE, _days
from lms.core.workdays.types import WorkCalendar
from lms.policies.logic import read_profile
from lms.policies.logic.content import canonical
from lms.policies.services import DATA, _with_tables
from lms.policies.types import Decision, ProfileData, Reason

_FRAME = yaml.safe_load((DATA / "profiles.yaml").read_text(encoding="utf-8"))
KEYS = tuple(_FRAME["profiles"])
_UUID = UUID(int=1)


def content(key: str, **changes: Any) -> dict[str, Any]:
    return canonical(
        {
            "defaults": _FRAME["defaults"],
            "common_clauses": _FRAME["common_clauses"],
            "profile": _with_tables(_FRAME["profiles"][key]) | changes,
        }
    )


def named(key: str, **changes: Any) -> ProfileData:
    """A profile of the file, some of its sayings changed."""
    return read_profile(content(key, **changes), uuid=_UUID, key=key, version=1, content_hash="0" * 64)


def about(decided: Decision, rule: str) -> Reason:
    """The reason of a rule that the profile asks for."""
    found = decided.reason(rule)
    assert found is not None, rule
    return found


def calendar() -> WorkCalendar:
    """The table of working days as shipped."""
    years = yaml.safe_load(_FILE.read_text(encoding="utf-8"))["years"]
    days = [day for year in years for day in _days(year)]
    return WorkCalendar(
        holidays=frozenset(day.day for day in days if not day.works),
        workdays=frozenset(day.day for day in days if day.works),
        years=frozenset(year["year"] for year in years),
    )


SHIJIAZHUANG = named("shijiazhuang_2020")
FUZHOU = named("fuzhou_2021")
JIANGYIN = named("jiangyin_2023")
XINMI = named("xinmi_2020")
COMPANY = named("company_policy")
DEMONSTRATION = named("demonstration")
