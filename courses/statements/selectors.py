"""An institution's statements, in pages; the clients that may fetch them."""

import hmac
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import Http404

from courses.catalogue.logic import checks_of
from courses.catalogue.selectors import NotKept, lesson_version
from courses.learning.models import CheckAttempt, ProgressEvent
from courses.statements import logic
from courses.statements.models import StatementClient
from courses.statements.types import Asked, ClientRow, ClientsPage, Cursor, Happened, Source
from lms.accounts.api import Acting, Organisation, may, require
from lms.core.crypto import blind_index

_SHARED = (
    "id",
    "received_at",
    "key",
    "enrolment__uuid",
    "enrolment__person__uuid",
    "enrolment__training_class__uuid",
    "enrolment__training_class__name",
    "lesson",
    "version",
    "at",
)


def happened(institution: int, asked: Asked, after: Cursor | None) -> tuple[list[Happened], bool]:
    """One page of what was studied in an institution's classes, newest first unless `asked.ascending`; whether there is more.

    Two queries.
    """
    wanted = asked.limit + 1
    events = _rows(ProgressEvent.objects.all(), Source.EVENT, institution, asked, after)
    answers = _rows(CheckAttempt.objects.all(), Source.ANSWER, institution, asked, after)
    found = [_event(row) for row in events.values_list(*_SHARED, "kind", "percent")[:wanted]]
    found += [_answer(row) for row in answers.values_list(*_SHARED, "check_uid", "chosen", "correct")[:wanted]]
    found.sort(key=lambda one: (one.place.stored, one.place.source, one.place.row), reverse=not asked.ascending)
    return found[: asked.limit], len(found) > asked.limit


def _rows(rows: QuerySet[Any], source: Source, institution: int, asked: Asked, after: Cursor | None) -> QuerySet[Any]:
    rows = rows.filter(enrolment__training_class__institution=institution)
    if asked.since is not None:
        rows = rows.filter(received_at__gt=asked.since)
    if asked.until is not None:
        rows = rows.filter(received_at__lte=asked.until)
    if after is not None:
        rows = rows.filter(_beyond(source, asked.ascending, after))
    return rows.order_by("received_at", "id") if asked.ascending else rows.order_by("-received_at", "-id")


def _beyond(source: Source, ascending: bool, after: Cursor) -> Q:
    word = "gt" if ascending else "lt"
    beyond = Q(**{f"received_at__{word}": after.stored})
    if source == after.source:
        return beyond | Q(received_at=after.stored, **{f"id__{word}": after.row})
    if (source > after.source) == ascending:
        return beyond | Q(received_at=after.stored)
    return beyond


def _event(row: tuple[Any, ...]) -> Happened:
    return replace(_shared(row, Source.EVENT, str(row[-2])), percent=row[-1])


def _answer(row: tuple[Any, ...]) -> Happened:
    check, chosen, correct = row[-3:]
    return replace(_shared(row, Source.ANSWER, "answered"), check=check, chosen=tuple(chosen), correct=correct)


def _shared(row: tuple[Any, ...], source: Source, kind: str) -> Happened:
    number, stored, key, enrolment, person, training_class, class_name, lesson, version, at = row[: len(_SHARED)]
    return Happened(
        place=Cursor(stored, source, number),
        kind=kind,
        key=key,
        enrolment=enrolment,
        person=person,
        training_class=training_class,
        class_name=class_name,
        lesson=lesson,
        version=version,
        at=at,
    )


def statement_of(one: Happened, institution: UUID) -> dict[str, Any]:
    """The statement of one thing, for one institution: another one's pseudonym of the same person is another."""
    title, check = "", None
    try:
        document = lesson_version(one.version).document
    except NotKept:
        document = None
    if document is not None:
        title = document.title
        check = next((each for each in checks_of(document) if each.uid == one.check), None)
    return logic.statement(
        one,
        base=settings.WAGTAILADMIN_BASE_URL.rstrip("/"),
        pseudonym=blind_index(str(one.person), purpose=f"xapi person {institution}")[:32],
        registration=UUID(blind_index(str(one.enrolment), purpose=f"xapi registration {institution}")[:32], version=4),
        title=title,
        check=check,
    )


def all_statements(institution: Organisation, asked: Asked) -> Iterator[dict[str, Any]]:
    """Every statement asked for, page by page."""
    after: Cursor | None = None
    more = True
    while more:
        page, more = happened(institution.pk, asked, after)
        for one in page:
            yield statement_of(one, institution.uuid)
        after = page[-1].place if page else None


def client_of(key: str, secret: str) -> StatementClient | None:
    """The client that shows this key and secret, not revoked; both are compared in constant time."""
    try:
        row = StatementClient.objects.select_related("institution").filter(uuid=key, revoked_at=None).first()
    except (ValueError, ValidationError):
        row = None
    known = row.secret_hash if row else "0" * 64
    fits = hmac.compare_digest(known, sha256(secret.encode()).hexdigest())
    return row if fits else None


def clients_page(acting: Acting) -> ClientsPage:
    """The clients this role sees. Raises NotAllowed."""
    require(acting, "statement_client", "read", place=acting.organisation_path)
    rows = StatementClient.objects.filter(institution__path__startswith=acting.organisation_path)
    revokes = may(acting, "statement_client", "update", place=acting.organisation_path)
    return ClientsPage(
        rows=tuple(
            ClientRow(
                uuid=row.uuid,
                name=row.name,
                institution=row.institution.name,
                created_at=row.created_at,
                used_at=row.used_at,
                revoked_at=row.revoked_at,
                may_revoke=revokes and row.revoked_at is None,
            )
            for row in rows.select_related("institution").order_by("-id")[:200]
        ),
        endpoint=f"{settings.WAGTAILADMIN_BASE_URL.rstrip('/')}/xapi/",
        may_create=may(acting, "statement_client", "create", place=acting.organisation_path),
        institution=acting.organisation_name,
    )


def client_for(acting: Acting, uuid: UUID) -> StatementClient:
    """A client this role may revoke. Raises Http404, NotAllowed."""
    require(acting, "statement_client", "update", place=acting.organisation_path)
    row = StatementClient.objects.filter(uuid=uuid, institution__path__startswith=acting.organisation_path).first()
    if row is None:
        raise Http404
    return row


def institution_for(acting: Acting) -> Organisation:
    """The institution whose statements this role may hand on. Raises NotAllowed, Http404."""
    require(acting, "statement_client", "create", place=acting.organisation_path)
    row = Organisation.objects.filter(uuid=acting.organisation).first() if acting.organisation else None
    if row is None:
        raise Http404
    return row
