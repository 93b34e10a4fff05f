"""From marked papers to booklets: who was asked what, over one sitting, a group of parallel papers or a level."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

from assessment.bank.selectors import documents_of
from assessment.bank.services import keys_for_machine
from assessment.bank.types import QuestionDocument
from assessment.delivery.facts import SittingFacts, timed_out
from assessment.statistics.building import ENGINE, canonical
from assessment.statistics.matrix import asked_of, given_of
from assessment.statistics.types import Asked, Booklet, Given, Sheet
from assessment.theory.selectors import marked_sitting
from assessment.theory.services.facts import decided
from assessment.theory.types import SETTLED, STRUCK, MarkedItem, MarkedPaper

# Marks by decision say nothing about what candidates can: struck-out questions, answers nobody waits for any more.
_BY_DECISION: Final = frozenset({STRUCK, SETTLED})


@dataclass(frozen=True)
class Gathered:
    """Marked papers by sitting, with the questions on them. out_of_time: attempts."""

    papers: tuple[tuple[SittingFacts, tuple[MarkedPaper, ...]], ...]
    documents: Mapping[UUID, QuestionDocument]
    out_of_time: frozenset[UUID]

    @property
    def candidates(self) -> int:
        """Papers in all."""
        return sum(len(papers) for _sitting, papers in self.papers)

    def only(self, wanted: Iterable[UUID]) -> "Gathered":
        """Of these papers alone, without the sittings that had none of them."""
        kept = frozenset(wanted)
        parts = [(sitting, tuple(one for one in papers if one.paper in kept)) for sitting, papers in self.papers]
        return Gathered(tuple(part for part in parts if part[1]), self.documents, self.out_of_time)

    def before(self, sitting: SittingFacts) -> "Gathered":
        """What was held before it."""
        parts = [part for part in self.papers if (part[0].opens_at, part[0].uuid) < (sitting.opens_at, sitting.uuid)]
        return Gathered(tuple(parts), self.documents, self.out_of_time)


def gather(sittings: Sequence[SittingFacts], *, now: datetime) -> Gathered:
    """Everything marked at these sittings, in their order. Keys are read by the bank's door for machines, once."""
    parts = [(sitting, marked_sitting(sitting.uuid)) for sitting in sittings]
    parts = [(sitting, papers) for sitting, papers in parts if papers]
    versions = {item.version for _sitting, papers in parts for paper in papers for item in paper.items}
    return Gathered(
        tuple(parts),
        _documents(versions, parts[-1][0].uuid, now) if versions else {},
        timed_out(sitting.uuid for sitting, _papers in parts),
    )


def _documents(versions: set[UUID], sitting: UUID, now: datetime) -> dict[UUID, QuestionDocument]:
    """Questions with the keys their answers were marked by: a decided correction goes before the version's own."""
    keys = keys_for_machine(versions=versions, sitting=sitting, now=now)
    keys |= {version: one.key for version, one in decided(versions).items() if one.key is not None}
    return {version: replace(document, key=keys[version]) for version, document in documents_of(versions).items()}


def fingerprint(gathered: Gathered, limits_hash: str, *more: Gathered) -> str:
    """SHA-256 over every marked answer, the keys, the thresholds and the engine."""
    said = [_said(one) for one in (gathered, *more)]
    return sha256(canonical([ENGINE, limits_hash, said]).encode()).hexdigest()


def _said(gathered: Gathered) -> Any:
    papers: list[list[Any]] = [
        [
            str(paper.attempt),
            str(paper.paper),
            paper.attempt in gathered.out_of_time,
            [
                [item.position, str(item.version), str(item.max), str(item.mark), item.outcome, item.response]
                for item in paper.items
            ],
        ]
        for _sitting, papers in gathered.papers
        for paper in papers
    ]
    used = {str(version) for paper in papers for _p, version, *_rest in paper[3]}
    keys = [[str(one), astuple(document.key)] for one, document in gathered.documents.items() if str(one) in used]
    return [sorted(papers), sorted(keys)]


def booklets_by_paper(gathered: Gathered) -> tuple[Booklet, ...]:
    """A booklet for each paper, by form; the same paper of several sittings is one."""
    by_paper: dict[UUID, list[MarkedPaper]] = {}
    for _sitting, papers in gathered.papers:
        for paper in papers:
            by_paper.setdefault(paper.paper, []).append(paper)
    made = [_booklet(gathered, papers, paper, papers[0].form) for paper, papers in by_paper.items()]
    return tuple(sorted(made, key=lambda one: (one.form, str(one.paper))))


def booklet_of_all(gathered: Gathered) -> Booklet:
    """Every version that was asked, over all of it, in the order in which they came up."""
    return _booklet(gathered, [paper for _sitting, papers in gathered.papers for paper in papers], None, "")


def _booklet(gathered: Gathered, papers: Sequence[MarkedPaper], paper: UUID | None, form: str) -> Booklet:
    items: dict[UUID, Asked] = {}
    positions: dict[UUID, int] = {}
    for one in papers:
        for item in sorted(one.items, key=lambda item: item.position):
            if item.version not in items and _tells(item):
                items[item.version] = asked_of(item.version, gathered.documents[item.version], item.max)
                positions[item.version] = item.position if paper else 0
    sheets = tuple(
        Sheet(
            {item.version: _given(item, items[item.version]) for item in one.items if _tells(item)},
            timed_out=one.attempt in gathered.out_of_time,
        )
        for one in papers
    )
    order = sorted(items, key=lambda version: positions[version])
    return Booklet(paper, form, tuple(items[one] for one in order), tuple(positions[one] for one in order), sheets)


def _tells(item: MarkedItem) -> bool:
    return item.outcome not in _BY_DECISION


def _given(item: MarkedItem, asked: Asked) -> Given:
    """The answer in the item's own marks: papers may have given the question more or fewer."""
    given = given_of(asked.type, item.position, item.response, item.mark)
    if given.marks is None or float(item.max) == asked.maximum:
        return given
    share = float(Decimal(item.mark or 0) / item.max)
    return Given(given.position, given.answered, share * asked.maximum, given.chosen)
