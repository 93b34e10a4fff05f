"""Looking at two works side by side is written down; a chief examiner lets one go on with a reason."""

from datetime import datetime

from django.db import transaction

from assessment.marking.selectors.lookalikes import lookalike_gate, lookalike_pair
from assessment.marking.types import AlikePair, MarkingRefusal
from lms.accounts.api import Acting, require
from lms.core import audit
from media_pipeline.api import Release, ReleaseRefused, release_work


@transaction.atomic
def open_lookalike(*, by: Acting, code: str, number: int, now: datetime) -> AlikePair:
    """Both works of a match, for whoever may see the first one's evidence. That it was looked at, when and by whom stands in
    the other's chain. Raises PermissionDenied, Http404."""
    head, sides, pair = lookalike_pair(by, code, number)
    audit.record(
        subject_kind="submission",
        subject=sides.other,
        action="seen_as_lookalike",
        actor=by.user,
        fields={"match": sides.head.uuid, "of": head.uuid},
        now=now,
    )
    return pair


def release_lookalike(*, by: Acting, code: str, reason: str, now: datetime) -> Release:
    """Let a work that is held back as the same file go on to scoring. Raises PermissionDenied, Http404, MarkingRefusal."""
    head = lookalike_gate(by, code)
    require(by, "lookalike", "approve", place=head.organisation_path)
    if by.user is None:
        raise PermissionError("a decision is somebody's")
    try:
        row = release_work(by=by.user, work=head.uuid, reason=reason, now=now)
    except ReleaseRefused as refused:
        raise MarkingRefusal(refused.message, field=refused.field) from refused
    return Release(row.reason, row.by, row.at)
