"""What this room hears."""

from assessment.bank.events import QuestionApproved, QuestionWithdrawn
from assessment.statistics.services.concerns import lapse_concerns
from assessment.statistics.services.runs import SITTING_JOB
from assessment.theory.events import PaperReleased
from lms.core import clock
from lms.core.events import subscribe
from lms.core.jobs import enqueue


@subscribe(PaperReleased)
def analyse_released(news: PaperReleased) -> None:
    """Marks may be known, for the first time or corrected: the worker analyses the sitting, once for all its papers."""
    enqueue(SITTING_JOB, news.sitting, key=str(news.sitting))


@subscribe(QuestionWithdrawn)
def forget_withdrawn(news: QuestionWithdrawn) -> None:
    """Papers draw it no more: nobody need decide on its figures."""
    lapse_concerns(question=news.question, now=clock.now())


@subscribe(QuestionApproved)
def forget_replaced(news: QuestionApproved) -> None:
    """Another version is drawn from now on: the old one's figures are history."""
    lapse_concerns(question=news.question, keep=news.version, now=clock.now())
