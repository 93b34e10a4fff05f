"""The rules of study time, read from data/study_rules.yaml."""

from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from courses.studytime.types import StudyRules


@cache
def _versions() -> dict[int, dict[str, Any]]:
    data = files("courses.studytime").joinpath("data/study_rules.yaml").read_text(encoding="utf-8")
    return {one["version"]: one for one in yaml.safe_load(data)["versions"]}


@cache
def study_rules(version: int, profile: str) -> StudyRules:
    """One version as it holds for a policy profile. Raises KeyError for a version nobody wrote."""
    written = _versions()[version]
    said = written["default"] | written["profiles"].get(profile, {})
    step = Decimal(said.pop("hour_step"))
    return StudyRules(version=version, profile=profile, hour_step=step, **said)


def version_on(day: date) -> int:
    """The version that counts a stream opened on a day."""
    return max(version for version, written in _versions().items() if written["in_force_from"] <= day)
