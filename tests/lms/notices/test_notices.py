"""Telling, opening, and whom nothing has reached."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.http import Http404
from django.utils import translation

from lms.accounts.api import INSTALLATION, NotAllowed, Person, PersonData, Role, User, acting_for, create_person
from lms.core.holdings import held_about
from lms.core.ids import new_uuid
from lms.notices.api import deadline, deadline_text, notify, unread_count
from lms.notices.models import Notice
from lms.notices.selectors import notice_page, notices_for, unreached_for
from lms.notices.services import open_notice, record_told
from tests.lms.accounts.world import NOW, Places, make_user

CLASS = new_uuid()


def tell(user: User | None = None, person: Person | None = None, **changes: Any) -> Notice:
    fields: dict[str, Any] = {
        "kind": "test.result",
        "title": "Result of %(class)s",
        "body": "Read it before %(day)s.",
        "params": {"class": "三月班", "day": date(2026, 3, 20)},
        "url": "/results/",
        "now": NOW,
        "about": CLASS,
        "about_name": "三月班",
    }
    return notify(user=user.uuid if user else None, person=person.uuid if person else None, **(fields | changes))


def trainee(places: Places, name: str = "林晓燕") -> tuple[User, Person]:
    user = make_user(places.school, Role.TRAINEE, name=name)
    return user, create_person(
        by=INSTALLATION, organisation=places.school, data=PersonData(name=name, phone="13800001234"), user=user, now=NOW
    )


def test_a_person_is_told_once_and_opening_is_the_receipt(places: Places) -> None:
    user, person = trainee(places)
    acting = acting_for(user, None)
    first = tell(person=person, key="x")
    assert tell(user=user, key="x") == first
    assert (first.user, first.person) == (user, person)
    assert unread_count(acting) == 1
    open_notice(by=acting, notice=first.uuid, now=NOW)
    open_notice(by=acting, notice=first.uuid, now=NOW + timedelta(hours=1))
    first.refresh_from_db()
    assert (first.receipt.way, first.receipt.by, first.receipt.at) == ("opened", user.uuid, NOW)
    assert unread_count(acting) == 0


def test_words_are_written_in_the_readers_language(places: Places) -> None:
    user, _person = trainee(places)
    notice = tell(user=user)
    with translation.override("en"):
        page = notice_page(notice, now=NOW)
    assert (page.title, page.body) == ("Result of 三月班", "Read it before March 20, 2026.")
    with translation.override("zh-hans"):
        assert "2026年3月20日" in notice_page(notice, now=NOW).body


def test_words_and_parameters_must_fit_and_somebody_must_read(places: Places) -> None:
    user, _person = trainee(places)
    with pytest.raises(ValueError, match="do not fit"):
        tell(user=user, params={"class": "x"})
    with pytest.raises(ValueError, match="somebody"):
        tell()
    assert tell(user=user, title="100%", body="", params={}).title == "100%"


def test_nobody_reads_anothers_notice(places: Places) -> None:
    user, _person = trainee(places)
    other = acting_for(make_user(places.school, Role.TRAINEE), None)
    notice = tell(user=user)
    with pytest.raises(Http404):
        open_notice(by=other, notice=notice.uuid, now=NOW)
    assert notices_for(other, page=1, now=NOW).rows == ()


@pytest.mark.parametrize(
    "at, left, over",
    (
        (datetime(2026, 3, 16, 15, 59, 59, tzinfo=UTC), 4, False),  # 16 March 23:59:59 in Shanghai
        (datetime(2026, 3, 16, 16, 0, tzinfo=UTC), 3, False),
        (datetime(2026, 3, 20, 15, 59, 59, tzinfo=UTC), 0, False),
        (datetime(2026, 3, 20, 16, 0, tzinfo=UTC), -1, True),
    ),
)
def test_a_deadline_includes_its_day_to_midnight_in_shanghai(at: datetime, left: int, over: bool) -> None:
    stands = deadline(date(2026, 3, 20), now=at)
    assert (stands.days_left, stands.over) == (left, over)
    with translation.override("zh-hans"):
        words = {4: "还有4天", 3: "还有3天", 0: "今天到期", -1: "逾期1天"}[left]
        assert deadline_text(date(2026, 3, 20), now=at) == f"2026-03-20 24:00截止，{words}"


@pytest.mark.req("S5-17")
def test_people_not_reached_are_listed_masked_where_they_belong(places: Places) -> None:
    user, _person = trainee(places)
    paper = create_person(by=INSTALLATION, organisation=places.school, data=PersonData(name="欧阳修文"), now=NOW)
    there = create_person(by=INSTALLATION, organisation=places.other_school, data=PersonData(name="王强"), now=NOW)
    first, second, _third = tell(user=user), tell(person=paper), tell(person=there)
    school = acting_for(make_user(places.school, Role.INSTITUTION_ADMIN), None)
    page = unreached_for(school, kind="", group=str(CLASS), now=NOW)
    assert [(row.name, row.login_name, row.phone) for row in page.rows] == [
        ("林*燕", user.username, "138****1234"),
        ("欧阳**", "", ""),
    ]
    assert [choice.label for choice in page.groups] == ["三月班"]
    record_told(by=school, notice=first.uuid, now=NOW)
    assert [row.name for row in unreached_for(school, kind="", group="", now=NOW).rows] == ["欧阳**"]
    assert unread_count(acting_for(user, None)) == 0
    other = acting_for(make_user(places.other_school, Role.INSTITUTION_ADMIN), None)
    with pytest.raises(Http404):
        record_told(by=other, notice=second.uuid, now=NOW)
    with pytest.raises(NotAllowed):
        unreached_for(acting_for(user, None), kind="", group="", now=NOW)


def test_parameters_are_encrypted_in_the_file_and_held_in_her_download(places: Places) -> None:
    user, person = trainee(places)
    other, _other_person = trainee(places, "陈芳")
    tell(user=user)
    tell(user=other, params={"class": "四月班", "day": date(2026, 4, 1)})
    with connection.cursor() as cursor:
        cursor.execute("SELECT params FROM notices_notice")
        stored = [row[0] for row in cursor.fetchall()]
    assert all(text.startswith("kb1:") for text in stored)
    with translation.override("en"):
        held = [row for part in held_about(person.uuid, user.uuid) if part.title == "Notices" for row in part.rows]
    assert [row["Title"] for row in held] == ["Result of 三月班"]
