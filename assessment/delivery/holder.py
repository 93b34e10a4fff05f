"""What this room holds about a person: the sittings she was on the roster of, and what she answered."""

from collections.abc import Sequence
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from assessment.delivery.logic import to_moment
from assessment.delivery.models import Answer, Application, Arrangement, Attempt, IntegrityEvent, Keying, RosterEntry
from lms.core.holdings import Holding


def hold(person: UUID, user: UUID | None) -> Sequence[Holding]:
    """Her places on rosters, her attempts, her answers as they arrived, and what the exam page noticed."""
    mine = RosterEntry.objects.filter(person=person)
    attempts = Attempt.objects.filter(entry__in=mine)
    answers = Answer.objects.filter(attempt__in=attempts).order_by("id").select_related("attempt__entry__sitting")
    noticed = (
        IntegrityEvent.objects.filter(attempt__in=attempts).order_by("id").select_related("attempt__entry__sitting")
    )
    return [
        Holding(
            pgettext("held", "Sittings of examinations"),
            [
                {
                    pgettext("sitting", "Sitting"): row.sitting.title,
                    pgettext("sitting", "Seat"): row.seat,
                    pgettext("sitting", "On the roster"): row.included,
                    pgettext("sitting", "Left out because"): _(row.reason) if row.reason else "",
                    pgettext("sitting", "Extra minutes"): row.extra_minutes,
                    pgettext("sitting", "Extra minutes because"): row.extra_reason,
                    pgettext("held", "Since"): row.added_at,
                }
                for row in mine.select_related("sitting").order_by("id")
            ],
        ),
        Holding(
            pgettext("held", "Applications for accreditations"),
            [
                {
                    pgettext("sitting", "Sitting"): row.sitting.title,
                    pgettext("application", "Practice"): row.practice,
                    pgettext("application", "Admitted"): ruling.granted
                    if (ruling := getattr(row, "ruling", None))
                    else None,
                    _("Reason"): ruling.reason if ruling else "",
                    pgettext("held", "Since"): row.at,
                }
                for row in Application.objects.filter(person=person).select_related("sitting", "ruling").order_by("id")
            ],
        ),
        Holding(
            pgettext("held", "Arrangements in examinations"),
            [
                {
                    pgettext("sitting", "Sitting"): row.entry.sitting.title,
                    pgettext("arrangement", "Arrangement"): row.kind,
                    pgettext("arrangement", "Who writes for the candidate"): row.scribe,
                    _("Reason"): row.reason,
                    pgettext("arrangement", "Granted"): ruling.granted
                    if (ruling := getattr(row, "ruling", None))
                    else None,
                    pgettext("arrangement", "Decided because"): ruling.reason if ruling else "",
                    pgettext("held", "Since"): row.at,
                }
                for row in Arrangement.objects.filter(entry__in=mine)
                .select_related("entry__sitting", "ruling")
                .order_by("id")
            ],
        ),
        Holding(
            pgettext("held", "Paper forms keyed in"),
            [
                {
                    pgettext("sitting", "Sitting"): row.attempt.entry.sitting.title,
                    pgettext("of an examination", "Attempt"): row.number,
                    pgettext("sitting", "Answer"): row.responses,
                    pgettext("held", "On"): row.at,
                }
                for row in Keying.objects.filter(attempt__in=attempts)
                .select_related("attempt__entry__sitting")
                .order_by("id")
            ],
        ),
        Holding(
            pgettext("held", "Attempts at examinations"),
            [
                {
                    pgettext("sitting", "Sitting"): row.entry.sitting.title,
                    pgettext("of an examination", "Attempt"): row.number,
                    pgettext("held", "State"): row.state,
                    pgettext("held", "Since"): row.created_at,
                }
                for row in attempts.select_related("entry__sitting").order_by("id")
            ],
        ),
        Holding(
            pgettext("held", "Answers in examinations"),
            [
                {
                    pgettext("sitting", "Sitting"): row.attempt.entry.sitting.title,
                    pgettext("sitting", "Question number"): row.position,
                    pgettext("sitting", "Answer"): row.response,
                    pgettext("sitting", "Standing"): row.standing,
                    pgettext("held", "On"): to_moment(row.at_ms),
                }
                for row in answers
            ],
        ),
        Holding(
            pgettext("held", "What the exam page noticed"),
            [
                {
                    pgettext("sitting", "Sitting"): row.attempt.entry.sitting.title,
                    pgettext("sitting", "Noticed"): row.kind,
                    pgettext("held", "On"): to_moment(row.at_ms - row.ago_ms),
                }
                for row in noticed
            ],
        ),
    ]
