"""Entitlement to an exam, grade, completion, resits, and who may examine."""

from calendar import monthrange
from collections.abc import Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from lms.policies.logic.judging import judge
from lms.policies.types import Decision, ExamFacts, Grade, Graded, PartMark, ProfileData, Reason, Shown

_TENTH = Decimal("0.1")


def round_score(score: Decimal | Fraction) -> Decimal:
    """A score to one decimal, half up (domain 4.3 rule 4); a fraction is rounded once, exactly."""
    if isinstance(score, Fraction):
        tenths = score * 10
        whole, rest = divmod(tenths.numerator, tenths.denominator)
        whole += 2 * rest >= tenths.denominator
        return Decimal(whole).scaleb(-1)
    return score.quantize(_TENTH, rounding=ROUND_HALF_UP)


def exam_entitlement(profile: ProfileData, facts: ExamFacts) -> Decision:
    """Whether attendance lets her sit the final assessment: an exact fraction, no rounding (S2-39).

    A profile without a gate gives a reason that says so, met.
    """
    gate = profile.parameters.attendance_min
    if gate is None:
        return Decision((judge(profile, "no_attendance_gate", True, required=None, found=None),))
    attendance = facts.attendance
    if attendance is None or attendance.held <= 0:
        return Decision((judge(profile, "attendance_min", None, required=gate, found=None),))
    found = f"{attendance.attended}/{attendance.held}"
    reason = judge(profile, "attendance_min", attendance.share >= gate, required=gate, found=found)
    # 全程参加: absence is recorded and shown, the gate alone blocks (domain 2.2 no. 3).
    if gate < 1 and profile.clauses.get("full_attendance"):
        full = attendance.attended >= attendance.held
        return Decision((reason, judge(profile, "full_attendance", full, required=1, found=found, soft=True)))
    return Decision((reason,))


def grade(profile: ProfileData, parts: Sequence[PartMark]) -> Graded:
    """The grade of an assessment: every part reaches its pass mark, none makes up for another (domain 4.3 rules 4 to 6).

    A part without a mark, or a proposed fail the chief has not spoken on, keeps it pending. Without parts: pending.
    """
    if not parts:
        return Graded(Decision((judge(profile, "parts", None, required=None, found=None),)), None, None)
    reasons: list[Reason] = []
    for part in parts:
        reasons += _part(profile, part)
    decision = Decision(tuple(reasons))
    marks = [(round_score(part.mark), part.weight) for part in parts if part.mark is not None]
    composite = None
    total = sum((weight for _, weight in marks), Decimal(0))
    if len(marks) == len(parts) and total > 0:
        composite = round_score(sum((mark * weight for mark, weight in marks), Decimal(0)) / total)
    if decision.pending or composite is None:
        return Graded(decision, composite, None)
    return Graded(decision, composite, Grade.FAIL if decision.refused else band(profile, composite))


def _part(profile: ProfileData, part: PartMark) -> list[Reason]:
    """Reasons of one part; its name stands before the numbers (video:60). A refusal waits for every other mark."""
    mark = None if part.mark is None else round_score(part.mark)
    met = None if mark is None else mark >= part.pass_mark
    found = None if mark is None else f"{part.part}:{mark}"
    reasons = [judge(profile, "pass_mark", met, required=f"{part.part}:{part.pass_mark}", found=found)]
    if part.proposed_fail:
        confirmed = part.fail_confirmed
        met = None if confirmed is None else not confirmed
        found = None if confirmed is None else f"{part.part}:{'confirmed' if confirmed else 'dismissed'}"
        reasons.append(judge(profile, "no_confirmed_violation", met, required=part.part, found=found))
    return reasons


def band(profile: ProfileData, composite: Decimal) -> Grade:
    """The band of a composite that has passed; below every band it is the lowest passing one."""
    bands = sorted(profile.parameters.grade_bands.items(), key=lambda item: item[1], reverse=True)
    return next((name for name, floor in bands if composite >= floor), Grade.PASS)


def completion(profile: ProfileData, *, hours_complete: bool | None, passed: bool | None) -> Decision:
    """Completion of the training: passed, and where the profile says so all hours done (S1-18)."""
    reasons = [judge(profile, "passed", passed, required="yes", found=passed, clause_of="completion_needs_all_hours")]
    if profile.parameters.completion_needs_all_hours:
        reasons.append(
            judge(profile, "completion_needs_all_hours", hours_complete, required="yes", found=hours_complete)
        )
    return Decision(tuple(reasons))


def resit(profile: ProfileData, *, resits_used: int, allowed_by_specification: int | None = None) -> Decision:
    """Whether another resit is allowed. No limit: allowed, the number is recorded (domain 2.2 no. 16).

    Where the pinned specification names a number of its own, the smaller holds.
    """
    limits = [limit for limit in (profile.parameters.resits_allowed, allowed_by_specification) if limit is not None]
    if not limits:
        return Decision((judge(profile, "no_resit_limit", True, required=None, found=resits_used),))
    return Decision(
        (judge(profile, "resits_allowed", resits_used < min(limits), required=min(limits), found=resits_used),)
    )


def part_validity(profile: ProfileData, *, part: str, passed_on: date, on: date) -> Decision:
    """Whether a part passed alone still counts: `part_score_valid_months` after its day, that day of the month included.

    A profile that is silent sets no limit, and there is no reason. part: its name in the specification.
    """
    months = profile.parameters.part_score_valid_months
    if months is None:
        return Decision()
    met = on <= months_after(passed_on, months)
    return Decision(
        (judge(profile, "part_score_valid_months", met, required=months, found=f"{part}:{passed_on.isoformat()}"),)
    )


def months_after(day: date, months: int) -> date:
    """The same day so many months later, or the last of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def paper_opening(profile: ProfileData, wanted: Shown) -> Decision:
    """Whether candidates may see this much of a released paper; a silent profile opens none."""
    most = profile.parameters.papers_shown
    order = list(Shown)
    met = order.index(wanted) <= order.index(most)
    return Decision((judge(profile, "papers_shown", met, required=most, found=wanted),))


def may_examine(profile: ProfileData, *, taught_candidate: bool | None, same_institution: bool | None) -> Decision:
    """A teacher does not examine her own students; working for the same institution alone is no bar (2.2 no. 11)."""
    reasons = []
    if not profile.parameters.teacher_may_examine:
        met = None if taught_candidate is None else not taught_candidate
        reasons.append(judge(profile, "did_not_teach", met, required="no", found=taught_candidate))
    if same_institution:
        reasons.append(judge(profile, "same_institution", True, required=None, found=same_institution, soft=True))
    return Decision(tuple(reasons))
