"""The committee's desk for files: look first, then drafts; nobody else enters; the commands do the same."""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client, override_settings

from courses.catalogue.models import CoursePage, LessonPage
from lms.accounts.api import Role, User
from lms.core.audit.models import AuditEvent
from lms.policies.api import load_profiles
from tests.courses.catalogue.test_docx import _p, docx
from tests.courses.catalogue.test_exchange import LESSON, packed, picture
from tests.courses.roots import curriculum
from tests.lms.accounts.world import Places, build_places, make_user, signed_in
from tests.unread import unread

HOME = "/curriculum/exchange/"


@pytest.fixture
def places(db: None, tmp_path: Path) -> Iterator[Places]:
    stores = {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "private": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path / "private"},
        },
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    with override_settings(MEDIA_ROOT=tmp_path / "media", STORAGES=stores):
        load_profiles()
        curriculum()
        yield build_places()


@pytest.fixture
def member(places: Places) -> User:
    return make_user(places.city, Role.COMMITTEE)


@pytest.fixture
def desk(member: User) -> Client:
    return signed_in(member)


def upload(data: io.BytesIO, name: str = "c.zip") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data.getvalue())


def test_a_folder_is_looked_at_then_brought_in_and_taken_out_again(desk: Client):
    looked = desk.post(HOME, {"archive": upload(packed())})
    assert looked.status_code == 302
    report = desk.get(looked.headers["Location"])
    assert report.status_code == 200
    assert "level-5/01-law/01-red-lines.md" in report.content.decode()
    assert not LessonPage.objects.exists()
    assert desk.post(looked.headers["Location"]).headers["Location"] == HOME
    assert LessonPage.objects.get().live is False
    assert desk.get(looked.headers["Location"]).headers["Location"] == HOME  # not kept any longer
    out = desk.get(f"{HOME}export/?drafts=on")
    with zipfile.ZipFile(io.BytesIO(out.content)) as archive:
        assert archive.read("level-5/01-law/01-red-lines.md").decode() == LESSON
    assert desk.get(f"{HOME}export/?drafts=on").content == out.content
    assert set(AuditEvent.objects.filter(subject_kind="curriculum").values_list("action", flat=True)) == {
        "imported",
        "exported",
    }


def test_faults_are_shown_with_their_lines_and_nothing_can_be_written(desk: Client):
    broken = packed({"level-5/01-law/01-red-lines.md": LESSON.replace("hours: 4", "hours: many")})
    looked = desk.post(HOME, {"archive": upload(broken)})
    report = desk.get(looked.headers["Location"])
    html = report.content.decode()
    assert report.status_code == 422
    assert ("<td data-num>8</td>" in html, 'method="post"' in html.split("<main")[1]) == (True, False)
    assert desk.post(looked.headers["Location"]).status_code == 422
    assert not LessonPage.objects.exists()


def test_a_picture_damaged_in_the_archive_is_named_in_the_report(desk: Client):
    noise = picture() + bytes(range(256)) * 80
    data = packed({"level-5/files/fish.png": noise}).getvalue()
    at = data.index(noise)
    looked = desk.post(HOME, {"archive": upload(io.BytesIO(data[: at + 15000] + b"??" + data[at + 15002 :]))})
    report = desk.get(looked.headers["Location"])
    assert (report.status_code, "level-5/files/fish.png" in report.content.decode()) == (422, True)


def test_a_hostile_archive_is_refused_on_the_form_and_not_kept(desk: Client):
    answer = desk.post(HOME, {"archive": upload(packed({"../x.md": "x"}))})
    assert answer.status_code == 422
    assert "../x.md" in answer.content.decode()
    assert not storages["private"].exists("imports")


def test_a_word_file_becomes_a_draft(desk: Client):
    desk.post(desk.post(HOME, {"archive": upload(packed())}).headers["Location"])
    looked = desk.post(HOME, {"word": upload(docx(_p("鱼丸怎么讲", "Title") + _p("真的新鲜")), "a.docx")})
    page = desk.get(looked.headers["Location"])
    assert "真的新鲜" in page.content.decode()
    facts = {
        "module": CoursePage.objects.get().pk,
        "title": "鱼丸怎么讲",
        "summary": "讲清鱼丸",
        "kind": "theory",
        "delivery": "online",
        "methods": ["lecture"],
        "hours": "1.5",
        "online_minutes": "20",
    }
    assert desk.post(looked.headers["Location"], {**facts, "hours": ""}).status_code == 422
    made = desk.post(looked.headers["Location"], facts)
    lesson = LessonPage.objects.get(title="鱼丸怎么讲")
    assert (made.headers["Location"], lesson.live, str(lesson.hours)) == (
        f"/admin/pages/{lesson.pk}/edit/",
        False,
        "1.5",
    )
    assert desk.get(made.headers["Location"]).status_code == 200


def test_what_one_member_staged_another_does_not_find(desk: Client, places: Places):
    looked = desk.post(HOME, {"archive": upload(packed())})
    other = signed_in(make_user(places.city, Role.COMMITTEE))
    assert other.get(looked.headers["Location"]).headers["Location"] == HOME
    assert other.post(looked.headers["Location"]).headers["Location"] == HOME
    assert not LessonPage.objects.exists()


@pytest.mark.parametrize("role", (Role.TRAINEE, Role.INSTRUCTOR, Role.HR_BUREAU, Role.INSTITUTION_ADMIN))
def test_nobody_else_enters(places: Places, role: Role):
    client = signed_in(make_user(places.school, role))
    for address in (HOME, f"{HOME}export/", f"{HOME}import/6f0e0c1e-52a3-4c0e-9a58-0d6b7c1f2a31/"):
        assert client.get(address).status_code == 403
    assert Client().get(HOME).status_code == 302


def test_the_commands_do_the_same(member: User, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    source = tmp_path / "in.zip"
    source.write_bytes(packed().getvalue())
    call_command("curriculum_import", str(source), "--by", member.username, "--dry-run")
    assert "nothing written" in capsys.readouterr().out
    call_command("curriculum_import", str(source), "--by", member.username)
    assert "written as drafts" in capsys.readouterr().out
    call_command("curriculum_export", str(tmp_path / "one"), "--drafts")
    call_command("curriculum_import", str(tmp_path / "one"), "--by", member.username)
    assert "0 new, 0 changed" in capsys.readouterr().out
    call_command("curriculum_export", str(tmp_path / "one.zip"), "--drafts")
    call_command("curriculum_export", str(tmp_path / "two.zip"), "--drafts")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    source.write_bytes(packed({"level-5/01-law/01-red-lines.md": "x"}).getvalue())
    with pytest.raises(CommandError):
        call_command("curriculum_import", str(source), "--by", member.username)
    with pytest.raises(CommandError, match="no login"):
        call_command("curriculum_import", str(source), "--by", "00000000")


def test_a_folder_is_read_from_the_committee_alone(places: Places, member: User) -> None:
    lecturer = signed_in(make_user(places.school, Role.INSTRUCTOR), enforce_csrf_checks=True)
    assert lecturer.generic("POST", HOME, **unread(60 << 20)).status_code == 403
    assert Client(enforce_csrf_checks=True).generic("POST", HOME, **unread(60 << 20)).status_code == 302
    assert signed_in(member, enforce_csrf_checks=True).post(HOME, {"archive": upload(packed())}).status_code == 403
