"""The 学习 pages on the phone, and how a class studies on the desk.

What a device tells comes as JSON from its outbox and is answered by a receipt; every such address takes the plain form too.
"""

from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.staticfiles import finders
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from courses.catalogue.presentation import LessonView, lesson_view
from courses.learning import forms
from courses.learning.above import task_links
from courses.learning.forms import AnswerForm, BackgroundForm, DeadlineForm, Unreadable, WordsForm
from courses.learning.rules import may_answer, may_set_deadlines
from courses.learning.selectors.classes import deadline_choices, deadline_for, studying_class, studying_classes
from courses.learning.selectors.gates import OpenLesson, ReadLesson, own_lesson, own_seat, watched_class, watched_lesson
from courses.learning.selectors.questions import question_for, question_list, question_page
from courses.learning.selectors.study import lesson_page, owner_name, path_page, search, study_home
from courses.learning.services.deadlines import remove_deadline, say_background, set_deadline
from courses.learning.services.notes import save_note, set_bookmark
from courses.learning.services.packages import keep_package, package_state
from courses.learning.services.progress import answer_check, tell
from courses.learning.services.questions import add_words, answer, ask
from courses.learning.types import CheckResult, Happening, NoteStale, PackageStale, Place, StudyRefused
from courses.studytime.services import study_ticket
from lms.accounts.api import ActingRequest, NotAllowed, Role
from lms.core import clock
from lms.core.ids import new_uuid
from lms.core.reading import words_asked

UNPROCESSABLE, CONFLICT = 422, 409
_WORKER = "js/sw-study.js"


def _hers(request: ActingRequest, response: HttpResponse) -> HttpResponse:
    """Says to the device's own store whose page this is, and whether it may keep it: only where she stays signed in.

    On a shared computer the login ends with the browser; nothing of hers is kept there.
    """
    response["X-Kaibo-Owner"] = owner_name(request.acting)
    if _keeps(request):
        response["X-Kaibo-Keep"] = "1"
    return response


def _keeps(request: ActingRequest) -> bool:
    return not request.session.get_expire_at_browser_close()


def _is_trainee(request: ActingRequest) -> bool:
    return request.acting.role is Role.TRAINEE


# ---- 学习 ----


@login_required
@never_cache
@require_GET
def study(request: ActingRequest) -> HttpResponse:
    """A trainee's newest class; for everybody else the classes she looks after."""
    if not _is_trainee(request):
        return render(request, "courses/study_classes.html", {"rows": studying_classes(request.acting)})
    page = study_home(request.acting, now=clock.now())
    return _hers(request, render(request, "courses/study.html", {"page": page}))


@login_required
@never_cache
@require_GET
def study_class(request: ActingRequest, training_class: UUID) -> HttpResponse:
    """One class."""
    now = clock.now()
    if not _is_trainee(request):
        row = watched_class(request.acting, training_class)
        form = DeadlineForm(choices=deadline_choices(row)) if may_set_deadlines(request.acting, row) else None
        return _class_page(request, training_class, form)
    page = study_home(request.acting, now=now, training_class=training_class)
    return _hers(request, render(request, "courses/study.html", {"page": page}))


def _class_page(request: ActingRequest, training_class: UUID, form: DeadlineForm | None) -> HttpResponse:
    page = studying_class(request.acting, training_class, now=clock.now())
    status = UNPROCESSABLE if form is not None and form.errors else 200
    return render(request, "courses/study_class.html", {"page": page, "form": form}, status=status)


@login_required
@never_cache
@require_GET
def study_search(request: ActingRequest) -> HttpResponse:
    """Lessons of her classes by their words."""
    words = words_asked(request.GET)[:50]
    found = search(request.acting, words)
    return render(request, "courses/study_search.html", {"words": words, "found": found})


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def study_path(request: ActingRequest, training_class: UUID) -> HttpResponse:
    """Her recommended path, and what she says of herself for it."""
    seat = own_seat(request.acting, training_class)
    if request.method == "POST":
        form = BackgroundForm(request.POST)
        if form.is_valid():
            say_background(
                by=request.acting, training_class=training_class, background=form.background(), now=clock.now()
            )
            messages.success(request, _("Your path is made anew."))
            return redirect("courses:study_path", training_class)
    page = path_page(request.acting, seat, today=clock.today())
    if request.method != "POST":
        form = BackgroundForm(initial=forms.background_initial(page.background))
    context = {"page": page, "form": form}
    return _hers(
        request, render(request, "courses/study_path.html", context, status=UNPROCESSABLE if form.errors else 200)
    )


# ---- without a network ----


@cache
def _worker() -> str:
    found = finders.find(_WORKER)
    if not isinstance(found, str):
        raise Http404
    return Path(found).read_text(encoding="utf-8")


@require_GET
@cache_control(no_cache=True)
def study_worker(request: HttpRequest) -> HttpResponse:
    """The service worker of everything below /study/; it holds nothing of anybody."""
    return HttpResponse(_worker(), content_type="text/javascript; charset=utf-8")


@require_GET
@cache_control(no_cache=True)
def study_offline(request: HttpRequest) -> HttpResponse:
    """What stands for a page that was never opened on this device, without a network."""
    return render(request, "courses/study_offline.html")


# ---- one lesson ----


@login_required
@never_cache
@require_GET
def lesson(request: ActingRequest, training_class: UUID, lesson: UUID) -> HttpResponse:
    """One lesson: her own, or as its teacher, institution and bureaus read it."""
    return _lesson(request, training_class, lesson)


def _lesson(
    request: ActingRequest,
    training_class: UUID,
    lesson: UUID,
    *,
    note: NoteStale | None = None,
    typed_note: str = "",
    question: StudyRefused | None = None,
    typed_question: str = "",
    status: int = 200,
) -> HttpResponse:
    now = clock.now()
    acting = request.acting
    user = acting.user
    if user is None:
        raise Http404
    context: dict[str, Any] = {
        "stale": note,
        "typed_note": typed_note,
        "refused_question": question,
        "typed_question": typed_question,
    }
    if _is_trainee(request):
        at = own_lesson(acting, training_class, lesson)
        tasks = [task.uid for task in at.lesson.tasks]
        context |= {
            "page": lesson_page(acting, at, now=now),
            **_view(at, user, now),
            "clock": study_ticket(
                enrolment=at.enrolment, lesson=lesson, online_minutes=at.lesson.online_minutes, now=now
            ),
            "task_links": task_links(at.enrolment.uuid, training_class, tasks),
            "keep": _keeps(request),
        }
        return _hers(request, _framing(render(request, "courses/lesson.html", context, status=status), context["view"]))
    read = watched_lesson(acting, training_class, lesson)
    context |= {
        "page": lesson_page(acting, read, now=now),
        **_view(read, user, now),
    }
    return render(request, "courses/lesson_read.html", context, status=status)


def _view(at: OpenLesson | ReadLesson, user: UUID, now: datetime) -> dict[str, Any]:
    """The text, and the first video, which stands above everything."""
    view = lesson_view(at.version.document, user=user, now=now, version=at.version.uuid)
    return {"view": view, "film": next((block for block in view.blocks if block.type == "video" and block.video), None)}


def _framing(page: HttpResponse, view: LessonView) -> HttpResponse:
    """A lesson with a package may frame its origin; no other page may frame anything."""
    origins = sorted({block.package.origin for block in view.blocks if block.package and block.package.src})
    if origins:
        page._csp_update = {"frame-src": origins}  # type: ignore[attr-defined]
    return page


def _is_json(request: HttpRequest) -> bool:
    return request.content_type == "application/json"


def _receipt(now: datetime, **more: Any) -> JsonResponse:
    return JsonResponse({"saved_at": localtime(now).strftime("%H:%M:%S"), **more})


def _refusal(refusal: StudyRefused, status: int = UNPROCESSABLE, **more: Any) -> JsonResponse:
    return JsonResponse({"error": refusal.message, **more}, status=status)


def _unreadable() -> JsonResponse:
    return JsonResponse({"error": forms.not_understood()}, status=400)


@login_required
@never_cache
@require_POST
def lesson_progress(request: ActingRequest, training_class: UUID, lesson: UUID) -> HttpResponse:
    """Where she is, told by her device."""
    try:
        sent = forms.told_in(forms.json_of(request.body))
    except Unreadable:
        return _unreadable()
    now = clock.now()
    standing = tell(
        by=request.acting,
        training_class=training_class,
        lesson=lesson,
        key=sent.key,
        kind=sent.kind,
        place=sent.place,
        age_ms=sent.age_ms,
        now=now,
    )
    return _receipt(now, state=standing.state, percent=standing.percent)


@login_required
@never_cache
@require_POST
def lesson_done(request: ActingRequest, training_class: UUID, lesson: UUID) -> HttpResponse:
    """学完，下一课, where no script runs."""
    now = clock.now()
    at = own_lesson(request.acting, training_class, lesson)
    tell(
        by=request.acting,
        training_class=training_class,
        lesson=lesson,
        key=new_uuid(),
        kind=Happening.COMPLETED,
        place=Place(at.blocks),
        age_ms=0,
        now=now,
    )
    page = lesson_page(request.acting, at, now=now)
    return redirect(page.next_url or page.back_url)


@login_required
@never_cache
@require_POST
def lesson_note(request: ActingRequest, training_class: UUID, lesson: UUID) -> HttpResponse:
    """Her note on a lesson."""
    now = clock.now()
    try:
        if _is_json(request):
            sent = forms.json_of(request.body)
            text, revision = forms.text_in(sent, "text"), forms.number_in(sent, "revision", 2**31)
        else:
            text, revision = request.POST.get("text", ""), forms.number_of(request.POST.get("revision"))
        saved = save_note(
            by=request.acting, training_class=training_class, lesson=lesson, text=text, revision=revision, now=now
        )
    except Unreadable:
        return _unreadable()
    except NoteStale as stale:
        if _is_json(request):
            return _refusal(stale, CONFLICT, text=stale.text, revision=stale.revision)
        return _lesson(request, training_class, lesson, note=stale, typed_note=text, status=CONFLICT)
    except StudyRefused as refusal:
        if _is_json(request):
            return _refusal(refusal)
        messages.warning(request, refusal.message)
        return _lesson(request, training_class, lesson, typed_note=text, status=UNPROCESSABLE)
    if _is_json(request):
        return JsonResponse({"saved_at": localtime(saved.saved_at).strftime("%H:%M:%S"), "revision": saved.revision})
    messages.success(request, _("Your note is saved."))
    return _back(training_class, lesson, "note")


def _back(training_class: UUID, lesson: UUID, anchor: str) -> HttpResponse:
    answered = redirect("courses:lesson", training_class, lesson)
    answered["Location"] += f"#{anchor}"
    return answered


@login_required
@never_cache
@require_POST
def lesson_bookmark(request: ActingRequest, training_class: UUID, lesson: UUID) -> HttpResponse:
    """Mark a place, or mark it no more."""
    now = clock.now()
    try:
        if _is_json(request):
            sent = forms.json_of(request.body)
            block, age, marked = forms.block_in(sent), forms.age_in(sent), sent.get("marked") is True
        else:
            block, age = forms.number_of(request.POST.get("block")), 0
            marked = request.POST.get("marked") != "no"
        stands = set_bookmark(
            by=request.acting,
            training_class=training_class,
            lesson=lesson,
            block=block,
            marked=marked,
            age_ms=age,
            now=now,
        )
    except Unreadable:
        return _unreadable()
    except StudyRefused as refusal:
        if _is_json(request):
            return _refusal(refusal)
        messages.warning(request, refusal.message)
        return _back(training_class, lesson, "note")
    return _receipt(now, marked=stands) if _is_json(request) else _back(training_class, lesson, "note")


@login_required
@never_cache
@require_POST
def lesson_check(request: ActingRequest, training_class: UUID, lesson: UUID, check: UUID) -> HttpResponse:
    """An answer to a self-check question."""
    now = clock.now()
    try:
        if _is_json(request):
            sent = forms.json_of(request.body)
            key, chosen, age = forms.uuid_in(sent, "key"), forms.chosen_in(sent), forms.age_in(sent)
        else:
            key, chosen, age = new_uuid(), request.POST.getlist("chosen"), 0
        result: CheckResult = answer_check(
            by=request.acting,
            training_class=training_class,
            lesson=lesson,
            check=check,
            chosen=chosen,
            key=key,
            age_ms=age,
            now=now,
        )
    except Unreadable:
        return _unreadable()
    except StudyRefused as refusal:
        if _is_json(request):
            return _refusal(refusal)
        messages.warning(request, refusal.message)
        return _back(training_class, lesson, f"check-{check}")
    if _is_json(request):
        return _receipt(now, correct=result.correct, right=list(result.right))
    return _back(training_class, lesson, f"check-{check}")


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def lesson_package(request: ActingRequest, training_class: UUID, lesson: UUID, package: UUID) -> HttpResponse:
    """How far she came in a SCORM package: given to its frame, and kept as the frame says."""
    if request.method != "POST":
        held, revision = package_state(by=request.acting, training_class=training_class, lesson=lesson, package=package)
        return JsonResponse(
            {
                "status": held.status,
                "score": "" if held.score is None else f"{held.score.normalize():f}",
                "location": held.location,
                "suspend_data": held.suspend_data,
                "seconds": held.seconds,
                "revision": revision,
            }
        )
    now = clock.now()
    try:
        sent = forms.json_of(request.body)
        said, age = forms.package_in(sent), forms.age_in(sent)
        revision = keep_package(
            by=request.acting,
            training_class=training_class,
            lesson=lesson,
            package=package,
            said=said,
            revision=forms.number_in(sent, "revision", 2**31),
            age_ms=age,
            now=now,
        )
    except Unreadable:
        return _unreadable()
    except StudyRefused as refusal:
        return _refusal(refusal, CONFLICT if isinstance(refusal, PackageStale) else UNPROCESSABLE)
    return _receipt(now, revision=revision)


@login_required
@never_cache
@require_POST
def lesson_ask(request: ActingRequest, training_class: UUID, lesson: UUID) -> HttpResponse:
    """A question to the teacher."""
    now = clock.now()
    try:
        if _is_json(request):
            sent = forms.json_of(request.body)
            key, text = forms.uuid_in(sent, "key"), forms.text_in(sent, "text")
        else:
            key, text = new_uuid(), request.POST.get("text", "")
        ask(by=request.acting, training_class=training_class, lesson=lesson, text=text, key=key, now=now)
    except Unreadable:
        return _unreadable()
    except StudyRefused as refusal:
        if _is_json(request):
            return _refusal(refusal)
        return _lesson(request, training_class, lesson, question=refusal, typed_question=text, status=UNPROCESSABLE)
    if _is_json(request):
        return _receipt(now)
    messages.success(request, _("Your teacher is asked."))
    return _back(training_class, lesson, "ask")


# ---- questions and answers ----


@login_required
@never_cache
@require_GET
def lesson_questions(request: ActingRequest) -> HttpResponse:
    """Her own questions, or those of the classes she looks after: the longest waiting first."""
    page = question_list(request.acting, show=request.GET.get("show", ""), now=clock.now())
    return render(request, "courses/lesson_questions.html", {"page": page})


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def lesson_question(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """One question: the teacher answers, the asker may add something."""
    row = question_for(request.acting, uuid)
    teacher = may_answer(request.acting, row.enrolment.training_class)
    form: WordsForm = (AnswerForm if teacher else WordsForm)(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        if not teacher and not _is_trainee(request):
            raise NotAllowed(_("Your role may not do this here."))
        if form.is_valid():
            try:
                words = form.cleaned_data["text"]
                if teacher:
                    answer(
                        by=request.acting,
                        question=row,
                        text=words,
                        share=form.cleaned_data["share"],
                        now=clock.now(),
                    )
                    messages.success(request, _("Answered. She is told."))
                else:
                    add_words(by=request.acting, question=row, text=words, now=clock.now())
                    messages.success(request, _("Your teacher is asked."))
            except StudyRefused as refusal:
                form.refuse(refusal)
            else:
                return redirect("courses:lesson_question", uuid)
    page = question_page(request.acting, row, now=clock.now())
    context = {"page": page, "form": form}
    return render(request, "courses/lesson_question.html", context, status=UNPROCESSABLE if form.errors else 200)


# ---- deadlines ----


@login_required
@never_cache
@require_POST
def study_deadline(request: ActingRequest, training_class: UUID) -> HttpResponse:
    """Say until when a class studies."""
    row = watched_class(request.acting, training_class)
    form = DeadlineForm(request.POST, choices=deadline_choices(row))
    if form.is_valid():
        lesson, due = form.said()
        try:
            set_deadline(by=request.acting, training_class=row, lesson=lesson, due=due, now=clock.now())
        except StudyRefused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("The deadline is set. Whoever has not studied it is reminded in time."))
            return redirect("courses:study_class", training_class)
    return _class_page(request, training_class, form)


@login_required
@never_cache
@require_POST
def study_deadline_remove(request: ActingRequest, training_class: UUID, uuid: UUID) -> HttpResponse:
    """Take a deadline back."""
    row = watched_class(request.acting, training_class)
    remove_deadline(by=request.acting, deadline=deadline_for(row, uuid), now=clock.now())
    messages.success(request, _("The deadline is taken back."))
    return redirect("courses:study_class", training_class)
