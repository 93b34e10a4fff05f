"""`manage.py bench_exam_statistics`: everything that is said of 10,000 candidates × 100 items; no database is asked."""

from argparse import ArgumentParser
from collections.abc import Iterator
from statistics import median
from time import process_time
from typing import Any
from uuid import UUID

import numpy as np
from django.core.management.base import BaseCommand

from assessment.bank.types import QuestionType
from assessment.statistics.classical import item_figures, test_figures
from assessment.statistics.drift import difficulty_drift, facility_drift
from assessment.statistics.logic import analyse
from assessment.statistics.matrix import responses_of
from assessment.statistics.rasch import rasch
from assessment.statistics.types import Asked, Given, Responses, Sheet

AIM_S = 5.0
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
    yield f"{len(report.flags)} flags, alpha {report.test.alpha or 0:.3f}"


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
