"""Any order of saving, sending again, losing the answer, changing the device, pausing and running out of time: what was
acknowledged stands, once and unchanged, and everything can be made again from what is written once."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeVar, cast
from uuid import UUID, uuid4

from django.db import transaction
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from assessment.delivery.logic import to_moment
from assessment.delivery.models import Answer
from assessment.delivery.saving import save
from assessment.delivery.selectors import current_answers, recount
from assessment.delivery.services import (
    change_device,
    extend_attempt,
    hand_in,
    pause_attempt,
    resume_attempt,
    time_out_due,
)
from assessment.delivery.services import start_attempt as start
from assessment.delivery.tokens import Leave
from assessment.delivery.types import AttemptState, Batch, DeliveryRefused, Refusal, SaveRefused, Sent
from tests.assessment.delivery.world import GRACE_S, MINUTES, OPENS, World, again, leave, ms, opened, waiting

POSITIONS = st.integers(1, 4)
T = TypeVar("T")
R = TypeVar("R", bound=Exception)
RESPONSES = st.sampled_from(['["A"]', '["B"]', '["A","C"]', "null", '"\\u8336"'])


def outcome(act: Callable[[], T], refusal: type[R]) -> T | R:
    """What an act gave, or the refusal it raised."""
    try:
        return act()
    except refusal as refused:
        return refused


@dataclass
class Device:
    """A browser: its outbox never forgets; `sure` receipts were read."""

    name: UUID
    leave: Leave
    first: str
    log: list[tuple[int, str]] = field(default_factory=list)
    sure: list[str] = field(default_factory=list)

    def previous(self, sequence: int) -> str:
        return self.sure[sequence - 2] if sequence > 1 else self.first


class Exam(RuleBasedStateMachine):
    """The model knows the rules in its own words: the clock as a sum, the standing as three questions."""

    devices = Bundle("devices")

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world
        self.by = world.cast.acting("owner")
        self.undo = transaction.atomic()
        self.undo.__enter__()
        self.row = waiting(world)
        self.now = ms(OPENS)
        start(by=self.by, attempt=self.row.uuid, device=self.row.device, now=to_moment(self.now))
        self.end = self.now + MINUTES * 60_000 + GRACE_S * 1000
        self.paused_at: int | None = None
        self.over = self.handed_in = False
        self.current: Device | None = None
        self.stored: dict[tuple[int, int], tuple[int, str, str]] = {}
        self.acknowledged: dict[tuple[int, int], tuple[int, str, str]] = {}

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.undo.__exit__(None, None, None)

    @initialize(target=devices)
    def begins(self) -> Device:
        self.current = Device(self.row.device, leave(self.row), self.row.hash)
        return self.current

    @rule(target=devices)
    @precondition(lambda self: not self.over)
    def changes_device(self) -> Device:
        name = uuid4()
        change_device(by=self.by, attempt=self.row.uuid, device=name, now=to_moment(self.now))
        row = again(self.row)
        self.current = Device(name, leave(row), row.hash)
        return self.current

    @rule(device=devices, position=POSITIONS, response=RESPONSES)
    def writes(self, device: Device, position: int, response: str) -> None:
        device.log.append((position, response))

    @rule(ms=st.integers(1, 20 * 60_000))
    def time_passes(self, ms: int) -> None:
        self.now += ms

    @rule(off=st.sampled_from([-1000, 0, 1, 1000]))
    @precondition(lambda self: self.paused_at is None and self.now < self.end - 1000)
    def the_end_comes_near(self, off: int) -> None:
        self.now = self.end + off

    @rule()
    @precondition(lambda self: self.paused_at is None and not self.over and self.now <= self.end)
    def is_paused(self) -> None:
        pause_attempt(by=self.world.invigilator, attempt=self.row.uuid, reason="停电", now=to_moment(self.now))
        self.paused_at = self.now

    @rule()
    @precondition(lambda self: self.paused_at is not None)
    def goes_on(self) -> None:
        resume_attempt(by=self.world.invigilator, attempt=self.row.uuid, now=to_moment(self.now))
        self.end += self.now - (self.paused_at or 0)
        self.paused_at = None

    @rule(minutes=st.integers(1, 10))
    @precondition(lambda self: not self.over and (self.paused_at is not None or self.now <= self.end))
    def gets_more_time(self, minutes: int) -> None:
        extend_attempt(
            by=self.world.invigilator,
            attempt=self.row.uuid,
            minutes=minutes,
            reason="设备故障",
            now=to_moment(self.now),
        )
        self.end += minutes * 60_000

    @rule()
    def the_machine_looks(self) -> None:
        ended = time_out_due(now=to_moment(self.now))
        due = not self.over and self.paused_at is None and self.now > self.end + 60_000
        assert ended == int(due)
        self.over = self.over or due

    @rule()
    @precondition(lambda self: self.current is not None and not self.over)
    def hands_in(self) -> None:
        assert self.current is not None
        device = self.current
        sure, last = len(device.sure), again(self.row).sequence
        head = device.previous(sure + 1)
        ended = outcome(
            lambda: hand_in(
                by=self.by, attempt=self.row.uuid, device=device.name, sequence=sure, head=head, now=to_moment(self.now)
            ),
            DeliveryRefused,
        )
        if isinstance(ended, DeliveryRefused):
            late = self.paused_at is None and self.now > self.end
            assert ended.code == ("over" if late else "unsent" if sure != last else "live")
            assert late or sure != last or self.paused_at is not None
        else:
            assert self.paused_at is None
            assert self.now <= self.end
            self.over = self.handed_in = True

    def _standing(self, device: Device) -> str:
        if device is not self.current:
            return "beside"
        return "counted" if self.now <= self.end and not self.handed_in else "late"

    @rule(device=devices, back=st.integers(0, 3), most=st.integers(1, 4), answered=st.booleans())
    def sends(self, device: Device, back: int, most: int, answered: bool) -> None:
        """From the first answer without a receipt, or from some before it; the server's word may be lost on its way."""
        first = max(1, len(device.sure) + 1 - back)
        sent = tuple(Sent(first + n, *one) for n, one in enumerate(device.log[first - 1 :][:most]))
        epoch = device.leave.epoch
        new = [one for one in sent if (epoch, one.sequence) not in self.stored]
        body = Batch(device.previous(first) if sent else "", sent)
        saved = outcome(lambda: save(device.leave, body, at_ms=self.now), SaveRefused)
        if isinstance(saved, SaveRefused):
            assert saved.code is Refusal.PAUSED
            assert new
            assert device is self.current
            assert self.paused_at is not None
            return
        assert not (new and device is self.current and self.paused_at is not None)
        for one in new:
            self.stored[epoch, one.sequence] = (one.position, one.response, self._standing(device))
        assert [one.sequence for one in saved.receipts] == [one.sequence for one in sent]
        if answered:
            for receipt in saved.receipts:
                self.acknowledged[epoch, receipt.sequence] = (receipt.position, receipt.response, receipt.standing)
                if receipt.sequence == len(device.sure) + 1:
                    device.sure.append(receipt.hash)

    @rule(device=devices, ahead=st.integers(1, 3))
    @precondition(lambda self: self.paused_at is None)
    def comes_too_early(self, device: Device, ahead: int) -> None:
        """A request overtook the one before it."""
        known = max([number for epoch, number in self.stored if epoch == device.leave.epoch], default=0)
        early = Batch("0" * 64, (Sent(known + 1 + ahead, 1, "null"),))
        told = outcome(lambda: save(device.leave, early, at_ms=self.now), SaveRefused)
        assert isinstance(told, SaveRefused)
        assert told.code is Refusal.GAP
        assert told.stream is not None
        assert told.stream.sequence == known

    @rule(device=devices)
    def says_something_else(self, device: Device) -> None:
        """Other bytes under a number that is taken (a second tab)."""
        taken = [number for epoch, number in self.stored if epoch == device.leave.epoch]
        if not taken:
            return
        other = Batch("0" * 64, (Sent(max(taken), 1, '["Z"]'),))
        told = outcome(lambda: save(device.leave, other, at_ms=self.now), SaveRefused)
        assert isinstance(told, SaveRefused)
        assert told.code is Refusal.CONFLICT

    @invariant()
    def nothing_is_lost_changed_or_doubled(self) -> None:
        rows = {
            (row.epoch, row.sequence): (row.position, row.response, row.standing)
            for row in Answer.objects.filter(attempt=self.row)
        }
        assert rows == self.stored
        assert self.acknowledged.items() <= rows.items()

    @invariant()
    def all_of_it_can_be_made_again(self) -> None:
        told = recount(self.row.uuid)
        assert told.problem == ""
        row = again(self.row)
        assert row.state == (
            AttemptState.PAUSED if self.paused_at is not None
            else AttemptState.HANDED_IN if self.handed_in
            else AttemptState.TIMED_OUT if self.over
            else AttemptState.RUNNING
        )  # fmt: skip
        assert row.deadline_ms == self.end - GRACE_S * 1000

    @invariant()
    def the_last_counted_answer_stands(self) -> None:
        counted = sorted(name for name, (_p, _r, standing) in self.stored.items() if standing == "counted")
        last = {self.stored[name][0]: self.stored[name][1] for name in counted}
        assert {position: str(value) for position, value in current_answers(self.row.uuid).items()} == {
            position: str(json.loads(text)) for position, text in last.items()
        }


def test_any_order_of_events_keeps_every_acknowledged_answer(world: World) -> None:
    opened(world, closes_at=OPENS + timedelta(days=2))
    run_state_machine_as_test(cast(Any, lambda: Exam(world)), settings=settings(stateful_step_count=30))
