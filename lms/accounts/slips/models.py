"""One-time slips and the checks of identity behind them."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lms.accounts.people.models import User
from lms.accounts.slips.types import IdentityCheckKind, SlipPurpose, SlipState
from lms.core.records import Record, WrittenOnce

__all__ = ["IdentityCheck", "Slip"]


class IdentityCheck(Record, WrittenOnce):
    """Somebody saw who a person is (persons, users and organisations by uuid)."""

    KINDS = [
        (IdentityCheckKind.PAPER_SEEN.value, _("Original identity paper seen; photo and face compared")),
        (IdentityCheckKind.KNOWN.value, _("A colleague I know in person (no identity paper on record)")),
    ]

    person = models.UUIDField(null=True, db_index=True)
    user = models.UUIDField(null=True, db_index=True)
    kind = models.CharField(_("identity check"), max_length=20, choices=KINDS)
    by = models.UUIDField()
    organisation = models.UUIDField(null=True)
    created_at = models.DateTimeField(_("created"))

    class Meta:
        verbose_name = _("identity check")
        verbose_name_plural = _("identity checks")

    def __str__(self) -> str:
        return str(self.uuid)


class Slip(Record):
    """A one-time code for one login; at most one is open. The code itself is on the paper only."""

    PURPOSES = [
        (SlipPurpose.FIRST_LOGIN.value, _("First sign-in")),
        (SlipPurpose.FORGOTTEN_PASSWORD.value, _("Forgotten password")),
        (SlipPurpose.LOST_SECOND_STEP.value, _("Lost phone with the codes")),
    ]
    STATES = [
        (SlipState.OPEN.value, pgettext_lazy("slip", "to be used")),
        (SlipState.USED.value, pgettext_lazy("slip", "used")),
        (SlipState.REPLACED.value, _("replaced by a newer one")),
        (SlipState.WITHDRAWN.value, pgettext_lazy("slip", "withdrawn")),
    ]

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="slips", verbose_name=_("user"))
    purpose = models.CharField(pgettext_lazy("slip", "purpose"), max_length=20, choices=PURPOSES)
    code_hash = models.CharField(max_length=128, editable=False)
    state = models.CharField(
        pgettext_lazy("slip", "state"), max_length=12, choices=STATES, default=SlipState.OPEN.value
    )
    valid_to = models.DateField(_("valid to"))
    identity_check = models.ForeignKey(IdentityCheck, on_delete=models.PROTECT, related_name="+")
    issued_by = models.UUIDField()
    issuer = models.CharField(max_length=200)  # the organisation's name as printed
    created_at = models.DateTimeField(_("created"))
    used_at = models.DateTimeField(pgettext_lazy("slip", "used"), null=True, blank=True)

    class Meta:
        verbose_name = _("slip")
        verbose_name_plural = _("slips")
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(state=SlipState.OPEN.value), name="accounts_one_open_slip"
            ),
            models.CheckConstraint(
                condition=Q(state=SlipState.USED.value, used_at__isnull=False)
                | (~Q(state=SlipState.USED.value) & Q(used_at__isnull=True)),
                name="accounts_used_slip_is_dated",
            ),
            models.CheckConstraint(
                condition=Q(used_at__isnull=True) | Q(used_at__gte=F("created_at")), name="accounts_slip_order"
            ),
        ]

    def __str__(self) -> str:
        return str(self.uuid)
