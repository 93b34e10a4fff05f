"""Reading profiles and decisions."""

from datetime import date
from uuid import UUID

from lms.policies.logic import VersionHead, read_profile, resolve
from lms.policies.logic.content import loaded
from lms.policies.models import PolicyProfile, StoredDecision
from lms.policies.types import DecisionKind, NoProfile, ProfileData, StoredDecisionData


def profile_of(row: PolicyProfile) -> ProfileData:
    """One row as typed data."""
    return read_profile(row.content, uuid=row.uuid, key=row.key, version=row.version, content_hash=row.content_hash)


def profile(uuid: UUID) -> ProfileData:
    """The version a class is pinned to. Raises NoProfile."""
    row = PolicyProfile.objects.filter(uuid=uuid).first()
    if row is None:
        raise NoProfile(f"no profile has the uuid {uuid}")
    return profile_of(row)


def profile_in_force(key: str, on: date) -> ProfileData:
    """The version that holds for a class filed on a day (S1-01). Raises NoProfile.

    The days classes must lie within are another matter: `class_opening` judges them.
    """
    heads = [
        VersionHead(uuid, version, in_force_from)
        for uuid, version, in_force_from in PolicyProfile.objects.filter(key=key).values_list(
            "uuid", "version", "in_force_from"
        )
    ]
    head = resolve(heads, on)
    if head is None:
        raise NoProfile(f"no version of {key!r} is in force on {on}")
    return profile(head.uuid)


def profiles(*, on: date) -> list[ProfileData]:
    """The version of every profile in force on a day, by key; profiles whose day has not come are left out."""
    heads: dict[str, list[VersionHead]] = {}
    for key, uuid, version, in_force_from in PolicyProfile.objects.values_list(
        "key", "uuid", "version", "in_force_from"
    ):
        heads.setdefault(key, []).append(VersionHead(uuid, version, in_force_from))
    chosen = [head.uuid for versions in heads.values() if (head := resolve(versions, on))]
    return [profile_of(row) for row in PolicyProfile.objects.filter(uuid__in=chosen).order_by("key")]


def versions(key: str) -> list[ProfileData]:
    """Every version of one profile, newest first."""
    return [profile_of(row) for row in PolicyProfile.objects.filter(key=key).order_by("-version")]


def decision(uuid: UUID) -> StoredDecisionData:
    """A stored decision. The gate is the caller's. Raises LookupError."""
    row = StoredDecision.objects.filter(uuid=uuid).select_related("profile").first()
    if row is None:
        raise LookupError(f"no decision has the uuid {uuid}")
    return decision_of(row)


def decisions_about(subject: UUID, kind: DecisionKind | None = None) -> list[StoredDecisionData]:
    """What was decided about one subject, newest first."""
    rows = StoredDecision.objects.filter(subject=subject).select_related("profile").order_by("-pk")
    return [decision_of(row) for row in (rows.filter(kind=kind) if kind else rows)]


def decision_of(row: StoredDecision) -> StoredDecisionData:
    """One row as data."""
    return StoredDecisionData(
        uuid=row.uuid,
        kind=DecisionKind(row.kind),
        subject_kind=row.subject_kind,
        subject=row.subject,
        decision=loaded(row.reasons),
        profile=row.profile.uuid,
        by=row.by,
        at=row.at,
    )
