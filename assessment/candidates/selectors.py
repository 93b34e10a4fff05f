"""Reading candidacies and works handed in."""

from collections.abc import Collection
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.db.models import CharField, UUIDField
from django.utils.translation import gettext_noop

from assessment.candidates.models import LIVE, Candidacy, Entitlement, PartHold, Submission
from assessment.candidates.types import (
    CandidacyData,
    CandidacyState,
    Door,
    EntitlementData,
    NoCandidacy,
    SubmissionData,
    SubmissionState,
    VideoDoor,
)
from assessment.specification.types import Part
from lms.accounts.api import records_of
from lms.core.keptquery import KeptQuery
from lms.core.types import Level
from media_pipeline.api import AssetState, work_states

NOT_OPENED = gettext_noop("Your institution has not opened the video examination yet.")


def candidacy(uuid: UUID) -> CandidacyData:
    """Raises NoCandidacy."""
    row = Candidacy.objects.filter(uuid=uuid).first()
    if row is None:
        raise NoCandidacy(uuid)
    return row.as_data()


def candidacies(uuids: Collection[UUID]) -> dict[UUID, CandidacyData]:
    """Those of them that exist, in one query."""
    return {row.uuid: row.as_data() for row in Candidacy.objects.filter(uuid__in=list(uuids))}


def _records(person: UUID) -> frozenset[UUID]:
    """Every record of the same human being: duplicates may have been merged since."""
    return records_of([person])[person]


def candidacies_of(person: UUID) -> tuple[CandidacyData, ...]:
    """All of one person, oldest first."""
    return tuple(row.as_data() for row in Candidacy.objects.filter(person__in=_records(person)).order_by("id"))


def open_candidacies(person: UUID) -> tuple[CandidacyData, ...]:
    """Those under which she may hand in, oldest first; at most one a level."""
    rows = Candidacy.objects.filter(person__in=_records(person), state=CandidacyState.OPEN).order_by("id")
    return tuple(row.as_data() for row in rows)


def class_candidacy(person: UUID, class_uid: UUID) -> CandidacyData | None:
    """Her candidacy in one class."""
    row = Candidacy.objects.filter(person__in=_records(person), class_uid=class_uid).first()
    return row.as_data() if row else None


def class_levels(classes: Collection[UUID]) -> dict[UUID, Level]:
    """Class → its level, of those that have candidates; one query."""
    rows = Candidacy.objects.filter(class_uid__in=list(classes)).values_list("class_uid", "level").distinct()
    return {class_uid: Level(level) for class_uid, level in rows if class_uid} if classes else {}


def class_candidacies(class_uid: UUID) -> tuple[CandidacyData, ...]:
    """Everybody examined in one class, oldest first."""
    return tuple(row.as_data() for row in Candidacy.objects.filter(class_uid=class_uid).order_by("id"))


def open_within(place: str, level: int) -> tuple[CandidacyData, ...]:
    """Open candidacies of a level below a place in the tree (its path), oldest first; one query."""
    rows = Candidacy.objects.filter(organisation_path__startswith=place, level=level, state=CandidacyState.OPEN)
    return tuple(row.as_data() for row in rows.order_by("id"))


def classes_with_open_candidacies(place: str) -> tuple[tuple[UUID, str, Level], ...]:
    """Class, its name at the last renewal and level, below a place in the tree (its path); one query."""
    rows = Candidacy.objects.filter(
        organisation_path__startswith=place, state=CandidacyState.OPEN, class_uid__isnull=False
    )
    found = rows.order_by("-created_at", "-id").values_list("class_uid", "class_name", "level")
    return tuple({uid: (uid, name, Level(level)) for uid, name, level in found if uid}.values())


def entitlements(candidacies: Collection[UUID], part: Part) -> dict[UUID, EntitlementData]:
    """Candidacy → the latest word on one part, of those to whom one was said; two queries.

    What the results hold is no, whatever the class grants; a refusal of the class keeps its own reason.
    """
    if len(candidacies) == 1:
        rows = _ENTITLEMENTS(candidacy=next(iter(candidacies)), part=part)
    else:
        rows = list(_said(Entitlement.objects, part, candidacy__uuid__in=list(candidacies)))
    granted = {row.candidacy.uuid: row.as_data() for row in rows}
    withheld = holds(granted, part)
    return {uuid: _merged(word, withheld.get(uuid)) for uuid, word in granted.items()}


def holds(candidacies: Collection[UUID], part: Part) -> dict[UUID, PartHold]:
    """Candidacy → the newest word of the results on one part, of those to whom one was said; one query."""
    if len(candidacies) == 1:
        rows = _HOLDS(candidacy=next(iter(candidacies)), part=part)
    else:
        rows = list(_said(PartHold.objects, part, candidacy__uuid__in=list(candidacies)))
    return {row.candidacy.uuid: row for row in rows}


def _said(rows: Any, part: str, **whose: Any) -> Any:
    return rows.filter(part=part, **whose).select_related("candidacy").order_by("id")


_ENTITLEMENTS: KeptQuery[Entitlement] = KeptQuery(
    lambda candidacy, part: _said(Entitlement.objects, part, candidacy__uuid=candidacy),
    candidacy=UUIDField(),
    part=CharField(),
)
_HOLDS: KeptQuery[PartHold] = KeptQuery(
    lambda candidacy, part: _said(PartHold.objects, part, candidacy__uuid=candidacy),
    candidacy=UUIDField(),
    part=CharField(),
)


def _merged(word: EntitlementData, hold: PartHold | None) -> EntitlementData:
    if hold is None or not hold.held or not word.granted:
        return word
    return replace(word, granted=False, reason=hold.reason, at=hold.at, held=True)


def entitlement(candidacy: UUID, part: Part) -> EntitlementData | None:
    """The latest word on one part; None when nothing was ever said, which is not a yes."""
    return entitlements([candidacy], part).get(candidacy)


def submission(uuid: UUID) -> SubmissionData:
    """Raises NoCandidacy."""
    row = Submission.objects.select_related("candidacy").filter(uuid=uuid).first()
    if row is None:
        raise NoCandidacy(uuid)
    return row.as_data()


def submission_for_asset(asset: UUID) -> SubmissionData | None:
    """The hand-in a work belongs to, replaced ones included; None for practice."""
    row = Submission.objects.select_related("candidacy").filter(asset=asset).first()
    return row.as_data() if row else None


def submissions_of(candidacy: UUID) -> tuple[SubmissionData, ...]:
    """Every attempt under a candidacy, in order."""
    rows = Submission.objects.select_related("candidacy").filter(candidacy__uuid=candidacy).order_by("id")
    return tuple(row.as_data() for row in rows)


def works_of(person: UUID) -> list[UUID]:
    """Every work this human being ever handed in, by its submission."""
    rows = Submission.objects.filter(candidacy__person__in=_records(person)).order_by("id")
    return list(rows.values_list("uuid", flat=True))


def live_submission(candidacy: UUID, part: Part) -> SubmissionData | None:
    """The work that stands for this part."""
    row = (
        Submission.objects.select_related("candidacy")
        .filter(candidacy__uuid=candidacy, part=part, state__in=LIVE)
        .first()
    )
    return row.as_data() if row else None


# A work in these states was not accepted or could not be processed: another may take its place.
GIVEN_UP = frozenset({AssetState.REJECTED, AssetState.FAILED, AssetState.REPLACED})


def gives_way(work: SubmissionData) -> bool:
    """Whether another work may take its place: its scoring has not begun, and the checks refused it or gave it up."""
    return work.state is SubmissionState.ATTACHED and work_states([work.asset]).get(work.asset) in GIVEN_UP


def video_door(candidacy: UUID) -> VideoDoor:
    """Whether she may hand in her video now, as `attach_work` would judge. Raises NoCandidacy."""
    row = Candidacy.objects.filter(uuid=candidacy).first()
    if row is None:
        raise NoCandidacy(candidacy)
    live, said = live_submission(candidacy, Part.VIDEO), entitlement(candidacy, Part.VIDEO)
    if said is not None and said.held:
        return VideoDoor(Door.SHUT, reason=said.reason, asset=live.asset if live else None)
    if live is not None and not gives_way(live):
        return VideoDoor(Door.HANDED_IN, asset=live.asset)
    if row.state != CandidacyState.OPEN or said is None or not said.granted:
        return VideoDoor(Door.SHUT, reason=said.reason if said else NOT_OPENED)
    if live is None:
        return VideoDoor(Door.OPEN)
    refused = work_states([live.asset]).get(live.asset) is AssetState.REJECTED
    return VideoDoor(Door.AGAIN, asset=live.asset if refused else None)
