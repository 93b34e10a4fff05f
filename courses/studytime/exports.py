"""Study time out of the house: for authorities, recorded and marked."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from courses.classes.models import TrainingClass
from courses.enrolment.models import Enrolment
from courses.enrolment.types import PLACED
from courses.studytime.models import StudyStream, StudyTotal
from courses.studytime.pages import lesson_rows, plan_of, required_seconds, titles_outside
from courses.studytime.rules import study_rules
from courses.studytime.selectors import hours_of, humans, lesson_sums, profile_key
from courses.studytime.services import refresh_days
from courses.studytime.words import rule_words
from lms.accounts.api import Acting, User, masked_name
from lms.core import audit
from lms.core.tables import Table, Value, csv_bytes, written_by, xlsx_bytes

KINDS = ("xlsx", "csv")


@transaction.atomic
def export_time(*, by: Acting, training_class: TrainingClass, kind: str, now: datetime) -> bytes:
    """The counted time of a class as a file; every day is added up first.

    `training_class` from `pages.overseen_class`. Names are masked; the enrolment's number finds the person again.
    """
    rows = Enrolment.objects.filter(training_class=training_class, state__in=PLACED).select_related("person")
    enrolled = list(rows.order_by("id"))
    refresh_days(persons=list(humans([row.person_id for row in enrolled])))
    tables = [_people(training_class, enrolled), _days(enrolled), _rules(training_class)]
    user = User.objects.filter(uuid=by.user).first() if by.user else None
    mark = written_by(user.get_full_name() if user else "", by.organisation_name, now)
    made = xlsx_bytes(tables, mark=mark) if kind == "xlsx" else csv_bytes(tables[0], mark=mark)
    audit.record(
        subject_kind="training_class",
        subject=training_class.uuid,
        action="study_time_exported",
        actor=by.user,
        fields={"kind": kind, "rows": len(enrolled)},
        now=now,
    )
    return made


def _people(training_class: TrainingClass, enrolled: list[Enrolment]) -> Table:
    sums = lesson_sums([row.pk for row in enrolled])
    hours = hours_of(training_class, [(row.pk, row.uuid) for row in enrolled], sums=sums)
    plan = plan_of(training_class)
    titles = titles_outside(sums, [plan] if plan else [])
    required = required_seconds(plan)
    rows: list[list[Value]] = []
    for number, row in enumerate(enrolled, start=1):
        held = hours[row.uuid]
        rows.append(
            [
                number,
                masked_name(row.person.name),
                str(row.uuid),
                _("All lessons"),
                required // 60,
                held.seconds,
                held.hours,
                held.hour_minutes,
            ]
        )
        rows += [
            [number, "", str(row.uuid), one.title, one.required_s // 60, one.seconds, None, None]
            for one in lesson_rows(row, sums, plan=plan, titles=titles)
        ]
    return Table(
        _("Counted study time"),
        [
            pgettext("study time", "No."),
            pgettext("study time", "Trainee"),
            _("Number of the enrolment"),
            pgettext("study time", "Lesson"),
            _("Minutes asked for"),
            _("Seconds counted"),
            _("Class hours"),
            _("Minutes of a class hour"),
        ],
        rows,
        (6, 12, 38, 36, 12, 12, 10, 12),
    )


def _days(enrolled: list[Enrolment]) -> Table:
    names = {row.pk: (str(row.uuid), masked_name(row.person.name)) for row in enrolled}
    sums: dict[tuple[int, object], int] = {}
    for enrolment, day, ms in StudyTotal.objects.filter(enrolment__in=list(names)).values_list(
        "enrolment_id", "day", "ms"
    ):
        sums[enrolment, day] = sums.get((enrolment, day), 0) + ms
    rows: list[list[Value]] = [
        [*names[enrolment], str(day), ms // 1000] for (enrolment, day), ms in sorted(sums.items(), key=str) if ms
    ]
    return Table(
        _("Day by day"),
        [
            _("Number of the enrolment"),
            pgettext("study time", "Trainee"),
            pgettext("study time", "Day"),
            _("Seconds counted, before the limit of a lesson"),
        ],
        rows,
        (38, 12, 12, 24),
    )


def _rules(training_class: TrainingClass) -> Table:
    used = StudyStream.objects.filter(enrolment__training_class=training_class).order_by()
    key = profile_key(training_class)
    versions = sorted(set(used.values_list("rules_version", flat=True)))
    rows: list[list[Value]] = []
    for version in versions:
        rows += [[version, label, value] for label, value in rule_words(study_rules(version, key))]
    return Table(
        _("How it was counted"),
        [_("Version of the rules"), pgettext("study time", "Rule"), pgettext("study time", "Value")],
        rows,
        (12, 44, 40),
    )
