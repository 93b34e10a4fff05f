"""`make demo`: the demonstration world, two videos through the real pipeline, then the site until Ctrl-C."""

import os
import signal
import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import override

from assessment.api import OutcomeData
from lms.core import clock
from lms.portal.demo.bank import papers, question_bank
from lms.portal.demo.children import Child, ChildDied, free_port, start_site, start_worker
from lms.portal.demo.exam import exam
from lms.portal.demo.judgement import certify, judge, tell
from lms.portal.demo.pictures import DrawingFailed
from lms.portal.demo.study import CLIP, study
from lms.portal.demo.training import build_training
from lms.portal.demo.works import HANDED_IN, DemoFailed, draw_clips, hand_in, report, watch
from lms.portal.demo.world import World, build_world, logins


class Command(BaseCommand):
    help = "Builds the demonstration, walks lessons, exam and videos, and serves it. ONCE=1 ends after the report."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO or settings.PRODUCTION:
            raise CommandError("The demonstration needs KAIBO_DEMO=1: use `make demo`.")
        once = os.environ.get("ONCE", "") not in ("", "0")
        # Ctrl-C and a stopped `make` end the children the same way.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            with ExitStack() as children, override("zh-hans"):
                self._run(children, once=once)
        except (ChildDied, DemoFailed, DrawingFailed) as failed:
            raise CommandError(str(failed)) from failed
        except KeyboardInterrupt:
            self.say("\n演示结束。 The demonstration has ended.")

    def say(self, line: str = "") -> None:
        """One line at once, also into a pipe."""
        self.stdout.write(line)
        self.stdout.flush()

    def _run(self, children: ExitStack, *, once: bool) -> None:
        began = time.monotonic()
        world = build_world(now=clock.now())
        fresh = build_training(world, now=clock.now()) or world.fresh
        self.say(f"演示数据 demonstration world: {'built' if fresh else 'there already'}  {self._since(began)}")
        began = time.monotonic()
        clips = {clip.name: clip for clip in draw_clips()}
        self.say(f"演示视频 {len(clips)} demonstration videos  {self._since(began)}")
        worker = start_worker()
        children.callback(worker.stop)
        sections: tuple[tuple[str, Callable[[], Iterable[str]]], ...] = (
            ("课程与学习 lessons and study", lambda: study(world, clips[CLIP], worker, now=clock.now)),
            ("题库 question bank", lambda: question_bank(world, now=clock.now())),
            ("组卷 papers", lambda: papers(world, now=clock.now())),
            ("理论考试 theory exam", lambda: exam(world, worker, now=clock.now)),
        )
        for title, section in sections:
            began = time.monotonic()
            self.say(f"\n{title}")
            for line in section():
                self.say(line)
            self.say(f"    {self._since(began)}")
        judged: dict[str, tuple[UUID, OutcomeData]] = {}
        for who, name in HANDED_IN.items():
            began = time.monotonic()
            clip = clips[name]
            self.say(f"\n{clip.card['title_zh']}  ({clip.video.name})")
            work = hand_in(world, who, clip, now=clock.now())
            for line in watch(world, who, work, worker, now=clock.now):
                self.say(line)
            self.say(f"    从交上到检测完 from upload to evidence  {self._since(began)}")
            for line in report(work, clip):
                self.say(line)
            judged[who] = (work, judge(world, work, name, worker, now=clock.now))
        certify(world, {who: work for who, (work, _outcome) in judged.items()}, now=clock.now)
        for who, (work, outcome) in judged.items():
            self.say(f"\n{outcome.code}  {clips[HANDED_IN[who]].card['title_zh']}")
            for line in tell(world, who, work, outcome, now=clock.now()):
                self.say(line)
        if once:
            return
        self._serve(children, world, worker)

    def _serve(self, children: ExitStack, world: World, worker: Child) -> None:
        wanted = os.environ.get("PORT", "")
        if wanted and not wanted.isdigit():
            raise DemoFailed(f"PORT must be a number, not {wanted!r}")
        port = free_port(int(wanted) if wanted else None)
        # Packages run on another host, for cookies know no ports: localhost is not 127.0.0.1.
        second = free_port(None, first=port + 1)
        origins = {
            "KAIBO_BASE_URL": os.environ.get("KAIBO_BASE_URL", f"http://127.0.0.1:{port}"),
            "KAIBO_CONTENT_ORIGIN": f"http://localhost:{second}",
        }
        sites = [start_site(port, **origins)]
        children.callback(sites[0].stop)
        sites.append(start_site(second, "packages", **origins))
        children.callback(sites[1].stop)
        self.say(f"\n开播 Kaibo: http://127.0.0.1:{port}/   (Ctrl-C 结束 stops it)")
        self.say(f"课件包 packages: http://localhost:{second}/")
        self.say(f"密码 password, everybody's: {world.password}")
        for login in logins(world):
            self.say(login.line)
        self.say("动态码每30秒换一次 codes change every 30 s; new ones: KAIBO_DEMO=1 python manage.py demo_logins")
        self.say(f"可以自己上传的视频 videos to upload yourself: {Path(settings.VAR_DIR) / 'demo' / 'videos'}")
        while True:
            worker.check()
            for site in sites:
                site.check()
            time.sleep(1)

    def _since(self, began: float) -> str:
        return f"{time.monotonic() - began:.1f} s"
