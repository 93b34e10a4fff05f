"""A class that has lessons to study: a level with a course and two published lessons, pinned, and a trainee in training."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from courses.catalogue.documents import NO_FILES, Files
from courses.catalogue.models import CoursePage
from courses.catalogue.types import LessonDocument, ManifestData
from courses.classes.models import TrainingClass
from courses.classes.services import add_instructor
from courses.enrolment.models import Enrolment
from courses.enrolment.services import start_training
from courses.learning.selectors.gates import manifest_of
from tests.assessment.people import person_of
from tests.courses.catalogue.writing import course, document, lesson, level
from tests.courses.roots import curriculum
from tests.courses.school import FIRST_DAY, admitted, opened
from tests.media_pipeline.cast import NOW, Cast

# A moment on the first training day.
DAY = NOW + timedelta(days=30)
TITLES = ("广告法里的红线", "产品讲解四步法")


@dataclass(frozen=True)
class Taught:
    """A class in training with its curriculum; `enrolment` is the owner's."""

    row: TrainingClass
    enrolment: Enrolment
    manifest: ManifestData

    def url(self, number: int = 0) -> str:
        """The address of its n-th lesson, from 0."""
        return f"/study/{self.row.uuid}/{self.lesson(number)}/"

    def lesson(self, number: int = 0) -> UUID:
        """The name of its n-th lesson, from 0."""
        return self.manifest.lessons[number].uid


def taught(
    cast: Cast,
    *,
    documents: tuple[LessonDocument, ...] = (),
    teach: bool = True,
    instructor: bool = True,
    who: str = "owner",
    files: Files = NO_FILES,
    **plan: Any,
) -> Taught:
    """Publish the lessons, plan and open a class (it pins them), admit the owner, add the instructor, begin to teach.

    documents: the lessons, two by default; files: what they show; who: the trainee; teach False: she is admitted, the
    training has not begun.
    """
    curriculum()
    page = CoursePage.objects.child_of(level()).first() or course(level())
    for made in documents or tuple(document(title) for title in TITLES):
        lesson(page, made, files=files)
    row = opened(cast, **plan)
    enrolment = admitted(cast, row, who)
    if instructor:
        add_instructor(
            by=cast.acting("school_admin"), training_class=row, person=person_of(cast, "instructor").uuid, now=NOW
        )
    if teach:
        start_training(by=cast.acting("school_admin"), training_class=row, now=NOW)
    row.refresh_from_db()
    enrolment = Enrolment.objects.select_related("person", "training_class__institution").get(pk=enrolment.pk)
    manifest = manifest_of(row)
    assert manifest is not None, "the class has no curriculum"
    return Taught(row, enrolment, manifest)


__all__ = ["DAY", "FIRST_DAY", "TITLES", "Taught", "taught"]
