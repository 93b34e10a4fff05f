"""Two works side by side: for whoever has the evidence, blind, written down; one that is held back goes on by decision alone."""

from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from assessment.marking.models import Panel
from lms.core import audit, jobs
from media_pipeline.api import release_of, work_page
from media_pipeline.assets.models import MediaAsset
from media_pipeline.assets.types import AssetState, StageState
from media_pipeline.similarity.models import LookalikeRelease
from tests.assessment.marking.scoring import examined, scoring_panel, seated, with_examiners
from tests.media_pipeline.cast import NOW, Cast, finish, hand_in
from tests.media_pipeline.similarity.pairs import PICTURE, beside, held_back

TOLD = "第二遍录的，原片在本人手机里，已核对"


@pytest.fixture
def panel(cast: Cast, tmp_path: Path) -> Panel:
    """A work in scoring that is like a stranger's."""
    panel = scoring_panel(cast, tmp_path)
    other = finish(
        hand_in(cast, "stranger", b"another"), tmp_path, ("大家好，我是王强。", "这是全网最低价，大家可以去比。")
    )
    beside(MediaAsset.objects.get(uuid=panel.asset), other)
    return panel


def other_of(panel: Panel) -> MediaAsset:
    return MediaAsset.objects.get(uuid=panel.asset).lookalikes.get().other


def test_an_examiner_sees_both_and_not_whose_the_other_is(cast: Cast, panel: Panel) -> None:
    first = seated(cast, panel)[0]
    client, other = cast.client(first), other_of(panel)
    listed = client.get(f"/lookalikes/{panel.code}/").content.decode()
    shown = client.get(f"/lookalikes/{panel.code}/1/").content.decode()
    assert ("83%" in listed, "60%" in listed, "71%" in listed) == (True, True, True)
    assert shown.count("<video") == 2
    assert '<mark class="alike-same">这是全网最低价，大家可以去比</mark>' in shown
    for hidden in (
        other.blind_code,
        str(other.uuid),
        str(other.owner_user),
        "王强",
        other.title,
        other.organisation_name,
    ):
        assert hidden not in listed + shown
    event = audit.events_of(other.uuid)[-1]
    assert (event.action, event.actor) == ("seen_as_lookalike", cast.uuid(first))


def test_either_clip_is_served_for_the_match_alone(cast: Cast, panel: Panel) -> None:
    client, other = cast.client(seated(cast, panel)[0]), other_of(panel)
    answer = client.get(f"/lookalikes/{panel.code}/1/other/video", headers={"range": "bytes=0-99"})
    assert (answer.status_code, answer["Content-Type"]) == (206, "video/mp4")
    assert other.blind_code not in answer["Content-Disposition"]
    assert client.get(f"/evidence/{other.blind_code}/video").status_code == 404
    for place in ("2/other/video", "1/third/video", "2/"):
        assert client.get(f"/lookalikes/{panel.code}/{place}").status_code == 404


@pytest.mark.parametrize("within", (True, False))
def test_the_others_number_is_for_those_alone_whose_reach_it_lies_in(cast: Cast, panel: Panel, within: bool) -> None:
    other = other_of(panel)
    if not within:
        MediaAsset.objects.filter(pk=other.pk).update(organisation_path="/elsewhere/")
    shown = cast.client("chief").get(f"/lookalikes/{panel.code}/1/").content.decode()
    assert (other.blind_code in shown, shown.count("<video")) == (within, 2)


@pytest.mark.parametrize("who, status", (("owner", 403), ("stranger", 403), ("examiner2", 404), ("school_admin", 403)))
def test_nobody_else_sees_them(cast: Cast, tmp_path: Path, who: str, status: int) -> None:
    work = finish(hand_in(cast), tmp_path)
    beside(work, finish(hand_in(cast, "stranger", b"another"), tmp_path))
    for place in ("", "1/", "1/other/video"):
        assert cast.client(who).get(f"/lookalikes/{work.blind_code}/{place}").status_code == status


def test_the_evidence_leads_there_and_only_where_there_is_one(cast: Cast, panel: Panel) -> None:
    work = MediaAsset.objects.get(uuid=panel.asset)
    run = work.stage_runs.get(stage="similarity")
    run.checks.create(position=0, name="duplicate_video", verdict="warn", metric=0.83, threshold=0.6)
    client = cast.client(seated(cast, panel)[0])
    address = f'href="/lookalikes/{panel.code}/"'
    assert address in client.get(f"/evidence/{panel.code}/").content.decode()
    work.lookalikes.all().delete()
    assert address not in client.get(f"/evidence/{panel.code}/").content.decode()


def test_an_earlier_work_of_the_same_person_is_linked_and_not_accused(cast: Cast, tmp_path: Path) -> None:
    work = finish(hand_in(cast), tmp_path)
    beside(work, finish(hand_in(cast, content=b"before"), tmp_path), PICTURE, tie="same")
    shown = cast.client("chief").get(f"/lookalikes/{work.blind_code}/1/").content.decode()
    assert "同一学员" in shown


@pytest.fixture
def held(cast: Cast, tmp_path: Path) -> MediaAsset:
    """A candidate's work that is the same file as a stranger's."""
    with_examiners(cast)
    examined(cast)
    work = finish(hand_in(cast), tmp_path)
    return held_back(work, finish(hand_in(cast, "stranger", b"another"), tmp_path))


def test_she_is_told_plainly_and_nobody_is_named(cast: Cast, held: MediaAsset) -> None:
    page = work_page(cast.acting("owner"), held.uuid, now=NOW)
    assert "已经由其他学员提交过" in page.reasons[0]
    assert (page.can_replace, "王强" in repr(page)) == (True, False)


def test_the_chief_lets_it_go_on_with_a_reason(cast: Cast, held: MediaAsset) -> None:
    client, address = cast.client("chief"), f"/lookalikes/{held.blind_code}/"
    assert f'href="{address}"' in client.get("/lookalikes/").content.decode()
    assert client.post(address, {"reason": " "}).status_code == 422
    assert not LookalikeRelease.objects.exists()
    assert client.post(address, {"reason": TOLD}).status_code == 302
    held.refresh_from_db()
    assert (held.state, held.refusal, held.ready_at is not None) == (AssetState.READY, [], True)
    # It is scored like any other.
    jobs.drain("short")
    assert Panel.objects.filter(asset=held.uuid).exists()
    assert f'href="{address}"' not in client.get("/lookalikes/").content.decode()
    release = release_of(held.uuid)
    assert release is not None
    assert (release.reason, release.by) == (TOLD, cast.uuid("chief"))
    (event,) = [event for event in audit.events_of(held.uuid) if event.action == "duplicate_released"]
    assert (event.actor, TOLD in str(event.fields)) == (cast.uuid("chief"), False)
    # Once is enough.
    assert client.post(address, {"reason": TOLD}).status_code in {403, 422}
    assert LookalikeRelease.objects.count() == 1
    assert TOLD in client.get(address).content.decode()
    examiner = seated(cast, Panel.objects.get(asset=held.uuid))[0]
    assert TOLD not in cast.client(examiner).get(address).content.decode()
    steps = {stage.name: stage.state for stage in work_page(cast.acting("owner"), held.uuid, now=NOW).stages}
    assert set(steps.values()) == {StageState.DONE}


@pytest.mark.parametrize("who, status", (("owner", 403), ("examiner", 404), ("school_admin", 403), ("bureau", 403)))
def test_nobody_else_lets_it_go_on(cast: Cast, held: MediaAsset, who: str, status: int) -> None:
    assert cast.client(who).post(f"/lookalikes/{held.blind_code}/", {"reason": TOLD}).status_code == status
    held.refresh_from_db()
    assert held.state == AssetState.REJECTED


def test_what_was_refused_for_another_reason_is_not_let_go_on(cast: Cast, tmp_path: Path) -> None:
    work = finish(hand_in(cast), tmp_path)
    held_back(work, finish(hand_in(cast, "stranger", b"another"), tmp_path))
    MediaAsset.objects.filter(pk=work.pk).update(state=AssetState.REPLACED)
    assert cast.client("chief").post(f"/lookalikes/{work.blind_code}/", {"reason": TOLD}).status_code == 404


def test_the_list_costs_the_same_for_one_and_three(cast: Cast, tmp_path: Path) -> None:
    client, other = cast.client("chief"), finish(hand_in(cast, "stranger", b"another"), tmp_path)
    client.get("/lookalikes/")

    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert client.get("/lookalikes/").status_code == 200
        return len(asked)

    held_back(finish(hand_in(cast), tmp_path), other)
    one = cost()
    for content in (b"2", b"3"):
        held_back(finish(hand_in(cast, content=content), tmp_path), other)
    assert cost() == one
