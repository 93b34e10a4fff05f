"""Evaluators beyond the contradictions, and what holds for all of them."""

import ast
from dataclasses import fields, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

import lms.policies.logic
from lms.core.types import Level
from lms.policies.api import (
    Attendance,
    ClassFacts,
    Decision,
    EnrolmentFacts,
    ExamFacts,
    Grade,
    Outcome,
    PartMark,
    ProfileFault,
    Reason,
    SubsidyFacts,
    age_on,
    class_opening,
    class_recordings,
    completion,
    enrolment_eligibility,
    exam_entitlement,
    grade,
    may_teach,
    round_score,
    subsidy,
)
from lms.policies.logic import VersionHead, resolve
from lms.policies.logic.content import dumped, hash_of, loaded
from lms.policies.types import ProfileData
from lms.policies.words import RULES
from tests.lms.policies.shelf import (
    COMPANY,
    DEMONSTRATION,
    FUZHOU,
    JIANGYIN,
    KEYS,
    SHIJIAZHUANG,
    XINMI,
    about,
    content,
    named,
)

PROFILES = tuple(named(key) for key in KEYS)
DAY = date(2021, 5, 10)
ADULT = EnrolmentFacts(DAY, birth_date=date(1990, 1, 1), enrolled_on=date(2021, 4, 25))


def changed(facts: EnrolmentFacts, **changes: Any) -> EnrolmentFacts:
    """The same person, one answer changed by its name."""
    return replace(facts, **changes)


# Cases of the requirements -------------------------------------------------------------------------------------------


@pytest.mark.req("S1-03")
def test_the_twelve_codes_of_shijiazhuang_and_no_other() -> None:
    codes = SHIJIAZHUANG.parameters.target_groups
    assert codes is not None
    assert len(codes) == 12
    for code in codes:
        facts = replace(ADULT, category=code, graduated_on=DAY, employed=False)
        assert enrolment_eligibility(SHIJIAZHUANG, facts).allowed, code
    assert enrolment_eligibility(SHIJIAZHUANG, replace(ADULT, category="astronaut")).refused


@pytest.mark.req("S1-04")
def test_graduates_within_two_years_to_the_day_and_without_work() -> None:
    graduate = replace(ADULT, category="graduate_unemployed", graduated_on=date(2019, 4, 25), employed=False)
    assert enrolment_eligibility(SHIJIAZHUANG, graduate).allowed
    assert enrolment_eligibility(SHIJIAZHUANG, replace(graduate, graduated_on=date(2019, 4, 24))).refused
    assert enrolment_eligibility(SHIJIAZHUANG, replace(graduate, employed=True)).refused
    assert enrolment_eligibility(SHIJIAZHUANG, replace(graduate, employed=True, category="employed_staff")).allowed


@pytest.mark.req("S2-03")
@pytest.mark.parametrize("asked", ("is_student", "on_establishment"))
def test_fuzhou_excludes_students_and_established_staff(asked: str) -> None:
    nobody = replace(ADULT, is_student=False, on_establishment=False)
    assert enrolment_eligibility(FUZHOU, nobody).allowed
    assert enrolment_eligibility(FUZHOU, changed(nobody, **{asked: True})).refused
    assert enrolment_eligibility(FUZHOU, changed(nobody, **{asked: None})).pending


@pytest.mark.req("S3-05", "S3-06", "S3-09")
def test_jiangyin_asks_for_insurance_or_a_key_group() -> None:
    seeker = replace(ADULT, category="job_seeker", insured=True)
    assert enrolment_eligibility(JIANGYIN, seeker).allowed
    uninsured = enrolment_eligibility(JIANGYIN, replace(seeker, insured=False))
    assert about(uninsured, "insured").clause.endswith("二（一）")
    assert uninsured.refused
    assert enrolment_eligibility(JIANGYIN, replace(seeker, insured=False, category="self_employed_veteran")).allowed
    employee = replace(ADULT, category="employee", insured=True, contract_months=12, insured_months=6)
    assert enrolment_eligibility(JIANGYIN, employee).allowed
    assert enrolment_eligibility(JIANGYIN, replace(employee, contract_months=11)).refused
    assert enrolment_eligibility(JIANGYIN, replace(employee, insured_months=5)).refused


@pytest.mark.req("S5-01")
def test_the_company_trains_its_own_people() -> None:
    assert enrolment_eligibility(COMPANY, replace(ADULT, employee=True)).allowed
    assert enrolment_eligibility(COMPANY, replace(ADULT, employee=False)).refused


def test_hosts_are_sixteen_on_the_first_training_day_and_minors_need_consent() -> None:
    def asks(born: date, consent: bool | None = None) -> Decision:
        return enrolment_eligibility(DEMONSTRATION, replace(ADULT, birth_date=born, guardian_consent=consent))

    assert asks(date(2005, 5, 11), True).refused
    assert asks(date(2005, 5, 10), True).allowed
    assert asks(date(2005, 5, 10)).pending
    assert asks(date(2005, 5, 10), False).refused
    assert asks(date(2003, 5, 10)).allowed
    assert about(asks(date(2005, 5, 11)), "minimum_age").clause == "《网络直播营销管理办法（试行）》第十七条"


def test_age_of_who_was_born_on_the_thirtieth_day_of_february_so_to_speak() -> None:
    assert age_on(date(2004, 2, 29), date(2021, 2, 28)) == 16
    assert age_on(date(2004, 2, 29), date(2021, 3, 1)) == 17


@pytest.mark.req("S1-10")
def test_technician_levels_wait_for_the_authority() -> None:
    technician = ClassFacts(level=Level.TECHNICIAN, starts_on=DAY, ends_on=DAY)
    assert about(class_opening(SHIJIAZHUANG, technician), "levels_open").outcome is Outcome.NOT_MET
    decided = replace(technician, opening_decided_levels=frozenset({Level.TECHNICIAN}))
    assert about(class_opening(SHIJIAZHUANG, decided), "levels_open").outcome is Outcome.MET
    # No decision opens what the profile does not even close.
    assert about(class_opening(JIANGYIN, decided), "levels_open").outcome is Outcome.NOT_MET


def test_a_single_tier_takes_any_level_and_an_empty_list_is_a_fault() -> None:
    facts = ClassFacts(level=Level.ELEMENTARY, starts_on=DAY, ends_on=DAY)
    assert class_opening(FUZHOU, facts).reason("levels_open") is None
    with pytest.raises(ProfileFault, match="single tier"):
        named("fuzhou_2021", levels_open=[])


@pytest.mark.req("S2-11", "S3-01")
@pytest.mark.parametrize("profile, last", ((FUZHOU, date(2021, 9, 30)), (JIANGYIN, date(2023, 9, 30))))
def test_classes_lie_within_the_window(profile: ProfileData, last: date) -> None:
    facts = ClassFacts(level=Level.ELEMENTARY, starts_on=last, ends_on=last)
    assert about(class_opening(profile, facts), "valid_to").outcome is Outcome.MET
    late = replace(facts, ends_on=last + timedelta(days=1))
    assert about(class_opening(profile, late), "valid_to").outcome is Outcome.NOT_MET
    early = replace(facts, starts_on=(profile.valid_from or last) - timedelta(days=1))
    assert about(class_opening(profile, early), "valid_from").outcome is Outcome.NOT_MET


@pytest.mark.req("S2-12")
@pytest.mark.parametrize(
    "profile, modes, special, outcome",
    (
        (FUZHOU, {"offline"}, None, Outcome.MET),
        (FUZHOU, {"offline", "online"}, None, Outcome.MET),
        (FUZHOU, {"online"}, None, Outcome.NOT_MET),
        (FUZHOU, {"by post"}, None, Outcome.NOT_MET),
        (SHIJIAZHUANG, {"online"}, None, Outcome.MET),
        (XINMI, {"online"}, True, Outcome.MET),
        (XINMI, {"online"}, False, Outcome.NOT_MET),
        (XINMI, {"online"}, None, Outcome.UNKNOWN),
    ),
)
def test_forms_of_training(profile: ProfileData, modes: set[str], special: bool | None, outcome: Outcome) -> None:
    facts = ClassFacts(level=None, starts_on=None, ends_on=None, modes=frozenset(modes), special_circumstances=special)
    assert about(class_opening(profile, facts), "modes").outcome is outcome


@pytest.mark.req("S3-25")
def test_class_size_yields_to_a_recorded_reason() -> None:
    facts = ClassFacts(level=None, starts_on=None, ends_on=None, size=60)
    assert about(class_opening(JIANGYIN, facts), "class_size_max").outcome is Outcome.MET
    over = about(class_opening(JIANGYIN, replace(facts, size=61)), "class_size_max")
    assert (over.outcome, over.soft) == (Outcome.NOT_MET, False)
    excused = about(class_opening(JIANGYIN, replace(facts, size=61, size_reason="两个村合班")), "class_size_max")
    assert (excused.outcome, excused.soft) == (Outcome.NOT_MET, True)


@pytest.mark.req("S2-14", "S1-05")
@pytest.mark.parametrize("profile, count", ((SHIJIAZHUANG, 6), (FUZHOU, 9), (XINMI, 12), (COMPANY, 6)))
def test_missing_content_warns_by_name(profile: ProfileData, count: int) -> None:
    items = profile.parameters.content_items
    assert len(items) == count
    facts = ClassFacts(level=None, starts_on=None, ends_on=None, content_items=frozenset(items[1:]))
    reason = about(class_opening(profile, facts), "content_items")
    assert (reason.outcome, reason.found, reason.soft) == (Outcome.NOT_MET, items[0], True)


@pytest.mark.req("S2-10", "S3-04")
@pytest.mark.parametrize("profile", (SHIJIAZHUANG, FUZHOU, JIANGYIN, DEMONSTRATION))
def test_the_job_is_one_the_profile_trains(profile: ProfileData) -> None:
    facts = ClassFacts(level=None, starts_on=None, ends_on=None, job="直播销售员")
    assert about(class_opening(profile, facts), "occupations").outcome is Outcome.MET
    assert about(class_opening(profile, replace(facts, job="电工")), "occupations").outcome is Outcome.NOT_MET


@pytest.mark.req("S3-03")
def test_three_schools_of_jiangyin() -> None:
    assert len(JIANGYIN.parameters.institutions or ()) == 3


@pytest.mark.req("S3-08")
def test_seven_key_groups() -> None:
    assert len(JIANGYIN.parameters.key_groups) == 7


@pytest.mark.req("S2-16", "S4-05", "S4-06")
def test_who_may_teach() -> None:
    assert may_teach(FUZHOU, kind="broadcaster", certificate=None, practice_months=None, practical=True).allowed
    assert may_teach(FUZHOU, kind="neighbour", certificate=None, practice_months=None, practical=True).refused
    assert may_teach(XINMI, kind=None, certificate=True, practice_months=24, practical=True).allowed
    assert may_teach(XINMI, kind=None, certificate=True, practice_months=23, practical=True).refused
    assert may_teach(XINMI, kind=None, certificate=True, practice_months=23, practical=False).allowed
    assert may_teach(XINMI, kind=None, certificate=False, practice_months=30, practical=False).refused


@pytest.mark.req("S1-18")
def test_completion_takes_all_hours_and_a_pass() -> None:
    assert completion(SHIJIAZHUANG, hours_complete=True, passed=True).allowed
    assert completion(SHIJIAZHUANG, hours_complete=True, passed=False).refused
    assert completion(SHIJIAZHUANG, hours_complete=False, passed=True).refused
    assert completion(SHIJIAZHUANG, hours_complete=None, passed=True).pending
    assert completion(DEMONSTRATION, hours_complete=None, passed=True).allowed


def video(mark: str | None, **changes: Any) -> PartMark:
    return PartMark("video", None if mark is None else Decimal(mark), Decimal(60), Decimal(100), **changes)


@pytest.mark.req("S5-23")
@pytest.mark.parametrize(
    "mark, expected",
    (
        *[("89.9", Grade.GOOD), ("90", Grade.EXCELLENT), ("79.9", Grade.PASS), ("59.9", Grade.FAIL)],
        *[("82.0", Grade.GOOD), ("60.0", Grade.PASS), ("59.8", Grade.FAIL), ("89.8", Grade.GOOD), ("56.0", Grade.FAIL)],
        *[("59.95", Grade.PASS), ("59.949", Grade.FAIL)],
    ),
)
def test_grades_after_rounding_half_up(mark: str, expected: Grade) -> None:
    graded = grade(DEMONSTRATION, [video(mark)])
    assert graded.grade is expected
    assert graded.decision.allowed is (expected is not Grade.FAIL)


def test_both_parts_pass_and_none_makes_up_for_another() -> None:
    def graded(theory: str | None, operation: str | None):
        parts = [
            PartMark("theory", None if theory is None else Decimal(theory), Decimal(60), Decimal(30)),
            PartMark("video", None if operation is None else Decimal(operation), Decimal(60), Decimal(70)),
        ]
        return grade(DEMONSTRATION, parts)

    assert graded("86", "56").grade is Grade.FAIL
    assert graded("86", "56").composite == Decimal("65.0")
    assert graded("60", "100").composite == Decimal("88.0")
    assert graded("60", "100").grade is Grade.GOOD
    waiting = graded("86", None)
    assert (waiting.grade, waiting.composite, waiting.decision.pending) == (None, None, True)
    # A fail is a fail, but the grade waits for the missing part's mark.
    assert graded("40", None).grade is None


def test_a_proposed_fail_waits_for_the_chief() -> None:
    assert grade(DEMONSTRATION, [video("95", proposed_fail=True)]).grade is None
    assert grade(DEMONSTRATION, [video("95", proposed_fail=True)]).decision.pending
    assert grade(DEMONSTRATION, [video("95", proposed_fail=True, fail_confirmed=True)]).grade is Grade.FAIL
    assert grade(DEMONSTRATION, [video("95", proposed_fail=True, fail_confirmed=False)]).grade is Grade.EXCELLENT
    assert grade(DEMONSTRATION, []).decision.pending


@given(st.fractions(0, 100, max_denominator=1000))
def test_rounding_a_fraction_is_decimal_half_up(score: Fraction) -> None:
    exact = Decimal(score.numerator) / Decimal(score.denominator)
    assert round_score(score) == round_score(exact)


# What holds for all ---------------------------------------------------------------------------------------------------

maybe = st.none() | st.booleans()
days = st.dates(date(2018, 1, 1), date(2027, 12, 31))
codes = st.none() | st.sampled_from(
    sorted({code for profile in PROFILES for code in profile.parameters.target_groups or ()} | {"astronaut"})
)
enrolments = st.builds(
    EnrolmentFacts,
    first_training_day=days,
    birth_date=st.none() | st.dates(date(1940, 1, 1), date(2015, 12, 31)),
    enrolled_on=st.none() | days,
    category=codes,
    is_student=maybe,
    on_establishment=maybe,
    employed=maybe,
    employee=maybe,
    graduated_on=st.none() | days,
    insured=maybe,
    contract_months=st.none() | st.integers(0, 24),
    insured_months=st.none() | st.integers(0, 24),
    guardian_consent=maybe,
)
MODES = ("online", "offline", "practice", "onsite", "internal", "on_post")
classes = st.builds(
    ClassFacts,
    level=st.none() | st.sampled_from(list(Level)),
    starts_on=st.none() | days,
    ends_on=st.none() | days,
    job=st.none() | st.sampled_from(["直播销售员", "互联网营销师", "电工"]),
    institution=st.none() | st.sampled_from(["江阴职业技术学院", "福州第一技师学院", "无名学校"]),
    hours=st.none() | st.integers(1, 200),
    theory_hours=st.none() | st.integers(0, 200),
    practice_hours=st.none() | st.integers(0, 200),
    hour_minutes=st.none() | st.integers(30, 60),
    days=st.none() | st.integers(1, 9),
    offline_days=st.none() | st.integers(0, 9),
    modes=st.none() | st.frozensets(st.sampled_from(MODES), min_size=1),
    special_circumstances=maybe,
    size=st.none() | st.integers(1, 90),
    size_reason=st.sampled_from(["", "合班"]),
    content_items=st.none() | st.frozensets(st.sampled_from(["law", "internet", "store_opening"])),
    untagged=st.none() | st.lists(st.sampled_from(["灯光", "选品"]), max_size=2).map(tuple),
    training_type=st.none() | st.sampled_from(["upgrading", "hobby"]),
    plan_approved_by=st.none()
    | st.frozensets(
        st.sampled_from(["commerce_bureau", "hr_bureau", "finance_bureau", "association", "expert", "leader"])
    ),
    opening_approved=maybe,
    filed_on=st.none() | days,
)
profiles = st.sampled_from(PROFILES)


def _relaxed(profile: ProfileData, allowance: str) -> ProfileData:
    """The same profile with one allowance more."""
    asked = profile.parameters
    relaxing: dict[str, dict[str, Any]] = {
        "level": {"levels_open": None if asked.levels_open is None else (*asked.levels_open, Level.TECHNICIAN)},
        "single tier": {"levels_open": None},
        "mode": {"modes": None if asked.modes is None else (*asked.modes, "online", "internal")},
        "special mode": {"modes_in_special_circumstances": (*asked.modes_in_special_circumstances, "online")},
        "alone": {"modes_never_alone": ()},
        "group": {"target_groups": None if asked.target_groups is None else (*asked.target_groups, "astronaut")},
        "key group": {"key_groups": (*asked.key_groups, "job_seeker", "astronaut")},
        "exclusion": {"exclude": asked.exclude[1:]},
        "insurance": {"insured_unless_key_group": False},
        "contract": {"employee_contract_months": None, "employee_insured_months": 1},
        "window": {"graduate_window_years": None if asked.graduate_window_years is None else 5},
        "age": {"minimum_age": None, "guardian_consent_below": None},
        "hours": {"min_hours": {level: hours - 10 for level, hours in asked.min_hours.items()}},
        "minutes": {"class_hour_minutes": 30},
        "days": {"min_days": None, "min_offline_days": 1 if asked.min_offline_days else None},
        "shares": {"theory_ratio_min": asked.theory_ratio_min and Fraction(1, 10), "practice_ratio_min": None},
        "size": {"class_size_max": asked.class_size_max and 80},
        "soft size": {"class_size_soft": True},
        "approver": {"plan_approvers": asked.plan_approvers[1:]},
        "filing": {"opening_filing": None},
        "institution": {"institutions": asked.institutions and (*asked.institutions, "无名学校")},
        "attendance": {"attendance_min": asked.attendance_min and asked.attendance_min / 2},
        "no gate": {"attendance_min": None},
        "resit": {"resits_allowed": None},
        "bands": {"pass_mark": Decimal(50)},
    }
    return replace(profile, parameters=replace(asked, **relaxing[allowance]))


ALLOWANCES = (
    "level", "single tier", "mode", "special mode", "alone", "group", "key group", "exclusion", "insurance", "contract",
    "window", "age", "hours", "minutes", "days", "shares", "size", "soft size", "approver", "filing", "institution",
    "attendance", "no gate", "resit", "bands",
)  # fmt: skip
_RANK = {"refused": 0, "pending": 1, "allowed": 2}


def _rank(decided: Decision) -> int:
    return next(rank for name, rank in _RANK.items() if getattr(decided, name))


@pytest.mark.parametrize("allowance", ALLOWANCES)
@given(profile=profiles, person=enrolments, planned=classes, attended=st.integers(0, 40))
def test_an_allowance_never_turns_yes_into_no(
    allowance: str, profile: ProfileData, person: EnrolmentFacts, planned: ClassFacts, attended: int
) -> None:
    relaxed = _relaxed(profile, allowance)
    exam = ExamFacts(Attendance(attended, 40))
    for before, after in (
        (enrolment_eligibility(profile, person), enrolment_eligibility(relaxed, person)),
        (class_opening(profile, planned), class_opening(relaxed, planned)),
        (exam_entitlement(profile, exam), exam_entitlement(relaxed, exam)),
    ):
        assert _rank(after) >= _rank(before), (before, after)


@given(profile=profiles, planned=classes, more=st.integers(0, 40), attended=st.integers(0, 40))
def test_giving_more_never_turns_yes_into_no(
    profile: ProfileData, planned: ClassFacts, more: int, attended: int
) -> None:
    generous = replace(
        planned,
        days=None if planned.days is None else planned.days + more,
        offline_days=None if planned.offline_days is None else planned.offline_days + more,
        plan_approved_by=planned.plan_approved_by and planned.plan_approved_by | {"hr_bureau", "county_hr_bureau"},
        size_reason="合班",
        opening_decided_levels=frozenset(Level),
    )
    assert _rank(class_opening(profile, generous)) >= _rank(class_opening(profile, planned))
    sooner, later = (ExamFacts(Attendance(count, 80)) for count in (attended, attended + more))
    assert _rank(exam_entitlement(profile, later)) >= _rank(exam_entitlement(profile, sooner))


@given(profile=profiles, person=enrolments, planned=classes, data=st.data())
def test_unknown_is_never_met(
    profile: ProfileData, person: EnrolmentFacts, planned: ClassFacts, data: st.DataObject
) -> None:
    """Forgetting a fact never helps: no rule becomes met by it, and nothing refused becomes allowed."""
    both: tuple[tuple[Any, Any], ...] = ((enrolment_eligibility, person), (class_opening, planned))
    for evaluate, facts in both:
        known = [f.name for f in fields(facts) if getattr(facts, f.name) is not None and f.default is None]
        if not known:
            continue
        forgotten = data.draw(st.sampled_from(known))
        before = {reason.rule: reason for reason in evaluate(profile, facts).reasons}
        after = evaluate(profile, replace(facts, **{forgotten: None}))
        for reason in after.reasons:
            if reason.outcome is Outcome.MET:
                assert before[reason.rule].outcome is Outcome.MET, (forgotten, reason)
        if not Decision(tuple(before.values())).allowed:
            assert not after.allowed


@pytest.mark.parametrize("profile", PROFILES, ids=KEYS)
def test_knowing_nothing_allows_nothing_the_profile_asks_for(profile: ProfileData) -> None:
    for decided in (
        enrolment_eligibility(profile, EnrolmentFacts(DAY)),
        class_opening(profile, ClassFacts(level=None, starts_on=None, ends_on=None)),
        exam_entitlement(profile, ExamFacts()),
    ):
        assert not decided.refused
        asking = [reason for reason in decided.reasons if not reason.soft and reason.rule != "no_attendance_gate"]
        assert all(reason.outcome is Outcome.UNKNOWN for reason in asking)
        assert decided.allowed is not any(asking)
    total = subsidy(profile, SubsidyFacts(Level.ELEMENTARY, trained=3, passed=None, certified=None)).total
    assert total is None if profile.parameters.subsidy else total == 0


@given(
    heads=st.lists(st.tuples(st.none() | days, st.uuids(version=4)), max_size=6, unique_by=lambda head: head[1]),
    on=days,
    data=st.data(),
)
def test_resolving_does_not_depend_on_row_order(
    heads: list[tuple[date | None, UUID]], on: date, data: st.DataObject
) -> None:
    rows = [VersionHead(uuid, version, day) for version, (day, uuid) in enumerate(heads, start=1)]
    chosen = resolve(rows, on)
    assert resolve(data.draw(st.permutations(rows)), on) == chosen
    if chosen is None:
        assert all(row.in_force_from and row.in_force_from > on for row in rows)
    else:
        assert chosen.in_force_from is None or chosen.in_force_from <= on


def test_evaluation_never_reads_the_clock() -> None:
    """No module of the evaluators can: none imports a clock, Django or a setting, or asks a date for today."""
    for file in Path(lms.policies.logic.__file__).parent.glob("*.py"):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom):
                assert not (node.module or "").startswith(("django", "time", "lms.core.clock", "lms.policies.models"))
                assert "clock" not in {alias.name for alias in node.names}
            if isinstance(node, ast.Import):
                assert not {alias.name for alias in node.names} & {"time", "django", "os"}
            if isinstance(node, ast.Attribute):
                assert node.attr not in {"today", "now", "utcnow"}


@given(profile=profiles, person=enrolments, planned=classes)
def test_the_same_facts_give_the_same_decision_and_it_survives_storing(
    profile: ProfileData, person: EnrolmentFacts, planned: ClassFacts
) -> None:
    for decided in (enrolment_eligibility(profile, person), class_opening(profile, planned)):
        assert loaded(dumped(decided)) == decided
        assert sum((decided.allowed, decided.refused, decided.pending)) == 1
    assert class_opening(profile, planned) == class_opening(profile, planned)


@given(profile=profiles, person=enrolments, planned=classes)
def test_every_reason_has_words(profile: ProfileData, person: EnrolmentFacts, planned: ClassFacts) -> None:
    reasons: list[Reason] = [*enrolment_eligibility(profile, person).reasons, *class_opening(profile, planned).reasons]
    assert {reason.rule for reason in reasons} <= RULES


# Reading the file -----------------------------------------------------------------------------------------------------


def test_the_hash_does_not_depend_on_the_order_of_keys() -> None:
    said = content("fuzhou_2021")
    turned = {name: dict(reversed(part.items())) for name, part in reversed(said.items())}
    assert hash_of(turned) == hash_of(said)
    assert hash_of(content("fuzhou_2021", archive_years=6)) != hash_of(said)


@pytest.mark.parametrize("changes", ({"min_hour": {5: 1}}, {"attendance_min": "most"}, {"levels_open": [6]}))
def test_what_cannot_be_read_is_a_fault(changes: dict[str, Any]) -> None:
    with pytest.raises(ProfileFault):
        named("fuzhou_2021", **changes)


def test_a_default_has_no_clause() -> None:
    assert XINMI.clause("archive_years").endswith("第十三条")
    assert JIANGYIN.clause("archive_years") == ""
    assert JIANGYIN.parameters.archive_years == 10


def test_every_profile_is_complete() -> None:
    for profile in PROFILES:
        asked = profile.parameters
        assert profile.title, profile.key
        assert profile.issuers, profile.key
        assert asked.credentials, profile.key
        assert asked.certificate_number_by, profile.key
        if asked.subsidy:
            assert asked.subsidy.payer, profile.key
            assert asked.subsidy.fund, profile.key
    entered, fuzhou, filing = (
        SHIJIAZHUANG.parameters.subsidy,
        FUZHOU.parameters.subsidy,
        FUZHOU.parameters.opening_filing,
    )
    assert entered
    assert entered.rate_entered
    assert fuzhou
    assert not fuzhou.count_failed
    assert filing
    assert filing.approval


@pytest.mark.req("S3-29")
@pytest.mark.parametrize(
    "minutes, allowed", (((45, 45, 45), True), ((60, 45, 29), False), ((60, 60), False)), ids=["45", "44.7", "two"]
)
def test_teaching_videos_are_three_and_last_45_minutes_on_average(minutes: tuple[int, ...], allowed: bool) -> None:
    decided = class_recordings(JIANGYIN, [(45, Fraction(60 * length)) for length in minutes])
    assert (decided.allowed, decided.refused) == (allowed, not allowed)
    assert {reason.clause for reason in decided.reasons} == {JIANGYIN.document}
    assert {reason.rule for reason in decided.reasons} <= RULES
    # A file nobody could use is no teaching video; one still being measured leaves it open.
    unknown = class_recordings(JIANGYIN, [(45, Fraction(2700)), (45, Fraction(0)), (45, Fraction(2700)), (45, None)])
    assert unknown.pending


def test_a_session_shorter_on_video_only_warns() -> None:
    short, whole = (class_recordings(FUZHOU, [(90, Fraction(60 * length))]) for length in (80, 90))
    assert (short.allowed, [reason.rule for reason in short.warnings]) == (True, ["full_recording"])
    assert (whole.warnings, class_recordings(FUZHOU, ()).reasons[0].outcome) == ((), Outcome.UNKNOWN)
    assert class_recordings(DEMONSTRATION, [(90, None)]).reasons == ()
