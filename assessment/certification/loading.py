"""Number schemes from the file into the database: a changed entry must carry a new version."""

import json
from pathlib import Path

import yaml
from django.db import transaction

from assessment.certification.models import NumberScheme
from lms.core import clock
from lms.core.reference import content_hash

FILE = Path(__file__).parent / "data" / "number_schemes.yaml"


class SchemeChanged(ValueError):
    """An entry of the file differs from the row of the same version: numbers were given by that row."""


@transaction.atomic
def load_schemes() -> int:
    """Add what is missing; returns how many rows were made. Raises SchemeChanged."""
    made = 0
    for entry in yaml.safe_load(FILE.read_text(encoding="utf-8"))["schemes"]:
        digest = content_hash(json.dumps(entry, ensure_ascii=False, sort_keys=True))
        held = NumberScheme.objects.filter(key=entry["key"], version=entry["version"]).first()
        if held is not None:
            if held.content_hash != digest:
                raise SchemeChanged(f"{FILE.name}: {held} was changed without a new version")
            continue
        NumberScheme.objects.create(**entry, content_hash=digest, created_at=clock.now())
        made += 1
    return made
