"""Whether two works are copies of each other, measured in full. Pure.

The share is of the shorter of the two: a copy with its start cut off, or with something added, is a copy.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from media_pipeline.similarity.types import NOTHING, Alike, Stretch
from media_pipeline.stages.prints import RATE, SOUND_STEP_S, SPEEDS, Hashes, Sounds, distinct, mirrored

# A copy runs along a line: so many of its seconds for one of the other's.
_SLOPES = (1.0, 1.1, 1 / 1.1, 1.05, 1 / 1.05)
# Parts that were put together in another order: so many lines are looked for, each of so many seconds.
_LINES, _LEAST_S = 3, 5
# One host before one wall is like herself in all her videos. On the line of a copy pictures differ by fewer bits than beside
# it, by this share of what the other video differs from itself a few seconds on; or they are the same to so few bits.
_CLEARER, _SAME = 0.3, 1.5
_BESIDE_S = (-13, -9, -6, -4, 4, 6, 9, 13)
# A gap this long ends a stretch; a shorter stretch than this is chance.
_GAP_S, _STRETCH_S = 3.0, 3.0
# Of two sounds this share of the shorter one has to agree, as of two pictures.
_SOUND_PART = 0.6
_VOTE_BITS = np.uint32(14)
# Numbers that stand everywhere in a sound say nothing of where the two agree.
_COMMON = 40
_WINDOW = 32


def pictures_alike(own: Hashes, other: Hashes, *, bits: float) -> Alike:
    """Own hashes at `RATE` a second, the other's at one; as they are and turned round, whichever agrees more."""
    straight, turned = _pictures(own, other, bits), _pictures(mirrored(own), other, bits)
    return straight if straight.value >= turned.value else Alike(turned.value, turned.stretches, "mirrored")


def _pictures(own: Hashes, other: Hashes, bits: float) -> Alike:
    if len(own) < _LEAST_S * RATE or len(other) < _LEAST_S:
        return NOTHING
    apart = np.bitwise_count(own[:, None] ^ other[None, :]).astype(np.int16)
    apart[own == 0, :] = 64
    apart[:, other == 0] = 64
    open_seconds = np.ones(len(other), dtype=bool)
    spans: list[Stretch] = []
    matched, slope = 0, 1.0
    for _ in range(_LINES):
        line = _best_line(apart, open_seconds, bits)
        if line is None:
            break
        slope, shift, agree = line
        if not _stands_out(apart, other, slope, shift, agree):
            break
        matched += int(agree.sum())
        spans += _stretches(np.flatnonzero(agree), slope, shift)
        open_seconds &= ~_filled(agree)
        for span in spans:
            apart[int(span.own_start * RATE) : int(span.own_end * RATE), :] = 64
    told = min(np.count_nonzero(other), np.count_nonzero(own) / RATE * slope)
    return Alike(round(min(1.0, matched / told), 3) if told else 0.0, tuple(sorted(spans, key=_begin)))


def _begin(span: Stretch) -> float:
    return span.own_start


def _filled(agree: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """From the first second to the last: the gaps belong to this line."""
    places = np.flatnonzero(agree)
    filled = np.zeros_like(agree)
    filled[places[0] : places[-1] + 1] = True
    return filled


def _frames(count: int, slope: float, shift: float) -> NDArray[np.int64]:
    """The own picture beside each of the other's seconds: other = slope x own + shift."""
    return np.rint((np.arange(count) - shift) / slope * RATE).astype(np.int64)


def _along(apart: NDArray[np.int16], slope: float, shift: float) -> NDArray[np.int16]:
    """The distance of each of the other's seconds from its picture on a line, or the one before or after; 64 outside."""
    frames = _frames(apart.shape[1], slope, shift)
    seconds = np.arange(apart.shape[1])
    found = np.full(apart.shape[1], 64, dtype=np.int16)
    for beside in (-1, 0, 1):
        inside = (frames + beside >= 0) & (frames + beside < apart.shape[0])
        here = apart[np.clip(frames + beside, 0, apart.shape[0] - 1), seconds]
        found = np.where(inside, np.minimum(found, here), found)
    return found


def _best_line(
    apart: NDArray[np.int16], open_seconds: NDArray[np.bool_], bits: float
) -> tuple[float, float, NDArray[np.bool_]] | None:
    """The line on which the open seconds agree most and nearest: (slope, shift, which seconds).

    How near counts: where the picture hardly moves, every line has many seconds that agree.
    """
    frames, seconds = np.nonzero((apart <= bits) & open_seconds[None, :])
    if not len(seconds):
        return None
    best: tuple[float, float, float, NDArray[np.bool_]] | None = None
    for slope in _SLOPES:
        shifts = np.rint(seconds - slope * frames / RATE).astype(np.int64)
        votes = Counter(dict(zip(*map(np.ndarray.tolist, np.unique(shifts, return_counts=True)), strict=True)))
        for coarse, _ in votes.most_common(5):
            for fine in (-0.6, -0.4, -0.2, 0.0, 0.2, 0.4, 0.6):
                along = _along(apart, slope, coarse + fine)
                agree = (along <= bits) & open_seconds
                near = float((bits + 1 - along[agree]).sum())
                if best is None or near > best[0]:
                    best = (near, slope, coarse + fine, agree)
    if best is None or best[3].sum() < _LEAST_S:
        return None
    return best[1:]


def _stands_out(apart: NDArray[np.int16], other: Hashes, slope: float, shift: float, agree: NDArray[np.bool_]) -> bool:
    """Whether this line is a copy's, and not one of many on which two videos of one host agree."""
    span = _filled(agree)
    on = float(_along(apart, slope, shift)[span].mean())
    if on <= _SAME:
        return True
    beside = [along[span & (along < 64)] for along in (_along(apart, slope, shift + step) for step in _BESIDE_S)]
    means = [float(each.mean()) for each in beside if len(each) >= span.sum() / 2]
    moves = [
        float(np.bitwise_count(other[step:] ^ other[:-step]).mean()) for step in _BESIDE_S if 0 < step < len(other)
    ]
    return not means or float(np.median(means)) - on >= _CLEARER * max(_SAME, float(np.median(moves)))


def _stretches(seconds: NDArray[np.int64], slope: float, shift: float) -> list[Stretch]:
    spans: list[Stretch] = []
    for first, last in _runs(seconds.tolist(), _GAP_S):
        if last + 1 - first >= _STRETCH_S:
            start, end = (first - shift) / slope, (last + 1 - shift) / slope
            spans.append(_span(start, end, first, last + 1))
    return spans


def _span(own_start: float, own_end: float, other_start: float, other_end: float) -> Stretch:
    return Stretch(*(round(max(0.0, second), 1) for second in (own_start, own_end, other_start, other_end)))


def _runs(places: Sequence[float], gap: float) -> list[tuple[float, float]]:
    """First and last of places that follow each other by no more than a gap."""
    if not places:
        return []
    ends = [index for index, (one, two) in enumerate(pairwise(places)) if two - one > gap]
    starts = [0, *(index + 1 for index in ends)]
    return [(places[start], places[end]) for start, end in zip(starts, [*ends, len(places) - 1], strict=True)]


def sounds_alike(own: Mapping[str, Sounds], other: Sounds, *, like: float) -> Alike:
    """The own sound as it is and played slower and faster (`prints.SPEEDS`), whichever agrees most with the other's.

    The value is the share of equal bits over the best part of 60 % of the shorter one: unrelated sounds come to about 0.6.
    """
    found = [(name, _sounds(sound, other, SPEEDS[name][0], like)) for name, sound in own.items()]
    name, best = max(found, key=lambda each: each[1].value, default=("", NOTHING))
    return Alike(best.value, best.stretches, "" if name == "as_is" else name)


def _sounds(own: Sounds, other: Sounds, speed: float, like: float) -> Alike:
    shift = _shift(own, other)
    if shift is None:
        return NOTHING
    start, end = max(0, -shift), min(len(own), len(other) - shift)
    mine, theirs = own[start:end], other[start + shift : end + shift]
    same = 1 - np.bitwise_count(mine ^ theirs).astype(np.float64) / 32
    telling = distinct(mine) & distinct(theirs)
    part = int(_SOUND_PART * min(np.count_nonzero(distinct(own)), np.count_nonzero(distinct(other))))
    if part < _WINDOW or np.count_nonzero(telling) < part:
        return NOTHING
    sums = np.concatenate([[0.0], np.cumsum(same[telling])])
    value = float((sums[part:] - sums[:-part]).max() / part)
    smooth = np.convolve(np.where(telling, same, same.mean()), np.ones(_WINDOW) / _WINDOW, mode="same")
    spans = [
        _span(
            (start + first) * SOUND_STEP_S * speed,
            (start + last + 1) * SOUND_STEP_S * speed,
            (start + shift + first) * SOUND_STEP_S,
            (start + shift + last + 1) * SOUND_STEP_S,
        )
        for first, last in _runs(np.flatnonzero(smooth >= like - 0.05).tolist(), _GAP_S / SOUND_STEP_S)
        if (last + 1 - first) * SOUND_STEP_S >= _STRETCH_S
    ]
    return Alike(round(value, 3), tuple(spans))


def _shift(own: Sounds, other: Sounds) -> int | None:
    """other's place minus own's where most numbers agree in their upper bits."""
    mine, theirs = own >> _VOTE_BITS, other >> _VOTE_BITS
    order = np.argsort(theirs, kind="stable")
    ranked = theirs[order]
    first, last = np.searchsorted(ranked, mine, "left"), np.searchsorted(ranked, mine, "right")
    votes: Counter[int] = Counter()
    for place in np.flatnonzero((last > first) & (last - first <= _COMMON)).tolist():
        votes.update((order[first[place] : last[place]] - place).tolist())
    return max(votes, key=lambda shift: (_near(votes, shift), -abs(shift)), default=None)


def _near(votes: Counter[int], shift: int) -> int:
    return 2 * votes[shift] + votes[shift - 1] + votes[shift + 1]


def said_stretches(
    runs: Iterable[tuple[int, int, int]],
    own: Sequence[tuple[float, float]],
    other: Sequence[tuple[float, float]],
) -> tuple[Stretch, ...]:
    """Where two transcripts say the same, from `similar.shared`; own and other: the seconds of every letter."""
    spans: list[Stretch] = []
    for here, there, size in runs:
        span = _span(own[here][0], own[here + size - 1][1], other[there][0], other[there + size - 1][1])
        if spans and _follows(spans[-1], span):
            spans[-1] = _span(spans[-1].own_start, span.own_end, spans[-1].other_start, span.other_end)
        else:
            spans.append(span)
    return tuple(spans)


def _follows(before: Stretch, after: Stretch) -> bool:
    """Whether both go on in both works, a few seconds later at most."""
    return (
        after.other_end - before.other_start >= 0
        and abs(after.own_start - before.own_end) <= _GAP_S
        and abs(after.other_start - before.other_end) <= _GAP_S
    )
