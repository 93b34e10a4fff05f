"""Reads what a stranger's file says it is, with PyAV, in a child process of its own.

    python -I child_entry.py media_pipeline.engines.probe_child  < {"path": "/…", "container": "mov", "max_pixels": 9000000}

Answers one JSON object on stdout: {"error": code} or the facts of `_facts`. The container is forced, playlists and
protocols other than `file` are shut out, and one frame is decoded because rotation is known only then.
"""

import json
import sys
from typing import Any

import av
import av.error
import av.logging
from av.container import InputContainer
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

_FORMATS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,flv,mpegts,avi"
# Packets looked at before the first picture must have come out; a file that hides it deeper is not worth more.
_PACKETS = 2000


def main() -> None:
    av.logging.set_level(None)
    request = json.loads(sys.stdin.read())
    json.dump(_probe(request["path"], request["container"], request["max_pixels"]), sys.stdout)


def _probe(path: str, container: str, max_pixels: int) -> dict[str, Any]:
    # For the container and for its streams: pictures may be decoded already while it is opened.
    options = {"protocol_whitelist": "file", "format_whitelist": _FORMATS, "max_pixels": str(max_pixels)}
    try:
        with av.open(path, format=container, options=options, metadata_errors="replace") as opened:
            return _facts(opened, max_pixels)
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001  # whatever a stranger's file makes the library say, the file cannot be opened
        return {"error": "unreadable"}


def _facts(opened: InputContainer, max_pixels: int) -> dict[str, Any]:
    pictures = [stream for stream in opened.streams.video if not stream.disposition & Disposition.attached_pic]
    facts: dict[str, Any] = {
        "format": opened.format.name,
        "duration_s": opened.duration / 1_000_000 if opened.duration else None,
        "bit_rate": opened.bit_rate or 0,
        "video": None,
        "audio": _audio(opened),
        "tracks": len(opened.streams),
        "cover_only": bool(opened.streams.video) and not pictures,
    }
    if not pictures:
        return facts
    stream = pictures[0]
    context = stream.codec_context
    if context is None:
        return {"error": "no_decoder"}
    # Bound before anything is decoded: the size is in the headers.
    if context.width * context.height > max_pixels:
        return {"error": "too_many_pixels", "width": context.width, "height": context.height}
    context.thread_count = 1
    context.options = {"max_pixels": str(max_pixels)}
    frame = _first_frame(opened, stream)
    if frame is None:
        return {"error": "no_picture"}
    facts["video"] = _video(stream, frame)
    return facts


def _has_decoder(context: Any) -> bool:
    """No context: this build has none."""
    return context is not None and bool(context.sample_rate)


def _first_frame(opened: InputContainer, stream: VideoStream) -> VideoFrame | None:
    for number, packet in enumerate(opened.demux(stream)):
        try:
            for frame in packet.decode():
                return frame
        except av.error.InvalidDataError:
            pass  # a damaged packet is not the end of the work; the full decode judges that
        if number > _PACKETS:
            break
    return None


def _video(stream: VideoStream, frame: VideoFrame) -> dict[str, Any]:
    turned = frame.rotation % 180 != 0
    context = stream.codec_context
    return {
        "index": stream.index,
        "codec": context.name,
        "profile": context.profile,
        "width": frame.height if turned else frame.width,
        "height": frame.width if turned else frame.height,
        "rotation": frame.rotation % 360,
        "pixel_format": frame.format.name,
        "interlaced": frame.interlaced_frame,
        "color_transfer": int(context.color_trc),
        "frame_rate": _frame_rate(stream),
        "duration_s": float(stream.duration * stream.time_base) if stream.duration and stream.time_base else None,
        "start_s": float(stream.start_time * stream.time_base) if stream.start_time and stream.time_base else 0.0,
        "frames": stream.frames or None,
        "sample_aspect": _ratio(stream.sample_aspect_ratio),
    }


def _frame_rate(stream: Any) -> float | None:
    rate = stream.average_rate or stream.guessed_rate
    return float(rate) if rate else None


def _ratio(value: Any) -> float:
    return float(value) if value else 1.0


def _audio(opened: InputContainer) -> dict[str, Any] | None:
    """The track a player would choose: the one marked as default, else the first that can be decoded."""
    tracks = list(opened.streams.audio)
    heard = [stream for stream in tracks if _has_decoder(stream.codec_context)]
    if not heard:
        return None
    stream = next((each for each in heard if each.disposition & Disposition.default), heard[0])
    context: Any = stream.codec_context
    return {
        "index": stream.index,
        "codec": context.name,
        "channels": context.channels,
        "sample_rate": context.sample_rate,
        "tracks": len(tracks),
        "number": tracks.index(stream) + 1,
    }


if __name__ == "__main__":
    main()
