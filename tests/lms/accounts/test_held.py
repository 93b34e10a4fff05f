"""All that is held about a person: whole, and nothing of others."""

import json
from typing import Any

import pytest

from lms.accounts.api import (
    INSTALLATION,
    DocumentKind,
    Person,
    PersonData,
    Role,
    TieKind,
    TieObject,
    User,
    check_digit,
    create_person,
    record_tie,
)
from lms.core import audit
from tests.lms.accounts.world import NOW, Places, make_user, signed_in

FIRST = "99010119900307002"
HERS = FIRST + check_digit(FIRST)
OTHER_FIRST = "99010119920508004"
OTHERS = OTHER_FIRST + check_digit(OTHER_FIRST)


def trainee(places: Places, name: str, number: str, phone: str) -> tuple[User, Person]:
    user = make_user(places.school, Role.TRAINEE, name=name)
    data = PersonData(name=name, document_type=DocumentKind.RESIDENT_CARD, document_number=number, phone=phone)
    return user, create_person(by=INSTALLATION, organisation=places.school, data=data, user=user, now=NOW)


def sections(answer: Any) -> dict[str, list[dict[str, Any]]]:
    return {part["title"]: part["rows"] for part in json.loads(answer.content)["sections"]}


def test_her_download_holds_what_is_hers_and_nothing_of_others(places: Places) -> None:
    user, person = trainee(places, "林晓燕", HERS, "13800001234")
    other, other_person = trainee(places, "王强", OTHERS, "13900005678")
    record_tie(
        kind=TieKind.RELATED, person=other_person.uuid, object_kind=TieObject.PERSON, object_uuid=person.uuid,
        source="institution", by=None, now=NOW, note="王强的表妹",
    )  # fmt: skip
    client = signed_in(user)
    answer = client.get("/accounts/held/download.json", headers={"accept-language": "en"})
    text = answer.content.decode()
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="kaibo-held-data-')
    for mine in ("林晓燕", HERS, "13800001234", user.username, "连江县职业中学"):
        assert mine in text
    for theirs in ("王强", OTHERS, "13900005678", other.username, "表妹", str(other.uuid), str(other_person.uuid)):
        assert theirs not in text
    page = client.get("/accounts/held/").content.decode()
    assert HERS in page
    assert OTHERS not in page
    assert HERS in client.get("/accounts/held/print/").content.decode()
    assert [event.action for event in audit.events_of(person.uuid)][-1] == "held_downloaded"


def test_a_merged_record_and_its_login_are_hers(places: Places) -> None:
    user, person = trainee(places, "林晓燕", HERS, "13800001234")
    _twin, twin_person = trainee(places, "林晓艳", OTHERS, "")
    Person.objects.filter(pk=twin_person.pk).update(merged_into=person)
    text = signed_in(user).get("/accounts/held/download.json").content.decode()
    assert OTHERS in text
    assert "林晓艳" in text


def test_staff_without_a_record_read_what_is_held_about_their_login(places: Places) -> None:
    user = make_user(places.bureau, Role.HR_BUREAU, name="黄科长")
    rows = [row for part in sections(signed_in(user).get("/accounts/held/download.json")).values() for row in part]
    assert any("黄科长" in str(row.values()) for row in rows)


def test_an_office_reads_in_full_for_a_stated_purpose_only_in_its_place(places: Places) -> None:
    _user, person = trainee(places, "林晓燕", HERS, "13800001234")
    path = f"/accounts/held/{person.uuid}/"
    school = make_user(places.school, Role.INSTITUTION_ADMIN)
    client = signed_in(school)
    assert HERS not in client.get(path).content.decode()
    assert client.post(path, {"purpose": " "}).status_code == 422
    assert HERS in client.post(path, {"purpose": "本人在窗口申请"}).content.decode()
    last = audit.events_of(person.uuid)[-1]
    assert (last.action, last.actor) == ("held_printed", school.uuid)
    assert signed_in(make_user(places.other_school, Role.INSTITUTION_ADMIN)).get(path).status_code == 404
    assert signed_in(make_user(places.county, Role.ADMINISTRATOR)).get(path).status_code == 403
    assert signed_in(make_user(places.school, Role.TRAINEE)).get(path).status_code in {403, 404}


@pytest.mark.parametrize("path", ("", "print/", "download.json"))
def test_nobody_reads_without_signing_in(places: Places, client: Any, path: str) -> None:
    assert client.get(f"/accounts/held/{path}").status_code == 302
