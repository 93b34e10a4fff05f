"""Whether a class may open, who approves a plan, who may teach."""

from datetime import date

from lms.core.types import Level
from lms.core.workdays.logic import filing_days
from lms.core.workdays.types import FilingMode, FilingWindow, WorkCalendar
from lms.policies.logic.judging import among, at_least, judge
from lms.policies.logic.teaching import (
    allowed_forms,
    enough_hours,
    enough_shares,
    listed_content,
    only_listed_content,
    type_of_training,
)
from lms.policies.types import ClassFacts, Decision, ProfileData, Reason


def class_opening(profile: ProfileData, facts: ClassFacts) -> Decision:
    """Whether a class as planned may open under a profile, rule by rule. What the profile does not ask gives no reason."""
    reasons = [
        *_place_in_time(profile, facts),
        *_level(profile, facts),
        *_what_and_who(profile, facts),
        *_hours(profile, facts),
        *allowed_forms(profile, facts.modes, special_circumstances=facts.special_circumstances),
        *_size(profile, facts),
        *_filing(profile, facts),
    ]
    return Decision(tuple(reasons))


def _place_in_time(profile: ProfileData, facts: ClassFacts) -> list[Reason]:
    """The class's days lie within the profile's window, both included (S2-11, S3-01)."""
    reasons = []
    first, last = profile.valid_from, profile.valid_to
    if first is not None:
        met = None if facts.starts_on is None else facts.starts_on >= first
        reasons.append(judge(profile, "valid_from", met, required=first, found=facts.starts_on))
    if last is not None:
        met = None if facts.ends_on is None else facts.ends_on <= last
        reasons.append(judge(profile, "valid_to", met, required=last, found=facts.ends_on))
    return reasons


def _level(profile: ProfileData, facts: ClassFacts) -> list[Reason]:
    """Open levels, and closed ones after a recorded decision of the authority (S1-10)."""
    opened = profile.parameters.levels_open
    if opened is None:
        return []
    allowed = {*opened, *(facts.opening_decided_levels & _closable(profile))}
    return [
        judge(
            profile,
            "levels_open",
            None if facts.level is None else facts.level in allowed,
            required=[str(int(level)) for level in allowed],
            found=None if facts.level is None else int(facts.level),
        )
    ]


def _closable(profile: ProfileData) -> frozenset[Level]:
    return frozenset(Level(level) for level in profile.parameters.levels_closed)


def _what_and_who(profile: ProfileData, facts: ClassFacts) -> list[Reason]:
    asked = profile.parameters
    reasons = []
    if asked.occupations:
        named = {name for occupation in asked.occupations for name in (occupation.name, occupation.job) if name}
        reasons.append(among(profile, "occupations", facts.job, named))
    if asked.institutions is not None:
        reasons.append(among(profile, "institutions", facts.institution, asked.institutions))
    reasons += listed_content(profile, facts.content_items)
    reasons += only_listed_content(profile, facts.untagged)
    reasons += type_of_training(profile, facts.training_type)
    if asked.subsidy is not None:
        met = None if facts.trainee_fee is None else facts.trainee_fee <= asked.subsidy.trainee_fee
        reasons.append(judge(profile, "trainee_fee", met, required=asked.subsidy.trainee_fee, found=facts.trainee_fee))
    return reasons


def _hours(profile: ProfileData, facts: ClassFacts) -> list[Reason]:
    """Hours, minutes of an hour, days and shares."""
    asked = profile.parameters
    reasons = enough_hours(profile, level=facts.level, hours=facts.hours, practice_hours=facts.practice_hours)
    # A platform default is nothing the policy asks: only what is stated is held against it.
    stated = facts.hour_minutes is not None or "class_hour_minutes" not in asked.defaulted
    if asked.class_hour_minutes is not None and stated:
        reasons.append(at_least(profile, "class_hour_minutes", facts.hour_minutes, asked.class_hour_minutes))
    if asked.min_days is not None:
        reasons.append(at_least(profile, "min_days", facts.days, asked.min_days))
    if asked.min_offline_days is not None:
        reasons.append(at_least(profile, "min_offline_days", facts.offline_days, asked.min_offline_days))
    return reasons + enough_shares(
        profile, hours=facts.hours, theory_hours=facts.theory_hours, practice_hours=facts.practice_hours
    )


def _size(profile: ProfileData, facts: ClassFacts) -> list[Reason]:
    """A soft limit yields to a recorded reason (S3-25)."""
    most = profile.parameters.class_size_max
    if most is None:
        return []
    met = None if facts.size is None else facts.size <= most
    if met is False and profile.parameters.class_size_soft and facts.size_reason.strip():
        return [judge(profile, "class_size_max", met, required=most, found=facts.size, soft=True)]
    return [judge(profile, "class_size_max", met, required=most, found=facts.size)]


def _filing(profile: ProfileData, facts: ClassFacts) -> list[Reason]:
    asked = profile.parameters
    reasons: list[Reason] = []
    if asked.plan_approvers:
        reasons += plan_approval(profile, facts.plan_approved_by).reasons
    filing = asked.opening_filing
    if filing is None:
        return reasons
    if filing.working_days is None:
        met = None if facts.filed_on is None or facts.starts_on is None else facts.filed_on < facts.starts_on
        reasons.append(judge(profile, "opening_filing", met, required=facts.starts_on, found=facts.filed_on))
    else:
        window = facts.filing_window
        met = None if facts.filed_on is None or window is None else window.holds(facts.filed_on)
        required = "" if window is None else f"{window.first or ''}/{window.last}"
        reasons.append(judge(profile, "opening_filing", met, required=required, found=facts.filed_on))
    if filing.approval:
        reasons.append(
            judge(
                profile,
                "opening_approval",
                facts.opening_approved,
                required="yes",
                found=facts.opening_approved,
                clause_of="opening_filing",
            )
        )
    return reasons


def filing_window_of(profile: ProfileData, opening: date, calendar: WorkCalendar) -> FilingWindow | None:
    """The days on which the opening may be filed, None where the profile counts no working days (domain 2.3)."""
    filing = profile.parameters.opening_filing
    if filing is None or filing.working_days is None:
        return None
    return filing_days(calendar, opening, filing.working_days, FilingMode(filing.mode))


def plan_approval(profile: ProfileData, approved_by: frozenset[str] | None) -> Decision:
    """Whether every party the profile names has approved (domain 2.2 no. 10)."""
    needed = frozenset(profile.parameters.plan_approvers)
    if not needed:
        return Decision()
    met = None if approved_by is None else needed <= approved_by
    found = None if approved_by is None else approved_by & needed
    reason = judge(profile, "plan_approvers", met, required=needed, found=found)
    return Decision((reason,))


def may_teach(
    profile: ProfileData, *, kind: str | None, certificate: bool | None, practice_months: int | None, practical: bool
) -> Decision:
    """Whether an instructor is one the profile admits (S2-16, S4-05, S4-06). `practical`: for practical operation."""
    asked = profile.parameters
    reasons = []
    if asked.instructor_kinds is not None:
        reasons.append(among(profile, "instructor_kinds", kind, asked.instructor_kinds))
    if asked.instructor_certificate:
        reasons.append(judge(profile, "instructor_certificate", certificate, required="yes", found=certificate))
    if asked.instructor_practice_months is not None and practical:
        reasons.append(
            at_least(profile, "instructor_practice_months", practice_months, asked.instructor_practice_months)
        )
    return Decision(tuple(reasons))
