"""Writing versions of profiles, and storing decisions."""

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import yaml
from django.db import transaction

from lms.core import clock
from lms.core.ids import new_uuid
from lms.core.reference import content_hash
from lms.policies.logic import read_profile
from lms.policies.logic.content import canonical, dumped, hash_of
from lms.policies.logic.enrolment import outcome_of
from lms.policies.models import PolicyProfile, StoredDecision
from lms.policies.selectors import profile_of
from lms.policies.types import Decision, DecisionKind, NoProfile, ProfileData

DATA = Path(__file__).with_name("data")


@transaction.atomic
def load_profiles(path: Path = DATA / "profiles.yaml") -> int:
    """Store a new version of every profile whose file has changed since the last load; returns versions stored.

    What a bureau has entered is never touched: versions are only added. Raises ProfileFault.
    """
    frame: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    common = {"defaults": frame["defaults"], "common_clauses": frame["common_clauses"]}
    stored = 0
    for key, said in frame["profiles"].items():
        whole = _with_tables(said)
        if not PolicyProfile.objects.filter(key=key).exists():
            for changes in frame.get("earlier", {}).get(key, ()):
                stored += _load(key, {**common, "profile": _changed(whole, changes)})
        stored += _load(key, {**common, "profile": whole})
    return stored


def _changed(said: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**said, **changes}.items() if value is not None or name not in changes}


def _with_tables(said: Mapping[str, Any]) -> dict[str, Any]:
    """Institutions named in a table beside the file become part of the content, so that the hash covers them."""
    whole = dict(said)
    if table := said.get("institutions_table"):
        rows = (DATA / str(table)).read_text(encoding="utf-8").splitlines()[1:]
        whole["institutions"] = [row.split(",")[1] for row in rows if row]
    return whole


def _load(key: str, content: Mapping[str, Any]) -> int:
    ours = PolicyProfile.objects.filter(key=key, from_file=True).order_by("-version").first()
    if ours is not None and ours.content_hash == hash_of(content):
        return 0
    _store(key, content, from_file=True, by=None, now=clock.now())
    return 1


@transaction.atomic
def add_profile_version(
    *, by: UUID | None, key: str, changes: Mapping[str, Any], in_force_from: date, now: datetime
) -> ProfileData:
    """A new version of a known profile: `changes` over what its latest version says, in force from a filing day (S1-01).

    So a higher policy takes over, the authority opens a level (S1-10), a filing mode is read otherwise. Classes filed
    before stay with theirs. The gate is the caller's. Raises NoProfile, ProfileFault.
    """
    latest = PolicyProfile.objects.filter(key=key).order_by("-version").first()
    if latest is None:
        raise NoProfile(f"no profile is called {key!r}")
    said = {**latest.content["profile"], **changes, "in_force_from": in_force_from}
    row = _store(key, {**latest.content, "profile": said}, from_file=False, by=by, now=now)
    return profile_of(row)


def _store(key: str, content: Mapping[str, Any], *, from_file: bool, by: UUID | None, now: datetime) -> PolicyProfile:
    """One row; two writers at once meet the unique version, and one of them fails whole."""
    plain = canonical(content)
    latest = PolicyProfile.objects.filter(key=key).order_by("-version").first()
    version = latest.version + 1 if latest else 1
    uuid, fingerprint = new_uuid(), hash_of(plain)
    data = read_profile(plain, uuid=uuid, key=key, version=version, content_hash=fingerprint)
    row = PolicyProfile(
        uuid=uuid,
        key=key,
        version=version,
        content_hash=fingerprint,
        title=data.title,
        valid_from=data.valid_from,
        valid_to=data.valid_to,
        in_force_from=data.in_force_from,
        content=plain,
        from_file=from_file,
        by=by,
        created_at=now,
    )
    row.save(force_insert=True)
    return row


@transaction.atomic
def store_decision(
    *,
    kind: DecisionKind,
    subject_kind: str,
    subject: UUID,
    decision: Decision,
    profile: UUID,
    by: UUID | None,
    now: datetime,
) -> UUID:
    """Keep a decision with the profile's version it rests on; returns its uuid. `by` None: computed, by no one.

    Writes no audit event: the caller records its own act, with this uuid, last. Raises NoProfile.
    """
    row = PolicyProfile.objects.filter(uuid=profile).first()
    if row is None:
        raise NoProfile(f"no profile has the uuid {profile}")
    reasons = dumped(decision)
    stored = StoredDecision.objects.create(
        kind=kind,
        subject_kind=subject_kind,
        subject=subject,
        profile=row,
        outcome=outcome_of(decision),
        reasons=reasons,
        content_hash=content_hash(f"{kind}/{subject_kind}/{subject}/{row.content_hash}/{reasons}"),
        by=by,
        at=now,
    )
    return stored.uuid
