"""Re-checks as the committee reads them."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Q
from django.http import Http404

from lms.accounts.api import Acting
from lms.core.jobs import JobState, latest_job
from media_pipeline.packs.rules import writes_packs
from media_pipeline.packs.selectors import newest_text, pack, pack_for
from media_pipeline.packs.types import PackData
from media_pipeline.rechecks.models import Recheck, RecheckedWork
from media_pipeline.rechecks.types import RECHECK_JOB, Point

SHOWN = 200
# What nobody of the committee need read to see that a rule struck.
_PRIVATE = "PRIV"


@dataclass(frozen=True)
class PointView:
    """One finding. `text`: the words, personal data masked."""

    rule: str
    severity: str
    text: str
    start_s: float
    suspected: bool


@dataclass(frozen=True)
class WorkView:
    """One work that differs. `before`: version of the pack its report was made by."""

    uuid: UUID
    code: str
    before: str
    kept: int
    new: Sequence[PointView]
    gone: Sequence[PointView]


@dataclass(frozen=True)
class RecheckPage:
    """The newest re-check of a pack's newest text, None where there was none yet. `failed`: why it stopped."""

    pack: PackData
    asked: bool
    running: bool
    failed: str
    done: int
    total: int
    share: int
    differ: int
    works: Sequence[WorkView]
    shown: int
    may_start: bool


def recheck_page(acting: Acting, uuid: UUID) -> RecheckPage:
    """Raises NotAllowed, Http404. The same number of queries whatever it found."""
    data = pack_for(acting, uuid)
    row = Recheck.objects.filter(text=newest_text(pack(uuid))).order_by("-id").first()
    if row is None:
        return RecheckPage(data, False, False, "", 0, 0, 0, 0, (), SHOWN, writes_packs(acting))
    counts = RecheckedWork.objects.filter(recheck=row).aggregate(
        done=Count("pk"), differ=Count("pk", filter=Q(differs=True))
    )
    running = row.finished_at is None
    job = latest_job(subject=row.uuid, kind=RECHECK_JOB)
    dead = running and job is not None and job.state == JobState.DEAD
    works = RecheckedWork.objects.filter(recheck=row, differs=True).select_related("asset").order_by("id")[:SHOWN]
    return RecheckPage(
        pack=data,
        asked=True,
        running=running and not dead,
        failed=job.reason if dead and job else "",
        done=counts["done"],
        total=row.total,
        share=100 * counts["done"] // max(row.total, counts["done"], 1),
        differ=counts["differ"],
        works=[_work(one) for one in works],
        shown=SHOWN,
        may_start=writes_packs(acting) and not running,
    )


def recheck_work(acting: Acting, uuid: UUID, work: UUID) -> tuple[PackData, WorkView]:
    """One work of a re-check of this pack. Raises NotAllowed, Http404."""
    data = pack_for(acting, uuid)
    row = RecheckedWork.objects.filter(uuid=work, recheck__text__pack__uuid=uuid).select_related("asset").first()
    if row is None:
        raise Http404
    return data, _work(row)


def _work(row: RecheckedWork) -> WorkView:
    return WorkView(
        uuid=row.uuid,
        code=row.asset.blind_code,
        before=row.before,
        kept=row.kept,
        new=[_point(Point.from_json(one)) for one in row.new],
        gone=[_point(Point.from_json(one)) for one in row.gone],
    )


def _point(point: Point) -> PointView:
    text = point.text[:1] + "＊" * (len(point.text) - 1) if point.category == _PRIVATE else point.text
    return PointView(point.rule, point.severity, text, point.start_s, point.suspected)
