"""The offices' pages of sittings: from the request to the minutes, each step by who may take it, with constant queries."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from assessment.candidates.services import close_candidacy, renew_candidacy
from assessment.delivery.models import LateRuling, RosterEntry, Sitting
from assessment.delivery.pages.printed import Block, door_list, minutes, seat_plan, tickets
from assessment.delivery.pages.sittings import waiting_sittings
from assessment.delivery.printing import render
from assessment.delivery.saving import save
from assessment.delivery.services import add_late, change_device, give_extra_time, pause_attempt, resume_attempt
from assessment.delivery.types import AttemptState, SittingKind, SittingState
from lms.accounts.api import Role
from lms.core import audit, clock
from lms.core.types import Level
from tests.assessment.delivery.world import (
    CLOSES,
    GROUP,
    MINUTES,
    OPENS,
    THEORY,
    World,
    again,
    approved,
    batch,
    candidate,
    drafted,
    fixed,
    leave,
    opened,
    running,
)
from tests.assessment.people import member
from tests.media_pipeline.cast import NOW

Clock = Callable[[datetime], None]


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Sets the business clock; it stands at NOW first."""

    def stand(moment: datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: moment)

    stand(NOW)
    return stand


def get(world: World, who: str, url: str, status: int = 200) -> str:
    answer = world.cast.client(who).get(url)
    assert answer.status_code == status, answer.content.decode()[:500]
    return str(answer.content.decode(errors="replace"))


def post(world: World, who: str, url: str, status: int = 302, **data: Any) -> str:
    answer = world.cast.client(who).post(url, data)
    assert answer.status_code == status, answer.content.decode()[:3000]
    return str(answer.content.decode())


def url(row: Sitting, rest: str = "") -> str:
    return f"/sittings/{row.uuid}/{rest}"


def at_entry(row: RosterEntry, rest: str = "") -> str:
    return f"/sittings/{row.sitting.uuid}/candidates/{row.uuid}/{rest}"


def local(moment: datetime) -> str:
    return f"{moment + timedelta(hours=8):%Y-%m-%dT%H:%M}"


def asked_for(world: World, **changes: Any) -> dict[str, Any]:
    return {
        "title": "理论考试（初级）", "class_uid": str(world.class_uid), "papers": str(GROUP), "opens_at": local(OPENS),
        "closes_at": local(CLOSES), "freeze_at": local(NOW), "hall": "302教室", "seats": "30", "grace_s": "30",
        "starts_per_minute": "300", "identity_check": "on",
    } | changes  # fmt: skip


@pytest.mark.req("S1-17")
def test_from_the_request_to_the_closed_hall(world: World, at: Clock) -> None:
    for form in ("A", "B"):
        world.papers.add(form)
    post(world, "school_admin", "/sittings/new/", **asked_for(world))
    row = Sitting.objects.get()
    assert (row.opens_at, row.minutes, sorted(row.papers)) == (OPENS, MINUTES, ["A", "B"])
    assert "林*燕" in get(world, "school_admin", url(row))  # the roster as it would be
    assert str(row.uuid) in get(world, "bureau", "/sittings/")
    get(world, "other_admin", url(row), 403)
    post(world, "school_admin", url(row, "request/"))
    post(world, "bureau", url(row, "return/"), 422, reason=" ")
    post(world, "bureau", url(row, "return/"), reason="考场太小")
    assert "考场太小" in get(world, "school_admin", url(row))
    assert "302教室" in get(world, "school_admin", url(row, "edit/"))
    post(world, "school_admin", url(row, "edit/"), 422, **asked_for(world, freeze_at=local(CLOSES)))
    post(world, "school_admin", url(row, "edit/"), **asked_for(world, hall="大礼堂"))
    post(world, "bureau", url(row, "edit/"), 403, **asked_for(world))
    assert again(row).hall == "大礼堂"
    post(world, "school_admin", url(row, "request/"))
    post(world, "school_admin", url(row, "edit/"), 422, **asked_for(world, hall="小礼堂"))  # it is with the bureau
    post(world, "school_admin", url(row, "approve/"), 403)
    post(world, "bureau", url(row, "approve/"))
    get(world, "invigilator", url(row), 403)
    post(world, "school_admin", url(row, "invigilator/"), user=str(world.cast.uuid("invigilator")))
    post(world, "school_admin", url(row, "fix/"))
    post(world, "school_admin", url(row, "open/"), 403)
    at(OPENS - timedelta(minutes=10))
    post(world, "invigilator", url(row, "open/"))
    attempt = running(world)
    at(OPENS + timedelta(minutes=5))
    shown = get(world, "invigilator", url(row, "board/"))
    assert "hx-get" in shown
    assert "林*燕" in shown
    post(world, "invigilator", url(row, "board/pause/"), 422, reason="")
    post(world, "invigilator", url(row, "board/pause/"), reason="火警")
    assert again(attempt).state == AttemptState.PAUSED
    post(world, "invigilator", url(row, "board/resume/"))
    assert again(attempt).state == AttemptState.RUNNING
    assert "sitting" in post(world, "invigilator", url(row, "close/"), 422)  # she still sits
    at(CLOSES + timedelta(hours=1))
    post(world, "invigilator", url(row, "close/"))
    assert again(row).state == SittingState.CLOSED
    assert audit.verify(row.uuid).ok


def test_a_paper_of_another_level_than_the_class_is_refused_beside_the_field(world: World, at: Clock) -> None:
    world.papers.add("A", level=Level.INTERMEDIATE)
    said = post(world, "school_admin", "/sittings/new/", 422, **asked_for(world))
    assert 'id="id_papers_error"' in said or "id_papers" in said
    assert "302教室" in said
    assert not Sitting.objects.exists()


def test_an_evaluation_body_puts_candidates_of_its_county_down(world: World, at: Clock) -> None:
    body = world.cast.users["examiner"].memberships.get().organisation
    world.cast.users["body_admin"] = member(body, Role.INSTITUTION_ADMIN, "林主任")
    world.papers.add("A")
    fields = asked_for(world)
    del fields["class_uid"]
    post(world, "body_admin", "/sittings/new/", **fields)
    row = Sitting.objects.get()
    assert row.kind == SittingKind.ACCREDITATION
    intermediate = candidate(world.cast, "stranger", level=Level.INTERMEDIATE, entitlements=THEORY)
    post(world, "body_admin", url(row, "register/"), 422, candidacies=[str(intermediate.uuid)])
    post(world, "body_admin", url(row, "register/"), candidacies=[str(world.held["owner"].uuid)])
    assert row.entries.get().candidacy == world.held["owner"].uuid


def test_left_out_with_her_reason_and_added_late_with_the_invigilators(world: World, at: Clock) -> None:
    close_candidacy(candidacy=world.held["colleague"].uuid, by=None, now=NOW)
    late = candidate(world.cast, "stranger", class_uid=world.class_uid, entitlements=())
    row = fixed(world)
    shown = get(world, "school_admin", url(row))
    assert "陈*" in shown
    assert "陈芳" not in shown
    out = row.entries.get(candidacy=world.held["colleague"].uuid)
    assert out.reason
    choice = str(late.uuid)
    post(world, "school_admin", url(row, "late/"), 403, candidacy=choice, reason="迟到")
    assert "迟到" in post(world, "invigilator", url(row, "late/"), 422, candidacy=choice, reason="迟到")  # not entitled
    post(world, "invigilator", url(row, "late/"), 422, candidacy=str(uuid4()), reason="迟到")  # of another class
    post(world, "invigilator", url(row, "late/"), 422, candidacy=choice, reason="")
    renewed = {name: getattr(late, name) for name in ("person", "user", "class_uid", "class_name", "organisation")}
    renewed |= {name: getattr(late, name) for name in ("organisation_path", "organisation_name", "level", "job")}
    renewed |= {name: getattr(late, name) for name in ("planned_hours", "profile", "specification")}
    renew_candidacy(**renewed, entitlements=THEORY, by=None, now=NOW)
    post(world, "invigilator", url(row, "late/"), candidacy=choice, reason="名单漏报，已核实")
    assert "名单漏报，已核实" in get(world, "school_admin", url(row))


def test_the_invigilator_looks_after_one_candidate(world: World, at: Clock) -> None:
    row = opened(world)
    attempt = running(world)
    entry = attempt.entry
    at(OPENS + timedelta(minutes=5))
    get(world, "school_admin", at_entry(entry), 403)
    post(world, "invigilator", at_entry(entry, "extra/"), minutes="15", reason="视力不好，大字版")
    page = get(world, "invigilator", at_entry(entry))
    assert "视力不好，大字版" in page
    watcher = member(world.cast.city, Role.INSPECTOR, "市督导")
    world.cast.users["watcher"] = watcher
    assert "视力不好" not in get(world, "watcher", at_entry(entry))
    one = at_entry(entry, f"{attempt.uuid}/")
    post(world, "invigilator", one + "pause/", reason="换电脑")
    post(world, "invigilator", one + "pause/", 422, reason="换电脑")  # paused already
    post(world, "invigilator", one + "resume/")
    post(world, "invigilator", one + "extend/", minutes="3", reason="换电脑")
    assert again(attempt).deadline_ms - (attempt.deadline_ms or 0) == 18 * 60_000
    post(world, "invigilator", one + "void/", 403, reason="作弊")
    other = RosterEntry.objects.exclude(pk=entry.pk).get()
    post(world, "invigilator", at_entry(other, "identity/"), back="board")
    assert again(other).identity_at == OPENS + timedelta(minutes=5)
    post(world, "chief", one + "repeat/", 422, form=attempt.form, reason="断电")
    form = next(letter for letter in row.papers if letter != attempt.form)
    post(world, "chief", one + "repeat/", form=form, reason="断电")
    assert again(attempt).state == AttemptState.VOIDED
    # An attempt of somebody else's place is not there.
    get(world, "invigilator", f"/sittings/{uuid4()}/candidates/{entry.uuid}/", 404)
    post(world, "chief", at_entry(other, f"{attempt.uuid}/void/"), 404, reason="断电")


def test_the_chief_rules_on_what_came_late_without_seeing_it(world: World, at: Clock) -> None:
    opened(world)
    attempt = running(world)
    said = '["SECRET"]'
    end = again(attempt).deadline_ms
    first = save(leave(attempt), batch(attempt.hash, 1, (3, said)), at_ms=end + 31_000)
    assert first.receipts[0].standing == "late"
    chief = world.cast.acting("chief")
    assert waiting_sittings(chief, now=CLOSES) == 1
    assert "迟到的答案：1" in get(world, "chief", url(attempt.entry.sitting))
    page = get(world, "chief", at_entry(attempt.entry))
    assert "SECRET" not in page
    one = at_entry(attempt.entry, f"{attempt.uuid}/rule/")
    post(world, "invigilator", one, 403, answers=["1.1"], counts="yes", reason="网络中断")
    post(world, "chief", one, 422, answers=["1.2"], counts="yes", reason="网络中断")
    post(world, "chief", one, answers=["1.1"], counts="no", reason="没有理由迟交")
    assert not LateRuling.objects.get().counts
    assert waiting_sittings(chief, now=CLOSES) == 0
    assert "没有理由迟交" in get(world, "chief", at_entry(attempt.entry))


def test_each_role_counts_what_waits_for_it(world: World, at: Clock) -> None:
    def counts() -> list[int]:
        roles = ("school_admin", "other_admin", "bureau", "invigilator", "owner", "instructor")
        return [waiting_sittings(world.cast.acting(who), now=NOW) for who in roles]

    row = drafted(world)
    assert counts() == [1, 0, 0, 0, 0, 0]
    post(world, "school_admin", url(row, "request/"))
    assert counts() == [0, 0, 1, 0, 0, 0]
    Sitting.objects.all().update(state=SittingState.VOIDED)
    fixed(world)
    assert counts() == [0, 0, 0, 1, 0, 0]


def test_queries_do_not_grow_with_people_and_sittings(world: World, at: Clock) -> None:
    row = opened(world)
    sat = running(world)
    pause_attempt(by=world.invigilator, attempt=sat.uuid, reason="停", now=OPENS + timedelta(minutes=2))
    clients = {who: world.cast.client(who) for who in ("school_admin", "invigilator", "chief")}
    entry = at_entry(world.entry())
    pages = (
        ("school_admin", "/sittings/"), ("school_admin", url(row)), ("invigilator", url(row)),
        ("invigilator", url(row, "board/rows/")), ("chief", entry),
    )  # fmt: skip

    def asked() -> list[int]:
        found = []
        for who, where in pages:
            with CaptureQueriesContext(connection) as captured:
                assert clients[who].get(where).status_code == 200
            found.append(sum("clockoffset" not in one["sql"] for one in captured.captured_queries))
        return found

    asked()
    before = asked()
    for number in range(3):
        name = f"more{number}"
        world.cast.users[name] = member(world.cast.school, Role.TRAINEE, f"学员{number}")
        one = candidate(world.cast, name, class_uid=world.class_uid, entitlements=THEORY)
        add_late(by=world.invigilator, sitting=row.uuid, held=one.uuid, reason="补录", now=NOW)
        drafted(world, title=f"场次{number}")
    resume_attempt(by=world.invigilator, attempt=sat.uuid, now=OPENS + timedelta(minutes=3))
    assert asked() == before


def _block(sheet: Any, caption: str) -> Block:
    return next(one for one in sheet.blocks if one.caption == caption)


def test_the_minutes_say_what_was_done_and_why_but_not_about_her_health(world: World, at: Clock) -> None:
    close_candidacy(candidacy=world.held["colleague"].uuid, by=None, now=NOW)
    row = opened(world)
    attempt = running(world)
    later = OPENS + timedelta(minutes=5)
    give_extra_time(by=world.invigilator, entry=attempt.entry.uuid, minutes=15, reason="视力残疾", now=later)
    pause_attempt(by=world.invigilator, attempt=attempt.uuid, reason="换电脑", now=later)
    resume_attempt(by=world.invigilator, attempt=attempt.uuid, now=later)
    change_device(by=world.cast.acting("owner"), attempt=attempt.uuid, device=uuid4(), now=later)
    sheet = minutes(again(row), now=later)
    done = [(line[3], line[4], line[5]) for line in _block(sheet, "考场处理").rows]
    assert ("暂停", "换电脑", "监考员") in done
    assert any(who == "考生本人" for _what, _why, who in done)
    assert [line[0] for line in _block(sheet, "未列入名单").rows] == ["陈*"]
    assert [line[2] for line in _block(sheet, "补录与加时").rows] == ["加时"]
    words = str(sheet)
    assert "视力残疾" not in words
    assert "林晓燕" not in words
    assert "林*燕" in words


def test_printed_on_a4_by_who_may(world: World, at: Clock) -> None:
    row = approved(world)
    get(world, "school_admin", url(row, "print/door/"), 404)
    row = fixed(world)
    for what in ("door", "seats", "tickets"):
        assert get(world, "school_admin", url(row, f"print/{what}/")).startswith("%PDF-")
    get(world, "school_admin", url(row, "print/minutes/"), 403)
    get(world, "invigilator", url(row, "print/minutes/"))
    get(world, "school_admin", url(row, "print/keys/"), 404)
    assert audit.verify(row.uuid).ok
    for make in (door_list, seat_plan, tickets, minutes):
        sheet = make(row, now=NOW)
        assert render(sheet) == render(sheet)
    assert [seat.form for seat in seat_plan(row, now=NOW).seats] in (["A卷", "B卷"], ["B卷", "A卷"])
