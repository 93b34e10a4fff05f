"""What this room holds about a person."""

from collections.abc import Sequence
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from assessment.certification.labels import certificate_label, paper_label, rank_label
from assessment.certification.logic import printed_data
from assessment.certification.models import BatchRow, Certificate
from assessment.certification.types import CertificateState
from assessment.specification.types import Paper
from lms.core.holdings import Holding, Value


def hold(person: UUID, user: UUID | None) -> Sequence[Holding]:
    """Her certificates with all that is printed on them, and the batches she stands in."""
    papers: list[dict[str, Value]] = []
    for row in Certificate.objects.filter(person=person).order_by("id"):
        data = printed_data(row.printed)
        papers.append(
            {
                pgettext("held", "Paper"): paper_label(data.kind),
                _("Certificate number"): row.number,
                pgettext("held", "State"): certificate_label(CertificateState(row.state))[0],
                _("Name as printed"): data.name,
                _("Identity number as printed"): data.document_number,
                _("Date of birth as printed"): data.birth_date,
                _("Job"): data.job,
                pgettext("of a class", "Level"): rank_label(row.level),
                _("Planned class hours"): data.planned_hours,
                _("Class"): data.class_name,
                pgettext("certificate", "Issued by"): data.body_name,
                pgettext("certificate", "Issued on"): row.issued_on,
                pgettext("certificate", "Verification code"): row.code,
                _("SHA-256 of the PDF"): row.pdf_sha256,
            }
        )
    batches: list[dict[str, Value]] = [
        {
            pgettext("held", "Paper"): paper_label(Paper(row.kind)),
            pgettext("held", "Batch"): str(row.batch),
            _("Class"): row.class_name,
            pgettext("held", "Version"): row.version,
        }
        for row in BatchRow.objects.filter(person=person).select_related("batch").order_by("id")
    ]
    return [Holding(_("Certificates"), papers), Holding(_("Accreditation batches"), batches)]
