"""The pool of examiners: who is in it, who files it, who may be given work."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection

from assessment.api import available_examiners, waiting_examiners
from assessment.examiners.events import ExaminerFiled
from assessment.examiners.models import Examiner
from assessment.examiners.services import add_examiner, move_examiner
from assessment.examiners.types import ExaminerGrade, ExaminerRefused, ExaminerState
from lms.accounts.api import NotAllowed
from lms.core import audit, events
from lms.core.states import IllegalMove
from lms.core.types import Level
from tests.assessment.people import TODAY, filed, pool, with_pool_offices
from tests.media_pipeline.cast import NOW, Cast


def available(cast: Cast, **changes: Any) -> list[Any]:
    asked = {"level": Level.ELEMENTARY, "on": TODAY, "place": cast.school.path} | changes
    return [row.user for row in available_examiners(**asked)]


@pytest.mark.req("S1-30")
def test_only_a_filed_examiner_is_available(cast: Cast) -> None:
    row = pool(cast)
    assert available(cast) == []
    bureau = cast.acting("city_bureau")
    assert waiting_examiners(bureau) == 1
    move_examiner(by=bureau, examiner=row, to=ExaminerState.FILED, now=NOW)
    assert available(cast) == [cast.uuid("examiner")]
    assert waiting_examiners(bureau) == 0
    move_examiner(by=bureau, examiner=row, to=ExaminerState.SUSPENDED, now=NOW)
    assert available(cast) == []
    assert audit.verify(row.uuid).ok


@pytest.mark.req("S1-29")
def test_level_validity_membership_and_place_decide(cast: Cast) -> None:
    row = filed(cast, levels=[Level.ELEMENTARY], valid_to=TODAY + timedelta(days=10))
    assert available(cast) == [cast.uuid("examiner")]
    assert available(cast, level=Level.INTERMEDIATE) == []
    assert available(cast, on=TODAY + timedelta(days=10)) == [cast.uuid("examiner")]
    assert available(cast, on=TODAY + timedelta(days=11)) == []
    assert available(cast, place="0002") == []
    Examiner.objects.filter(pk=row.pk).update(organisation=cast.school)
    assert available(cast) == []  # no examiner of that organisation


@pytest.mark.req("S1-29")
def test_an_examiner_may_not_be_listed_for_the_levels_of_a_senior(cast: Cast) -> None:
    with pytest.raises(ExaminerRefused) as refusal:
        pool(cast, levels=[Level.ADVANCED, Level.TECHNICIAN])
    assert refusal.value.field == "levels"
    filed(cast, grade=ExaminerGrade.SENIOR, levels=list(Level))
    assert available(cast, level=Level.SENIOR_TECHNICIAN) == [cast.uuid("examiner")]


@pytest.mark.parametrize(
    "changes, field",
    (
        ({"card_no": "  "}, "card_no"),
        ({"levels": []}, "levels"),
        ({"valid_to": TODAY - timedelta(days=1)}, "valid_to"),
    ),
)
def test_what_is_missing_is_named(cast: Cast, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(ExaminerRefused) as refusal:
        pool(cast, **changes)
    assert refusal.value.field == field


def test_a_card_and_an_examiner_stand_once(cast: Cast) -> None:
    pool(cast, card_no="kp 001")
    for again in ({"who": "examiner"}, {"who": "examiner2", "card_no": "KP001"}):
        with pytest.raises(ExaminerRefused) as refusal:
            pool(cast, **again)
        assert refusal.value.code == "twice"
    with pytest.raises(ExaminerRefused):
        pool(cast, "owner")  # a trainee


def test_the_card_number_is_not_readable_in_the_database(cast: Cast) -> None:
    row = pool(cast, card_no="KP-778899")
    with connection.cursor() as cursor:
        cursor.execute("SELECT card_no, card_index FROM assessment_examiner WHERE id = %s", [row.pk])
        stored = cursor.fetchone()
    assert stored
    assert not any("778899" in text for text in stored)
    assert Examiner.objects.get(pk=row.pk).card_no == "KP-778899"


def test_the_body_adds_and_another_office_files(cast: Cast) -> None:
    row = pool(cast)
    for who in ("body_admin", "chief", "school_admin", "bureau", "examiner"):
        with pytest.raises(NotAllowed):
            move_examiner(by=cast.acting(who), examiner=row, to=ExaminerState.FILED, now=NOW)
    with pytest.raises(NotAllowed):
        move_examiner(by=cast.acting("school_admin"), examiner=row, to=ExaminerState.ENDED, now=NOW)
    move_examiner(by=cast.acting("body_admin"), examiner=row, to=ExaminerState.ENDED, now=NOW)
    with pytest.raises(IllegalMove):
        move_examiner(by=cast.acting("city_bureau"), examiner=row, to=ExaminerState.FILED, now=NOW)
    pool(cast)  # she may come back with the same card


def test_filing_is_news(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[ExaminerFiled] = []
    monkeypatch.setitem(events._handlers, ExaminerFiled, [heard.append])
    row = filed(cast)
    assert heard == [ExaminerFiled(row.uuid, row.user)]


def test_a_school_is_no_evaluation_body(cast: Cast) -> None:
    with_pool_offices(cast)
    with pytest.raises(PermissionDenied):
        add_examiner(
            by=cast.acting("school_admin"),
            user=cast.uuid("examiner"),
            card_no="1",
            grade=ExaminerGrade.EXAMINER,
            levels=[Level.ELEMENTARY],
            valid_from=TODAY,
            valid_to=TODAY,
            now=NOW,
        )
