"""`manage.py worker`: runs the background work until Ctrl-C or SIGTERM."""

import logging
import signal
import sys
import threading
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DEFAULT_DB_ALIAS, DatabaseError, close_old_connections, connections
from django.db.migrations.executor import MigrationExecutor

from lms.core import clock, jobs, queue
from lms.core.lifeline import Lifeline
from lms.core.supervisor import Supervisor

logger = logging.getLogger("kaibo.worker")
_SWEEPER = "sweeper"


class Command(BaseCommand):
    help = "Runs the background work: the short and media clusters and the sweeper, until Ctrl-C or SIGTERM."
    requires_system_checks = []  # the parts would repeat what the supervisor checked

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--grace", type=float, default=10.0, help="seconds running jobs get to finish at a stop")
        parser.add_argument("--part", choices=[*settings.JOB_CLUSTERS, _SWEEPER], help="(internal) be one part")
        parser.add_argument("--fd", type=int, help="(internal) the part's end of the lifeline")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["part"]:
            _be_part(options["part"], Lifeline(options["fd"]))
            return
        self.check()
        self._refuse_without_tables()
        command = [sys.executable, sys.argv[0], "worker"]
        Supervisor(
            parts={
                **{name: ([*command, "--part", name], {"Q_CLUSTER_NAME": name}) for name in settings.JOB_CLUSTERS},
                _SWEEPER: ([*command, "--part", _SWEEPER], {}),
            },
            report=self._report,
            grace_s=options["grace"],
            stuck_s=settings.JOB_STUCK_S,
        ).run()

    def _report(self, line: str) -> None:
        self.stdout.write(f"Kaibo worker {line}")
        self.stdout.flush()

    def _refuse_without_tables(self) -> None:
        executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            raise CommandError("The database is not migrated: run `make setup` first.")
        connections.close_all()


def _be_part(name: str, lifeline: Lifeline) -> None:
    def ready() -> None:
        lifeline.say("ready")
        lifeline.watch()

    if name == _SWEEPER:
        _sweep_for_ever(lifeline, ready)
        clean = True
    else:
        clean = queue.serve(name, ready)
    lifeline.settle()
    sys.exit(0 if clean else 1)


def _sweep_for_ever(lifeline: Lifeline, ready: Any) -> None:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    ready()
    while not stop.is_set():
        close_old_connections()
        try:
            swept = jobs.sweep(now=clock.real_now())
        except DatabaseError:
            logger.exception("the sweep failed and is tried again in %s s", settings.SWEEP_S)
        else:
            for cluster in swept.stuck:
                lifeline.say(f"stuck {cluster}")
        stop.wait(settings.SWEEP_S)
