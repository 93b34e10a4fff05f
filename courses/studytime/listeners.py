"""What this room hears."""

from courses.studytime.services import recount_persons
from lms.accounts.api import PersonsMerged
from lms.core.events import subscribe


@subscribe(PersonsMerged)
def count_merged_persons_together(event: PersonsMerged) -> None:
    """One human being: what two records studied at the same time counts once."""
    recount_persons(persons=(event.kept, event.merged))
