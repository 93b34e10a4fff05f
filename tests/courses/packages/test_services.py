"""Packages through the gate."""

import io
import zipfile
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from courses.packages.models import ContentPackage, PackageFile
from courses.packages.services import make_package
from courses.packages.types import PackageRefused
from lms.accounts.api import Role, User, acting_for
from lms.core import audit
from tests.courses.packages.scorm import ORIGIN, manifest, packed
from tests.lms.accounts.world import make_user
from tests.media_pipeline.cast import NOW, Cast


@pytest.fixture(autouse=True)
def _origin(settings: Any) -> None:
    settings.CONTENT_ORIGIN = ORIGIN


@pytest.fixture
def committee(cast: Cast) -> User:
    return make_user(cast.city, Role.COMMITTEE, name="林委员")


def make(by: User, file: io.BytesIO, title: str = "小测验") -> ContentPackage:
    return make_package(by=acting_for(by, None), title=title, file=file, now=NOW)


def refusal(by: User, file: io.BytesIO) -> str:
    with pytest.raises(PackageRefused) as refused:
        make(by, file)
    assert not ContentPackage.objects.exists()
    return refused.value.message


def test_a_package_is_kept_once(committee: User, cast: Cast) -> None:
    package = make(committee, packed({"img/a.svg": "<svg/>"}))
    assert (package.entry, package.version) == ("index.html", "1.2")
    assert sorted(package.files.values_list("path", flat=True)) == ["img/a.svg", "imsmanifest.xml", "index.html"]
    assert audit.verify(package.uuid).ok
    assert make(committee, packed({"img/a.svg": "<svg/>"})) == package
    with pytest.raises(PackageRefused, match="小测验"):
        make(committee, packed({"img/a.svg": "<svg/>"}), "另一个")
    assert PackageFile.objects.count() == 3
    with pytest.raises(PermissionDenied):
        make(cast.users["owner"], packed())


def test_without_an_origin_of_their_own_none_is_taken_in(committee: User, settings: Any) -> None:
    settings.CONTENT_ORIGIN = ""
    assert "KAIBO_CONTENT_ORIGIN" in refusal(committee, packed())


DOCTYPE = '<!DOCTYPE m [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
TWO = '<item identifier="a" identifierref="r1"/><item identifier="b" identifierref="r1"/>'


@pytest.mark.parametrize(
    "said, words",
    (
        ({"version": "2004 4th Edition"}, "SCORM 2004"),
        ({"version": "CAM 1.3"}, "SCORM 2004"),
        ({"version": "1.1"}, "SCORM 1.2"),
        ({"href": "missing.html"}, "missing.html"),
        ({"href": "https://evil.example/"}, "课件包以外"),
        ({"href": "../index.html"}, "../index.html"),
        ({"head": DOCTYPE}, "实体"),
        ({"items": TWO}, "2"),
        ({"items": "<item identifier='a'/>"}, "item"),
    ),
)
def test_a_manifest_that_cannot_be_shown_is_refused_with_its_reason(
    said: dict[str, str], words: str, committee: User
) -> None:
    message = refusal(committee, packed(None, **said))
    assert message.startswith("imsmanifest.xml")
    assert words in message


@pytest.mark.parametrize(
    "files, where",
    (
        ({"../out.html": "x"}, "../out.html"),
        ({"inner.zip": packed().getvalue()}, "inner.zip"),
        ({"pic.js": packed().getvalue()}, "pic.js"),
        ({"run.exe": b"MZ"}, "run.exe"),
        ({"a.html": b"MZ\x90\x00"}, "a.html"),
        ({"film.swf": b"FWS"}, "film.swf"),
        ({"a.png": "<script>"}, "a.png"),
        ({"INDEX.html": "x"}, "INDEX.html"),
        ({"bomb.txt": b"0" * (30 << 20)}, "bomb.txt"),
    ),
)
def test_hostile_entries_are_refused_by_name(files: dict[str, bytes], where: str, committee: User) -> None:
    assert where in refusal(committee, packed(files))


def test_what_is_no_package_is_refused(committee: User) -> None:
    assert refusal(committee, io.BytesIO(b"no zip at all"))
    below = io.BytesIO()
    with zipfile.ZipFile(below, "w") as archive:
        archive.writestr("course/imsmanifest.xml", manifest())
    assert "course/imsmanifest.xml" in refusal(committee, below)
    many = packed({f"f{number}.txt": "" for number in range(2001)})
    assert "2000" in refusal(committee, many)
