"""Who may open which lesson of which class, and what she then sees of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404

from courses.catalogue.selectors import lesson_version, manifest
from courses.catalogue.types import CheckBlock, LessonVersionData, ManifestData, ManifestLesson
from courses.classes.models import ManifestPin, TrainingClass
from courses.classes.selectors import class_manifest, readable_classes
from courses.classes.types import ClassState
from courses.enrolment.models import Enrolment
from courses.enrolment.types import PLACED
from lms.accounts.api import Acting, Role, can, records_of


@dataclass(frozen=True)
class Seat:
    """A trainee's place in a class. manifest: None while the class has no curriculum."""

    row: TrainingClass
    enrolment: Enrolment
    manifest: ManifestData | None

    def lesson_title(self, uid: UUID) -> str:
        """What a lesson of the class is called; "" when the class does not have it any more."""
        return lesson_title(self.manifest, uid)


@dataclass(frozen=True)
class OpenLesson:
    """One lesson of a class, opened by one of its trainees."""

    row: TrainingClass
    enrolment: Enrolment
    manifest: ManifestData
    lesson: ManifestLesson
    version: LessonVersionData

    @property
    def blocks(self) -> int:
        """How many blocks its text has."""
        return len(self.version.document.blocks)

    def check(self, uid: UUID) -> CheckBlock:
        """A self-check question of it. Raises Http404."""
        for block in self.version.document.blocks:
            if isinstance(block, CheckBlock) and block.uid == uid:
                return block
        raise Http404


@dataclass(frozen=True)
class ReadLesson:
    """One lesson of a class as its teacher, institution or bureau reads it: nothing is kept of that."""

    row: TrainingClass
    manifest: ManifestData
    lesson: ManifestLesson
    version: LessonVersionData


def lesson_title(data: ManifestData | None, uid: UUID) -> str:
    """What a lesson is called in a class; "" when the class does not have it (any more)."""
    held = data.lesson(uid) if data else None
    return held.title if held else ""


def manifest_of(row: TrainingClass) -> ManifestData | None:
    """What the class studies, None before it has a curriculum."""
    held = class_manifest(row)
    return manifest(held) if held else None


def manifests_of(rows: Iterable[TrainingClass]) -> dict[int, ManifestData]:
    """The same for many classes, by their primary key; one query for all, and one for a manifest read the first time."""
    pins = ManifestPin.objects.filter(training_class__in={row.pk for row in rows}).order_by("id")
    latest = dict(pins.values_list("training_class_id", "manifest"))
    return {pk: manifest(held) for pk, held in latest.items()}


def own_seats(acting: Acting) -> list[Enrolment]:
    """Her placed enrolments in classes that were not cancelled, the newest first. Raises PermissionDenied."""
    if acting.role is not Role.TRAINEE or can(acting, "study", "create") is None:
        raise PermissionDenied
    if acting.person is None:
        return []
    rows = Enrolment.objects.filter(
        person__uuid__in=records_of([acting.person])[acting.person], state__in=PLACED
    ).exclude(training_class__state=ClassState.CANCELLED)
    return list(rows.select_related("person", "training_class__institution").order_by("-id"))


def own_seat(acting: Acting, training_class: UUID) -> Seat:
    """The gate of a trainee to one class of hers. Raises PermissionDenied, Http404."""
    for enrolment in own_seats(acting):
        if enrolment.training_class.uuid == training_class:
            return Seat(enrolment.training_class, enrolment, manifest_of(enrolment.training_class))
    raise Http404


def own_lesson(acting: Acting, training_class: UUID, lesson: UUID) -> OpenLesson:
    """The gate of a trainee to one lesson. Raises PermissionDenied, Http404."""
    seat = own_seat(acting, training_class)
    held = seat.manifest.lesson(lesson) if seat.manifest else None
    if seat.manifest is None or held is None:
        raise Http404
    return OpenLesson(seat.row, seat.enrolment, seat.manifest, held, lesson_version(held.version))


def watched_class(acting: Acting, training_class: UUID) -> TrainingClass:
    """The gate of everybody else to how a class studies: by role and place. Raises PermissionDenied, Http404."""
    if acting.role is Role.TRAINEE or can(acting, "study", "read") is None:
        raise PermissionDenied
    row = readable_classes(acting).filter(uuid=training_class).first()
    if row is None:
        raise Http404
    return row


def watched_lesson(acting: Acting, training_class: UUID, lesson: UUID) -> ReadLesson:
    """The same for one lesson. Raises PermissionDenied, Http404."""
    row = watched_class(acting, training_class)
    data = manifest_of(row)
    held = data.lesson(lesson) if data else None
    if data is None or held is None:
        raise Http404
    return ReadLesson(row, data, held, lesson_version(held.version))
