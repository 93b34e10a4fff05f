"""A closed sitting is marked by the worker; what is missing comes later; what changes makes another mark."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from assessment.bank.logic import key_from
from assessment.bank.services import keys as bank_keys
from assessment.delivery.models import Answer, Attempt
from assessment.delivery.saving import save
from assessment.delivery.services import rule_on_late, void_attempt
from assessment.theory.models import PaperMark
from assessment.theory.selectors import marked_sitting, marked_versions
from assessment.theory.services import mark_sitting, receive_booklet, settle_part
from assessment.theory.types import TheoryRefused, Waits
from lms.accounts.api import NotAllowed
from lms.core.audit import AuditEvent
from lms.core.jobs import drain
from lms.core.types import Level
from tests.assessment.delivery.world import CLOSES, again, batch, leave, ms
from tests.assessment.theory.world import (
    AT,
    LATER,
    MODEL,
    MULTIPLE,
    SHORT,
    SINGLE,
    TRUTH,
    VIDEO,
    WHY,
    Room,
    closed,
    drawn,
    marked,
    opened_on,
    right,
    sat,
    video_final,
)

D = Decimal


def newest(attempt: Attempt) -> PaperMark:
    return PaperMark.objects.filter(attempt=attempt).latest("number")


def test_a_paper_of_objective_questions_is_marked_when_the_sitting_closes(room: Room) -> None:
    paper = drawn(room, SINGLE, MULTIPLE, TRUTH)
    sitting = opened_on(room, paper)
    said = right(paper)
    mine = sat(room, said)
    wrong = sat(room, {**said, 3: ["A"], 4: None}, "colleague")
    sitting = closed(room, sitting)
    assert (sitting.state, newest(mine).mark, newest(wrong).mark) == ("marked", D("100.0"), D("40.0"))
    outcomes = [item.outcome for item in marked_sitting(sitting.uuid)[1].items]
    assert outcomes == ["right", "right", "wrong", "not_answered"]
    assert [(use.version, use.sittings) for use in marked_versions(Level.ELEMENTARY)] == [
        (item.version, (sitting.uuid,)) for item in sorted(paper.items, key=lambda item: item.question.int)
    ]
    row = newest(wrong)
    assert row.content_hash == row.as_content().content_hash
    assert not any(secret in str(PaperMark.objects.values()) for secret in (WHY, MODEL, "choices"))


def test_marking_again_writes_nothing_and_reads_each_key_once_a_pass(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that was killed is followed by another that goes over the same papers."""
    paper = drawn(room, SINGLE, TRUTH, MULTIPLE)
    sitting = opened_on(room, paper)
    sat(room, right(paper))
    sat(room, {}, "colleague")
    sitting = closed(room, sitting)
    opened: list[str] = []

    def read(secret: str) -> Any:
        opened.append(secret)
        return key_from(secret)

    monkeypatch.setattr(bank_keys, "key_from", read)
    assert mark_sitting(sitting=sitting.uuid, now=LATER) == 0
    assert (len(opened), PaperMark.objects.count()) == (len(paper.items), 2)
    assert AuditEvent.objects.filter(subject=sitting.uuid, action="keys_read_for_marking").count() == 2


def test_one_more_candidate_costs_no_more_reads(room: Room) -> None:
    paper = drawn(room, SINGLE, MULTIPLE, TRUTH)
    sitting = opened_on(room, paper)
    sat(room, right(paper))
    Attempt.objects.all().update(state="waiting")
    sat(room, right(paper), "colleague")
    Attempt.objects.filter(entry=room.world.entry("owner")).update(state="handed_in")
    sitting = closed(room, sitting)
    counts = []
    for state in ("waiting", "handed_in"):
        Attempt.objects.filter(entry=room.world.entry("owner")).update(state=state)
        with CaptureQueriesContext(connection) as asked:
            mark_sitting(sitting=sitting.uuid, now=LATER)
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_short_answers_wait_for_people_and_only_those_with_words_in_them_are_given_to_them(room: Room) -> None:
    sitting, _paper, attempts = marked(
        room,
        SINGLE,
        TRUTH,
        SHORT,
        owner={1: ["A"], 4: "我会先道歉，再说怎么办。"},
        colleague={4: "  "},
    )
    mine = attempts["owner"]
    assert room.booklets.opened == [(mine.uuid, room.world.held["owner"].uuid, (4,))]
    assert (sitting.state, newest(mine).mark, newest(mine).as_content().waits) == ("closed", None, (Waits.PEOPLE,))
    assert newest(attempts["colleague"]).mark == D("0.0")
    outcome = uuid4()
    for _twice in range(2):
        receive_booklet(booklet=mine.uuid, marks=[(4, D("22.35"))], outcome=outcome, now=LATER)
        drain("short")
    row = newest(mine)
    wanted = row.machine + D("22.35")
    assert (row.number, row.cause, row.people, row.mark) == (2, "people", D("22.35"), wanted.quantize(D("0.1")))
    assert again(sitting).state == "marked"


def test_a_video_section_takes_the_videos_final_mark_times_its_share_half_up(room: Room) -> None:
    paper = drawn(room, SINGLE, MULTIPLE, VIDEO)
    sitting = opened_on(room, paper)
    attempt = sat(room, right(paper))
    sitting = closed(room, sitting)
    assert (sitting.state, newest(attempt).mark, newest(attempt).video) == ("closed", None, None)
    video_final(room, "85.5", proposed_fail=True)  # 30 % of it is 25.65
    row = newest(attempt)
    assert (row.cause, row.video, row.mark, row.proposed_fail) == ("video", D("25.7"), D("95.7"), True)
    assert again(sitting).state == "marked"


def test_a_video_that_was_final_before_the_examination_is_counted_at_once(room: Room) -> None:
    video_final(room, "80.0")
    sitting, _paper, attempts = marked(room, SINGLE, MULTIPLE, VIDEO, owner={})
    assert (sitting.state, newest(attempts["owner"]).mark) == ("marked", D("24.0"))


def test_a_late_answer_ruled_to_count_makes_another_mark(room: Room) -> None:
    paper = drawn(room, SINGLE, MULTIPLE, TRUTH)
    sitting = opened_on(room, paper)
    said = right(paper)
    attempt = sat(room, {1: said[1]})
    late = ms(CLOSES + timedelta(minutes=30))
    save(leave(attempt), batch(attempt.hash, attempt.sequence + 1, (2, f"{said[2]}".replace("'", '"'))), at_ms=late)
    sitting = closed(room, sitting)
    assert newest(attempt).mark == D("20.0")
    held = Answer.objects.get(standing="late")
    rule_on_late(
        by=room.chief,
        attempt=attempt.uuid,
        answers=[(held.epoch, held.sequence)],
        counts=True,
        reason="网络中断，答案按时写完。",
        now=LATER,
    )
    drain("short")
    row = newest(attempt)
    assert (row.number, row.cause, row.mark, again(sitting).state) == (2, "answers", D("40.0"), "marked")


def test_a_short_answer_ruled_to_count_after_people_had_the_paper_goes_to_them_in_another_booklet(room: Room) -> None:
    paper = drawn(room, SINGLE, TRUTH, SHORT)
    sitting = opened_on(room, paper)
    attempt = sat(room, {4: "先道歉。"})
    late = ms(CLOSES + timedelta(minutes=30))
    save(leave(attempt), batch(attempt.hash, attempt.sequence + 1, (4, '"another text"')), at_ms=late)
    closed(room, sitting)
    receive_booklet(booklet=attempt.uuid, marks=[(4, D(30))], outcome=uuid4(), now=LATER)
    drain("short")
    assert newest(attempt).mark == D("30.0")
    held = Answer.objects.get(standing="late")
    rule_on_late(
        by=room.chief,
        attempt=attempt.uuid,
        answers=[(held.epoch, held.sequence)],
        counts=True,
        reason="网断",
        now=LATER,
    )
    drain("short")
    # Their mark was for other words. The new ones go out once, however often marks are made anew.
    assert newest(attempt).as_content().waits == (Waits.PEOPLE,)
    assert mark_sitting(sitting=sitting.uuid, now=LATER) == 0
    assert [one[2] for one in room.booklets.opened] == [(4,), (4,)]
    first, second = room.booklets.names
    assert (first, second != first) == (attempt.uuid, True)
    assert second is not None
    receive_booklet(booklet=second, marks=[(4, D(12))], outcome=uuid4(), now=LATER)
    drain("short")
    row = newest(attempt)
    assert (row.people, row.mark, again(sitting).state) == (D("12.00"), D("12.0"), "marked")


def test_void_and_absent_are_told_apart_from_marked(room: Room) -> None:
    paper = drawn(room, SINGLE, MULTIPLE, TRUTH)
    sitting = opened_on(room, paper)
    attempt = sat(room, right(paper))
    void_attempt(by=room.chief, attempt=attempt.uuid, reason="替考", now=AT + timedelta(minutes=20))
    sitting = closed(room, sitting)
    assert (sitting.state, PaperMark.objects.count(), marked_sitting(sitting.uuid)) == ("marked", 0, ())


def test_the_chief_alone_decides_with_a_reason_not_to_wait_for_a_video(room: Room) -> None:
    paper = drawn(room, SINGLE, MULTIPLE, VIDEO)
    sitting = opened_on(room, paper)
    attempt = sat(room, right(paper))
    sitting = closed(room, sitting)
    wanted: dict[str, Any] = {"attempt": attempt.uuid, "part": Waits.VIDEO, "now": LATER}
    with pytest.raises(NotAllowed):
        settle_part(by=room.cast.acting("school_admin"), reason="没有交", **wanted)
    for part, reason, code in ((Waits.VIDEO, " ", "reason"), (Waits.PEOPLE, "没有", "settled")):
        with pytest.raises(TheoryRefused) as refused:
            settle_part(by=room.chief, reason=reason, **{**wanted, "part": part})
        assert refused.value.code == code
    settle_part(by=room.chief, reason="期限已过，没有交视频", **wanted)
    drain("short")
    row = newest(attempt)
    assert (row.cause, row.video, row.mark, again(sitting).state) == ("settled", D("0"), D("70.0"), "marked")
