"""Drafts, handing in, marking, and what it comes to."""

from decimal import Decimal
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.storage import storages
from django.http import Http404

from assessment.api import Grant, Part, class_candidacy, renew_candidacy
from assessment.candidates.services import close_candidacy
from assessment.results.models import GradeDecision, PartMark
from courses.enrolment.types import EnrolmentState
from courses.homework.models import HomeworkItem, HomeworkPart, HomeworkPicture
from courses.homework.selectors.standing import lesson_shares, task_links
from courses.homework.services.drafts import (
    HomeworkStale,
    add_picture,
    add_video,
    hand_in,
    remove_picture,
    remove_video,
    save_draft,
    take_back,
)
from courses.homework.services.marking import return_homework, settle_homework
from courses.homework.types import PICTURES_MAX, HomeworkRefused, ItemState
from lms.core import audit
from lms.core.holdings import held_about
from lms.notices.models import Notice
from media_pipeline.assets.models import MediaAsset
from media_pipeline.assets.types import AssetState
from tests.courses.homework.world import BEST, Taught, finished, picture, taught, video_file, with_picture
from tests.courses.school import admitted, opened
from tests.media_pipeline.cast import NOW, Cast


@pytest.fixture
def world(cast: Cast) -> Taught:
    return taught(cast)


def code(refusal: pytest.ExceptionInfo[HomeworkRefused]) -> str:
    return refusal.value.code


# ---- drafts ----


def test_a_draft_grows_and_two_windows_do_not_overwrite_each_other(world: Taught) -> None:
    first = save_draft(**world.where(), text="大家好  \r\n我是小燕", revision=0)
    assert (first.text, first.revision, first.state) == ("大家好\n我是小燕", 1, ItemState.DRAFT)
    save_draft(**world.where(), text="大家好，我是小燕", revision=1)
    with pytest.raises(HomeworkStale) as stale:
        save_draft(**world.where(), text="另一台手机", revision=1)
    assert (stale.value.text, stale.value.revision) == ("大家好，我是小燕", 2)
    # The same words again are no change, whatever the window knew.
    assert save_draft(**world.where(), text="大家好，我是小燕", revision=0).revision == 2
    assert HomeworkItem.objects.count() == 1


def test_what_she_wrote_is_stored_encrypted(world: Taught) -> None:
    row = save_draft(**world.where(), text="我家的鱼丸", revision=0)
    stored = HomeworkItem.objects.filter(pk=row.pk).extra(select={"raw": "text"}).values_list("raw", flat=True).get()
    assert stored.startswith("kb1:")


@pytest.mark.parametrize("who", ("colleague", "stranger"))
def test_a_task_is_hers_alone(world: Taught, who: str) -> None:
    with pytest.raises(Http404):
        save_draft(**world.where(who=who), text="不是我的", revision=0)


@pytest.mark.parametrize("who", ("instructor", "school_admin", "examiner", "bureau"))
def test_staff_hand_nothing_in(world: Taught, who: str) -> None:
    with pytest.raises(PermissionDenied):
        save_draft(**world.where(who=who), text="不是我的", revision=0)


def test_an_unknown_task(world: Taught) -> None:
    with pytest.raises(Http404):
        save_draft(**world.where(uuid4()), text="没有这个任务", revision=0)


def test_before_and_after_the_training_nothing_is_handed_in(cast: Cast) -> None:
    early = opened(cast, name="早")
    world = taught(cast, "colleague")
    admitted(cast, early, "owner")
    with pytest.raises(Http404):  # no curriculum, so no task
        save_draft(by=cast.acting("owner"), training_class=early.uuid, task=world.first, text="早", revision=0, now=NOW)
    world.enrolments["colleague"].move(EnrolmentState.WITHDRAWN, now=NOW)
    with pytest.raises(Http404):
        save_draft(**world.where(who="colleague"), text="晚", revision=0)


# ---- pictures and video ----


def test_pictures_come_once_and_go_with_their_file(world: Taught) -> None:
    row = with_picture(world)
    add_picture(**world.where(), picture=picture())
    held = row.pictures.get()
    assert storages["private"].exists(held.key)
    with pytest.raises(HomeworkRefused) as refusal:
        add_picture(**world.where(world.second), picture=picture())
    assert code(refusal) == "picture"


@pytest.mark.django_db(transaction=True)
def test_a_removed_picture_leaves_no_file(transactional_db: None) -> None:
    from tests.courses.school import lay_rules
    from tests.media_pipeline.cast import build_cast

    cast = build_cast()
    lay_rules(cast)
    world = taught(cast)
    held = with_picture(world).pictures.get()
    remove_picture(**world.where(), picture=held.uuid)
    assert not HomeworkPicture.objects.exists()
    assert not storages["private"].exists(held.key)


def test_no_more_pictures_than_allowed_and_none_left_behind(world: Taught) -> None:
    row = with_picture(world)
    for n in range(1, PICTURES_MAX):
        add_picture(**world.where(), picture=picture(f"#0000{n}0"))
    folders = set(storages["private"].listdir("homework/2026/03")[0])
    with pytest.raises(HomeworkRefused) as refusal:
        add_picture(**world.where(), picture=picture("white"))
    assert (code(refusal), row.pictures.count()) == ("picture", PICTURES_MAX)
    assert set(storages["private"].listdir("homework/2026/03")[0]) == folders


def test_a_video_goes_through_the_pipeline_and_a_refused_one_is_not_handed_in(world: Taught) -> None:
    where = world.where(world.second)
    row = add_video(**where, file=video_file(), form_token=uuid4())
    assert row.video
    asset = MediaAsset.objects.get(uuid=row.video)
    assert (asset.purpose, asset.owner_user) == ("homework", world.cast.uuid("owner"))
    MediaAsset.objects.filter(pk=asset.pk).update(state=AssetState.FAILED, failure="kaputt")
    with pytest.raises(HomeworkRefused) as refusal:
        hand_in(**where, text="", revision=0)
    assert code(refusal) == "video"
    remove_video(**where)
    with pytest.raises(HomeworkRefused) as refusal:
        hand_in(**where, text="  ", revision=0)
    assert code(refusal) == "empty"
    MediaAsset.objects.filter(pk=asset.pk).update(state=AssetState.UPLOADED)
    add_video(**where, file=video_file(b"another"), form_token=uuid4())
    assert hand_in(**where, text="", revision=0).state == ItemState.HANDED_IN


# ---- handing in and taking back ----


def test_handed_in_is_closed_until_taken_back(world: Taught) -> None:
    row = world.handed_in()
    assert (row.state, row.handed_in_at, row.attempt_no) == (ItemState.HANDED_IN, NOW, 1)
    with pytest.raises(HomeworkRefused) as refusal:
        save_draft(**world.where(), text="再改", revision=1)
    assert code(refusal) == "handed_in"
    take_back(by=world.cast.acting("owner"), item=row.uuid, now=NOW)
    save_draft(**world.where(), text="再改", revision=1)
    with pytest.raises(Http404):
        take_back(by=world.cast.acting("colleague"), item=row.uuid, now=NOW)
    assert audit.verify(row.uuid).ok
    assert [event.action for event in audit.events_of(row.uuid)] == ["handed_in", "taken_back"]


def test_once_marked_it_is_not_taken_back(world: Taught) -> None:
    row = world.handed_in()
    world.marked(row)
    with pytest.raises(HomeworkRefused) as refusal:
        take_back(by=world.cast.acting("owner"), item=row.uuid, now=NOW)
    assert code(refusal) == "marked"


# ---- marking ----


def test_the_instructor_marks_by_the_rubric_and_she_is_told(world: Taught) -> None:
    row = world.handed_in()
    made = world.marked(row, words="开头很好。")
    assert (made.mark, made.version, made.given_by) == (Decimal("85.0"), 1, world.cast.uuid("instructor"))
    row.refresh_from_db()
    assert row.state == ItemState.MARKED
    told = Notice.objects.get(kind="homework.marked")
    assert told.url.endswith(f"/homework/{world.row.uuid}/{world.first}/")
    assert [event.action for event in audit.events_of(row.uuid)] == ["handed_in", "marked"]
    with pytest.raises(TypeError):
        made.save()


@pytest.mark.parametrize("who", ("school_admin", "bureau", "examiner", "chief", "owner", "colleague"))
def test_nobody_but_the_instructor_marks(world: Taught, who: str) -> None:
    row = world.handed_in()
    with pytest.raises((PermissionDenied, Http404)):
        world.marked(row, who=who)
    with pytest.raises((PermissionDenied, Http404)):
        return_homework(by=world.cast.acting(who), item=row.uuid, reason="再写", now=NOW)
    assert row.marks.count() == 0


def test_an_instructor_of_another_class_marks_nothing_here(world: Taught) -> None:
    row = world.handed_in()
    world.row.instructors.all().delete()
    with pytest.raises(Http404):
        world.marked(row)


def test_every_criterion_has_a_level(world: Taught) -> None:
    row = world.handed_in()
    with pytest.raises(HomeworkRefused) as refusal:
        world.marked(row, {"H1": "good"})
    row.refresh_from_db()
    assert (code(refusal), row.state) == ("levels", ItemState.HANDED_IN)


def test_a_changed_mark_says_why_and_counts_anew(world: Taught) -> None:
    first = world.handed_in()
    world.marked(first)
    world.marked(world.handed_in(world.second))
    with pytest.raises(HomeworkRefused) as refusal:
        world.marked(first, BEST)
    assert code(refusal) == "words"
    assert world.marked(first, BEST, words="第二遍看，更好。").version == 2
    told = HomeworkPart.objects.order_by("version")
    assert [(part.version, part.mark) for part in told] == [(1, Decimal("85.0")), (2, Decimal("92.5"))]
    assert [mark.mark for mark in PartMark.objects.order_by("id")] == [Decimal("85.0"), Decimal("92.5")]


def test_returned_with_a_reason_she_starts_from_what_she_had(world: Taught) -> None:
    with_picture(world)
    first = hand_in(**world.where(), text="太短", revision=0)
    teacher = world.cast.acting("instructor")
    with pytest.raises(HomeworkRefused) as refusal:
        return_homework(by=teacher, item=first.uuid, reason=" ", now=NOW)
    assert code(refusal) == "reason"
    return_homework(by=teacher, item=first.uuid, reason="请说说产地。", now=NOW)
    assert Notice.objects.filter(kind="homework.returned").count() == 1
    again = save_draft(**world.where(), text="太短，产地是连江。", revision=0)
    assert (again.attempt_no, again.pictures.count()) == (2, 1)
    # The picture shown on the page is the returned attempt's; its file stays while that one shows it.
    shown = first.pictures.get()
    remove_picture(**world.where(), picture=shown.uuid)
    assert again.pictures.count() == 0
    assert storages["private"].exists(shown.key)
    hand_in(**world.where(), text="太短，产地是连江。", revision=1)
    assert world.marked(again).mark == Decimal("85.0")
    with pytest.raises(HomeworkRefused) as refusal:
        save_draft(**world.where(), text="第三次", revision=0)
    assert code(refusal) == "marked"


# ---- the assessment ----


@pytest.mark.req("S5-21")
def test_once_every_task_is_marked_the_assessment_is_told(world: Taught) -> None:
    world.marked(world.handed_in())
    assert not PartMark.objects.exists()
    world.marked(world.handed_in(world.second), BEST)
    part = HomeworkPart.objects.get()
    assert (part.mark, part.settled) == (Decimal("92.5"), False)
    told = PartMark.objects.get()
    assert (told.part, told.mark, told.outcome) == ("homework", Decimal("92.5"), part.uuid)
    decision = GradeDecision.objects.get()
    assert (decision.grade, [each.part for each in decision.part_grades]) == ("", [Part.HOMEWORK, Part.VIDEO])


def test_where_it_does_not_count_nobody_is_told(cast: Cast) -> None:
    world = taught(cast, counts=False)
    world.marked(world.handed_in())
    world.marked(world.handed_in(world.second))
    assert not HomeworkPart.objects.exists()
    with pytest.raises(HomeworkRefused) as refusal:
        settle_homework(by=cast.acting("instructor"), training_class=world.row, now=NOW)
    assert code(refusal) == "part"


def test_settling_counts_what_is_missing_and_ends_handing_in(cast: Cast) -> None:
    world = taught(cast, "owner", "colleague")
    teacher = cast.acting("instructor")
    handed = world.handed_in()
    with pytest.raises(HomeworkRefused) as refusal:
        settle_homework(by=teacher, training_class=world.row, now=NOW)
    assert code(refusal) == "early"
    finished(world)
    with pytest.raises(HomeworkRefused) as refusal:
        settle_homework(by=teacher, training_class=world.row, now=NOW)
    assert code(refusal) == "waiting"
    world.marked(handed)
    with pytest.raises(PermissionDenied):
        settle_homework(by=cast.acting("school_admin"), training_class=world.row, now=NOW)
    done = settle_homework(by=teacher, training_class=world.row, now=NOW)
    assert (done.told, done.refused) == (2, ())
    marks = {part.enrolment_id: part.mark for part in HomeworkPart.objects.all()}
    assert marks == {
        world.enrolments["owner"].pk: Decimal("42.5"),
        world.enrolments["colleague"].pk: Decimal("0.0"),
    }
    assert settle_homework(by=teacher, training_class=world.row, now=NOW).told == 0
    with pytest.raises(HomeworkRefused) as refusal:
        save_draft(**world.where(world.second), text="晚了", revision=0)
    assert code(refusal) == "now"


def test_without_a_right_to_the_part_nothing_is_told_until_there_is(world: Taught) -> None:
    candidacy = class_candidacy(world.enrolment.person.uuid, world.row.uuid)
    assert candidacy
    fields = {name: getattr(candidacy, name) for name in (
        "person", "user", "class_uid", "class_name", "organisation", "organisation_path", "organisation_name", "level",
        "job", "planned_hours", "profile", "specification",
    )}  # fmt: skip
    renew_candidacy(**fields, entitlements=[Grant(Part.HOMEWORK, False, "Not now.")], by=None, now=NOW)
    world.marked(world.handed_in())
    world.marked(world.handed_in(world.second))
    assert not HomeworkPart.objects.exists()
    finished(world)
    teacher = world.cast.acting("instructor")
    refused = settle_homework(by=teacher, training_class=world.row, now=NOW).refused
    assert [why for _name, why in refused] == ["Not now."]
    renew_candidacy(**fields, entitlements=[Grant(Part.HOMEWORK, True, "")], by=None, now=NOW)
    assert settle_homework(by=teacher, training_class=world.row, now=NOW).told == 1
    assert HomeworkPart.objects.get().settled is False


def test_after_the_result_a_told_mark_stands(world: Taught) -> None:
    first = world.handed_in()
    world.marked(first)
    world.marked(world.handed_in(world.second))
    assert world.enrolment.candidacy
    close_candidacy(candidacy=world.enrolment.candidacy, by=None, now=NOW)
    with pytest.raises(HomeworkRefused) as refusal:
        world.marked(first, BEST, words="改")
    assert (code(refusal), first.marks.count()) == ("closed", 1)


# ---- what others are told ----


def test_a_lesson_says_how_its_task_stands(world: Taught) -> None:
    tasks = [world.first, world.second]
    enrolment = world.enrolment.uuid
    assert [link.tone for link in task_links(enrolment, world.row.uuid, tasks).values()] == ["mute", "mute"]
    world.marked(world.handed_in())
    links = task_links(enrolment, world.row.uuid, tasks)
    assert (links[world.first].mark, links[world.first].tone) == (Decimal("85.0"), "ok")
    assert links[world.second].mark is None
    assert [float(share) for share in lesson_shares(enrolment).values()] == [0.85]


def test_she_is_told_what_is_held(world: Taught) -> None:
    world.marked(world.handed_in(text="我的鱼丸"), words="很好")
    person = world.enrolment.person.uuid
    held = {section.title: section.rows for section in held_about(person, world.cast.uuid("owner"))}
    words = [value for rows in held.values() for row in rows for value in row.values()]
    assert "我的鱼丸" in words
    assert "很好" in words
    others = held_about(uuid4(), None)
    assert "我的鱼丸" not in [value for section in others for row in section.rows for value in row.values()]
