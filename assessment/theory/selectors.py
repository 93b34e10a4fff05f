"""Reading marks of papers for the rooms above; who may know them is the caller's gate."""

from collections.abc import Collection
from uuid import UUID

from django.db.models import BigAutoField, QuerySet

from assessment.delivery.models import Attempt, RosterEntry, Sitting
from assessment.delivery.selectors import counted_responses, last_attempt
from assessment.delivery.types import AttemptState, SittingState
from assessment.papers.selectors import paper
from assessment.theory.models import MarksDecision, PaperMark
from assessment.theory.types import ItemMark, MarkedItem, MarkedPaper, Step, VersionUse
from lms.core.keptquery import KeptQuery
from lms.core.types import Level
from lms.policies import api as policies
from lms.policies.types import ProfileData, Shown

# Attempts that have a mark; waiting ones have not begun, void ones have none.
FINISHED = (AttemptState.HANDED_IN, AttemptState.TIMED_OUT)
_AHEAD = (SittingState.DRAFTED, SittingState.REQUESTED, SittingState.APPROVED, SittingState.OPEN)


def _told(attempt: int) -> QuerySet[PaperMark]:
    rows = PaperMark.objects.filter(attempt=attempt, release__isnull=False)
    return rows.select_related("release").order_by("number")


def _release(sitting: int) -> QuerySet[MarksDecision]:
    return MarksDecision.objects.filter(sitting=sitting, step=Step.RELEASED).order_by("id")[:1]


_TOLD = KeptQuery(_told, attempt=BigAutoField())
_RELEASE = KeptQuery(_release, sitting=BigAutoField())


def finished(sitting: Sitting) -> QuerySet[Attempt]:
    """Attempts of a sitting that have or get a mark, in order."""
    return Attempt.objects.filter(entry__sitting=sitting, state__in=FINISHED).order_by("id")


def newest_marks(attempts: Collection[Attempt]) -> dict[int, PaperMark]:
    """Attempt's id → the mark that stands. One query."""
    return {row.attempt_id: row for row in PaperMark.objects.filter(attempt__in=list(attempts)).order_by("number")}


def told_marks(entry: RosterEntry) -> tuple[Attempt | None, list[PaperMark]]:
    """A candidate's newest attempt and its marks that she was told, oldest first; none before the release. Two queries.

    entry: with its sitting.
    """
    attempt = last_attempt(entry)
    if attempt is None or entry.sitting.state != SittingState.RELEASED or attempt.state not in FINISHED:
        return attempt, []
    return attempt, _TOLD(attempt=attempt.pk)


def release_of(sitting: Sitting) -> MarksDecision | None:
    """The decision that released a sitting's marks; one query."""
    found = _RELEASE(sitting=sitting.pk)
    return found[0] if found else None


def law_of(sitting: Sitting) -> ProfileData | None:
    """The profile that a sitting is pinned to; None where its candidates bring several, which opens nothing."""
    try:
        return policies.profile(sitting.profile) if sitting.profile else None
    except policies.NoProfile:
        return None


def may_be_shown(sitting: Sitting) -> tuple[Shown, ...]:
    """What its policy lets candidates see of their papers once they are released; marks always."""
    law = law_of(sitting)
    if law is None:
        return (Shown.MARKS,)
    return tuple(one for one in Shown if policies.paper_opening(law, one).allowed)


def still_to_sit(papers: Collection[UUID], sitting: Sitting) -> tuple[str, ...]:
    """Titles of other sittings in which one of these papers is still to be sat; one query."""
    ahead = Sitting.objects.filter(level=sitting.level, state__in=_AHEAD).exclude(pk=sitting.pk)
    wanted = {str(paper) for paper in papers}
    return tuple(row.title for row in ahead.order_by("opens_at", "id") if wanted & set(row.papers.values()))


def marked_sitting(sitting: UUID) -> tuple[MarkedPaper, ...]:
    """Every marked paper of a sitting by its newest mark, in the order of attempts; void ones are none. Four queries."""
    rows = list(
        Attempt.objects.filter(entry__sitting__uuid=sitting, state__in=FINISHED).select_related("entry").order_by("id")
    )
    heads = newest_marks(rows)
    responses = counted_responses([row.uuid for row in rows])
    return tuple(
        MarkedPaper(
            attempt=row.uuid,
            candidacy=row.entry.candidacy,
            form=row.form,
            paper=row.paper,
            mark=heads[row.pk].mark,
            items=tuple(_item(stored, responses[row.uuid]) for stored in heads[row.pk].items),
        )
        for row in rows
        if row.pk in heads
    )


def _item(stored: dict[str, object], responses: dict[int, object]) -> MarkedItem:
    item = ItemMark.from_json(stored)
    place = item.place
    return MarkedItem(
        position=place.position,
        question=place.question,
        version=place.version,
        type=place.type,
        section=place.section,
        topic=place.topic,
        max=place.marks,
        mark=item.mark,
        outcome=item.outcome,
        response=responses.get(place.position),
    )


def marked_versions(level: Level) -> tuple[VersionUse, ...]:
    """Question versions that marked or released sittings of a level asked, with those sittings, oldest first; in the order of
    questions. Two queries and one for each paper."""
    sat = (
        PaperMark.objects.filter(
            number=1,
            attempt__state__in=FINISHED,
            attempt__entry__sitting__level=int(level),
            attempt__entry__sitting__state__in=[SittingState.MARKED, SittingState.RELEASED],
        )
        .order_by("attempt__entry__sitting__opens_at", "attempt__entry__sitting_id")
        .values_list("attempt__entry__sitting__uuid", "paper")
    )
    uses: dict[tuple[UUID, UUID], dict[UUID, None]] = {}
    papers = {}
    for sitting, uuid in dict.fromkeys(sat):
        if uuid not in papers:
            papers[uuid] = paper(uuid)
        for item in papers[uuid].items:
            uses.setdefault((item.question, item.version), {})[sitting] = None
    return tuple(
        VersionUse(question, version, tuple(sittings))
        for (question, version), sittings in sorted(uses.items(), key=lambda pair: (pair[0][0].int, pair[0][1].int))
    )


def marked_sittings(level: Level) -> tuple[UUID, ...]:
    """Sittings of a level whose marks are complete, oldest first."""
    states = [SittingState.MARKED, SittingState.RELEASED]
    return tuple(
        Sitting.objects.filter(level=int(level), state__in=states)
        .order_by("opens_at", "id")
        .values_list("uuid", flat=True)
    )
