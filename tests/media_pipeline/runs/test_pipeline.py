"""The whole pipeline with real ffmpeg and real Whisper, job by job in this process."""

import pytest
from django.db.models import F

from lms.core import audit, jobs
from lms.core.types import Level, ProductKind
from media_pipeline.api import (
    NotWaivable,
    evidence_of,
    features_of,
    receive_upload,
    stage_costs,
    waive_checks,
    work_page,
)
from media_pipeline.assets import store
from media_pipeline.assets.models import CheckThresholds, FeatureSheet, MediaAsset, Rendition, StageRun
from media_pipeline.assets.types import AssetState, StageState
from tests.media_pipeline.cast import NOW, Cast, build_cast, hand_in, opened, selling_clip
from tests.media_pipeline.clips import clip


@pytest.fixture
def cast(db) -> Cast:
    return build_cast()


@pytest.mark.slow
def test_a_selling_video_becomes_evidence(cast: Cast, tmp_path) -> None:
    path, card = selling_clip(tmp_path / "tea.mp4")
    with opened(path) as file:
        asset = receive_upload(
            acting=cast.acting("owner"), file=file, title="茶", product=ProductKind(card["product_kind"]),
            product_name=card["product_name"], brand=card["brand"], level=Level(card["level"]), declared_ai=True,
            form_token=cast.uuid("owner"), now=NOW,
        )  # fmt: skip
    assert jobs.drain("media") == 5
    asset.refresh_from_db()
    assert (asset.state, asset.failure, asset.duration_s) == (AssetState.READY, "", card["duration_s"])
    assert [run.stage for run in StageRun.objects.order_by("id")] == [
        "intake",
        "measure",
        "transcribe",
        "compliance",
        "similarity",
    ]
    kinds = sorted(Rendition.objects.values_list("kind", flat=True))
    assert kinds == ["captions", "poster", "proxy", "source", "thumbs", "wav", "waveform"]
    for rendition in Rendition.objects.all():
        content = store.read(rendition.key)
        assert len(content) == rendition.size
        # The clip's own title tag holds her name: nothing made from it may.
        assert ("林晓燕".encode() in content) == (rendition.kind == "source")
    evidence = evidence_of(asset.uuid)
    found = {finding.rule for finding in evidence.findings}
    assert {term["rule"] for term in card["expected"]} & found
    assert len(evidence.waveform) > 100
    assert evidence.cues[0].start_s < 5
    sheet = features_of(asset.uuid)
    assert sheet is not None
    told = {each.name: each.value for each in sheet.features}
    assert told["speech_rate"] == pytest.approx(250, abs=60)
    assert told["pitch_spread"] == pytest.approx(9, abs=5)
    assert None not in {told[name] for name in ("brand_count", "loudness", "loudness_range", "trust", "pause_share")}
    assert {marker.name for marker in sheet.markers if marker.at_s is not None} >= {"greeting", "price"}
    page = work_page(cast.acting("owner"), asset.uuid, now=NOW)
    assert ([stage.state for stage in page.stages], page.live) == ([StageState.DONE] * 6, False)
    assert audit.verify(asset.uuid).ok
    costs = stage_costs(asset.uuid)
    assert all(cost.cpu_s >= 0 for cost in costs)


@pytest.mark.slow
@pytest.mark.req("S2-32")
def test_a_short_video_is_refused_with_its_reason(cast: Cast, tmp_path) -> None:
    path = clip(tmp_path / "short.mp4", seconds=4, picture="testsrc2=s=480x640:r=15")
    asset = hand_in(cast, content=path.read_bytes())
    jobs.drain("media")
    asset.refresh_from_db()
    assert asset.state == AssetState.REJECTED
    page = work_page(cast.acting("owner"), asset.uuid, now=NOW)
    assert page.reasons == ["视频长 4.0 秒，不足 60 秒，请补足时长后上传。"]
    assert [stage.state for stage in page.stages] == [
        StageState.DONE, StageState.REFUSED, *[StageState.TODO] * 4,
    ]  # fmt: skip
    assert (page.can_replace, page.live) == (True, False)
    newer = hand_in(cast, content=path.read_bytes(), replaces=asset.uuid)
    asset.refresh_from_db()
    assert (asset.state, newer.replaces) == (AssetState.REPLACED, asset)


def test_what_a_decision_waives_stops_no_work(cast: Cast, tmp_path) -> None:
    """A video without any sound, which is refused, comes to the examiners where a decision waives its sound."""
    path = clip(tmp_path / "signed.mp4", seconds=60, picture="testsrc2=s=480x640:r=3", sound=None)
    asset = hand_in(cast, content=path.read_bytes())
    decision = cast.uuid("chief")
    waived = ["audio_present", "silence", "speech_share", "speech_rate", "brand_named", "required_statements"]
    waive_checks(work=asset.uuid, checks=waived, decision=decision, now=NOW)
    jobs.drain("media")
    asset.refresh_from_db()
    assert (asset.state, asset.refusal) == (AssetState.READY, [])
    checks = {check.name: check for check in evidence_of(asset.uuid).checks}
    assert {(checks[name].verdict, checks[name].note, checks[name].metric) for name in waived} == {
        ("not_run", "经决定免检。", "")
    }
    assert checks["duration"].verdict == "pass"
    # What judged it is kept whole; the figures of a waived ability are nobody's.
    (run,) = StageRun.objects.filter(stage="measure").select_related("thresholds")
    assert run.thresholds == CheckThresholds.objects.get()
    assert run.thresholds.content["min_duration_s"] == 60.0
    assert f"thresholds {run.thresholds.content_hash[:8]}" in run.version
    stored = FeatureSheet.objects.get(asset=asset)
    assert {each["value"] for each in stored.content["features"]} == {None}
    with pytest.raises(NotWaivable):
        waive_checks(work=asset.uuid, checks=["duration"], decision=decision, now=NOW)


def test_text_named_mp4_is_refused_at_the_first_stage(cast: Cast) -> None:
    asset = hand_in(cast, content=b"ffconcat version 1.0\nfile /etc/passwd\n")
    jobs.drain("media")
    asset.refresh_from_db()
    assert (asset.state, [reason["code"] for reason in asset.refusal]) == (AssetState.REJECTED, ["not_a_video"])
    assert MediaAsset.objects.filter(moved_at__gt=F("created_at")).count() == 1
