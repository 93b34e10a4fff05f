"""What this room hears. Nothing is marked here: the news comes while others' rows are locked."""

from assessment.delivery.events import LateRuled, SittingClosed
from assessment.marking.events import BookletMarked, PanelFinished
from assessment.specification.types import Part
from assessment.theory.services.marking import ask_for_marking, ask_for_paper, receive_booklet, receive_video
from lms.core import clock
from lms.core.events import subscribe
from lms.core.ids import new_uuid


@subscribe(SittingClosed)
def mark_closed_sitting(news: SittingClosed) -> None:
    """Answers are complete: the worker marks them."""
    ask_for_marking(news.sitting, why="closed")


@subscribe(LateRuled)
def mark_paper_again(news: LateRuled) -> None:
    """Another answer may count now."""
    ask_for_paper(news.attempt, why=str(new_uuid()))


@subscribe(PanelFinished)
def keep_video_mark(news: PanelFinished) -> None:
    """A paper with a video section takes the video's final mark."""
    if news.part is Part.VIDEO:
        receive_video(
            candidacy=news.candidacy,
            mark=news.mark,
            proposed_fail=news.proposed_fail,
            outcome=news.outcome,
            now=clock.now(),
        )


@subscribe(BookletMarked)
def take_peoples_marks(news: BookletMarked) -> None:
    """The short answers of a paper have their marks."""
    receive_booklet(booklet=news.attempt, marks=news.marks, outcome=news.outcome, now=clock.now())
