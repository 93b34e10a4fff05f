"""The trainee's pages over HTTP."""

import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from lms.core import clock
from lms.core.jobs.models import Job
from media_pipeline.assets.models import MediaAsset
from media_pipeline.assets.types import AssetState
from tests.media_pipeline.cast import Cast, finish, hand_in

UPLOAD = "/works/upload/"


def answers(**changes: Any) -> dict[str, Any]:
    fields = {
        "video": SimpleUploadedFile("茶.mp4", b"a video", content_type="video/mp4"),
        "title": "高山岩茶",
        "product": "tea",
        "product_name": "岩茶",
        "brand": "",
        "level": "5",
        "declared_ai": "no",
        "token": str(uuid4()),
    }
    return {name: value for name, value in (fields | changes).items() if value is not None}


def words(response: Any) -> str:
    return response.content.decode()


def test_the_form_works_without_javascript(cast: Cast) -> None:
    client = cast.client("owner")
    page = client.get(UPLOAD)
    token = re.search(r'name="token" value="([0-9a-f-]{36})"', words(page))
    assert (page.status_code, token is not None) == (200, True)
    sent = client.post(UPLOAD, answers(token=token[1] if token else ""))
    asset = MediaAsset.objects.get()
    assert (sent.status_code, sent["Location"]) == (302, reverse("media:work", args=[asset.uuid]))
    assert (asset.declared_ai, asset.brand, asset.level) == (False, "", 5)


def test_two_forms_have_two_tokens(cast: Cast) -> None:
    client = cast.client("owner")
    tokens = {re.findall(r'name="token" value="(.+?)"', words(client.get(UPLOAD)))[0] for _ in range(2)}
    assert len(tokens) == 2


def test_the_same_form_sent_twice_ends_at_one_work(cast: Cast) -> None:
    client, token = cast.client("owner"), str(uuid4())
    places = {client.post(UPLOAD, answers(token=token))["Location"] for _ in range(2)}
    assert (len(places), MediaAsset.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    "changes,said",
    (
        ({"video": None}, "先选一条视频"),
        ({"video": SimpleUploadedFile("a.mp4", b"")}, "文件是空的，请重新选择视频"),
        ({"title": ""}, "请给视频起个名字"),
        ({"title": "茶" * 61}, "60"),
        ({"product": ""}, "请选择商品类别"),
        ({"product": "weapons"}, "weapons"),
        ({"product_name": " "}, "请填写商品名称"),
        ({"level": "1"}, "1"),
        ({"declared_ai": None}, "请说明有没有用人工智能"),
        ({"token": "x"}, "有"),
    ),
)
def test_wrong_input_is_answered_with_the_form_and_what_to_do(cast: Cast, changes: dict[str, Any], said: str) -> None:
    response = cast.client("owner").post(UPLOAD, answers(**changes))
    assert (response.status_code, MediaAsset.objects.count()) == (422, 0)
    assert said in words(response)
    assert "岩茶" in words(response) or "product_name" in changes  # what was typed is still there


def test_a_file_over_the_limit_is_refused_in_words(cast: Cast, settings) -> None:
    settings.UPLOAD_MAX_BYTES = 1 << 20
    client = cast.client("owner")
    response = client.post(UPLOAD, answers(video=SimpleUploadedFile("a.mp4", b"0" * ((1 << 20) + 1))))
    assert (response.status_code, MediaAsset.objects.count()) == (422, 0)
    assert "视频超过1MB" in words(response)
    huge = client.post(UPLOAD, answers(video=SimpleUploadedFile("a.mp4", b"0" * (2 << 20))))
    assert huge.status_code == 413


def test_the_gate_stands_before_the_body_is_read(cast: Cast) -> None:
    class Unreadable:
        def read(self, size: int = -1) -> bytes:
            raise AssertionError("the body was read")

        readline = read

    fields = {"CONTENT_LENGTH": "1000", "CONTENT_TYPE": "multipart/form-data; boundary=x", "wsgi.input": Unreadable()}
    stranger = Client().generic("POST", UPLOAD, **fields)  # type: ignore[arg-type]
    assert stranger["Location"].startswith(reverse("account_login"))
    assert cast.client("examiner").generic("POST", UPLOAD, **fields).status_code == 403  # type: ignore[arg-type]


def test_a_form_from_another_site_is_refused(cast: Cast) -> None:
    response = cast.client("owner", enforce_csrf_checks=True).post(UPLOAD, answers())
    assert (response.status_code, MediaAsset.objects.count()) == (403, 0)


@pytest.mark.parametrize(
    "who,upload,works,work",
    (
        ("owner", 200, 200, 200),
        ("colleague", 200, 200, 404),
        ("stranger", 200, 200, 404),
        ("school_admin", 403, 200, 200),
        ("other_admin", 403, 200, 404),
        ("bureau", 403, 200, 200),
        ("inspector", 403, 200, 404),
        ("examiner", 403, 403, 403),
        ("chief", 403, 403, 403),
        ("instructor", 403, 403, 403),
        ("administrator", 403, 403, 403),
    ),
)
def test_each_page_answers_as_the_matrix_says(cast: Cast, who: str, upload: int, works: int, work: int) -> None:
    asset = hand_in(cast)
    client = cast.client(who)
    paths = (UPLOAD, "/works/", f"/works/{asset.uuid}/", f"/works/{asset.uuid}/progress/")
    assert [client.get(path).status_code for path in paths] == [upload, works, work, work]


def test_somebody_without_a_login_is_sent_to_it(cast: Cast) -> None:
    asset = hand_in(cast)
    paths = (UPLOAD, "/works/", f"/works/{asset.uuid}/", f"/works/{asset.uuid}/progress/")
    assert [Client().get(path).status_code for path in paths] == [302] * 4


def test_the_progress_fragment_asks_again_until_the_work_is_settled(cast: Cast, tmp_path) -> None:
    asset, client = hand_in(cast), cast.client("owner")
    path = reverse("media:work_progress", args=[asset.uuid])
    running = words(client.get(path))
    assert (f'hx-get="{path}"' in running, "<html" in running) == (True, False)
    finish(asset, tmp_path)
    settled = words(client.get(path))
    assert ("hx-get" in settled, "检测完成" in settled) == (False, True)


@pytest.mark.req("S2-32")
def test_a_refusal_is_read_in_plain_words_and_leads_to_a_new_upload(cast: Cast) -> None:
    asset, client = hand_in(cast), cast.client("owner")
    refusal = [{"code": "too_short", "values": {"seconds": 42.0, "limit": 60.0}}]
    MediaAsset.objects.filter(pk=asset.pk).update(state=AssetState.REJECTED, refusal=refusal)
    page = words(client.get(f"/works/{asset.uuid}/"))
    assert ("42.0" in page, f"{UPLOAD}?replaces={asset.uuid}" in page) == (True, True)
    form = client.get(f"{UPLOAD}?replaces={asset.uuid}")
    assert 'value="岩茶"' in words(form)
    sent = client.post(f"{UPLOAD}?replaces={asset.uuid}", answers())
    assert (sent.status_code, MediaAsset.objects.get(replaces=asset).title) == (302, "高山岩茶")
    assert "replaces=" not in words(client.get(f"/works/{asset.uuid}/"))
    assert cast.client("colleague").get(f"{UPLOAD}?replaces={asset.uuid}").status_code == 404
    assert client.get(f"{UPLOAD}?replaces=nothing").status_code == 404


def test_a_trainee_never_reads_what_the_machine_heard_or_found(cast: Cast, tmp_path) -> None:
    asset = finish(hand_in(cast), tmp_path)
    client = cast.client("owner")
    for path in ("/works/", f"/works/{asset.uuid}/", f"/works/{asset.uuid}/progress/"):
        page = words(client.get(path))
        assert [word for word in ("降血压", "全网最低价", "MED-", "欢迎来到", asset.blind_code) if word in page] == []


@pytest.fixture
def listing(cast: Cast) -> Callable[[str], int]:
    client = cast.client("owner")
    client.get("/works/")  # the session's first page also writes

    def queries(path: str) -> int:
        clock.forget_cache()  # its row is read once a second: count it every time
        with CaptureQueriesContext(connection) as seen:
            assert client.get(path).status_code == 200
        return len(seen)

    return queries


def test_the_list_costs_the_same_with_one_row_and_three(cast: Cast, listing: Any) -> None:
    first = hand_in(cast)
    one, page = listing("/works/"), listing(f"/works/{first.uuid}/")
    hand_in(cast)
    hand_in(cast)
    assert (listing("/works/"), listing(f"/works/{first.uuid}/")) == (one, page)


def test_a_waiting_work_says_how_many_are_ahead(cast: Cast) -> None:
    hand_in(cast, "colleague")
    asset = hand_in(cast)
    assert Job.objects.count() == 2
    assert "前面还有1个" in words(cast.client("owner").get(f"/works/{asset.uuid}/"))


def test_a_long_list_is_paged(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("types", "selectors"):
        monkeypatch.setattr(f"media_pipeline.assets.{module}.ROWS_A_PAGE", 2)
    titles = [hand_in(cast, title=f"第{number}条", form_token=uuid4()).title for number in range(3)]
    client = cast.client("owner")
    shown = {asked: words(client.get(f"/works/{asked}")) for asked in ("", "?page=2", "?page=99", "?page=x")}
    on_page = {asked: [title for title in titles if title in page] for asked, page in shown.items()}
    assert on_page == {"": titles[1:], "?page=2": titles[:1], "?page=99": titles[:1], "?page=x": titles[1:]}
    assert "第2页，共2页" in shown["?page=2"]
    assert UPLOAD not in words(cast.client("bureau").get("/works/"))
