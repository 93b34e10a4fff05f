"""Making marks known: results take them in, and each candidate is told. Once a mark."""

from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext_noop

from assessment.candidates.selectors import candidacies
from assessment.candidates.types import CandidacyData
from assessment.delivery.models import Sitting
from assessment.delivery.services import note_told
from assessment.theory.events import PaperReleased
from assessment.theory.models import PaperMark, PaperRelease
from lms.core.events import publish
from lms.notices.api import notify

NOTICE_KIND = "paper_released"
_OUT = (
    gettext_noop("Your examination paper has been marked"),
    gettext_noop("The mark of your paper in “%(sitting)s” is out. You can read it by section and topic."),
)
_ANEW = (
    gettext_noop("The mark of your paper has changed"),
    gettext_noop("Your paper in “%(sitting)s” was marked anew after a correction. You can read it again."),
)


def tell(sitting: Sitting, marks: Sequence[PaperMark], *, now: datetime) -> int:
    """Make these marks known; how many were new. In the caller's transaction, with the sitting's row locked.

    marks: at most one an attempt, with attempt and entry; those that are pending are passed over.
    """
    whole = {mark.pk: mark for mark in marks if mark.mark is not None}
    for known in PaperRelease.objects.filter(mark__in=list(whole)).values_list("mark_id", flat=True):
        del whole[known]
    attempts = [mark.attempt_id for mark in whole.values()]
    before = set(PaperRelease.objects.filter(mark__attempt__in=attempts).values_list("mark__attempt_id", flat=True))
    held = candidacies([mark.attempt.entry.candidacy for mark in whole.values()])
    PaperRelease.objects.bulk_create([PaperRelease(mark=mark, at=now) for mark in whole.values()])
    # With what the results make of it, in one transaction: nobody sits again in between.
    note_told(attempts=attempts, now=now)
    for mark in whole.values():
        _publish(sitting, mark)
        _notify(sitting, mark, held.get(mark.attempt.entry.candidacy), anew=mark.attempt_id in before, now=now)
    return len(whole)


def _publish(sitting: Sitting, mark: PaperMark) -> None:
    entry = mark.attempt.entry
    if mark.mark is not None:
        publish(
            PaperReleased(
                sitting=sitting.uuid,
                attempt=mark.attempt.uuid,
                candidacy=entry.candidacy,
                person=entry.person,
                mark=mark.mark,
                outcome=mark.uuid,
                proposed_fail=mark.proposed_fail,
            )
        )


def _notify(sitting: Sitting, mark: PaperMark, candidacy: CandidacyData | None, *, anew: bool, now: datetime) -> None:
    entry = mark.attempt.entry
    title, body = _ANEW if anew else _OUT
    notify(
        user=candidacy.user if candidacy else None,
        person=entry.person,
        kind=NOTICE_KIND,
        title=title,
        body=body,
        params={"sitting": sitting.title},
        url=reverse("assessment:paper_result", args=[entry.uuid]),
        now=now,
        about=candidacy.class_uid if candidacy else None,
        about_name=candidacy.class_name if candidacy else "",
        key=str(mark.uuid),
    )
