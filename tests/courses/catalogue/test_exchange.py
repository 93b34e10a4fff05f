"""Export, import, export: the same bytes; what comes in waits for review; one fault and nothing is written."""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.test import override_settings
from PIL import Image as Drawing
from wagtail.images.models import Image

from courses.catalogue.exchange.exporting import Exported, export_curriculum
from courses.catalogue.exchange.faults import Unreadable
from courses.catalogue.exchange.importing import ImportReport, Outcome, curriculum_archive, import_curriculum
from courses.catalogue.exchange.loading import CONTENT, load_content
from courses.catalogue.models import CoursePage, LessonPage, LessonVersion, LevelPage
from lms.accounts.api import Acting, NotAllowed, Role, acting_for
from lms.core.imports import Folder, ImportRefused
from lms.policies.api import load_profiles
from tests.courses.roots import curriculum
from tests.lms.accounts.world import NOW, Places, build_places, make_user

LEVEL = "level: 5\nedition: 1\nin_force_from: 2021-01-01\ntitle: 初级\n"
COURSE = "uid: 1a6c0b76-65a5-4c5a-8e0f-4b3f0ce7a001\ntitle: 法律法规及相关行业知识\ncode: C5-01\nsummary: 红线\n"
LESSON = """---
uid: 6f0e0c1e-52a3-4c0e-9a58-0d6b7c1f2a31
title: 广告法里的红线
summary: 说出三类不能说的话
kind: theory
delivery: online
methods: [lecture, case]
hours: 4
online_minutes: 20
tags:
  jiangyin_2023: [law]
---
鱼丸卖得好，是因为**真的**新鲜。

::: picture
file: fish.png
alt: 一盒鱼丸
:::

::: task
uid: 6f0e0c1e-52a3-4c0e-9a58-0d6b7c1f2a32
title: 写三句
text: |
  写三句可以说的话。
accepts: [text]
minutes: 15
:::

::: check
uid: 6f0e0c1e-52a3-4c0e-9a58-0d6b7c1f2a33
kind: single
stem: 哪一句可以说？
options:
  - {key: A, text: "全网最低, 错过没有", correct: false}
  - {key: B, text: 今天三十元, correct: true}
explanation: 说的是事实。
:::
"""


def picture(colour: str = "red") -> bytes:
    made = io.BytesIO()
    Drawing.new("RGB", (3, 2), colour).save(made, "PNG")
    return made.getvalue()


def packed(changes: dict[str, Any] | None = None) -> io.BytesIO:
    """A small curriculum; None takes a file out."""
    files: dict[str, Any] = {
        "level-5/level.yaml": LEVEL,
        "level-5/01-law/course.yaml": COURSE,
        "level-5/01-law/01-red-lines.md": LESSON,
        "level-5/files/fish.png": picture(),
        **(changes or {}),
    }
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as target:
        for name, data in files.items():
            if data is not None:
                target.writestr(name, data)
    return made


def brought(by: Acting, file: io.BytesIO, *, dry_run: bool = False) -> ImportReport:
    with curriculum_archive(file) as tree:
        return import_curriculum(by=by, tree=tree, dry_run=dry_run, now=NOW)


def exported(*, drafts: bool = True) -> Exported:
    return export_curriculum(LevelPage.objects.filter(numchild__gt=0).order_by("-level", "edition"), drafts=drafts)


@pytest.fixture
def places(db: None, tmp_path: Path) -> Iterator[Places]:
    with override_settings(MEDIA_ROOT=tmp_path / "media"):
        load_profiles()
        curriculum()
        yield build_places()


@pytest.fixture
def committee(places: Places) -> Acting:
    return acting_for(make_user(places.city, Role.COMMITTEE), None)


def test_export_import_export_is_the_same_byte_for_byte(committee: Acting):
    assert brought(committee, packed()).done
    first = exported().zipped()
    again = brought(committee, io.BytesIO(first))
    assert {row.outcome for row in again.rows} == {Outcome.SAME}
    assert exported().zipped() == first
    texts = exported().texts
    assert texts["level-5/01-law/01-red-lines.md"] == LESSON
    assert texts["level-5/01-law/course.yaml"] == COURSE
    assert texts["level-5/level.yaml"] == LEVEL


def test_what_comes_in_is_a_draft_and_changes_nothing_live(committee: Acting):
    report = brought(committee, packed())
    assert [(row.outcome, row.path) for row in report.rows] == [
        (Outcome.NEW, "level-5/01-law/01-red-lines.md"),
        (Outcome.NEW, "level-5/01-law/course.yaml"),
        (Outcome.CHANGED, "level-5/level.yaml"),
    ]
    page = LessonPage.objects.get()
    assert (page.live, page.slug, page.latest_revision.user.uuid) == (False, "red-lines", committee.user)
    assert not LessonVersion.objects.exists()
    assert exported(drafts=False).texts.keys() == {"level-5/level.yaml"}
    assert brought(committee, packed({"level-5/01-law/01-red-lines.md": LESSON.replace("红线", "底线")})).done
    page.refresh_from_db()
    assert page.get_latest_revision_as_object().title == "广告法里的底线"
    assert LessonPage.objects.get().revisions.count() == 2


def test_a_dry_run_says_all_and_writes_nothing(committee: Acting):
    report = brought(committee, packed(), dry_run=True)
    assert not report.done
    assert report.count(Outcome.NEW) == 2
    assert not LessonPage.objects.exists()
    assert not Image.objects.exists()


def test_one_fault_and_nothing_is_written_every_fault_has_its_place(committee: Acting):
    broken = LESSON.replace("6f0e0c1e", "7f0e0c1e").replace("hours: 4", "hours: lots").replace("[law]", "[lore]")
    report = brought(
        committee,
        packed(
            {
                "level-5/01-law/02-broken.md": broken,
                "level-5/notes/x.md": "?",
                "level-5/files/spare.png": picture("blue"),
            }
        ),
    )
    assert not report.done
    assert [(row.path, row.fault.line) for row in report.refused if row.fault] == [
        ("level-5/01-law/02-broken.md", 8),
        ("level-5/01-law/02-broken.md", 11),
        ("level-5/notes/", 0),
    ]
    assert not LessonPage.objects.exists()
    assert not Image.objects.exists()


def test_a_picture_is_stored_once_and_swept_when_the_import_fails(committee: Acting, monkeypatch: pytest.MonkeyPatch):
    from courses.catalogue.exchange import importing

    def fail(*_args: Any) -> None:
        raise RuntimeError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(importing, "_record", fail)
        with pytest.raises(RuntimeError, match="disk"):
            brought(committee, packed())
    assert not Image.objects.exists()
    assert default_storage.listdir("original_images")[1] == []
    brought(committee, packed())
    brought(committee, packed({"level-5/01-law/01-red-lines.md": LESSON.replace("红线", "底线")}))
    assert Image.objects.count() == 1


def test_two_pictures_of_one_name_keep_apart(committee: Acting):
    brought(committee, packed())
    course = COURSE.replace("a001", "a002").replace("C5-01", "C4-01")
    other = LESSON.replace("52a3", "52a4")
    brought(
        committee,
        packed(
            {
                "level-5/level.yaml": LEVEL.replace("5", "4").replace("初", "中"),
                "level-5/01-law/course.yaml": None,
                "level-5/01-law/01-red-lines.md": None,
                "level-5/01-more/course.yaml": course,
                "level-5/01-more/01-more.md": other,
                "level-5/files/fish.png": picture("blue"),
            }
        ),
    )
    CoursePage.objects.get(code="C4-01").move(LevelPage.objects.get(level=5), pos="last-child")
    first = exported().zipped()
    names = zipfile.ZipFile(io.BytesIO(first)).namelist()
    assert len([name for name in names if "/files/fish" in name]) == 2
    brought(committee, io.BytesIO(first))
    assert exported().zipped() == first


def test_a_lesson_in_review_or_locked_is_not_overwritten(committee: Acting):
    brought(committee, packed())
    LessonPage.objects.update(locked=True)
    report = brought(committee, packed({"level-5/01-law/01-red-lines.md": LESSON.replace("红线", "底线")}))
    assert [row.path for row in report.refused] == ["level-5/01-law/01-red-lines.md"]


def test_a_module_used_in_two_levels_travels_as_an_alias(committee: Acting):
    files = {
        "level-4/level.yaml": LEVEL.replace("5", "4").replace("初", "中"),
        "level-4/01-law/course.yaml": "alias: 1a6c0b76-65a5-4c5a-8e0f-4b3f0ce7a001\n",
    }
    assert brought(committee, packed(files)).done
    assert CoursePage.objects.get(shared_from__isnull=False).shared_from == CoursePage.objects.get(shared_from=None)
    texts = exported().texts
    assert texts["level-4/01-law/course.yaml"] == files["level-4/01-law/course.yaml"]
    report = brought(
        committee,
        packed(
            {
                "level-4/level.yaml": files["level-4/level.yaml"],
                "level-4/01-x/course.yaml": "alias: 1a6c0b76-65a5-4c5a-8e0f-4b3f0ce7a009\n",
            }
        ),
    )
    assert [row.path for row in report.refused] == ["level-4/01-x/course.yaml"]


def test_only_the_committee_brings_in(places: Places):
    with pytest.raises(NotAllowed):
        brought(acting_for(make_user(places.school, Role.INSTRUCTOR), None), packed(), dry_run=True)


@pytest.mark.parametrize(
    "name,data",
    (
        ("../evil.md", "x"),
        ("level-5/files/x.svg", "<svg/>"),
        ("level-5/files/x.png", "MZ"),
        ("level-5/deep.zip", b"PK\x03\x04"),
    ),
)
def test_hostile_archives_stop_at_the_gate(committee: Acting, name: str, data: Any):
    with pytest.raises(ImportRefused):
        brought(committee, packed({name: data}))


def test_a_file_that_no_lesson_shows_is_refused(committee: Acting):
    report = brought(committee, packed({"level-5/files/spare.png": picture("blue")}))
    assert [row.path for row in report.refused] == ["level-5/files/spare.png"]


def test_a_picture_that_lies_is_refused(committee: Acting):
    report = brought(committee, packed({"level-5/files/fish.png": picture()[:40]}))
    assert [row.path for row in report.refused] == ["level-5/files/fish.png"]


def test_a_folder_packed_with_its_own_name_around_is_read(committee: Acting):
    made = io.BytesIO()
    with zipfile.ZipFile(packed()) as source, zipfile.ZipFile(made, "w") as target:
        for name in source.namelist():
            target.writestr(f"课程/{name}", source.read(name))
        target.writestr("__MACOSX/课程/._x", b"\x00")
    assert brought(committee, made).done


# What we ship -------------------------------------------------------------------------------------------------------
def test_our_content_is_its_own_export_and_loads_once(places: Places):
    made = load_content(only=frozenset({3}))
    assert made == CoursePage.objects.count() + LessonPage.objects.count()
    assert LessonVersion.objects.count() == LessonPage.objects.live().count() == LessonPage.objects.count() > 10
    texts = exported(drafts=False).texts
    assert texts
    for name, text in texts.items():
        assert (CONTENT / name).read_text(encoding="utf-8") == text
    assert load_content(only=frozenset({3})) == 0


def test_a_lesson_somebody_edited_is_left_alone(places: Places, tmp_path: Path):
    def write(text: str) -> Path:
        root = tmp_path / "content"
        for name, data in (("level.yaml", LEVEL), ("01-law/course.yaml", COURSE), ("01-law/01-red-lines.md", text)):
            (root / "level-5" / name).parent.mkdir(parents=True, exist_ok=True)
            (root / "level-5" / name).write_text(data, encoding="utf-8")
        (root / "level-5" / "files").mkdir(exist_ok=True)
        (root / "level-5" / "files" / "fish.png").write_bytes(picture())
        return root

    assert load_content(write(LESSON)) == 2
    assert load_content(write(LESSON.replace("红线", "底线"))) == 1
    page = LessonPage.objects.get()
    assert (page.title, page.live) == ("广告法里的底线", True)
    page.title = "我们自己的题目"
    page.save_revision()
    assert load_content(write(LESSON)) == 0
    with pytest.raises(Unreadable):
        load_content(write(LESSON.replace("hours: 4", "hours: x")))


def test_all_we_ship_is_readable_with_the_codes_of_the_profiles(places: Places):
    from courses.catalogue.exchange.folder import read_folder, write_folder
    from courses.catalogue.exchange.importing import vocabularies

    tags, audiences = vocabularies(NOW)
    levels, faults = read_folder(Folder(CONTENT), tags, audiences)
    assert [str(fault) for fault in faults] == []
    assert sum(len(course.lessons) for level in levels for course in level.courses) >= 45
    for name, text in write_folder(levels).items():
        assert (CONTENT / name).read_text(encoding="utf-8") == text
