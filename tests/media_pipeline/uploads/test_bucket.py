"""The same uploads on an S3-compatible store (moto's server): parts, the remainder, two hosts, crashes, the end."""

import random
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.storage import storages
from django.test import Client

from lms.core import jobs
from media_pipeline.assets import store
from media_pipeline.assets.models import MediaAsset
from media_pipeline.uploads import transfers
from media_pipeline.uploads.models import Upload
from media_pipeline.uploads.parts import ObjectParts, parts
from media_pipeline.uploads.types import BytesLost
from tests.media_pipeline.cast import Cast
from tests.media_pipeline.uploads.tusing import ask, begun, patch, row, send

pytest.importorskip("storages", reason="needs requirements/scale.txt")
moto_server = pytest.importorskip("moto.server", reason="needs moto's server")

MIB = 1 << 20
VIDEO = random.Random(3).randbytes(12 * MIB + 5)


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    server = moto_server.ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(endpoint: str, settings: Any) -> Iterator[Any]:
    options = {"bucket_name": "kaibo", "endpoint_url": endpoint, "region_name": "us-east-1", "access_key": "a",
               "secret_key": "b", "default_acl": None, "file_overwrite": True, "location": "private"}  # fmt: skip
    settings.STORAGES = {
        **settings.STORAGES,
        "private": {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options},
    }
    held: Any = storages["private"]
    client = held.connection.meta.client
    client.create_bucket(Bucket="kaibo")
    yield client
    for name in names(client):
        client.delete_object(Bucket="kaibo", Key=name)


def names(client: Any) -> list[str]:
    return sorted(one["Key"] for one in client.list_objects_v2(Bucket="kaibo").get("Contents", []))


@pytest.fixture
def hers(cast: Cast, bucket: Any) -> Client:
    return cast.client("owner")


def test_a_video_in_pieces_becomes_one_object(hers: Client, bucket: Any) -> None:
    path = begun(hers, VIDEO)
    for at in range(0, 7 * MIB, MIB):
        assert patch(hers, path, at, VIDEO[at : at + MIB]).status_code == 204
    held = row(path).parts
    assert ([part[2] for part in held["parts"]], held["tail"]) == ([5 * MIB], 2 * MIB)
    tails = [name for name in names(bucket) if ".tail-" in name]
    assert len(tails) <= 2  # the remainder, and the one before it
    send(hers, path, VIDEO, size=3 * MIB)
    assert (hers.get(path).json()["state"], MediaAsset.objects.count()) == ("received", 0)
    jobs.drain("short")
    assert hers.get(path).json()["state"] == "done"
    source = MediaAsset.objects.get().renditions.get()
    assert (source.key, store.read(source.key) == VIDEO) == (row(path).key, True)
    assert names(bucket) == [f"private/{source.key}"]


def test_a_cancelled_upload_leaves_no_object_and_no_parts(hers: Client, bucket: Any) -> None:
    path = begun(hers, VIDEO)
    for at in range(0, 6 * MIB, 2 * MIB):
        patch(hers, path, at, VIDEO[at : at + 2 * MIB])
    assert ask(hers, "DELETE", path).status_code == 204
    assert (names(bucket), bucket.list_multipart_uploads(Bucket="kaibo").get("Uploads", [])) == ([], [])


def test_a_piece_stored_but_not_acknowledged_comes_again(bucket: Any) -> None:
    storage = parts()
    assert isinstance(storage, ObjectParts)
    key = "uploads/2026/03/x/source"
    first = storage.append(key, {}, 0, VIDEO[:MIB], 7 * MIB)
    storage.append(key, first, MIB, b"lost" * MIB, 7 * MIB)  # a host was killed before it said so
    storage.append(key, first, MIB, b"lost" * 100, 7 * MIB)
    second = storage.append(key, first, MIB, VIDEO[MIB : 4 * MIB], 7 * MIB)
    third = storage.append(key, second, 4 * MIB, VIDEO[4 * MIB : 7 * MIB], 7 * MIB)
    storage.complete(key, third, 7 * MIB)
    storage.complete(key, third, 7 * MIB)  # and killed again after the end
    assert b"".join(storage.chunks(key)) == VIDEO[: 7 * MIB]
    with pytest.raises(BytesLost):
        storage.complete("uploads/2026/03/y/source", third, 7 * MIB)


def test_a_small_file_is_one_part(hers: Client, bucket: Any) -> None:
    path = begun(hers, b"a video")
    send(hers, path, b"a video", size=3)
    transfers.finish_upload(uuid=row(path).uuid, now=Upload.objects.get().created_at)
    assert store.read(MediaAsset.objects.get().renditions.get().key) == b"a video"
