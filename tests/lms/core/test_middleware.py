import threading
from collections.abc import Callable
from io import BytesIO

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from pytest_django import Settings

from lms.core.middleware import ContentSecurityPolicy, PrivatePages, UploadGate

UPLOAD = "/works/upload/"


class Unread(BytesIO):
    """A body whose reading is noticed."""

    touched = False

    def read(self, *args: int | None) -> bytes:
        self.touched = True
        return super().read(*args)


def upload(length: str = "10", method: str = "POST", path: str = UPLOAD) -> tuple[HttpRequest, Unread]:
    body = Unread(b"x" * 10)
    request = RequestFactory().generic(method, path)
    request.META["CONTENT_LENGTH"] = length
    request.META["wsgi.input"] = body
    return request, body


@pytest.fixture
def _four_threads(settings: Settings) -> None:
    settings.WEB_THREADS = 4
    settings.UPLOAD_PATHS = [UPLOAD]
    settings.UPLOAD_MAX_BYTES = 1_000_000


def stalled(gate_of: Callable[[Callable[[HttpRequest], HttpResponse]], UploadGate], count: int):
    """`count` uploads that are inside and do not end before `leave` is set."""
    inside, leave = threading.Semaphore(0), threading.Event()

    def slow(request: HttpRequest) -> HttpResponse:
        inside.release()
        leave.wait(10)
        return HttpResponse("stored")

    gate = gate_of(slow)
    threads = [threading.Thread(target=lambda: gate(upload()[0])) for _ in range(count)]
    for thread in threads:
        thread.start()
    for _ in threads:
        assert inside.acquire(timeout=10)
    return gate, leave, threads


@pytest.mark.usefixtures("_four_threads")
def test_half_the_threads_may_upload_the_next_is_told_to_come_back_unread() -> None:
    gate, leave, threads = stalled(UploadGate, 2)
    try:
        request, body = upload()
        request.META["HTTP_ACCEPT_LANGUAGE"] = "en"
        busy = gate(request)
        assert (busy.status_code, busy["Retry-After"], body.touched) == (429, "15", False)
        assert busy.content.decode().startswith("Many people")
    finally:
        leave.set()
        for thread in threads:
            thread.join()
    assert gate(upload()[0]).status_code == 200


@pytest.mark.usefixtures("_four_threads")
def test_places_are_given_back_after_an_error() -> None:
    def broken(request: HttpRequest) -> HttpResponse:
        raise OSError("client went away")

    gate = UploadGate(broken)
    for _ in range(3):
        with pytest.raises(OSError, match="went away"):
            gate(upload()[0])


@pytest.mark.usefixtures("_four_threads")
@pytest.mark.parametrize("length, status", (("2000000", 413), ("", 411), ("-5", 411), ("1000000", 200)))
def test_the_announced_length_decides_before_reading(length: str, status: int) -> None:
    gate = UploadGate(lambda request: HttpResponse("stored"))
    request, body = upload(length)
    assert gate(request).status_code == status
    assert not body.touched


@pytest.mark.usefixtures("_four_threads")
@pytest.mark.parametrize(
    "path, length, status",
    (
        ("/accounts/login/", 1024**2, 200),
        ("/accounts/login/", 1024**2 + 1, 413),
        ("/admin/images/add/", 12 * 1024**2, 200),
        ("/admin/images/add/", 12 * 1024**2 + 1, 413),
        ("/accounts/login/", 10**30, 413),
    ),
)
def test_a_form_too_large_is_refused_unread_wherever_it_is_sent(path: str, length: int, status: int) -> None:
    request, body = upload(str(length), path=path)
    assert UploadGate(lambda _: HttpResponse("ok"))(request).status_code == status
    assert not body.touched


def test_pages_of_a_signed_in_person_stay_out_of_the_browsers_store() -> None:
    class Person:
        is_authenticated = True

    def answer(**headers: str) -> HttpResponse:
        request = RequestFactory().get("/")
        request.user = Person()  # type: ignore[assignment]
        return PrivatePages(lambda _: HttpResponse("hers", headers=headers))(request)

    assert answer()["Cache-Control"] == "private, no-store"
    assert answer(**{"Cache-Control": "private, max-age=0"})["Cache-Control"] == "private, max-age=0"


def test_reading_pages_and_other_forms_never_wait() -> None:
    gate, leave, threads = stalled(UploadGate, 2)
    gate.get_response = lambda request: HttpResponse("page")
    try:
        assert gate(upload(method="GET")[0]).status_code == 200
        assert gate(upload(path="/signin/")[0]).status_code == 200
    finally:
        leave.set()
        for thread in threads:
            thread.join()


def policy_of(path: str) -> dict[str, list[str]]:
    answer = ContentSecurityPolicy(lambda request: HttpResponse()).process_response(
        RequestFactory().get(path), HttpResponse()
    )
    directives = (part.strip().split(" ") for part in answer["Content-Security-Policy"].split(";"))
    return {name: values for name, *values in directives}


def test_strict_policy_outside_the_admin() -> None:
    for path in ("/", "/works/", "/administrators/", "/evidence/K7-3496Q4/", "/x/admin/"):
        policy = policy_of(path)
        assert policy["default-src"] == ["'none'"]
        assert policy["script-src"] == ["'self'"]
        assert policy["style-src"] == ["'self'"]
        assert policy["frame-ancestors"] == ["'none'"]
        assert "unsafe" not in str(policy)


def test_relaxed_policy_under_the_admin_only_where_wagtail_needs_it() -> None:
    policy = policy_of("/admin/pages/3/edit/")
    assert policy["script-src"] == ["'self'", "'unsafe-inline'"]
    assert policy["style-src"] == ["'self'", "'unsafe-inline'"]
    assert policy["frame-ancestors"] == ["'self'"]
    assert policy["default-src"] == ["'none'"]
    assert "unsafe-eval" not in str(policy)
