"""Who reaches the evidence, what it costs, and that nothing in it says whose it is."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from assessment.api import evidence_page, grant_evidence, waiting_evidence
from assessment.marking.models import EvidenceGrant
from lms.core import audit, clock
from media_pipeline.assets.models import MediaAsset
from media_pipeline.assets.types import AssetState
from tests.media_pipeline.cast import NOW, Cast, finish, hand_in


@pytest.fixture
def work(cast: Cast, tmp_path) -> MediaAsset:
    asset = finish(hand_in(cast), tmp_path)
    grant(cast, asset)
    return asset


def grant(cast: Cast, asset: MediaAsset, who: str = "examiner") -> None:
    grant_evidence(examiner=cast.uuid(who), asset=asset.uuid, granted_by=cast.uuid("chief"), now=NOW)


def paths(asset: MediaAsset) -> list[str]:
    return [f"/evidence/{asset.blind_code}/{rest}" for rest in ("", "video", "captions.vtt", "poster.jpg")]


@pytest.mark.parametrize(
    "who,listed,shown",
    (
        ("examiner", 200, 200),
        ("examiner2", 200, 404),
        ("chief", 200, 200),
        ("bureau", 200, 200),
        ("inspector", 200, 404),
        ("owner", 403, 404),
        ("stranger", 403, 404),
        ("school_admin", 403, 403),
        ("instructor", 403, 403),
        ("administrator", 403, 403),
    ),
)
def test_every_address_answers_as_the_matrix_says(
    cast: Cast, work: MediaAsset, who: str, listed: int, shown: int
) -> None:
    client = cast.client(who)
    assert client.get("/evidence/").status_code == listed
    assert [client.get(path).status_code for path in paths(work)] == [shown] * 4
    in_list = work.blind_code in client.get("/evidence/").content.decode()
    assert in_list == (shown == 200)


def test_nobody_reads_without_a_login(cast: Cast, work: MediaAsset) -> None:
    assert [Client().get(path).status_code for path in ["/evidence/", *paths(work)]] == [302] * 5


def test_unknown_and_unfinished_works_look_the_same(cast: Cast, work: MediaAsset) -> None:
    client = cast.client("examiner")
    unfinished = hand_in(cast)
    grant(cast, unfinished)
    codes = [unfinished.blind_code, "A3-3333A3" if work.blind_code != "A3-3333A3" else "C3-3333A3", "nothing"]
    assert [client.get(f"/evidence/{code}/").status_code for code in codes] == [404] * 3
    MediaAsset.objects.filter(pk=work.pk).update(state=AssetState.FAILED)
    assert client.get(paths(work)[0]).status_code == 404


def test_a_grant_taken_away_works_at_once(cast: Cast, work: MediaAsset) -> None:
    client = cast.client("examiner")
    EvidenceGrant.objects.all().delete()
    assert [client.get(path).status_code for path in paths(work)] == [404] * 4


def test_granting_twice_is_once(cast: Cast, work: MediaAsset) -> None:
    grant(cast, work)
    assert EvidenceGrant.objects.count() == 1
    assert [event.action for event in audit.events_of(work.uuid)].count("evidence_granted") == 1
    assert (waiting_evidence(cast.acting("examiner")), waiting_evidence(cast.acting("chief"))) == (1, 0)


SECRETS = ("林晓燕", "林小燕", "高山岩茶", "连江", "职业中学", '.mp4"', "submissions/", "renditions/")


@pytest.mark.parametrize("who", ("examiner", "chief"))
def test_nothing_says_whose_work_it_is(
    cast: Cast, work: MediaAsset, who: str, caplog: pytest.LogCaptureFixture
) -> None:
    client = cast.client(who)
    secrets = [*SECRETS, str(work.uuid), str(work.owner_user), str(work.organisation), str(cast.uuid("owner"))]
    for path in ["/evidence/", *paths(work), "/evidence/A3-3333A3/"]:
        response = client.get(path)
        body = b"".join(response.streaming_content) if response.streaming else response.content  # type: ignore[attr-defined]
        said = body.decode("utf-8", "replace") + repr(response.headers) + caplog.text
        assert [secret for secret in secrets if secret in said.replace(f'filename="{work.blind_code}.mp4"', "")] == []
    for text in (repr(evidence_page(cast.acting(who), work.blind_code)),):
        assert [secret for secret in secrets if secret in text] == []


def test_the_page_shows_transcript_findings_and_checks_with_their_second(cast: Cast, work: MediaAsset) -> None:
    page = evidence_page(cast.acting("examiner"), work.blind_code, start_s=5.5)
    assert (page.code, page.duration_s, page.start_s, page.level_label) == (work.blind_code, 61.0, 5.5, "初级")
    assert [finding.number for finding in page.findings] == list(range(1, page.hint_count + 1))
    by_rule = {finding.rule: finding for finding in page.findings}
    assert (by_rule["MED-10"].severity_label, by_rule["MED-10"].tone, by_rule["MED-10"].text) == (
        "否决",
        "bad",
        "降血压",
    )
    assert [finding.rule for finding in page.cues[1].findings] == ["MED-10"]
    assert "bad" in [span.tone for span in page.cues[1].spans]
    assert "masked" in [span.tone for span in page.cues[0].spans]
    silence = next(check for check in page.checks if check.name == "silence")
    assert (silence.verdict_label, silence.metric, silence.ranges) == ("需留意", "9秒", [(20.0, 29.0)])
    not_run = next(check for check in page.checks if check.name == "duplicate_exact")
    assert (not_run.tone, not_run.verdict_label) == ("notrun", "未检测")
    assert page.waveform == [0.1, 0.9, 0.4]
    html = cast.client("examiner").get(f"{paths(work)[0]}?t=5.5").content.decode()
    assert (f"作品 {work.blind_code}" in html, "降血压" in html, 'data-start="5.5"' in html) == (True, True, True)


@pytest.mark.parametrize("second,opens", (("5", 5.0), ("-3", 0.0), ("x", 0.0), ("nan", 0.0), ("1e9", 61.0)))
def test_the_second_asked_for_is_kept_inside_the_video(cast: Cast, work: MediaAsset, second: str, opens: float) -> None:
    response = cast.client("examiner").get(f"{paths(work)[0]}?t={second}")
    assert response.context["page"].start_s == opens


def test_english_pages_are_english(cast: Cast, work: MediaAsset) -> None:
    html = cast.client("examiner").get(paths(work)[0], headers={"accept-language": "en"}).content.decode()
    assert (f"Work {work.blind_code}" in html, "Proposed fail" in html, "Look at it" in html) == (True, True, True)


def test_captions_are_masked_webvtt(cast: Cast, work: MediaAsset) -> None:
    response = cast.client("examiner").get(paths(work)[2])
    assert response["Content-Type"] == "text/vtt; charset=utf-8"
    assert response.content.decode().startswith("WEBVTT\n\n1\n00:00:00.000 --> 00:00:05.000\n大家好，我是主播＊")


def test_pages_cost_the_same_with_one_row_and_three(cast: Cast, work: MediaAsset, tmp_path) -> None:
    def queries(who: str, path: str) -> int:
        client = cast.client(who)
        client.get(path)
        clock.forget_cache()  # its row is read once a second: count it every time
        with CaptureQueriesContext(connection) as seen:
            assert client.get(path).status_code == 200
        return len(seen)

    page = paths(work)[0]
    one: dict[Any, int] = {who: queries(who, "/evidence/") for who in ("examiner", "chief")}
    short = queries("examiner", page)
    for _ in range(2):
        more = finish(hand_in(cast), tmp_path, ("全网最低价。", "国家级。", "降血压。") * 3)
        grant(cast, more)
    assert {who: queries(who, "/evidence/") for who in ("examiner", "chief")} == one
    assert (queries("examiner", page), queries("examiner", paths(more)[0])) == (short, short)
