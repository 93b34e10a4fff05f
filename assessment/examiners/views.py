"""The pool of examiners: their body adds, the bureau files."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from assessment.examiners import selectors
from assessment.examiners.forms import ExaminerForm
from assessment.examiners.services import add_examiner, move_examiner
from assessment.examiners.types import ExaminerGrade, ExaminerRefused, ExaminerState
from lms.accounts.api import ActingRequest
from lms.core import clock
from lms.core.states import IllegalMove
from lms.core.types import Level


@login_required
@never_cache
@require_GET
def examiners(request: ActingRequest) -> HttpResponse:
    """The pool as the acting person may see it."""
    return render(request, "assessment/examiners.html", {"page": selectors.pool_page(request.acting)})


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def examiner_add(request: ActingRequest) -> HttpResponse:
    """Put an examiner of the acting body into its pool."""
    if not selectors.adds_examiners(request.acting):
        raise PermissionDenied
    people = selectors.addable_users(request.acting, on=clock.today())
    form = ExaminerForm(request.POST if request.method == "POST" else None, people=people)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            add_examiner(
                by=request.acting,
                user=UUID(said["user"]),
                card_no=said["card_no"],
                grade=ExaminerGrade(said["grade"]),
                levels=[Level(number) for number in said["levels"]],
                valid_from=said["valid_from"],
                valid_to=said["valid_to"],
                now=clock.now(),
            )
        except ExaminerRefused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Added to the pool. Work is assigned once the bureau has filed it."))
            return redirect("assessment:examiners")
    context = {"form": form, "nobody": not people}
    return render(request, "assessment/examiner_add.html", context, status=422 if form.errors else 200)


@login_required
@never_cache
@require_POST
def examiner_move(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """File, suspend, restore or let go."""
    row = selectors.examiner_for(request.acting, uuid)
    try:
        to = ExaminerState(request.POST.get("to", ""))
    except ValueError:
        raise Http404 from None
    try:
        move_examiner(by=request.acting, examiner=row, to=to, now=clock.now())
    except IllegalMove:
        messages.warning(request, _("This was changed meanwhile. Please look at it again."))
    except ExaminerRefused as refusal:
        messages.warning(request, refusal.message)
    else:
        messages.success(request, _done(to))
    return redirect("assessment:examiners")


def _done(to: ExaminerState) -> str:
    return {
        ExaminerState.FILED: pgettext("examiner", "Filed. Work may be assigned from now on."),
        ExaminerState.SUSPENDED: pgettext("examiner", "Suspended. No work is assigned from now on."),
        ExaminerState.ENDED: pgettext("examiner", "Removed from the pool."),
    }[to]
