"""Who may act for which organisation, in which role, on which days."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from lms.accounts.organisations.models import Organisation
from lms.accounts.people.models import User
from lms.accounts.types import Role
from lms.core import clock
from lms.core.records import Record

__all__ = ["Membership"]


class Membership(Record):
    """A role on one organisation, with the days on which it holds (both included, Asia/Shanghai)."""

    ROLES = [
        (Role.TRAINEE.value, _("Trainee")),
        (Role.INSTRUCTOR.value, _("Instructor")),
        (Role.EXAMINER.value, _("Examiner")),
        (Role.CHIEF_EXAMINER.value, _("Chief examiner")),
        (Role.COMMITTEE.value, _("Committee member")),
        (Role.INSTITUTION_ADMIN.value, _("Institution staff")),
        (Role.HR_BUREAU.value, _("HR bureau")),
        (Role.COMMERCE_BUREAU.value, _("Commerce bureau")),
        (Role.FINANCE_BUREAU.value, _("Finance bureau")),
        (Role.INSPECTOR.value, _("Inspector")),
        (Role.ARCHIVE_READER.value, _("Archive reader")),
        (Role.ADMINISTRATOR.value, _("Administrator")),
        (Role.LEADER.value, _("Leader")),
        (Role.DEPARTMENT_MANAGER.value, _("Department manager")),
        (Role.INVIGILATOR.value, _("Invigilator")),
        (Role.PANEL_MEMBER.value, _("Panel member")),
    ]

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships", verbose_name=_("user"))
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="memberships", verbose_name=_("organisation")
    )
    role = models.CharField(_("role"), max_length=30, choices=ROLES)
    valid_from = models.DateField(_("valid from"), default=clock.today)
    valid_to = models.DateField(_("valid to"), null=True, blank=True)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            # The same role may be granted again after it ended; only one period is open-ended.
            models.UniqueConstraint(fields=["user", "organisation", "role", "valid_from"], name="accounts_one_period"),
            models.UniqueConstraint(
                fields=["user", "organisation", "role"], condition=Q(valid_to=None), name="accounts_one_open_period"
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")), name="accounts_period_days"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.role} {self.organisation}"
