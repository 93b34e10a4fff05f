"""The organisation tree (S1-02)."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from treebeard.mp_tree import MP_Node

from lms.accounts.types import WORKS_ON_PARENT, OrganisationKind
from lms.core import clock
from lms.core.ids import new_uuid

__all__ = ["Organisation"]


class Organisation(MP_Node):
    """A node of the tree city → county or zone → bureau, institution … of any depth and kind."""

    KINDS = [
        (OrganisationKind.CITY.value, _("City")),
        (OrganisationKind.COUNTY.value, _("County or district")),
        (OrganisationKind.ZONE.value, _("Zone")),
        (OrganisationKind.BUREAU.value, _("Bureau")),
        (OrganisationKind.INSTITUTION.value, _("Training institution")),
        (OrganisationKind.EVALUATION_BODY.value, _("Evaluation body")),
        (OrganisationKind.COMPANY.value, _("Company")),
        (OrganisationKind.DEPARTMENT.value, _("Department")),
        (OrganisationKind.OTHER.value, pgettext_lazy("organisation", "Other")),
    ]

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(default=new_uuid, unique=True, editable=False)
    name = models.CharField(pgettext_lazy("organisation", "name"), max_length=200)
    kind = models.CharField(_("kind"), max_length=20, choices=KINDS)
    is_demo = models.BooleanField(_("demonstration"), default=False)
    created_at = models.DateTimeField(_("created"), default=clock.now)

    node_order_by: list[str] = []

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        ordering = ["path"]

    def __str__(self) -> str:
        return self.name

    @property
    def scope_path(self) -> str:
        """The tree path within which its people work."""
        if self.depth > 1 and self.kind in WORKS_ON_PARENT:
            return self.path[: -self.steplen]
        return self.path
