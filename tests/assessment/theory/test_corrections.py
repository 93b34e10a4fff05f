"""Another key for a question that was asked: tried dry, decided by the chief, carried out once in every sitting that asked it."""

import re
from decimal import Decimal
from typing import Any

import pytest

from assessment.bank.types import Key
from assessment.results.models import PartMark
from assessment.theory.models import CorrectionDecision, CorrectionTrial, PaperMark, PaperRelease, QuestionCorrection
from assessment.theory.services import (
    confirm_marks,
    corrections,
    decide_correction,
    facts,
    propose_correction,
    release_marks,
    trying,
)
from assessment.theory.types import CorrectionKind, TheoryRefused
from lms.accounts.api import NotAllowed
from lms.core.jobs import drain
from lms.notices.models import Notice
from tests.assessment.theory.world import (
    LATER,
    MULTIPLE,
    SHORT,
    SINGLE,
    TRUTH,
    Room,
    marked,
    released,
)

D = Decimal
STRUCK, KEY = CorrectionKind.STRUCK, CorrectionKind.KEY


def proposed(
    room: Room, paper, position: int, kind: CorrectionKind = KEY, key: Key | None = None
) -> QuestionCorrection:
    """Proposed, and tried by the worker."""
    version = next(item.version for item in paper.items if item.position == position)
    made = propose_correction(
        by=room.committee, version=version, kind=kind, key=key, reason="两个选项都说得通", now=LATER
    )
    drain("short")
    return made


def decided(room: Room, row: QuestionCorrection, *, accepted: bool = True) -> CorrectionDecision:
    made = decide_correction(by=room.chief, correction=row.uuid, accepted=accepted, reason="委员会意见成立", now=LATER)
    drain("short")
    return made


def newest(attempt) -> PaperMark:
    return PaperMark.objects.filter(attempt=attempt).latest("number")


def two(room: Room):
    """She has only the true-false question right, the colleague nothing: 30 and 0 of 100."""
    return marked(room, SINGLE, MULTIPLE, TRUTH, owner={3: ["B"], 4: True}, colleague={4: False})


def test_a_dry_run_says_who_changes_by_how_much_and_who_passes_anew_and_writes_nothing(room: Room) -> None:
    sitting, paper, _attempts = two(room)
    row = proposed(room, paper, 3, key=Key(choices=("B",)))
    tried = trying(by=room.chief, correction=row.uuid).trial
    assert tried is not None
    assert [(one.before, one.after, one.passed_before, one.passed_after) for one in tried.rows] == [
        (D("30.0"), D("60.0"), False, True)
    ]
    assert tried.figures == {
        "sittings": 1,
        "papers": 2,
        "changed": 1,
        "raised": 1,
        "lowered": 0,
        "now_pass": 1,
        "now_fail": 0,
    }
    assert tried.sittings == (sitting.title,)
    assert PaperMark.objects.count() == 2


def test_no_request_computes_it_and_nobody_decides_on_figures_that_marks_have_left_behind(
    room: Room,
) -> None:
    _sitting, paper, attempts = two(room)
    version = next(item.version for item in paper.items if item.position == 3)
    chief, sat = room.cast.client("chief"), facts.assessed
    refuse = pytest.MonkeyPatch()
    refuse.setattr(corrections, "assessed", lambda *_args, **_said: pytest.fail("computed in a request"))
    row = propose_correction(
        by=room.committee, version=version, kind=KEY, key=Key(choices=("B",)), reason="两解", now=LATER
    )
    url = f"/question-corrections/{row.uuid}/"
    said = {"accepted": "yes", "reason": "成立"}
    waiting = chief.get(url).content.decode()
    assert ("正在计算" in waiting, 'hx-select="#trial"' in waiting, 'name="accepted"' in waiting) == (True, True, False)
    assert chief.post(f"{url}decide/", said).status_code == 422
    refuse.setattr(corrections, "assessed", sat)
    drain("short")
    refuse.setattr(corrections, "assessed", lambda *_args, **_said: pytest.fail("computed in a request"))
    seen = re.search(r'name="seen" value="([^"]+)"', chief.get(url).content.decode())
    assert seen is not None
    # Another correction changes the same papers: what she saw is not what it would change any more.
    refuse.setattr(corrections, "assessed", sat)
    decided(room, proposed(room, paper, 4, STRUCK))
    assert newest(attempts["colleague"]).number == 2
    assert "正在计算" in chief.get(url).content.decode()
    drain("short")
    assert CorrectionTrial.objects.filter(correction=row).count() == 2
    assert chief.post(f"{url}decide/", {**said, "seen": seen[1]}).status_code == 422
    fresh = CorrectionTrial.objects.filter(correction=row).latest("pk")
    assert chief.post(f"{url}decide/", {**said, "seen": fresh.uuid}).status_code == 302
    refuse.undo()


def test_an_accepted_correction_of_released_marks_is_told_to_results_and_to_her_again(room: Room) -> None:
    sitting, paper, attempts = two(room)
    released(room, sitting)
    row = proposed(room, paper, 3, key=Key(choices=("B",)))
    assert decided(room, row).figures["now_pass"] == 1
    mark = newest(attempts["owner"])
    assert (mark.number, mark.cause, mark.mark, mark.corrections) == (2, "correction", D("60.0"), [str(row.uuid)])
    # Whose mark is the same keeps it, and is not told anything.
    assert newest(attempts["colleague"]).number == 1
    assert [
        part.mark for part in PartMark.objects.filter(candidacy__uuid=room.world.held["owner"].uuid).order_by("id")
    ] == [
        D("30.0"),
        D("60.0"),
    ]
    assert (PaperRelease.objects.count(), Notice.objects.filter(kind="paper_released").count()) == (3, 3)


def test_a_question_struck_out_gives_everybody_its_marks(room: Room) -> None:
    _sitting, paper, attempts = two(room)
    decided(room, proposed(room, paper, 4, STRUCK))
    assert [newest(attempts[who]).mark for who in ("owner", "colleague")] == [D("30.0"), D("30.0")]
    assert newest(attempts["colleague"]).items[3]["outcome"] == "struck"


def test_a_refused_one_changes_nothing_and_the_last_accepted_counts(room: Room) -> None:
    _sitting, paper, attempts = two(room)
    decided(room, proposed(room, paper, 3, key=Key(choices=("B",))), accepted=False)
    assert PaperMark.objects.count() == 2
    decided(room, proposed(room, paper, 3, key=Key(choices=("B",))))
    decided(room, proposed(room, paper, 3, key=Key(choices=("A",))))
    assert (newest(attempts["owner"]).number, newest(attempts["owner"]).mark) == (3, D("30.0"))


def test_marks_are_not_released_between_the_decision_and_the_worker(room: Room) -> None:
    sitting, paper, _attempts = two(room)
    confirm_marks(by=room.chief, sitting=sitting.uuid, now=LATER)
    row = proposed(room, paper, 3, key=Key(choices=("B",)))
    decide_correction(by=room.chief, correction=row.uuid, accepted=True, reason="成立", now=LATER)
    with pytest.raises(TheoryRefused) as refused:
        release_marks(by=room.chief, sitting=sitting.uuid, now=LATER)
    assert refused.value.code == "stale"


def test_who_proposes_who_decides_and_what_is_refused(room: Room) -> None:
    _sitting, paper, _attempts = marked(room, SINGLE, TRUTH, SHORT, owner={})
    short = next(item for item in paper.items if item.position == 4)
    single = next(item for item in paper.items if item.position == 1)
    wanted: dict[str, Any] = {
        "version": single.version,
        "kind": KEY,
        "key": Key(choices=("A",)),
        "reason": "见附件",
        "now": LATER,
    }
    for who in ("chief", "bureau", "school_admin", "owner"):
        with pytest.raises(NotAllowed):
            propose_correction(by=room.cast.acting(who), **wanted)
    for changes, code in (
        ({"key": Key(choices=("Z",))}, "key"),
        ({"key": None}, "key"),
        ({"version": short.version, "key": Key(model="x")}, "key"),
        ({"reason": " "}, "reason"),
        ({"version": single.question}, "version"),
    ):
        with pytest.raises(TheoryRefused) as refused:
            propose_correction(by=room.committee, **{**wanted, **changes})
        assert refused.value.code == code
    row = propose_correction(by=room.committee, **wanted)
    drain("short")
    with pytest.raises(TheoryRefused):
        propose_correction(by=room.committee, **wanted)
    for who in ("committee", "bureau", "school_admin"):
        with pytest.raises(NotAllowed):
            decide_correction(by=room.cast.acting(who), correction=row.uuid, accepted=True, reason="行", now=LATER)
    decided(room, row)
    with pytest.raises(TheoryRefused) as refused:
        decided(room, row)
    assert refused.value.code == "decided"
