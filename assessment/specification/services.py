"""Writing versions of specifications, and approving them."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import yaml
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from assessment.specification.logic import canonical, hash_of, read_papers, read_parts, read_quorum
from assessment.specification.models import AssessmentSpecification, SpecificationApproval
from assessment.specification.rules import require_approver
from assessment.specification.selectors import specification as specification_data
from assessment.specification.types import NoSpecification, SpecificationData, SpecificationRefusal
from lms.accounts.api import Acting
from lms.core import audit, clock
from lms.core.types import Level

_FILE = Path(__file__).with_name("data") / "specifications.yaml"


@transaction.atomic
def load_specifications(path: Path = _FILE) -> int:
    """Store a new, unapproved version of what has changed in the file since; returns versions stored.

    Where nothing of a key and level stands yet, its earlier versions go beneath. Raises SpecificationFault.
    """
    frame: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    known = set(AssessmentSpecification.objects.values_list("key", "level"))
    beneath = [one for one in frame.get("earlier", ()) if (str(one["key"]), int(one["level"])) not in known]
    stored = 0
    for entry in [*beneath, *frame["specifications"]]:
        before = _latest(str(entry["key"]), int(entry["level"]))
        stored += add_specification_version(entry, now=clock.now()).version != (before.version if before else 0)
    return stored


@transaction.atomic
def add_specification_version(content: Mapping[str, Any], *, now: datetime) -> SpecificationData:
    """The latest version when it says the same, else a new one. The gate is the caller's. Raises SpecificationFault."""
    plain = canonical(content)
    read_parts(plain), read_quorum(plain), read_papers(plain)
    key, level = str(plain["key"]), Level(int(plain["level"]))
    latest = _latest(key, int(level))
    if latest is not None and latest.content_hash == hash_of(plain):
        return specification_data(latest.uuid)
    row = AssessmentSpecification.objects.create(
        key=key,
        level=int(level),
        version=latest.version + 1 if latest else 1,
        content_hash=hash_of(plain),
        title=str(plain["title"]),
        trial=bool(plain.get("trial", True)),
        content=plain,
        created_at=now,
    )
    return specification_data(row.uuid)


def _latest(key: str, level: int) -> AssessmentSpecification | None:
    return AssessmentSpecification.objects.filter(key=key, level=level).order_by("-version").first()


@transaction.atomic
def approve_specification(*, by: Acting, specification: UUID, now: datetime) -> SpecificationData:
    """Let a version be examined by; from then on it is the one new classes are pinned to. Once, and never taken back.

    Raises NotAllowed, NoSpecification, SpecificationRefusal (approved already, a newer version approved).
    """
    require_approver(by)
    row = AssessmentSpecification.objects.select_for_update().filter(uuid=specification).first()
    if row is None:
        raise NoSpecification(f"no specification has the uuid {specification}")
    if SpecificationApproval.objects.filter(specification=row).exists():
        raise SpecificationRefusal(_("This version is approved already."), code="approved")
    newer = AssessmentSpecification.objects.filter(
        key=row.key, level=row.level, version__gt=row.version, approval__isnull=False
    )
    if newer.exists():
        raise SpecificationRefusal(_("A newer version is approved already."), code="newer")
    try:
        with transaction.atomic():
            SpecificationApproval.objects.create(
                specification=row, by=by.user, organisation=by.organisation if by.user else None, at=now
            )
    except IntegrityError:
        raise SpecificationRefusal(_("This version is approved already."), code="approved") from None
    audit.record(
        subject_kind="assessment_specification",
        subject=row.uuid,
        action="specification_approved",
        actor=by.user,
        fields={"version": row.version, "level": row.level},
        now=now,
    )
    return specification_data(row.uuid)
