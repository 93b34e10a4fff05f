"""Measure: the one ffmpeg pass, its checks, and the files the evidence page plays."""

import json
import wave
from pathlib import Path
from typing import Any

import numpy as np

from media_pipeline.stages import measure_checks, measure_plan, measure_read, pitch, prints
from media_pipeline.stages.context import StageContext, StageOutput
from media_pipeline.stages.intake import promised_s
from media_pipeline.stages.ports import EngineError, NoRoom, Outcome
from media_pipeline.stages.types import Check, Json, Reason, Verdict, checks_json

_POSTER_SHARE = 0.97
# What ffmpeg says when the fault is ours or the machine's: retried, never blamed on the work.
_NO_ROOM = ("No space left on device", "Disk quota exceeded")
_OUR_FAULT = ("No such filter", "Unrecognized option", "Option not found", "Unknown encoder")


def work(context: StageContext) -> StageOutput:
    media: Json = dict(context.facts["intake"]["media"])
    thresholds = context.tools.thresholds
    command = measure_plan.plan(context.source, media, context.workspace, thresholds)
    outcome = context.tools.hands.run(command, lambda share: context.progress(share * _POSTER_SHARE))
    refusal = read_outcome(outcome)
    if refusal:
        check = Check("decodable", Verdict.FAIL, None, None, note=refusal)
        return StageOutput({"checks": checks_json([check]), "duration_s": None}, refused=(refusal,))
    data, checks = _read(context.workspace, media, outcome.log, context)
    files = _files(context, data)
    context.progress(1.0)
    refused = tuple(check.note for check in checks if check.verdict is Verdict.FAIL and check.note)
    return StageOutput(data | {"checks": checks_json(checks)}, files, refused)


def read_outcome(outcome: Outcome) -> Reason | None:
    """Why the pass ended early, if it is the work's fault. Raises EngineError if it is ours.

    A full disk counts whatever the exit code: not every writer in ffmpeg ends with an error.
    """
    if any(sign in outcome.log for sign in _NO_ROOM):
        raise NoRoom("the disk is full")
    if outcome.limit:
        return Reason("too_costly")
    if outcome.returncode == 0:
        return None
    if any(sign in outcome.log for sign in _OUR_FAULT):
        raise EngineError(f"ffmpeg: {_last_error(outcome.log)}")
    return Reason("undecodable")


def _last_error(log: str) -> str:
    errors = [line for line in log.splitlines() if "[error]" in line or "[fatal]" in line]
    return errors[-1][:300] if errors else "unknown error"


def _read(folder: Path, media: Json, log: str, context: StageContext) -> tuple[Json, list[Check]]:
    thresholds = context.tools.thresholds
    shape = measure_plan.layout(media, thresholds)
    clock = measure_read.read_clock(_text(folder / measure_plan.CLOCK))
    sound_s = _wav_seconds(folder / measure_plan.WAV)
    only = thresholds.only
    # Only a header without a length of its own for the picture covers the sound too.
    covers_sound = media["video"]["duration_s"] is None
    errors = measure_read.count_errors(log)
    readable = measure_checks.decodable(clock, promised_s(media), errors, sound_s if covers_sound else 0.0, thresholds)
    if clock is None:
        return {"duration_s": None}, [readable]
    seconds = clock.duration_s
    seen = measure_read.read_detect(_text(folder / measure_plan.DETECT), clock.end_s, thresholds.black_min_s)
    levels = measure_read.read_sound(log, clock.end_s) if shape.has_sound else None
    levels = levels if levels and (sound_s or levels.samples) else None
    lumas, sharpness = measure_read.luma_and_sharpness(_pictures(folder / measure_plan.GREY, shape.detect))
    checks = [
        readable,
        measure_checks.duration(seconds, thresholds),
        *measure_checks.picture(
            measure_plan.displayed_size(media["video"]), media["video"]["rotation"], clock, thresholds
        ),
        *measure_checks.sound(levels, seconds, thresholds, media["audio"]),
        *measure_checks.picture_faults(seen, seconds, thresholds),
        *measure_checks.light_and_focus(lumas, sharpness, shape.thumb_every_s, thresholds),
    ]
    data: Json = {
        "duration_s": seconds,
        "frames": clock.frames,
        "remuxed": shape.remux,
        "proxy_size": list(measure_plan.displayed_size(media["video"]) if shape.remux else shape.proxy),
        "thumbs": {
            "every_s": shape.thumb_every_s,
            "columns": measure_plan.THUMB_COLUMNS,
            "count": len(lumas),
            "width": shape.thumb[0],
            "height": shape.thumb[1],
        },
        "poster_s": _poster_second(lumas, sharpness, shape.thumb_every_s),
        **measure_checks.summary(seen, levels),
    }
    wanted = [check for check in checks if not only or check.name in only]
    if (folder / measure_plan.SMALL).is_file():
        data["pictures"] = prints.packed(
            prints.hashes(_pictures(folder / measure_plan.SMALL, (prints.SIDE, prints.SIDE)))
        )
    return data, measure_checks.softened(wanted, thresholds)


def _poster_second(lumas: list[float], sharpness: list[float], every_s: int) -> float:
    """The sharpest of the well-lit pictures of the first half."""
    half = range(max(1, len(lumas) // 2)) if lumas else range(0)
    lit = [index for index in half if 40 <= lumas[index] <= 220] or list(half)
    return float(max(lit, key=lambda index: sharpness[index], default=0) * every_s)


def _files(context: StageContext, data: Json) -> dict[str, Path]:
    """The files that later stages and pages read; those of the measuring alone are removed."""
    folder = context.workspace
    files: dict[str, Path] = {}
    if data["duration_s"] is not None and (folder / measure_plan.PROXY).is_file():
        poster = measure_plan.plan_poster(folder / measure_plan.PROXY, data["poster_s"], folder)
        context.tools.hands.run(poster)
        data["pitch"] = _listen(folder)
    named = {
        "proxy": measure_plan.PROXY,
        "wav": measure_plan.WAV,
        "poster": measure_plan.POSTER,
        "thumbs": measure_plan.THUMBS,
        "waveform": measure_plan.WAVEFORM,
    }
    for name, file in named.items():
        if (folder / file).is_file() and (folder / file).stat().st_size:
            files[name] = folder / file
    for scrap in (measure_plan.CLOCK, measure_plan.DETECT, measure_plan.GREY, measure_plan.SMALL):
        (folder / scrap).unlink(missing_ok=True)
    return files


def _listen(folder: Path) -> Json | None:
    """Draw the waveform and find the spread of the voice's pitch, None without sound."""
    source = folder / measure_plan.WAV
    if not source.is_file():
        return None
    with wave.open(str(source), "rb") as wav:
        samples = np.frombuffer(wav.readframes(wav.getnframes()), dtype="<i2")
        values = measure_read.peaks(samples, wav.getframerate())
        spread = pitch.spread(samples, wav.getframerate())
    aside = folder / f".{measure_plan.WAVEFORM}"
    aside.write_text(json.dumps(values), encoding="utf-8")
    aside.rename(folder / measure_plan.WAVEFORM)
    return {"spread_semitones": spread.semitones, "voiced_s": spread.voiced_s}


def _wav_seconds(path: Path) -> float:
    try:
        with wave.open(str(path), "rb") as wav:
            return wav.getnframes() / wav.getframerate()
    except (OSError, EOFError, wave.Error):
        return 0.0


def _pictures(path: Path, size: tuple[int, int]) -> Any:
    """Grey pictures of the pass, shape (n, height, width)."""
    width, height = size
    raw = np.frombuffer(path.read_bytes() if path.is_file() else b"", dtype=np.uint8)
    whole = len(raw) // (width * height)
    return raw[: whole * width * height].reshape(whole, height, width)


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
