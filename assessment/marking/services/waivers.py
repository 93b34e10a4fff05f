"""Waiving what a disability makes impossible: a chief examiner's decision, with a reason that only those who decide read."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from assessment.candidates.selectors import open_candidacies
from assessment.marking.models import Waiver
from assessment.marking.selectors.waivers import criteria_to_waive, is_being_scored, waived_for, waiver_gate
from assessment.marking.types import MarkingRefusal
from lms.accounts.api import Acting, require
from lms.core import audit
from media_pipeline.api import waivable_checks, waive_checks


@transaction.atomic
def decide_waiver(
    *, by: Acting, candidacy: UUID, checks: Collection[str], criteria: Collection[str], reason: str, now: datetime
) -> Waiver:
    """From now on these checks and criteria are waived for a candidate, and no others; none named ends it.

    Checks count for works handed in from now on, criteria for works whose scoring has not begun. Raises PermissionDenied,
    Http404, MarkingRefusal (unknown names, nothing left to score, no reason, too late, nothing changes).
    """
    held = waiver_gate(by, candidacy)
    require(by, "waiver", "approve", place=held.organisation_path)
    if by.user is None:
        raise PermissionError("a decision is somebody's")
    before = waived_for(candidacy)
    codes = [each.code for each in criteria_to_waive(held.specification)]
    if not set(checks) <= set(waivable_checks()) or not set(criteria) <= set(codes):
        raise MarkingRefusal(_("Choose from what the page offers."))
    if codes and set(codes) == set(criteria):
        raise MarkingRefusal(_("At least one criterion must be scored."), field="criteria")
    words = reason.strip()
    if not words:
        raise MarkingRefusal(_("Write the reason: it is kept on file"), field="reason")
    if (set(before.checks), set(before.criteria)) == (set(checks), set(criteria)):
        raise MarkingRefusal(_("This is already decided."))
    if is_being_scored(candidacy):
        raise MarkingRefusal(_("This candidate's work is being scored: what it is scored by does not change any more."))
    row = Waiver.objects.create(
        candidacy=candidacy,
        organisation_path=held.organisation_path,
        checks=[name for name in waivable_checks() if name in set(checks)],
        criteria=[code for code in codes if code in set(criteria)],
        reason=words[:2000],
        by=by.user,
        at=now,
    )
    # Neither what nor why: the trail is read by more people than the decision.
    audit.record(
        subject_kind="candidacy",
        subject=candidacy,
        action="waiver_decided" if row.checks or row.criteria else "waiver_ended",
        actor=by.user,
        fields={"waiver": row.uuid},
        now=now,
    )
    return row


def waive_for_work(*, work: UUID, person: UUID, level: int, now: datetime) -> None:
    """Tell the pipeline what is waived for a work that is being handed in, inside that transaction."""
    for held in open_candidacies(person):
        if held.level == level:
            waived = waived_for(held.uuid)
            if waived.uuid is not None:
                waive_checks(work=work, checks=waived.checks, decision=waived.uuid, now=now)
