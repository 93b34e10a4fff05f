"""What of each policy a curriculum meets, against worked examples; the same functions judge classes."""

from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from lms.core.types import Level
from lms.policies.api import (
    ClassFacts,
    CoverageReport,
    CurriculumFacts,
    DecisionKind,
    LessonFacts,
    ModuleFacts,
    Outcome,
    ProfileData,
    Reason,
    audience_of_category,
    card_of,
    class_opening,
    curriculum_coverage,
)
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
    named,
)

PROFILES = tuple(named(key) for key in KEYS)
ALL = {profile.key: frozenset(profile.parameters.content_items) for profile in PROFILES}


def lesson(number: int, hours: Any = 4, kind: str = "theory", **said: Any) -> LessonFacts:
    fields: dict[str, Any] = {
        "delivery": "practice" if kind == "practice" else "offline",
        "methods": frozenset({"operation" if kind == "practice" else "lecture"}),
        "items": ALL,
        "categories": {"xinmi_2020": frozenset({"basic_knowledge"})},
    }
    return LessonFacts(UUID(int=number), f"第{number}课", Decimal(str(hours)), kind, **(fields | said))


def curriculum(*lessons: LessonFacts, level: Level | None = Level.ELEMENTARY, **said: Any) -> CurriculumFacts:
    return CurriculumFacts(level, (ModuleFacts(UUID(int=1000), "一模块", lessons),), **said)


def split(theory: Any, practice: Any, **said: Any) -> CurriculumFacts:
    return curriculum(lesson(1, theory), lesson(2, practice, "practice"), **said)


def reason(profile: ProfileData, facts: CurriculumFacts, rule: str) -> Reason:
    return about(curriculum_coverage(profile, facts).decision, rule)


def outcome(profile: ProfileData, facts: CurriculumFacts, rule: str) -> Outcome:
    return reason(profile, facts, rule).outcome


def card_text(profile: ProfileData, report: CoverageReport) -> str:
    with translation.override("zh-hans"):
        card = card_of(report.decision, profile, kind=DecisionKind.CURRICULUM)
        return "\n".join(f"{one.title} {one.rule} {one.clause} {one.required} {one.found}" for one in card.reasons)


# Hours and shares ----------------------------------------------------------------------------------------------------


@pytest.mark.req("S2-13", "S3-12")
def test_forty_hours_pass_fuzhou_or_jiangyin_never_both() -> None:
    theory_heavy, practice_heavy = split(24, 16), split(16, 24)
    assert curriculum_coverage(FUZHOU, theory_heavy).decision.allowed
    assert curriculum_coverage(JIANGYIN, theory_heavy).decision.refused
    assert curriculum_coverage(FUZHOU, practice_heavy).decision.refused
    assert curriculum_coverage(JIANGYIN, practice_heavy).decision.allowed
    assert reason(FUZHOU, practice_heavy, "theory_ratio_min").found == "16/40"


@pytest.mark.req("S2-13", "S3-12")
@pytest.mark.parametrize(
    "part, rest, met",
    ((24, 16, True), (23, 17, False), ("23.5", "16.5", False), ("23.5", "15.5", True), ("0.6", "0.4", True)),
)
def test_shares_are_exact_fractions(part: Any, rest: Any, met: bool) -> None:
    expected = Outcome.MET if met else Outcome.NOT_MET
    assert outcome(FUZHOU, split(part, rest), "theory_ratio_min") is expected
    assert outcome(JIANGYIN, split(rest, part), "practice_ratio_min") is expected


@pytest.mark.req("S1-12", "S1-14")
@pytest.mark.parametrize("level, least", ((5, 100), (4, 120), (3, 150), (2, 100), (1, 100)))
def test_the_hours_of_each_level_of_shijiazhuang(level: int, least: int) -> None:
    def with_hours(hours: int) -> CurriculumFacts:
        return split(hours - 40, 40, level=Level(level))

    assert outcome(SHIJIAZHUANG, with_hours(least), "min_hours") is Outcome.MET
    short = reason(SHIJIAZHUANG, with_hours(least - 1), "min_hours")
    assert (short.outcome, short.required, short.found) == (Outcome.NOT_MET, str(least), str(least - 1))
    standard = reason(SHIJIAZHUANG, with_hours(least), "standard_hours")
    assert standard.soft, "the national standard only reminds (domain 2.2 no. 2)"
    assert (standard.outcome is Outcome.NOT_MET) is (level == 5)


@pytest.mark.req("S1-13")
def test_stages_split_their_hours_as_they_like() -> None:
    one = replace(split(60, 40), modules=(ModuleFacts(UUID(int=1), "甲", (lesson(1, 60), lesson(2, 40, "practice"))),))
    other = replace(
        one,
        modules=(
            ModuleFacts(UUID(int=1), "甲", (lesson(1, 10),)),
            ModuleFacts(UUID(int=2), "乙", (lesson(2, 90, "practice"),)),
        ),
    )
    assert curriculum_coverage(SHIJIAZHUANG, one).decision.allowed
    assert curriculum_coverage(SHIJIAZHUANG, other).decision.allowed


@pytest.mark.req("S1-14")
def test_practice_counts_into_the_total_unless_a_policy_says_otherwise() -> None:
    assert outcome(SHIJIAZHUANG, split(60, 40), "min_hours") is Outcome.MET
    strict = named("shijiazhuang_2020", practice_counts=False)
    assert reason(strict, split(60, 40), "min_hours").found == "60"


@pytest.mark.req("S1-11", "S4-15", "S5-15")
def test_hours_are_reported_by_delivery_and_by_method() -> None:
    facts = curriculum(
        lesson(1, "1.5", delivery="online", methods=frozenset({"lecture", "case", "online"})),
        lesson(2, 2, delivery="offline", methods=frozenset({"lecture", "exchange"})),
        lesson(3, 3, "practice", methods=frozenset({"operation", "hands_on"})),
    )
    hours = curriculum_coverage(SHIJIAZHUANG, facts).hours
    assert dict(hours.by_delivery) == {"online": Decimal("1.5"), "offline": Decimal(2), "practice": Decimal(3)}
    by_method = {bundle.code: bundle.hours for bundle in curriculum_coverage(XINMI, facts).methods}
    assert by_method == {
        "lecture": Decimal("3.5"),
        "operation": Decimal(3),
        "study_tour": Decimal(0),
        "case": Decimal("1.5"),
    }
    assert reason(XINMI, facts, "methods").found == "study_tour"
    company = curriculum_coverage(COMPANY, facts)
    assert [bundle.code for bundle in company.methods] == ["internal", "external", "online", "hands_on", "exchange"]
    assert [bundle.hours for bundle in company.methods] == [0, 0, Decimal("1.5"), 3, 2]
    assert company.decision.reason("methods") is None, "the company only names its methods"


# Forms ---------------------------------------------------------------------------------------------------------------


@pytest.mark.req("S4-16")
def test_xinmi_teaches_online_only_in_special_circumstances() -> None:
    on_site = curriculum(lesson(1), lesson(2, kind="practice"))
    assert outcome(XINMI, on_site, "modes") is Outcome.MET
    online = curriculum(lesson(1, delivery="online"), lesson(2))
    assert outcome(XINMI, replace(online, special_circumstances=False), "modes") is Outcome.NOT_MET
    assert outcome(XINMI, replace(online, special_circumstances=True), "modes") is Outcome.MET
    assert outcome(XINMI, online, "modes") is Outcome.UNKNOWN


@pytest.mark.req("S1-11", "S2-12", "S3-16")
@pytest.mark.parametrize(
    "profile, deliveries, met",
    (
        (SHIJIAZHUANG, ("online", "offline", "practice"), True),
        (FUZHOU, ("online", "practice"), True),
        (FUZHOU, ("online",), False),
        (JIANGYIN, ("online", "practice"), True),
        (COMPANY, ("online", "offline", "practice"), True),
        (SHIJIAZHUANG, ("by post",), False),
    ),
)
def test_deliveries_read_in_the_modes_of_a_policy(profile: ProfileData, deliveries: tuple[str, ...], met: bool) -> None:
    facts = curriculum(*(lesson(at, delivery=delivery) for at, delivery in enumerate(deliveries, start=1)))
    assert outcome(profile, facts, "modes") is (Outcome.MET if met else Outcome.NOT_MET)


# Content and themes --------------------------------------------------------------------------------------------------


@pytest.mark.req("S1-05", "S2-14", "S4-17", "S5-14")
@pytest.mark.parametrize("profile, count", ((SHIJIAZHUANG, 6), (FUZHOU, 9), (XINMI, 12), (COMPANY, 6)))
def test_missing_content_is_named_and_only_warned_of(profile: ProfileData, count: int) -> None:
    listed = profile.parameters.content_items
    assert len(listed) == count
    whole = curriculum(*(lesson(at, items={profile.key: frozenset({code})}) for at, code in enumerate(listed, start=1)))
    assert outcome(profile, whole, "content_items") is Outcome.MET
    report = curriculum_coverage(
        profile, replace(whole, modules=(replace(whole.modules[0], lessons=whole.lessons[1:]),))
    )
    missing = about(report.decision, "content_items")
    assert (missing.outcome, missing.found, missing.soft) == (Outcome.NOT_MET, listed[0], True)
    assert [bundle.code for bundle in report.items if not bundle.lessons] == [listed[0]]
    assert f"缺少：{profile.labels[listed[0]]}" in card_text(profile, report)


@pytest.mark.req("S2-17")
def test_a_lesson_about_something_else_is_refused_by_name() -> None:
    facts = curriculum(lesson(1), lesson(2, items={"fuzhou_2021": frozenset(), "jiangyin_2023": ALL["jiangyin_2023"]}))
    refused = curriculum_coverage(FUZHOU, facts)
    assert refused.decision.refused
    assert about(refused.decision, "lessons_on_content").found == "第2课"
    assert "四（三）" in about(refused.decision, "lessons_on_content").clause
    assert curriculum_coverage(JIANGYIN, facts).decision.reason("lessons_on_content") is None
    planned = ClassFacts(level=None, starts_on=None, ends_on=None, untagged=("第2课",))
    assert about(class_opening(FUZHOU, planned), "lessons_on_content").outcome is Outcome.NOT_MET
    assert about(class_opening(FUZHOU, replace(planned, untagged=())), "lessons_on_content").outcome is Outcome.MET


@pytest.mark.req("S2-17")
def test_a_tag_the_policy_does_not_list_is_no_tag() -> None:
    strange = curriculum(lesson(1, items={"fuzhou_2021": frozenset({"astrology"})}))
    assert reason(FUZHOU, strange, "lessons_on_content").found == "第1课"


@pytest.mark.req("S3-11")
def test_jiangyins_themes_run_through_every_module() -> None:
    themes = ALL["jiangyin_2023"]
    law, rest = frozenset({"law"}), themes - {"law"}
    whole = CurriculumFacts(
        Level.ELEMENTARY,
        (
            ModuleFacts(UUID(int=1), "甲", (lesson(1, items={"jiangyin_2023": themes}),)),
            ModuleFacts(
                UUID(int=2),
                "乙",
                (lesson(2, items={"jiangyin_2023": rest}), lesson(3, items={"jiangyin_2023": law})),
            ),
        ),
    )
    assert outcome(JIANGYIN, whole, "cross_cutting") is Outcome.MET
    lacking = replace(
        whole, modules=(whole.modules[0], replace(whole.modules[1], lessons=whole.modules[1].lessons[:1]))
    )
    report = curriculum_coverage(JIANGYIN, lacking)
    said = about(report.decision, "cross_cutting")
    assert (said.outcome, said.soft, said.found) == (Outcome.NOT_MET, True, "乙\tlaw")
    assert [module.lacking for module in report.themes] == [(), ("law",)]
    assert outcome(JIANGYIN, lacking, "content_items") is Outcome.MET, "somewhere it is covered"
    assert "乙缺少法律" in card_text(JIANGYIN, report)
    twice = named("jiangyin_2023", cross_cutting={"themes": ["law"], "lessons_min": 2})
    assert [module.lacking for module in curriculum_coverage(twice, whole).themes] == [("law",), ("law",)]


# Whom it is for ------------------------------------------------------------------------------------------------------


@pytest.mark.req("S4-08")
@pytest.mark.parametrize(
    "category, audience, met",
    (
        ("policy_publicity", "public", True),
        ("policy_publicity", "poor_household", True),
        ("policy_publicity", "village_cadre", False),
        ("basic_knowledge", "first_secretary", True),
        ("practical_skills", "with_basics", True),
        ("practical_skills", "public", False),
    ),
)
def test_people_another_category_is_meant_for_are_warned_of(category: str, audience: str, met: bool) -> None:
    (said,) = audience_of_category(XINMI, category, audience)
    assert (said.outcome is Outcome.MET, said.soft) == (met, True)
    asked = curriculum(lesson(1), category=category, audience=audience)
    assert reason(XINMI, asked, "audience") == said


@pytest.mark.req("S4-08", "S4-18")
def test_lessons_of_another_category_or_for_nobody_are_named() -> None:
    facts = curriculum(lesson(1), lesson(2, categories={"xinmi_2020": frozenset({"practical_skills"})}))
    assert outcome(XINMI, facts, "lesson_audiences") is Outcome.MET
    assert reason(XINMI, replace(facts, category="basic_knowledge"), "lesson_audiences").found == "第2课"
    assert [(one.code, len(one.lessons)) for one in curriculum_coverage(XINMI, facts).categories] == [
        ("policy_publicity", 0),
        ("basic_knowledge", 1),
        ("practical_skills", 1),
    ]
    nobodys = curriculum(lesson(1), lesson(2, categories={}))
    assert reason(XINMI, nobodys, "lesson_audiences").found == "第2课"


@pytest.mark.req("S3-10")
def test_a_class_of_jiangyin_states_its_type_of_training() -> None:
    assert JIANGYIN.parameters.training_types == (
        "employment_skill",
        "pre_job",
        "upgrading",
        "transfer",
        "entrepreneurship",
    )
    unsaid = ClassFacts(level=None, starts_on=None, ends_on=None)
    assert about(class_opening(JIANGYIN, unsaid), "training_type").outcome is Outcome.UNKNOWN
    assert (
        about(class_opening(JIANGYIN, replace(unsaid, training_type="transfer")), "training_type").outcome
        is Outcome.MET
    )
    other = class_opening(JIANGYIN, replace(unsaid, training_type="hobby"))
    assert about(other, "training_type").outcome is Outcome.NOT_MET
    assert class_opening(FUZHOU, unsaid).reason("training_type") is None


# What holds for all ----------------------------------------------------------------------------------------------------


def test_the_demonstration_asks_nothing_of_a_curriculum() -> None:
    assert curriculum_coverage(DEMONSTRATION, split(1, 1)).decision.reasons == ()


@pytest.mark.parametrize("profile", PROFILES, ids=KEYS)
def test_an_empty_curriculum_meets_nothing(profile: ProfileData) -> None:
    decided = curriculum_coverage(profile, CurriculumFacts(Level.ELEMENTARY, ())).decision
    assert not any(said.outcome is Outcome.MET for said in decided.reasons)
    assert decided.allowed is (profile is PROFILES[KEYS.index("demonstration")])


_codes = {key: st.frozensets(st.sampled_from(sorted(ALL[key]) or ["none"]), max_size=3) for key in KEYS}
lessons = st.builds(
    LessonFacts,
    uid=st.uuids(version=4),
    title=st.sampled_from(["灯光", "选品", "话术"]),
    hours=st.integers(1, 80).map(lambda halves: Decimal(halves) / 2),
    kind=st.sampled_from(["theory", "practice"]),
    delivery=st.sampled_from(["online", "offline", "practice"]),
    methods=st.frozensets(st.sampled_from(["lecture", "operation", "case", "study_tour", "online", "external"])),
    items=st.fixed_dictionaries(_codes),
    categories=st.fixed_dictionaries(
        {"xinmi_2020": st.frozensets(st.sampled_from(["policy_publicity", "basic_knowledge"]))}
    ),
)
curricula = st.lists(lessons, min_size=1, max_size=8).map(lambda many: curriculum(*many, special_circumstances=False))


@given(profile=st.sampled_from(PROFILES), facts=curricula, special=st.booleans())
def test_a_class_of_the_same_hours_is_judged_the_same(
    profile: ProfileData, facts: CurriculumFacts, special: bool
) -> None:
    """Hours, shares and content of a class and of its curriculum are judged by one set of functions."""
    whole = [one for one in facts.lessons if one.hours == int(one.hours)]
    facts = curriculum(*whole, special_circumstances=special) if whole else facts
    report = curriculum_coverage(profile, facts)
    assert {said.rule for said in report.decision.reasons} <= RULES
    assert report.hours.theory + report.hours.practice == report.hours.total
    assert sum(hours for _code, hours in report.hours.by_delivery) == report.hours.total
    card_text(profile, report)
    if not whole:
        return
    opening = class_opening(
        profile,
        ClassFacts(
            level=facts.level,
            starts_on=None,
            ends_on=None,
            hours=int(report.hours.total),
            theory_hours=int(report.hours.theory),
            practice_hours=int(report.hours.practice),
            content_items=frozenset(bundle.code for bundle in report.items if bundle.lessons),
            untagged=tuple(one.title for one in report.untagged),
        ),
    )
    for said in report.decision.reasons:
        if said.rule in {"min_hours", "standard_hours", "theory_ratio_min", "practice_ratio_min", "content_items"}:
            assert opening.reason(said.rule) == said
        if said.rule == "lessons_on_content":
            assert opening.reason(said.rule) == said


@pytest.mark.parametrize("profile", PROFILES, ids=KEYS)
def test_a_code_reads_the_same_in_every_list_of_a_profile(profile: ProfileData) -> None:
    """Codes are put into words by the first list that has them, so two lists may share one only with the same words."""
    said: dict[str, str] = {}
    for name in ("modes", "modes_in_special_circumstances", "methods", "content_items", "categories", "training_types"):
        listed = profile.raw.get(name)
        for code, words in listed.items() if isinstance(listed, dict) else ():
            if name != "modes_in_special_circumstances":
                assert said.setdefault(code, words) == words, (name, code)
