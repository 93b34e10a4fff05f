"""Planning a class and its moves; the list and the page itself, with their people, are the room of enrolment's."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from courses.catalogue.coverage import coverage_tables
from courses.catalogue.coverage_views import asked_in, workbook
from courses.catalogue.rules import reads_lessons
from courses.classes import coverage
from courses.classes.forms import AdoptForm, ClassForm, InstructorForm, ReasonForm
from courses.classes.selectors import addable_instructors, class_curriculum, class_for, teaching_place
from courses.classes.services import add_instructor, adopt_manifest, move_class, plan_class
from courses.classes.taught import taught_curriculum
from courses.classes.types import ClassRefused, ClassState
from lms.accounts.api import ActingRequest
from lms.core import clock
from lms.core.states import IllegalMove
from lms.policies.api import NoProfile, profile, profiles


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def class_plan(request: ActingRequest) -> HttpResponse:
    """First the policy (`?policy=`), then what that policy asks about."""
    if teaching_place(request.acting) is None:
        raise PermissionDenied
    asked = request.GET.get("policy", "")
    if not asked:
        today = clock.today()
        return render(request, "courses/class_policy.html", {"policies": profiles(on=today), "today": today})
    try:
        rules = profile(UUID(asked))
    except (ValueError, NoProfile):
        raise Http404 from None
    form = ClassForm(
        request.POST if request.method == "POST" else None,
        rules=rules,
        initial={"hour_minutes": rules.parameters.class_hour_minutes},
    )
    if request.method == "POST" and form.is_valid():
        try:
            made = plan_class(by=request.acting, policy=rules.uuid, plan=form.plan(), now=clock.now())
        except ClassRefused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("The class is planned. File its opening when all is ready."))
            return redirect("courses:class", made.uuid)
    context = {"form": form, "policy_title": rules.title, "institution": request.acting.organisation_name}
    return render(request, "courses/class_plan.html", context, status=422 if form.errors else 200)


@login_required
@never_cache
@require_POST
def class_move(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """One of the moves the page offers; what the policy refuses is explained there."""
    row = class_for(request.acting, uuid)
    form = ReasonForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    try:
        to = ClassState(request.POST.get("to", ""))
        before = ClassState(row.state)
        moved = move_class(by=request.acting, training_class=row, to=to, reason=reason, now=clock.now())
    except ValueError:
        raise Http404 from None
    except IllegalMove:
        messages.warning(request, _("This was changed meanwhile. Please look at it again."))
    except ClassRefused as refusal:
        messages.warning(request, refusal.message)
    else:
        if moved.state == before:
            messages.warning(request, _("The policy does not allow it yet. The reasons are on this page."))
        else:
            messages.success(request, _done(to))
    return redirect("courses:class", uuid)


@login_required
@never_cache
@require_safe
def class_coverage(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """What of its policy the curriculum of the class meets."""
    if not reads_lessons(request):
        raise PermissionDenied
    row = class_for(request.acting, uuid)
    return render(request, "courses/class_coverage.html", {"page": coverage.class_coverage(row, asked_in(request))})


@login_required
@never_cache
@require_safe
def class_coverage_file(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """The same as Excel."""
    if not reads_lessons(request):
        raise PermissionDenied
    row = class_for(request.acting, uuid)
    facts = asked_in(request).on(class_curriculum(row))
    return workbook(request, coverage_tables(facts, [profile(row.profile)]), f"coverage-{row.uuid}.xlsx")


def _done(to: ClassState) -> str:
    return {
        ClassState.FILED: pgettext("class", "Filed. The bureau will decide on the opening."),
        ClassState.OPEN: pgettext("class", "The opening is approved. Trainees may enrol now."),
        ClassState.PLANNED: pgettext("class", "Returned to the institution."),
        ClassState.FINISHED: pgettext("class", "The training has ended."),
        ClassState.ASSESSMENT: pgettext("class", "The assessment has begun."),
        ClassState.CLOSED: pgettext("class", "The class is closed."),
        ClassState.CANCELLED: pgettext("class", "The class is cancelled. Everybody enrolled is told."),
    }[to]


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def instructor_add(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """Choose an instructor of the institution."""
    row = class_for(request.acting, uuid)
    if teaching_place(request.acting) is None:
        raise PermissionDenied
    people = addable_instructors(row, on=clock.today())
    form = InstructorForm(request.POST if request.method == "POST" else None, people=people)
    if request.method == "POST" and form.is_valid():
        try:
            add_instructor(
                by=request.acting,
                training_class=row,
                person=UUID(form.cleaned_data["instructor"]),
                now=clock.now(),
            )
        except ClassRefused as refusal:
            form.add_error("instructor", refusal.message)
        else:
            messages.success(request, _("Added. She will never judge the people of this class."))
            return redirect("courses:class", uuid)
    context = {"form": form, "name": row.name, "uuid": row.uuid, "nobody": not people}
    return render(request, "courses/instructor_add.html", context, status=422 if form.errors else 200)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def class_taught(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """What the class is taught from; POST takes what is live now, by decision."""
    row = class_for(request.acting, uuid)
    form = AdoptForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            adopt_manifest(by=request.acting, training_class=row, reason=form.cleaned_data["reason"], now=clock.now())
        except ClassRefused as refusal:
            form.add_error("reason", refusal.message)
        else:
            messages.success(request, _("The class is taught from the newest text now."))
            return redirect("courses:class_taught", uuid)
    context = {"form": form, "page": taught_curriculum(request.acting, row)}
    return render(request, "courses/class_taught.html", context, status=422 if form.errors else 200)
