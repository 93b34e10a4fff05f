"""Uploads on their way: how far each has come, and who writes it at this moment. Rows go a week after their end."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from lms.core.records import Record
from media_pipeline.uploads.types import UploadState

__all__ = ["Upload"]


class Upload(Record):
    """One file that comes in pieces. `offset` bytes are safely stored; it only grows, by compare-and-set.

    writer, writer_until: who may store a piece, and how long before another may (real time). parts: what the storage must
    remember between two pieces. metadata: as the sender wrote it. fingerprint: the hash of both ends as stated, or "".
    membership: the role she uploads in. created_at is Kaibo's time (a deadline is met by an upload begun before it),
    touched_at and expires_at are real time.
    """

    target = models.CharField(max_length=20)
    context = models.CharField(max_length=200, blank=True)
    owner_user = models.UUIDField(db_index=True)
    membership = models.UUIDField(null=True)
    form_token = models.UUIDField()
    length = models.BigIntegerField()
    offset = models.BigIntegerField(default=0)
    fingerprint = models.CharField(max_length=64, blank=True)
    metadata = models.TextField(blank=True)
    key = models.CharField(max_length=255, unique=True)
    parts = models.JSONField(default=dict)
    state = models.CharField(max_length=10, default=UploadState.OPEN)
    writer = models.UUIDField(null=True)
    writer_until = models.DateTimeField(null=True)
    url = models.CharField(max_length=300, blank=True)
    message = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField()
    touched_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        verbose_name = _("upload")
        verbose_name_plural = _("uploads")
        indexes = [models.Index(fields=["state", "expires_at"], name="media_upload_expiry")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=sorted(state.value for state in UploadState)), name="media_upload_state"
            ),
            models.CheckConstraint(condition=Q(length__gt=0), name="media_upload_length"),
            models.CheckConstraint(condition=Q(offset__gte=0, offset__lte=F("length")), name="media_upload_offset"),
            models.CheckConstraint(
                condition=~Q(state__in=["received", "done", "refused"]) | Q(offset=F("length")),
                name="media_upload_received_is_whole",
            ),
            # The same file for the same purpose is the same upload, on whatever page or device it is chosen again.
            models.UniqueConstraint(
                fields=["owner_user", "target", "context", "length", "fingerprint"],
                condition=Q(state="open") & ~Q(fingerprint=""),
                name="media_upload_one_a_file",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.target} {self.offset}/{self.length} {self.state}"
