"""Accreditations that somebody of no class may apply for, and what became of an application."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import DateTimeField, QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.translation import pgettext

from assessment.delivery.models import Application, Sitting
from assessment.delivery.presentation import moment
from assessment.delivery.types import SittingKind, SittingState
from lms.accounts.api import Acting, Person, masked_document, masked_name, records_of
from lms.core.keptquery import KeptQuery
from lms.core.types import Level


@dataclass(frozen=True)
class OpenRow:
    """One accreditation that takes applications."""

    url: str
    title: str
    level: str
    place: str
    opens_at: datetime
    until: datetime


@dataclass(frozen=True)
class ApplyPage:
    """One of them. standing: of her application, "" where there is none; register_url: the form trainees register by."""

    uuid: UUID
    row: OpenRow
    hall: str
    minutes: int
    standing: str
    tone: str
    reason: str
    open: bool
    register_url: str
    sign_in_url: str


@dataclass(frozen=True)
class ApplicationLine:
    """One application at the body's desk. name and document masked; open: not decided."""

    uuid: UUID
    name: str
    document: str
    practice: str
    asked: str
    standing: str
    tone: str
    reason: str
    open: bool


def _open(now: datetime) -> QuerySet[Sitting]:
    held = Sitting.objects.filter(kind=SittingKind.ACCREDITATION, state=SittingState.APPROVED, frozen_at=None)
    return held.filter(freeze_at__gt=now).order_by("opens_at", "id")


_OPEN = KeptQuery(_open, now=DateTimeField())


def open_accreditations(*, now: datetime) -> tuple[OpenRow, ...]:
    """Those that take applications, the next first; anybody may know. One query."""
    return tuple(_row(row) for row in _OPEN(now=now))


def _row(row: Sitting) -> OpenRow:
    return OpenRow(
        url=reverse("assessment:delivery:apply", args=[row.uuid]),
        title=row.title,
        level=Level(row.level).label_zh,
        place=row.organisation_name,
        opens_at=row.opens_at,
        until=row.freeze_at,
    )


def apply_page(acting: Acting, sitting: UUID, *, now: datetime) -> ApplyPage:
    """One accreditation, with what became of her application. Raises Http404 when it was never announced."""
    row = Sitting.objects.filter(uuid=sitting, kind=SittingKind.ACCREDITATION).first()
    if row is None or row.state in {SittingState.DRAFTED, SittingState.REQUESTED}:
        raise Http404
    mine = None
    if acting.person is not None:
        held = Application.objects.filter(sitting=row, person__in=records_of([acting.person])[acting.person])
        mine = held.select_related("ruling").first()
    standing, tone, reason = _standing(mine) if mine else ("", "", "")
    here = reverse("assessment:delivery:apply", args=[row.uuid])
    return ApplyPage(
        uuid=row.uuid,
        row=_row(row),
        hall=row.hall,
        minutes=row.minutes,
        standing=standing,
        tone=tone,
        reason=reason,
        open=_open(now).filter(pk=row.pk).exists(),
        register_url=f"{reverse('accounts:register')}?institution={row.organisation}",
        sign_in_url=f"{reverse('account_login')}?next={here}",
    )


def _standing(one: Application) -> tuple[str, str, str]:
    ruling = getattr(one, "ruling", None)
    if ruling is None:
        return pgettext("application", "Waits for the evaluation body"), "now", ""
    if ruling.granted:
        return pgettext("application", "Admitted"), "ok", ruling.reason
    return pgettext("application", "Not admitted"), "bad", ruling.reason


def application_lines(row: Sitting) -> tuple[ApplicationLine, ...]:
    """Everybody who applied, in order; two queries. The gate is the caller's."""
    held = list(row.applications.select_related("ruling").order_by("id"))
    people = {one.uuid: one for one in Person.objects.filter(uuid__in=[one.person for one in held])}
    return tuple(_line(one, people.get(one.person)) for one in held)


def _line(one: Application, person: Person | None) -> ApplicationLine:
    standing, tone, reason = _standing(one)
    return ApplicationLine(
        uuid=one.uuid,
        name=masked_name(person.name) if person else "—",
        document=(masked_document(person.document_number) if person else "") or "—",
        practice=one.practice,
        asked=moment(one.at),
        standing=standing,
        tone=tone,
        reason=reason,
        open=not hasattr(one, "ruling"),
    )
