"""`manage.py bench_papers`: drawing from 50,000 questions and printing a paper. Needs no database."""

import random
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from statistics import median
from time import process_time
from typing import Any
from uuid import UUID

import yaml
from django.core.management.base import BaseCommand

from assessment.bank.loader import read_folder
from assessment.bank.types import Drawable, QuestionDocument
from assessment.papers import services
from assessment.papers.drawing import draw
from assessment.papers.logic import read_blueprint
from assessment.papers.printing import render
from assessment.papers.types import (
    BlueprintContent,
    Drawn,
    PaperData,
    PaperState,
    SectionData,
    Source,
)
from lms.core.types import Level

DRAW_S = 1.0
_FORMS = 2


class Command(BaseCommand):
    help = "Draw each shipped blueprint in two forms from 50,000 questions and print a paper; prints CPU seconds."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--questions", type=int, default=50_000)
        parser.add_argument("--runs", type=int, default=5, help="seeds drawn by; median and slowest are told")

    def handle(self, *args: Any, **options: Any) -> None:
        for line in measures(options["questions"], options["runs"]):
            self.stdout.write(line)


def measures(count: int, runs: int) -> Iterator[str]:
    """Lines to print. Every blueprint has the whole count at its level."""
    documents = list(read_folder())
    said = yaml.safe_load(services.SHIPPED.read_text(encoding="utf-8"))
    blueprints = [read_blueprint(entry) for entry in said["blueprints"]]
    missed, last = False, None
    for blueprint in blueprints:
        ours = [document for document in documents if document.place.level is blueprint.level]
        bank = _bank(ours, count, blueprint)
        # The first drawing of a process loads the solver.
        draw(blueprint, bank[:2000], seed=0)
        taken, drawn = [], None
        for seed in range(runs):
            began = process_time()
            drawn = draw(blueprint, bank, seed=seed, forms=_FORMS)
            taken.append(process_time() - began)
            if not isinstance(drawn, Drawn):
                raise RuntimeError(f"{blueprint.title} could not be drawn: {drawn}")
        missed |= max(taken) >= DRAW_S
        yield (
            f"{blueprint.key} level {int(blueprint.level)}, {blueprint.count} questions in {_FORMS} forms from {len(bank)}: "
            f"{median(taken):.2f} s, the slowest {max(taken):.2f} s"
        )
        last = blueprint, ours
    yield f"aim {DRAW_S:.0f} s a drawing: {'MISSED' if missed else 'met'}"
    if last is not None:
        yield from _printing(*last, runs)


def _bank(ours: Sequence[QuestionDocument], count: int, blueprint: BlueprintContent) -> list[Drawable]:
    """The starter bank's places over and over, each question of its own name and use; cases of four questions of two types, as
    the shipped case section asks for."""
    drawn = random.Random(20261121)  # noqa: S311  # a bench must draw the same again
    asked = [ask.type for section in blueprint.sections for ask in section.asks if section.source is Source.CASE]
    wanted = {ask.type for section in blueprint.sections for ask in section.asks}
    plain = [document for document in ours if document.stimulus is None]
    scarce = [document for document in plain if document.type in wanted] or plain
    made = []
    for number in range(count):
        document = drawn.choice(plain if number % 2 else scarce)
        one = Drawable(
            question=UUID(int=drawn.getrandbits(128)),
            version=UUID(int=drawn.getrandbits(128)),
            level=document.place.level,
            topic=document.place.topic,
            type=document.type,
            step=document.place.step,
            difficulty=document.place.difficulty,
            law=document.place.law,
            stimulus=None,
            exposure=drawn.randrange(6),
        )
        if asked and number % 10 < 2:
            one = replace(one, type=asked[number % len(asked)], stimulus=UUID(int=number // 20 + 1))
        made.append(one)
    return made


def _printing(blueprint: BlueprintContent, ours: Sequence[QuestionDocument], runs: int) -> Iterator[str]:
    bank = [
        Drawable(
            one.uid, one.uid, one.place.level, one.place.topic, one.type, one.place.step, one.place.difficulty,
            one.place.law, one.stimulus.uid if one.stimulus else None, 0,
        )
        for one in ours
    ]  # fmt: skip
    drawn = draw(blueprint, bank, seed=1)
    if not isinstance(drawn, Drawn):
        raise RuntimeError(f"{blueprint.title} could not be drawn from the starter bank")
    form = drawn.forms[0]
    paper = _paper(blueprint, form.sections)
    by_uid = {one.uid: one for one in ours}
    documents = [by_uid[item.question] for item in form.items]
    for keys in (False, True):
        render(paper, documents, {}, keys=keys)
        taken = []
        for _run in range(runs):
            began = process_time()
            made = render(paper, documents, {}, keys=keys)
            taken.append(process_time() - began)
        what = "with answers" if keys else "for candidates"
        yield f"printing {len(documents)} questions {what}: {median(taken):.2f} s of CPU, {len(made) / 1024:.0f} KB"


def _paper(blueprint: BlueprintContent, sections: tuple[SectionData, ...]) -> PaperData:
    return PaperData(
        uuid=UUID(int=1),
        blueprint_key=blueprint.key,
        blueprint_version=1,
        blueprint_hash="0" * 64,
        level=Level(blueprint.level),
        title=blueprint.title,
        form="A",
        group=UUID(int=2),
        seed=1,
        minutes=blueprint.minutes,
        total=Decimal(blueprint.total),
        pass_mark=blueprint.pass_mark,
        sections=sections,
        content_hash="0" * 64,
        state=PaperState.DRAWN,
    )
