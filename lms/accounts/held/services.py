"""What reading and downloading leaves in the audit trail."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from lms.accounts.held.selectors import download_of, held_page, person_held_for
from lms.accounts.held.types import Download, HeldPage
from lms.accounts.people.models import User
from lms.accounts.types import AccountsRefusal, Acting
from lms.core import audit


@transaction.atomic
def download_held(*, by: Acting, now: datetime) -> Download:
    """Everything held about whoever asks, for a machine. Raises Http404 for nobody."""
    made = download_of(by, now=now)
    _note("person" if by.person else "user", by.person or by.user, "held_downloaded", by.user, now)
    return made


@transaction.atomic
def read_held_of(*, by: Acting, person: UUID, purpose: str, now: datetime) -> HeldPage:
    """An office prints, for a stated purpose, what is held about somebody in its place.

    Raises NotAllowed, Http404, AccountsRefusal ("purpose").
    """
    row = person_held_for(by, person)
    if not purpose.strip():
        raise AccountsRefusal(_("Say for what purpose."), code="purpose", field="purpose")
    login = User.objects.filter(person=row).values_list("uuid", flat=True).first()
    page = held_page(person=row.uuid, user=login, may_correct=False, now=now)
    audit.record(
        subject_kind="person",
        subject=row.uuid,
        action="held_printed",
        actor=by.user,
        fields={"purpose": purpose.strip()},
        now=now,
    )
    return page


def _note(kind: str, subject: UUID | None, action: str, actor: UUID | None, now: datetime) -> None:
    if subject is not None:
        audit.record(subject_kind=kind, subject=subject, action=action, actor=actor, now=now)
