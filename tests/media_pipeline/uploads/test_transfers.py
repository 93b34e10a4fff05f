"""Uploads in pieces beneath the wire: one file one upload, quotas, crashes between two steps, what is refused at the end."""

import fcntl
import io
import os
import random
import subprocess
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from lms.core import clock, jobs
from lms.core.jobs.models import Job
from media_pipeline.assets import store
from media_pipeline.assets.models import MediaAsset
from media_pipeline.uploads import parts, services, transfers
from media_pipeline.uploads.models import Upload
from media_pipeline.uploads.services import UploadRefused
from media_pipeline.uploads.types import Busy, BytesLost, NoRoom, UploadState
from tests.media_pipeline.cast import NOW, Cast, hand_in
from tests.media_pipeline.uploads.tusing import ask, begin, begun, declared, patch, row, send

MIB = 1 << 20
VIDEO = bytes(range(256)) * 12 * 1024  # 3 MiB


def noise(size: int, seed: int = 0) -> bytes:
    return random.Random(seed).randbytes(size)


@pytest.fixture
def hers(cast: Cast) -> Client:
    return cast.client("owner")


def test_the_same_file_chosen_again_goes_on_where_it_stopped(cast: Cast, hers: Client) -> None:
    path = begun(hers, VIDEO)
    patch(hers, path, 0, VIDEO[:MIB])
    again = begin(hers, VIDEO, declared(VIDEO, title="另一个名字"))
    assert (again["Location"].endswith(path), again["Upload-Offset"]) == (True, str(MIB))
    send(hers, path, VIDEO)
    assert MediaAsset.objects.get().title == "另一个名字"  # what she said last
    # Of another length, by another, with other ends, or without a fingerprint it is another upload.
    for client, content in ((hers, VIDEO + b"x"), (cast.client("colleague"), VIDEO), (hers, b"x" + VIDEO[1:])):
        assert row(begun(client, content)).offset == 0
    assert Upload.objects.filter(state="open").count() == 3


def test_bytes_of_another_file_are_noticed_at_the_end(hers: Client) -> None:
    path = begun(hers, VIDEO)
    send(hers, path, b"x" + VIDEO[1:])
    told = hers.get(path).json()
    assert (told["state"], told["message"]) == ("refused", "前后传的不是同一个文件，请重新上传这条视频")
    assert (MediaAsset.objects.count(), store.exists(row(path).key)) == (0, False)


def test_the_same_form_in_two_uploads_is_one_work(hers: Client) -> None:
    token = str(uuid4())
    first, second = begun(hers, VIDEO, token=token), begun(hers, VIDEO + b"x", token=token)
    send(hers, first, VIDEO)
    send(hers, second, VIDEO + b"x")
    urls = {hers.get(path).json()["url"] for path in (first, second)}
    assert (len(urls), MediaAsset.objects.count()) == (1, 1)
    assert [store.exists(row(path).key) for path in (first, second)] == [True, False]


def test_what_a_room_above_refuses_at_the_end_is_told_and_leaves_nothing(
    hers: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: Any) -> None:
        raise UploadRefused("handed_in", "您的视频已经交过了")

    path = begun(hers, VIDEO)
    with monkeypatch.context() as patched:
        patched.setattr(services, "publish", refuse)
        send(hers, path, VIDEO)
    assert hers.get(path).json()["message"] == "您的视频已经交过了"
    assert (MediaAsset.objects.count(), store.exists(row(path).key)) == (0, False)


@pytest.mark.parametrize("where", ("before", "after"))
def test_killed_between_the_last_piece_and_the_work_the_job_makes_it_once(
    hers: Client, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    path = begun(hers, VIDEO)
    end = transfers._end

    def killed(*args: Any, **kwargs: Any) -> bool:
        raise MemoryError

    with monkeypatch.context() as patched:
        patched.setattr(transfers, "_take_in" if where == "before" else "_end", killed)
        send(hers, path, VIDEO)
    assert (row(path).state, MediaAsset.objects.count()) == ("received", int(where == "after"))
    assert Job.objects.filter(kind=transfers.RECEIVE_JOB).count() == 1
    Upload.objects.update(writer=None, writer_until=None)
    finished = transfers.finish_upload(uuid=row(path).uuid, now=NOW)
    assert (finished.state, MediaAsset.objects.count(), end is transfers._end) == ("done", 1, True)
    assert store.read(MediaAsset.objects.get().renditions.get().key) == VIDEO


def test_the_job_of_a_received_upload_does_it(cast: Cast, hers: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transfers, "_INLINE_BYTES", 0)
    path = begun(hers, VIDEO)
    send(hers, path, VIDEO)
    assert (hers.get(path).json()["state"], MediaAsset.objects.count()) == ("received", 0)
    jobs.drain("short")
    assert hers.get(path).json()["state"] == "done"


def test_a_piece_that_lost_its_lease_is_not_acknowledged(hers: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    path = begun(hers, VIDEO)
    append = parts.FolderParts.append

    def overtaken(self: Any, *args: Any) -> Any:
        state = append(self, *args)
        Upload.objects.update(writer=uuid4())  # another came after the lease had run out
        return state

    monkeypatch.setattr(parts.FolderParts, "append", overtaken)
    assert (patch(hers, path, 0, VIDEO[:MIB]).status_code, row(path).offset) == (423, 0)


def test_a_body_that_breaks_off_is_kept_as_far_as_it_came(cast: Cast, hers: Client) -> None:
    upload = row(begun(hers, VIDEO))
    after = transfers.append(
        upload=upload, offset=0, body=io.BytesIO(VIDEO[:1000]), announced=MIB, checksum=None, now=NOW
    )
    assert after.offset == 1000


def test_quotas_are_judged_before_a_byte_is_sent(cast: Cast, hers: Client, settings: Any) -> None:
    settings.UPLOAD_OWNER_BYTES = 5 * MIB
    hand_in(cast, content=b"x" * MIB)
    first = begun(hers, VIDEO)
    over = begin(hers, VIDEO + b"x")
    assert (over.status_code, "GB" in over.json()["message"]) == (422, True)
    ask(hers, "DELETE", first)
    begun(hers, VIDEO + b"x")
    settings.UPLOAD_TOTAL_BYTES = 5 * MIB
    assert begin(cast.client("colleague"), VIDEO).status_code == 507
    settings.UPLOAD_TOTAL_BYTES, settings.UPLOAD_RESERVE_BYTES = 0, 1 << 60
    assert begin(cast.client("colleague"), VIDEO).status_code == 507


def test_a_folder_without_room_leaves_the_file_as_it_was(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    storage, key = parts.parts(), f"uploads/{uuid4()}/source"
    state = storage.append(key, {}, 0, b"0123", 10)

    def full(handle: int, data: Any, at: int) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "pwrite", full)
        with pytest.raises(NoRoom):
            storage.append(key, state, 4, b"45", 10)
    assert store.read(key) == b"0123"
    with pytest.raises(BytesLost):
        storage.append(key, state, 5, b"5", 10)
    storage.append(key, state, 4, b"456789", 10)
    storage.complete(key, state, 10)
    assert store.read(key) == b"0123456789"


@pytest.mark.slow
def test_a_disk_that_is_really_full_keeps_what_was_acknowledged(
    cast: Cast, hers: Client, settings: Any, tmp_path: Path
) -> None:
    """A file system of 3 MiB: the kernel's own ENOSPC in the middle of a piece."""
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(tmp_path)], capture_output=True, text=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"no file system can be mounted here: {mounted.stderr.strip()}")
    try:
        backend = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(tmp_path)}}
        settings.STORAGES = {**settings.STORAGES, "private": backend}
        settings.UPLOAD_RESERVE_BYTES = 0
        content = noise(2 * MIB + 5)
        path = begun(hers, content)  # there is room for it, until somebody else takes it
        assert patch(hers, path, 0, content[:MIB]).status_code == 204
        other = tmp_path / "other"
        with suppress(OSError), other.open("wb", buffering=0) as file:
            while True:
                file.write(bytes(1 << 16))
        with other.open("r+b") as file:
            file.truncate(other.stat().st_size - (300 << 10))  # room for a third of the next piece
        answer = patch(hers, path, MIB, content[MIB : 2 * MIB])
        assert (answer.status_code, answer["Retry-After"], row(path).offset) == (507, "60", MIB)
        assert "没有地方" in answer.json()["message"]
        # No half piece is left behind what was acknowledged, and nothing new is begun.
        assert (tmp_path / row(path).key).stat().st_size == MIB
        assert begin(cast.client("colleague"), noise(MIB, 1)).status_code == 507
        other.unlink()
        send(hers, path, content)
        assert hers.get(path).json()["state"] == "done"
        assert store.read(MediaAsset.objects.get().renditions.get().key) == content
    finally:
        subprocess.run(["umount", str(tmp_path)], check=False)


def test_two_writers_of_one_file_never_meet(cast: Cast) -> None:
    storage, key = parts.parts(), f"uploads/{uuid4()}/source"
    storage.append(key, {}, 0, b"0123", 10)
    with store.private().open(key, "rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(Busy):
            storage.append(key, {}, 4, b"4", 10)


def test_bytes_nobody_names_go_after_a_day_and_no_others(cast: Cast, hers: Client) -> None:
    unfinished, done = begun(hers, VIDEO), begun(hers, b"a video")
    patch(hers, unfinished, 0, VIDEO[:MIB])
    send(hers, done, b"a video")
    lost = f"uploads/2026/03/{uuid4()}/source"
    parts.parts().append(lost, {}, 0, b"x", 1)
    late = clock.real_now() + timedelta(days=2)
    assert transfers.discard_orphan_parts(before=clock.real_now() - timedelta(days=1)) == 0
    assert transfers.discard_orphan_parts(before=late) >= 1  # other tests left theirs in this folder
    assert [store.exists(key) for key in (row(unfinished).key, row(done).key, lost)] == [True, True, False]


def test_a_dead_job_tells_the_page(hers: Client) -> None:
    from lms.core.jobs import JobDied
    from media_pipeline.uploads.jobs import note_dead_job

    path = begun(hers, VIDEO)
    Upload.objects.update(state=UploadState.RECEIVED, offset=len(VIDEO))
    note_dead_job(JobDied(transfers.RECEIVE_JOB, row(path).uuid, "x", "没有地方存", 8))
    assert hers.get(path).json()["message"] == "没有地方存"
