"""What the public is told about a certificate."""

from datetime import datetime

from django.urls import reverse

from assessment.certification.logic import printed_data, tidy_code
from assessment.certification.models import (
    Certificate,
)
from assessment.certification.numbers import name_index
from assessment.certification.selectors.certificates import facts_of, public_reason
from assessment.certification.types import (
    CertificateState,
    VerifyAnswer,
)


def verify(typed: str, *, now: datetime) -> VerifyAnswer:
    """What the public is told about a paper: a masked name, no phone, no identity number at all."""
    code = tidy_code(typed)
    row = Certificate.objects.select_related("replaced_by").filter(code=code).first() if code else None
    if row is None:
        return VerifyAnswer("unknown", now)
    state = CertificateState(row.state)
    newer = getattr(row, "replaced_by", None)
    return VerifyAnswer(
        state={"issued": "valid"}.get(state.value, state.value),
        checked_at=now,
        facts=facts_of(printed_data(row.printed), masked=True),
        sha256=row.pdf_sha256 if state is CertificateState.ISSUED else "",
        reason=public_reason(row),
        since=row.ended_on,
        newer_url=reverse("assessment:verify_code", args=[newer.code]) if newer else "",
    )


def code_of(*, number: str, name: str) -> str:
    """The verification code of the newest paper with this number and this holder; "" when there is none.

    The name must fit: numbers run on, so without it anybody could read them all off.
    """
    tidied = "".join(number.split()).upper()
    row = Certificate.objects.filter(number=tidied, name_index=name_index(name)).order_by("-edition", "-id").first()
    return row.code if row else ""
