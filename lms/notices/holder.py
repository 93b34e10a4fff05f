"""What this room holds about a person."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from lms.core.holdings import Holding
from lms.notices.models import Notice
from lms.notices.selectors import in_words


def hold(person: UUID, user: UUID | None) -> Sequence[Holding]:
    """Everything she was told, and when it arrived."""
    to_her = Q(person__uuid=person)
    if user is not None:
        to_her |= Q(user__uuid=user)
    rows = []
    for row in Notice.objects.filter(to_her).select_related("receipt").order_by("id"):
        title, body = in_words(row)
        receipt = getattr(row, "receipt", None)
        rows.append(
            {
                pgettext("notice", "Title"): title,
                _("Text"): body,
                pgettext("notice", "About"): row.about_name,
                _("Due"): row.due,
                _("Told on"): row.created_at,
                _("Arrived on"): receipt.at if receipt else None,
            }
        )
    return [Holding(pgettext("held", "Notices"), rows)]
