"""Homework as each role may see it: hers on the phone, the desk's lists, one hand-in with its marking."""

import json
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from courses.api import waiting_homework
from courses.homework.models import HomeworkItem, HomeworkPart
from courses.homework.services.drafts import add_video, hand_in, save_draft, take_back
from courses.homework.services.marking import return_homework
from courses.homework.types import ItemState
from media_pipeline.api import Purpose, signed_query
from media_pipeline.assets.models import MediaAsset
from tests.courses.homework.test_pictures import SVG
from tests.courses.homework.world import BEST, Taught, finished, photo, taught, video_file, with_picture
from tests.media_pipeline.cast import NOW, Cast, finish
from tests.unread import unread

EVERYBODY = (
    "owner", "colleague", "stranger", "examiner", "chief", "school_admin", "other_admin", "body_admin", "bureau",
    "city_bureau", "inspector", "instructor", "administrator",
)  # fmt: skip


@pytest.fixture
def world(cast: Cast) -> Taught:
    return taught(cast)


def answers(cast: Cast, url: str) -> dict[str, int]:
    return {who: cast.client(who).get(url).status_code for who in EVERYBODY}


def seeing(found: dict[str, int]) -> list[str]:
    return [who for who, status in found.items() if status == 200]


def here(world: Taught, task: Any = None) -> str:
    return f"/homework/{world.row.uuid}/{task or world.first}/"


def test_her_task_is_hers(world: Taught) -> None:
    found = answers(world.cast, here(world))
    assert seeing(found) == ["owner"]
    assert {found[who] for who in ("colleague", "stranger")} == {404}
    assert {found[who] for who in EVERYBODY[3:]} == {403}


def test_a_picture_is_read_from_her_alone_and_only_with_her_forms_token(world: Taught) -> None:
    def sent(client: Client) -> int:
        return client.generic("POST", here(world), **unread(12 << 20)).status_code

    found = {who: sent(world.cast.client(who, enforce_csrf_checks=True)) for who in ("colleague", "instructor")}
    assert (sent(Client(enforce_csrf_checks=True)), found) == (302, {"colleague": 404, "instructor": 403})
    hers = world.cast.client("owner", enforce_csrf_checks=True)
    assert hers.post(here(world), {"text": "别处的表单"}).status_code == 403
    assert not HomeworkItem.objects.exists()


def test_a_draft_that_cannot_be_read_is_refused(world: Taught) -> None:
    hers = world.cast.client("owner")
    for body in ("[" * 20_000, '{"text": "a", "revision": Infinity}', '{"text": "a", "revision": 1e999}'):
        assert hers.post(f"{here(world)}draft", body, content_type="application/json").status_code == 400
    assert hers.post(f"{here(world)}draft", {"text": "a\0b", "revision": 0}, "application/json").status_code == 200
    assert HomeworkItem.objects.get().text == "ab"


def test_who_reads_what_was_handed_in(world: Taught) -> None:
    item = world.handed_in()
    readers = ["school_admin", "bureau", "city_bureau", "instructor"]
    assert seeing(answers(world.cast, f"/homework/items/{item.uuid}/")) == readers
    assert seeing(answers(world.cast, f"/homework/{world.row.uuid}/")) == readers
    assert seeing(answers(world.cast, "/homework/")) == [
        "owner", "colleague", "stranger", "school_admin", "other_admin", "body_admin", "bureau", "city_bureau",
        "inspector", "instructor",
    ]  # fmt: skip
    for who in ("school_admin", "bureau", "instructor"):
        for url in ("/homework/", f"/homework/items/{item.uuid}/", f"/homework/{world.row.uuid}/"):
            page = world.cast.client(who).get(url).content.decode()
            assert "林晓燕" not in page
            assert "林*燕" in page


def test_a_draft_is_nobodys_but_hers(world: Taught) -> None:
    item = with_picture(world)
    shown = item.pictures.get()
    assert seeing(answers(world.cast, f"/homework/items/{item.uuid}/")) == []
    assert seeing(answers(world.cast, f"/homework/pictures/{shown.uuid}")) == ["owner"]
    hand_in(**world.where(), text="", revision=0)
    assert seeing(answers(world.cast, f"/homework/pictures/{shown.uuid}")) == [
        "owner", "school_admin", "bureau", "city_bureau", "instructor",
    ]  # fmt: skip
    answer = world.cast.client("owner").get(f"/homework/pictures/{shown.uuid}")
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("image/jpeg", "nosniff")
    assert answer.getvalue()[:2] == b"\xff\xd8"


def test_a_video_is_watched_by_an_address_of_ones_own(world: Taught, tmp_path: Any) -> None:
    where = world.where(world.second)
    item = add_video(**where, file=video_file(), form_token=uuid4())
    hand_in(**where, text="", revision=0)
    assert item.video
    finish(MediaAsset.objects.get(uuid=item.video, purpose=Purpose.HOMEWORK), tmp_path)
    teacher = world.cast.client("instructor")
    page = teacher.get(f"/homework/items/{item.uuid}/").content.decode()
    assert f"/homework/items/{item.uuid}/video?" in page
    path = f"/homework/items/{item.uuid}/video"
    query = signed_query(item.video, "video", user=world.cast.uuid("instructor"), now=_now())
    assert teacher.get(f"{path}?{query}").status_code == 200
    assert world.cast.client("colleague").get(f"{path}?{query}").status_code == 404
    assert teacher.get(path).status_code == 404
    captions = signed_query(item.video, "captions", user=world.cast.uuid("instructor"), now=_now())
    assert teacher.get(f"/homework/items/{item.uuid}/captions?{captions}").content.startswith(b"WEBVTT")
    # Never in front of an examiner, nor on a list of works.
    assert str(item.video) not in world.cast.client("chief").get("/evidence/").content.decode()


def _now() -> Any:
    from lms.core import clock

    return clock.now()


# ---- handing in ----


def test_without_javascript_text_and_picture_travel_with_every_button(world: Taught) -> None:
    client = world.cast.client("owner")
    file = SimpleUploadedFile("家.jpg", photo().getvalue(), content_type="image/jpeg")
    answer = client.post(here(world), {"text": "大家好", "revision": "0", "act": "save", "picture": file})
    assert (answer.status_code, answer["Location"]) == (302, here(world))
    item = HomeworkItem.objects.get()
    assert (item.text, item.pictures.count(), item.state) == ("大家好", 1, ItemState.DRAFT)
    page = client.get(here(world)).content.decode()
    assert f"/homework/pictures/{item.pictures.get().uuid}" in page
    removed = {"text": "大家好！", "revision": "1", "act": f"remove:{item.pictures.get().uuid}"}
    assert client.post(here(world), removed).status_code == 302
    assert item.pictures.count() == 0
    assert client.post(here(world), {"text": "大家好！", "revision": "2", "act": "hand_in"}).status_code == 302
    item.refresh_from_db()
    assert (item.state, item.text) == (ItemState.HANDED_IN, "大家好！")


@pytest.mark.parametrize(
    "raw,words", ((SVG, "只收照片"), (b"GIF89a" * 9, "只收照片"), (photo().getvalue()[:400], "打不开"))
)
def test_a_refused_picture_loses_nothing(world: Taught, raw: bytes, words: str) -> None:
    file = SimpleUploadedFile("茶.jpg", raw, content_type="image/jpeg")
    said = {"text": "写了很多字", "revision": "0", "act": "picture", "picture": file}
    answer = world.cast.client("owner").post(here(world), said)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert words in page
    assert "写了很多字" in page
    assert HomeworkItem.objects.get().pictures.count() == 0


def test_another_windows_text_is_shown_and_saving_again_decides(world: Taught) -> None:
    save_draft(**world.where(), text="手机上写的", revision=0)
    client = world.cast.client("owner")
    answer = client.post(here(world), {"text": "电脑上写的", "revision": "0", "act": "hand_in"})
    page = answer.content.decode()
    assert (answer.status_code, HomeworkItem.objects.get().state) == (422, ItemState.DRAFT)
    assert "手机上写的" in page
    assert "电脑上写的" in page
    assert 'name="revision" value="1"' in page
    assert client.post(here(world), {"text": "电脑上写的", "revision": "1", "act": "hand_in"}).status_code == 302


def test_a_draft_saves_by_itself(world: Taught) -> None:
    client = world.cast.client("owner")

    def save(text: str, revision: int) -> Any:
        said = json.dumps({"text": text, "revision": revision})
        return client.post(f"{here(world)}draft", said, content_type="application/json")

    first = save("一", 0)
    assert (first.status_code, first.json()["revision"]) == (200, 1)
    stale = save("二", 0)
    assert (stale.status_code, stale.json()["text"], stale.json()["revision"]) == (409, "一", 1)
    assert save("长" * 10_001, 1).status_code == 422
    assert client.post(f"{here(world)}draft", "[]", content_type="application/json").status_code == 400
    hand_in(**world.where(), text="一", revision=1)
    assert save("三", 1).status_code == 422


def test_a_video_comes_by_its_own_form(world: Taught) -> None:
    client = world.cast.client("owner")
    url = f"/homework/video/{world.row.uuid}/{world.second}/"
    assert client.get(url).status_code == 200
    assert client.post(url, {"token": str(uuid4())}).status_code == 422
    file = SimpleUploadedFile("讲解.mp4", b"moving pictures", content_type="video/mp4")
    answer = client.post(url, {"token": str(uuid4()), "video": file})
    assert (answer.status_code, answer["Location"]) == (302, here(world, world.second))
    assert HomeworkItem.objects.get().video
    assert client.get(here(world, world.second)).status_code == 200
    assert client.get(f"/homework/video/{world.row.uuid}/{world.first}/").status_code == 404


# ---- the desk ----


def test_marking_goes_on_to_the_next(cast: Cast) -> None:
    world = taught(cast, "owner", "colleague")
    first, second = world.handed_in(), world.handed_in(who="colleague", text="我是小陈")
    assert (waiting_homework(cast.acting("instructor")), waiting_homework(cast.acting("school_admin"))) == (2, 0)
    client = cast.client("instructor")
    url = f"/homework/items/{first.uuid}/"
    assert "给学员的评语" in client.get(url).content.decode()
    half = client.post(f"{url}mark", {"level-H1": "good", "words": "不错"})
    assert half.status_code == 422
    assert "每一项都要选一档" in half.content.decode()
    assert "不错" in half.content.decode()
    levels = {f"level-{code}": level for code, level in BEST.items()}
    answer = client.post(f"{url}mark", {**levels, "words": "很好"})
    assert answer["Location"] == f"/homework/items/{second.uuid}/"
    assert client.post(f"/homework/items/{second.uuid}/return", {"reason": ""}).status_code == 422
    answer = client.post(f"/homework/items/{second.uuid}/return", {"reason": "请写产地"})
    assert answer["Location"] == "/homework/"
    assert "很好" in cast.client("owner").get(here(world)).content.decode()
    assert "请写产地" in cast.client("colleague").get(here(world)).content.decode()
    assert waiting_homework(cast.acting("instructor")) == 0


def test_who_marks_what_was_taken_back_is_told_so(world: Taught) -> None:
    item, client = world.handed_in(), world.cast.client("instructor")
    take_back(by=world.cast.acting("owner"), item=item.uuid, now=NOW)
    levels = {f"level-{code}": level for code, level in BEST.items()}
    assert client.get(f"/homework/items/{item.uuid}/").status_code == 404
    for act, sent in (("mark", levels), ("return", {"reason": "请写产地"})):
        answer = client.post(f"/homework/items/{item.uuid}/{act}", sent, follow=True)
        assert "学员已收回这份作业" in answer.content.decode()
    assert (HomeworkItem.objects.get().state, item.marks.count()) == (ItemState.DRAFT, 0)


def test_others_see_no_form_and_their_posts_are_refused(world: Taught) -> None:
    item = world.handed_in()
    levels = {f"level-{code}": level for code, level in BEST.items()}
    for who, status in (("school_admin", 403), ("bureau", 403), ("chief", 403), ("colleague", 403)):
        client = world.cast.client(who)
        assert client.post(f"/homework/items/{item.uuid}/mark", levels).status_code == status
        assert client.post(f"/homework/{world.row.uuid}/settle").status_code == status
    page = world.cast.client("school_admin").get(f"/homework/items/{item.uuid}/").content.decode()
    assert "level-H1" not in page


def test_a_class_is_settled_on_its_page(world: Taught) -> None:
    world.marked(world.handed_in())
    url = f"/homework/{world.row.uuid}/"
    client = world.cast.client("instructor")
    assert "培训结束后才能结算" in client.get(url).content.decode()
    finished(world)
    assert "现在结算作业" in client.get(url).content.decode()
    assert client.post(f"{url}settle").status_code == 302
    assert str(HomeworkPart.objects.get().mark) == "42.5"
    assert "42.5" in client.get(url).content.decode()
    assert "42.5" in world.cast.client("owner").get("/homework/").content.decode()


# ---- budgets ----


def queries(cast: Cast, who: str, url: str) -> int:
    client = cast.client(who)
    client.get(url)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(url).status_code == 200
    # The clock's row is read once a second, whatever the page.
    return sum("core_clockoffset" not in one["sql"] for one in asked.captured_queries)


def test_lists_cost_the_same_for_one_and_for_three(cast: Cast) -> None:
    world = taught(cast, "owner", "colleague")
    urls = (("instructor", "/homework/"), ("instructor", f"/homework/{world.row.uuid}/"), ("owner", "/homework/"))
    first = world.handed_in()
    few = [queries(cast, who, url) for who, url in urls]
    return_homework(by=cast.acting("instructor"), item=first.uuid, reason="再写", now=NOW)
    world.handed_in()
    world.handed_in(world.second)
    world.handed_in(who="colleague")
    assert [queries(cast, who, url) for who, url in urls] == few
    # Frame and gate included.
    assert max(few) <= 24, few
    assert queries(cast, "owner", here(world)) <= 34
