"""Intake: is it a video we may open at all? Size, content (never the suffix), tracks, one decoded picture, promised length."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from media_pipeline.stages.context import StageContext, StageOutput
from media_pipeline.stages.ports import EngineLimit
from media_pipeline.stages.thresholds import Thresholds
from media_pipeline.stages.types import Check, Reason, Verdict, checks_json

_HEAD = 4096
_TS_PACKET = 188
_MOV_ATOMS = {b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot", b"uuid"}
# A camera writes two or three tracks; the widest screens are 32:9; studios record at 192 kHz and 24 channels.
_MOST_TRACKS, _LONGEST_SHAPE, _SAMPLE_RATES, _MOST_CHANNELS = 64, 10, (4_000, 384_000), 32
# Accepted as they are; the others are read with a warning (domain 4.5).
GOOD_CONTAINERS = {"mov", "matroska"}


def sniff(head: bytes) -> str | None:
    """The container by its first bytes, as the name of ffmpeg's demuxer.

    None for anything else: texts, playlists, pictures.
    """
    if len(head) >= 8 and head[4:8] in _MOV_ATOMS:
        return "mov"
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return "matroska"
    if head.startswith(b"FLV\x01"):
        return "flv"
    if head.startswith(b"RIFF") and head[8:12] == b"AVI ":
        return "avi"
    if len(head) > 2 * _TS_PACKET and all(head[place] == 0x47 for place in (0, _TS_PACKET, 2 * _TS_PACKET)):
        return "mpegts"
    return None


def work(context: StageContext) -> StageOutput:
    thresholds = context.tools.thresholds
    size = context.source.stat().st_size
    checks = [_size(size, thresholds)]
    media: dict[str, Any] = {"size": size, "container": None}
    if checks[0].verdict is not Verdict.FAIL:
        container = sniff(_head(context.source))
        media["container"] = container
        probe = _looked_at(context, container)
        checks.append(read_container(container, probe))
        if checks[-1].verdict is not Verdict.FAIL:
            media |= probe
            checks += read_length(probe, thresholds)
    context.progress(1.0)
    refused = tuple(check.note for check in checks if check.verdict is Verdict.FAIL and check.note)
    return StageOutput({"checks": checks_json(checks), "media": media}, refused=refused)


def _looked_at(context: StageContext, container: str | None) -> Mapping[str, Any]:
    """What the file says it is; {"error": code} with the reason's values where it may not be worked on."""
    if container is None:
        return {"error": "not_a_video"}
    try:
        probe = context.tools.hands.probe(context.source, container)
    except EngineLimit as limit:
        return {"error": "too_costly", "limit": limit.limit}
    strange = {} if "error" in probe else strangeness(probe, context.tools.thresholds)
    return strange or probe


def strangeness(probe: Mapping[str, Any], thresholds: Thresholds) -> dict[str, Any]:
    """What no recording is and what costs a decoder or a filter gigabytes, as an error with its values; {} for others."""
    if probe["tracks"] > _MOST_TRACKS:
        return {"error": "too_many_tracks", "tracks": probe["tracks"], "limit": _MOST_TRACKS}
    if probe["video"]:
        # As shown: pixels may be declared a thousand times as wide as high.
        width, height = round(probe["video"]["width"] * probe["video"]["sample_aspect"]), probe["video"]["height"]
        if not 1 / _LONGEST_SHAPE <= max(1, width) / height <= _LONGEST_SHAPE:
            return {"error": "strange_shape", "width": width, "height": height}
        if width * height > thresholds.max_pixels:
            return {"error": "too_many_pixels", "width": width, "height": height}
    if probe["audio"]:
        rate, channels = probe["audio"]["sample_rate"], probe["audio"]["channels"]
        if not (_SAMPLE_RATES[0] <= rate <= _SAMPLE_RATES[1] and 1 <= channels <= _MOST_CHANNELS):
            return {"error": "strange_sound", "rate": rate, "channels": channels}
    return {}


def _head(source: Path) -> bytes:
    with source.open("rb") as file:
        return file.read(_HEAD)


def _size(size: int, thresholds: Thresholds) -> Check:
    if size > thresholds.max_bytes:
        note = Reason("too_big", {"limit_mb": thresholds.max_bytes >> 20})
        return Check("size", Verdict.FAIL, size, thresholds.max_bytes, note=note)
    if size == 0:
        return Check("size", Verdict.FAIL, size, thresholds.max_bytes, note=Reason("empty_file"))
    return Check("size", Verdict.PASS, size, thresholds.max_bytes)


def read_container(container: str | None, probe: Mapping[str, Any]) -> Check:
    """The container check from what was sniffed and what PyAV said. Every fail carries its reason."""
    metric = container or "unknown"
    threshold = "mp4, mov, mkv, webm"
    if "error" in probe:
        values = {key: value for key, value in probe.items() if key != "error"}
        return Check("container", Verdict.FAIL, metric, threshold, note=Reason(probe["error"], values))
    if probe["video"] is None:
        code = "cover_only" if probe["cover_only"] else "no_video_track"
        return Check("container", Verdict.FAIL, metric, threshold, note=Reason(code))
    if container not in GOOD_CONTAINERS:
        return Check(
            "container", Verdict.WARN, metric, threshold, note=Reason("unusual_container", {"container": metric})
        )
    return Check("container", Verdict.PASS, metric, threshold)


def promised_s(probe: Mapping[str, Any]) -> float | None:
    """The picture's length by the file's own header; None where it has none (WebM recorders, transport streams)."""
    return probe["video"]["duration_s"] or probe["duration_s"]


def read_length(probe: Mapping[str, Any], thresholds: Thresholds) -> list[Check]:
    """A duration check only where the header already promises too much to be worth decoding."""
    promised = promised_s(probe)
    if promised is None or promised <= thresholds.max_duration_s:
        return []
    note = Reason("too_long", {"seconds": round(promised, 1), "limit": thresholds.max_duration_s})
    return [Check("duration", Verdict.FAIL, round(promised, 1), thresholds.max_duration_s, note=note)]
