"""Checks that a decision waives for one work. The decision itself is taken, and explained, in the rooms above."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from media_pipeline.assets.labels import language
from media_pipeline.assets.models import CheckWaiver, MediaAsset
from media_pipeline.stages.checks import WAIVABLE, label


class NotWaivable(ValueError):
    """There is no such check, or it asks for nothing that a person may be unable to do."""


def waive_checks(*, work: UUID, checks: Collection[str], decision: UUID, now: datetime) -> None:
    """Let these checks refuse nothing in a work from its first stage on: in the transaction that hands it in. Nothing named is
    nothing waived. Raises NotWaivable; IntegrityError where a decision holds for it already."""
    unknown = set(checks) - set(WAIVABLE)
    if unknown:
        raise NotWaivable(", ".join(sorted(unknown)))
    if checks:
        asset = MediaAsset.submissions.get(uuid=work)
        CheckWaiver.objects.create(asset=asset, checks=sorted(set(checks)), decision=decision, created_at=now)


def waived_checks(work: UUID) -> tuple[str, ...]:
    """Their names, sorted; none where no decision was taken."""
    held = CheckWaiver.objects.filter(asset__uuid=work).values_list("checks", flat=True).first()
    return tuple(held or ())


def check_label(name: str) -> str:
    """A check in words, in the reader's language."""
    return label(name, language())


def waivable_checks() -> tuple[str, ...]:
    """The names of checks that may be waived, in report order."""
    return WAIVABLE
