"""Model answers for those who judge short answers: through the bank's door, which writes every look down."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from assessment.bank.services import keys_for_marking
from assessment.bank.types import RevealedKey
from assessment.marking.models import Panel
from assessment.marking.selectors.answers import versions_of
from assessment.marking.selectors.panels import keys_open_to, readable_panel
from assessment.marking.selectors.sheets import shown_sheet_for
from assessment.marking.types import PanelKind
from lms.accounts.api import Acting


def keys_of_booklet(*, by: Acting, code: str, now: datetime) -> Mapping[UUID, RevealedKey]:
    """By version, for the examiner whose sheet it is. The first time is a look in the bank's audit. Raises PermissionDenied,
    Http404."""
    return _keys(by, shown_sheet_for(by, code, PanelKind.ANSWERS).panel, now)


def keys_of_panel(*, by: Acting, code: str, now: datetime) -> Mapping[UUID, RevealedKey]:
    """By version, for the chief who decides on a booklet whose sheets are in; nothing for everybody else who may read the
    panel. Raises PermissionDenied, Http404."""
    panel = readable_panel(by, code)
    return _keys(by, panel, now) if keys_open_to(by, panel, now=now) else {}


def _keys(by: Acting, panel: Panel, now: datetime) -> Mapping[UUID, RevealedKey]:
    return keys_for_marking(by=by, booklet=panel.uuid, versions=versions_of(panel), now=now)
