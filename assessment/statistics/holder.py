"""What this room holds about a person: what she decided as a member of the committee. Runs hold nobody's answers."""

from collections.abc import Sequence
from uuid import UUID

from django.utils.translation import pgettext

from assessment.statistics.models import ConcernDecision
from assessment.statistics.presentation import STATES
from assessment.statistics.types import ConcernState
from lms.core.holdings import Holding


def hold(person: UUID, user: UUID | None) -> Sequence[Holding]:
    """Her decisions hang on her login."""
    if user is None:
        return []
    rows = ConcernDecision.objects.filter(by=user).select_related("concern").order_by("id")
    return [
        Holding(
            pgettext("held", "Questions with bad statistics you decided on"),
            [
                {
                    pgettext("question", "Question"): row.concern.serial,
                    pgettext("question", "Version"): row.concern.version_number,
                    pgettext("question", "Verdict"): str(STATES[ConcernState(row.verdict)]),
                    pgettext("question", "Reason"): row.reason,
                    pgettext("held", "On"): row.at,
                }
                for row in rows
            ],
        )
    ]
