"""One question: its page, the look at its answer, verdicts, comments, changes of state, versions, its files."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from wagtail.admin import messages

from assessment.bank.above import question_figures
from assessment.bank.comparing import compared, compared_texts
from assessment.bank.forms import CommentForm, ReasonForm, VerdictForm
from assessment.bank.presentation import STATES, TONES, TYPES, facts, key_lines, shown, shown_question
from assessment.bank.refusals import BankRefusal
from assessment.bank.rules import writes_questions
from assessment.bank.selectors.questions import file_for, next_waiting, question_page, questions_of_stimulus
from assessment.bank.services.keys import reveal_key
from assessment.bank.services.review import give_verdict, reinstate, retire, submit_for_review, suspend, withdraw
from assessment.bank.services.writing import comment, restore_version
from assessment.bank.types import (
    Pool,
    QuestionDocument,
    QuestionPage,
    QuestionState,
    RevealedKey,
    ReviewVerdict,
    VersionData,
)
from assessment.bank.views.frame import acting_of, faults_of, head, told, up, up_to_bank
from lms.accounts.api import Acting
from lms.core import clock
from media_pipeline.api import StoredFile, serve

_TEMPLATE = "assessment/bank/question.html"


def address_of(uuid: UUID) -> Callable[[str], str]:
    """From a file's SHA-256 to where it is served, behind the question's gate."""
    return lambda sha256: reverse("bank:file", args=[uuid, sha256])


def title_of(page: QuestionPage) -> str:
    """How people call it."""
    words = pgettext("question", "Question %(number)s · %(type)s")
    return words % {"number": page.row.serial, "type": TYPES[page.row.type]}


@never_cache
@require_safe
def question(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Its page, without the key."""
    return _page(request, question_page(acting_of(request), uuid, now=clock.now()))


@never_cache
@require_POST
def key(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The page with answer and explanation, once, to who may see them and says why."""
    acting, now = acting_of(request), clock.now()
    page = question_page(acting, uuid, now=now)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _page(request, page, key=form, faults=faults_of(form), status=422)
    try:
        seen = reveal_key(
            by=acting, question=uuid, version=page.versions[0].uuid, reason=form.cleaned_data["reason"], now=now
        )
    except BankRefusal as refusal:
        return _page(request, page, key=form, faults=told(refusal), status=422)
    return _page(request, question_page(acting, uuid, now=now), seen=seen)


@never_cache
@require_POST
def verdict(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Her word on the version she has read."""
    acting, now = acting_of(request), clock.now()
    page = question_page(acting, uuid, now=now)
    form = VerdictForm(request.POST)
    if not form.is_valid():
        return _page(request, page, verdict=form, faults=faults_of(form), status=422)
    try:
        after = give_verdict(
            by=acting,
            question=uuid,
            version=_uuid(request, "version"),
            verdict=ReviewVerdict(form.cleaned_data["verdict"]),
            words=form.cleaned_data["words"],
            now=now,
        )
    except BankRefusal as refusal:
        # Somebody may have been faster: the page as it stands now, her words kept.
        return _page(request, question_page(acting, uuid, now=now), verdict=form, faults=told(refusal), status=422)
    said = {
        QuestionState.APPROVED: _("Approved. Papers may draw it from now on."),
        QuestionState.RETURNED: _("Returned with your remarks."),
    }
    coming = next_waiting(acting, page.row.serial, now=now)
    here = [messages.button(reverse("bank:question", args=[coming]), _("Next question that waits"))] if coming else None
    messages.success(request, said.get(after, _("Your verdict is recorded. It takes one more expert.")), buttons=here)
    return redirect("bank:question", uuid)


@never_cache
@require_POST
def act(request: HttpRequest, uuid: UUID, what: str) -> HttpResponse:
    """A comment, sent for review, taken back, suspended, reinstated, retired."""
    acting, now = acting_of(request), clock.now()
    page = question_page(acting, uuid, now=now)
    form: Form | None = None
    if what == "comment":
        form = CommentForm(request.POST)
    elif what in ("suspend", "reinstate", "retire"):
        form = ReasonForm(request.POST, prefix=what)
    elif what not in ("submit", "withdraw"):
        raise Http404
    kept: dict[str, Any] = {what: form} if form is not None else {}
    if form is not None and not form.is_valid():
        return _page(request, page, faults=faults_of(form), status=422, **kept)
    data = form.cleaned_data if form else {"version": _uuid(request, "version")} if what == "submit" else {}
    try:
        done = _do(acting, page, what, data, now)
    except BankRefusal as refusal:
        return _page(request, question_page(acting, uuid, now=now), faults=told(refusal), status=422, **kept)
    messages.success(request, done)
    return redirect("bank:question", uuid)


def _do(acting: Acting, page: QuestionPage, what: str, data: dict[str, Any], now: Any) -> str:
    uuid = page.row.uuid
    if what == "comment":
        comment(by=acting, question=uuid, words=data["words"], now=now)
        return _("Your comment stands beside the question.")
    if what == "submit":
        # The version she had before her: what somebody has written since is not sent unread.
        submit_for_review(by=acting, question=uuid, version=data["version"], now=now)
        return _("Sent for review.")
    if what == "withdraw":
        withdraw(by=acting, question=uuid, now=now)
        return _("It is a draft again.")
    act_on = {"suspend": suspend, "reinstate": reinstate, "retire": retire}[what]
    act_on(by=acting, question=uuid, reason=data["reason"], now=now)
    return {
        "suspend": _("Suspended: papers do not draw it from now on."),
        "reinstate": _("Papers may draw it again."),
        "retire": _("Retired for good."),
    }[what]


def _uuid(request: HttpRequest, name: str) -> UUID:
    try:
        return UUID(request.POST.get(name, ""))
    except ValueError:
        raise Http404 from None


def _page(
    request: HttpRequest,
    page: QuestionPage,
    *,
    seen: RevealedKey | None = None,
    faults: list[tuple[str, str, str]] | None = None,
    status: int = 200,
    **sent: Form,
) -> HttpResponse:
    acting = acting_of(request)
    newest = page.versions[0]
    document = newest.document
    address = address_of(page.row.uuid)
    stimulus = document.stimulus
    case = questions_of_stimulus(acting, stimulus.uid) if stimulus else ()
    context: dict[str, Any] = {
        "page": page,
        "newest": newest,
        "q": shown_question(document, address),
        "facts": facts(document.place, marks=f"{document.marks:f}" if document.marks is not None else ""),
        "state": STATES[page.row.state],
        "tone": TONES[page.row.state],
        "practice": page.row.pool is Pool.PRACTICE,
        "figures": question_figures(acting, page.row.uuid),
        "reviewed": page.row.state is QuestionState.IN_REVIEW,
        "rights_comment": writes_questions(acting),
        "case": [row for row in case if row.uuid != page.row.uuid],
        "case_url": f"{reverse('bank:new')}?case={page.row.uuid}" if stimulus and page.rights.write else "",
        "forms": {
            "key": sent.get("key") or ReasonForm(auto_id="id_key_%s", initial=_usual_reason(page)),
            "verdict": sent.get("verdict") or VerdictForm(auto_id="id_verdict_%s"),
            "comment": sent.get("comment") or CommentForm(auto_id="id_comment_%s"),
        },
        "reasoned": _reasoned(page, sent),
        "key": _key(document, seen, address) if seen else None,
        "verdicts": [
            {
                "data": one,
                "label": pgettext("verdict", "Approved")
                if one.verdict is ReviewVerdict.APPROVE
                else pgettext("verdict", "Returned"),
                "tone": "ok" if one.verdict is ReviewVerdict.APPROVE else "bad",
            }
            for one in page.verdicts
        ],
        "moves": [{"data": one, "before": STATES[one.before], "after": STATES[one.after]} for one in page.moves],
        "faults": faults or [],
        **up_to_bank(),
    }
    return render(request, _TEMPLATE, head(request, title_of(page), **context), status=status)


def _usual_reason(page: QuestionPage) -> dict[str, str]:
    return {"reason": _("Reviewing the question")} if page.rights.judge else {}


def _key(document: QuestionDocument, seen: RevealedKey, address: Callable[[str], str]) -> dict[str, Any]:
    document = replace(document, media=seen.media)  # the explanation may show files that nothing else does
    return {
        "lines": [shown(document, line, address) for line in key_lines(document, seen.key)],
        "explanation": shown(document, seen.explanation, address),
    }


def _reasoned(page: QuestionPage, sent: dict[str, Form]) -> list[dict[str, Any]]:
    """The steps that ask why, as she may take them now."""
    rights = page.rights
    kinds = [
        (
            rights.suspend,
            "suspend",
            _("Suspend: papers stop drawing it"),
            _("After a complaint, bad figures or a new law. It can be reinstated."),
            pgettext("question", "Suspend"),
        ),
        (
            rights.reinstate,
            "reinstate",
            _("Reinstate: papers may draw it again"),
            _("The version that was approved comes back into use."),
            pgettext("question", "Reinstate"),
        ),
        (
            rights.retire,
            "retire",
            _("Retire it for good"),
            _("This cannot be taken back. Its versions and verdicts are kept."),
            pgettext("question", "Retire"),
        ),
    ]
    return [
        {
            "url": reverse("bank:act", args=[page.row.uuid, name]),
            "opener": opener,
            "words": words,
            "button": button,
            "form": sent.get(name) or ReasonForm(prefix=name),
            "open": name in sent,
        }
        for may, name, opener, words, button in kinds
        if may
    ]


# Versions ------------------------------------------------------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def versions(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Two versions side by side; a POST with a reason shows their answers, too, which is a look at each."""
    acting, now = acting_of(request), clock.now()
    page = question_page(acting, uuid, now=now)
    before, after = _two(request, page)
    form, keys, status, faults = ReasonForm(auto_id="id_key_%s"), None, 200, None
    if request.method == "POST":
        form = ReasonForm(request.POST, auto_id="id_key_%s")
        if form.is_valid():
            reason = form.cleaned_data["reason"]
            keys = [
                reveal_key(by=acting, question=uuid, version=one.uuid, reason=reason, now=now)
                for one in (before, after)
            ]
        else:
            faults, status = faults_of(form), 422
    return _versions(request, page, before, after, form=form, keys=keys, faults=faults, status=status)


def _two(request: HttpRequest, page: QuestionPage) -> tuple[VersionData, VersionData]:
    by_number = {str(one.number): one for one in page.versions}
    after = by_number.get(request.GET.get("b", "")) or page.versions[0]
    older = next((one for one in page.versions if one.number == page.approved and one.number < after.number), None)
    older = older or next((one for one in page.versions if one.number < after.number), after)
    return by_number.get(request.GET.get("a", "")) or older, after


def _versions(
    request: HttpRequest,
    page: QuestionPage,
    before: VersionData,
    after: VersionData,
    *,
    form: ReasonForm | None = None,
    keys: list[RevealedKey] | None = None,
    faults: list[tuple[str, str, str]] | None = None,
    status: int = 200,
) -> HttpResponse:
    old, new = before.document, after.document
    words = {
        "stimulus": _("Shared material"),
        "stem": pgettext("question", "Stem"),
    }
    rows = [
        {
            "label": words.get(one.part) or pgettext("question", "Option %(letter)s") % {"letter": one.option},
            "compared": one,
        }
        for one in compared(old, new)
    ]
    sides = [facts(one.place, marks=f"{one.marks:f}" if one.marks is not None else "") for one in (old, new)]
    both = [(name, value, other) for (name, value), (_name, other) in zip(*sides, strict=True)]
    rows += [{"label": one.part, "compared": one} for one in compared_texts([one for one in both if one[1] != one[2]])]
    key_rows = None
    if keys:
        lines = ["\n".join(key_lines(one, key.key)) for one, key in zip((old, new), keys, strict=True)]
        texts = [
            (pgettext("question", "Answer"), lines[0], lines[1]),
            (pgettext("question", "Explanation"), keys[0].explanation, keys[1].explanation),
        ]
        key_rows = [{"label": one.part, "compared": one} for one in compared_texts(texts)]
        key_rows += _secret_files(page.row.uuid, (old, new), keys)
    context: dict[str, Any] = {
        "page": page,
        "newest": page.versions[0],
        "before": before,
        "after": after,
        "rows": rows,
        "key_rows": key_rows,
        "forms": {"key": form or ReasonForm(auto_id="id_key_%s")},
        "key_open": bool(form and form.errors),
        "key_url": f"{reverse('bank:versions', args=[page.row.uuid])}?a={before.number}&b={after.number}",
        "words": {
            "opener": _("Compare answer and explanation as well"),
            "key": _("Your look at both answers is recorded."),
            "show": _("Show both answers"),
        },
        "faults": faults or [],
        **up(reverse("bank:question", args=[page.row.uuid]), title_of(page)),
    }
    title = pgettext("question", "Versions of question %(number)s") % {"number": page.row.serial}
    return render(request, "assessment/bank/versions.html", head(request, title, **context), status=status)


def _secret_files(
    uuid: UUID, documents: tuple[QuestionDocument, QuestionDocument], keys: list[RevealedKey]
) -> list[dict[str, Any]]:
    """A row with the files that only the answers show: two pictures of one name may differ where no word does."""
    sides = []
    for document, seen in zip(documents, keys, strict=True):
        secret = [media for media in seen.media if media not in document.media]
        text = "\n".join(f"![{media.name}]({media.name})" for media in secret)
        sides.append(shown(replace(document, media=seen.media), text, address_of(uuid)))
    return [{"label": pgettext("question", "Files"), "files": sides}] if any(sides) else []


@never_cache
@require_POST
def restore(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """An old version's words as a new version."""
    acting, now = acting_of(request), clock.now()
    number = request.POST.get("number", "")
    if not (number.isascii() and number.isdigit() and len(number) < 7):
        raise Http404
    try:
        made = restore_version(by=acting, question=uuid, number=int(number), base=_uuid(request, "base"), now=now)
    except BankRefusal as refusal:
        page = question_page(acting, uuid, now=now)
        return _versions(request, page, *_two(request, page), faults=told(refusal), status=422)
    words = _("Version %(old)s is back as version %(new)d. Send it for review when it is right.")
    messages.success(request, words % {"old": number, "new": made.number})
    return redirect("bank:question", uuid)


# Files ---------------------------------------------------------------------------------------------------------------


@require_safe
def file(request: HttpRequest, uuid: UUID, sha256: str) -> HttpResponseBase:
    """A picture, sound or film of the question."""
    held = file_for(acting_of(request), uuid, sha256)
    suffix = held.storage_key.rpartition(".")[2]
    return serve(request, StoredFile(held.storage_key, held.size, held.sha256, held.mime), name=f"question.{suffix}")
