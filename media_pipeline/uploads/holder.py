"""What uploads on their way hold about a person; what has arrived is told as a work."""

from collections.abc import Sequence
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from lms.core.holdings import Holding
from media_pipeline.uploads.logic import parse_metadata
from media_pipeline.uploads.models import Upload
from media_pipeline.uploads.types import UploadState


def hold(person: UUID, user: UUID | None) -> Sequence[Holding]:
    """Her unfinished uploads with what she said about each."""
    unfinished = Upload.objects.filter(state__in=[UploadState.OPEN, UploadState.RECEIVED]).order_by("id")
    rows = unfinished.none() if user is None else unfinished.filter(owner_user=user)
    return [
        Holding(
            _("Uploads under way"),
            [
                {
                    pgettext("held", "Begun on"): row.created_at,
                    pgettext("held", "Bytes"): row.length,
                    pgettext("held", "Bytes received"): row.offset,
                    pgettext("held", "What was said about it"): "\n".join(
                        f"{key}: {value}" for key, value in parse_metadata(row.metadata).items()
                    ),
                }
                for row in rows
            ],
        )
    ]
