"""What is printed of a sitting. A paper is Chinese whoever prints it; names and numbers are masked on all of them."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import override

from assessment.candidates.selectors import candidacies
from assessment.delivery.models import (
    Answer,
    Arrangement,
    ArrangementRuling,
    Attempt,
    AttemptEvent,
    IntegrityEvent,
    LateRuling,
    RosterEntry,
    Sitting,
)
from assessment.delivery.presentation import (
    ARRANGEMENTS,
    ATTEMPTS,
    HAPPENED,
    NOTICED,
    clock,
    forms_label,
    minutes_more,
    moment,
    why,
    window,
)
from assessment.delivery.selectors import board
from assessment.delivery.types import ASIDE, ArrangementKind, AttemptState, Kind, Watched
from lms.accounts.api import Person, User, masked_document, masked_name, masked_names
from lms.core.types import Level

_ACROSS: Final = 6  # seats beside each other on the plan
# What people did, or what ended an attempt otherwise than by handing in; the rest is the ordinary course.
_TOLD: Final = (Kind.DEVICE, Kind.PAUSED, Kind.RESUMED, Kind.EXTENDED, Kind.VOIDED, Kind.KEYED)


@dataclass(frozen=True)
class Column:
    """Head of a printed column. width: its share; num: figures, to the right."""

    label: str
    width: float
    num: bool = False


@dataclass(frozen=True)
class Block:
    """A table. tall: rows with room to sign or to glue a photograph."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    none: str = ""
    tall: bool = False


@dataclass(frozen=True)
class Seat:
    """One place of the seat plan."""

    number: str
    name: str
    form: str


@dataclass(frozen=True)
class Sheet:
    """A paper on A4. tickets: facts of each card; seats: in rows of `across`; signatures: who signs below."""

    title: str
    subtitle: str
    code: str
    facts: tuple[tuple[str, str], ...] = ()
    blocks: tuple[Block, ...] = ()
    seats: tuple[Seat, ...] = ()
    across: int = _ACROSS
    tickets: tuple[tuple[tuple[str, str], ...], ...] = ()
    notes: tuple[str, ...] = ()
    signatures: tuple[str, ...] = ()
    printed_at: str = ""


def ticket_number(sitting: Sitting, seat: int | None) -> str:
    """Short enough to be read aloud: the sitting's, then the seat's number."""
    return f"{sitting.uuid.hex[:6].upper()}-{seat or 0:03}"


def _included(row: Sitting) -> list[RosterEntry]:
    return list(row.entries.filter(included=True).order_by("seat", "id"))


def _where(row: Sitting) -> tuple[tuple[str, str], ...]:
    return (
        ("考试", row.title),
        ("等级", Level(row.level).label_zh),
        ("时间", window(row.opens_at, row.closes_at)),
        ("时长", f"{row.minutes}分钟"),
        ("考场", row.hall),
        ("组织单位", row.organisation_name),
    )


def _sheet(row: Sitting, title: str, now: datetime, **more: object) -> Sheet:
    facts = {"facts": _where(row)} | more
    return Sheet(title, row.title, row.uuid.hex[:12], printed_at=moment(now), **facts)  # type: ignore[arg-type]


def door_list(row: Sitting, *, now: datetime) -> Sheet:
    """Who sits where, to hang at the door and to check identity cards by; room for a photograph and a signature."""
    entries = _included(row)
    people = {one.uuid: one for one in Person.objects.filter(uuid__in=[entry.person for entry in entries])}
    rows = []
    for entry in entries:
        one = people.get(entry.person)
        name, number = (masked_name(one.name), masked_document(one.document_number)) if one else ("—", "—")
        rows.append((str(entry.seat), name, number or "—", ticket_number(row, entry.seat), "", ""))
    columns = (
        Column("座位", 1.1, num=True),
        Column("姓名", 2),
        Column("证件号", 4),
        Column("准考证号", 2.6),
        Column("照片", 2),
        Column("签名", 2.6),
    )
    caption = f"共{len(rows)}人"
    block = Block(caption, columns, tuple(rows), none="名单上没有人。", tall=True)
    return _sheet(
        row,
        "考场门贴与签到表",
        now,
        blocks=(block,),
        notes=("入场请带身份证原件，监考员核对本人后签名。照片由考点贴在照片栏内。",),
    )


def seat_plan(row: Sitting, *, now: datetime) -> Sheet:
    """Seats as they stand before the desk, neighbours with different forms."""
    entries = {entry.seat: entry for entry in _included(row)}
    names = masked_names({entry.person for entry in entries.values()})
    seats = []
    for number in range(1, max((seat or 0 for seat in entries), default=0) + 1):
        entry = entries.get(number)
        name = names.get(entry.person, "—") if entry else ""
        seats.append(Seat(str(number), name, f"{entry.form}卷" if entry else ""))
    return _sheet(row, "座位表", now, seats=tuple(seats))


def tickets(row: Sitting, *, now: datetime) -> Sheet:
    """A card for every candidate, to cut out."""
    entries = _included(row)
    names = masked_names({entry.person for entry in entries})
    held = candidacies([entry.candidacy for entry in entries])
    cards = []
    for entry in entries:
        one = held.get(entry.candidacy)
        minutes_all = row.minutes + entry.extra_minutes
        cards.append(
            (
                ("姓名", names.get(entry.person, "—")),
                ("准考证号", ticket_number(row, entry.seat)),
                ("考试", row.title),
                ("时间", window(row.opens_at, row.closes_at)),
                ("时长", f"{minutes_all}分钟"),
                ("考场", f"{row.hall}　座位{entry.seat}"),
                ("单位", one.organisation_name if one else "—"),
            )
        )
    notes = ("凭本证和身份证原件入场。开考前30分钟可进候考室。断网时继续作答，答案在本机，连上网自动上传。",)
    return _sheet(row, "准考证", now, facts=(), tickets=tuple(cards), notes=notes)


def minutes(row: Sitting, *, now: datetime) -> Sheet:
    """The signed record (考场记录): who came, who did not and why, every intervention with its reason, what came late."""
    with override("zh-hans"):
        return _minutes(row, now)


def _minutes(row: Sitting, now: datetime) -> Sheet:
    entries = list(row.entries.order_by("seat", "id"))
    by_pk = {entry.pk: entry for entry in entries}
    names = masked_names({entry.person for entry in entries})
    attempts = list(Attempt.objects.filter(entry__sitting=row).order_by("entry_id", "number"))
    of_attempt = {one.pk: by_pk[one.entry_id] for one in attempts}
    told = list(AttemptEvent.objects.filter(attempt__in=attempts, kind__in=_TOLD).order_by("at_ms", "id"))
    staff = [one.user for one in row.invigilations.order_by("id")]
    actors = {one.actor for one in told if one.actor and one.kind != Kind.DEVICE}
    actors |= set(ArrangementRuling.objects.filter(arrangement__entry__sitting=row).values_list("by", flat=True))
    users = dict(
        User.objects.filter(uuid__in={*staff, *actors, row.approved_by} - {None}).values_list("uuid", "display_name")
    )
    invigilators = "、".join(users[one] for one in staff if one in users)
    began = {one.entry_id for one in attempts if one.started_ms is not None}
    on = [entry for entry in entries if entry.included]
    facts = (
        *_where(row),
        ("试卷", f"{forms_label(list(row.papers))}卷，{row.items}题"),
        ("监考", invigilators or "—"),
        ("名单确定", moment(row.frozen_at)),
        ("开场", moment(row.opened_at) or "—"),
        ("结束", moment(row.closed_at) or "—"),
        ("应考", f"{len(on)}人"),
        ("实考", f"{len(began)}人"),
        ("缺考", f"{sum(entry.pk not in began for entry in on)}人"),
    )
    return _sheet(
        row,
        "考场记录",
        now,
        facts=facts,
        blocks=(
            _how_it_ended(row),
            _absent(on, began, names),
            _left_out([entry for entry in entries if entry.included is False], names),
            _special(on, names),
            _arrangements(row, names, users),
            _interventions(told, of_attempt, names, users),
            _noticed(row),
            _late(row, of_attempt, names),
        ),
        notes=("诚信记录只供参考，不作为违纪结论。",),
        signatures=("监考员", "监考员", "考点负责人", "日期"),
    )


def _how_it_ended(row: Sitting) -> Block:
    counted = Counter(one.state for one in board(row))
    states = (None, *AttemptState)
    rows = tuple((str(ATTEMPTS[state]), str(counted[state])) for state in states if counted[state])
    return Block("考生状态", (Column("状态", 4), Column("人数", 1, num=True)), rows, none="名单上没有人。")


def _absent(on: list[RosterEntry], began: set[int], names: dict[UUID, str]) -> Block:
    rows = tuple((str(one.seat), names.get(one.person, "—"), "") for one in on if one.pk not in began)
    return Block("缺考", (Column("座位", 1, num=True), Column("姓名", 2), Column("说明", 6)), rows, none="无")


def _left_out(out: list[RosterEntry], names: dict[UUID, str]) -> Block:
    rows = tuple((names.get(one.person, "—"), _(one.reason)) for one in out)
    return Block("未列入名单", (Column("姓名", 2), Column("原因", 7)), rows, none="无")


def _special(on: list[RosterEntry], names: dict[UUID, str]) -> Block:
    """Late additions and extra time. Why somebody has extra time is often about her health and stands on no paper."""
    rows = []
    for one in on:
        if one.late_reason:
            rows.append((str(one.seat), names.get(one.person, "—"), "补录", one.late_reason))
        if one.extra_minutes:
            rows.append((str(one.seat), names.get(one.person, "—"), "加时", f"{one.extra_minutes}分钟，理由在案"))
    columns = (Column("座位", 1, num=True), Column("姓名", 2), Column("事项", 1.5), Column("说明", 5))
    return Block("补录与加时", columns, tuple(rows), none="无")


def _arrangements(row: Sitting, names: dict[UUID, str], users: dict[UUID, str]) -> Block:
    """What was granted, and the scribe by name. Why stands on no paper."""
    granted = Arrangement.objects.filter(entry__sitting=row, ruling__granted=True)
    rows = []
    for one in granted.select_related("entry", "ruling").order_by("entry__seat", "id"):
        kind = str(ARRANGEMENTS[ArrangementKind(one.kind)])
        detail = f"代写人：{one.scribe}" if one.scribe else ""
        decider = users.get(one.ruling.by, "—") if one.ruling.by else "—"
        rows.append((str(one.entry.seat or "—"), names.get(one.entry.person, "—"), kind, detail, decider))
    columns = (
        Column("座位", 1, num=True),
        Column("姓名", 2),
        Column("便利措施", 2),
        Column("说明", 3),
        Column("批准人", 2),
    )
    return Block("便利措施", columns, tuple(rows), none="无")


def _interventions(
    told: list[AttemptEvent], of_attempt: dict[int, RosterEntry], names: dict[UUID, str], users: dict[UUID, str]
) -> Block:
    rows = []
    for event in told:
        entry, kind = of_attempt[event.attempt_id], Kind(event.kind)
        who = "考生本人" if kind is Kind.DEVICE else users.get(event.actor, "—") if event.actor else "到时自动"
        # Extra time given while she sits is such an event, too, and why is often about her health.
        detail = f"{minutes_more(event.value)}，理由在案" if kind is Kind.EXTENDED else why(event.reason)
        seat, name = str(entry.seat or "—"), names.get(entry.person, "—")
        rows.append((clock(event.at_ms), seat, name, str(HAPPENED[kind]), detail, who))
    columns = (
        Column("时间", 1.6),
        Column("座位", 1, num=True),
        Column("姓名", 1.6),
        Column("事项", 2.2),
        Column("说明", 3.6),
        Column("办理人", 1.8),
    )
    return Block("考场处理", columns, tuple(rows), none="无")


def _noticed(row: Sitting) -> Block:
    held = IntegrityEvent.objects.filter(attempt__entry__sitting=row).values_list("kind")
    counted = held.annotate(number=Count("id"), people=Count("attempt__entry", distinct=True)).order_by("kind")
    rows = tuple((str(NOTICED[Watched(kind)]), str(number), str(people)) for kind, number, people in counted)
    columns = (Column("记录", 4), Column("次数", 1, num=True), Column("人数", 1, num=True))
    return Block("诚信记录", columns, rows, none="无")


def _late(row: Sitting, of_attempt: dict[int, RosterEntry], names: dict[UUID, str]) -> Block:
    """How many answers came late or from an earlier device, and what was decided on them."""
    answers = Answer.objects.filter(attempt__entry__sitting=row).filter(standing__in=ASIDE)
    held = list(answers.order_by("id").values_list("pk", "attempt_id"))
    ruled = dict(LateRuling.objects.filter(answer__in=[pk for pk, _at in held]).values_list("answer_id", "counts"))
    totals: dict[int, Counter[bool | None]] = {}
    for pk, attempt in held:
        totals.setdefault(attempt, Counter())[ruled.get(pk)] += 1
    rows = []
    for attempt, counts in totals.items():
        entry = of_attempt[attempt]
        figures = (str(counts.total()), str(counts[True]), str(counts[False]), str(counts[None]))
        rows.append((str(entry.seat or "—"), names.get(entry.person, "—"), *figures))
    columns = (
        Column("座位", 1, num=True),
        Column("姓名", 2),
        Column("条数", 1, num=True),
        Column("计入", 1, num=True),
        Column("不计入", 1, num=True),
        Column("待裁定", 1, num=True),
    )
    return Block("迟到的答案", columns, tuple(rows), none="无")
