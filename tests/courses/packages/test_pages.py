"""Handing in a package in Wagtail's frame; a package in a lesson, and its state."""

import json
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from courses.catalogue.documents import Files, document_of
from courses.catalogue.models import LessonPage
from courses.catalogue.types import PackageBlock
from courses.learning.models import LessonProgress, PackageState
from courses.packages.models import ContentPackage
from lms.accounts.api import Role, User
from tests.courses.catalogue.writing import document
from tests.courses.lessons import DAY, TITLES, Taught, taught
from tests.courses.packages.scorm import ORIGIN, made, packed
from tests.lms.accounts.world import make_user, signed_in
from tests.media_pipeline.cast import Cast

LIST, UPLOAD = "/admin/packages/", "/admin/packages/upload/"
STATE = {"status": "incomplete", "score": "", "location": "2", "suspend_data": "记住", "seconds": 30, "revision": 0}


@pytest.fixture(autouse=True)
def _origin(settings: Any) -> None:
    settings.CONTENT_ORIGIN = ORIGIN


@pytest.fixture
def committee(cast: Cast) -> User:
    return make_user(cast.city, Role.COMMITTEE, name="林委员")


@pytest.fixture
def class_(cast: Cast, committee: User, monkeypatch: pytest.MonkeyPatch) -> Taught:
    monkeypatch.setattr("lms.core.clock.now", lambda: DAY)
    package = made(committee)
    first = document(TITLES[0])
    shown = replace(first, blocks=(*first.blocks, PackageBlock(package.uuid, "测一测")))
    return taught(cast, documents=(shown, document(TITLES[1])), files=Files({}, {}, {}, {package.uuid: package}))


def place(class_: Taught) -> str:
    return f"{class_.url()}package/{ContentPackage.objects.get().uuid}"


def test_she_hands_one_in_and_finds_it_in_the_list(committee: User, settings: Any) -> None:
    client = signed_in(committee)
    assert client.get(UPLOAD).status_code == 200
    answer = client.post(UPLOAD, {"title": "小测验", "package": SimpleUploadedFile("a.zip", packed().getvalue())})
    assert (answer.status_code, answer["Location"]) == (302, LIST)
    page = client.get(LIST).content.decode()
    assert "小测验" in page
    assert f'href="{ORIGIN}/p/' in page
    refused = client.post(UPLOAD, {"title": "坏", "package": SimpleUploadedFile("a.zip", b"no zip")})
    assert (refused.status_code, set(refused.context["form"].errors)) == (422, {"package"})
    settings.CONTENT_ORIGIN = ""
    assert "KAIBO_CONTENT_ORIGIN" in client.get(UPLOAD).content.decode()


def test_the_list_costs_the_same_for_one_and_for_three(committee: User) -> None:
    client = signed_in(committee)
    counts = []
    for titles in (("一",), ("二", "三")):
        for title in titles:
            made(committee, title, **{f"{title}.txt": title})
        client.get(LIST)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get(LIST)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_lesson_is_written_with_it(cast: Cast, class_: Taught, committee: User) -> None:
    client = signed_in(committee)
    page = LessonPage.objects.get(title=TITLES[0])
    assert document_of(page).blocks[-1] == PackageBlock(ContentPackage.objects.get().uuid, "测一测")
    editor = client.get(f"/admin/pages/{page.pk}/edit/")
    assert editor.status_code == 200
    assert json.dumps("测一测").strip('"') in editor.content.decode()  # in the editor's JSON
    modal = client.get("/admin/packages/choose/")
    assert "小测验" in modal.json()["html"]
    assert cast.client("owner").get("/admin/packages/choose/").status_code in {302, 403}


def test_her_lesson_frames_it_and_other_pages_frame_nothing(cast: Cast, class_: Taught) -> None:
    answer = cast.client("owner").get(class_.url())
    page = answer.content.decode()
    assert f'data-src="{ORIGIN}/p/' in page
    assert f"frame-src {ORIGIN}" in answer["Content-Security-Policy"]
    assert "frame-src" not in cast.client("owner").get(class_.url(1))["Content-Security-Policy"]
    read = cast.client("instructor").get(class_.url())
    assert "<kb-package" not in read.content.decode()
    assert f'href="{ORIGIN}/p/' in read.content.decode()


def test_its_state_is_kept_once_given_back_and_never_overwritten_unseen(cast: Cast, class_: Taught) -> None:
    client = cast.client("owner")
    assert client.get(place(class_)).json()["revision"] == 0

    def post(**changes: Any) -> Any:
        return client.post(place(class_), STATE | changes, content_type="application/json")

    assert post().json()["revision"] == 1
    assert post().json()["revision"] == 1  # the answer was lost, the device sends again
    held = cast.client("owner").get(place(class_)).json()
    assert {name: held[name] for name in ("location", "suspend_data", "seconds")} == {
        "location": "2",
        "suspend_data": "记住",
        "seconds": 30,
    }
    assert post(suspend_data="另一台").status_code == 409
    with connection.cursor() as cursor:
        cursor.execute("SELECT suspend_data FROM courses_packagestate")
        assert "记住" not in cursor.fetchone()[0]
    assert post(suspend_data="长" * 4097, revision=1).status_code == 422
    for wrong in ({"status": "done"}, {"score": "101"}, {"score": "-1"}, {"suspend_data": None}):
        assert post(**wrong, revision=1).status_code == 400
    assert client.get(f"{class_.url()}package/{uuid4()}").status_code == 404
    assert client.get(f"{class_.url(1)}package/{ContentPackage.objects.get().uuid}").status_code == 404
    assert cast.client("instructor").get(place(class_)).status_code == 403


def test_complete_means_studied_and_nothing_else(cast: Cast, class_: Taught) -> None:
    client = cast.client("owner")
    for number, status in enumerate(("incomplete", "passed", "failed", "completed")):
        client.post(place(class_), STATE | {"status": status, "revision": number}, content_type="application/json")
        done = LessonProgress.objects.filter(completed_at__isnull=False).count()
        assert done == (number > 0)
    assert PackageState.objects.get().revision == 4
