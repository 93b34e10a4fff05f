"""What one candidate gets by decision, and the paper form that two people key in."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from assessment.delivery.models import Answer, Arrangement, Attempt, Keying
from assessment.delivery.pages.printed import minutes
from assessment.delivery.pages.sittings import waiting_sittings
from assessment.delivery.selectors import answers_of, answers_that_count, recount
from assessment.delivery.services import (
    ask_arrangement,
    assign_invigilator,
    begin_on_paper,
    change_device,
    check_identity,
    close_sitting,
    collect_paper,
    enter,
    key_in,
    rule_on_arrangement,
    rule_on_late,
    settle_keying,
)
from assessment.delivery.types import ArrangementKind, AttemptState, Standing
from lms.accounts.api import NotAllowed, Role
from lms.core import audit, clock
from lms.core.ids import new_uuid
from tests.assessment.delivery.sat import opened_on, real_paper
from tests.assessment.delivery.test_sittings import refused
from tests.assessment.delivery.world import CLOSES, GRACE_S, MINUTES, OPENS, World, again, opened, running
from tests.assessment.people import member

PAPER = ArrangementKind.PAPER_FORM
BEGAN = OPENS + timedelta(minutes=1)
DEADLINE = BEGAN + timedelta(minutes=MINUTES)
SAID = {1: ["A"], 2: ["B"], 3: None}


def asked(world: World, kind: ArrangementKind, who: str = "school_admin", **more: Any) -> Arrangement:
    words: dict[str, Any] = {"reason": "右手骨折", "now": OPENS - timedelta(hours=1)} | more
    return ask_arrangement(by=world.cast.acting(who), entry=world.entry().uuid, kind=kind, **words)


def granted(world: World, kind: ArrangementKind = PAPER, **more: Any) -> Arrangement:
    row = asked(world, kind, **more)
    rule_on_arrangement(
        by=world.cast.acting("chief"), arrangement=row.uuid, granted=True, reason="有诊断证明", now=OPENS
    )
    return row


def on_paper(world: World) -> Attempt:
    """Begun on paper, with a second invigilator in the hall."""
    row = opened(world)
    world.cast.users["second"] = member(world.cast.school, Role.INVIGILATOR, "第二监考")
    assign_invigilator(
        by=world.cast.acting("school_admin"), sitting=row.uuid, user=world.cast.uuid("second"), now=OPENS
    )
    granted(world)
    entry = world.entry()
    check_identity(by=world.invigilator, entry=entry.uuid, now=OPENS)
    return begin_on_paper(by=world.invigilator, entry=entry.uuid, now=BEGAN)


def keyed(world: World, who: str, attempt: Attempt, responses: Any = SAID) -> tuple[int, ...]:
    return key_in(by=world.cast.acting(who), attempt=attempt.uuid, responses=responses, now=DEADLINE)


def test_the_chief_decides_on_what_somebody_else_asked_for(world: World) -> None:
    opened(world)
    row = asked(world, ArrangementKind.LARGE_TYPE, "owner")
    words: dict[str, Any] = {"arrangement": row.uuid, "granted": True, "now": OPENS}
    for who in ("invigilator", "school_admin", "owner"):
        with pytest.raises(NotAllowed):
            rule_on_arrangement(by=world.cast.acting(who), reason="有证明", **words)
    chief = world.cast.acting("chief")
    refused("reason", rule_on_arrangement, by=chief, reason=" ", **words)
    rule_on_arrangement(by=chief, reason="有证明", **words)
    refused("ruled", rule_on_arrangement, by=chief, reason="再来", **words)
    refused("arranged", lambda: asked(world, ArrangementKind.LARGE_TYPE))
    with pytest.raises(NotAllowed):
        asked(world, ArrangementKind.READING_ALOUD, "colleague")  # a classmate's is none of hers
    assert audit.verify(world.entry().sitting.uuid).ok


def test_why_somebody_needs_it_is_encrypted_and_a_scribe_has_a_name(world: World) -> None:
    opened(world)
    refused("reason", lambda: asked(world, ArrangementKind.SCRIBE))
    row = asked(world, ArrangementKind.SCRIBE, scribe="陈 代写")
    with connection.cursor() as cursor:
        cursor.execute("SELECT reason FROM assessment_arrangement WHERE id = %s", [row.pk])
        assert "骨折" not in str(cursor.fetchone()[0])
    with pytest.raises(IntegrityError), transaction.atomic():
        Arrangement.objects.create(entry=row.entry, kind=PAPER, scribe="多余", reason="x", at=OPENS)


def test_a_paper_form_takes_the_place_of_the_screen(world: World) -> None:
    opened(world)
    entry, owner = world.entry(), world.cast.acting("owner")
    check_identity(by=world.invigilator, entry=entry.uuid, now=OPENS)
    refused("paper", begin_on_paper, by=world.invigilator, entry=entry.uuid, now=BEGAN)
    granted(world)
    refused("paper", enter, by=owner, entry=entry.uuid, device=new_uuid(), now=OPENS)
    refused("window", begin_on_paper, by=world.invigilator, entry=entry.uuid, now=OPENS - timedelta(seconds=1))
    row = begin_on_paper(by=world.invigilator, entry=entry.uuid, now=BEGAN)
    refused("paper", change_device, by=owner, attempt=row.uuid, device=new_uuid(), now=BEGAN)
    refused("live", begin_on_paper, by=world.invigilator, entry=entry.uuid, now=BEGAN)


def test_who_began_on_the_screen_gets_no_paper_form(world: World) -> None:
    opened(world)
    row = asked(world, PAPER)
    running(world)
    refused(
        "live", rule_on_arrangement, by=world.cast.acting("chief"), arrangement=row.uuid, granted=True, reason="好",
        now=BEGAN,
    )  # fmt: skip


def test_two_people_key_it_in_and_what_they_agree_on_is_her_answer(world: World) -> None:
    row = on_paper(world)
    refused("paper", keyed, world=world, who="invigilator", attempt=row)
    collect_paper(by=world.invigilator, attempt=row.uuid, now=DEADLINE + timedelta(seconds=GRACE_S))
    assert again(row).state == AttemptState.HANDED_IN
    with pytest.raises(NotAllowed):
        keyed(world, "school_admin", row)
    keyed(world, "invigilator", row)
    assert not Answer.objects.exists()
    refused("same_person", keyed, world=world, who="invigilator", attempt=row)
    assert keyed(world, "second", row) == ()
    found = answers_that_count(row.uuid)
    assert {place: (one.response, one.standing) for place, one in found.items()} == {
        1: (["A"], Standing.PAPER),
        2: (["B"], Standing.PAPER),
    }
    assert recount(row.uuid).problem == ""
    refused("keyed", keyed, world=world, who="second", attempt=row)
    with pytest.raises(IntegrityError), transaction.atomic():
        Keying.objects.create(attempt=row, number=2, responses={}, by=new_uuid(), at=OPENS)
    assert audit.verify(row.uuid).ok


def test_where_two_keyings_differ_the_chief_reads_the_form(world: World) -> None:
    row, chief = on_paper(world), world.cast.acting("chief")
    collect_paper(by=world.invigilator, attempt=row.uuid, now=DEADLINE)
    keyed(world, "invigilator", row, {1: ["A"], 2: ["B"], 4: ["D"]})
    words: dict[str, Any] = {"by": chief, "attempt": row.uuid, "reason": "原卷字迹为C", "now": DEADLINE}
    refused("keyed", settle_keying, responses={2: ["C"]}, **words)
    assert keyed(world, "second", row, {1: ["A"], 2: ["C"]}) == (2, 4)
    closing: dict[str, Any] = {"by": world.invigilator, "sitting": row.entry.sitting.uuid, "now": CLOSES}
    refused("paper", close_sitting, **closing)
    refused("entry", settle_keying, responses={2: ["C"]}, **words)
    settle_keying(responses={2: ["C"], 4: None}, **words)
    assert {place: one.response for place, one in answers_that_count(row.uuid).items()} == {1: ["A"], 2: ["C"]}
    refused("keyed", settle_keying, responses={2: ["C"], 4: None}, **words)
    close_sitting(**closing)


def test_a_form_taken_in_after_the_grace_counts_by_the_chiefs_decision_alone(world: World) -> None:
    row = on_paper(world)
    collect_paper(by=world.invigilator, attempt=row.uuid, now=DEADLINE + timedelta(seconds=GRACE_S + 1))
    assert again(row).state == AttemptState.TIMED_OUT
    keyed(world, "invigilator", row)
    keyed(world, "second", row)
    assert answers_that_count(row.uuid) == {}
    late = [(one.epoch, one.sequence) for one in answers_of(row.uuid)]
    rule_on_late(
        by=world.cast.acting("chief"), attempt=row.uuid, answers=late[:1], counts=True, reason="收卷延误", now=CLOSES
    )
    assert {place: one.response for place, one in answers_that_count(row.uuid).items()} == {1: ["A"]}


def post(world: World, who: str, url: str, status: int = 302, **data: str) -> str:
    answer = world.cast.client(who).post(url, data)
    assert answer.status_code == status, answer.content.decode()[:500]
    return str(answer.content.decode())


def test_the_pages_from_the_request_to_the_answers(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def at(moment: Any) -> None:
        monkeypatch.setattr(clock, "now", lambda: moment)

    at(OPENS)
    paper = real_paper(world)
    row = opened_on(world, paper)
    world.cast.users["second"] = member(world.cast.school, Role.INVIGILATOR, "第二监考")
    world.cast.users["watcher"] = member(world.cast.city, Role.INSPECTOR, "市督导")
    desk = world.cast.acting("school_admin")
    assign_invigilator(by=desk, sitting=row.uuid, user=world.cast.uuid("second"), now=OPENS)
    entry = world.entry()
    check_identity(by=world.invigilator, entry=entry.uuid, now=OPENS)
    seat, here = f"/exam/seat/{entry.uuid}/", f"/sittings/{row.uuid}/candidates/{entry.uuid}/"
    post(world, "owner", f"{seat}arrange/", 422, kind="paper_form", reason=" ")
    post(world, "owner", f"{seat}arrange/", kind="paper_form", reason="右手骨折")
    post(
        world, "school_admin", f"/sittings/{row.uuid}/arrange/", entry=str(entry.uuid), kind="large_type", reason="弱视"
    )
    assert "右手骨折" not in world.cast.client("watcher").get(here).content.decode()
    for one in entry.arrangements.all():
        post(world, "chief", f"{here}arrangements/{one.uuid}/", granted="yes", reason="有证明")
    assert waiting_sittings(world.cast.acting("chief"), now=OPENS) == 0
    assert "使用纸质试卷作答" in world.cast.client("owner").get(seat).content.decode()
    assert world.cast.client("invigilator").get(f"{here}form/").content == b"%PDF large"
    assert world.cast.client("school_admin").get(f"{here}form/").status_code == 403
    post(world, "invigilator", f"{here}paper/")
    attempt = f"{here}{entry.attempts.get().uuid}/"
    assert world.cast.client("invigilator").get(f"{attempt}keying/").status_code == 404
    post(world, "invigilator", f"{attempt}collect/")
    written: dict[str, Any] = {
        "q1": "b",
        "q2": "AC",
        "q3": "√",
        "q4": "真实",
        "q5": "BADC",
        "q6": "1B 2A",
        "q7": "先道歉。",
        "q8": "d",
    }
    post(world, "invigilator", f"{attempt}keying/", 422, **(written | {"q1": "E"}))
    post(world, "invigilator", f"{attempt}keying/", **written)
    post(world, "second", f"{attempt}keying/", **(written | {"q8": "A"}))
    settling = world.cast.client("chief").get(f"{attempt}settling/").content.decode()
    assert "第一遍：D；第二遍：A" in settling
    assert 'name="q7"' not in settling
    post(world, "chief", f"{attempt}settling/", q8="d", reason="原卷为D")
    found = answers_that_count(entry.attempts.get().uuid)
    assert [found[place].response for place in range(1, 9)] == [
        ["B"], ["A", "C"], True, ["真实"], ["B", "A", "D", "C"], {"1": "B", "2": "A"}, "先道歉。", ["D"],
    ]  # fmt: skip
    said = minutes(again(row), now=CLOSES)
    (block,) = (one for one in said.blocks if one.caption == "便利措施")
    assert [line[2] for line in block.rows] == ["纸质试卷", "大字"]
    assert "骨折" not in str(said)


def test_the_player_keeps_what_was_granted(world: World) -> None:
    opened_on(world, real_paper(world))
    for kind in (ArrangementKind.LARGE_TYPE, ArrangementKind.READING_ALOUD):
        granted(world, kind)
    attempt = running(world)
    client = world.cast.client("owner")
    client.cookies["kb_device"] = str(attempt.device)
    shown = client.get(f"/exam/{attempt.uuid}/").content.decode()
    assert "data-large" in shown
    assert shown.count(" data-aloud") == 8
