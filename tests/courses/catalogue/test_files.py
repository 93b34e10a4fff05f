"""Pictures and files of lessons: served to readers, kept with the text that shows them."""

from io import BytesIO

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile
from django.db.models import ProtectedError
from django.test import Client
from PIL import Image as Drawing
from wagtail.documents.models import Document
from wagtail.images.models import Image

from courses.catalogue.documents import Files, document_of, file_sha256, write_document
from courses.catalogue.file_forms import REPLACED
from courses.catalogue.models import LessonPage, LessonVersion, VersionFile
from courses.catalogue.types import DownloadBlock, PictureBlock
from lms.accounts.api import Role
from tests.courses.catalogue.writing import course, document, level, published
from tests.courses.roots import curriculum
from tests.lms.accounts.world import Places, build_places, make_user, signed_in


def picture(colour: str) -> "ContentFile[bytes]":
    data = BytesIO()
    Drawing.new("RGB", (8, 8), colour).save(data, "PNG")
    return ContentFile(data.getvalue(), name=f"{colour}.png")


@pytest.fixture
def places(db: None, settings: object, tmp_path: object) -> Places:
    settings.MEDIA_ROOT = tmp_path  # type: ignore[attr-defined]
    curriculum()
    return build_places()


@pytest.fixture
def lesson(places: Places) -> LessonPage:
    brought = make_user(places.city, Role.COMMITTEE)
    image = Image.objects.create(title="直播间", file=picture("red"), width=8, height=8, uploaded_by_user=brought)
    sheet = Document.objects.create(title="清单", file=ContentFile(b"plan", name="plan.txt"))
    shown = PictureBlock("room.png", file_sha256(image), "一间小直播间", "灯在左边")
    taken = DownloadBlock("plan.txt", file_sha256(sheet), "开播清单")
    files = Files({shown.sha256: image}, {taken.sha256: sheet}, {})
    made = document(blocks=(shown, taken))
    parent = course(level())
    row = write_document(LessonPage(slug="files", live=False), made, files)
    parent.add_child(instance=row)
    published(row)
    assert document_of(row) == made
    image.refresh_from_db()
    assert image.uploaded_by_user is None
    return row


def test_readers_get_the_files_of_a_kept_text(places: Places, lesson: LessonPage) -> None:
    version = LessonVersion.objects.get()
    client = signed_in(make_user(places.school, Role.TRAINEE))
    html = client.get(lesson.url).content.decode()
    for held in VersionFile.objects.all():
        url = f"/curriculum/files/{version.uuid}/{held.sha256}"
        answer = client.get(url)
        assert answer.getvalue()
        assert (url in html, answer.status_code, "private" in answer.headers["Cache-Control"]) == (True, 200, True)
        assert Client().get(url).status_code == 302
        assert signed_in(make_user(places.city, Role.ADMINISTRATOR)).get(url).status_code == 403
    assert client.get(f"/curriculum/files/{version.uuid}/{'0' * 64}").status_code == 404


def test_no_file_is_replaced_and_a_shown_one_is_not_deleted(lesson: LessonPage) -> None:
    image, sheet = Image.objects.get(), Document.objects.get()
    unseen = Image.objects.create(title="等审定", file=picture("green"), width=8, height=8)
    for held in (image, unseen):
        held.file = picture("blue")
        with pytest.raises(PermissionDenied):
            held.save()
    unseen.refresh_from_db()
    unseen.delete()
    for held in (Image.objects.get(), sheet):
        with pytest.raises(ProtectedError):
            held.delete()
    image.refresh_from_db()
    image.title = "别的名字"
    image.save()
    spare = Image.objects.create(title="没用到", file=picture("green"), width=8, height=8)
    spare.delete()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # Wagtail's renditions leave files open
def test_the_admin_changes_the_title_of_ones_own_file_and_never_the_file(places: Places) -> None:
    user = make_user(places.city, Role.COMMITTEE)
    committee = signed_in(user)
    image = Image.objects.create(title="直播间", file=picture("red"), width=8, height=8, uploaded_by_user=user)
    sheet = Document.objects.create(title="清单", file=ContentFile(b"plan", name="plan.txt"), uploaded_by_user=user)
    said = {"title": "新名字", "collection": str(image.collection_id), "tags": ""}
    focal = {f"focal_point_{name}": "" for name in ("x", "y", "width", "height")}
    for url, held, another, more in (
        (f"/admin/images/{image.pk}/", image, picture("blue"), focal),
        (f"/admin/documents/edit/{sheet.pk}/", sheet, ContentFile(b"other", name="plan.txt"), {}),
    ):
        before = file_sha256(held)
        refused = committee.post(url, {**said, **more, "file": another})
        assert refused.context["form"].errors["file"] == [str(REPLACED)]
        assert file_sha256(type(held).objects.get()) == before
        assert committee.post(url, {**said, **more}).status_code == 302
        assert (file_sha256(type(held).objects.get()), type(held).objects.get().title) == (before, "新名字")


def test_the_admin_shows_pictures_and_files_to_those_who_write(places: Places, lesson: LessonPage) -> None:
    user = make_user(places.city, Role.COMMITTEE)
    committee = signed_in(user)
    own = Image.objects.create(title="自己的", file=picture("green"), width=8, height=8, uploaded_by_user=user)
    for image in Image.objects.all():
        committee.post(f"/admin/images/{image.pk}/delete/")
    assert [image.title for image in Image.objects.all()] == ["直播间"]
    assert own.pk is not None
    assert committee.get("/admin/images/").status_code == 200
    assert committee.get("/admin/documents/").status_code == 200
    url = Image.objects.get().file.url
    answer = committee.get(url)
    assert answer.getvalue()
    assert answer.status_code == 200
    assert signed_in(make_user(places.school, Role.TRAINEE)).get(url).status_code == 403
    assert committee.get("/media/private.key").status_code == 404
    assert committee.get("/media/images/../private.key").status_code == 404
