"""Gates and reads of certificates: the holder's own, and at the desks."""

from uuid import UUID

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse

from assessment.certification.labels import (
    category_label,
    certificate_label,
    certificate_step,
    paper_label,
    rank_label,
)
from assessment.certification.logic import grouped, printed_data
from assessment.certification.models import (
    Certificate,
    CertificateStep,
    Replacement,
)
from assessment.certification.types import (
    CertificateData,
    CertificateFacts,
    CertificatePage,
    CertificateState,
    CertificateSummary,
    HistoryLine,
    MyCertificatePage,
    MyCertificateRow,
    ReplacementState,
)
from assessment.specification.types import Paper
from lms.accounts.api import (
    Acting,
    Role,
    can,
    masked_document,
    masked_name,
    may,
    records_of,
)


def facts_of(data: CertificateData, *, masked: bool) -> CertificateFacts:
    return CertificateFacts(
        name=masked_name(data.name) if masked else data.name,
        kind_label=paper_label(data.kind),
        occupation=data.occupation,
        job=data.job,
        level_label=rank_label(data.level),
        planned_hours=data.planned_hours,
        body_name=data.body_name,
        issued_on=data.issued_on,
        number=data.number,
        number_shown=grouped(data.number),
        edition=data.edition,
        is_demo=data.is_demo,
    )


def _mine(acting: Acting) -> QuerySet[Certificate]:
    """Her own papers, also those of records merged into hers. Raises PermissionDenied by role."""
    cell = can(acting, "certificate", "read")
    if cell is None or not cell.own or acting.person is None:
        raise PermissionDenied
    return Certificate.objects.filter(person__in=records_of([acting.person])[acting.person])


def my_certificate(acting: Acting, uuid: UUID) -> Certificate:
    """The gate of a trainee's own paper. Raises PermissionDenied, Http404."""
    row = _mine(acting).select_related("replaced_by").filter(uuid=uuid).first()
    if row is None:
        raise Http404
    return row


def my_certificates(acting: Acting) -> list[MyCertificateRow]:
    """Her papers, newest first; one that was reissued is reached from its successor. Raises PermissionDenied."""
    rows = _mine(acting).exclude(state=CertificateState.REISSUED).order_by("-id")
    shown = []
    for row in rows:
        label, tone = certificate_label(CertificateState(row.state))
        shown.append(
            MyCertificateRow(
                title=paper_label(Paper(row.kind)),
                level_label=rank_label(row.level),
                state_label=label,
                tone=tone,
                issued_on=row.issued_on,
                url=reverse("assessment:my_certificate", args=[row.uuid]),
                is_demo=row.is_demo,
            )
        )
    return shown


def count_my_certificates(acting: Acting) -> int:
    """How many valid papers she holds; 0 for who may hold none."""
    try:
        return _mine(acting).filter(state=CertificateState.ISSUED).count()
    except PermissionDenied:
        return 0


def my_certificate_page(acting: Acting, uuid: UUID) -> MyCertificatePage:
    """Her certificate. Raises PermissionDenied, Http404."""
    row = my_certificate(acting, uuid)
    data = printed_data(row.printed)
    state = CertificateState(row.state)
    label, tone = certificate_label(state)
    newer = getattr(row, "replaced_by", None)
    return MyCertificatePage(
        facts=facts_of(data, masked=False),
        state=state,
        state_label=label,
        tone=tone,
        reason=public_reason(row),
        since=row.ended_on,
        picture_url=reverse("assessment:my_certificate_png", args=[row.uuid]),
        pdf_url=reverse("assessment:my_certificate_pdf", args=[row.uuid]),
        verify_url=reverse("assessment:verify_code", args=[row.code]),
        verify_shown=settings.WAGTAILADMIN_BASE_URL.rstrip("/") + reverse("assessment:verify"),
        code=row.code,
        newer_url=reverse("assessment:my_certificate", args=[newer.uuid]) if newer else "",
    )


def public_reason(row: Certificate) -> str:
    """The public reason why it ended; "" while it is valid."""
    state = CertificateState(row.state)
    if state is CertificateState.ISSUED:
        return ""
    step = CertificateStep.objects.filter(certificate=row, state=state).first()
    return category_label(state, step.category) if step else ""


def certificate_for(acting: Acting, uuid: UUID) -> Certificate:
    """The gate of a certificate at the desks. Raises PermissionDenied by role, Http404 when unknown or out of reach."""
    cell = can(acting, "certificate", "read")
    if cell is None or cell.own:
        raise PermissionDenied
    row = (
        Certificate.objects.select_related("body", "row__batch", "allocation__scheme", "replaces", "replaced_by")
        .filter(uuid=uuid)
        .first()
    )
    if row is None:
        raise Http404
    reached = (
        acting.organisation == row.body.uuid
        if acting.role is Role.INSTITUTION_ADMIN
        else acting.covers(row.body.scope_path)
    )
    if not reached:
        raise Http404
    return row


def certificate_file_for(acting: Acting, uuid: UUID) -> Certificate:
    """The same for the paper itself, which carries the full identity number. Raises PermissionDenied, Http404."""
    row = certificate_for(acting, uuid)
    if not may(acting, "personal_data", "execute", place=row.body.path):
        raise PermissionDenied
    return row


def certificate_page(acting: Acting, uuid: UUID) -> CertificatePage:
    """A certificate at the desks. Raises PermissionDenied, Http404."""
    row = certificate_for(acting, uuid)
    data = printed_data(row.printed)
    state = CertificateState(row.state)
    label, tone = certificate_label(state)
    newer = getattr(row, "replaced_by", None)
    asked = Replacement.objects.filter(certificate=row).first()
    return CertificatePage(
        uuid=row.uuid,
        facts=facts_of(data, masked=True),
        document_masked=masked_document(data.document_number),
        class_name=data.class_name,
        state=state,
        state_label=label,
        tone=tone,
        history=[
            HistoryLine(
                label=certificate_step(CertificateState(step.state)),
                at=step.at,
                version=row.edition,
                snapshot="",
                reason=" ".join(
                    word for word in (category_label(CertificateState(step.state), step.category), step.reason) if word
                ),
            )
            for step in row.steps.order_by("id")
        ],
        pins=data.pins,
        engine=data.engine,
        template=data.template,
        sha256=row.pdf_sha256,
        batch_url=reverse("assessment:batch", args=[row.row.batch.uuid]),
        pdf_url=reverse("assessment:certificate_pdf", args=[row.uuid])
        if may(acting, "personal_data", "execute", place=row.body.path)
        else "",
        verify_url=reverse("assessment:verify_code", args=[row.code]),
        newer_url=reverse("assessment:certificate", args=[newer.uuid]) if newer else "",
        older_url=reverse("assessment:certificate", args=[row.replaces.uuid]) if row.replaces else "",
        replacement=ReplacementState(asked.state) if asked and state is CertificateState.ISSUED else None,
        number_kept=row.allocation.scheme.reissue == "keep",
        actions=_certificate_actions(acting, row, asked),
    )


def _certificate_actions(acting: Acting, row: Certificate, asked: Replacement | None) -> frozenset[str]:
    if row.state != CertificateState.ISSUED:
        return frozenset()
    place = row.body.path
    if acting.organisation == row.body.uuid and may(acting, "certificate", "execute", place=place):
        if asked is None:
            return frozenset({"revoke", "reissue"})
        return frozenset({"revoke", "issue"} if asked.state == ReplacementState.NUMBERED else {"revoke"})
    if may(acting, "accreditation_batch", "approve", place=place):
        waits = asked is not None and asked.state == ReplacementState.REQUESTED
        return frozenset({"revoke", "number"} if waits else {"revoke"})
    return frozenset()


def certificate_summary(uuid: UUID) -> CertificateSummary:
    """What other rooms are told of a certificate. Raises Certificate.DoesNotExist."""
    row = Certificate.objects.get(uuid=uuid)
    return CertificateSummary(
        uuid=row.uuid,
        number=row.number,
        code=row.code,
        verify_url=printed_data(row.printed).verify_url,
        pdf_key=row.pdf_key,
        pdf_sha256=row.pdf_sha256,
        state=CertificateState(row.state),
        issued_on=row.issued_on,
    )


def certificates_of(person: UUID) -> list[CertificateSummary]:
    """Every paper one person was issued, newest first; who may know is the caller's gate."""
    rows = Certificate.objects.filter(person=person).order_by("-id").values_list("uuid", flat=True)
    return [certificate_summary(uuid) for uuid in rows]
