"""What this room holds about a person: how her works and short answers stand, and the sheets she wrote as an examiner.

What she answered is told by delivery, which keeps it; a booklet's mark by the room that releases the paper's.
"""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from assessment.candidates.selectors import candidacies_of
from assessment.marking.models import EvidenceGrant, Panel, ScoreSheet, Waiver
from assessment.marking.selectors.words import own_sheet_label, panel_label, relation_label
from assessment.marking.types import PanelKind, PanelState, Relation, SheetState
from lms.core.holdings import Holding, Value
from media_pipeline.api import check_label, evidence_of


def hold(person: UUID, user: UUID | None) -> Sequence[Holding]:
    """Her works with their marks once her result is released (before, they are not final), and her own sheets."""
    sections = [
        Holding(_("Scoring of your works"), _works(person, user)),
        *_evidence(person, user),
        Holding(_("Waivers decided for you"), _waivers(person)),
        Holding(_("Scoring of your short answers"), _booklets(person)),
        Holding(_("Score sheets you wrote"), _sheets(person, user)),
    ]
    return [section for section in sections if section.rows]


def _panels(person: UUID, kind: PanelKind = PanelKind.VIDEO) -> list[Panel]:
    mine = [candidacy.uuid for candidacy in candidacies_of(person)]
    return list(Panel.objects.filter(candidacy__in=mine, kind=kind).select_related("outcome").order_by("id"))


def _booklets(person: UUID) -> list[dict[str, Value]]:
    """The number of a booklet is nobody's to tell while somebody scores it."""
    return [
        {
            pgettext("held", "Booklet"): panel.code if panel.state == PanelState.FINAL else "",
            pgettext("held", "State"): panel_label(PanelState(panel.state))[0],
            pgettext("held", "Since"): panel.moved_at,
        }
        for panel in _panels(person, PanelKind.ANSWERS)
    ]


def _released(panels: list[Panel], user: UUID | None) -> set[UUID]:
    """Works whose evidence she may read: her result is released."""
    if user is None:
        return set()
    grants = EvidenceGrant.objects.filter(
        examiner_user=user, asset__in=[panel.asset for panel in panels], ended_at=None
    )
    return set(grants.values_list("asset", flat=True))


def _evidence(person: UUID, user: UUID | None) -> list[Holding]:
    """What the machine heard and hinted at in her works, once she may read it (domain 3.3: after the decision)."""
    heard: list[dict[str, Value]] = []
    hints: list[dict[str, Value]] = []
    panels = _panels(person)
    released = _released(panels, user)
    for panel in panels:
        if panel.asset not in released:
            continue
        found = evidence_of(panel.asset)
        heard += [
            {
                pgettext("held", "Work"): panel.code,
                pgettext("held", "At second"): str(round(cue.start_s)),
                pgettext("held", "Words"): cue.text,
            }
            for cue in found.cues
        ]
        hints += [
            {
                pgettext("held", "Work"): panel.code,
                pgettext("held", "At second"): str(round(hint.start_s)),
                pgettext("held", "Words"): hint.text,
                pgettext("held", "Machine hint"): hint.category_name,
                pgettext("held", "Law"): hint.law,
            }
            for hint in found.findings
        ]
    return [
        Holding(_("Words heard in your works"), heard),
        Holding(_("Machine hints in your works"), hints),
    ]


def _waivers(person: UUID) -> list[dict[str, Value]]:
    """What was waived for her and why; hers to read, whoever decided."""
    mine = [candidacy.uuid for candidacy in candidacies_of(person)]
    return [
        {
            pgettext("held", "Decided on"): row.at,
            pgettext("held", "Checks"): pgettext("list", ", ").join(check_label(check) for check in row.checks),
            pgettext("held", "Criteria"): pgettext("list", ", ").join(row.criteria),
            _("Reason given"): row.reason,
        }
        for row in Waiver.objects.filter(candidacy__in=mine).order_by("id")
    ]


def _works(person: UUID, user: UUID | None) -> list[dict[str, Value]]:
    panels = _panels(person)
    released = _released(panels, user)
    rows: list[dict[str, Value]] = []
    for panel in panels:
        row: dict[str, Value] = {
            pgettext("held", "Work"): panel.code,
            pgettext("held", "State"): panel_label(PanelState(panel.state))[0],
            pgettext("held", "Since"): panel.moved_at,
        }
        if panel.asset in released and hasattr(panel, "outcome"):
            row[_("Mark")] = panel.outcome.mark
        rows.append(row)
    return rows


def _sheets(person: UUID, user: UUID | None) -> list[dict[str, Value]]:
    mine = Q(examiner_person=person) | (Q(examiner_user=user) if user else Q(pk=None))
    sheets = ScoreSheet.objects.filter(mine).select_related("panel", "seal").order_by("id")
    return [_sheet(sheet) for sheet in sheets]


def _sheet(sheet: ScoreSheet) -> dict[str, Value]:
    # An office may print this for her: who scores which work, and how, stays closed until the panel is done.
    done = sheet.panel.state == PanelState.FINAL
    row: dict[str, Value] = {
        pgettext("held", "Work"): sheet.panel.code if done else "",
        pgettext("held", "State"): own_sheet_label(SheetState(sheet.state))[0],
        pgettext("held", "Assigned"): sheet.assigned_at,
        pgettext("held", "Handed in"): sheet.submitted_at,
    }
    if done and hasattr(sheet, "seal"):
        row[pgettext("held", "Total")] = sheet.seal.points
    if sheet.relation:
        row[_("Conflict of interest")] = relation_label(Relation(sheet.relation))
        row[_("Reason given")] = sheet.conflict_reason
    return row
