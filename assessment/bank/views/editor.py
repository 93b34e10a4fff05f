"""Writing a question: its type, the editor, the look-alike hint while she types."""

import re
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from assessment.bank.forms import QuestionForm, ReasonForm, with_media
from assessment.bank.presentation import STATES, TYPES, type_words
from assessment.bank.refusals import BankRefusal
from assessment.bank.rules import require_writer
from assessment.bank.selectors.lookalikes import lookalikes
from assessment.bank.selectors.questions import differing_stimulus, question_page, questions_of_stimulus
from assessment.bank.services.files import store_file
from assessment.bank.services.keys import reveal_key
from assessment.bank.services.review import submit_for_review
from assessment.bank.services.writing import write_question
from assessment.bank.types import LookAlike, Media, QuestionDocument, QuestionPage, QuestionType, Stimulus, VersionData
from assessment.bank.views.frame import acting_of, faults_of, head, up, up_to_bank
from assessment.bank.views.question import title_of
from lms.accounts.api import Acting
from lms.core import clock
from lms.core.ids import new_uuid

_TEMPLATE = "assessment/bank/edit.html"
_NOT_IN_NAMES = re.compile(r"[\s()\[\]{}/\\<>\"'`|?*:&#%!]+")


@never_cache
@require_GET
def new(request: HttpRequest) -> HttpResponse:
    """Which type. `?case=` names a question whose shared material the new one takes."""
    acting = acting_of(request)
    require_writer(acting)
    case = request.GET.get("case", "")
    types = [
        {
            "url": reverse("bank:write", args=[one.value]) + (f"?case={_uuid(case)}" if case else ""),
            "label": words,
            "words": type_words(one),
        }
        for one, words in TYPES.items()
    ]
    return render(request, "assessment/bank/choose.html", head(request, _("New question"), types=types, **up_to_bank()))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def write(request: HttpRequest, type: str) -> HttpResponse:  # noqa: A002 - the word of the address
    """The editor of a new question."""
    acting = acting_of(request)
    require_writer(acting)
    if type not in list(QuestionType):
        raise Http404
    kind = QuestionType(type)
    case = request.GET.get("case", "")
    stimulus = _stimulus(acting, case) if case else None
    address = reverse("bank:write", args=[type]) + (f"?case={_uuid(case)}" if case else "")
    words: dict[str, Any] = {
        "address": address,
        "back_url": reverse("bank:new"),
        "title": TYPES[kind],
        "case": bool(stimulus),
    }
    if request.method != "POST":
        form = QuestionForm(type=kind)
        if stimulus is not None:
            form.initial = {**form.initial, "stimulus": stimulus.text, "stimulus_uid": stimulus.uid}
        return _editor(request, form, uid=new_uuid(), **words)
    uid = _uuid(request.POST.get("uid", ""))
    return _save(request, QuestionForm(request.POST, request.FILES, type=kind, more=_more(request)), uid, None, **words)


def _stimulus(acting: Acting, case: str) -> Stimulus | None:
    page = question_page(acting, _uuid(case), now=clock.now())
    return page.versions[0].document.stimulus


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The editor of a question that is there. It shows the key, so opening it is a look: of somebody else's question with a
    reason."""
    acting, now = acting_of(request), clock.now()
    require_writer(acting)
    page = question_page(acting, uuid, now=now)
    newest = page.versions[0]
    back = reverse("bank:question", args=[uuid])
    if not page.rights.write:
        messages.warning(request, _("As the question stands now, it cannot be edited. Withdraw it from review first."))
        return redirect(back)
    words: dict[str, Any] = {
        "address": reverse("bank:edit", args=[uuid]),
        "back_url": back,
        "title": pgettext("question", "Edit question %(number)s") % {"number": page.row.serial},
        "case": newest.document.stimulus is not None,
        "shared": _sharing(acting, page),
        **up(back, title_of(page)),
    }
    if request.method == "POST" and "save" in request.POST:
        form = QuestionForm(
            request.POST, request.FILES, type=newest.document.type, known=newest.document, more=_more(request)
        )
        return _save(request, form, uuid, _uuid(request.POST.get("base", "")), **words)
    reason = ReasonForm(request.POST) if request.method == "POST" else ReasonForm()
    if newest.author is not None and newest.author == acting.user:
        why = _("Editing her own question")
    elif reason.is_valid():
        why = reason.cleaned_data["reason"]
    else:
        context: dict[str, Any] = {
            "form": reason,
            "faults": faults_of(reason) if reason.is_bound else [],
            **up(back, title_of(page)),
        }
        status = 422 if reason.is_bound else 200
        return render(
            request, "assessment/bank/look.html", head(request, str(words["title"]), **context), status=status
        )
    document = _opened(acting, page.row.uuid, newest, why, now)
    return _editor(request, QuestionForm(type=document.type, document=document), uid=uuid, base=newest.uuid, **words)


def _sharing(acting: Acting, page: QuestionPage) -> str:
    """Numbers of the other questions with this material: each keeps its own text of it."""
    stimulus = page.versions[0].document.stimulus
    rows = questions_of_stimulus(acting, stimulus.uid) if stimulus else ()
    return ", ".join(str(row.serial) for row in rows if row.uuid != page.row.uuid)


def _opened(acting: Acting, uuid: UUID, newest: VersionData, reason: str, now: Any) -> QuestionDocument:
    seen = reveal_key(by=acting, question=uuid, version=newest.uuid, reason=reason, now=now)
    return replace(newest.document, key=seen.key, explanation=seen.explanation, media=seen.media)


def _more(request: HttpRequest) -> int:
    return 1 if "more" in request.POST else 0


def _save(request: HttpRequest, form: QuestionForm, uid: UUID, base: UUID | None, **words: Any) -> HttpResponse:
    acting, now = acting_of(request), clock.now()
    valid = form.is_valid()
    form.kept = _with_new_files(form, acting, now)
    if "more" in request.POST:
        # Only another row was asked for: nothing is judged yet.
        return _editor(request, form.unjudged(), uid=uid, base=base, **words)
    if valid and not form.errors:
        try:
            made = write_question(
                by=acting, document=form.placed(uid), base=base, note=form.cleaned_data["note"], now=now
            )
        except BankRefusal as refusal:
            form.refuse(refusal.field, refusal.message)
        else:
            return _saved(request, acting, uid, made, now)
    return _editor(request, form, uid=uid, base=base, status=422, **words)


def _with_new_files(form: QuestionForm, acting: Acting, now: Any) -> tuple[Media, ...]:
    """Files are kept at once, also those of a form that is refused: nobody has to choose them twice."""
    files: list[UploadedFile[Any]] = form.cleaned_data.get("files") or []
    made: list[Media] = []
    for file in files:
        name = _NOT_IN_NAMES.sub("-", file.name or "file").strip(".-")[-100:] or "file"
        try:
            made.append(store_file(by=acting, data=file.read(), name=name, now=now))
        except BankRefusal as refusal:
            form.refuse("files", refusal.message)
    return with_media(form.kept, made)


def _saved(request: HttpRequest, acting: Acting, uid: UUID, made: VersionData, now: Any) -> HttpResponse:
    if request.POST.get("do") == "submit":
        try:
            submit_for_review(by=acting, question=uid, version=made.uuid, now=now)
        except BankRefusal as refusal:
            words = _("Saved as version %(number)d, but not sent: %(why)s")
            messages.warning(request, words % {"number": made.number, "why": refusal.message})
        else:
            messages.success(request, _("Saved and sent for review."))
    else:
        messages.success(request, _("Saved as version %(number)d, a draft.") % {"number": made.number})
    if made.document.stimulus is not None:
        others = differing_stimulus(acting, uid, made.document.stimulus)
        if others:
            words = _(
                "Other questions show an earlier or other text of this shared material: %(numbers)s. Change them, too."
            )
            messages.warning(request, words % {"numbers": ", ".join(map(str, others))})
    return redirect("bank:question", uid)


def _editor(
    request: HttpRequest,
    form: QuestionForm,
    *,
    uid: UUID,
    address: str,
    title: str,
    base: UUID | None = None,
    status: int = 200,
    **words: Any,
) -> HttpResponse:
    form.action = address
    form.drive(reverse("bank:alike"))
    context = {"form": form, "uid": uid, "base": base, **words}
    return render(request, _TEMPLATE, head(request, str(title), **context), status=status)


def _uuid(given: str) -> UUID:
    try:
        return UUID(given)
    except ValueError:
        raise Http404 from None


@never_cache
@require_POST
def alike(request: HttpRequest) -> HttpResponse:
    """What is like the text so far, for htmx. Posted, so that no address and no log holds it; the key is not sent."""
    acting = acting_of(request)
    require_writer(acting)
    stem = request.POST.get("stem", "").replace("\0", "")
    if len(stem.strip()) < 6:
        return HttpResponse("")
    options = [text for index in range(12) if (text := request.POST.get(f"opt-{index}", "").strip())]
    given = request.POST.get("uid", "")
    try:
        own: UUID | None = UUID(given)
    except ValueError:
        own = None
    found = lookalikes(acting, stem, options, without=own)
    return render(request, "assessment/bank/_alike.html", {"alike": [alike_words(one) for one in found]})


def alike_words(one: LookAlike) -> dict[str, Any]:
    """A look-alike with its words and where it is read."""
    return {
        "stem": one.stem,
        "serial": one.serial,
        "where": one.where,
        "percent": round(one.score * 100),
        "state": STATES[one.state] if one.state else "",
        "url": reverse("bank:question", args=[one.question]) if one.question else "",
    }
