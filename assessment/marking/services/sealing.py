"""Sealing the evidence of a work into one file that anybody can check."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from assessment.marking.selectors.evidence import evidence_for
from assessment.marking.selectors.sealed import evidence_files
from lms.accounts.api import Acting
from lms.core import audit, clock
from lms.core.packages import Package, key_id, public_keys, seal


@dataclass(frozen=True)
class SealedEvidence:
    """A sealed file and the name it is handed out under."""

    name: str
    content: bytes


def seal_evidence(*, by: Acting, code: str, now: datetime) -> SealedEvidence:
    """The evidence of one work, sealed with the installation's key, for whoever may read it. The work's audit chain keeps who
    took it and the file's hash. Raises PermissionDenied, Http404 (gate).
    """
    head = evidence_for(by, code)
    at = now.astimezone(clock.SHANGHAI)
    content = seal(Package("evidence", code, f"Evidence of work {code}", at, evidence_files(head)))
    audit.record(
        subject_kind="submission",
        subject=head.uuid,
        action="evidence_sealed",
        actor=by.user,
        fields={"role": by.role, "sha256": sha256(content).hexdigest(), "key": key_id(public_keys()[0])},
        now=now,
    )
    return SealedEvidence(f"kaibo-evidence-{code}.zip", content)
