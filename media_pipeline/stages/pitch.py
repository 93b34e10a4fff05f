"""How far a voice moves in pitch, as a spread in semitones: the same for a low and for a high voice. Pure.

Pitch is found as in YIN: A. de Cheveigné and H. Kawahara, "YIN, a fundamental frequency estimator for speech and music",
J. Acoust. Soc. Am. 111 (4), 2002, steps 1 to 5 (difference function, cumulative mean normalised, absolute threshold,
parabolic interpolation). Pitch itself is kept nowhere: it would tell the speaker's sex.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

# Voices of grown-ups lie between; whatever is outside is an octave slip.
_LOWEST_HZ, _HIGHEST_HZ = 65.0, 450.0
_STEP_S, _WINDOW_S = 0.02, 0.032
_APERIODIC = 0.15
# Frames so far below the loudest tenth are breath and room.
_QUIET_DB = -30.0
_RATE = 8_000
_BLOCK = 2_000
# Less voice than this says nothing about how somebody speaks.
MIN_VOICED_S = 3.0


@dataclass(frozen=True)
class Spread:
    """`semitones`: from the 10th to the 90th percentile of pitch, half up to 0.1; None where `voiced_s` is too little."""

    semitones: float | None
    voiced_s: float


def spread(samples: npt.NDArray[np.int16], rate: int) -> Spread:
    """The spread of a mono track; `rate` is a multiple of 8,000 samples a second."""
    pitches = _pitches(_coarse(samples, rate // _RATE))
    voiced_s = round(len(pitches) * _STEP_S, 2)
    if voiced_s < MIN_VOICED_S:
        return Spread(None, voiced_s)
    tones = 12 * np.log2(pitches / np.median(pitches))
    tones = tones[np.abs(tones) < 12]  # an octave off its own median is a slip of the finder
    low, high = np.percentile(tones, (10, 90))
    return Spread(round(float(high - low), 1), voiced_s)


def _coarse(samples: npt.NDArray[np.int16], factor: int) -> npt.NDArray[np.float32]:
    """Means of `factor` neighbours: a quarter of the work, and what lies above a voice's pitch is damped."""
    whole = len(samples) // factor * factor
    return samples[:whole].reshape(-1, factor).mean(axis=1, dtype=np.float32)


def _pitches(sound: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """Pitch in Hz of every voiced frame."""
    step, window = int(_STEP_S * _RATE), int(_WINDOW_S * _RATE)
    longest = int(_RATE / _LOWEST_HZ) + 2
    if len(sound) < window + longest:
        return np.empty(0)
    frames = np.lib.stride_tricks.sliding_window_view(sound, window + longest)[::step]
    power = np.concatenate([np.square(part[:, :window]).mean(axis=1) for part in _blocks(frames)])
    floor = max(np.percentile(power, 90) * 10 ** (_QUIET_DB / 10), 1.0)
    loud = frames[power > floor]
    found = [_periods(part, window, longest) for part in _blocks(loud)]
    return _RATE / np.concatenate(found) if found else np.empty(0)


def _blocks(frames: npt.NDArray[np.float32]) -> list[npt.NDArray[np.float32]]:
    """Hours of sound are not copied at once."""
    return [frames[start : start + _BLOCK] for start in range(0, len(frames), _BLOCK)]


def _periods(frames: npt.NDArray[np.float32], window: int, longest: int) -> npt.NDArray[np.float64]:
    """The period, in samples, of every frame that has one."""
    difference = _difference(frames - frames.mean(axis=1, keepdims=True), window, longest)
    lags = np.arange(1, longest)
    sums = np.cumsum(difference[:, 1:], axis=1)
    level = np.ones_like(difference)
    level[:, 1:] = difference[:, 1:] * lags / np.maximum(sums, 1e-9)
    shortest = int(_RATE / _HIGHEST_HZ)
    inner = level[:, shortest : longest - 1]
    # The first dip below the threshold, at its bottom.
    dips = (
        (inner < _APERIODIC)
        & (inner <= level[:, shortest + 1 : longest])
        & (inner < level[:, shortest - 1 : longest - 2])
    )
    rows = np.flatnonzero(dips.any(axis=1))
    at = dips[rows].argmax(axis=1) + shortest
    before, here, after = level[rows, at - 1], level[rows, at], level[rows, at + 1]
    bend = before - 2 * here + after
    shift = np.where(np.abs(bend) > 1e-12, 0.5 * (before - after) / np.where(bend == 0, 1, bend), 0.0)
    return at + np.clip(shift, -0.5, 0.5)


def _difference(frames: npt.NDArray[np.float32], window: int, longest: int) -> npt.NDArray[np.float64]:
    """Squared difference of each frame's window and the same moved by 0 … longest-1 samples, by FFT."""
    size = 1 << (frames.shape[1] + window).bit_length()
    head = frames[:, :window]
    crossed = np.fft.irfft(np.fft.rfft(frames, size) * np.conj(np.fft.rfft(head, size)), size)[:, :longest]
    squares = np.concatenate(
        [np.zeros((len(frames), 1)), np.cumsum(np.square(frames, dtype=np.float64), axis=1)], axis=1
    )
    energy = squares[:, window : window + longest] - squares[:, :longest]
    return np.maximum(energy[:, :1] + energy - 2 * crossed, 0.0)
