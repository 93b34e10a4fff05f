"""Reads of this room, by what they are about."""

from assessment.certification.selectors.batches import (
    batch_for,
    batch_list,
    batch_page,
    codes_page,
    eligible,
    eligible_groups,
    number_schemes,
    waiting_batches,
)
from assessment.certification.selectors.certificates import (
    certificate_file_for,
    certificate_for,
    certificate_page,
    certificate_summary,
    certificates_of,
    count_my_certificates,
    my_certificate,
    my_certificate_page,
    my_certificates,
)
from assessment.certification.selectors.public import code_of, verify

__all__ = [
    "batch_for",
    "batch_list",
    "batch_page",
    "certificate_file_for",
    "certificate_for",
    "certificate_page",
    "certificate_summary",
    "certificates_of",
    "code_of",
    "codes_page",
    "count_my_certificates",
    "eligible",
    "eligible_groups",
    "my_certificate",
    "my_certificate_page",
    "my_certificates",
    "number_schemes",
    "verify",
    "waiting_batches",
]
