"""What this room holds about a person."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from assessment.candidates.models import Candidacy
from assessment.results.labels import grade_label, part_label, state_label
from assessment.results.logic import number_of
from assessment.results.models import CountedAbsence, ExpiredPart, FreshStart, GradeStanding, PartMark, UsedUp
from assessment.results.types import GradeState
from assessment.specification.types import Part
from lms.core.holdings import Holding
from lms.policies.api import DecisionKind, Grade, held_decisions


def hold(person: UUID, user: UUID | None) -> Sequence[Holding]:
    """Her marks and grade decisions that were published; one under way is not hers to read yet (domain 3.2)."""
    mine = list(Candidacy.objects.filter(person=person).order_by("id"))
    hers = {"candidacy__in": mine}
    standings = GradeStanding.objects.filter(candidacy__person=person, released_at__isnull=False)
    rows = list(standings.select_related("decision", "candidacy").order_by("released_at", "id"))
    told = {part.outcome for row in rows for part in row.decision.part_grades if part.outcome}
    marks = PartMark.objects.filter(candidacy__person=person, outcome__in=told).select_related("candidacy")
    return [
        Holding(
            _("Results"),
            [
                {
                    pgettext("held", "Number"): number_of(row.decision.uuid),
                    _("Class"): row.candidacy.class_name,
                    pgettext("of a result", "Version"): row.decision.version,
                    _("All parts together"): row.decision.composite,
                    pgettext("of a result", "Grade"): grade_label(Grade(row.decision.grade)),
                    pgettext("held", "State"): state_label(GradeState(row.state), pending=False)[0],
                    pgettext("held", "Released"): row.released_at,
                }
                for row in rows
            ],
        ),
        held_decisions(DecisionKind.GRADE, uuids=[row.decision.policy_decision for row in rows]),
        Holding(
            _("Marks of the parts of an examination"),
            [
                {
                    _("Class"): mark.candidacy.class_name,
                    pgettext("of an examination", "Part"): part_label(Part(mark.part)),
                    pgettext("held", "Mark"): mark.mark,
                    pgettext("held", "Since"): mark.received_at,
                }
                for mark in marks.order_by("id")
            ],
        ),
        held_decisions(DecisionKind.RESIT, subjects=[row.uuid for row in mine]),
        Holding(
            _("Resits and absences"),
            [
                _line(row, words)
                for words, rows in (
                    (_("No resit is left"), UsedUp.objects.filter(**hers)),
                    (_("Counted anew after a training"), FreshStart.objects.filter(**hers)),
                    (_("Absent, which used an attempt"), CountedAbsence.objects.filter(**hers)),
                    (_("A passed part that counts no longer"), ExpiredPart.objects.filter(**hers)),
                )
                for row in rows.select_related("candidacy").order_by("id")
            ],
        ),
    ]


def _line(row: UsedUp | FreshStart | CountedAbsence | ExpiredPart, words: str) -> dict[str, str | datetime]:
    return {
        _("Class"): row.candidacy.class_name,
        pgettext("held", "State"): words,
        pgettext("held", "Since"): row.at,
    }
