"""All that is held about one human being, under every record and login of hers."""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q
from django.http import Http404
from django.utils.timezone import localtime
from django.utils.translation import pgettext

from lms.accounts.held.logic import plain
from lms.accounts.held.types import Download, Fact, HeldPage, OfPerson, Section
from lms.accounts.logic import masked_document, masked_name
from lms.accounts.matrix import can
from lms.accounts.people.models import Person, User
from lms.accounts.rules import require
from lms.accounts.types import Acting
from lms.core.holdings import Holding, Value, held_about

# For a login without a person: no room holds anything about it.
_NOBODY = UUID(int=0)


def _identities(person: UUID | None, user: UUID | None) -> list[tuple[UUID, UUID | None]]:
    """Every record of hers with its login; a login without a record last."""
    records = (
        Person.objects.filter(Q(uuid=person) | Q(merged_into__uuid=person)).select_related("user").order_by("id")
        if person
        else []
    )
    found: list[tuple[UUID, UUID | None]] = [(row.uuid, row.user.uuid if row.user else None) for row in records]
    if user is not None and user not in {login for _record, login in found}:
        found.append((_NOBODY, user))
    return found


def _holdings(person: UUID | None, user: UUID | None) -> list[Holding]:
    """The rooms' parts in their order; what several records have under one title stands together."""
    together: dict[str, list[dict[str, Value]]] = {}
    for record, login in _identities(person, user):
        before = {title: {tuple(row.items()) for row in rows} for title, rows in together.items()}
        for holding in held_about(record, login):
            told = before.get(holding.title, set())
            rows = together.setdefault(holding.title, [])
            rows.extend(dict(row) for row in holding.rows if tuple(row.items()) not in told)
    return [Holding(title, rows) for title, rows in together.items() if rows]


def _text(value: Value) -> str:
    if value is None or value == "":
        return "—"
    if isinstance(value, bool):
        return pgettext("held", "Yes") if value else pgettext("held", "No")
    if isinstance(value, datetime):
        return localtime(value).strftime("%Y-%m-%d %H:%M")
    return value.isoformat() if isinstance(value, date) else str(value)


def _sections(holdings: Iterable[Holding], limit: int | None) -> tuple[Section, ...]:
    return tuple(
        Section(
            part.title,
            [[Fact(label, _text(value)) for label, value in row.items()] for row in part.rows[:limit]],
            len(part.rows),
        )
        for part in holdings
    )


def held_page(
    *, person: UUID | None, user: UUID | None, may_correct: bool, now: datetime, limit: int | None = None
) -> HeldPage:
    """Everything, in words; of each section at most `limit` rows."""
    name = Person.objects.filter(uuid=person).values_list("name", flat=True).first() if person else None
    if name is None and user is not None:
        name = User.objects.filter(uuid=user).values_list("display_name", flat=True).first()
    return HeldPage(
        person=person,
        name=name or "",
        made_at=now,
        sections=_sections(_holdings(person, user), limit),
        may_correct=may_correct and person is not None,
    )


def held_by(acting: Acting, *, now: datetime, limit: int | None = None) -> HeldPage:
    """What is held about whoever asks; of each section at most `limit` rows. Raises Http404 for nobody."""
    if acting.user is None:
        raise Http404
    return held_page(
        person=acting.person,
        user=acting.user,
        may_correct=can(acting, "correction", "create") is not None,
        now=now,
        limit=limit,
    )


def download_of(acting: Acting, *, now: datetime) -> Download:
    """The same for a machine. Raises Http404 for nobody."""
    if acting.user is None:
        raise Http404
    return Download(
        made_at=now,
        sections=[
            {"title": part.title, "rows": [{label: plain(value) for label, value in row.items()} for row in part.rows]}
            for part in _holdings(acting.person, acting.user)
        ],
    )


def person_held_for(acting: Acting, uuid: UUID) -> Person:
    """A person in the actor's place whose data the actor may see in full. Raises NotAllowed, Http404."""
    row = Person.objects.select_related("organisation", "user", "merged_into").filter(uuid=uuid).first()
    if row is None or not acting.covers(row.organisation.path):
        raise Http404
    require(acting, "personal_data", "execute", place=row.organisation.path)
    return row.merged_into or row


def subject(row: Person) -> OfPerson:
    """Whose data it is, masked."""
    return OfPerson(row.uuid, masked_name(row.name), masked_document(row.document_number), row.organisation.name)


def file_name(made_at: datetime) -> str:
    """The download's name: no person's name in it."""
    return f"kaibo-held-data-{localtime(made_at):%Y-%m-%d}.json"
