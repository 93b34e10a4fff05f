"""The two real shapes of domain 4.4: drawn from our bank by their blueprints, sat, marked and released."""

from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from assessment.candidates.models import Candidacy
from assessment.delivery.models import Sitting
from assessment.marking.models import Panel, Rubric, VideoOutcome
from assessment.marking.services import load_rubrics
from assessment.papers.models import Blueprint
from assessment.papers.services import approve_blueprint, approve_paper, draw_papers, load_blueprints
from assessment.papers.types import PaperData
from assessment.results.models import PartMark
from assessment.specification.services import add_specification_version, approve_specification
from assessment.specification.types import Part
from assessment.theory.models import PaperMark
from assessment.theory.own import paper_result
from lms.accounts.api import INSTALLATION
from lms.core.jobs import drain
from lms.core.types import Level
from tests.assessment.delivery.world import again
from tests.assessment.marking.answering import scored_by_all
from tests.assessment.marking.scoring import QUIET, panel_for_work, scored, with_examiners
from tests.assessment.theory.world import Room, build_room, closed, opened_on, released, right, sat
from tests.media_pipeline.cast import NOW, finish
from tests.media_pipeline.cast import hand_in as hand_in_video

D = Decimal
pytestmark = pytest.mark.django_db


def drawn(level: Level) -> PaperData:
    load_blueprints()
    row = Blueprint.objects.get(level=int(level))
    approve_blueprint(by=INSTALLATION, blueprint=row.uuid, now=NOW)
    (paper,) = draw_papers(by=INSTALLATION, blueprint=row.uuid, seed=20261121, now=NOW)
    approve_paper(by=INSTALLATION, paper=paper.uuid, now=NOW)
    return paper


def with_video(paper: PaperData) -> UUID:
    """The filed plan with the paper's blueprint and the video's rubric: the examiners score her video by it."""
    load_rubrics()
    rubric = Rubric.objects.get(key="selling_video_l4")
    common = {"pass_mark": "60", "resits": None}
    content = {
        "key": "real_shape", "level": 4, "title": "中级考核规范", "papers": [],
        "parts": [
            {**common, "part": "theory", "weight": "30", "blueprint_key": "real", "blueprint_hash": paper.blueprint_hash},
            {**common, "part": "video", "weight": "70", "rubric_key": rubric.key, "rubric_hash": rubric.content_hash},
        ],
        "quorum": {"minimum": 3, "odd": True, "spread_limit": "15"},
    }  # fmt: skip
    made = add_specification_version(content, now=NOW)
    approve_specification(by=INSTALLATION, specification=made.uuid, now=NOW)
    return made.uuid


def sitting_of(room: Room, paper: PaperData, level: Level) -> Sitting:
    return opened_on(room, paper, level=level)


def shown(room: Room) -> dict[str, Any]:
    page = paper_result(room.cast.acting("owner"), room.world.entry().uuid)
    return {"mark": page.mark, "tone": page.tone, "sections": [(one.mark, one.maximum) for one in page.sections]}


@pytest.mark.req("S1-31")
def test_level_3_thirty_single_ten_multiple_and_ten_short_answers_marked_by_people(tmp_path: Path) -> None:
    room = build_room(tmp_path, level=Level.ADVANCED)
    with_examiners(room.cast)
    paper = drawn(Level.ADVANCED)
    said = right(paper)
    short = [item.position for item in paper.items if item.type == "short"]
    multiple = [item.position for item in paper.items if item.type == "multiple"]
    sitting = sitting_of(room, paper, Level.ADVANCED)
    # One of ten short answers is left empty, one of ten multiple ones under-selected: nothing for either.
    attempt = sat(room, {**said, short[0]: "", multiple[0]: said[multiple[0]][:1]})
    assert closed(room, sitting).state == "closed"
    panel = Panel.objects.get(submission=attempt.uuid)
    assert (panel.kind, len(panel.asked or ())) == ("answers", 9)
    # By three examiners, blind, as the worker seated them; one gives full marks to two answers, which is no arbitration yet.
    half = {f"Q{place}": "0.5" for place in short[1:]}
    scored_by_all(room.world, panel, half, {**half, f"Q{short[1]}": "1", f"Q{short[2]}": "1"}, half)
    drain("short")
    released(room, again(sitting))
    row = PaperMark.objects.filter(attempt=attempt).latest("number")
    # 30 × 2 + 9 × 3 by the machine, 7 × 0.5 + 2 × 0.67 by people.
    assert (row.machine, row.people, row.mark) == (D("87.00"), D("4.84"), D("91.8"))
    assert shown(room)["sections"] == [(D(60), D(60)), (D(27), D(30)), (D("4.84"), D(10))]
    assert PartMark.objects.get(part=Part.THEORY).mark == D("91.8")


@pytest.mark.req("S1-31")
def test_level_4_questions_a_case_and_a_video_section_of_thirty(tmp_path: Path) -> None:
    room = build_room(tmp_path, level=Level.INTERMEDIATE)
    with_examiners(room.cast)
    paper = drawn(Level.INTERMEDIATE)
    said = right(paper)
    sitting = sitting_of(room, paper, Level.INTERMEDIATE)
    Candidacy.objects.filter(class_uid=room.world.class_uid).update(specification=with_video(paper))
    wrong = next(item.position for item in paper.items if item.type == "true_false" and item.marks == D("1.5"))
    attempt = sat(room, {**said, wrong: not said[wrong]})
    assert closed(room, sitting).state == "closed"
    # 70 − 1.5 by the machine; 30 % of 82.5 is 24.75: 24.8, half up.
    panel = panel_for_work(finish(hand_in_video(room.cast, level=Level.INTERMEDIATE), tmp_path, QUIET))
    scored(room.cast, panel, "82", "83", "82.5")
    drain("short")
    assert VideoOutcome.objects.get(panel=panel).mark == D("82.5")
    released(room, again(sitting))
    row = PaperMark.objects.filter(attempt=attempt).latest("number")
    assert (row.machine, row.video, row.mark) == (D("68.50"), D("24.80"), D("93.3"))
    told = shown(room)
    assert (told["mark"], told["tone"], told["sections"][-1]) == (D("93.3"), "ok", (D("24.8"), D(30)))
    assert sum(mark for mark, _most in told["sections"]) == D("93.3")
    assert PartMark.objects.get(part=Part.THEORY).mark == D("93.3")
