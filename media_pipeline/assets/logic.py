"""The pipeline as the states of a work see it: which stage waits and works in which state, what comes next. Pure."""

from datetime import timedelta

from media_pipeline.assets.types import AssetState

# Stage → the state it waits in, the state it works in. The order is the order of work.
_PLACES: dict[str, tuple[AssetState, AssetState]] = {
    "intake": (AssetState.UPLOADED, AssetState.VALIDATING),
    "measure": (AssetState.VALIDATING, AssetState.VALIDATING),
    "transcribe": (AssetState.QUEUED, AssetState.TRANSCRIBING),
    "compliance": (AssetState.CHECKING, AssetState.CHECKING),
}
STAGE_NAMES = tuple(_PLACES)


def next_stage(stage: str) -> str | None:
    """The stage after this one, None after the last."""
    following = STAGE_NAMES.index(stage) + 1
    return STAGE_NAMES[following] if following < len(STAGE_NAMES) else None


def state_after(stage: str) -> AssetState:
    """The state in which the next stage waits; ready after the last."""
    following = next_stage(stage)
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
