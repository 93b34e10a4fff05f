"""Adding to the audit trail and sealing it."""

from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from uuid import UUID

from django.db import transaction
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
        head = _locked_head(subject_kind, subject)
        unhashed = Link(
            subject_kind=subject_kind,
            subject=str(subject),
            sequence=head.sequence + 1,
            action=action,
            actor=str(actor or ""),
            fields={name: _safe(fact) for name, fact in (fields or {}).items()},
            at=stamp(now),
            previous=head.hash,
            hash="",
        )
        event = AuditEvent.objects.create(
            subject_kind=subject_kind,
            subject=subject,
            sequence=unhashed.sequence,
            action=action,
            actor=actor,
            fields=unhashed.fields,
            at=now,
            previous=head.hash,
            hash=link_hash(unhashed),
        )
        head.sequence, head.hash = event.sequence, event.hash
        head.save(update_fields=["sequence", "hash"])
        return event


def _locked_head(subject_kind: str, subject: UUID) -> AuditHead:
    heads = _HEAD(kind=subject_kind, subject=subject)
    if not heads:
        # Where another transaction began the chain meanwhile, it is continued.
        begun = AuditHead(subject_kind=subject_kind, subject=subject, hash=GENESIS)
        AuditHead.objects.bulk_create([begun], ignore_conflicts=True)
        heads = _HEAD(kind=subject_kind, subject=subject)
    return heads[0]


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
