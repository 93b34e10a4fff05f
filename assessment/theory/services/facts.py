"""What marks are made from, read in bulk: papers, keys, corrections, answers that count, people's marks, videos."""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db.models import Q

from assessment.bank.logic import key_from
from assessment.bank.selectors import placed_versions
from assessment.bank.services import keys_for_machine
from assessment.bank.types import Key
from assessment.delivery.models import Attempt, Sitting
from assessment.delivery.selectors import counted_responses
from assessment.delivery.types import SittingState
from assessment.marking.credit import CreditPolicy, policies
from assessment.papers.selectors import paper
from assessment.theory.logic import same_worth
from assessment.theory.models import (
    BookletMark,
    BookletOpening,
    PaperMark,
    PaperVideo,
    QuestionCorrection,
    Settlement,
)
from assessment.theory.selectors import finished, newest_marks
from assessment.theory.types import Correction, PaperContent, Place, Sheet, VideoMark, Waits
from assessment.theory.worth import for_people, paper_content
from lms.core.reference import content_hash

# Domain 4.4: nothing for wrong, over- and under-selection. Blueprints and specifications name no other so far.
CREDIT = "strict"


@dataclass(frozen=True)
class Prepared:
    """What is the same for every candidate of a sitting. keys and corrections by version; `repr` shows no key."""

    sheets: Mapping[UUID, Sheet]
    keys: Mapping[UUID, Key] = field(repr=False)
    corrections: Mapping[UUID, Correction] = field(repr=False)
    policy: CreditPolicy
    policy_hash: str


@dataclass(frozen=True)
class Assessed:
    """One attempt: its newest mark, what the facts make of it now, and the short answers that people have to mark."""

    attempt: Attempt
    head: PaperMark | None
    content: PaperContent
    responses: Mapping[int, Any]

    @property
    def changed(self) -> bool:
        """Whether another mark has to be written."""
        return self.head is None or not same_worth(self.head.as_content(), self.content)


def sheet_of(uuid: UUID) -> Sheet:
    """A paper as marking needs it. Two queries. Raises NoPaper."""
    data = paper(uuid)
    placed = placed_versions([item.version for item in data.items])
    video = next((section for section in data.sections if section.video_share), None)
    return Sheet(
        paper=data.uuid,
        form=data.form,
        places=tuple(
            Place(
                item.position,
                item.question,
                item.version,
                item.type,
                section.title,
                placed[item.version].place.topic,
                item.marks,
            )
            for section in data.sections
            for item in section.items
        ),
        video_section=video.title if video else "",
        video_share=video.video_share if video else data.total * 0,
        total=data.total,
        pass_mark=data.pass_mark,
    )


def prepared(sitting: Sitting, papers: Collection[UUID], *, now: datetime) -> Prepared:
    """Papers, keys and decided corrections for a pass over a sitting; each key is read once."""
    sheets = {uuid: sheet_of(uuid) for uuid in papers}
    versions = {version for sheet in sheets.values() for version in sheet.versions}
    return Prepared(
        sheets=sheets,
        keys=keys_for_machine(versions=versions, sitting=sitting.uuid, now=now) if versions else {},
        corrections=decided(versions),
        policy=policies()[CREDIT],
        policy_hash=content_hash(repr(policies()[CREDIT])),
    )


def papers_sat(sitting: Sitting) -> list[UUID]:
    """Papers of its finished attempts."""
    return sorted(set(finished(sitting).order_by().values_list("paper", flat=True)))


def decided(versions: Collection[UUID]) -> dict[UUID, Correction]:
    """Version → the correction that counts: of those accepted the one decided last. One query."""
    rows = QuestionCorrection.objects.filter(version__in=list(versions), decision__accepted=True)
    return {row.version: as_correction(row) for row in rows.order_by("decision__id")}


def as_correction(row: QuestionCorrection) -> Correction:
    """With its key, where it has one."""
    return Correction(row.uuid, row.version, key_from(row.key)[0] if row.key else None)


def assessed(
    sitting: Sitting, attempts: Iterable[Attempt], given: Prepared, *, extra: Correction | None = None
) -> list[Assessed]:
    """What the facts make of these attempts; six queries whatever their number.

    attempts: with their entries, of papers that are prepared; extra: a correction that is not decided yet.
    """
    rows = list(attempts)
    responses = counted_responses([row.uuid for row in rows])
    heads = newest_marks(rows)
    people = _people(rows, responses)
    videos = _videos(sitting, rows, heads)
    settled: dict[int, set[Waits]] = {}
    for attempt, part in Settlement.objects.filter(attempt__in=rows).values_list("attempt_id", "part"):
        settled.setdefault(attempt, set()).add(Waits(part))
    corrections = {**given.corrections, extra.version: extra} if extra else given.corrections
    found = []
    for row in rows:
        marks, outcome = people.get(row.pk, ({}, None))
        content = paper_content(
            given.sheets[row.paper],
            keys=given.keys,
            corrections=corrections,
            responses=responses[row.uuid],
            given=marks,
            given_outcome=outcome,
            video=videos.get(row.entry.candidacy),
            policy=given.policy,
            policy_key=CREDIT,
            policy_hash=given.policy_hash,
            settled=settled.get(row.pk, ()),
        )
        found.append(Assessed(row, heads.get(row.pk), content, responses[row.uuid]))
    return found


def fingerprint(response: Any) -> str:
    """Of an answer that people were given: theirs counts for this answer alone."""
    return sha256(json.dumps(response, ensure_ascii=True, sort_keys=True).encode()).hexdigest()


def _people(rows: Collection[Attempt], responses: Mapping[UUID, Mapping[int, Any]]) -> dict[int, tuple[Any, UUID]]:
    """Attempt's id → (position → marks that people gave, the newest outcome among them). What was ruled to count after they
    had it is not theirs: it has a booklet of its own."""
    opened = dict(BookletOpening.objects.filter(attempt__in=rows).values_list("booklet", "answers"))
    answers = {row.pk: responses[row.uuid] for row in rows}
    found: dict[int, tuple[dict[int, Decimal], UUID]] = {}
    for one in BookletMark.objects.filter(attempt__in=rows).order_by("id"):
        seen = opened.get(one.booklet, {})
        marks = {
            position: worth
            for position, worth in one.given().items()
            if seen.get(str(position)) == fingerprint(answers[one.attempt_id].get(position))
        }
        found[one.attempt_id] = ({**found.get(one.attempt_id, ({}, one.outcome))[0], **marks}, one.outcome)
    return found


def _videos(sitting: Sitting, rows: Collection[Attempt], heads: Mapping[int, PaperMark]) -> dict[UUID, VideoMark]:
    """Candidacy → the video that counts: the newest while marks are open; once released, the one that was counted."""
    known = Q(candidacy__in=[row.entry.candidacy for row in rows])
    if sitting.state == SittingState.RELEASED:
        known &= Q(outcome__in=[head.video_outcome for head in heads.values() if head.video_outcome])
    return {row.candidacy: row.as_mark() for row in PaperVideo.objects.filter(known).order_by("id")}


def to_be_opened(one: Assessed, sheet: Sheet) -> tuple[Place, ...]:
    """Short answers with words in them that have not been struck out."""
    wanted = {item.place.position for item in one.content.items if item.people}
    return tuple(
        place
        for place in sheet.places
        if place.position in wanted and for_people(place, one.responses.get(place.position))
    )
