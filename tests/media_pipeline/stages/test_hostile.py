"""Files that strangers send: nothing outside the upload is read, nothing large is decoded, nothing half is accepted."""

import struct

import pytest

from media_pipeline.stages.types import Verdict
from tests.media_pipeline.clips import checks_of, clip, ffmpeg, run


@pytest.mark.parametrize(
    "content",
    (
        b"dear examiner, this is my video\n" * 40,
        b"ffconcat version 1.0\nfile other.mp4\n",
        b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n",
        b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nm=video 5004 RTP/AVP 96\n",
        b"<svg xmlns='http://www.w3.org/2000/svg'><image href='file:///etc/passwd'/></svg>",
        b"\x89PNG\r\n\x1a\n" + bytes(200),
    ),
    ids=("text", "ffconcat", "m3u8", "sdp", "svg", "png"),
)
def test_what_is_no_video_is_refused_by_content(tmp_path, content):
    clip(tmp_path / "other.mp4", seconds=1)
    source = tmp_path / "work.mp4"
    source.write_bytes(content)
    facts, _, refused = run(source, tmp_path / "out", "intake", "measure")
    assert refused == ["not_a_video"]
    assert "measure" not in facts


def test_a_suffix_does_not_matter(tmp_path):
    source = clip(tmp_path / "work.mp4", seconds=1).rename(tmp_path / "work.txt")
    facts, _, _ = run(source, tmp_path / "out", "intake")
    assert checks_of(facts)["container"].verdict is Verdict.PASS


def test_an_empty_file(tmp_path):
    source = tmp_path / "work.mp4"
    source.touch()
    assert run(source, tmp_path / "out", "intake")[2] == ["empty_file"]


def test_garbage_behind_a_true_beginning(tmp_path):
    source = tmp_path / "work.mp4"
    source.write_bytes(clip(tmp_path / "good.mp4", seconds=1).read_bytes()[:64] + bytes(range(256)) * 40)
    assert run(source, tmp_path / "out", "intake")[2] == ["unreadable"]


def test_a_truncated_file_with_its_header_in_front(tmp_path):
    good = clip(tmp_path / "good.mp4", seconds=20, options=("-movflags", "+faststart"))
    source = tmp_path / "work.mp4"
    source.write_bytes(good.read_bytes()[: good.stat().st_size // 3])
    facts, _, refused = run(source, tmp_path / "out", "intake", "measure")
    assert refused[0] == "truncated"
    assert facts["intake"]["media"]["video"]["duration_s"] == pytest.approx(20, abs=0.1)
    reached = checks_of(facts)["decodable"].metric
    assert isinstance(reached, float)
    assert reached < 10


def test_sound_without_picture_and_cover_art(tmp_path):
    sound = tmp_path / "sound.mov"
    ffmpeg("-f", "lavfi", "-t", "2", "-i", "sine", "-c:a", "aac", str(sound))
    assert run(sound, tmp_path / "a", "intake")[2] == ["no_video_track"]
    cover, song = tmp_path / "cover.jpg", tmp_path / "song.mp4"
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=160x120", "-frames:v", "1", str(cover))
    ffmpeg(
        "-i",
        str(sound),
        "-i",
        str(cover),
        "-map",
        "0",
        "-map",
        "1",
        "-c",
        "copy",
        "-disposition:v:0",
        "attached_pic",
        str(song),
    )
    assert run(song, tmp_path / "b", "intake")[2] == ["cover_only"]


def test_a_picture_too_large_to_decode(tmp_path):
    source = clip(tmp_path / "work.mp4", seconds=0.2, picture="color=s=4096x2304:r=5", sound=None)
    facts, _, refused = run(source, tmp_path / "out", "intake")
    assert refused == ["too_many_pixels"]
    assert facts["intake"]["media"].get("video") is None


def test_ten_hours_in_a_few_kilobytes_are_not_decoded(tmp_path):
    source = tmp_path / "work.mp4"
    good = clip(tmp_path / "good.mp4", seconds=2, picture="color=s=160x120:r=1", sound=None).read_bytes()
    source.write_bytes(_stretched(good, 20_000))
    facts, _, refused = run(source, tmp_path / "out", "intake", "measure")
    assert refused == ["too_long"]
    assert "measure" not in facts


def _stretched(content: bytes, factor: int) -> bytes:
    """The same mp4 with a time scale so small that its pictures last hours."""
    changed = bytearray(content)
    for box, offset in ((b"mvhd", 16), (b"mdhd", 16)):
        place = content.index(box) + offset
        scale = struct.unpack(">I", changed[place : place + 4])[0]
        changed[place : place + 4] = struct.pack(">I", max(1, scale // factor))
    return bytes(changed)


def test_flv_and_ts_are_read_with_a_warning(tmp_path):
    for name in ("work.flv", "work.ts", "work.avi"):
        source = clip(tmp_path / name, seconds=2, options=("-ar", "44100"))
        facts, _, _ = run(source, tmp_path / f"out-{name}", "intake", "measure")
        assert checks_of(facts)["container"].verdict is Verdict.WARN
        assert facts["measure"]["duration_s"] == pytest.approx(2, abs=0.11)
