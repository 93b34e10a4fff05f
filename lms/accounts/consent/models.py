"""Versions of what people agree to, and each agreement or withdrawal: written once."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lms.accounts.consent.types import ConsentHow, ConsentKey
from lms.accounts.people.models import Person
from lms.core.records import Record, WrittenOnce

__all__ = ["Consent", "ConsentText"]


class ConsentText(Record, WrittenOnce):
    """One version of a text, Chinese and English, as loaded from our file; `content_hash` over both."""

    KEYS = [
        (ConsentKey.SENSITIVE_DATA.value, _("Use of sensitive personal data")),
        (ConsentKey.VIDEO.value, _("Use of my videos")),
    ]

    key = models.CharField(pgettext_lazy("consent", "subject"), max_length=30, choices=KEYS)
    version = models.PositiveSmallIntegerField(pgettext_lazy("consent", "version"))
    texts = models.JSONField()  # language -> {"title": str, "body": [paragraph]}
    content_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(_("created"))

    class Meta:
        verbose_name = _("consent text")
        verbose_name_plural = _("consent texts")
        constraints = [models.UniqueConstraint(fields=["key", "version"], name="accounts_one_consent_version")]

    def __str__(self) -> str:
        return f"{self.key} v{self.version}"


class Consent(Record, WrittenOnce):
    """A person agreed to a version of a text, or took that back (`given` False). The newest row holds."""

    HOWS = [
        (ConsentHow.SCREEN.value, pgettext_lazy("consent", "on the screen")),
        (ConsentHow.PAPER.value, pgettext_lazy("consent", "on paper")),
    ]

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="consents", verbose_name=_("person"))
    text = models.ForeignKey(ConsentText, on_delete=models.PROTECT, related_name="+", verbose_name=_("consent text"))
    given = models.BooleanField(pgettext_lazy("consent", "given"))
    how = models.CharField(pgettext_lazy("consent", "how"), max_length=10, choices=HOWS)
    signed_on = models.DateField(_("signed on"), null=True, blank=True)
    # Where the signed paper is kept: folder and page.
    note = models.CharField(_("where the paper is kept"), max_length=200, blank=True)
    by = models.UUIDField()  # the user who recorded it
    created_at = models.DateTimeField(_("created"))

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        constraints = [
            models.CheckConstraint(
                condition=~Q(how=ConsentHow.PAPER.value) | (Q(signed_on__isnull=False) & ~Q(note="")),
                name="accounts_paper_consent_is_dated",
            )
        ]

    def __str__(self) -> str:
        return str(self.uuid)
