"""The pipeline as the states of a work see it: which stage waits and works in which state, what comes next. Pure.

And what becomes of captions when two people correct them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from media_pipeline.assets.types import AssetState, CaptionLine, Purpose

CAPTION_CHARS = 120
# The last line may end a little after the last picture.
_AFTER_END_S = 2.0

# Stage → the state it waits in, the state it works in. The order is the order of work.
_PLACES: dict[str, tuple[AssetState, AssetState]] = {
    "intake": (AssetState.UPLOADED, AssetState.VALIDATING),
    "measure": (AssetState.VALIDATING, AssetState.VALIDATING),
    "transcribe": (AssetState.QUEUED, AssetState.TRANSCRIBING),
    "compliance": (AssetState.CHECKING, AssetState.CHECKING),
    "similarity": (AssetState.CHECKING, AssetState.CHECKING),
}
STAGE_NAMES = tuple(_PLACES)


def stage_names(purpose: Purpose) -> tuple[str, ...]:
    """What a video goes through: a recording of a class is looked at, but nobody's words in it are written down; only what
    is handed in for the assessment is held against what others handed in for it."""
    if purpose is Purpose.SUBMISSION:
        return STAGE_NAMES
    return STAGE_NAMES[:2] if purpose is Purpose.RECORDING else STAGE_NAMES[:4]


def next_stage(stage: str, purpose: Purpose = Purpose.SUBMISSION) -> str | None:
    """The stage after this one, None after the last."""
    names = stage_names(purpose)
    following = names.index(stage) + 1
    return names[following] if following < len(names) else None


def state_after(stage: str, purpose: Purpose = Purpose.SUBMISSION) -> AssetState:
    """The state in which the next stage waits; ready after the last."""
    following = next_stage(stage, purpose)
    return _PLACES[following][0] if following else AssetState.READY


def steps_into(state: AssetState, stage: str) -> list[AssetState] | None:
    """The moves that bring a work to this stage's working state: none when it is there already (the last worker was
    killed), two when it failed here and a person retried it. None when the work is not at this stage (any more)."""
    waiting, working = _PLACES[stage]
    if state is working:
        return []
    if state is waiting:
        return [working]
    if state is AssetState.FAILED:
        return [waiting] if waiting is working else [waiting, working]
    return None


def poll_pause_s(still_for: timedelta) -> int:
    """Seconds until the page asks again: 2 while things move, up to 10 when nothing has moved for long."""
    return min(10, 2 + int(max(still_for, timedelta(0)).total_seconds() // 15))


def corrected(
    seen: Sequence[CaptionLine],
    newest: Sequence[CaptionLine],
    changed: Mapping[int, CaptionLine | None],
    added: Sequence[CaptionLine],
) -> tuple[tuple[CaptionLine, ...], int | None]:
    """The newest lines with these changes, by time, and the first line on which two people disagree (None: there is none).

    A line counts as changed when it differs from what was `seen`; it is lost when the newest differs from that too, and
    from the change. Added lines get ids that no version has had: ids only grow, so the highest seen anywhere counts.
    """
    before = {line.id: line for line in seen}
    lines = {line.id: line for line in newest}
    for number, line in changed.items():
        if number not in before or line == before[number] or line == lines.get(number):
            continue
        if lines.get(number) != before[number]:
            return tuple(newest), number
        if line is None:
            del lines[number]
        else:
            lines[number] = replace(line, id=number)
    free = max((*before, *lines), default=-1) + 1
    lines |= {free + place: replace(line, id=free + place) for place, line in enumerate(added)}
    return tuple(sorted(lines.values(), key=lambda line: (line.start_s, line.id))), None


def faults(lines: Sequence[CaptionLine], duration_s: float | None) -> Iterator[tuple[int, str]]:
    """What cannot be shown, as (line's id, `order`, `outside` or `long`)."""
    for line in lines:
        if line.end_s <= line.start_s:
            yield line.id, "order"
        if line.start_s < 0 or (duration_s is not None and line.end_s > duration_s + _AFTER_END_S):
            yield line.id, "outside"
        if len(line.text) > CAPTION_CHARS:
            yield line.id, "long"
