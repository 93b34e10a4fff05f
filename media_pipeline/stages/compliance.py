"""Compliance: what in the words a person should look at. Evidence with a second, never a mark."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from lms.core.types import ProductKind
from media_pipeline.stages import features
from media_pipeline.stages.context import StageContext, StageOutput
from media_pipeline.stages.ports import RuleBook, Statement
from media_pipeline.stages.thresholds import Thresholds
from media_pipeline.stages.transcribe import doubts
from media_pipeline.stages.types import Check, Cue, Finding, Json, Range, Reason, Request, Verdict, checks_json

NAMES = ("banned_words", "required_statements", "brand_named", "ai_declaration", "alcohol_visual")
_AI_WORDS = ("ai", "人工智能", "数字人", "虚拟主播")


def work(context: StageContext) -> StageOutput:
    heard, request, tools = context.facts["transcribe"], context.request, context.tools
    cues = [Cue.from_json(cue) for cue in heard["cues"]]
    data = judge(cues, request, tools.rules, tools.thresholds, doubt=heard.get("doubt", ""))
    brand_at = tools.rules.mentions(cues, request.brand) if request.brand.strip() else None
    sheet = features.measure(cues, context.facts, brand_at, request.waived, tools.thresholds)
    context.progress(1.0)
    return StageOutput(data | {"features": sheet.to_json()})


def judge(cues: Sequence[Cue], request: Request, rules: RuleBook, t: Thresholds, *, doubt: str = "") -> Json:
    """Findings, statements and checks of a transcript. Pure.

    doubt: why its words say nothing of what was said (`transcribe.read`); then nothing passes, and a statement that is missing
    is not counted against her.
    """
    findings = rules.find(cues, request.product)
    statements = rules.statements(cues, request)
    checks = [
        banned_words(findings, doubt),
        required_statements(statements, request, doubt),
        brand_named(rules.mentions(cues, request.brand), request, t, doubt),
        ai_declaration(cues, request),
        alcohol_visual(request),
    ]
    return {
        "checks": checks_json(checks),
        "rules": rules.version,
        "findings": [finding.to_json() for finding in findings],
        "statements": [statement_json(statement) for statement in statements],
    }


def banned_words(findings: Sequence[Finding], doubt: str = "") -> Check:
    """Info with findings: they never stop a work, people decide (domain 4.5)."""
    if not findings and doubt:
        return Check("banned_words", Verdict.NOT_RUN, None, 0, note=doubts(doubt))
    if not findings:
        return Check("banned_words", Verdict.PASS, 0, 0)
    counts = Counter(finding.severity.value for finding in findings)
    note = Reason("findings", {"count": len(findings), **{level: counts.get(level, 0) for level in "BHML"}})
    return Check("banned_words", Verdict.INFO, len(findings), 0, tuple((f.start_s, f.end_s) for f in findings), note)


def required_statements(statements: Sequence[Statement], request: Request, doubt: str = "") -> Check:
    if request.product is None:
        return Check("required_statements", Verdict.NOT_RUN, note=Reason("needs_product"))
    if doubt:
        return Check("required_statements", Verdict.NOT_RUN, None, len(statements), note=doubts(doubt))
    said = sum(statement.said for statement in statements)
    missing = [statement for statement in statements if not statement.said]
    metric, threshold = said, len(statements)
    if missing:
        note = Reason(
            "missing_statements",
            {
                "zh": "、".join(item.zh for item in missing),
                "en": ", ".join(item.en for item in missing),
                "count": len(missing),
            },
        )
        return Check("required_statements", Verdict.WARN, metric, threshold, note=note)
    return Check("required_statements", Verdict.PASS, metric, threshold)


def brand_named(seconds: Sequence[float], request: Request, t: Thresholds, doubt: str = "") -> Check:
    """Spoken mentions only: what is on the screen is for the examiner."""
    if not request.brand.strip():
        return Check("brand_named", Verdict.NOT_RUN, note=Reason("needs_brand"))
    if doubt and not seconds:
        return Check("brand_named", Verdict.NOT_RUN, None, t.brand_good_count, note=doubts(doubt))
    count = len(seconds)
    ranges: tuple[Range, ...] = tuple((second, second + 1.0) for second in seconds)
    values: dict[str, str | int | float] = {"brand": request.brand, "count": count, "good": t.brand_good_count}
    if count == 0:
        return Check("brand_named", Verdict.WARN, 0, t.brand_good_count, note=Reason("brand_never", values))
    if count < t.brand_good_count:
        return Check("brand_named", Verdict.WARN, count, t.brand_good_count, ranges, Reason("brand_seldom", values))
    return Check("brand_named", Verdict.PASS, count, t.brand_good_count, ranges)


def ai_declaration(cues: Sequence[Cue], request: Request) -> Check:
    """The mark of generated content must be seen or heard where it is declared; only hearing is checked here."""
    if request.declared_ai is None:
        return Check("ai_declaration", Verdict.NOT_RUN, note=Reason("not_asked"))
    if not request.declared_ai:
        return Check("ai_declaration", Verdict.PASS, "no")
    said = [cue for cue in cues if any(word in cue.text.lower() for word in _AI_WORDS)]
    if said:
        return Check("ai_declaration", Verdict.PASS, "yes", None, tuple((cue.start, cue.end) for cue in said))
    return Check("ai_declaration", Verdict.WARN, "yes", None, note=Reason("ai_not_heard"))


def alcohol_visual(request: Request) -> Check:
    """Drinking on camera cannot be told from words: a line on the examiner's checklist (domain 4.5)."""
    code = "look_for_drinking" if request.product is ProductKind.ALCOHOL else "not_alcohol"
    return Check("alcohol_visual", Verdict.NOT_RUN, note=Reason(code))


def statement_json(statement: Statement) -> dict[str, Any]:
    return {"id": statement.id, "zh": statement.zh, "en": statement.en, "said": statement.said, "at_s": statement.at_s}
