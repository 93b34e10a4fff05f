"""The list of the bank: filters in the address, search, a page at a time; several drafts sent for review at once."""

from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from assessment.bank.forms import FilterForm
from assessment.bank.presentation import STATES, TONES, TYPES
from assessment.bank.refusals import BankRefusal
from assessment.bank.rules import require_writer, writes_questions
from assessment.bank.selectors.questions import question_for, questions_list
from assessment.bank.services.review import submit_for_review
from assessment.bank.types import Filters, Pool, QuestionRow, QuestionState, QuestionType
from assessment.bank.views.frame import acting_of, head, tell_sent
from lms.core import clock
from lms.core.reading import words_asked
from lms.core.types import Level

_AT_ONCE = 200


@dataclass(frozen=True)
class Line:
    """A row with its words."""

    row: QuestionRow
    stem: str
    type: str
    level: str
    state: str
    tone: str
    sendable: bool


@never_cache
@require_safe
def questions(request: HttpRequest) -> HttpResponse:
    """The questions papers are drawn from."""
    return _list(request, Pool.EXAM)


@never_cache
@require_safe
def practice(request: HttpRequest) -> HttpResponse:
    """The self-checks of lessons, apart for good."""
    return _list(request, Pool.PRACTICE)


def _list(request: HttpRequest, pool: Pool) -> HttpResponse:
    acting = acting_of(request)
    given = request.GET.copy()
    given["q"] = words_asked(request.GET)
    if pool is Pool.PRACTICE:
        for name in ("state", "mine"):
            given.pop(name, None)
    form = FilterForm(given)
    asked = form.asked()
    listing = questions_list(
        acting,
        _filters(asked, pool),
        before=_serial(request, "before"),
        after=_serial(request, "after"),
        now=clock.now(),
    )
    mine = asked.get("mine", "")
    sendable = mine == "written" and writes_questions(acting)
    lines = [_line(row, sendable) for row in listing.rows]
    names = ["level", "topic", "type", "state", "difficulty", "mine"]
    if pool is Pool.PRACTICE:
        names = ["level", "topic", "type", "difficulty"]
    context = {
        "listing": listing,
        "lines": lines,
        "form": form,
        "fields": [form[name] for name in names],
        "filtered": bool(asked),
        "query": _query(asked),
        "sendable": sendable and any(line.sendable for line in lines),
        "empty": _empty(pool, asked),
    }
    if writes_questions(acting) and pool is Pool.EXAM:
        context |= {"action_url": reverse("bank:new"), "action_text": _("New question")}
    tab = "practice" if pool is Pool.PRACTICE else mine or "list"
    return render(request, "assessment/bank/list.html", head(request, _("Question bank"), tab, **context))


def _filters(asked: dict[str, object], pool: Pool) -> Filters:
    mine = asked.get("mine")
    level, difficulty = asked.get("level"), asked.get("difficulty")
    return Filters(
        words=str(asked.get("q", "")),
        level=Level(level) if isinstance(level, int) else None,
        topic=str(asked.get("topic", "")),
        type=QuestionType(str(asked["type"])) if "type" in asked else None,
        difficulty=difficulty if isinstance(difficulty, int) else None,
        state=QuestionState(str(asked["state"])) if "state" in asked else None,
        pool=pool,
        mine=mine == "written",
        waiting=mine == "review",
    )


def _serial(request: HttpRequest, name: str) -> int | None:
    given = request.GET.get(name, "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 16 else None


def _query(asked: dict[str, object]) -> str:
    return urlencode(asked)


def _line(row: QuestionRow, mine: bool) -> Line:
    return Line(
        row=row,
        stem=row.stem,
        type=str(TYPES[row.type]),
        level=row.level.label_zh,
        state=str(STATES[row.state]),
        tone=TONES[row.state],
        sendable=mine and row.state is QuestionState.DRAFT,
    )


def _empty(pool: Pool, asked: dict[str, object]) -> str:
    if asked.get("mine") == "review":
        return _("No question waits for you.")
    if asked:
        return _("No question fits. Take a filter away.")
    if pool is Pool.PRACTICE:
        return _("No lesson with self-checks is published yet.")
    return _("The bank is empty. Write the first question, or bring in what teachers already have.")


@never_cache
@require_POST
def send(request: HttpRequest) -> HttpResponse:
    """Several drafts to the experts; each is sent or says why not."""
    acting, now = acting_of(request), clock.now()
    require_writer(acting)
    sent = 0
    refused: dict[str, list[str]] = {}
    chosen = _chosen(request)
    if len(chosen) > _AT_ONCE:
        messages.warning(request, _("Send at most %(count)d questions at once.") % {"count": _AT_ONCE})
        return redirect(f"{reverse('bank:list')}?mine=written")
    for uid, number in chosen:
        row = question_for(acting, uid)
        # The version her list showed: what somebody has written since is not sent unread.
        seen = row.versions.filter(number=number).values_list("uuid", flat=True).first()
        try:
            submit_for_review(by=acting, question=uid, version=seen or UUID(int=0), now=now)
        except BankRefusal as refusal:
            refused.setdefault(refusal.message, []).append(str(row.pk))
        else:
            sent += 1
    tell_sent(request, sent, refused)
    if not sent and not refused:
        messages.warning(request, _("Choose the questions to send first."))
    return redirect(f"{reverse('bank:list')}?mine=written")


def _chosen(request: HttpRequest) -> list[tuple[UUID, int]]:
    """(question, number of the version she saw), each sent as `uuid number`."""
    found = []
    for given in request.POST.getlist("question"):
        uid, _gap, number = given.partition(" ")
        try:
            if number.isascii() and number.isdigit() and len(number) < 7:
                found.append((UUID(uid), int(number)))
        except ValueError:
            continue
    return found
