"""Asking for corrections and merges, and deciding on them."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from lms.accounts.corrections.events import CorrectionDecided, PersonsMerged
from lms.accounts.corrections.models import Correction, CorrectionDecision, Merge, MergeDecision
from lms.accounts.corrections.selectors import correction_for, merge_for
from lms.accounts.people.models import Person, User
from lms.accounts.people.selectors import document_index
from lms.accounts.people.services import cleaned_person
from lms.accounts.rules import require
from lms.accounts.types import AccountsRefusal, Acting, DocumentKind, PersonData
from lms.core import audit, clock
from lms.core.events import publish


@transaction.atomic
def ask_correction(
    *,
    by: Acting,
    person: UUID,
    name: str,
    document_type: DocumentKind | None,
    document_number: str,
    evidence: str,
    scan_note: str,
    now: datetime,
) -> Correction:
    """Ask for another name, another number or both; "" leaves what the record says.

    Raises NotAllowed, AccountsRefusal ("merged", "waiting", "nothing", "evidence", and what `cleaned_person` says).
    """
    row = Person.objects.select_for_update(of=("self",)).select_related("organisation").get(uuid=person)
    own = by.person is not None and by.person == row.uuid
    require(by, "correction", "create", place=row.organisation.path, own=own)
    if row.merged_into_id is not None:
        raise AccountsRefusal(_("This record was merged into another one. Correct that one."), code="merged")
    if Correction.objects.filter(person=row, decision=None).exists():
        raise AccountsRefusal(_("A correction of this person already waits for its decision."), code="waiting")
    clean = _cleaned(row, name, document_type, document_number, now)
    evidence, scan_note = evidence.strip(), scan_note.strip()
    if not evidence:
        raise AccountsRefusal(_("Say which paper shows it."), code="evidence", field="evidence")
    new_name = clean.name if clean.name != row.name else ""
    renumbered = document_index(clean.document_type, clean.document_number) != row.document_index
    if not new_name and not renumbered:
        raise AccountsRefusal(_("The record says so already."), code="nothing", field="name")
    correction = Correction.objects.create(
        person=row,
        name=new_name,
        document_type=(clean.document_type or "") if renumbered else "",
        document_number=clean.document_number if renumbered else "",
        before_name=row.name,
        before_document_type=row.document_type,
        before_document_number=row.document_number,
        evidence=evidence,
        scan_note=scan_note,
        by=_user_of(by),
        created_at=now,
    )
    audit.record(
        subject_kind="person",
        subject=row.uuid,
        action="correction_asked",
        actor=by.user,
        fields={"correction": correction.uuid, "name": bool(new_name), "number": renumbered},
        now=now,
    )
    return correction


def _user_of(by: Acting) -> UUID:
    if by.user is None:
        raise AccountsRefusal(_("Please sign in."), code="user")
    return by.user


def _cleaned(
    row: Person, name: str, document_type: DocumentKind | None, document_number: str, now: datetime
) -> PersonData:
    """The record as it would read; only what is new is checked. Raises AccountsRefusal.

    Sex and date of birth come from a new card and are not held against it: they came from the wrong one.
    """
    held = DocumentKind(row.document_type) if row.document_type else None
    new = bool(document_number.strip())
    clean = cleaned_person(
        PersonData(
            name=name.strip() or row.name,
            document_type=(document_type or held) if new else None,
            document_number=document_number if new else "",
        ),
        today=clock.day_of(now),
    )
    return clean if new else replace(clean, document_type=held, document_number=row.document_number)


@transaction.atomic
def decide_correction(*, by: Acting, correction: UUID, allowed: bool, reason: str, now: datetime) -> CorrectionDecision:
    """The HR bureau decides; allowed, the record says so from now on. Issued papers keep what was printed.

    Raises NotAllowed, Http404, AccountsRefusal ("decided", "reason", "self", "changed", "registered", "merged").
    """
    asked = correction_for(by, correction)
    person = Person.objects.select_for_update().get(pk=asked.person_id)
    require(by, "correction", "approve", place=asked.person.organisation.path)
    if by.user is None or by.user == asked.by or by.person == person.uuid:
        raise AccountsRefusal(_("Somebody else must decide what you asked for."), code="self")
    if CorrectionDecision.objects.filter(correction=asked).exists():
        raise AccountsRefusal(_("This was decided already."), code="decided")
    reason = reason.strip()
    if not allowed and not reason:
        raise AccountsRefusal(_("Say why it is refused."), code="reason", field="reason")
    if allowed:
        _apply(asked, person, now)
    decision = CorrectionDecision.objects.create(correction=asked, allowed=allowed, reason=reason, by=by.user, at=now)
    publish(CorrectionDecided(person.uuid, asked.uuid, allowed, reason, now))
    audit.record(
        subject_kind="person",
        subject=person.uuid,
        action="corrected" if allowed else "correction_refused",
        actor=by.user,
        fields={
            "correction": asked.uuid,
            "name": asked.name,
            "document_type": asked.document_type,
            "document_number": asked.document_number,
        },
        now=now,
    )
    return decision


def _apply(asked: Correction, person: Person, now: datetime) -> None:
    if person.merged_into_id is not None:
        raise AccountsRefusal(_("This record was merged into another one. Correct that one."), code="merged")
    if (person.name, person.document_type, person.document_number) != (
        asked.before_name,
        asked.before_document_type,
        asked.before_document_number,
    ):
        raise AccountsRefusal(
            _("The record has changed since this was asked. Refuse it and ask again."), code="changed"
        )
    shown = person.name
    clean = _cleaned(
        person,
        asked.name,
        DocumentKind(asked.document_type) if asked.document_type else None,
        asked.document_number,
        now,
    )
    person.name = clean.name
    if asked.document_number:
        person.document_type = clean.document_type or ""
        person.document_number = clean.document_number
        person.document_index = document_index(clean.document_type, clean.document_number)
        if clean.document_type is DocumentKind.RESIDENT_CARD:
            person.sex, person.birth_date = clean.sex or person.sex, clean.birth_date or person.birth_date
        twin = Person.objects.filter(document_type=person.document_type, document_index=person.document_index)
        if twin.exclude(pk=person.pk).exists():
            raise _another_has_it()
    try:
        with transaction.atomic():
            person.save(
                update_fields=["name", "sex", "birth_date", "document_type", "document_number", "document_index"]
            )
    except IntegrityError:  # registered a moment ago
        raise _another_has_it() from None
    User.objects.filter(person=person, display_name=shown).update(display_name=clean.name)


def _another_has_it() -> AccountsRefusal:
    return AccountsRefusal(
        _("Another record has this number. If both are the same person, propose to merge them."), code="registered"
    )


@transaction.atomic
def propose_merge(*, by: Acting, kept: UUID, merged: UUID, evidence: str, now: datetime) -> Merge:
    """Say that two records are one human being; `merged` will point to `kept`. Both must lie in the proposer's place.

    Raises NotAllowed, AccountsRefusal ("same", "merged", "waiting", "evidence"), Person.DoesNotExist.
    """
    keep, away = _pair(kept, merged)
    for row in (keep, away):
        require(by, "merge", "create", place=row.organisation.path)
    _refuse_impossible(keep, away)
    if Merge.objects.filter(decision=None, merged__in=[keep, away]).exists():
        raise AccountsRefusal(_("A merge of one of them already waits for its decision."), code="waiting")
    evidence = evidence.strip()
    if not evidence:
        raise AccountsRefusal(_("Say what shows that both are one person."), code="evidence", field="evidence")
    merge = Merge.objects.create(kept=keep, merged=away, evidence=evidence, by=_user_of(by), created_at=now)
    audit.record(
        subject_kind="person",
        subject=away.uuid,
        action="merge_proposed",
        actor=by.user,
        fields={"merge": merge.uuid, "kept": keep.uuid},
        now=now,
    )
    return merge


def _pair(kept: UUID, merged: UUID) -> tuple[Person, Person]:
    """Both rows locked, always in one order, so that two merges of the same records wait for each other."""
    held = Person.objects.select_for_update(of=("self",)).select_related("organisation")
    rows = {row.uuid: row for row in held.filter(uuid__in=[kept, merged]).order_by("id")}
    if kept == merged:
        raise AccountsRefusal(_("These are the same record."), code="same")
    if len(rows) < 2:
        raise Person.DoesNotExist
    return rows[kept], rows[merged]


def _refuse_impossible(keep: Person, away: Person) -> None:
    if keep.merged_into_id is not None or away.merged_into_id is not None:
        raise AccountsRefusal(_("One of them was merged already."), code="merged")


@transaction.atomic
def decide_merge(*, by: Acting, merge: UUID, allowed: bool, reason: str, now: datetime) -> MergeDecision:
    """A second person decides; allowed, the duplicate points to the record kept and both remain readable.

    Raises NotAllowed, Http404, AccountsRefusal ("decided", "self", "reason", "merged").
    """
    asked = merge_for(by, merge)
    keep, away = _pair(asked.kept.uuid, asked.merged.uuid)
    for row in (keep, away):
        require(by, "merge", "approve", place=row.organisation.path)
    if by.user is None or by.user == asked.by or by.person in {keep.uuid, away.uuid}:
        raise AccountsRefusal(_("Somebody else must decide what you asked for."), code="self")
    if MergeDecision.objects.filter(merge=asked).exists():
        raise AccountsRefusal(_("This was decided already."), code="decided")
    reason = reason.strip()
    if not allowed and not reason:
        raise AccountsRefusal(_("Say why it is refused."), code="reason", field="reason")
    if allowed:
        _refuse_impossible(keep, away)
        # Those merged into the duplicate before now belong to the record kept; the decisions tell the way they went.
        Person.objects.filter(merged_into=away).update(merged_into=keep)
        away.merged_into = keep
        away.save(update_fields=["merged_into"])
    decision = MergeDecision.objects.create(
        merge=asked, allowed=allowed, reason=reason, merge_by=asked.by, by=by.user, at=now
    )
    if allowed:
        publish(PersonsMerged(keep.uuid, away.uuid, asked.uuid, now))
    audit.record(
        subject_kind="person",
        subject=away.uuid,
        action="merged" if allowed else "merge_refused",
        actor=by.user,
        fields={"merge": asked.uuid, "kept": keep.uuid},
        now=now,
    )
    return decision


@transaction.atomic
def note_full_reading(*, by: Acting, correction: UUID, now: datetime) -> Correction:
    """The whole numbers of a request are about to be shown to decide on it: kept in the audit trail.

    Raises NotAllowed, Http404.
    """
    asked = correction_for(by, correction)
    audit.record(
        subject_kind="person",
        subject=asked.person.uuid,
        action="numbers_shown",
        actor=by.user,
        fields={"correction": asked.uuid},
        now=now,
    )
    return asked
