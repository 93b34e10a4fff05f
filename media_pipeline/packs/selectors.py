"""Reading rule packs: the list, one pack, the pack in force."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import OuterRef, Subquery
from django.http import Http404

from lms.accounts.api import Acting
from lms.core import clock
from media_pipeline.packs.models import PackMove, PackText, PackTrial, RulePack
from media_pipeline.packs.rules import require_reader
from media_pipeline.packs.types import NoPack, PackData, PackState
from media_pipeline.rulepacks.api import Matcher, current_pack, matcher_of
from media_pipeline.rulepacks.document import MATCHER_REVISION, Document, in_force, read_document


@dataclass(frozen=True)
class PackRow:
    """One line of the list. `now`: this is the pack in force."""

    uuid: UUID
    number: int
    title: str
    state: PackState
    effective_from: date | None
    revision: int
    note: str
    now: bool


@dataclass(frozen=True)
class MoveData:
    """One step of a pack's life."""

    after: PackState
    reason: str
    by: UUID | None
    at: datetime
    revision: int


def packs(acting: Acting) -> Sequence[PackRow]:
    """All packs, newest first. Raises NotAllowed."""
    require_reader(acting)
    newest = PackText.objects.filter(pack=OuterRef("pk")).order_by("-revision")
    rows = RulePack.objects.annotate(
        revision=Subquery(newest.values("revision")[:1]), note=Subquery(newest.values("note")[:1])
    )
    force = _in_force(clock.today())
    return [
        PackRow(
            row.uuid,
            row.number,
            row.title,
            PackState(row.state),
            row.effective_from,
            row.revision,
            row.note,
            force is not None and row.pk == force.pk,
        )
        for row in rows
    ]


def pack_for(acting: Acting, uuid: UUID) -> PackData:
    """One pack with its newest text. Raises NotAllowed, Http404."""
    require_reader(acting)
    try:
        return pack_data(pack(uuid))
    except NoPack:
        raise Http404 from None


def pack(uuid: UUID) -> RulePack:
    """The row. Raises NoPack."""
    try:
        return RulePack.objects.get(uuid=uuid)
    except RulePack.DoesNotExist:
        raise NoPack(str(uuid)) from None


def newest_text(row: RulePack) -> PackText:
    """The text that counts."""
    return PackText.objects.filter(pack=row).order_by("-revision")[:1].get()


def pack_data(row: RulePack) -> PackData:
    """The row as pages and services read it."""
    text = newest_text(row)
    trial = PackTrial.objects.filter(text=text, matcher=MATCHER_REVISION).order_by("-id").first()
    return PackData(
        uuid=row.uuid,
        number=row.number,
        title=row.title,
        state=PackState(row.state),
        effective_from=row.effective_from,
        text=text.uuid,
        revision=text.revision,
        content=text.content,
        content_hash=text.content_hash,
        note=text.note,
        author=text.author,
        at=text.at,
        trial=trial.outcome if trial else None,
    )


def hands_on(row: RulePack) -> frozenset[UUID | None]:
    """Who wrote a text of it or sent it for review."""
    wrote = row.texts.values_list("author", flat=True)
    sent = row.moves.filter(after=PackState.REVIEW).values_list("by", flat=True)
    return frozenset(wrote) | frozenset(sent)


def moves_of(row: RulePack) -> Sequence[MoveData]:
    """Its life, oldest first."""
    rows = PackMove.objects.filter(pack=row).select_related("text").order_by("id")
    return [MoveData(PackState(one.after), one.reason, one.by, one.at, one.text.revision) for one in rows]


def document_before(row: RulePack) -> Document | None:
    """The document of the pack this one was begun from, as it was last."""
    return newest_text(row.base).content if row.base is not None else None


def pack_in_force(day: date | None = None) -> Matcher:
    """The matcher of the published pack that is in force on a day (default: today), or of the shipped one where nothing
    was ever published. Built once a process and content."""
    day = day or clock.today()
    row = _in_force(day)
    if row is None:
        return current_pack()
    text = newest_text(row)
    asleep = frozenset(rule["id"] for rule in text.content["rules"] if not in_force(rule, day))
    return _matcher(text.pk, text.content_hash, asleep, day)


def _in_force(day: date) -> RulePack | None:
    published = RulePack.objects.filter(state=PackState.PUBLISHED, effective_from__lte=day)
    return published.order_by("-effective_from", "-number").first()


_built: dict[tuple[str, frozenset[str]], Matcher] = {}
_KEPT = 4


def _matcher(text: int, content_hash: str, asleep: frozenset[str], day: date) -> Matcher:
    """The same text with the same rules asleep is the same matcher, whatever the day."""
    key = (content_hash, asleep)
    if key not in _built:
        while len(_built) >= _KEPT:
            _built.pop(next(iter(_built)))
        _built[key] = matcher_of(read_document(PackText.objects.get(pk=text).content, day))
    return _built[key]
