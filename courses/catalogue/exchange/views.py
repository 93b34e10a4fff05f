"""The committee's desk for files: the curriculum out, a folder or a Word file in; first a look, then drafts."""

from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_safe

from courses.catalogue.exchange.docx import WordLesson, read_docx
from courses.catalogue.exchange.exporting import export_curriculum
from courses.catalogue.exchange.forms import ExportForm, FolderForm, WordForm, WordLessonForm
from courses.catalogue.exchange.importing import (
    ImportReport,
    ImportRow,
    Outcome,
    curriculum_archive,
    import_curriculum,
    record_export,
)
from courses.catalogue.exchange.staging import NotStaged, drop, stage, staged
from courses.catalogue.exchange.word import draft_from_word
from courses.catalogue.exchange.words import say
from courses.catalogue.markdown import plain_text
from courses.catalogue.models import LevelPage
from courses.catalogue.types import TextBlock
from lms.accounts.api import Acting, ActingRequest, require
from lms.core import clock
from lms.core.imports import ImportRefused

_SHOWN = 160


@dataclass(frozen=True)
class ReportLine:
    """One row of a report as shown."""

    path: str
    line: int
    title: str
    outcome: str
    tone: str
    why: str


def _user(acting: Acting) -> UUID:
    require(acting, "curriculum_file", "execute")
    if acting.user is None:
        raise Http404
    return acting.user


@csrf_exempt
@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def exchange(request: ActingRequest) -> HttpResponse:
    """What can go out and come in; a file handed in is looked at first.

    The token is checked inside: to find it the whole body must be read, and that only after the gate.
    """
    return _exchange(request, _user(request.acting))


@csrf_protect
def _exchange(request: ActingRequest, by: UUID) -> HttpResponse:
    is_word = "word" in request.FILES
    sent = request.method == "POST"
    folder_form = FolderForm(request.POST, request.FILES) if sent and not is_word else FolderForm()
    word_form = WordForm(request.POST, request.FILES) if is_word else WordForm()
    form = word_form if is_word else folder_form
    if sent and form.is_valid():
        name = "word" if is_word else "archive"
        file = form.cleaned_data[name]
        try:
            if is_word:
                read_docx(file)
            else:
                with curriculum_archive(file):
                    pass
        except ImportRefused as refusal:
            form.add_error(name, _reason(refusal))
        else:
            token = stage(file, by=by, now=clock.real_now())
            return redirect("courses:exchange_word" if is_word else "courses:exchange_import", token)
    context = {"export_form": ExportForm(), "folder_form": folder_form, "word_form": word_form, "form": form}
    return render(request, "courses/exchange/exchange.html", context, status=422 if form.errors else 200)


def _reason(refusal: ImportRefused) -> str:
    return (
        pgettext("import", "%(where)s: %(why)s") % {"where": refusal.where, "why": refusal.message}
        if refusal.where
        else refusal.message
    )


@login_required
@never_cache
@require_safe
def export(request: ActingRequest) -> HttpResponseBase:
    """The zip."""
    _user(request.acting)
    form = ExportForm(request.GET)
    if not form.is_valid():
        raise Http404
    level: LevelPage | None = form.cleaned_data["level"]
    pages = LevelPage.objects.filter(numchild__gt=0).order_by("-level", "edition")
    made = export_curriculum([level] if level else pages, drafts=form.cleaned_data["drafts"])
    record_export(by=request.acting, texts=len(made.texts), now=clock.now())
    answer = HttpResponse(made.zipped(), content_type="application/zip")
    name = f"kaibo-curriculum-level-{level.level}" if level else "kaibo-curriculum"
    answer["Content-Disposition"] = f'attachment; filename="{name}-{clock.today():%Y%m%d}.zip"'
    return answer


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def folder(request: ActingRequest, token: UUID) -> HttpResponse:
    """What a folder would change; a POST brings it in."""
    by = _user(request.acting)
    wanted = request.method == "POST"
    try:
        with staged(token, by=by) as file, curriculum_archive(file) as tree:
            report = import_curriculum(by=request.acting, tree=tree, dry_run=not wanted, now=clock.now())
    except NotStaged:
        messages.warning(request, _("This file is not kept any more. Please choose it again."))
        return redirect("courses:exchange")
    if report.done:
        drop(token, by=by)
        count = report.count(Outcome.NEW) + report.count(Outcome.CHANGED)
        text = _("Brought in as drafts: %(count)d. Send them to review in the content admin.")
        messages.success(request, text % {"count": count})
        return redirect("courses:exchange")
    context = {
        "token": token,
        "lines": tuple(_line(row) for row in report.rows if row.outcome is not Outcome.SAME),
        "new": report.count(Outcome.NEW),
        "changed": report.count(Outcome.CHANGED),
        "same": report.count(Outcome.SAME),
        "refused": len(report.refused),
        "ready": _is_ready(report),
    }
    return render(request, "courses/exchange/report.html", context, status=422 if report.refused else 200)


def _is_ready(report: ImportReport) -> bool:
    return not report.refused and report.count(Outcome.NEW) + report.count(Outcome.CHANGED) > 0


def _line(row: ImportRow) -> ReportLine:
    labels = {
        Outcome.NEW: (pgettext("import", "New"), "info"),
        Outcome.CHANGED: (pgettext("import", "Changed"), "now"),
        Outcome.REFUSED: (pgettext("import", "To be mended"), "bad"),
    }
    label, tone = labels[row.outcome]
    fault = row.fault
    return ReportLine(row.path, fault.line if fault else 0, row.title, label, tone, say(fault) if fault else "")


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def word(request: ActingRequest, token: UUID) -> HttpResponse:
    """What was read of a Word file, and what it does not say; a POST makes the draft."""
    by = _user(request.acting)
    try:
        with staged(token, by=by) as file:
            held = read_docx(file)
    except NotStaged:
        messages.warning(request, _("This file is not kept any more. Please choose it again."))
        return redirect("courses:exchange")
    form = WordLessonForm(request.POST or None, initial={"title": held.title})
    if request.method == "POST" and form.is_valid():
        module = form.cleaned_data["module"]
        page = draft_from_word(by=request.acting, course=module, word=held, facts=form.facts(), now=clock.now())
        drop(token, by=by)
        messages.success(request, _("The lesson is a draft now. Please complete it and send it to review."))
        return redirect("wagtailadmin_pages:edit", page.pk)
    context = {
        "form": form,
        "paragraphs": _shown(held),
        "pictures": len(held.files),
        "lost": tuple(say(fault) for fault in held.lost),
    }
    return render(request, "courses/exchange/word.html", context, status=422 if form.errors else 200)


def _shown(held: WordLesson) -> tuple[str, ...]:
    text = "\n".join(plain_text(block.text) for block in held.blocks if isinstance(block, TextBlock))
    return tuple(f"{line[:_SHOWN]}…" if len(line) > _SHOWN else line for line in text.split("\n"))
