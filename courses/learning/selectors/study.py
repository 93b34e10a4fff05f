"""A trainee's studying: her class, her next lesson, one lesson, her path, the search."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from uuid import UUID

from django.db.models import Count, Q
from django.http import Http404
from django.urls import reverse
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from courses.catalogue.selectors import search_versions
from courses.catalogue.types import LessonDocument, ManifestData, ManifestLesson
from courses.classes.models import TrainingClass
from courses.enrolment.models import Enrolment
from courses.learning.above import homework_shares
from courses.learning.logic.labels import block_label
from courses.learning.logic.path import AGAIN, AUDIENCE, DUE, PathRule, lesson_share, recommended, worst
from courses.learning.logic.progress import next_of, place_in
from courses.learning.models import (
    Bookmark,
    CheckAttempt,
    LessonNote,
    LessonProgress,
    LessonQuestion,
    StudyBackground,
    StudyDeadline,
)
from courses.learning.rules import path_rules
from courses.learning.selectors.gates import OpenLesson, ReadLesson, Seat, manifest_of, manifests_of, own_seats
from courses.learning.selectors.questions import lesson_thread
from courses.learning.types import (
    Background,
    BookmarkView,
    CheckStanding,
    ClassLink,
    CourseLine,
    DueLine,
    Found,
    LessonLine,
    LessonPage,
    NextLesson,
    NoteView,
    NowStudy,
    PathFacts,
    PathLesson,
    PathLine,
    PathPage,
    Standing,
    StudyHome,
    StudyState,
    Weight,
)
from lms.accounts.api import Acting, Role
from lms.core.crypto import blind_index
from lms.core.types import Level
from lms.notices.api import deadline
from lms.policies.api import profile

_NEW = Standing()


@dataclass(frozen=True)
class _Lesson:
    """A lesson of a class with her standing in it."""

    lesson: ManifestLesson
    standing: Standing


def state_label(state: StudyState) -> tuple[str, str]:
    """What a state is called, and the tone of its tag."""
    return {
        StudyState.NEW: (pgettext("studying", "Not begun"), "mute"),
        StudyState.OPENED: (pgettext("studying", "Begun"), "now"),
        StudyState.COMPLETED: (pgettext("studying", "Studied"), "ok"),
    }[state]


def lesson_url(training_class: UUID, lesson: UUID) -> str:
    """The address of a lesson of a class."""
    return reverse("courses:lesson", args=[training_class, lesson])


def owner_name(acting: Acting) -> str:
    """A name for her device's store: says nobody who she is, and differs from everybody else's."""
    return blind_index(str(acting.user), purpose="study-device")[:16]


# ---- lists of lessons ----


def standings_of(enrolment: Enrolment) -> dict[UUID, Standing]:
    """Her standing in every lesson she has opened; one query."""
    return {row.lesson: row.standing for row in LessonProgress.objects.filter(enrolment=enrolment)}


def dues_of(row: TrainingClass) -> dict[UUID | None, date]:
    """The deadlines of a class, None for all lessons; one query."""
    return dict(StudyDeadline.objects.filter(training_class=row).values_list("lesson", "due"))


def course_lines(
    data: ManifestData,
    training_class: UUID,
    standings: Mapping[UUID, Standing],
    dues: Mapping[UUID | None, date],
    *,
    now: datetime,
    current: UUID | None = None,
) -> tuple[CourseLine, ...]:
    """Modules with their lessons. current: the one she reads or is to read; its module is unfolded."""
    lines = []
    for course in data.courses:
        lessons = tuple(
            _line(each, training_class, standings.get(each.uid, _NEW), dues, now, each.uid == current)
            for each in course.lessons
        )
        lines.append(
            CourseLine(
                title=course.title,
                code=course.code,
                completed=sum(line.state is StudyState.COMPLETED for line in lessons),
                lessons=lessons,
                open=any(line.current for line in lessons),
            )
        )
    return tuple(lines)


def _line(
    lesson: ManifestLesson,
    training_class: UUID,
    standing: Standing,
    dues: Mapping[UUID | None, date],
    now: datetime,
    current: bool,
) -> LessonLine:
    label, tone = state_label(standing.state)
    due = dues.get(lesson.uid)
    open_due = deadline(due, now=now) if due and standing.state is not StudyState.COMPLETED else None
    return LessonLine(
        uid=lesson.uid,
        number=lesson.position + 1,
        title=lesson.title,
        summary=lesson.summary,
        url=lesson_url(training_class, lesson.uid),
        state=standing.state,
        state_label=label,
        tone=tone,
        percent=standing.percent,
        minutes=lesson.online_minutes,
        tasks=len(lesson.tasks),
        due=open_due.phrase if open_due else "",
        due_tone=open_due.tone if open_due else "",
        current=current,
    )


# ---- what comes next ----


def _next(data: ManifestData | None, standings: Mapping[UUID, Standing]) -> _Lesson | None:
    if data is None:
        return None
    return next_of([_Lesson(each, standings.get(each.uid, _NEW)) for each in data.lessons])


def next_lesson(acting: Acting) -> NextLesson | None:
    """What she studies next, in the newest class of hers that has something left; None when there is nothing.

    For everybody who is no trainee: None.
    """
    if acting.role is not Role.TRAINEE:
        return None
    for enrolment in own_seats(acting):
        data = manifest_of(enrolment.training_class)
        if data is None:
            continue
        standings = standings_of(enrolment)
        found = _next(data, standings)
        if found is not None:
            return _next_lesson(enrolment.training_class, data, standings, found)
    return None


def _next_lesson(
    row: TrainingClass, data: ManifestData, standings: Mapping[UUID, Standing], found: _Lesson
) -> NextLesson:
    lesson, standing = found.lesson, found.standing
    dues = dues_of(row)
    completed = _completed(data, standings)
    return NextLesson(
        training_class=row.uuid,
        class_name=row.name,
        lesson=lesson.uid,
        title=lesson.title,
        state=standing.state,
        percent=standing.percent,
        place=standing.place,
        minutes=lesson.online_minutes,
        completed=completed,
        left=len(data.lessons) - completed,
        due=min((day for day in (dues.get(lesson.uid), dues.get(None)) if day), default=None),
        url=lesson_url(row.uuid, lesson.uid),
    )


def _completed(data: ManifestData, standings: Mapping[UUID, Standing]) -> int:
    return sum(standings.get(each.uid, _NEW).state is StudyState.COMPLETED for each in data.lessons)


# ---- 学习 ----


def study_home(acting: Acting, *, now: datetime, training_class: UUID | None = None) -> StudyHome | None:
    """One class of hers, the newest unless one is named; None when she is in no class.

    Raises PermissionDenied, Http404 (a class that is not hers).
    """
    seats = own_seats(acting)
    if training_class is not None:
        seats.sort(key=lambda each: each.training_class.uuid != training_class)
        if not seats or seats[0].training_class.uuid != training_class:
            raise Http404
    if not seats:
        return None
    enrolment, *others = seats
    row = enrolment.training_class
    data = manifest_of(row)
    standings = standings_of(enrolment)
    found = _next(data, standings)
    dues = dues_of(row)
    asked = LessonQuestion.objects.filter(enrolment=enrolment).aggregate(
        all=Count("id"), waiting=Count("id", filter=Q(waiting_since__isnull=False))
    )
    completed = _completed(data, standings) if data else 0
    return StudyHome(
        class_uid=row.uuid,
        class_name=row.name,
        institution=row.institution.name,
        now=_now(row, data, standings, found, dues, now),
        completed=completed,
        total=len(data.lessons) if data else 0,
        courses=course_lines(data, row.uuid, standings, dues, now=now, current=found.lesson.uid if found else None)
        if data
        else (),
        dues=_her_dues(data, standings, dues, now),
        others=tuple(
            ClassLink(
                each.training_class.name,
                each.training_class.institution.name,
                reverse("courses:study_class", args=[each.training_class.uuid]),
            )
            for each in others
        ),
        questions=asked["all"],
        waiting=asked["waiting"],
        path_url=reverse("courses:study_path", args=[row.uuid]) if data and found else "",
        questions_url=reverse("courses:lesson_questions"),
    )


def _now(
    row: TrainingClass,
    data: ManifestData | None,
    standings: Mapping[UUID, Standing],
    found: _Lesson | None,
    dues: Mapping[UUID | None, date],
    now: datetime,
) -> NowStudy:
    if data is None or not data.lessons:
        return NowStudy(
            _("No lessons here yet"),
            _("As soon as your class has its curriculum, you study it here."),
        )
    if found is None:
        return NowStudy(
            _("Everything is studied"),
            _("All %(number)d lessons. You may read them again at any time.") % {"number": len(data.lessons)},
        )
    lesson, standing = found.lesson, found.standing
    began = standing.state is StudyState.OPENED
    due = min((day for day in (dues.get(lesson.uid), dues.get(None)) if day), default=None)
    hints = [("clock", _("About %(minutes)d minutes") % {"minutes": lesson.online_minutes})]
    if lesson.tasks:
        hints.append(("pencil-square", _("With a practice task")))
    if began and standing.percent:
        hints.insert(0, ("book-open", _("%(percent)d%% read last time") % {"percent": standing.percent}))
    return NowStudy(
        title=lesson.title,
        lead=deadline(due, now=now).phrase
        if due
        else _("Lesson %(number)d of %(total)d") % {"number": lesson.position + 1, "total": len(data.lessons)},
        hints=tuple(hints),
        action_label=_("Go on studying") if began else _("Start studying"),
        action_url=lesson_url(row.uuid, lesson.uid),
        action_icon="play",
    )


def _her_dues(
    data: ManifestData | None,
    standings: Mapping[UUID, Standing],
    dues: Mapping[UUID | None, date],
    now: datetime,
) -> tuple[DueLine, ...]:
    """Deadlines of what she has not studied yet, the nearest first."""
    if data is None:
        return ()
    lines = []
    for uid, due in sorted(dues.items(), key=lambda each: each[1]):
        held = data.lesson(uid) if uid else None
        wanted = [held] if held else [] if uid else list(data.lessons)
        left = sum(standings.get(each.uid, _NEW).state is not StudyState.COMPLETED for each in wanted)
        if not left:
            continue
        stands = deadline(due, now=now)
        label = held.title if held else _("All lessons, %(number)d to go") % {"number": left}
        lines.append(DueLine(None, label, stands.phrase, stands.tone))
    return tuple(lines)


# ---- one lesson ----


def lesson_page(acting: Acting, at: OpenLesson | ReadLesson, *, now: datetime) -> LessonPage:
    """The frame of one lesson: for its trainee with all that is hers, for everybody else the lesson alone."""
    row, data, lesson = at.row, at.manifest, at.lesson
    document = at.version.document
    tracked = isinstance(at, OpenLesson)
    enrolment = at.enrolment if isinstance(at, OpenLesson) else None
    standings = standings_of(enrolment) if enrolment else {}
    standing = standings.get(lesson.uid, _NEW)
    dues = dues_of(row) if enrolment else {}
    lessons = data.lessons
    before = lessons[lesson.position - 1] if lesson.position else None
    after = lessons[lesson.position + 1] if lesson.position + 1 < len(lessons) else None
    due = dues.get(lesson.uid)
    open_due = deadline(due, now=now) if due and standing.state is not StudyState.COMPLETED else None
    resume = place_in(standing.place, len(document.blocks))
    return LessonPage(
        class_uid=row.uuid,
        class_name=row.name,
        lesson=lesson.uid,
        url=lesson_url(row.uuid, lesson.uid),
        number=lesson.position + 1,
        total=len(lessons),
        title=lesson.title,
        summary=lesson.summary,
        minutes=lesson.online_minutes,
        tracked=tracked,
        owner=owner_name(acting) if tracked else "",
        state=standing.state,
        percent=standing.percent,
        resume=resume,
        place_ms=round(standing.place_at.timestamp() * 1000) if standing.place_at else 0,
        resume_label=block_label(document.blocks[resume.block - 1]) if resume.block else "",
        courses=course_lines(data, row.uuid, standings, dues, now=now, current=lesson.uid),
        note=note_of(enrolment, lesson.uid) if enrolment else NoteView(),
        places=_places(enrolment, lesson.uid, document) if enrolment else (),
        questions=lesson_thread(enrolment, lesson.uid) if enrolment else (),
        checks=_checks(enrolment, lesson.uid) if enrolment else {},
        due=open_due.phrase if open_due else "",
        due_tone=open_due.tone if open_due else "",
        back_url=reverse("courses:study_class", args=[row.uuid]),
        previous_url=lesson_url(row.uuid, before.uid) if before else "",
        next_url=lesson_url(row.uuid, after.uid) if after else "",
        next_title=after.title if after else "",
    )


def note_of(enrolment: Enrolment, lesson: UUID) -> NoteView:
    """Her note on a lesson."""
    row = LessonNote.objects.filter(enrolment=enrolment, lesson=lesson, revision__gt=0).first()
    return NoteView(row.text, row.revision, row.saved_at) if row else NoteView()


def _places(enrolment: Enrolment, lesson: UUID, document: LessonDocument) -> tuple[BookmarkView, ...]:
    marked = set(
        Bookmark.objects.filter(enrolment=enrolment, lesson=lesson, is_set=True).values_list("block", flat=True)
    )
    return tuple(
        BookmarkView(number, block_label(block) or _("Place %(number)d") % {"number": number}, number in marked)
        for number, block in enumerate(document.blocks, 1)
    )


def _checks(enrolment: Enrolment, lesson: UUID) -> dict[str, CheckStanding]:
    """Her last answer to each self-check question of a lesson."""
    rows = CheckAttempt.objects.filter(enrolment=enrolment, lesson=lesson).order_by("at", "id")
    return {str(row.check_uid): CheckStanding(tuple(row.chosen), row.correct, row.at) for row in rows}


# ---- her path ----


def path_page(acting: Acting, seat: Seat, *, today: date) -> PathPage:
    """Her plan for what is left. Raises Http404 while the class has no curriculum."""
    row, data = seat.row, seat.manifest
    if data is None:
        raise Http404
    standings = standings_of(seat.enrolment)
    background = background_of(seat.enrolment)
    completed = frozenset(uid for uid, each in standings.items() if each.state is StudyState.COMPLETED)
    facts = PathFacts(
        level=row.level,
        job=row.job,
        today=today,
        ends_on=row.ends_on,
        background=background,
        categories=_categories(seat),
        completed=completed,
        results=worst([check_shares(seat.enrolment), homework_shares(seat.enrolment.uuid)]),
        due=dues_of(row),
    )
    rules = path_rules()
    lessons = path_lessons(data, profile(row.profile).key)
    titles = {lesson.uid: lesson for lesson in data.lessons}
    words = _reasons(rules.rules)
    lines = []
    for step in recommended(lessons, facts, rules):
        lesson = titles[step.uid]
        label, tone = _weight_label(step.weight)
        lines.append(
            PathLine(
                title=lesson.title,
                url=lesson_url(row.uuid, lesson.uid),
                weight=step.weight,
                weight_label=label,
                tone=tone,
                reasons=tuple(words[code] for code in step.reasons),
                day=step.day,
                minutes=lesson.online_minutes,
            )
        )
    return PathPage(
        class_name=row.name,
        class_uid=row.uuid,
        job=row.job,
        level_label=Level(row.level).rank_zh,
        background=background,
        lines=tuple(lines),
        completed=sum(uid in completed for uid in titles),
        total=len(titles),
        version=rules.version,
        back_url=reverse("courses:study_class", args=[row.uuid]),
    )


def path_lessons(data: ManifestData, policy: str) -> tuple[PathLesson, ...]:
    """The lessons of a class as the path sees them. policy: key of the class's profile."""
    return tuple(
        PathLesson(
            uid=lesson.uid,
            title=lesson.title,
            course=number,
            position=lesson.position,
            kind=lesson.kind,
            delivery=lesson.delivery,
            minutes=lesson.online_minutes,
            methods=frozenset(map(str, lesson.methods)),
            tags=frozenset(code for _key, codes in lesson.tags for code in codes),
            audiences=frozenset(dict(lesson.audiences).get(policy, ())),
        )
        for number, course in enumerate(data.courses)
        for lesson in course.lessons
    )


def background_of(enrolment: Enrolment) -> Background:
    """What she said about herself."""
    row = StudyBackground.objects.filter(enrolment=enrolment).first()
    return row.background if row else Background()


def check_shares(enrolment: Enrolment) -> dict[UUID, Fraction]:
    """Lesson → share of its self-check questions that her last answers got right."""
    last: dict[UUID, dict[UUID, bool]] = {}
    rows = CheckAttempt.objects.filter(enrolment=enrolment).order_by("at", "id")
    for lesson, check, correct in rows.values_list("lesson", "check_uid", "correct"):
        last.setdefault(lesson, {})[check] = correct
    shares = {lesson: lesson_share(sum(each.values()), len(each)) for lesson, each in last.items()}
    return {lesson: share for lesson, share in shares.items() if share is not None}


def _categories(seat: Seat) -> frozenset[str]:
    """The category she declared, and the kinds of training her policy gives to those of it."""
    declared = seat.enrolment.declaration.category
    if declared is None:
        return frozenset()
    audiences: Mapping[str, Collection[str]] = profile(seat.row.profile).raw.get("audiences") or {}
    return frozenset({declared, *(code for code, people in audiences.items() if declared in people)})


def _reasons(rules: Iterable[PathRule]) -> dict[str, str]:
    """Why, in the reader's language; the rules bring their own words."""
    chinese = (get_language() or "zh").startswith("zh")
    words = {rule.code: rule.reason if chinese else rule.reason_en for rule in rules}
    return words | {
        AGAIN: _("It did not go well yet; study it once more"),
        DUE: _("It is due soon"),
        AUDIENCE: _("Made for people like you"),
    }


def _weight_label(weight: Weight) -> tuple[str, str]:
    return {
        Weight.AGAIN: (pgettext("path", "Once more"), "warn"),
        Weight.FIRST: (pgettext("path", "Important"), "now"),
        Weight.NORMAL: (pgettext("path", "As usual"), "mute"),
        Weight.QUICK: (pgettext("path", "Quick"), "info"),
    }[weight]


# ---- search ----


def search(acting: Acting, words: str) -> tuple[Found, ...]:
    """Lessons of her classes that hold every word; two characters are a word. Raises PermissionDenied."""
    found: list[Found] = []
    rows = [enrolment.training_class for enrolment in own_seats(acting)]
    manifests = manifests_of(rows)
    for row in rows:
        data = manifests.get(row.pk)
        if data is None:
            continue
        found += [
            Found(hit.title, row.name, lesson_url(row.uuid, hit.uid), hit.before, hit.hit, hit.after)
            for hit in search_versions(words, data)
        ]
    return tuple(found)
