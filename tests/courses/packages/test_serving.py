"""The other origin: apart from ours in both directions."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings as configured
from django.http import HttpResponse
from django.test import Client

from courses.packages.addresses import package_url, reader_name
from courses.packages.models import ContentPackage
from lms.accounts.api import Role, User
from lms.core import clock
from tests.courses.packages.scorm import ORIGIN, made
from tests.lms.accounts.world import make_user, signed_in
from tests.media_pipeline.cast import Cast

HOST = urlsplit(ORIGIN).netloc


@pytest.fixture(autouse=True)
def _origin(settings: Any) -> None:
    settings.CONTENT_ORIGIN = ORIGIN
    settings.WAGTAILADMIN_BASE_URL = "http://testserver/some/"


@pytest.fixture
def committee(cast: Cast) -> User:
    return make_user(cast.city, Role.COMMITTEE, name="林委员")


@pytest.fixture
def package(committee: User) -> ContentPackage:
    return made(committee, **{"说明 1.txt": "一"})


def there(path: str, client: Client | None = None, method: str = "get") -> HttpResponse:
    answer: HttpResponse = getattr(client or Client(), method)(path, HTTP_HOST=HOST)
    return answer


def address(package: ContentPackage, user: User, **changes: Any) -> str:
    url = package_url(package.uuid, user=user.uuid, now=changes.get("now", clock.now()))
    return urlsplit(url).path


def test_the_frame_and_its_files_are_served_by_signed_address(package: ContentPackage, committee: User) -> None:
    path = address(package, committee)
    frame = there(path)
    page = frame.content.decode()
    assert (frame.status_code, frame["Cache-Control"]) == (200, "private, no-store")
    assert f'data-reader="{reader_name(committee.uuid)}"' in page
    assert 'data-home="http://testserver"' in page
    assert str(committee.uuid) not in path + page
    for name, kind in (("-/frame.js", "text/javascript"), ("-/frame.css", "text/css"), ("f/index.html", "text/html")):
        answer = there(path + name)
        assert (answer.status_code, answer["Content-Type"].split(";")[0]) == (200, kind), name
    assert b"".join(there(path + "f/%E8%AF%B4%E6%98%8E%201.txt").streaming_content).decode() == "一"  # type: ignore[attr-defined]


def test_every_answer_there_is_closed(package: ContentPackage, committee: User) -> None:
    path = address(package, committee)
    for name in ("", "-/frame.js", "f/index.html", "f/missing.html"):
        answer = there(path + name)
        policy = answer["Content-Security-Policy"]
        assert "frame-ancestors 'self' http://testserver;" in policy
        assert "connect-src 'self'" in policy
        assert policy.endswith("sandbox allow-scripts allow-same-origin allow-forms")
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
        assert answer["Referrer-Policy"] == "no-referrer"
    assert "unsafe" not in there(path)["Content-Security-Policy"]


def test_an_address_changed_or_run_out_leads_nowhere(package: ContentPackage, committee: User) -> None:
    path = address(package, committee)
    other = made(committee, "另一个", **{"b.txt": "b"})
    owner = reader_name(other.uuid)
    _, _, uuid, until, who, signature, _ = path.split("/")
    for changed in (
        path.replace(uuid, str(other.uuid)),
        path.replace(until, str(int(until) + 1)),
        path.replace(who, owner),
        path.replace(signature, signature[:-1] + ("A" if signature[-1] != "A" else "B")),
        path + "f/../f/index.html",
        path + "f/",
        path + "x",
    ):
        assert there(changed).status_code == 404, changed
    late = address(package, committee, now=clock.now() - timedelta(hours=13))
    assert there(late).status_code == 404
    assert there(path, method="post").status_code == 404


def test_nothing_of_ours_is_there_and_nothing_of_theirs_is_here(package: ContentPackage, committee: User) -> None:
    client = signed_in(committee)
    for page in ("/", "/accounts/login/", "/admin/", "/healthz", "/static/js/kb.js", "/study/", "/learn/"):
        answer = there(page, client)
        assert (answer.status_code, answer.content) == (404, b"404"), page
        assert not answer.cookies
    path = address(package, committee)
    for name in ("", "f/index.html", "-/frame.js"):
        assert client.get(path + name).status_code == 404
        answer = there(path + name, client)
        assert answer.status_code == 200
        assert not answer.cookies
        assert "Set-Cookie" not in answer
    assert HOST not in configured.ALLOWED_HOSTS


def test_without_another_origin_its_host_is_nobody(package: ContentPackage, committee: User, settings: Any) -> None:
    path = address(package, committee)
    settings.CONTENT_ORIGIN = ""
    assert there(path).status_code == 400
    assert package_url(package.uuid, user=committee.uuid, now=clock.now()) == ""
