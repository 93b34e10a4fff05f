"""Two windows, or two phones, at the same upload at the same moment (PostgreSQL)."""

import io
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from media_pipeline.assets import store
from media_pipeline.assets.models import MediaAsset
from media_pipeline.uploads import transfers
from media_pipeline.uploads.logic import metadata_header
from media_pipeline.uploads.models import Upload
from media_pipeline.uploads.targets import target_named
from media_pipeline.uploads.types import TransferStopped
from tests.media_pipeline.cast import NOW, Cast, build_cast
from tests.media_pipeline.uploads.tusing import declared

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

VIDEO = bytes(range(256)) * 40
AT_ONCE = 8


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return build_cast()


def together(act: Callable[[], Any]) -> list[Any]:
    """What each of eight threads got, or why it was stopped."""
    start = threading.Barrier(AT_ONCE)

    def one() -> Any:
        start.wait()
        try:
            return act()
        except TransferStopped as stop:
            return stop.status
        finally:
            connection.close()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return [each.result() for each in [pool.submit(one) for _ in range(AT_ONCE)]]


def begin(cast: Cast, said: dict[str, str]) -> Upload:
    target = target_named("submission")
    assert target
    upload, _before = transfers.begin_upload(
        acting=cast.acting("owner"),
        target=target,
        length=len(VIDEO),
        metadata=metadata_header(said),
        said=said,
        now=NOW,
    )
    return upload


def test_one_file_begun_in_many_windows_is_one_upload(cast: Cast) -> None:
    said = declared(VIDEO)
    assert len({upload.uuid for upload in together(lambda: begin(cast, said))}) == 1
    assert Upload.objects.count() == 1


def test_one_piece_sent_many_times_is_stored_once_and_makes_one_work(cast: Cast) -> None:
    upload = begin(cast, declared(VIDEO))

    def send() -> int:
        row = Upload.objects.get(pk=upload.pk)
        return transfers.append(
            upload=row, offset=0, body=io.BytesIO(VIDEO), announced=len(VIDEO), checksum=None, now=NOW
        ).offset

    got = together(send)
    # The others were told that it is being written, or that it stands at another byte by now.
    assert got.count(len(VIDEO)) == 1
    assert set(got) - {len(VIDEO), 409, 423, 413} == set()
    assert store.read(MediaAsset.objects.get().renditions.get().key) == VIDEO
