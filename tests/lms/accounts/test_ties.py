"""Ties between people and what they may not judge."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction

from lms.accounts.api import (
    INSTALLATION,
    AccountsRefusal,
    PersonData,
    TieData,
    TieKind,
    TieObject,
    conflicts_of,
    create_person,
    end_tie,
    record_tie,
    ties_of,
)
from lms.accounts.people.models import Person
from lms.accounts.ties.models import Tie
from lms.core.ids import new_uuid
from tests.lms.accounts.world import NOW, Places

TODAY = date(2026, 3, 16)
DAY = timedelta(days=1)


def person(places: Places, name: str = "郑考评") -> UUID:
    return create_person(by=INSTALLATION, organisation=places.school, data=PersonData(name=name), now=NOW).uuid


def tie(kind: TieKind, who: UUID, end: TieObject, what: UUID, **days: Any) -> TieData:
    return record_tie(kind=kind, person=who, object_kind=end, object_uuid=what, source="test", by=None, now=NOW, **days)


def conflicts(
    who: UUID, *persons: UUID, classes: tuple[UUID, ...] = (), submissions: tuple[UUID, ...] = (), on: date = TODAY
) -> list[TieKind]:
    found = conflicts_of(person=who, persons=persons, classes=classes, submissions=submissions, on=on)
    return [one.kind for one in found]


@pytest.mark.req("S2-33")
def test_who_ever_taught_a_class_never_judges_it(places: Places) -> None:
    teacher, group = person(places), new_uuid()
    tie(TieKind.TEACHES, teacher, TieObject.CLASS, group, valid_from=TODAY - 90 * DAY, valid_to=TODAY - 60 * DAY)
    assert conflicts(teacher, classes=(group,)) == [TieKind.TEACHES]
    assert conflicts(teacher, classes=(new_uuid(),)) == []
    assert conflicts(person(places), classes=(group,)) == []


def test_kinship_and_apprenticeship_count_in_both_directions_while_they_hold(places: Places) -> None:
    examiner, aunt, master = (person(places) for _index in range(3))
    tie(TieKind.RELATED, aunt, TieObject.PERSON, examiner)
    tie(TieKind.MASTER_APPRENTICE, examiner, TieObject.PERSON, master, valid_from=TODAY - 9 * DAY, valid_to=TODAY)
    assert conflicts(examiner, aunt) == conflicts(aunt, examiner) == [TieKind.RELATED]
    assert conflicts(examiner, master) == conflicts(master, examiner) == [TieKind.MASTER_APPRENTICE]
    assert conflicts(examiner, master, on=TODAY + DAY) == []
    assert conflicts(examiner, aunt, on=TODAY - DAY) == []


def test_a_declared_conflict_with_a_work_is_hers_alone(places: Places) -> None:
    examiner, other, work = person(places), person(places), new_uuid()
    tie(TieKind.DECLARED, examiner, TieObject.SUBMISSION, work)
    assert conflicts(examiner, submissions=(work,)) == [TieKind.DECLARED]
    assert conflicts(other, submissions=(work,)) == []


def test_nobody_judges_herself_and_an_employer_in_common_is_no_conflict(places: Places) -> None:
    examiner, candidate = person(places), person(places)
    for one in (examiner, candidate):
        tie(TieKind.EMPLOYED, one, TieObject.ORGANISATION, places.school.uuid)
    assert conflicts(examiner, candidate, classes=(places.school.uuid,)) == []
    assert conflicts(examiner, candidate, examiner) == [TieKind.SELF]


def test_merged_records_are_one_human_being(places: Places) -> None:
    kept, duplicate, candidate, group = person(places), person(places), person(places), new_uuid()
    tie(TieKind.TEACHES, duplicate, TieObject.CLASS, group)
    tie(TieKind.RELATED, candidate, TieObject.PERSON, duplicate)
    assert conflicts(kept, candidate, classes=(group,)) == []
    Person.objects.filter(uuid=duplicate).update(merged_into=Person.objects.get(uuid=kept))
    for one in (kept, duplicate):
        assert conflicts(one, candidate, classes=(group,)) == [TieKind.RELATED, TieKind.TEACHES]
    assert conflicts(kept, duplicate) == [TieKind.SELF]
    assert len(ties_of(kept)) == 2


def test_a_tie_ends_by_a_new_row_and_one_recorded_by_mistake_never_was(places: Places) -> None:
    teacher, aunt, group = person(places), person(places), new_uuid()
    related = tie(TieKind.RELATED, teacher, TieObject.PERSON, aunt)
    taught = tie(TieKind.TEACHES, teacher, TieObject.CLASS, group)
    assert related.uuid
    assert taught.uuid
    ended = end_tie(tie=related.uuid, last_day=TODAY + DAY, source="test", by=None, now=NOW)
    assert ended.valid_to == TODAY + DAY
    assert conflicts(teacher, aunt) == [TieKind.RELATED]
    assert conflicts(teacher, aunt, on=TODAY + 2 * DAY) == []
    end_tie(tie=taught.uuid, last_day=TODAY - DAY, source="test", by=None, now=NOW)
    assert conflicts(teacher, classes=(group,)) == []
    assert Tie.objects.count() == 4
    with pytest.raises(AccountsRefusal):
        end_tie(tie=taught.uuid, last_day=TODAY, source="test", by=None, now=NOW)


def test_the_same_tie_is_recorded_once_and_again_after_it_ended(places: Places) -> None:
    teacher, group = person(places), new_uuid()
    first = tie(TieKind.TEACHES, teacher, TieObject.CLASS, group)
    assert tie(TieKind.TEACHES, teacher, TieObject.CLASS, group).uuid == first.uuid
    assert first.uuid
    end_tie(tie=first.uuid, last_day=TODAY - DAY, source="test", by=None, now=NOW)
    assert tie(TieKind.TEACHES, teacher, TieObject.CLASS, group).uuid != first.uuid


def test_ties_are_written_once_and_bind_only_what_they_may(places: Places) -> None:
    teacher, group = person(places), new_uuid()
    made = tie(TieKind.TEACHES, teacher, TieObject.CLASS, group)
    with pytest.raises(AccountsRefusal):
        tie(TieKind.TEACHES, teacher, TieObject.PERSON, person(places))
    with pytest.raises(AccountsRefusal):
        tie(TieKind.RELATED, teacher, TieObject.PERSON, teacher)
    row = Tie.objects.get()
    assert row.uuid == made.uuid
    with pytest.raises(TypeError):
        row.save()
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_tie SET kind = 'self'")


def test_conflicts_take_three_queries_however_many_are_asked(
    places: Places, django_assert_max_num_queries: object
) -> None:
    examiner, candidates = person(places), [person(places) for _index in range(5)]
    with django_assert_max_num_queries(3):  # type: ignore[operator]
        conflicts(examiner, *candidates, classes=(new_uuid(), new_uuid()))
