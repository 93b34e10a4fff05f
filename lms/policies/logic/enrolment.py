"""Who may enrol, and who enters the training ledger."""

from datetime import date

from lms.policies.logic.judging import among, at_least, judge
from lms.policies.types import Decision, EnrolmentFacts, Outcome, ProfileData, Reason

GRADUATE = "graduate_unemployed"
# Exclusions by the name the profile uses → what is asked of the person.
_EXCLUSIONS = {"public_establishment_staff": "on_establishment", "enrolled_student": "is_student"}


def age_on(birth_date: date, day: date) -> int:
    """Full years of age on a day; who was born on 29 February turns a year older on 1 March of a common year."""
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))


def _years_before(day: date, years: int) -> date:
    """The same day `years` earlier, 28 February where there is no 29th."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def enrolment_eligibility(profile: ProfileData, facts: EnrolmentFacts) -> Decision:
    """Whether a person may enrol under a profile."""
    asked = profile.parameters
    age = age_on(facts.birth_date, facts.first_training_day) if facts.birth_date else None
    reasons: list[Reason] = []
    if asked.minimum_age is not None:
        reasons.append(at_least(profile, "minimum_age", age, asked.minimum_age))
    if asked.guardian_consent_below is not None:
        reasons += _guardian(profile, facts, age, asked.guardian_consent_below)
    reasons += [_not_excluded(profile, facts, group) for group in asked.exclude]
    if asked.target_groups is not None:
        reasons.append(among(profile, "target_groups", facts.category, asked.target_groups))
        if facts.category == GRADUATE:
            reasons += _graduate(profile, facts)
    if asked.insured_unless_key_group:
        reasons += _insured(profile, facts)
    return Decision(tuple(reasons))


def _guardian(profile: ProfileData, facts: EnrolmentFacts, age: int | None, below: int) -> list[Reason]:
    """Asked of minors only; nobody's age unknown is asked twice (`minimum_age` is unknown already)."""
    if age is None or age >= below:
        return []
    return [judge(profile, "guardian_consent", facts.guardian_consent, required=below, found=facts.guardian_consent)]


def _not_excluded(profile: ProfileData, facts: EnrolmentFacts, group: str) -> Reason:
    """A group this package has no question for is unknown."""
    is_one: bool | None = getattr(facts, _EXCLUSIONS.get(group, ""), None)
    if group == "non_employee":
        is_one = None if facts.employee is None else not facts.employee
    met = None if is_one is None else not is_one
    return judge(profile, f"not_{group}", met, required="no", found=is_one, clause_of="exclude")


def _graduate(profile: ProfileData, facts: EnrolmentFacts) -> list[Reason]:
    """At most so many years after leaving school, to the day, and not employed (S1-04)."""
    years = profile.parameters.graduate_window_years
    reasons = []
    if years is not None:
        met = None
        if facts.graduated_on is not None and facts.enrolled_on is not None:
            met = facts.graduated_on >= _years_before(facts.enrolled_on, years)
        reasons.append(judge(profile, "graduate_window_years", met, required=years, found=facts.graduated_on))
    unemployed = None if facts.employed is None else not facts.employed
    reasons.append(
        judge(
            profile, "graduate_not_employed", unemployed, required="no", found=facts.employed, clause_of="target_groups"
        )
    )
    return reasons


def _insured(profile: ProfileData, facts: EnrolmentFacts) -> list[Reason]:
    """Insured there, or of a key group (S3-05, S3-06); employees by contract and insured months (S3-09)."""
    asked = profile.parameters
    key = None if facts.category is None else facts.category in asked.key_groups
    if key:
        return [judge(profile, "insured", True, required="yes", found=facts.category, clause_of="key_groups")]
    met = False if facts.insured is False and key is False else facts.insured or None
    reasons = [judge(profile, "insured", met, required="yes", found=facts.insured)]
    if facts.category != "employee":
        return reasons
    if asked.employee_contract_months is not None:
        reasons.append(
            at_least(profile, "employee_contract_months", facts.contract_months, asked.employee_contract_months)
        )
    if asked.employee_insured_months is not None:
        reasons.append(
            at_least(profile, "employee_insured_months", facts.insured_months, asked.employee_insured_months)
        )
    return reasons


def ledger_counts(
    profile: ProfileData, *, category: str, birth_date: date | None, first_training_day: date
) -> Decision:
    """Whether a training enters the ledger (S4-11, S4-12): a matter of age, never a bar to taking part."""
    rule = profile.parameters.ledger_age.get(category)
    if rule is None:
        return Decision()
    age = None if birth_date is None else age_on(birth_date, first_training_day)
    low = "" if rule.from_age is None else f"{'>=' if rule.from_inclusive else '>'}{rule.from_age}"
    high = "" if rule.to_age is None else f"{'<=' if rule.to_inclusive else '<'}{rule.to_age}"
    met = None
    if age is not None:
        above = rule.from_age is None or (age >= rule.from_age if rule.from_inclusive else age > rule.from_age)
        below = rule.to_age is None or (age <= rule.to_age if rule.to_inclusive else age < rule.to_age)
        met = above and below
    required = ",".join(bound for bound in (low, high) if bound)
    return Decision((judge(profile, "ledger_age", met, required=required, found=age),))


def outcome_of(decision: Decision) -> Outcome:
    """A whole decision as one outcome."""
    return Outcome.MET if decision.allowed else Outcome.NOT_MET if decision.refused else Outcome.UNKNOWN
