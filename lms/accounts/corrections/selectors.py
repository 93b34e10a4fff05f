"""What waits for a decision, and what a record said before."""

from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from lms.accounts.corrections.models import Correction, Merge
from lms.accounts.corrections.types import (
    Change,
    CorrectionPage,
    CorrectionRow,
    Desk,
    MergePage,
    MergeRow,
    PastName,
    RecordCard,
    RequestState,
)
from lms.accounts.logic import masked_document, masked_name, masked_phone, tidy_number
from lms.accounts.matrix import can
from lms.accounts.people.models import Person, User
from lms.accounts.people.selectors import document_indexes
from lms.accounts.rules import may, require
from lms.accounts.types import Acting, DocumentKind, Role

_ROWS = 100
_TONES = {RequestState.ASKED: "now", RequestState.ALLOWED: "ok", RequestState.REFUSED: "bad"}


def state_label(state: RequestState) -> str:
    """The state in the current language."""
    return {
        RequestState.ASKED: pgettext("correction", "Waiting for a decision"),
        RequestState.ALLOWED: pgettext("correction", "Allowed"),
        RequestState.REFUSED: pgettext("correction", "Refused"),
    }[state]


def _state(row: Correction | Merge) -> RequestState:
    decision = getattr(row, "decision", None)
    if decision is None:
        return RequestState.ASKED
    return RequestState.ALLOWED if decision.allowed else RequestState.REFUSED


def _corrections(acting: Acting) -> QuerySet[Correction]:
    """Those of people in the actor's place; a trainee's own. Raises NotAllowed."""
    rows = Correction.objects.select_related("person__organisation", "decision")
    cell = can(acting, "correction", "read")
    if cell is not None and cell.own:
        mine = Q(person__uuid=acting.person) | Q(person__merged_into__uuid=acting.person)
        return rows.filter(mine) if acting.person else rows.none()
    require(acting, "correction", "read", place=acting.organisation_path)
    return rows.filter(person__organisation__path__startswith=acting.organisation_path)


def _merges(acting: Acting) -> QuerySet[Merge]:
    """Those whose two records both lie in the actor's place. Raises NotAllowed."""
    require(acting, "merge", "read", place=acting.organisation_path)
    place = acting.organisation_path
    return Merge.objects.filter(
        kept__organisation__path__startswith=place, merged__organisation__path__startswith=place
    ).select_related("kept__organisation", "kept__user", "merged__organisation", "merged__user", "decision")


def correction_for(acting: Acting, uuid: UUID) -> Correction:
    """One request. Raises NotAllowed, Http404."""
    return get_object_or_404(_corrections(acting), uuid=uuid)


def merge_for(acting: Acting, uuid: UUID) -> Merge:
    """One proposal. Raises NotAllowed, Http404."""
    return get_object_or_404(_merges(acting), uuid=uuid)


def waiting_corrections(acting: Acting) -> int:
    """How many corrections and merges wait for this role's decision; 0 for roles that decide none."""
    waiting = 0
    if can(acting, "correction", "approve"):
        waiting += _corrections(acting).filter(decision=None).count()
    if acting.user and can(acting, "merge", "approve"):
        waiting += _merges(acting).filter(decision=None).exclude(by=acting.user).count()
    return waiting


def corrections_desk(acting: Acting) -> Desk:
    """Both lists, what waits first. Raises NotAllowed."""
    if acting.role is Role.TRAINEE:
        raise Http404
    corrections = sorted(
        _corrections(acting).order_by("-id")[:_ROWS], key=lambda row: _state(row) != RequestState.ASKED
    )
    merges = sorted(_merges(acting).order_by("-id")[:_ROWS], key=lambda row: _state(row) != RequestState.ASKED)
    return Desk(
        corrections=tuple(_correction_row(row) for row in corrections),
        merges=tuple(_merge_row(row) for row in merges),
        may_propose=can(acting, "merge", "create") is not None,
    )


def _correction_row(row: Correction) -> CorrectionRow:
    state = _state(row)
    return CorrectionRow(
        uuid=row.uuid,
        name=masked_name(row.person.name),
        organisation=row.person.organisation.name,
        what=_what(row),
        asked_at=row.created_at,
        state=state,
        state_label=state_label(state),
        tone=_TONES[state],
        url=reverse("accounts:correction", args=[row.uuid]),
    )


def _what(row: Correction) -> str:
    if row.name and row.document_number:
        return _("Name and number")
    return pgettext("correction", "Name") if row.name else pgettext("correction", "Number of the paper")


def _merge_row(row: Merge) -> MergeRow:
    state = _state(row)
    return MergeRow(
        uuid=row.uuid,
        kept=masked_name(row.kept.name),
        merged=masked_name(row.merged.name),
        organisation=row.kept.organisation.name,
        asked_at=row.created_at,
        state=state,
        state_label=state_label(state),
        tone=_TONES[state],
        url=reverse("accounts:merge", args=[row.uuid]),
    )


def _names(users: set[UUID]) -> dict[UUID, str]:
    """Who asked or decided, by display name."""
    return dict(User.objects.filter(uuid__in=users).values_list("uuid", "display_name"))


def correction_page(acting: Acting, row: Correction) -> CorrectionPage:
    """One request; whoever decides on it sees the numbers in full, others masked."""
    state = _state(row)
    decides = (
        state is RequestState.ASKED
        and may(acting, "correction", "approve", place=row.person.organisation.path)
        and acting.user != row.by
        and acting.person != row.person.uuid
    )
    changes = []
    if row.name:
        shown = str if decides else masked_name
        changes.append(Change(pgettext("correction", "Name"), shown(row.before_name), shown(row.name)))
    if row.document_number:
        paper = str if decides else masked_document
        changes.append(
            Change(
                pgettext("correction", "Identity paper"),
                _paper(row.before_document_type, paper(row.before_document_number)),
                _paper(row.document_type, paper(row.document_number)),
            )
        )
    decision = getattr(row, "decision", None)
    return CorrectionPage(
        uuid=row.uuid,
        name=row.person.name if decides else masked_name(row.person.name),
        organisation=row.person.organisation.name,
        changes=tuple(changes),
        evidence=row.evidence,
        scan_note=row.scan_note,
        asked_at=row.created_at,
        asked_by=_names({row.by}).get(row.by, ""),
        state=state,
        state_label=state_label(state),
        tone=_TONES[state],
        reason=decision.reason if decision else "",
        decided_at=decision.at if decision else None,
        may_decide=decides,
    )


def _paper(kind: str, number: str) -> str:
    label = dict(Person.DOCUMENTS).get(DocumentKind(kind)) if kind else ""
    return f"{label} {number}".strip()


def merge_page(acting: Acting, row: Merge) -> MergePage:
    """Two records side by side, masked; whoever decides sees names and dates of birth, never the numbers."""
    state = _state(row)
    open_to_her = state is RequestState.ASKED and all(
        may(acting, "merge", "approve", place=person.organisation.path) for person in (row.kept, row.merged)
    )
    herself = acting.user == row.by or acting.person in {row.kept.uuid, row.merged.uuid}
    decision = getattr(row, "decision", None)
    return MergePage(
        uuid=row.uuid,
        kept=record_card(row.kept, in_full=open_to_her and not herself),
        merged=record_card(row.merged, in_full=open_to_her and not herself),
        evidence=row.evidence,
        asked_at=row.created_at,
        asked_by=_names({row.by}).get(row.by, ""),
        state=state,
        state_label=state_label(state),
        tone=_TONES[state],
        reason=decision.reason if decision else "",
        decided_at=decision.at if decision else None,
        may_decide=open_to_her and not herself,
        why_not=_("Somebody else must decide what you asked for.") if open_to_her and herself else "",
    )


def record_card(person: Person, *, in_full: bool = False) -> RecordCard:
    """A record with what tells it from another; numbers are always masked, name and date of birth unless in full."""
    return RecordCard(
        uuid=person.uuid,
        name=person.name if in_full else masked_name(person.name),
        document=_paper(person.document_type, masked_document(person.document_number)),
        phone=masked_phone(person.phone),
        birth_date=_born(person, in_full),
        login_name=person.user.username if person.user else "",
        organisation=person.organisation.name,
        created_at=person.created_at,
    )


def _born(person: Person, in_full: bool) -> str:
    if person.birth_date is None:
        return ""
    return person.birth_date.isoformat() if in_full else f"{person.birth_date:%Y}-**-**"


def correctable_person(acting: Acting, uuid: UUID) -> Person:
    """A person for whom the actor may ask a correction. Raises NotAllowed, Http404."""
    row = Person.objects.select_related("organisation").filter(uuid=uuid).first()
    if row is None:
        raise Http404
    own = acting.person is not None and acting.person == row.uuid
    if not own and not acting.covers(row.organisation.path):
        raise Http404
    require(acting, "correction", "create", place=row.organisation.path, own=own)
    return row


def persons_typed(acting: Acting, typed: str) -> list[Person]:
    """Records in the actor's place with this login name or number of an identity paper."""
    rows = Person.objects.filter(organisation__path__startswith=acting.organisation_path, merged_into=None)
    return list(
        rows.filter(Q(user__username=tidy_number(typed)) | Q(document_index__in=document_indexes(typed)))
        .select_related("organisation", "user")
        .order_by("id")[:2]
    )


def past_names(person: UUID) -> tuple[PastName, ...]:
    """What the record said before each correction, oldest first."""
    rows = Correction.objects.filter(person__uuid=person, decision__allowed=True).select_related("decision")
    return tuple(
        PastName(
            name=row.before_name,
            document=_paper(row.before_document_type, row.before_document_number),
            until=row.decision.at,
        )
        for row in rows.order_by("decision__at")
    )


def name_at(person: UUID, moment: datetime) -> str | None:
    """The name on record at a moment, following corrections made since; None for an unknown person."""
    later = Correction.objects.filter(person__uuid=person, decision__allowed=True, decision__at__gt=moment)
    first = later.exclude(name="").order_by("decision__at").first()
    if first is not None:
        return first.before_name
    return Person.objects.filter(uuid=person).values_list("name", flat=True).first()
