"""Picture and sound checks on real files through real ffmpeg (domain 4.5, test cases)."""

import wave

import av
import numpy as np
import pytest

from media_pipeline.stages.types import Verdict
from tests.media_pipeline.clips import VOICE, checks_of, clip, code_of, ffmpeg, run

LARGE = "testsrc2=s=1280x720:r=30"


@pytest.mark.req("S2-32")
@pytest.mark.parametrize("seconds,verdict,metric", ((59.9, Verdict.FAIL, 59.9), (60.0, Verdict.PASS, 60.0)))
def test_a_minute_is_a_minute(tmp_path, seconds, verdict, metric):
    source = clip(tmp_path / "work.mp4", seconds=seconds, picture="testsrc2=s=160x120:r=10")
    facts, _, _ = run(source, tmp_path / "out", "intake", "measure")
    check = checks_of(facts)["duration"]
    assert (check.verdict, check.metric, check.threshold) == (verdict, metric, 60.0)


def test_an_ntsc_minute_of_1800_pictures_passes(tmp_path):
    # 1798 pictures at 29.97 last 59.993 s: half-up to a tenth that is a minute.
    source = clip(tmp_path / "work.mp4", seconds=60, picture="testsrc2=s=160x120:r=30000/1001")
    facts, _, _ = run(source, tmp_path / "out", "intake", "measure")
    assert checks_of(facts)["duration"].verdict is Verdict.PASS


def test_the_encoding_path_makes_every_file(tmp_path):
    source = clip(
        tmp_path / "work.mp4",
        picture=LARGE,
        options=("-b:v", "6M", "-minrate", "6M", "-maxrate", "6M", "-bufsize", "1M", "-nal-hrd", "cbr"),
    )
    facts, files, _ = run(source, tmp_path / "out", "intake", "measure")
    assert facts["measure"]["remuxed"] is False
    assert facts["measure"]["proxy_size"] == [854, 480]
    assert set(files) == {"proxy", "wav", "poster", "thumbs", "waveform"}
    with wave.open(str(files["wav"])) as wav:
        assert (wav.getframerate(), wav.getnchannels(), wav.getsampwidth()) == (16000, 1, 2)
        assert wav.getnframes() / 16000 == pytest.approx(4, abs=0.1)


def test_a_light_upload_is_remuxed_without_its_metadata(tmp_path):
    source = clip(tmp_path / "work.mp4", options=("-metadata", "location=+26.07+119.30/", "-metadata", "title=secret"))
    facts, files, _ = run(source, tmp_path / "out", "intake", "measure")
    assert facts["measure"]["remuxed"] is True
    content = files["proxy"].read_bytes()
    assert b"+26.07" not in content
    assert b"secret" not in content
    assert content.index(b"moov") < content.index(b"mdat")


def test_a_rotated_phone_video_is_portrait(tmp_path):
    flat = clip(tmp_path / "flat.mp4", picture="testsrc2=s=854x480:r=15")
    turned = tmp_path / "turned.mp4"

    ffmpeg(
        "-display_rotation", "90", "-i", str(flat), "-c", "copy", str(turned)
    ) if _has_display_rotation() else ffmpeg("-i", str(flat), "-c", "copy", "-metadata:s:v", "rotate=90", str(turned))
    facts, _, _ = run(turned, tmp_path / "out", "intake", "measure")
    assert code_of(checks_of(facts)["rotation"]) == "portrait"
    assert (checks_of(facts)["resolution"].metric, checks_of(facts)["resolution"].verdict) == (480, Verdict.WARN)


def _has_display_rotation() -> bool:
    from django.conf import settings

    from media_pipeline.engines.ffmpeg import ffmpeg_version, find_ffmpeg

    major = ffmpeg_version(find_ffmpeg(settings.FFMPEG)).split(".")[0]
    return not major.isdigit() or int(major) >= 6


@pytest.mark.parametrize(
    "size,verdict", (("640x360", Verdict.FAIL), ("854x480", Verdict.WARN), ("720x1280", Verdict.PASS))
)
def test_the_short_side_counts(tmp_path, size, verdict):
    source = clip(tmp_path / "work.mp4", seconds=1, picture=f"testsrc2=s={size}:r=15")
    facts, _, _ = run(source, tmp_path / "out", "intake", "measure")
    assert checks_of(facts)["resolution"].verdict is verdict


def test_ten_pictures_a_second_warn(tmp_path):
    source = clip(tmp_path / "work.mp4", picture="testsrc2=s=160x120:r=10")
    facts, _, _ = run(source, tmp_path / "out", "intake", "measure")
    check = checks_of(facts)["frame_rate"]
    assert (check.verdict, check.metric) == (Verdict.WARN, 10.0)


def test_black_in_the_middle_is_not_also_frozen(tmp_path):
    picture = "testsrc2=s=160x120:r=15,drawbox=t=fill:c=black:enable='between(t,4,7)'"
    source = clip(tmp_path / "work.mp4", seconds=12, picture=picture)
    facts, _, _ = run(source, tmp_path / "out", "intake", "measure")
    checks = checks_of(facts)
    assert checks["black"].verdict is Verdict.WARN
    ((start, end),) = checks["black"].ranges
    assert [start, end] == pytest.approx([4, 7], abs=0.35)
    assert checks["frozen"].verdict is Verdict.PASS


def test_a_still_picture_fails_to_its_last_second(tmp_path):
    source = clip(tmp_path / "work.mp4", seconds=10, picture="color=c=teal:s=160x120:r=15")
    facts, _, refused = run(source, tmp_path / "out", "intake", "measure")
    check = checks_of(facts)["frozen"]
    assert check.verdict is Verdict.FAIL
    assert check.ranges[-1][1] == pytest.approx(10, abs=0.1)
    assert "mostly_frozen" in refused


def test_no_sound_and_digital_silence_fail(tmp_path):
    mute = clip(tmp_path / "mute.mp4", sound=None)
    facts, files, refused = run(mute, tmp_path / "a", "intake", "measure")
    assert "no_sound_track" in refused
    assert "wav" not in files
    assert checks_of(facts)["silence"].verdict is Verdict.NOT_RUN
    silent = clip(tmp_path / "silent.mp4", sound="anullsrc=r=16000:cl=mono")
    facts, _, refused = run(silent, tmp_path / "b", "intake", "measure")
    assert "silent_track" in refused
    assert checks_of(facts)["loudness"].verdict is Verdict.NOT_RUN


def test_a_hole_of_ten_seconds_is_found(tmp_path):
    source = clip(tmp_path / "work.mp4", seconds=30, sound=f"{VOICE},volume=0:enable='between(t,10,20)'")
    facts, _, _ = run(source, tmp_path / "out", "intake", "measure")
    check = checks_of(facts)["silence"]
    assert check.verdict is Verdict.WARN
    ((start, end),) = check.ranges
    assert [start, end] == pytest.approx([10, 20], abs=0.2)


@pytest.mark.parametrize(
    "sound,name,code",
    (
        ("sine=f=300:r=16000,volume=-26dB", "loudness", "inaudible"),
        ("sine=f=300:r=16000,volume=40dB", "clipping", "peaks_high"),
        ("sine=f=300:r=16000,volume=14dB", "loudness", "too_loud"),
    ),
)
def test_levels(tmp_path, sound, name, code):
    source = clip(tmp_path / "work.mp4", seconds=6, sound=sound)
    facts, _, _ = run(source, tmp_path / "out", "intake", "measure")
    check = checks_of(facts)[name]
    assert (check.verdict, code_of(check)) == (Verdict.WARN, code)


def test_a_dark_and_a_blurred_video_are_remarked(tmp_path):
    source = clip(tmp_path / "work.mp4", seconds=6, picture="testsrc2=s=320x240:r=15,gblur=sigma=20,eq=brightness=-0.6")
    facts, _, _ = run(source, tmp_path / "out", "intake", "measure")
    checks = checks_of(facts)
    assert (checks["dark"].verdict, checks["blur"].verdict) == (Verdict.INFO, Verdict.INFO)


def test_a_late_sound_track_keeps_the_players_seconds(tmp_path):

    picture = clip(tmp_path / "picture.mp4", seconds=8, sound=None)
    sound = clip(tmp_path / "sound.mp4", seconds=4)
    late = tmp_path / "late.mp4"
    ffmpeg(
        "-i", str(picture), "-itsoffset", "3", "-i", str(sound), "-map", "0:v", "-map", "1:a", "-c", "copy", str(late)
    )
    facts, files, _ = run(late, tmp_path / "out", "intake", "measure")
    ((start, end),) = facts["measure"]["silences"][:1]
    assert [start, end] == pytest.approx([0, 3], abs=0.1)
    with wave.open(str(files["wav"])) as wav:
        assert wav.getnframes() / 16000 == pytest.approx(7, abs=0.15)


@pytest.mark.parametrize("channels", (2, 6))
def test_the_sound_of_a_telephone_is_kept_and_too_many_channels_are_mixed(tmp_path, channels):
    heavy = ("-b:v", "6M", "-minrate", "6M", "-maxrate", "6M", "-bufsize", "1M", "-nal-hrd", "cbr")
    source = clip(tmp_path / "work.mp4", picture=LARGE, options=(*heavy, "-ac", str(channels)))
    late = tmp_path / "late.mp4"
    ffmpeg(
        *("-i", str(source), "-itsoffset", "1.5", "-i", str(source)),
        *("-map", "0:v", "-map", "1:a", "-t", "4", "-c", "copy", str(late)),
    )
    facts, files, _ = run(late, tmp_path / "out", "intake", "measure")
    assert facts["measure"]["remuxed"] is False
    with av.open(str(files["proxy"])) as shown:
        (sound,) = shown.streams.audio
        assert (sound.codec_context.name, sound.codec_context.channels) == ("aac", 2)
        packets = [packet for packet in shown.demux(sound) if packet.dts is not None]
        sizes = [packet.size for packet in packets]
        frames = (frame for packet in packets for frame in sound.codec_context.decode(packet))
        heard = next(frame for frame in frames if np.abs(frame.to_ndarray()).max() > 0.01)
    with av.open(str(late)) as upload:
        originals = [packet.size for packet in upload.demux(upload.streams.audio[0]) if packet.dts is not None]
    assert (sizes == originals) == (channels == 2), "two channels are copied, not encoded again"
    assert heard.time == pytest.approx(1.5, abs=0.1), "in time with the picture"


def test_webm_without_a_length_is_measured(tmp_path):

    source = tmp_path / "live.webm"
    ffmpeg(
        *("-f", "lavfi", "-t", "3", "-i", "testsrc2=s=160x120:r=15", "-f", "lavfi", "-t", "3", "-i", VOICE),
        *(
            "-c:v",
            "libvpx",
            "-deadline",
            "realtime",
            "-cpu-used",
            "8",
            "-c:a",
            "libopus",
            "-f",
            "webm",
            "-live",
            "1",
            str(source),
        ),
    )
    facts, files, _ = run(source, tmp_path / "out", "intake", "measure")
    assert facts["measure"]["duration_s"] == 3.0
    assert checks_of(facts)["decodable"].verdict is Verdict.PASS
    assert "proxy" in files


@pytest.mark.parametrize("transfer", ("smpte2084", "arib-std-b67"))
def test_hdr_is_tone_mapped_even_where_its_matrix_is_not_told(tmp_path, transfer):
    source = tmp_path / "hdr.mp4"
    ffmpeg(
        *("-f", "lavfi", "-t", "1", "-i", "testsrc2=s=320x240:r=15", "-f", "lavfi", "-t", "1", "-i", VOICE),
        *(
            "-vf",
            "format=yuv420p10le",
            "-c:v",
            "libx265",
            "-preset",
            "ultrafast",
            "-x265-params",
            f"log-level=none:transfer={transfer}",
        ),
        *("-color_trc", transfer, "-c:a", "aac", str(source)),
    )
    facts, files, _ = run(source, tmp_path / "out", "intake", "measure")
    assert facts["measure"]["remuxed"] is False
    assert facts["measure"]["duration_s"] == 1.0
    proxy, _, _ = run(files["proxy"], tmp_path / "again", "intake")
    video = proxy["intake"]["media"]["video"]
    assert (video["codec"], video["pixel_format"], video["color_transfer"]) == ("h264", "yuv420p", 1)
