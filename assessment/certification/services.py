"""From passes to a filed batch, from the bureau's numbers to issued papers; each step once, by whom it belongs to.

The body begins, freezes and files a batch and issues the papers; the bureau reviews it and gives the numbers (S1-32 to
S1-34). Nobody reviews or numbers what she filed herself, in whatever role.
"""

import json
from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from assessment.certification import sources
from assessment.certification.logic import check_codes, snapshot_text
from assessment.certification.models import (
    Batch,
    BatchRow,
    BatchStep,
    BodyCodes,
    NumberScheme,
)
from assessment.certification.moves import is_own_body, move_batch, record_batch, same_hands, stated
from assessment.certification.numbers import take_numbers
from assessment.certification.rendering import unprintable
from assessment.certification.selectors import eligible
from assessment.certification.types import (
    NUMBERED,
    BatchState,
    CertificationRefused,
    NumberRefused,
    PassedResult,
    SchemePart,
)
from assessment.specification.types import Paper
from lms.accounts.api import (
    Acting,
    NotAllowed,
    Organisation,
    OrganisationKind,
    Person,
    masked_name,
    require,
)
from lms.core import audit
from lms.core.clock import day_of
from lms.core.crypto import blind_index
from lms.core.reference import content_hash

# Making the papers of a full batch lasts seconds, so it may be done while the person waits.
MOST_ROWS = 200


def set_codes(*, by: Acting, body: UUID, scheme: str, codes: dict[str, str], now: datetime) -> BodyCodes:
    """The authority gives an evaluation body its codes; numbers given before stay as they are.

    Raises NotAllowed, CertificationRefused ("scheme", "code" with the part as field).
    """
    with transaction.atomic():
        place = Organisation.objects.select_for_update().get(uuid=body, kind=OrganisationKind.EVALUATION_BODY)
        require(by, "number_allocation", "execute", place=place.path)
        row = NumberScheme.objects.filter(key=scheme).order_by("-version").first()
        if row is None:
            raise CertificationRefused(_("There is no such number scheme."), code="scheme", field="scheme")
        data = row.as_data()
        cleaned = {part.name: codes.get(part.name, "").strip().upper() for part in data.code_parts}
        try:
            check_codes(data, cleaned, synthetic=place.is_demo)
        except NumberRefused as refused:
            raise _code_refused(place, data.parts, refused.part) from None
        made = BodyCodes.objects.create(body=place, scheme=row, codes=cleaned, given_by=by.user, created_at=now)
        audit.record(
            subject_kind="organisation",
            subject=place.uuid,
            action="number_codes_given",
            actor=by.user,
            fields={"scheme": row.uuid, **cleaned},
            now=now,
        )
    return made


def _code_refused(place: Organisation, parts: tuple[SchemePart, ...], name: str) -> CertificationRefused:
    part = next(part for part in parts if part.name == name)
    message = _("%(label)s: please enter %(width)d characters as the scheme asks.") % {
        "label": part.label,
        "width": part.width,
    }
    if part.synthetic and place.is_demo:
        message = _(
            "%(label)s: in the demonstration it begins with %(digits)s, so that no number can be a real one."
        ) % {
            "label": part.label,
            "digits": part.synthetic,
        }
    elif part.synthetic:
        message = _("%(label)s: it may not begin with %(digits)s, that is kept for demonstrations.") % {
            "label": part.label,
            "digits": part.synthetic,
        }
    return CertificationRefused(message, code="code", field=name)


def create_batch(
    *, by: Acting, level: int, specification: UUID, now: datetime, kind: Paper = Paper.SKILL_LEVEL_CERTIFICATE
) -> Batch:
    """The body begins a batch of one level under one specification; an open one of the same kind is returned as is.

    Raises NotAllowed, CertificationRefused ("paper", "nobody").
    """
    with transaction.atomic():
        body = _own_body(by)
        require(by, "accreditation_batch", "create", place=body.path)
        if kind not in NUMBERED or not sources.earned(specification, kind):
            raise CertificationRefused(_("Passing under this specification does not earn that paper."), code="paper")
        held = Batch.objects.filter(
            body=body, kind=kind.value, level=level, specification=specification, state=BatchState.OPEN
        ).first()
        if held is not None:
            return held
        if not eligible(body, kind=kind, level=level, specification=specification):
            raise CertificationRefused(_("Nobody who passed is waiting for a batch."), code="nobody")
        year = day_of(now).year
        last = Batch.objects.filter(body=body, year=year).aggregate(last=Max("sequence"))["last"] or 0
        batch = Batch.objects.create(
            body=body,
            kind=kind.value,
            level=level,
            specification=specification,
            year=year,
            sequence=last + 1,
            is_demo=body.is_demo,
            created_by=by.user,
            created_at=now,
            changed_at=now,
        )
        BatchStep.objects.create(
            batch=batch, state=BatchState.OPEN, version=0, by=by.user, organisation=by.organisation, at=now
        )
        audit.record(
            subject_kind="batch",
            subject=batch.uuid,
            action="created",
            actor=by.user,
            fields={"body": body.uuid, "level": level, "specification": specification},
            now=now,
        )
    return batch


def _own_body(by: Acting) -> Organisation:
    """The evaluation body the person acts for, locked so that its batches are numbered one after the other."""
    body = Organisation.objects.select_for_update().filter(uuid=by.organisation).first()
    if body is None or body.kind != OrganisationKind.EVALUATION_BODY:
        raise NotAllowed(_("Batches are made by an evaluation body."))
    return body


def freeze_batch(*, by: Acting, batch: UUID, candidacies: Collection[UUID], now: datetime) -> Batch:
    """Fix the rows: people, results and what will be printed of them, under one hash. After a return: the next version.

    Raises NotAllowed, IllegalMove, CertificationRefused ("nobody", "many", "gone", "document", "letters", "taken").
    """
    asked = set(candidacies)
    if not asked:
        raise CertificationRefused(_("Choose at least one person."), code="nobody", field="candidacies")
    if len(asked) > MOST_ROWS:
        message = _("At most %(most)d people go into one batch.") % {"most": MOST_ROWS}
        raise CertificationRefused(message, code="many", field="candidacies")
    try:
        with transaction.atomic():
            row = locked_own(by, batch)
            results = [
                result
                for result in eligible(row.body, level=row.level, specification=row.specification, kind=Paper(row.kind))
                if result.candidacy in asked
            ]
            if len(results) != len(asked):
                raise CertificationRefused(
                    _("Somebody chosen is in another batch or her result changed. Please look at the list again."),
                    code="gone",
                    field="candidacies",
                )
            version = row.version + 1
            rows = BatchRow.objects.bulk_create(_frozen_rows(row, version, results))
            digest = snapshot_hash(rows)
            move_batch(row, BatchState.FROZEN, by=by, now=now, version=version, snapshot=digest)
            record_batch(row, "frozen", by, now, version=version, rows=len(rows), snapshot=digest)
    except IntegrityError:  # somebody else froze one of them a moment ago
        raise CertificationRefused(
            _("Somebody chosen is in another batch or her result changed. Please look at the list again."),
            code="taken",
            field="candidacies",
        ) from None
    return row


def _frozen_rows(batch: Batch, version: int, results: list[PassedResult]) -> list[BatchRow]:
    records = Person.objects.select_related("merged_into")
    found = records.in_bulk([result.person for result in results], field_name="uuid")
    # A record that was merged takes no corrections any more: the paper says what the one kept says.
    people = {uuid: person.merged_into or person for uuid, person in found.items()}
    return [
        BatchRow(
            batch=batch,
            version=version,
            position=position,
            kind=batch.kind,
            candidacy=result.candidacy,
            decision=result.decision,
            decision_version=result.decision_version,
            decision_hash=result.decision_hash,
            person=result.person,
            user=result.user,
            level=result.level,
            job=result.job,
            planned_hours=result.planned_hours,
            class_uid=result.class_uid,
            class_name=result.class_name,
            organisation=result.organisation,
            organisation_name=result.organisation_name,
            profile=result.profile,
            specification=result.specification,
            grade=result.grade,
            composite=result.composite,
            holder=json.dumps(printed_holder(people[result.person]), ensure_ascii=False, sort_keys=True),
        )
        for position, result in enumerate(results, start=1)
    ]


def printed_holder(person: Person) -> dict[str, str]:
    """What is printed of a person. Raises CertificationRefused ("document", "letters")."""
    if not person.document_number:
        message = _("%(name)s has no identity paper on record. Please add it first.") % {
            "name": masked_name(person.name)
        }
        raise CertificationRefused(message, code="document", field="candidacies")
    if missing := unprintable(person.name):
        message = _(
            "The certificate's font has no drawing for %(letters)s in the name of %(name)s. Please tell the administrator."
        ) % {
            "letters": missing,
            "name": masked_name(person.name),
        }
        raise CertificationRefused(message, code="letters", field="candidacies")
    return {
        "name": person.name,
        "sex": person.sex,
        "birth_date": person.birth_date.isoformat() if person.birth_date else "",
        "document_type": person.document_type,
        "document_number": person.document_number,
    }


def snapshot_hash(rows: Collection[BatchRow]) -> str:
    """One hash over everything frozen; names and numbers enter by their blind index, so nobody can guess them from it."""
    return content_hash(
        snapshot_text(
            {
                **{
                    name: getattr(row, name)
                    for name in (
                        *("position", "kind", "candidacy", "decision", "decision_hash", "person", "level", "job"),
                        *("planned_hours", "class_uid", "class_name", "organisation", "profile", "specification"),
                        *("grade", "composite"),
                    )
                },
                "holder": blind_index(row.holder, purpose="certificate:holder"),
            }
            for row in sorted(rows, key=lambda row: row.position)
        )
    )


def file_batch(*, by: Acting, batch: UUID, now: datetime) -> Batch:
    """Hand the frozen batch to the bureau (备案); the same version once. Raises NotAllowed, IllegalMove."""
    with transaction.atomic():
        row = locked_own(by, batch)
        move_batch(row, BatchState.FILED, by=by, now=now)
        record_batch(row, "filed", by, now)
    return row


def review_batch(*, by: Acting, batch: UUID, now: datetime) -> Batch:
    """The bureau finds the batch in order. Raises NotAllowed, IllegalMove, CertificationRefused ("self")."""
    with transaction.atomic():
        row = _locked_for_bureau(by, batch)
        move_batch(row, BatchState.REVIEWED, by=by, now=now)
        record_batch(row, "reviewed", by, now)
    return row


def return_batch(*, by: Acting, batch: UUID, reason: str, now: datetime) -> Batch:
    """The bureau gives the batch back; its people may be frozen anew, as the next version.

    Raises NotAllowed, IllegalMove, CertificationRefused ("reason", "self").
    """
    reason = stated(reason)
    with transaction.atomic():
        row = _locked_for_bureau(by, batch)
        move_batch(row, BatchState.RETURNED, by=by, now=now, reason=reason)
        row.rows.filter(live=True).update(live=False)
        record_batch(row, "returned", by, now)
    return row


def allocate_numbers(*, by: Acting, batch: UUID, now: datetime) -> list[str]:
    """The bureau gives every person of the batch a number (编号配发); all or none.

    Raises NotAllowed, IllegalMove, CertificationRefused ("codes", "full", "changed", "self").
    """
    with transaction.atomic():
        row = _locked_for_bureau(by, batch)
        require(by, "number_allocation", "execute", place=row.body.path)
        rows = list(row.rows.filter(version=row.version).order_by("position"))
        _refuse_changed(row, rows)
        move_batch(row, BatchState.NUMBERS_ALLOCATED, by=by, now=now)
        given = take_numbers(body=row.body, targets=rows, level=row.level, year=day_of(now).year, by=by.user, now=now)
        record_batch(row, "numbers_allocated", by, now, numbers=len(given))
    return [allocation.number for allocation in given]


def _refuse_changed(batch: Batch, rows: list[BatchRow]) -> None:
    """Only passes that still stand get a number, and only rows as they were frozen."""
    frozen = batch.steps.get(state=BatchState.FROZEN, version=batch.version)
    if snapshot_hash(rows) != frozen.snapshot_hash:
        raise RuntimeError(f"batch {batch.uuid}: the rows are not the frozen ones")
    if len(sources.still_passed([row.decision for row in rows])) != len(rows):
        raise CertificationRefused(
            _("The result of somebody in this batch was changed after it was filed. Please return the batch."),
            code="changed",
        )


def own_batch(by: Acting, batch: UUID, *, lock: bool) -> Batch:
    """The batch, for staff of the body that made it. Raises NotAllowed, Batch.DoesNotExist."""
    rows = Batch.objects.select_for_update(of=("self",)) if lock else Batch.objects.all()
    row = rows.select_related("body").get(uuid=batch)
    require(by, "accreditation_batch", "update", place=row.body.path)
    if not is_own_body(by, row.body):
        raise NotAllowed(_("Only the body that made the batch may do this."))
    return row


def locked_own(by: Acting, batch: UUID) -> Batch:
    return own_batch(by, batch, lock=True)


def _locked_for_bureau(by: Acting, batch: UUID) -> Batch:
    """The batch, for the bureau of its place; never for whom it came from."""
    row = Batch.objects.select_for_update(of=("self",)).select_related("body").get(uuid=batch)
    require(by, "accreditation_batch", "approve", place=row.body.path)
    hers = row.steps.filter(state__in=[BatchState.FROZEN, BatchState.FILED], by=by.user)
    if is_own_body(by, row.body) or (by.user is not None and hers.exists()):
        raise same_hands()
    return row
