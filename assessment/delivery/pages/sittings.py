"""The list of sittings, one sitting with its roster, and what its forms may choose from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from assessment.candidates.selectors import (
    candidacies,
    class_candidacies,
    classes_with_open_candidacies,
    open_within,
)
from assessment.candidates.types import CandidacyData
from assessment.delivery.filed import judged
from assessment.delivery.models import Answer, Arrangement, Invigilation, RosterEntry, Sitting
from assessment.delivery.pages.applications import ApplicationLine, application_lines
from assessment.delivery.papers import PaperData, items_of, papers_to_sit
from assessment.delivery.presentation import KINDS, STATES, TONES, forms_label, moment, parties_label, window
from assessment.delivery.rules import ATTEMPT, CONDUCT, DECISION, PARTIES, SITTING, invigilates, speaks_for
from assessment.delivery.selectors import sitting_for
from assessment.delivery.types import ASIDE, SittingKind, SittingState
from lms.accounts.api import (
    Acting,
    Action,
    Membership,
    NotAllowed,
    Organisation,
    OrganisationKind,
    Role,
    User,
    can,
    masked_names,
    may,
)
from lms.core.clock import day_of
from lms.core.types import Level

_PAGE: Final = 50
_BEFORE: Final = frozenset({SittingState.DRAFTED, SittingState.REQUESTED, SittingState.APPROVED})
_LIVE: Final = frozenset({*_BEFORE, SittingState.OPEN})
# What is closed is marked.
_MARKED: Final = frozenset({SittingState.CLOSED, SittingState.MARKED, SittingState.RELEASED})
_APPROVING: Final = frozenset().union(*PARTIES.values())
Choices = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class SittingRow:
    """One line of the list. people: who may sit, of how many seats; waits: something of it is hers to do."""

    url: str
    title: str
    kind: str
    level: str
    place: str
    window: str
    hall: str
    people: str
    state: str
    tone: str
    waits: bool


@dataclass(frozen=True)
class SittingsPage:
    """The list. total, number, count, previous and next: of its pages, as `_pages.html` draws them."""

    rows: tuple[SittingRow, ...]
    may_create: bool
    total: int
    number: int
    count: int
    previous: int | None
    next: int | None


@dataclass(frozen=True)
class RosterRow:
    """One candidate. standing: on the roster or not, in words; url: her page at this sitting, "" where it is not shown; late:
    answers of hers that wait for the chief's ruling."""

    seat: str
    form: str
    name: str
    place: str
    standing: str
    tone: str
    reason: str
    extra: str
    identity: str
    url: str
    late: int = 0


@dataclass(frozen=True)
class SittingPage:
    """One sitting. actions: what she may do with it now; prints: (label, address); applications: of people of no class, for
    whose sitting it is; admits: they are decided now."""

    uuid: UUID
    title: str
    state: str
    tone: str
    lead: str
    reason: str
    facts: tuple[tuple[str, str], ...]
    roster: tuple[RosterRow, ...]
    roster_caption: str
    actions: frozenset[str]
    board_url: str
    edit_url: str
    marks_url: str
    prints: tuple[tuple[str, str], ...]
    applications: tuple[ApplicationLine, ...] = ()
    admits: bool = False


@dataclass(frozen=True)
class NewSitting:
    """What a request may choose from. papers: group → forms; classes: class → name and level, None for an evaluation body,
    which asks for accreditations."""

    papers: Mapping[UUID, tuple[PaperData, ...]]
    classes: Mapping[UUID, tuple[str, Level]] | None

    @property
    def kind(self) -> SittingKind:
        """An institution asks for its class, an evaluation body for an accreditation."""
        return SittingKind.ACCREDITATION if self.classes is None else SittingKind.CLASS

    @property
    def paper_choices(self) -> Choices:
        """Group and words."""
        return tuple((str(group), _paper_words(forms)) for group, forms in self.papers.items())

    @property
    def class_choices(self) -> Choices:
        """Class and words."""
        found = (self.classes or {}).items()
        return tuple((str(uid), f"{name}（{level.label_zh}）") for uid, (name, level) in found)


def _paper_words(forms: Sequence[PaperData]) -> str:
    said = pgettext("sitting", "%(title)s, %(level)s, forms %(forms)s, %(items)d questions, %(minutes)d minutes")
    return said % {
        "title": forms[0].title,
        "level": Level(forms[0].level).label_zh,
        "forms": forms_label([one.form for one in forms]),
        "items": items_of(forms[0]),
        "minutes": forms[0].minutes,
    }


# ---- the list ----


def visible(acting: Acting) -> QuerySet[Sitting]:
    """The sittings an office reaches, or an invigilator watches. Raises NotAllowed; a candidate's are on her own page."""
    cell = can(acting, SITTING, "read")
    if cell is None or acting.role is Role.TRAINEE:
        raise NotAllowed(_("Your role may not do this here."))
    if cell.own:
        watched = Invigilation.objects.filter(user=acting.user) if acting.user else Invigilation.objects.none()
        return Sitting.objects.filter(pk__in=watched.values("sitting_id"))
    return Sitting.objects.filter(organisation_path__startswith=acting.organisation_path)


def sittings_page(acting: Acting, *, page: int, now: datetime) -> SittingsPage:
    """Newest window first. Four queries whatever the number. Raises NotAllowed."""
    pages = Paginator(visible(acting).order_by("-opens_at", "-id"), _PAGE)
    held = pages.get_page(page)
    rows = list(held.object_list)
    counted = RosterEntry.objects.filter(sitting__in=rows, included=True).values_list("sitting_id")
    people = dict(counted.annotate(number=Count("id")))
    waits = set(_waiting(acting, now).values_list("pk", flat=True))
    return SittingsPage(
        tuple(_row(row, people.get(row.pk, 0), row.pk in waits) for row in rows),
        can(acting, SITTING, "create") is not None,
        pages.count,
        held.number,
        pages.num_pages,
        held.previous_page_number() if held.has_previous() else None,
        held.next_page_number() if held.has_next() else None,
    )


def _row(row: Sitting, people: int, waits: bool) -> SittingRow:
    state = SittingState(row.state)
    return SittingRow(
        url=reverse("assessment:sitting", args=[row.uuid]),
        title=row.title,
        kind=str(KINDS[SittingKind(row.kind)]),
        level=Level(row.level).label_zh,
        place=row.organisation_name,
        window=window(row.opens_at, row.closes_at),
        hall=row.hall,
        people=f"{people}/{row.seats}" if row.frozen_at else f"—/{row.seats}",
        state=str(STATES[state]),
        tone=TONES[state],
        waits=waits,
    )


def _waiting(acting: Acting, now: datetime) -> QuerySet[Sitting]:
    """What is this role's to do with sittings: approve, send again, open and watch today's, rule on what came late."""
    rows = visible(acting)
    if acting.role in _APPROVING:
        asked = rows.filter(state=SittingState.REQUESTED).exclude(requested_by=acting.user)
        waits = [row.pk for row in asked if _asks_her(_Rights(acting, row))]
        return rows.filter(pk__in=waits)
    if acting.role is Role.INSTITUTION_ADMIN:
        return rows.filter(state=SittingState.DRAFTED)
    if acting.role is Role.INVIGILATOR:
        ready = Q(state=SittingState.APPROVED, frozen_at__isnull=False, closes_at__gte=now)
        return rows.filter(ready | Q(state=SittingState.OPEN))
    if acting.role is Role.CHIEF_EXAMINER:
        late = Answer.objects.filter(standing__in=ASIDE, ruling=None)
        unsettled = rows.exclude(state__in=[SittingState.RELEASED, SittingState.VOIDED])
        asked = Arrangement.objects.filter(ruling=None, entry__sitting__state__in=_LIVE)
        return unsettled.filter(
            Q(pk__in=late.values("attempt__entry__sitting_id")) | Q(pk__in=asked.values("entry__sitting_id"))
        )
    return rows.none()


def waiting_sittings(acting: Acting, *, now: datetime) -> int:
    """How many sittings wait for this role; 0 for everybody who has no part in them. One query."""
    if can(acting, SITTING, "read") is None or acting.role is Role.TRAINEE:
        return 0
    return _waiting(acting, now).count()


# ---- asking for one ----


def new_sitting(acting: Acting) -> NewSitting:
    """What she may choose from. Raises NotAllowed."""
    if can(acting, SITTING, "create") is None:
        raise NotAllowed(_("Your role may not do this here."))
    place = Organisation.objects.get(uuid=acting.organisation)
    return _offered(place, accreditation=place.kind == OrganisationKind.EVALUATION_BODY)


def _offered(place: Organisation, *, accreditation: bool) -> NewSitting:
    if accreditation:
        return NewSitting(papers_to_sit(), None)
    found = classes_with_open_candidacies(place.path)
    return NewSitting(papers_to_sit(), {uid: (name, level) for uid, name, level in found})


def choices_of(row: Sitting) -> NewSitting:
    """What a draft may choose from when it is changed; its kind stays."""
    place = Organisation.objects.get(uuid=row.organisation)
    return _offered(place, accreditation=row.kind == SittingKind.ACCREDITATION)


def as_asked(row: Sitting, offered: NewSitting) -> dict[str, object]:
    """A draft as its form shows it. The paper is not chosen when it may not be sat any more."""
    mine = set(row.papers.values())
    same = (group for group, forms in offered.papers.items() if mine <= {str(one.uuid) for one in forms})
    return {
        "title": row.title,
        "class_uid": row.class_uid,
        "papers": next(same, None),
        "opens_at": row.opens_at,
        "closes_at": row.closes_at,
        "freeze_at": row.freeze_at,
        "hall": row.hall,
        "seats": row.seats,
        "grace_s": row.grace_s,
        "starts_per_minute": row.starts_per_minute,
        "identity_check": row.identity_check,
        "browser_keys": "\n".join(row.browser_keys),
    }


# ---- one sitting ----


class _Rights:
    """What she may do with one sitting; whether it is hers is asked once."""

    def __init__(self, acting: Acting, row: Sitting) -> None:
        self.acting, self.row, self.own = acting, row, invigilates(acting, row)

    def may(self, kind: str, action: Action) -> bool:
        """By the matrix's cell and the sitting's place."""
        return may(self.acting, kind, action, place=self.row.organisation_path, own=self.own)

    def looks_closer(self) -> bool:
        """Whether she reads how single candidates sat: who conducts it, who decides about it."""
        return self.may(ATTEMPT, "read")


def sitting_page(acting: Acting, sitting: UUID, *, now: datetime) -> SittingPage:
    """One sitting and its roster: as it was fixed, before that as it would be now. Raises Http404, NotAllowed."""
    row = sitting_for(acting, sitting)
    rights = _Rights(acting, row)
    state = SittingState(row.state)
    closer = rights.looks_closer()
    roster = _roster(row, closer)
    return SittingPage(
        uuid=row.uuid,
        title=row.title,
        state=str(STATES[state]),
        tone=TONES[state],
        lead=_lead(row),
        reason=row.reason,
        facts=_facts(row),
        roster=roster,
        roster_caption=_caption(row, roster),
        actions=_actions(rights, now),
        board_url=reverse("assessment:sitting_board", args=[row.uuid])
        if row.frozen_at and rights.may(CONDUCT, "read")
        else "",
        edit_url=reverse("assessment:sitting_edit", args=[row.uuid])
        if state is SittingState.DRAFTED and rights.may(SITTING, "update")
        else "",
        marks_url=reverse("assessment:sitting_marks", args=[row.uuid])
        if state in _MARKED and rights.may("paper_mark", "read")
        else "",
        prints=_prints(rights),
        applications=application_lines(row)
        if row.kind == SittingKind.ACCREDITATION and rights.may(SITTING, "update")
        else (),
        admits=state is SittingState.APPROVED and row.frozen_at is None and now < row.freeze_at,
    )


def _lead(row: Sitting) -> str:
    match SittingState(row.state):
        case SittingState.DRAFTED if row.reason:
            return _("Returned. Change what the reason names, then send it again.")
        case SittingState.DRAFTED:
            return _("Nobody else acts on it until it is sent for approval.")
        case SittingState.REQUESTED:
            return _("Whether it takes place is decided by: %(parties)s.") % {"parties": parties_label(row.approvers)}
        case SittingState.APPROVED if row.frozen_at is None:
            return _("The roster is fixed at %(at)s by itself.") % {"at": moment(row.freeze_at)}
        case SittingState.APPROVED:
            return _("The roster is fixed. The invigilator opens the sitting.")
        case SittingState.OPEN:
            return _("Candidates may come in and begin.")
        case SittingState.VOIDED:
            return _("The whole sitting is void; its answers are kept.")
    return _("Nobody sits any more.")


def _facts(row: Sitting) -> tuple[tuple[str, str], ...]:
    watching = [one.user for one in row.invigilations.order_by("id")]
    users = dict(User.objects.filter(uuid__in=[*watching, row.approved_by]).values_list("uuid", "display_name"))
    none = pgettext("sitting", "nobody yet")
    watched_by = pgettext("sitting", ", ").join(users[one] for one in watching if one in users)
    approver = users.get(row.approved_by, "") if row.approved_by else ""
    decided = f"{approver} {moment(row.approved_at)}".strip() if row.approved_at else ""
    return (
        (pgettext("sitting", "Kind"), str(KINDS[SittingKind(row.kind)])),
        (pgettext("sitting", "Level"), Level(row.level).label_zh),
        (pgettext("sitting", "Held by"), row.organisation_name),
        (pgettext("sitting", "Attempts begin"), window(row.opens_at, row.closes_at)),
        (pgettext("sitting", "Minutes of the paper"), str(row.minutes)),
        (pgettext("sitting", "Seconds of grace"), str(row.grace_s)),
        (pgettext("sitting", "Forms"), forms_label(list(row.papers))),
        (pgettext("sitting", "Questions"), str(row.items)),
        (pgettext("sitting", "Hall"), row.hall),
        (pgettext("sitting", "Seats"), str(row.seats)),
        (pgettext("sitting", "Roster fixed"), moment(row.frozen_at) or pgettext("sitting", "not yet")),
        (pgettext("sitting", "Identity check"), pgettext("sitting", "yes") if row.identity_check else _("no check")),
        (
            pgettext("sitting", "Safe Exam Browser"),
            pgettext("sitting", "asked for") if row.browser_keys else pgettext("sitting", "not asked for"),
        ),
        (pgettext("sitting", "Invigilators"), watched_by or none),
        (pgettext("sitting", "Approved"), decided or _given(row) or pgettext("sitting", "not yet")),
    )


def _given(row: Sitting) -> str:
    """Which parties have approved, while others have not."""
    return parties_label(list(row.given())) if row.state == SittingState.REQUESTED else ""


def _roster(row: Sitting, closer: bool) -> tuple[RosterRow, ...]:
    entries = list(row.entries.order_by("seat", "id"))
    if row.frozen_at is None:
        asked = class_candidacies(row.class_uid) if row.class_uid else _registered(entries)
        refused = judged(row, asked)
        names = masked_names({one.person for one in asked})
        return tuple(_would_be(one, refused[one.uuid], names) for one in asked)
    held = candidacies([entry.candidacy for entry in entries])
    names = masked_names({entry.person for entry in entries})
    late = _undecided(row) if closer else {}
    # Who has a seat first, by seat, then who was left out.
    entries.sort(key=lambda entry: (not entry.included, entry.seat or 0, entry.pk))
    rows = ((entry, _entry_row(entry, held.get(entry.candidacy), names, row, closer)) for entry in entries)
    return tuple(replace(one, late=late.get(entry.pk, 0)) for entry, one in rows)


def _undecided(row: Sitting) -> dict[int, int]:
    """Entry → how many answers came late or from beside and wait for a ruling; one query."""
    open_ones = Answer.objects.filter(attempt__entry__sitting=row, ruling=None, standing__in=ASIDE)
    return dict(open_ones.values_list("attempt__entry_id").annotate(number=Count("id")))


def _registered(entries: Sequence[RosterEntry]) -> tuple[CandidacyData, ...]:
    held = candidacies([entry.candidacy for entry in entries])
    return tuple(held[entry.candidacy] for entry in entries if entry.candidacy in held)


def _would_be(one: CandidacyData, reason: str, names: Mapping[UUID, str]) -> RosterRow:
    return RosterRow(
        seat="—",
        form="—",
        name=names.get(one.person, "—"),
        place=f"{one.organisation_name} · {one.class_name}",
        standing=pgettext("sitting", "Would be left out") if reason else pgettext("sitting", "May sit"),
        tone="warn" if reason else "ok",
        reason=_(reason) if reason else "",
        extra="",
        identity="",
        url="",
    )


def _entry_row(
    entry: RosterEntry, one: CandidacyData | None, names: Mapping[UUID, str], row: Sitting, closer: bool
) -> RosterRow:
    late = pgettext("sitting", "Added late: %(why)s") % {"why": entry.late_reason} if entry.late_reason else ""
    if not entry.included:
        identity = ""
    elif entry.identity_at:
        identity = moment(entry.identity_at)
    else:
        identity = pgettext("sitting", "not yet") if row.identity_check else "—"
    return RosterRow(
        seat=str(entry.seat) if entry.included else "—",
        form=entry.form if entry.included else "—",
        name=names.get(entry.person, "—"),
        place=f"{one.organisation_name} · {one.class_name}" if one else "—",
        standing=pgettext("sitting", "On the roster") if entry.included else pgettext("sitting", "Left out"),
        tone="ok" if entry.included else "warn",
        reason=_(entry.reason) if entry.reason else late,
        extra=pgettext("board", "%(count)d min") % {"count": entry.extra_minutes} if entry.extra_minutes else "",
        identity=identity,
        url=reverse("assessment:sitting_candidate", args=[row.uuid, entry.uuid]) if closer else "",
    )


def _caption(row: Sitting, roster: Sequence[RosterRow]) -> str:
    if row.frozen_at is None:
        return _("Roster as it would be now; it is fixed at %(at)s") % {"at": moment(row.freeze_at)}
    out = sum(one.tone == "warn" for one in roster)
    said = _("Roster, fixed at %(at)s: %(on)d on it, %(out)d left out")
    return said % {"at": moment(row.frozen_at), "on": len(roster) - out, "out": out}


def _asks_her(rights: _Rights) -> bool:
    """Whether her approval is among those it waits for."""
    row, user = rights.row, rights.acting.user
    given = row.given()
    mine = [party for party in speaks_for(rights.acting, row) if party not in given]
    return bool(mine) and row.requested_by != user and user not in given.values()


def _actions(rights: _Rights, now: datetime) -> frozenset[str]:
    row, may = rights.row, rights.may
    state = SittingState(row.state)
    update, conduct = may(SITTING, "update"), may(CONDUCT, "execute")
    approve = may(SITTING, "approve") and state is SittingState.REQUESTED
    fixed, fixable = row.frozen_at is not None, row.frozen_at is None and now >= row.freeze_at
    return frozenset(
        name
        for name, allowed in {
            "request": update and state is SittingState.DRAFTED,
            "approve": approve and _asks_her(rights),
            "return": approve and bool(speaks_for(rights.acting, row)),
            "invigilator": update and state in _LIVE,
            "register": update and state in _BEFORE and not fixed and row.kind == SittingKind.ACCREDITATION,
            "fix": update and state is SittingState.APPROVED and fixable,
            "open": conduct and state is SittingState.APPROVED and fixed,
            "late": conduct and state in {SittingState.APPROVED, SittingState.OPEN} and fixed,
            "arrange": update and state in {SittingState.APPROVED, SittingState.OPEN} and fixed,
            "close": conduct and state is SittingState.OPEN,
            "void": may(DECISION, "approve") and state not in {SittingState.RELEASED, SittingState.VOIDED},
        }.items()
        if allowed
    )


PRINTS: Final = ("door", "seats", "tickets", "minutes")


def printable(acting: Acting, row: Sitting) -> frozenset[str]:
    """What she may print of a sitting: nothing before its roster is fixed, minutes only who conducts or decides."""
    return _printable(_Rights(acting, row))


def _printable(rights: _Rights) -> frozenset[str]:
    if rights.row.frozen_at is None:
        return frozenset()
    posted = rights.may(SITTING, "update") or rights.may(CONDUCT, "read")
    return frozenset({"door", "seats", "tickets"} if posted else ()) | ({"minutes"} if rights.looks_closer() else set())


def _prints(rights: _Rights) -> tuple[tuple[str, str], ...]:
    labels = {
        "door": pgettext("sitting", "Door list"),
        "seats": pgettext("sitting", "Seat plan"),
        "tickets": pgettext("sitting", "Tickets"),
        "minutes": pgettext("sitting", "Minutes of the sitting"),
    }
    allowed = _printable(rights)
    where = [rights.row.uuid]
    return tuple(
        (labels[what], reverse("assessment:sitting_print", args=[*where, what])) for what in PRINTS if what in allowed
    )


# ---- what its forms choose from ----


def invigilator_choices(row: Sitting, *, now: datetime) -> Choices:
    """Invigilators of today around the sitting's place who do not watch it yet."""
    place = Organisation.objects.get(uuid=row.organisation)
    today = day_of(now)
    held = (
        Membership.objects.filter(
            Q(valid_to=None) | Q(valid_to__gte=today),
            role=Role.INVIGILATOR,
            valid_from__lte=today,
            user__is_active=True,
            organisation__path__startswith=place.scope_path,
        )
        .exclude(user__uuid__in=Invigilation.objects.filter(sitting=row).values("user"))
        .select_related("user", "organisation")
        .order_by("id")
    )
    return tuple({str(one.user.uuid): f"{one.user.display_name} · {one.organisation.name}" for one in held}.items())


def entry_choices(row: Sitting) -> Choices:
    """Who is on its roster, by seat."""
    entries = list(row.entries.filter(included=True).order_by("seat", "id"))
    names = masked_names({entry.person for entry in entries})
    return tuple((str(entry.uuid), f"{entry.seat} · {names.get(entry.person, '—')}") for entry in entries)


def candidate_choices(row: Sitting) -> Choices:
    """Open candidacies that are not on its roster: of its class, or around the evaluation body at its level."""
    if row.class_uid is not None:
        found = class_candidacies(row.class_uid)
    else:
        found = open_within(Organisation.objects.get(uuid=row.organisation).scope_path, row.level)
    on = row.entries.filter(Q(included=True) | Q(included=None)).values_list("candidacy", flat=True)
    free = [one for one in found if one.uuid not in set(on)]
    names = masked_names({one.person for one in free})
    return tuple(
        (str(one.uuid), f"{names.get(one.person, '—')} · {one.class_name} · {one.organisation_name}") for one in free
    )
