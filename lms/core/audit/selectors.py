"""Reading the audit trail back and checking it."""

from collections.abc import Iterator
from uuid import UUID

from django.db.models import QuerySet

from lms.core.audit.logic import check_chain, leaf_hash, merkle_root, seal_hash, stamp
from lms.core.audit.models import AuditEvent, AuditHead, AuditLeaf, AuditSeal
from lms.core.audit.types import GENESIS, Link, Verified


def _link(event: AuditEvent) -> Link:
    return Link(
        subject_kind=event.subject_kind,
        subject=str(event.subject),
        sequence=event.sequence,
        action=event.action,
        actor=str(event.actor or ""),
        fields=event.fields,
        at=stamp(event.at),
        previous=event.previous,
        hash=event.hash,
    )


def events_of(subject: UUID) -> list[AuditEvent]:
    """Everything recorded about a subject, in order."""
    return list(AuditEvent.objects.filter(subject=subject).order_by("subject_kind", "sequence"))


def verify(subject: UUID) -> Verified:
    """Check every chain of a subject (one for each kind it was recorded under) against itself, its head and the seals."""
    checked = 0
    for head in AuditHead.objects.filter(subject=subject).order_by("subject_kind"):
        outcome = _verify_head(head)
        checked += outcome.checked
        if not outcome.ok:
            return Verified(checked, f"{head.subject_kind} {subject}: {outcome.problem}")
    if not checked and (AuditEvent.objects.filter(subject=subject).exists() or _leaves(subject).exists()):
        return Verified(0, f"{subject}: the head of the chain is missing")
    return Verified(checked)


def _leaves(subject: UUID) -> QuerySet[AuditLeaf]:
    return AuditLeaf.objects.filter(subject=subject)


def _verify_head(head: AuditHead) -> Verified:
    mine = AuditEvent.objects.filter(subject=head.subject, subject_kind=head.subject_kind)
    links = [_link(event) for event in mine.order_by("sequence")]
    outcome = check_chain(links)
    if not outcome.ok:
        return outcome
    if len(links) != head.sequence or (links and links[-1].hash != head.hash):
        return Verified(len(links), f"the chain ends at {len(links)}, its head says {head.sequence}")
    hashes = [GENESIS, *(link.hash for link in links)]
    for leaf in _leaves(head.subject).filter(subject_kind=head.subject_kind).select_related("seal"):
        if leaf.sequence >= len(hashes) or hashes[leaf.sequence] != leaf.hash:
            return Verified(len(links), f"event {leaf.sequence} is not the one under seal {leaf.seal.sequence}")
    return outcome


def verify_all() -> Iterator[tuple[UUID, Verified]]:
    """Check every subject the trail has heard of, one at a time."""
    subjects = AuditHead.objects.order_by("subject").values_list("subject", flat=True).distinct()
    sealed = AuditLeaf.objects.order_by("subject").values_list("subject", flat=True).distinct()
    for subject in sorted(set(subjects) | set(sealed)):
        yield subject, verify(subject)


def verify_seals() -> Verified:
    """Check the chain of seals and the root of each against its leaves."""
    before, count = GENESIS, 0
    for made in AuditSeal.objects.order_by("sequence").iterator(chunk_size=200):
        count += 1
        if made.sequence != count or made.previous != before:
            return Verified(count, f"seal {count} does not continue the one before")
        leaves = [
            leaf_hash(leaf.subject_kind, str(leaf.subject), leaf.sequence, leaf.hash)
            for leaf in made.leaf_set.order_by("position")
        ]
        if len(leaves) != made.leaves or merkle_root(leaves).hex() != made.root:
            return Verified(count, f"the leaves of seal {count} do not give its root")
        if seal_hash(made.sequence, made.at, made.root, made.previous) != made.hash:
            return Verified(count, f"seal {count} was changed")
        before = made.hash
    return Verified(count)


def latest_seals(count: int) -> list[AuditSeal]:
    """The newest seals, newest first: their hashes are what is printed and kept outside."""
    return list(AuditSeal.objects.order_by("-sequence")[:count])
