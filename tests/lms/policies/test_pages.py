from datetime import date

import pytest
from django.test import Client

from lms.accounts.api import Role
from lms.core.workdays.api import load_workdays, year_table
from lms.policies.api import add_profile_version, load_profiles, profile_in_force
from tests.lms.accounts.world import NOW, Places, build_places, make_user, signed_in


@pytest.fixture
def places(db: None) -> Places:
    load_workdays()
    load_profiles()
    return build_places()


def shown(key: str) -> str:
    return f"/policies/{profile_in_force(key, date(2026, 1, 1)).uuid}/"


@pytest.mark.req("S1-41")
def test_anybody_reads_a_published_policy(places: Places) -> None:
    listed = Client().get("/policies/").content.decode()
    assert "石家庄市新媒体电商直播销售员培训评价实施方案" in listed
    page = Client().get(shown("shijiazhuang_2020"))
    assert page.status_code == 200
    assert "初级（国家职业资格五级） 100学时" in page.content.decode()
    assert "平博" not in page.content.decode() + listed


@pytest.mark.req("S2-01")
def test_the_page_shows_both_issuers_number_and_clauses(places: Places) -> None:
    page = Client().get(shown("fuzhou_2021")).content.decode()
    for words in (
        "福州市人力资源和社会保障局",
        "福州市财政局",
        "榕人社培〔2021〕42号 四（一）",
        "≥60%",
        "已到期",
        "不分等级",
    ):
        assert words in page


def test_a_company_keeps_its_rules_to_its_people(places: Places) -> None:
    assert "直播营销人员培训管理制度" not in Client().get("/policies/").content.decode()
    assert Client().get(shown("company_policy")).status_code == 404
    trainee = signed_in(make_user(places.school, Role.TRAINEE))
    assert trainee.get(shown("company_policy")).status_code == 200
    assert trainee.get("/policies/00000000-0000-4000-8000-000000000000/").status_code == 404


def test_every_profile_has_a_page_in_both_languages(places: Places) -> None:
    reader = signed_in(make_user(places.school, Role.TRAINEE))
    keys = ("shijiazhuang_2020", "fuzhou_2021", "jiangyin_2023", "xinmi_2020", "company_policy", "demonstration")
    for language in ("zh-hans", "en"):
        for key in keys:
            answer = reader.get(shown(key), headers={"accept-language": language})
            assert answer.status_code == 200, (key, language)


def test_every_version_is_listed(places: Places) -> None:
    add_profile_version(
        by=None, key="demonstration", changes={"title": "演示二"}, in_force_from=date(2026, 6, 1), now=NOW
    )
    page = Client().get(shown("demonstration")).content.decode()
    assert "适用全部班次" in page
    assert "适用2026-06-01起备案的班次" in page


def test_the_calendar_names_a_missing_year(places: Places, settings: object) -> None:
    reader = signed_in(make_user(places.school, Role.TRAINEE))
    page = reader.get("/policies/calendar/2026/").content.decode()
    assert "2026-02-15至2026-02-23" in page
    assert "国办发明电〔2025〕7号" in page
    assert "缺少2027年的放假安排" in page or "缺少2028年的放假安排" in page
    assert "这一年还没有录入" in reader.get("/policies/calendar/2024/").content.decode()
    assert Client().get("/policies/calendar/").status_code == 302
    assert reader.get("/policies/calendar/9999/").status_code == 404


@pytest.mark.req("S2-47")
def test_only_the_bureau_at_the_top_keeps_the_law_book(places: Places) -> None:
    county = signed_in(make_user(places.bureau, Role.HR_BUREAU))
    assert county.get("/policies/calendar/2027/edit/").status_code == 403
    school = signed_in(make_user(places.school, Role.INSTITUTION_ADMIN))
    assert school.post("/policies/calendar/2027/edit/", {"source": "x", "days": ""}).status_code == 403
    assert "edit" not in county.get("/policies/calendar/2026/").content.decode()
    assert not year_table(2027).known


def test_the_city_bureau_writes_a_year(places: Places) -> None:
    city = signed_in(make_user(places.city, Role.HR_BUREAU))
    assert city.get("/policies/calendar/2027/edit/").status_code == 200
    lines = "2027-01-01 2027-01-03 休 元旦\n2027-02-20 班 调休"
    answer = city.post("/policies/calendar/2027/edit/", {"source": "国办发明电〔2026〕1号", "days": lines})
    assert answer.status_code == 302
    table = year_table(2027)
    assert [(day.day, day.works) for day in table.days] == [
        (date(2027, 1, 1), False),
        (date(2027, 1, 2), False),
        (date(2027, 1, 3), False),
        (date(2027, 2, 20), True),
    ]


@pytest.mark.parametrize(
    "lines, words",
    (
        ("2027-01-01 元旦", "第1行看不懂"),
        ("2027-13-01 休", "第1行看不懂"),
        ("2027-01-02 休\n2026-01-01 休", "第2行：日期要在2027年内"),
        ("2027-01-03 2027-01-01 休", "第1行：日期要在2027年内"),
        ("2027-01-01 休\n2027-01-01 班", "写了两次"),
    ),
)
def test_a_table_that_cannot_be_read_loses_nothing(places: Places, lines: str, words: str) -> None:
    city = signed_in(make_user(places.city, Role.HR_BUREAU))
    answer = city.post("/policies/calendar/2027/edit/", {"source": "公告", "days": lines})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert lines.splitlines()[0] in answer.content.decode()
    assert not year_table(2027).known
