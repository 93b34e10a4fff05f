"""Telling people something, and recording that it arrived."""

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from lms.accounts.api import Acting, AliasKind, Person, User, canonical_person, confirmed_contacts
from lms.core import audit, clock, senders
from lms.core.jobs import GiveUp, RunningJob, TryAgain, enqueue
from lms.notices.logic import stored
from lms.notices.models import Delivery, Notice, NoticeReceipt
from lms.notices.selectors import filled, notice_for, told_notice_for
from lms.notices.types import DeliveryState, Param, Receipt, Way

DELIVER_JOB = "notices.deliver"
CONTACT = {Way.MAIL: AliasKind.MAIL, Way.SMS: AliasKind.PHONE}
NOT_ACCEPTED = gettext_noop("The provider did not accept the message.")


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
    _send_beside(notice, now)
    return notice


def _send_beside(notice: Notice, now: datetime) -> None:
    """Plan a mail and a short message where the installation sends them and she has confirmed where to."""
    on = {Way.MAIL: senders.mail_on(), Way.SMS: senders.sms_on()}
    if notice.user is None or not any(on.values()):
        return
    contacts = confirmed_contacts(notice.user.uuid)
    for way in Way:
        if on[way] and CONTACT[way] in contacts:
            delivery = Delivery.objects.create(notice=notice, way=way.value, created_at=now)
            enqueue(DELIVER_JOB, delivery.uuid, key=str(delivery.uuid))


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


def deliver(job: RunningJob) -> None:
    """Send one waiting mail or short message. Raises TryAgain, and GiveUp once every try was refused."""
    row = Delivery.objects.select_related("notice__user", "notice__receipt").filter(uuid=job.subject).first()
    if row is None or row.state != DeliveryState.WAITING:
        return
    user = row.notice.user
    contact = confirmed_contacts(user.uuid).get(CONTACT[Way(row.way)]) if user else None
    if hasattr(row.notice, "receipt"):
        _end(row, DeliveryState.NEEDLESS)
    elif user is None or contact is None:
        _end(row, DeliveryState.FAILED)
    else:
        try:
            _send(Way(row.way), contact, user.language)
        except senders.NotSent as fault:
            if job.attempt < job.max_attempts:
                raise TryAgain(NOT_ACCEPTED) from fault
            _end(row, DeliveryState.FAILED)
            raise GiveUp(NOT_ACCEPTED) from fault
        _end(row, DeliveryState.SENT)


def _end(row: Delivery, state: DeliveryState) -> None:
    Delivery.objects.filter(pk=row.pk, state=DeliveryState.WAITING.value).update(
        state=state.value, ended_at=clock.now()
    )


def _send(way: Way, contact: str, language: str) -> None:
    """No more than that something waits: a phone may be shared, and a provider reads along."""
    address = f"{settings.WAGTAILADMIN_BASE_URL.rstrip('/')}{reverse('notices:list')}"
    with translation.override(language or settings.LANGUAGE_CODE):
        text = _("Kaibo: a new notice waits for you. Sign in to read it: %(address)s") % {"address": address}
        if way is Way.SMS:
            senders.send_sms(phone=contact, text=text)
        else:
            senders.send_mail(address=contact, subject=_("Kaibo: a new notice"), text=text)


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
