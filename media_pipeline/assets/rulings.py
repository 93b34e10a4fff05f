"""A panel's rulings on findings of a work, on their way to the rules' precision."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from media_pipeline.assets.models import StageRun
from media_pipeline.packs.rulings import RuledFinding, record_rulings


def tell_rulings(
    *, panel: UUID, asset: UUID, found_before: datetime, ruled: Sequence[RuledFinding], now: datetime
) -> None:
    """What a panel, formed at `found_before`, made of its findings. The version is that of the rules which had read the
    work by then."""
    runs = StageRun.objects.filter(asset__uuid=asset, stage="compliance", finished_at__lte=found_before)
    run = runs.order_by("-id").first()
    record_rulings(panel=panel, version=str(run.engines.get("rules", "")) if run else "", ruled=ruled, now=now)
