"""What this room hears."""

from assessment.api import CertificateIssued, ResultReleased
from courses.classes.events import ClassCancelled
from courses.enrolment.services import let_go, record_certificate, record_result
from lms.core import clock
from lms.core.events import subscribe


@subscribe(ClassCancelled)
def let_enrolments_go(event: ClassCancelled) -> None:
    """Whoever asked to join is told."""
    let_go(training_class=event.training_class, by=event.by, now=clock.now())


@subscribe(ResultReleased)
def enrolment_hears_result(event: ResultReleased) -> None:
    """She passed or failed."""
    record_result(candidacy=event.candidacy, passed=event.passed, now=clock.now())


@subscribe(CertificateIssued)
def enrolment_hears_certificate(event: CertificateIssued) -> None:
    """She holds a paper."""
    record_certificate(candidacy=event.candidacy, certificate=event.certificate, now=clock.now())
