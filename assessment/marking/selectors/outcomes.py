"""What locked sheets and rulings come to, for the chief while it is open and for the room of results when it is done."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from assessment.marking.logic import (
    RULED,
    apportioned,
    band_of,
    half_up,
    judge,
    judge_booklet,
    scaled,
    scaled_limit,
    severity_tone,
    status_of,
)
from assessment.marking.models import (
    BookletOutcome,
    ChiefRuling,
    Panel,
    PanelFinding,
    Rubric,
    ScoreSheet,
    SheetSeal,
    VideoOutcome,
)
from assessment.marking.selectors.evidence import category_of, severity_label
from assessment.marking.selectors.rubrics import (
    band_label,
    criteria_for,
    criteria_of,
    maximum_of,
    rules_of,
    said,
    waived_in,
    whole_of,
)
from assessment.marking.selectors.words import centre_label, seat_label
from assessment.marking.types import (
    LOCKED_SHEETS,
    SEATED_SHEETS,
    BookletJudgement,
    BookletOutcomeData,
    Centre,
    Judgement,
    OutcomeCriterion,
    OutcomeData,
    OutcomeDeduction,
    OutcomeSheet,
    PanelKind,
    Ruled,
    SheetMarks,
    Verdict,
)


@dataclass
class Facts:
    """What a panel holds: seated sheets by seat, seals of the locked ones, findings, the chief's newest ruling on each."""

    panel: Panel
    sheets: list[ScoreSheet] = field(default_factory=list)
    seals: dict[int, SheetSeal] = field(default_factory=dict)
    findings: list[PanelFinding] = field(default_factory=list)
    chief: dict[int, ChiefRuling] = field(default_factory=dict)

    @property
    def arbitrated(self) -> bool:
        """Whether one more examiner sits on it."""
        return any(sheet.fourth for sheet in self.sheets)

    @property
    def handed_in(self) -> int:
        return sum(sheet.state in LOCKED_SHEETS for sheet in self.sheets)

    @property
    def expected(self) -> int:
        """How many sheets it takes."""
        return self.panel.seats + self.arbitrated

    @property
    def complete(self) -> bool:
        """Whether every sheet is in: before, nobody is shown any of them."""
        return self.handed_in == self.expected

    @property
    def totals(self) -> list[Decimal]:
        return [seal.points for seal in self.seals.values()]

    @property
    def limit(self) -> Decimal:
        """The widest spread that is still a mean: a video's is of 100 marks, a booklet's of its own."""
        if self.panel.kind == PanelKind.VIDEO:
            return scaled_limit(self.panel.spread_limit, self.whole) if self.panel.asked else self.panel.spread_limit
        return scaled_limit(self.panel.spread_limit, maximum_of(self.panel.rubric))

    @property
    def whole(self) -> Decimal:
        """The marks of what was scored: 100 for a video, less where a criterion is waived."""
        return whole_of(self.panel)

    def rulings(self, number: int) -> list[tuple[int, Verdict, str]]:
        """(seat, verdict, reason) of every locked sheet on a finding."""
        said = [(seat, seal.content["rulings"].get(str(number))) for seat, seal in sorted(self.seals.items())]
        return [(seat, Verdict(ruling["verdict"]), ruling["reason"]) for seat, ruling in said if ruling]

    @property
    def to_rule(self) -> list[PanelFinding]:
        """The findings that people rule on."""
        replaced = {finding.replaces_id for finding in self.findings}
        return [finding for finding in self.findings if finding.severity in RULED and finding.pk not in replaced]

    @property
    def ruled(self) -> list[Ruled]:
        """The same with their counts."""
        return [self.ruled_one(finding) for finding in self.to_rule]

    def ruled_one(self, finding: PanelFinding) -> Ruled:
        """One finding with its counts."""
        verdicts = [verdict for _seat, verdict, _reason in self.rulings(finding.number)]
        chief = self.chief.get(finding.number)
        return Ruled(
            number=finding.number,
            severity=finding.severity,
            confirmed=verdicts.count(Verdict.CONFIRM),
            dismissed=verdicts.count(Verdict.DISMISS),
            chief=Verdict(chief.verdict) if chief else None,
            silent=len(self.seals) - len(verdicts),
        )

    @property
    def undecided(self) -> list[int]:
        """Findings that only the chief can decide and has not; a booklet has none. Only when `complete`."""
        return [one.number for one in self.ruled if status_of(one) is None]

    @property
    def _marks(self) -> list[SheetMarks]:
        return [SheetMarks(seat, seal.scores) for seat, seal in sorted(self.seals.items())]

    def judgement(self) -> Judgement:
        """The mark of a video as it stands. Only when `complete`."""
        return judge(self._marks, self.ruled, rules_of(self.panel.rubric), arbitrated=self.arbitrated, whole=self.whole)

    def booklet_judgement(self) -> BookletJudgement:
        """The marks of a booklet as they stand. Only when `complete`."""
        trim_from = self.panel.rubric.content["trim_from"]
        return judge_booklet(self._marks, arbitrated=self.arbitrated, trim_from=trim_from)


def facts_of(panels: Sequence[Panel]) -> dict[int, Facts]:
    """The facts of panels by id. Four queries, whatever their number."""
    facts = {panel.pk: Facts(panel) for panel in panels}
    for sheet in ScoreSheet.objects.filter(panel__in=facts, state__in=sorted(SEATED_SHEETS)).order_by("seat"):
        facts[sheet.panel_id].sheets.append(sheet)
    locked = SheetSeal.objects.filter(sheet__panel__in=facts, sheet__state__in=sorted(LOCKED_SHEETS))
    for seal in locked.select_related("sheet"):
        facts[seal.sheet.panel_id].seals[seal.sheet.seat] = seal
    for finding in PanelFinding.objects.filter(panel__in=facts).order_by("number"):
        facts[finding.panel_id].findings.append(finding)
    for ruling in ChiefRuling.objects.filter(panel__in=facts).select_related("finding").order_by("id"):
        facts[ruling.panel_id].chief[ruling.finding.number] = ruling
    return facts


def outcome(uuid: UUID) -> OutcomeData:
    """How one video came to its mark. Raises VideoOutcome.DoesNotExist."""
    row = VideoOutcome.objects.select_related("panel__rubric").get(uuid=uuid)
    panel, rubric, told = row.panel, row.panel.rubric, row.content
    statuses = {entry["number"]: entry for entry in told["findings"]}
    findings = panel.findings.order_by("number")
    whole = whole_of(panel)
    return OutcomeData(
        uuid=row.uuid,
        submission=panel.submission,
        candidacy=panel.candidacy,
        asset=panel.asset,
        code=panel.code,
        level=panel.level,
        specification=panel.specification,
        rubric_key=rubric.key,
        rubric_version=rubric.version,
        rubric_hash=rubric.content_hash,
        rubric_title=said(rubric.content, "title"),
        evidence_hash=panel.evidence_hash,
        engine_line=panel.engine_line,
        method=Centre(row.method),
        method_label=centre_label(Centre(row.method)),
        spread=Decimal(told["spread"]),
        sheets=[
            OutcomeSheet(
                seat_label(entry["seat"]),
                half_up(scaled(Decimal(entry["total"]), whole)),
                entry["counted"],
                entry["seal"],
            )
            for entry in told["sheets"]
        ],
        criteria=_criteria(panel, {code: Decimal(mean) for code, mean in told["criteria"].items()}),
        waived=[criterion.title for criterion in waived_in(panel)],
        centre=row.centre,
        removed=row.removed,
        removed_title=_title_of(rubric, rubric.content["compliance"]),
        deductions=[
            _deduction(finding, statuses[finding.number])
            for finding in findings
            if statuses.get(finding.number, {}).get("status") == Verdict.CONFIRM
        ],
        deducted=row.deducted,
        dismissed=sum(entry["status"] == Verdict.DISMISS for entry in told["findings"]),
        mark=row.mark,
        maximum=maximum_of(rubric),
        grade=row.grade,
        grade_label=band_label(rubric, row.grade),
        proposed_fail=row.proposed_fail,
        signed_by=row.signed_by,
        reason=row.reason,
        at=row.at,
        content_hash=row.content_hash,
    )


def booklet_outcome(uuid: UUID) -> BookletOutcomeData:
    """How the short answers of an attempt came to their marks. Raises BookletOutcome.DoesNotExist."""
    row = BookletOutcome.objects.select_related("panel").get(uuid=uuid)
    told = row.content
    return BookletOutcomeData(
        uuid=row.uuid,
        attempt=row.attempt,
        candidacy=row.candidacy,
        code=row.panel.code if row.panel else "",
        method=Centre(row.method) if row.method else None,
        marks=tuple(sorted((int(position), Decimal(mark)) for position, mark in told["marks"].items())),
        total=row.total,
        maximum=row.maximum,
        spread=Decimal(told["spread"]),
        sheets=tuple(
            OutcomeSheet(seat_label(entry["seat"]), Decimal(entry["total"]), entry["counted"], entry["seal"])
            for entry in told["sheets"]
        ),
        signed_by=row.signed_by,
        reason=row.reason,
        at=row.at,
        content_hash=row.content_hash,
    )


def _criteria(panel: Panel, means: dict[str, Decimal]) -> list[OutcomeCriterion]:
    rubric = panel.rubric
    bands = rules_of(rubric).bands
    asked, maxima = criteria_for(panel), {each.code: each.maximum for each in criteria_for(panel)}
    if panel.asked is not None:  # what is waived leaves its marks to the others
        whole = whole_of(panel)
        maxima = apportioned({code: scaled(most, whole) for code, most in maxima.items()}, maximum_of(rubric))
    rows = []
    for criterion in asked:
        mean, most = means[criterion.code], maxima[criterion.code]
        band = band_of(mean, most, bands)
        rows.append(OutcomeCriterion(criterion.code, criterion.title, most, mean, band, band_label(rubric, band)))
    return rows


def _title_of(rubric: Rubric, code: str) -> str:
    return next(criterion.title for criterion in criteria_of(rubric) if criterion.code == code)


def _deduction(finding: PanelFinding, told: Mapping[str, Any]) -> OutcomeDeduction:
    return OutcomeDeduction(
        number=finding.number,
        severity=finding.severity,
        severity_label=severity_label(finding.severity),
        tone=severity_tone(finding.severity),
        category_name=category_of(finding),
        law=finding.law,
        law_note=finding.law_note,
        rule=finding.rule,
        quote=finding.text,
        start_s=finding.start_s,
        end_s=finding.end_s,
        points=told["points"],
        confirmed=told["confirmed"],
        asked=told["confirmed"] + told["dismissed"],
        by_chief=told["chief"] is not None,
    )


def settled(ruled: Iterable[Ruled]) -> dict[int, Verdict | None]:
    """Finding → what became of it, None while the chief has to decide."""
    return {one.number: status_of(one) for one in ruled}
