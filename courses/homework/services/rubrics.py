"""Loading the rubrics."""

from pathlib import Path
from typing import Any

import yaml
from django.db import transaction

from courses.homework.logic import canonical, read_rubric
from courses.homework.models import HomeworkRubric
from lms.core import clock
from lms.core.ids import new_uuid
from lms.core.reference import content_hash

_FILE = Path(__file__).parent.parent / "data" / "rubrics.yaml"


class RubricChanged(Exception):
    """An entry of our file differs from the version of the same number that is stored: a change is a new version."""


def rubric_hash(entry: dict[str, Any]) -> str:
    """What a specification names a rubric by: 64 hex digits."""
    return content_hash(canonical(entry))


@transaction.atomic
def load_homework_rubrics(file: Path = _FILE) -> int:
    """Add the rubrics that are not stored yet; returns how many. Raises RubricChanged, RubricFault."""
    entries: list[dict[str, Any]] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return sum(_load(entry) for entry in entries)


def _load(entry: dict[str, Any]) -> int:
    ours = rubric_hash(entry)
    stored = HomeworkRubric.objects.filter(key=entry["key"], version=entry["version"]).first()
    if stored is not None:
        if stored.content_hash != ours:
            raise RubricChanged(f"{stored} is stored with other content; give the change the next version")
        return 0
    row = HomeworkRubric(
        uuid=new_uuid(),
        key=entry["key"],
        version=entry["version"],
        content=entry,
        content_hash=ours,
        created_at=clock.now(),
    )
    read_rubric(entry, uuid=row.uuid, content_hash=ours)
    row.save(force_insert=True)
    return 1
