"""Evidence, the scoring desk and the chief's panels. Every address is gated anew, the video at every range of bytes;
addresses carry the code only."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from django import forms as django_forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseRedirect, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from assessment.marking import selectors, services
from assessment.marking.forms import (
    ConflictForm,
    FindingDecisionForm,
    ReassignForm,
    ReleaseForm,
    SeatForm,
    SignForm,
    Unreadable,
    WaiverForm,
    answered_lines,
    changes_of_form,
    changes_of_json,
    missing_words,
    panel_answers,
    panel_notes,
    shown_sheet,
    shown_transcript,
    transcript_of_form,
)
from assessment.marking.types import (
    BookletPage,
    DeskPage,
    MarkingRefusal,
    PanelKind,
    Receipt,
    SheetChanges,
    SheetDraft,
    SheetIncomplete,
    SheetLocked,
    SheetWithdrawn,
    StaleRevision,
    TranscriptPage,
)
from lms.accounts.api import ActingRequest
from lms.core import clock
from lms.core.reading import json_of
from media_pipeline.api import RenditionKind, StoredFile, TranscriptRefused, page_asked, serve

UNPROCESSABLE, CONFLICT = 422, 409


@login_required
@never_cache
@require_GET
def evidence_list(request: ActingRequest) -> HttpResponse:
    """Works assigned to the examiner, or covered by the acting organisation."""
    page = selectors.evidence_list(request.acting, page=page_asked(request))
    return render(request, "assessment/evidence_list.html", {"page": page})


@login_required
@never_cache
@require_GET
def evidence(request: ActingRequest, code: str) -> HttpResponse:
    """Video, transcript, checks and findings of one work; `?t=41` opens at a second."""
    page = selectors.evidence_page(request.acting, code, start_s=_second(request.GET.get("t", "")))
    return render(request, "assessment/evidence.html", {"page": page})


def _second(text: str) -> float:
    """0 for what is no second; the page cuts it to the video's length."""
    try:
        second = float(text)
    except ValueError:
        return 0.0
    return second if second >= 0 else 0.0


@login_required
@require_safe
def evidence_media(request: ActingRequest, code: str) -> HttpResponseBase:
    """The video in byte ranges."""
    return _file(request, code, RenditionKind.PROXY, f"{code}.mp4")


@login_required
@require_safe
def evidence_poster(request: ActingRequest, code: str) -> HttpResponseBase:
    """The still picture shown before it plays."""
    return _file(request, code, RenditionKind.POSTER, f"{code}.jpg")


def _file(request: ActingRequest, code: str, kind: RenditionKind, name: str) -> HttpResponseBase:
    file = selectors.evidence_stored_file(request.acting, code, kind)
    try:
        return serve(request, file, name=name)
    except FileNotFoundError:
        raise Http404 from None


@login_required
@never_cache
@require_GET
def evidence_captions(request: ActingRequest, code: str) -> HttpResponse:
    """WebVTT, names masked."""
    words = selectors.evidence_captions(request.acting, code)
    answer = HttpResponse(words, content_type="text/vtt; charset=utf-8")
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


@login_required
@never_cache
@require_POST
def evidence_package(request: ActingRequest, code: str) -> HttpResponse:
    """The evidence as one sealed file. By POST: it is written down who took it."""
    sealed = services.seal_evidence(by=request.acting, code=code, now=clock.now())
    answer = HttpResponse(sealed.content, content_type="application/zip")
    answer["Content-Disposition"] = f'attachment; filename="{sealed.name}"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def transcript(request: ActingRequest, code: str) -> HttpResponse:
    """What was heard, line by line with its versions; an examiner of its panel corrects it while her sheet is open."""
    page = selectors.transcript_page(request.acting, code)
    if request.method != "POST":
        return render(request, "assessment/transcript.html", {"page": page})
    try:
        typed = transcript_of_form(request.POST)
    except Unreadable:
        return _transcript(request, replace(page, mistake=_("Reload the page and try again.")))
    try:
        number = services.correct_heard(
            by=request.acting, code=code, base=typed.base, typed=typed.lines, heard=typed.heard, added=typed.put_in,
            reason=typed.reason, now=clock.now(),
        )  # fmt: skip
    except ValueError:
        words = _("Enter a time like 1:05 or 65.5.")
        return _transcript(request, shown_transcript(page, typed, words, field="add_start"))
    except TranscriptRefused as refused:
        latest = selectors.transcript_page(request.acting, code)
        again = shown_transcript(latest, typed, refused.message, line=refused.line, field=refused.field)
        return _transcript(request, again)
    except SheetLocked as refused:
        messages.error(request, refused.message)
        return redirect("assessment:transcript", code)
    if number == page.number:
        messages.info(request, _("Nothing was changed."))
    else:
        messages.success(request, _("Saved as version %(number)d; the findings were read again.") % {"number": number})
    return redirect("assessment:transcript", code)


def _transcript(request: ActingRequest, page: TranscriptPage) -> HttpResponse:
    return render(request, "assessment/transcript.html", {"page": page}, status=UNPROCESSABLE)


@login_required
@never_cache
@require_GET
def scoring_list(request: ActingRequest) -> HttpResponse:
    """The examiner's works: what waits, what she handed in."""
    return render(
        request, "assessment/scoring_list.html", {"page": selectors.desk_list(request.acting, now=clock.now())}
    )


@login_required
@never_cache
@require_GET
def scoring_sheet(request: ActingRequest, code: str) -> HttpResponse:
    """The scoring desk of one work or booklet; read only once it is handed in."""
    return _desk(request, _page(request, code, start_s=_second(request.GET.get("t", ""))))


def _page(request: ActingRequest, code: str, *, start_s: float = 0.0) -> DeskPage:
    """The desk of whatever stands under a code; of a booklet with the keys, which is a look that is written down."""
    if selectors.sheet_for(request.acting, code).panel.kind == PanelKind.VIDEO:
        return selectors.sheet_page(request.acting, code, start_s=start_s)
    keys = services.keys_of_booklet(by=request.acting, code=code, now=clock.now())
    return selectors.booklet_page(request.acting, code, keys=keys)


_TEMPLATES = {
    PanelKind.VIDEO: "assessment/scoring_sheet.html",
    PanelKind.ANSWERS: "assessment/scoring_booklet.html",
}


@login_required
@require_safe
def scoring_file(request: ActingRequest, code: str, version: UUID, sha256: str) -> HttpResponseBase:
    """A picture, sound or film of a booklet's question, for whoever may read the booklet."""
    held = selectors.booklet_file(request.acting, code, version, sha256)
    suffix = held.storage_key.rpartition(".")[2]
    return serve(request, StoredFile(held.storage_key, held.size, held.sha256, held.mime), name=f"question.{suffix}")


def _desk(
    request: ActingRequest,
    page: DeskPage,
    typed: SheetChanges | None = None,
    errors: Mapping[str, str] | None = None,
    *,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    sheet = shown_sheet(page, typed, errors, refusal=refusal)
    notes = [note for line in sheet.lines for note in line.row.notes]
    context = {"page": page, "sheet": sheet, "notes": notes, "stale": status == CONFLICT}
    if isinstance(page, BookletPage):
        context["answered"] = answered_lines(page, sheet)
    return render(request, _TEMPLATES[page.kind], context, status=status)


@login_required
@never_cache
@require_POST
def scoring_save(request: ActingRequest, code: str) -> HttpResponse:
    """A save of kb-sheet (JSON, answered by a receipt), or the plain form's button where no script runs."""
    if request.content_type != "application/json":
        return _plain(request, code, hand_in=False)
    try:
        changes, revision = changes_of_json(json_of(request.body))
    except (ValueError, Unreadable):
        return JsonResponse({"code": "unreadable"}, status=400)
    try:
        receipt = services.save_sheet(by=request.acting, code=code, changes=changes, revision=revision, now=clock.now())
    except StaleRevision as stale:
        answer = {"code": stale.code, "message": stale.message, **_draft(stale.draft)}
        return JsonResponse(answer, status=CONFLICT)
    except (SheetLocked, SheetWithdrawn) as refused:
        return JsonResponse({"code": refused.code, "message": refused.message}, status=CONFLICT)
    return JsonResponse(_receipt(receipt), status=UNPROCESSABLE if receipt.errors else 200)


def _receipt(receipt: Receipt) -> dict[str, Any]:
    return {
        "revision": receipt.revision,
        "saved_at": localtime(receipt.saved_at).strftime("%H:%M:%S"),
        "total": str(receipt.total),
        "done": receipt.done,
        "of": receipt.of,
        "missing": list(receipt.missing),
        "errors": dict(receipt.errors),
    }


def _draft(draft: SheetDraft) -> dict[str, Any]:
    sheet = {
        "revision": draft.revision,
        "scores": dict(draft.scores),
        "comments": dict(draft.comments),
        "rulings": {str(number): list(ruling) for number, ruling in draft.rulings.items()},
    }
    return {"revision": draft.revision, "sheet": sheet}


@login_required
@never_cache
@require_POST
def scoring_submit(request: ActingRequest, code: str) -> HttpResponse:
    """Hand in: the whole form is saved, then locked; whatever is refused comes back as it was typed."""
    return _plain(request, code, hand_in=True)


def _plain(request: ActingRequest, code: str, *, hand_in: bool) -> HttpResponse:
    page = _page(request, code)
    if not page.editable:
        messages.error(request, _("This sheet can no longer be changed."))
        return redirect("assessment:scoring_sheet", code)
    try:
        changes, revision = changes_of_form(request.POST, page)
    except Unreadable:
        return _desk(request, page, refusal=_("Reload the page and try again."), status=UNPROCESSABLE)
    try:
        receipt = services.save_sheet(by=request.acting, code=code, changes=changes, revision=revision, now=clock.now())
        if not receipt.errors and hand_in:
            services.submit_sheet(by=request.acting, code=code, revision=receipt.revision, now=clock.now())
    except StaleRevision:
        words = _("This sheet was also changed in another window. What you typed is shown; check it and send it again.")
        latest = _page(request, code)
        return _desk(request, latest, changes, refusal=words, status=CONFLICT)
    except (SheetLocked, SheetWithdrawn) as refused:
        messages.error(request, refused.message)
        return redirect("assessment:scoring_list")
    except SheetIncomplete as refused:
        latest = _page(request, code)
        return _desk(request, latest, changes, missing_words(page, refused.missing), status=UNPROCESSABLE)
    except MarkingRefusal as refused:
        latest = _page(request, code)
        return _desk(request, latest, changes, refusal=refused.message, status=UNPROCESSABLE)
    if receipt.errors:
        latest = _page(request, code)
        return _desk(request, latest, changes, receipt.errors, status=UNPROCESSABLE)
    if not hand_in:
        messages.success(request, _("Saved."))
        return redirect("assessment:scoring_sheet", code)
    done = _("Work %(code)s is handed in.") if page.kind is PanelKind.VIDEO else _("Booklet %(code)s is handed in.")
    messages.success(request, done % {"code": code})
    return HttpResponseRedirect(page.next_url or page.list_url)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def scoring_conflict(request: ActingRequest, code: str) -> HttpResponse:
    """回避: she gives the work back, with the reason."""
    page = _page(request, code)
    if not page.editable:
        messages.error(request, _("This sheet can no longer be changed."))
        return redirect("assessment:scoring_sheet", code)
    form = ConflictForm(request.POST or None, relations=page.relations)
    if form.is_valid():
        try:
            services.declare_conflict(by=request.acting, code=code, **form.cleaned_data, now=clock.now())
        except MarkingRefusal as refused:
            form.add_error(refused.field or None, refused.message)
        else:
            messages.success(
                request, _("The conflict is on file; work %(code)s goes to somebody else.") % {"code": code}
            )
            return redirect("assessment:scoring_list")
    status = UNPROCESSABLE if form.is_bound else 200
    return render(request, "assessment/scoring_conflict.html", {"page": page, "form": form}, status=status)


@login_required
@never_cache
@require_GET
def waivers(request: ActingRequest) -> HttpResponse:
    """免检免评: what is waived, and the candidates of one class (`?class=`)."""
    try:
        chosen = UUID(request.GET["class"]) if request.GET.get("class") else None
    except ValueError:
        raise Http404 from None
    page = selectors.waiver_list(request.acting, class_uid=chosen)
    return render(request, "assessment/waivers.html", {"page": page})


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def waiver(request: ActingRequest, candidacy: UUID) -> HttpResponse:
    """What is waived for one candidate; the chief decides."""
    page = selectors.waiver_page(request.acting, candidacy)
    if request.method == "POST" and not page.may_decide:
        raise PermissionDenied
    form = WaiverForm(request.POST if request.method == "POST" else None, page=page)
    if request.method == "POST" and form.is_valid():
        try:
            services.decide_waiver(by=request.acting, candidacy=candidacy, **form.cleaned_data, now=clock.now())
        except MarkingRefusal as refused:
            form.add_error(refused.field or None, refused.message)
        else:
            messages.success(request, _("The decision is on file."))
            return redirect("assessment:waivers")
    status = UNPROCESSABLE if form.is_bound else 200
    return render(request, "assessment/waiver.html", {"page": page, "form": form}, status=status)


@login_required
@never_cache
@require_GET
def panels(request: ActingRequest) -> HttpResponse:
    """Panels of the works the acting organisation covers."""
    page = selectors.panels_list(request.acting, now=clock.now(), page=page_asked(request))
    return render(request, "assessment/panels.html", {"page": page})


@login_required
@never_cache
@require_GET
def panel(request: ActingRequest, code: str) -> HttpResponse:
    """One panel: sheets side by side, rulings, what the chief has to do."""
    return _panel(request, code)


def _panel(request: ActingRequest, code: str, *, mistake: str = "", status: int = 200) -> HttpResponse:
    keys = services.keys_of_panel(by=request.acting, code=code, now=clock.now())
    page = selectors.panel_page(
        request.acting, code, now=clock.now(), start_s=_second(request.GET.get("t", "")), keys=keys
    )
    context = {
        "page": page,
        "notes": panel_notes(page),
        "answered": panel_answers(page),
        "mistake": mistake,
        "typed": request.POST if mistake else {},
    }
    return render(request, _PANEL_TEMPLATES[page.kind], context, status=status)


_PANEL_TEMPLATES = {
    PanelKind.VIDEO: "assessment/panel.html",
    PanelKind.ANSWERS: "assessment/panel_booklet.html",
}


def _decided(
    request: ActingRequest, code: str, form: django_forms.Form, act: Callable[[dict[str, Any]], object], done: str
) -> HttpResponse:
    """One act of the chief: done and back to the panel, or the panel again with what was wrong and what was typed."""
    if form.is_valid():
        try:
            act(form.cleaned_data)
        except MarkingRefusal as refused:
            return _panel(request, code, mistake=refused.message, status=UNPROCESSABLE)
        messages.success(request, done)
        return redirect("assessment:panel", code)
    selectors.readable_panel(request.acting, code)
    first = next(iter(form.errors.values()))[0]
    return _panel(request, code, mistake=str(first), status=UNPROCESSABLE)


@login_required
@never_cache
@require_POST
def panel_finding(request: ActingRequest, code: str) -> HttpResponse:
    """The chief decides a finding: a tie, or any that proposes a fail."""

    def act(data: dict[str, Any]) -> object:
        return services.decide_finding(by=request.acting, code=code, **data, now=clock.now())

    return _decided(request, code, FindingDecisionForm(request.POST), act, _("The decision is on file."))


@login_required
@never_cache
@require_POST
def panel_fourth(request: ActingRequest, code: str) -> HttpResponse:
    """One more examiner for the arbitration; the recommended one where none is chosen."""

    def act(data: dict[str, Any]) -> object:
        return services.assign_fourth(by=request.acting, code=code, **data, now=clock.now())

    return _decided(request, code, SeatForm(request.POST), act, _("The examiner is assigned."))


@login_required
@never_cache
@require_POST
def panel_reassign(request: ActingRequest, code: str) -> HttpResponse:
    """An overdue sheet goes to somebody else."""

    def act(data: dict[str, Any]) -> object:
        return services.reassign_sheet(by=request.acting, code=code, **data, now=clock.now())

    return _decided(request, code, ReassignForm(request.POST), act, _("The sheet is given to another examiner."))


@login_required
@never_cache
@require_POST
def panel_retry(request: ActingRequest, code: str) -> HttpResponse:
    """Look for examiners once more."""

    def act(_data: dict[str, Any]) -> object:
        return services.retry_allocation(by=request.acting, code=code, now=clock.now())

    return _decided(request, code, django_forms.Form(request.POST), act, _("Allocation was tried again."))


@login_required
@never_cache
@require_POST
def panel_sign(request: ActingRequest, code: str) -> HttpResponse:
    """The chief signs: the mark is final."""

    def act(data: dict[str, Any]) -> object:
        return services.sign_panel(by=request.acting, code=code, **data, now=clock.now())

    return _decided(request, code, SignForm(request.POST), act, _("Signed. The mark stands."))


@login_required
@never_cache
@require_GET
def held_works(request: ActingRequest) -> HttpResponse:
    """Works held back because somebody else handed in the same file."""
    page = selectors.held_page(request.acting, page=page_asked(request))
    return render(request, "assessment/held_works.html", {"page": page})


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def lookalikes(request: ActingRequest, code: str) -> HttpResponse:
    """What one work is like; the chief lets it go on with a reason where it is held back."""
    page = selectors.lookalike_page(request.acting, code)
    form = ReleaseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.release_lookalike(by=request.acting, code=code, now=clock.now(), **form.cleaned_data)
        except MarkingRefusal as refused:
            form.add_error(refused.field or None, refused.message)
        else:
            messages.success(request, _("Work %(code)s goes on to scoring.") % {"code": code})
            return redirect("assessment:held_works")
    status = UNPROCESSABLE if form.is_bound else 200
    return render(request, "assessment/lookalikes.html", {"page": page, "form": form}, status=status)


@login_required
@never_cache
@require_GET
def lookalike(request: ActingRequest, code: str, number: int) -> HttpResponse:
    """Two works side by side; `?s=2` opens the second stretch. Opening it is written down."""
    pair = services.open_lookalike(by=request.acting, code=code, number=number, now=clock.now())
    return render(request, "assessment/lookalike.html", {"pair": pair})


@login_required
@require_safe
def lookalike_video(request: ActingRequest, code: str, number: int, side: str) -> HttpResponseBase:
    """Either clip of a match in byte ranges."""
    return _side(request, code, number, side, RenditionKind.PROXY, "mp4")


@login_required
@require_safe
def lookalike_poster(request: ActingRequest, code: str, number: int, side: str) -> HttpResponseBase:
    """Its still picture."""
    return _side(request, code, number, side, RenditionKind.POSTER, "jpg")


def _side(
    request: ActingRequest, code: str, number: int, side: str, kind: RenditionKind, suffix: str
) -> HttpResponseBase:
    file = selectors.lookalike_stored_file(request.acting, code, number, side=side, kind=kind)
    try:
        return serve(request, file, name=f"{code}-{number}-{side}.{suffix}")
    except FileNotFoundError:
        raise Http404 from None
