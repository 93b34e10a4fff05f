"""An attempt on a paper form: begun and taken in by the invigilator, keyed in twice by two people, then answers like others.

What is on the form came when the form was taken in: the same deadline and grace as for everybody, later ones are late.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from assessment.candidates.selectors import candidacy
from assessment.delivery.filed import judged
from assessment.delivery.logic import canonical, differing, in_time, link, to_ms
from assessment.delivery.models import Answer, Attempt, Keying, KeyingRuling, PaperSheet, RosterEntry
from assessment.delivery.papers import paper_being_sat
from assessment.delivery.rules import CONDUCT, DECISION, require_for
from assessment.delivery.selectors import granted_kinds
from assessment.delivery.services.attempts import _admitted, _comes_in, _record
from assessment.delivery.services.rows import happen, locked_attempt, locked_entry, said
from assessment.delivery.services.sittings import record
from assessment.delivery.types import (
    ArrangementKind,
    AttemptState,
    DeliveryRefused,
    Kind,
    Sent,
    SittingState,
    Standing,
)
from lms.accounts.api import Acting
from lms.core.ids import new_uuid

_ENDED = frozenset({AttemptState.HANDED_IN, AttemptState.TIMED_OUT})
_SETTLED = frozenset({SittingState.MARKED, SittingState.RELEASED, SittingState.VOIDED})


def writes_on_paper(entry: RosterEntry) -> bool:
    """Whether a paper form was granted to her."""
    return ArrangementKind.PAPER_FORM in granted_kinds(entry)


@transaction.atomic
def begin_on_paper(*, by: Acting, entry: UUID, now: datetime) -> Attempt:
    """The invigilator gives her the paper form: her clock begins.

    Raises NotAllowed, DeliveryRefused ("paper": none was granted, "entry", "state", "window", "identity", "entitlement",
    "live": she has an attempt).
    """
    row = locked_entry(entry)
    require_for(by, CONDUCT, "execute", row.sitting)
    if not row.included:
        raise DeliveryRefused(_("This candidate is not on the roster."), code="entry")
    if not writes_on_paper(row):
        raise DeliveryRefused(_("No paper form was granted to this candidate."), code="paper")
    last = row.attempts.order_by("-number").first()
    # A repeated one waits for its form already.
    if last is not None and not (last.on_paper and last.state == AttemptState.WAITING):
        raise DeliveryRefused(_("The attempt has moved on. Look at it again."), code="live")
    _comes_in(row.sitting, row, now)
    if now < row.sitting.opens_at:
        raise DeliveryRefused(_("The sitting begins later."), code="window")
    held = candidacy(row.candidacy)
    if refused := judged(row.sitting, [held])[held.uuid]:
        raise DeliveryRefused(_(refused), code="entitlement")
    if last is None:
        last = _admitted(row, row.form, 1, new_uuid(), by.user, now, on_paper=True)
    made = locked_attempt(last.uuid)
    minutes = row.sitting.minutes + row.extra_minutes
    happen(made, Kind.STARTED, by=by.user, now=now, value=minutes * 60_000)
    _record(made, "started_on_paper", by.user, now, minutes=minutes)
    return made


@transaction.atomic
def collect_paper(*, by: Acting, attempt: UUID, now: datetime) -> None:
    """The invigilator has taken the form in; again is the same.

    Raises NotAllowed, DeliveryRefused ("paper": not on paper, "live": paused, or void, "state").
    """
    row = _on_paper(attempt)
    require_for(by, CONDUCT, "execute", row.entry.sitting)
    if PaperSheet.objects.filter(attempt=row).exists():
        return
    if row.state == AttemptState.RUNNING:
        timely = in_time(row.deadline_ms, row.grace_ms, to_ms(now))
        happen(row, Kind.HANDED_IN if timely else Kind.TIMED_OUT, by=by.user, now=now)
    elif row.state != AttemptState.TIMED_OUT:
        raise DeliveryRefused(_("The attempt has moved on. Look at it again."), code="live")
    PaperSheet.objects.create(attempt=row, collected_ms=to_ms(now), by=by.user)
    _record(row, "paper_collected", by.user, now)


def _on_paper(attempt: UUID) -> Attempt:
    row = locked_attempt(attempt)
    if not row.on_paper:
        raise DeliveryRefused(_("This attempt is not on paper."), code="paper")
    if row.entry.sitting.state in _SETTLED:
        raise DeliveryRefused(_("The sitting has moved on. Look at it again."), code="state")
    return row


@transaction.atomic
def key_in(*, by: Acting, attempt: UUID, responses: Mapping[int, Any], now: datetime) -> tuple[int, ...]:
    """Key a form in, the first or the second time; after the second the positions that differ, none when it is stored.

    responses: position → response, None for nothing. Raises NotAllowed, DeliveryRefused ("paper": not taken in yet,
    "same_person", "keyed": twice already, "state").
    """
    row = _on_paper(attempt)
    require_for(by, CONDUCT, "execute", row.entry.sitting)
    sheet = PaperSheet.objects.filter(attempt=row).first()
    if sheet is None or row.state not in _ENDED:
        raise DeliveryRefused(_("The paper form has not been taken in yet."), code="paper")
    before = list(row.keyings.order_by("number"))
    if len(before) == 2:
        raise DeliveryRefused(_("The form has been keyed in twice already."), code="keyed")
    if by.user is None or any(one.by == by.user for one in before):
        raise DeliveryRefused(_("Somebody else keys the form in the second time."), code="same_person")
    kept = _plain(row, responses)
    try:
        with transaction.atomic():
            Keying.objects.create(attempt=row, number=len(before) + 1, responses=kept, by=by.user, at=now)
    except IntegrityError:
        raise DeliveryRefused(_("The form has been keyed in twice already."), code="keyed") from None
    apart = differing(before[0].responses, kept) if before else ()
    if before and not apart:
        _store(row, sheet, kept, by, now)
    _record(row, "paper_keyed", by.user, now, number=len(before) + 1, differing=len(apart))
    return apart


def _plain(row: Attempt, responses: Mapping[int, Any]) -> dict[str, Any]:
    known = {item.position for section in paper_being_sat(row.paper).sections for item in section.items}
    if set(responses) - known:
        raise DeliveryRefused(_("There is no such question on this form."), code="form")
    return {str(place): said for place, said in sorted(responses.items()) if said is not None}


@transaction.atomic
def settle_keying(*, by: Acting, attempt: UUID, responses: Mapping[int, Any], reason: str, now: datetime) -> None:
    """The chief says what stands on the form wherever the two keyings differ; then it is stored.

    responses: of exactly those positions. Raises NotAllowed, DeliveryRefused ("keyed": nothing to decide, "same_person",
    "entry": not just those, "reason", "state").
    """
    row = _on_paper(attempt)
    require_for(by, DECISION, "approve", row.entry.sitting)
    words = said(reason)
    keyed = list(row.keyings.order_by("number"))
    apart = differing(keyed[0].responses, keyed[1].responses) if len(keyed) == 2 else ()
    if not apart or KeyingRuling.objects.filter(attempt=row).exists():
        raise DeliveryRefused(_("There is nothing to decide."), code="keyed")
    if by.user is not None and any(one.by == by.user for one in keyed):
        raise DeliveryRefused(_("Somebody who has not keyed the form in decides."), code="same_person")
    if set(responses) != set(apart):
        raise DeliveryRefused(_("Decide on every question where the two differ."), code="entry")
    chosen = _plain(row, responses)
    KeyingRuling.objects.create(attempt=row, responses=chosen, reason=words, by=by.user, at=now)
    agreed = {place: said for place, said in keyed[0].responses.items() if int(place) not in apart}
    _store(row, PaperSheet.objects.get(attempt=row), agreed | chosen, by, now)
    _record(row, "paper_settled", by.user, now, differing=len(apart))


def _store(row: Attempt, sheet: PaperSheet, responses: Mapping[str, Any], by: Acting, now: datetime) -> None:
    """As answers of the attempt's stream, with receipts, at the moment the form was taken in."""
    timely = in_time(row.deadline_ms, row.grace_ms, sheet.collected_ms)
    standing = Standing.PAPER if timely else Standing.LATE
    made: list[Answer] = []
    for place, response in sorted(responses.items(), key=lambda one: int(one[0])):
        row.sequence += 1
        sent = Sent(row.sequence, int(place), canonical(response))
        stored = link(row.hash, row.epoch, sent, sheet.collected_ms, standing)
        row.hash = stored.hash
        made.append(
            Answer(
                attempt=row,
                epoch=stored.epoch,
                sequence=stored.sequence,
                position=stored.position,
                response=stored.response,
                at_ms=stored.at_ms,
                standing=standing,
                hash=stored.hash,
            )
        )
    Answer.objects.bulk_create(made)
    happen(row, Kind.KEYED, by=by.user, now=now, value=len(made))


@transaction.atomic
def note_form_printed(*, by: Acting, entry: UUID, now: datetime) -> None:
    """Record who printed her paper form; the gate is the page's."""
    row = locked_entry(entry)
    record(row.sitting, "paper_form_printed", by, now, entry=row.uuid, form=row.form)
