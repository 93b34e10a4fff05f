"""Letting a system fetch statements, and ending that."""

import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from courses.statements.models import StatementClient
from courses.statements.selectors import institution_for
from courses.statements.types import StatementsRefused
from lms.accounts.api import Acting, require
from lms.core import audit

_NOTED_EVERY = timedelta(hours=1)


def add_client(*, by: Acting, name: str, now: datetime) -> tuple[StatementClient, str]:
    """A system of the acting institution and its secret, which is nowhere else. Raises NotAllowed, StatementsRefused."""
    institution = institution_for(by)
    secret = secrets.token_urlsafe(32)
    try:
        with transaction.atomic():
            row = StatementClient.objects.create(
                institution=institution,
                name=name,
                secret_hash=sha256(secret.encode()).hexdigest(),
                created_by=by.user,
                created_at=now,
            )
            audit.record(
                subject_kind="statement_client",
                subject=row.uuid,
                action="added",
                actor=by.user,
                fields={"institution": institution.uuid, "name": name},
                now=now,
            )
    except IntegrityError:
        raise StatementsRefused(_("A system of this name fetches already."), field="name") from None
    return row, secret


@transaction.atomic
def revoke_client(*, by: Acting, client: StatementClient, now: datetime) -> None:
    """It fetches no more. Raises NotAllowed."""
    row = StatementClient.objects.select_for_update().select_related("institution").get(pk=client.pk)
    require(by, "statement_client", "update", place=row.institution.path)
    if row.revoked_at is not None:
        return
    StatementClient.objects.filter(pk=row.pk).update(revoked_at=now)
    audit.record(subject_kind="statement_client", subject=row.uuid, action="revoked", actor=by.user, fields={}, now=now)


def note_use(*, client: StatementClient, now: datetime) -> None:
    """When it fetched last, to the hour: a system that asks every second writes once."""
    if client.used_at is None or client.used_at < now - _NOTED_EVERY:
        StatementClient.objects.filter(pk=client.pk).update(used_at=now)


@transaction.atomic
def record_file(*, by: Acting, now: datetime) -> None:
    """Somebody took the statements of her institution along as a file. Raises NotAllowed."""
    institution = institution_for(by)
    audit.record(
        subject_kind="organisation",
        subject=institution.uuid,
        action="statements exported",
        actor=by.user,
        fields={},
        now=now,
    )
