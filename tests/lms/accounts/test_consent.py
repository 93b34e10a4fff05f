"""Consent by version, on the screen and on paper."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from lms.accounts.api import (
    AccountsRefusal,
    ConsentHow,
    ConsentKey,
    NotAllowed,
    Person,
    Role,
    User,
    acting_for,
    consents_of,
    has_consented,
    missing_consents,
    record_consent,
    texts_in_force,
)
from lms.accounts.consent import services
from lms.accounts.consent.models import Consent, ConsentText
from lms.core import audit, clock
from lms.core.holdings import held_about
from tests.lms.accounts.world import NOW, Places, make_person, make_user, signed_in


@pytest.fixture
def cast(places: Places) -> tuple[User, Person]:
    services.load_consent_texts()
    user = make_user(places.school, Role.TRAINEE)
    return user, make_person(places.school, user)


def test_texts_load_once_and_are_never_edited(cast: tuple[User, Person], monkeypatch: pytest.MonkeyPatch) -> None:
    assert services.load_consent_texts() == 0
    assert {text.key for text in texts_in_force()} == set(ConsentKey)
    monkeypatch.setattr(services, "_hash_of", lambda _entry: "0" * 64)
    with pytest.raises(ValueError, match="new version"):
        services.load_consent_texts()


def test_she_agrees_to_each_on_its_own_and_takes_it_back(cast: tuple[User, Person]) -> None:
    user, person = cast
    client = signed_in(user)
    (data, video) = texts_in_force()
    assert [text.key for text in missing_consents(person.uuid)] == [data.key, video.key]
    client.post("/accounts/consents/", {"text": str(data.uuid), "given": "1"})
    assert (has_consented(person.uuid, data.key), has_consented(person.uuid, video.key)) == (True, False)
    client.post("/accounts/consents/", {"text": str(data.uuid), "given": "0"})
    assert not has_consented(person.uuid, data.key)
    assert list(Consent.objects.values_list("given", flat=True)) == [True, False]
    assert [event.action for event in audit.events_of(person.uuid)][-2:] == ["consent_given", "consent_taken_back"]


def test_a_changed_text_asks_again(cast: tuple[User, Person]) -> None:
    user, person = cast
    (data, _video) = texts_in_force()
    by = acting_for(user, None)
    record_consent(by=by, person=person, text=data.uuid, given=True, now=NOW)
    old = ConsentText.objects.get(uuid=data.uuid)
    ConsentText.objects.create(
        key=old.key, version=2, texts=old.texts, content_hash="1" * 64, created_at=NOW + timedelta(days=1)
    )
    standing = consents_of(person.uuid)[0]
    assert (standing.given, standing.older, standing.text.version) == (None, 1, 2)
    assert has_consented(person.uuid, data.key)  # her word on the older text stands until she is asked
    with pytest.raises(AccountsRefusal) as refused:
        record_consent(by=by, person=person, text=data.uuid, given=True, now=NOW)
    assert refused.value.code == "text"


def test_on_paper_the_institution_records_day_and_folder(places: Places, cast: tuple[User, Person]) -> None:
    _user, person = cast
    text = texts_in_force()[0].uuid
    staff = acting_for(make_user(places.school, Role.INSTITUTION_ADMIN), None)
    paper: dict[str, Any] = {"person": person, "text": text, "given": True, "how": ConsentHow.PAPER, "now": NOW}
    for more, code in (
        ({"signed_on": None, "note": "3-12"}, "signed_on"),
        ({"signed_on": clock.today() + timedelta(days=9999), "note": "3-12"}, "signed_on"),
        ({"signed_on": NOW.date(), "note": " "}, "note"),
    ):
        with pytest.raises(AccountsRefusal) as refused:
            record_consent(by=staff, **paper, **more)
        assert refused.value.code == code
    record_consent(by=staff, **paper, signed_on=NOW.date(), note="2026档案盒3，第12页")
    for place, role in (
        (places.other_school, Role.INSTITUTION_ADMIN),
        (places.body, Role.INSTITUTION_ADMIN),
        (places.bureau, Role.HR_BUREAU),
    ):
        with pytest.raises(NotAllowed):
            record_consent(by=acting_for(make_user(place, role), None), **paper, signed_on=NOW.date(), note="x")
    with pytest.raises(NotAllowed):
        record_consent(by=staff, person=person, text=text, given=True, now=NOW)  # not on the screen for another
    row = Consent.objects.get()
    with pytest.raises(TypeError):
        row.save()
    with pytest.raises(IntegrityError), transaction.atomic():
        Consent.objects.create(person=person, text=row.text, given=True, how="paper", by=row.by, created_at=NOW)


def test_it_stands_in_the_download(cast: tuple[User, Person]) -> None:
    user, person = cast
    record_consent(by=acting_for(user, None), person=person, text=texts_in_force()[0].uuid, given=True, now=NOW)
    titles = {holding.title: holding.rows for holding in held_about(person.uuid, user.uuid)}
    assert len(titles["同意书"]) == 1
