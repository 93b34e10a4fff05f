"""Blueprints and papers in Wagtail's frame: written, drawn, printed."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from wagtail.admin import messages

from assessment.bank.refusals import BankRefusal
from assessment.bank.views.frame import acting_of, faults_of, up
from assessment.papers.forms import BlueprintForm, DrawForm, ReasonForm
from assessment.papers.logic import BlueprintFault, faults, hash_of, read_blueprint
from assessment.papers.pages import DrawReport, Frame, blueprint_page, draw_report, list_page, paper_page
from assessment.papers.presentation import fault_words, shortfall_words
from assessment.papers.rules import require_writer
from assessment.papers.selectors import blueprint_for, drawable_blueprints, papers, questions_of
from assessment.papers.services import (
    contents_of,
    draw_papers,
    new_seed,
    print_paper,
    try_drawing,
    withdraw_paper,
    write_blueprint,
)
from assessment.papers.types import BlueprintData, Drawn, PaperRefusal, PaperState
from lms.accounts.api import Acting
from lms.core import clock
from lms.core.types import Level

_FRAME = Frame(desk=False)
_RECENT = 12


def _head(request: HttpRequest, title: str, **words: Any) -> dict[str, Any]:
    return {"header_title": title, "header_icon": "doc-full-inverse", **words}


def _up() -> dict[str, str]:
    return up(reverse("papers:list"), _("Blueprints and papers"))


@never_cache
@require_safe
def papers_list(request: HttpRequest) -> HttpResponse:
    """Blueprints and papers."""
    page = list_page(acting_of(request), _FRAME)
    levels = [(int(level), level.label_zh) for level in (Level.ELEMENTARY, Level.INTERMEDIATE, Level.ADVANCED)]
    context = {"page": page, "levels": levels}
    if page.writes:
        context |= {"action_url": reverse("papers:draw"), "action_text": _("Draw a paper")}
    return render(request, "assessment/papers/list.html", _head(request, _("Blueprints and papers"), **context))


# Blueprints --------------------------------------------------------------------------------------------------------------


@never_cache
@require_safe
def blueprint(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One version, and what the bank has for it now."""
    page = blueprint_page(acting_of(request), uuid, _FRAME)
    return render(request, "assessment/papers/blueprint.html", _head(request, page.title, page=page, **_up()))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, level: int) -> HttpResponse:
    """A blueprint of its own key."""
    require_writer(acting_of(request))
    if level not in {int(one) for one in (Level.ELEMENTARY, Level.INTERMEDIATE, Level.ADVANCED)}:
        raise Http404
    return _edit(request, Level(level), None)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The next version of one."""
    acting = acting_of(request)
    data = blueprint_for(acting, uuid)
    require_writer(acting)
    return _edit(request, data.level, data)


def _edit(request: HttpRequest, level: Level, data: BlueprintData | None) -> HttpResponse:
    edited = data.content if data else None
    if request.method != "POST":
        return _editor(request, BlueprintForm(level=level, blueprint=edited), data)
    form = BlueprintForm(request.POST, level=level, blueprint=edited, more=2 if "more" in request.POST else 0)
    if "more" in request.POST:
        return _editor(request, form, data, growing=True)
    if form.is_valid():
        made = _kept(acting_of(request), form, data)
        if made is not None:
            messages.success(
                request, _("Kept as version %(number)d. The HR bureau approves it.") % {"number": made.version}
            )
            return redirect("papers:blueprint", made.uuid)
    return _editor(request, form, data)


def _kept(acting: Acting, form: BlueprintForm, data: BlueprintData | None) -> BlueprintData | None:
    try:
        content = read_blueprint(form.content())
        found = faults(content, [line.partition(" ")[0] for line in form.topics_known])
        if found:
            raise BlueprintFault(found)
        return write_blueprint(by=acting, content=content, base=data.uuid if data else None, now=clock.now())
    except BlueprintFault as fault:
        for one in fault.faults:
            form.add_error(None, fault_words(one))
    except PaperRefusal as refusal:
        form.add_error(refusal.field or None, refusal.message)
    return None


def _editor(
    request: HttpRequest, form: BlueprintForm, data: BlueprintData | None, *, growing: bool = False
) -> HttpResponse:
    failed = form.is_bound and not growing and not form.is_valid()
    title = data.title if data else _("New blueprint, %(level)s") % {"level": form.level.label_zh}
    back = up(reverse("papers:blueprint", args=[data.uuid]), data.title) if data else _up()
    context = {"form": form, "faults": faults_of(form) if failed else [], "growing": growing, "data": data, **back}
    return render(
        request, "assessment/papers/edit.html", _head(request, title, **context), status=422 if failed else 200
    )


# Drawing -----------------------------------------------------------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def draw(request: HttpRequest) -> HttpResponse:
    """Choose, look at what a drawing gives, freeze it."""
    acting = acting_of(request)
    require_writer(acting)
    blueprints = {str(data.uuid): data for data in drawable_blueprints(acting)}
    choices = {
        "blueprints": [
            (uid, f"{data.title} · {data.level.label_zh} · v{data.version}") for uid, data in blueprints.items()
        ],
        "groups": _groups(acting),
    }
    if request.method != "POST":
        asked = {"blueprint": request.GET.get("blueprint", ""), "parallel": 1, "seed": new_seed()}
        return _drawing(request, DrawForm(initial=asked, **choices), None)
    form = DrawForm(request.POST, **choices)
    if not form.is_valid():
        return _drawing(request, form, None, status=422)
    said = form.cleaned_data
    chosen: dict[str, Any] = {
        "by": acting,
        "blueprint": UUID(said["blueprint"]),
        "seed": said["seed"],
        "forms": said["parallel"],
        "avoid": frozenset(uid for group in said.get("avoid", ()) for uid in questions_of(UUID(group))),
    }
    try:
        if request.POST.get("do") == "freeze":
            seen = request.POST.getlist("seen")
            made = draw_papers(**chosen, seen=seen, now=clock.now())
            words = _("Frozen: %(count)d forms. The HR bureau approves them before they are used.")
            messages.success(request, words % {"count": len(made)})
            return redirect("papers:paper", made[0].uuid)
        report = _report(blueprints[said["blueprint"]], chosen)
    except PaperRefusal as refusal:
        form.add_error(None, refusal.message)
        for one in refusal.shortfalls:
            form.add_error(None, shortfall_words(one))
        return _drawing(request, form, None, status=422)
    return _drawing(request, form, report)


def _report(data: BlueprintData, asked: dict[str, Any]) -> DrawReport:
    drawn = try_drawing(**asked)
    hashes = [hash_of(one) for one in contents_of(data, drawn).values()] if isinstance(drawn, Drawn) else []
    return draw_report(data, drawn, hashes)


def _groups(acting: Acting) -> list[tuple[str, str]]:
    """The newest drawings that were not withdrawn, for those who want none of their questions again."""
    found: dict[str, str] = {}
    for row, state in papers(acting):
        if state is not PaperState.WITHDRAWN and len(found) < _RECENT:
            found.setdefault(str(row.group), f"{row.content['title']} · {row.seed}")
    return list(found.items())


def _drawing(request: HttpRequest, form: DrawForm, report: DrawReport | None, *, status: int = 200) -> HttpResponse:
    context = {"form": form, "report": report, "faults": faults_of(form) if status == 422 else [], **_up()}
    return render(request, "assessment/papers/draw.html", _head(request, _("Draw a paper"), **context), status=status)


# Papers ------------------------------------------------------------------------------------------------------------------


@never_cache
@require_safe
def paper(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One form of a paper."""
    return _paper(request, uuid)


def _paper(
    request: HttpRequest, uuid: UUID, *, refused: Sequence[tuple[str, str, str]] = (), status: int = 200, **sent: Form
) -> HttpResponse:
    page = paper_page(acting_of(request), uuid, _FRAME)
    forms = {
        "print": sent.get("print") or ReasonForm(auto_id="id_print_%s"),
        "withdraw": sent.get("withdraw") or ReasonForm(auto_id="id_withdraw_%s"),
    }
    words = {
        "withdraw": _("Withdraw the paper: no sitting uses it"),
        "withdraw_words": _("This cannot be taken back. The paper itself is kept."),
        "withdraw_button": pgettext("paper", "Withdraw"),
    }
    context = {
        "page": page,
        "forms": forms,
        "words": words,
        "withdraw_open": "withdraw" in sent,
        "faults": refused,
        **_up(),
    }
    return render(request, "assessment/papers/paper.html", _head(request, page.title, **context), status=status)


@never_cache
@require_POST
def print_(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The PDF, with or without answers; posted, so that no address leads to it."""
    acting = acting_of(request)
    paper_page(acting, uuid, _FRAME)
    require_writer(acting)
    form = ReasonForm(request.POST, auto_id="id_print_%s")
    if not form.is_valid():
        return _paper(request, uuid, print=form, refused=faults_of(form), status=422)
    try:
        made = print_paper(
            by=acting,
            paper=uuid,
            keys=request.POST.get("keys") == "1",
            reason=form.cleaned_data["reason"],
            now=clock.now(),
        )
    except (PaperRefusal, BankRefusal) as refusal:
        return _paper(request, uuid, print=form, refused=[("", "", refusal.message)], status=422)
    answer = HttpResponse(made.data, content_type=made.mime)
    answer["Content-Disposition"] = f'attachment; filename="{made.name}"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


@never_cache
@require_POST
def withdraw(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """No sitting uses it any more."""
    acting = acting_of(request)
    paper_page(acting, uuid, _FRAME)
    require_writer(acting)
    form = ReasonForm(request.POST, auto_id="id_withdraw_%s")
    if not form.is_valid():
        return _paper(request, uuid, withdraw=form, refused=faults_of(form), status=422)
    try:
        withdraw_paper(by=acting, paper=uuid, reason=form.cleaned_data["reason"], now=clock.now())
    except PaperRefusal as refusal:
        return _paper(request, uuid, withdraw=form, refused=[("", "", refusal.message)], status=422)
    messages.success(request, _("Withdrawn. No sitting uses it."))
    return redirect("papers:paper", uuid)
