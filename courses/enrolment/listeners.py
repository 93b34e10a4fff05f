"""What this room hears."""

from assessment.api import AttemptsUsedUp, CertificateIssued, ResultReleased
from courses.classes.events import ClassCancelled, ClassFinished
from courses.enrolment.services import complete_training, let_go, record_certificate, record_result
from lms.core import clock
from lms.core.events import subscribe


@subscribe(ClassCancelled)
def let_enrolments_go(event: ClassCancelled) -> None:
    """Whoever asked to join is told."""
    let_go(training_class=event.training_class, by=event.by, now=clock.now())


@subscribe(ClassFinished)
def enrolments_hear_the_end_of_training(event: ClassFinished) -> None:
    """Who had to take the training again has done so."""
    complete_training(training_class=event.training_class, now=clock.now())


@subscribe(ResultReleased)
def enrolment_hears_result(event: ResultReleased) -> None:
    """She passed, or what comes next."""
    record_result(candidacy=event.candidacy, onward=event.onward, now=clock.now())


@subscribe(AttemptsUsedUp)
def enrolment_hears_of_absence(event: AttemptsUsedUp) -> None:
    """She did not come to her last attempt."""
    record_result(candidacy=event.candidacy, onward=event.onward, now=clock.now())


@subscribe(CertificateIssued)
def enrolment_hears_certificate(event: CertificateIssued) -> None:
    """She holds a paper."""
    record_certificate(candidacy=event.candidacy, certificate=event.certificate, now=clock.now())
