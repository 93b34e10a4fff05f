"""Sittings at the desk of the offices: asked for, approved, watched, printed. The candidate's own pages are in `views`."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from assessment.delivery import services
from assessment.delivery.forms import (
    ApplicationRulingForm,
    ArrangementForm,
    ArrangementRulingForm,
    InvigilatorForm,
    LateForm,
    MinutesForm,
    ReasonForm,
    RegisterForm,
    RepeatForm,
    RulingForm,
    SittingForm,
    StepForm,
    usual_hours,
)
from assessment.delivery.models import Sitting
from assessment.delivery.pages.board import (
    AttemptPart,
    CandidatePage,
    board_page,
    candidate_page,
    conducted_for,
    entry_at,
)
from assessment.delivery.pages.printed import door_list, minutes, seat_plan, tickets
from assessment.delivery.pages.sittings import (
    PRINTS,
    as_asked,
    candidate_choices,
    choices_of,
    entry_choices,
    invigilator_choices,
    new_sitting,
    printable,
    sitting_page,
    sittings_page,
)
from assessment.delivery.printing import render as as_pdf
from assessment.delivery.selectors import sitting_for
from assessment.delivery.types import DeliveryRefused, SittingState
from lms.accounts.api import ActingRequest, NotAllowed
from lms.core import clock
from lms.core.states import IllegalMove
from media_pipeline.api import page_asked

_REFUSALS = (DeliveryRefused, IllegalMove)
Run = Callable[[ActingRequest, UUID, Any], str]


def _page(request: ActingRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """422 where a form was refused."""
    form = context.get("form")
    return render(request, template, context, status=422 if form is not None and form.errors else 200)


def _taken(request: ActingRequest, subject: UUID, form: StepForm, run: Run) -> bool:
    """Whether the step was taken; a refusal stands in the form then."""
    if not form.is_valid():
        return False
    try:
        said = run(request, subject, form)
    except _REFUSALS as refused:
        form.refuse(refused)
        return False
    messages.success(request, said)
    return True


# ---- the list, asking for one ----


@login_required
@never_cache
@require_GET
def sittings(request: ActingRequest) -> HttpResponse:
    """The sittings she reaches, or watches."""
    page = sittings_page(request.acting, page=page_asked(request), now=clock.now())
    return render(request, "assessment/sittings/list.html", {"page": page})


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def new(request: ActingRequest) -> HttpResponse:
    """An institution asks for its class, an evaluation body for an accreditation."""
    offered = new_sitting(request.acting)
    form = SittingForm(request.POST or None, offered=offered, initial=usual_hours(clock.now()))
    organisation = request.acting.organisation
    if request.method == "POST" and form.is_valid() and organisation is not None:
        try:
            row = services.draft_sitting(
                by=request.acting, organisation=organisation, asked=form.asked(), now=clock.now()
            )
        except DeliveryRefused as refused:
            form.refuse(refused)
        else:
            messages.success(request, _("Written down. Look at it once more, then send it for approval."))
            return redirect("assessment:sitting", row.uuid)
    return _page(request, "assessment/sittings/new.html", {"form": form, "offered": offered})


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def edit(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """Change a draft, also one that was returned."""
    row = sitting_for(request.acting, uuid, "update")
    offered = choices_of(row)
    form = SittingForm(request.POST or None, offered=offered, initial=as_asked(row, offered))
    if request.method == "POST" and form.is_valid():
        try:
            services.change_sitting(by=request.acting, sitting=uuid, asked=form.asked(), now=clock.now())
        except DeliveryRefused as refused:
            form.refuse(refused)
        else:
            messages.success(request, _("Changed. Look at it once more, then send it for approval."))
            return redirect("assessment:sitting", uuid)
    return _page(request, "assessment/sittings/new.html", {"form": form, "offered": offered, "row_title": row.title})


# ---- one sitting ----


@login_required
@never_cache
@require_GET
def sitting(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """One sitting, its roster, the step that is hers."""
    return _sitting(request, uuid, "", None)


def _sitting(
    request: ActingRequest, uuid: UUID, tried: str, form: StepForm | None, application: UUID | None = None
) -> HttpResponse:
    page = sitting_page(request.acting, uuid, now=clock.now())
    row = sitting_for(request.acting, uuid)
    forms = {name: _sitting_form(name, row, None) for name in page.actions if name in _SITTING_FORMS}
    if form is not None:
        forms[tried] = form
    ruled = [
        (one, form if one.uuid == application else ApplicationRulingForm(auto_id=_application_id(one.uuid)))
        for one in page.applications
    ]
    shown = {"page": page, "forms": forms, "form": form, "applications": ruled}
    return _page(request, "assessment/sittings/sitting.html", shown)


def _application_id(application: UUID) -> str:
    return f"application-{application.hex[:8]}-%s"


@login_required
@never_cache
@require_POST
def application_step(request: ActingRequest, uuid: UUID, application: UUID) -> HttpResponse:
    """Decide on somebody of no class who applied."""
    row = sitting_for(request.acting, uuid, "update")
    if not row.applications.filter(uuid=application).exists():
        raise Http404
    form = ApplicationRulingForm(request.POST, auto_id=_application_id(application))
    if _taken(request, application, form, _rule_application):
        return redirect("assessment:sitting", uuid)
    return _sitting(request, uuid, "application", form, application)


def _rule_application(request: ActingRequest, application: UUID, form: ApplicationRulingForm) -> str:
    services.rule_on_application(by=request.acting, application=application, now=clock.now(), **form.cleaned_data)
    return _("Decided. The applicant reads the reason.")


def _sitting_form(name: str, row: Sitting, data: Any) -> StepForm:
    make = _SITTING_FORMS.get(name)
    return make(row, data, f"{name}-%s") if make else StepForm(data, auto_id=f"{name}-%s")


_SITTING_FORMS: Mapping[str, Callable[[Sitting, Any, str], StepForm]] = {
    "return": lambda _row, data, ids: ReasonForm(data, auto_id=ids),
    "void": lambda _row, data, ids: ReasonForm(data, auto_id=ids),
    "invigilator": lambda row, data, ids: InvigilatorForm(
        data, auto_id=ids, choices=invigilator_choices(row, now=clock.now())
    ),
    "register": lambda row, data, ids: RegisterForm(data, auto_id=ids, choices=candidate_choices(row)),
    "arrange": lambda row, data, ids: ArrangementForm(data, auto_id=ids, choices=entry_choices(row)),
    "late": lambda row, data, ids: LateForm(data, auto_id=ids, choices=candidate_choices(row)),
}


@login_required
@never_cache
@require_POST
def step(request: ActingRequest, uuid: UUID, step: str) -> HttpResponse:
    """Take one step with a sitting."""
    row = sitting_for(request.acting, uuid)
    run = _SITTING_STEPS.get(step)
    if run is None:
        raise Http404
    form = _sitting_form(step, row, request.POST)
    if _taken(request, uuid, form, run):
        return redirect("assessment:sitting", uuid)
    return _sitting(request, uuid, step, form)


def _request(request: ActingRequest, uuid: UUID, _form: StepForm) -> str:
    services.request_sitting(by=request.acting, sitting=uuid, now=clock.now())
    return _("Sent. Those who approve decide next.")


def _approve(request: ActingRequest, uuid: UUID, _form: StepForm) -> str:
    services.approve_sitting(by=request.acting, sitting=uuid, now=clock.now())
    if sitting_for(request.acting, uuid).state == SittingState.REQUESTED:
        return _("Your approval is written down. Others decide next.")
    return _("Approved. The roster is fixed by itself at its hour.")


def _return(request: ActingRequest, uuid: UUID, form: ReasonForm) -> str:
    services.return_sitting(by=request.acting, sitting=uuid, reason=form.cleaned_data["reason"], now=clock.now())
    return _("Returned. Who asked for it reads the reason.")


def _invigilator(request: ActingRequest, uuid: UUID, form: InvigilatorForm) -> str:
    services.assign_invigilator(by=request.acting, sitting=uuid, user=form.cleaned_data["user"], now=clock.now())
    return _("Assigned. The sitting is on the invigilator's list now.")


def _register(request: ActingRequest, uuid: UUID, form: RegisterForm) -> str:
    chosen = form.cleaned_data["candidacies"]
    for held in chosen:
        services.register_candidacy(by=request.acting, sitting=uuid, held=held, now=clock.now())
    return _("Put down: %(count)d. Whether they may sit is judged when the roster is fixed.") % {"count": len(chosen)}


def _fix(request: ActingRequest, uuid: UUID, _form: StepForm) -> str:
    services.freeze_roster(by=request.acting, sitting=uuid, now=clock.now())
    return _("The roster is fixed, with seats and forms.")


def _open(request: ActingRequest, uuid: UUID, _form: StepForm) -> str:
    services.open_sitting(by=request.acting, sitting=uuid, now=clock.now())
    return _("Open. Candidates may come into the waiting room.")


def _late(request: ActingRequest, uuid: UUID, form: LateForm) -> str:
    entry = services.add_late(
        by=request.acting,
        sitting=uuid,
        held=form.cleaned_data["candidacy"],
        reason=form.cleaned_data["reason"],
        now=clock.now(),
    )
    return _("Added, seat %(seat)d, form %(form)s.") % {"seat": entry.seat or 0, "form": entry.form}


def _arrange(request: ActingRequest, _uuid: UUID, form: ArrangementForm) -> str:
    services.ask_arrangement(by=request.acting, now=clock.now(), **form.cleaned_data)
    return _("Asked for. The chief examiner decides next.")


def _close(request: ActingRequest, uuid: UUID, _form: StepForm) -> str:
    services.close_sitting(by=request.acting, sitting=uuid, now=clock.now())
    return _("Closed. The answers that arrived in time are complete.")


def _void(request: ActingRequest, uuid: UUID, form: ReasonForm) -> str:
    services.void_sitting(by=request.acting, sitting=uuid, reason=form.cleaned_data["reason"], now=clock.now())
    return _("The whole sitting is void. Its answers are kept.")


_SITTING_STEPS: Mapping[str, Run] = {
    "request": _request,
    "approve": _approve,
    "return": _return,
    "invigilator": _invigilator,
    "register": _register,
    "fix": _fix,
    "open": _open,
    "late": _late,
    "arrange": _arrange,
    "close": _close,
    "void": _void,
}


# ---- the board ----


@login_required
@never_cache
@require_GET
def board(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """Who is where, at this moment and again every few seconds."""
    return _board(request, uuid, None)


def _board(request: ActingRequest, uuid: UUID, form: StepForm | None) -> HttpResponse:
    page = board_page(request.acting, uuid, now=clock.now())
    context = {"page": page, "form": form, "pause_form": form or ReasonForm(auto_id="pause-%s")}
    return _page(request, "assessment/sittings/board.html", context)


@login_required
@never_cache
@require_GET
def board_rows(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """The part that is asked for again."""
    page = board_page(request.acting, uuid, now=clock.now())
    return render(request, "assessment/sittings/_board.html", {"page": page})


@login_required
@never_cache
@require_POST
def everybody(request: ActingRequest, uuid: UUID, step: str) -> HttpResponse:
    """Pause or resume all who answer."""
    conducted_for(request.acting, uuid)
    run = {"pause": _pause_all, "resume": _resume_all}.get(step)
    if run is None:
        raise Http404
    form = (ReasonForm if step == "pause" else StepForm)(request.POST, auto_id=f"{step}-%s")
    if _taken(request, uuid, form, run):
        return redirect("assessment:sitting_board", uuid)
    if step == "resume":
        messages.error(request, " ".join(str(one) for one in form.non_field_errors()))
        return redirect("assessment:sitting_board", uuid)
    return _board(request, uuid, form)


def _pause_all(request: ActingRequest, uuid: UUID, form: ReasonForm) -> str:
    paused = services.pause_sitting(
        by=request.acting, sitting=uuid, reason=form.cleaned_data["reason"], now=clock.now()
    )
    return _("Paused: %(count)d. Their clocks stand still; what they write stays on their devices.") % {"count": paused}


def _resume_all(request: ActingRequest, uuid: UUID, _form: StepForm) -> str:
    resumed = services.resume_sitting(by=request.acting, sitting=uuid, now=clock.now())
    return _("Resumed: %(count)d. Everybody gets back the time of the pause.") % {"count": resumed}


# ---- one candidate ----


@login_required
@never_cache
@require_GET
def candidate(request: ActingRequest, uuid: UUID, entry: UUID) -> HttpResponse:
    """How one candidate sits, and what may be done about it."""
    return _candidate(request, uuid, entry, {}, None)


def _candidate(
    request: ActingRequest, uuid: UUID, entry: UUID, tried: Mapping[tuple[UUID, str], StepForm], form: StepForm | None
) -> HttpResponse:
    page = candidate_page(request.acting, uuid, entry)
    forms = {name: _entry_form(name, None) for name in page.actions}
    forms |= {name: held for (subject, name), held in tried.items() if subject == entry}
    rulings = [
        (one, tried.get((one.uuid, "rule")) or ArrangementRulingForm(auto_id=f"arrangement-{one.uuid.hex[:8]}-%s"))
        for one in page.arrangements
    ]
    attempts = [(one, _attempt_forms(one, tried)) for one in page.attempts]
    context = {"page": page, "forms": forms, "attempts": attempts, "form": form, "rulings": rulings}
    return _page(request, "assessment/sittings/candidate.html", context)


def _entry_form(name: str, data: Any) -> StepForm:
    if name == "arrange":
        return ArrangementForm(data, auto_id="arrange-%s")
    return (MinutesForm if name == "extra" else StepForm)(data, auto_id=f"{name}-%s")


def _attempt_forms(one: AttemptPart, tried: Mapping[tuple[UUID, str], StepForm]) -> dict[str, StepForm]:
    held = {name: _attempt_form(one, name, None) for name in one.actions}
    return held | {name: form for (subject, name), form in tried.items() if subject == one.uuid}


def _attempt_form(one: AttemptPart, name: str, data: Any) -> StepForm:
    ids = f"{name}-{one.uuid.hex[:8]}-%s"
    if name == "repeat":
        return RepeatForm(data, auto_id=ids, letters=one.forms)
    if name == "rule":
        said = _("Question %(position)d, %(standing)s, %(at)s")
        choices = tuple(
            (late.name, said % {"position": late.position, "standing": late.standing, "at": late.at})
            for late in one.open_late
        )
        return RulingForm(data, auto_id=ids, choices=choices)
    if name == "extend":
        return MinutesForm(data, auto_id=ids)
    return (ReasonForm if name in {"pause", "void"} else StepForm)(data, auto_id=ids)


@login_required
@never_cache
@require_POST
def candidate_step(request: ActingRequest, uuid: UUID, entry: UUID, step: str) -> HttpResponse:
    """Take one step with a place on the roster."""
    entry_at(request.acting, uuid, entry)
    steps: Mapping[str, Run] = {
        "identity": _identity,
        "extra": _extra,
        "arrange": _arrange_one,
        "paper": _begin_on_paper,
    }
    run = steps.get(step)
    if run is None:
        raise Http404
    form = _entry_form(step, request.POST)
    if _taken(request, entry, form, run):
        # A press on the board leads back to it.
        back = request.POST.get("back") == "board"
        return redirect("assessment:sitting_board", uuid) if back else redirect(*_to(uuid, entry))
    return _candidate(request, uuid, entry, {(entry, step): form}, form)


def _to(uuid: UUID, entry: UUID) -> tuple[str, UUID, UUID]:
    return "assessment:sitting_candidate", uuid, entry


def _identity(request: ActingRequest, entry: UUID, _form: StepForm) -> str:
    services.check_identity(by=request.acting, entry=entry, now=clock.now())
    return _("Identity checked.")


def _extra(request: ActingRequest, entry: UUID, form: MinutesForm) -> str:
    services.give_extra_time(by=request.acting, entry=entry, now=clock.now(), **form.cleaned_data)
    return _("Extra minutes in all: %(minutes)d.") % {"minutes": form.cleaned_data["minutes"]}


def _arrange_one(request: ActingRequest, entry: UUID, form: ArrangementForm) -> str:
    services.ask_arrangement(by=request.acting, entry=entry, now=clock.now(), **form.cleaned_data)
    return _("Asked for. The chief examiner decides next.")


def _begin_on_paper(request: ActingRequest, entry: UUID, _form: StepForm) -> str:
    services.begin_on_paper(by=request.acting, entry=entry, now=clock.now())
    return _("Her clock runs. Take the paper form in when she is done or the time is up.")


@login_required
@never_cache
@require_POST
def arrangement_step(request: ActingRequest, uuid: UUID, entry: UUID, arrangement: UUID) -> HttpResponse:
    """Decide on an arrangement that was asked for."""
    page = candidate_page(request.acting, uuid, entry)
    if arrangement not in {one.uuid for one in page.arrangements}:
        raise Http404
    form = ArrangementRulingForm(request.POST, auto_id=f"arrangement-{arrangement.hex[:8]}-%s")
    if _taken(request, arrangement, form, _rule_arrangement):
        return redirect(*_to(uuid, entry))
    return _candidate(request, uuid, entry, {(arrangement, "rule"): form}, form)


def _rule_arrangement(request: ActingRequest, arrangement: UUID, form: ArrangementRulingForm) -> str:
    services.rule_on_arrangement(by=request.acting, arrangement=arrangement, now=clock.now(), **form.cleaned_data)
    return _("Decided. It holds from now on.")


@login_required
@never_cache
@require_POST
def attempt_step(request: ActingRequest, uuid: UUID, entry: UUID, attempt: UUID, step: str) -> HttpResponse:
    """Take one step with an attempt."""
    page = candidate_page(request.acting, uuid, entry)
    part = _part(page, attempt)
    run = _ATTEMPT_STEPS.get(step)
    if run is None:
        raise Http404
    form = _attempt_form(part, step, request.POST)
    if _taken(request, attempt, form, run):
        return redirect(*_to(uuid, entry))
    return _candidate(request, uuid, entry, {(attempt, step): form}, form)


def _part(page: CandidatePage, attempt: UUID) -> AttemptPart:
    for part in page.attempts:
        if part.uuid == attempt:
            return part
    raise Http404


def _pause(request: ActingRequest, attempt: UUID, form: ReasonForm) -> str:
    services.pause_attempt(by=request.acting, attempt=attempt, reason=form.cleaned_data["reason"], now=clock.now())
    return _("Paused. The clock stands still.")


def _resume(request: ActingRequest, attempt: UUID, _form: StepForm) -> str:
    services.resume_attempt(by=request.acting, attempt=attempt, now=clock.now())
    return _("Resumed, with the time of the pause given back.")


def _extend(request: ActingRequest, attempt: UUID, form: MinutesForm) -> str:
    services.extend_attempt(by=request.acting, attempt=attempt, now=clock.now(), **form.cleaned_data)
    return _("More time: %(minutes)d minutes.") % {"minutes": form.cleaned_data["minutes"]}


def _void_one(request: ActingRequest, attempt: UUID, form: ReasonForm) -> str:
    services.void_attempt(by=request.acting, attempt=attempt, reason=form.cleaned_data["reason"], now=clock.now())
    return _("The attempt is void. Its answers are kept.")


def _repeat(request: ActingRequest, attempt: UUID, form: RepeatForm) -> str:
    services.repeat_attempt(by=request.acting, attempt=attempt, now=clock.now(), **form.cleaned_data)
    return _("A new attempt waits for the candidate, with form %(form)s.") % {"form": form.cleaned_data["form"]}


def _rule(request: ActingRequest, attempt: UUID, form: RulingForm) -> str:
    ruled = services.rule_on_late(
        by=request.acting,
        attempt=attempt,
        answers=form.named(),
        counts=form.cleaned_data["counts"],
        reason=form.cleaned_data["reason"],
        now=clock.now(),
    )
    return _("Decided: %(count)d answers.") % {"count": ruled}


def _collect(request: ActingRequest, attempt: UUID, _form: StepForm) -> str:
    services.collect_paper(by=request.acting, attempt=attempt, now=clock.now())
    return _("Taken in. Two people key it in now, one after the other.")


_ATTEMPT_STEPS: Mapping[str, Run] = {
    "collect": _collect,
    "pause": _pause,
    "resume": _resume,
    "extend": _extend,
    "void": _void_one,
    "repeat": _repeat,
    "rule": _rule,
}


# ---- on paper ----


@login_required
@never_cache
@require_GET
def printed(request: ActingRequest, uuid: UUID, what: str) -> HttpResponse:
    """Door list, seat plan, tickets or minutes on A4; who took them is recorded."""
    row = sitting_for(request.acting, uuid)
    if what not in PRINTS or row.frozen_at is None:
        raise Http404
    if what not in printable(request.acting, row):
        raise NotAllowed(_("Your role may not do this here."))
    now = clock.now()
    made = {"door": door_list, "seats": seat_plan, "tickets": tickets, "minutes": minutes}[what](row, now=now)
    services.note_print(by=request.acting, sitting=uuid, what=what, now=now)
    answer = HttpResponse(as_pdf(made), content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="sitting-{what}-{row.uuid.hex[:8]}.pdf"'
    answer["Cache-Control"] = "private, no-store"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
