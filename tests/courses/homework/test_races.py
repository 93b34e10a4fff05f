"""Two at once: drafts begun in two windows, two tasks marked by two teachers, marking while she takes back."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connections

from assessment.results.models import PartMark
from courses.classes.services import add_instructor
from courses.homework.models import HomeworkItem, HomeworkPart
from courses.homework.services.drafts import add_picture, save_draft, take_back
from courses.homework.services.marking import mark_homework
from courses.homework.types import HomeworkRefused
from lms.accounts.api import Role
from lms.core import audit
from tests.assessment.people import member, person_of
from tests.courses.homework.world import GOOD, Taught, picture, taught
from tests.courses.school import lay_rules
from tests.media_pipeline.cast import NOW, build_cast

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def world(transactional_db: None) -> Taught:
    cast = build_cast()
    lay_rules(cast)
    return taught(cast)


def together(*acts: Callable[[], Any]) -> list[Any]:
    """All at the same moment; what each returned, or the refusal it met."""
    barrier = Barrier(len(acts))

    def one(act: Callable[[], Any]) -> Any:
        try:
            barrier.wait(timeout=10)
            return act()
        except HomeworkRefused as refusal:
            return refusal.code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(one, acts))


def test_two_windows_begin_one_attempt(world: Taught) -> None:
    def begin() -> HomeworkItem:
        return save_draft(**world.where(), text="大家好", revision=0)

    assert len({row.pk for row in together(begin, begin)}) == 1


def test_the_same_picture_from_two_windows_is_once(world: Taught) -> None:
    save_draft(**world.where(), text="大家好", revision=0)
    made = picture()
    together(*[lambda: add_picture(**world.where(), picture=made)] * 2)
    assert HomeworkItem.objects.get().pictures.count() == 1


def test_two_teachers_finish_the_homework_and_it_is_told_once(world: Taught) -> None:
    cast = world.cast
    cast.users["second"] = member(cast.school, Role.INSTRUCTOR, "许讲师")
    add_instructor(
        by=cast.acting("school_admin"), training_class=world.row, person=person_of(cast, "second").uuid, now=NOW
    )
    items = [world.handed_in(), world.handed_in(world.second)]
    acts = [
        lambda item=item, who=who: mark_homework(by=cast.acting(who), item=item.uuid, levels=GOOD, words="", now=NOW)
        for item, who in zip(items, ("instructor", "second"), strict=True)
    ]
    together(*acts)
    assert (HomeworkPart.objects.count(), PartMark.objects.count()) == (1, 1)
    assert all(audit.verify(item.uuid).ok for item in items)


def test_one_mark_or_one_taking_back(world: Taught) -> None:
    item = world.handed_in()
    teacher, owner = world.cast.acting("instructor"), world.cast.acting("owner")
    outcome = together(
        lambda: mark_homework(by=teacher, item=item.uuid, levels=GOOD, words="", now=NOW).version,
        lambda: mark_homework(by=teacher, item=item.uuid, levels=GOOD, words="", now=NOW).version,
        lambda: take_back(by=owner, item=item.uuid, now=NOW).state,
    )
    item.refresh_from_db()
    if item.state == "marked":
        # The second mark comes without words: refused.
        assert sorted(map(str, outcome)) == ["1", "marked", "words"]
    else:
        assert (item.state, item.marks.count(), outcome.count("moved")) == ("draft", 0, 2)
