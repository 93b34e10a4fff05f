"""The five levels: loaded once, kept as edited, gated by the matrix, edited by the committee only."""

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.test import Client
from wagtail.models import Page, Site

from courses.catalogue.presentation import level_view
from courses.catalogue.services import load_curriculum
from courses.models import CurriculumPage, LevelPage
from lms.accounts.api import Role
from lms.core import reference
from lms.core.types import Level
from tests.courses.roots import curriculum
from tests.lms.accounts.world import Places, build_places, make_user, signed_in


@pytest.fixture
def places(db: None) -> Places:
    curriculum()
    return build_places()


@pytest.mark.req("S1-06")
def test_five_levels_stand_with_their_names_numbers_fall_as_skill_rises(db: None) -> None:
    curriculum()
    pages = LevelPage.objects.order_by("-level")
    assert [(page.level, page.title) for page in pages] == [
        (5, "初级"),
        (4, "中级"),
        (3, "高级"),
        (2, "技师"),
        (1, "高级技师"),
    ]
    assert [page.title for page in pages] == [level.label_zh for level in sorted(Level)]
    assert next(level_view(page, None).rank for page in pages) == "五级/初级工"


@pytest.mark.req("S1-10")
def test_technician_levels_exist_but_are_closed(db: None) -> None:
    curriculum()
    assert dict(LevelPage.objects.values_list("level", "is_open")) == {5: True, 4: True, 3: True, 2: False, 1: False}


def test_a_second_load_changes_nothing(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    curriculum()
    revisions = list(LevelPage.objects.values_list("latest_revision", flat=True))
    assert load_curriculum() == 0
    assert list(LevelPage.objects.values_list("latest_revision", flat=True)) == revisions
    call_command("load_reference")
    assert "curriculum: up to date" in capsys.readouterr().out.splitlines()


def test_our_text_is_renewed_until_somebody_edits_it(db: None) -> None:
    curriculum()
    page = LevelPage.objects.get(level=5)
    ours = page.intro
    old = "<p>上一版</p>"
    LevelPage.objects.filter(pk=page.pk).update(intro=old, reference_hash=reference.content_hash(old))
    assert load_curriculum() == 1
    page.refresh_from_db()
    assert page.intro == ours
    LevelPage.objects.filter(pk=page.pk).update(intro="<p>题库委员改过</p>", reference_hash=reference.content_hash(old))
    assert load_curriculum() == 0
    page.refresh_from_db()
    assert page.intro == "<p>题库委员改过</p>"


def test_the_site_is_ours_and_wagtails_own_things_are_put_away(db: None) -> None:
    curriculum()
    assert Site.objects.get().root_page.specific == CurriculumPage.objects.get()
    assert not Page.objects.filter(slug="home").exists()
    assert set(Group.objects.values_list("name", flat=True)) == {"Curriculum committee", "Curriculum authors"}


def test_trainees_read_the_levels_in_the_phone_shell(places: Places) -> None:
    client = signed_in(make_user(places.school, Role.TRAINEE))
    overview = client.get("/learn/")
    assert [level.number for level in overview.context["levels"]] == [5, 4, 3, 2, 1]
    html = client.get("/learn/level-5/").content.decode()
    assert ("phone-main" in html, "还没有课程" in html, "法律法规和行业知识" in html) == (True, True, True)
    closed = client.get("/learn/level-2/").content.decode()
    assert ("暂未开放" in closed, "还不能学习" in closed) == (True, True)


def test_staff_read_them_at_the_desk(places: Places) -> None:
    html = signed_in(make_user(places.school, Role.INSTITUTION_ADMIN)).get("/learn/").content.decode()
    assert ("tabbar" in html, "desk-side" in html) == (False, True)  # a phone's bar has no room for their pages


def test_visitors_sign_in_first(places: Places) -> None:
    assert Client().get("/learn/level-5/").headers["Location"] == "/accounts/login/?next=/learn/level-5/"


def test_the_list_of_levels_asks_the_same_whoever_reads(places: Places, django_assert_max_num_queries) -> None:
    client = signed_in(make_user(places.school, Role.TRAINEE))
    client.get("/learn/")
    with django_assert_max_num_queries(14):
        client.get("/learn/")


def test_the_committee_edits_a_level_in_the_admin(places: Places) -> None:
    client = signed_in(make_user(places.city, Role.COMMITTEE))
    page = LevelPage.objects.get(level=5)
    form = client.get(f"/admin/pages/{page.pk}/edit/")
    assert form.status_code == 200
    html = form.content.decode()
    assert 'name="is_open"' not in html
    assert 'name="level"' not in html


@pytest.mark.parametrize("role", (Role.TRAINEE, Role.EXAMINER, Role.ADMINISTRATOR))
def test_nobody_else_edits_it(places: Places, role: Role) -> None:
    client = signed_in(make_user(places.city, role))
    page = LevelPage.objects.get(level=5)
    answer = client.get(f"/admin/pages/{page.pk}/edit/")
    expected = "/admin/" if role is Role.ADMINISTRATOR else f"/accounts/admin-door/?next=/admin/pages/{page.pk}/edit/"
    assert answer.headers["Location"] == expected


def test_a_committee_member_acting_in_another_role_stays_outside(places: Places) -> None:
    user = make_user(places.city, Role.EXAMINER, Role.COMMITTEE)
    client = signed_in(user)
    assert client.get("/admin/").status_code == 302
    committee = user.memberships.get(role=Role.COMMITTEE)
    client.post("/accounts/act-as/", {"membership": str(committee.uuid)})
    assert client.get("/admin/").status_code == 200


def test_two_loaders_do_not_share_a_name() -> None:
    with pytest.raises(ValueError, match="curriculum"):
        reference.register("curriculum", lambda: 0)
