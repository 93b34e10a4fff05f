"""Two people at the same moment, on a database with real row locks: no lost version, no verdict counted twice."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from threading import Barrier
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connections

from assessment.bank.models import Question, QuestionVerdict, QuestionVersion
from assessment.bank.refusals import BankRefusal
from assessment.bank.services import (
    bring_in,
    give_verdict,
    mark_used,
    offer_practice,
    reveal_key,
    store_file,
    suspend,
    write_question,
)
from assessment.bank.types import PracticeItem, QuestionState, Reading, ReadQuestion, ReviewVerdict
from lms.core.audit import events_of, verify
from tests.assessment.bank.test_services import picture
from tests.assessment.bank.world import PLACE, approved, build_cast, document, row, submitted, written
from tests.lms.accounts.world import NOW

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """What each returned or refused, all begun at one moment, each thread with its own connection."""
    barrier = Barrier(len(works), timeout=30)

    def run(work: Callable[[], Any]) -> Any:
        try:
            barrier.wait()
            return work()
        except BankRefusal as refused:
            return refused.code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


@pytest.mark.req("S1-27")
def test_two_experts_who_approve_at_once_make_the_quorum() -> None:
    cast = build_cast()
    for _round in range(4):
        version = submitted(cast, stem=f"同时审定 {uuid4()}")
        uid = version.document.uid
        verdict = partial(
            give_verdict, question=uid, version=version.uuid, verdict=ReviewVerdict.APPROVE, words="", now=NOW
        )
        ends = at_once(partial(verdict, by=cast.expert), partial(verdict, by=cast.second))
        assert sorted(ends) == [QuestionState.APPROVED, QuestionState.IN_REVIEW]
        assert row(uid).state == QuestionState.APPROVED
        assert verify(uid).ok


@pytest.mark.req("S1-27")
def test_one_expert_who_presses_twice_has_one_verdict_and_a_return_beats_no_approval() -> None:
    cast = build_cast()
    version = submitted(cast)
    verdict = partial(give_verdict, question=version.document.uid, version=version.uuid, now=NOW)
    same = partial(verdict, by=cast.expert, verdict=ReviewVerdict.APPROVE)
    assert sorted(at_once(same, same, same)) == [QuestionState.IN_REVIEW, "twice", "twice"]
    ends = at_once(
        partial(verdict, by=cast.second, verdict=ReviewVerdict.APPROVE),
        partial(verdict, by=cast.third, verdict=ReviewVerdict.RETURN, words="选项B也对"),
    )
    # Whoever came first decided, the other was told; never both.
    assert sorted(ends) in ([QuestionState.APPROVED, "state"], [QuestionState.RETURNED, "state"])
    assert QuestionVerdict.objects.count() == 2


def test_two_editors_from_the_same_version_lose_nothing() -> None:
    cast = build_cast()
    first = written(cast)
    uid = first.document.uid

    def edit(by: Any, stem: str) -> Any:
        changed = replace(document(stem), uid=uid)
        return write_question(by=by, document=changed, base=first.uuid, now=NOW).number

    ends = at_once(partial(edit, cast.author, "甲改的题干"), partial(edit, cast.expert, "乙改的题干"))
    assert sorted(map(str, ends)) == ["2", "newer"]
    assert list(QuestionVersion.objects.order_by("number").values_list("number", flat=True)) == [1, 2]
    assert verify(uid).ok


def test_a_question_made_twice_at_once_is_one() -> None:
    cast = build_cast()
    made = document()
    ends = at_once(
        *(partial(write_question, by=by, document=made, now=NOW) for by in (cast.author, cast.expert, cast.second))
    )
    assert ends.count("newer") == 2
    assert Question.objects.count() == QuestionVersion.objects.count() == 1


def test_two_imports_of_the_same_file_wait_for_one_another() -> None:
    cast = build_cast()
    asked = [document(f"第{number}题，{number * 7}分") for number in range(12)]
    read = tuple(
        ReadQuestion(f"第{place}行", one.type, one.stem, one.key, one.options, uid=one.uid)
        for place, one in enumerate(asked)
    )
    reading = Reading("gift", read, ())
    backwards = Reading("gift", read[::-1], ())
    ends = at_once(
        partial(bring_in, by=cast.author, reading=reading, defaults=PLACE, now=NOW),
        partial(bring_in, by=cast.expert, reading=backwards, defaults=PLACE, now=NOW),
    )
    assert Question.objects.count() == 12
    assert all(isinstance(one, str) or len({*one.made, *one.unchanged}) == 12 for one in ends)


def test_a_suspension_and_a_paper_at_once() -> None:
    cast = build_cast()
    uid = approved(cast).document.uid
    ends = at_once(
        partial(suspend, by=cast.author, question=uid, reason="投诉", now=NOW),
        partial(mark_used, questions=[uid], now=NOW),
    )
    held = row(uid)
    assert held.state == QuestionState.SUSPENDED
    assert held.exposure == (0 if "drawable" in ends else 1)


def test_looks_files_and_lessons_at_once() -> None:
    cast = build_cast()
    version = written(cast)
    look = partial(reveal_key, question=version.document.uid, version=version.uuid, reason="审题", now=NOW)
    at_once(*(partial(look, by=by) for by in (cast.author, cast.expert, cast.second, cast.third)))
    assert sum(event.action == "key_seen" for event in events_of(version.document.uid)) == 4
    assert verify(version.document.uid).ok
    data = picture("orange")
    kept = at_once(*(partial(store_file, by=cast.author, data=data, name="a.png", now=NOW) for _time in range(3)))
    assert len({one.sha256 for one in kept}) == 1
    lesson: UUID = uuid4()
    items = [PracticeItem(document("自测？"), None)]
    at_once(*(partial(offer_practice, lesson=lesson, items=items, now=NOW) for _time in range(2)))
    assert Question.objects.filter(lesson=lesson).count() == 1
