"""Writing on a score sheet, handing it in, and withdrawing from it. The panel is locked before the sheet, always."""

import json
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from assessment.candidates.selectors import candidacy
from assessment.examiners.selectors import available_examiners
from assessment.marking.logic import LEASE, parsed_score
from assessment.marking.models import Panel, Ruling, ScoreLine, ScoreSheet, SheetSeal
from assessment.marking.selectors.pool import conflicts
from assessment.marking.selectors.sheets import Entered, entered, sheet_for
from assessment.marking.services.allocation import ask_for_examiners
from assessment.marking.services.evidence import close_evidence
from assessment.marking.services.panels import advance, locked_panel
from assessment.marking.types import (
    LOCKED_SHEETS,
    OPEN_SHEETS,
    ConflictKnown,
    MarkingRefusal,
    NotInPool,
    PanelState,
    Receipt,
    Relation,
    SheetChanges,
    SheetIncomplete,
    SheetLocked,
    SheetState,
    SheetWithdrawn,
    StaleRevision,
    Verdict,
)
from lms.accounts.api import Acting, TieKind, TieObject, record_tie
from lms.core import audit, clock
from lms.core.reference import content_hash

LONGEST_TEXT = 2000


def _writable(gated: ScoreSheet, revision: int | None) -> ScoreSheet:
    """The sheet, locked for update. Raises SheetLocked, SheetWithdrawn, StaleRevision."""
    rows = ScoreSheet.objects.select_for_update(of=("self",)).select_related("panel__rubric")
    sheet = rows.get(pk=gated.pk)
    if sheet.state in LOCKED_SHEETS:
        raise SheetLocked(_("This sheet has been handed in. It cannot be changed any more."))
    if sheet.state not in OPEN_SHEETS:
        raise SheetWithdrawn(_("This sheet is not yours any more. What you saved is kept."))
    if revision is not None and revision != sheet.revision:
        raise StaleRevision(
            _("The sheet was saved in another window meanwhile. The latest figures are shown."),
            draft=entered(sheet).draft(sheet.revision),
        )
    return sheet


@transaction.atomic
def save_sheet(*, by: Acting, code: str, changes: SheetChanges, revision: int, now: datetime) -> Receipt:
    """Store what is valid of the changes and say what is not; the lease begins anew, also when it was over.

    Raises PermissionDenied, Http404 (gate), SheetLocked, SheetWithdrawn, StaleRevision.
    """
    sheet = _writable(sheet_for(by, code), revision)
    held = entered(sheet)
    errors = _save_scores(sheet, held, changes.scores)
    errors |= _save_comments(sheet, held, changes.comments)
    errors |= _save_rulings(sheet, held, changes.rulings)
    written = {"revision": sheet.revision + 1, "saved_at": now, "lease_until": now + LEASE}
    if sheet.state == SheetState.ASSIGNED:
        sheet.move(SheetState.IN_PROGRESS, now=now, **written)
    else:
        for name, value in written.items():
            setattr(sheet, name, value)
        sheet.save(update_fields=list(written))
    progress = entered(sheet).progress
    return Receipt(
        revision=sheet.revision,
        saved_at=now,
        total=progress.total,
        done=progress.done,
        of=progress.of,
        rulings_done=progress.rulings_done,
        rulings_of=progress.rulings_of,
        missing=progress.missing,
        errors=errors,
    )


def _save_scores(sheet: ScoreSheet, held: Entered, scores: Mapping[str, str]) -> dict[str, str]:
    criteria = {criterion.code: criterion for criterion in held.criteria}
    errors = {}
    for code, typed in scores.items():
        criterion = criteria.get(code)
        if criterion is None:
            errors[code] = _("There is no such criterion.")
            continue
        try:
            score = parsed_score(typed, maximum=criterion.maximum, step=criterion.step)
        except ValueError:
            errors[code] = _("Enter a score from 0 to %(maximum)s in steps of %(step)s.") % {
                "maximum": criterion.maximum,
                "step": criterion.step,
            }
            continue
        ScoreLine.objects.update_or_create(sheet=sheet, criterion=code, defaults={"score": score})
    return errors


def _tidy(text: str) -> str:
    """Words as typed, without control characters and outer space."""
    kept = (letter for letter in text if letter == "\n" or unicodedata.category(letter) != "Cc")
    return "".join(kept).strip()


def _save_comments(sheet: ScoreSheet, held: Entered, comments: Mapping[str, str]) -> dict[str, str]:
    codes = {criterion.code for criterion in held.criteria}
    errors = {}
    for code, typed in comments.items():
        comment = _tidy(typed)
        if code not in codes:
            errors[f"{code}.comment"] = _("There is no such criterion.")
        elif len(comment) > LONGEST_TEXT:
            errors[f"{code}.comment"] = _("At most %(count)d characters.") % {"count": LONGEST_TEXT}
        else:
            ScoreLine.objects.update_or_create(sheet=sheet, criterion=code, defaults={"comment": comment})
    return errors


def _save_rulings(sheet: ScoreSheet, held: Entered, rulings: Mapping[int, tuple[str, str]]) -> dict[str, str]:
    findings = {finding.number: finding for finding in held.findings}
    errors = {}
    for number, (verdict, typed) in rulings.items():
        reason = _tidy(typed)
        finding = findings.get(number)
        if finding is None:
            errors[f"F{number}"] = _("There is no such finding to rule on.")
        elif not verdict:
            Ruling.objects.filter(sheet=sheet, finding=finding).delete()
        elif verdict not in list(Verdict):
            errors[f"F{number}"] = _("Confirm the finding or dismiss it.")
        elif verdict == Verdict.DISMISS and not reason:
            errors[f"F{number}"] = _("Say why the finding is dismissed.")
        elif len(reason) > LONGEST_TEXT:
            errors[f"F{number}"] = _("At most %(count)d characters.") % {"count": LONGEST_TEXT}
        else:
            Ruling.objects.update_or_create(
                sheet=sheet, finding=finding, defaults={"verdict": verdict, "reason": reason}
            )
    return errors


@transaction.atomic
def submit_sheet(*, by: Acting, code: str, revision: int, now: datetime) -> None:
    """Hand the sheet in: it is locked and signed by its hash; with the last one the panel goes on.

    Raises PermissionDenied, Http404 (gate), SheetLocked (also for a second submit), SheetWithdrawn, StaleRevision,
    SheetIncomplete, ConflictKnown, NotInPool.
    """
    gated = sheet_for(by, code)
    panel = locked_panel(gated.panel_id)
    sheet = _writable(gated, revision)
    held = entered(sheet)
    if held.progress.missing:
        raise SheetIncomplete(_("Something is still missing on this sheet."), missing=held.progress.missing)
    day, held_by = clock.day_of(now), candidacy(panel.candidacy)
    pool = available_examiners(level=panel.level, on=day, place=held_by.organisation_path)
    if sheet.examiner not in {one.uuid for one in pool}:
        raise NotInPool(_("You are not in the pool of examiners now. What you saved is kept; please ask the chief."))
    if conflicts(panel, held_by, sheet.examiner_person, day):
        raise ConflictKnown(_("A conflict of interest with this work is on record. Please declare it."))
    _seal(panel, sheet, held, now)
    sheet.move(SheetState.SUBMITTED, now=now, submitted_at=now)
    advance(panel, now=now)
    audit.record(
        subject_kind="panel",
        subject=panel.uuid,
        action="sheet_handed_in",
        actor=by.user,
        fields={"sheet": sheet.uuid, "seat": sheet.seat},
        now=now,
    )


def _seal(panel: Panel, sheet: ScoreSheet, held: Entered, now: datetime) -> SheetSeal:
    content = {
        "sheet": str(sheet.uuid),
        "panel": str(panel.uuid),
        "seat": sheet.seat,
        "examiner": str(sheet.examiner),
        "rubric": panel.rubric.content_hash,
        "evidence": panel.evidence_hash,
        "scores": {criterion.code: str(held.scores[criterion.code]) for criterion in held.criteria},
        "comments": {code: line.comment for code, line in sorted(held.lines.items()) if line.comment},
        "rulings": {
            str(number): {"verdict": ruling.verdict, "reason": ruling.reason}
            for number, ruling in sorted(held.rulings.items())
        },
        "at": now.isoformat(),
    }
    total = sum(held.scores.values(), Decimal("0.0"))
    return SheetSeal.objects.create(
        sheet=sheet,
        content=content,
        total=total,
        content_hash=content_hash(json.dumps(content, ensure_ascii=False, sort_keys=True)),
        signed_by=sheet.examiner_user,
        at=now,
    )


@transaction.atomic
def declare_conflict(*, by: Acting, code: str, relation: str, reason: str, now: datetime) -> None:
    """She withdraws: the tie is on record, the evidence closed to her, the seat given to somebody else.

    Raises PermissionDenied, Http404 (gate), SheetLocked, SheetWithdrawn, MarkingRefusal (no relation).
    """
    gated = sheet_for(by, code)
    panel = locked_panel(gated.panel_id)
    sheet = _writable(gated, None)
    if relation not in list(Relation):
        raise MarkingRefusal(_("Choose your relation to the candidate."), field="relation")
    words = _tidy(reason)[:LONGEST_TEXT]
    if relation == Relation.OTHER and not words:
        raise MarkingRefusal(_("Say in a few words what the conflict is."), field="reason")
    sheet.move(SheetState.CONFLICT_DECLARED, now=now, relation=relation, conflict_reason=words)
    close_evidence(examiner=sheet.examiner_user, asset=panel.asset, now=now)
    if panel.state == PanelState.ARBITRATION:
        panel.move(PanelState.SPREAD, now=now)
    else:
        ask_for_examiners(panel.submission)
    record_tie(
        kind=TieKind.DECLARED,
        person=sheet.examiner_person,
        object_kind=TieObject.SUBMISSION,
        object_uuid=panel.submission,
        source="marking",
        note=words,
        by=by.user,
        now=now,
    )
    audit.record(
        subject_kind="panel",
        subject=panel.uuid,
        action="conflict_declared",
        actor=by.user,
        fields={"sheet": sheet.uuid, "seat": sheet.seat, "relation": Relation(relation)},
        now=now,
    )
