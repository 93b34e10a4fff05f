"""What the pipeline holds about a person: her works. What the machine heard in them is told by marking, after the decision."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from lms.core.holdings import Holding
from media_pipeline.assets.labels import level_label, product_label, state_label
from media_pipeline.assets.models import MediaAsset
from media_pipeline.assets.types import AssetState


def hold(person: UUID, user: UUID | None) -> Sequence[Holding]:
    """Her works, practice among them, with what she said about each and what tells the file from another."""
    mine = Q(owner_person=person)
    if user is not None:
        mine |= Q(owner_user=user)
    return [
        Holding(
            _("Works handed in"),
            [
                {
                    _("Title"): row.title,
                    _("Kind of product"): product_label(row.product),
                    _("Product name"): row.product_name,
                    _("Brand"): row.brand,
                    pgettext("held", "Level"): level_label(row.level),
                    _("Made with AI"): row.declared_ai,
                    pgettext("held", "Handed in at"): row.organisation_name,
                    pgettext("held", "Uploaded on"): row.created_at,
                    pgettext("held", "Name of the file"): row.original_name,
                    pgettext("held", "Bytes"): row.size,
                    "SHA-256": row.sha256,
                    pgettext("held", "Seconds"): str(round(row.duration_s)) if row.duration_s is not None else None,
                    pgettext("held", "State of the work"): state_label(AssetState(row.state))[0],
                }
                for row in MediaAsset.objects.filter(mine).order_by("id")
            ],
        )
    ]
