"""What SCORM packages in a lesson say of themselves."""

from datetime import datetime
from uuid import UUID, uuid5

from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext as _

from courses.catalogue.types import PackageBlock
from courses.learning.models import PackageState
from courses.learning.selectors.gates import OpenLesson, own_lesson
from courses.learning.services.progress import tell
from courses.learning.types import Happening, PackageSaid, PackageStale, PackageStatus, Place, StudyRefused
from lms.accounts.api import Acting

# Longest texts of SCORM 1.2, in characters (RTE 3.4.4: CMIString255, CMIString4096).
LOCATION_MAX, SUSPEND_MAX = 255, 4096
_DONE = frozenset({PackageStatus.COMPLETED, PackageStatus.PASSED})


def package_state(*, by: Acting, training_class: UUID, lesson: UUID, package: UUID) -> tuple[PackageSaid, int]:
    """What she left it with, and its revision; an empty one, 0, before the first time. Raises PermissionDenied, Http404."""
    at = own_lesson(by, training_class, lesson)
    _block(at, package)
    row = PackageState.objects.filter(enrolment=at.enrolment, package=package).first()
    return (row.said, row.revision) if row else (PackageSaid(), 0)


@transaction.atomic
def keep_package(
    *,
    by: Acting,
    training_class: UUID,
    lesson: UUID,
    package: UUID,
    said: PackageSaid,
    revision: int,
    age_ms: int,
    now: datetime,
) -> int:
    """Keep what a package says; the answer is the new revision. revision: of the state it began with, 0 for a new one.

    The same again is a receipt again: an answer may get lost on the way. The first time it is completed or passed, the
    lesson is told as studied, as by the button. Raises PackageStale (continued elsewhere meanwhile), StudyRefused ("long"),
    PermissionDenied, Http404.
    """
    at = own_lesson(by, training_class, lesson)
    block = _block(at, package)
    if len(said.location) > LOCATION_MAX or len(said.suspend_data) > SUSPEND_MAX:
        raise StudyRefused(_("The package keeps more than SCORM 1.2 allows."), code="long")
    held = {"enrolment": at.enrolment, "package": package}
    PackageState.objects.bulk_create([PackageState(**held, saved_at=now)], ignore_conflicts=True)
    row = PackageState.objects.select_for_update(of=("self",)).get(**held)
    if row.said == said and row.revision > 0:
        return row.revision
    if row.revision != revision:
        raise PackageStale(_("It was continued on another device meanwhile."), code="stale")
    done_before = row.said.status in _DONE
    row.said = said
    row.revision, row.saved_at = revision + 1, now
    row.save()
    if said.status in _DONE and not done_before:
        tell(
            by=by,
            training_class=training_class,
            lesson=lesson,
            key=uuid5(row.uuid, str(lesson)),
            kind=Happening.COMPLETED,
            place=Place(block),
            age_ms=age_ms,
            now=now,
        )
    return row.revision


def _block(at: OpenLesson, package: UUID) -> int:
    """Its place in the lesson, from 1. Raises Http404."""
    for number, block in enumerate(at.version.document.blocks, start=1):
        if isinstance(block, PackageBlock) and block.package == package:
            return number
    raise Http404
