"""What this room holds about a person."""

from collections.abc import Sequence
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from assessment.candidates.models import Candidacy, Entitlement, PartHold, Submission
from lms.core.holdings import Holding
from lms.core.types import Level
from lms.policies.api import DecisionKind, held_decisions


def hold(person: UUID, user: UUID | None) -> Sequence[Holding]:
    """Her candidacies, what she was entitled to, and the works she handed in."""
    mine = Candidacy.objects.filter(person=person).order_by("id")
    return [
        Holding(
            _("Examinations"),
            [
                {
                    _("Class"): row.class_name,
                    _("Institution"): row.organisation_name,
                    pgettext("of a class", "Level"): Level(row.level).rank_zh,
                    _("Job"): row.job,
                    _("Planned class hours"): row.planned_hours,
                    pgettext("held", "State"): row.state,
                    pgettext("held", "Since"): row.created_at,
                }
                for row in mine
            ],
        ),
        Holding(
            _("Entitlements to parts of an examination"),
            [
                {
                    _("Class"): row.candidacy.class_name,
                    pgettext("of an examination", "Part"): row.part,
                    _("Granted"): row.granted,
                    _("Reason"): _(row.reason) if row.reason else "",
                    pgettext("held", "Since"): row.at,
                }
                for row in Entitlement.objects.filter(candidacy__in=mine).select_related("candidacy").order_by("id")
            ],
        ),
        Holding(
            _("Parts of an examination held by its results"),
            [
                {
                    _("Class"): row.candidacy.class_name,
                    pgettext("of an examination", "Part"): row.part,
                    pgettext("of an examination", "Held"): row.held,
                    _("Reason"): _(row.reason) if row.reason else "",
                    pgettext("held", "Since"): row.at,
                }
                for row in PartHold.objects.filter(candidacy__in=mine).select_related("candidacy").order_by("id")
            ],
        ),
        held_decisions(DecisionKind.EXAM_ENTITLEMENT, subjects=[row.uuid for row in mine]),
        Holding(
            _("Works handed in for an examination"),
            [
                {
                    _("Class"): row.candidacy.class_name,
                    pgettext("of an examination", "Part"): row.part,
                    _("Attempt"): row.attempt_no,
                    _("Work"): row.asset,
                    pgettext("held", "State"): row.state,
                    pgettext("held", "Since"): row.created_at,
                }
                for row in Submission.objects.filter(candidacy__in=mine).select_related("candidacy").order_by("id")
            ],
        ),
    ]
