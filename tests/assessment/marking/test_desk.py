"""The pages of scoring and arbitration: who reaches them, what they answer, and that nothing typed is lost."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from assessment.marking.models import Panel, ScoreSheet
from assessment.marking.types import PanelState, SheetState
from lms.core import clock
from tests.assessment.marking.scoring import (
    filled,
    panel_for_work,
    ready_work,
    score,
    scored,
    scoring_panel,
    seated,
    sheet_of,
    with_examiners,
)
from tests.media_pipeline.cast import Cast

SECRETS = ("林晓燕", "林小燕", "高山岩茶", "连江县", "职业中学", "submissions/", "renditions/")


@pytest.fixture
def panel(cast: Cast, tmp_path: Path) -> Panel:
    return scoring_panel(cast, tmp_path)


def at(panel: Panel, rest: str = "") -> str:
    return f"/scoring/{panel.code}/{rest}"


def post(client: Client, panel: Panel, **body: Any) -> Any:
    return client.post(at(panel, "save"), json.dumps(body), content_type="application/json")


def plain(cast: Cast, panel: Panel, who: str, total: str = "80", **changes: str) -> dict[str, str]:
    """The whole sheet as a browser without scripts sends it."""
    whole = filled(cast, panel, who, total)
    fields = {f"score-{code}": score for code, score in whole.scores.items()}
    for number, (verdict, reason) in whole.rulings.items():
        fields |= {f"ruling-{number}": verdict, f"reason-{number}": reason}
    return fields | {"revision": str(sheet_of(cast, panel, who).revision)} | changes


@pytest.mark.parametrize(
    "who,desk,panels",
    (
        ("examiner", (200, 200), (403, 403)),
        ("chief", (403, 403), (200, 200)),
        ("bureau", (403, 403), (200, 200)),
        ("inspector", (403, 403), (200, 404)),
        ("owner", (403, 403), (403, 403)),
        ("school_admin", (403, 403), (403, 403)),
        ("administrator", (403, 403), (403, 403)),
    ),
)
def test_pages_answer_as_the_matrix_says(
    cast: Cast, panel: Panel, who: str, desk: tuple[int, int], panels: tuple[int, int]
) -> None:
    client = cast.client(who)
    assert (client.get("/scoring/").status_code, client.get(at(panel)).status_code) == desk
    assert (client.get("/panels/").status_code, client.get(f"/panels/{panel.code}/").status_code) == panels


def test_another_examiner_and_a_stranger_reach_nothing(cast: Cast, panel: Panel, tmp_path: Path) -> None:
    outsider = next(name for name in with_examiners(cast, 5) if name not in seated(cast, panel))
    for client, status in ((cast.client(outsider), 404), (Client(), 302)):
        assert client.get(at(panel)).status_code == status
        assert post(client, panel, revision=0).status_code == status
        assert client.post(at(panel, "submit"), {"revision": "0"}).status_code == status


def test_a_save_is_answered_by_a_receipt(cast: Cast, panel: Panel) -> None:
    who = seated(cast, panel)[0]
    answer = post(cast.client(who), panel, revision=0, scores={"C1": "8.5"}, comments={"C1": "[00:41] 快"})
    assert answer.status_code == 200
    receipt = answer.json()
    assert (receipt["revision"], receipt["total"], receipt["done"], receipt["of"]) == (1, "8.5", 1, 9)
    assert receipt["saved_at"].count(":") == 2
    page = cast.client(who).get(at(panel)).content.decode()
    assert 'value="8.5"' in page
    assert 'data-seek="41"' in page


def test_what_is_wrong_is_named_and_the_rest_is_saved(cast: Cast, panel: Panel) -> None:
    who = seated(cast, panel)[0]
    answer = post(cast.client(who), panel, revision=0, scores={"C1": "8.5", "C2": "25"})
    assert answer.status_code == 422
    assert (list(answer.json()["errors"]), answer.json()["revision"], answer.json()["total"]) == (["C2"], 1, "8.5")


def test_a_stale_save_brings_the_latest_sheet(cast: Cast, panel: Panel) -> None:
    client = cast.client(seated(cast, panel)[0])
    post(client, panel, revision=0, scores={"C1": "8.5"})
    answer = post(client, panel, revision=0, scores={"C1": "4", "C2": "12"})
    assert answer.status_code == 409
    said = answer.json()
    assert (said["code"], said["revision"], said["sheet"]["scores"]) == ("revision", 1, {"C1": "8.5"})


@pytest.mark.parametrize(
    "body", ("null", "[]", "{}", '{"revision": 0, "scores": {"C1": 8}}', '{"revision":0,"rulings":{"1":"x"}}')
)
def test_a_save_of_another_shape_is_refused(cast: Cast, panel: Panel, body: str) -> None:
    client = cast.client(seated(cast, panel)[0])
    assert client.post(at(panel, "save"), body, content_type="application/json").status_code == 400


def test_a_plain_form_saves_and_hands_in(cast: Cast, panel: Panel) -> None:
    who = seated(cast, panel)[0]
    client = cast.client(who)
    fields = plain(cast, panel, who)
    answer = client.post(at(panel, "save"), fields | {"keep": "1"}, follow=True)
    assert (answer.status_code, answer.redirect_chain) == (200, [(at(panel), 302)])
    fields["revision"] = str(sheet_of(cast, panel, who).revision)
    answer = client.post(at(panel, "submit"), fields, follow=True)
    assert answer.redirect_chain == [("/scoring/", 302)]
    assert f"作品 {panel.code} 已提交" in answer.content.decode()
    assert sheet_of(cast, panel, who).state == SheetState.SUBMITTED
    locked = client.get(at(panel)).content.decode()
    assert ('name="score-C1"' in locked, "不能再改" in locked) == (False, True)
    assert post(client, panel, revision=9, scores={"C1": "1"}).json()["code"] == "submitted"
    again = client.post(at(panel, "submit"), fields, follow=True)
    assert again.redirect_chain == [(at(panel), 302)]


def test_an_unfinished_form_says_what_is_missing_and_keeps_what_was_typed(cast: Cast, panel: Panel) -> None:
    who = seated(cast, panel)[0]
    answer = cast.client(who).post(
        at(panel, "submit"), plain(cast, panel, who, **{"score-C3": "", "comment-C1": "声音小", "ruling-1": ""})
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'href="#score-C3"' in page
    assert 'href="#finding-1"' in page
    assert "声音小" in page


def test_a_wrong_score_in_the_form_comes_back_beside_its_words(cast: Cast, panel: Panel) -> None:
    who = seated(cast, panel)[0]
    answer = cast.client(who).post(at(panel, "submit"), plain(cast, panel, who, **{"score-C2": "25"}))
    page = answer.content.decode()
    assert (answer.status_code, 'value="25"' in page, 'data-stored=""' in page) == (422, True, True)
    assert sheet_of(cast, panel, who).state == SheetState.IN_PROGRESS


def test_a_form_from_an_older_window_overwrites_nothing(cast: Cast, panel: Panel) -> None:
    who = seated(cast, panel)[0]
    client = cast.client(who)
    fields = plain(cast, panel, who)
    post(client, panel, revision=0, scores={"C1": "1.5"})
    answer = client.post(at(panel, "submit"), fields)
    page = answer.content.decode()
    assert (answer.status_code, "data-stale" in page, 'data-stored="1.5"' in page) == (409, True, True)
    assert sheet_of(cast, panel, who).revision == 1


def test_a_conflict_is_declared_with_its_reason(cast: Cast, panel: Panel) -> None:
    who = seated(cast, panel)[0]
    client = cast.client(who)
    page = at(panel, "conflict/")
    assert client.get(page).status_code == 200
    assert client.post(page, {"relation": "relative", "reason": ""}).status_code == 422
    answer = client.post(page, {"relation": "relative", "reason": "表妹"}, follow=True)
    assert answer.redirect_chain == [("/scoring/", 302)]
    assert sheet_of(cast, panel, who).state == SheetState.CONFLICT_DECLARED
    assert client.get(at(panel)).status_code == 404
    assert post(client, panel, revision=0, scores={"C1": "1"}).json()["code"] == "withdrawn"


def test_the_chief_assigns_decides_and_signs(cast: Cast, panel: Panel) -> None:
    scored(cast, panel, "55", "75", "70", verdicts={1: "confirm", 2: "dismiss"})
    with_examiners(cast, 5)
    chief, where = cast.client("chief"), f"/panels/{panel.code}/"
    page = chief.get(where).content.decode()
    assert ("甲" in page, "分差20.0，上限15.0" in page, 'class="dotstrip"' in page) == (True, True, True)
    assert "郑考评" not in page
    answer = chief.post(f"{where}fourth", {})
    assert answer.status_code == 302
    panel.refresh_from_db()
    assert panel.state == PanelState.ARBITRATION
    fourth = ScoreSheet.objects.get(panel=panel, seat=4)
    score(cast, panel, next(n for n, u in cast.users.items() if u.uuid == fourth.examiner_user), "72", "dismiss")
    refused = chief.post(f"{where}finding", {"finding": "1", "verdict": "confirm", "reason": ""})
    assert (refused.status_code, "写明理由" in refused.content.decode()) == (422, True)
    refused = chief.post(f"{where}finding", {"finding": "1", "reason": "原话清楚"})
    assert (refused.status_code, "原话清楚" in refused.content.decode()) == (422, True)
    assert (
        chief.post(f"{where}finding", {"finding": "1", "verdict": "confirm", "reason": "原话清楚"}).status_code == 302
    )
    assert chief.post(f"{where}sign", {"reason": ""}).status_code == 422
    assert chief.post(f"{where}sign", {"reason": "分数与批注一致"}).status_code == 302
    panel.refresh_from_db()
    assert panel.state == PanelState.FINAL
    assert "分数与批注一致" in chief.get(where).content.decode()
    assert cast.client("bureau").post(f"{where}sign", {"reason": "x"}).status_code == 403


def test_an_overdue_sheet_is_given_away(cast: Cast, panel: Panel) -> None:
    with_examiners(cast, 5)
    chief, where = cast.client("chief"), f"/panels/{panel.code}/reassign"
    ScoreSheet.objects.filter(panel=panel, seat=1).update(lease_until=clock.now() + timedelta(hours=1))
    assert chief.post(where, {"seat": "1"}).status_code == 422
    ScoreSheet.objects.filter(panel=panel, seat=1).update(lease_until=clock.now() - timedelta(hours=1))
    assert chief.post(where, {}).status_code == 422
    assert chief.post(where, {"seat": "1", "reason": "病假"}).status_code == 302
    assert ScoreSheet.objects.filter(panel=panel, state=SheetState.WITHDRAWN).count() == 1


def test_nothing_on_the_pages_says_whose_work_it_is(cast: Cast, panel: Panel, caplog: pytest.LogCaptureFixture) -> None:
    scored(cast, panel, "55", "75", "70")
    who = seated(cast, panel)[0]
    secrets = [*SECRETS, str(panel.asset), str(cast.uuid("owner")), str(cast.school.uuid)]
    for name, paths in (
        (who, ["/scoring/", at(panel)]),
        ("chief", ["/panels/", f"/panels/{panel.code}/"]),
    ):
        client = cast.client(name)
        for path in paths:
            response = client.get(path)
            said = response.content.decode() + repr(response.headers) + caplog.text
            assert [secret for secret in secrets if secret in said] == [], path


def test_lists_and_desk_cost_the_same_with_one_row_and_three(cast: Cast, panel: Panel, tmp_path: Path) -> None:
    who = seated(cast, panel)[0]

    def queries(name: str, path: str) -> int:
        client = cast.client(name)
        client.get(path)
        clock.forget_cache()
        with CaptureQueriesContext(connection) as seen:
            assert client.get(path).status_code == 200
        return len(seen)

    def counted() -> list[int]:
        return [queries(who, "/scoring/"), queries(who, at(panel)), queries("chief", "/panels/")]

    one = counted()
    for owner in ("colleague", "stranger"):
        panel_for_work(ready_work(cast, tmp_path, owner)[0])
    assert counted() == one
