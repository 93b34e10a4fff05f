"""Short answers of an attempt on their way to people: the booklet is opened, its panel formed, then allocated like a
video's."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from assessment.candidates.selectors import candidacy as candidacy_of
from assessment.delivery.selectors import answers_that_count
from assessment.delivery.types import AnswerData
from assessment.marking.events import BookletMarked
from assessment.marking.logic import nameless, worth_judging
from assessment.marking.models import BookletAnswer, BookletOutcome, Panel, Rubric
from assessment.marking.selectors.rubrics import criterion_code
from assessment.marking.services.allocation import ask_for_examiners, seats_of
from assessment.marking.services.rubrics import rubric_hash
from assessment.marking.types import BookletItem, PanelKind
from assessment.specification.selectors import specification
from lms.accounts.api import name_at
from lms.core import audit
from lms.core.events import publish
from lms.core.ids import booklet_code
from lms.core.reference import content_hash

# With so many sheets the highest and the lowest are left out, as for videos (domain 4.3 rule 3).
_TRIM_FROM = 5
_TRIES = 5
CENT = Decimal("0.01")


@transaction.atomic
def open_booklet(
    *, attempt: UUID, candidacy: UUID, items: Sequence[BookletItem], now: datetime, booklet: UUID | None = None
) -> None:
    """Have people mark the short answers of an attempt; again is harmless.

    booklet: its name from here on, the attempt's where None. One of another name holds what came to count after the first was
    opened; it goes to who marked the first, as far as they are free. The answers that count are read and kept as they stand
    now. What was not answered is worth 0 and shown to nobody; where nothing was answered `BookletMarked` is published at once,
    else when the panel has its outcome. No items, no booklet.
    Raises NoCandidacy, NoSpecification, ValueError (a position twice, or marks that are none).
    """
    _check(items)
    name = booklet or attempt
    if not items or _opened(name):
        return
    counted = answers_that_count(attempt)
    try:
        with transaction.atomic():
            _open(name, counted, candidacy, sorted(items, key=lambda item: item.position), now)
    except IntegrityError:
        if not _opened(name):
            raise
        # Another worker opened it first: one booklet, one panel.


def _check(items: Sequence[BookletItem]) -> None:
    if len({item.position for item in items}) < len(items):
        raise ValueError("a position stands in the booklet twice")
    if any(item.marks <= 0 or item.marks != item.marks.quantize(CENT) for item in items):
        raise ValueError("marks are counted in hundredths, above 0")


def _opened(booklet: UUID) -> bool:
    booklets = Panel.objects.filter(submission=booklet, kind=PanelKind.ANSWERS)
    return booklets.exists() or BookletOutcome.objects.filter(attempt=booklet).exists()


def _open(
    attempt: UUID, counted: Mapping[int, AnswerData], candidacy: UUID, items: Sequence[BookletItem], now: datetime
) -> None:
    """From here on `attempt` is the booklet's name."""
    words = {
        item.position: said
        for item in items
        if item.position in counted and (said := worth_judging(counted[item.position].response))
    }
    if words:
        _form(attempt, candidacy, items, words, now)
        ask_for_examiners(attempt)
    else:
        _close_empty(attempt, candidacy, items, now)


def _form(attempt: UUID, candidacy: UUID, items: Sequence[BookletItem], words: dict[int, str], now: datetime) -> None:
    held = candidacy_of(candidacy)
    names = [name_at(held.person, now) or ""]
    words = {position: nameless(said, names) for position, said in words.items()}
    asked = specification(held.specification)
    answered = [item for item in items if item.position in words]
    panel = Panel.objects.create(
        kind=PanelKind.ANSWERS,
        submission=attempt,
        candidacy=candidacy,
        asset=attempt,
        code=_free_code(),
        organisation_path=held.organisation_path,
        level=held.level,
        specification=held.specification,
        rubric=_rubric(items, held.level, now),
        asked=[criterion_code(item.position) for item in answered],
        seats=seats_of(asked.quorum),
        spread_limit=asked.quorum.spread_limit,
        evidence_hash=_hash([[item.position, str(item.version), words[item.position]] for item in answered]),
        is_demo=held.is_demo,
        created_at=now,
        moved_at=now,
    )
    BookletAnswer.objects.bulk_create(
        [
            BookletAnswer(
                panel=panel,
                position=item.position,
                question=item.question,
                version=item.version,
                words=words[item.position],
            )
            for item in answered
        ]
    )
    audit.record(
        subject_kind="panel",
        subject=panel.uuid,
        action="booklet_opened",
        actor=None,
        fields={"attempt": attempt, "answers": len(answered), "evidence": panel.evidence_hash},
        now=now,
    )


def _free_code() -> str:
    """A number that no booklet has; two drawn at one moment would end in the table's constraint, and the job tries again."""
    for _try in range(_TRIES):
        code = booklet_code()
        if not Panel.objects.filter(code=code).exists():
            return code
    raise RuntimeError("no free number for a booklet")


def _rubric(items: Sequence[BookletItem], level: int, now: datetime) -> Rubric:
    """The criteria of these items, one row however many candidates have them: versions and marks, no text, no key."""
    criteria = [
        {
            "code": criterion_code(item.position),
            "position": item.position,
            "question": str(item.question),
            "version": str(item.version),
            "maximum": f"{item.marks.normalize():f}",
        }
        for item in items
    ]
    content = {
        "kind": PanelKind.ANSWERS.value,
        "version": 1,
        "level": level,
        "trim_from": _TRIM_FROM,
        "criteria": criteria,
    }
    found = rubric_hash(content)
    row, _made = Rubric.objects.get_or_create(
        content_hash=found,
        defaults={
            "key": f"answers_{found[:32]}",
            "version": 1,
            "level": level,
            "content": content,
            "created_at": now,
        },
    )
    return row


def _hash(content: Any) -> str:
    return content_hash(json.dumps(content, ensure_ascii=False, sort_keys=True))


def _close_empty(attempt: UUID, candidacy: UUID, items: Sequence[BookletItem], now: datetime) -> None:
    """Nothing to judge: every question is worth 0, by no person's word."""
    marks = tuple((item.position, Decimal("0.00")) for item in items)
    content = {
        "attempt": str(attempt),
        "candidacy": str(candidacy),
        "items": [[item.position, str(item.version), str(item.marks)] for item in items],
        "marks": {str(position): str(mark) for position, mark in marks},
        "sheets": [],
        "spread": "0",
        "at": now.isoformat(),
    }
    row = BookletOutcome.objects.create(
        attempt=attempt,
        candidacy=candidacy,
        panel=None,
        total=Decimal(0),
        maximum=sum((item.marks for item in items), Decimal(0)),
        content=content,
        content_hash=_hash(content),
        at=now,
    )
    publish(BookletMarked(attempt=attempt, candidacy=candidacy, marks=marks, outcome=row.uuid))
    audit.record(
        subject_kind="booklet",
        subject=attempt,
        action="nothing_answered",
        actor=None,
        fields={"outcome": row.uuid, "questions": len(items)},
        now=now,
    )
