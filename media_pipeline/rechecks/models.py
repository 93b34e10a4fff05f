"""Finished works read again under another rule pack. Nothing of their reports changes: what differs is written here."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from lms.core.models import Record, WrittenOnce
from media_pipeline.assets.models import MediaAsset
from media_pipeline.packs.models import PackText

__all__ = ["Recheck", "RecheckedWork"]


class Recheck(Record):
    """One reading of all works that were finished when it was asked for, under one text of a pack. `total`: how many."""

    text = models.ForeignKey(PackText, on_delete=models.PROTECT, related_name="rechecks")
    total = models.PositiveIntegerField()
    by = models.UUIDField(null=True)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("re-check of finished works")
        verbose_name_plural = _("re-checks of finished works")

    def __str__(self) -> str:
        return f"{self.text_id} {self.total}"


class RecheckedWork(Record, WrittenOnce):
    """What a work would be told otherwise: findings only this text makes, and those only the report has."""

    recheck = models.ForeignKey(Recheck, on_delete=models.PROTECT, related_name="works")
    asset = models.ForeignKey(MediaAsset, on_delete=models.PROTECT, related_name="rechecks")
    before = models.CharField(max_length=40)
    new = models.JSONField(default=list)
    gone = models.JSONField(default=list)
    kept = models.PositiveIntegerField()
    differs = models.BooleanField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["recheck", "asset"], name="media_recheck_one_work")]

    def __str__(self) -> str:
        return f"{self.recheck_id} {self.asset_id}"
