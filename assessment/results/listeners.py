"""What this room hears."""

from assessment.candidates.events import CandidacyOpened
from assessment.marking.events import PanelFinished
from assessment.results.resits import admit_candidate, record_absence
from assessment.results.services import receive_mark
from assessment.specification.types import Part
from assessment.theory.events import CandidateAbsent, PaperReleased
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


@subscribe(PaperReleased)
def compute_grade_with_theory(event: PaperReleased) -> None:
    """A paper's mark was released, for the first time or anew: the theory part has it."""
    receive_mark(
        candidacy=event.candidacy,
        part=Part.THEORY,
        mark=event.mark,
        proposed_fail=event.proposed_fail,
        outcome=event.outcome,
        submission=None,
        attempt=event.attempt,
        now=clock.now(),
    )


@subscribe(CandidateAbsent)
def note_absence(event: CandidateAbsent) -> None:
    """She did not come; her law book says whether that uses an attempt."""
    record_absence(candidacy=event.candidacy, part=Part.THEORY, sitting=event.sitting, now=clock.now())
