"""Loading texts; recording that somebody agreed, on the screen or on paper, or took it back."""

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import yaml
from django.db import transaction
from django.utils.translation import gettext as _

from lms.accounts.consent.models import Consent, ConsentText
from lms.accounts.consent.types import ConsentHow, ConsentKey
from lms.accounts.memberships.rules import in_branch_of
from lms.accounts.people.models import Person
from lms.accounts.rules import NotAllowed, require
from lms.accounts.types import AccountsRefusal, Acting
from lms.core import audit, clock
from lms.core.reference import content_hash

DATA = Path(__file__).parent / "data" / "consents.yaml"


@transaction.atomic
def load_consent_texts() -> int:
    """Store the versions of our file that are not stored yet.

    Raises ValueError when a version that was shipped has another text in the file now.
    """
    made = 0
    for entry in yaml.safe_load(DATA.read_text(encoding="utf-8")):
        digest = _hash_of(entry)
        key, version = ConsentKey(entry["key"]), int(entry["version"])
        stored = ConsentText.objects.filter(key=key.value, version=version).first()
        if stored is not None and stored.content_hash != digest:
            raise ValueError(f"the text {key} v{version} was shipped with other words: make it a new version")
        if stored is None:
            ConsentText.objects.create(
                key=key.value, version=version, texts=entry["texts"], content_hash=digest, created_at=clock.now()
            )
            made += 1
    return made


def _hash_of(entry: dict[str, Any]) -> str:
    return content_hash(json.dumps(entry, ensure_ascii=False, sort_keys=True))


@transaction.atomic
def record_consent(
    *,
    by: Acting,
    person: Person,
    text: UUID,
    given: bool,
    now: datetime,
    how: ConsentHow = ConsentHow.SCREEN,
    signed_on: date | None = None,
    note: str = "",
) -> Consent:
    """Record that she agreed to a version of a text, or took it back: herself, or the institution from a signed paper.

    Whoever has a login speaks for herself, in whatever role: an instructor's data are hers as a trainee's are.
    text: the version that was shown or printed; only the newest may be agreed to.
    signed_on, note: the day on the paper and where it is kept; asked for on paper.
    Raises NotAllowed, AccountsRefusal ("text", "signed_on", "note").
    """
    if how is ConsentHow.SCREEN:
        if by.user is None or by.person != person.uuid:
            raise NotAllowed(_("On the screen everybody agrees for herself."))
    else:
        require(by, "consent", "create", place=by.organisation_path)
        if by.user is None or not in_branch_of(by, person, today=clock.day_of(now)):
            raise NotAllowed(_("Your role may not do this here."))
    return write_consent(
        person=person, text=text, given=given, how=how, signed_on=signed_on, note=note, by=by.user, now=now
    )


def write_consent(
    *,
    person: Person,
    text: UUID,
    given: bool,
    how: ConsentHow,
    by: UUID,
    now: datetime,
    signed_on: date | None = None,
    note: str = "",
) -> Consent:
    """The row itself, in the caller's transaction and behind her gate: registration has no acting yet."""
    wanted = ConsentText.objects.filter(uuid=text).first()
    newest = ConsentText.objects.filter(key=wanted.key).order_by("-version").first() if wanted else None
    if wanted is None or wanted != newest:
        raise AccountsRefusal(_("This text has changed. Please read the new version."), code="text", field="text")
    note = " ".join(note.split())
    if how is ConsentHow.PAPER:
        _check_paper(signed_on, note, clock.day_of(now))
    row = Consent.objects.create(
        person=person,
        text=wanted,
        given=given,
        how=how.value,
        signed_on=signed_on if how is ConsentHow.PAPER else None,
        note=note if how is ConsentHow.PAPER else "",
        by=by,
        created_at=now,
    )
    audit.record(
        subject_kind="person",
        subject=person.uuid,
        action="consent_given" if given else "consent_taken_back",
        actor=by,
        fields={"text": wanted.uuid, "version": wanted.version, "how": how},
        now=now,
    )
    return row


def _check_paper(signed_on: date | None, note: str, today: date) -> None:
    if signed_on is None:
        raise AccountsRefusal(_("Enter the day on the signed paper."), code="signed_on", field="signed_on")
    if signed_on > today:
        raise AccountsRefusal(_("The paper cannot be signed later than today."), code="signed_on", field="signed_on")
    if not note:
        raise AccountsRefusal(_("Say where the signed paper is kept: folder and page."), code="note", field="note")
