"""Taking numbers: inside the caller's transaction, without a gap and without a double (S1-33)."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from assessment.certification.logic import build_number, counter_scope
from assessment.certification.models import (
    BatchRow,
    BodyCodes,
    NumberAllocation,
    NumberCounter,
    Replacement,
)
from assessment.certification.types import CertificationRefused, NumberRefused
from lms.accounts.api import Organisation
from lms.core.crypto import blind_index


def name_index(name: str) -> str:
    """Under which a typed name finds its certificate."""
    return blind_index("".join(name.split()), purpose="certificate:name")


def codes_in_force(body: Organisation) -> BodyCodes | None:
    """The codes given last; None when the authority has given none."""
    return BodyCodes.objects.select_related("scheme").filter(body=body).order_by("-id").first()


def take_numbers(
    *,
    body: Organisation,
    targets: list[BatchRow] | list[Replacement],
    level: int,
    year: int,
    by: UUID | None,
    now: datetime,
) -> list[NumberAllocation]:
    """The next numbers of the body's scheme, in the order of the targets.

    The counter's row stays locked until the caller's transaction ends: another allocation waits, and one that is rolled
    back gives its numbers to the next. Raises CertificationRefused ("codes", "full").
    """
    held = codes_in_force(body)
    if held is None:
        raise CertificationRefused(
            _("This evaluation body has no number codes yet. Please enter them first."), code="codes"
        )
    scheme = held.scheme.as_data()
    scope = counter_scope(scheme, held.codes, year=year, level=level)
    made: list[NumberAllocation] = []
    with _locked_counter(scheme.key, scope) as counter:
        for target in targets:
            counter.last += 1
            try:
                number = build_number(scheme, held.codes, year=year, level=level, sequence=counter.last)
            except NumberRefused:
                raise CertificationRefused(
                    _("The sequence of this year is used up. Please ask for another body code."), code="full"
                ) from None
            made.append(
                NumberAllocation.objects.create(
                    scheme=held.scheme,
                    scheme_key=scheme.key,
                    scope=scope,
                    sequence=counter.last,
                    number=number,
                    body=body,
                    row=target if isinstance(target, BatchRow) else None,
                    replacement=target if isinstance(target, Replacement) else None,
                    allocated_by=by,
                    allocated_at=now,
                )
            )
    return made


@contextmanager
def _locked_counter(scheme_key: str, scope: str) -> Iterator[NumberCounter]:
    rows = NumberCounter.objects.select_for_update().filter(scheme_key=scheme_key, scope=scope)
    counter = rows.first()
    if counter is None:
        try:
            with transaction.atomic():
                NumberCounter.objects.create(scheme_key=scheme_key, scope=scope)
        except IntegrityError:
            pass  # another allocation began the sequence a moment ago: wait for it
        counter = rows.get()
    yield counter
    counter.save(update_fields=["last"])
