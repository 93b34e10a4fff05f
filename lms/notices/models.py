"""Notices, their receipts, and what became of the mail or short message sent beside them."""

from django.db import models
from django.db.models import Q

from lms.accounts.api import Person, User
from lms.core.crypto import EncryptedTextField
from lms.core.records import Record, WrittenOnce
from lms.notices.types import DeliveryState, Receipt, Way

__all__ = ["Delivery", "Notice", "NoticeReceipt"]


class Notice(Record, WrittenOnce):
    """Something told to one person, by her login or on paper when she has none.

    `title` and `body` are msgids, `params` what stands in them (encrypted JSON: it may name people); `about` is the thing
    spoken of (a class, a candidacy) and `about_name` its name on lists. `key`: told once, however often it is asked.
    """

    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="notices")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="notices")
    kind = models.CharField(max_length=40)
    title = models.CharField(max_length=200)
    body = models.TextField(blank=True)
    params = EncryptedTextField(blank=True)
    url = models.CharField(max_length=300, blank=True)
    about = models.UUIDField(null=True)
    about_name = models.CharField(max_length=200, blank=True)
    due = models.DateField(null=True)
    key = models.CharField(max_length=120, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(user__isnull=False) | Q(person__isnull=False), name="notices_has_a_reader"
            ),
            models.UniqueConstraint(
                fields=["user", "kind", "key"],
                condition=Q(user__isnull=False) & ~Q(key=""),
                name="notices_once_a_user",
            ),
            models.UniqueConstraint(
                fields=["person", "kind", "key"],
                condition=Q(user=None) & ~Q(key=""),
                name="notices_once_a_person",
            ),
        ]
        indexes = [models.Index(fields=["user", "created_at"], name="notices_of_a_user")]

    def __str__(self) -> str:
        return f"{self.kind} {self.uuid}"


class NoticeReceipt(WrittenOnce):
    """That a notice arrived: she opened it, or `by` told her. The first one counts and is the only one."""

    notice = models.OneToOneField(Notice, on_delete=models.PROTECT, related_name="receipt")
    way = models.CharField(max_length=10)
    by = models.UUIDField(null=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(way__in=sorted(Receipt)), name="notices_receipt_way"),
        ]

    def __str__(self) -> str:
        return f"{self.notice_id} {self.way}"


class Delivery(Record):
    """A mail or short message that says no more than that a notice waits. The address is read when it is sent."""

    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, related_name="deliveries")
    way = models.CharField(max_length=10)
    state = models.CharField(max_length=10, default=DeliveryState.WAITING.value)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["notice", "way"], name="notices_one_delivery_a_way"),
            models.CheckConstraint(
                condition=Q(way__in=sorted(Way), state__in=sorted(DeliveryState)), name="notices_delivery_words"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.notice_id} {self.way} {self.state}"
