"""Background work of this room; imported by `AssessmentConfig.ready`."""

from datetime import timedelta

from assessment.bank.models import ImportDraft
from lms.core import clock
from lms.core.jobs import RunningJob, job_kind

_DAY_S = 24 * 3600
_KEPT = timedelta(days=7)


@job_kind("bank.tidy_imports", every_s=_DAY_S, timeout_s=120)
def tidy_imports(job: RunningJob) -> None:
    """Remove imports that nobody took in for a week: they hold keys."""
    ImportDraft.objects.filter(created_at__lt=clock.now() - _KEPT).delete()
