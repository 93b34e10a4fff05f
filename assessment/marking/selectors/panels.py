"""The chief's pages: panels that wait, one panel compared sheet by sheet. Examiners are 甲乙丙 until it is signed."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from assessment.bank.types import RevealedKey
from assessment.candidates.selectors import candidacy
from assessment.examiners.selectors import examiner_names, grade_label
from assessment.marking.logic import deduction_of, needs_chief, notes_of, spread_of, status_of
from assessment.marking.models import BookletOutcome, ChiefRuling, Panel, PanelFinding, ScoreSheet, VideoOutcome
from assessment.marking.selectors.answers import answer_views, blank_positions
from assessment.marking.selectors.evidence import evidence_page, finding_view
from assessment.marking.selectors.outcomes import Facts, facts_of
from assessment.marking.selectors.pool import Pool, conflicts
from assessment.marking.selectors.rubrics import (
    band_label,
    criteria_for,
    maximum_of,
    places_of,
    rubric_title,
    rules_of,
    waived_in,
)
from assessment.marking.selectors.words import (
    centre_label,
    kind_label,
    panel_label,
    seat_label,
    sheet_label,
    verdict_word,
)
from assessment.marking.types import (
    OPEN_SHEETS,
    ExaminerOption,
    MarkingRules,
    MarksView,
    MarkView,
    PanelCriterion,
    PanelFindingView,
    PanelKind,
    PanelPage,
    PanelRow,
    PanelsList,
    PanelState,
    RulingView,
    SeatView,
    SheetState,
    Verdict,
)
from lms.accounts.api import Acting, can, masked_names, may, records_of
from lms.core.clock import day_of
from lms.core.types import Level
from media_pipeline.api import Pages, pages, rewordings_of

# A difference worth looking at: this share of a criterion's maximum, in percent.
_WIDE = 20
# How many examiners the chief may choose from.
_OPTIONS = 10


def _covered(acting: Acting) -> QuerySet[Panel]:
    """Panels of the places the acting organisation covers. Raises PermissionDenied."""
    if can(acting, "arbitration", "read") is None:
        raise PermissionDenied
    return Panel.objects.filter(organisation_path__startswith=acting.organisation_path).select_related("rubric")


def panel_for(acting: Acting, code: str) -> Panel:
    """The gate of one panel. Raises PermissionDenied by role; Http404 when unknown or out of reach."""
    row = _covered(acting).filter(code=code).first()
    if row is None:
        raise Http404
    return row


def _readable(acting: Acting) -> QuerySet[Panel]:
    """The same without those she still has to score herself: nobody reads the other sheets before hers is in, in whatever
    role (domain 3.3). Raises PermissionDenied."""
    hers = ScoreSheet.objects.filter(_sat(acting), panel=OuterRef("pk"), state__in=sorted(OPEN_SHEETS))
    return _covered(acting).exclude(Exists(hers))


def _sat(acting: Acting) -> Q:
    """Sheets of this human being, under whichever of her records."""
    sat = Q(examiner_user=acting.user)
    if acting.person is not None:
        sat |= Q(examiner_person__in=records_of([acting.person])[acting.person])
    return sat


def partiality(acting: Acting, panel: Panel, *, now: datetime) -> str:
    """Why this chief may not decide on this panel, "" when nothing speaks against it (examiner ≠ arbitrator, domain 3.3)."""
    if panel.sheets.filter(_sat(acting)).exists():
        return _("You are an examiner of this work and cannot decide on it as well.")
    if acting.person is not None:
        day = day_of(now)
        if conflicts(panel, candidacy(panel.candidacy), acting.person, day):
            return _("A conflict of interest with this work is on record. Another chief examiner must decide.")
    return ""


def _asking(rows: QuerySet[Panel], now: datetime) -> QuerySet[Panel]:
    """Panels that wait for the chief: a wide spread, rulings, an empty seat, an examiner whose time is over."""
    late = ScoreSheet.objects.filter(panel=OuterRef("pk"), state__in=sorted(OPEN_SHEETS), lease_until__lt=now)
    waits = Q(state__in=[PanelState.SPREAD, PanelState.RULINGS]) | Q(shortfall__isnull=False)
    return rows.filter(waits | Exists(late)).exclude(state=PanelState.FINAL)


def waiting_panels(acting: Acting, *, now: datetime) -> int:
    """How many panels wait for this chief; 0 for whoever may not arbitrate."""
    if can(acting, "arbitration", "execute") is None:
        return 0
    return _asking(_readable(acting), now).count()


def panels_list(acting: Acting, *, now: datetime, page: int = 1) -> PanelsList:
    """Panels the acting organisation covers. Raises PermissionDenied."""
    covered = _readable(acting)
    open_panels = covered.exclude(state=PanelState.FINAL)
    asking = list(_asking(open_panels, now).order_by("moved_at", "id"))
    running = list(open_panels.exclude(pk__in=[panel.pk for panel in asking]).order_by("moved_at", "id"))
    finished = covered.filter(state=PanelState.FINAL).order_by("-moved_at", "-id")
    shown: Pages = pages(finished.count(), page)
    done = list(finished[shown.start : shown.start + 50])
    facts = facts_of([*asking, *running, *done])
    rows = {pk: _row(held, now, asks=held.panel in asking) for pk, held in facts.items()}
    return PanelsList(
        asking=[rows[panel.pk] for panel in asking],
        running=[rows[panel.pk] for panel in running],
        finished=[rows[panel.pk] for panel in done],
        number=shown.number,
        count=shown.count,
        total=len(asking) + len(running) + shown.total,
    )


def _row(facts: Facts, now: datetime, *, asks: bool) -> PanelRow:
    panel = facts.panel
    label, tone = panel_label(PanelState(panel.state))
    return PanelRow(
        code=panel.code,
        kind_label=kind_label(PanelKind(panel.kind)),
        level_label=_level(panel),
        state=PanelState(panel.state),
        state_label=label,
        tone=tone,
        handed_in=facts.handed_in,
        seats=facts.expected,
        spread=_spread(facts),
        to_decide=len(_undecided(facts)),
        why=_why(facts, now),
        asks=asks,
        moved_at=panel.moved_at,
        url=reverse("assessment:panel", args=[panel.code]),
    )


def _level(panel: Panel) -> str:
    return Level(panel.level).label_zh


def _shown(facts: Facts) -> bool:
    """Whether scores may be looked at: when the regular sheets are all in (before, nobody sees any)."""
    return sum(not sheet.fourth for sheet in facts.sheets if sheet.seat in facts.seals) == facts.panel.seats


def _spread(facts: Facts) -> Decimal | None:
    return spread_of(facts.totals) if _shown(facts) else None


def _undecided(facts: Facts) -> list[int]:
    """Findings that wait for the chief."""
    return facts.undecided if facts.complete else []


def _why(facts: Facts, now: datetime) -> list[str]:
    """What the panel waits for, in sentences."""
    panel = facts.panel
    told = []
    if panel.shortfall:
        told.append(_short_of(panel.shortfall))
    if panel.state == PanelState.SPREAD:
        told.append(
            _("The spread is %(spread)s, above the limit of %(limit)s: one more examiner must score.")
            % {"spread": spread_of(facts.totals), "limit": _limit(facts)}
        )
    if panel.state == PanelState.RULINGS:
        waiting = len(_undecided(facts))
        told.append(
            _("Findings that wait for your decision: %(count)d.") % {"count": waiting}
            if waiting
            else _("Everything is decided. It waits for your signature.")
        )
    told += [
        _("The time of examiner %(seat)s is over. The sheet can be given to somebody else.")
        % {"seat": seat_label(sheet.seat)}
        for sheet in facts.sheets
        if _late(sheet, now)
    ]
    return told


def _short_of(counts: dict[str, int]) -> str:
    return (
        _(
            "Examiners needed: %(needed)d; can be assigned: %(found)d. Filed for this level and place: %(available)d, of whom "
            "%(conflict)d have a conflict of interest, %(unknown)d have no identity record, %(passed_over)d had it before."
        )
        % counts
    )


def _late(sheet: ScoreSheet, now: datetime) -> bool:
    return sheet.state in OPEN_SHEETS and sheet.lease_until < now


def readable_panel(acting: Acting, code: str) -> Panel:
    """The gate of a panel's page. Raises PermissionDenied; Http404 also while she still has to score it herself."""
    panel = _readable(acting).filter(code=code).first()
    if panel is None:
        raise Http404
    return panel


def keys_open_to(acting: Acting, panel: Panel, *, now: datetime) -> bool:
    """Whether this chief may see the model answers of a booklet: she decides on it, and its sheets are in."""
    return (
        panel.kind == PanelKind.ANSWERS
        and panel.state not in {PanelState.WAITING, PanelState.SCORING}
        and may(acting, "arbitration", "execute", place=panel.organisation_path)
        and not partiality(acting, panel, now=now)
    )


def panel_page(
    acting: Acting,
    code: str,
    *,
    now: datetime,
    start_s: float = 0.0,
    keys: Mapping[UUID, RevealedKey] = MappingProxyType({}),
) -> PanelPage:
    """One panel for the chief, or to read for bureau and inspector. keys: of a booklet's questions, of the bank's door, where
    they are hers to see. Raises PermissionDenied, Http404."""
    panel = readable_panel(acting, code)
    video = panel.kind == PanelKind.VIDEO
    facts = facts_of([panel])[panel.pk]
    state = PanelState(panel.state)
    label, tone = panel_label(state)
    rules = rules_of(panel.rubric) if video else None
    place = panel.organisation_path
    executes = state is not PanelState.FINAL and may(acting, "arbitration", "execute", place=place)
    decides = state is PanelState.RULINGS and may(acting, "finding_ruling", "approve", place=place)
    refused = partiality(acting, panel, now=now) if executes or decides else ""
    acts = executes and not refused
    late = [sheet for sheet in facts.sheets if _late(sheet, now)]
    outcomes: type[VideoOutcome | BookletOutcome] = VideoOutcome if video else BookletOutcome
    signed = outcomes.objects.filter(panel=panel).first()
    shows_mark = facts.complete and state is not PanelState.SPREAD
    signer = signed.signed_by if signed else None
    return PanelPage(
        code=code,
        kind=PanelKind(panel.kind),
        evidence=evidence_page(acting, code, start_s=start_s) if video else None,
        answers=answer_views(panel, keys) if not video and may(acting, "booklet", "read", place=place) else {},
        level_label=_level(panel),
        rubric_title=rubric_title(panel.rubric),
        rubric_version=panel.rubric.version,
        state=state,
        state_label=label,
        tone=tone,
        waived=[criterion.title for criterion in waived_in(panel)],
        why=_why(facts, now),
        seats=_seats(facts, signed, now, acts=acts),
        criteria=_criteria(facts),
        spread=_spread(facts),
        spread_limit=facts.limit,
        limit_words=_limit(facts),
        places=places_of(criteria_for(panel)),
        findings=_findings(facts, rules) if rules else [],
        mark=_mark(facts) if shows_mark and video else None,
        marks=_marks(facts) if shows_mark and not video else None,
        options=_options(acting, panel, now) if acts and (state is PanelState.SPREAD or late) else [],
        may_retry=acts and panel.shortfall is not None,
        may_decide=decides and not refused,
        may_assign=acts and state is PanelState.SPREAD,
        may_sign=acts and state is PanelState.RULINGS and not _undecided(facts),
        reason_required=facts.arbitrated,
        refused=refused,
        signed_by=examiner_names([signer]).get(signer, "") if signer else "",
        signed_at=signed.at if signed else None,
        signed_reason=signed.reason if signed else "",
        list_url=reverse("assessment:panels"),
        finding_url=reverse("assessment:panel_finding", args=[code]),
        fourth_url=reverse("assessment:panel_fourth", args=[code]),
        sign_url=reverse("assessment:panel_sign", args=[code]),
        reassign_url=reverse("assessment:panel_reassign", args=[code]),
        retry_url=reverse("assessment:panel_retry", args=[code]),
    )


def _limit(facts: Facts) -> str:
    """The limit of the spread in figures; a booklet's, scaled to its marks, may have decimals of its own."""
    return f"{facts.limit.normalize():f}" if facts.panel.kind == PanelKind.ANSWERS else f"{facts.limit:.1f}"


def _seats(facts: Facts, signed: VideoOutcome | BookletOutcome | None, now: datetime, *, acts: bool) -> list[SeatView]:
    shown = _shown(facts)
    counted = {entry["seat"] for entry in signed.content["sheets"] if entry["counted"]} if signed else set[int]()
    names = examiner_names([sheet.examiner_user for sheet in facts.sheets]) if signed else dict[UUID, str]()
    views = []
    for sheet in facts.sheets:
        state = SheetState(sheet.state)
        label, tone = sheet_label(state)
        late = _late(sheet, now)
        seal = facts.seals.get(sheet.seat) if shown else None
        views.append(
            SeatView(
                seat=sheet.seat,
                label=seat_label(sheet.seat),
                name=names.get(sheet.examiner_user, ""),
                state=state,
                state_label=label,
                tone=tone,
                total=seal.points if seal else None,
                fourth=sheet.fourth,
                late=late,
                may_reassign=late and acts,
                counted=sheet.seat in counted,
                lease_until=sheet.lease_until if state in OPEN_SHEETS else None,
                submitted_at=sheet.submitted_at,
            )
        )
    return views


def _criteria(facts: Facts) -> list[PanelCriterion]:
    seals = [facts.seals.get(sheet.seat) if _shown(facts) else None for sheet in facts.sheets]
    rows = []
    for criterion in criteria_for(facts.panel):
        scores = [seal.scores[criterion.code] if seal else None for seal in seals]
        given = [score for score in scores if score is not None]
        spread = spread_of(given) if given else None
        rows.append(
            PanelCriterion(
                code=criterion.code,
                title=criterion.title,
                maximum=criterion.maximum,
                scores=scores,
                comments=[notes_of(seal.content["comments"].get(criterion.code, "")) if seal else [] for seal in seals],
                spread=spread,
                wide=spread is not None and spread * 100 >= criterion.maximum * _WIDE,
            )
        )
    return rows


def _findings(facts: Facts, rules: MarkingRules) -> list[PanelFindingView]:
    known = rewordings_of(facts.panel.asset)
    return [_finding(finding, facts, rules, known.get(finding.rule, "")) for finding in facts.to_rule]


def _finding(finding: PanelFinding, facts: Facts, rules: MarkingRules, rewording: str) -> PanelFindingView:
    shown = _shown(facts)
    ruled = facts.ruled_one(finding)
    chief = facts.chief.get(finding.number)
    status, label = _status(status_of(ruled)) if facts.complete else ("", "")
    return PanelFindingView(
        finding=finding_view(finding, rewording=rewording),
        rulings=[
            RulingView(seat_label(seat), verdict, verdict_word(verdict), reason)
            for seat, verdict, reason in (facts.rulings(finding.number) if shown else [])
        ],
        confirmed=ruled.confirmed if shown else 0,
        dismissed=ruled.dismissed if shown else 0,
        needs_chief=facts.complete and needs_chief(ruled),
        chief=_chief_view(chief) if chief else None,
        status=status,
        status_label=label,
        deduction=deduction_of(finding.severity, rules),
    )


def _chief_view(ruling: ChiefRuling) -> RulingView:
    verdict = Verdict(ruling.verdict)
    return RulingView(pgettext("ruling", "Chief examiner"), verdict, verdict_word(verdict), ruling.reason)


def _status(verdict: Verdict | None) -> tuple[str, str]:
    if verdict is None:
        return "open", _("To be decided by the chief examiner")
    return ("confirmed" if verdict is Verdict.CONFIRM else "dismissed"), verdict_word(verdict)


def _marks(facts: Facts) -> MarksView:
    judged = facts.booklet_judgement()
    return MarksView(
        method_label=centre_label(judged.method),
        marks=[(each.title, judged.marks[each.code]) for each in criteria_for(facts.panel)],
        blank=blank_positions(facts.panel),
        total=judged.total,
        maximum=maximum_of(facts.panel.rubric),
    )


def _mark(facts: Facts) -> MarkView:
    judged = facts.judgement()
    return MarkView(
        method=judged.method.value,
        method_label=centre_label(judged.method),
        centre=judged.centre,
        removed=judged.removed,
        deducted=judged.deducted,
        mark=judged.mark,
        grade=judged.grade,
        grade_label=band_label(facts.panel.rubric, judged.grade),
        proposed_fail=judged.proposed_fail,
        pending=bool(judged.undecided),
    )


def _options(acting: Acting, panel: Panel, now: datetime) -> list[ExaminerOption]:
    pool = Pool(panel, candidacy(panel.candidacy), day_of(now))
    free = []
    for one in pool.free(again=True, chooser=acting):
        free.append(one)
        if len(free) == _OPTIONS:
            break
    names = masked_names([one.person for one in free])
    return [
        ExaminerOption(
            examiner=one.examiner.uuid,
            name=names.get(one.person, ""),
            grade_label=grade_label(one.examiner.grade),
            load=one.load,
            recommended=place == 0,
        )
        for place, one in enumerate(free)
    ]
