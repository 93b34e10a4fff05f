"""Arrangements for a candidate as pages tell them, and a paper form as it is keyed in. Why somebody needs one is read only by
who acts on it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db.models import BigAutoField
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from assessment.bank.presentation import TYPES
from assessment.delivery.logic import differing
from assessment.delivery.models import Arrangement, Attempt, Keying, RosterEntry
from assessment.delivery.papers import paper_being_sat
from assessment.delivery.presentation import ARRANGEMENTS, moment
from assessment.delivery.rendering import Kept, kept_questions
from assessment.delivery.rules import CONDUCT, DECISION, require_for
from assessment.delivery.types import ArrangementKind
from lms.accounts.api import Acting, masked_names
from lms.core.keptquery import KeptQuery

_HOW: Final[Mapping[str, str]] = {
    "single": "A",
    "multiple": "ACD",
    "true_false": "√ ×",
    "ordering": "BADC",
    "matching": "1B 2A",
}


@dataclass(frozen=True)
class ArrangementLine:
    """One arrangement asked for. detail: the scribe's name; reason and decided: "" for who only watches; open: not decided."""

    uuid: UUID
    label: str
    detail: str
    asked: str
    standing: str
    tone: str
    reason: str
    decided: str
    open: bool


_ARRANGEMENTS = KeptQuery(
    lambda entry: Arrangement.objects.filter(entry=entry).select_related("ruling").order_by("id"), entry=BigAutoField()
)


def arrangement_lines(row: RosterEntry, *, told: bool) -> tuple[ArrangementLine, ...]:
    """Of one candidate, in order; one query."""
    return tuple(_line(one, told) for one in _ARRANGEMENTS(entry=row.pk))


def _line(one: Arrangement, told: bool) -> ArrangementLine:
    ruling = getattr(one, "ruling", None)
    if ruling is None:
        standing, tone = pgettext("arrangement", "Waits for the chief examiner"), "now"
    elif ruling.granted:
        standing, tone = pgettext("arrangement", "Granted"), "ok"
    else:
        standing, tone = pgettext("arrangement", "Not granted"), "bad"
    return ArrangementLine(
        uuid=one.uuid,
        label=str(ARRANGEMENTS[ArrangementKind(one.kind)]),
        detail=one.scribe,
        asked=moment(one.at),
        standing=standing,
        tone=tone,
        reason=one.reason if told else "",
        decided=ruling.reason if told and ruling else "",
        open=ruling is None,
    )


def granted_words(kinds: Sequence[ArrangementKind]) -> str:
    """Large type, scribe."""
    return pgettext("sitting", ", ").join(str(ARRANGEMENTS[kind]) for kind in kinds)


# ---- a paper form, keyed in ----


@dataclass(frozen=True)
class KeyedQuestion:
    """One question as who keys it in meets it. how: what an answer looks like; wide: its text takes several lines; one, other:
    what the two people read, where they differ."""

    position: int
    type: str
    label: str
    how: str
    wide: bool
    left: tuple[str, ...]
    options: tuple[str, ...]
    blanks: int
    one: str = ""
    other: str = ""


@dataclass(frozen=True)
class KeyingPage:
    """A form to key in. number: the first or second time; settles: the chief reads what differs."""

    sitting: UUID
    entry: UUID
    attempt: UUID
    title: str
    name: str
    candidate_url: str
    form: str
    number: int
    settles: bool
    questions: tuple[KeyedQuestion, ...]


def keying_page(acting: Acting, row: RosterEntry, attempt: UUID, *, settles: bool) -> KeyingPage:
    """The whole form for an invigilator, or what two of them read differently for the chief. row: with its sitting.

    Raises Http404 (no such attempt on paper, or nothing to key in or to settle), NotAllowed.
    """
    require_for(acting, DECISION if settles else CONDUCT, "approve" if settles else "execute", row.sitting)
    found = Attempt.objects.filter(entry=row, uuid=attempt, on_paper=True, sheet__isnull=False).first()
    if found is None:
        raise Http404
    keyed = list(found.keyings.order_by("number"))
    questions = _questions(found)
    if settles:
        apart = differing(keyed[0].responses, keyed[1].responses) if len(keyed) == 2 else ()
        if not apart or hasattr(found, "keying_ruling"):
            raise Http404
        questions = tuple(_told(one, keyed) for one in questions if one.position in apart)
    return KeyingPage(
        sitting=row.sitting.uuid,
        entry=row.uuid,
        attempt=found.uuid,
        title=row.sitting.title,
        name=masked_names([row.person]).get(row.person, "—"),
        candidate_url=reverse("assessment:sitting_candidate", args=[row.sitting.uuid, row.uuid]),
        form=found.form,
        number=len(keyed) + 1,
        settles=settles,
        questions=questions,
    )


def _questions(found: Attempt) -> tuple[KeyedQuestion, ...]:
    items = [item for section in paper_being_sat(found.paper).sections for item in section.items]
    kept = kept_questions([item.version for item in items])
    return tuple(_question(item.position, kept[item.version]) for item in items)


def _question(position: int, kept: Kept) -> KeyedQuestion:
    kind = kept.type.value
    blanks = len(kept.stem) - 1
    how = _HOW.get(kind, "")
    if kind == "fill":
        how = _("%(count)d blanks, a line each") % {"count": blanks}
    return KeyedQuestion(
        position=position,
        type=kind,
        label=str(TYPES[kept.type]),
        how=how,
        wide=kind in {"fill", "short"},
        left=tuple(key for key, _text in kept.left),
        options=tuple(key for key, _text in kept.options),
        blanks=blanks,
    )


def _told(one: KeyedQuestion, keyed: Sequence[Keying]) -> KeyedQuestion:
    first, second = (as_written(held.responses.get(str(one.position))) for held in keyed)
    return KeyedQuestion(**{**one.__dict__, "one": first, "other": second})


def as_written(response: Any) -> str:
    """A response as somebody keys it in, "—" for none."""
    if response is None:
        return "—"
    if isinstance(response, bool):
        return "√" if response else "×"
    if isinstance(response, dict):
        return " ".join(f"{left}{right}" for left, right in response.items())
    if isinstance(response, list):
        short = all(len(one) == 1 for one in response)
        return "".join(response) if short else " / ".join(one or "—" for one in response)
    return str(response)
