"""What a person is told, what she has not read, and whom nothing has reached."""

from datetime import date, datetime
from uuid import UUID

from django.db.models import Q, QuerySet, UUIDField
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lms.accounts.api import Acting, masked_name, masked_phone, may, require
from lms.core import clock
from lms.core.keptquery import KeptQuery
from lms.notices.kinds import kind_label
from lms.notices.logic import SOON_DAYS, days_left, restored
from lms.notices.models import Notice
from lms.notices.types import (
    Choice,
    Deadline,
    NoticeList,
    NoticePage,
    NoticeRow,
    Page,
    UnreachedPage,
    UnreachedRow,
)

_ROWS_A_PAGE = 20
_PRINTED_ROWS = 500
# Her bar says "99+" from there on.
MOST_COUNTED = 100


def deadline(due: date, *, now: datetime) -> Deadline:
    """How a deadline stands at this moment: its day is included to 24:00 in Shanghai."""
    left = days_left(due, now=now, zone=clock.SHANGHAI)
    if left < 0:
        label = ngettext("%(days)d day overdue", "%(days)d days overdue", -left) % {"days": -left}
    elif left == 0:
        label = _("Due today")
    else:
        label = ngettext("%(days)d day left", "%(days)d days left", left) % {"days": left}
    return Deadline(
        day=due,
        days_left=left,
        over=left < 0,
        label=label,
        phrase=_("Until %(day)s 24:00, %(left)s") % {"day": due.isoformat(), "left": label},
        tone="bad" if left < 0 else "warn" if left <= SOON_DAYS else "info",
    )


def deadline_text(due: date, *, now: datetime) -> str:
    """The same as one phrase: until 2026-03-20 24:00, 4 days left."""
    return deadline(due, now=now).phrase


def in_words(notice: Notice) -> tuple[str, str]:
    """Title and body in the reader's language."""
    values = {
        name: formats.date_format(value, "DATE_FORMAT") if isinstance(value, date) else value
        for name, value in restored(notice.params).items()
    }
    return filled(_(notice.title), values), filled(_(notice.body), values) if notice.body else ""


def filled(words: str, values: dict[str, str | int]) -> str:
    """Words with their parameters; words without any may hold a percent sign."""
    return words % values if values else words


def _mine(acting: Acting) -> QuerySet[Notice]:
    if acting.user is None:
        raise Http404
    to_her = Q(user__uuid=acting.user)
    if acting.person is not None:
        to_her |= Q(person__uuid=acting.person) | Q(person__merged_into__uuid=acting.person)
    return Notice.objects.filter(to_her)


def _unread(user: UUID, person: UUID) -> QuerySet[Notice]:
    # By one index each: an OR over three tables reads every notice there is, on every page of everybody.
    rows = Notice.objects.filter(receipt=None).only("id")
    to_person = rows.filter(person__uuid=person), rows.filter(person__merged_into__uuid=person)
    return rows.filter(user__uuid=user).union(*to_person)[:MOST_COUNTED]


_UNREAD = KeptQuery(_unread, user=UUIDField(), person=UUIDField())
_NO_PERSON = UUID(int=0)


def unread_count(acting: Acting) -> int:
    """How many of her notices she has not opened, `MOST_COUNTED` at most; 0 for nobody. One query."""
    return len(_UNREAD(user=acting.user, person=acting.person or _NO_PERSON)) if acting.user else 0


def notices_for(acting: Acting, *, page: int, now: datetime) -> NoticeList:
    """Her notices, newest first. Raises Http404 for nobody."""
    mine = _mine(acting)
    total = mine.count()
    last = max(1, -(-total // _ROWS_A_PAGE))
    number = min(max(page, 1), last)
    rows = mine.select_related("receipt").order_by("-created_at", "-id")[
        (number - 1) * _ROWS_A_PAGE : number * _ROWS_A_PAGE
    ]
    return NoticeList(
        rows=tuple(_row(row, now) for row in rows),
        unread=mine.filter(receipt=None).count(),
        page=Page(number, last, number + 1 if number < last else None, number - 1 if number > 1 else None),
        may_see_unreached=may(acting, "notice_reach", "read", place=acting.organisation_path),
    )


def _row(row: Notice, now: datetime) -> NoticeRow:
    return NoticeRow(
        uuid=row.uuid,
        title=in_words(row)[0],
        created_at=row.created_at,
        unread=not hasattr(row, "receipt"),
        deadline=deadline(row.due, now=now) if row.due else None,
        url=row.url,
    )


def notice_for(acting: Acting, uuid: UUID) -> Notice:
    """One of her own. Raises Http404."""
    return get_object_or_404(_mine(acting), uuid=uuid)


def notice_page(notice: Notice, *, now: datetime) -> NoticePage:
    """A notice to read."""
    title, body = in_words(notice)
    return NoticePage(
        uuid=notice.uuid,
        title=title,
        body=body,
        created_at=notice.created_at,
        deadline=deadline(notice.due, now=now) if notice.due else None,
        goal=notice.url,
    )


def _below(acting: Acting) -> QuerySet[Notice]:
    """Notices to people registered in the actor's place."""
    place = acting.organisation_path
    return Notice.objects.filter(
        Q(person__organisation__path__startswith=place) | Q(person=None, user__organisation__path__startswith=place)
    )


def unreached_count(acting: Acting) -> int:
    """How many notices have not reached people in the actor's place; 0 for roles that see no such list."""
    if not may(acting, "notice_reach", "read", place=acting.organisation_path):
        return 0
    return _below(acting).filter(receipt=None).count()


def unreached_for(acting: Acting, *, kind: str, group: str, now: datetime) -> UnreachedPage:
    """People whom nothing has reached yet, oldest first, by kind of notice and by what it is about. Raises NotAllowed."""
    require(acting, "notice_reach", "read", place=acting.organisation_path)
    open_ones = _below(acting).filter(receipt=None)
    kinds = sorted(set(open_ones.values_list("kind", flat=True)))
    groups = sorted(
        {(str(about), name) for about, name in open_ones.exclude(about=None).values_list("about", "about_name")},
        key=lambda pair: (pair[1], pair[0]),
    )
    if kind in kinds:
        open_ones = open_ones.filter(kind=kind)
    if group in {about for about, _name in groups}:
        open_ones = open_ones.filter(about=group)
    telling = may(acting, "notice_reach", "execute", place=acting.organisation_path)
    rows = open_ones.select_related("user__organisation", "person__organisation", "person__user").order_by(
        "about_name", "created_at", "id"
    )
    return UnreachedPage(
        rows=tuple(_unreached(row, telling, now) for row in rows[:_PRINTED_ROWS]),
        total=open_ones.count(),
        kinds=tuple(Choice(name, kind_label(name), name == kind) for name in kinds),
        groups=tuple(Choice(about, name, about == group) for about, name in groups),
        printed_at=now,
        printed_by=acting.organisation_name,
    )


def _unreached(row: Notice, telling: bool, now: datetime) -> UnreachedRow:
    person, user = row.person, row.user
    home = person.organisation if person else user.organisation if user else None
    return UnreachedRow(
        notice=row.uuid,
        name=masked_name(person.name if person else user.display_name if user else ""),
        login_name=user.username if user else "",
        phone=masked_phone(person.phone) if person else "",
        organisation=home.name if home else "",
        about=row.about_name,
        title=in_words(row)[0],
        created_at=row.created_at,
        deadline=deadline(row.due, now=now) if row.due else None,
        may_tell=telling,
    )


def told_notice_for(acting: Acting, uuid: UUID) -> Notice:
    """A notice to somebody in the actor's place, to record that she was told. Raises NotAllowed, Http404."""
    require(acting, "notice_reach", "execute", place=acting.organisation_path)
    return get_object_or_404(_below(acting), uuid=uuid)
