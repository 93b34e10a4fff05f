"""New editions, shared modules, copies, closed levels, the pages of the curriculum."""

from datetime import timedelta
from typing import Any

import pytest

from courses.catalogue.documents import document_of
from courses.catalogue.keeping import make_manifest
from courses.catalogue.models import CoursePage, LessonPage, LessonVersion, LevelOpening, LevelPage
from courses.catalogue.reviewing import authors_of
from courses.catalogue.selectors import closed_levels, manifest, opened_levels
from courses.catalogue.services import CurriculumRefused, copy_edition, decide_level, share_module
from courses.classes.types import ClassRefused
from lms.accounts.api import NotAllowed, Role, acting_for
from lms.core.types import Level
from lms.policies.api import load_profiles
from tests.courses.catalogue.writing import course, document, lesson, level, published, rewritten
from tests.courses.roots import curriculum
from tests.courses.school import planned
from tests.lms.accounts.world import NOW, Places, build_places, make_user, signed_in
from tests.media_pipeline.cast import Cast


@pytest.fixture
def places(db: None) -> Places:
    curriculum()
    load_profiles()
    return build_places()


@pytest.mark.req("S2-15")
def test_a_new_edition_keeps_the_names_and_what_was_approved_and_is_a_draft(places: Places) -> None:
    user = make_user(places.city, Role.COMMITTEE)
    first = lesson(course(level()), document())
    module = first.get_parent().specific
    lesson(module, document("草稿一课"), live=False)
    made = copy_edition(by=acting_for(user, None), user=user, page=level(), now=NOW)
    assert (made.live, made.edition, made.level) == (False, 2, 5)
    twins = list(LessonPage.objects.descendant_of(made).order_by("path"))
    assert [(twin.uid, twin.live) for twin in twins] == [(first.uid, True), (document("草稿一课").uid, False)]
    assert document_of(twins[0]) == document()
    assert LessonVersion.objects.count() == 1
    old, new = manifest(make_manifest(level(), NOW).uuid), manifest(make_manifest(made, NOW).uuid)
    assert [one.version for one in old.lessons] == [one.version for one in new.lessons]
    rewritten(twins[0], summary="只在新版里改。")
    assert document_of(LessonPage.objects.get(pk=first.pk)).summary == document().summary
    with pytest.raises(CurriculumRefused):
        copy_edition(by=acting_for(user, None), user=user, page=level(), now=NOW)
    client = signed_in(make_user(places.school, Role.TRAINEE))
    assert [one.edition for one in client.get("/learn/").context["levels"]] == [1, 1, 1, 1, 1]
    made.refresh_from_db()
    published(made)
    assert [one.edition for one in client.get("/learn/").context["levels"]] == [2, 1, 1, 1, 1]


def test_the_committee_copies_an_edition_and_shares_a_module_in_the_admin(places: Places) -> None:
    client = signed_in(make_user(places.city, Role.COMMITTEE))
    module = lesson(course(level()), document()).get_parent().specific
    assert client.get(f"/admin/pages/{level().pk}/copy/").headers["Location"].endswith(f"/edition/{level().pk}/")
    assert client.get(f"/admin/curriculum/edition/{level().pk}/").status_code == 200
    assert client.post(f"/admin/curriculum/edition/{level().pk}/").status_code == 302
    assert LevelPage.objects.filter(level=5).count() == 2
    page = f"/admin/curriculum/share/{module.pk}/"
    assert client.get(page).status_code == 200
    assert client.post(page, {"level": level(4).pk}).status_code == 302
    assert CoursePage.objects.get(shared_from=module).get_parent().specific == level(4)
    assert client.post(page, {"level": level(4).pk}).status_code == 200 or 422
    teacher = signed_in(make_user(places.city, Role.INSTRUCTOR))
    teacher.post(f"/admin/curriculum/edition/{level(4).pk}/")
    assert LevelPage.objects.filter(level=4).count() == 1


def test_a_shared_module_cannot_be_shared_twice_and_its_source_cannot_be_deleted(places: Places) -> None:
    user = make_user(places.city, Role.COMMITTEE)
    acting = acting_for(user, None)
    module = course(level(), live=False)
    share_module(by=acting, user=user, course=module, level=level(4), now=NOW)
    for target in (level(4), level(5)):
        with pytest.raises(CurriculumRefused):
            share_module(by=acting, user=user, course=module, level=target, now=NOW)
    client = signed_in(user)
    client.post(f"/admin/pages/{module.pk}/delete/")
    assert CoursePage.objects.filter(pk=module.pk).exists()


def test_a_copy_within_an_edition_is_another_lesson(places: Places) -> None:
    client = signed_in(make_user(places.city, Role.COMMITTEE))
    first = lesson(course(level()), document())
    client.post(
        f"/admin/pages/{first.pk}/copy/",
        {"new_title": "另一课", "new_slug": "ling", "new_parent_page": str(first.get_parent().pk)},
    )
    twin = LessonPage.objects.get(slug="ling")
    names = {block.uid for block in document_of(first).blocks if hasattr(block, "uid")}
    copied = {block.uid for block in document_of(twin.get_latest_revision_as_object()).blocks if hasattr(block, "uid")}
    assert (twin.uid != first.uid, twin.live, names & copied, len(copied)) == (True, False, set(), 2)


@pytest.mark.req("S1-10")
def test_a_closed_level_is_refused_until_the_authority_has_decided(cast: Cast) -> None:
    curriculum()
    assert closed_levels() == {Level.TECHNICIAN, Level.SENIOR_TECHNICIAN}
    with pytest.raises(ClassRefused) as refused:
        planned(cast, level=Level.TECHNICIAN)
    assert refused.value.field == "level"
    said: dict[str, Any] = {
        "document": "榕人社〔2027〕1号",
        "reason": "首批高级认定结束",
        "decided_on": NOW.date(),
        "now": NOW,
    }
    with pytest.raises(NotAllowed):
        decide_level(by=cast.acting("bureau"), level=Level.TECHNICIAN, opens=True, **said)
    decide_level(by=cast.acting("city_bureau"), level=Level.TECHNICIAN, opens=True, **said)
    assert opened_levels() == {Level.TECHNICIAN}
    assert closed_levels() == {Level.SENIOR_TECHNICIAN}
    refusals: tuple[dict[str, Any], ...] = (
        {"level": Level.TECHNICIAN, "opens": True},
        {"level": Level.ELEMENTARY, "opens": False},
        {"level": Level.SENIOR_TECHNICIAN, "opens": True, "reason": " "},
        {"level": Level.SENIOR_TECHNICIAN, "opens": True, "decided_on": NOW.date() + timedelta(days=9)},
    )
    for refusal in refusals:
        with pytest.raises(CurriculumRefused):
            decide_level(by=cast.acting("city_bureau"), **{**said, **refusal})
    decide_level(by=cast.acting("city_bureau"), level=Level.TECHNICIAN, opens=False, **said)
    assert opened_levels() == frozenset()
    assert LevelOpening.objects.count() == 2


@pytest.mark.req("S1-10")
def test_the_bureau_records_the_decision_on_a_page(cast: Cast) -> None:
    curriculum()
    client = cast.client("city_bureau")
    assert client.get("/curriculum/levels/").status_code == 200
    assert client.get("/curriculum/levels/5/decide/").status_code == 404
    page = "/curriculum/levels/2/decide/"
    assert client.get(page).status_code == 200
    said: dict[str, Any] = {"document": "榕人社〔2027〕1号", "reason": "首批高级认定结束", "decided_on": "2026-01-05"}
    assert client.post(page, {**said, "reason": ""}).status_code == 422
    assert client.post(page, said).status_code == 302
    assert Level.TECHNICIAN in opened_levels()
    assert cast.client("bureau").get(page).status_code == 403
    assert cast.client("owner").get("/curriculum/levels/").status_code == 403


@pytest.mark.req("S4-18", "S1-11", "S4-15")
def test_a_level_page_shows_hours_by_type_and_lessons_for_one_audience(places: Places) -> None:
    module = lesson(course(level()), document()).get_parent().specific
    lesson(module, document("实操一课", audiences=(), hours=document().hours * 2))
    client = signed_in(make_user(places.school, Role.TRAINEE))
    shown = client.get("/learn/level-5/")
    view = shown.context["level"]
    assert (str(view.hours), [(str(label), str(hours)) for label, hours in view.hours_by_delivery]) == (
        "4.5",
        [("线上", "4.5")] if "线上" in shown.content.decode() else [("Online", "4.5")],
    )
    assert [one.title for one in view.courses[0].lessons] == ["广告法里的红线", "实操一课"]
    some = client.get("/learn/level-5/?for=xinmi_2020:basic_knowledge").context["level"]
    assert [one.title for one in some.courses[0].lessons] == ["广告法里的红线"]
    none = client.get("/learn/level-5/?for=xinmi_2020:policy_publicity")
    assert (none.context["level"].courses, none.status_code) == ((), 200)
    assert len(client.get("/learn/level-5/?for=nonsense").context["level"].courses[0].lessons) == 2


def test_module_and_lesson_pages_are_read_by_readers_only_and_show_the_kept_text(places: Places) -> None:
    page = lesson(course(level()), document())
    client = signed_in(make_user(places.school, Role.TRAINEE))
    shown = client.get(page.url)
    assert (shown.status_code, "本店上月卖出三千份" in shown.content.decode()) == (200, True)
    assert client.get(page.get_parent().url).status_code == 200
    assert signed_in(make_user(places.city, Role.ADMINISTRATOR)).get(page.url).status_code == 403


@pytest.mark.parametrize("many", (1, 3))
def test_a_level_asks_the_same_however_many_lessons(places: Places, many: int, django_assert_max_num_queries) -> None:
    module = course(level())
    for number in range(many):
        lesson(module, document(f"第{number}课"))
    client = signed_in(make_user(places.school, Role.TRAINEE))
    client.get("/learn/level-5/")
    with django_assert_max_num_queries(24):
        client.get("/learn/level-5/")


def test_an_instructor_deletes_no_draft_of_others(places: Places) -> None:
    module = course(level())
    draft = lesson(module, document(), live=False)
    teacher = make_user(places.city, Role.INSTRUCTOR)
    client = signed_in(teacher)
    client.post(f"/admin/pages/{draft.pk}/delete/")
    client.post(f"/admin/bulk/wagtailcore/page/delete/?id={draft.pk}")
    assert LessonPage.objects.filter(pk=draft.pk).exists()
    LessonPage.objects.filter(pk=draft.pk).update(owner=teacher)
    client.post(f"/admin/pages/{draft.pk}/delete/")
    assert not LessonPage.objects.filter(pk=draft.pk).exists()


def test_a_copied_draft_keeps_its_author_out_of_its_review(places: Places) -> None:
    author, copier = make_user(places.city, Role.COMMITTEE), make_user(places.city, Role.COMMITTEE)
    first = lesson(course(level()), document())
    first.summary = "还没审定的一句。"
    first.save_revision(user=author)
    made = copy_edition(by=acting_for(copier, None), user=copier, page=level(), now=NOW)
    twin = LessonPage.objects.descendant_of(made).get()
    assert authors_of(twin.latest_revision) == {author.pk, copier.pk}
