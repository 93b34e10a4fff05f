"""Old videos under a pack, in Wagtail's frame."""

from typing import Any, cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from wagtail.admin import messages

from lms.accounts.api import Acting, ActingRequest
from lms.core import clock
from media_pipeline.packs.rules import require_writer
from media_pipeline.packs.selectors import pack_for
from media_pipeline.rechecks.selectors import recheck_page, recheck_work
from media_pipeline.rechecks.services import start_recheck
from media_pipeline.rechecks.types import RecheckRefusal

# A running re-check shows its progress again after so many seconds.
_AGAIN_S = "3"


def _acting(request: HttpRequest) -> Acting:
    return cast("ActingRequest", request).acting


def _page(request: HttpRequest, template: str, title: str, **words: Any) -> HttpResponse:
    context = {"header_title": title, "header_icon": "warning", **words}
    return render(request, f"media_pipeline/rechecks/{template}.html", context)


@never_cache
@require_safe
def overview(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """What old videos would be told otherwise, and how far the reading is."""
    page = recheck_page(_acting(request), uuid)
    up = {"up_url": reverse("rules:pack", args=[uuid]), "up_text": f"{page.pack.title} · {page.pack.number}"}
    answer = _page(request, "overview", _("Old videos under this pack"), page=page, **up)
    if page.running:
        answer["Refresh"] = _AGAIN_S
    return answer


@never_cache
@require_POST
def start(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Have the old videos read."""
    acting = _acting(request)
    pack_for(acting, uuid)
    require_writer(acting)
    try:
        start_recheck(by=acting, pack_uuid=uuid, now=clock.now())
    except RecheckRefusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("The old videos are being read. Their reports stay as they are."))
    return redirect("rechecks:overview", uuid)


@never_cache
@require_safe
def work(request: HttpRequest, uuid: UUID, row: UUID) -> HttpResponse:
    """One video: what is new, what is gone."""
    data, found = recheck_work(_acting(request), uuid, row)
    up = {"up_url": reverse("rechecks:overview", args=[data.uuid]), "up_text": _("Old videos under this pack")}
    return _page(request, "work", found.code, work=found, **up)
