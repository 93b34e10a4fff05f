"""What the demonstration does with lessons, by the services that people use; what stands already is left as it is.

A committee member puts a video into a lesson and a second one approves; a class takes the change over by decision; a trainee
studies, checks herself, asks, hands in her task; her instructor answers and marks.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from functools import partial
from pathlib import Path
from uuid import NAMESPACE_URL, UUID, uuid5

from django.core.files import File
from django.db import transaction
from wagtail.models import Page

from courses.catalogue.documents import Files, document_of, write_document
from courses.catalogue.models import LessonPage
from courses.catalogue.selectors import lesson_version, manifest
from courses.catalogue.types import Accepts, CheckBlock, ManifestLesson, VideoBlock
from courses.classes.models import TrainingClass
from courses.classes.selectors import class_manifest
from courses.classes.services import adopt_manifest
from courses.classes.types import ClassRefused
from courses.enrolment.models import Enrolment
from courses.homework.models import HomeworkMark
from courses.homework.services.drafts import hand_in
from courses.homework.services.marking import mark_homework
from courses.learning.models import CheckAttempt, LessonQuestion
from courses.learning.services.deadlines import set_deadline
from courses.learning.services.progress import answer_check, tell
from courses.learning.services.questions import answer, ask
from courses.learning.types import Happening, Place
from courses.studytime.services import counted_online_hours, open_stream, receive_beats, refresh_days, study_ticket
from courses.studytime.tickets import Pass, Ticket, opened
from courses.studytime.types import Flag, StudyRefused
from courses.videos.models import LessonVideo
from courses.videos.selectors import waiting_video
from courses.videos.services import make_lesson_video
from lms.accounts.api import Acting, User
from lms.core.clock import SHANGHAI, day_of

# 06-03 of the elementary level: from a raw clip to sixty seconds.
VIDEO_LESSON = "剪一条60秒以上的作品"
_STUDIED, _MINUTES, _BEAT_S = 3, 12, 20
_WHY = "演示：把新审定的示范视频带给正在上课的班"
_QUESTION = "老师，我家的茶没有绿色食品证书，可以说“绿色”吗？"
_ANSWER = "没有证书就不要说“绿色食品”。可以说茶园在哪里、怎么管理，说您做得到、查得到的。"
_HOMEWORK = "我是连江的王小梅，这是我家自己做的鱼丸，一袋500克，29.9元，省内包邮，今天下单后天到。"
_REMARK = "价格、规格和运费都说清楚了。下一次再加一句保存方法。"


@dataclass(frozen=True)
class Roles:
    """Who does what."""

    author: User
    reviewer: User
    office: Acting
    teacher: Acting
    trainee: Acting


def demo_video(*, by: Acting, clip: Path, title: str, now: datetime) -> UUID:
    """Hand in a clip as a lesson video, once; its uuid."""
    with clip.open("rb") as file:
        token = uuid5(NAMESPACE_URL, f"kaibo-demo-lesson:{clip.name}")
        return make_lesson_video(
            by=by, title=title, file=File(file, name=clip.name), form_token=token, is_demo=True, now=now
        ).uuid


def demo_video_waits(video: UUID) -> bool:
    """Whether its captions are still being made."""
    return waiting_video(LessonVideo.objects.get(uuid=video)) is not None


def demo_lesson(roles: Roles, *, video: UUID) -> str:
    """Put the video first into its lesson, submit and let the second person approve, once; the lesson's title."""
    page = LessonPage.objects.filter(title=VIDEO_LESSON, live=True).order_by("-path").first()
    if page is None:
        raise LookupError("the shipped lesson that takes the demonstration's video is not there")
    document = document_of(page)
    if any(isinstance(block, VideoBlock) for block in document.blocks):
        return document.title
    shown = LessonVideo.objects.get(uuid=video)
    blocks = (VideoBlock(video, shown.title), *document.blocks)
    draft = write_document(page, replace(document, blocks=blocks), Files({}, {}, {video: shown}))
    draft.save_revision(user=roles.author)
    workflow = draft.get_workflow()
    workflow.start(draft, roles.author)
    state = Page.objects.get(pk=page.pk).specific.current_workflow_task_state
    state.task.specific.on_action(state, roles.reviewer, "approve")
    return document.title


@transaction.atomic
def demo_study(roles: Roles, row: TrainingClass, *, now: datetime) -> None:
    """The class takes the change over; the trainee studies the first lessons; homework and a question go their way."""
    try:
        adopt_manifest(by=roles.office, training_class=row, reason=_WHY, now=now)
    except ClassRefused as refused:
        if refused.code != "same":
            raise
    enrolment = _enrolment(row, roles.trainee.person)
    if CheckAttempt.objects.filter(enrolment=enrolment).exists():
        return
    pinned = class_manifest(row)
    lessons = manifest(pinned).lessons if pinned else ()
    for number, lesson in enumerate(lessons[:_STUDIED]):
        _study(roles, enrolment, lesson, began=_began(now, number), completed=number + 1 < _STUDIED, now=now)
    refresh_days()
    set_deadline(by=roles.teacher, training_class=row, lesson=lessons[_STUDIED].uid, due=row.ends_on, now=now)
    _ask(roles, row, lessons[0], now)
    _homework(roles, row, lessons[0], now)


def _enrolment(row: TrainingClass, person: UUID | None) -> Enrolment:
    rows = Enrolment.objects.select_related("training_class").filter(training_class=row)
    return rows.get(person__uuid=str(person))


def _began(now: datetime, number: int) -> datetime:
    """One lesson after the other today, the last ending now; just after midnight they overlap and count once."""
    midnight = datetime.combine(day_of(now), time(), SHANGHAI)
    return max(midnight, now - timedelta(minutes=_MINUTES * (_STUDIED - number)))


def _study(
    roles: Roles, enrolment: Enrolment, lesson: ManifestLesson, *, began: datetime, completed: bool, now: datetime
) -> None:
    """Beats as her phone would have sent them, the self-check, and how far she came."""
    held = enrolment.training_class.uuid
    said = partial(tell, by=roles.trainee, training_class=held, lesson=lesson.uid, age_ms=0)
    checked = partial(answer_check, by=roles.trainee, training_class=held, lesson=lesson.uid, age_ms=0, now=now)
    key = uuid5(NAMESPACE_URL, f"kaibo-demo-study:{enrolment.uuid}:{lesson.uid}")
    _beats(enrolment, lesson, key, began, min(began + timedelta(minutes=_MINUTES), now))
    document = lesson_version(lesson.version).document
    half = len(document.blocks) if completed else len(document.blocks) // 2
    said(key=uuid5(key, "opened"), kind=Happening.OPENED, place=Place(), now=began)
    said(key=uuid5(key, "read"), kind=Happening.READ, place=Place(half), now=now)
    checks = [block for block in document.blocks if isinstance(block, CheckBlock)] if completed else []
    for number, check in enumerate(checks):
        right = [option.key for option in check.options if option.correct]
        chosen = right if number else [check.options[0].key]
        checked(check=check.uid, chosen=chosen, key=uuid5(key, str(check.uid)))
    if completed:
        said(key=uuid5(key, "done"), kind=Happening.COMPLETED, place=Place(half), now=now)


def _beats(enrolment: Enrolment, lesson: ManifestLesson, key: UUID, began: datetime, ended: datetime) -> None:
    clock = study_ticket(enrolment=enrolment, lesson=lesson.uid, online_minutes=lesson.online_minutes, now=began)
    ticket = opened(Ticket, clock.ticket, now_ms=int(began.timestamp() * 1000)) if clock.ticket else None
    if ticket is None:
        return
    try:
        leave, _stream = open_stream(ticket=ticket, nonce=uuid5(key, "page"), device=uuid5(key, "phone"), now=began)
    except StudyRefused:
        return
    held = opened(Pass, leave, now_ms=int(began.timestamp() * 1000))
    seconds = int((ended - began).total_seconds())
    for seq, at in enumerate(range(_BEAT_S, seconds + 1, _BEAT_S), start=1):
        beat = [seq, at * 1000, _BEAT_S * 1000, 5000, int(Flag.VISIBLE), None, 100]
        if held is not None:
            receive_beats(leave=held, beats=[beat], now=began + timedelta(seconds=at))


def _ask(roles: Roles, row: TrainingClass, lesson: ManifestLesson, now: datetime) -> None:
    key = uuid5(NAMESPACE_URL, f"kaibo-demo-question:{row.uuid}")
    asked = ask(by=roles.trainee, training_class=row.uuid, lesson=lesson.uid, text=_QUESTION, key=key, now=now)
    answer(by=roles.teacher, question=asked, text=_ANSWER, share=True, now=now)


def _homework(roles: Roles, row: TrainingClass, lesson: ManifestLesson, now: datetime) -> None:
    task = next(block for block in lesson.tasks if Accepts.TEXT in block.accepts)
    item = hand_in(by=roles.trainee, training_class=row.uuid, task=task.uid, text=_HOMEWORK, revision=0, now=now)
    levels = {"H1": "good", "H2": "excellent", "H3": "good", "H4": "excellent"}
    mark_homework(by=roles.teacher, item=item.uuid, levels=levels, words=_REMARK, now=now)


def demo_told(row: TrainingClass, person: UUID | None) -> Iterator[str]:
    """How her study stands, for a terminal."""
    enrolment = _enrolment(row, person)
    hours = counted_online_hours(row)[enrolment.uuid]
    yield (
        f"    计入学习 counted study  {hours.seconds // 60} 分钟 = {hours.hours} 学时 class hours"
        f"（每学时{hours.hour_minutes}分钟）"
    )
    checks = CheckAttempt.objects.filter(enrolment=enrolment)
    yield f"    自测 self-checks  {checks.filter(correct=True).count()}/{checks.count()}"
    for mark in HomeworkMark.objects.filter(item__enrolment=enrolment).select_related("item"):
        yield f"    作业 homework  {mark.item.task_title}  {mark.mark}分"
    asked = LessonQuestion.objects.filter(enrolment=enrolment)
    yield f"    提问 questions  {asked.count()}，已答 answered {asked.filter(waiting_since=None).count()}"
