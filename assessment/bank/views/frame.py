"""What all pages of the bank have in common: the head, the tabs, who acts, how a refusal is told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from assessment.bank.refusals import BankRefusal
from assessment.bank.rules import writes_questions
from lms.accounts.api import Acting, ActingRequest

# A message stands in a cookie: so many numbers at most.
_NAMED = 20


@dataclass(frozen=True)
class Tab:
    """One way through the bank."""

    name: str
    label: str
    url: str


def acting_of(request: HttpRequest) -> Acting:
    """On whose behalf the request is made."""
    return cast("ActingRequest", request).acting


def head(request: HttpRequest, title: str, tab: str = "", **words: Any) -> dict[str, Any]:
    """The context every page of the bank needs, and these words."""
    return {
        "header_title": title,
        "header_icon": "clipboard-list",
        "tabs": _tabs(acting_of(request)),
        "tab": tab,
        **words,
    }


def _tabs(acting: Acting) -> list[Tab]:
    bank = reverse("bank:list")
    tabs = [
        Tab("list", pgettext("bank", "All questions"), bank),
        Tab("review", pgettext("bank", "For my review"), f"{bank}?mine=review"),
        Tab("written", pgettext("bank", "Written by me"), f"{bank}?mine=written"),
        Tab("practice", pgettext("bank", "Lessons' self-checks"), reverse("bank:practice")),
    ]
    if writes_questions(acting):
        tabs += [
            Tab("import", pgettext("bank", "Bring in"), reverse("bank:import")),
            Tab("export", pgettext("bank", "Take out"), reverse("bank:export")),
        ]
    return tabs


def faults_of(form: Form) -> list[tuple[str, str, str]]:
    """Every error of a form for the summary: id of its field, its name, what is wrong."""
    found = []
    for name, errors in form.errors.items():
        field = form[name] if name in form.fields else None
        anchor, label = (field.id_for_label, str(field.label)) if field else ("", "")
        found += [(anchor, label, str(error)) for error in errors]
    return found


def told(refusal: BankRefusal) -> list[tuple[str, str, str]]:
    """A refusal for the summary."""
    return [("", "", refusal.message)]


def tell_sent(request: HttpRequest, sent: int, refused: Mapping[str, Sequence[str]]) -> None:
    """How many went to the experts, and which did not and why: reason → serials, of which the first are named."""
    if sent:
        messages.success(request, _("Questions sent for review: %(count)d") % {"count": sent})
    for message, serials in refused.items():
        words = pgettext("question", "Not sent, question %(numbers)s: %(why)s")
        named = ", ".join(serials[:_NAMED]) + ("…" if len(serials) > _NAMED else "")
        messages.warning(request, words % {"numbers": named, "why": message})


def up(url: str, text: str) -> dict[str, str]:
    """The way back."""
    return {"up_url": url, "up_text": text}


def up_to_bank() -> dict[str, str]:
    """Back to the list."""
    return up(reverse("bank:list"), _("Question bank"))
