"""What a class may claim: rate × people, by the basis the profile names (domain 2.2 no. 4)."""

from decimal import Decimal

from lms.policies.logic.judging import at_least, judge
from lms.policies.types import Decision, ProfileData, Reason, Subsidy, SubsidyBasis, SubsidyFacts, SubsidyTotal

ANY_LEVEL = 0
_NOTHING = Decimal(0)


def subsidy(profile: ProfileData, facts: SubsidyFacts) -> SubsidyTotal:
    """The total with its reasons; a profile without a subsidy refuses."""
    rules = profile.parameters.subsidy
    if rules is None:
        reason = judge(profile, "subsidy", False, required=None, found=None)
        return SubsidyTotal(Decision((reason,)), None, None, _NOTHING, None, None)
    rate = facts.entered_rate if rules.rate_entered else rules.rates.get(int(facts.level), rules.rates.get(ANY_LEVEL))
    reasons = _conditions(profile, facts)
    reasons.append(judge(profile, "subsidy_rate", None if rate is None else True, required=None, found=rate))
    fee = facts.trainee_fee
    reasons.append(
        judge(
            profile,
            "trainee_fee",
            None if fee is None else fee <= rules.trainee_fee,
            required=rules.trainee_fee,
            found=fee,
        )
    )
    counted, with_failed, without = _people(rules, facts)
    reasons.append(
        judge(profile, "subsidy_people", None if counted is None else True, required=rules.basis.value, found=counted)
    )
    decision = Decision(tuple(reasons))

    def total(people: int | None) -> Decimal | None:
        return None if people is None or rate is None else _money(people, facts.first_time, rate, rules.first_time_cap)

    both = rules.basis is SubsidyBasis.PER_TRAINEE
    return SubsidyTotal(
        decision=decision,
        rate=rate,
        counted=counted,
        total=_NOTHING if decision.refused else total(counted) if decision.allowed else None,
        total_with_failed=total(with_failed) if both else None,
        total_without_failed=total(without) if both else None,
    )


def _conditions(profile: ProfileData, facts: SubsidyFacts) -> list[Reason]:
    """What the class must have been (S2-19); a profile that does not ask gives no reason."""
    asked = profile.parameters
    reasons = []
    if asked.min_days is not None:
        reasons.append(at_least(profile, "min_days", facts.days, asked.min_days))
    if asked.min_offline_days is not None:
        reasons.append(at_least(profile, "min_offline_days", facts.offline_days, asked.min_offline_days))
    hours = asked.min_hours.get(int(facts.level), asked.min_hours.get(ANY_LEVEL))
    if hours is not None:
        reasons.append(at_least(profile, "min_hours", facts.hours, hours))
    if asked.class_hour_minutes is not None and "class_hour_minutes" not in asked.defaulted:
        reasons.append(at_least(profile, "class_hour_minutes", facts.hour_minutes, asked.class_hour_minutes))
    return reasons


def _people(rules: Subsidy, facts: SubsidyFacts) -> tuple[int | None, int | None, int | None]:
    """(counted, if those who failed count, if they do not)."""
    if rules.basis is SubsidyBasis.PER_TRAINEE:
        return (facts.trained if rules.count_failed else facts.passed), facts.trained, facts.passed
    # Where the certificate is the basis of the claim only certified people count (S1-23, S3-21).
    certified = rules.requires_certificate or rules.basis is SubsidyBasis.PER_CERTIFICATE
    return (facts.certified if certified else facts.passed), None, None


def _money(people: int, first_time: int, rate: Decimal, cap: Decimal | None) -> Decimal:
    """First-time people at most at the cap (S3-19)."""
    capped = min(first_time, people) if cap is not None else 0
    return rate * (people - capped) + (min(rate, cap) if cap is not None else _NOTHING) * capped
