"""The desk of one booklet, and the files its questions show."""

from collections.abc import Mapping
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404

from assessment.bank.models import QuestionFile
from assessment.bank.selectors import file_of
from assessment.bank.types import RevealedKey
from assessment.marking.models import Panel
from assessment.marking.selectors.answers import answer_views, blank_positions, versions_of
from assessment.marking.selectors.panels import panel_for
from assessment.marking.selectors.sheets import criterion_row, desk_fields, entered, shown_sheet_for
from assessment.marking.types import BookletPage, PanelKind
from lms.accounts.api import Acting, can
from lms.core.types import Level


def booklet_page(acting: Acting, code: str, *, keys: Mapping[UUID, RevealedKey]) -> BookletPage:
    """The scoring desk of one booklet. keys: of the bank's door for marking, by version. Raises PermissionDenied, Http404."""
    sheet = shown_sheet_for(acting, code, PanelKind.ANSWERS)
    held = entered(sheet)
    return BookletPage(
        **desk_fields(acting, sheet, held),
        level_label=Level(sheet.panel.level).label_zh,
        criteria=[criterion_row(criterion, held, (), ()) for criterion in held.criteria],
        findings=[],
        answers=answer_views(sheet.panel, keys),
        blank=blank_positions(sheet.panel),
    )


def booklet_file(acting: Acting, code: str, version: UUID, sha256: str) -> QuestionFile:
    """A file that a question of the booklet shows, for whoever may read the booklet. Raises PermissionDenied, Http404."""
    panel = _read_by(acting, code)
    held = file_of(version, sha256) if version in versions_of(panel) else None
    if held is None:
        raise Http404
    return held


def _read_by(acting: Acting, code: str) -> Panel:
    """Her own sheet's booklet, or one that the acting organisation covers."""
    cell = can(acting, "booklet", "read")
    if cell is None:
        raise PermissionDenied
    if cell.own:
        return shown_sheet_for(acting, code, PanelKind.ANSWERS).panel
    panel = panel_for(acting, code)
    if panel.kind != PanelKind.ANSWERS:
        raise Http404
    return panel
