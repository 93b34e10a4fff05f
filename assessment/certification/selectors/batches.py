"""Gates and reads of batches, of who waits for one, and of the codes numbers are made of."""

import json
from collections import Counter
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Count, F, Q, QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext, pgettext

from assessment.certification import sources
from assessment.certification.labels import (
    batch_label,
    batch_step,
    certificate_label,
    paper_label,
    rank_label,
)
from assessment.certification.logic import build_number, grouped
from assessment.certification.models import (
    Batch,
    BatchRow,
    NumberScheme,
    Replacement,
)
from assessment.certification.numbers import codes_in_force
from assessment.certification.types import (
    NUMBERED,
    BatchListPage,
    BatchListRow,
    BatchPage,
    BatchRowView,
    BatchState,
    CertificateState,
    CodesPage,
    EligibleGroup,
    HistoryLine,
    NumberRefused,
    PassedResult,
    ReplacementState,
    SchemeData,
    StepView,
)
from assessment.results.labels import grade_label
from assessment.specification.types import NoSpecification, Paper
from lms.accounts.api import (
    Acting,
    Organisation,
    OrganisationKind,
    Person,
    Role,
    can,
    masked_document,
    masked_name,
    may,
)
from lms.policies.types import Grade
from media_pipeline.api import ROWS_A_PAGE, pages

# Of a batch the body waits for nobody in these states, the bureau in those.
_BODY_WAITS = (BatchState.OPEN, BatchState.FROZEN, BatchState.RETURNED, BatchState.NUMBERS_ALLOCATED)
_BUREAU_WAITS = (BatchState.FILED, BatchState.REVIEWED)
# They see the batches of their own body only; a body works on the whole place it stands in, and another may stand there.
_OF_ONE_BODY = (Role.INSTITUTION_ADMIN, Role.CHIEF_EXAMINER)


def _reached(acting: Acting) -> QuerySet[Batch]:
    """The batches this person may read. Raises PermissionDenied by role."""
    if can(acting, "accreditation_batch", "read") is None:
        raise PermissionDenied
    rows = Batch.objects.select_related("body")
    if acting.role in _OF_ONE_BODY:
        return rows.filter(body__uuid=acting.organisation) if acting.organisation else rows.none()
    # A body works on the place it stands in: hers are the bodies below her own place.
    return rows.filter(body__path__startswith=acting.organisation_path)


def batch_for(acting: Acting, uuid: UUID) -> Batch:
    """The gate of one batch. Raises PermissionDenied by role, Http404 when unknown or out of reach."""
    row = _reached(acting).filter(uuid=uuid).first()
    if row is None or not (acting.role in _OF_ONE_BODY or acting.covers(row.body.scope_path)):
        raise Http404
    return row


def batch_list(acting: Acting, *, page: int = 1) -> BatchListPage:
    """The batches she reaches, newest first; for a body's staff also who waits for one. Raises PermissionDenied."""
    rows = _reached(acting).annotate(people=Count("rows", filter=Q(rows__version=F("version"))))
    shown = pages(rows.count(), page)
    waits = _waiting_states(acting)
    body = _body_of(acting)
    groups = eligible_groups(body) if body else []
    return BatchListPage(
        rows=[
            _list_row(row, waits, row.people) for row in rows.order_by("-id")[shown.start : shown.start + ROWS_A_PAGE]
        ],
        groups=groups,
        may_create=body is not None,
        number=shown.number,
        count=shown.count,
        total=shown.total,
    )


def _waiting_states(acting: Acting) -> tuple[BatchState, ...]:
    if acting.role is Role.HR_BUREAU:
        return _BUREAU_WAITS
    return _BODY_WAITS if acting.role is Role.INSTITUTION_ADMIN else ()


def _body_of(acting: Acting) -> Organisation | None:
    """The evaluation body whose batches she makes."""
    if can(acting, "accreditation_batch", "create") is None:
        return None
    return Organisation.objects.filter(uuid=acting.organisation, kind=OrganisationKind.EVALUATION_BODY).first()


def _list_row(row: Batch, waits: tuple[BatchState, ...], people: int) -> BatchListRow:
    state = BatchState(row.state)
    label, tone = batch_label(state)
    return BatchListRow(
        uuid=row.uuid,
        title=batch_title(row),
        body_name=row.body.name,
        level_label=rank_label(row.level),
        count=people,
        state=state,
        state_label=label,
        tone=tone,
        waits_for_me=state in waits,
        changed_at=row.changed_at,
        url=reverse("assessment:batch", args=[row.uuid]),
    )


def batch_title(row: Batch) -> str:
    """2026年第3批."""
    return gettext("Batch %(sequence)d of %(year)d") % {"sequence": row.sequence, "year": row.year}


def waiting_batches(acting: Acting) -> int:
    """How many batches wait for this person: of her body, or of the bodies whose bureau she is; replacements too."""
    waits = _waiting_states(acting)
    if not waits:
        return 0
    count = _reached(acting).filter(state__in=waits).count()
    replacement = ReplacementState.REQUESTED if acting.role is Role.HR_BUREAU else ReplacementState.NUMBERED
    asked = Replacement.objects.filter(state=replacement)
    if acting.role is Role.HR_BUREAU:
        count += asked.filter(certificate__body__path__startswith=acting.organisation_path).count()
    elif body := _body_of(acting):
        count += asked.filter(certificate__body=body).count()
        open_ones = set(Batch.objects.filter(body=body, state=BatchState.OPEN).values_list("level", "specification"))
        count += sum((group.level, group.specification) not in open_ones for group in eligible_groups(body))
    return count


def eligible(
    body: Organisation, *, kind: Paper, level: int | None = None, specification: UUID | None = None
) -> list[PassedResult]:
    """Published passes within the body's place that stand in no live batch for this paper, longest waiting first."""
    taken = BatchRow.objects.filter(kind=kind.value, live=True).values_list("candidacy", flat=True)
    return sources.passed_results(
        place=body.scope_path, is_demo=body.is_demo, without=taken, level=level, specification_uuid=specification
    )


def eligible_groups(body: Organisation) -> list[EligibleGroup]:
    """Who waits for a batch, by level and specification; only where passing earns the paper."""
    groups = []
    for kind in sorted(NUMBERED):
        waiting = Counter((one.level, one.specification) for one in eligible(body, kind=kind))
        for (level, specification), count in sorted(waiting.items(), key=lambda item: (-item[0][0], str(item[0][1]))):
            try:
                spec = sources.specification_of(specification)
            except NoSpecification:
                continue
            if kind not in spec.papers:
                continue
            groups.append(
                EligibleGroup(
                    level=level,
                    level_label=rank_label(level),
                    specification=specification,
                    specification_label=spec.title,
                    kind=kind,
                    kind_label=paper_label(kind),
                    count=count,
                )
            )
    return groups


def batch_page(acting: Acting, uuid: UUID) -> BatchPage:
    """One batch. Raises PermissionDenied, Http404 (see `batch_for`)."""
    row = batch_for(acting, uuid)
    state = BatchState(row.state)
    label, tone = batch_label(state)
    steps = list(row.steps.order_by("id"))
    frozen = next((step for step in reversed(steps) if step.state == BatchState.FROZEN), None)
    returned = next((step for step in reversed(steps) if step.state == BatchState.RETURNED), None)
    held = codes_in_force(row.body)
    choosing = state in {BatchState.OPEN, BatchState.RETURNED}
    return BatchPage(
        uuid=row.uuid,
        title=batch_title(row),
        body_name=row.body.name,
        body=row.body.uuid,
        kind_label=paper_label(Paper(row.kind)),
        level_label=rank_label(row.level),
        state=state,
        state_label=label,
        tone=tone,
        steps=_steps(state),
        rows=_choosable(row) if choosing else _frozen_views(row, may_open=_may_see_certificates(acting, row)),
        choosing=choosing,
        history=[
            HistoryLine(
                label=batch_step(BatchState(step.state)),
                at=step.at,
                version=step.version,
                snapshot=step.snapshot_hash[:12],
                reason=step.reason,
            )
            for step in steps
        ],
        actions=_actions(acting, row),
        version=row.version,
        snapshot_hash=frozen.snapshot_hash if frozen and not choosing else "",
        scheme_label=held.scheme.title if held else "",
        codes_set=held is not None,
        codes_url=reverse("assessment:body_codes", args=[row.body.uuid])
        if may(acting, "number_allocation", "execute", place=row.body.path)
        else "",
        is_demo=row.is_demo,
        returned_reason=returned.reason if returned and state is BatchState.RETURNED else "",
    )


def _actions(acting: Acting, row: Batch) -> frozenset[str]:
    """The steps this person may take now; the services ask again."""
    state, place = BatchState(row.state), row.body.path
    if acting.organisation == row.body.uuid and may(acting, "accreditation_batch", "update", place=place):
        return {
            BatchState.OPEN: frozenset({"freeze"}),
            BatchState.RETURNED: frozenset({"freeze"}),
            BatchState.FROZEN: frozenset({"file"}),
            BatchState.NUMBERS_ALLOCATED: frozenset({"issue"}),
        }.get(state, frozenset())
    if may(acting, "accreditation_batch", "approve", place=place):
        return {
            BatchState.FILED: frozenset({"review", "return"}),
            BatchState.REVIEWED: frozenset({"allocate", "return"}),
        }.get(state, frozenset())
    return frozenset()


_ORDER = (
    BatchState.OPEN,
    BatchState.FROZEN,
    BatchState.FILED,
    BatchState.REVIEWED,
    BatchState.NUMBERS_ALLOCATED,
    BatchState.ISSUED,
)


def _steps(state: BatchState) -> list[StepView]:
    """The batch's way. The state it is in is done; the next one is what is waited for."""
    titles = {
        BatchState.OPEN: pgettext("batch way", "Choose people"),
        BatchState.FROZEN: pgettext("batch way", "Fix the rows"),
        BatchState.FILED: pgettext("batch way", "File with the HR bureau"),
        BatchState.REVIEWED: pgettext("batch way", "Review"),
        BatchState.NUMBERS_ALLOCATED: pgettext("batch way", "Allocate numbers"),
        BatchState.ISSUED: pgettext("batch way", "Issue certificates"),
    }
    at = 0 if state in {BatchState.OPEN, BatchState.RETURNED} else _ORDER.index(state) + 1
    return [
        StepView(titles[step], "done" if place < at else "now" if place == at else "todo")
        for place, step in enumerate(_ORDER)
    ]


def _choosable(row: Batch) -> list[BatchRowView]:
    waiting = eligible(row.body, kind=Paper(row.kind), level=row.level, specification=row.specification)
    records = Person.objects.select_related("merged_into")
    found = records.in_bulk([result.person for result in waiting], field_name="uuid")
    people = {uuid: person.merged_into or person for uuid, person in found.items()}
    return [
        BatchRowView(
            candidacy=result.candidacy,
            position=position,
            name_masked=masked_name(people[result.person].name),
            document_masked=masked_document(people[result.person].document_number),
            class_name=result.class_name,
            organisation_name=result.organisation_name,
            grade_label=grade_label(Grade(result.grade)),
            composite=result.composite,
        )
        for position, result in enumerate(waiting, start=1)
    ]


def _frozen_views(row: Batch, *, may_open: bool) -> list[BatchRowView]:
    rows = (
        row.rows.filter(version=row.version)
        .select_related("allocation", "batch")
        .prefetch_related("certificates")
        .order_by("position")
    )
    return [_frozen_view(frozen, may_open) for frozen in rows]


def _frozen_view(row: BatchRow, may_open: bool) -> BatchRowView:
    holder = json.loads(row.holder)
    newest = max(row.certificates.all(), key=lambda one: one.edition, default=None)
    label, tone = certificate_label(CertificateState(newest.state)) if newest else ("", "mute")
    if newest is None and row.batch.state == BatchState.ISSUED:
        label, tone = pgettext("certificate", "Withheld: the result was changed"), "bad"
    allocation = getattr(row, "allocation", None)
    number = newest.number if newest else allocation.number if allocation else ""
    return BatchRowView(
        candidacy=row.candidacy,
        position=row.position,
        name_masked=masked_name(holder["name"]),
        document_masked=masked_document(holder["document_number"]),
        class_name=row.class_name,
        organisation_name=row.organisation_name,
        grade_label=grade_label(Grade(row.grade)),
        composite=row.composite,
        number=grouped(number),
        certificate_label=label,
        certificate_tone=tone,
        certificate_url=reverse("assessment:certificate", args=[newest.uuid]) if newest and may_open else "",
    )


def _may_see_certificates(acting: Acting, row: Batch) -> bool:
    return acting.role is not Role.CHIEF_EXAMINER and can(acting, "certificate", "read") is not None


def codes_page(acting: Acting, body: UUID, *, scheme: str = "") -> CodesPage:
    """The codes of one body, for the bureau that gives them. Raises PermissionDenied, Http404."""
    if can(acting, "number_allocation", "execute") is None:
        raise PermissionDenied
    place = Organisation.objects.filter(uuid=body, kind=OrganisationKind.EVALUATION_BODY).first()
    if place is None or not acting.covers(place.scope_path):
        raise Http404
    held = codes_in_force(place)
    schemes = number_schemes()
    key = scheme or (held.scheme.key if held else "")
    chosen = next((one for one in schemes if one.key == key), schemes[0])
    codes = dict(held.codes) if held and held.scheme.key == chosen.key else {}
    return CodesPage(
        body=place.uuid,
        body_name=place.name,
        schemes=schemes,
        scheme=chosen,
        held=codes,
        sample=_sample(chosen, codes),
        is_demo=place.is_demo,
    )


def _sample(scheme: SchemeData, codes: dict[str, str]) -> str:
    try:
        return grouped(build_number(scheme, codes, year=2026, level=5, sequence=1)) if codes else ""
    except NumberRefused:
        return ""


def number_schemes() -> tuple[SchemeData, ...]:
    """The newest version of every scheme, in the order of the file."""
    newest: dict[str, NumberScheme] = {}
    for row in NumberScheme.objects.order_by("id"):
        newest[row.key] = row
    return tuple(row.as_data() for row in newest.values())
