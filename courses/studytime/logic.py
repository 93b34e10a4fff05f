"""What of a person's beats counts as study. Pure: the same ledger gives the same minutes, in whatever order it is read.

The rule, for an auditor. Every opened lesson page is a *stream*; the server writes down when it was opened. The page sends
*beats*: "until `at` ms after the opening, for the last `span` ms, I was (not) in view, playing, last touched `idle` ms ago".
A moment counts when at least one beat speaks for it and

1. it lies on the server's clock between the opening of the page and the arrival of the beat (a device's clock is never
   asked), and the beat arrived no later than `offline_max_s` after it;
2. it lies within the days of the class;
3. the page was in view;
4. the last touch (or the opening) was no longer ago than `idle_text_s`, with a playing video `idle_video_s`;
5. the last answer to 还在学习吗 (or the opening) was no longer ago than `presence_every_s`; the time until a later answer
   counts when that came within `presence_grace_s` of the question;
6. it was not counted already: one moment counts once, on the page opened first, however many tabs, devices or classes; the
   log of another platform comes last;
7. the lesson's online minutes are not full: moments count in order of time up to `cap_s`.

Speed and seeking play no part: time is the wall's. Every step is a union, cut or difference of sets of moments, so order of
arrival and repetition change nothing, and the sum can never exceed the time that passed. More beats never take anything
from a person's total before the caps (two pages at once only change which lesson a moment belongs to).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_FLOOR, Decimal

from courses.studytime.types import BeatData, Counted, Flag, Interval, LessonKey, Logged, Piece, Refusal, Stream

Intervals = list[Interval]


def union(parts: Iterable[Interval]) -> Intervals:
    """The same moments as disjoint intervals in order; empty ones are dropped."""
    merged: Intervals = []
    for start, end in sorted(part for part in parts if part[0] < part[1]):
        if merged and start <= merged[-1][1]:
            if end > merged[-1][1]:
                merged[-1] = (merged[-1][0], end)
        else:
            merged.append((start, end))
    return merged


def both(left: Sequence[Interval], right: Sequence[Interval]) -> Intervals:
    """Moments in both; each given disjoint and in order."""
    shared: Intervals = []
    i = j = 0
    while i < len(left) and j < len(right):
        start, end = max(left[i][0], right[j][0]), min(left[i][1], right[j][1])
        if start < end:
            shared.append((start, end))
        if left[i][1] < right[j][1]:
            i += 1
        else:
            j += 1
    return shared


def without(left: Sequence[Interval], right: Sequence[Interval]) -> Intervals:
    """Moments of `left` that are not in `right`; each given disjoint and in order."""
    rest: Intervals = []
    j = 0
    for start, end in left:
        while j < len(right) and right[j][1] <= start:
            j += 1
        k = j
        while k < len(right) and right[k][0] < end:
            if start < right[k][0]:
                rest.append((start, right[k][0]))
            start = max(start, right[k][1])
            k += 1
        if start < end:
            rest.append((start, end))
    return rest


def length(parts: Iterable[Interval]) -> int:
    """How long they are together; given disjoint."""
    return sum(end - start for start, end in parts)


def present(answers: Iterable[int], every: int, grace: int) -> Intervals:
    """When somebody was known to be there: `every` ms from each answer, bridged where the next came within `grace`."""
    ordered = sorted(set(answers))
    windows = []
    for i, answer in enumerate(ordered):
        until = answer + every
        if i + 1 < len(ordered) and ordered[i + 1] <= until + grace:
            until = max(until, ordered[i + 1])
        windows.append((answer, until))
    return union(windows)


def _of_stream(stream: Stream, beats: Iterable[BeatData]) -> tuple[Intervals, dict[Refusal, Intervals]]:
    """Steps 1 to 5 for one stream: the moments that pass, and those that fail by the first step they fail at."""
    rules, opened = stream.rules, stream.opened_ms
    late_ms, span_max = rules.offline_max_s * 1000, rules.span_max_s * 1000
    reading: Intervals = []
    watching: Intervals = []
    touches, answers = {opened}, {opened}
    failed: dict[Refusal, Intervals] = defaultdict(list)
    for _pk, _seq, received, at_ms, span_ms, idle_ms, flags, _position, _rate in beats:
        end = opened + at_ms
        span = (max(opened, end - min(span_ms, span_max)), end)
        if end > received:
            failed[Refusal.AHEAD].append((max(span[0], received), end))
            span = (span[0], received)
        if received - end > late_ms:
            failed[Refusal.LATE].append(span)
            continue
        if not flags & Flag.VISIBLE:
            failed[Refusal.HIDDEN].append(span)
            continue
        (watching if flags & Flag.PLAYING else reading).append(span)
        if opened <= end - idle_ms <= received:
            touches.add(end - idle_ms)
        if flags & Flag.ANSWERED and end <= received:
            answers.add(end)
    runs = [stream.runs]
    seen_reading, seen_watching = union(reading), union(watching)
    seen = union([*seen_reading, *seen_watching])
    inside = both(seen, runs)
    awake = union(
        [
            *both(seen_reading, union((touch, touch + rules.idle_text_s * 1000) for touch in touches)),
            *both(seen_watching, union((touch, touch + rules.idle_video_s * 1000) for touch in touches)),
        ]
    )
    active = both(inside, awake)
    there = active
    if rules.presence_every_s:
        there = both(active, present(answers, rules.presence_every_s * 1000, rules.presence_grace_s * 1000))
    failed[Refusal.OUTSIDE] = without(seen, runs)
    failed[Refusal.IDLE] = without(inside, awake)
    failed[Refusal.UNANSWERED] = without(active, there)
    return there, {reason: union(parts) for reason, parts in failed.items()}


def counted(
    streams: Iterable[Stream],
    beats: Mapping[int, Sequence[BeatData]],
    logged: Iterable[Logged] = (),
    *,
    within: Interval | None = None,
    capped: bool = False,
) -> Counted:
    """Everything one person studied. `streams` and `logged` are all of hers that touch the time asked for.

    within: only these moments (a day); capped: apply step 7, which needs the whole history of each lesson.
    """
    pieces: list[Piece] = []
    refused: list[Piece] = []
    taken: Intervals = []
    mine: Intervals

    def keep(parts: Iterable[Interval], into: list[Piece], source: Stream | Logged, reason: Refusal | None) -> None:
        lesson, stream, log = (source.lesson, source.pk, 0) if isinstance(source, Stream) else (None, 0, source.pk)
        cut = both(list(parts), [within]) if within else parts
        into.extend(Piece(start, end, source.enrolment, lesson, stream, log, reason) for start, end in cut)

    for stream in sorted(streams, key=lambda one: (one.opened_ms, one.pk)):
        mine, failed = _of_stream(stream, beats.get(stream.pk, ()))
        # A moment one beat proves is not refused by another beat of the same page.
        for reason, parts in failed.items():
            keep(without(parts, mine), refused, stream, reason)
        keep(both(mine, taken), refused, stream, Refusal.OVERLAP)
        keep(without(mine, taken), pieces, stream, None)
        taken = union([*taken, *mine])
    for entry in sorted(logged, key=lambda one: (one.interval, one.pk)):
        mine = union([entry.interval])
        if entry.refused:
            keep(mine, refused, entry, entry.refused)
            continue
        keep(both(mine, taken), refused, entry, Refusal.OVERLAP)
        keep(without(mine, taken), pieces, entry, None)
        taken = union([*taken, *mine])
    pieces.sort()
    if capped:
        caps = caps_of(streams)
        pieces, over = _capped(pieces, caps)
        refused.extend(over)
    refused.sort(key=lambda piece: (piece.from_ms, piece.until_ms, piece.stream, piece.log, str(piece.reason)))
    ms: dict[LessonKey, int] = defaultdict(int)
    for piece in pieces:
        ms[piece.enrolment, piece.lesson] += piece.ms
    return Counted(tuple(pieces), tuple(refused), dict(ms))


def caps_of(streams: Iterable[Stream]) -> dict[LessonKey, int]:
    """The seconds a lesson can earn: the most any of its streams was opened with, as the class's plan stood then."""
    caps: dict[LessonKey, int] = {}
    for stream in streams:
        key = (stream.enrolment, stream.lesson)
        caps[key] = max(caps.get(key, 0), stream.cap_s)
    return caps


def _capped(pieces: Sequence[Piece], caps: Mapping[LessonKey, int]) -> tuple[list[Piece], list[Piece]]:
    """In order of time, up to each lesson's cap; and what came after. Time on other platforms has no cap of a lesson."""
    kept: list[Piece] = []
    over: list[Piece] = []
    left = {key: seconds * 1000 for key, seconds in caps.items()}
    for piece in pieces:
        key = (piece.enrolment, piece.lesson)
        if key not in left:
            kept.append(piece)
            continue
        fits = min(piece.ms, left[key])
        left[key] -= fits
        if fits:
            kept.append(piece._replace(until_ms=piece.from_ms + fits))
        if fits < piece.ms:
            over.append(piece._replace(from_ms=piece.from_ms + fits, reason=Refusal.CAP))
    return kept, over


def lesson_seconds(ms: int, cap_s: int | None) -> int:
    """What one lesson earned: whole seconds, at most its cap (None: no cap)."""
    return ms // 1000 if cap_s is None else min(ms // 1000, cap_s)


def class_hours(seconds: int, hour_minutes: int, step: Decimal) -> Decimal:
    """Class hours of `hour_minutes` full minutes, rounded down to `step`: exact, no binary fractions."""
    steps = (Decimal(seconds) / (Decimal(hour_minutes * 60) * step)).to_integral_value(ROUND_FLOOR)
    return steps * step


def played_ms(beats: Iterable[BeatData], *, duration_ms: int) -> int:
    """How much of a video was really played: each playing beat speaks for the stretch that ends at its position.

    The stretch is the beat's span times its speed (at most twice), never before the video's beginning; a jump adds
    nothing, and what is played twice counts once.
    """
    stretches = []
    for beat in beats:
        if beat.flags & Flag.PLAYING and beat.flags & Flag.VISIBLE and beat.position_ms is not None:
            end = min(beat.position_ms, duration_ms)
            stretches.append((max(0, end - beat.span_ms * min(beat.rate, 200) // 100), end))
    return length(union(stretches))
