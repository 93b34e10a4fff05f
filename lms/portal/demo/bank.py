"""The demonstration's question bank and papers, told on a terminal: the starter bank, two questions that wait for an expert, a
paper in two forms."""

from collections.abc import Iterator
from datetime import datetime

from assessment.api import demo_papers, demo_review, load_bank, waiting_questions
from lms.portal.demo.world import World

AUTHOR, EXPERT, NEXT, BUREAU = "committee", "committee-2", "committee-3", "hr-city"


def question_bank(world: World, *, now: datetime) -> Iterator[str]:
    """Load it, ask for a review, let one of the two experts approve; what stands already is left as it is."""
    yield f"    示范题库 starter bank  {load_bank(now=now)} 题有变动 questions changed"
    for stem in demo_review(author=world.acting(AUTHOR), expert=world.acting(EXPERT), now=now):
        yield f"    待审定 under review  {stem}"
    expert = world.users[NEXT].display_name
    yield f"    {expert} 的待办 waiting for her  {waiting_questions(world.acting(NEXT), now=now)}"


def papers(world: World, *, now: datetime) -> Iterator[str]:
    """The bureau approves the shipped blueprints; a paper is drawn in two forms and approved."""
    for line in demo_papers(committee=world.acting(AUTHOR), bureau=world.acting(BUREAU), now=now):
        yield f"    {line}"
