"""Rule packs in Wagtail's frame: written, tried, reviewed, published, compared."""

from collections.abc import Callable, Sequence
from typing import Any, cast
from uuid import UUID

import yaml
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from wagtail.admin import messages

from lms.accounts.api import Acting, ActingRequest
from lms.core import clock
from media_pipeline.packs.forms import (
    NoteForm,
    PartForm,
    PublishForm,
    RuleForm,
    SentencesForm,
    StartForm,
    WhyForm,
    next_id,
    rule_initial,
)
from media_pipeline.packs.logic import OWN
from media_pipeline.packs.pages import change_lines, compare_page, pack_page, rule_of
from media_pipeline.packs.presentation import PARTS, STATES, TONES, fault_words
from media_pipeline.packs.rules import require_publisher, require_writer, writes_packs
from media_pipeline.packs.selectors import pack_for, packs
from media_pipeline.packs.services import (
    give_up_pack,
    publish_pack,
    return_pack,
    start_pack,
    submit_pack,
    try_pack,
    withdraw_pack,
    write_part,
    write_rule,
    write_sentences,
)
from media_pipeline.packs.types import PackData, PackRefusal
from media_pipeline.rulepacks.labelling import marked_up


def _acting(request: HttpRequest) -> Acting:
    return cast("ActingRequest", request).acting


def _page(request: HttpRequest, template: str, title: str, *, status: int = 200, **words: Any) -> HttpResponse:
    context = {"header_title": title, "header_icon": "warning", **words}
    return render(request, f"media_pipeline/packs/{template}.html", context, status=status)


def _up_to_list() -> dict[str, str]:
    return {"up_url": reverse("rules:list"), "up_text": _("Compliance rules")}


def _up_to(data: PackData) -> dict[str, str]:
    return {"up_url": reverse("rules:pack", args=[data.uuid]), "up_text": f"{data.title} · {data.number}"}


def _told(request: HttpRequest, refusal: PackRefusal) -> None:
    messages.error(request, " ".join([refusal.message, *(fault_words(fault) for fault in refusal.faults[:5])]))


# Reading -----------------------------------------------------------------------------------------------------------------


@never_cache
@require_safe
def packs_list(request: HttpRequest) -> HttpResponse:
    """All packs, and a new draft."""
    return _list(request, None)


def _list(request: HttpRequest, form: StartForm | None, status: int = 200) -> HttpResponse:
    rows = packs(_acting(request))
    bases = [(str(row.uuid), f"{row.title} · {row.number}") for row in rows]
    context = {
        "rows": [(row, str(STATES[row.state]), TONES[row.state]) for row in rows],
        "form": form or StartForm(bases=bases),
        "writes": writes_packs(_acting(request)),
    }
    return _page(request, "list", _("Compliance rules"), status=status, **context)


@never_cache
@require_POST
def start(request: HttpRequest) -> HttpResponse:
    """A draft that begins as a copy."""
    acting = _acting(request)
    require_writer(acting)
    bases = [(str(row.uuid), f"{row.title} · {row.number}") for row in packs(acting)]
    form = StartForm(request.POST, bases=bases)
    if form.is_valid():
        said = form.cleaned_data
        try:
            made = start_pack(by=acting, base=UUID(said["base"]), title=said["title"], now=clock.now())
        except PackRefusal as refusal:
            form.add_error(None, refusal.message)
        else:
            return redirect("rules:pack", made.uuid)
    return _list(request, form, 422)


@never_cache
@require_safe
def pack(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One pack: rules, trial, differences, what can be done."""
    return _pack(request, uuid)


def _pack(request: HttpRequest, uuid: UUID, *, status: int = 200, **sent: Form) -> HttpResponse:
    page = pack_page(_acting(request), uuid, request.GET.get("category", ""))
    forms = {
        "return": sent.get("return") or WhyForm(auto_id="id_return_%s"),
        "publish": sent.get("publish") or PublishForm(initial={"effective_from": clock.today().isoformat()}),
        "withdraw": sent.get("withdraw") or WhyForm(auto_id="id_withdraw_%s"),
    }
    return _page(request, "pack", page.title, status=status, page=page, forms=forms, sent=list(sent), **_up_to_list())


@never_cache
@require_safe
def compare(request: HttpRequest, uuid: UUID, other: UUID) -> HttpResponse:
    """What a later pack has that an earlier had not."""
    first, second, found = compare_page(_acting(request), uuid, other)
    context: dict[str, Any] = {
        "first": first,
        "second": second,
        "changes": change_lines(found),
        "changed_parts": [str(PARTS[name]) for name in found.parts],
        "sentences": found.sentences,
        **_up_to(second),
    }
    return _page(request, "compare", _("What is different"), **context)


# Writing -----------------------------------------------------------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def rule(request: HttpRequest, uuid: UUID, key: str) -> HttpResponse:
    """Change a rule."""
    acting = _acting(request)
    data = pack_for(acting, uuid)
    require_writer(acting)
    row = rule_of(data.content, key)
    return _rule(request, data, key, row["category"], rule_initial(row))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new_rule(request: HttpRequest, uuid: UUID, category: str) -> HttpResponse:
    """Add a rule to a category."""
    acting = _acting(request)
    data = pack_for(acting, uuid)
    require_writer(acting)
    if category not in data.content["categories"]:
        raise Http404
    return _rule(request, data, next_id(data.content, category), category, {"severity": "M"})


def _rule(request: HttpRequest, data: PackData, key: str, category: str, initial: dict[str, Any]) -> HttpResponse:
    form = RuleForm(request.POST if request.method == "POST" else None, initial={**initial, "seen": data.text})
    entry = data.content["categories"][category]
    head = {"title": f"{key} · {entry['zh']}", "law": entry["law"], "note": entry["law_note"]}

    def keep() -> PackData:
        return write_rule(
            by=_acting(request),
            pack=data.uuid,
            seen=form.cleaned_data["seen"],
            rule=form.rule(key, category),
            note=form.cleaned_data["note"],
            now=clock.now(),
        )

    return _edited(request, data, form, head, keep)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def part(request: HttpRequest, uuid: UUID, name: str) -> HttpResponse:
    """Change another part, as YAML."""
    acting = _acting(request)
    data = pack_for(acting, uuid)
    require_writer(acting)
    if name not in PARTS:
        raise Http404
    content = yaml.safe_dump(data.content[name], allow_unicode=True, sort_keys=False, width=4096)
    form = PartForm(request.POST if request.method == "POST" else None, initial={"content": content, "seen": data.text})

    def keep() -> PackData:
        return write_part(
            by=_acting(request),
            pack=data.uuid,
            seen=form.cleaned_data["seen"],
            name=name,
            content=form.cleaned_data["content"],
            note=form.cleaned_data["note"],
            now=clock.now(),
        )

    return _edited(request, data, form, {"title": str(PARTS[name])}, keep)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def own_sentences(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Change the committee's own test sentences."""
    acting = _acting(request)
    data = pack_for(acting, uuid)
    require_writer(acting)
    marked = marked_up(data.content["sentences"].get(OWN, []))
    form = SentencesForm(
        request.POST if request.method == "POST" else None, initial={"marked": marked, "seen": data.text}
    )

    def keep() -> PackData:
        return write_sentences(
            by=_acting(request),
            pack=data.uuid,
            seen=form.cleaned_data["seen"],
            marked=form.cleaned_data["marked"],
            note=form.cleaned_data["note"],
            now=clock.now(),
        )

    return _edited(request, data, form, {"title": _("Test sentences of our own")}, keep)


def _edited(
    request: HttpRequest, data: PackData, form: NoteForm, head: dict[str, str], keep: Callable[[], PackData]
) -> HttpResponse:
    faults: Sequence[str] = ()
    if request.method == "POST" and form.is_valid():
        try:
            keep()
        except PackRefusal as refusal:
            form.add_error(None, refusal.message)
            faults = [fault_words(fault) for fault in refusal.faults[:20]]
        else:
            messages.success(request, _("Kept. Try the pack before you send it for review."))
            return redirect("rules:pack", data.uuid)
    status = 422 if form.errors else 200
    return _page(request, "edit", head["title"], status=status, form=form, head=head, faults=faults, **_up_to(data))


# Steps -------------------------------------------------------------------------------------------------------------------


def _step(request: HttpRequest, uuid: UUID, act: Callable[[], Any], done: str) -> HttpResponse:
    try:
        act()
    except PackRefusal as refusal:
        _told(request, refusal)
    else:
        messages.success(request, done)
    return redirect("rules:pack", uuid)


@never_cache
@require_POST
def try_(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Run the pack on its test sentences."""
    acting = _acting(request)
    pack_for(acting, uuid)
    require_writer(acting)
    return _step(
        request, uuid, lambda: try_pack(by=acting, pack=uuid, now=clock.now()), _("Tried. The outcome is below.")
    )


@never_cache
@require_POST
def submit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Send for review."""
    acting = _acting(request)
    pack_for(acting, uuid)
    require_writer(acting)
    return _step(
        request,
        uuid,
        lambda: submit_pack(by=acting, pack=uuid, now=clock.now()),
        _("Sent. A second person publishes it."),
    )


@never_cache
@require_POST
def give_up(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Put a draft away."""
    acting = _acting(request)
    pack_for(acting, uuid)
    require_writer(acting)
    return _step(
        request, uuid, lambda: give_up_pack(by=acting, pack=uuid, now=clock.now()), _("The draft was given up.")
    )


@never_cache
@require_POST
def return_(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Back to its writers, with a reason."""
    acting = _acting(request)
    pack_for(acting, uuid)
    require_publisher(acting)
    form = WhyForm(request.POST, auto_id="id_return_%s")
    if not form.is_valid():
        return _pack(request, uuid, status=422, **{"return": form})
    reason = form.cleaned_data["reason"]
    return _step(
        request,
        uuid,
        lambda: return_pack(by=acting, pack=uuid, reason=reason, now=clock.now()),
        _("Returned to its writers."),
    )


@never_cache
@require_POST
def publish(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Put it in force."""
    acting = _acting(request)
    pack_for(acting, uuid)
    require_publisher(acting)
    form = PublishForm(request.POST)
    if not form.is_valid():
        return _pack(request, uuid, status=422, publish=form)
    day = form.cleaned_data["effective_from"]
    return _step(
        request,
        uuid,
        lambda: publish_pack(by=acting, pack=uuid, effective_from=day, now=clock.now()),
        _("Published. New videos are checked by it from that day."),
    )


@never_cache
@require_POST
def withdraw(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Take it out of force."""
    acting = _acting(request)
    pack_for(acting, uuid)
    require_publisher(acting)
    form = WhyForm(request.POST, auto_id="id_withdraw_%s")
    if not form.is_valid():
        return _pack(request, uuid, status=422, withdraw=form)
    reason = form.cleaned_data["reason"]
    return _step(
        request,
        uuid,
        lambda: withdraw_pack(by=acting, pack=uuid, reason=reason, now=clock.now()),
        _("Withdrawn. The pack before it is in force again."),
    )
