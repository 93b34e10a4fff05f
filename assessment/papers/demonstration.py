"""What the demonstration does with blueprints and papers, by the services people use; what stands already is left as it is."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import override

from assessment.bank.selectors import drawable
from assessment.papers.drawing import draw
from assessment.papers.models import Blueprint, PaperForm
from assessment.papers.presentation import shortfall_words
from assessment.papers.selectors import blueprint_data, parallel_forms
from assessment.papers.services import approve_blueprint, approve_paper, draw_papers
from assessment.papers.types import BlueprintData, Drawn
from lms.accounts.api import Acting
from lms.core.types import Level

_SEED = 20261121
_FORMS = 2
_DRAWN = ("live_seller_theory", Level.ELEMENTARY)


def demo_papers(*, committee: Acting, bureau: Acting, now: datetime) -> Iterator[str]:
    """The bureau approves what is shipped; the committee draws the level 5 paper in two forms, which the bureau approves.

    A line each: what can be drawn, and of what cannot which quota fails and by how many, in Chinese and English.
    """
    for row in Blueprint.objects.filter(author=None, approval=None).order_by("level", "version"):
        approve_blueprint(by=bureau, blueprint=row.uuid, now=now)
    for row in _newest():
        yield from _told(blueprint_data(row))
    key, level = _DRAWN
    row = _newest().filter(key=key, level=int(level)).first()
    if row is None:
        return
    if not PaperForm.objects.filter(blueprint__key=key, blueprint__level=int(level)).exists():
        for made in draw_papers(by=committee, blueprint=row.uuid, seed=_SEED, forms=_FORMS, now=now):
            approve_paper(by=bureau, paper=made.uuid, now=now)
    paper = PaperForm.objects.filter(blueprint__key=key, blueprint__level=int(level)).earliest("id")
    forms = parallel_forms(paper.group)
    for one in forms:
        yield f"{one.title} {one.form}卷 form {one.form}: {len(one.items)} 题 questions, {one.content_hash[:12]}"
    common = {item.question for item in forms[0].items} & {item.question for item in forms[-1].items}
    yield f"两卷相同 in common: {len(common)} 题 questions, 随机种子 seed {paper.seed}"


def _newest() -> QuerySet[Blueprint]:
    return Blueprint.objects.filter(author=None, approval__isnull=False).order_by("level")


def _told(data: BlueprintData) -> Iterator[str]:
    outcome = draw(data.content, drawable(data.level), seed=_SEED, forms=1)
    if isinstance(outcome, Drawn):
        yield f"{data.title}: 可以组卷 can be drawn"
        return
    for one in outcome:
        with override("en"):
            english = shortfall_words(one)
        yield f"{data.title}: {shortfall_words(one)} ({english})"
