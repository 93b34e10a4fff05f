"""Rows of domain 4.5 for container, picture and sound that `test_measure_real` and `test_hostile` do not show: a clip that
passes them all, and for each one that does not. Small clips, and thresholds as short as they are where length is not the point.
"""

import struct
import wave

import av
import numpy as np
import pytest

from media_pipeline.stages.intake import read_length
from media_pipeline.stages.measure_checks import picture_faults
from media_pipeline.stages.measure_read import Detected
from media_pipeline.stages.thresholds import Thresholds, thresholds_in
from media_pipeline.stages.types import Reason, Request, Verdict
from tests.media_pipeline.clips import VOICE, checks_of, clip, code_of, ffmpeg, run

SHORT = Thresholds(min_duration_s=2.0, long_duration_s=20.0, max_duration_s=30.0)
TINY = "testsrc2=s=160x120:r=15"
# Loud and soft by turns: pink noise is found loud enough by every measure and clips nowhere.
SPEECHLIKE = "anoisesrc=c=pink:r=16000:seed=7,volume=-4dB"


@pytest.fixture(scope="session")
def good(tmp_path_factory):
    """Five seconds with nothing to find: portrait 720p, moving, sharp, lit, with sound of a good level."""
    path = tmp_path_factory.mktemp("good") / "good.mp4"
    return clip(path, seconds=5, picture="testsrc2=s=720x1280:r=15", sound=SPEECHLIKE)


@pytest.fixture(scope="session")
def tiny(tmp_path_factory):
    return clip(tmp_path_factory.mktemp("tiny") / "tiny.mp4", seconds=8, picture="testsrc2=s=160x120:r=5")


def test_a_good_clip_passes_every_row(good, tmp_path):
    facts, _, refused = run(good, tmp_path, "intake", "measure", thresholds=SHORT)
    checks = checks_of(facts)
    info = {name for name, check in checks.items() if check.verdict is Verdict.INFO}
    assert refused == []
    assert info == {"rotation"}
    assert {check.verdict for name, check in checks.items() if name not in info} == {Verdict.PASS}
    assert set(checks) == {
        *("container", "size", "decodable", "duration", "resolution", "frame_rate", "rotation", "audio_present"),
        *("loudness", "clipping", "silence", "black", "frozen", "dark", "blur"),
    }
    # What is measured says its figure and its boundary.
    assert all(
        check.metric is not None and check.threshold is not None for check in checks.values() if check.name not in info
    )


@pytest.mark.parametrize("over,verdict", ((0, Verdict.PASS), (1, Verdict.FAIL)))
def test_a_byte_decides_the_size(good, tmp_path, over, verdict):
    limit = Thresholds(max_bytes=good.stat().st_size - over)
    facts, _, refused = run(good, tmp_path, "intake", thresholds=limit)
    assert checks_of(facts)["size"].verdict is verdict
    assert refused == (["too_big"] if over else [])


@pytest.mark.parametrize(
    "limits,verdict,code",
    (
        (Thresholds(min_duration_s=8.1), Verdict.FAIL, "too_short"),
        (Thresholds(min_duration_s=2, long_duration_s=7.9), Verdict.WARN, "rather_long"),
        (Thresholds(min_duration_s=2, long_duration_s=3, max_duration_s=7.9), Verdict.FAIL, "too_long"),
    ),
    ids=("short", "rather-long", "long"),
)
def test_every_boundary_of_the_duration(tiny, tmp_path, limits, verdict, code):
    facts, _, _ = run(tiny, tmp_path, "intake", "measure", thresholds=limits)
    check = checks_of(facts)["duration"]
    assert (check.verdict, check.metric, code_of(check)) == (verdict, 8.0, code)


def test_a_promise_of_half_an_hour_and_a_second_is_not_decoded():
    t = Thresholds()
    assert read_length({"video": {"duration_s": 1800.0}, "duration_s": None}, t) == []
    (check,) = read_length({"video": {"duration_s": 1801.0}, "duration_s": None}, t)
    assert (check.verdict, code_of(check)) == (Verdict.FAIL, "too_long")


@pytest.mark.req("S2-32")
def test_seventy_seconds_promised_and_forty_there(tmp_path):
    whole = clip(
        tmp_path / "whole.mp4", seconds=70, picture="testsrc2=s=160x120:r=5", options=("-movflags", "+faststart")
    )
    with av.open(str(whole)) as opened:
        video = opened.streams.video[0]
        cut = next(packet.pos for packet in opened.demux(video) if packet.pts and packet.pts * packet.time_base >= 40)
    source = tmp_path / "work.mp4"
    source.write_bytes(whole.read_bytes()[:cut])
    facts, _, refused = run(source, tmp_path / "out", "intake", "measure")
    assert facts["intake"]["media"]["video"]["duration_s"] == pytest.approx(70, abs=0.01)
    check = checks_of(facts)["decodable"]
    assert (check.verdict, check.threshold) == (Verdict.FAIL, 70.0)
    assert check.metric == pytest.approx(40, abs=0.5)
    assert refused[:2] == ["truncated", "too_short"]


def test_the_header_alone_makes_no_minute(tmp_path):
    # The movie's header says 70 s, its track holds 40: what decodes counts.
    good = bytearray(
        clip(tmp_path / "good.mp4", seconds=40, picture="testsrc2=s=160x120:r=5", sound=VOICE).read_bytes()
    )
    place = good.index(b"mvhd") + 16
    (scale,) = struct.unpack(">I", good[place : place + 4])
    good[place + 4 : place + 8] = struct.pack(">I", 70 * scale)
    source = tmp_path / "work.mp4"
    source.write_bytes(good)
    facts, _, refused = run(source, tmp_path / "out", "intake", "measure")
    assert "too_short" in refused
    assert checks_of(facts)["duration"].metric == 40.0


@pytest.mark.parametrize("light", (True, False), ids=("remuxed", "encoded"))
def test_a_rotated_video_stays_upright_in_the_proxy(tmp_path, light):
    heavy = ("-b:v", "4M", "-minrate", "4M", "-maxrate", "4M", "-bufsize", "1M", "-nal-hrd", "cbr")
    flat = clip(tmp_path / "flat.mp4", seconds=2, picture="testsrc2=s=854x480:r=15", options=() if light else heavy)
    turned = tmp_path / "turned.mp4"
    turned.write_bytes(_turned(flat.read_bytes()))
    facts, files, _ = run(turned, tmp_path / "out", "intake", "measure", thresholds=SHORT)
    assert facts["measure"]["remuxed"] is light
    assert code_of(checks_of(facts)["rotation"]) == "portrait"
    assert facts["measure"]["proxy_size"] == [480, 854]
    shown = run(files["proxy"], tmp_path / "again", "intake")[0]["intake"]["media"]["video"]
    assert (shown["width"], shown["height"]) == (480, 854)


def _turned(content: bytes) -> bytes:
    """The same mp4 with the matrix of a telephone held upright in its first track header."""
    changed = bytearray(content)
    place = changed.index(b"tkhd") + 4 + 40
    one = 1 << 16
    changed[place : place + 36] = struct.pack(">9i", 0, one, 0, -one, 0, 0, 0, 0, 1 << 30)
    return bytes(changed)


def test_several_tracks_mono_and_stereo(tmp_path):
    picture = clip(tmp_path / "picture.mp4", seconds=4, sound=None)
    stereo = "aevalsrc=0.3*sin(600*PI*t)|0.2*sin(800*PI*t):s=44100:d=4"
    both = tmp_path / "both.mp4"
    ffmpeg(
        *("-i", str(picture), "-f", "lavfi", "-i", "anullsrc=r=44100:cl=mono:d=4", "-f", "lavfi", "-i", stereo),
        *("-map", "0:v", "-map", "1:a", "-map", "2:a", "-c:v", "copy", "-c:a", "aac"),
        *("-disposition:a:0", "0", "-disposition:a:1", "default", "-shortest", str(both)),
    )
    facts, files, refused = run(both, tmp_path / "out", "intake", "measure", thresholds=SHORT)
    track = facts["intake"]["media"]["audio"]
    assert (track["channels"], track["tracks"], track["number"]) == (2, 2, 2)
    heard = checks_of(facts)["audio_present"]
    assert (heard.verdict, heard.note) == (Verdict.PASS, Reason("several_tracks", {"count": 2, "number": 2}))
    assert not {"silent_track", "no_sound_track"} & set(refused)
    with wave.open(str(files["wav"])) as wav:
        assert wav.getnchannels() == 1
        assert np.frombuffer(wav.readframes(8000), "<i2").std() > 1000
    proxy = run(files["proxy"], tmp_path / "again", "intake")[0]["intake"]["media"]
    assert proxy["audio"]["tracks"] == 1


def test_a_variable_frame_rate_is_measured_by_its_clock(tmp_path):
    # 30 pictures a second for two seconds, then 6 for four: 84 pictures in 6 s.
    source = clip(
        tmp_path / "vfr.mp4", seconds=6, picture="testsrc2=s=160x120:r=30,select='lt(t,2)+not(mod(n,5))'",
        options=("-fps_mode", "vfr"),
    )  # fmt: skip
    facts, _, _ = run(source, tmp_path / "out", "intake", "measure", thresholds=SHORT)
    checks = checks_of(facts)
    assert checks["duration"].metric == pytest.approx(6.0, abs=0.1)
    assert checks["frame_rate"].verdict is Verdict.WARN
    assert checks["frame_rate"].metric == pytest.approx(14.1, abs=0.3)
    assert checks["decodable"].verdict is Verdict.PASS


@pytest.mark.parametrize(
    "sound,name,verdict,code",
    (
        ("sine=f=300:r=16000,volume=-12dB", "loudness", Verdict.WARN, "too_quiet"),
        ("anoisesrc=c=pink:r=16000:seed=3,volume=-40dB", "silence", Verdict.FAIL, "mostly_silent"),
        (f"{SPEECHLIKE},volume=0:enable='between(mod(t,8),1,4)'", "silence", Verdict.WARN, "often_silent"),
    ),
    ids=("quiet", "all-silent", "often-silent"),
)
def test_quiet_and_silent(tmp_path, sound, name, verdict, code):
    source = clip(tmp_path / "work.mp4", seconds=16, sound=sound)
    facts, _, _ = run(source, tmp_path / "out", "intake", "measure", thresholds=SHORT)
    check = checks_of(facts)[name]
    assert (check.verdict, code_of(check)) == (verdict, code)
    assert checks_of(facts)["audio_present"].verdict is Verdict.PASS


def test_a_still_photo_for_a_third(tmp_path):
    # A still picture with a voice: 4 of 12 seconds.
    picture = f"{TINY},loop=loop=60:size=1:start=45"
    source = clip(tmp_path / "work.mp4", seconds=12, picture=picture, sound=SPEECHLIKE)
    check = checks_of(run(source, tmp_path / "out", "intake", "measure", thresholds=SHORT)[0])["frozen"]
    assert (check.verdict, code_of(check)) == (Verdict.WARN, "some_frozen")
    ((start, end),) = check.ranges
    assert [start, end] == pytest.approx([3, 7], abs=0.5)


def test_mostly_black_is_refused_and_not_called_frozen(tmp_path):
    picture = f"{TINY},drawbox=t=fill:c=black:enable='lt(t,4)'"
    source = clip(tmp_path / "work.mp4", seconds=8, picture=picture, sound=SPEECHLIKE)
    facts, _, refused = run(source, tmp_path / "out", "intake", "measure", thresholds=SHORT)
    assert "mostly_black" in refused
    assert checks_of(facts)["frozen"].verdict is Verdict.PASS


def test_the_boundary_that_was_crossed_is_the_one_that_is_told():
    t = Thresholds()
    (share, _) = picture_faults(Detected(((0.0, 1.9),), (), ()), 60.0, t)
    assert (share.verdict, share.metric, share.threshold, code_of(share)) == (Verdict.WARN, 0.032, 0.03, "often_black")
    (seconds, _) = picture_faults(Detected(((0.0, 2.1),), (), ()), 600.0, t)
    assert (seconds.verdict, seconds.metric, seconds.threshold) == (Verdict.WARN, 2.1, 2.0)


def test_hdr_looks_as_it_was_meant(tmp_path):
    """A picture recorded as PQ comes out as bright and as coloured as it is in SDR; untouched it would be washed out."""
    draw = "smptebars=s=320x240:r=5"
    hdr = (
        "zscale=t=linear:npl=203:tin=bt709:min=bt709:pin=bt709:rin=tv,format=gbrpf32le,"
        "zscale=p=bt2020:t=smpte2084:m=bt2020nc:r=tv:npl=203,format=yuv420p10le"
    )
    source = tmp_path / "hdr.mp4"
    colours = ("-color_primaries", "bt2020", "-color_trc", "smpte2084", "-colorspace", "bt2020nc")
    ffmpeg(
        *(
            "-f",
            "lavfi",
            "-t",
            "2",
            "-i",
            f"{draw},setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709",
        ),
        *("-f", "lavfi", "-t", "2", "-i", VOICE, "-vf", hdr, "-c:v", "libx265", "-preset", "ultrafast"),
        *("-x265-params", "log-level=none", *colours, "-c:a", "aac", str(source)),
    )
    plain = clip(tmp_path / "sdr.mp4", seconds=2, picture=draw)
    _, files, _ = run(source, tmp_path / "out", "intake", "measure", thresholds=SHORT)
    (light, colour), (was_light, was_colour), (_, raw_colour) = map(_look, (files["proxy"], plain, source))
    assert light == pytest.approx(was_light, abs=10)
    assert colour > 0.8 * was_colour
    assert raw_colour < 0.4 * was_colour  # what the test is about


def _look(path):
    """(mean luma, mean distance from grey) of the first picture, both of 255, read as plain 8-bit video."""
    with av.open(str(path)) as opened:
        frame = next(opened.decode(video=0))
        planes = [np.asarray(plane, dtype=np.float32) for plane in _planes(frame)]
    luma, blue, red = planes
    return float(luma.mean()), float((np.abs(blue - 128) + np.abs(red - 128)).mean())


def _planes(frame):
    deep = 4 if frame.format.name.endswith("10le") else 1
    kind = "<u2" if deep == 4 else "u1"
    return [
        np.frombuffer(bytes(plane), kind).reshape(plane.height, -1)[:, : plane.width] / deep for plane in frame.planes
    ]


def test_a_recording_is_looked_at_and_not_encoded(tmp_path):
    limits = thresholds_in().of("recording")
    picture = f"{TINY},drawbox=t=fill:c=black:enable='between(t,300,395)'"
    source = clip(
        tmp_path / "class.mp4", seconds=625, picture=picture.replace("r=15", "r=2"), sound=f"{VOICE},volume=0:enable='gt(t,500)'",
        options=("-g", "10"),
    )  # fmt: skip
    facts, files, refused = run(source, tmp_path / "out", "intake", "measure", thresholds=limits)
    checks = checks_of(facts)
    assert (refused, set(files), facts["measure"]["remuxed"]) == ([], {"proxy", "poster"}, True)
    assert set(checks) == {"container", "size", "decodable", "duration", "audio_present", "silence", "black"}
    assert (checks["duration"].verdict, checks["duration"].metric) == (Verdict.PASS, 625.0)
    assert checks["black"].verdict is Verdict.WARN
    ((start, end),) = checks["black"].ranges
    assert [start, end] == pytest.approx([300, 395], abs=5.5)
    ((start, end),) = checks["silence"].ranges
    assert [start, end] == pytest.approx([500, 625], abs=0.3)


@pytest.mark.slow
def test_music_is_no_speech(tmp_path):
    chord = "aevalsrc='0.2*sin(523*PI*t)+0.2*sin(659*PI*t)+0.2*sin(784*PI*t*(1+0.002*sin(8*t)))':s=16000"
    source = clip(tmp_path / "music.mp4", seconds=8, sound=chord, picture="testsrc2=s=480x640:r=5")
    facts, _, _ = run(source, tmp_path / "out", "intake", "measure", "transcribe", thresholds=SHORT)
    found = checks_of(facts)
    assert (found["speech_share"].verdict, found["speech_share"].metric) == (Verdict.WARN, 0.0)
    assert found["language"].verdict is Verdict.NOT_RUN
    assert facts["transcribe"]["cues"] == []


def test_a_waived_check_refuses_nothing_and_tells_nothing(tmp_path):
    mute = clip(tmp_path / "mute.mp4", seconds=3, picture="testsrc2=s=854x480:r=15", sound=None)
    asked = Request(waived=("audio_present", "silence", "speech_rate"))
    facts, files, refused = run(
        mute, tmp_path / "out", "intake", "measure", "transcribe", request=asked, thresholds=SHORT
    )
    assert refused == []
    assert "proxy" in files
    found = checks_of(facts)
    for name in asked.waived:
        assert (found[name].verdict, found[name].metric, found[name].note) == (Verdict.NOT_RUN, None, Reason("waived"))
    # What nobody waived still says why it could not run.
    assert code_of(found["loudness"]) == "needs_sound"
    refused_again = run(mute, tmp_path / "other", "intake", "measure", thresholds=SHORT)[2]
    assert refused_again == ["no_sound_track"]
