"""Videos of lessons and homework are taken in like works and never taken for one."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.http import Http404, QueryDict

from lms.core import audit, jobs
from lms.core.jobs.models import Job
from media_pipeline import api as media
from media_pipeline.api import Purpose, RenditionKind
from media_pipeline.assets.holder import hold
from media_pipeline.assets.models import MediaAsset
from media_pipeline.assets.selectors import replaceable_work, work_for
from media_pipeline.assets.types import AssetState
from media_pipeline.uploads.services import UploadRefused
from tests.media_pipeline.cast import NOW, Cast, hand_in
from tests.media_pipeline.clips import SPEECH, clip, ffmpeg
from tests.media_pipeline.materials import finish_material, hand_in_material


@pytest.mark.parametrize("purpose", (Purpose.LESSON, Purpose.HOMEWORK))
def test_no_list_or_gate_of_works_knows_it(cast: Cast, tmp_path, purpose: Purpose, monkeypatch) -> None:
    told: list[object] = []
    for module in ("uploads", "runs"):
        monkeypatch.setattr(f"media_pipeline.{module}.services.publish", told.append)
    owner = cast.acting("owner")
    asset = finish_material(hand_in_material(owner, purpose), tmp_path)
    code = MediaAsset.objects.get(uuid=asset).blind_code
    # Whose they are, who covers her, and who judges.
    assert media.works_page(owner).rows == []
    for who in ("school_admin", "bureau", "inspector"):
        assert media.works_page(cast.acting(who)).rows == []
    for who in ("owner", "school_admin", "bureau"):
        with pytest.raises(Http404):
            work_for(cast.acting(who), asset)
    assert media.count_works_covered(organisation_path="") == 0
    assert media.works_covered(organisation_path="") == []
    assert media.work_states([asset]) == {}
    assert media.blind_head(code) is None
    assert media.count_blind_works() == media.count_blind_works(uuids=[asset]) == 0
    assert media.blind_works(uuids=[asset], page=media.pages(1, 1)) == []
    for read in (media.evidence_of, media.evidence_cues):
        with pytest.raises(MediaAsset.DoesNotExist):
            read(asset)
    with pytest.raises(MediaAsset.DoesNotExist):
        media.evidence_file(asset, RenditionKind.PROXY)
    assert told == []


def test_a_refused_one_is_replaced_by_no_work_and_a_work_is_no_material(cast: Cast, tmp_path) -> None:
    owner = cast.acting("owner")
    refused = hand_in_material(owner)
    MediaAsset.objects.filter(uuid=refused).update(state=AssetState.REJECTED, refusal=[{"code": "x", "values": {}}])
    with pytest.raises(Http404):
        replaceable_work(owner, refused)
    with pytest.raises(UploadRefused):
        hand_in(cast, replaces=refused)
    work = hand_in(cast)
    for purpose in (Purpose.LESSON, Purpose.HOMEWORK):
        assert media.material_of(work.uuid, purpose) is None
        assert media.material_file(work.uuid, purpose, RenditionKind.SOURCE) is None
    with pytest.raises(ValueError, match="works"):
        media.material_of(work.uuid, Purpose.SUBMISSION)
    assert media.material_file(work.uuid, Purpose.SUBMISSION, RenditionKind.SOURCE) is None
    with pytest.raises(MediaAsset.DoesNotExist):
        media.correct_captions(by=uuid4(), asset=work.uuid, base=0, changed={}, now=NOW)


def test_one_form_makes_one_video_of_each_purpose(cast: Cast) -> None:
    token, owner = uuid4(), cast.acting("owner")
    first = hand_in_material(owner, form_token=token)
    assert hand_in_material(owner, form_token=token, content=b"another") == first
    homework = hand_in_material(owner, Purpose.HOMEWORK, form_token=token)
    work = hand_in(cast, form_token=token)
    assert len({first, homework, work.uuid}) == 3
    # Each waits for its first stage, and one is not found under another's purpose.
    assert set(Job.objects.values_list("subject", flat=True)) == {first, homework, work.uuid}
    assert media.material_of(homework, Purpose.LESSON) is None
    for asset, kind in ((first, "lesson_video"), (homework, "homework_video"), (work.uuid, "submission")):
        assert audit.verify(asset).ok
        assert {event.subject_kind for event in audit.events_of(asset)} == {kind}


def test_what_it_says_of_itself(cast: Cast, tmp_path, django_assert_num_queries) -> None:
    owner = cast.acting("owner")
    assets = [hand_in_material(owner) for _ in range(3)]
    waiting = media.material_of(assets[0], Purpose.LESSON)
    assert waiting is not None
    assert (waiting.live, waiting.captions, waiting.duration_s, waiting.state_label) == (True, None, None, "正在处理")
    assert media.material_file(assets[0], Purpose.LESSON, RenditionKind.PROXY) is None
    for number, asset in enumerate(assets):
        (tmp_path / str(number)).mkdir()
        finish_material(asset, tmp_path / str(number))
    with django_assert_num_queries(4):
        media.materials_of(assets[:1], Purpose.LESSON)
    with django_assert_num_queries(4):
        found = media.materials_of(assets, Purpose.LESSON)
    assert list(found) == assets
    ready = found[assets[0]]
    assert (ready.live, ready.captions, ready.duration_s, ready.tone) == (False, 0, 61.0, "ok")
    assert len(ready.hints) == 1
    file = media.material_file(assets[0], Purpose.LESSON, RenditionKind.PROXY)
    assert file is not None
    assert file.mime == "video/mp4"


def test_a_signed_address_is_for_one_user_one_file_and_six_hours(cast: Cast) -> None:
    asset, user = uuid4(), uuid4()
    query = QueryDict(media.signed_query(asset, "video", user=user, now=NOW))

    def holds(
        *, given: QueryDict = query, of: UUID = asset, what: str = "video", by: UUID | None = user, hours: float = 0
    ) -> bool:
        return media.is_signed(given, of, what, user=by, now=NOW + timedelta(hours=hours))

    assert holds()
    assert holds(hours=5.9)
    assert not holds(hours=6.1)
    assert not holds(by=uuid4())
    assert not holds(by=None)
    assert not holds(of=uuid4())
    assert not holds(what="captions")
    later = query.copy()
    later["e"] = str(int(query["e"]) + 1)
    assert not holds(given=later)
    for broken in ("", "e=1", "s=1", "e=²&s=x", f"e={'9' * 5000}&s=x", f"e={query['e']}"):
        assert not holds(given=QueryDict(broken))


def test_she_reads_what_is_held_of_them(cast: Cast, tmp_path) -> None:
    owner = cast.acting("owner")
    asset = finish_material(hand_in_material(owner, Purpose.HOMEWORK), tmp_path)
    media.correct_captions(by=cast.uuid("owner"), asset=asset, base=0, changed={0: None}, now=NOW)
    works, videos = hold(uuid4(), cast.uuid("owner"))
    assert works.rows == []
    assert len(videos.rows) == 1
    told = list(videos.rows[0].values())
    assert ("怎样介绍鱼丸" in told, "先说产地，再说配料。\n不要说全网最低价。" in told) == (True, True)
    assert [len(part.rows) for part in hold(uuid4(), None)] == [0, 0]


@pytest.mark.parametrize(
    "sound, picture",
    ((None, "testsrc2=s=160x120:r=15"), ("anullsrc=r=16000", "color=black:s=320x240:r=5")),
    ids=["silent demonstration", "black picture, no tone"],
)
def test_a_short_still_or_silent_video_is_taken_in_with_hints(cast: Cast, tmp_path, sound, picture) -> None:
    path = clip(tmp_path / "quiet.mp4", seconds=4, picture=picture, sound=sound)
    asset = hand_in_material(cast.acting("owner"), content=path.read_bytes())
    jobs.drain("media")
    ready = media.material_of(asset, Purpose.LESSON)
    assert ready is not None
    assert (ready.state, ready.reasons) == (AssetState.READY, ())
    assert ready.hints
    assert media.captions_vtt(asset) == "WEBVTT\n"
    # The same file as a work is refused.
    work = hand_in(cast, content=path.read_bytes())
    jobs.drain("media")
    work.refresh_from_db()
    assert work.state == AssetState.REJECTED


def test_what_is_no_video_is_refused_for_a_lesson_too(cast: Cast) -> None:
    asset = hand_in_material(cast.acting("owner"), content=b"ffconcat version 1.0\nfile /etc/passwd\n")
    jobs.drain("media")
    refused = media.material_of(asset, Purpose.LESSON)
    assert refused is not None
    assert (refused.state, refused.live, len(refused.reasons)) == (AssetState.REJECTED, False, 1)


@pytest.mark.slow
def test_a_lesson_is_transcribed_for_real_and_served_as_corrected(cast: Cast, tmp_path) -> None:
    path = tmp_path / "lesson.mp4"
    picture = ("-f", "lavfi", "-t", "12", "-i", "testsrc2=s=640x360:r=15", "-i", str(SPEECH / "violating-tea.opus"))
    ffmpeg(
        *picture, "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac", "-t", "12", str(path)
    )
    owner = cast.acting("instructor")
    asset = hand_in_material(owner, content=path.read_bytes())
    assert jobs.drain("media") == 4
    ready = media.material_of(asset, Purpose.LESSON)
    assert ready is not None
    assert (ready.state, ready.captions, round(ready.duration_s or 0)) == (AssetState.READY, 0, 12)
    heard = media.machine_captions(asset)
    assert heard is not None
    assert "主播" in media.captions_vtt(asset)
    for kind, mime in ((RenditionKind.PROXY, "video/mp4"), (RenditionKind.POSTER, "image/jpeg")):
        file = media.material_file(asset, Purpose.LESSON, kind)
        assert file is not None
        assert (file.mime, file.size > 1000) == (mime, True)
    better = replace(heard.lines[0], text="各位晚上好")
    assert owner.user is not None
    media.correct_captions(by=owner.user, asset=asset, base=0, changed={0: better}, now=NOW)
    assert "各位晚上好" in media.captions_vtt(asset)
    # Nothing of it is anywhere among the works.
    assert (media.works_page(cast.acting("school_admin")).rows, media.count_blind_works()) == ([], 0)
