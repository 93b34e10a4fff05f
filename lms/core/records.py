"""The bases of every table, and the one row of the clock."""

from typing import Any, NoReturn

from django.db import models

from lms.core.ids import new_uuid


class Record(models.Model):
    """Base of every table others may point at: `id` inside, `uuid` outside."""

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(default=new_uuid, unique=True, editable=False)

    class Meta:
        abstract = True


class WrittenOnceQuerySet(models.QuerySet[Any]):
    """Reads and inserts only."""

    def update(self, **kwargs: Any) -> NoReturn:
        raise TypeError(f"{self.model.__name__} rows are written once")

    def delete(self) -> NoReturn:
        raise TypeError(f"{self.model.__name__} rows go only through retention")


class WrittenOnce(models.Model):
    """Base of what is judged: a row is inserted and never changed. A change of mind is a new row."""

    objects = WrittenOnceQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError(f"{type(self).__name__} rows are written once")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError(f"{type(self).__name__} rows go only through retention")


class ClockOffset(models.Model):
    """At most one row: seconds added to real time in demonstration, test and simulation."""

    seconds = models.BigIntegerField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="core_one_clock")]

    def __str__(self) -> str:
        return f"{self.seconds:+d} s"
