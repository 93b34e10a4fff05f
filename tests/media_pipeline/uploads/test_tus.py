"""The wire: tus 1.0, every status the protocol names and this server uses."""

from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from lms.core import clock
from media_pipeline.assets import store
from media_pipeline.assets.models import MediaAsset
from media_pipeline.uploads import transfers
from media_pipeline.uploads.logic import metadata_header
from media_pipeline.uploads.models import Upload
from media_pipeline.uploads.types import NoRoom, UploadState
from tests.media_pipeline.cast import Cast, hand_in
from tests.media_pipeline.uploads.tusing import HERE, PIECE, ask, begin, begun, checksum, declared, patch, row, send

VIDEO = b"0123456789"


@pytest.fixture
def hers(cast: Cast) -> Client:
    return cast.client("owner", enforce_csrf_checks=True)


def test_options_tell_what_the_server_can_do(hers: Client, settings: Any) -> None:
    settings.UPLOAD_MAX_BYTES, settings.UPLOAD_LONG_MAX_BYTES = 100, 300
    answer = hers.options(HERE)
    assert (answer.status_code, answer["Tus-Resumable"], answer["Tus-Version"]) == (204, "1.0.0", "1.0.0")
    assert answer["Tus-Extension"] == "creation,creation-with-upload,checksum,expiration,termination"
    assert (answer["Tus-Max-Size"], answer["Tus-Checksum-Algorithm"]) == ("300", "sha1,sha256")
    # A page elsewhere asks this before it may send our header: it is told nothing that would let it.
    assert [name for name in answer.headers if name.lower().startswith("access-control")] == []


@pytest.mark.parametrize("version", (None, "0.2.2", "2.0.0"))
def test_another_version_is_412_and_nothing_happens(hers: Client, version: str | None) -> None:
    path = begun(hers, VIDEO)
    answers = [
        begin(hers, VIDEO, Tus_Resumable=version),
        ask(hers, "HEAD", path, Tus_Resumable=version),
        patch(hers, path, 0, VIDEO, Tus_Resumable=version),
        ask(hers, "DELETE", path, Tus_Resumable=version),
    ]
    assert [(one.status_code, one["Tus-Version"]) for one in answers] == [(412, "1.0.0")] * 4
    assert (row(path).offset, Upload.objects.count()) == (0, 1)


def test_a_video_in_two_pieces_becomes_a_work(cast: Cast, hers: Client) -> None:
    answer = begin(hers, VIDEO)
    assert (answer.status_code, answer["Tus-Resumable"], answer["Upload-Offset"]) == (201, "1.0.0", "0")
    assert parsedate_to_datetime(answer["Upload-Expires"]) > clock.real_now()
    path = answer["Location"].removeprefix("http://testserver")
    first = patch(hers, path, 0, VIDEO[:4])
    assert (first.status_code, first["Upload-Offset"], MediaAsset.objects.count()) == (204, "4", 0)
    head = ask(hers, "HEAD", path)
    assert (head.status_code, head["Upload-Offset"], head["Upload-Length"]) == (200, "4", "10")
    assert (head["Cache-Control"], "filename " in head["Upload-Metadata"]) == ("no-store", True)
    last = patch(hers, path, 4, VIDEO[4:])
    assert (last.status_code, last["Upload-Offset"], "Upload-Expires" in last) == (204, "10", False)
    asset = MediaAsset.objects.get()
    assert (asset.title, asset.original_name, asset.owner_user) == ("高山岩茶", "我的茶.mp4", cast.uuid("owner"))
    # The file stayed where it grew: no second copy was ever made.
    source = asset.renditions.get()
    assert (source.key, store.read(source.key)) == (row(path).key, VIDEO)
    told = hers.get(path).json()
    assert told == {
        "state": "done", "offset": 10, "length": 10, "url": reverse("media:work", args=[asset.uuid]), "message": "",
    }  # fmt: skip


def test_creation_with_upload_stores_the_first_piece(hers: Client) -> None:
    said = metadata_header(declared(VIDEO))
    answer = ask(hers, "POST", HERE, VIDEO[:3], Upload_Length="10", Upload_Metadata=said)
    assert (answer.status_code, answer["Upload-Offset"]) == (201, "3")
    whole = ask(hers, "POST", HERE, b"abcd", Upload_Length="4", Upload_Metadata=metadata_header(declared(b"abcd")))
    assert (whole.status_code, whole["Upload-Offset"], MediaAsset.objects.count()) == (201, "4", 1)
    wrong = ask(hers, "POST", HERE, b"x" * 11, Upload_Length="10", Upload_Metadata=said)
    kind = ask(hers, "POST", HERE, b"x", Upload_Length="10", Upload_Metadata=said, Content_Type="text/plain")
    assert (wrong.status_code, kind.status_code, Upload.objects.count()) == (413, 415, 2)


@pytest.mark.parametrize(
    "headers",
    (
        {"Upload_Length": None},
        {"Upload_Length": "-1"},
        {"Upload_Length": "ten"},
        {"Upload_Length": "9" * 19},
        {"Upload_Length": None, "Upload_Defer_Length": "1"},
        {"Upload_Metadata": "title notbase64!"},
        {"Upload_Metadata": "title YQ==,title YQ=="},
        {"Upload_Metadata": "title //8="},
        {"Upload_Metadata": f"target {'YQ=='}"},
        {"Upload_Metadata": metadata_header({"fingerprint": "abc"})},
        {"Upload_Metadata": "x " + "YWFh" * 3000},
    ),
)
def test_a_creation_that_is_not_as_agreed_is_400(hers: Client, headers: dict[str, str | None]) -> None:
    assert (begin(hers, VIDEO, None, **headers).status_code, Upload.objects.count()) == (400, 0)


@pytest.mark.parametrize(
    "changes,field",
    (
        ({"title": None}, "title"),
        ({"product": "weapons"}, "product"),
        ({"product": None}, "product"),
        ({"level": "1"}, "level"),
        ({"declared_ai": None}, "declared_ai"),
        ({"token": "x"}, "token"),
    ),
)
def test_what_is_declared_is_judged_before_a_byte_is_sent(hers: Client, changes: dict[str, Any], field: str) -> None:
    answer = begin(hers, VIDEO, declared(VIDEO, **changes))
    assert (answer.status_code, list(answer.json()["errors"]), Upload.objects.count()) == (422, [field], 0)


def test_a_file_too_large_or_empty_is_refused_at_once(hers: Client, settings: Any) -> None:
    settings.UPLOAD_MAX_BYTES = 9
    large, empty = begin(hers, VIDEO), begin(hers, b"")
    assert (large.status_code, empty.status_code, Upload.objects.count()) == (413, 422, 0)
    assert "视频超过0MB" in large.json()["message"]


def test_pieces_that_do_not_fit_are_told_apart(hers: Client) -> None:
    path = begun(hers, VIDEO)
    patch(hers, path, 0, VIDEO[:4])
    assert patch(hers, path, 0, VIDEO[:4]).status_code == 409
    assert patch(hers, path, 5, VIDEO[5:]).status_code == 409
    assert patch(hers, path, 4, VIDEO).status_code == 413
    assert patch(hers, path, 4, b"x", Content_Type="application/octet-stream").status_code == 415
    assert patch(hers, path, 4, b"x", Upload_Offset=None).status_code == 400
    assert patch(hers, path, 4, b"x", Upload_Offset="four").status_code == 400
    assert row(path).offset == 4


@pytest.mark.parametrize("algorithm", ("sha1", "sha256"))
def test_a_piece_with_its_checksum(hers: Client, algorithm: str) -> None:
    path = begun(hers, VIDEO)
    damaged = patch(hers, path, 0, b"0x23", Upload_Checksum=checksum(algorithm, VIDEO[:4]))
    assert (damaged.status_code, row(path).offset) == (460, 0)
    whole = patch(hers, path, 0, VIDEO[:4], Upload_Checksum=checksum(algorithm, VIDEO[:4]))
    assert (whole.status_code, whole["Upload-Offset"]) == (204, "4")


@pytest.mark.parametrize("stated", ("md5 AAAAAAAAAAAAAAAAAAAAAA==", "sha1 !", "sha1 AAAA", "sha256", ""))
def test_a_checksum_nobody_offered_is_400(hers: Client, stated: str) -> None:
    path = begun(hers, VIDEO)
    assert (patch(hers, path, 0, VIDEO, Upload_Checksum=stated).status_code, row(path).offset) == (400, 0)


def test_a_cancelled_upload_is_gone_with_its_bytes(hers: Client) -> None:
    path = begun(hers, VIDEO)
    patch(hers, path, 0, VIDEO[:4])
    key = row(path).key
    assert (store.exists(key), ask(hers, "DELETE", path).status_code, store.exists(key)) == (True, 204, False)
    asked = [ask(hers, "HEAD", path), patch(hers, path, 4, b"x"), ask(hers, "DELETE", path)]
    assert [one.status_code for one in asked] == [410] * 3
    assert [one for one in asked if "Upload-Offset" in one] == []


def test_what_has_become_a_work_cannot_be_cancelled(hers: Client) -> None:
    path = begun(hers, VIDEO)
    send(hers, path, VIDEO)
    assert (ask(hers, "DELETE", path).status_code, store.exists(row(path).key)) == (403, True)
    head = ask(hers, "HEAD", path)
    assert (head.status_code, head["Upload-Offset"]) == (200, "10")
    assert patch(hers, path, 10, b"x").status_code == 413


def test_an_abandoned_upload_runs_out(hers: Client) -> None:
    path, other = begun(hers, VIDEO), begun(hers, b"another")
    patch(hers, path, 0, VIDEO[:4])
    late = row(path).expires_at + (row(other).expires_at - row(other).touched_at)
    assert transfers.expire_uploads(real=row(path).touched_at) == 0
    assert transfers.expire_uploads(real=late) == 2
    assert (row(path).state, store.exists(row(path).key)) == (UploadState.EXPIRED, False)
    assert ask(hers, "HEAD", path).status_code == 410
    transfers.expire_uploads(real=late.replace(year=late.year + 1))
    assert Upload.objects.count() == 0


def test_each_piece_puts_the_end_off(hers: Client) -> None:
    path = begun(hers, VIDEO)
    first = row(path).expires_at
    patch(hers, path, 0, VIDEO[:4])
    assert row(path).expires_at > first


def test_nobody_else_finds_an_upload(cast: Cast, hers: Client) -> None:
    path = begun(hers, VIDEO)
    for who in ("colleague", "school_admin", "administrator"):
        other = cast.client(who)
        asked = [ask(other, "HEAD", path), patch(other, path, 0, VIDEO), ask(other, "DELETE", path), other.get(path)]
        assert [one.status_code for one in asked] == [404] * 4
    assert [begin(cast.client(who), VIDEO).status_code for who in ("examiner", "bureau")] == [403, 403]
    stranger = Client()
    asked = [begin(stranger, VIDEO), ask(stranger, "HEAD", path), patch(stranger, path, 0, VIDEO), stranger.get(path)]
    assert [one.status_code for one in asked] == [401] * 4
    assert row(path).offset == 0


def test_the_method_may_come_in_a_header(hers: Client) -> None:
    path = begun(hers, VIDEO)
    sent = ask(hers, "POST", path, VIDEO[:4], Upload_Offset="0", X_HTTP_Method_Override="PATCH", Content_Type=PIECE)
    assert (sent.status_code, row(path).offset) == (204, 4)
    assert ask(hers, "POST", path).status_code == 405
    assert ask(hers, "PUT", HERE).status_code == 405


def test_a_full_disk_is_said_and_the_upload_goes_on_when_there_is_room(
    hers: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = begun(hers, VIDEO)
    patch(hers, path, 0, VIDEO[:4])

    def full(*_args: Any) -> None:
        raise NoRoom

    with monkeypatch.context() as patched:
        patched.setattr("media_pipeline.uploads.parts.FolderParts.append", full)
        answer = patch(hers, path, 4, VIDEO[4:])
    assert (answer.status_code, answer["Retry-After"], row(path).offset) == (507, "60", 4)
    assert "没有地方" in answer.json()["message"]
    send(hers, path, VIDEO)
    assert store.read(MediaAsset.objects.get().renditions.get().key) == VIDEO


def test_a_busy_upload_is_423(hers: Client) -> None:
    path = begun(hers, VIDEO)
    soon = clock.real_now().replace(year=clock.real_now().year + 1)
    Upload.objects.update(writer=row(path).uuid, writer_until=soon)
    answer = patch(hers, path, 0, VIDEO)
    assert (answer.status_code, answer["Retry-After"], row(path).offset) == (423, "2", 0)
    Upload.objects.update(writer_until=clock.real_now())  # its writer was killed
    assert patch(hers, path, 0, VIDEO).status_code == 204


def test_an_upload_for_a_work_that_is_being_scored_is_refused_before_it_begins(cast: Cast, hers: Client) -> None:
    old = hand_in(cast)
    allowed = begin(hers, VIDEO, declared(VIDEO, replaces=str(old.uuid)))
    MediaAsset.objects.update(sealed_at=clock.now())
    sealed = begin(hers, VIDEO, declared(b"other", replaces=str(old.uuid)))
    assert (allowed.status_code, sealed.status_code) == (201, 404)
