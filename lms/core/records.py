"""The base of every table, and the one row of the clock."""

from django.db import models

from lms.core.ids import new_uuid


class Record(models.Model):
    """Base of every table others may point at: `id` inside, `uuid` outside."""

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(default=new_uuid, unique=True, editable=False)

    class Meta:
        abstract = True


class ClockOffset(models.Model):
    """At most one row: seconds added to real time in demonstration, test and simulation."""

    seconds = models.BigIntegerField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="core_one_clock")]

    def __str__(self) -> str:
        return f"{self.seconds:+d} s"
