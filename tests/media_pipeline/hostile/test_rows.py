"""Each row of the notes' table of hostile files, and their relations: made here, examined as an upload is.

Nothing outside the upload is read, nobody is called, nothing large is decoded, nothing half is accepted, and every refusal
is a plain sentence (`examine` looks).
"""

import socket
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from media_pipeline.stages.types import Verdict
from tests.media_pipeline.clips import checks_of, clip, ffmpeg
from tests.media_pipeline.hostile.examine import examine
from tests.media_pipeline.hostile.makers import (
    box,
    elsewhere,
    enormous_hevc,
    stretched,
    swollen,
    with_box,
)
from tests.media_pipeline.hostile.watch import Listener, Watched

SHORT = ["too_short", "low_resolution"]  # a sound file of two seconds: looked at to its end, and only too short

PLAYLIST = b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile:///%s/secret.txt\n#EXTINF:10,\nhttp://127.0.0.1:%d/a.ts\n#EXT-X-ENDLIST\n"
CONCAT = b"ffconcat version 1.0\nfile other.mp4\nfile 'http://127.0.0.1:%d/a.mp4'\n"
DASH = b"<?xml version='1.0'?><MPD><Period><AdaptationSet><BaseURL>http://127.0.0.1:%d/</BaseURL></AdaptationSet></Period></MPD>"
SDP = b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nm=video %d RTP/AVP 96\n"
SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><image href='http://127.0.0.1:%d/'/><image href='file:///etc/passwd'/></svg>"
ASX = b"<asx version='3.0'><entry><ref href='http://127.0.0.1:%d/'/></entry></asx>"


def texts(folder: Path, port: int) -> dict[str, bytes]:
    """Playlists and other texts that make a careless reader open something else."""
    playlist = PLAYLIST % (str(folder).encode().lstrip(b"/"), port)
    return {
        "a letter": b"dear examiner, this is my video\n" * 40,
        "ffconcat": CONCAT % port,
        "m3u8": playlist,
        "m3u8 with a mark of order": b"\xef\xbb\xbf" + playlist,
        "m3u8 in UTF-16": playlist.decode().encode("utf-16"),
        "m3u8 behind spaces": b"\r\n  \t" + playlist,
        "m3u8 packed": zlib.compress(playlist),
        "dash": DASH % port,
        "sdp": SDP % port,
        "svg": SVG % port,
        "asx": ASX % port,
        "index of subtitles": b"# VobSub index file, v7\nid: en, index: 0\nlangidx: 0\n",
        "metadata": b";FFMETADATA1\ntitle=x\n",
        "png": b"\x89PNG\r\n\x1a\n" + bytes(200),
        "zip": b"PK\x03\x04" + bytes(200),
        "one byte": b"\0",
    }


@pytest.mark.parametrize("name", list(texts(Path("/"), 1)))
def test_what_is_no_video_is_refused_by_content(neighbours: Path, listener: Listener, name: str) -> None:
    source = neighbours / "work.mp4"
    source.write_bytes(texts(neighbours, listener.port)[name])
    seen = examine(source, neighbours / "out")
    assert seen.refused == ["not_a_video"]
    assert "measure" not in seen.facts


@pytest.mark.parametrize(
    "disguise,reason",
    (
        (lambda text: box(b"free", b"") + text, "unreadable"),
        (lambda text: box(b"ftyp", b"isom\0\0\2\0isom") + text, "unreadable"),
        (lambda text: b"\x1a\x45\xdf\xa3" + text, "unreadable"),
        (lambda text: b"FLV\x01" + text, "unreadable"),
        (lambda text: b"RIFF\0\0\0\0AVI " + text, "no_video_track"),
        (lambda text: b"".join(b"\x47" + text[:187].ljust(187) for _ in range(50)), "unreadable"),
    ),
    ids=("free box", "ftyp box", "matroska", "flv", "avi", "transport stream"),
)
def test_a_playlist_behind_the_first_bytes_of_a_video(
    neighbours: Path, listener: Listener, disguise: Callable[[bytes], bytes], reason: str
) -> None:
    source = neighbours / "work.mp4"
    source.write_bytes(disguise(CONCAT % listener.port))
    assert examine(source, neighbours / "out").refused == [reason]


def test_the_canaries_sing(watched_file: tuple[Path, Watched], listener: Listener) -> None:
    path, watched = watched_file
    assert watched.touched() == set()
    path.read_text()
    assert watched.touched() == {"watched"}
    socket.create_connection(("127.0.0.1", listener.port)).close()
    assert listener.calls() == 1


@pytest.mark.parametrize("path", ("relative", "absolute"))
def test_an_mp4_whose_media_lies_in_another_file(good: Path, neighbours: Path, path: str) -> None:
    source = neighbours / "work.mp4"
    other = "other.mp4" if path == "relative" else str(neighbours / "other.mp4")
    references = (b"moov", b"trak", b"mdia", b"minf", b"dinf", b"dref")
    source.write_bytes(with_box(good.read_bytes(), references, elsewhere(other)))
    assert examine(source, neighbours / "out").refused == ["no_picture"]


def test_subtitles_that_name_a_file(good: Path, neighbours: Path) -> None:
    words, source = neighbours / "words.srt", neighbours / "work.mkv"
    words.write_text(f"1\n00:00:00,000 --> 00:00:02,000\n<img src=file://{neighbours}/secret.txt>\n")
    ffmpeg("-i", str(good), "-i", str(words), "-map", "0", "-map", "1", "-c", "copy", str(source))
    assert examine(source, neighbours / "out").refused == SHORT


def test_an_attachment_of_many_megabytes_with_a_path_for_a_name(good: Path, neighbours: Path) -> None:
    (neighbours / "font").write_bytes(bytes(range(256)) * 80_000)
    source = neighbours / "work.mkv"
    named = ("-metadata:s:2", "mimetype=font/ttf", "-metadata:s:2", f"filename={neighbours}/pwned")
    ffmpeg("-i", str(good), "-attach", str(neighbours / "font"), *named, "-c", "copy", str(source))
    seen = examine(source, neighbours / "out")
    assert (seen.refused, seen.rss_mb < 300) == (SHORT, True)
    assert not (neighbours / "pwned").exists()


def test_frames_that_swell_when_they_are_unpacked(tmp_path: Path) -> None:
    source = tmp_path / "work.mkv"
    source.write_bytes(swollen(bytes(9_900_000), 20))
    seen = examine(source, tmp_path / "out")
    assert (seen.refused, source.stat().st_size < 250_000, seen.rss_mb < 300) == (["no_picture"], True, True)


def test_five_hundred_tracks(good: Path, tmp_path: Path) -> None:
    words, source = tmp_path / "words.srt", tmp_path / "work.mkv"
    words.write_text("1\n00:00:00,000 --> 00:00:01,000\nx\n")
    maps = ("-map", "0", *("-map", "1") * 500)
    ffmpeg("-i", str(good), "-i", str(words), *maps, "-c", "copy", str(source))
    assert examine(source, tmp_path / "out").refused == ["too_many_tracks"]


def test_other_containers_inside_and_behind(good: Path, tmp_path: Path) -> None:
    video = good.read_bytes()
    matroska = tmp_path / "good.mkv"
    ffmpeg("-i", str(good), "-c", "copy", str(matroska))
    for name, content, reasons in (
        ("a video behind a video", video + video, SHORT),
        ("a video behind a matroska", matroska.read_bytes() + video, SHORT),
        ("a matroska in a box", video + box(b"free", matroska.read_bytes()), SHORT),
        ("a matroska where boxes should be", video[:28] + matroska.read_bytes(), ["unreadable"]),
    ):
        source = tmp_path / "work.mp4"
        source.write_bytes(content)
        assert examine(source, tmp_path / f"out {name}").refused == reasons, name


@pytest.mark.parametrize(
    "options,name",
    (
        (("-output_ts_offset", "-5000", "-avoid_negative_ts", "disabled"), "work.mkv"),
        (("-output_ts_offset", "95000", "-mpegts_copyts", "1"), "work.ts"),
        (("-bsf:v", r"setts=ts=TS+if(gt(N\,9)\,-9/TB\,0)"), "work.flv"),
        # Filling the gap with pictures meets the limit of memory, after ten seconds.
        pytest.param(
            ("-bsf:v", r"setts=ts=TS+if(gt(N\,9)\,36000/TB\,0)", "-live", "1"), "work.mkv", marks=pytest.mark.soak
        ),
    ),
    ids=("negative", "behind the clock's turn", "backwards", "a gap of ten hours"),
)
def test_absurd_times(good: Path, tmp_path: Path, options: tuple[str, ...], name: str) -> None:
    source = tmp_path / name
    ffmpeg("-i", str(good), "-c", "copy", *options, "-ar", "44100", str(source))
    seen = examine(source, tmp_path / "out")
    assert seen.refused
    assert set(seen.refused) <= {*SHORT, "truncated", "too_long", "too_costly", "undecodable"}
    assert seen.wall_s < 60


def test_absurd_sound(tmp_path: Path) -> None:
    whole = clip(tmp_path / "pcm.avi", seconds=1, options=("-c:a", "pcm_s16le")).read_bytes()
    form = whole.index(b"strf", whole.index(b"auds")) + 8
    for name, at, value in (("rate", 4, struct.pack("<I", 0x7FFFFFFF)), ("channels", 2, struct.pack("<H", 255))):
        source = tmp_path / f"{name}.avi"
        source.write_bytes(whole[: form + at] + value + whole[form + at + len(value) :])
        seen = examine(source, tmp_path / f"out-{name}")
        assert (seen.refused, seen.rss_mb < 300) == (["strange_sound"], True), name


def test_absurd_shapes(good: Path, tmp_path: Path) -> None:
    ffmpeg("-i", str(good), "-c", "copy", "-aspect", "60000:1", str(tmp_path / "wide pixels.mp4"))
    clip(tmp_path / "thin.mp4", seconds=1, picture="color=s=16000x16:r=5", sound=None)
    for name in ("wide pixels.mp4", "thin.mp4"):
        assert examine(tmp_path / name, tmp_path / f"out {name}").refused == ["strange_shape"], name


def test_an_enormous_hevc_picture_in_a_few_kilobytes(tmp_path: Path) -> None:
    source = enormous_hevc(tmp_path)
    seen = examine(source, tmp_path / "out")
    assert (seen.refused, source.stat().st_size < 56_000) == (["too_many_pixels"], True)
    assert seen.rss_mb < 200  # careless: 2.4 GB


def test_a_picture_too_large_to_decode(tmp_path: Path) -> None:
    source = clip(tmp_path / "work.mp4", seconds=0.2, picture="color=s=4096x2304:r=5", sound=None)
    seen = examine(source, tmp_path / "out", "intake")
    assert seen.refused == ["too_many_pixels"]
    assert seen.facts["intake"]["media"].get("video") is None


def test_ten_hours_in_a_few_kilobytes_are_not_decoded(tmp_path: Path) -> None:
    source = tmp_path / "work.mp4"
    short = clip(tmp_path / "good.mp4", seconds=2, picture="color=s=160x120:r=1", sound=None).read_bytes()
    source.write_bytes(stretched(short, 20_000))
    seen = examine(source, tmp_path / "out")
    assert (seen.refused, source.stat().st_size < 3000) == (["too_long"], True)
    assert "measure" not in seen.facts


def test_truncated_with_its_header_in_front_or_behind(tmp_path: Path) -> None:
    whole = clip(tmp_path / "good.mp4", seconds=20, options=("-movflags", "+faststart")).read_bytes()
    source = tmp_path / "work.mp4"
    source.write_bytes(whole[: len(whole) // 3])
    seen = examine(source, tmp_path / "front")
    assert seen.refused[0] == "truncated"
    assert seen.facts["intake"]["media"]["video"]["duration_s"] == pytest.approx(20, abs=0.1)
    reached = checks_of(seen.facts)["decodable"].metric
    assert isinstance(reached, float)
    assert reached < 10
    source.write_bytes(clip(tmp_path / "behind.mp4", seconds=2).read_bytes()[:-200])
    assert examine(source, tmp_path / "behind").refused == ["unreadable"]


def test_empty_and_garbage(good: Path, tmp_path: Path) -> None:
    source = tmp_path / "work.mp4"
    source.touch()
    assert examine(source, tmp_path / "empty").refused == ["empty_file"]
    source.write_bytes(good.read_bytes()[:64] + bytes(range(256)) * 40)
    assert examine(source, tmp_path / "garbage").refused == ["unreadable"]


def test_sound_without_picture_and_cover_art(tmp_path: Path) -> None:
    sound, cover, song = tmp_path / "sound.mov", tmp_path / "cover.jpg", tmp_path / "song.mp4"
    ffmpeg("-f", "lavfi", "-t", "2", "-i", "sine", "-c:a", "aac", str(sound))
    assert examine(sound, tmp_path / "a").refused == ["no_video_track"]
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=160x120", "-frames:v", "1", str(cover))
    maps = ("-map", "0", "-map", "1", "-c", "copy", "-disposition:v:0", "attached_pic")
    ffmpeg("-i", str(sound), "-i", str(cover), *maps, str(song))
    assert examine(song, tmp_path / "b").refused == ["cover_only"]


def test_names_that_look_like_options_patterns_and_protocols(good: Path, tmp_path: Path) -> None:
    folder = tmp_path / "-y %03d $(touch pwned) 'concat:a|b',[x];\n片段"
    folder.mkdir()
    source = folder / "-i file:x?=y&z.txt"
    source.write_bytes(good.read_bytes())
    assert examine(source, tmp_path / "out").refused == SHORT
    assert {path.name for path in tmp_path.iterdir()} == {folder.name, "out"}


def test_flv_ts_and_avi_are_read_with_a_warning(tmp_path: Path) -> None:
    for name in ("work.flv", "work.ts", "work.avi"):
        source = clip(tmp_path / name, seconds=2, options=("-ar", "44100"))
        seen = examine(source, tmp_path / f"out-{name}")
        assert checks_of(seen.facts)["container"].verdict is Verdict.WARN
        assert seen.facts["measure"]["duration_s"] == pytest.approx(2, abs=0.11)
