"""What this room holds about a person."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Count, Max, Q
from django.utils.translation import pgettext

from courses.studytime.models import PlatformLog, StudyStream, StudyTotal
from lms.core.holdings import Holding


def hold(person: UUID, user: UUID | None) -> Sequence[Holding]:
    """Every lesson page opened with how many beats it sent, what was counted a day, and logs of other platforms."""
    mine = Q(person__uuid=person) | Q(person__user__uuid=user) if user else Q(person__uuid=person)
    hers = (
        Q(enrolment__person__uuid=person) | Q(enrolment__person__user__uuid=user)
        if user
        else Q(enrolment__person__uuid=person)
    )
    streams = StudyStream.objects.filter(mine).annotate(number=Count("beats"), last=Max("beats__received_at"))
    totals = StudyTotal.objects.filter(hers).select_related("enrolment__training_class")
    logs = PlatformLog.objects.filter(hers).select_related("log_file")
    return [
        Holding(
            pgettext("study time", "Opened lesson pages"),
            [
                {
                    pgettext("study time", "Opened"): row.opened_at,
                    pgettext("study time", "Lesson"): row.lesson,
                    pgettext("study time", "Device"): row.device,
                    pgettext("study time", "Beats"): row.number,
                    pgettext("study time", "Last beat"): row.last,
                    pgettext("study time", "Version of the rules"): row.rules_version,
                }
                for row in streams.order_by("id")
            ],
        ),
        Holding(
            pgettext("study time", "Counted study time"),
            [
                {
                    pgettext("study time", "Class"): row.enrolment.training_class.name,
                    pgettext("study time", "Lesson"): row.lesson,
                    pgettext("study time", "Day"): row.day,
                    pgettext("study time", "Seconds"): row.ms // 1000,
                }
                for row in totals.order_by("day", "id")
            ],
        ),
        Holding(
            pgettext("study time", "Study on other platforms"),
            [
                {
                    pgettext("study time", "Platform"): row.log_file.platform,
                    pgettext("study time", "Title"): row.title,
                    pgettext("study time", "From"): row.started_at,
                    pgettext("study time", "Until"): row.ended_at,
                }
                for row in logs.order_by("id")
            ],
        ),
    ]
