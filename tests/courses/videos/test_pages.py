"""Making a lesson video in Wagtail's frame, and its files by signed address."""

import io
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.base import File
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from courses.videos.logic import show_time
from courses.videos.models import LessonVideo
from courses.videos.selectors import video_view, video_views
from courses.videos.services import make_lesson_video, rename_video
from lms.accounts.api import Role, User, acting_for
from lms.core import audit, clock, jobs
from lms.core.ids import new_uuid
from media_pipeline.api import captions_of
from media_pipeline.assets.models import CaptionVersion, MediaAsset
from media_pipeline.assets.types import AssetState
from tests.lms.accounts.world import make_user, signed_in
from tests.media_pipeline.cast import NOW, Cast, build_cast
from tests.media_pipeline.materials import SAID, finish_material

LIST = "/admin/lesson-videos/"
UPLOAD = "/admin/lesson-videos/upload/"


@pytest.fixture
def cast(db: None) -> Cast:
    return build_cast()


@pytest.fixture
def committee(cast: Cast) -> User:
    return make_user(cast.city, Role.COMMITTEE, name="林委员")


def make(by: User, title: str = "怎样介绍鱼丸", content: bytes = b"a lesson", **changes: Any) -> LessonVideo:
    file = File(io.BytesIO(content), name="lesson.mp4")
    file.size = len(content)
    return make_lesson_video(by=acting_for(by, None), title=title, file=file, now=NOW, **changes)


def page_of(video: LessonVideo) -> str:
    return reverse("lesson_videos:video", args=[video.uuid])


def ready(by: User, folder: Path, sentences: tuple[str, ...] = SAID, title: str = "怎样介绍鱼丸") -> LessonVideo:
    video = make(by, title)
    folder.mkdir(exist_ok=True)
    finish_material(video.asset, folder, sentences)
    return video


def fields(video: LessonVideo, **changes: str) -> dict[str, str]:
    """What the page's form sends, with these changes (text_0 for text-0)."""
    newest = captions_of(video.asset)
    assert newest is not None
    sent = {"base": str(newest.number), "text-new": "", "start-new": "", "end-new": ""}
    for line in newest.lines:
        sent |= {
            f"text-{line.id}": line.text,
            f"start-{line.id}": show_time(line.start_s),
            f"end-{line.id}": show_time(line.end_s),
        }
    return sent | {name.replace("_", "-"): value for name, value in changes.items()}


def test_she_hands_one_in_and_sees_how_it_stands(committee: User) -> None:
    client = signed_in(committee)
    page = client.get(UPLOAD)
    assert page.status_code == 200
    sent = {
        "title": "怎样介绍鱼丸",
        "token": str(uuid4()),
        "video": SimpleUploadedFile("a.mp4", b"no video", "video/mp4"),
    }
    answer = client.post(UPLOAD, sent)
    video = LessonVideo.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, page_of(video))
    again = client.post(UPLOAD, sent | {"video": SimpleUploadedFile("a.mp4", b"no video", "video/mp4")})
    assert (again["Location"], LessonVideo.objects.count()) == (page_of(video), 1)
    waiting = client.get(page_of(video)).content.decode()
    assert "正在处理" in waiting
    assert 'hx-trigger="load delay:3s"' in waiting
    moving = client.get(reverse("lesson_videos:progress", args=[video.uuid]))
    assert "HX-Refresh" not in moving
    jobs.drain("media")
    assert client.get(reverse("lesson_videos:progress", args=[video.uuid]))["HX-Refresh"] == "true"
    refused = client.get(page_of(video)).content.decode()
    assert "不能使用" in refused
    assert 'class="help-block help-critical"' in refused
    assert audit.verify(video.uuid).ok


def test_what_is_missing_is_said_in_place(committee: User, settings: Any) -> None:
    client = signed_in(committee)
    answer = client.post(UPLOAD, {"title": " ", "token": str(uuid4())})
    assert answer.status_code == 422
    assert {"video", "title"} <= set(answer.context["form"].errors)
    settings.UPLOAD_LONG_MAX_BYTES = 4
    big = client.post(UPLOAD, {"title": "大", "token": str(uuid4()), "video": SimpleUploadedFile("a.mp4", b"12345")})
    assert (big.status_code, LessonVideo.objects.count()) == (422, 0)


def test_captions_are_corrected_on_the_page(committee: User, tmp_path: Path) -> None:
    video, client = ready(committee, tmp_path), signed_in(committee)
    page = client.get(page_of(video)).content.decode()
    assert "机器转写" in page
    assert SAID[1] in page
    sent = fields(
        video,
        text_1="先说产地：连江。",
        start_1="0:05.5",
        text_2="",
        text_new="再见。",
        start_new="0：15",
        end_new="0:16.25",
    )
    answer = client.post(page_of(video), sent)
    assert (answer.status_code, answer["Location"]) == (302, f"{page_of(video)}?page=1")
    newest = captions_of(video.asset)
    assert newest is not None
    assert [(line.start_s, line.end_s, line.text) for line in newest.lines] == [
        (0.0, 5.0, SAID[0]),
        (5.5, 10.0, "先说产地：连江。"),
        (15.0, 16.25, "再见。"),
    ]
    told = client.get(page_of(video)).content.decode()
    assert "已保存为第1版" in told
    assert f"机器转写：{SAID[1]}" in told
    # Sending the same again makes no version.
    client.post(page_of(video), fields(video))
    assert CaptionVersion.objects.count() == 1


@pytest.mark.parametrize(
    "name, value, words",
    (
        ("start_0", "5 秒", "时间请写成"),
        ("end_0", "0:00.00", "结束时间必须晚于开始时间"),
        ("text_0", "长" * 121, "一行最多120个字"),
        ("end_2", "9:00.00", "超出了视频长度"),
    ),
)
def test_a_mistake_is_said_at_its_line_and_nothing_typed_is_lost(
    committee: User, tmp_path: Path, name: str, value: str, words: str
) -> None:
    video, client = ready(committee, tmp_path), signed_in(committee)
    answer = client.post(page_of(video), fields(video, **{"text_1": "已经改好的一行", name: value}))
    html = answer.content.decode()
    assert answer.status_code == 422
    assert (words in html, "已经改好的一行" in html, value in html) == (True, True, True)
    assert not CaptionVersion.objects.exists()


def test_two_people_on_the_same_line(cast: Cast, committee: User, tmp_path: Path) -> None:
    video, client = ready(committee, tmp_path), signed_in(committee)
    other = signed_in(make_user(cast.city, Role.COMMITTEE, name="陈委员"))
    hers, his = (
        fields(video, text_0="她的第一行", text_1="她的第二行"),
        fields(video, text_0="他的第一行", text_2="他的第三行"),
    )
    assert other.post(page_of(video), his).status_code == 302
    clash = client.post(page_of(video), hers)
    html = clash.content.decode()
    assert clash.status_code == 422
    assert "别人刚改成“他的第一行”" in html
    # What she typed stands in the fields on top of his version; saving again takes both.
    again = {bound.html_name: str(bound.value()) for bound in clash.context["form"]}
    assert (again["base"], again["text-0"], again["text-2"]) == ("1", "她的第一行", "他的第三行")
    assert client.post(page_of(video), again).status_code == 302
    newest = captions_of(video.asset)
    assert newest is not None
    assert [line.text for line in newest.lines] == ["她的第一行", "她的第二行", "他的第三行"]


def test_long_captions_come_in_pages_and_each_is_saved_alone(cast: Cast, committee: User, tmp_path: Path) -> None:
    video = ready(committee, tmp_path, tuple(f"第{number}句。" for number in range(60)))
    MediaAsset.objects.filter(uuid=video.asset).update(duration_s=400.0)
    client = signed_in(committee)
    second = client.get(page_of(video), {"page": 2}).context["form"]
    assert len(second.rows()) == 10
    sent = {bound.html_name: str(bound.value()) for bound in second} | {"text-55": "改过的一句"}
    answer = client.post(f"{page_of(video)}?page=2", sent)
    assert (answer.status_code, answer["Location"]) == (302, f"{page_of(video)}?page=2")
    newest = captions_of(video.asset)
    assert newest is not None
    assert (len(newest.lines), newest.lines[55].text, newest.lines[54].text) == (60, "改过的一句", "第54句。")
    # A form of which lines are missing takes none of them out.
    client.post(page_of(video), {"base": "1", "text-0": "只发一行", "start-0": "0:00.00", "end-0": "0:05.00"})
    after = captions_of(video.asset)
    assert after is not None
    assert (len(after.lines), after.lines[0].text) == (60, "只发一行")


@pytest.mark.parametrize("who", ("owner", "examiner", "school_admin", "bureau", "inspector", "administrator"))
def test_only_who_writes_lessons_comes_here(cast: Cast, committee: User, tmp_path: Path, who: str) -> None:
    video, client = ready(committee, tmp_path), cast.client(who)
    for address in (LIST, UPLOAD, page_of(video), reverse("lesson_videos:progress", args=[video.uuid])):
        assert client.get(address).status_code in {302, 403}, address
    for address in (UPLOAD, page_of(video), reverse("lesson_videos:title", args=[video.uuid])):
        assert client.post(address, fields(video, text_0="别人的")).status_code in {302, 403}, address
    assert (CaptionVersion.objects.count(), LessonVideo.objects.count()) == (0, 1)
    with pytest.raises(PermissionDenied):
        make(cast.users[who])


def test_an_instructor_corrects_her_own_only(cast: Cast, committee: User, tmp_path: Path) -> None:
    instructor = cast.users["instructor"]
    own, other = ready(instructor, tmp_path / "1"), ready(committee, tmp_path / "2")
    acting = acting_for(instructor, None)
    assert rename_video(by=acting, video=own, title=" 鱼丸 ", now=NOW).title == "鱼丸"
    with pytest.raises(PermissionDenied):
        rename_video(by=acting, video=other, title="鱼丸", now=NOW)
    assert rename_video(by=acting_for(committee, None), video=own, title="连江鱼丸", now=NOW).title == "连江鱼丸"


def test_the_list_costs_the_same_for_one_and_three(
    committee: User, tmp_path: Path, django_assert_max_num_queries: Any
) -> None:
    client = signed_in(committee)
    counts = []
    for number in (1, 3):
        while LessonVideo.objects.count() < number:
            ready(committee, tmp_path / str(LessonVideo.objects.count()), title=f"第{LessonVideo.objects.count()}课")
        client.get(LIST)
        with django_assert_max_num_queries(40) as taken:
            page = client.get(LIST)
        counts.append(len(taken))
        assert page.status_code == 200
    assert counts[0] == counts[1]
    found = client.get(LIST, {"q": "第2"}).content.decode()
    assert ("第2课" in found, "第1课" in found) == (True, False)


def test_the_chooser_lists_them_by_title(committee: User, tmp_path: Path) -> None:
    ready(committee, tmp_path / "1", title="鱼丸")
    ready(committee, tmp_path / "2", title="岩茶")
    client = signed_in(committee)
    modal = client.get(reverse("lesson_video_chooser:choose"))
    assert modal.status_code == 200
    results = client.get(reverse("lesson_video_chooser:choose_results"), {"q": "岩茶"}).content.decode()
    assert ("岩茶" in results, "鱼丸" in results) == (True, False)
    chosen = client.get(reverse("lesson_video_chooser:chosen", args=[LessonVideo.objects.get(title="岩茶").pk])).json()
    assert (chosen["result"]["title"], "/admin/lesson-videos/" in chosen["result"]["edit_url"]) == ("岩茶", True)


def files_of(client: Client, user: User, video: LessonVideo) -> dict[str, str]:
    view = video_view(video.uuid, user=user.uuid, now=clock.now())
    assert view is not None
    return {"video": view.src, "poster": view.poster, "captions": view.captions}


def test_files_come_by_signed_addresses_in_ranges(cast: Cast, committee: User, tmp_path: Path) -> None:
    video, owner = ready(committee, tmp_path), cast.users["owner"]
    client, other = cast.client("owner"), cast.client("colleague")
    addresses = files_of(client, owner, video)
    whole = client.get(addresses["video"])
    content = b"".join(whole)
    assert (whole.status_code, whole["Content-Type"], len(content)) == (200, "video/mp4", 256 * 40)
    part = client.get(addresses["video"], HTTP_RANGE="bytes=16-31")
    assert (part.status_code, b"".join(part)) == (206, content[16:32])
    assert part["Content-Range"] == f"bytes 16-31/{len(content)}"
    assert client.head(addresses["poster"])["Content-Type"] == "image/jpeg"
    captions = client.get(addresses["captions"])
    assert captions["Content-Type"] == "text/vtt; charset=utf-8"
    assert SAID[0].rstrip("。") in captions.content.decode()
    for what, address in addresses.items():
        assert other.get(address).status_code == 404
        assert Client().get(address).status_code == 302
        assert client.get(address.split("?")[0]).status_code == 404
        wrong = {"video": "poster", "poster": "captions", "captions": "video"}[what]
        assert client.get(address.replace(f"/{what}?", f"/{wrong}?")).status_code == 404
        assert client.get(address.replace(str(video.uuid), str(uuid4()))).status_code == 404
    assert client.post(addresses["captions"]).status_code == 405


def test_views_of_many_take_the_same_queries(committee: User, tmp_path: Path, django_assert_num_queries: Any) -> None:
    videos = [ready(committee, tmp_path / str(number)) for number in range(3)]
    waiting = make(committee)
    with django_assert_num_queries(5):
        video_views([videos[0].uuid], user=committee.uuid, now=NOW)
    with django_assert_num_queries(5):
        found = video_views([video.uuid for video in [*videos, waiting]] + [uuid4()], user=committee.uuid, now=NOW)
    assert len(found) == 4
    assert [view.ready for view in found.values()].count(True) == 3
    still = found[waiting.uuid]
    assert (still.state, still.src, still.poster, still.captions, still.duration_s) == ("processing", "", "", "", None)
    MediaAsset.objects.filter(uuid=waiting.asset).update(state=AssetState.FAILED)
    failed = video_view(waiting.uuid, user=committee.uuid, now=NOW)
    assert failed is not None
    assert failed.state == "failed"
    assert video_view(new_uuid(), user=UUID(int=0), now=NOW) is None
