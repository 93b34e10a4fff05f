"""The demonstration's study, told on a terminal; the steps themselves are the courses' own (`courses.demonstration`)."""

import time
from collections.abc import Callable, Iterator
from datetime import datetime
from io import StringIO

from django.core.management import call_command

from courses.api import (
    Roles,
    TrainingClass,
    demo_lesson,
    demo_study,
    demo_told,
    demo_video,
    demo_video_waits,
)
from lms.accounts.api import User
from lms.core.types import Level
from lms.portal.demo.children import Child
from lms.portal.demo.training import TEACHING
from lms.portal.demo.works import Clip, DemoFailed
from lms.portal.demo.world import World

TRAINEE = "trainee-new"
# A clip nobody hands in as a work: seen as a lesson video it is what it is, a sample.
CLIP = "clean-tea"
_PATIENCE_S = 600.0


def study(world: World, clip: Clip, worker: Child, *, now: Callable[[], datetime]) -> Iterator[str]:
    """A lesson video with captions, its lesson reviewed by a second person, a trainee who studies. Raises DemoFailed."""
    video = demo_video(by=world.acting("committee"), clip=clip.video, title=clip.card["title_zh"], now=now())
    until = time.monotonic() + _PATIENCE_S
    while demo_video_waits(video):
        worker.check()
        if time.monotonic() > until:
            raise DemoFailed(f"the lesson video was not ready within {_PATIENCE_S:.0f} s")
        time.sleep(0.5)
    roles = Roles(
        author=_login(world, "committee"),
        reviewer=_login(world, "committee-2"),
        office=world.acting("institution"),
        teacher=world.acting("instructor"),
        trainee=world.acting(TRAINEE),
    )
    lesson = demo_lesson(roles, video=video)
    yield f"    课程视频 lesson video  {clip.card['title_zh']}，字幕由语音识别生成；《{lesson}》由第二人审定"
    row = TrainingClass.objects.get(name=TEACHING, is_demo=True)
    demo_study(roles, row, now=now())
    yield f"    {row.name}  {world.users[TRAINEE].display_name}"
    yield from demo_told(row, roles.trainee.person)
    yield "    课程覆盖 coverage of 初级, by policy"
    told = StringIO()
    call_command("coverage_report", level=int(Level.ELEMENTARY), stdout=told)
    # Every policy's verdict; rule by rule on /curriculum/coverage/.
    yield from (f"      {line}" for line in told.getvalue().splitlines() if not line.startswith(" "))


def _login(world: World, key: str) -> User:
    """Wagtail asks the login on whose behalf it acts."""
    user = world.users[key]
    user.acting = world.acting(key)  # type: ignore[attr-defined]
    return user
