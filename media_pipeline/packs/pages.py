"""The pages of rule packs as frozen facts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import Http404
from django.utils import timezone

from lms.accounts.api import Acting, User
from lms.core import clock
from media_pipeline.packs.presentation import CHANGES, FIELDS, PARTS, STATES, TONES, share, shown
from media_pipeline.packs.rules import may_decide, writes_packs
from media_pipeline.packs.rulings import Precision, precisions
from media_pipeline.packs.selectors import document_before, hands_on, moves_of, pack, pack_for
from media_pipeline.packs.types import PackData, PackState
from media_pipeline.rulepacks.document import Difference, Document, difference, version_of


@dataclass(frozen=True)
class Category:
    """Rules of one category."""

    code: str
    name: str
    law: str
    law_note: str
    rewording: str
    rules: Sequence[dict[str, Any]]
    chosen: bool


@dataclass(frozen=True)
class TrialSet:
    """What a set of test sentences gave. missed, alarmed: sentences; empty for sets nobody reads."""

    name: str
    passed: bool
    held_out: bool
    spans: str
    alarms: str
    sounds: str
    missed: Sequence[str]
    alarmed: Sequence[str]
    categories: Sequence[tuple[str, str, str, str]]


@dataclass(frozen=True)
class ChangeLine:
    """One field that differs between two packs."""

    rule: str
    kind: str
    field: str
    before: str
    after: str


@dataclass(frozen=True)
class PrecisionLine:
    """How often examiners confirmed what a rule found. `version`: "" for the sum of all; `here`: of this very text."""

    rule: str
    term: str
    version: str
    here: bool
    figures: str
    interval: str
    suspected: int


@dataclass(frozen=True)
class PackPage:
    """One pack. The `may_…` say what she can do now."""

    data: PackData
    title: str
    state: str
    tone: str
    categories: Sequence[Category]
    parts: Sequence[tuple[str, str]]
    tried: bool
    passed: bool
    seconds: float
    sets: Sequence[TrialSet]
    precision: Sequence[PrecisionLine]
    moves: Sequence[tuple[str, str, str]]
    changes: Sequence[ChangeLine]
    changed_parts: Sequence[str]
    sentences: tuple[int, int]
    base: UUID | None
    writes: bool
    may_publish: bool
    own_hands: bool
    may_withdraw: bool


def pack_page(acting: Acting, uuid: UUID, category: str = "") -> PackPage:
    """Raises NotAllowed, Http404."""
    data = pack_for(acting, uuid)
    row = pack(uuid)
    before = document_before(row)
    found = difference(before, data.content) if before else Difference((), (), (0, 0))
    moves = moves_of(row)
    actors = User.objects.filter(uuid__in=[one.by for one in moves if one.by])
    names: dict[UUID | None, str] = dict(actors.values_list("uuid", "display_name"))
    hands = hands_on(row)
    review = data.state is PackState.REVIEW
    trial = data.trial or {}
    return PackPage(
        data=data,
        title=f"{data.title} · {data.number}",
        state=str(STATES[data.state]),
        tone=TONES[data.state],
        categories=_categories(data.content, category),
        parts=[(name, str(label)) for name, label in PARTS.items()],
        tried=data.trial is not None,
        passed=bool(trial.get("passed")),
        seconds=float(trial.get("seconds", 0)),
        sets=_sets(data),
        precision=_precision(data),
        moves=[
            (
                str(STATES[one.after]),
                f"{names.get(one.by, '')} · {timezone.localtime(one.at):%Y-%m-%d %H:%M}".removeprefix(" · "),
                one.reason,
            )
            for one in moves
        ],
        changes=change_lines(found),
        changed_parts=[str(PARTS[name]) for name in found.parts],
        sentences=found.sentences,
        base=row.base.uuid if row.base is not None else None,
        writes=writes_packs(acting) and data.state is PackState.DRAFT,
        may_publish=review and may_decide(acting, hands),
        own_hands=review and acting.user in hands,
        may_withdraw=data.state is PackState.PUBLISHED and acting.user is not None,
    )


def compare_page(acting: Acting, uuid: UUID, other: UUID) -> tuple[PackData, PackData, Difference]:
    """Two packs: (earlier, later, what the later has that the earlier had not). Raises NotAllowed, Http404."""
    one, two = pack_for(acting, uuid), pack_for(acting, other)
    first, second = sorted((one, two), key=lambda data: data.number)
    return first, second, difference(first.content, second.content)


def change_lines(found: Difference) -> list[ChangeLine]:
    """The changed fields, rule by rule."""
    return [
        ChangeLine(change.id, str(CHANGES[change.kind]), str(FIELDS[name]), shown(before), shown(after))
        for change in found.rules
        for name, (before, after) in change.fields.items()
    ]


def rule_of(document: Document, key: str) -> dict[str, Any]:
    """One rule. Raises Http404."""
    for row in document["rules"]:
        if row["id"] == key:
            return dict(row)
    raise Http404


def _categories(document: Document, chosen: str) -> list[Category]:
    return [
        Category(
            code,
            entry["zh"],
            entry["law"],
            entry["law_note"],
            entry["rewording"],
            [row for row in document["rules"] if row["category"] == code],
            code == chosen,
        )
        for code, entry in document["categories"].items()
    ]


def _precision(data: PackData) -> list[PrecisionLine]:
    """Every rule of this pack that was ever judged: its sum, then its versions."""
    terms = {row["id"]: row["term"] for row in data.content["rules"]}
    here = {version_of(data.content, day) for day in (None, data.effective_from, clock.today())}
    found: dict[str, list[Precision]] = {}
    for one in precisions():
        if one.rule in terms:
            found.setdefault(one.rule, []).insert(0, one)
    return [
        PrecisionLine(
            one.rule,
            terms[one.rule],
            one.version,
            one.version in here,
            share(one.confirmed, one.judged),
            f"{one.low:.0%}–{one.high:.0%}" if one.judged else "–",
            one.suspected,
        )
        for lines in found.values()
        for one in lines
    ]


def _sets(data: PackData) -> list[TrialSet]:
    if data.trial is None:
        return []
    texts = {row["id"]: row["text"] for rows in data.content["sentences"].values() for row in rows}

    def figures(counted: dict[str, int]) -> tuple[str, str, str]:
        return (
            share(counted["found"], counted["spans"]),
            share(counted["alarms"], counted["near"]),
            share(counted["heard"], counted["sounds"]),
        )

    return [
        TrialSet(
            name,
            one["passed"],
            one["held_out"],
            *figures(one["total"]),
            missed=[f"{key} {texts[key]}" for key in one["missed"]],
            alarmed=[f"{key} {texts[key]}" for key in one["alarmed"]],
            categories=[(code, *figures(counted)) for code, counted in one["categories"].items()],
        )
        for name, one in data.trial["sets"].items()
    ]
