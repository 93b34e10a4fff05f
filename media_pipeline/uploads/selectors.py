"""Uploads as their owner sees them."""

from uuid import UUID

from django.http import Http404

from lms.accounts.api import Acting
from media_pipeline.uploads.models import Upload
from media_pipeline.uploads.types import Progress, UploadState


def upload_for(acting: Acting, uuid: UUID) -> Upload:
    """Her own upload. Raises Http404 when it is unknown or another's."""
    row = Upload.objects.filter(uuid=uuid, owner_user=acting.user).first() if acting.user else None
    if row is None:
        raise Http404
    return row


def upload_progress(row: Upload) -> Progress:
    """How it stands, for the page that sends it."""
    return Progress(UploadState(row.state), row.offset, row.length, row.url, row.message)
