"""What this room holds about a person."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from assessment.examiners.models import Examiner
from lms.core.holdings import Holding


def hold(person: UUID, user: UUID | None) -> Sequence[Holding]:
    """Her entries in pools of examiners."""
    mine = Q(person=person) | Q(user=user) if user else Q(person=person)
    return [
        Holding(
            _("Pools of examiners"),
            [
                {
                    _("Evaluation body"): row.organisation.name,
                    _("Number of the qualification card"): row.card_no,
                    pgettext("examiner", "Grade"): row.grade,
                    pgettext("examiner", "Levels"): ", ".join(map(str, row.levels)),
                    _("Valid from"): row.valid_from,
                    _("Valid to"): row.valid_to,
                    pgettext("held", "State"): row.state,
                    _("Filed"): row.filed_at,
                }
                for row in Examiner.objects.filter(mine).select_related("organisation").order_by("id")
            ],
        )
    ]
