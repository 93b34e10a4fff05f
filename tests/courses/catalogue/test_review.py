"""Two people let a lesson go live, through Wagtail's own views; nobody passes by them."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from wagtail.models import GroupPagePermission, Page, TaskState

from courses.catalogue.documents import document_of
from courses.catalogue.models import ApprovedRevision, CoursePage, LessonPage, LessonVersion, LiveLesson
from courses.catalogue.reviewing import waiting_reviews
from lms.accounts.api import Role, User, acting_for
from lms.core import clock
from lms.policies.api import load_profiles
from tests.courses.catalogue.writing import course, document, lesson, level
from tests.courses.roots import curriculum
from tests.lms.accounts.world import Places, build_places, make_user, signed_in


@pytest.fixture
def places(db: None) -> Places:
    curriculum()
    load_profiles()
    return build_places()


@pytest.fixture
def author(places: Places) -> User:
    return make_user(places.city, Role.COMMITTEE, name="陈写")


@pytest.fixture
def other(places: Places) -> User:
    return make_user(places.city, Role.COMMITTEE, name="吴审")


@pytest.fixture
def module(places: Places) -> CoursePage:
    return course(level())


def typed(**changes: Any) -> dict[str, Any]:
    """The lesson form as a browser sends it: a text, a task and a self-check."""
    answers = [("全国第一", ""), ("本店上月卖出三千份", "on")]
    data: dict[str, Any] = {
        "title": "开口之前",
        "slug": "kai-kou",
        "summary": "认出不能说的话。",
        "kind": "theory",
        "delivery": "online",
        "methods": ["lecture", "case"],
        "hours": "1.5",
        "online_minutes": "20",
        "tags": ["fuzhou_2021:law", "company_policy:law"],
        "audiences": ["xinmi_2020:basic_knowledge"],
        "comments-TOTAL_FORMS": "0",
        "comments-INITIAL_FORMS": "0",
        "body-count": "2",
        "body-0-deleted": "",
        "body-0-order": "0",
        "body-0-type": "text",
        "body-0-id": "",
        "body-0-value": '{"blocks":[{"key":"a","text":"先看例子。","type":"unstyled","depth":0,"inlineStyleRanges":'
        '[{"offset":0,"length":2,"style":"BOLD"}],"entityRanges":[]}],"entityMap":{}}',
        "body-1-deleted": "",
        "body-1-order": "1",
        "body-1-type": "check",
        "body-1-id": "",
        "body-1-value-kind": "single",
        "body-1-value-stem": "哪一句可以说？",
        "body-1-value-explanation": "说得清，查得到。",
        "body-1-value-clause": "",
        "body-1-value-options-count": "2",
    }
    for at, (text, correct) in enumerate(answers):
        data |= {
            f"body-1-value-options-{at}-deleted": "",
            f"body-1-value-options-{at}-order": str(at),
            f"body-1-value-options-{at}-type": "item",
            f"body-1-value-options-{at}-id": "",
            f"body-1-value-options-{at}-value-text": text,
        }
        if correct:
            data[f"body-1-value-options-{at}-value-correct"] = "on"
    return data | changes


def write(client: Client, module: CoursePage, **changes: Any) -> LessonPage:
    answer = client.post(f"/admin/pages/add/courses/lessonpage/{module.pk}/", typed(**changes))
    assert answer.status_code == 302, answer.context["form"].errors
    return LessonPage.objects.order_by("-id").first()


def state_of(page: Page) -> TaskState:
    return Page.objects.get(pk=page.pk).specific.current_workflow_task_state


def decide(client: Client, page: Page, action: str, comment: str = "") -> Any:
    return client.post(f"/admin/curriculum/review/{page.pk}/", {"action": action, "comment": comment})


@pytest.mark.req("S3-14")
def test_one_writes_and_submits_another_approves_and_it_is_live_and_kept(
    author: User, other: User, module: CoursePage
) -> None:
    page = write(signed_in(author), module, **{"action-submit": "1"})
    assert (page.live, page.has_unpublished_changes) == (False, True)
    reviewer = signed_in(other)
    assert waiting_reviews(acting_for(other, None)) == 1
    assert waiting_reviews(acting_for(author, None)) == 0
    home = reviewer.get("/admin/").content.decode()
    assert f"/admin/curriculum/review/{page.pk}/" in home
    shown = reviewer.get(f"/admin/curriculum/review/{page.pk}/").content.decode()
    assert ("先看" in shown, "哪一句可以说" in shown) == (True, True)
    assert decide(reviewer, page, "approve").status_code == 302
    page.refresh_from_db()
    version = LessonVersion.objects.get()
    assert (page.live, version.by, version.approved_by) == (True, author.uuid, other.uuid)
    assert version.document["blocks"][0] == {"type": "text", "text": "**先看**例子。"}
    assert document_of(page).tags == (("company_policy", ("law",)), ("fuzhou_2021", ("law",)))
    assert waiting_reviews(acting_for(other, None)) == 0


def test_whoever_wrote_or_submitted_cannot_approve(
    places: Places, author: User, other: User, module: CoursePage
) -> None:
    page = write(signed_in(author), module)
    changed = signed_in(other).post(
        f"/admin/pages/{page.pk}/edit/", typed(summary="由第二人改过。", **{"action-submit": "1"})
    )
    assert changed.status_code == 302
    for user in (author, other):
        client = signed_in(user)
        decide(client, page, "approve")
        client.post(f"/admin/pages/workflow/action/{page.pk}/approve/{state_of(page).pk}/", {"comment": ""})
        assert (LessonPage.objects.get().live, state_of(page).status) == (False, "in_progress")
    third = make_user(places.city, Role.COMMITTEE, name="郑三")
    assert decide(signed_in(third), page, "approve").status_code == 302
    assert LessonPage.objects.get().live


def test_not_even_wagtails_right_to_publish_passes_by(places: Places, module: CoursePage) -> None:
    chief = make_user(places.city, Role.COMMITTEE, name="超级")
    publish = Permission.objects.get(content_type__app_label="wagtailcore", codename="publish_page")
    GroupPagePermission.objects.create(
        group=chief.groups.get(), page=Page.objects.get(slug="curriculum"), permission=publish
    )
    client = signed_in(chief)
    page = write(client, module, **{"action-publish": "1"})
    assert not page.live
    answer = client.post(f"/admin/pages/{page.pk}/edit/", typed(**{"action-publish": "1"}))
    page.refresh_from_db()
    assert (answer.status_code, page.live) == (302, False)
    with pytest.raises(PermissionDenied):
        page.get_latest_revision().publish(user=chief)
    client.post(f"/admin/bulk/wagtailcore/page/publish/?id={page.pk}", {"id": page.pk})
    client.post(f"/admin/pages/{page.pk}/edit/", typed(**{"action-submit": "1"}))
    decide(client, page, "approve")
    page.refresh_from_db()
    assert not page.live
    assert not LessonVersion.objects.exists()


def test_an_instructor_writes_and_submits_but_neither_approves_nor_publishes(
    places: Places, author: User, module: CoursePage
) -> None:
    teacher = make_user(places.school, Role.INSTRUCTOR, name="张讲")
    client = signed_in(teacher)
    assert client.get("/admin/").status_code == 200
    page = write(client, module, **{"action-submit": "1"})
    theirs = write(signed_in(author), module, title="另一课", slug="ling", **{"action-submit": "1"})
    decide(client, theirs, "approve")
    assert not LessonPage.objects.get(pk=theirs.pk).live
    client.post(f"/admin/pages/{page.pk}/edit/", typed(**{"action-publish": "1"}))
    page.refresh_from_db()
    assert not page.live
    assert decide(signed_in(author), page, "approve").status_code == 302
    page.refresh_from_db()
    assert page.live


def test_a_returned_text_comes_back_with_remarks_and_is_submitted_again(
    author: User, other: User, module: CoursePage
) -> None:
    writer, reviewer = signed_in(author), signed_in(other)
    page = write(writer, module, **{"action-submit": "1"})
    assert decide(reviewer, page, "reject").status_code == 422
    assert decide(reviewer, page, "reject", "法条要写到款。").status_code == 302
    home = writer.get("/admin/").content.decode()
    assert ("退回我的" in home or "Returned to me" in home, "法条要写到款。" in home) == (True, True)
    again = writer.post(f"/admin/pages/{page.pk}/edit/", typed(summary="写到款了。", **{"action-submit": "1"}))
    assert again.status_code == 302
    assert decide(reviewer, page, "approve").status_code == 302
    assert LessonVersion.objects.get().document["summary"] == "写到款了。"


def test_nobody_edits_what_is_being_reviewed(author: User, other: User, module: CoursePage) -> None:
    page = write(signed_in(author), module, **{"action-submit": "1"})
    before = page.get_latest_revision().pk
    for user in (author, other):
        signed_in(user).post(f"/admin/pages/{page.pk}/edit/", typed(summary="偷偷改一句。"))
    assert LessonPage.objects.get().get_latest_revision().pk == before


def test_an_approved_date_brings_it_live_and_the_text_cannot_be_changed_on_the_way(
    author: User, other: User, module: CoursePage, monkeypatch: pytest.MonkeyPatch
) -> None:
    soon = clock.real_now() + timedelta(days=2)
    writer = signed_in(author)
    page = write(
        writer, module, go_live_at=timezone.localtime(soon).strftime("%Y-%m-%d %H:%M"), **{"action-submit": "1"}
    )
    assert decide(signed_in(other), page, "approve").status_code == 302
    page.refresh_from_db()
    approved = ApprovedRevision.objects.get().revision
    assert (page.live, approved.approved_go_live_at is not None) == (False, True)
    writer.post(f"/admin/pages/{page.pk}/edit/", typed(summary="批后偷换。", overwrite_revision_id=str(approved.pk)))
    approved.refresh_from_db()
    assert approved.content["summary"] == "认出不能说的话。"
    monkeypatch.setattr(timezone, "now", lambda: soon + timedelta(hours=1))
    call_command("publish_scheduled")
    page.refresh_from_db()
    assert (page.live, LessonVersion.objects.get().document["summary"]) == (True, "认出不能说的话。")
    assert LessonVersion.objects.get().approved_by == other.uuid


def test_what_was_put_into_an_approved_revision_afterwards_never_goes_live(
    author: User, other: User, module: CoursePage
) -> None:
    page = write(signed_in(author), module, **{"action-submit": "1"})
    decide(signed_in(other), page, "approve")
    revision = ApprovedRevision.objects.get().revision
    revision.content = {**revision.content, "summary": "事后改写。"}
    revision.save()
    with pytest.raises(PermissionDenied):
        revision.publish()


def test_rolling_back_is_a_new_text_that_is_reviewed_like_any(author: User, other: User, module: CoursePage) -> None:
    page = lesson(module, document())
    first = page.live_revision_id
    writer = signed_in(author)
    data = typed(slug=page.slug, title=page.title, **{"action-submit": "1"})
    assert writer.post(f"/admin/pages/{page.pk}/edit/", data).status_code == 302
    decide(signed_in(other), page, "approve")
    assert LessonVersion.objects.count() == 2
    compare = writer.get(f"/admin/pages/{page.pk}/revisions/compare/{first}...live/")
    assert compare.status_code == 200
    assert writer.get(f"/admin/pages/{page.pk}/revisions/{first}/revert/").status_code == 200
    page.refresh_from_db()
    old = page.revisions.get(pk=first).as_object()
    old.save_revision(user=author)
    page.refresh_from_db()
    page.get_workflow().start(page, author)
    assert decide(signed_in(other), page, "approve").status_code == 302
    live = LiveLesson.objects.get(page=page).version
    assert (live.document["summary"], LessonVersion.objects.count()) == (document().summary, 2)


def test_many_pages_at_once_are_judged_as_each_alone(places: Places, author: User, module: CoursePage) -> None:
    live, draft = lesson(module, document()), write(signed_in(author), module)
    shared = course(level(), "两级都教", live=False)
    course(level(4), "共用", shared_from=shared, uid=shared.uid)
    committee, lecturer = make_user(places.city, Role.COMMITTEE), make_user(places.school, Role.INSTRUCTOR)

    def at_once(user: User, action: str, *pages: Page) -> None:
        asked = "&".join(f"id={page.pk}" for page in pages)
        signed_in(user).post(f"/admin/bulk/wagtailcore/page/{action}/?{asked}&next=/admin/", {"chooser": module.pk})

    for user in (committee, lecturer):
        for action in ("unpublish", "publish"):
            at_once(user, action, live, draft)
    at_once(lecturer, "delete", live, draft)
    at_once(committee, "delete", shared)
    assert {page.pk: page.live for page in LessonPage.objects.all()} == {live.pk: True, draft.pk: False}
    assert CoursePage.objects.filter(pk=shared.pk).exists()
    at_once(author, "delete", draft)
    assert not LessonPage.objects.filter(pk=draft.pk).exists()
