"""Taking in a video: all or nothing, once a form."""

import hashlib
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.storage import storages
from django.db import OperationalError

from lms.core import audit, jobs, queue
from lms.core.jobs.models import Job
from media_pipeline.assets import store
from media_pipeline.assets.models import MediaAsset
from media_pipeline.assets.services import seal_work
from media_pipeline.assets.types import AssetState
from media_pipeline.uploads import services
from media_pipeline.uploads.services import UploadRefused
from tests.media_pipeline.cast import NOW, Cast, build_cast, hand_in


def private_files() -> list[str]:
    root = Path(storages["private"].path(""))
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


@pytest.fixture
def before() -> list[str]:
    return private_files()


def test_a_video_is_stored_privately_recorded_and_its_first_stage_asked_for(cast: Cast) -> None:
    asset = hand_in(cast, content=b"a video")
    source = asset.renditions.get()
    assert (source.kind, source.key) == ("source", f"submissions/2026/03/{asset.uuid}/source")
    assert store.read(source.key) == b"a video"
    assert (asset.sha256, asset.size) == (hashlib.sha256(b"a video").hexdigest(), 7)
    assert (asset.owner_user, asset.organisation_name) == (cast.uuid("owner"), "连江县职业中学")
    assert asset.original_name == "林晓燕的茶.mp4"
    job = Job.objects.get(kind="media.stage")
    assert (job.subject, job.key, job.cluster) == (asset.uuid, f"{asset.uuid}:intake", "media")
    assert [event.action for event in audit.events_of(asset.uuid)] == ["uploaded"]


def test_the_same_form_twice_is_one_work(cast: Cast, before: list[str]) -> None:
    token = cast.uuid("owner")
    first = hand_in(cast, form_token=token)
    again = hand_in(cast, form_token=token)
    other = hand_in(cast, "colleague", form_token=token)
    assert (first.uuid, first.uuid == other.uuid) == (again.uuid, False)
    assert len(private_files()) == len(before) + 2
    assert Job.objects.filter(subject=first.uuid).count() == 1


def test_a_form_that_loses_the_race_leaves_no_file(
    cast: Cast, before: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    token = cast.uuid("owner")
    answers: list[Any] = [None]

    def made_by(asset: MediaAsset) -> MediaAsset | None:
        return answers.pop() if answers else MediaAsset.objects.filter(form_token=asset.form_token).first()

    first = hand_in(cast, form_token=token)
    monkeypatch.setattr(services, "_made_by", made_by)
    assert hand_in(cast, form_token=token).uuid == first.uuid
    assert len(private_files()) == len(before) + 1


@pytest.mark.parametrize("who", ("examiner", "school_admin", "bureau", "administrator", "instructor"))
def test_only_trainees_hand_in(cast: Cast, before: list[str], who: str) -> None:
    with pytest.raises(PermissionDenied):
        hand_in(cast, who)
    assert (private_files(), MediaAsset.objects.count()) == (before, 0)


def test_empty_and_too_big_files_are_refused(cast: Cast, before: list[str], settings) -> None:
    settings.UPLOAD_MAX_BYTES = 10
    for content, code in ((b"", "empty"), (b"12345678901", "too_big")):
        with pytest.raises(UploadRefused) as refused:
            hand_in(cast, content=content)
        assert refused.value.code == code
    assert hand_in(cast, content=b"1234567890").size == 10
    assert len(private_files()) == len(before) + 1


def test_a_failure_while_recording_leaves_neither_row_nor_file(
    cast: Cast, before: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: Any) -> None:
        raise RuntimeError("no queue")

    monkeypatch.setattr(services, "enqueue_stage", broken)
    with pytest.raises(RuntimeError):
        hand_in(cast)
    assert (private_files(), MediaAsset.objects.count()) == (before, 0)


def test_a_full_disk_is_a_plain_refusal(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_args: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store, "put", full)
    with pytest.raises(UploadRefused) as refused:
        hand_in(cast)
    assert refused.value.code == "not_stored"


@pytest.mark.parametrize("state", (AssetState.UPLOADED, AssetState.READY, AssetState.REJECTED, AssetState.FAILED))
def test_a_work_is_replaced_once_and_only_by_its_owner(cast: Cast, before: list[str], state: AssetState) -> None:
    old = hand_in(cast)
    MediaAsset.objects.filter(pk=old.pk).update(state=state, duration_s=60, ready_at=NOW, refusal=[{"code": "x"}])
    with pytest.raises(UploadRefused):
        hand_in(cast, "colleague", replaces=old.uuid)
    assert hand_in(cast, replaces=old.uuid).replaces == old
    with pytest.raises(UploadRefused):
        hand_in(cast, replaces=old.uuid)
    assert MediaAsset.objects.get(pk=old.pk).state == AssetState.REPLACED
    assert len(private_files()) == len(before) + 2
    assert jobs.latest_job(subject=old.uuid) is not None


@pytest.mark.django_db(transaction=True)
def test_a_bell_that_fails_after_the_commit_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(_cluster: str) -> None:
        raise OperationalError("database is locked")

    people = build_cast()
    monkeypatch.setattr(queue, "ring", locked)
    asset = hand_in(people)
    assert store.read(MediaAsset.objects.get(uuid=asset.uuid).renditions.get().key) == b"a video"
    assert Job.objects.get(subject=asset.uuid).state == "waiting"


def test_an_interrupt_after_the_commit_leaves_the_recorded_file(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    record = services._record

    def interrupted(*args: Any) -> None:
        record(*args)
        raise KeyboardInterrupt

    monkeypatch.setattr(services, "_record", interrupted)
    with pytest.raises(KeyboardInterrupt):
        hand_in(cast)
    assert store.read(MediaAsset.objects.get().renditions.get().key) == b"a video"


def test_once_its_scoring_has_begun_nothing_takes_its_place(cast: Cast, before: list[str]) -> None:
    old = hand_in(cast)
    seal_work(work=old.uuid, now=NOW)
    with pytest.raises(UploadRefused) as refused:
        hand_in(cast, replaces=old.uuid)
    assert (refused.value.code, len(private_files())) == ("not_replaceable", len(before) + 1)
