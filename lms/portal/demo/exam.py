"""The demonstration's theory exam, told on a terminal; the steps themselves are the room's own (`assessment.theory`)."""

import time
from collections.abc import Callable, Iterator
from datetime import datetime

from assessment.api import Examiners, demo_exam
from courses.api import TrainingClass
from lms.portal.demo.children import Child
from lms.portal.demo.training import TEACHING
from lms.portal.demo.works import DemoFailed
from lms.portal.demo.world import World

# Who sits, and how many of the 40 questions she gets wrong; the third of the class is left for a person to click through.
SITS = {"trainee-dates": 3, "trainee": 6}
AWAITED = "trainee-new"
_PATIENCE_S = 120.0


def exam(world: World, worker: Child, *, now: Callable[[], datetime]) -> Iterator[str]:
    """A sitting from the request to the released marks, and one that waits for a visitor. Raises DemoFailed, ChildDied."""
    until = time.monotonic() + _PATIENCE_S

    def wait() -> None:
        worker.check()
        if time.monotonic() > until:
            raise DemoFailed(f"the papers were not marked within {_PATIENCE_S:.0f} s")
        time.sleep(0.2)

    roles = Examiners(
        office=world.acting("institution"),
        bureau=world.acting("hr"),
        invigilator=world.acting("invigilator"),
        invigilator_user=world.users["invigilator"].uuid,
        committee=world.acting("committee"),
        chief=world.acting("chief"),
        sits={world.users[who].display_name: (world.acting(who), wrong) for who, wrong in SITS.items()},
        awaited=(world.users[AWAITED].display_name, world.acting(AWAITED)),
    )
    row = TrainingClass.objects.get(name=TEACHING, is_demo=True)
    yield f"    {row.name}（演示作答，不是真人考试 answers of the demonstration）"
    for line in demo_exam(roles, row.uuid, now=now, wait=wait):
        yield f"    {line}"
