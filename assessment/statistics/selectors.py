"""Gates and reads of stored runs: no question's text; options, which tell the key, go through `services.options`."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404

from assessment.bank.rules import writes_questions
from assessment.bank.selectors.questions import names_of
from assessment.statistics.models import AnalysedItem, AnalysisRun, Concern, ConcernDecision
from assessment.statistics.rules import asks_for_runs, decides_concerns, require_asker, require_statistics_reader
from assessment.statistics.types import ConcernState, RunKind
from lms.accounts.api import Acting
from lms.core.types import Level

PAGE = 25


def _standing() -> QuerySet[AnalysisRun]:
    """The newest run of every subject."""
    newer = AnalysisRun.objects.filter(
        kind=OuterRef("kind"), subject=OuterRef("subject"), number__gt=OuterRef("number")
    )
    return AnalysisRun.objects.exclude(Exists(newer))


@dataclass(frozen=True)
class RunList:
    """Analysed sittings, the latest first. before: the page's last, for the next page; None on the last page."""

    rows: tuple[AnalysisRun, ...]
    before: int | None
    wholes: tuple[AnalysisRun, ...]


def runs(acting: Acting, *, level: Level | None = None, offset: int = 0) -> RunList:
    """A page of sittings from `offset`; with the runs over levels and groups of papers. Raises NotAllowed."""
    require_statistics_reader(acting)
    rows = _standing() if level is None else _standing().filter(level=int(level))
    sat = list(rows.filter(kind=RunKind.SITTING).order_by("-held_at", "-id")[offset : offset + PAGE + 1])
    wholes = rows.exclude(kind=RunKind.SITTING).defer("parts").order_by("-kind", "-level", "-held_at")[:PAGE]
    return RunList(tuple(sat[:PAGE]), offset + PAGE if len(sat) > PAGE else None, tuple(wholes))


def run_for(acting: Acting, uuid: UUID) -> AnalysisRun:
    """The gate of one run. Raises NotAllowed, Http404."""
    require_statistics_reader(acting)
    row = AnalysisRun.objects.filter(uuid=uuid).first()
    if row is None:
        raise Http404
    return row


def is_standing(run: AnalysisRun) -> bool:
    """Whether no newer run of its subject is there."""
    return not AnalysisRun.objects.filter(kind=run.kind, subject=run.subject, number__gt=run.number).exists()


def newest_run(kind: RunKind, subject: UUID) -> UUID | None:
    """The standing run of a subject. One query."""
    rows = AnalysisRun.objects.filter(kind=kind, subject=subject).order_by("-number")
    return rows.values_list("uuid", flat=True).first()


def items_of(run: AnalysisRun, part: int | None = None) -> list[AnalysedItem]:
    """Items of one booklet, or of all, in their order; without the options. One query."""
    rows = run.items.defer("options")
    if part is not None:
        rows = rows.filter(part=part)
    return list(rows.order_by("part", "position", "serial", "version_number"))


def history_for(acting: Acting, question: UUID) -> list[AnalysedItem]:
    """Every standing figure of a question, the latest sitting first; with its run, without the options.

    Raises NotAllowed, Http404 (nobody was ever asked it).
    """
    require_statistics_reader(acting)
    newer = AnalysisRun.objects.filter(
        kind=OuterRef("run__kind"), subject=OuterRef("run__subject"), number__gt=OuterRef("run__number")
    )
    rows = AnalysedItem.objects.filter(question=question).exclude(Exists(newer)).select_related("run")
    found = list(rows.defer("options", "run__parts").order_by("-run__held_at", "-run_id", "part"))
    if not found:
        raise Http404
    return found


def newest_of(question: UUID) -> AnalysedItem | None:
    """Its latest version over all sittings of the level. The gate is the caller's."""
    rows = AnalysedItem.objects.filter(question=question, run__kind=RunKind.LEVEL).select_related("run")
    return rows.defer("options", "run__parts").order_by("-run__number", "-version_number").first()


def item_for(acting: Acting, question: UUID, pk: int) -> AnalysedItem:
    """One row of `history_for`, with the options. Raises NotAllowed, Http404."""
    require_statistics_reader(acting)
    row = AnalysedItem.objects.select_related("run").filter(question=question, pk=pk).first()
    if row is None:
        raise Http404
    return row


@dataclass(frozen=True)
class DecisionData:
    """What was decided on a version, and why: the reason for the committee alone, it may name the key."""

    version_number: int
    verdict: ConcernState
    reason: str
    by_name: str
    at: datetime


def decisions_on(acting: Acting, question: UUID) -> tuple[DecisionData, ...]:
    """The latest first. Two queries. Raises NotAllowed."""
    require_statistics_reader(acting)
    rows = list(ConcernDecision.objects.filter(concern__question=question).select_related("concern").order_by("-id"))
    names = names_of([row.by for row in rows])
    insider = writes_questions(acting)
    return tuple(
        DecisionData(
            row.concern.version_number,
            ConcernState(row.verdict),
            row.reason if insider else "",
            names.get(row.by, ""),
            row.at,
        )
        for row in rows
    )


def open_concern(question: UUID, version: UUID) -> Concern | None:
    """What waits for a decision about this version. The gate is the caller's."""
    rows = Concern.objects.select_related("run").filter(question=question, version=version, state=ConcernState.OPEN)
    return rows.defer("run__parts").first()


def concern_for(acting: Acting, uuid: UUID) -> Concern:
    """The gate of one of them, for the committee. Raises NotAllowed, Http404."""
    require_asker(acting)
    row = Concern.objects.filter(uuid=uuid).first()
    if row is None:
        raise Http404
    return row


def open_concerns(acting: Acting) -> tuple[Concern, ...]:
    """The committee's list, the urgent first, then the longest waiting. Raises NotAllowed."""
    require_asker(acting)
    return tuple(_open().order_by("-urgent", "raised_at", "serial"))


def _open() -> QuerySet[Concern]:
    return Concern.objects.filter(state=ConcernState.OPEN)


def waiting_concerns(acting: Acting) -> int:
    """How many wait for the committee; 0 for everybody else."""
    return _open().count() if asks_for_runs(acting) and decides_concerns(acting) else 0
