"""What a paper is worth from the facts: each answer by `marking.objective` or by people, the parts, the whole. No database."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from assessment.bank.types import Key, QuestionType
from assessment.marking.credit import CreditPolicy
from assessment.marking.objective import Outcome, mark, not_answered, struck
from assessment.theory.logic import HUNDRED, ZERO, hash_of, tenth
from assessment.theory.types import (
    SETTLED,
    STRUCK,
    WITH_PEOPLE,
    Correction,
    ItemMark,
    PaperContent,
    Place,
    Sheet,
    VideoMark,
    Waits,
)


def item_mark(
    place: Place,
    key: Key,
    correction: Correction | None,
    response: Any,
    given: Mapping[int, Decimal],
    policy: CreditPolicy,
    *,
    settled: bool = False,
) -> ItemMark:
    """What one answer is worth. given: marks that people gave, by position; settled: nobody waits for people any more.

    Raises KeyFault: the key does not fit.
    """
    if correction is not None and correction.key is None:
        return ItemMark(place, struck(place.marks).marks, STRUCK)
    right = correction.key if correction is not None and correction.key is not None else key
    marked = mark(place.type, right, response, place.marks, policy)
    if marked.outcome is not Outcome.FOR_PEOPLE:
        return ItemMark(place, marked.marks, marked.outcome.value)
    if place.position not in given:
        return ItemMark(place, ZERO if settled else None, SETTLED if settled else WITH_PEOPLE, people=True)
    worth = given[place.position]
    outcome = Outcome.RIGHT if worth == place.marks else Outcome.PARTLY if worth else Outcome.WRONG
    return ItemMark(place, worth, outcome.value, people=True)


def for_people(place: Place, response: Any) -> bool:
    """Whether people have to mark it: a short answer with words in it."""
    return place.type is QuestionType.SHORT and isinstance(response, str) and not not_answered(response)


def video_part(sheet: Sheet, video: VideoMark | None, *, settled: bool = False) -> Decimal | None:
    """The video's mark × its share, half up to 0.1 (domain 4.4); None while it is not final, 0 without such a section."""
    if not sheet.video_share or (video is None and settled):
        return ZERO
    return None if video is None else tenth(video.mark * sheet.video_share / HUNDRED)


def paper_content(
    sheet: Sheet,
    *,
    keys: Mapping[UUID, Key],
    corrections: Mapping[UUID, Correction],
    responses: Mapping[int, Any],
    given: Mapping[int, Decimal],
    given_outcome: UUID | None,
    video: VideoMark | None,
    policy: CreditPolicy,
    policy_key: str,
    policy_hash: str,
    settled: Collection[Waits] = (),
) -> PaperContent:
    """The mark of one paper from the facts. corrections: by version, those decided; video: of the candidacy, if final;
    settled: what the chief decided not to wait for."""
    items = tuple(
        item_mark(
            place,
            keys[place.version],
            corrections.get(place.version),
            responses.get(place.position),
            given,
            policy,
            settled=Waits.PEOPLE in settled,
        )
        for place in sheet.places
    )
    machine = sum((item.mark or ZERO for item in items if not item.people), ZERO)
    told = [item.mark for item in items if item.people]
    people = None if None in told else sum((worth or ZERO for worth in told), ZERO)
    part = video_part(sheet, video, settled=Waits.VIDEO in settled)
    whole = None if people is None or part is None else tenth((machine + people + part) * HUNDRED / sheet.total)
    used = video if sheet.video_share else None
    content = PaperContent(
        items=items,
        total=sheet.total,
        pass_mark=sheet.pass_mark,
        video_section=sheet.video_section,
        video_share=sheet.video_share,
        machine=machine,
        people=people,
        video=part,
        mark=whole,
        proposed_fail=used.proposed_fail if used else False,
        credit_key=policy_key,
        credit_hash=policy_hash,
        corrections=tuple(sorted(one.uuid for version, one in corrections.items() if version in set(sheet.versions))),
        video_outcome=used.outcome if used else None,
        people_outcome=given_outcome if told else None,
        settled=tuple(sorted(settled)),
    )
    return replace(content, content_hash=hash_of(content))
