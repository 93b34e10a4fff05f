"""The coverage report of a class: its policy against the curriculum it is taught by."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from courses.catalogue.coverage import Asked, CoverageDetail, coverage_detail
from courses.catalogue.selectors import manifest
from courses.classes.models import TrainingClass
from courses.classes.selectors import class_curriculum, class_manifest
from lms.policies.api import profile


@dataclass(frozen=True)
class ClassCoverage:
    """The policy of a class against the curriculum it is taught by; detail None: it has no curriculum yet.

    edition: of that curriculum, 0 without one; planned_hours: the class's own, of all the curriculum's.
    """

    name: str
    url: str
    policy_title: str
    edition: int
    planned_hours: int
    detail: CoverageDetail | None
    file_url: str


def class_coverage(row: TrainingClass, asked: Asked) -> ClassCoverage:
    """The version of the policy the class is pinned to, against its manifest. The gate is the caller's."""
    rules = profile(row.profile)
    pinned = class_manifest(row)
    facts = asked.on(class_curriculum(row))
    said = {"category": asked.category, "audience": asked.audience, "special": "1" if asked.special else ""}
    query = urlencode({name: value for name, value in said.items() if value})
    return ClassCoverage(
        name=row.name,
        url=reverse("courses:class", args=[row.uuid]),
        policy_title=rules.title,
        edition=manifest(pinned).edition if pinned else 0,
        planned_hours=row.planned_hours,
        detail=coverage_detail(rules, facts, asked, urls={}) if facts.lessons else None,
        file_url=f"{reverse('courses:class_coverage_file', args=[row.uuid])}{'?' if query else ''}{query}",
    )
