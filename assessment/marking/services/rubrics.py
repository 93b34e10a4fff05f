"""Loading the rubrics."""

import json
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction

from assessment.marking.models import Rubric
from lms.core import clock
from lms.core.reference import content_hash

_FILE = Path(__file__).parent.parent / "data" / "rubrics.yaml"


class RubricChanged(Exception):
    """An entry of our file differs from the version of the same number that is stored: a change is a new version."""


def rubric_hash(entry: dict[str, Any]) -> str:
    """What a specification names a rubric by."""
    return content_hash(json.dumps(entry, ensure_ascii=False, sort_keys=True))


@transaction.atomic
def load_rubrics(file: Path = _FILE) -> int:
    """Add the rubrics that are not stored yet; returns how many. Raises RubricChanged."""
    entries: list[dict[str, Any]] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return sum(_load(entry) for entry in entries)


def _load(entry: dict[str, Any]) -> int:
    ours = rubric_hash(entry)
    stored = Rubric.objects.filter(key=entry["key"], version=entry["version"]).first()
    if stored is not None:
        if stored.content_hash != ours:
            raise RubricChanged(f"{stored} is stored with other content; give the change the next version")
        return 0
    Rubric.objects.create(
        key=entry["key"],
        version=entry["version"],
        level=entry["level"],
        content=entry,
        content_hash=ours,
        created_at=clock.now(),
    )
    return 1
