"""Arithmetic of marks: rounding, shares by section and topic, what counts as another mark, hashes and seals. No Django."""

import json
from collections.abc import Collection, Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID

from assessment.bank.types import BLANK, Key, QuestionDocument, QuestionType
from assessment.theory.types import Cause, ItemMark, PaperContent, Share
from lms.core.reference import content_hash

TENTH = Decimal("0.1")
ZERO = Decimal(0)
HUNDRED = Decimal(100)


def tenth(number: Decimal) -> Decimal:
    """One decimal, half up."""
    return number.quantize(TENTH, rounding=ROUND_HALF_UP)


def hash_of(content: PaperContent) -> str:
    """64 hex digits over everything the mark says and what it stands on."""
    said = {
        "items": [item.to_json() for item in content.items],
        "total": plain(content.total),
        "pass_mark": plain(content.pass_mark),
        "video": [
            content.video_section,
            plain(content.video_share),
            _text(content.video),
            _text(content.video_outcome),
        ],
        "machine": plain(content.machine),
        "people": [_text(content.people), _text(content.people_outcome)],
        "mark": _text(content.mark),
        "proposed_fail": content.proposed_fail,
        "credit": [content.credit_key, content.credit_hash],
        "corrections": [str(uuid) for uuid in content.corrections],
        "settled": [str(one) for one in content.settled],
    }
    return content_hash(json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":")))


def plain(number: Decimal) -> str:
    """One text for one number."""
    return f"{number.normalize():f}"


def _text(thing: Decimal | UUID | None) -> str | None:
    return plain(thing) if isinstance(thing, Decimal) else None if thing is None else str(thing)


def same_worth(one: PaperContent, other: PaperContent) -> bool:
    """Whether two marks say the same to the candidate: each answer, each part, the whole."""

    def said(content: PaperContent) -> Any:
        worth = [(item.mark, item.outcome) for item in content.items]
        return worth, content.people, content.video, content.mark, content.proposed_fail

    return bool(said(one) == said(other))


def cause_of(before: PaperContent | None, after: PaperContent) -> Cause:
    """Why a mark is written anew, by what has changed of what it stands on; a late answer where nothing of that has."""
    if before is None:
        return Cause.FIRST
    if before.corrections != after.corrections:
        return Cause.CORRECTION
    if before.settled != after.settled:
        return Cause.SETTLED
    if before.people_outcome != after.people_outcome:
        return Cause.PEOPLE
    if before.video_outcome != after.video_outcome:
        return Cause.VIDEO
    return Cause.ANSWERS


def passed(content: PaperContent) -> bool | None:
    """By the paper's own pass mark, of 100; None while pending."""
    if content.mark is None:
        return None
    return content.mark >= pass_line(content) and not content.proposed_fail


def pass_line(content: PaperContent) -> Decimal:
    """The pass mark out of 100, one decimal."""
    return tenth(content.pass_mark * HUNDRED / content.total)


def by_section(content: PaperContent) -> tuple[Share, ...]:
    """Marks by section in the paper's order, the video's at its end."""
    shares = _grouped((item.place.section, item) for item in content.items)
    if content.video_share:
        shares = (*shares, Share(content.video_section, content.video, content.video_share))
    return shares


def by_topic(content: PaperContent) -> tuple[Share, ...]:
    """Marks of the questions by the code of their topic."""
    return tuple(sorted(_grouped((item.place.topic, item) for item in content.items), key=lambda share: share.name))


def _grouped(items: Iterable[tuple[str, ItemMark]]) -> tuple[Share, ...]:
    held: dict[str, list[ItemMark]] = {}
    for name, item in items:
        held.setdefault(name, []).append(item)
    return tuple(
        Share(
            name,
            None if any(one.mark is None for one in group) else sum((one.mark or ZERO for one in group), ZERO),
            sum((one.place.marks for one in group), ZERO),
        )
        for name, group in held.items()
    )


def key_fits(document: QuestionDocument, key: Key) -> bool:
    """Whether a corrected key can be the key of a question. Several options may be right where one was to be chosen."""
    options = [option.key for option in document.options]
    match document.type:
        case QuestionType.SINGLE | QuestionType.MULTIPLE:
            return bool(key.choices) and set(key.choices) <= set(options)
        case QuestionType.ORDERING:
            return sorted(key.choices) == sorted(options)
        case QuestionType.TRUE_FALSE:
            return key.truth is not None
        case QuestionType.FILL:
            return len(key.blanks) == document.stem.count(BLANK) > 0 and all(key.blanks)
        case QuestionType.MATCHING:
            return bool(key.pairs) and all(left in options and right in options for left, right in key.pairs)
    # What people mark is corrected by people, or struck out.
    return False


def seal_of(heads: Collection[tuple[UUID, int, str]]) -> str:
    """What a chief confirms, as one hash: (attempt, number, content hash) of every paper of a sitting."""
    return content_hash("\n".join(f"{attempt} {number} {digest}" for attempt, number, digest in sorted(heads)))
