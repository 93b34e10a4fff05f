"""A run out of the house as an Excel file: figures alone, no text of a question, no option and no key; recorded and marked."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils.translation import pgettext

from assessment.statistics.building import flag_of
from assessment.statistics.models import AnalysedItem, AnalysisRun
from assessment.statistics.presentation import counted, flag_label
from assessment.statistics.selectors import items_of, run_for
from lms.accounts.api import Acting, User
from lms.core import audit, clock
from lms.core.tables import Table, Value, written_by, xlsx_bytes


@transaction.atomic
def export_run(*, by: Acting, run: UUID, now: datetime) -> bytes:
    """Every paper of a run: items, test figures, scores. Papers below `shown_min` candidates have no figures to give.

    Raises NotAllowed, Http404.
    """
    row = run_for(by, run)
    items = items_of(row)
    user = User.objects.filter(uuid=by.user).first() if by.user else None
    made = xlsx_bytes(
        [_items(row, items), _tests(row), _scores(row)],
        mark=written_by(user.get_full_name() if user else "", by.organisation_name, now),
    )
    audit.record(
        subject_kind="analysis",
        subject=row.subject,
        action="exported",
        actor=by.user,
        fields={"run": row.uuid, "rows": len(items)},
        now=now,
    )
    return made


def export_name(run: AnalysisRun) -> str:
    """Of the file, in letters every machine takes."""
    return f"statistics-{clock.day_of(run.held_at).isoformat()}-{run.uuid.hex[:8]}.xlsx"


def _value(figure: float | None, digits: int = 4) -> Value:
    return None if figure is None else round(Decimal(str(figure)), digits)


def _items(run: AnalysisRun, items: Sequence[AnalysedItem]) -> Table:
    forms = [part["form"] for part in run.parts]
    names = (
        ("asked", pgettext("statistics", "Asked")),
        ("answered", pgettext("statistics", "Answered")),
        ("omitted", pgettext("statistics", "Left empty")),
        ("not_reached", pgettext("statistics", "Not reached")),
    )
    figures = (
        ("facility", pgettext("statistics", "Facility")),
        ("correlation", pgettext("statistics", "Item–rest r")),
        ("upper_lower", pgettext("statistics", "Best third less weakest third")),
        ("alpha_without", pgettext("statistics", "Alpha without")),
        ("difficulty", pgettext("statistics", "Rasch difficulty")),
        ("error", pgettext("statistics", "Standard error")),
        ("infit", pgettext("statistics", "Infit")),
        ("outfit", pgettext("statistics", "Outfit")),
    )
    return Table(
        pgettext("statistics", "Questions"),
        [
            pgettext("paper", "Form"),
            pgettext("statistics", "No."),
            pgettext("statistics", "In the bank"),
            pgettext("statistics", "Version"),
            pgettext("statistics", "Topic"),
            *(label for _name, label in (*names, *figures)),
            pgettext("statistics", "To look at"),
        ],
        [
            [
                forms[item.part],
                item.position or None,
                item.serial,
                item.version_number,
                item.topic,
                *(item.figures.get(name) for name, _label in names),
                *(_value(item.figures.get(name)) for name, _label in figures),
                counted([flag_label(flag_of(said)) for said in item.flags]),
            ]
            for item in items
        ],
        (6, 6, 10, 8, 10, *([10] * 12), 30),
    )


def _tests(run: AnalysisRun) -> Table:
    names = (
        ("candidates", pgettext("statistics", "Candidates")),
        ("items", pgettext("statistics", "Questions")),
        ("maximum", pgettext("statistics", "Marks")),
        ("mean", pgettext("statistics", "Mean")),
        ("deviation", pgettext("statistics", "Standard deviation")),
        ("lowest", pgettext("statistics", "Lowest")),
        ("median", pgettext("statistics", "Median")),
        ("highest", pgettext("statistics", "Highest")),
        ("alpha", pgettext("statistics", "Reliability (alpha)")),
        ("error", pgettext("statistics", "Standard error of measurement")),
    )
    return Table(
        pgettext("statistics", "Papers"),
        [pgettext("paper", "Form"), *(label for _name, label in names)],
        [
            [
                part["form"],
                part["candidates"],
                part["items"],
                *(_value(part["test"][name] if part["shown"] else None) for name, _label in names[2:]),
            ]
            for part in run.parts
        ],
    )


def _scores(run: AnalysisRun) -> Table:
    return Table(
        pgettext("statistics", "Scores"),
        [
            pgettext("paper", "Form"),
            pgettext("statistics", "From, of 100"),
            pgettext("statistics", "To below"),
            pgettext("statistics", "Candidates"),
        ],
        [
            [part["form"], at * 100 // len(part["scores"]), (at + 1) * 100 // len(part["scores"]), count]
            for part in run.parts
            if part["shown"]
            for at, count in enumerate(part["scores"])
        ],
    )
