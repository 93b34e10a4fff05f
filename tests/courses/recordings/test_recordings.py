"""Sessions of a class on video: sent in pieces, measured without a transcript, held against the policy, seen by whom."""

import random
from collections.abc import Mapping
from datetime import date, time, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from courses.classes.models import TrainingClass
from courses.recordings.logic import sessions_of
from courses.recordings.models import ClassRecording
from courses.recordings.selectors import recordings_page
from courses.recordings.services import withdraw_recording
from courses.recordings.types import Part, RecordingRefused
from lms.core import jobs
from lms.core.audit import AuditEvent
from media_pipeline.assets import store
from media_pipeline.assets.models import CheckResult, MediaAsset, Rendition, StageRun
from media_pipeline.uploads.models import Upload
from tests.courses.homework.world import taught
from tests.courses.school import FIRST_DAY, pin
from tests.media_pipeline.cast import NOW, Cast
from tests.media_pipeline.clips import clip
from tests.media_pipeline.uploads.tusing import ask, begin, begun, declared, fingerprint, patch, row, send

FILM = random.Random(9).randbytes(4000)


@pytest.fixture
def teaching(cast: Cast) -> TrainingClass:
    return taught(cast).row


def said(where: TrainingClass, content: bytes = FILM, **changes: Any) -> Mapping[str, str]:
    return {
        "target": "recording",
        "class": str(where.uuid),
        "filename": "第1课.mp4",
        "held_on": FIRST_DAY.isoformat(),
        "starts_at": "09:00",
        "minutes": "90",
        "mode": "theory",
        "subject": "产品讲解四步法",
        "token": str(uuid4()),
        "fingerprint": fingerprint(content),
    } | changes


def sent(client: Client, where: TrainingClass, content: bytes = FILM, **changes: Any) -> ClassRecording:
    """Handed in through /uploads/, as the page does."""
    answer = begin(client, content, said(where, content, **changes))
    assert answer.status_code == 201, answer.content.decode()
    path = answer["Location"].removeprefix("http://testserver")
    send(client, path, content)
    told = client.get(path).json()
    assert told["state"] == "done", told
    return ClassRecording.objects.get(uuid=UUID(told["url"].rstrip("/").rpartition("/")[2]))


def measured(recording: ClassRecording, minutes: float) -> None:
    MediaAsset.objects.filter(uuid=recording.asset).update(
        state="ready_for_scoring", duration_s=60 * minutes, ready_at=NOW
    )


def test_files_of_one_hour_are_one_session_and_count_together() -> None:
    day, at = date(2026, 3, 2), time(9)
    one, two, other = (uuid4() for _ in range(3))
    found = sessions_of(
        [
            Part(other, day, time(14), 45, None),
            Part(one, day, at, 90, Fraction(2700)),
            Part(two, day, at, 80, Fraction(2400)),
        ]
    )
    assert [(s.starts_at, s.minutes, s.seconds, s.short, s.parts) for s in found] == [
        (at, 90, Fraction(5100), True, (one, two)),
        (time(14), 45, None, False, (other,)),
    ]


def test_a_recording_comes_in_pieces_and_is_measured_without_a_transcript(
    cast: Cast, teaching: TrainingClass, tmp_path: Path
) -> None:
    content = clip(
        tmp_path / "quiet.mp4", seconds=4, picture="color=black:s=320x240:r=5", sound="sine=f=300:r=16000,volume=-35dB"
    ).read_bytes()
    recording = sent(cast.client("instructor"), teaching, content)
    asset = MediaAsset.objects.get(uuid=recording.asset)
    assert (asset.purpose, recording.by, recording.sha256) == ("recording", cast.uuid("instructor"), asset.sha256)
    assert jobs.drain("media") == 2
    asset.refresh_from_db()
    # A black and silent hour is noted, not refused: who supervises sees it.
    assert (asset.state, round(asset.duration_s or 0)) == ("ready_for_scoring", 4)
    warned = set(CheckResult.objects.filter(run__asset=asset, verdict="warn").values_list("name", flat=True))
    assert {"black", "silence"} <= warned
    assert list(StageRun.objects.filter(asset=asset).values_list("stage", flat=True)) == ["intake", "measure"]
    assert "wav" not in set(Rendition.objects.filter(asset=asset).values_list("kind", flat=True))
    page = cast.client("bureau").get(reverse("courses:recording", args=[teaching.uuid, recording.uuid]))
    assert (page.status_code, "黑屏" in page.content.decode()) == (200, True)
    video = cast.client("bureau").get(reverse("courses:recording_file", args=[teaching.uuid, recording.uuid, "video"]))
    assert (video.status_code, video["Content-Type"]) == (200, "video/mp4")


def test_who_sees_and_who_sends(cast: Cast, teaching: TrainingClass) -> None:
    recording = sent(cast.client("school_admin"), teaching)
    url = reverse("courses:recording", args=[teaching.uuid, recording.uuid])
    answers = {who: cast.client(who).get(url).status_code for who in cast.users}
    seeing = {who for who, status in answers.items() if status == 200}
    assert seeing == {"instructor", "school_admin", "bureau", "city_bureau"}  # the inspector is of another county
    assert {answers[who] for who in answers.keys() - seeing} <= {403, 404}
    assert [answers[who] for who in ("owner", "other_admin")] == [404, 404]
    for who, status in (("owner", 404), ("bureau", 403), ("inspector", 404), ("other_admin", 404)):
        assert begin(cast.client(who), b"another", said(teaching, b"another")).status_code == status, who


def test_what_is_said_is_judged_before_a_byte_is_sent(cast: Cast, teaching: TrainingClass) -> None:
    client = cast.client("school_admin")
    wrong = said(teaching, held_on=(teaching.ends_on + timedelta(days=1)).isoformat(), minutes="0")
    assert set(begin(client, FILM, wrong).json()["errors"]) == {"minutes"}
    answer = begin(client, FILM, said(teaching, held_on=(teaching.ends_on + timedelta(days=1)).isoformat()))
    assert (answer.status_code, "上课日期" in answer.json()["errors"]["held_on"]) == (422, True)
    TrainingClass.objects.filter(pk=teaching.pk).update(state="open")
    assert "还没开课" in begin(client, FILM, said(teaching)).json()["message"]
    assert Upload.objects.count() == 0


def test_one_file_is_not_two_sessions(cast: Cast, teaching: TrainingClass) -> None:
    client = cast.client("school_admin")
    first = sent(client, teaching)
    path = begin(client, FILM, said(teaching, starts_at="14:00"))["Location"].removeprefix("http://testserver")
    send(client, path, FILM)
    told = client.get(path).json()
    assert (told["state"], told["message"]) == ("refused", "这个文件已经传过，不能再算一次课")
    assert (MediaAsset.objects.count(), store.exists(row(path).key)) == (1, False)
    withdraw_recording(by=cast.acting("school_admin"), recording=first, reason="传错班了", now=NOW)
    again = sent(client, teaching, starts_at="14:00")
    assert list(ClassRecording.objects.filter(withdrawn_at=None)) == [again]


def test_withdrawn_with_a_reason_it_is_off_the_list_and_kept(cast: Cast, teaching: TrainingClass) -> None:
    recording = sent(cast.client("instructor"), teaching)
    url = reverse("courses:recording_withdraw", args=[teaching.uuid, recording.uuid])
    desk = cast.client("school_admin")
    assert desk.post(url, {"reason": " "}).status_code == 422
    with pytest.raises(PermissionDenied):
        withdraw_recording(by=cast.acting("instructor"), recording=recording, reason="错了", now=NOW)
    assert desk.post(url, {"reason": "传错班了"}).status_code == 302
    with pytest.raises(RecordingRefused):
        withdraw_recording(by=cast.acting("school_admin"), recording=recording, reason="再一次", now=NOW)
    recording.refresh_from_db()
    assert (recording.withdraw_reason, recordings_page(cast.acting("bureau"), teaching).sessions) == ("传错班了", ())
    assert store.exists(MediaAsset.objects.get(uuid=recording.asset).renditions.get().key)
    told = AuditEvent.objects.filter(subject=recording.uuid).order_by("id").values_list("action", flat=True)
    assert list(told) == ["added", "withdrawn"]


@pytest.mark.req("S3-29")
@pytest.mark.parametrize(
    "minutes, allowed", (((45, 45, 45), True), ((60, 45, 29), False), ((60, 60), False)), ids=["45", "44.7", "two"]
)
def test_three_teaching_videos_of_45_minutes_on_average(
    cast: Cast, teaching: TrainingClass, minutes: tuple[int, ...], allowed: bool
) -> None:
    pin(teaching, "jiangyin_2023")
    client = cast.client("school_admin")
    for number, length in enumerate(minutes):
        one = sent(client, teaching, FILM + bytes([number]), starts_at=f"{9 + number}:00", minutes="45")
        measured(one, length)
    card = recordings_page(cast.acting("bureau"), teaching).decision
    assert card is not None
    assert card.tone == ("ok" if allowed else "bad")
    if minutes[-1] == 29:
        assert "44.6" in {reason.found.split("分")[0].strip() for reason in card.reasons}


def test_a_session_shorter_on_video_than_planned_is_a_warning(cast: Cast, teaching: TrainingClass) -> None:
    pin(teaching, "fuzhou_2021")
    client = cast.client("school_admin")
    measured(sent(client, teaching), 80)
    page = recordings_page(cast.acting("inspector"), teaching)
    assert page.decision is not None
    assert (page.sessions[0].short, page.decision.tone) == (True, "ok")
    assert [reason.found for reason in page.decision.reasons] == ["0/1次录像完整"]
    # The rest of the hour on a second file makes it whole; kept for the five years of the policy.
    measured(sent(client, teaching, FILM + b"rest"), 10)
    page = recordings_page(cast.acting("inspector"), teaching)
    assert (page.sessions[0].short, len(page.sessions[0].files)) == (False, 2)
    assert page.kept_until == teaching.ends_on.replace(year=teaching.ends_on.year + 5)


def test_the_list_asks_the_same_number_of_questions(cast: Cast, teaching: TrainingClass) -> None:
    client, counts = cast.client("school_admin"), []
    for number in range(3):
        sent(client, teaching, FILM + bytes([number]), starts_at=f"{9 + number}:00")
        if number != 1:
            with CaptureQueriesContext(
                connection,
            ) as asked:
                assert client.get(reverse("courses:recordings", args=[teaching.uuid])).status_code == 200
            counts.append(len(asked))
    assert counts[0] == counts[1]


def test_another_purpose_has_another_limit(cast: Cast, teaching: TrainingClass, settings: Any) -> None:
    settings.UPLOAD_MAX_BYTES, settings.UPLOAD_LONG_MAX_BYTES = 1000, 5000
    assert begin(cast.client("owner"), FILM, declared(FILM)).status_code == 413
    path = begun(cast.client("school_admin"), FILM, **said(teaching))
    assert patch(cast.client("school_admin"), path, 0, FILM[:10]).status_code == 204
    assert ask(cast.client("instructor"), "HEAD", path).status_code == 404
