"""What is waived for whom. Its reason is read on the page of the decision alone; everybody else learns that there is one."""

from collections.abc import Collection, Iterable
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.urls import reverse
from django.utils.translation import pgettext

from assessment.candidates.selectors import (
    candidacies,
    candidacy,
    class_candidacies,
    classes_with_open_candidacies,
    live_submission,
)
from assessment.candidates.types import CandidacyData, CandidacyState, NoCandidacy
from assessment.marking.models import Panel, Rubric, Waiver
from assessment.marking.selectors.rubrics import Criterion, criteria_of, rubric_of
from assessment.marking.types import WaiverData, WaiverList, WaiverPage, WaiverRow
from assessment.specification.selectors import specification
from assessment.specification.types import NoSpecification, Part
from lms.accounts.api import Acting, can, masked_names, may
from lms.core.types import Level
from media_pipeline.api import check_label, waivable_checks


def waivers_of(candidacies: Collection[UUID]) -> dict[UUID, Waiver]:
    """Candidacy → the decision that holds, of those for whom one was taken; one query."""
    rows = Waiver.objects.filter(candidacy__in=list(candidacies)).order_by("id")
    return {row.candidacy: row for row in rows}


def waived_for(candidacy: UUID) -> WaiverData:
    """What is waived; nothing where nobody decided."""
    row = waivers_of([candidacy]).get(candidacy)
    if row is None:
        return WaiverData(candidacy, None, (), ())
    return WaiverData(candidacy, row.uuid, tuple(row.checks), tuple(row.criteria), row.by, row.at)


def _place(acting: Acting) -> str:
    """Raises PermissionDenied."""
    if can(acting, "waiver", "read") is None:
        raise PermissionDenied
    return acting.organisation_path


def waiver_gate(acting: Acting, uuid: UUID) -> CandidacyData:
    """The gate of one candidate's waivers. Raises PermissionDenied by role; Http404 when unknown or out of reach."""
    place = _place(acting)
    try:
        held = candidacy(uuid)
    except NoCandidacy:
        raise Http404 from None
    if not held.organisation_path.startswith(place):
        raise Http404
    return held


def waiver_list(acting: Acting, *, class_uid: UUID | None = None) -> WaiverList:
    """The classes within reach, the candidates of the chosen one, and everybody for whom something is waived. Raises
    PermissionDenied; Http404 for a class out of reach."""
    place = _place(acting)
    classes = [(uid, name, level.label_zh) for uid, name, level in classes_with_open_candidacies(place)]
    if class_uid is not None and class_uid not in {uid for uid, _name, _level in classes}:
        raise Http404
    held = list(class_candidacies(class_uid)) if class_uid else []
    rows = [row for row in held if row.state is CandidacyState.OPEN and row.organisation_path.startswith(place)]
    known = dict.fromkeys(
        Waiver.objects.filter(organisation_path__startswith=place).values_list("candidacy", flat=True)
    )
    decided = list(candidacies(known).values())
    words = _rows([*rows, *decided])
    return WaiverList(
        classes=classes,
        chosen=class_uid,
        rows=[words[row.uuid] for row in rows],
        decided=sorted((words[row.uuid] for row in decided if words[row.uuid].what), key=_newest_first),
    )


def _newest_first(row: WaiverRow) -> float:
    return -row.at.timestamp() if row.at else 0.0


def _rows(held: Iterable[CandidacyData]) -> dict[UUID, WaiverRow]:
    """Lines by candidacy. Two queries and one for each specification."""
    rows = {row.uuid: row for row in held}
    names, waivers = masked_names([row.person for row in rows.values()]), waivers_of(rows)
    titles = {spec: _titles(spec) for spec in {rows[uuid].specification for uuid in waivers}}
    return {
        uuid: _row(row, names.get(row.person, ""), waivers.get(uuid), titles.get(row.specification, {}))
        for uuid, row in rows.items()
    }


def _row(row: CandidacyData, name: str, waiver: Waiver | None, titles: dict[str, str]) -> WaiverRow:
    what: list[str] = []
    if waiver is not None:
        what = [check_label(check) for check in waiver.checks] + [titles.get(code, code) for code in waiver.criteria]
    return WaiverRow(
        name=name,
        class_name=row.class_name,
        level_label=Level(row.level).label_zh,
        what=pgettext("list", ", ").join(what),
        at=waiver.at if waiver else None,
        url=reverse("assessment:waiver", args=[row.uuid]),
    )


def criteria_to_waive(specification_uuid: UUID) -> list[Criterion]:
    """The criteria that the video of a specification is scored by; none where it has no video."""
    rubric = _rubric(specification_uuid)
    return criteria_of(rubric) if rubric else []


def _titles(specification_uuid: UUID) -> dict[str, str]:
    return {criterion.code: criterion.title for criterion in criteria_to_waive(specification_uuid)}


def _rubric(specification_uuid: UUID) -> Rubric | None:
    try:
        rule = specification(specification_uuid).part(Part.VIDEO)
    except NoSpecification:
        return None
    return rubric_of(rule.rubric_key, rule.rubric_hash) if rule else None


def is_being_scored(candidacy: UUID) -> bool:
    """Whether examiners have her work: what they score by does not change under them."""
    work = live_submission(candidacy, Part.VIDEO)
    return work is not None and Panel.objects.filter(submission=work.uuid).exists()


def waiver_page(acting: Acting, uuid: UUID) -> WaiverPage:
    """What may be waived for one candidate, and what is. Raises PermissionDenied, Http404."""
    held = waiver_gate(acting, uuid)
    waiver = waivers_of([uuid]).get(uuid)
    decides = may(acting, "waiver", "approve", place=held.organisation_path)
    return WaiverPage(
        candidacy=uuid,
        row=_rows([held])[uuid],
        checks=[(name, check_label(name)) for name in waivable_checks()],
        criteria=[(each.code, each.title) for each in criteria_to_waive(held.specification)],
        waived_checks=tuple(waiver.checks) if waiver else (),
        waived_criteria=tuple(waiver.criteria) if waiver else (),
        reason=waiver.reason if waiver and decides else "",
        may_decide=decides,
        begun=is_being_scored(uuid),
    )
