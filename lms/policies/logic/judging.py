"""Making reasons: a fact that is None makes its rule unknown, whatever is required."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from fractions import Fraction

from lms.policies.types import Outcome, ProfileData, Reason

Number = int | Decimal
Plain = str | int | bool | Decimal | Fraction | date | Iterable[str] | None


def plain(value: Plain) -> str:
    """A value as a reason stores it; None is ""."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (int, Decimal, Fraction)):
        return str(value)
    return ",".join(sorted(value))


def judge(
    profile: ProfileData,
    rule: str,
    met: bool | None,
    *,
    required: Plain,
    found: Plain,
    clause_of: str = "",
    soft: bool = False,
) -> Reason:
    """One reason; `met` None is unknown. `clause_of`: the rule whose clause is cited, `rule` itself by default."""
    outcome = Outcome.UNKNOWN if met is None else Outcome.MET if met else Outcome.NOT_MET
    return Reason(rule, outcome, profile.clause(clause_of or rule), plain(required), plain(found), soft)


def at_least(profile: ProfileData, rule: str, found: Number | None, required: int, *, soft: bool = False) -> Reason:
    """`found` must reach `required`."""
    met = None if found is None else found >= required
    return judge(profile, rule, met, required=required, found=found, soft=soft)


def share_at_least(
    profile: ProfileData,
    rule: str,
    part: Number | None,
    whole: Number | None,
    required: Fraction,
    *,
    soft: bool = False,
) -> Reason:
    """part/whole must reach an exact share; found reads "24/40"."""
    if part is None or whole is None or whole <= 0:
        return judge(profile, rule, None, required=required, found=None, soft=soft)
    met = Fraction(part) / Fraction(whole) >= required
    return judge(profile, rule, met, required=required, found=f"{part}/{whole}", soft=soft)


def among(profile: ProfileData, rule: str, found: str | None, allowed: Iterable[str], *, soft: bool = False) -> Reason:
    """`found` must be one of `allowed`."""
    listed = frozenset(allowed)
    return judge(profile, rule, None if found is None else found in listed, required=listed, found=found, soft=soft)
