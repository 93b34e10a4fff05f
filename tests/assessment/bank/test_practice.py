"""The practice pool: what lessons ask, apart from what papers draw, whatever anybody tries."""

from dataclasses import replace
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from assessment.bank.models import Question
from assessment.bank.refusals import BankRefusal
from assessment.bank.selectors import drawable, questions_list
from assessment.bank.services import bring_in, mark_used, offer_practice, submit_for_review, write_question
from assessment.bank.types import Filters, Pool, PracticeItem, QuestionState, Reading, ReadQuestion
from lms.core.types import Level
from tests.assessment.bank.world import PLACE, Cast, build_cast, document, row, written
from tests.lms.accounts.world import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return build_cast()


def test_a_lesson_s_questions_follow_the_lesson() -> None:
    lesson, first, second = uuid4(), document("自测一？"), document("自测二？", place=replace(PLACE, topic="X-1"))
    unsound = document("没有答案？", key=type(first.key)())
    items = [PracticeItem(one, None) for one in (first, second, unsound)]
    assert offer_practice(lesson=lesson, items=items, now=NOW) == 2
    assert offer_practice(lesson=lesson, items=items, now=NOW) == 0
    assert {(one.pool, one.state) for one in Question.objects.all()} == {(Pool.PRACTICE, QuestionState.APPROVED)}
    changed = [PracticeItem(replace(first, stem="自测一，改过？"), None)]
    assert offer_practice(lesson=lesson, items=changed, now=NOW) == 2
    held = row(first.uid)
    assert (held.versions.count(), held.approved_id == held.current_id) == (2, True)
    assert row(second.uid).state == QuestionState.RETIRED
    assert offer_practice(lesson=lesson, items=items, now=NOW) == 2
    assert row(second.uid).state == QuestionState.APPROVED


@pytest.mark.req("S1-31")
def test_it_is_never_drawn_edited_or_moved_into_the_bank(cast: Cast) -> None:
    asked = document("自测？")
    offer_practice(lesson=uuid4(), items=[PracticeItem(asked, None)], now=NOW)
    held = row(asked.uid)
    assert held.current is not None
    assert drawable(Level.ELEMENTARY) == ()
    for attempt in (
        lambda: mark_used(questions=[asked.uid], now=NOW),
        lambda: submit_for_review(by=cast.author, question=asked.uid, version=held.current.uuid, now=NOW),
        lambda: write_question(by=cast.author, document=replace(asked, stem="改"), base=held.current.uuid, now=NOW),
    ):
        with pytest.raises(BankRefusal) as said:
            attempt()
        assert said.value.code in {"drawable", "pool"}
    for change in ({"exposure": 1}, {"state": "in_use"}, {"lesson": None}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Question.objects.filter(pk=held.pk).update(**change)
    assert questions_list(cast.author, Filters(pool=Pool.PRACTICE), now=NOW).count == 1
    # A file that carries its name makes a question of its own, and a lesson's check takes no exam question over.
    read = ReadQuestion("第1行", asked.type, asked.stem, asked.key, asked.options, uid=asked.uid)
    report = bring_in(by=cast.author, reading=Reading("gift", (read,), ()), defaults=PLACE, now=NOW)
    assert report.made
    assert report.made != (asked.uid,)
    assert row(asked.uid).versions.count() == 1
    exam = written(cast, stem="考试用题？").document.uid
    assert offer_practice(lesson=uuid4(), items=[PracticeItem(document("占名？", uid=exam), None)], now=NOW) == 0
    assert row(exam).pool == Pool.EXAM
