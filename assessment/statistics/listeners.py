"""What this room hears."""

from assessment.bank.events import QuestionApproved, QuestionWithdrawn
from assessment.statistics.services.concerns import lapse_concerns
from lms.core import clock
from lms.core.events import subscribe


@subscribe(QuestionWithdrawn)
def forget_withdrawn(news: QuestionWithdrawn) -> None:
    """Papers draw it no more: nobody need decide on its figures."""
    lapse_concerns(question=news.question, now=clock.now())


@subscribe(QuestionApproved)
def forget_replaced(news: QuestionApproved) -> None:
    """Another version is drawn from now on: the old one's figures are history."""
    lapse_concerns(question=news.question, keep=news.version, now=clock.now())
