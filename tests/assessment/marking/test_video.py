"""The video in byte ranges, checked against RFC 9110."""

import threading
from typing import Any

import pytest
from django.core.signals import request_finished
from django.db import close_old_connections
from django.test import Client, RequestFactory

from assessment.api import grant_evidence
from media_pipeline.assets import serving, store
from media_pipeline.assets.models import MediaAsset, Rendition
from media_pipeline.assets.types import StoredFile
from tests.media_pipeline.cast import NOW, Cast, finish, hand_in

CONTENT = bytes(range(256)) * 40


@pytest.fixture
def video(cast: Cast, tmp_path) -> tuple[Client, str, MediaAsset]:
    asset = finish(hand_in(cast), tmp_path)
    grant_evidence(examiner=cast.uuid("examiner"), asset=asset.uuid, granted_by=None, now=NOW)
    return cast.client("examiner"), f"/evidence/{asset.blind_code}/video", asset


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def test_the_whole_file(video: Any) -> None:
    client, path, asset = video
    response = client.get(path)
    assert (response.status_code, body(response)) == (200, CONTENT)
    assert {name: response[name] for name in ("Content-Type", "Content-Length", "Accept-Ranges", "Cache-Control")} == {
        "Content-Type": "video/mp4",
        "Content-Length": str(len(CONTENT)),
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-cache",
    }
    assert response["Content-Disposition"] == f'inline; filename="{asset.blind_code}.mp4"'


@pytest.mark.parametrize(
    "asked,first,last",
    (
        ("bytes=0-", 0, 10239),
        ("bytes=100-199", 100, 199),
        ("bytes=-10", 10230, 10239),
        ("bytes=10239-20000", 10239, 10239),
    ),
)
def test_a_part(video: Any, asked: str, first: int, last: int) -> None:
    client, path, _ = video
    response = client.get(path, headers={"range": asked})
    assert (response.status_code, body(response)) == (206, CONTENT[first : last + 1])
    assert (response["Content-Range"], response["Content-Length"]) == (
        f"bytes {first}-{last}/10240",
        str(last - first + 1),
    )


def test_a_part_outside_the_file(video: Any) -> None:
    client, path, _ = video
    response = client.get(path, headers={"range": "bytes=10240-"})
    assert (response.status_code, response["Content-Range"], body(response)) == (416, "bytes */10240", b"")


@pytest.mark.parametrize("asked", ("bytes=0-1,3-4", "lines=1-2", "bytes=9-1"))
def test_what_is_not_understood_is_answered_whole(video: Any, asked: str) -> None:
    client, path, _ = video
    response = client.get(path, headers={"range": asked})
    assert (response.status_code, body(response)) == (200, CONTENT)


def test_head_says_the_same_without_a_body(video: Any) -> None:
    client, path, _ = video
    whole, part = client.head(path), client.head(path, headers={"range": "bytes=5-9"})
    assert (whole.status_code, whole["Content-Length"], body(whole)) == (200, "10240", b"")
    assert (part.status_code, part["Content-Range"], body(part)) == (206, "bytes 5-9/10240", b"")


def test_a_copy_is_checked_by_its_tag(video: Any) -> None:
    client, path, _ = video
    tag = client.head(path)["ETag"]
    assert client.get(path, headers={"if-none-match": tag}).status_code == 304
    assert client.get(path, headers={"range": "bytes=0-1", "if-range": tag}).status_code == 206
    assert client.get(path, headers={"range": "bytes=0-1", "if-range": '"old"'}).status_code == 200


def test_a_long_part_is_cut_so_that_no_player_holds_a_thread(video: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    client, path, _ = video
    monkeypatch.setattr(serving, "LONGEST_RANGE", 1000)
    response = client.get(path, headers={"range": "bytes=0-"})
    assert (response.status_code, response["Content-Range"]) == (206, "bytes 0-999/10240")


def test_whole_long_files_hold_few_threads_and_give_them_back(video: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    client, path, asset = video
    key = Rendition.objects.get(asset=asset, kind="proxy").key
    file = StoredFile(key, len(CONTENT), "0" * 64, "video/mp4")
    monkeypatch.setattr(serving, "LONGEST_RANGE", 1000)
    monkeypatch.setattr(serving, "_long_answers", threading.BoundedSemaphore(1))

    def ask() -> Any:
        return serving.serve(RequestFactory().get("/", headers={"range": "bytes=0-1,3-4"}), file, name="a.mp4")

    held = ask()
    refused = ask()
    assert (refused.status_code, refused["Retry-After"]) == (429, "15")
    assert client.get(path, headers={"range": "bytes=0-"}).status_code == 206
    # Closing tells Django that the request is over; as in its test client, the test's connection must survive that.
    request_finished.disconnect(close_old_connections)
    try:
        held.close()  # unread: the browser went away
    finally:
        request_finished.connect(close_old_connections)
    assert body(ask()) == CONTENT
    assert body(client.get(path)) == CONTENT


def test_other_methods_are_refused(video: Any) -> None:
    client, path, _ = video
    assert [client.post(path).status_code, client.put(path).status_code] == [405, 405]


def test_a_file_lost_from_storage_is_not_there(video: Any) -> None:
    client, path, asset = video
    store.discard(Rendition.objects.get(asset=asset, kind="proxy").key)
    assert client.get(path).status_code == 404


def test_nginx_is_told_the_file_by_a_header_it_takes_away(video: Any, settings) -> None:
    client, path, asset = video
    settings.X_ACCEL_PREFIX = "/private/"
    response = client.get(path)
    key = Rendition.objects.get(asset=asset, kind="proxy").key
    assert (response["X-Accel-Redirect"], response.content) == (f"/private/{key}", b"")
