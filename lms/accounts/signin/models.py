"""Other names to sign in by: a phone or mail address, only after it was confirmed."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lms.accounts.people.models import User
from lms.accounts.signin.types import AliasKind, AliasState
from lms.core.crypto import EncryptedTextField
from lms.core.records import Record

__all__ = ["Alias"]


class Alias(Record):
    """pending (a code was sent) → confirmed → ended. One confirmed login a phone or address; a login one of each kind."""

    KINDS = [(AliasKind.PHONE.value, _("Phone")), (AliasKind.MAIL.value, _("Mail address"))]
    STATES = [
        (AliasState.PENDING.value, _("waits for the code")),
        (AliasState.CONFIRMED.value, pgettext_lazy("alias", "confirmed")),
        (AliasState.ENDED.value, pgettext_lazy("alias", "ended")),
    ]

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="aliases", verbose_name=_("user"))
    kind = models.CharField(pgettext_lazy("alias", "kind"), max_length=10, choices=KINDS)
    value = EncryptedTextField(_("phone or mail address"))
    index = models.CharField(max_length=64, db_index=True, editable=False)
    state = models.CharField(
        pgettext_lazy("alias", "state"), max_length=12, choices=STATES, default=AliasState.PENDING.value
    )
    code_hash = models.CharField(max_length=128, blank=True, editable=False)
    tries_left = models.PositiveSmallIntegerField(default=0)
    # Real time: a code's life is minutes, whatever the simulated clock says.
    code_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(_("created"))
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    class Meta:
        verbose_name = _("sign-in alias")
        verbose_name_plural = _("sign-in aliases")
        constraints = [
            models.UniqueConstraint(
                fields=["index"], condition=Q(state=AliasState.CONFIRMED.value), name="accounts_one_login_an_alias"
            ),
            models.UniqueConstraint(
                fields=["user", "kind"],
                condition=~Q(state=AliasState.ENDED.value),
                name="accounts_one_live_alias_a_kind",
            ),
        ]

    def __str__(self) -> str:
        return str(self.uuid)
