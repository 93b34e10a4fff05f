"""Studying a lesson: what devices tell, notes, bookmarks, self-checks, questions, deadlines, the path."""

from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404

from courses.classes.models import TrainingClass
from courses.classes.services import move_class
from courses.classes.types import ClassState
from courses.enrolment.models import Enrolment
from courses.enrolment.services import let_leave
from courses.learning.events import LessonCompleted
from courses.learning.models import CheckAttempt, LessonProgress, LessonQuestion, ProgressEvent, StudyDeadline
from courses.learning.selectors.classes import class_progress
from courses.learning.selectors.gates import own_seat
from courses.learning.selectors.questions import question_list, waiting_questions
from courses.learning.selectors.study import next_lesson, path_page, study_home
from courses.learning.services.deadlines import remind, remove_deadline, say_background, set_deadline
from courses.learning.services.notes import save_note, set_bookmark
from courses.learning.services.progress import answer_check, tell
from courses.learning.services.questions import add_words, answer, ask
from courses.learning.types import (
    Aim,
    Background,
    Experience,
    Happening,
    NoteStale,
    Place,
    Schooling,
    StudyRefused,
    StudyState,
    Weight,
)
from lms.accounts.api import NotAllowed
from lms.core import events
from lms.core.clock import SHANGHAI
from lms.core.holdings import held_about
from lms.notices.models import Notice
from tests.courses.catalogue.writing import document, named, rewritten
from tests.courses.lessons import DAY, TITLES, Taught, taught
from tests.courses.school import admitted, opened
from tests.media_pipeline.cast import NOW, Cast

CHECK = named(TITLES[0] + "测")


@pytest.fixture
def class_(cast: Cast) -> Taught:
    return taught(cast)


def at(cast: Cast, class_: Taught, number: int = 0, who: str = "owner") -> dict[str, Any]:
    return {"by": cast.acting(who), "training_class": class_.row.uuid, "lesson": class_.lesson(number)}


def told(cast: Cast, class_: Taught, number: int = 0, **changes: Any) -> Any:
    fields: dict[str, Any] = {"key": uuid4(), "kind": Happening.READ, "place": Place(4), "age_ms": 0, "now": DAY}
    return tell(**at(cast, class_, number), **(fields | changes))


def completed(cast: Cast, class_: Taught, number: int = 0, **changes: Any) -> Any:
    return told(cast, class_, number, kind=Happening.COMPLETED, place=Place(8), **changes)


# ---- progress ----


def test_an_old_event_that_comes_late_moves_nothing(cast: Cast, class_: Taught) -> None:
    told(cast, class_, place=Place(6, 90))
    late = told(cast, class_, place=Place(2, 10), age_ms=3_600_000, now=DAY + timedelta(minutes=5))
    assert (late.place, late.percent) == (Place(6, 90), 75)
    newer = told(cast, class_, place=Place(3), now=DAY + timedelta(minutes=6))
    assert (newer.place, newer.percent) == (Place(3), 75)


def test_told_again_is_once_and_opening_moves_no_place(cast: Cast, class_: Taught) -> None:
    key = uuid4()
    for _again in range(3):
        told(cast, class_, key=key)
    told(cast, class_, kind=Happening.OPENED, place=Place(0), now=DAY + timedelta(hours=1))
    assert ProgressEvent.objects.count() == 2
    assert LessonProgress.objects.get().standing.place == Place(4)


def test_the_end_of_a_lesson_is_news_once(cast: Cast, class_: Taught, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[LessonCompleted] = []
    monkeypatch.setitem(events._handlers, LessonCompleted, [heard.append])
    completed(cast, class_)
    completed(cast, class_, now=DAY + timedelta(days=1))
    assert [(each.lesson, each.at) for each in heard] == [(class_.lesson(), DAY)]
    [progress] = class_progress(class_.row).trainees
    assert (progress.completed, progress.lessons[class_.lesson()].state) == (1, StudyState.COMPLETED)


def test_a_device_dates_a_completion_back_by_three_days_at_most_and_never_before_her_place(
    cast: Cast, class_: Taught
) -> None:
    day = 24 * 3600 * 1000
    heard = DAY + timedelta(days=5)
    first = datetime.combine(class_.row.starts_on, time(), SHANGHAI)
    completed(cast, class_, 0, age_ms=2 * day, now=heard)
    completed(cast, class_, 1, age_ms=4 * day, now=heard)
    ends = {one.lesson: one.completed_at for one in LessonProgress.objects.all()}
    assert ends == {class_.lesson(0): heard - timedelta(days=2), class_.lesson(1): heard}
    told(cast, class_, 0, age_ms=60 * day, now=heard)
    assert ProgressEvent.objects.latest("id").at == first
    TrainingClass.objects.update(starts_on=class_.row.starts_on - timedelta(days=90))
    told(cast, class_, 0, age_ms=60 * day, now=heard)
    assert ProgressEvent.objects.latest("id").at == NOW  # when she was admitted


def test_only_a_placed_trainee_of_the_class_studies_it(cast: Cast, class_: Taught) -> None:
    fields: dict[str, Any] = {"key": uuid4(), "kind": Happening.OPENED, "place": Place(), "age_ms": 0, "now": DAY}
    for who, refused in (("colleague", Http404), ("stranger", Http404), ("instructor", PermissionDenied), ("school_admin", PermissionDenied)):  # fmt: skip
        with pytest.raises(refused):
            tell(**at(cast, class_, who=who), **fields)
    with pytest.raises(Http404):
        tell(by=cast.acting("owner"), training_class=class_.row.uuid, lesson=uuid4(), **fields)
    let_leave(by=cast.acting("school_admin"), enrolment=class_.enrolment, reason="去外地工作", now=DAY)
    with pytest.raises(Http404):
        tell(**at(cast, class_), **fields)


def test_next_is_the_lesson_she_was_in_then_the_first_left(cast: Cast, class_: Taught) -> None:
    owner = cast.acting("owner")
    assert (first := next_lesson(owner)) is not None
    assert first.lesson == class_.lesson(0)
    told(cast, class_, 1)
    assert (begun := next_lesson(owner)) is not None
    assert (begun.lesson, begun.left) == (class_.lesson(1), 2)
    completed(cast, class_, 1)
    completed(cast, class_, 0)
    assert next_lesson(owner) is None
    home = study_home(owner, now=DAY)
    assert home is not None
    assert (home.completed, home.total, home.now.action_url) == (2, 2, "")
    assert next_lesson(cast.acting("instructor")) is None


def test_a_class_keeps_its_lessons_when_the_text_is_changed(cast: Cast, class_: Taught) -> None:
    from courses.catalogue.models import LessonPage

    page = LessonPage.objects.get(uid=class_.lesson())
    rewritten(page, title="另一个题目")
    assert class_.manifest.lessons[0].title == TITLES[0]
    body = cast.client("owner").get(class_.url()).content.decode()
    assert TITLES[0] in body
    assert "另一个题目" not in body


# ---- notes and bookmarks ----


def note(cast: Cast, class_: Taught, text: str, revision: int, **changes: Any) -> Any:
    return save_note(**at(cast, class_), text=text, revision=revision, **({"now": DAY} | changes))


def test_a_note_is_saved_by_revision_and_a_lost_receipt_is_given_again(cast: Cast, class_: Taught) -> None:
    assert note(cast, class_, "  记住：别说全国第一\r\n", 0).revision == 1
    again = note(cast, class_, "记住：别说全国第一", 0, now=DAY + timedelta(hours=1))
    assert (again.revision, again.saved_at) == (1, DAY)
    with pytest.raises(NoteStale) as stale:
        note(cast, class_, "别的", 0)
    assert (stale.value.text, stale.value.revision) == ("记住：别说全国第一", 1)
    assert note(cast, class_, "", 1).revision == 2
    with pytest.raises(StudyRefused):
        note(cast, class_, "长" * 10_001, 2)


def test_of_two_devices_the_later_mark_counts(cast: Cast, class_: Taught) -> None:
    def mark(marked: bool, age_ms: int) -> bool:
        return set_bookmark(**at(cast, class_), block=3, marked=marked, age_ms=age_ms, now=DAY)

    assert mark(True, 60_000)
    assert not mark(False, 30_000)
    assert not mark(True, 45_000)  # made before the other, told after it
    with pytest.raises(StudyRefused):
        set_bookmark(**at(cast, class_), block=9, marked=True, age_ms=0, now=DAY)


# ---- self-checks ----


def check(cast: Cast, class_: Taught, chosen: list[str], **changes: Any) -> Any:
    fields: dict[str, Any] = {"check": CHECK, "chosen": chosen, "key": uuid4(), "age_ms": 0, "now": DAY}
    return answer_check(**at(cast, class_), **(fields | changes))


def test_an_answer_to_a_self_check_is_kept_and_explained(cast: Cast, class_: Taught) -> None:
    key = uuid4()
    wrong = check(cast, class_, ["A"], key=key)
    check(cast, class_, ["A"], key=key)
    assert (wrong.correct, wrong.right, wrong.clause) == (False, ("B",), "《广告法》第九条")
    assert check(cast, class_, ["B"]).correct
    assert CheckAttempt.objects.count() == 2
    for chosen, code in (([], "empty"), (["Z"], "option")):
        with pytest.raises(StudyRefused) as refused:
            check(cast, class_, chosen)
        assert refused.value.code == code
    with pytest.raises(Http404):
        check(cast, class_, ["A"], check=uuid4())


# ---- questions ----


@pytest.fixture
def question(cast: Cast, class_: Taught) -> LessonQuestion:
    return ask(**at(cast, class_), text="“纯天然”能不能说？", key=UUID(int=7), now=DAY)


@pytest.mark.req("S5-19")
def test_a_question_goes_to_the_teachers_and_the_answer_comes_back(
    cast: Cast, class_: Taught, question: LessonQuestion
) -> None:
    ask(**at(cast, class_), text="“纯天然”能不能说？", key=UUID(int=7), now=DAY)
    assert LessonQuestion.objects.count() == 1
    assert Notice.objects.filter(kind="lesson_question", person__user=cast.users["instructor"]).count() == 1
    assert waiting_questions(cast.acting("instructor")) == 1
    answer(by=cast.acting("instructor"), question=question, text="要有证明。", share=True, now=DAY)
    assert waiting_questions(cast.acting("instructor")) == 0
    assert Notice.objects.filter(kind="lesson_answer", person__user=cast.users["owner"]).count() == 1
    add_words(by=cast.acting("owner"), question=question, text="什么证明？", now=DAY)
    assert waiting_questions(cast.acting("instructor")) == 1


@pytest.mark.req("S5-19")
def test_what_waits_too_long_is_listed(cast: Cast, question: LessonQuestion) -> None:
    teacher = cast.acting("instructor")
    on_time = question_list(teacher, show="overdue", now=DAY + timedelta(days=3))
    assert (on_time.waiting, on_time.overdue, on_time.rows) == (1, 0, ())
    late = question_list(teacher, show="overdue", now=DAY + timedelta(days=3, seconds=1))
    assert [(row.days, row.overdue, row.who) for row in late.rows] == [(3, True, "林*燕")]
    assert question_list(cast.acting("school_admin"), show="", now=DAY).waiting == 1
    assert question_list(cast.acting("other_admin"), show="all", now=DAY).rows == ()


def test_only_the_class_s_teacher_answers_and_only_the_asker_adds(cast: Cast, question: LessonQuestion) -> None:
    for who in ("school_admin", "owner", "bureau"):
        with pytest.raises(NotAllowed):
            answer(by=cast.acting(who), question=question, text="可以", share=False, now=DAY)
    with pytest.raises((PermissionDenied, Http404)):
        add_words(by=cast.acting("colleague"), question=question, text="我也想问", now=DAY)


def test_a_shared_answer_shows_no_name_to_the_class(cast: Cast) -> None:
    both = taught(cast, teach=False)
    admitted(cast, both.row, "colleague")
    asked = ask(**at(cast, both), text="“纯天然”能不能说？", key=uuid4(), now=DAY)
    assert "纯天然" not in cast.client("colleague").get(both.url()).content.decode()
    answer(by=cast.acting("instructor"), question=asked, text="要有证明。", share=True, now=DAY)
    page = cast.client("colleague").get(both.url()).content.decode()
    assert "要有证明。" in page
    assert "林" not in page.split("要有证明。")[0].rsplit("纯天然", 1)[0][-400:]
    assert cast.client("colleague").get(f"/study/questions/{asked.uuid}/").status_code == 404


# ---- deadlines ----


def due(cast: Cast, class_: Taught, lesson: UUID | None, days: int, who: str = "instructor") -> StudyDeadline:
    return set_deadline(
        by=cast.acting(who),
        training_class=class_.row,
        lesson=lesson,
        due=DAY.date() + timedelta(days=days),
        now=DAY,
    )


def test_who_has_not_studied_is_reminded_before_and_on_the_day_and_never_twice(cast: Cast, class_: Taught) -> None:
    due(cast, class_, class_.lesson(), 5)
    notices = Notice.objects.filter(kind="study_deadline")
    told_on = []
    for day in range(8):
        for _again in range(2):
            remind(now=DAY + timedelta(days=day))
        told_on.append(notices.count())
    assert told_on == [0, 0, 1, 1, 1, 2, 2, 2]
    due(cast, class_, None, 1)
    completed(cast, class_, 0)
    assert remind(now=DAY) == 1  # the other lesson is still to study
    completed(cast, class_, 1)
    assert remind(now=DAY + timedelta(days=1)) == 0


def test_a_deadline_is_set_by_teacher_or_institution_within_the_training(cast: Cast, class_: Taught) -> None:
    due(cast, class_, None, 2, "school_admin")
    moved = due(cast, class_, None, 3)
    assert StudyDeadline.objects.count() == 1
    for days, lesson, code in ((-1, None, "past"), (90, None, "outside"), (1, uuid4(), "lesson")):
        with pytest.raises(StudyRefused) as refused:
            due(cast, class_, lesson, days)
        assert refused.value.code == code
    for who in ("owner", "bureau", "other_admin"):
        with pytest.raises(NotAllowed):
            due(cast, class_, None, 1, who)
    remove_deadline(by=cast.acting("instructor"), deadline=moved, now=DAY)
    assert not StudyDeadline.objects.exists()


# ---- the path ----


@pytest.mark.req("S3-13", "S5-02")
def test_her_path_follows_what_she_said_and_how_she_did(cast: Cast, class_: Taught) -> None:
    seat = own_seat(cast.acting("owner"), class_.row.uuid)

    def path() -> list[tuple[str, Weight, int]]:
        page = path_page(cast.acting("owner"), seat, today=DAY.date())
        return [(line.title, line.weight, len(line.reasons)) for line in page.lines]

    assert path() == [(TITLES[0], Weight.FIRST, 1), (TITLES[1], Weight.FIRST, 1)]
    said = Background(Schooling.JUNIOR, Experience.NONE, Aim.JOB)
    say_background(by=cast.acting("owner"), training_class=class_.row.uuid, background=said, now=DAY)
    assert [reasons for _title, _weight, reasons in path()] == [3, 3]
    completed(cast, class_, 0)
    assert [title for title, _weight, _reasons in path()] == [TITLES[1]]
    check(cast, class_, ["A"])
    assert path()[0] == (TITLES[0], Weight.AGAIN, 1)


# ---- all that is hers ----


def test_she_is_told_all_that_is_held_of_her(cast: Cast, class_: Taught, question: LessonQuestion) -> None:
    told(cast, class_)
    note(cast, class_, "我的笔记", 0)
    set_bookmark(**at(cast, class_), block=2, marked=True, age_ms=0, now=DAY)
    check(cast, class_, ["B"])
    say_background(by=cast.acting("owner"), training_class=class_.row.uuid, background=Background(aim=Aim.OWN), now=DAY)
    found = {each.title: list(each.rows) for each in held_about(class_.enrolment.person.uuid, cast.uuid("owner"))}
    words = str(found)
    assert all(each in words for each in ("我的笔记", "“纯天然”能不能说？", "own"))
    answer(by=cast.acting("instructor"), question=question, text="要有证明。", share=False, now=DAY)
    assert "要有证明。" in str(held_about(class_.enrolment.person.uuid, cast.uuid("owner")))


def test_a_cancelled_class_is_studied_no_more(cast: Cast) -> None:
    row = opened(cast)
    admitted(cast, row)
    assert study_home(cast.acting("owner"), now=DAY) is not None
    move_class(by=cast.acting("school_admin"), training_class=row, to=ClassState.CANCELLED, reason="人数不够", now=NOW)
    assert Enrolment.objects.get().state != "approved"
    assert study_home(cast.acting("owner"), now=DAY) is None


def test_a_class_without_curriculum_says_so(cast: Cast) -> None:
    row = opened(cast)
    admitted(cast, row)
    home = study_home(cast.acting("owner"), now=DAY)
    assert home is not None
    assert (home.total, home.now.action_url) == (0, "")
    assert cast.client("owner").get("/study/").status_code == 200


def test_documents_of_a_fixture_are_the_lessons_of_the_class(cast: Cast) -> None:
    class_ = taught(cast, documents=(document("一课"),))
    assert [lesson.title for lesson in class_.manifest.lessons] == ["一课"]
