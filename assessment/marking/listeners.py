"""What this room hears."""

from assessment.candidates.selectors import submission_for_asset
from assessment.candidates.types import SubmissionState
from assessment.examiners.events import ExaminerFiled
from assessment.marking.services.allocation import ask_for_examiners, ask_for_waiting
from assessment.marking.services.waivers import waive_for_work
from assessment.specification.types import Part
from lms.core import clock
from lms.core.events import subscribe
from media_pipeline.api import EvidenceReady, WorkReceived


@subscribe(WorkReceived)
def waive_for_received_work(news: WorkReceived) -> None:
    """What a decision waives for her is no obstacle to her work from its first stage on."""
    if news.person is not None:
        waive_for_work(work=news.asset, person=news.person, level=news.level, now=clock.now())


@subscribe(EvidenceReady)
def allocate_ready_work(news: EvidenceReady) -> None:
    """A work handed in for an examination is ready: the worker forms its panel. Practice works have none."""
    work = submission_for_asset(news.asset)
    if work is not None and work.part is Part.VIDEO and work.state is SubmissionState.ATTACHED:
        ask_for_examiners(work.uuid)


@subscribe(ExaminerFiled)
def fill_empty_seats(news: ExaminerFiled) -> None:
    """One more examiner: works that wait may find enough now."""
    ask_for_waiting()
