"""What people are told of the ground floor's own decisions; imported by `NoticesConfig.ready`."""

from django.urls import reverse
from django.utils.translation import gettext_noop

from lms.accounts.api import CorrectionDecided, PersonsMerged
from lms.core.events import subscribe
from lms.notices import kinds
from lms.notices.services import notify

RECORD = "accounts.record"
kinds.register(RECORD, gettext_noop("Correction of a person's record"))

_ALLOWED = gettext_noop("Your record was corrected")
_ALLOWED_BODY = gettext_noop("The HR bureau allowed the correction. Certificates already issued keep what was printed.")
_REFUSED = gettext_noop("The correction of your record was refused")
_REFUSED_BODY = gettext_noop("Reason given by the HR bureau: %(reason)s")
_MERGED = gettext_noop("Your two records were made one")
_MERGED_BODY = gettext_noop(
    "You were registered twice. Two people of the authority made the records one; nothing was deleted."
)


@subscribe(CorrectionDecided)
def tell_of_correction(event: CorrectionDecided) -> None:
    """She hears what was decided about her name or number, and why."""
    notify(
        user=None,
        person=event.person,
        kind=RECORD,
        title=_ALLOWED if event.allowed else _REFUSED,
        body=_ALLOWED_BODY if event.allowed else _REFUSED_BODY,
        params={} if event.allowed else {"reason": event.reason},
        url=reverse("accounts:held"),
        key=str(event.correction),
        now=event.at,
    )


@subscribe(PersonsMerged)
def tell_of_merge(event: PersonsMerged) -> None:
    """She hears that her two records count as one."""
    notify(
        user=None,
        person=event.kept,
        kind=RECORD,
        title=_MERGED,
        body=_MERGED_BODY,
        params={},
        url=reverse("accounts:held"),
        key=str(event.merge),
        now=event.at,
    )
