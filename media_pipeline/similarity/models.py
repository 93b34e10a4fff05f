"""Fingerprints of works, the index they are found by, and which works were found to be alike."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from lms.core.constraints import one_of
from lms.core.records import Record, WrittenOnce
from media_pipeline.assets.models import MediaAsset, StageRun
from media_pipeline.similarity.types import Tie

__all__ = ["Fingerprint", "FingerprintKey", "Lookalike", "LookalikeRelease"]


class Fingerprint(Record):
    """What one work is told by: packed little-endian numbers. They go before the work does (`services.forget_prints`).

    pictures: 64-bit hashes, one a second; sound: 32-bit Chromaprint; keys: the 64-bit keys of its rows in the index.
    """

    asset = models.OneToOneField(MediaAsset, on_delete=models.PROTECT, related_name="fingerprint")
    pictures = models.BinaryField()
    sound = models.BinaryField()
    keys = models.BinaryField()
    made_at = models.DateTimeField()

    class Meta:
        verbose_name = _("fingerprint of a work")
        verbose_name_plural = _("fingerprints of works")

    def __str__(self) -> str:
        return str(self.asset_id)


class FingerprintKey(models.Model):
    """The inverted index: a part of a fingerprint (`stages.prints`) and whose it is. 250 rows a work and nothing else in them.

    No constraint ties it to its fingerprint: the database would ask this table, which has no index that way, at each removal.
    """

    pk = models.CompositePrimaryKey("key", "fingerprint")
    key = models.BigIntegerField()
    fingerprint = models.ForeignKey(
        Fingerprint, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )

    def __str__(self) -> str:
        return f"{self.key} {self.fingerprint_id}"


class Lookalike(Record):
    """Another work that one was found to be like, as it stood when the run compared them. Never changed, but gone with
    either work's fingerprints.

    number: 1, 2 … of the work; all that its pages call the other by. measures: `types.Measured` as JSON.
    """

    asset = models.ForeignKey(MediaAsset, on_delete=models.PROTECT, related_name="lookalikes")
    other = models.ForeignKey(MediaAsset, on_delete=models.PROTECT, related_name="+")
    run = models.ForeignKey(StageRun, on_delete=models.PROTECT, related_name="lookalikes")
    number = models.PositiveSmallIntegerField()
    tie = models.CharField(max_length=8)
    measures = models.JSONField()
    found_at = models.DateTimeField()

    class Meta:
        verbose_name = _("look-alike")
        verbose_name_plural = _("look-alikes")
        constraints = [
            models.UniqueConstraint(fields=["asset", "other"], name="media_lookalike_once"),
            models.UniqueConstraint(fields=["asset", "number"], name="media_lookalike_number"),
            models.CheckConstraint(condition=one_of("tie", list(Tie)), name="media_lookalike_tie"),
            models.CheckConstraint(condition=~Q(asset=F("other")), name="media_lookalike_of_another"),
        ]

    def __str__(self) -> str:
        return f"{self.asset_id} {self.number}"


class LookalikeRelease(Record, WrittenOnce):
    """A chief examiner's decision that a work goes on to scoring although the same file was handed in by somebody else."""

    asset = models.OneToOneField(MediaAsset, on_delete=models.PROTECT, related_name="lookalike_release")
    reason = models.CharField(max_length=1000)
    by = models.UUIDField()
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("release of a look-alike")
        verbose_name_plural = _("releases of look-alikes")
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="media_release_has_reason")]

    def __str__(self) -> str:
        return str(self.uuid)
