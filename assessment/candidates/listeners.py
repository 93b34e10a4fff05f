"""What this room hears."""

from assessment.candidates.services import attach_work
from lms.core import clock
from lms.core.events import subscribe
from media_pipeline.api import WorkReceived


@subscribe(WorkReceived)
def attach_received_work(event: WorkReceived) -> None:
    """A work by a person with an open candidacy is her hand-in, or is refused with it. Raises UploadRefused."""
    if event.person is not None:
        attach_work(
            person=event.person,
            asset=event.asset,
            level=event.level,
            replaces=event.replaces,
            by=event.user,
            now=clock.now(),
            begun_at=event.begun_at,
        )
