"""What this room holds about a person: how her works stand, and the sheets she wrote as an examiner."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from assessment.candidates.selectors import candidacies_of
from assessment.marking.models import EvidenceGrant, Panel, ScoreSheet
from assessment.marking.selectors.words import own_sheet_label, panel_label, relation_label
from assessment.marking.types import PanelState, Relation, SheetState
from lms.core.holdings import Holding, Value


def hold(person: UUID, user: UUID | None) -> Sequence[Holding]:
    """Her works with their marks once her result is released (before, they are not final), and her own sheets."""
    sections = [
        Holding(_("Scoring of your works"), _works(person, user)),
        Holding(_("Score sheets you wrote"), _sheets(person, user)),
    ]
    return [section for section in sections if section.rows]


def _works(person: UUID, user: UUID | None) -> list[dict[str, Value]]:
    mine = [candidacy.uuid for candidacy in candidacies_of(person)]
    panels = list(Panel.objects.filter(candidacy__in=mine).select_related("outcome").order_by("id"))
    released = set(
        EvidenceGrant.objects.filter(
            examiner_user=user, asset__in=[panel.asset for panel in panels], ended_at=None
        ).values_list("asset", flat=True)
    )
    rows: list[dict[str, Value]] = []
    for panel in panels:
        row: dict[str, Value] = {
            _("Work"): panel.code,
            pgettext("panel", "State"): panel_label(PanelState(panel.state))[0],
            pgettext("panel", "Since"): panel.moved_at,
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
    row: dict[str, Value] = {
        _("Work"): sheet.panel.code,
        pgettext("panel", "State"): own_sheet_label(SheetState(sheet.state))[0],
        _("Assigned"): sheet.assigned_at,
        _("Handed in"): sheet.submitted_at,
    }
    if hasattr(sheet, "seal"):
        row[_("Total")] = sheet.seal.total
    if sheet.relation:
        row[_("Conflict of interest")] = relation_label(Relation(sheet.relation))
        row[_("Reason given")] = sheet.conflict_reason
    return row
