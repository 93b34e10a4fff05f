"""Dated corrections of name and number, and duplicates made one by two people."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.http import Http404

from lms.accounts.api import (
    INSTALLATION,
    AccountsRefusal,
    Acting,
    DocumentKind,
    NotAllowed,
    Person,
    PersonData,
    Role,
    Sex,
    acting_for,
    canonical_person,
    check_digit,
    create_person,
    name_at,
    records_of,
    waiting_corrections,
)
from lms.accounts.corrections.models import Correction, Merge, MergeDecision
from lms.accounts.corrections.selectors import correction_page, past_names
from lms.accounts.corrections.services import ask_correction, decide_correction, decide_merge, propose_merge
from lms.accounts.people.selectors import document_indexes
from lms.core import audit
from lms.core.crypto import DecryptionError
from tests.lms.accounts.world import NOW, Places, make_user, signed_in

LATER = NOW + timedelta(days=2)


def card(first17: str) -> str:
    return first17 + check_digit(first17)


OLD, NEW = card("99010119900307002"), card("99010119910405003")


def person(places: Places, name: str = "林晓燕", number: str = OLD, login: bool = True) -> Person:
    user = make_user(places.school, Role.TRAINEE, name=name) if login else None
    kind = DocumentKind.RESIDENT_CARD if number else None
    data = PersonData(name=name, document_type=kind, document_number=number)
    return create_person(by=INSTALLATION, organisation=places.school, data=data, user=user, now=NOW)


def staff(places: Places, role: Role, name: str = "黄科长") -> Acting:
    place = places.school if role is Role.INSTITUTION_ADMIN else places.bureau
    return acting_for(make_user(place, role, name=name), None)


def ask(by: Acting, row: Person, **changes: Any) -> Correction:
    fields: dict[str, Any] = {
        "name": "林小燕",
        "document_type": None,
        "document_number": NEW,
        "evidence": "2026年3月1日换发的身份证",
        "scan_note": "2026-3卷第14页",
        "now": NOW,
    }
    return ask_correction(by=by, person=row.uuid, **(fields | changes))


def test_a_correction_is_a_dated_decision_with_evidence_and_the_record_follows(places: Places) -> None:
    row = person(places)
    asked = ask(staff(places, Role.INSTITUTION_ADMIN), row)
    bureau = staff(places, Role.HR_BUREAU)
    assert waiting_corrections(bureau) == 1
    row.refresh_from_db()
    assert (row.name, row.document_number) == ("林晓燕", OLD)
    decide_correction(by=bureau, correction=asked.uuid, allowed=True, reason="", now=LATER)
    row.refresh_from_db()
    assert (row.name, row.document_number, row.sex, row.birth_date) == ("林小燕", NEW, Sex.MALE, date(1991, 4, 5))
    assert Person.objects.get(document_index__in=document_indexes(NEW)) == row
    assert row.user is not None
    assert row.user.display_name == "林小燕"
    assert [(past.name, past.until) for past in past_names(row.uuid)] == [("林晓燕", LATER)]
    assert (name_at(row.uuid, NOW), name_at(row.uuid, LATER)) == ("林晓燕", "林小燕")
    assert waiting_corrections(bureau) == 0
    assert audit.verify(row.uuid).ok


def test_she_may_ask_herself_and_nobody_decides_her_own(places: Places) -> None:
    row = person(places)
    assert row.user is not None
    herself = acting_for(row.user, None)
    asked = ask(herself, row)
    with pytest.raises(NotAllowed):
        decide_correction(by=herself, correction=asked.uuid, allowed=True, reason="", now=NOW)
    with pytest.raises(NotAllowed):
        ask(herself, person(places, "陈芳", ""))
    with pytest.raises(AccountsRefusal) as refused:
        ask(staff(places, Role.INSTITUTION_ADMIN), row)
    assert refused.value.code == "waiting"


def test_a_refusal_needs_a_reason_and_a_decision_is_made_once(places: Places) -> None:
    row = person(places)
    asked = ask(staff(places, Role.INSTITUTION_ADMIN), row)
    bureau = staff(places, Role.HR_BUREAU)
    with pytest.raises(AccountsRefusal) as refused:
        decide_correction(by=bureau, correction=asked.uuid, allowed=False, reason=" ", now=LATER)
    assert refused.value.code == "reason"
    decide_correction(by=bureau, correction=asked.uuid, allowed=False, reason="证明不清楚", now=LATER)
    row.refresh_from_db()
    assert row.name == "林晓燕"
    with pytest.raises(AccountsRefusal):
        decide_correction(by=bureau, correction=asked.uuid, allowed=True, reason="", now=LATER)
    with pytest.raises(TypeError):
        asked.save()


def test_a_number_somebody_else_has_is_refused_and_a_stale_request_too(places: Places) -> None:
    row = person(places)
    bureau, school = staff(places, Role.HR_BUREAU), staff(places, Role.INSTITUTION_ADMIN)
    asked = ask(school, row, name="")
    person(places, "陈芳", NEW)
    with pytest.raises(AccountsRefusal) as refused:
        decide_correction(by=bureau, correction=asked.uuid, allowed=True, reason="", now=LATER)
    assert refused.value.code == "registered"
    Person.objects.filter(pk=row.pk).update(name="林燕")
    with pytest.raises(AccountsRefusal) as refused:
        decide_correction(by=bureau, correction=asked.uuid, allowed=True, reason="", now=LATER)
    assert refused.value.code == "changed"


def test_a_wrong_card_number_is_refused_when_asked(places: Places) -> None:
    row = person(places)
    with pytest.raises(AccountsRefusal) as refused:
        ask(staff(places, Role.INSTITUTION_ADMIN), row, document_number=NEW[:-1] + ("0" if NEW[-1] != "0" else "1"))
    assert (refused.value.code, refused.value.field) == ("check_digit", "document_number")
    with pytest.raises(AccountsRefusal) as refused:
        ask(staff(places, Role.INSTITUTION_ADMIN), row, name="林晓燕", document_number="")
    assert refused.value.code == "nothing"


def test_other_counties_neither_see_nor_decide(places: Places) -> None:
    asked = ask(staff(places, Role.INSTITUTION_ADMIN), person(places))
    foreign = acting_for(make_user(places.other_bureau, Role.HR_BUREAU), None)
    with pytest.raises(Http404):
        decide_correction(by=foreign, correction=asked.uuid, allowed=True, reason="", now=NOW)
    with pytest.raises(NotAllowed):
        decide_correction(by=staff(places, Role.INSPECTOR), correction=asked.uuid, allowed=True, reason="", now=NOW)


def test_whole_numbers_are_shown_to_who_decides_and_leave_a_trace(places: Places) -> None:
    row = person(places)
    asked = ask(staff(places, Role.INSTITUTION_ADMIN), row)
    bureau, inspector = make_user(places.bureau, Role.HR_BUREAU), make_user(places.bureau, Role.INSPECTOR)
    path = f"/accounts/corrections/{asked.uuid}/"
    shown = signed_in(bureau).get(path).content.decode()
    assert NEW in shown
    assert "林小燕" in shown
    assert [event.actor for event in audit.events_of(row.uuid) if event.action == "numbers_shown"] == [bureau.uuid]
    masked = signed_in(inspector).get(path).content.decode()
    assert NEW not in masked
    assert "林小燕" not in masked
    assert not correction_page(acting_for(inspector, None), asked).may_decide


def test_corrections_are_encrypted_in_the_file(places: Places) -> None:
    asked = ask(staff(places, Role.INSTITUTION_ADMIN), person(places))
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM accounts_correction")
        stored = " ".join(str(value) for value in cursor.fetchall()[0])
    assert not [word for word in ("林", OLD, NEW, "身份证", "卷") if word in stored]
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_correction SET evidence = name")
    with pytest.raises(DecryptionError):
        Correction.objects.get(pk=asked.pk)


@pytest.mark.req("S2-47")
def test_two_people_merge_a_duplicate_and_both_histories_stay(places: Places) -> None:
    kept, twin, older = person(places), person(places, "林晓艳", ""), person(places, "林小艳", "")
    bureau, second = staff(places, Role.HR_BUREAU), staff(places, Role.HR_BUREAU, "李科长")
    first = propose_merge(by=bureau, kept=twin.uuid, merged=older.uuid, evidence="同一张照片", now=NOW)
    with pytest.raises(AccountsRefusal) as refused:
        decide_merge(by=bureau, merge=first.uuid, allowed=True, reason="", now=NOW)
    assert refused.value.code == "self"
    decide_merge(by=second, merge=first.uuid, allowed=True, reason="", now=NOW)
    again = propose_merge(by=second, kept=kept.uuid, merged=twin.uuid, evidence="同一手机号", now=NOW)
    decide_merge(by=bureau, merge=again.uuid, allowed=True, reason="", now=LATER)
    everyone = {kept.uuid, twin.uuid, older.uuid}
    assert {canonical_person(uuid) for uuid in everyone} == {kept.uuid}
    assert records_of(everyone) == dict.fromkeys(everyone, frozenset(everyone))
    assert [records_of([uuid]) for uuid in everyone] == [{uuid: frozenset(everyone)} for uuid in everyone]
    stranger = person(places, "王强", "")
    assert records_of([stranger.uuid]) == {stranger.uuid: frozenset({stranger.uuid})}
    twin.refresh_from_db()
    assert (twin.name, twin.merged_into) == ("林晓艳", kept)
    assert twin.user is not None
    assert acting_for(twin.user, None).person == kept.uuid
    with pytest.raises(AccountsRefusal) as refused:
        propose_merge(by=bureau, kept=kept.uuid, merged=twin.uuid, evidence="x", now=LATER)
    assert refused.value.code == "merged"
    with pytest.raises(AccountsRefusal):
        ask(staff(places, Role.INSTITUTION_ADMIN), twin)


def test_the_database_refuses_one_person_for_both_and_a_merge_of_one(places: Places) -> None:
    kept, twin = person(places), person(places, "林晓艳", "")
    bureau = staff(places, Role.HR_BUREAU)
    merge = propose_merge(by=bureau, kept=kept.uuid, merged=twin.uuid, evidence="x", now=NOW)
    assert bureau.user is not None
    with pytest.raises(IntegrityError), transaction.atomic():
        MergeDecision.objects.create(merge=merge, allowed=True, merge_by=bureau.user, by=bureau.user, at=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        Merge.objects.create(kept=kept, merged=kept, evidence="x", by=bureau.user, created_at=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        Person.objects.filter(pk=kept.pk).update(merged_into=kept)


def test_an_institution_proposes_for_its_own_people_only(places: Places) -> None:
    kept, twin = person(places), person(places, "林晓艳", "")
    foreign = acting_for(make_user(places.other_school, Role.INSTITUTION_ADMIN), None)
    with pytest.raises(NotAllowed):
        propose_merge(by=foreign, kept=kept.uuid, merged=twin.uuid, evidence="x", now=NOW)
    school = staff(places, Role.INSTITUTION_ADMIN)
    merge = propose_merge(by=school, kept=kept.uuid, merged=twin.uuid, evidence="x", now=NOW)
    with pytest.raises(NotAllowed):
        decide_merge(
            by=staff(places, Role.INSTITUTION_ADMIN, "王老师"), merge=merge.uuid, allowed=True, reason="", now=NOW
        )


def test_the_desk_walks_a_correction_and_a_merge(places: Places) -> None:
    row, twin = person(places), person(places, "林晓艳", "")
    assert row.user is not None
    assert twin.user is not None
    school = signed_in(make_user(places.school, Role.INSTITUTION_ADMIN))
    bureau = signed_in(make_user(places.bureau, Role.HR_BUREAU))
    form = {"name": "林小燕", "evidence": "户口簿", "document_type": "", "document_number": "", "scan_note": ""}
    answer = school.post(f"/accounts/corrections/ask/{row.uuid}/", form)
    assert answer.status_code == 302
    asked = Correction.objects.get()
    assert "林*燕" in bureau.get("/accounts/corrections/").content.decode()
    refused = bureau.post(f"/accounts/corrections/{asked.uuid}/decide/", {"verdict": "refuse", "reason": ""})
    assert refused.status_code == 422
    assert bureau.post(f"/accounts/corrections/{asked.uuid}/decide/", {"verdict": "allow"}).status_code == 302
    row.refresh_from_db()
    assert row.name == "林小燕"
    typed = {"kept": OLD.lower(), "merged": twin.user.username, "evidence": "同一人"}
    assert school.post("/accounts/corrections/merges/propose/", typed).status_code == 302
    merge = Merge.objects.get()
    page = bureau.get(f"/accounts/corrections/merges/{merge.uuid}/").content.decode()
    assert OLD not in page
    assert bureau.post(f"/accounts/corrections/merges/{merge.uuid}/decide/", {"verdict": "allow"}).status_code == 302
    assert canonical_person(twin.uuid) == row.uuid
    wrong = school.post("/accounts/corrections/merges/propose/", {**typed, "merged": "12345678"})
    assert wrong.status_code == 422
