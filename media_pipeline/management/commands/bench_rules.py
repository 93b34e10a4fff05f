"""`manage.py bench_rules`: what the pack finds on every file of labelled sentences, by category, and how fast it reads.

Of sentences that were set aside only figures are printed, never which failed: who reads them has tuned on them.
"""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from media_pipeline.rulepacks.api import current_pack
from media_pipeline.rulepacks.check import TextFinding, check, untimed
from media_pipeline.rulepacks.loading import DATA
from media_pipeline.rulepacks.scoring import Figures, Score, Sentence, read_sentences, score

_TRANSCRIPT_CHARACTERS = 26_000
_CATEGORY = "  {:10} {:>4}/{:<4} {:6.3f}   {:>3}/{:<4} {:6.3f}   {:>9}   {:>9}   {:>3}/{:<3}"
_HEAD = "  {:10} {:>9} {:>6}   {:>8} {:>6}   {:>9}   {:>9}   {:>7}"


class Command(BaseCommand):
    help = "Score the rule pack on its labelled sentences, by file and category, and time it."
    requires_system_checks = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--failures", action="store_true", help="name what failed in files that are tuned on")

    def handle(self, *args: Any, **options: Any) -> None:
        pack = current_pack()

        def find(sentence: Sentence) -> list[TextFinding]:
            return check(pack, sentence.text, sentence.product)

        texts: list[str] = []
        for path in sorted((DATA / "sentences").glob("*.jsonl")):
            sentences = read_sentences(path.read_text("utf-8"))
            texts += [sentence.text for sentence in sentences]
            result = score(sentences, find)
            self._print(path.stem, result)
            if options["failures"] and "set-aside" not in path.stem:
                by_id = {sentence.id: sentence.text for sentence in sentences}
                for name, ids in (("missed", result.missed), ("false alarm", result.alarmed)):
                    for item in ids:
                        self.stdout.write(f"    {name} {item} {by_id[item]}")
        self._time(texts)

    def _print(self, name: str, result: Score) -> None:
        self.stdout.write(name)
        self.stdout.write(
            _HEAD.format("", "spans", "recall", "alarms", "share", "suspected", "near susp.", "sounds heard")
        )
        for category, figures in (*result.by_category.items(), ("all", result.total)):
            self.stdout.write(_CATEGORY.format(category, *_row(figures)))

    def _time(self, texts: list[str]) -> None:
        pack = current_pack()
        whole = ""
        while len(whole) < _TRANSCRIPT_CHARACTERS:
            whole += "".join(texts)
        lines = [untimed(at // 20, whole[at : at + 20]) for at in range(0, _TRANSCRIPT_CHARACTERS, 20)]
        started = time.process_time()
        pack.find(lines, None)
        self.stdout.write(
            f"{_TRANSCRIPT_CHARACTERS} characters (two hours of speech): {time.process_time() - started:.3f} s CPU"
        )
        ten_thousand = [texts[number % len(texts)] for number in range(10_000)]
        started = time.process_time()
        for text in ten_thousand:
            check(pack, text, None)
        self.stdout.write(f"10,000 sentences one by one: {time.process_time() - started:.2f} s CPU")


def _row(figures: Figures) -> tuple[Any, ...]:
    return (
        figures.found,
        figures.spans,
        figures.recall,
        figures.alarms,
        figures.near,
        figures.false_alarms,
        figures.only_suspected,
        figures.near_suspected,
        figures.heard,
        figures.sounds,
    )
