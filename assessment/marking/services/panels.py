"""From the last sheet to the outcome, and the chief's part: rulings, a fourth examiner, late sheets, her signature."""

import json
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from assessment.candidates.selectors import candidacy
from assessment.candidates.services import finish_scoring
from assessment.marking.events import BookletMarked, PanelFinished
from assessment.marking.logic import needs_arbitration, needs_chief
from assessment.marking.models import BookletOutcome, ChiefRuling, Panel, ScoreSheet, VideoOutcome
from assessment.marking.selectors.outcomes import Facts, facts_of, settled
from assessment.marking.selectors.panels import panel_for, partiality
from assessment.marking.selectors.pool import Free, Pool
from assessment.marking.selectors.rubrics import criteria_of, maximum_of, waived_in, whole_of
from assessment.marking.services.allocation import allocate, record_seats, seat_examiner
from assessment.marking.services.evidence import close_evidence
from assessment.marking.types import (
    OPEN_SHEETS,
    ConflictKnown,
    Judgement,
    MarkingRefusal,
    PanelKind,
    PanelState,
    SheetState,
    Verdict,
)
from assessment.specification.types import Part
from lms.accounts.api import Acting, Action, require
from lms.core import audit, clock
from lms.core.events import publish
from lms.core.reference import content_hash
from media_pipeline.api import RuledFinding, tell_rulings


def locked_panel(pk: int) -> Panel:
    """The panel, locked for update: taken before any of its sheets."""
    return Panel.objects.select_for_update(of=("self",)).select_related("rubric").get(pk=pk)


def advance(panel: Panel, *, now: datetime) -> None:
    """Take a locked panel on after a sheet was handed in; nothing happens until the last one is."""
    facts = facts_of([panel])[panel.pk]
    if not facts.complete:
        return
    if panel.state == PanelState.SCORING and needs_arbitration(facts.totals, facts.limit):
        panel.move(PanelState.SPREAD, now=now)
    elif facts.arbitrated or facts.undecided:
        panel.move(PanelState.RULINGS, now=now)
    else:
        _finish(facts, signed_by=None, reason="", now=now)


def _finish(facts: Facts, *, signed_by: UUID | None, reason: str, now: datetime) -> UUID:
    """The outcome of a locked panel whose sheets are all in; its uuid."""
    if facts.panel.kind == PanelKind.ANSWERS:
        return _finish_booklet(facts, signed_by=signed_by, reason=reason, now=now).uuid
    return _finish_video(facts, signed_by=signed_by, reason=reason, now=now).uuid


def _close(facts: Facts, counted: tuple[int, ...], now: datetime) -> None:
    for sheet in facts.sheets:
        sheet.move(SheetState.INCLUDED if sheet.seat in counted else SheetState.SUPERSEDED, now=now)
    facts.panel.move(PanelState.FINAL, now=now)


def _finish_booklet(facts: Facts, *, signed_by: UUID | None, reason: str, now: datetime) -> BookletOutcome:
    panel, judgement = facts.panel, facts.booklet_judgement()
    marks = tuple(
        (each.position, judgement.marks.get(each.code, Decimal("0.00"))) for each in criteria_of(panel.rubric)
    )
    content = {
        "attempt": str(panel.submission),
        "candidacy": str(panel.candidacy),
        "specification": str(panel.specification),
        "rubric": panel.rubric.content_hash,
        "evidence": panel.evidence_hash,
        "sheets": _sheets(facts, judgement.counted),
        "method": judgement.method,
        "spread": str(judgement.spread),
        "limit": str(facts.limit),
        "marks": {str(position): str(mark) for position, mark in marks},
        "total": str(judgement.total),
        "signed_by": str(signed_by) if signed_by else None,
        "reason": reason,
        "at": now.isoformat(),
    }
    row = BookletOutcome.objects.create(
        attempt=panel.submission,
        candidacy=panel.candidacy,
        panel=panel,
        method=judgement.method,
        total=judgement.total,
        maximum=maximum_of(panel.rubric),
        content=content,
        content_hash=content_hash(json.dumps(content, ensure_ascii=False, sort_keys=True)),
        signed_by=signed_by,
        reason=reason,
        at=now,
    )
    _close(facts, judgement.counted, now)
    publish(BookletMarked(attempt=panel.submission, candidacy=panel.candidacy, marks=marks, outcome=row.uuid))
    return row


def _finish_video(facts: Facts, *, signed_by: UUID | None, reason: str, now: datetime) -> VideoOutcome:
    panel, judgement = facts.panel, facts.judgement()
    content = _content(facts, judgement, signed_by, reason, now)
    row = VideoOutcome.objects.create(
        panel=panel,
        method=judgement.method,
        centre=judgement.centre,
        removed=judgement.removed,
        deducted=judgement.deducted,
        mark=judgement.mark,
        grade=judgement.grade,
        proposed_fail=judgement.proposed_fail,
        content=content,
        content_hash=content_hash(json.dumps(content, ensure_ascii=False, sort_keys=True)),
        signed_by=signed_by,
        reason=reason,
        at=now,
    )
    _close(facts, judgement.counted, now)
    _tell_rules(facts, now)
    finish_scoring(submission=panel.submission, now=now)
    publish(
        PanelFinished(
            candidacy=panel.candidacy,
            submission=panel.submission,
            part=Part.VIDEO,
            mark=judgement.mark,
            grade_hint=judgement.grade,
            proposed_fail=judgement.proposed_fail,
            outcome=row.uuid,
        )
    )
    return row


def _tell_rules(facts: Facts, now: datetime) -> None:
    """The rule packs learn which of their findings the panel confirmed and which it dismissed."""
    panel, statuses = facts.panel, settled(facts.ruled)
    tell_rulings(
        panel=panel.uuid,
        asset=panel.asset,
        found_before=panel.created_at,
        ruled=[
            RuledFinding(one.number, one.rule, one.suspected, statuses[one.number] == Verdict.CONFIRM)
            for one in facts.to_rule
        ],
        now=now,
    )


def _sheets(facts: Facts, counted: tuple[int, ...]) -> list[dict[str, Any]]:
    return [
        {"seat": seat, "seal": seal.content_hash, "total": str(seal.points), "counted": seat in counted}
        for seat, seal in sorted(facts.seals.items())
    ]


def _content(facts: Facts, judgement: Judgement, signed_by: UUID | None, reason: str, now: datetime) -> dict[str, Any]:
    """Everything an outcome stands on, for its hash."""
    panel = facts.panel
    statuses = settled(facts.ruled)
    return {
        "submission": str(panel.submission),
        "specification": str(panel.specification),
        "rubric": panel.rubric.content_hash,
        "evidence": panel.evidence_hash,
        "sheets": _sheets(facts, judgement.counted),
        "findings": [
            {
                "number": ruled.number,
                "severity": ruled.severity,
                "confirmed": ruled.confirmed,
                "dismissed": ruled.dismissed,
                "chief": str(facts.chief[ruled.number].uuid) if ruled.number in facts.chief else None,
                "status": statuses[ruled.number],
                "points": judgement.points.get(ruled.number),
            }
            for ruled in facts.ruled
        ],
        "method": judgement.method,
        "spread": str(judgement.spread),
        "criteria": {code: str(mean) for code, mean in judgement.means.items()},
        **_waived(panel),
        "centre": str(judgement.centre),
        "removed": str(judgement.removed),
        "deducted": judgement.deducted,
        "mark": str(judgement.mark),
        "grade": judgement.grade,
        "proposed_fail": judgement.proposed_fail,
        "signed_by": str(signed_by) if signed_by else None,
        "reason": reason,
        "at": now.isoformat(),
    }


def _waived(panel: Panel) -> dict[str, Any]:
    """What nobody scored, and of how many marks the sheets are: said only where a decision waives something."""
    waived = [criterion.code for criterion in waived_in(panel)]
    return {"waived": waived, "whole": str(whole_of(panel))} if waived else {}


def _chief(by: Acting, code: str, object_kind: str, action: Action, now: datetime) -> Panel:
    """The panel, locked, for a chief who may act on it. Raises PermissionDenied, Http404, ConflictKnown."""
    gated = panel_for(by, code)
    require(by, object_kind, action, place=gated.organisation_path)
    refused = partiality(by, gated, now=now)
    if refused:
        raise ConflictKnown(refused)
    return locked_panel(gated.pk)


def _only_in(panel: Panel, *states: PanelState) -> None:
    if panel.state not in states:
        raise MarkingRefusal(_("This panel has moved on meanwhile. Look at it again."))


def _reason(text: str) -> str:
    reason = text.strip()
    if not reason:
        raise MarkingRefusal(_("Give a reason; it goes on file."), field="reason")
    return reason[:2000]


@transaction.atomic
def decide_finding(*, by: Acting, code: str, finding: int, verdict: str, reason: str, now: datetime) -> None:
    """The chief decides a tie or a finding of severity B, with a reason; she may change her mind until she signs.

    Raises PermissionDenied, Http404, ConflictKnown, MarkingRefusal.
    """
    panel = _chief(by, code, "finding_ruling", "approve", now)
    _only_in(panel, PanelState.RULINGS)
    facts = facts_of([panel])[panel.pk]
    row = next((one for one in facts.findings if one.number == finding), None)
    if row is None or not needs_chief(facts.ruled_one(row)) or row not in facts.to_rule:
        raise MarkingRefusal(_("The panel has decided this finding."), field="finding")
    if verdict not in list(Verdict):
        raise MarkingRefusal(_("Confirm the finding or dismiss it."), field="verdict")
    ruling = ChiefRuling.objects.create(
        panel=panel, finding=row, verdict=verdict, reason=_reason(reason), decided_by=_user(by), at=now
    )
    audit.record(
        subject_kind="panel",
        subject=panel.uuid,
        action="finding_decided",
        actor=by.user,
        fields={"finding": finding, "verdict": Verdict(verdict), "ruling": ruling.uuid},
        now=now,
    )


def _user(by: Acting) -> UUID:
    if by.user is None:
        raise MarkingRefusal(_("Sign in again."))
    return by.user


@transaction.atomic
def assign_fourth(*, by: Acting, code: str, examiner: UUID | None, now: datetime) -> None:
    """One more examiner marks a work whose spread is too wide (domain 4.3 rule 3): the one chosen, or the next in turn.

    Raises PermissionDenied, Http404, ConflictKnown, MarkingRefusal (nobody can, or the one chosen cannot any more).
    """
    panel = _chief(by, code, "arbitration", "execute", now)
    _only_in(panel, PanelState.SPREAD)
    free = _pick(by, panel, examiner, now)
    seat = panel.seats + 1
    seat_examiner(panel, free, seat=seat, by=by.user, now=now, fourth=True)
    panel.move(PanelState.ARBITRATION, now=now)
    record_seats(panel, [(seat, free)], by=by.user, now=now)


def _pick(by: Acting, panel: Panel, examiner: UUID | None, now: datetime) -> Free:
    pool = Pool(panel, candidacy(panel.candidacy), clock.day_of(now))
    for free in pool.free(again=examiner is not None, chooser=by):
        if examiner in {None, free.examiner.uuid}:
            return free
    raise MarkingRefusal(_("This examiner cannot be assigned, or there is nobody left."), field="examiner")


@transaction.atomic
def reassign_sheet(*, by: Acting, code: str, seat: int, examiner: UUID | None, now: datetime, reason: str = "") -> None:
    """Give a sheet whose time is over to somebody else. What was saved stays, and continues if it comes back to her.

    Raises PermissionDenied, Http404, ConflictKnown, MarkingRefusal (not late, nobody can).
    """
    panel = _chief(by, code, "arbitration", "execute", now)
    sheet = ScoreSheet.objects.select_for_update().filter(panel=panel, seat=seat, state__in=sorted(OPEN_SHEETS)).first()
    if sheet is None:
        raise MarkingRefusal(_("This panel has moved on meanwhile. Look at it again."), field="seat")
    if sheet.lease_until >= now:
        raise MarkingRefusal(_("Her time for this work is not over yet."), field="seat")
    free = _pick(by, panel, examiner, now)
    words = reason.strip()[:2000]
    sheet.move(SheetState.WITHDRAWN, now=now, reassigned_reason=words)
    close_evidence(examiner=sheet.examiner_user, asset=panel.asset, now=now)
    seat_examiner(panel, free, seat=seat, by=by.user, now=now, fourth=sheet.fourth)
    audit.record(
        subject_kind="panel",
        subject=panel.uuid,
        action="sheet_reassigned",
        actor=by.user,
        fields={"seat": seat, "from": sheet.examiner_user, "to": free.examiner.user},
        now=now,
    )


@transaction.atomic
def retry_allocation(*, by: Acting, code: str, now: datetime) -> PanelState | None:
    """The chief asks again for examiners, at once. Raises PermissionDenied, Http404, ConflictKnown."""
    panel = _chief(by, code, "arbitration", "execute", now)
    return allocate(submission=panel.submission, now=now, by=by.user)


@transaction.atomic
def sign_panel(*, by: Acting, code: str, reason: str, now: datetime) -> UUID:
    """The chief signs: the outcome stands. After arbitration a reason is needed (domain 4.3 rule 3). Returns its uuid.

    Raises PermissionDenied, Http404, ConflictKnown, MarkingRefusal (something is undecided, no reason).
    """
    panel = _chief(by, code, "arbitration", "execute", now)
    _only_in(panel, PanelState.RULINGS)
    facts = facts_of([panel])[panel.pk]
    if facts.undecided:
        raise MarkingRefusal(_("Decide every finding that waits for you first."))
    words = _reason(reason) if facts.arbitrated else reason.strip()[:2000]
    outcome = _finish(facts, signed_by=_user(by), reason=words, now=now)
    audit.record(
        subject_kind="panel",
        subject=panel.uuid,
        action="signed",
        actor=by.user,
        fields={"outcome": outcome, "arbitrated": facts.arbitrated},
        now=now,
    )
    return outcome
