"""Papers: made, issued, revoked, made again."""

import json
from datetime import date, datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from assessment.certification import papers, sources
from assessment.certification.events import CertificateIssued
from assessment.certification.logic import draw_code, printed_data, printed_text
from assessment.certification.models import (
    Batch,
    BatchRow,
    Certificate,
    CertificateStep,
    NumberAllocation,
    Replacement,
)
from assessment.certification.moves import (
    is_own_body,
    move_batch,
    record_batch,
    record_certificate,
    same_hands,
    stated,
)
from assessment.certification.numbers import name_index, take_numbers
from assessment.certification.rendering import engine, render, template
from assessment.certification.services import locked_own, own_batch, printed_holder
from assessment.certification.types import (
    BATCH_MOVES,
    CERTIFICATE_MOVES,
    OCCUPATION,
    REPLACEMENT_MOVES,
    BatchState,
    CertificateData,
    CertificateState,
    CertificationRefused,
    Pin,
    ReissueReason,
    ReplacementState,
    RevocationReason,
)
from assessment.specification.types import Paper
from lms.accounts.api import (
    Acting,
    NotAllowed,
    Organisation,
    Person,
    require,
)
from lms.core.clock import day_of
from lms.core.events import publish
from lms.core.ids import new_uuid
from lms.core.states import IllegalMove, move_state
from lms.notices.api import notify


def issue_batch(*, by: Acting, batch: UUID, now: datetime) -> list[Certificate]:
    """The body makes and issues the papers with the numbers given (S1-34). The papers are made first, outside the
    transaction; whoever comes second finds the batch issued and her papers are thrown away.

    Whose pass was superseded since the numbers were given gets no paper; her number stays on record, unused.
    Raises NotAllowed, IllegalMove, CertificationRefused ("changed": this very moment), OSError.
    """
    row = own_batch(by, batch, lock=False)
    require(by, "certificate", "execute", place=row.body.path)
    if BatchState.ISSUED not in BATCH_MOVES[BatchState(row.state)]:
        raise IllegalMove(row.state, BatchState.ISSUED)
    rows = row.rows.filter(version=row.version).select_related("batch__body", "allocation__scheme").order_by("position")
    decisions = {frozen.decision for frozen in rows}
    standing = sources.still_passed(decisions)
    ready = [
        _made(_printed(frozen, frozen.allocation, _facts(frozen.holder), edition=1, now=now), frozen.allocation, now)
        for frozen in rows
        if frozen.decision in standing
    ]
    try:
        with transaction.atomic():
            row = locked_own(by, batch)
            move_batch(row, BatchState.ISSUED, by=by, now=now)
            if sources.still_passed(decisions) != standing:
                raise CertificationRefused(
                    _("The result of somebody in this batch was changed this very moment. Please try again."),
                    code="changed",
                )
            for certificate in ready:
                _issue(certificate, by, now)
            subjects: list[Batch | Certificate] = [row, *ready]
            for subject in sorted(subjects, key=lambda one: one.uuid):
                if isinstance(subject, Certificate):
                    record_certificate(subject, "issued", by, now)
                else:
                    withheld = len(decisions - standing)
                    record_batch(subject, "issued", by, now, certificates=len(ready), withheld=withheld)
    except BaseException:
        for certificate in ready:
            papers.discard_paper(certificate.pdf_key)
        raise
    return ready


def _facts(holder: str) -> dict[str, str]:
    facts: dict[str, str] = json.loads(holder)
    return facts


def _printed(
    row: BatchRow, allocation: NumberAllocation, holder: dict[str, str], *, edition: int, now: datetime
) -> CertificateData:
    """Everything that goes on one paper."""
    code = draw_code()
    pins = sources.pins(
        specification_uuid=row.specification,
        profile_uuid=row.profile,
        decision_version=row.decision_version,
        decision_hash=row.decision_hash,
    )
    scheme = allocation.scheme
    return CertificateData(
        serial=new_uuid(),
        kind=Paper(row.kind),
        number=allocation.number,
        code=code,
        verify_url=settings.WAGTAILADMIN_BASE_URL.rstrip("/") + reverse("assessment:verify_code", args=[code]),
        name=holder["name"],
        sex=holder["sex"],
        birth_date=date.fromisoformat(holder["birth_date"]) if holder["birth_date"] else None,
        document_type=holder["document_type"],
        document_number=holder["document_number"],
        occupation=OCCUPATION,
        job=row.job,
        level=row.level,
        planned_hours=row.planned_hours,
        class_name=row.class_name,
        body_name=row.batch.body.name,
        issued_on=day_of(now),
        edition=edition,
        is_demo=row.batch.is_demo,
        pins=(*pins, Pin("scheme", scheme.key, str(scheme.version), "")),
        template=template(),
        engine=engine(),
    )


def _made(data: CertificateData, allocation: NumberAllocation, now: datetime) -> Certificate:
    """The paper rendered and stored; the row is not written yet."""
    paper = render(data)
    row = allocation.row or allocation.replacement.certificate.row  # type: ignore[union-attr]
    return Certificate(
        uuid=data.serial,
        row=row,
        allocation=allocation,
        kind=data.kind.value,
        number=data.number,
        code=data.code,
        person=row.person,
        user=row.user,
        candidacy=row.candidacy,
        decision=row.decision,
        body=row.batch.body,
        level=data.level,
        issued_on=data.issued_on,
        edition=data.edition,
        printed=printed_text(data),
        name_index=name_index(data.name),
        pdf_key=papers.store_paper(paper.pdf, serial=data.serial, now=now),
        pdf_size=len(paper.pdf),
        pdf_sha256=paper.sha256,
        is_demo=data.is_demo,
        created_at=now,
    )


def _issue(certificate: Certificate, by: Acting, now: datetime) -> None:
    certificate.issued_by = by.user
    certificate.save(force_insert=True)
    CertificateStep.objects.create(
        certificate=certificate,
        state=CertificateState.ISSUED,
        by=by.user,
        organisation=by.organisation,
        at=now,
    )
    first = certificate.edition == 1
    _tell(
        certificate,
        "certificate_issued",
        gettext_noop("Your certificate is issued") if first else gettext_noop("Your certificate is reissued"),
        gettext_noop("Certificate %(number)s is ready: you can look at it, download it and let others verify it."),
        now,
    )
    if first:
        publish(
            CertificateIssued(candidacy=certificate.candidacy, person=certificate.person, certificate=certificate.uuid)
        )


def _tell(certificate: Certificate, kind: str, title: str, body: str, now: datetime) -> None:
    notify(
        user=certificate.user,
        person=certificate.person,
        kind=kind,
        title=title,
        body=body,
        params={"number": certificate.number},
        url=reverse("assessment:my_certificate", args=[certificate.uuid]),
        now=now,
        about=certificate.row.class_uid,
        about_name=certificate.row.class_name,
        key=str(certificate.uuid),
    )


def revoke_certificate(
    *, by: Acting, certificate: UUID, category: RevocationReason, reason: str, now: datetime
) -> Certificate:
    """The body or the bureau takes a paper back; its number is never given again. The public reads the category only.

    Raises NotAllowed, IllegalMove, CertificationRefused ("reason").
    """
    reason = stated(reason)
    with transaction.atomic():
        row = _locked_certificate(certificate)
        if is_own_body(by, row.body):
            require(by, "certificate", "execute", place=row.body.path)
        else:
            require(by, "accreditation_batch", "approve", place=row.body.path)
        _end(row, CertificateState.REVOKED, by=by, category=category.value, reason=reason, now=now)
        _tell(
            row,
            "certificate_revoked",
            gettext_noop("Your certificate was revoked"),
            gettext_noop(
                "Certificate %(number)s no longer holds. Its page shows the kind of reason; ask the body that issued it."
            ),
            now,
        )
        record_certificate(row, "revoked", by, now, category=category)
    return row


def reissue_certificate(
    *, by: Acting, certificate: UUID, category: ReissueReason, reason: str, now: datetime
) -> Certificate | None:
    """The body makes the paper anew. Where the scheme keeps the number it is issued at once; where it wants a new one
    the bureau is asked for it, and None is returned.

    Raises NotAllowed, IllegalMove, CertificationRefused ("reason", "asked"), OSError.
    """
    reason = stated(reason)
    old = _certificate(certificate)
    _require_issuer(by, old.body)
    if CertificateState.REISSUED not in CERTIFICATE_MOVES[CertificateState(old.state)]:
        raise IllegalMove(old.state, CertificateState.REISSUED)
    if old.allocation.scheme.reissue == "new":
        return _ask_for_number(by, certificate, category, reason, now)
    return _replace(old, old.allocation, by=by, category=category, reason=reason, now=now)


def _ask_for_number(
    by: Acting, certificate: UUID, category: ReissueReason, reason: str, now: datetime
) -> Certificate | None:
    with transaction.atomic():
        row = _locked_certificate(certificate)
        if CertificateState.REISSUED not in CERTIFICATE_MOVES[CertificateState(row.state)]:
            raise IllegalMove(row.state, CertificateState.REISSUED)
        if Replacement.objects.filter(certificate=row).exists():
            raise CertificationRefused(_("A replacement was asked for already."), code="asked")
        Replacement.objects.create(
            certificate=row,
            category=category.value,
            reason=reason,
            requested_by=by.user,
            requested_at=now,
            changed_at=now,
        )
        record_certificate(row, "reissue_requested", by, now, category=category)
    return None


def allocate_replacement_number(*, by: Acting, certificate: UUID, now: datetime) -> str:
    """The bureau gives the replacement its number.

    Raises NotAllowed, IllegalMove, CertificationRefused ("codes", "full", "self").
    """
    with transaction.atomic():
        row = _locked_certificate(certificate)
        require(by, "number_allocation", "execute", place=row.body.path)
        asked = Replacement.objects.select_for_update().get(certificate=row)
        if is_own_body(by, row.body) or (by.user is not None and by.user == asked.requested_by):
            raise same_hands()
        if CertificateState.REISSUED not in CERTIFICATE_MOVES[CertificateState(row.state)]:  # revoked meanwhile
            raise IllegalMove(row.state, CertificateState.REISSUED)
        _move_replacement(asked, ReplacementState.NUMBERED, now=now)
        (given,) = take_numbers(
            body=row.body, targets=[asked], level=row.level, year=day_of(now).year, by=by.user, now=now
        )
        record_certificate(row, "replacement_numbered", by, now)
    return given.number


def issue_replacement(*, by: Acting, certificate: UUID, now: datetime) -> Certificate:
    """The body issues the paper with its new number. Raises NotAllowed, IllegalMove, OSError."""
    old = _certificate(certificate)
    _require_issuer(by, old.body)
    asked = Replacement.objects.select_related("allocation__scheme").get(certificate=old)
    if asked.state != ReplacementState.NUMBERED:
        raise IllegalMove(asked.state, ReplacementState.ISSUED)
    return _replace(
        old,
        asked.allocation,
        by=by,
        category=ReissueReason(asked.category),
        reason=asked.reason,
        now=now,
        asked=asked,
    )


def _replace(
    old: Certificate,
    allocation: NumberAllocation,
    *,
    by: Acting,
    category: ReissueReason,
    reason: str,
    now: datetime,
    asked: Replacement | None = None,
) -> Certificate:
    """The next edition. A correction prints the person as she is known now; any other paper what the old one said."""
    before = printed_data(old.printed)
    holder = (
        printed_holder(_as_known_now(old.person))
        if category is ReissueReason.CORRECTED
        else {
            "name": before.name,
            "sex": before.sex,
            "birth_date": before.birth_date.isoformat() if before.birth_date else "",
            "document_type": before.document_type,
            "document_number": before.document_number,
        }
    )
    fresh = _made(_printed(old.row, allocation, holder, edition=old.edition + 1, now=now), allocation, now)
    fresh.replaces = old
    try:
        with transaction.atomic():
            locked = _locked_certificate(old.uuid)
            if asked is not None:
                _move_replacement(asked, ReplacementState.ISSUED, now=now)
            _end(locked, CertificateState.REISSUED, by=by, category=category.value, reason=reason, now=now)
            _issue(fresh, by, now)
            for row, action in sorted([(locked, "reissued"), (fresh, "issued")], key=lambda pair: pair[0].uuid):
                record_certificate(row, action, by, now, category=category)
    except BaseException:
        papers.discard_paper(fresh.pdf_key)
        raise
    return fresh


def note_download(*, by: Acting, certificate: UUID, now: datetime) -> None:
    """Somebody at a desk took a paper with its full identity number."""
    row = _certificate(certificate)
    with transaction.atomic():
        record_certificate(row, "downloaded", by, now)


def _require_issuer(by: Acting, body: Organisation) -> None:
    require(by, "certificate", "execute", place=body.path)
    if not is_own_body(by, body):
        raise NotAllowed(_("Only the body that issued the certificate may do this."))


def _certificate(uuid: UUID) -> Certificate:
    return Certificate.objects.select_related("row__batch__body", "allocation__scheme", "body").get(uuid=uuid)


def _locked_certificate(uuid: UUID) -> Certificate:
    return Certificate.objects.select_for_update(of=("self",)).select_related("body", "row").get(uuid=uuid)


def _end(row: Certificate, after: CertificateState, *, by: Acting, category: str, reason: str, now: datetime) -> None:
    move_state(row, after, CERTIFICATE_MOVES, ended_on=day_of(now))
    CertificateStep.objects.create(
        certificate=row,
        state=after,
        category=category,
        reason=reason,
        by=by.user,
        organisation=by.organisation,
        at=now,
    )


def _move_replacement(row: Replacement, after: ReplacementState, *, now: datetime) -> None:
    move_state(row, after, REPLACEMENT_MOVES, changed_at=now)


def _as_known_now(person: UUID) -> Person:
    """The person's record, or the one it was merged into."""
    row = Person.objects.select_related("merged_into").get(uuid=person)
    return row.merged_into or row
