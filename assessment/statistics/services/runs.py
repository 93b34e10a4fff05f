"""Runs of the analysis: made by the worker when results are released and when the committee asks."""

import json
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from assessment.bank.selectors import placed_versions
from assessment.delivery.facts import SittingFacts, released_sittings, sitting_facts
from assessment.delivery.types import SittingState
from assessment.papers.selectors import parallel_forms
from assessment.statistics.building import ENGINE, build_parts, flag_json, limits_hash, whole
from assessment.statistics.flags import reaching, thresholds
from assessment.statistics.gathering import Gathered, booklet_of_all, booklets_by_paper, fingerprint, gather
from assessment.statistics.models import AnalysedItem, AnalysisRun
from assessment.statistics.rules import require_asker
from assessment.statistics.services.concerns import lay_before_committee
from assessment.statistics.types import PartRecord, RunKind, StatisticsRefusal
from lms.accounts.api import Acting
from lms.core import audit
from lms.core.crypto import blind_index
from lms.core.jobs import enqueue
from lms.core.types import Level

SITTING_JOB, GROUP_JOB, LEVEL_JOB = "statistics.sitting", "statistics.group", "statistics.level"
_JOBS = {RunKind.SITTING: SITTING_JOB, RunKind.GROUP: GROUP_JOB, RunKind.LEVEL: LEVEL_JOB}


def level_subject(level: Level) -> UUID:
    """A level has no uuid of its own."""
    return UUID(int=int(level))


def refresh_sitting(*, sitting: UUID, now: datetime) -> AnalysisRun | None:
    """A sitting's run, the level's, and what both lay before the committee: after a release or a regrade."""
    run = analyse_sitting(sitting=sitting, now=now)
    if run is not None:
        analyse_level(level=Level(run.level), now=now)
        lay_before_committee(level=Level(run.level), now=now)
    return run


def analyse_sitting(*, sitting: UUID, now: datetime) -> AnalysisRun | None:
    """Each paper of a released sitting, with drift against every sitting of the level held before. The run that holds these
    figures already is returned; None where nothing was marked or released."""
    facts = sitting_facts(sitting)
    if facts is None or facts.state is not SittingState.RELEASED:
        return None
    found = gather(released_sittings(facts.level), now=now)
    earlier = found.before(facts)
    mine = Gathered(tuple(part for part in found.papers if part[0].uuid == sitting), found.documents, found.out_of_time)
    if not mine.papers:
        return None
    return _run(RunKind.SITTING, sitting, facts.title, mine, earlier=earlier, now=now)


def analyse_group(*, group: UUID, now: datetime) -> AnalysisRun | None:
    """Parallel papers over every sitting that used them; None where none did."""
    forms = parallel_forms(group)
    if not forms:
        return None
    found = gather(released_sittings(forms[0].level), now=now).only(form.uuid for form in forms)
    return _run(RunKind.GROUP, group, forms[0].title, found, now=now) if found.papers else None


def analyse_level(*, level: Level, now: datetime) -> AnalysisRun | None:
    """Every version that released sittings of a level have asked; None where there were none."""
    found = gather(released_sittings(level), now=now)
    return _run(RunKind.LEVEL, level_subject(level), level.label_zh, found, now=now) if found.papers else None


def ask_for_run(*, by: Acting, kind: RunKind, subject: UUID, now: datetime) -> None:
    """Let the worker analyse it again. Raises NotAllowed, StatisticsRefusal ("answers": nothing is released there)."""
    require_asker(by)
    if not _released(kind, subject):
        raise StatisticsRefusal(_("No results are released there yet."), code="answers")
    with transaction.atomic():
        enqueue(_JOBS[kind], subject, key=str(subject))
        audit.record(
            subject_kind="analysis",
            subject=subject,
            action="asked",
            actor=by.user,
            fields={"kind": kind.value},
            now=now,
        )


def _released(kind: RunKind, subject: UUID) -> bool:
    if kind is RunKind.SITTING:
        facts = sitting_facts(subject)
        return facts is not None and facts.state is SittingState.RELEASED
    if kind is RunKind.LEVEL:
        return subject.int in {int(level) for level in Level} and bool(released_sittings(Level(subject.int)))
    return AnalysisRun.objects.filter(kind=RunKind.SITTING).exists()


def _run(
    kind: RunKind, subject: UUID, title: str, found: Gathered, *, now: datetime, earlier: Gathered | None = None
) -> AnalysisRun:
    limits = thresholds()
    digest = limits_hash(limits)
    source = fingerprint(found, digest, *((earlier,) if earlier is not None else ()))
    standing = AnalysisRun.objects.filter(kind=kind, subject=subject).order_by("-number").first()
    if standing is not None and standing.source_hash == source:
        return standing
    booklets = (booklet_of_all(found),) if kind is RunKind.LEVEL else booklets_by_paper(found)
    before = booklet_of_all(earlier) if earlier is not None and earlier.papers else None
    parts = build_parts(booklets, limits, earlier=before)
    last = found.papers[-1][0]
    return _store(kind, subject, title, found, last, parts, digest, source, now)


@transaction.atomic
def _store(
    kind: RunKind,
    subject: UUID,
    title: str,
    found: Gathered,
    last: SittingFacts,
    parts: Sequence[PartRecord],
    digest: str,
    source: str,
    now: datetime,
) -> AnalysisRun:
    number = (AnalysisRun.objects.filter(kind=kind, subject=subject).aggregate(last=Max("number"))["last"] or 0) + 1
    limits = thresholds()
    flagged = {item.version for part in parts for item in part.items if reaching(item.flags, limits)}
    try:
        with transaction.atomic():
            run = AnalysisRun.objects.create(
                kind=kind,
                subject=subject,
                number=number,
                level=int(last.level),
                title=title,
                place=last.organisation_name if kind is RunKind.SITTING else "",
                held_at=last.opens_at,
                sittings=len(found.papers),
                candidates=found.candidates,
                flagged=len(flagged),
                parts=[part.content for part in parts],
                engine=ENGINE,
                limits_hash=digest,
                source_hash=source,
                content_hash=sealed(whole(parts)),
                at=now,
            )
    except IntegrityError:
        # A twin was first; it read the same marks or newer ones.
        return AnalysisRun.objects.get(kind=kind, subject=subject, number=number)
    placed = placed_versions({item.version for part in parts for item in part.items})
    AnalysedItem.objects.bulk_create(
        [
            AnalysedItem(
                run=run,
                part=at,
                position=item.position,
                question=item.question,
                version=item.version,
                serial=placed[item.version].serial,
                version_number=placed[item.version].number,
                type=placed[item.version].place.type,
                topic=placed[item.version].place.topic,
                figures=item.figures,
                flags=[flag_json(flag) for flag in item.flags],
                options=json.dumps(item.options),
            )
            for at, part in enumerate(parts)
            for item in part.items
        ],
        batch_size=200,
    )
    audit.record(
        subject_kind="analysis",
        subject=subject,
        action="analysed",
        actor=None,
        fields={"kind": kind.value, "run": run.uuid, "number": number, "content_hash": run.content_hash},
        now=now,
    )
    return run


def sealed(text: str) -> str:
    """The keyed hash of a run: who tries out four keys of a question must not find the right one by it."""
    return blind_index(sha256(text.encode()).hexdigest(), purpose="analysis_run")
