"""Telling people something, and recording that it arrived."""

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from lms.accounts.api import Acting, Person, User, canonical_person
from lms.core import audit
from lms.notices.logic import stored
from lms.notices.models import Notice, NoticeReceipt
from lms.notices.selectors import filled, notice_for, told_notice_for
from lms.notices.types import Param, Receipt


@transaction.atomic
def notify(
    *,
    user: UUID | None,
    person: UUID | None,
    kind: str,
    title: str,
    body: str,
    params: Mapping[str, Param],
    url: str,
    now: datetime,
    due: date | None = None,
    about: UUID | None = None,
    about_name: str = "",
    key: str = "",
) -> Notice:
    """Tell one person something; part of the caller's transaction. Either uuid is enough, the other is found.

    title, body: msgids (mark them with gettext_noop), with `%(name)s` for each of `params`; dates are written in the
    reader's language. due: a day that is included to 24:00. about, about_name: the class or thing whose list of people
    not reached this belongs to. key: with the same reader, kind and key nothing new is told, the first is returned.
    Raises ValueError (no reader, unknown uuid, words and params that do not fit).
    """
    values = {name: str(value) if isinstance(value, date) else value for name, value in params.items()}
    try:
        filled(title, values)
        filled(body, values)
    except (KeyError, TypeError, ValueError) as fault:
        raise ValueError(f"the words of {kind} and their parameters do not fit: {fault!r}") from None
    to_user, to_person = _reader(user, person)
    if key and (told := _told(to_user, to_person, kind, key)):
        return told
    notice = Notice(
        user=to_user,
        person=to_person,
        kind=kind,
        title=title,
        body=body,
        params=stored(params) if params else "",
        url=url,
        about=about,
        about_name=about_name,
        due=due,
        key=key,
        created_at=now,
    )
    try:
        with transaction.atomic():
            notice.save(force_insert=True)
    except IntegrityError:
        told = _told(to_user, to_person, kind, key) if key else None
        if told is None:
            raise
        return told
    return notice


def _reader(user: UUID | None, person: UUID | None) -> tuple[User | None, Person | None]:
    if person is None:
        to_user = User.objects.filter(uuid=user).first() if user else None
        if to_user is None:
            raise ValueError("a notice needs somebody to read it")
        return to_user, Person.objects.filter(user=to_user).first()
    to_person = Person.objects.select_related("user").filter(uuid=canonical_person(person)).first()
    if to_person is None:
        raise ValueError("a notice needs somebody to read it")
    if user is not None:
        return User.objects.get(uuid=user), to_person
    return to_person.user or User.objects.filter(person__merged_into=to_person).first(), to_person


def _told(user: User | None, person: Person | None, kind: str, key: str) -> Notice | None:
    reader = {"user": user} if user else {"user": None, "person": person}
    return Notice.objects.filter(kind=kind, key=key, **reader).first()


@transaction.atomic
def open_notice(*, by: Acting, notice: UUID, now: datetime) -> Notice:
    """She opens a notice of hers: the first time is its receipt. Raises Http404."""
    row = notice_for(by, notice)
    _receive(row, Receipt.OPENED, by.user, now)
    return row


@transaction.atomic
def record_told(*, by: Acting, notice: UUID, now: datetime) -> None:
    """Somebody of her institution told her in person, by phone or on paper. Raises NotAllowed, Http404."""
    row = told_notice_for(by, notice)
    if _receive(row, Receipt.TOLD, by.user, now):
        audit.record(subject_kind="notice", subject=row.uuid, action="told", actor=by.user, now=now)


def _receive(notice: Notice, way: Receipt, by: UUID | None, now: datetime) -> bool:
    """The first receipt counts; whether this was it."""
    if NoticeReceipt.objects.filter(notice=notice).exists():
        return False
    try:
        with transaction.atomic():
            NoticeReceipt.objects.create(notice=notice, way=way.value, by=by, at=now)
    except IntegrityError:  # opened twice at once
        return False
    return True
