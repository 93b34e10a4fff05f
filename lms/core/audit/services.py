"""Adding to the audit trail and sealing it."""

from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import CharField, F, QuerySet, UUIDField

from lms.core.audit.logic import leaf_hash, link_hash, merkle_root, seal_hash, stamp
from lms.core.audit.models import AuditEvent, AuditHead, AuditLeaf, AuditSeal
from lms.core.audit.types import GENESIS, Fact, Link
from lms.core.crypto import blind_index
from lms.core.keptquery import KeptQuery

_LEAVES_A_SEAL = 50_000


def _head(kind: str, subject: UUID) -> QuerySet[AuditHead]:
    return AuditHead.objects.select_for_update().filter(subject_kind=kind, subject=subject)


_HEAD = KeptQuery(_head, kind=CharField(), subject=UUIDField())


def keyed_hash(text: str) -> str:
    """What the trail stores of a value: 32 hex digits that only the installation's index key can produce again."""
    return blind_index(text, purpose="audit")[:32]


def _safe(fact: Fact) -> str | int | bool | None:
    if isinstance(fact, Enum):
        return str(fact.value)
    if isinstance(fact, UUID):
        return str(fact)
    return keyed_hash(fact) if isinstance(fact, str) else fact


def record(
    *,
    subject_kind: str,
    subject: UUID,
    action: str,
    actor: UUID | None,
    fields: Mapping[str, Fact] | None = None,
    now: datetime,
) -> AuditEvent:
    """Add an event to the subject's chain. Call it last in the transaction: the chain's head stays locked until commit,
    and whoever records on several subjects takes them in the order of their uuids.

    fields: name → new value. UUIDs, numbers, None and enum members are stored as they are; text is stored as its
    keyed hash, so no personal value enters the trail. actor: a user's uuid, None for the installation itself.
    """
    # No savepoint: what fails here takes the whole deed with it, and a savepoint is two statements more.
    with transaction.atomic(savepoint=False):
        event = AuditEvent(
            subject_kind=subject_kind,
            subject=subject,
            action=action,
            actor=actor,
            fields={name: _safe(fact) for name, fact in (fields or {}).items()},
            at=now,
        )
        heads = _HEAD(kind=subject_kind, subject=subject)
        if heads or not _began(_linked(event, 0, GENESIS)):
            # Where another transaction began the chain meanwhile, it is continued.
            head = (heads or _HEAD(kind=subject_kind, subject=subject))[0]
            _linked(event, head.sequence, head.hash)
            head.sequence, head.hash = event.sequence, event.hash
            head.save(update_fields=["sequence", "hash"])
        event.save(force_insert=True)
        return event


def _linked(event: AuditEvent, sequence: int, previous: str) -> AuditEvent:
    """The event as the one that follows the link of this number and hash."""
    event.sequence, event.previous = sequence + 1, previous
    event.hash = link_hash(
        Link(
            subject_kind=event.subject_kind,
            subject=str(event.subject),
            sequence=event.sequence,
            action=event.action,
            actor=str(event.actor or ""),
            fields=event.fields,
            at=stamp(event.at),
            previous=previous,
            hash="",
        )
    )
    return event


def _began(event: AuditEvent) -> bool:
    """Make the head of a chain whose first link this is; whether nobody had made it."""
    values = {
        "subject_kind": event.subject_kind,
        "subject": event.subject,
        "sequence": event.sequence,
        "hash": event.hash,
        "sealed_sequence": 0,
    }
    fields: list[Any] = [AuditHead._meta.get_field(name) for name in values]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    with connection.cursor() as cursor:
        # Django's own insert that ignores conflicts does not say whether there was one.
        cursor.execute(
            f'INSERT INTO "{AuditHead._meta.db_table}" ({columns}) '  # noqa: S608 # own names
            "VALUES (%s, %s, %s, %s, %s) ON CONFLICT (subject, subject_kind) DO NOTHING",
            [field.get_db_prep_save(values[field.name], connection) for field in fields],
        )
        return bool(cursor.rowcount)


@transaction.atomic
def seal(*, now: datetime) -> AuditSeal | None:
    """Put the heads that moved since the last seal under one Merkle root, chained to that seal. None when none moved.

    Heads are not locked: what is recorded meanwhile comes under the next seal. Two seals at once: one raises
    IntegrityError and is tried again by its job.
    """
    # The last seal first: were the heads read before it, another's seal between the two would be sealed again.
    last = AuditSeal.objects.order_by("-sequence").first()
    moved = AuditHead.objects.filter(sealed_sequence__lt=F("sequence")).order_by("id")
    heads = list(moved[:_LEAVES_A_SEAL])
    if not heads:
        return None
    sequence, previous = (last.sequence + 1, last.hash) if last else (1, GENESIS)
    root = merkle_root(
        [leaf_hash(head.subject_kind, str(head.subject), head.sequence, head.hash) for head in heads]
    ).hex()
    made = AuditSeal.objects.create(
        sequence=sequence,
        at=now,
        leaves=len(heads),
        root=root,
        previous=previous,
        hash=seal_hash(sequence, now, root, previous),
    )
    AuditLeaf.objects.bulk_create(
        [
            AuditLeaf(
                seal=made,
                position=position,
                subject_kind=head.subject_kind,
                subject=head.subject,
                sequence=head.sequence,
                hash=head.hash,
            )
            for position, head in enumerate(heads)
        ],
        batch_size=500,
    )
    for head in heads:
        head.sealed_sequence = head.sequence
    AuditHead.objects.bulk_update(heads, ["sealed_sequence"], batch_size=200)
    return made
