"""An import step by step: a file is read, what was read is looked at and mended, then all of it becomes drafts."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assessment.bank.exchange import excel, formats
from assessment.bank.forms import ImportForm, QuestionForm
from assessment.bank.presentation import STATES, TYPES
from assessment.bank.refusals import BankRefusal
from assessment.bank.rules import require_writer
from assessment.bank.services.drafts import (
    DraftData,
    DraftRow,
    document_of_row,
    draft_for,
    drafts_of,
    keep_reading,
    leave_out,
    leave_out_bad,
    mend_row,
    send_all,
    sendable,
    take_in,
    throw_away,
)
from assessment.bank.types import QuestionType
from assessment.bank.views.editor import alike_words
from assessment.bank.views.frame import acting_of, faults_of, head, tell_sent, told, up
from lms.accounts.api import Acting
from lms.core import clock
from lms.core.imports import ImportRefused
from media_pipeline.api import Pages, page_asked, pages

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class RowView:
    """One row of a dry run as shown; no key."""

    number: int
    where: str
    stem: str
    type: str
    topic: str
    reason: str
    renews: str
    renews_url: str
    label: str
    tone: str
    bad: bool
    out: bool
    alike: list[dict[str, Any]]


@dataclass(frozen=True)
class ImportView:
    """An import on the screen."""

    uuid: UUID
    rows: list[RowView]
    pages: Pages
    ready: int
    refused: int
    left_out: int
    alike: int
    done: bool
    taken: int
    unchanged: int
    sendable: int


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def bring(request: HttpRequest) -> HttpResponse:
    """The file. The token is checked inside: to find it, the whole body must be read, and that only after the gate."""
    acting = acting_of(request)
    require_writer(acting)
    return _bring(request, acting)


@csrf_protect
def _bring(request: HttpRequest, acting: Acting) -> HttpResponse:
    sent = request.method == "POST"
    form = ImportForm(request.POST, request.FILES) if sent else ImportForm()
    faults: list[tuple[str, str, str]] = []
    if sent and form.is_valid():
        try:
            uuid = _read(form, acting)
        except ImportRefused as refusal:
            words = pgettext("import", "%(where)s: %(why)s") % {"where": refusal.where, "why": refusal.message}
            form.add_error("file", words if refusal.where else refusal.message)
        except BankRefusal as refusal:
            form.add_error("file", refusal.message)
        else:
            return redirect("bank:import_draft", uuid)
    faults = faults_of(form) if sent else []
    drafts = [{"uuid": uuid, "name": name, "created_at": at} for uuid, name, at in drafts_of(acting)]
    context = {"form": form, "faults": faults, "drafts": drafts, "template_url": reverse("bank:import_template")}
    title = _("Bring questions in")
    return render(
        request, "assessment/bank/import.html", head(request, title, "import", **context), status=422 if faults else 200
    )


def _read(form: ImportForm, acting: Acting) -> UUID:
    file = form.cleaned_data["file"]
    if file is not None:
        name = file.name or "file"
        reading = formats.read(file.read(), name)
    else:
        name = _("pasted text")
        reading = formats.read(form.cleaned_data["text"].encode(), name, "plain")
    return keep_reading(by=acting, name=name, reading=reading, defaults=form.place(), now=clock.now())


@never_cache
@require_safe
def excel_template(request: HttpRequest) -> HttpResponse:
    """Our workbook with its drop-downs, empty."""
    require_writer(acting_of(request))
    answer = HttpResponse(excel.template(), content_type=_XLSX)
    answer["Content-Disposition"] = 'attachment; filename="kaibo-questions.xlsx"'
    return answer


@never_cache
@require_safe
def draft(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """What was read: sound, to be mended, left out, like others."""
    return _draft(request, draft_for(acting_of(request), uuid))


def _draft(request: HttpRequest, data: DraftData, faults: list[tuple[str, str, str]] | None = None) -> HttpResponse:
    shown = pages(len(data.rows), page_asked(request))
    part = list(enumerate(data.rows, 1))[shown.start : shown.start + 50]
    view = ImportView(
        uuid=data.uuid,
        rows=[_row(number, row, data) for number, row in part],
        pages=shown,
        ready=sum(row.ready for row in data.rows),
        refused=sum(row.bad for row in data.rows),
        left_out=sum(row.out for row in data.rows),
        alike=sum(bool(row.alike) for row in data.rows if not row.out),
        done=data.done,
        taken=len(data.taken),
        unchanged=data.unchanged,
        sendable=len(sendable(data)) if data.taken else 0,
    )
    context = {"draft": view, "faults": faults or [], "mine_url": f"{reverse('bank:list')}?mine=written"}
    title = pgettext("import", "What was read: %(name)s") % {"name": data.name}
    words = head(request, title, "import", **context, **up(reverse("bank:import"), _("Bring questions in")))
    return render(request, "assessment/bank/import_draft.html", words, status=422 if faults else 200)


def _row(number: int, row: DraftRow, data: DraftData) -> RowView:
    if row.out:
        label, tone = pgettext("import", "Left out"), "mute"
    elif row.bad:
        label, tone = pgettext("import", "To be mended"), "bad"
    elif row.renews is not None and row.renews.same:
        label, tone = pgettext("import", "Unchanged"), "mute"
    elif row.renews is not None:
        label, tone = pgettext("import", "New version"), "warn"
    elif row.alike:
        label, tone = pgettext("import", "Look-alike"), "warn"
    else:
        label, tone = pgettext("import", "Ready"), "ok"
    document = document_of_row(data, row)
    return RowView(
        number=number,
        where=row.where,
        stem=row.excerpt or "—",
        type=str(TYPES[document.type]) if document else "—",
        topic=document.place.topic or "—" if document else "—",
        reason=row.reason or row.blocked,
        renews=_renews(row),
        renews_url=reverse("bank:question", args=[row.read.uid]) if row.renews and row.read else "",
        label=label,
        tone=tone,
        bad=row.bad,
        out=row.out,
        alike=[alike_words(one) for one in row.alike] if not row.out else [],
    )


def _renews(row: DraftRow) -> str:
    known = row.renews
    if known is None:
        return ""
    if known.same:
        return pgettext("import", "Question %(number)s says the same already") % {"number": known.serial}
    words = pgettext("import", "New version of question %(number)s (by %(name)s, %(state)s)")
    return words % {"number": known.serial, "name": known.author_name or "—", "state": STATES[known.state]}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def row(request: HttpRequest, uuid: UUID, number: int) -> HttpResponse:
    """One row in the editor, as far as it could be read; her own file, so its answer is no secret from her."""
    acting = acting_of(request)
    data = draft_for(acting, uuid)
    if not 0 < number <= len(data.rows):
        raise Http404
    held = data.rows[number - 1]
    document = document_of_row(data, held)
    given = request.POST.get("type") or request.GET.get("type", "")
    kind = QuestionType(given) if given in list(QuestionType) else document.type if document else QuestionType.SINGLE
    back = f"{reverse('bank:import_draft', args=[uuid])}?page={(number - 1) // 50 + 1}#row-{number}"
    if request.method != "POST":
        form = QuestionForm(type=kind, document=document if document and document.type is kind else None)
        if document is None or document.type is not kind:
            stem = document.stem if document else held.excerpt
            form.initial = {**form.initial, **form.placed_by(data.defaults), "stem": stem}
        return _editor(request, form, data, held, number, kind, back)
    more = 1 if "more" in request.POST else 0
    form = QuestionForm(request.POST, type=kind, known=document, more=more)
    if more:
        return _editor(request, form.unjudged(), data, held, number, kind, back)
    if form.is_valid():
        try:
            mend_row(by=acting, draft=uuid, number=number, document=form.placed(UUID(int=0)), now=clock.now())
        except BankRefusal as refusal:
            form.refuse(refusal.field, refusal.message)
        else:
            messages.success(request, pgettext("import", "%(where)s is kept as you wrote it.") % {"where": held.where})
            return redirect(back)
    return _editor(request, form, data, held, number, kind, back, status=422)


def _editor(
    request: HttpRequest,
    form: QuestionForm,
    data: DraftData,
    held: DraftRow,
    number: int,
    kind: QuestionType,
    back: str,
    status: int = 200,
) -> HttpResponse:
    address = reverse("bank:import_row", args=[data.uuid, number])
    form.action = f"{address}?type={kind.value}"
    form.drive(reverse("bank:alike"))
    context = {
        "form": form,
        "uid": UUID(int=0),
        "draft_row": True,
        "refused": held if held.reason else None,
        "types": [
            {"url": f"{address}?type={one.value}", "label": words, "current": one is kind}
            for one, words in TYPES.items()
        ],
        "back_url": back,
        **up(back, pgettext("import", "What was read: %(name)s") % {"name": data.name}),
    }
    return render(request, "assessment/bank/edit.html", head(request, held.where, "import", **context), status=status)


@never_cache
@require_POST
def row_out(request: HttpRequest, uuid: UUID, number: int) -> HttpResponse:
    """Leave a row out, or take it after all."""
    leave_out(by=acting_of(request), draft=uuid, number=number, out=request.POST.get("out") == "1")
    return redirect(f"{reverse('bank:import_draft', args=[uuid])}?page={(number - 1) // 50 + 1}#row-{number}")


@never_cache
@require_POST
def out(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Leave out all that cannot be read."""
    leave_out_bad(by=acting_of(request), draft=uuid)
    return redirect("bank:import_draft", uuid)


@never_cache
@require_POST
def take(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """All of it as drafts, or nothing."""
    acting = acting_of(request)
    try:
        made = take_in(by=acting, draft=uuid, now=clock.now())
    except BankRefusal as refusal:
        return _draft(request, draft_for(acting, uuid), told(refusal))
    count = len(made.made) + len(made.renewed)
    if count:
        messages.success(request, _("Questions taken in as drafts: %(count)d") % {"count": count})
    else:
        messages.info(request, _("Nothing was changed: the bank says the same already."))
    return redirect("bank:import_draft", uuid)


@never_cache
@require_POST
def send(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Everything that came of it to the experts; what does not go says why."""
    tell_sent(request, *send_all(by=acting_of(request), draft=uuid, now=clock.now()))
    return redirect("bank:import_draft", uuid)


@never_cache
@require_POST
def drop(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Forget it."""
    throw_away(by=acting_of(request), draft=uuid)
    messages.success(request, _("The import was thrown away. The bank is as it was."))
    return redirect("bank:import")
