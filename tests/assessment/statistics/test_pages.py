"""The pages of statistics: no key and no person on them, the options after a look that is written down, constant queries."""

import re
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from assessment.bank.models import KeyLook, Question
from assessment.statistics.models import AnalysisRun, Concern
from assessment.statistics.services import refresh_sitting
from assessment.statistics.types import ConcernState
from lms.accounts.api import Acting, User, enrol_demo_second_factor
from lms.core.jobs import Job, drain
from tests.assessment.statistics.test_concerns import WRONG, turned
from tests.assessment.statistics.world import LATER, World, build_paper, letters, sitting
from tests.lms.accounts.world import NOW, signed_in

ADMIN = "/admin/statistics/"
pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db: None) -> World:
    made = build_paper(8)
    refresh_sitting(sitting=sitting(made, turned(made, 120)).uuid, now=LATER)
    return made


def browser(acting: Acting) -> Client:
    user = User.objects.get(uuid=str(acting.user))
    if not Authenticator.objects.filter(user=user).exists():
        enrol_demo_second_factor(user=user)
    return signed_in(user)


def text(answer: Any) -> str:
    return str(answer.content.decode())


def the_run() -> AnalysisRun:
    return AnalysisRun.objects.filter(kind="sitting").latest("id")


def test_a_run_reads_well_and_its_numbers_stand_beside_every_drawing(world: World) -> None:
    shown = text(browser(world.cast.expert).get(f"{ADMIN}{the_run().uuid}/"))
    for words in (
        "分数分布",
        "60分合格线",
        "得分率与区分度",
        "考生与试题对照图",
        "信度（α）",
        "测量标准误",
        "核对答案",
    ):
        assert words in shown
    test = the_run().parts[0]["test"]
    assert f"{test['alpha']:.2f}" in shown
    assert f"{test['mean']:.1f} / 100.0" in shown


@pytest.mark.req("S1-28")
def test_who_may_not_see_keys_sees_none(world: World) -> None:
    question = world.question(WRONG)
    current = Question.objects.get(uuid=question).current
    assert current is not None
    stem = current.content["stem"]
    for who, address in (
        (world.cast.chief, f"/statistics/questions/{question}/"),
        (world.cast.inspector, f"/statistics/questions/{question}/"),
        (world.cast.bureau, f"/statistics/{the_run().uuid}/"),
        (world.cast.expert, f"{ADMIN}questions/{question}/"),
    ):
        shown = text(browser(who).get(address))
        assert "区分度" in shown
        assert "（正确）" not in shown
        assert "低分组</th>" not in shown
        assert stem not in shown
        assert ("/admin/bank/" in shown.split("<main")[-1]) is (who is world.cast.expert)
    assert browser(world.cast.school).get("/statistics/").status_code == 403


def test_the_options_are_shown_for_a_reason_that_is_written_down(world: World) -> None:
    client = browser(world.cast.expert)
    item = the_run().items.get(position=WRONG)
    address = f"{ADMIN}questions/{item.question}/options/{item.pk}/"
    assert client.post(address, {"reason": ""}).status_code == 422
    assert not KeyLook.objects.exists()
    shown = text(client.post(address, {"reason": "试题分析"}))
    assert f"{world.key[WRONG]}（正确）" in shown
    assert "错项吸引高水平" in shown
    assert [look.reason for look in KeyLook.objects.all()] == ["试题分析"]
    other = f"{ADMIN}questions/{world.question(1)}/options/{item.pk}/"
    assert client.post(other, {"reason": "试题分析"}).status_code == 404


def test_a_refused_decision_keeps_her_words(world: World) -> None:
    client = browser(world.cast.expert)
    concern = Concern.objects.get(version=world.version(WRONG))
    address = f"{ADMIN}concerns/{concern.uuid}/decide/"
    assert client.post(address, {"verdict": "kept", "reason": ""}).status_code == 422
    assert client.post(address, {"verdict": "lapsed", "reason": "我写的理由"}).status_code == 422
    assert client.post(address, {"verdict": "kept", "reason": "我写的理由"}).status_code == 302
    assert Concern.objects.get(pk=concern.pk).state == ConcernState.KEPT
    late = client.post(address, {"verdict": "suspended", "reason": "另一个理由"})
    assert late.status_code == 422
    assert "已经处理过" in text(late)
    assert "我写的理由" in text(client.get(f"{ADMIN}questions/{concern.question}/"))
    chief = text(browser(world.cast.chief).get(f"/statistics/questions/{concern.question}/"))
    assert "保留，第1版" in chief
    assert "我写的理由" not in chief


def test_the_bank_says_what_is_known_of_a_question(world: World) -> None:
    shown = text(browser(world.cast.expert).get(f"/admin/bank/{world.question(WRONG)}/"))
    assert "统计异常，等待处理。" in shown
    assert f"{ADMIN}questions/{world.question(WRONG)}/" in shown


def test_the_count_stands_on_the_committees_pages(world: World) -> None:
    client = browser(world.cast.expert)
    count = Concern.objects.filter(state="open").count()
    assert f"统计异常的试题：{count}" in text(client.get(ADMIN))
    assert f"等待处理的试题：{count}道" in text(client.get("/admin/"))
    assert "统计异常的试题" in text(client.get("/", follow=True))


def test_asking_again_asks_the_worker_once(world: World) -> None:
    client = browser(world.cast.expert)
    run = the_run()
    for _press in range(2):
        assert client.post(f"{ADMIN}again/sitting/{run.subject}/").status_code == 302
    assert Job.objects.filter(kind="statistics.sitting").count() == 1
    assert client.post(f"{ADMIN}again/everything/{run.subject}/").status_code == 404


def test_parallel_papers_are_asked_for_from_a_sitting_of_one_of_them_before_their_first_run(world: World) -> None:
    client = browser(world.cast.expert)
    url = f"{ADMIN}{the_run().uuid}/"
    asked = re.search(rf'action="({ADMIN}again/group/[0-9a-f-]+/)"', text(client.get(url)))
    assert asked is not None
    assert client.post(asked[1]).status_code == 302
    drain("short")
    group = AnalysisRun.objects.get(kind="group")
    shown = text(client.get(url))
    assert (f"{ADMIN}{group.uuid}/" in shown, "again/group" in shown) == (True, False)


def test_an_export_has_figures_and_neither_options_nor_people(world: World) -> None:
    few = sitting(world, letters(world, 4), title="补考", held=NOW + timedelta(days=1))
    refresh_sitting(sitting=few.uuid, now=LATER)
    book = load_workbook(BytesIO(browser(world.cast.inspector).get(f"/statistics/{the_run().uuid}/excel/").content))
    cells = [cell for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row]
    assert 4 in cells
    assert [cell for cell in cells if isinstance(cell, float)] == [], "four candidates: no figure at all"
    first = AnalysisRun.objects.filter(kind="sitting").earliest("id")
    book = load_workbook(BytesIO(browser(world.cast.inspector).get(f"/statistics/{first.uuid}/excel/").content))
    assert [sheet.title for sheet in book] == ["试题", "试卷", "分数分布"]
    rows = list(book["试题"].iter_rows(min_row=2, max_row=9, values_only=True))
    assert [row[1] for row in rows] == list(range(1, 9))
    letters_shown = {cell for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row}
    assert not letters_shown & set("BCD"), "A is the paper's form"


def test_pages_cost_the_same_for_one_and_for_three(world: World) -> None:
    client = browser(world.cast.expert)
    question = world.question(WRONG)
    pages = (ADMIN, f"{ADMIN}{the_run().uuid}/", f"{ADMIN}questions/{question}/", f"{ADMIN}concerns/")

    def costs() -> list[int]:
        found = []
        for page in pages:
            client.get(page)
            with CaptureQueriesContext(connection) as asked:
                assert client.get(page).status_code == 200
            found.append(sum("clockoffset" not in one["sql"] for one in asked.captured_queries))
        return found

    before = costs()
    for days in (1, 2):
        row = sitting(world, turned(world, 60, seed=days), held=NOW + timedelta(days=days))
        refresh_sitting(sitting=row.uuid, now=LATER)
    assert costs() == before
