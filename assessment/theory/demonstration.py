"""What the demonstration does with an examination, by the services people use and the real save path. It resumes where it
stopped, and what stands already is left as it is.

The institution asks for a sitting, the bureau approves it, the roster is fixed, candidates answer and hand in, the invigilator
closes it, the worker marks, the chief confirms, the bureau releases. The answers are the demonstration's own: right ones from
the committee's logged look at the keys, with so many mistakes.
"""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from django.utils.translation import gettext as _

from assessment.bank.services import documents_for_paper
from assessment.bank.types import QuestionDocument, QuestionType
from assessment.candidates.selectors import class_candidacies
from assessment.delivery.logic import to_ms
from assessment.delivery.models import Attempt, RosterEntry, Sitting
from assessment.delivery.saving import save
from assessment.delivery.selectors import leave_to_save, place_in_line
from assessment.delivery.services import (
    approve_sitting,
    assign_invigilator,
    check_identity,
    close_sitting,
    draft_sitting,
    enter,
    freeze_roster,
    hand_in,
    open_sitting,
    request_sitting,
    start_attempt,
    void_sitting,
)
from assessment.delivery.tokens import opened
from assessment.delivery.types import (
    LIVE,
    AttemptState,
    Batch,
    DeliveryRefused,
    Sent,
    SittingKind,
    SittingRequest,
    SittingState,
)
from assessment.papers.selectors import approved_papers, named_blueprint, paper, parallel_forms
from assessment.papers.types import PaperData
from assessment.specification.selectors import specification
from assessment.specification.types import Part
from assessment.theory.models import Absence, PaperMark
from assessment.theory.services import confirm_marks, release_marks
from assessment.theory.types import TheoryRefused
from lms.accounts.api import Acting

SAT, TO_SIT = "初级理论考试（演示，已考完）", "初级理论考试（演示，等您来考）"
_HALL, _SEATS, _PAGE = "连江演示考场201", 30, 10
_WINDOW, _SOON = timedelta(hours=12), timedelta(minutes=3)
_WHY = "演示：按标准答案作答，再故意答错几题"
_VOID = "演示：上次中断，时间已过"
_BEFORE = (SittingState.DRAFTED, SittingState.REQUESTED, SittingState.APPROVED, SittingState.OPEN)


@dataclass(frozen=True)
class Examiners:
    """Who does what. invigilator_user: her login; sits: candidate → how many questions she gets wrong; awaited: who is left
    for a person to click through, None for nobody."""

    office: Acting
    bureau: Acting
    invigilator: Acting
    invigilator_user: UUID
    committee: Acting
    chief: Acting
    sits: Mapping[str, tuple[Acting, int]]
    awaited: tuple[str, Acting] | None


def demo_exam(
    roles: Examiners, training_class: UUID, *, now: Callable[[], datetime], wait: Callable[[], None]
) -> Iterator[str]:
    """One sitting from the request to the released marks, and another that waits for a person; a line a step.

    wait: gives the worker a moment; it raises what ends the demonstration.
    """
    forms = _papers(training_class)
    if not forms:
        yield "班级的评价规范没有理论考试，跳过 no theory part in the specification of this class"
        return
    row = _current(roles, training_class, SAT, now()) or _ask(
        roles, training_class, SAT, forms, opens=timedelta(), now=now()
    )
    yield f"{row.title}  {row.items} 题 questions  {row.minutes} 分钟 minutes  {'、'.join(sorted(row.papers))}卷"
    yield from _hold(roles, _fixed(roles, row, now), now)
    for state in (SittingState.MARKED, SittingState.RELEASED):
        yield from _decided(roles, row, state, now, wait)
    _await(lambda: _told(row), wait)
    yield from _marks(roles, row)
    if roles.awaited is not None:
        yield from _open_one(roles, roles.awaited, training_class, forms, now)


def _papers(training_class: UUID) -> tuple[PaperData, ...]:
    """The newest approved parallel forms of the blueprint that the class's specification names."""
    held = class_candidacies(training_class)
    rule = specification(held[0].specification).part(Part.THEORY) if held else None
    if rule is None:
        return ()
    wanted = named_blueprint(rule.blueprint_key, rule.blueprint_hash)
    named = (wanted.key, wanted.version)
    approved = approved_papers(wanted.level)
    fitting = [one for one in approved if (one.blueprint_key, one.blueprint_version) == named]
    return parallel_forms(fitting[0].group) if fitting else ()


def _current(roles: Examiners, training_class: UUID, title: str, now: datetime) -> Sitting | None:
    """The newest that counts. One whose hours passed before anybody began is void; one that somebody sat is closed."""
    rows = Sitting.objects.filter(class_uid=training_class, title=title, is_demo=True)
    row = rows.exclude(state=SittingState.VOIDED).order_by("-id").first()
    if row is None or row.state not in _BEFORE or now <= row.closes_at:
        return row
    if Attempt.objects.filter(entry__sitting=row, started_ms__isnull=False).exclude(state=AttemptState.VOIDED).exists():
        with suppress(DeliveryRefused):  # she still has time, or is paused
            close_sitting(by=roles.invigilator, sitting=row.uuid, now=now)
        return row
    void_sitting(by=roles.bureau, sitting=row.uuid, reason=_VOID, now=now)
    return None


def _ask(
    roles: Examiners, training_class: UUID, title: str, forms: tuple[PaperData, ...], *, opens: timedelta, now: datetime
) -> Sitting:
    return draft_sitting(
        by=roles.office,
        organisation=class_candidacies(training_class)[0].organisation,
        asked=SittingRequest(
            kind=SittingKind.CLASS,
            title=title,
            level=forms[0].level,
            papers=tuple((one.form, one.uuid) for one in forms),
            opens_at=now + opens,
            closes_at=now + _WINDOW,
            freeze_at=now,
            hall=_HALL,
            seats=_SEATS,
            class_uid=training_class,
        ),
        now=now,
        is_demo=True,
    )


def _fixed(roles: Examiners, row: Sitting, now: Callable[[], datetime]) -> Sitting:
    """Requested, approved, watched, its roster fixed, and open."""
    if row.state == SittingState.DRAFTED:
        # The draft's own hour: its roster is to be fixed at once.
        request_sitting(by=roles.office, sitting=row.uuid, now=row.freeze_at)
        row.refresh_from_db()
    if row.state == SittingState.REQUESTED:
        approve_sitting(by=roles.bureau, sitting=row.uuid, now=row.freeze_at)
        row.refresh_from_db()
    if row.state == SittingState.APPROVED:
        assign_invigilator(by=roles.office, sitting=row.uuid, user=roles.invigilator_user, now=now())
        if row.frozen_at is None:
            with suppress(DeliveryRefused):  # the worker was first
                freeze_roster(by=roles.office, sitting=row.uuid, now=now())
        open_sitting(by=roles.invigilator, sitting=row.uuid, now=now())
        row.refresh_from_db()
    return row


def _hold(roles: Examiners, row: Sitting, now: Callable[[], datetime]) -> Iterator[str]:
    """Everybody sits who is to, and the invigilator closes."""
    entries = {entry.person: entry for entry in row.entries.all()}
    if row.state == SittingState.OPEN:
        for who, (acting, mistakes) in roles.sits.items():
            entry = entries.get(acting.person) if acting.person else None
            if entry is not None and entry.included:
                _sit(roles, row, entry, acting, mistakes, now)
                yield f"  {who} 交卷 handed in"
        close_sitting(by=roles.invigilator, sitting=row.uuid, now=now())
    row.refresh_from_db()


def _sit(
    roles: Examiners, row: Sitting, entry: RosterEntry, acting: Acting, mistakes: int, now: Callable[[], datetime]
) -> None:
    """One candidate from the door to her last receipt. A run that was cut off goes on where its receipts end."""
    device = uuid5(NAMESPACE_URL, f"kaibo-demo-exam:{entry.uuid}")
    last = entry.attempts.order_by("-number").first()
    if last is not None and last.state not in LIVE:
        return
    check_identity(by=roles.invigilator, entry=entry.uuid, now=now())
    attempt = enter(by=acting, entry=entry.uuid, device=device, now=now())
    if attempt.state == AttemptState.WAITING:
        time.sleep(max(0.0, (place_in_line(_read(attempt), now=now()).enters_ms - to_ms(now())) / 1000))
        attempt = start_attempt(by=acting, attempt=attempt.uuid, device=device, now=now())
    attempt = _read(attempt)
    answers = _answers(roles, UUID(row.papers[attempt.form]), mistakes, now())[attempt.sequence :]
    for start in range(0, len(answers), _PAGE):
        page = answers[start : start + _PAGE]
        at_ms = to_ms(now())
        leave = opened(leave_to_save(_read(attempt)), now_ms=at_ms)
        if leave is None:
            raise DeliveryRefused("the attempt's token is not valid", code="device")
        sent = tuple(Sent(attempt.sequence + 1 + n, position, text) for n, (position, text) in enumerate(page))
        save(leave, Batch(attempt.hash, sent), at_ms=at_ms)
        attempt = _read(attempt)
    hand_in(by=acting, attempt=attempt.uuid, device=device, sequence=attempt.sequence, head=attempt.hash, now=now())


def _read(attempt: Attempt) -> Attempt:
    return Attempt.objects.select_related("entry__sitting").get(pk=attempt.pk)


def _answers(roles: Examiners, uuid: UUID, mistakes: int, now: datetime) -> list[tuple[int, str]]:
    """Position and canonical response, in the paper's order; every so many is wrong."""
    data = paper(uuid)
    shown = documents_for_paper(
        by=roles.committee,
        paper=uuid,
        versions=[item.version for item in data.items],
        with_keys=True,
        reason=_WHY,
        now=now,
    )
    step = len(data.items) // mistakes if mistakes else len(data.items) + 1
    wrong = {step * (number + 1) for number in range(mistakes)}
    return [
        (item.position, json.dumps(_answer(document, wrong=place in wrong)))
        for place, (item, document) in enumerate(zip(data.items, shown, strict=True), start=1)
    ]


def _answer(document: QuestionDocument, *, wrong: bool) -> Any:
    key = document.key
    if document.type is QuestionType.TRUE_FALSE:
        return bool(key.truth) is not wrong
    if wrong:
        others = [option.key for option in document.options if option.key not in key.choices]
        return others[:1]
    return list(key.choices)


def _decided(
    roles: Examiners, row: Sitting, state: SittingState, now: Callable[[], datetime], wait: Callable[[], None]
) -> Iterator[str]:
    """Marked by the worker; confirmed by the chief and released by the bureau."""
    row.refresh_from_db()
    if state is SittingState.MARKED:
        _await(lambda: _state(row) not in {SittingState.OPEN, SittingState.CLOSED}, wait)
        yield f"  阅卷完成 marked: {PaperMark.objects.filter(attempt__entry__sitting=row, number=1).count()} 份 papers"
    elif _state(row) is SittingState.MARKED:
        with suppress(TheoryRefused):  # confirmed by an earlier run
            confirm_marks(by=roles.chief, sitting=row.uuid, now=now())
        release_marks(by=roles.bureau, sitting=row.uuid, now=now())
        yield "  组长确认，人社局发布 confirmed and released"


def _state(row: Sitting) -> SittingState:
    row.refresh_from_db(fields=["state"])
    return SittingState(row.state)


def _await(done: Callable[[], bool], wait: Callable[[], None]) -> None:
    while not done():
        wait()


def _told(row: Sitting) -> bool:
    """Whether results have every mark: the worker tells one candidate after the other."""
    heads = PaperMark.objects.filter(attempt__entry__sitting=row)
    return heads.exists() and not heads.filter(release=None).exists()


def _marks(roles: Examiners, row: Sitting) -> Iterator[str]:
    named = {acting.person: who for who, (acting, _mistakes) in roles.sits.items()}
    told = PaperMark.objects.filter(attempt__entry__sitting=row).select_related("attempt__entry")
    for mark in told.order_by("id"):
        sat = mark.attempt
        who = named.get(sat.entry.person, mark.code)
        yield f"  {who}  {mark.mark} 分  及格 pass mark {mark.pass_mark:.0f}  卷 form {sat.form}"
    absent = Absence.objects.filter(sitting=row).count()
    if absent:
        yield f"  缺考 absent {absent} 人，不占考试次数 uses no attempt"


def _open_one(
    roles: Examiners,
    awaited: tuple[str, Acting],
    training_class: UUID,
    forms: tuple[PaperData, ...],
    now: Callable[[], datetime],
) -> Iterator[str]:
    """A sitting in its waiting hours, for a person to click through; one that lapsed is closed and asked for anew."""
    who, acting = awaited
    row = _current(roles, training_class, TO_SIT, now()) or _ask(
        roles, training_class, TO_SIT, forms, opens=_SOON, now=now()
    )
    row = _fixed(roles, row, now)
    row.refresh_from_db()
    entry = row.entries.filter(person=acting.person).first() if acting.person else None
    begun = entry is not None and entry.attempts.filter(started_ms__isnull=False).exists()
    if row.state != SittingState.OPEN or entry is None or not entry.included or begun:
        yield f"{row.title}: {who} 已考过，去场次页收卷、阅卷、发布 sat already"
        return
    check_identity(by=roles.invigilator, entry=entry.uuid, now=now())
    left = "、".join(sorted({_(one.reason) for one in row.entries.filter(included=False)})) or "—"
    yield f"{row.title}: {who} 可以进候考室 may enter: /exam/seat/{entry.uuid}/"
    yield f"  名单外 left out {row.entries.filter(included=False).count()} 人: {left}"
