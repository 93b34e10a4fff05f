"""An examiner corrects what the machine heard, for the whole panel. Findings are added to the panel's, never taken away."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext as _

from assessment.marking.logic import at_same_place, masked, same_findings, unmasked
from assessment.marking.models import Panel, PanelFinding, ScoreSheet
from assessment.marking.selectors.sheets import sheet_for
from assessment.marking.selectors.transcripts import Spans, names_in
from assessment.marking.services.allocation import both_languages, evidence_hash, panel_finding
from assessment.marking.services.panels import locked_panel
from assessment.marking.types import OPEN_SHEETS, PanelKind, SheetLocked
from lms.accounts.api import Acting, require
from lms.core import audit
from media_pipeline.api import TranscriptRefused, TranscriptVersion, correct_transcript, transcript_versions


@transaction.atomic
def correct_heard(
    *,
    by: Acting,
    code: str,
    base: int,
    typed: Mapping[int, str],
    heard: Collection[int],
    added: Sequence[tuple[float, float, str]] = (),
    reason: str,
    now: datetime,
) -> int:
    """Take in what she typed over the lines of version `base` (names still hidden in it), the lines she confirms and those she
    adds. What is found now joins the panel's findings; a sheet that was handed in before stays as it is, and a finding whose
    vote its ruling could have turned is the chief's. Returns the number of the newest version.

    Raises PermissionDenied, Http404 (gate), SheetLocked (hers is handed in), TranscriptRefused.
    """
    gated = sheet_for(by, code)
    require(by, "transcript", "update", own=True)
    panel = locked_panel(gated.panel_id)
    if panel.kind != PanelKind.VIDEO or by.user is None:
        raise Http404
    if ScoreSheet.objects.select_for_update().get(pk=gated.pk).state not in OPEN_SHEETS:
        raise SheetLocked(_("This sheet has been handed in. It cannot be changed any more."))
    versions = transcript_versions(panel.asset)
    shown = next((version for version in versions if version.number == base), None)
    if shown is None:
        raise TranscriptRefused(_("This version of the transcript is not there. Please reload the page."))
    texts = _changed(shown, names_in(shown), typed)
    made = correct_transcript(
        by=by.user, work=panel.asset, base=base, texts=texts, heard=heard, added=added, reason=reason, now=now
    )
    if made.number == versions[-1].number:
        return made.number
    numbers = _join(panel)
    audit.record(
        subject_kind="panel",
        subject=panel.uuid,
        action="transcript_corrected",
        actor=by.user,
        fields={
            "seat": gated.seat,
            "version": made.number,
            "findings": len(numbers),
            "evidence": panel.evidence_hash,
        },
        now=now,
    )
    return made.number


def _changed(shown: TranscriptVersion, hidden: Spans, typed: Mapping[int, str]) -> dict[int, str]:
    """Lines whose words are others than were shown, with the hidden names in them again."""
    changed = {}
    for line in shown.lines:
        masks = hidden.get(line.id, ())
        words = " ".join(typed.get(line.id, line.text if not masks else masked(line.text, masks)).split())
        if words == masked(line.text, masks):
            continue
        try:
            changed[line.id] = unmasked(words, line.text, masks) if words else ""
        except ValueError:
            refusal = _("Leave the marks that hide a name as they are.")
            raise TranscriptRefused(refusal, line=line.id) from None
    return changed


def _join(panel: Panel) -> list[int]:
    """What is found now and the panel does not have yet; the numbers it got. The panel's evidence is this version now."""
    evidence, english = both_languages(panel.asset)
    held = list(panel.findings.filter(replaced_by=None).order_by("number"))
    places = same_findings(held, evidence.findings)
    kept = {place for place in places if place is not None}
    lighter = [row for place, row in enumerate(held) if place not in kept]
    number = panel.findings.count()
    numbers = []
    for place, finding, other in zip(places, evidence.findings, english.findings, strict=True):
        if place is not None:
            continue
        number += 1
        row: PanelFinding = panel_finding(panel, number, finding, other, evidence)
        row.replaces = next((one for one in lighter if at_same_place(one, finding)), None)
        if row.replaces is not None:
            lighter.remove(row.replaces)
        row.save()
        numbers.append(number)
    panel.evidence_hash, panel.engine_line = evidence_hash(evidence), evidence.engine_line[:500]
    panel.save(update_fields=["evidence_hash", "engine_line"])
    return numbers
