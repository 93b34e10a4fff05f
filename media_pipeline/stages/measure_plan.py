"""The one ffmpeg pass over a work: what to ask for. Pure; `measure_read` reads what it wrote.

One decode feeds: the 480p proxy (or a remux), a clock of every decoded picture, black/freeze/scene at 5 pictures a second
and 240 lines, a sprite of thumbnails with the same pictures in grey, tiny pictures to tell copies by, loudness, level and
silence, and the 16 kHz wav.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ffmpeg

from media_pipeline.stages import prints
from media_pipeline.stages.intake import promised_s
from media_pipeline.stages.ports import Command, Limits
from media_pipeline.stages.thresholds import Thresholds

PROXY, WAV, THUMBS, POSTER, WAVEFORM = "proxy.mp4", "sound.wav", "thumbs.jpg", "poster.jpg", "waveform.json"
CLOCK, DETECT, GREY, SMALL = "clock.txt", "detect.txt", "grey.raw", "small.raw"
FORMATS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,flv,mpegts,avi"

PROXY_SHORT = 480
DETECT_SHORT = 240
DETECT_FPS = prints.RATE
THUMB_SHORT = 120
THUMB_COLUMNS = 10
THUMB_MAX = 100
CLOCK_RATE = 90_000
SOUND_RATE = 16_000
_MAX_PROXY_FPS = 31
# An upload this light is shown as it is: remuxing costs 0.001 CPU-s a second, encoding 0.15.
_REMUX_SHORT = 720
# From this length on key pictures alone are looked at, where few checks are wanted: a short clip may have a single one.
_KEYS_FROM_S = 600
_REMUX_BITS = 2_500_000
# x264's fastest with what shows put back: half-pixel motion, B pictures, CABAC, deblocking, cuts, clean flat areas. Two
# clips with camera grain took 0.17 CPU-s/s with decoding where `superfast` at 27 took 0.21, a quarter and two fifths less
# room, at an SSIM lower by 0.006 and 0.003.
PROXY_ENCODER = {
    "preset": "ultrafast",
    "crf": 28,
    "x264-params": "subme=1:bframes=3:cabac=1:8x8dct=1:deblock=0,0:scenecut=40:aq-mode=1",
}
# Below the job's own limit (runs.jobs), so that a file too dear is refused and not tried again.
_LONGEST_WALL_S = 5400
# SMPTE ST 2084 (PQ) and ARIB STD-B67 (HLG), ITU-T H.273 table 3.
_HDR_TRANSFERS = {16: "smpte2084", 18: "arib-std-b67"}


@dataclass(frozen=True)
class Layout:
    """Sizes and steps that planning and reading share. Sizes are (width, height), even, as displayed."""

    proxy: tuple[int, int]
    detect: tuple[int, int]
    thumb: tuple[int, int]
    thumb_every_s: int
    thumb_rows: int
    remux: bool
    has_sound: bool


def layout(media: Mapping[str, Any], thresholds: Thresholds) -> Layout:
    """Layout of a work from its probe facts."""
    video = media["video"]
    width, height = displayed_size(video)
    seconds = promised_s(media) or thresholds.max_duration_s
    every = max(2, math.ceil(seconds / THUMB_MAX))
    return Layout(
        proxy=_fit(width, height, PROXY_SHORT),
        detect=_fit(width, height, DETECT_SHORT),
        thumb=_fit(width, height, THUMB_SHORT),
        thumb_every_s=every,
        thumb_rows=max(1, math.ceil((seconds // every + 1) / THUMB_COLUMNS)),
        remux=_plays(media) and (bool(thresholds.only) or _is_light(media, min(width, height))),
        has_sound=media["audio"] is not None,
    )


def displayed_size(video: Mapping[str, Any]) -> tuple[int, int]:
    """Width and height in square pixels, after rotation."""
    width, height, aspect = video["width"], video["height"], video["sample_aspect"]
    if video["rotation"] % 180:  # pixels are wide on the side that was the width before it was turned
        return width, max(2, round(height * aspect))
    return max(2, round(width * aspect)), height


def _fit(width: int, height: int, short: int) -> tuple[int, int]:
    scale = min(1.0, short / min(width, height))
    return max(16, 2 * round(width * scale / 2)), max(16, 2 * round(height * scale / 2))


def _is_light(media: Mapping[str, Any], short: int) -> bool:
    """Small enough to be sent to everybody who looks at it."""
    return short <= _REMUX_SHORT and 0 < media["bit_rate"] <= _REMUX_BITS


def _plays(media: Mapping[str, Any]) -> bool:
    """H.264 8-bit 4:2:0 with AAC (or no sound): every browser plays it."""
    video, audio = media["video"], media["audio"]
    return (
        media["container"] in {"mov", "matroska"}
        and video["codec"] == "h264"
        and video["pixel_format"] == "yuv420p"
        and not video["interlaced"]
        and (audio is None or audio["codec"] == "aac")
    )


def plan(source: Path, media: Mapping[str, Any], folder: Path, thresholds: Thresholds) -> Command:
    """The whole pass as one command."""
    shape = layout(media, thresholds)
    if thresholds.only and shape.remux and (promised_s(media) or 0) >= _KEYS_FROM_S:
        return _plan_some_checks(source, media, shape, folder, thresholds)
    upload = safe_input(source, media["container"], thresholds)
    outputs = _picture(upload, media, shape, thresholds)
    if shape.has_sound:
        outputs.append(_sound(upload, media, thresholds))
    seconds = promised_s(media) or thresholds.max_duration_s
    return Command(
        arguments=tuple(ffmpeg.merge_outputs(*outputs).compile()[1:]),
        folder=folder,
        limits=Limits(
            wall_s=min(_LONGEST_WALL_S, 300 + 12 * seconds),
            cpu_s=int(120 + 6 * seconds),
            memory_mb=3072,
            output_mb=_output_mb(seconds),
        ),
        duration_s=seconds,
    )


def _plan_some_checks(
    source: Path, media: Mapping[str, Any], shape: Layout, folder: Path, thresholds: Thresholds
) -> Command:
    """Hours of recording that browsers play as they are: every packet's clock, key pictures for black, the sound for silence.

    A key picture comes every few seconds; to decode those alone and encode nothing took 0.008 CPU-s a video second
    where the whole pass took 0.21 (720p30 at 6 Mbit/s).
    """
    upload = safe_input(source, media["container"], thresholds, skip_frame="nokey")
    picture = upload[str(media["video"]["index"])]
    streams = [picture]
    if shape.has_sound:
        streams.append(upload[str(media["audio"]["index"])])
    outputs = [
        picture.output(CLOCK, f="framecrc", vcodec="copy"),
        ffmpeg.output(*streams, PROXY, f="mp4", c="copy", movflags="+faststart", map_metadata=-1, map_chapters=-1),
        picture.filter("scale", *shape.detect, flags="bilinear")
        .filter("format", "yuv420p")
        .filter("blackdetect", d=thresholds.black_min_s, pic_th=0.98, pix_th=0.10)
        .filter("metadata", mode="print", file=DETECT)
        .output("-", f="null", fps_mode="passthrough"),
    ]
    if shape.has_sound:
        outputs.append(
            upload[str(media["audio"]["index"])]
            .filter("aresample", SOUND_RATE, **{"async": 1, "first_pts": 0})
            .filter("aformat", sample_fmts="s16", channel_layouts="mono")
            .filter("astats", measure_perchannel="none", measure_overall="RMS_level+Number_of_samples")
            .filter("silencedetect", noise=f"{thresholds.silence_noise_db}dB", d=thresholds.silence_min_s)
            .output("-", f="null")
        )
    seconds = promised_s(media) or thresholds.max_duration_s
    return Command(
        arguments=tuple(ffmpeg.merge_outputs(*outputs).compile()[1:]),
        folder=folder,
        limits=Limits(
            wall_s=300 + 2 * seconds,
            cpu_s=int(120 + seconds),
            memory_mb=3072,
            output_mb=512 + 2 * (media["size"] >> 20),
        ),
        duration_s=seconds,
    )


def safe_input(source: Path, container: str, thresholds: Thresholds, **options: Any) -> Any:
    """The upload as an ffmpeg input: demuxer forced, files only, no playlists, bounded pixels and length."""
    return ffmpeg.input(
        f"file:{source}",
        f=container,
        protocol_whitelist="file",
        format_whitelist=FORMATS,
        max_pixels=thresholds.max_pixels,
        threads=1,
        t=thresholds.max_duration_s + 10,
        **options,
    )


def _picture(upload: Any, media: Mapping[str, Any], shape: Layout, thresholds: Thresholds) -> list[Any]:
    video = media["video"]
    pictures = upload[str(video["index"])].filter_multi_output("split", 2)
    # One line per decoded picture, without copying it: the work's true length (domain 4.5).
    clock = (
        pictures[0]
        .filter("crop", "min(16,iw)", "min(16,ih)", 0, 0)
        .output(CLOCK, f="framecrc", vcodec="rawvideo", fps_mode="passthrough", enc_time_base=f"1/{CLOCK_RATE}")
    )
    seen, outputs = pictures[1], [clock]
    if shape.remux:
        seen = seen.filter("fps", DETECT_FPS)
        streams = [upload[str(video["index"])]]
        options: dict[str, Any] = {"vcodec": "copy"}
    else:
        if (video["frame_rate"] or 0) > _MAX_PROXY_FPS:
            seen = seen.filter("fps", 30)
        shown = _to_sdr(seen.filter("scale", *shape.proxy, flags="bilinear"), video).filter("setsar", 1)
        halves = shown.filter("format", "yuv420p").filter_multi_output("split", 2)
        streams, seen = [halves[0]], halves[1].filter("fps", DETECT_FPS)
        options = {"vcodec": "libx264", **PROXY_ENCODER, "g": 60, "threads": 1, "fps_mode": "vfr"}
    if shape.has_sound:
        streams.append(upload[str(media["audio"]["index"])])
        options |= _shown_sound(media, shape)
    # Telephones write the place of recording into the file: nothing but the streams is kept.
    outputs.append(
        ffmpeg.output(*streams, PROXY, f="mp4", movflags="+faststart", map_metadata=-1, map_chapters=-1, **options)
    )
    small = (
        seen.filter("scale", *shape.detect, flags="bilinear")
        .filter("format", "yuv420p")
        .filter_multi_output("split", 3)
    )
    outputs.append(pictures_for_prints(small[2]))
    outputs.append(
        small[0]
        .filter("blackdetect", d=thresholds.black_min_s, pic_th=0.98, pix_th=0.10)
        .filter("freezedetect", n=thresholds.frozen_noise, d=thresholds.frozen_min_s)
        .filter("scdet", threshold=10)
        .filter("metadata", mode="print", file=DETECT)
        .output("-", f="null")
    )
    chosen = (
        small[1].filter("select", f"not(mod(n,{DETECT_FPS * shape.thumb_every_s}))").filter_multi_output("split", 2)
    )
    outputs.append(
        chosen[0]
        .filter("scale", *shape.thumb)
        .filter("tile", f"{THUMB_COLUMNS}x{shape.thumb_rows}")
        .output(THUMBS, f="image2", vcodec="mjpeg", update=1, vframes=1, **{"q:v": 5})
    )
    outputs.append(
        chosen[1].filter("format", "gray").output(GREY, f="rawvideo", vcodec="rawvideo", fps_mode="passthrough")
    )
    return outputs


def _shown_sound(media: Mapping[str, Any], shape: Layout) -> dict[str, Any]:
    """Telephones record AAC, which every browser plays: encoding it again cost as much as a tenth of the picture."""
    audio = media["audio"]
    if shape.remux or (media["container"] == "mov" and audio["codec"] == "aac" and audio["channels"] <= 2):
        return {"acodec": "copy"}
    return {"acodec": "aac", "audio_bitrate": "96k", "ac": 2, "af": "aresample=async=1:first_pts=0"}


def pictures_for_prints(seen: Any) -> Any:
    """Small grey pictures of a stream of `prints.RATE` a second, to tell copies by."""
    return (
        seen.filter("scale", prints.SIDE, prints.SIDE, flags="area")
        .filter("format", "gray")
        .output(SMALL, f="rawvideo", vcodec="rawvideo", fps_mode="passthrough")
    )


def _to_sdr(stream: Any, video: Mapping[str, Any]) -> Any:
    """HDR without tone mapping looks washed out; done after scaling, where there is a third of the pixels.

    Matrix, primaries and range are stated (BT.2020, as every telephone records): a file may leave them open. White is at 203
    cd/m2 (ITU-R BT.2408); what is brighter is bent down, the rest keeps its light and colour (Hable's curve took 40 % of it).
    """
    if video["color_transfer"] not in _HDR_TRANSFERS:
        return stream
    transfer = _HDR_TRANSFERS[video["color_transfer"]]
    return (
        stream.filter("setparams", colorspace="bt2020nc", color_primaries="bt2020", color_trc=transfer, range="tv")
        .filter("zscale", t="linear", npl=203)
        .filter("format", "gbrpf32le")
        .filter("zscale", p="bt709")
        .filter("tonemap", tonemap="mobius", desat=0)
        .filter("zscale", t="bt709", m="bt709", r="tv")
    )


def _sound(upload: Any, media: Mapping[str, Any], thresholds: Thresholds) -> Any:
    """Levels before anything is changed, then 16 kHz mono. A late or broken track is padded: its seconds are the player's."""
    return (
        upload[str(media["audio"]["index"])]
        .filter("aresample", **{"async": 1, "first_pts": 0})
        .filter("aformat", sample_fmts="s16")
        .filter(
            "astats", measure_perchannel="none", measure_overall="Peak_level+RMS_level+Peak_count+Number_of_samples"
        )
        .filter("ebur128", peak="true", framelog="verbose")
        .filter("silencedetect", noise=f"{thresholds.silence_noise_db}dB", d=thresholds.silence_min_s)
        .output(WAV, f="wav", acodec="pcm_s16le", ar=SOUND_RATE, ac=1, map_metadata=-1)
    )


def _output_mb(seconds: float) -> int:
    """The largest file one pass may write: what a recording of hours has at the rate up to which it is only remuxed."""
    return 3072 + int(0.4 * max(0.0, seconds - 1800))


def plan_poster(proxy: Path, at_s: float, folder: Path) -> Command:
    """One picture of our own proxy."""
    still = ffmpeg.input(f"file:{proxy}", f="mov", protocol_whitelist="file", ss=round(at_s, 2)).output(
        POSTER, f="image2", vcodec="mjpeg", update=1, vframes=1, **{"q:v": 4}
    )
    limits = Limits(wall_s=60, cpu_s=30, memory_mb=2048, output_mb=20)
    return Command(tuple(still.compile()[1:]), folder, limits)
