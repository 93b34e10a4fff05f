"""A grade decision in words: the sum, why marks were taken away, the criteria, the rules it rests on.

A pass and a fail are told in the same order and the same voice.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import reduce
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext, ngettext, pgettext

from assessment.marking.selectors import outcome
from assessment.marking.selectors.rubrics import rubric_of, rules_of
from assessment.marking.types import Centre, CueView, EvidencePage, MarkingRules, OutcomeData, OutcomeDeduction
from assessment.results.labels import grade_label, grade_tone, part_label, score, verdict, whole
from assessment.results.logic import short_of
from assessment.results.models import GradeDecision
from assessment.results.types import (
    CriterionView,
    DeductionView,
    Explained,
    PartGrade,
    Piece,
    SheetView,
    SumRow,
    WorkView,
)
from assessment.specification.selectors import specification
from assessment.specification.types import Part
from lms.policies.api import decision_card
from lms.policies.types import Grade

# Below this share of a criterion's marks its line is marked as low: the lowest passing band (domain 4.2).
_LOW = Decimal("0.6")
_MINUS = "−"


def explained(decision: GradeDecision, pages: Mapping[str, EvidencePage]) -> Explained:
    """Everything a page shows of it, but whose it is. pages: blind code → its evidence, where the reader may see it."""
    parts = decision.part_grades
    works = {part.outcome: outcome(part.outcome) for part in parts if part.part is Part.VIDEO and part.outcome}
    card = decision_card(decision.policy_decision)
    return Explained(
        tone=grade_tone(decision.grade),
        title=_title(decision),
        verdict=_verdict(decision, parts),
        summary=_summary(parts),
        sum=_sum(decision, parts, works),
        works=[_work(data, pages.get(data.code)) for data in works.values()],
        grounds=replace(card, title=gettext("What this decision rests on"), summary="", figures=()),
        foot=_foot(decision),
        rules_url=reverse("assessment:specification", args=[decision.specification]),
        policy_url=reverse("policies:profile", args=[decision.profile]),
    )


def _title(decision: GradeDecision) -> str:
    if not decision.grade:
        return gettext("No grade yet")
    return gettext("Congratulations, you have passed!") if decision.passed else gettext("Not passed this time")


def _verdict(decision: GradeDecision, parts: Sequence[PartGrade]) -> str:
    """良好, or which part was not passed."""
    if not decision.grade:
        return pgettext("grade decision", "A part is missing")
    failed = [part for part in parts if part.passed is False]
    if decision.passed or len(failed) != 1:
        return grade_label(Grade(decision.grade))
    return gettext("%(part)s %(verdict)s") % {"part": part_label(failed[0].part), "verdict": grade_label(Grade.FAIL)}


def _summary(parts: Sequence[PartGrade]) -> str:
    """Each part in a sentence, then the rule they were held against."""
    said = [_sentence(part) for part in parts]
    marks = sorted({part.pass_mark for part in parts})
    if len(parts) == 1:
        said.append(gettext("%(mark)s of 100 marks are needed to pass.") % {"mark": whole(marks[0])})
    elif len(marks) == 1:
        rule = ngettext(
            "Each of the %(number)d parts needs %(mark)s marks; one does not make up for another.",
            "Each of the %(number)d parts needs %(mark)s marks; one does not make up for another.",
            len(parts),
        )
        said.append(rule % {"number": len(parts), "mark": whole(marks[0])})
    else:
        said.append(gettext("Each part has a pass mark of its own; one does not make up for another."))
    return reduce(_then, said)


def _then(first: str, second: str) -> str:
    """One sentence after another: Chinese puts no space between them."""
    return pgettext("sentences", "%(first)s %(second)s") % {"first": first, "second": second}


def _sentence(part: PartGrade) -> str:
    name = part_label(part.part)
    if part.expired is not None:
        said = gettext("%(part)s: passed before, which counted until %(day)s. It has to be sat again.")
        return said % {"part": name, "day": part.expired.isoformat()}
    if part.mark is None:
        return gettext("%(part)s: no mark yet.") % {"part": name}
    if part.passed:
        return gettext("%(part)s: passed with %(mark)s marks.") % {"part": name, "mark": score(part.mark)}
    if part.proposed_fail:
        return gettext("%(part)s: a breach was confirmed that rules out a pass, whatever the marks.") % {"part": name}
    return gettext("%(part)s: %(short)s marks short of passing.") % {"part": name, "short": score(short_of(part))}


def _sum(decision: GradeDecision, parts: Sequence[PartGrade], works: dict[UUID, OutcomeData]) -> list[SumRow]:
    """What adds up: other parts in a line, a video from the examiners' figure to its mark."""
    rows: list[SumRow] = []
    for part in parts:
        data = works.get(part.outcome) if part.outcome else None
        if data is None:
            rows.append(SumRow(part_label(part.part), _figure(part), "bad" if part.passed is False else ""))
        else:
            rows += _video_sum(part, data)
    if len(parts) > 1 and decision.composite is not None:
        rows.append(SumRow(gettext("All parts together, for information"), score(decision.composite)))
    return rows


def _figure(part: PartGrade) -> str:
    return f"{score(part.mark)} {verdict(part)}" if part.mark is not None else verdict(part)


def _video_sum(part: PartGrade, data: OutcomeData) -> list[SumRow]:
    rows = [SumRow(_centre_label(part, data), score(data.centre))]
    if data.removed:
        words = gettext("“%(criterion)s” counts 0 after a breach that rules out a pass")
        rows.append(SumRow(words % {"criterion": data.removed_title}, f"{_MINUS}{score(data.removed)}", "bad"))
    if data.deducted:
        rows.append(SumRow(_deducted_label(data), f"{_MINUS}{score(Decimal(data.deducted))}", "bad"))
    label = gettext("%(part)s: mark") % {"part": part_label(part.part)}
    rows.append(SumRow(label, _figure(part), "" if part.passed else "bad", total=True))
    return rows


def _centre_label(part: PartGrade, data: OutcomeData) -> str:
    """How many sheets became one figure, and how."""
    number = len(data.sheets)
    words = {
        Centre.MEAN: ngettext(
            "%(part)s: mean of %(number)d examiner", "%(part)s: mean of %(number)d examiners", number
        ),
        Centre.TRIMMED: ngettext(
            "%(part)s: mean of %(number)d examiner without the highest and the lowest",
            "%(part)s: mean of %(number)d examiners without the highest and the lowest",
            number,
        ),
        Centre.MEDIAN: ngettext(
            "%(part)s: median of %(number)d examiner after arbitration",
            "%(part)s: median of %(number)d examiners after arbitration",
            number,
        ),
    }[data.method]
    return words % {"part": part_label(part.part), "number": number}


def _deducted_label(data: OutcomeData) -> str:
    """合规扣分（1处严重，2处一般）."""
    kinds: dict[str, int] = {}
    for deduction in data.deductions:
        if deduction.points is not None:
            kinds[deduction.severity_label] = kinds.get(deduction.severity_label, 0) + 1
    each = [gettext("%(number)d× %(severity)s") % {"number": n, "severity": label} for label, n in kinds.items()]
    return gettext("Deducted for breaches (%(list)s)") % {"list": pgettext("list", ", ").join(each)}


def _work(data: OutcomeData, page: EvidencePage | None) -> WorkView:
    rubric = rubric_of(data.rubric_key, data.rubric_hash)
    provisions = _provisions(rules_of(rubric)) if rubric else {}
    return WorkView(
        code=data.code,
        why=_why(data),
        nothing=_nothing(data),
        deductions=[
            _deduction(deduction, provisions.get(deduction.severity, ""), page.cues if page else [])
            for deduction in data.deductions
        ],
        criteria=[
            CriterionView(row.title, row.mean, row.maximum, low=row.mean < row.maximum * _LOW) for row in data.criteria
        ],
        sheets=[SheetView(sheet.label, sheet.total, sheet.counted) for sheet in data.sheets],
        words_of_chief=data.reason,
        rubric=gettext("%(title)s, version %(version)d") % {"title": data.rubric_title, "version": data.rubric_version},
        evidence_url=reverse("assessment:evidence", args=[data.code]) if page else "",
        waived=tuple(data.waived),
    )


def _why(data: OutcomeData) -> str:
    if data.proposed_fail:
        return gettext("Why it was not passed")
    if data.deducted:
        words = ngettext("Why %(number)d mark was deducted", "Why %(number)d marks were deducted", data.deducted)
        return words % {"number": data.deducted}
    return gettext("Nothing was deducted")


def _nothing(data: OutcomeData) -> str:
    """What stands in the place of deductions when there are none."""
    if data.deductions:
        return ""
    if data.dismissed:
        words = ngettext(
            "The machine gave %(number)d hint; the examiners confirmed no breach.",
            "The machine gave %(number)d hints; the examiners confirmed no breach.",
            data.dismissed,
        )
        return words % {"number": data.dismissed}
    return gettext("Neither the machine nor the examiners found a breach.")


def _provisions(rules: MarkingRules) -> dict[str, str]:
    """What a confirmed breach of each severity costs by the rubric (domain 4.3 rule 6)."""
    words = gettext("%(points)d marks for each, at most %(most)d")
    return {
        "B": gettext("Rules out a pass; the criterion for compliance counts 0"),
        "H": words % {"points": rules.high, "most": rules.high_cap},
        "M": words % {"points": rules.medium, "most": rules.medium_cap},
    }


def _deduction(deduction: OutcomeDeduction, provision: str, cues: Sequence[CueView]) -> DeductionView:
    if deduction.points is None:
        cost = gettext("Rules out a pass")
    elif deduction.points:
        cost = f"{_MINUS}{score(Decimal(deduction.points))}"
    else:
        cost = gettext("Nothing more: the most that may be deducted was reached")
    return DeductionView(
        severity_label=deduction.severity_label,
        tone=deduction.tone,
        category_name=deduction.category_name,
        law=deduction.law,
        law_note=deduction.law_note,
        provision=provision,
        pieces=_pieces(deduction, cues),
        start_s=deduction.start_s,
        end_s=deduction.end_s,
        cost=cost,
        decided=_decided(deduction),
    )


def _decided(deduction: OutcomeDeduction) -> str:
    """系统提示，3位考评员中2位听后确认."""
    if deduction.by_chief:
        words = gettext(
            "A hint of the machine, confirmed by %(confirmed)d of %(asked)d examiners and decided by the chief examiner"
        )
    else:
        words = gettext("A hint of the machine, confirmed by %(confirmed)d of %(asked)d examiners")
    return words % {"confirmed": deduction.confirmed, "asked": deduction.asked}


def _pieces(deduction: OutcomeDeduction, cues: Sequence[CueView]) -> list[Piece]:
    """The words judged, in the lines they were said in; alone where the transcript is not the one that was judged."""
    lines = [cue for cue in cues if any(span.finding_number == deduction.number for span in cue.spans)]
    spans = [span for cue in lines for span in cue.spans]
    heard = "".join(span.text for span in spans if span.finding_number == deduction.number)
    if not lines or heard != deduction.quote:
        return [Piece(deduction.quote, deduction.tone)]
    return [Piece(span.text, span.tone if span.finding_number in {None, deduction.number} else "") for span in spans]


def _foot(decision: GradeDecision) -> str:
    rules = specification(decision.specification)
    return gettext("Examiners judged; the machine only gave hints. Assessed by %(title)s, version %(version)d.") % {
        "title": rules.title,
        "version": rules.version,
    }
