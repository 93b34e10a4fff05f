"""Who registered herself."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from lms.accounts.organisations.models import Organisation
from lms.accounts.people.models import Person
from lms.core.records import Record, WrittenOnce

__all__ = ["Registration"]


class Registration(Record, WrittenOnce):
    """A trainee registered herself with an institution; nobody has seen her paper by that."""

    person = models.OneToOneField(
        Person, on_delete=models.PROTECT, related_name="registration", verbose_name=_("person")
    )
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="+", verbose_name=_("organisation")
    )
    created_at = models.DateTimeField(_("created"))

    class Meta:
        verbose_name = _("registration")
        verbose_name_plural = _("registrations")

    def __str__(self) -> str:
        return str(self.uuid)
