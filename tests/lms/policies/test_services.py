from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from django.db import connection

from lms.core.types import Level
from lms.policies.api import (
    ClassFacts,
    Decision,
    DecisionKind,
    EnrolmentFacts,
    Figure,
    NoProfile,
    Outcome,
    add_profile_version,
    class_opening,
    decision,
    decision_card,
    decisions_about,
    enrolment_eligibility,
    held_decisions,
    load_profiles,
    profile,
    profile_in_force,
    profiles,
    store_decision,
    versions,
)
from lms.policies.models import PolicyProfile, StoredDecision
from lms.policies.services import DATA
from tests.lms.accounts.world import NOW
from tests.lms.policies.shelf import KEYS, about

CHANGE = date(2022, 3, 1)


@pytest.fixture
def shelf(db: None) -> None:
    load_profiles()


def changed(key: str = "shijiazhuang_2020", day: date = CHANGE, **changes: object) -> UUID:
    said = changes or {"min_hours": {"5": 90, "4": 120, "3": 150, "2": 100, "1": 100}}
    return add_profile_version(by=uuid4(), key=key, changes=said, in_force_from=day, now=NOW).uuid


@pytest.mark.req("S1-01")
def test_a_class_keeps_the_version_of_its_filing_day(shelf: None) -> None:
    second = changed()
    before = profile_in_force("shijiazhuang_2020", date(2022, 2, 28))
    after = profile_in_force("shijiazhuang_2020", CHANGE)
    assert (before.version, after.version, after.uuid) == (1, 2, second)
    facts = ClassFacts(level=Level.ELEMENTARY, starts_on=CHANGE, ends_on=CHANGE, hours=90)
    assert about(class_opening(before, facts), "min_hours").outcome is Outcome.NOT_MET
    assert about(class_opening(after, facts), "min_hours").outcome is Outcome.MET
    assert profile(before.uuid).parameters.min_hours[5] == 100
    assert before.content_hash != after.content_hash


@pytest.mark.req("S1-01")
def test_the_document_is_known_by_number_day_and_successor(shelf: None) -> None:
    data = profile_in_force("shijiazhuang_2020", date(2020, 9, 1))
    assert (data.document, data.valid_from, data.superseded_by) == (
        "石家庄市人民政府办公室〔2020〕-93",
        date(2020, 9, 1),
        "hebei_provincial",
    )
    with pytest.raises(NoProfile):
        profile_in_force("shijiazhuang_2020", date(2020, 8, 31))
    with pytest.raises(NoProfile):
        profile_in_force("hebei_provincial", date(2026, 1, 1))


@pytest.mark.req("S2-01")
def test_a_joint_document_has_two_issuers(shelf: None) -> None:
    issuers = profile_in_force("fuzhou_2021", date(2021, 5, 1)).issuers
    assert issuers == ("福州市人力资源和社会保障局", "福州市财政局")


@pytest.mark.req("S1-10")
def test_opening_a_level_is_a_new_version(shelf: None) -> None:
    facts = ClassFacts(level=Level.TECHNICIAN, starts_on=CHANGE, ends_on=CHANGE)
    changed(levels_open=[5, 4, 3, 2])
    before, after = (profile_in_force("shijiazhuang_2020", day) for day in (date(2022, 2, 28), CHANGE))
    assert about(class_opening(before, facts), "levels_open").outcome is Outcome.NOT_MET
    assert about(class_opening(after, facts), "levels_open").outcome is Outcome.MET


def test_loading_again_changes_nothing_and_a_changed_file_is_a_new_version(shelf: None, tmp_path) -> None:
    assert load_profiles() == 0
    changed(day=date(2030, 1, 1))
    assert load_profiles() == 0, "what a bureau entered is not the file's"
    text = (DATA / "profiles.yaml").read_text(encoding="utf-8")
    file = tmp_path / "profiles.yaml"
    file.write_text(text.replace("min_days: 5", "min_days: 6"), encoding="utf-8")
    assert load_profiles(file) == 1
    assert [data.version for data in versions("fuzhou_2021")] == [2, 1]
    assert profile_in_force("fuzhou_2021", date(2021, 5, 1)).parameters.min_days == 6


def test_the_demonstration_has_its_history(shelf: None) -> None:
    assert [data.parameters.parts for data in versions("demonstration")] == [("theory", "video"), ("video",)]
    PolicyProfile.objects.filter(key="demonstration", version=2)._raw_delete("default")
    assert load_profiles() == 1
    assert [data.version for data in versions("demonstration")] == [2, 1]


def test_all_six_are_there(shelf: None) -> None:
    assert {data.key for data in profiles(on=date(2026, 11, 21))} == set(KEYS)
    assert {data.key for data in profiles(on=date(2020, 9, 1))} == {
        "shijiazhuang_2020",
        "xinmi_2020",
        "company_policy",
        "demonstration",
    }


def test_versions_are_written_once(shelf: None) -> None:
    row = PolicyProfile.objects.filter(key="fuzhou_2021").get()
    row.title = "另一个"
    with pytest.raises(TypeError, match="written once"):
        row.save()
    with pytest.raises(TypeError):
        PolicyProfile.objects.all().delete()


def stored(subject: UUID | None = None, born: date | None = date(2011, 1, 1)) -> UUID:
    data = profile_in_force("demonstration", date(2026, 3, 16))
    decided = enrolment_eligibility(data, EnrolmentFacts(date(2026, 4, 1), birth_date=born, guardian_consent=True))
    return store_decision(
        kind=DecisionKind.ENROLMENT,
        subject_kind="enrolment",
        subject=subject or uuid4(),
        decision=decided,
        profile=data.uuid,
        by=None,
        now=NOW,
    )


def test_a_decision_is_kept_with_its_version_and_reasons(shelf: None) -> None:
    subject = uuid4()
    first, second = stored(subject), stored(subject, date(1990, 1, 1))
    assert [kept.uuid for kept in decisions_about(subject)] == [second, first]
    assert decisions_about(subject, DecisionKind.GRADE) == []
    kept = decision(first)
    assert kept.decision.refused
    assert about(kept.decision, "minimum_age").found == "15"
    assert profile(kept.profile).key == "demonstration"
    with pytest.raises(LookupError):
        decision(uuid4())


def test_reasons_are_not_readable_in_the_database(shelf: None) -> None:
    stored()
    with connection.cursor() as cursor:
        cursor.execute("SELECT reasons FROM policies_storeddecision")
        ((raw,),) = cursor.fetchall()
    assert raw.startswith("kb1:")
    assert "minimum_age" not in raw
    with pytest.raises(TypeError):
        StoredDecision.objects.update(outcome="met")


def test_the_card_says_rule_clause_required_and_found(shelf: None) -> None:
    card = decision_card(stored(), figures=[Figure("学时", "40")], remedies={"minimum_age": "明年再来"})
    assert (card.title, card.tone, card.verdict) == ("不能报名", "bad", "不符合")
    reason = card.reasons[0]
    assert (reason.title, reason.clause) == ("年龄：不符合", "《网络直播营销管理办法（试行）》第十七条")
    assert (reason.required, reason.found, reason.remedy) == ("16岁", "15岁", "明年再来")
    assert card.figures[0].value == "40"
    assert card.policy == "政策：演示评价方案，第2版"


def test_what_is_unknown_says_so_and_what_stands_in_the_way_comes_first(shelf: None) -> None:
    card = decision_card(stored(born=None))
    assert (card.tone, card.verdict, card.reasons[0].found) == ("warn", "待定", "未填")
    data = profile_in_force("fuzhou_2021", date(2021, 5, 1))
    facts = EnrolmentFacts(date(2021, 5, 10), birth_date=date(1990, 1, 1), is_student=True)
    uuid = store_decision(
        kind=DecisionKind.ENROLMENT, subject_kind="enrolment", subject=uuid4(),
        decision=enrolment_eligibility(data, facts), profile=data.uuid, by=None, now=NOW,
    )  # fmt: skip
    titles = [reason.title for reason in decision_card(uuid).reasons]
    assert titles == ["在校生：不符合", "在编人员：待定", "年龄：符合"]
    assert [reason.title for reason in decision_card(uuid, only_open=True).reasons] == titles[:2]


def test_what_was_decided_is_held_about_her_in_words(shelf: None) -> None:
    subject = uuid4()
    mine = stored(subject)
    stored()
    for holding in (
        held_decisions(DecisionKind.ENROLMENT, subjects=[subject]),
        held_decisions(DecisionKind.ENROLMENT, uuids=[mine]),
    ):
        (row,) = holding.rows
        assert "年龄：不符合（16岁、15岁）" in str(row.values())
    assert list(held_decisions(DecisionKind.GRADE, subjects=[subject]).rows) == []


def test_every_kind_of_decision_can_be_shown_whatever_it_found(shelf: None) -> None:
    facts = ClassFacts(
        level=Level.ELEMENTARY, starts_on=date(2022, 1, 1), ends_on=date(2024, 1, 1), job="直播销售员", institution="无名学校",
        hours=40, theory_hours=23, practice_hours=17, hour_minutes=44, days=4, offline_days=2,
        modes=frozenset({"online", "offline"}), size=61, content_items=frozenset({"law"}),
        plan_approved_by=frozenset({"hr_bureau"}), opening_approved=False, filed_on=date(2022, 1, 1),
        trainee_fee=Decimal(1),
    )  # fmt: skip
    for data in profiles(on=date(2026, 11, 21)):
        for judged in (
            class_opening(data, facts),
            class_opening(data, replace(facts, hours=None, level=None)),
            Decision(),
        ):
            for kind in DecisionKind:
                uuid = store_decision(
                    kind=kind, subject_kind="class", subject=uuid4(), decision=judged, profile=data.uuid, by=None, now=NOW
                )  # fmt: skip
                card = decision_card(uuid)
                assert card.title
                assert all(reason.title and reason.rule for reason in card.reasons)
