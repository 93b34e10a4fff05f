"""Every encrypted column of the installation: no plain text in the database, and readable after a rotation of keys."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import connection, models, transaction

from lms.core import rotation
from lms.core.crypto import EncryptedTextField, blind_index
from lms.core.keys import Keyring

PLAIN = "林晓燕 99010119900307002X 13800001234"
_DUMMIES: dict[type[models.Field[Any, Any]], Any] = {
    models.UUIDField: uuid4,
    models.BooleanField: lambda: False,
    models.DateTimeField: lambda: datetime(2026, 3, 16, tzinfo=UTC),
    models.DateField: lambda: date(2026, 3, 16),
    models.DecimalField: lambda: Decimal(1),
    models.JSONField: dict,
    models.BinaryField: lambda: b"x",
    models.IntegerField: lambda: 1,
    models.FloatField: lambda: 1.0,
    models.CharField: lambda: "x",
    models.TextField: lambda: "x",
}


def _dummy(field: models.Field[Any, Any]) -> Any:
    return next(make() for kind, make in _DUMMIES.items() if isinstance(field, kind))


def row_with(field: EncryptedTextField) -> models.Model:
    """A row of the field's table that holds nothing true but the encrypted text."""
    values: dict[str, Any] = {}
    for column in field.model._meta.local_concrete_fields:
        if isinstance(column, EncryptedTextField):
            values[column.attname] = PLAIN
        elif not (column.primary_key or column.has_default() or column.null):
            values[column.attname] = 999_999 if column.is_relation else _dummy(column)
    row = field.model(**values)
    row.save_base(raw=True, force_insert=True)
    return row


def stored(field: EncryptedTextField, row: models.Model) -> str:
    """The column as the database has it: a plain expression does not pass through the field's decryption."""
    plain = models.ExpressionWrapper(models.F(field.attname), output_field=models.TextField())
    held: str = field.model._base_manager.annotate(stored=plain).values_list("stored", flat=True).get(pk=row.pk)
    return held


FIELDS = rotation.encrypted_fields()


def test_there_is_something_to_test() -> None:
    assert len(FIELDS) > 20


@pytest.mark.django_db
@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.bound_to)
def test_a_column_is_encrypted_in_the_file_and_readable_after_rotation(
    field: EncryptedTextField, settings: Any
) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("rows without their relations need SQLite's pragma")
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA ignore_check_constraints = ON")
        row = row_with(field)
        before = stored(field, row)
        old = settings.KEYRING
        assert before.startswith(f"kb1:{old.current}:")
        assert not [word for word in PLAIN.split() if word in before]
        found = blind_index("99010119900307002X", purpose="document:resident_card")
        settings.KEYRING = replace(old, field_keys={"new": b"n" * 32, **old.field_keys})
        call_command("rotate_keys", stdout=StringIO())
        settings.KEYRING = Keyring(old.secret_key, {"new": b"n" * 32}, old.index_key)
        assert stored(field, row).startswith("kb1:new:")
        assert field.model._base_manager.values_list(field.name, flat=True).get(pk=row.pk) == PLAIN
        assert blind_index("99010119900307002x", purpose="document:resident_card") == found
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA ignore_check_constraints = OFF")
        transaction.set_rollback(True)
