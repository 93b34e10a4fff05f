"""Flags that reach the committee, and its decisions. The machine asks people to look; nothing happens by itself."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from assessment.bank.refusals import BankRefusal
from assessment.bank.selectors import placed_versions, question_for
from assessment.bank.selectors.impartial import require_impartial
from assessment.bank.services import suspend
from assessment.statistics.building import flag_json, flag_of
from assessment.statistics.flags import reaching, thresholds, weightiest_first, worsened
from assessment.statistics.models import AnalysedItem, AnalysisRun, Concern, ConcernDecision
from assessment.statistics.rules import require_decider
from assessment.statistics.types import Code, ConcernState, Flag, RunKind, StatisticsRefusal, Weight
from lms.accounts.api import Acting, Membership, Role
from lms.core import audit, clock
from lms.core.states import IllegalMove
from lms.core.types import Level
from lms.notices.api import notify

NOTICE = "bad_statistics"
NOTICE_LABEL = gettext_noop("Questions with bad statistics")


@transaction.atomic
def lay_before_committee(*, level: Level, now: datetime) -> int:
    """Hold the newest figures of every version of a level against what the committee knows; how many are new to it.

    A version is judged by all sittings together, its drift by the last one. What was decided comes again only where a figure
    has become worse (`logic`: `worsened`). Open ones take the newest figures, and lapse where these flag nothing any more.
    """
    run = _newest(RunKind.LEVEL, level)
    if run is None:
        return 0
    limits = thresholds()
    items = {item.version: item for item in run.items.all()}
    drifted = _drifted(level)
    told = {
        version: weightiest_first(reaching([*_flags(item), *drifted.get(version, ())], limits))
        for version, item in items.items()
    }
    open_ones = {one.version: one for one in Concern.objects.select_for_update().filter(level=int(level), state="open")}
    placed = placed_versions([version for version, flags in told.items() if flags])
    decided = _decided(told)
    new = []
    for version, flags in told.items():
        held = open_ones.get(version)
        if held is not None:
            _renew(held, flags, run, now)
            continue
        place = placed.get(version)
        if not flags or place is None or not place.usable or place.renewed:
            continue
        before = decided.get(version)
        if before is not None and not worsened(before, flags, limits):
            continue
        made = _raise(items[version], flags, run, level, now)
        if made is not None:
            new.append(made)
    if new:
        _tell_committee(run, len(new), now)
    return len(new)


def _newest(kind: RunKind, level: Level) -> AnalysisRun | None:
    rows = AnalysisRun.objects.filter(kind=kind, level=int(level))
    return rows.order_by("-held_at", "-number", "-id").first()


def _drifted(level: Level) -> dict[UUID, list[Flag]]:
    """Version → that it drifted at the last sitting that was analysed."""
    run = _newest(RunKind.SITTING, level)
    found: dict[UUID, list[Flag]] = {}
    for item in run.items.all() if run else ():
        found.setdefault(item.version, []).extend(flag for flag in _flags(item) if flag.code is Code.DRIFT)
    return found


def _flags(item: AnalysedItem) -> list[Flag]:
    return [flag_of(said, item.version) for said in item.flags]


def _decided(versions: Iterable[UUID]) -> dict[UUID, list[Flag]]:
    """Version → the flags on which people decided last."""
    rows = ConcernDecision.objects.filter(concern__version__in=list(versions)).order_by("id")
    return {
        version: [flag_of(said, version) for said in flags]
        for version, flags in rows.values_list("concern__version", "flags")
    }


def _renew(held: Concern, flags: Iterable[Flag], run: AnalysisRun, now: datetime) -> None:
    said = [flag_json(flag) for flag in flags]
    if not said:
        _lapse(held, now)
    elif held.run_id != run.pk:
        Concern.objects.filter(pk=held.pk, state=ConcernState.OPEN).update(
            run=run, flags=said, urgent=_urgent(flags), moved_at=now
        )


def _raise(item: AnalysedItem, flags: Iterable[Flag], run: AnalysisRun, level: Level, now: datetime) -> Concern | None:
    try:
        with transaction.atomic():
            made = Concern.objects.create(
                question=item.question,
                version=item.version,
                level=int(level),
                serial=item.serial,
                version_number=item.version_number,
                topic=item.topic,
                run=run,
                flags=[flag_json(flag) for flag in flags],
                urgent=_urgent(flags),
                raised_at=now,
                moved_at=now,
            )
    except IntegrityError:
        return None  # another worker was first
    audit.record(
        subject_kind="question",
        subject=item.question,
        action="statistics_flagged",
        actor=None,
        fields={
            "version": item.version_number,
            "run": run.uuid,
            **{str(place): flag.code.value for place, flag in enumerate(flags, start=1)},
        },
        now=now,
    )
    return made


def _urgent(flags: Iterable[Flag]) -> bool:
    return any(flag.weight is Weight.URGENT for flag in flags)


def _tell_committee(run: AnalysisRun, count: int, now: datetime) -> None:
    """Every member, once a run; without a word of any question, for notices are read on any screen."""
    today = clock.day_of(now)
    members = Membership.objects.filter(role=Role.COMMITTEE, valid_from__lte=today, user__is_active=True)
    for user in sorted(set(members.exclude(valid_to__lt=today).values_list("user__uuid", flat=True))):
        notify(
            user=user,
            person=None,
            kind=NOTICE,
            title=gettext_noop("%(count)s questions of %(level)s have bad statistics"),
            body=gettext_noop("Look at the figures, then keep each with a reason or suspend it."),
            params={"count": str(count), "level": Level(run.level).label_zh},
            url=reverse("statistics:concerns"),
            key=str(run.uuid),
            now=now,
        )


@transaction.atomic
def decide_concern(*, by: Acting, concern: UUID, verdict: ConcernState, reason: str, now: datetime) -> Concern:
    """Keep the question as it is, or suspend it. Keeping is a judgement: who wrote the question or teaches its
    level leaves it to others.

    Raises NotAllowed, Concern.DoesNotExist, StatisticsRefusal ("state", "reason"), BankRefusal ("author", "teaches", "level").
    """
    user = require_decider(by)
    row = Concern.objects.select_for_update().select_related("run").get(uuid=concern)
    said = reason.strip()
    if not said:
        raise StatisticsRefusal(_("Say why."), code="reason", field="reason")
    question = question_for(by, row.question)
    if verdict is ConcernState.KEPT:
        require_impartial(by, question, now=now, whole=True)
    try:
        row.move(verdict, moved_at=now)
    except IllegalMove:
        raise StatisticsRefusal(_("This was decided already. Load the page again."), code="state") from None
    ConcernDecision.objects.create(
        concern=row, verdict=verdict, reason=said[:500], run=row.run, flags=row.flags, by=user, at=now
    )
    if verdict is ConcernState.SUSPENDED:
        try:
            suspend(by=by, question=row.question, reason=said, now=now)
        except BankRefusal as refusal:
            raise StatisticsRefusal(refusal.message, code=refusal.code, field=refusal.field) from refusal
    audit.record(
        subject_kind="question",
        subject=row.question,
        action=f"statistics_{verdict.value}",
        actor=user,
        fields={"concern": row.uuid, "version": row.version_number, "run": row.run.uuid, "reason": said[:500]},
        now=now,
    )
    return row


@transaction.atomic
def lapse_concerns(*, question: UUID, keep: UUID | None = None, now: datetime) -> None:
    """Open ones about a question that is drawn no more, or by another version (`keep`): there is nothing to decide."""
    rows = Concern.objects.select_for_update().filter(question=question, state=ConcernState.OPEN)
    for row in rows.exclude(version=keep) if keep else rows:
        _lapse(row, now)


def _lapse(row: Concern, now: datetime) -> None:
    row.move(ConcernState.LAPSED, moved_at=now)
    audit.record(
        subject_kind="question",
        subject=row.question,
        action="statistics_lapsed",
        actor=None,
        fields={"concern": row.uuid, "version": row.version_number},
        now=now,
    )
