"""Questions on their way out, with a reason that is kept."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from assessment.bank.exchange.formats import FORMATS, WRITTEN_FORMATS
from assessment.bank.forms import ExportForm
from assessment.bank.refusals import BankRefusal
from assessment.bank.rules import require_writer
from assessment.bank.selectors.questions import uids_of
from assessment.bank.services.exporting import take_out
from assessment.bank.types import Filters, Pool, QuestionState
from assessment.bank.views.frame import acting_of, faults_of, head, up_to_bank
from lms.core import clock
from lms.core.types import Level

_BARE = "-bare"  # a paper without its answers


def _choices() -> list[tuple[str, str]]:
    found = []
    for key in WRITTEN_FORMATS:
        label = _(FORMATS[key].label)
        if FORMATS[key].bears_keys:
            found.append((key, label))
        else:
            words = pgettext("export", "%(format)s with answers"), pgettext("export", "%(format)s without answers")
            found += [(key, words[0] % {"format": label}), (key + _BARE, words[1] % {"format": label})]
    return found


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def export(request: HttpRequest) -> HttpResponse:
    """What, how and why; then the file. A download is posted, so that no address leads to keys."""
    acting, now = acting_of(request), clock.now()
    require_writer(acting)
    formats = _choices()
    form = ExportForm(request.POST, formats=formats) if request.method == "POST" else ExportForm(formats=formats)
    if form.is_bound and form.is_valid():
        data = form.cleaned_data
        filters = Filters(
            level=Level(data["level"]),
            topic=data["topic"],
            state=QuestionState(data["state"]) if data["state"] else None,
            pool=Pool.EXAM,
        )
        uids = uids_of(acting, filters, now=now)
        if not uids:
            form.add_error(None, pgettext("export", "No question fits. Take a filter away."))
        else:
            try:
                made = take_out(
                    by=acting,
                    questions=uids,
                    format_=data["format"].removesuffix(_BARE),
                    with_keys=not data["format"].endswith(_BARE),
                    reason=data["reason"],
                    title=Level(data["level"]).label_zh,
                    now=now,
                )
            except BankRefusal as refusal:
                form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
            else:
                answer = HttpResponse(made.data, content_type=made.mime)
                answer["Content-Disposition"] = f'attachment; filename="{made.name}"'
                answer["X-Content-Type-Options"] = "nosniff"
                return answer
    context = {"form": form, "faults": faults_of(form) if form.is_bound else [], **up_to_bank()}
    return render(
        request,
        "assessment/bank/export.html",
        head(request, _("Take questions out"), "export", **context),
        status=422 if form.errors else 200,
    )
