"""What this room holds about a person: blueprints she wrote or approved, papers she drew, approved or withdrew."""

from collections.abc import Sequence
from uuid import UUID

from django.utils.translation import pgettext

from assessment.papers.models import Blueprint, BlueprintApproval, PaperForm, PaperMove
from lms.core.holdings import Holding


def hold(person: UUID, user: UUID | None) -> Sequence[Holding]:
    """Her part in blueprints and papers; all of it hangs on her login."""
    if user is None:
        return []
    blueprint, version = pgettext("paper", "Blueprint"), pgettext("paper", "Version")
    paper, on = pgettext("paper", "Paper"), pgettext("held", "On")
    written = Blueprint.objects.filter(author=user).order_by("id")
    approved = BlueprintApproval.objects.filter(by=user).order_by("id").select_related("blueprint")
    drawn = PaperForm.objects.filter(by=user).order_by("id").only("uuid", "at")
    moved = PaperMove.objects.filter(by=user).order_by("id").select_related("paper")
    return [
        Holding(
            pgettext("held", "Blueprints you wrote"),
            [{blueprint: one.title, version: one.version, on: one.created_at} for one in written],
        ),
        Holding(
            pgettext("held", "Blueprints you approved"),
            [{blueprint: one.blueprint.title, version: one.blueprint.version, on: one.at} for one in approved],
        ),
        Holding(pgettext("held", "Papers you drew"), [{paper: one.uuid, on: one.at} for one in drawn]),
        Holding(
            pgettext("held", "Papers you approved or withdrew"),
            [{paper: one.paper.uuid, pgettext("paper", "Reason"): one.reason, on: one.at} for one in moved],
        ),
    ]
