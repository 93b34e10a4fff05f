"""What decisions hold about a person. The rooms above know whose subjects they are, and say so in their own holders."""

from collections.abc import Collection
from uuid import UUID

from django.db.models import Q
from django.utils.translation import pgettext

from lms.core.holdings import Holding, Value
from lms.policies.cards import card_of
from lms.policies.models import StoredDecision
from lms.policies.selectors import decision_of, profile_of
from lms.policies.types import DecisionKind, ReasonCard


def held_decisions(kind: DecisionKind, *, subjects: Collection[UUID] = (), uuids: Collection[UUID] = ()) -> Holding:
    """Every decision of one kind about these subjects, and those of these uuids, in the words of its card."""
    rows = StoredDecision.objects.filter(Q(subject__in=subjects) | Q(uuid__in=uuids), kind=kind)
    held: list[dict[str, Value]] = []
    for row in rows.select_related("profile").order_by("pk"):
        card = card_of(decision_of(row).decision, profile_of(row.profile), kind=kind)
        held.append(
            {
                pgettext("held", "Decided"): row.at,
                pgettext("held", "Decision"): card.title,
                pgettext("held", "Reasons"): pgettext("held", "; ").join(_line(reason) for reason in card.reasons),
                pgettext("held", "Policy"): card.policy,
            }
        )
    return Holding(pgettext("held", "Decisions under a policy"), held)


def _line(reason: ReasonCard) -> str:
    """年龄：符合（16岁，17岁）."""
    facts = pgettext("list", ", ").join(part for part in (reason.required, reason.found) if part)
    return (
        pgettext("held", "%(title)s (%(facts)s)") % {"title": reason.title, "facts": facts} if facts else reason.title
    )
