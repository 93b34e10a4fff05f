"""`manage.py process_video FILE`: the whole pipeline on one file, without server, worker or database."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from lms.core.types import Level, ProductKind
from media_pipeline.engines.api import EngineError
from media_pipeline.rulepacks.api import current_pack
from media_pipeline.stages.api import STAGES, Request, Stage, run_offline
from media_pipeline.stages.report_text import report_lines
from media_pipeline.toolbox import tools

_BAR = 24


class Command(BaseCommand):
    help = "Check one video: container, picture, sound, transcript, words. Exit code 2 when it is refused."
    # Nothing of the database is needed: no checks of models, no migrations, no query.
    requires_system_checks = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the video")
        parser.add_argument("--product", choices=[kind.value for kind in ProductKind], help="what is sold")
        parser.add_argument("--level", type=int, choices=range(5, 0, -1), help="skill level, 5 elementary to 1")
        parser.add_argument("--brand", default="", help="the brand that should be named")
        parser.add_argument("--product-name", default="", help="the product's name")
        parser.add_argument("--language", choices=["zh", "en"], default="zh", help="language of reasons and notes")
        parser.add_argument("--json", action="store_true", help="only JSON on stdout")

    def handle(self, *args: Any, **options: Any) -> None:
        request = Request(
            product=ProductKind(options["product"]) if options["product"] else None,
            level=Level(options["level"]) if options["level"] else None,
            brand=options["brand"],
            product_name=options["product_name"],
        )
        bar = _Bar(options["language"]) if sys.stderr.isatty() else None
        try:
            report = run_offline(
                options["file"].absolute(), request, tools(book=current_pack(), level=request.level), bar
            )
        except EngineError as error:
            raise CommandError(str(error)) from error
        finally:
            if bar:
                bar.clear()
        if options["json"]:
            self.stdout.write(json.dumps(report.to_json(options["language"]), ensure_ascii=False, indent=2))
        else:
            for line in report_lines(report, options["file"].name, options["language"]):
                self.stdout.write(line)
        if report.verdict == "refused":
            sys.exit(2)


class _Bar:
    """One line on the terminal that says which stage runs and how far it is."""

    def __init__(self, language: str) -> None:
        self._language = language

    def __call__(self, stage: Stage, share: float, /) -> None:
        title = stage.title_zh if self._language == "zh" else stage.title
        full = round(share * _BAR)
        place = STAGES.index(stage) + 1
        sys.stderr.write(f"\r\033[K[{place}/{len(STAGES)}] {title} {'█' * full}{'░' * (_BAR - full)} {share:4.0%}")
        sys.stderr.flush()

    def clear(self) -> None:
        sys.stderr.write("\r\033[K")
        sys.stderr.flush()
