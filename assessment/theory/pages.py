"""What pages of marks show, as frozen facts; every query is done when a page is made. No question, no key, no answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final
from uuid import UUID

from django.core.paginator import Paginator
from django.http import Http404
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import pgettext, pgettext_lazy

from assessment.bank.presentation import TYPES
from assessment.bank.selectors import documents_of, placed_versions, topic_title
from assessment.delivery.models import Attempt, RosterEntry, Sitting
from assessment.delivery.presentation import STATES, TONES, moment
from assessment.delivery.types import AttemptState, SittingState
from assessment.theory.logic import passed, plain, seal_of
from assessment.theory.models import (
    MarksDecision,
    PaperMark,
    PaperRelease,
    QuestionCorrection,
)
from assessment.theory.rules import CORRECTION, MARKS, PUBLISH, may_with_marks
from assessment.theory.selectors import FINISHED, may_be_shown, newest_marks
from assessment.theory.types import Cause, CorrectionKind, PaperContent, Step, Trying, Waits
from lms.accounts.api import Acting, NotAllowed, Role, User, can, masked_names, may, require
from lms.core.types import Level
from lms.policies.api import PAPERS_SHOWN
from lms.policies.types import Shown

_PAGE: Final = 100
CAUSES: Final[Mapping[Cause, Promise]] = {
    Cause.FIRST: pgettext_lazy("paper mark", "first marking"),
    Cause.ANSWERS: pgettext_lazy("paper mark", "a late answer was ruled on"),
    Cause.PEOPLE: pgettext_lazy("paper mark", "short answers marked"),
    Cause.VIDEO: pgettext_lazy("paper mark", "video marked"),
    Cause.CORRECTION: pgettext_lazy("paper mark", "question corrected"),
    Cause.SETTLED: pgettext_lazy("paper mark", "no longer waited for"),
}
WAITS: Final[Mapping[Waits, Promise]] = {
    Waits.PEOPLE: pgettext_lazy("paper mark", "waits for short answers"),
    Waits.VIDEO: pgettext_lazy("paper mark", "waits for the video"),
}
KINDS: Final[Mapping[CorrectionKind, Promise]] = {
    CorrectionKind.KEY: pgettext_lazy("correction", "Another key"),
    CorrectionKind.STRUCK: pgettext_lazy("correction", "Struck out: everybody has its marks"),
}


# ---- the marks of a sitting, at the desk ----


@dataclass(frozen=True)
class MarkRow:
    """One paper. subject: its code for the chief, the masked name for others; parts: marks of each, "—" while missing; waits:
    what for, in words; settle: parts the reader may decide not to wait for, as (value, words)."""

    attempt: UUID
    seat: str
    subject: str
    form: str
    machine: str
    people: str
    video: str
    mark: str
    label: str
    tone: str
    number: int
    cause: str
    settle: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class MarksPage:
    """Marks of one sitting. lead: what happens next; blind: papers by code; absent, void: who has no paper, in words;
    settles: a paper on this page waits and the reader may decide not to; may_show: what a release may open, marks alone
    where the reader does not release; shown: what was opened besides marks, and why.

    total, number, count, previous and next: of its pages, as `_pages.html` draws them."""

    uuid: UUID
    title: str
    state: str
    tone: str
    lead: str
    facts: tuple[tuple[str, str], ...]
    rows: tuple[MarkRow, ...]
    blind: bool
    has_people: bool
    has_video: bool
    absent: tuple[str, ...]
    void: tuple[str, ...]
    corrections: tuple[tuple[str, str], ...]
    actions: frozenset[str]
    settles: bool
    decided: tuple[tuple[str, str, str], ...]
    may_show: tuple[Shown, ...]
    shown: tuple[str, str] | None
    sitting_url: str
    total: int
    number: int
    count: int
    previous: int | None
    next: int | None


def marks_sitting(acting: Acting, sitting: UUID) -> Sitting:
    """The gate: marks of a sitting at the desk. Raises Http404, NotAllowed; a candidate's own are on her page."""
    cell = can(acting, MARKS, "read")
    if cell is None or cell.own:
        raise NotAllowed(_("Your role may not do this here."))
    row = Sitting.objects.filter(uuid=sitting).first()
    if row is None:
        raise Http404
    require(acting, MARKS, "read", place=row.organisation_path)
    return row


def marks_page(acting: Acting, sitting: UUID, *, page: int = 1) -> MarksPage:
    """Papers by seat, for a chief by code. A fixed number of queries. Raises Http404, NotAllowed."""
    row = marks_sitting(acting, sitting)
    state = SittingState(row.state)
    blind = acting.role is Role.CHIEF_EXAMINER
    cell = can(acting, MARKS, "read")
    hidden = cell is not None and cell.condition == "after release" and state is not SittingState.RELEASED
    entries = list(row.entries.filter(included=True).order_by("seat", "id"))
    attempts = _last_attempts(row)
    done = [one for one in attempts.values() if one.state in FINISHED]
    heads = newest_marks(done)
    names = {} if blind else masked_names({entry.person for entry in entries})
    decisions = list(MarksDecision.objects.filter(sitting=row).order_by("id"))
    seal = seal_of([(one.uuid, heads[one.pk].number, heads[one.pk].content_hash) for one in done if one.pk in heads])
    confirmed = any(one.step == Step.CONFIRMED and one.seal == seal for one in decisions)
    whole = len(heads) == len(done) and all(head.mark is not None for head in heads.values())
    actions = _actions(acting, row, confirmed=confirmed, whole=whole)
    rows = () if hidden else _rows(entries, attempts, heads, names, blind=blind, settle="settle" in actions)
    pages = Paginator(rows, _PAGE)
    held = pages.get_page(page)
    return MarksPage(
        uuid=row.uuid,
        title=row.title,
        state=str(STATES[state]),
        tone=TONES[state],
        lead=_lead(row, hidden=hidden, confirmed=confirmed, whole=whole, acting=acting),
        facts=_facts(row, entries, attempts, heads, hidden=hidden),
        rows=tuple(held.object_list),
        blind=blind,
        has_people=any(head.people is None or head.people_outcome for head in heads.values()),
        has_video=any(head.video_share for head in heads.values()),
        absent=_without(entries, attempts, names, void=False) if state not in _BEFORE else (),
        void=_without(entries, attempts, names, void=True),
        corrections=_waiting_corrections(acting, done),
        actions=actions,
        settles=any(one.settle for one in held.object_list),
        decided=_decided(decisions),
        may_show=may_be_shown(row) if "release" in actions else (Shown.MARKS,),
        shown=_shown(decisions),
        sitting_url=reverse("assessment:sitting", args=[row.uuid]),
        total=pages.count,
        number=held.number,
        count=pages.num_pages,
        previous=held.previous_page_number() if held.has_previous() else None,
        next=held.next_page_number() if held.has_next() else None,
    )


_BEFORE: Final = frozenset({SittingState.DRAFTED, SittingState.REQUESTED, SittingState.APPROVED, SittingState.OPEN})


def _last_attempts(row: Sitting) -> dict[int, Attempt]:
    """Entry's id → its newest attempt."""
    return {one.entry_id: one for one in Attempt.objects.filter(entry__sitting=row).order_by("number")}


def _actions(acting: Acting, row: Sitting, *, confirmed: bool, whole: bool) -> frozenset[str]:
    found = set()
    publish = may_with_marks(acting, PUBLISH, "approve", row)
    if row.state == SittingState.MARKED and publish and whole:
        if confirmed:
            found.add("release")
        elif acting.role is Role.CHIEF_EXAMINER:
            found.add("confirm")
    chief = acting.role is Role.CHIEF_EXAMINER and may_with_marks(acting, "exam_decision", "approve", row)
    if chief and row.state in {SittingState.CLOSED, SittingState.MARKED}:
        found.add("settle")
    return frozenset(found)


def _lead(row: Sitting, *, hidden: bool, confirmed: bool, whole: bool, acting: Acting) -> str:
    match SittingState(row.state):
        case SittingState.VOIDED:
            return _("The whole sitting is void; its answers are kept.")
        case SittingState.RELEASED:
            return _("Released. Each candidate reads her marks by section and topic.")
        case _ if hidden:
            return _("Marks appear here once they have been released.")
        case SittingState.CLOSED:
            return _("Papers are being marked. Those that wait say what for.")
        case SittingState.MARKED if not whole:
            return _("Papers are being marked. Those that wait say what for.")
        case SittingState.MARKED if confirmed:
            return _("The chief examiner has confirmed the marks. Chief examiner or HR bureau releases them.")
        case SittingState.MARKED if acting.role is Role.CHIEF_EXAMINER:
            return _("Every paper is marked. Look at them, then confirm.")
        case SittingState.MARKED:
            return _("Every paper is marked. The chief examiner confirms next.")
    return _("Papers are marked by themselves once the sitting is closed.")


def _facts(
    row: Sitting,
    entries: Sequence[RosterEntry],
    attempts: Mapping[int, Attempt],
    heads: Mapping[int, PaperMark],
    *,
    hidden: bool,
) -> tuple[tuple[str, str], ...]:
    contents = [head.as_content() for head in heads.values()]
    done = sum(one.state in FINISHED for one in attempts.values())
    marked = sum(content.mark is not None for content in contents)
    found = [
        (pgettext("marks", "On the roster"), str(len(entries))),
        (pgettext("marks", "Papers"), str(done)),
        (pgettext("marks", "Marked"), f"{marked}/{done}"),
    ]
    for part, words in (
        (Waits.PEOPLE, pgettext("marks", "Wait for short answers")),
        (Waits.VIDEO, pgettext("marks", "Wait for the video")),
    ):
        if waiting := sum(part in content.waits for content in contents):
            found.append((words, str(waiting)))
    if marked and not hidden:
        found.append((pgettext("marks", "Pass"), f"{sum(passed(one) is True for one in contents)}/{marked}"))
        mean = sum((one.mark for one in contents if one.mark is not None), Decimal(0)) / marked
        found.append((pgettext("marks", "Mean"), f"{mean:.1f}"))
    if row.state == SittingState.RELEASED:
        told = PaperRelease.objects.filter(mark__attempt__entry__sitting=row).values("mark__attempt").distinct().count()
        found.append((pgettext("marks", "Told"), f"{told}/{done}"))
    return tuple(found)


def _rows(
    entries: Sequence[RosterEntry],
    attempts: Mapping[int, Attempt],
    heads: Mapping[int, PaperMark],
    names: Mapping[UUID, str],
    *,
    blind: bool,
    settle: bool,
) -> tuple[MarkRow, ...]:
    found = []
    for entry in entries:
        attempt = attempts.get(entry.pk)
        head = heads.get(attempt.pk) if attempt else None
        if attempt is None or head is None:
            continue
        content = head.as_content()
        label, tone = standing_of(content)
        found.append(
            MarkRow(
                attempt=attempt.uuid,
                seat="" if blind else str(entry.seat or ""),
                subject=head.code if blind else names.get(entry.person, "—"),
                form=attempt.form,
                machine=plain(content.machine),
                people=_part(content.people),
                video=_part(content.video),
                mark=_part(content.mark, decimals=True),
                label=label,
                tone=tone,
                number=head.number,
                cause=str(CAUSES[Cause(head.cause)]),
                settle=tuple((part.value, str(WAITS[part])) for part in content.waits) if settle else (),
            )
        )
    # By seat a chief could look up who it is.
    return tuple(sorted(found, key=lambda row: row.subject)) if blind else tuple(found)


def _part(marks: Decimal | None, *, decimals: bool = False) -> str:
    if marks is None:
        return "—"
    return f"{marks:.1f}" if decimals else plain(marks)


def standing_of(content: PaperContent) -> tuple[str, str]:
    if content.waits:
        return pgettext("list", ", ").join(str(WAITS[part]) for part in content.waits), "now"
    if passed(content):
        return pgettext("paper mark", "Passed"), "ok"
    if content.proposed_fail:
        return pgettext("paper mark", "Not passed: grave breach in the video"), "bad"
    return pgettext("paper mark", "Not passed"), "bad"


def _without(
    entries: Sequence[RosterEntry], attempts: Mapping[int, Attempt], names: Mapping[UUID, str], *, void: bool
) -> tuple[str, ...]:
    """Seat and, where she may be known, name of who has no paper: absent, or her attempt is void."""
    found = []
    for entry in entries:
        attempt = attempts.get(entry.pk)
        began = attempt is not None and attempt.started_ms is not None
        voided = began and attempt is not None and attempt.state == AttemptState.VOIDED
        if voided if void else not began:
            seat = pgettext("marks", "seat %(seat)s") % {"seat": entry.seat or "—"}
            name = names.get(entry.person, "")
            found.append(f"{seat} {name}".strip())
    return tuple(found)


def _decided(decisions: Sequence[MarksDecision]) -> tuple[tuple[str, str, str], ...]:
    """Step, by whom, when."""
    users = dict(
        User.objects.filter(uuid__in=[one.by for one in decisions if one.by]).values_list("uuid", "display_name")
    )
    words = {
        Step.CONFIRMED: pgettext("marks", "Confirmed"),
        Step.RELEASED: pgettext("marks", "Released"),
    }
    return tuple((words[Step(one.step)], users.get(one.by, "") if one.by else "", moment(one.at)) for one in decisions)


def _shown(decisions: Sequence[MarksDecision]) -> tuple[str, str] | None:
    """What a release opened besides marks, and its reason."""
    opened = next((one for one in decisions if one.shown != Shown.MARKS), None)
    return (str(PAPERS_SHOWN[Shown(opened.shown)]), opened.reason) if opened else None


def _waiting_corrections(acting: Acting, done: Sequence[Attempt]) -> tuple[tuple[str, str], ...]:
    """Corrections that wait for a decision and concern these papers: (words, address), for who reads them."""
    if can(acting, CORRECTION, "read") is None or not done:
        return ()
    waiting = list(QuestionCorrection.objects.filter(decision=None).order_by("id"))
    if not waiting:
        return ()
    asked = {item["version"] for head in newest_marks(done).values() for item in head.items}
    serials = {version: one.serial for version, one in placed_versions([row.version for row in waiting]).items()}
    said = pgettext("correction", "Question no. %(serial)s: %(kind)s")
    return tuple(
        (
            said % {"serial": serials.get(row.version, "—"), "kind": KINDS[CorrectionKind(row.kind)]},
            reverse("assessment:question_correction", args=[row.uuid]),
        )
        for row in waiting
        if str(row.version) in asked
    )


def waiting_marks(acting: Acting) -> int:
    """Sittings whose marks wait for this role: a chief confirms or releases, the HR bureau releases; 0 for others. At most
    three queries."""
    if can(acting, PUBLISH, "approve") is None:
        return 0
    rows = Sitting.objects.filter(state=SittingState.MARKED, organisation_path__startswith=acting.organisation_path)
    if acting.role is Role.CHIEF_EXAMINER:
        return rows.count()
    return rows.filter(marks_decisions__step=Step.CONFIRMED).distinct().count()


def waiting_corrections(acting: Acting) -> int:
    """How many corrections wait for this chief; 0 for everybody else. One query."""
    if can(acting, CORRECTION, "approve") is None:
        return 0
    return QuestionCorrection.objects.filter(decision=None).exclude(proposed_by=acting.user).count()


# ---- corrections of questions that were asked ----


@dataclass(frozen=True)
class CorrectionRow:
    """One correction in the list. serial: what people call the question by."""

    url: str
    serial: str
    level: str
    type: str
    kind: str
    proposed_at: str
    state: str
    tone: str


@dataclass(frozen=True)
class DifferenceRow:
    """One paper whose mark it changes."""

    sitting: str
    code: str
    before: str
    after: str
    change: str
    tone: str
    released: bool


@dataclass(frozen=True)
class CorrectionPage:
    """One correction. stem: for who may read questions, else ""; reason: why it was proposed, which may tell the key: for
    them and for the chief, who decides by it; figures: (words, number), none while they are computed; rows: who changes, for
    an open one; seen: the trial these are of; live: the worker computes, percent of it where known; failed: it gave up."""

    uuid: UUID
    serial: str
    facts: tuple[tuple[str, str], ...]
    stem: str
    reason: str
    state: str
    tone: str
    lead: str
    figures: tuple[tuple[str, str], ...]
    seen: str
    percent: int | None
    live: bool
    failed: bool
    sittings: tuple[str, ...]
    rows: tuple[DifferenceRow, ...]
    more: int
    decision: tuple[str, str, str] | None
    may_decide: bool
    list_url: str


def corrections_page(acting: Acting) -> tuple[CorrectionRow, ...]:
    """Every correction, those that wait first. Three queries. Raises NotAllowed."""
    require(acting, CORRECTION, "read")
    rows = list(QuestionCorrection.objects.select_related("decision").order_by("-id"))
    rows.sort(key=lambda row: hasattr(row, "decision"))
    placed = placed_versions([row.version for row in rows])
    return tuple(
        CorrectionRow(
            url=reverse("assessment:question_correction", args=[row.uuid]),
            serial=str(placed[row.version].serial),
            level=Level(placed[row.version].place.level).label_zh,
            type=str(TYPES[placed[row.version].place.type]),
            kind=str(KINDS[CorrectionKind(row.kind)]),
            proposed_at=moment(row.proposed_at),
            state=_correction_state(row)[0],
            tone=_correction_state(row)[1],
        )
        for row in rows
    )


def _correction_state(row: QuestionCorrection) -> tuple[str, str]:
    if not hasattr(row, "decision"):
        return pgettext("correction", "Waits for the chief examiner"), "now"
    if row.decision.accepted:
        return pgettext("correction", "Accepted"), "ok"
    return pgettext("correction", "Refused"), "bad"


def correction_for(acting: Acting, uuid: UUID) -> QuestionCorrection:
    """The gate. Raises NotAllowed by role, Http404 when unknown."""
    require(acting, CORRECTION, "read")
    row = QuestionCorrection.objects.select_related("decision").filter(uuid=uuid).first()
    if row is None:
        raise Http404
    return row


def correction_page(acting: Acting, uuid: UUID, trying: Trying | None) -> CorrectionPage:
    """trying: what it would change, for one that waits. Raises NotAllowed, Http404."""
    row = correction_for(acting, uuid)
    placed = placed_versions([row.version])[row.version]
    state, tone = _correction_state(row)
    reads = may(acting, "question", "read")
    decided = getattr(row, "decision", None)
    tried = trying.trial if trying else None
    figures = tried.figures if tried else decided.figures if decided else None
    shown = tried.rows if tried else ()
    live = trying is not None and tried is None and not trying.failed
    decider = User.objects.filter(uuid=decided.by).values_list("display_name", flat=True).first() if decided else ""
    return CorrectionPage(
        uuid=row.uuid,
        serial=str(placed.serial),
        facts=(
            (pgettext("correction", "Level"), Level(placed.place.level).label_zh),
            (pgettext("correction", "Type"), str(TYPES[placed.place.type])),
            (pgettext("correction", "Topic"), topic_title(placed.place.topic)),
            (pgettext("correction", "What becomes of it"), str(KINDS[CorrectionKind(row.kind)])),
            (pgettext("correction", "Proposed"), moment(row.proposed_at)),
        ),
        stem=documents_of([row.version])[row.version].stem if reads else "",
        reason=row.reason if reads or acting.role is Role.CHIEF_EXAMINER else "",
        state=state,
        tone=tone,
        lead=_correction_lead(decided is not None and decided.accepted, decided is not None),
        figures=_figures(figures) if figures is not None else (),
        seen=str(tried.uuid) if tried else "",
        percent=round(trying.progress * 100) if trying and trying.progress is not None else None,
        live=live,
        failed=trying is not None and trying.failed,
        sittings=tried.sittings if tried else (),
        rows=tuple(
            DifferenceRow(
                sitting=one.sitting_title,
                code=one.code,
                before=_part(one.before, decimals=True),
                after=_part(one.after, decimals=True),
                change=_change(one.passed_before, one.passed_after),
                tone=_change_tone(one.passed_before, one.passed_after),
                released=one.released,
            )
            for one in shown
        ),
        more=tried.figures["changed"] - len(shown) if tried else 0,
        decision=(decided.reason, decider or "", moment(decided.at)) if decided else None,
        may_decide=tried is not None and may(acting, CORRECTION, "approve") and acting.user != row.proposed_by,
        list_url=reverse("assessment:question_corrections"),
    )


def _correction_lead(accepted: bool, decided: bool) -> str:
    if not decided:
        return _(
            "Nothing has changed yet. Below stands what it would change; the chief examiner decides with a reason."
        )
    if accepted:
        return _(
            "Every paper that asked the question has been marked anew, or is right now; who knew her mark is told."
        )
    return _("The marks stay as they are.")


def _change(before: bool | None, after: bool | None) -> str:
    if before is False and after:
        return pgettext("correction", "passes now")
    if before and after is False:
        return pgettext("correction", "fails now")
    return ""


def _change_tone(before: bool | None, after: bool | None) -> str:
    if before is None or after is None or before == after:
        return ""
    return "ok" if after else "bad"


def _figures(said: Mapping[str, int]) -> tuple[tuple[str, str], ...]:
    words = {
        "sittings": pgettext("correction", "Sittings that asked it"),
        "papers": pgettext("correction", "Papers with it"),
        "changed": pgettext("correction", "Marks that change"),
        "raised": pgettext("correction", "rise"),
        "lowered": pgettext("correction", "fall"),
        "now_pass": pgettext("correction", "pass anew"),
        "now_fail": pgettext("correction", "fail anew"),
    }
    return tuple((label, str(said.get(name, 0))) for name, label in words.items())
