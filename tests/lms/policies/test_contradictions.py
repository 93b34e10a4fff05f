"""The seventeen contradictions of domain.md 2.2, each kept as data and shown by a test."""

import csv
from collections import Counter
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from lms.core.types import Level
from lms.core.workdays.types import FilingMode, FilingWindow
from lms.policies.api import (
    Attendance,
    ClassFacts,
    EnrolmentFacts,
    ExamFacts,
    Outcome,
    Purpose,
    SubsidyFacts,
    class_opening,
    disclosed,
    enrolment_eligibility,
    exam_entitlement,
    filing_window_of,
    keep_until,
    ledger_counts,
    may_examine,
    plan_approval,
    publicity_end,
    resit,
    subsidy,
)
from lms.policies.services import DATA
from tests.lms.policies.shelf import (
    COMPANY,
    DEMONSTRATION,
    FUZHOU,
    JIANGYIN,
    KEYS,
    SHIJIAZHUANG,
    XINMI,
    about,
    calendar,
    named,
)

PLAN = ClassFacts(level=Level.ELEMENTARY, starts_on=date(2021, 5, 10), ends_on=date(2021, 5, 20), hours=40)


def outcome(profile, rule, facts):
    return about(class_opening(profile, facts), rule).outcome


@pytest.mark.req("S2-13", "S3-12")
def test_01_theory_share_against_practice_share() -> None:
    theory_heavy = replace(PLAN, theory_hours=24, practice_hours=16)
    practice_heavy = replace(PLAN, theory_hours=16, practice_hours=24)
    assert outcome(FUZHOU, "theory_ratio_min", theory_heavy) is Outcome.MET
    assert outcome(JIANGYIN, "practice_ratio_min", theory_heavy) is Outcome.NOT_MET
    assert outcome(FUZHOU, "theory_ratio_min", practice_heavy) is Outcome.NOT_MET
    assert outcome(JIANGYIN, "practice_ratio_min", practice_heavy) is Outcome.MET
    one_short = replace(PLAN, theory_hours=23, practice_hours=23)
    assert outcome(FUZHOU, "theory_ratio_min", one_short) is Outcome.NOT_MET
    assert outcome(JIANGYIN, "practice_ratio_min", one_short) is Outcome.NOT_MET


@pytest.mark.req("S1-12", "S1-14")
@pytest.mark.parametrize("level, hours", ((5, 100), (4, 120), (3, 150), (2, 100), (1, 100)))
def test_02_hours_rise_with_the_level_and_the_standard_only_warns(level: int, hours: int) -> None:
    enough = replace(PLAN, level=Level(level), hours=hours)
    assert outcome(SHIJIAZHUANG, "min_hours", enough) is Outcome.MET
    assert outcome(SHIJIAZHUANG, "min_hours", replace(enough, hours=hours - 1)) is Outcome.NOT_MET
    standard = about(class_opening(SHIJIAZHUANG, enough), "standard_hours")
    assert standard.soft
    assert (standard.outcome is Outcome.NOT_MET) is (level == 5)


@pytest.mark.req("S2-39")
def test_03_attendance_gate_of_eighty_percent_or_of_all_hours() -> None:
    def sits(profile, attended, held=40):
        return exam_entitlement(profile, ExamFacts(Attendance(attended, held)))

    assert sits(FUZHOU, 32).allowed
    assert sits(FUZHOU, 31).refused
    assert [reason.rule for reason in sits(FUZHOU, 32).warnings] == ["full_attendance"]
    assert sits(FUZHOU, 40).warnings == ()
    assert sits(SHIJIAZHUANG, 99, 100).refused
    assert sits(SHIJIAZHUANG, 100, 100).allowed
    assert exam_entitlement(DEMONSTRATION, ExamFacts()).allowed
    assert exam_entitlement(FUZHOU, ExamFacts()).pending


@pytest.mark.req("S1-35", "S2-19", "S3-20", "S3-21")
def test_04_subsidy_by_qualified_by_trainee_by_certificate() -> None:
    free: dict[str, Any] = {"trainee_fee": Decimal(0)}
    minima: dict[str, Any] = {"days": 5, "offline_days": 3, "hours": 40, "hour_minutes": 45}
    fuzhou = subsidy(FUZHOU, SubsidyFacts(Level.ELEMENTARY, trained=30, passed=25, certified=0, **free, **minima))
    assert (fuzhou.total, fuzhou.total_with_failed, fuzhou.total_without_failed) == tuple(
        map(Decimal, (25000, 30000, 25000))
    )
    counting = named("fuzhou_2021", subsidy={"basis": "per_trainee", "count_failed": True, "amount": {"any": 1000}})
    facts = SubsidyFacts(Level.ELEMENTARY, trained=30, passed=25, certified=0, **free, **minima)
    assert subsidy(counting, facts).total == 30000
    for name in minima:
        assert subsidy(FUZHOU, replace(facts, **{name: minima[name] - 1})).total == 0

    shijiazhuang = SubsidyFacts(Level.ELEMENTARY, trained=30, passed=26, certified=25, **free)
    assert subsidy(SHIJIAZHUANG, shijiazhuang).counted == 25
    assert subsidy(SHIJIAZHUANG, replace(shijiazhuang, hours=100)).total is None, "HR has entered no rate"
    entered = replace(shijiazhuang, hours=100, entered_rate=Decimal(800))
    assert subsidy(SHIJIAZHUANG, entered).total == 20000
    assert subsidy(SHIJIAZHUANG, replace(entered, trainee_fee=Decimal(1))).total == 0

    ten = SubsidyFacts(Level.INTERMEDIATE, trained=12, passed=11, certified=10, **free)
    five = SubsidyFacts(Level.ADVANCED, trained=5, passed=5, certified=5, **free)
    assert sum(subsidy(JIANGYIN, facts).total or 0 for facts in (ten, five)) == 25000


@pytest.mark.req("S3-19")
def test_04_first_time_people_are_capped() -> None:
    higher = named("jiangyin_2023", subsidy={"basis": "per_certificate", "amount": {5: 1200}, "first_time_cap": 1000})
    facts = SubsidyFacts(Level.ELEMENTARY, trained=3, passed=3, certified=3, first_time=1, trainee_fee=Decimal(0))
    assert subsidy(higher, facts).total == 3400


@pytest.mark.req("S2-42")
def test_05_publicity_in_working_days_or_calendar_days() -> None:
    assert publicity_end(FUZHOU, date(2021, 9, 29), calendar()) == date(2021, 10, 12)
    assert publicity_end(JIANGYIN, date(2021, 9, 29), calendar()) == date(2021, 10, 4)


@pytest.mark.req("S3-26")
def test_06_filing_within_or_at_least_five_working_days() -> None:
    opening = date(2023, 6, 28)
    window = filing_window_of(JIANGYIN, opening, calendar())
    assert window == FilingWindow(date(2023, 6, 20), date(2023, 6, 27))
    ahead = named("jiangyin_2023", opening_filing={"working_days": 5, "mode": "at_least"})
    early = filing_window_of(ahead, opening, calendar())
    assert early == FilingWindow(None, date(2023, 6, 20))

    def filed(profile, day, days):
        facts = replace(PLAN, starts_on=opening, filed_on=day, filing_window=days)
        return outcome(profile, "opening_filing", facts)

    assert filed(JIANGYIN, date(2023, 6, 27), window) is Outcome.MET
    assert filed(JIANGYIN, date(2023, 6, 19), window) is Outcome.NOT_MET
    assert filed(JIANGYIN, opening, window) is Outcome.NOT_MET
    assert filed(ahead, date(2023, 6, 19), early) is Outcome.MET
    assert filed(ahead, date(2023, 6, 21), early) is Outcome.NOT_MET
    filing = JIANGYIN.parameters.opening_filing
    assert filing
    assert filing.mode is FilingMode.WITHIN


@pytest.mark.req("S4-11", "S4-12")
@pytest.mark.parametrize(
    "category, age, counts",
    (
        *[("policy_publicity", age, counts) for age, counts in ((15, 0), (16, 1), (64, 1), (65, 0), (66, 0))],
        *[("practical_skills", age, counts) for age, counts in ((15, 0), (16, 1), (60, 1), (61, 0))],
    ),
)
def test_07_age_bounds_of_the_ledger(category: str, age: int, counts: int) -> None:
    first_day = date(2021, 3, 1)
    birthday_today = date(2021 - age, 3, 1)
    decided = ledger_counts(XINMI, category=category, birth_date=birthday_today, first_training_day=first_day)
    assert decided.allowed is bool(counts)


def test_07_reversed_flags_shut_out_sixteen_and_take_sixty_five() -> None:
    age = {"from": 16, "to": 65, "from_inclusive": False, "to_inclusive": True}
    literal = named("xinmi_2020", ledger={"age": {"policy_publicity": age}})

    def counts(years):
        born, day = date(2021 - years, 3, 1), date(2021, 3, 1)
        return ledger_counts(literal, category="policy_publicity", birth_date=born, first_training_day=day).allowed

    assert [counts(years) for years in (16, 17, 65, 66)] == [False, True, True, False]


@pytest.mark.req("S4-09")
def test_07_age_keeps_nobody_from_an_open_training() -> None:
    assert enrolment_eligibility(XINMI, EnrolmentFacts(date(2021, 3, 1), birth_date=date(1951, 1, 1))).allowed


@pytest.mark.req("S2-48", "S4-33")
def test_08_archive_years_and_the_longer_for_two_claims() -> None:
    closed = date(2021, 9, 30)
    assert keep_until([FUZHOU], closed) == date(2026, 9, 30)
    assert keep_until([XINMI], closed) == date(2031, 9, 30)
    assert keep_until([FUZHOU, XINMI], closed) == keep_until([XINMI, FUZHOU], closed) == date(2031, 9, 30)
    assert keep_until([FUZHOU], date(2024, 2, 29)) == date(2029, 3, 1)


@pytest.mark.req("S2-03", "S1-03")
def test_09_a_graduating_student_is_eligible_in_one_city_only() -> None:
    student = EnrolmentFacts(
        date(2021, 5, 10),
        birth_date=date(1999, 1, 1),
        category="graduating_year_student",
        is_student=True,
        on_establishment=False,
    )
    assert enrolment_eligibility(SHIJIAZHUANG, student).allowed
    refused = enrolment_eligibility(FUZHOU, student)
    assert refused.refused
    assert about(refused, "not_enrolled_student").clause == "榕人社培〔2021〕42号 一"


@pytest.mark.req("S3-23")
def test_10_approval_is_a_list_of_parties() -> None:
    parties = {profile.key: profile.parameters.plan_approvers for profile in (SHIJIAZHUANG, FUZHOU, XINMI, COMPANY)}
    assert parties == {
        "shijiazhuang_2020": ("hr_bureau",),
        "fuzhou_2021": ("county_hr_bureau",),
        "xinmi_2020": ("competent_authority",),
        "company_policy": ("leader",),
    }
    panel = frozenset(JIANGYIN.parameters.plan_approvers)
    assert panel == {"commerce_bureau", "hr_bureau", "finance_bureau", "association", "expert"}
    assert plan_approval(JIANGYIN, panel).allowed
    for party in panel:
        assert plan_approval(JIANGYIN, panel - {party}).refused
    assert plan_approval(JIANGYIN, None).pending
    assert plan_approval(DEMONSTRATION, None).allowed


@pytest.mark.parametrize("key", KEYS)
def test_11_who_taught_does_not_examine_whatever_the_institution(key: str) -> None:
    profile = named(key)
    assert may_examine(profile, taught_candidate=True, same_institution=False).refused
    assert may_examine(profile, taught_candidate=False, same_institution=True).allowed
    assert may_examine(profile, taught_candidate=None, same_institution=False).pending


def test_12_levels_carry_the_number_and_both_names() -> None:
    assert SHIJIAZHUANG.parameters.level_names[5] == "初级（国家职业资格五级）"
    assert Level.ELEMENTARY.rank_zh == "五级/初级工"
    assert int(Level.ELEMENTARY) == 5


def test_13_occupation_codes_have_days() -> None:
    (occupation,) = FUZHOU.parameters.occupations
    assert (occupation.name, occupation.job) == ("互联网营销师", "直播销售员")
    assert occupation.code_on(date(2021, 9, 1)) == "4-01-02-07"
    assert occupation.code_on(date(2026, 1, 1)) == "4-01-06-02"


@pytest.mark.req("S1-18", "S1-22", "S2-40")
def test_14_three_papers_are_three_things() -> None:
    assert FUZHOU.parameters.credentials == ("completion_certificate",)
    assert SHIJIAZHUANG.parameters.credentials == ("qualification_certificate", "skill_level_certificate")
    assert JIANGYIN.parameters.credentials == ("skill_level_certificate",)
    assert FUZHOU.parameters.certificate_number_by == "institution"
    assert SHIJIAZHUANG.parameters.certificate_number_by == JIANGYIN.parameters.certificate_number_by == "hr_bureau"


@pytest.mark.req("S2-43")
def test_15_two_views_over_one_record() -> None:
    record = {"name": "林*燕", "document_number": "11010519491231002X", "phone": "13800001234", "result": "合格"}
    assert disclosed(FUZHOU, Purpose.PUBLICITY, record) == {"name": "林*燕", "result": "合格"}
    assert disclosed(XINMI, Purpose.ACCEPTANCE, record) == record
    assert "document_number" in XINMI.parameters.checklists["acceptance"]


@pytest.mark.req("S5-24")
def test_16_only_the_company_limits_resits() -> None:
    assert resit(COMPANY, resits_used=0).allowed
    assert resit(COMPANY, resits_used=1).refused
    assert COMPANY.parameters.after_failed_resit == "retake_required"
    for profile in (SHIJIAZHUANG, FUZHOU, JIANGYIN, XINMI, DEMONSTRATION):
        unlimited = resit(profile, resits_used=7)
        assert unlimited.allowed
        assert unlimited.reasons[0].found == "7"
    assert resit(FUZHOU, resits_used=2, allowed_by_specification=2).refused


@pytest.mark.req("S2-21", "S2-22")
def test_17_no_district_rule_so_minqing_is_served() -> None:
    with (DATA / "fuzhou-quota.csv").open(encoding="utf-8") as file:
        quota = {row["district"]: int(row["quota"]) for row in csv.DictReader(file)}
    with (DATA / "fuzhou-institutions.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    districts = Counter(row["recommending_district"] for row in rows)
    assert (sum(quota.values()), len(rows), quota["闽清县"], districts["闽清县"]) == (10000, 29, 800, 0)
    institutions = FUZHOU.parameters.institutions or ()
    assert len(institutions) == 29
    for institution in institutions:
        assert outcome(FUZHOU, "institutions", replace(PLAN, institution=institution)) is Outcome.MET
    assert outcome(FUZHOU, "institutions", replace(PLAN, institution="外地培训学校")) is Outcome.NOT_MET


def test_shares_are_exact() -> None:
    assert FUZHOU.parameters.attendance_min == Fraction(4, 5)
    assert FUZHOU.parameters.theory_ratio_min == JIANGYIN.parameters.practice_ratio_min == Fraction(3, 5)
