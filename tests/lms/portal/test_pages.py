"""Homes say the one next step; overview and failed jobs show no more than the role may know."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import gettext, override

from assessment.api import Near, NearestExam
from lms.core import clock
from lms.core.jobs import Job, JobState
from lms.portal import homes
from media_pipeline.assets.models import MediaAsset
from media_pipeline.assets.types import AssetState
from tests.assessment.people import person_of
from tests.media_pipeline.cast import Cast, build_cast, finish, hand_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return build_cast()


def put(asset: MediaAsset, state: AssetState, **fields: Any) -> None:
    MediaAsset.objects.filter(pk=asset.pk).update(state=state, **fields)


def next_step(cast: Cast) -> tuple[str, str]:
    with override("en"):
        now = homes.trainee_home(cast.acting("owner")).now
    return now.title, now.action_url


def test_the_trainees_next_step_follows_her_newest_work(cast: Cast, tmp_path: Path) -> None:
    assert next_step(cast) == ("Upload your selling video", reverse("media:upload"))
    asset = hand_in(cast)
    progress = reverse("media:work", args=[asset.uuid])
    assert next_step(cast) == ("Your video is being checked", progress)
    put(asset, AssetState.REJECTED, refusal=[{"code": "too_short", "values": {}}])
    assert next_step(cast) == ("Upload a new video", progress)
    put(asset, AssetState.FAILED, refusal=[])
    assert next_step(cast) == ("Your video could not be processed", progress)
    put(asset, AssetState.UPLOADED)
    asset.refresh_from_db()
    finish(asset, tmp_path)
    assert next_step(cast) == ("Nothing to do right now", "")


@pytest.mark.parametrize(
    "near, days, title",
    (
        (Near.LIVE, 0, "初级理论考试"),
        (Near.OPEN, 0, "初级理论考试"),
        (Near.AHEAD, 2, "初级理论考试"),
        (Near.AHEAD, 4, "Upload your selling video"),
        (Near.SAT, 0, "Upload your selling video"),
    ),
)
def test_an_exam_that_runs_or_is_near_comes_first(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, near: Near, days: int, title: str
) -> None:
    exam = NearestExam(near, "初级理论考试", clock.now() + timedelta(days=days), "201", "/exam/")
    monkeypatch.setattr(homes, "nearest_exam", lambda acting, now: exam)
    person_of(cast, "owner")
    assert next_step(cast)[0] == title
    home = homes.trainee_home(cast.acting("owner"))
    assert "/exam/" in [link.url for link in home.links]
    assert len(home.steps) == 1 + 3 + 2


def test_everybodys_home_opens(cast: Cast) -> None:
    answers = {who: cast.client(who).get(reverse("portal:home")).status_code for who in cast.users}
    assert set(answers.values()) == {200}
    assert Client().get(reverse("portal:home")).status_code == 302


def test_the_overview_shows_masked_names_of_covered_trainees_only(cast: Cast) -> None:
    hand_in(cast, "owner", title="本校作品")
    hand_in(cast, "stranger", title="外校作品", content=b"another video")
    url = reverse("portal:works_overview")
    own = cast.client("school_admin").get(url).content.decode()
    assert ("本校作品" in own, "外校作品" in own) == (True, False)
    assert "林晓燕" not in own
    assert {
        who: cast.client(who).get(url).status_code
        for who in ("owner", "examiner", "chief", "instructor", "administrator")
    } == {
        "owner": 403,
        "examiner": 403,
        "chief": 403,
        "instructor": 403,
        "administrator": 403,
    }


def test_the_overview_costs_the_same_for_one_work_and_for_three(
    cast: Cast,
) -> None:
    client = cast.client("school_admin")
    url = reverse("portal:works_overview")

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url).status_code == 200
        return len(queries)

    hand_in(cast, content=b"1")
    one = cost()
    hand_in(cast, content=b"2")
    hand_in(cast, content=b"3")
    assert cost() == one


def dead_job(cast: Cast) -> Job:
    asset = hand_in(cast)
    job = Job.objects.get(subject=asset.uuid)
    Job.objects.filter(pk=job.pk).update(
        state=JobState.DEAD, attempt=3, error="The worker stopped while working on this.", error_detail="Traceback: secret",
        finished_at=clock.real_now(),
    )  # fmt: skip
    put(asset, AssetState.FAILED)
    return job


def test_an_administrator_sees_failed_jobs_and_sends_one_back(cast: Cast) -> None:
    job = dead_job(cast)
    client = cast.client("administrator")
    page = client.get(reverse("portal:dead_letters")).content.decode()
    with override("zh-hans"):
        reason = gettext("The worker stopped while working on this.")
    assert (reason in page, "Traceback" in page) == (True, False)
    retry = reverse("portal:retry_dead_letter", args=[job.uuid])
    assert client.get(retry).status_code == 405
    assert client.post(retry).status_code == 302
    job.refresh_from_db()
    assert (job.state, job.attempt) == (JobState.WAITING, 0)
    # Pressed twice: nothing more happens, and she is told.
    answer = client.post(retry, follow=True).content.decode()
    assert "已不在列表里" in answer


def test_nobody_else_may_touch_failed_jobs(cast: Cast) -> None:
    job = dead_job(cast)
    retry = reverse("portal:retry_dead_letter", args=[job.uuid])
    others = [who for who in cast.users if who != "administrator"]
    assert {cast.client(who).get(reverse("portal:dead_letters")).status_code for who in others} == {403}
    assert {cast.client(who).post(retry).status_code for who in others} == {403}
    job.refresh_from_db()
    assert job.state == JobState.DEAD


def test_error_pages_speak_plainly_and_leak_nothing(
    cast: Cast, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    missing = client.get("/no/such/page/")
    assert missing.status_code == 404
    assert "没有这一页" in missing.content.decode()
    quiet = cast.client("owner", raise_request_exception=False)

    def broken(acting: object) -> None:
        raise RuntimeError("the secret reason")

    monkeypatch.setattr(homes, "trainee_home", broken)
    failed = quiet.get(reverse("portal:home"))
    assert failed.status_code == 500
    assert "the secret reason" not in failed.content.decode()


def test_health_needs_no_login(client: Client) -> None:
    assert client.get("/healthz").json() == {"ok": True}
