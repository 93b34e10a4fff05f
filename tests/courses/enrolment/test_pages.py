"""Classes with their people, and enrolments, as each role may see them."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from courses.api import waiting_enrolments
from courses.classes.models import TrainingClass
from courses.classes.types import ClassState
from courses.enrolment.models import Enrolment
from courses.enrolment.selectors import my_enrolments
from courses.enrolment.services import start_training
from courses.enrolment.types import EnrolmentState
from lms.core.holdings import held_about
from media_pipeline.api import AssetState
from media_pipeline.assets.models import MediaAsset
from tests.assessment.people import person_of
from tests.courses.school import admitted, asked, opened
from tests.media_pipeline.cast import NOW, Cast, hand_in

EVERYBODY = (
    "owner", "colleague", "stranger", "examiner", "chief", "school_admin", "other_admin", "body_admin", "bureau",
    "city_bureau", "inspector", "instructor", "administrator",
)  # fmt: skip


def answers(cast: Cast, url: str) -> dict[str, int]:
    return {who: cast.client(who).get(url).status_code for who in EVERYBODY}


@pytest.fixture
def row(cast: Cast) -> TrainingClass:
    return opened(cast)


def test_who_sees_a_class(cast: Cast, row: TrainingClass) -> None:
    admitted(cast, row)
    seen = dict.fromkeys(("owner", "school_admin", "bureau", "city_bureau"), 200)
    # The inspector's place is another county; the instructor does not teach it; the administrator has no business here.
    others = {who: 404 for who in EVERYBODY if who not in seen} | {"administrator": 403}
    assert answers(cast, f"/classes/{row.uuid}/") == seen | others


def test_a_class_leads_to_its_homework_and_the_menu_to_learning_records(cast: Cast, row: TrainingClass) -> None:
    admitted(cast, row)
    for who, homework, records in (("school_admin", True, True), ("bureau", True, False), ("owner", False, False)):
        client = cast.client(who)
        words = client.get(f"/classes/{row.uuid}/").content.decode()
        assert (f'"/homework/{row.uuid}/"' in words, '"/xapi/"' in words) == (homework, records), who
        for url, shown in ((f"/homework/{row.uuid}/", homework), ("/xapi/", records)):
            assert not shown or client.get(url).status_code == 200


def test_who_sees_an_enrolment(cast: Cast, row: TrainingClass) -> None:
    enrolment = admitted(cast, row)
    found = answers(cast, f"/enrolment/{enrolment.uuid}/")
    assert [who for who, status in found.items() if status == 200] == ["owner", "school_admin", "bureau", "city_bureau"]
    assert set(found.values()) == {200, 403, 404}


def test_nobody_reads_a_full_name_on_the_roster(cast: Cast, row: TrainingClass) -> None:
    enrolment = admitted(cast, row)
    for url in (f"/classes/{row.uuid}/", f"/enrolment/{enrolment.uuid}/"):
        for who in ("school_admin", "bureau"):
            page = cast.client(who).get(url).content.decode()
            assert "林晓燕" not in page
            assert "林*燕" in page


def test_the_trainee_enrols_on_her_phone(cast: Cast, row: TrainingClass) -> None:
    person_of(cast, "owner")
    client = cast.client("owner")
    assert row.name in client.get("/enrolment/").content.decode()
    refused = client.post(f"/enrolment/new/{row.uuid}/", {})
    assert refused.status_code == 422
    answer = client.post(f"/enrolment/new/{row.uuid}/", {"truth": "on"})
    made = Enrolment.objects.get()
    assert answer["Location"] == f"/enrolment/{made.uuid}/"
    assert made.state == EnrolmentState.SUBMITTED
    assert waiting_enrolments(cast.acting("school_admin")) == 1
    assert waiting_enrolments(cast.acting("other_admin")) == 0
    assert client.post(f"/enrolment/{made.uuid}/admit").status_code == 403
    client.post(f"/enrolment/{made.uuid}/withdraw")
    made.refresh_from_db()
    assert made.state == EnrolmentState.WITHDRAWN
    assert row.name in client.get("/enrolment/").content.decode()  # she may ask again


def test_her_enrolment_says_what_to_do_with_her_video(cast: Cast, row: TrainingClass) -> None:
    enrolment = admitted(cast, row)
    start_training(by=cast.acting("school_admin"), training_class=row, now=NOW)

    def told() -> tuple[str, str]:
        page = cast.client("owner").get(f"/enrolment/{enrolment.uuid}/").context["page"]
        return page.headline, page.upload_url

    assert told() == ("培训中，准备好就可以交视频作品", "/works/upload/?level=5")
    work = hand_in(cast)
    assert told() == ("视频作品已交，有结果会通知您", "")
    MediaAsset.objects.update(state=AssetState.REJECTED, refusal=[{"code": "too_short"}])
    assert told() == ("视频没通过检测，请重新交一条", f"/works/upload/?replaces={work.uuid}")
    MediaAsset.objects.update(state=AssetState.FAILED)
    assert told()[1] == "/works/upload/?level=5"


def test_a_stranger_is_not_offered_the_class(cast: Cast, row: TrainingClass) -> None:
    client = cast.client("stranger")
    assert row.name not in client.get("/enrolment/").content.decode()
    assert client.get(f"/enrolment/new/{row.uuid}/").status_code == 404


def test_what_another_has_done_meanwhile_is_said(cast: Cast, row: TrainingClass) -> None:
    enrolment = admitted(cast, row)
    client = cast.client("school_admin")
    again = client.post(f"/enrolment/{enrolment.uuid}/admit", follow=True)
    assert [str(message) for message in again.context["messages"]] == ["刚被别人改过，请看最新内容。"]
    TrainingClass.objects.update(state=ClassState.TEACHING)
    again = client.post(f"/classes/{row.uuid}/move", {"to": "filed"}, follow=True)
    assert [str(message) for message in again.context["messages"]] == ["刚被别人改过，请看最新内容。"]
    assert client.post(f"/classes/{row.uuid}/move", {"to": "nonsense"}).status_code == 404


def test_a_class_is_planned_on_the_page(cast: Cast) -> None:
    client = cast.client("school_admin")
    assert client.get("/classes/new/").status_code == 200
    policy = next(one for one in client.get("/classes/new/").context["policies"] if one.key == "demonstration")
    said: dict[str, Any] = {
        "name": "第5期", "level": "5", "work": "0", "starts_on": "2026-12-14", "ends_on": "2026-12-13",
        "planned_hours": "40", "capacity": "30",
    }  # fmt: skip
    refused = client.post(f"/classes/new/?policy={policy.uuid}", said)
    assert refused.status_code == 422
    assert "结束日期早于开始日期" in refused.content.decode()
    client.post(f"/classes/new/?policy={policy.uuid}", said | {"ends_on": "2026-12-18"})
    assert TrainingClass.objects.get(name="第5期").profile == policy.uuid
    assert cast.client("bureau").get("/classes/new/").status_code == 403
    assert cast.client("body_admin").get("/classes/new/").status_code == 403


def test_lists_ask_the_same_number_of_questions_whatever_their_length(cast: Cast, row: TrainingClass) -> None:
    asked(cast, row)
    client = cast.client("school_admin")

    def queries(url: str) -> int:
        client.get(url)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert client.get(url).status_code == 200
        # The clock's row is read once a second, whatever the page.
        return sum("core_clockoffset" not in one["sql"] for one in captured.captured_queries)

    before = [queries("/classes/"), queries(f"/classes/{row.uuid}/")]
    opened(cast, name="第4期")
    asked(cast, row, "colleague")
    assert [queries("/classes/"), queries(f"/classes/{row.uuid}/")] == before


def test_a_download_holds_her_enrolments_and_nobody_elses(cast: Cast, row: TrainingClass) -> None:
    asked(cast, row)
    asked(cast, row, "colleague")
    mine = person_of(cast, "owner")
    section = next(held for held in held_about(mine.uuid, cast.uuid("owner")) if held.title == "报名")
    assert [line["班次"] for line in section.rows] == [row.name]
    assert [one.class_name for one in my_enrolments(mine.uuid)] == [row.name]
