"""Tables of the working-day calendar."""

from django.db import models

from lms.core.ids import new_uuid

__all__ = ["WorkYear", "WorkYearDay"]


class WorkYear(models.Model):
    """A year whose table is known. `reference_hash`: what our file said, to tell ours from what people made of it."""

    id = models.BigAutoField(primary_key=True)
    # The subject of the audit trail.
    uuid = models.UUIDField(default=new_uuid, unique=True, editable=False)
    year = models.PositiveSmallIntegerField(unique=True)
    source = models.CharField(max_length=200)
    reference_hash = models.CharField(max_length=64, default="")

    class Meta:
        ordering = ["year"]
        constraints = [
            models.CheckConstraint(condition=models.Q(year__gte=1949, year__lte=2200), name="core_work_year_sane")
        ]

    def __str__(self) -> str:
        return str(self.year)


class WorkYearDay(models.Model):
    """A day that differs from its weekday; it belongs to the table of its own year."""

    id = models.BigAutoField(primary_key=True)
    day = models.DateField(unique=True)
    works = models.BooleanField()
    name = models.CharField(max_length=60)

    class Meta:
        ordering = ["day"]

    def __str__(self) -> str:
        return f"{self.day} {'+' if self.works else '-'}"
