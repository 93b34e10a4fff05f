"""What this room hears."""

from assessment.candidates.events import CandidacyOpened
from assessment.marking.events import PanelFinished
from assessment.results.resits import admit_candidate
from assessment.results.services import receive_mark
from lms.core import clock
from lms.core.events import subscribe


@subscribe(PanelFinished)
def compute_grade(event: PanelFinished) -> None:
    """A work has its mark: the next version of the grade is computed in the same transaction."""
    receive_mark(
        candidacy=event.candidacy,
        part=event.part,
        mark=event.mark,
        proposed_fail=event.proposed_fail,
        outcome=event.outcome,
        submission=event.submission,
        now=clock.now(),
    )


@subscribe(CandidacyOpened)
def hold_until_trained(event: CandidacyOpened) -> None:
    """Who has to take the training again sits nothing before it is completed."""
    admit_candidate(event.candidacy, now=clock.now())
