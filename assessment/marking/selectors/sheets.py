"""The examiner's desk: her list and her sheet. No other examiner's sheet is ever read here."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse

from assessment.marking.logic import RULED, band_of, deduction_of, notes_of
from assessment.marking.models import PanelFinding, Ruling, ScoreLine, ScoreSheet
from assessment.marking.selectors.evidence import evidence_page
from assessment.marking.selectors.rubrics import (
    Criterion,
    criteria_for,
    places_of,
    rubric_title,
    rules_of,
    score_code,
    waived_in,
)
from assessment.marking.selectors.words import kind_label, own_sheet_label, relation_label
from assessment.marking.types import (
    LOCKED_SHEETS,
    OPEN_SHEETS,
    CheckView,
    CriterionRow,
    DeskList,
    DeskRow,
    FindingView,
    MarkingRules,
    PanelKind,
    Relation,
    SheetDraft,
    SheetFinding,
    SheetPage,
    SheetState,
    Verdict,
)
from lms.accounts.api import Acting, Role, may
from lms.core.types import Level
from media_pipeline.api import ROWS_A_PAGE, BlindWork, Pages, blind_works


def _mine(acting: Acting) -> QuerySet[ScoreSheet]:
    """Her sheets. Raises PermissionDenied for whoever is not acting as an examiner."""
    if acting.user is None or not may(acting, "score_sheet", "update", own=True):
        raise PermissionDenied
    return ScoreSheet.objects.filter(examiner_user=acting.user).select_related("panel__rubric")


def sheet_for(acting: Acting, code: str) -> ScoreSheet:
    """The gate of the scoring desk: her own sheet, in whatever state. Raises PermissionDenied, Http404."""
    row = _mine(acting).filter(panel__code=code).first()
    if row is None:
        raise Http404
    return row


@dataclass(frozen=True)
class Progress:
    """How far a sheet is. missing: criterion codes, and findings as `F2`."""

    total: Decimal
    done: int
    of: int
    rulings_done: int
    rulings_of: int
    missing: tuple[str, ...]


@dataclass(frozen=True)
class Entered:
    """What she has entered so far: lines by criterion, rulings by finding number, and what there is to fill in."""

    criteria: list[Criterion]
    lines: Mapping[str, ScoreLine]
    findings: list[PanelFinding]
    rulings: Mapping[int, Ruling]

    @property
    def scores(self) -> dict[str, Decimal]:
        quantum = {each.code: each.quantum for each in self.criteria}
        return {
            code: line.score.quantize(quantum[code])
            for code, line in self.lines.items()
            if line.score is not None and code in quantum
        }

    @property
    def progress(self) -> Progress:
        scores = self.scores
        asked = [finding.number for finding in self.findings]
        missing = [criterion.code for criterion in self.criteria if criterion.code not in scores]
        missing += [f"F{number}" for number in asked if number not in self.rulings]
        return Progress(
            total=sum(scores.values(), Decimal("0.0")),
            done=len(scores),
            of=len(self.criteria),
            rulings_done=len(self.rulings),
            rulings_of=len(asked),
            missing=tuple(missing),
        )

    def draft(self, revision: int) -> SheetDraft:
        """The same for the browser."""
        return SheetDraft(
            revision=revision,
            scores={code: str(score) for code, score in self.scores.items()},
            comments={code: line.comment for code, line in self.lines.items() if line.comment},
            rulings={number: (ruling.verdict, ruling.reason) for number, ruling in self.rulings.items()},
        )


def entered(sheet: ScoreSheet) -> Entered:
    """What a sheet holds; findings are those to rule on (B, H, M)."""
    rulings = Ruling.objects.filter(sheet=sheet, finding__replaced_by=None).select_related("finding")
    return Entered(
        criteria=criteria_for(sheet.panel),
        lines={line.criterion: line for line in ScoreLine.objects.filter(sheet=sheet)},
        findings=list(sheet.panel.findings.filter(severity__in=sorted(RULED), replaced_by=None).order_by("number")),
        rulings={ruling.finding.number: ruling for ruling in rulings},
    )


def waiting_sheets(acting: Acting) -> int:
    """How many sheets this examiner still has to hand in; 0 for every other role."""
    if acting.role is not Role.EXAMINER:
        return 0
    return _mine(acting).filter(state__in=sorted(OPEN_SHEETS)).count()


def desk_list(acting: Acting, *, now: datetime) -> DeskList:
    """Her works and booklets: those to score by the hour they are due, then the last ones handed in. Raises
    PermissionDenied."""
    mine = _mine(acting)
    waiting = list(mine.filter(state__in=sorted(OPEN_SHEETS)).order_by("lease_until", "id"))
    locked = mine.filter(state__in=sorted(LOCKED_SHEETS))
    handed_in = list(locked.order_by("-submitted_at", "-id")[:ROWS_A_PAGE])
    sheets = [*waiting, *handed_in]
    works = _works([sheet.panel.asset for sheet in sheets if sheet.panel.kind == PanelKind.VIDEO])
    scored = ScoreLine.objects.filter(sheet__in=sheets).exclude(score=None)
    panels = {sheet.panel_id for sheet in sheets}
    to_rule = PanelFinding.objects.filter(panel__in=panels, severity__in=sorted(RULED), replaced_by=None)
    done = Counter(scored.values_list("sheet", flat=True))
    asked = Counter(to_rule.values_list("panel", flat=True))
    rulings = Ruling.objects.filter(sheet__in=sheets, finding__replaced_by=None)
    ruled = Counter(rulings.values_list("sheet", flat=True))
    rows = [
        _desk_row(
            sheet,
            works.get(sheet.panel.asset),
            done=done[sheet.pk],
            left=asked[sheet.panel_id] - ruled[sheet.pk],
            now=now,
        )
        for sheet in sheets
    ]
    return DeskList(rows[: len(waiting)], rows[len(waiting) :], locked.count())


def _works(assets: list[UUID]) -> dict[UUID, BlindWork]:
    """What a list may say of works, 50 at a time."""
    found: dict[UUID, BlindWork] = {}
    for start in range(0, len(assets), ROWS_A_PAGE):
        some = assets[start : start + ROWS_A_PAGE]
        found |= {work.uuid: work for work in blind_works(uuids=some, page=Pages(1, 1, len(some)))}
    return found


def _desk_row(sheet: ScoreSheet, work: BlindWork | None, *, done: int, left: int, now: datetime) -> DeskRow:
    panel = sheet.panel
    kind = PanelKind(panel.kind)
    state = SheetState(sheet.state)
    label, tone = own_sheet_label(state)
    is_open = state in OPEN_SHEETS
    criteria = criteria_for(panel)
    if kind is PanelKind.ANSWERS:
        level, product = Level(panel.level).label_zh, kind_label(kind)
    else:
        level, product = (work.level_label, work.product_label) if work else ("", "")
    return DeskRow(
        code=panel.code,
        kind=kind,
        level_label=level,
        product_label=product,
        duration_s=None if kind is PanelKind.ANSWERS else work.duration_s if work else 0.0,
        state=state if is_open else SheetState.SUBMITTED,
        state_label=label,
        tone=tone,
        done=done,
        of=len(criteria),
        to_rule=left,
        assigned_at=sheet.assigned_at,
        lease_until=sheet.lease_until if is_open else None,
        late=is_open and sheet.lease_until < now,
        submitted_at=sheet.submitted_at,
        url=reverse("assessment:scoring_sheet", args=[panel.code]),
    )


def shown_sheet_for(acting: Acting, code: str, kind: PanelKind) -> ScoreSheet:
    """The gate of the desk of one kind: her own sheet, open or handed in. Raises PermissionDenied; Http404 too once it is not
    hers any more, and for a sheet of the other kind."""
    sheet = sheet_for(acting, code)
    if sheet.panel.kind != kind or SheetState(sheet.state) not in OPEN_SHEETS | LOCKED_SHEETS:
        raise Http404
    return sheet


def sheet_page(acting: Acting, code: str, *, start_s: float = 0.0) -> SheetPage:
    """The scoring desk of one video. Raises PermissionDenied, Http404 (see `shown_sheet_for`)."""
    sheet = shown_sheet_for(acting, code, PanelKind.VIDEO)
    evidence = evidence_page(acting, code, start_s=start_s)
    held = entered(sheet)
    rules = rules_of(sheet.panel.rubric)
    views = {view.number: view for view in evidence.findings}
    return SheetPage(
        **desk_fields(acting, sheet, held),
        criteria=[criterion_row(criterion, held, evidence.checks, rules.bands) for criterion in held.criteria],
        findings=[_sheet_finding(finding, views, held, rules) for finding in held.findings],
        level_label=evidence.level_label,
        evidence=evidence,
        waived=[criterion.title for criterion in waived_in(sheet.panel)],
    )


def desk_fields(acting: Acting, sheet: ScoreSheet, held: Entered) -> dict[str, Any]:
    """What every desk says of a sheet (`DeskPage`), without its lines."""
    code, state = sheet.panel.code, SheetState(sheet.state)
    progress = held.progress
    mine = _mine(acting)
    following = mine.filter(state__in=sorted(OPEN_SHEETS)).exclude(pk=sheet.pk).order_by("lease_until", "id").first()
    is_open = state in OPEN_SHEETS
    return {
        "code": code,
        "kind": PanelKind(sheet.panel.kind),
        "rubric_title": rubric_title(sheet.panel.rubric),
        "rubric_version": sheet.panel.rubric.version,
        "state": state if is_open else SheetState.SUBMITTED,
        "state_label": own_sheet_label(state)[0],
        "editable": is_open,
        "locked": not is_open,
        "revision": sheet.revision,
        "saved_at": sheet.saved_at,
        "submitted_at": sheet.submitted_at,
        "lease_until": sheet.lease_until if is_open else None,
        "total": progress.total,
        "maximum": sum((criterion.maximum for criterion in held.criteria), Decimal(0)),
        "places": places_of(held.criteria),
        "done": progress.done,
        "of": progress.of,
        "rulings_done": progress.rulings_done,
        "rulings_of": progress.rulings_of,
        "missing": list(progress.missing),
        "handed_in": mine.filter(state__in=sorted(LOCKED_SHEETS)).count(),
        "assigned": mine.filter(state__in=sorted(OPEN_SHEETS | LOCKED_SHEETS)).count(),
        "relations": [(relation.value, relation_label(relation)) for relation in Relation],
        "list_url": reverse("assessment:scoring_list"),
        "next_url": reverse("assessment:scoring_sheet", args=[following.panel.code]) if following else "",
        "save_url": reverse("assessment:scoring_save", args=[code]),
        "submit_url": reverse("assessment:scoring_submit", args=[code]),
        "conflict_url": reverse("assessment:scoring_conflict", args=[code]),
    }


def criterion_row(
    criterion: Criterion, held: Entered, checks: Iterable[CheckView], bands: Sequence[tuple[str, int]]
) -> CriterionRow:
    """One line of the sheet with the automatic checks that say something beside it. bands: none for a question, whose score is
    itself."""
    line = held.lines.get(criterion.code)
    score = held.scores.get(criterion.code)
    comment = line.comment if line else ""
    return CriterionRow(
        code=criterion.code,
        title=criterion.title,
        observed=criterion.observed,
        maximum=criterion.maximum,
        step=criterion.step,
        bands=criterion.bands,
        score=score,
        band=_band(score, criterion.maximum, bands),
        comment=comment,
        notes=notes_of(comment),
        hints=[check for check in checks if check.name in criterion.checks and check.tone != "ok"],
    )


def _band(score: Decimal | None, maximum: Decimal, bands: Sequence[tuple[str, int]]) -> str:
    if score is None:
        return ""
    return band_of(score, maximum, bands) if bands else score_code(score)


def _sheet_finding(
    finding: PanelFinding, views: Mapping[int, FindingView], held: Entered, rules: MarkingRules
) -> SheetFinding:
    ruling = held.rulings.get(finding.number)
    return SheetFinding(
        finding=views[finding.number],
        verdict=Verdict(ruling.verdict).value if ruling else "",
        reason=ruling.reason if ruling else "",
        deduction=deduction_of(finding.severity, rules),
    )
