"""Picture and sound held against the thresholds of domain 4.5. Pure."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from media_pipeline.stages.measure_read import Clock, Detected, Sound, total
from media_pipeline.stages.thresholds import Thresholds
from media_pipeline.stages.types import Check, Range, Reason, Verdict

SOUND_CHECKS = ("loudness", "clipping", "silence")


def decodable(clock: Clock | None, promised_s: float | None, errors: int, sound_end_s: float, t: Thresholds) -> Check:
    """Fail where the header promises more than decodes; warn on damaged places on the way."""
    if clock is None:
        return Check("decodable", Verdict.FAIL, 0.0, promised_s, note=Reason("no_picture"))
    reached = max(clock.end_s - clock.start_s, sound_end_s)
    missing = (promised_s or 0.0) - reached
    metric, threshold = round(reached, 2), round(promised_s, 2) if promised_s else None
    if missing > max(t.truncated_s, t.truncated_share * (promised_s or 0.0)):
        values = {"reached": round(reached, 1), "promised": round(promised_s or 0.0, 1)}
        return Check(
            "decodable",
            Verdict.FAIL,
            metric,
            threshold,
            ((reached, promised_s or reached),),
            Reason("truncated", values),
        )
    if errors:
        return Check("decodable", Verdict.WARN, metric, threshold, note=Reason("damaged", {"count": errors}))
    return Check("decodable", Verdict.PASS, metric, threshold)


def softened(checks: list[Check], t: Thresholds) -> list[Check]:
    """The same, with a warning in place of a refusal where the thresholds say so."""
    return [
        replace(check, verdict=Verdict.WARN) if check.verdict is Verdict.FAIL and check.name in t.warn_only else check
        for check in checks
    ]


def duration(seconds: float, t: Thresholds) -> Check:
    if seconds < t.min_duration_s:
        return Check(
            "duration",
            Verdict.FAIL,
            seconds,
            t.min_duration_s,
            note=Reason("too_short", {"seconds": seconds, "limit": t.min_duration_s}),
        )
    if seconds > t.max_duration_s:
        return Check(
            "duration",
            Verdict.FAIL,
            seconds,
            t.max_duration_s,
            note=Reason("too_long", {"seconds": seconds, "limit": t.max_duration_s}),
        )
    if seconds > t.long_duration_s:
        return Check(
            "duration",
            Verdict.WARN,
            seconds,
            t.long_duration_s,
            note=Reason("rather_long", {"seconds": seconds, "limit": t.long_duration_s}),
        )
    return Check("duration", Verdict.PASS, seconds, t.min_duration_s)


def picture(size: tuple[int, int], rotation: int, clock: Clock, t: Thresholds) -> list[Check]:
    """Resolution (short side as displayed), true frame rate, orientation."""
    width, height = size
    short = min(size)
    values = {"width": width, "height": height, "limit": t.min_short_side, "good": t.good_short_side}
    if short < t.min_short_side:
        resolution = Check("resolution", Verdict.FAIL, short, t.min_short_side, note=Reason("low_resolution", values))
    elif short < t.good_short_side:
        resolution = Check("resolution", Verdict.WARN, short, t.good_short_side, note=Reason("fair_resolution", values))
    elif short < t.best_short_side:
        values["best"] = t.best_short_side
        resolution = Check(
            "resolution", Verdict.PASS, short, t.good_short_side, note=Reason("better_resolution", values)
        )
    else:
        resolution = Check("resolution", Verdict.PASS, short, t.good_short_side)
    length = clock.end_s - clock.start_s
    rate = round(clock.frames / length, 2) if length > 0 else 0.0
    slow = rate < t.min_frame_rate
    note = Reason("low_frame_rate", {"rate": rate, "limit": t.min_frame_rate}) if slow else None
    orientation = "portrait" if height > width else "landscape"
    return [
        resolution,
        Check("frame_rate", Verdict.WARN if slow else Verdict.PASS, rate, t.min_frame_rate, note=note),
        Check("rotation", Verdict.INFO, rotation, note=Reason(orientation, {"width": width, "height": height})),
    ]


def picture_faults(seen: Detected, seconds: float, t: Thresholds) -> list[Check]:
    """Black and frozen stretches."""
    black_s, frozen_s = total(seen.black), total(seen.frozen)
    black_share, frozen_share = _share(black_s, seconds), _share(frozen_s, seconds)
    if black_share > t.black_fail_share:
        black = Check(
            "black",
            Verdict.FAIL,
            round(black_share, 3),
            t.black_fail_share,
            seen.black,
            _shared("mostly_black", black_share),
        )
    elif black_s > t.black_warn_s:
        black = Check(
            "black",
            Verdict.WARN,
            round(black_s, 1),
            t.black_warn_s,
            seen.black,
            Reason("some_black", {"seconds": round(black_s, 1)}),
        )
    elif black_share > t.black_warn_share:
        black = Check(
            "black",
            Verdict.WARN,
            round(black_share, 3),
            t.black_warn_share,
            seen.black,
            _shared("often_black", black_share),
        )
    else:
        black = Check("black", Verdict.PASS, round(black_s, 1), t.black_warn_s, seen.black)
    if frozen_share > t.frozen_fail_share:
        frozen = Check(
            "frozen",
            Verdict.FAIL,
            round(frozen_share, 3),
            t.frozen_fail_share,
            seen.frozen,
            _shared("mostly_frozen", frozen_share),
        )
    elif frozen_share > t.frozen_warn_share:
        frozen = Check(
            "frozen",
            Verdict.WARN,
            round(frozen_share, 3),
            t.frozen_warn_share,
            seen.frozen,
            _shared("some_frozen", frozen_share),
        )
    else:
        frozen = Check("frozen", Verdict.PASS, round(frozen_share, 3), t.frozen_warn_share, seen.frozen)
    return [black, frozen]


def light_and_focus(lumas: list[float], sharpness: list[float], every_s: int, t: Thresholds) -> list[Check]:
    """Mean luma and median sharpness over sampled pictures; `every_s` seconds lie between two of them."""
    if not lumas:
        return [Check(name, Verdict.NOT_RUN, note=Reason("no_picture")) for name in ("dark", "blur")]
    mean = round(sum(lumas) / len(lumas), 1)
    middle = round(sorted(sharpness)[len(sharpness) // 2], 1)
    dim = _runs([luma < t.dark_luma for luma in lumas], every_s)
    soft = _runs([value < t.blur_floor for value in sharpness], every_s)
    dark, blurred = mean < t.dark_luma, middle < t.blur_floor
    return [
        Check(
            "dark",
            Verdict.INFO if dark else Verdict.PASS,
            mean,
            t.dark_luma,
            dim,
            Reason("dark", {"luma": mean}) if dark else None,
        ),
        Check(
            "blur",
            Verdict.INFO if blurred else Verdict.PASS,
            middle,
            t.blur_floor,
            soft,
            Reason("blurred") if blurred else None,
        ),
    ]


def sound(levels: Sound | None, seconds: float, t: Thresholds, track: Mapping[str, Any] | None = None) -> list[Check]:
    """Audio present, loudness, clipping, silence. `track`: the probe's word on the one that is heard."""
    if levels is None:
        missing = Check("audio_present", Verdict.FAIL, None, t.min_mean_volume_db, note=Reason("no_sound_track"))
        return [missing, *(Check(name, Verdict.NOT_RUN, note=Reason("needs_sound")) for name in SOUND_CHECKS)]
    if levels.mean_db is None or levels.mean_db <= t.min_mean_volume_db:
        metric = levels.mean_db if levels.mean_db is not None else "-inf"
        silent = Check("audio_present", Verdict.FAIL, metric, t.min_mean_volume_db, note=Reason("silent_track"))
        return [silent, *(Check(name, Verdict.NOT_RUN, note=Reason("needs_sound")) for name in SOUND_CHECKS)]
    return [
        Check("audio_present", Verdict.PASS, round(levels.mean_db, 1), t.min_mean_volume_db, note=_tracks(track)),
        _loudness(levels, t),
        _clipping(levels, t),
        _silence(levels.silences, seconds, t),
    ]


def _tracks(track: Mapping[str, Any] | None) -> Reason | None:
    """A remark where a file has more sound than is heard: nobody may think the rest was checked."""
    count = track.get("tracks", 1) if track else 1
    return Reason("several_tracks", {"count": count, "number": track["number"]}) if track and count > 1 else None


def _loudness(levels: Sound, t: Thresholds) -> Check:
    threshold = f"{t.loudness_low_lufs:g} … {t.loudness_high_lufs:g}"
    lufs = levels.integrated_lufs
    if lufs is None:
        return Check("loudness", Verdict.WARN, None, threshold, note=Reason("inaudible", {"lufs": -70}))
    code = ""
    if lufs < t.inaudible_lufs:
        code = "inaudible"
    elif lufs < t.loudness_low_lufs:
        code = "too_quiet"
    elif lufs > t.loudness_high_lufs:
        code = "too_loud"
    note = Reason(code, {"lufs": lufs}) if code else None
    return Check("loudness", Verdict.WARN if code else Verdict.PASS, lufs, threshold, note=note)


def _clipping(levels: Sound, t: Thresholds) -> Check:
    peak = levels.true_peak_db
    if peak is not None and peak > t.max_true_peak_db:
        return Check("clipping", Verdict.WARN, peak, t.max_true_peak_db, note=Reason("peaks_high", {"peak": peak}))
    if levels.clipped_share > t.max_clipped_share:
        share = round(levels.clipped_share, 5)
        return Check("clipping", Verdict.WARN, share, t.max_clipped_share, note=_shared("clipped", share))
    return Check("clipping", Verdict.PASS, peak, t.max_true_peak_db)


def _silence(silences: tuple[Range, ...], seconds: float, t: Thresholds) -> Check:
    share = round(_share(total(silences), seconds), 3)
    longest = max((end - start for start, end in silences), default=0.0)
    if share > t.silence_fail_share:
        return Check("silence", Verdict.FAIL, share, t.silence_fail_share, silences, _shared("mostly_silent", share))
    if longest > t.silence_gap_s:
        gap = Reason("silent_gap", {"seconds": round(longest, 1), "limit": t.silence_gap_s})
        return Check("silence", Verdict.WARN, round(longest, 1), t.silence_gap_s, silences, gap)
    if share > t.silence_warn_share:
        return Check("silence", Verdict.WARN, share, t.silence_warn_share, silences, _shared("often_silent", share))
    return Check("silence", Verdict.PASS, share, t.silence_warn_share, silences)


def _share(part: float, whole: float) -> float:
    return part / whole if whole > 0 else 0.0


def _shared(code: str, share: float) -> Reason:
    return Reason(code, {"percent": round(share * 100, 1)})


def _runs(flags: list[bool], every_s: int) -> tuple[Range, ...]:
    """Stretches of true flags as seconds."""
    spans: list[Range] = []
    for index, flag in enumerate(flags):
        if not flag:
            continue
        start, end = float(index * every_s), float((index + 1) * every_s)
        if spans and spans[-1][1] == start:
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
    return tuple(spans)


def summary(seen: Detected, levels: Sound | None) -> Mapping[str, Any]:
    """Facts later stages and pages use."""
    return {
        "scenes": [round(second, 2) for second in seen.scenes],
        "silences": [list(span) for span in levels.silences] if levels else [],
        "black": [list(span) for span in seen.black],
        "frozen": [list(span) for span in seen.frozen],
        "integrated_lufs": levels.integrated_lufs if levels else None,
        "true_peak_db": levels.true_peak_db if levels else None,
        "loudness_range_lu": levels.range_lu if levels else None,
    }
