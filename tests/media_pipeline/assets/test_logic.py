"""The stages walk through the table of moves, and nothing else is a move."""

from datetime import timedelta

import pytest

from media_pipeline.assets.logic import STAGE_NAMES, next_stage, poll_pause_s, state_after, steps_into
from media_pipeline.assets.types import MOVES, SETTLED, AssetState, Purpose, may_move, pages
from media_pipeline.stages.api import STAGES


def test_the_states_know_every_stage_in_its_order() -> None:
    assert tuple(stage.name for stage in STAGES) == STAGE_NAMES


def test_a_recording_of_a_class_is_ready_once_it_is_measured() -> None:
    assert (next_stage("intake", Purpose.RECORDING), next_stage("measure", Purpose.RECORDING)) == ("measure", None)
    assert state_after("measure", Purpose.RECORDING) is AssetState.READY
    assert may_move(AssetState.VALIDATING, AssetState.READY)


def test_the_ordinary_way_leads_from_uploaded_to_ready_by_allowed_moves() -> None:
    state, way = AssetState.UPLOADED, [AssetState.UPLOADED]
    for stage in STAGE_NAMES:
        steps = steps_into(state, stage)
        assert steps is not None
        for after in (*steps, state_after(stage)):
            if after is not state:
                assert may_move(state, after)
                way.append(after)
                state = after
    assert way == [
        AssetState.UPLOADED, AssetState.VALIDATING, AssetState.QUEUED, AssetState.TRANSCRIBING, AssetState.CHECKING,
        AssetState.READY,
    ]  # fmt: skip


@pytest.mark.parametrize("stage", STAGE_NAMES)
def test_a_failed_work_returns_to_its_stage_by_allowed_moves(stage: str) -> None:
    state = AssetState.FAILED
    for after in steps_into(AssetState.FAILED, stage) or []:
        assert may_move(state, after)
        state = after
    assert steps_into(state, stage) == []


@pytest.mark.parametrize("stage", STAGE_NAMES)
def test_an_interrupted_stage_is_entered_again_and_a_passed_one_is_not(stage: str) -> None:
    working = (steps_into(AssetState.FAILED, stage) or [])[-1]
    assert steps_into(working, stage) == []
    assert steps_into(AssetState.READY, stage) is None
    if next_stage(stage) and state_after(stage) is not working:
        assert steps_into(state_after(stage), stage) is None


def test_every_moving_state_can_fail_and_settled_ones_do_not_move_by_themselves() -> None:
    assert {state for state in AssetState if AssetState.FAILED in MOVES[state]} == set(AssetState) - SETTLED
    assert set(MOVES) == set(AssetState)


def test_polling_slows_from_two_to_ten_seconds() -> None:
    pauses = [poll_pause_s(timedelta(seconds=seconds)) for seconds in (-5, 0, 14, 15, 60, 120, 3600)]
    assert pauses == [2, 2, 2, 3, 6, 10, 10]


@pytest.mark.parametrize(
    "total,asked,shown",
    ((0, 1, (1, 1, 0)), (50, 2, (1, 1, 50)), (51, 2, (2, 2, 51)), (51, 0, (1, 2, 51)), (120, 99, (3, 3, 120))),
)
def test_a_page_is_the_one_asked_for_or_the_nearest(total: int, asked: int, shown: tuple[int, int, int]) -> None:
    page = pages(total, asked)
    assert (page.number, page.count, page.total) == shown
    assert (page.previous is None, page.next is None) == (page.number == 1, page.number == page.count)
