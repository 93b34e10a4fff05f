"""`manage.py bench_exam_statistics`: all that is said of 10,000 candidates × 100 items, and its page; no database is asked."""

from argparse import ArgumentParser
from collections.abc import Iterator
from statistics import median
from time import process_time
from typing import Any
from uuid import UUID

import numpy as np
from django.core.management.base import BaseCommand
from django.template.loader import render_to_string

from assessment.bank.types import QuestionType
from assessment.statistics.building import build_parts, flag_json
from assessment.statistics.classical import item_figures, test_figures
from assessment.statistics.drift import difficulty_drift, facility_drift
from assessment.statistics.flags import thresholds
from assessment.statistics.logic import analyse
from assessment.statistics.matrix import responses_of
from assessment.statistics.models import AnalysedItem, AnalysisRun
from assessment.statistics.pages import Frame, page_of
from assessment.statistics.rasch import rasch
from assessment.statistics.types import Asked, Booklet, Given, PartRecord, Responses, Sheet
from lms.core import clock

AIM_S = 5.0
PAGE_AIM_S = 0.06
_OPTIONS = ("A", "B", "C", "D")


class Command(BaseCommand):
    help = "Measure item and test statistics on answers drawn from a seed; prints CPU seconds of one process."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--runs", type=int, default=3, help="how often each thing is done; the median is told")
        parser.add_argument("--candidates", type=int, default=10_000)
        parser.add_argument("--items", type=int, default=100)
        parser.add_argument("--slow", type=float, default=0.1, help="share of candidates whose time ran out")

    def handle(self, *args: Any, **options: Any) -> None:
        for line in measures(options["candidates"], options["items"], options["slow"], options["runs"]):
            self.stdout.write(line)


def measures(candidates: int, items: int, slow: float, runs: int) -> Iterator[str]:
    """Lines to print."""
    asked, sheets = _sheets(candidates, items, slow)
    spent, responses = _timed(runs, lambda: responses_of(asked, sheets))
    yield f"{candidates} candidates x {items} items, {slow:.0%} of them out of time"
    yield _line("matrix of answers", spent)
    halves = [_part(responses, rows) for rows in (slice(None, candidates // 2), slice(candidates // 2, None))]
    yield _line("item figures", _timed(runs, lambda: item_figures(responses))[0])
    yield _line("test figures", _timed(runs, lambda: test_figures(responses))[0])
    yield _line("Rasch with fit", _timed(runs, lambda: rasch(responses))[0])
    models = [rasch(half) for half in halves]
    yield _line("drift of facility", _timed(runs, lambda: facility_drift(halves[0], halves[1]))[0])
    yield _line("drift of difficulty", _timed(runs, lambda: difficulty_drift(models[0], models[1]))[0])
    whole, report = _timed(runs, lambda: analyse(responses))
    yield _line("whole report", whole) + f"   aim {AIM_S:.0f} s: {'met' if whole < AIM_S else 'MISSED'}"
    booklet = Booklet(UUID(int=1), "A", asked, tuple(range(1, items + 1)), tuple(sheets))
    spent, parts = _timed(runs, lambda: build_parts((booklet,), thresholds()))
    yield _line("run to keep", spent)
    run, rows = _kept(parts[0])
    page = _timed(runs * 3, lambda: _shown(run, rows))[0]
    yield _line("page from it", page) + f"   aim {PAGE_AIM_S * 1000:.0f} ms: {'met' if page < PAGE_AIM_S else 'MISSED'}"
    yield f"{len(report.flags)} flags, alpha {report.test.alpha or 0:.3f}"


def _kept(part: PartRecord) -> tuple[AnalysisRun, list[AnalysedItem]]:
    """As they come from the database."""
    run = AnalysisRun(
        kind="sitting", subject=UUID(int=1), number=1, level=5, title="", held_at=clock.real_now(), sittings=1,
        candidates=part.content["candidates"], flagged=0, parts=[part.content], engine="", content_hash="",
        at=clock.real_now(),
    )  # fmt: skip
    rows = [
        AnalysedItem(
            pk=item.position, part=0, position=item.position, question=item.question, version=item.version,
            serial=item.position, version_number=1, topic="C5-01", type="single", figures=item.figures,
            flags=[flag_json(flag) for flag in item.flags],
        )
        for item in part.items
    ]  # fmt: skip
    return run, rows


def _shown(run: AnalysisRun, rows: list[AnalysedItem]) -> str:
    page = page_of(run, rows, Frame(desk=True))
    return render_to_string("assessment/statistics/_run.html", {"page": page, "desk": True})


def _line(what: str, seconds: float) -> str:
    return f"{what:<20}{seconds:8.3f} s"


def _timed(runs: int, work: Any) -> tuple[float, Any]:
    spent = []
    done = None
    for _run in range(max(1, runs)):
        began = process_time()
        done = work()
        spent.append(process_time() - began)
    return median(spent), done


def _part(responses: Responses, rows: slice) -> Responses:
    return Responses(responses.items, responses.shares[rows], responses.seen[rows], responses.chosen[rows])


def _sheets(candidates: int, items: int, slow: float) -> tuple[tuple[Asked, ...], list[Sheet]]:
    """Single-choice items of the Rasch model; who is out of time stops somewhere in the last third."""
    draw = np.random.default_rng(20261121)
    asked = tuple(
        Asked(UUID(int=number), UUID(int=items + number), QuestionType.SINGLE, 1.0, _OPTIONS, frozenset("A"))
        for number in range(items)
    )
    difficulty, ability = draw.normal(-0.5, 1, items), draw.normal(0, 1, (candidates, 1))
    right = draw.random((candidates, items)) < 1 / (1 + np.exp(difficulty - ability))
    letters = np.where(right, 0, draw.integers(1, len(_OPTIONS), right.shape))
    out = draw.random(candidates) < slow
    stops = np.where(out, draw.integers(items - items // 3, items, candidates), items)
    chosen = [frozenset(letter) for letter in _OPTIONS]
    sheets = []
    for row in range(candidates):
        given = {
            item.version: Given(at + 1, answered=True, marks=float(right[row, at]), chosen=chosen[letters[row, at]])
            if at < stops[row]
            else Given(at + 1, answered=False, marks=0.0)
            for at, item in enumerate(asked)
        }
        sheets.append(Sheet(given, timed_out=bool(out[row])))
    return asked, sheets
