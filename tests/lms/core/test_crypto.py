from dataclasses import replace
from io import StringIO

import pytest
from django.conf import settings as real_settings
from django.core.exceptions import FieldError
from django.core.management import call_command
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from lms.accounts.models import Organisation, Person
from lms.accounts.types import OrganisationKind
from lms.core import clock, rotation
from lms.core.crypto import DecryptionError, EncryptedTextField, blind_index, decrypt, encrypt
from lms.core.keys import Keyring

FIELD = Person._meta.get_field("phone")
CONTEXT = "accounts.person.phone"


@given(st.text(min_size=4, max_size=200))
def test_round_trip_never_shows_the_plain_text(text: str) -> None:
    stored = encrypt(text, context=CONTEXT)
    assert decrypt(stored, context=CONTEXT) == text
    assert text not in stored
    assert encrypt(text, context=CONTEXT) != stored


def test_a_ciphertext_is_bound_to_its_column_and_whole() -> None:
    stored = encrypt("13800001234", context=CONTEXT)
    changed = stored[:-6] + ("A" if stored[-6] != "A" else "B") + stored[-5:]
    for broken, context in ((stored, "accounts.person.document_number"), (changed, CONTEXT), ("13800001234", CONTEXT)):
        with pytest.raises(DecryptionError) as caught:
            decrypt(broken, context=context)
        assert "13800001234" not in str(caught.value)


def test_field_refuses_lookups_by_text() -> None:
    assert isinstance(FIELD, EncryptedTextField)
    for wanted in ({"phone": "138"}, {"phone__contains": "138"}, {"phone__in": ["138"]}, {"phone__startswith": "1"}):
        with pytest.raises(FieldError):
            str(Person.objects.filter(**wanted).query)


def test_blind_index_is_keyed_normal_and_apart_by_purpose(settings: Settings) -> None:
    number = blind_index("35010119900307002x", purpose="document")
    assert len(number) == 64
    assert blind_index(" 35010119900307002Ｘ ", purpose="document") == number
    assert blind_index("35010119900307002X", purpose="phone") != number
    settings.KEYRING = replace(real_settings.KEYRING, index_key=b"j" * 32)
    assert blind_index("35010119900307002x", purpose="document") != number


def raw_phones() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT phone FROM accounts_person ORDER BY id")
        return [row[0] for row in cursor.fetchall()]


def make_persons(phones: list[str]) -> None:
    place = Organisation.add_root(name="福州市", kind=OrganisationKind.CITY, created_at=clock.real_now())
    for phone in phones:
        Person.objects.create(name="林晓燕", phone=phone, organisation=place, created_at=clock.real_now())


@pytest.mark.django_db
def test_the_database_holds_no_plain_text_and_constraints_may_ask_for_empty() -> None:
    make_persons(["13800001234", ""])
    held, empty = raw_phones()
    assert "13800001234" not in held
    assert held.startswith("kb1:")
    assert empty == ""
    assert [person.phone for person in Person.objects.order_by("id")] == ["13800001234", ""]
    assert Person.objects.filter(phone="").count() == 1


@pytest.mark.django_db
def test_rotation_rewrites_what_is_older_and_the_old_key_may_go(settings: Settings) -> None:
    make_persons(["13800001234", "", "13900005678"])
    old = settings.KEYRING
    settings.KEYRING = replace(old, field_keys={"t2": b"n" * 32, **old.field_keys})
    Person.objects.filter(phone__isnull=False).latest("id").save()  # written anew by ordinary work
    out = StringIO()
    call_command("rotate_keys", stdout=out)
    assert "accounts.person.phone: 1 rewritten" in out.getvalue()
    settings.KEYRING = Keyring(old.secret_key, {"t2": b"n" * 32}, old.index_key)
    assert [person.phone for person in Person.objects.order_by("id")] == ["13800001234", "", "13900005678"]
    assert [phone[:7] for phone in raw_phones()] == ["kb1:t2:", "", "kb1:t2:"]
    assert sum(rotation.rotate(field) for field in rotation.encrypted_fields()) == 0
