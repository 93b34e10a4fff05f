"""What this room holds about a person: the marks of her papers that were made known, and where she was absent."""

from collections.abc import Sequence
from uuid import UUID

from django.utils.translation import pgettext

from assessment.delivery.models import RosterEntry
from assessment.theory.models import Absence, PaperRelease
from lms.core.holdings import Holding


def hold(person: UUID, user: UUID | None) -> Sequence[Holding]:
    """A mark that is not released is not hers to read yet; question, key and outcome of an answer are in none of it."""
    released = PaperRelease.objects.filter(mark__attempt__entry__person=person).order_by("id")
    mine = RosterEntry.objects.filter(person=person)
    absent = Absence.objects.filter(candidacy__in=mine.values("candidacy"), sitting__in=mine.values("sitting"))
    return [
        Holding(
            pgettext("held", "Marks of examination papers"),
            [
                {
                    pgettext("sitting", "Sitting"): row.mark.attempt.entry.sitting.title,
                    pgettext("held", "Version"): row.mark.number,
                    pgettext("held", "Mark"): row.mark.mark,
                    pgettext("held", "Released"): row.at,
                }
                for row in released.select_related("mark__attempt__entry__sitting")
            ],
        ),
        Holding(
            pgettext("held", "Absences from examinations"),
            [
                {pgettext("sitting", "Sitting"): row.sitting.title, pgettext("held", "On"): row.sitting.opens_at}
                for row in absent.select_related("sitting").order_by("id")
            ],
        ),
    ]
