from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from io import StringIO
from uuid import UUID, uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from lms.core import audit
from lms.core.audit import triggers
from lms.core.audit.logic import merkle_root
from lms.core.audit.models import AuditEvent, AuditHead, AuditLeaf, AuditSeal

NOW = datetime(2026, 3, 20, 6, 30, tzinfo=UTC)
ACTOR = uuid4()


class Colour(StrEnum):
    RED = "red"


def record(subject: UUID, action: str = "changed", **fields: audit.Fact) -> AuditEvent:
    return audit.record(subject_kind="thing", subject=subject, action=action, actor=ACTOR, fields=fields, now=NOW)


@pytest.fixture
def tampering(db: None) -> Callable[..., None]:
    """An administrator with the database's own tools, who has dropped the triggers."""

    def change(model: type, pk: object, **values: object) -> None:
        triggers.remove(connection)
        model.objects.filter(pk=pk).update(**values)  # type: ignore[attr-defined]
        triggers.install(connection)

    return change


@pytest.mark.django_db
def test_a_chain_holds_no_personal_value_and_verifies() -> None:
    subject, other = uuid4(), uuid4()
    first = record(subject, "created", name="林晓燕", owner=other, count=3, colour=Colour.RED, gone=None)
    second = record(subject)
    assert first.fields == {
        "name": audit.keyed_hash("林晓燕"),
        "owner": str(other),
        "count": 3,
        "colour": "red",
        "gone": None,
    }
    assert (second.sequence, second.previous) == (2, first.hash)
    assert audit.verify(subject) == audit.Verified(2)
    assert audit.verify(other) == audit.Verified(0)


@pytest.mark.django_db
def test_every_kind_of_tampering_is_found(tampering: Callable[..., None]) -> None:
    def fresh() -> tuple[UUID, list[AuditEvent]]:
        subject = uuid4()
        return subject, [record(subject, f"step {n}", n=n) for n in range(3)]

    subject, events = fresh()
    tampering(AuditEvent, events[1].pk, fields={"n": 9})
    assert audit.verify(subject).problem.endswith("event 2 was changed")

    subject, events = fresh()
    tampering(AuditEvent, events[2].pk, at=NOW + timedelta(microseconds=1))
    assert audit.verify(subject).problem.endswith("event 3 was changed")

    subject, events = fresh()
    events[1].delete()
    assert audit.verify(subject).problem.endswith("event 2 is missing")

    subject, events = fresh()
    events[2].delete()
    assert "its head says 3" in audit.verify(subject).problem

    subject, events = fresh()
    audit.seal(now=NOW)
    AuditEvent.objects.filter(subject=subject).delete()
    AuditHead.objects.filter(subject=subject).delete()
    assert audit.verify(subject).problem.endswith("the head of the chain is missing")


@pytest.mark.django_db
def test_a_chain_rewritten_with_right_hashes_is_found_by_its_seal() -> None:
    subject = uuid4()
    record(subject, "failed")
    audit.seal(now=NOW)
    AuditEvent.objects.filter(subject=subject).delete()
    AuditHead.objects.filter(subject=subject).delete()
    record(subject, "passed")
    assert "not the one under seal 1" in audit.verify(subject).problem


@pytest.mark.django_db
def test_seals_are_a_chain_over_what_moved(tampering: Callable[..., None]) -> None:
    one, two = uuid4(), uuid4()
    record(one)
    record(two)
    first = audit.seal(now=NOW)
    assert first is not None
    assert first.leaves == 2
    assert audit.seal(now=NOW) is None
    record(two)
    second = audit.seal(now=NOW + timedelta(minutes=1))
    assert second is not None
    assert (second.sequence, second.leaves, second.previous) == (2, 1, first.hash)
    assert audit.verify_seals() == audit.Verified(2)
    out = StringIO()
    call_command("audit_verify", stdout=out)
    assert out.getvalue().splitlines() == [
        "2 subjects, 3 events, 2 seals: all as recorded.",
        f"Seal 2: {second.hash}",
    ]
    tampering(AuditLeaf, AuditLeaf.objects.get(seal=first, position=0).pk, hash="f" * 64)
    assert audit.verify_seals().problem == "the leaves of seal 1 do not give its root"
    with pytest.raises(CommandError, match="faults"):
        call_command("audit_verify", stdout=StringIO(), stderr=StringIO())


@pytest.mark.django_db
def test_printing_seals_first() -> None:
    record(uuid4())
    out = StringIO()
    call_command("audit_seal_print", stdout=out)
    assert out.getvalue().strip().split("\t")[2:] == ["1", AuditSeal.objects.get().hash]


@pytest.mark.django_db
def test_the_database_refuses_to_change_an_event() -> None:
    triggers.install(connection)
    event = record(uuid4())
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        AuditEvent.objects.filter(pk=event.pk).update(action="other")
    assert AuditEvent.objects.get(pk=event.pk).action == "changed"


def test_merkle_root_is_rfc_6962() -> None:
    """RFC 6962 §2.1.3: of seven leaves the root is h(h(h(a,b),h(c,d)), h(h(e,f),g))."""

    def h(left: bytes, right: bytes) -> bytes:
        return sha256(b"\x01" + left + right).digest()

    a, b, c, d, e, f, g = (sha256(bytes([0, n])).digest() for n in range(7))
    assert merkle_root([a, b, c, d, e, f, g]) == h(h(h(a, b), h(c, d)), h(h(e, f), g))
    assert merkle_root([a]) == a
    assert merkle_root([]).hex().startswith("e3b0c44298fc1c14")
