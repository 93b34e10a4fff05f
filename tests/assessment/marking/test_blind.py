"""Whoever judges a work learns nothing of whose it is: every answer, header, redirect and log line of the whole way."""

import json
import logging
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpResponse

from assessment.marking.models import Panel
from assessment.marking.types import PanelState
from assessment.results.models import GradeDecision
from lms.accounts.api import INSTALLATION, DocumentKind, Person, PersonData, Role, create_person
from lms.core import clock
from lms.notices.models import Notice
from media_pipeline.assets.models import MediaAsset
from tests.assessment.marking.scoring import filled, score, scored, scoring_panel, seated, sheet_of
from tests.assessment.people import body_of
from tests.lms.accounts.world import card_number
from tests.media_pipeline.cast import NOW, Cast

NAME, PHONE, CARD, CLASS = "林晓燕", "13800004321", card_number(7), "茶乡姐妹初级班"
EXAMINERS = 4


@pytest.fixture
def panel(cast: Cast, tmp_path: Path) -> Panel:
    data = PersonData(NAME, document_type=DocumentKind.RESIDENT_CARD, document_number=CARD, phone=PHONE)
    create_person(by=INSTALLATION, organisation=cast.school, data=data, user=cast.users["owner"], now=NOW)
    panel = scoring_panel(cast, tmp_path, examiners=EXAMINERS, class_name=CLASS)
    # What an examiner reads about herself may name where she is registered: not at the candidate's school.
    Person.objects.filter(user__memberships__role=Role.EXAMINER).update(organisation=body_of(cast))
    return panel


@pytest.fixture
def secrets(cast: Cast, panel: Panel) -> list[str]:
    """Everything that would tell who she is, also in part."""
    owner, work = cast.users["owner"], MediaAsset.objects.get(uuid=panel.asset)
    person = owner.person
    return [
        NAME, "林*", "林小燕", "小燕", PHONE, PHONE[-4:], CARD, CARD[:6], CARD[-8:], owner.username, CLASS, "茶乡姐妹",
        cast.school.name, "职业中学", work.title, work.product_name, "的茶", ".mp4&", "submissions/", "renditions/",
        *(str(one) for one in (owner.uuid, person.uuid, work.uuid, cast.school.uuid, panel.submission, panel.candidacy)),
    ]  # fmt: skip


@pytest.fixture
def heard(secrets: list[str], caplog: pytest.LogCaptureFixture) -> Iterator[Callable[[Any], None]]:
    """Listens to an answer; what it and the logs said is searched in the end, all of it."""
    said: list[tuple[str, str]] = []

    def listen(answer: HttpResponse) -> None:
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
        where = f"{answer.request['REQUEST_METHOD']} {answer.request['PATH_INFO']} {answer.status_code}"  # type: ignore[attr-defined]
        said.append((where, body.decode("utf-8", "replace") + repr(dict(answer.headers))))

    with caplog.at_level(logging.DEBUG), caplog.at_level(logging.DEBUG, logger="kaibo"):
        yield listen
    said.append(("logs", caplog.text))
    assert [(where, secret) for where, text in said for secret in secrets if secret in text] == []


def everywhere(who: str, cast: Cast, panel: Panel) -> list[str]:
    """Every page with something about the work that somebody who judges it can open, and some she cannot."""
    evidence = [f"/evidence/{panel.code}/{rest}" for rest in ("", "video", "captions.vtt", "poster.jpg")]
    notices = Notice.objects.filter(user__uuid=cast.uuid(who)).values_list("uuid", flat=True)
    return [
        "/", "/evidence/", *evidence, "/scoring/", f"/scoring/{panel.code}/", f"/scoring/{panel.code}/?t=9",
        f"/scoring/{panel.code}/conflict/", "/panels/", f"/panels/{panel.code}/", "/results/", "/results/?show=confirm",
        "/results/?show=pending", "/overview/works/", "/examiners/", "/certification/", "/notices/",
        *(f"/notices/{uuid}/" for uuid in notices), "/accounts/held/", "/accounts/held/print/",
        "/accounts/held/download.json", "/classes/",
    ]  # fmt: skip


def look_everywhere(cast: Cast, panel: Panel, who: str, heard: Callable[[Any], None]) -> None:
    client = cast.client(who)
    for page in everywhere(who, cast, panel):
        heard(client.get(page))


@pytest.mark.req("S1-29", "S2-33")
def test_an_examiner_learns_nothing(cast: Cast, panel: Panel, heard: Callable[[Any], None]) -> None:
    who, other = seated(cast, panel)[:2]
    client, at = cast.client(who), f"/scoring/{panel.code}/"
    look_everywhere(cast, panel, who, heard)

    def save(**body: Any) -> Any:
        answer = client.post(f"{at}save", json.dumps(body), content_type="application/json")
        heard(answer)
        return answer.status_code

    assert save(revision=0, scores={"C1": "8"}, comments={"C1": "[00:07] 语速快"}) == 200
    assert save(revision=1, scores={"C2": "99"}) == 422
    assert save(revision=0, scores={"C1": "7"}) == 409
    assert save(scores=1) == 400
    video = client.get(f"/evidence/{panel.code}/video", headers={"range": "bytes=0-99"})
    assert video.status_code == 206
    heard(video)
    whole = filled(cast, panel, who, "80")
    fields = {f"score-{code}": score for code, score in whole.scores.items()} | {"revision": "2"}
    unruled = client.post(f"{at}submit", fields)
    assert unruled.status_code == 422
    heard(unruled)
    for number, (verdict, reason) in whole.rulings.items():
        fields |= {f"ruling-{number}": verdict, f"reason-{number}": reason}
    done = client.post(f"{at}submit", fields | {"revision": str(sheet_of(cast, panel, who).revision)})
    assert done.status_code == 302
    heard(done)
    look_everywhere(cast, panel, who, heard)
    refused = cast.client(other).post(f"{at}conflict/", {"relation": "other", "reason": ""})
    assert refused.status_code == 422
    heard(refused)
    heard(cast.client(other).post(f"{at}conflict/", {"relation": "relative", "reason": "表姐"}))
    look_everywhere(cast, panel, other, heard)


@pytest.mark.req("S1-29", "S2-33")
def test_a_chief_learns_nothing_until_the_grade_is_made(
    cast: Cast, panel: Panel, heard: Callable[[Any], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    client, at = cast.client("chief"), f"/panels/{panel.code}/"
    look_everywhere(cast, panel, "chief", heard)
    scored(cast, panel, "55", "75", "70", verdicts="confirm")
    assert panel.state == PanelState.SPREAD
    look_everywhere(cast, panel, "chief", heard)

    def act(step: str, **fields: str) -> int:
        answer = client.post(f"{at}{step}", fields)
        heard(answer)
        return answer.status_code

    assert act("sign", reason="x") == 422
    assert act("fourth") == 302
    look_everywhere(cast, panel, "chief", heard)
    late = clock.now() + timedelta(days=30)
    monkeypatch.setattr(clock, "now", lambda: late)
    assert act("reassign", seat="4", reason="逾期") == 422  # nobody is left
    fourth = seated(cast, panel)[3]
    answer = cast.client(fourth).post(
        f"/scoring/{panel.code}/save",
        json.dumps({"revision": 0, "scores": {"C1": "1"}}),
        content_type="application/json",
    )
    heard(answer)
    monkeypatch.undo()
    score(cast, panel, fourth, "72", "confirm")
    for finding in panel.findings.filter(severity="B"):
        assert act("finding", finding=str(finding.number), verdict="confirm", reason="") == 422
        assert act("finding", finding=str(finding.number), verdict="confirm", reason="属于治疗功效宣传") == 302
    look_everywhere(cast, panel, "chief", heard)
    assert act("sign", reason="三位一致") == 302
    look_everywhere(cast, panel, "chief", heard)
    decision = GradeDecision.objects.get(candidacy__uuid=panel.candidacy).uuid
    heard(client.get(f"/results/{decision}/"))
    heard(client.post(f"/results/{decision}/confirm/"))
    heard(client.get("/results/?show=release"))
