"""The invigilator's live board, and one candidate at a sitting: what happened, what was noticed, what came late."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import Count
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from assessment.delivery.logic import to_moment, to_ms
from assessment.delivery.models import (
    Answer,
    Attempt,
    AttemptEvent,
    IntegrityEvent,
    LateRuling,
    PaperSheet,
    RosterEntry,
    Sitting,
)
from assessment.delivery.pages.arrangements import ArrangementLine, arrangement_lines, granted_words
from assessment.delivery.presentation import (
    ATTEMPT_TONES,
    ATTEMPTS,
    HAPPENED,
    NOTICED,
    STANDINGS,
    ago,
    clock,
    minutes_more,
    moment,
    why,
)
from assessment.delivery.rules import ATTEMPT, CONDUCT, DECISION, SITTING, invigilates, may_do, require_for
from assessment.delivery.selectors import board, granted_kinds
from assessment.delivery.types import (
    ASIDE,
    ArrangementKind,
    AttemptState,
    BoardRow,
    Kind,
    SittingState,
    Standing,
    Watched,
)
from lms.accounts.api import Acting, User, masked_names, may

# A running page that has saved nothing for so long is pointed out; writing a long answer takes a while, too.
_SILENT_MS: Final = 180_000
POLL_S: Final = 5
_HER_OWN: Final = frozenset({Kind.ENTERED, Kind.STARTED, Kind.DEVICE, Kind.HANDED_IN})
_ON_DESK: Final = frozenset({AttemptState.RUNNING, AttemptState.PAUSED})


@dataclass(frozen=True)
class BoardLine:
    """One seat. percent: of the questions with a saved answer; left: of her time; seen: when her page last saved;
    silent: how long ago, where that is long; beside: answers that came late or from an earlier device; noticed: events."""

    key: str
    url: str
    seat: str
    form: str
    name: str
    state: str
    tone: str
    answered: str
    percent: int
    left: str
    seen: str
    silent: str
    beside: int
    noticed: int
    extra: str
    arranged: str
    identity_url: str


@dataclass(frozen=True)
class BoardPage:
    """The board at one moment. live: it is asked for again; counts: (state in words, tone, how many)."""

    uuid: UUID
    title: str
    url: str
    rows_url: str
    at: str
    live: bool
    poll_s: int
    counts: tuple[tuple[str, str, int], ...]
    lines: tuple[BoardLine, ...]
    may_pause: bool
    may_resume: bool


@dataclass(frozen=True)
class EventLine:
    """Something that happened. who: a colleague's name, or that it was the candidate or the machine."""

    at: str
    what: str
    detail: str
    who: str


@dataclass(frozen=True)
class LateLine:
    """An answer that came late or from beside, without what it says. ruling: "" while nobody has decided."""

    name: str
    position: int
    standing: str
    at: str
    ruling: str
    reason: str


@dataclass(frozen=True)
class AttemptPart:
    """One attempt. actions: what she who reads may do with it now; forms: parallel ones she has not seen; keying_url and
    settling_url: where her paper form is keyed in, and what differs decided."""

    uuid: UUID
    title: str
    state: str
    tone: str
    facts: tuple[tuple[str, str], ...]
    events: tuple[EventLine, ...]
    noticed: tuple[EventLine, ...]
    late: tuple[LateLine, ...]
    actions: frozenset[str]
    forms: tuple[str, ...]
    keying_url: str = ""
    settling_url: str = ""

    @property
    def open_late(self) -> tuple[LateLine, ...]:
        """Those nobody has decided on."""
        return tuple(line for line in self.late if not line.ruling)


@dataclass(frozen=True)
class CandidatePage:
    """One candidate at one sitting. actions: with her place on the roster; attempts: the last first; rules: she who reads
    decides on arrangements; form_url: where her paper form is printed."""

    uuid: UUID
    sitting: UUID
    sitting_title: str
    sitting_url: str
    board_url: str
    name: str
    facts: tuple[tuple[str, str], ...]
    actions: frozenset[str]
    attempts: tuple[AttemptPart, ...]
    arrangements: tuple[ArrangementLine, ...] = ()
    rules: bool = False
    form_url: str = ""


# ---- the board ----


def conducted_for(acting: Acting, sitting: UUID) -> Sitting:
    """A sitting for who watches how it runs. Raises Http404, NotAllowed."""
    row = Sitting.objects.filter(uuid=sitting).first()
    if row is None:
        raise Http404
    require_for(acting, CONDUCT, "read", row)
    return row


def board_page(acting: Acting, sitting: UUID, *, now: datetime) -> BoardPage:
    """Everybody by seat; the same number of queries whatever theirs. Raises Http404, NotAllowed."""
    row = conducted_for(acting, sitting)
    held = board(row)
    names = masked_names({one.person for one in held})
    conducts = may_do(acting, CONDUCT, "execute", row)
    counted = Counter(one.state for one in held)
    is_open = row.state == SittingState.OPEN
    return BoardPage(
        uuid=row.uuid,
        title=row.title,
        url=reverse("assessment:sitting", args=[row.uuid]),
        rows_url=reverse("assessment:sitting_board_rows", args=[row.uuid]),
        at=clock(to_ms(now)),
        live=row.state in {SittingState.APPROVED, SittingState.OPEN},
        poll_s=POLL_S,
        counts=tuple((str(ATTEMPTS[state]), ATTEMPT_TONES[state], counted[state]) for state in ATTEMPTS),
        lines=tuple(_line(one, row, names, conducts, now) for one in held),
        may_pause=conducts and is_open and counted[AttemptState.RUNNING] > 0,
        may_resume=conducts and is_open and counted[AttemptState.PAUSED] > 0,
    )


def _line(one: BoardRow, sitting: Sitting, names: Mapping[UUID, str], conducts: bool, now: datetime) -> BoardLine:
    at = to_ms(now)
    runs = one.state is AttemptState.RUNNING and not one.on_paper
    silent = at - one.seen_ms if runs and one.seen_ms is not None else 0
    checks = conducts and sitting.identity_check and not one.identity_checked
    where = [sitting.uuid, one.entry]
    return BoardLine(
        key=one.entry.hex,
        url=reverse("assessment:sitting_candidate", args=where),
        seat=str(one.seat or "—"),
        form=one.form,
        name=names.get(one.person, "—"),
        state=str(ATTEMPTS[one.state]),
        tone=ATTEMPT_TONES[one.state],
        answered=f"{one.answered}/{one.items}",
        percent=100 * one.answered // max(1, one.items),
        left=_left(one, at),
        seen=clock(one.seen_ms) or "—",
        silent=ago(silent // 1000) if silent >= _SILENT_MS else "",
        beside=one.beside,
        noticed=one.watched,
        extra=minutes_more(one.extra_minutes * 60_000),
        arranged=granted_words(one.arrangements),
        identity_url=reverse("assessment:sitting_candidate_step", args=[*where, "identity"])
        if checks and sitting.state in {SittingState.APPROVED, SittingState.OPEN}
        else "",
    )


def _left(one: BoardRow, at: int) -> str:
    if one.state is not AttemptState.RUNNING or one.deadline_ms is None:
        return "—"
    left = max(0, one.deadline_ms - at) // 1000
    return f"{left // 60}:{left % 60:02}"


# ---- one candidate ----


def entry_at(acting: Acting, sitting: UUID, entry: UUID) -> RosterEntry:
    """A place on a roster for who watches or decides. Raises Http404, NotAllowed."""
    row = RosterEntry.objects.select_related("sitting").filter(uuid=entry, sitting__uuid=sitting).first()
    if row is None:
        raise Http404
    require_for(acting, ATTEMPT, "read", row.sitting)
    return row


def candidate_page(acting: Acting, sitting: UUID, entry: UUID) -> CandidatePage:
    """How one candidate sat; the same number of queries however much happened. Raises Http404, NotAllowed."""
    row = entry_at(acting, sitting, entry)
    held = row.sitting
    own = invigilates(acting, held)
    conducts = may(acting, CONDUCT, "execute", place=held.organisation_path, own=own)
    decides = may(acting, DECISION, "approve", place=held.organisation_path, own=own)
    watches = may(acting, CONDUCT, "read", place=held.organisation_path, own=own)
    arrangements = arrangement_lines(row, told=conducts or decides)
    alive = held.state in {SittingState.APPROVED, SittingState.OPEN}
    paper = ArrangementKind.PAPER_FORM in granted_kinds(row)
    return CandidatePage(
        uuid=row.uuid,
        sitting=held.uuid,
        sitting_title=held.title,
        sitting_url=reverse("assessment:sitting", args=[held.uuid])
        if may(acting, SITTING, "read", place=held.organisation_path, own=own)
        else "",
        board_url=reverse("assessment:sitting_board", args=[held.uuid]) if watches and held.frozen_at else "",
        name=masked_names([row.person]).get(row.person, "—"),
        facts=_facts(row, told=conducts or decides),
        actions=_entry_actions(row, conducts, paper=paper),
        attempts=_attempts(row, conducts, decides),
        arrangements=arrangements,
        rules=decides and alive,
        form_url=reverse("assessment:sitting_paper_form", args=[held.uuid, row.uuid])
        if paper and conducts and alive and row.form
        else "",
    )


def _facts(row: RosterEntry, *, told: bool) -> tuple[tuple[str, str], ...]:
    on = pgettext("sitting", "On the roster") if row.included else pgettext("sitting", "Left out")
    facts = [
        (pgettext("sitting", "Standing on the roster"), on if row.included is not None else "—"),
        (pgettext("sitting", "Seat"), str(row.seat) if row.included and row.seat else "—"),
        (pgettext("sitting", "Form"), row.form or "—"),
    ]
    if row.reason:
        facts.append((pgettext("sitting", "Left out because"), _(row.reason)))
    if row.late_reason:
        facts.append((pgettext("sitting", "Added late because"), row.late_reason))
    if row.extra_minutes:
        facts.append((pgettext("sitting", "Extra minutes"), str(row.extra_minutes)))
        facts.append((pgettext("sitting", "Extra minutes because"), row.extra_reason if told else _on_file()))
    checked = moment(row.identity_at) or pgettext("sitting", "not yet")
    facts.append((pgettext("sitting", "Identity checked"), checked if row.sitting.identity_check else _("no check")))
    return tuple(facts)


def _on_file() -> str:
    """Instead of why somebody has more time, which is often about her health: only who acts on it reads it."""
    return pgettext("sitting", "kept on file")


def _entry_actions(row: RosterEntry, conducts: bool, *, paper: bool) -> frozenset[str]:
    alive = row.sitting.state in {SittingState.APPROVED, SittingState.OPEN}
    if not (conducts and alive and row.included):
        return frozenset()
    found = {"extra", "arrange"}
    if row.sitting.identity_check and row.identity_at is None:
        found.add("identity")
    waits = not row.attempts.exclude(on_paper=True, state=AttemptState.WAITING).exists()
    if paper and row.sitting.state == SittingState.OPEN and waits:
        found.add("paper")
    return frozenset(found)


def _attempts(row: RosterEntry, conducts: bool, decides: bool) -> tuple[AttemptPart, ...]:
    attempts = list(row.attempts.order_by("-number"))
    events = list(AttemptEvent.objects.filter(attempt__in=attempts).order_by("attempt_id", "number"))
    noticed = list(IntegrityEvent.objects.filter(attempt__in=attempts).order_by("id"))
    answers = list(Answer.objects.filter(attempt__in=attempts).filter(standing__in=ASIDE).order_by("id"))
    rulings = {one.answer_id: one for one in LateRuling.objects.filter(answer__in=[one.pk for one in answers])}
    # On paper it is the invigilator who begins and takes in.
    paper = {one.pk for one in attempts if one.on_paper}
    actors = {one.actor for one in events if one.actor and (one.kind not in _HER_OWN or one.attempt_id in paper)}
    names = dict(User.objects.filter(uuid__in=actors).values_list("uuid", "display_name"))
    forms = tuple(sorted(set(row.sitting.papers) - {one.form for one in attempts}))
    sheets = _sheets(row, attempts)
    return tuple(
        AttemptPart(
            uuid=one.uuid,
            title=pgettext("sitting", "Attempt %(number)d, form %(form)s") % {"number": one.number, "form": one.form},
            state=str(ATTEMPTS[AttemptState(one.state)]),
            tone=ATTEMPT_TONES[AttemptState(one.state)],
            facts=_attempt_facts(one),
            events=tuple(
                _event(event, names, told=conducts or decides, hers=one.pk not in paper)
                for event in events
                if event.attempt_id == one.pk
            ),
            noticed=tuple(_noticed(event) for event in noticed if event.attempt_id == one.pk),
            late=tuple(_late(answer, rulings.get(answer.pk)) for answer in answers if answer.attempt_id == one.pk),
            actions=_attempt_actions(one, row.sitting, last=at == 0, conducts=conducts, decides=decides, forms=forms),
            forms=forms,
            keying_url=_paper_url(row, one, "sitting_keying") if conducts and sheets.get(one.pk) == "key" else "",
            settling_url=_paper_url(row, one, "sitting_settling") if decides and sheets.get(one.pk) == "settle" else "",
        )
        for at, one in enumerate(attempts)
    )


def _paper_url(row: RosterEntry, one: Attempt, name: str) -> str:
    return reverse(f"assessment:{name}", args=[row.sitting.uuid, row.uuid, one.uuid])


def _sheets(row: RosterEntry, attempts: Sequence[Attempt]) -> dict[int, str]:
    """Attempt → what its paper form, once taken in, waits for: "key" or "settle"; two queries where there is one at all."""
    on_paper = [one for one in attempts if one.on_paper]
    if not on_paper or row.sitting.state not in {SittingState.OPEN, SittingState.CLOSED}:
        return {}
    held = Attempt.objects.filter(pk__in=[one.pk for one in on_paper], sheet__isnull=False)
    counted = dict(held.annotate(keyed=Count("keyings")).values_list("pk", "keyed"))
    done = set(held.filter(events__kind=Kind.KEYED).values_list("pk", flat=True))
    return {pk: "key" if number < 2 else "settle" for pk, number in counted.items() if pk not in done}


def _attempt_facts(one: Attempt) -> tuple[tuple[str, str], ...]:
    return (
        (pgettext("sitting", "Place in the line"), str(one.place)),
        (pgettext("sitting", "Began"), clock(one.started_ms) or "—"),
        (pgettext("sitting", "Time ends"), clock(one.deadline_ms) or "—"),
        (pgettext("sitting", "Device in use"), pgettext("sitting", "number %(epoch)d") % {"epoch": one.epoch}),
        (pgettext("sitting", "Last receipt"), f"{one.sequence} · {one.hash[:12]}" if one.sequence else "—"),
        (pgettext("sitting", "Page last saved"), clock(one.seen_ms)),
    )


def _event(event: AttemptEvent, names: Mapping[UUID, str], *, told: bool, hers: bool) -> EventLine:
    kind = Kind(event.kind)
    more = minutes_more(event.value) if kind in {Kind.STARTED, Kind.EXTENDED} else ""
    if kind in _HER_OWN and hers:
        who = pgettext("sitting", "the candidate")
    else:
        who = names.get(event.actor, "") if event.actor else pgettext("sitting", "by the clock")
    detail = pgettext("sitting", ", ").join(
        filter(None, (more, why(event.reason) if told or kind is not Kind.EXTENDED else _on_file()))
    )
    return EventLine(clock(event.at_ms), str(HAPPENED[kind]), detail, who)


def _noticed(event: IntegrityEvent) -> EventLine:
    return EventLine(clock(event.at_ms - event.ago_ms), str(NOTICED[Watched(event.kind)]), "", "")


def _late(answer: Answer, ruling: LateRuling | None) -> LateLine:
    said = ""
    if ruling:
        said = pgettext("sitting", "It counts") if ruling.counts else pgettext("sitting", "It does not count")
    return LateLine(
        name=f"{answer.epoch}.{answer.sequence}",
        position=answer.position,
        standing=str(STANDINGS[Standing(answer.standing)]),
        at=moment(to_moment(answer.at_ms)),
        ruling=said,
        reason=ruling.reason if ruling else "",
    )


def _attempt_actions(
    one: Attempt, sitting: Sitting, *, last: bool, conducts: bool, decides: bool, forms: Sequence[str]
) -> frozenset[str]:
    state, settled = AttemptState(one.state), sitting.state in {SittingState.RELEASED, SittingState.VOIDED}
    is_open = sitting.state == SittingState.OPEN
    allowed = {
        "pause": conducts and is_open and state is AttemptState.RUNNING,
        "resume": conducts and is_open and state is AttemptState.PAUSED,
        "extend": conducts and is_open and state in _ON_DESK,
        "void": decides and not settled and state is not AttemptState.VOIDED,
        "repeat": decides and is_open and last and bool(forms),
        "rule": decides and not settled,
        "collect": conducts
        and is_open
        and one.on_paper
        and state in {AttemptState.RUNNING, AttemptState.TIMED_OUT}
        and not PaperSheet.objects.filter(attempt=one).exists(),
    }
    return frozenset(name for name, may_now in allowed.items() if may_now)
