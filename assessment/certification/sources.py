"""The one place that asks the rooms below who passed, and on which versions a pass stands."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from assessment.certification.types import PassedResult, Pin
from assessment.results.models import GradeStanding
from assessment.results.types import GradeState
from assessment.specification.selectors import specification
from assessment.specification.types import Paper, SpecificationData
from lms.policies.api import profile
from lms.policies.types import Grade


def passed_results(
    *,
    place: str,
    is_demo: bool,
    without: "QuerySet[Any, UUID]",
    level: int | None = None,
    specification_uuid: UUID | None = None,
) -> list[PassedResult]:
    """Published passes of everybody examined within a place of the tree, in the order of publication.

    without: a query of candidacies that are left out, by uuid.
    """
    rows = _passed().filter(candidacy__organisation_path__startswith=place, candidacy__is_demo=is_demo)
    rows = rows.exclude(candidacy__uuid__in=without)
    if level is not None:
        rows = rows.filter(candidacy__level=level)
    if specification_uuid is not None:
        rows = rows.filter(decision__specification=specification_uuid)
    return [_result(row) for row in rows.order_by("released_at", "id")]


def still_passed(decisions: Collection[UUID]) -> set[UUID]:
    """Those of the decisions that are a published pass now: a decision superseded since is not. Inside a transaction
    they stay so until its end."""
    rows = _passed().filter(decision__uuid__in=list(decisions))
    if connection.in_atomic_block:
        rows = rows.select_for_update(of=("self",))
    return {row.decision.uuid for row in rows}


def _passed() -> "QuerySet[GradeStanding]":
    rows = GradeStanding.objects.select_related("decision", "candidacy")
    return rows.filter(state=GradeState.PUBLISHED).exclude(decision__grade__in=["", Grade.FAIL])


def _result(row: GradeStanding) -> PassedResult:
    decision, candidacy = row.decision, row.candidacy
    return PassedResult(
        decision=decision.uuid,
        decision_version=decision.version,
        decision_hash=decision.content_hash,
        candidacy=candidacy.uuid,
        person=candidacy.person,
        user=candidacy.user,
        level=candidacy.level,
        job=candidacy.job,
        planned_hours=candidacy.planned_hours,
        class_uid=candidacy.class_uid,
        class_name=candidacy.class_name,
        organisation=candidacy.organisation,
        organisation_path=candidacy.organisation_path,
        organisation_name=candidacy.organisation_name,
        profile=decision.profile,
        specification=decision.specification,
        grade=decision.grade,
        composite=decision.composite,
        is_demo=candidacy.is_demo,
    )


def earned(uuid: UUID, paper: Paper) -> bool:
    """Whether the specification gives this paper to those who pass (S1-18, S1-22)."""
    return paper in specification(uuid).papers


def specification_of(uuid: UUID) -> SpecificationData:
    """Raises NoSpecification."""
    return specification(uuid)


def pins(*, specification_uuid: UUID, profile_uuid: UUID, decision_version: int, decision_hash: str) -> tuple[Pin, ...]:
    """The exact versions a pass stands on."""
    spec, law = specification(specification_uuid), profile(profile_uuid)
    return (
        Pin("specification", spec.key, str(spec.version), spec.content_hash),
        Pin("profile", law.key, str(law.version), law.content_hash),
        Pin("decision", "", str(decision_version), decision_hash),
    )
