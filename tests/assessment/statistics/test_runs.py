"""Runs: what is kept, that the same marks give the same run, that nobody's mark and no key can be read in it."""

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import numpy as np
import pytest
from django.db import connection

from assessment.bank.types import Key
from assessment.delivery.facts import released_sittings
from assessment.delivery.models import Attempt
from assessment.delivery.types import AttemptState, SittingState
from assessment.statistics.building import build_parts, whole
from assessment.statistics.flags import thresholds
from assessment.statistics.gathering import booklets_by_paper, fingerprint, gather
from assessment.statistics.listeners import analyse_released
from assessment.statistics.models import AnalysedItem, AnalysisRun
from assessment.statistics.services import analyse_group, analyse_level, analyse_sitting
from assessment.statistics.services.runs import SITTING_JOB, sealed
from assessment.statistics.types import Code, RunKind
from assessment.theory.events import PaperReleased
from assessment.theory.models import PaperMark
from lms.core.jobs import Job, drain
from lms.core.types import Level
from tests.assessment.statistics.world import LATER, World, build_paper, letters, sitting
from tests.lms.accounts.world import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db: None) -> World:
    return build_paper(8)


def test_a_run_says_what_the_answers_say_and_the_same_again_makes_no_other(world: World) -> None:
    chosen = letters(world, 40)
    row = sitting(world, chosen)
    run = analyse_sitting(sitting=row.uuid, now=LATER)
    assert run is not None
    key = np.array([world.key[position] for position in sorted(world.key)])
    items = list(run.items.order_by("position"))
    assert [item.figures["facility"] for item in items] == pytest.approx(list((chosen == key).mean(axis=0)), abs=1e-6)
    assert (run.candidates, run.parts[0]["test"]["mean"]) == (40, pytest.approx((chosen == key).mean() * 100))
    assert analyse_sitting(sitting=row.uuid, now=LATER) == run
    # Made again from the marks, byte by byte; two readings of the same marks have one fingerprint, another key another.
    one, other = (gather(released_sittings(Level.ELEMENTARY), now=LATER) for _time in range(2))
    assert sealed(whole(build_parts(booklets_by_paper(one), thresholds()))) == run.content_hash
    assert fingerprint(one, "") == fingerprint(other, "")
    document = one.documents[world.version(1)]
    turned = replace(other, documents={**other.documents, world.version(1): replace(document, key=Key(choices=("Z",)))})
    assert fingerprint(one, "") != fingerprint(turned, "")


def test_a_regrade_makes_another_run_and_the_first_stays(world: World) -> None:
    row = sitting(world, letters(world, 20))
    first = analyse_sitting(sitting=row.uuid, now=LATER)
    held = PaperMark.objects.filter(attempt__entry__sitting=row)[0]
    items = [
        item | {"outcome": "struck", "mark": item["max"]} if item["position"] == 1 else item for item in held.items
    ]
    fields = {f.name: getattr(held, f.name) for f in PaperMark._meta.fields if f.name not in ("id", "uuid")}
    PaperMark.objects.create(**fields | {"number": 2, "items": items})
    second = analyse_sitting(sitting=row.uuid, now=LATER)
    assert first is not None
    assert second is not None
    assert (first.number, second.number) == (1, 2)
    asked = {run: run.items.get(position=1).figures["asked"] for run in (first, second)}
    assert asked == {first: 20, second: 19}, "a mark by decision says nothing about the question"


@pytest.mark.parametrize("state", (SittingState.CLOSED, SittingState.MARKED, SittingState.VOIDED))
def test_nothing_is_analysed_before_release(world: World, state: SittingState) -> None:
    row = sitting(world, letters(world, 10), state=state)
    assert analyse_sitting(sitting=row.uuid, now=LATER) is None
    assert analyse_level(level=Level.ELEMENTARY, now=LATER) is None


def test_fewer_than_five_leave_no_figure_at_all(world: World) -> None:
    row = sitting(world, letters(world, 4))
    run = analyse_sitting(sitting=row.uuid, now=LATER)
    assert run is not None
    assert run.parts == [{"paper": str(world.paper.uuid), "form": "A", "candidates": 4, "items": 8, "shown": False}]
    assert not run.items.exists()
    enough = analyse_sitting(sitting=sitting(world, letters(world, 5)).uuid, now=LATER)
    assert enough is not None
    assert enough.parts[0]["shown"]


def test_a_run_holds_no_candidate_and_no_key_that_can_be_read(world: World) -> None:
    row = sitting(world, letters(world, 30))
    run = analyse_sitting(sitting=row.uuid, now=LATER)
    assert run is not None
    people = {str(uid) for one in row.entries.all() for uid in (one.candidacy, one.person, one.uuid)}
    people |= {str(uid) for uid in Attempt.objects.values_list("uuid", flat=True)}
    stored = json.dumps([run.parts, *run.items.values_list("figures", "flags")])
    assert not [one for one in people if one in stored]
    assert {len(flag) for flags in run.items.values_list("flags", flat=True) for flag in flags} <= {4}
    assert not {"key", "right", "options", "rows"} & {name for item in run.items.all() for name in item.figures}
    with connection.cursor() as cursor:
        cursor.execute("SELECT options FROM assessment_analyseditem")
        assert not [text for (text,) in cursor.fetchall() if "rows" in text or "true" in text]


def test_a_group_and_a_level_take_sittings_together(world: World) -> None:
    for days in (0, 1):
        sitting(world, letters(world, 12, seed=days), held=NOW + timedelta(days=days))
    group = analyse_group(group=world.paper.group, now=LATER)
    level = analyse_level(level=Level.ELEMENTARY, now=LATER)
    assert group is not None
    assert level is not None
    assert (group.kind, group.candidates, group.sittings) == (RunKind.GROUP, 24, 2)
    assert (level.kind, level.candidates, len(level.parts)) == (RunKind.LEVEL, 24, 1)
    assert group.parts[0]["test"]["alpha"] == pytest.approx(level.parts[0]["test"]["alpha"])


def test_a_question_that_leaked_has_drifted(world: World) -> None:
    sitting(world, letters(world, 80, seed=1), held=NOW)
    later = letters(world, 80, seed=2)
    later[:, 7] = world.key[8]
    row = sitting(world, later, held=NOW + timedelta(days=1))
    run = analyse_sitting(sitting=row.uuid, now=LATER)
    assert run is not None
    drifted = {item.position for item in run.items.all() if any(said[0] == Code.DRIFT for said in item.flags)}
    assert drifted == {8}
    assert run.items.get(position=8).figures["drift"]["difference"] > 0.3
    first = analyse_sitting(sitting=released_sittings(Level.ELEMENTARY)[0].uuid, now=LATER)
    assert first is not None
    assert {item.figures["drift"] is None for item in first.items.all()} == {True}, "nothing was held before it"


def test_what_time_ran_out_before_is_not_wrong(world: World) -> None:
    chosen = letters(world, 40)
    chosen[:30, 5:] = ""
    row = sitting(world, chosen)
    Attempt.objects.filter(entry__sitting=row).update(state=AttemptState.TIMED_OUT)
    run = analyse_sitting(sitting=row.uuid, now=LATER)
    assert run is not None
    last = run.items.get(position=8)
    assert (last.figures["not_reached"], last.figures["omitted"]) == (30, 0)
    assert Code.NOT_REACHED in [said[0] for said in last.flags]


def test_the_news_of_a_release_brings_one_run(world: World) -> None:
    row = sitting(world, letters(world, 6))
    for _paper in range(3):
        analyse_released(PaperReleased(row.uuid, uuid4(), uuid4(), uuid4(), Decimal(60), uuid4()))
    assert Job.objects.filter(kind=SITTING_JOB).count() == 1
    drain("short")
    assert sorted(AnalysisRun.objects.values_list("kind", flat=True)) == ["level", "sitting"]
    assert AnalysedItem.objects.count() == 16
