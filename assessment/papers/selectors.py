"""Gates and reads of blueprints and papers; nothing here gives a question's text or key."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast
from django.http import Http404

from assessment.bank.selectors import drawable, placed_versions
from assessment.bank.selectors.questions import names_of
from assessment.bank.types import PlacedVersion
from assessment.papers.drawing import draw, met_by, offers
from assessment.papers.logic import overlap_quota, read_blueprint, sections_of
from assessment.papers.models import Blueprint, PaperForm
from assessment.papers.rules import may_approve, require_reader
from assessment.papers.types import (
    BlueprintData,
    Drawn,
    Met,
    NoBlueprint,
    NoPaper,
    Offer,
    PaperData,
    PaperState,
    Shortfall,
)
from lms.accounts.api import Acting
from lms.core.types import Level

# A look at a blueprint draws by this seed, so that the page says the same to everybody.
TRIAL_SEED = 1
_SAT = (PaperState.APPROVED, PaperState.USED)


# Blueprints --------------------------------------------------------------------------------------------------------------


def _blueprints() -> QuerySet[Blueprint]:
    return Blueprint.objects.select_related("approval")


def blueprint_data(row: Blueprint, names: Mapping[UUID | None, str] | None = None) -> BlueprintData:
    """One version as typed data."""
    approval = getattr(row, "approval", None)
    known = names if names is not None else names_of([row.author])
    return BlueprintData(
        uuid=row.uuid,
        key=row.key,
        level=Level(row.level),
        version=row.version,
        content_hash=row.content_hash,
        title=row.title,
        content=read_blueprint(row.content),
        approved=approval is not None,
        approved_at=approval.at if approval else None,
        author_name=known.get(row.author, ""),
        created_at=row.created_at,
    )


def _all(rows: Iterable[Blueprint]) -> list[BlueprintData]:
    held = list(rows)
    names = names_of({row.author for row in held})
    return [blueprint_data(row, names) for row in held]


def blueprint(uuid: UUID) -> BlueprintData:
    """One version, approved or not. Raises NoBlueprint."""
    row = _blueprints().filter(uuid=uuid).first()
    if row is None:
        raise NoBlueprint(f"no blueprint has the uuid {uuid}")
    return blueprint_data(row)


def approved_blueprint(key: str, level: Level) -> BlueprintData:
    """The newest approved version of a key and level. Raises NoBlueprint."""
    row = _blueprints().filter(key=key, level=int(level), approval__isnull=False).order_by("-version").first()
    if row is None:
        raise NoBlueprint(f"no approved blueprint {key!r} for level {int(level)}")
    return blueprint_data(row)


def named_blueprint(key: str, content_hash: str) -> BlueprintData:
    """The version that a specification names by key and content hash (`PartRule`), approved or not. Raises NoBlueprint."""
    row = _blueprints().filter(key=key, content_hash=content_hash).order_by("-version").first()
    if row is None:
        raise NoBlueprint(f"no blueprint {key!r} has the content hash {content_hash[:12]}…")
    return blueprint_data(row)


def blueprint_for(acting: Acting, uuid: UUID) -> BlueprintData:
    """The gate of one version. Raises NotAllowed by role; Http404 when unknown."""
    require_reader(acting)
    try:
        return blueprint(uuid)
    except NoBlueprint:
        raise Http404 from None


def blueprint_versions(key: str, level: Level) -> list[BlueprintData]:
    """Every version of one key and level, newest first. The gate is the caller's."""
    return _all(_blueprints().filter(key=key, level=int(level)).order_by("-version"))


def blueprints(acting: Acting) -> list[BlueprintData]:
    """The newest version of each key and level, and the newest approved one where they differ. Raises NotAllowed."""
    require_reader(acting)
    newest: dict[tuple[str, int, bool], Blueprint] = {}
    for row in _blueprints().order_by("key", "-level", "version"):
        newest[row.key, row.level, hasattr(row, "approval")] = row
    kept = [
        row
        for (key, level, approved), row in newest.items()
        if approved or row.version > getattr(newest.get((key, level, True)), "version", 0)
    ]
    return _all(sorted(kept, key=lambda row: (-row.level, row.key, row.version)))


def drawable_blueprints(acting: Acting) -> list[BlueprintData]:
    """The newest approved version of each: what papers are drawn by. Raises NotAllowed."""
    return [data for data in blueprints(acting) if data.approved]


def waiting_papers(acting: Acting) -> int:
    """How many newest blueprints and drawn papers wait for this bureau's approval; 0 for everybody else. Two queries."""
    if not may_approve(acting):
        return 0
    newest: dict[tuple[str, int], Blueprint] = {}
    for row in _blueprints().only("key", "level", "version", "approval").order_by("version"):
        newest[row.key, row.level] = row
    blueprints_left = sum(not hasattr(row, "approval") for row in newest.values())
    return blueprints_left + PaperForm.objects.filter(standing__state=PaperState.DRAWN).count()


@dataclass(frozen=True)
class BlueprintOffer:
    """What the bank has for a blueprint now. questions: that may be drawn at its level; trial: the outcome of a drawing of one
    form, which is kept nowhere."""

    questions: int
    offers: tuple[Offer, ...]
    trial: Drawn | tuple[Shortfall, ...]


def blueprint_offer(data: BlueprintData) -> BlueprintOffer:
    """One query, one drawing. The gate is the caller's."""
    bank = drawable(data.level)
    return BlueprintOffer(len(bank), offers(data.content, bank), draw(data.content, bank, seed=TRIAL_SEED))


# Papers ------------------------------------------------------------------------------------------------------------------


def _papers() -> QuerySet[PaperForm]:
    return PaperForm.objects.select_related("standing", "blueprint")


def paper_data(row: PaperForm) -> PaperData:
    """One paper as typed data."""
    content = row.content
    return PaperData(
        uuid=row.uuid,
        blueprint_key=content["blueprint"]["key"],
        blueprint_version=content["blueprint"]["version"],
        blueprint_hash=content["blueprint"]["content_hash"],
        level=Level(content["blueprint"]["level"]),
        title=content["title"],
        form=row.form,
        group=row.group,
        seed=row.seed,
        minutes=content["minutes"],
        total=Decimal(content["total"]),
        pass_mark=Decimal(content["pass_mark"]),
        sections=sections_of(content),
        content_hash=row.content_hash,
        state=PaperState(row.standing.state),
    )


def paper(uuid: UUID) -> PaperData:
    """Any paper, for rooms above that hold its uuid: marking reads papers withdrawn since. Raises NoPaper."""
    row = _papers().filter(uuid=uuid).first()
    if row is None:
        raise NoPaper(f"no paper has the uuid {uuid}")
    return paper_data(row)


def paper_for_sitting(paper_uuid: UUID) -> PaperData:
    """A paper that may be sat: approved or in use. Raises NoPaper."""
    found = paper(paper_uuid)
    if found.state not in _SAT:
        raise NoPaper(f"the paper {paper_uuid} is {found.state}")
    return found


def group_of(paper: UUID) -> UUID | None:
    """The parallel forms a paper belongs to, whatever has become of it; None for none of ours. One query."""
    return PaperForm.objects.filter(uuid=paper).values_list("group", flat=True).first()


def parallel_forms(group: UUID) -> tuple[PaperData, ...]:
    """Every form of one drawing, A first, whatever its state."""
    return tuple(paper_data(row) for row in _papers().filter(group=group).order_by("form"))


def approved_papers(level: Level, *, used: bool = True) -> tuple[PaperData, ...]:
    """Papers of a level that may be sat, newest first, forms in order. used: those too that a sitting has used."""
    states = _SAT if used else _SAT[:1]
    rows = _papers().filter(blueprint__level=int(level), standing__state__in=states)
    return tuple(paper_data(row) for row in rows.order_by("-at", "group", "form"))


def papers(acting: Acting) -> tuple[tuple[PaperForm, PaperState], ...]:
    """Every paper, newest first, and where it stands. Two queries. Raises NotAllowed."""
    require_reader(acting)
    return tuple((row, PaperState(row.standing.state)) for row in _papers().order_by("-at", "group", "form"))


def paper_for(acting: Acting, uuid: UUID) -> PaperForm:
    """The gate of one paper. Raises NotAllowed by role; Http404 when unknown."""
    require_reader(acting)
    row = _papers().filter(uuid=uuid).first()
    if row is None:
        raise Http404
    return row


def questions_of(group: UUID) -> frozenset[UUID]:
    """Every question of a drawing, on whatever form."""
    return frozenset(item.question for one in parallel_forms(group) for item in one.items)


def papers_holding(version: UUID) -> list[UUID]:
    """Papers on which this version of a question stands, oldest first. One query; the gate is the caller's."""
    said = PaperForm.objects.annotate(said=Cast("content", TextField())).filter(said__contains=str(version))
    return list(said.order_by("id").values_list("uuid", flat=True))


@dataclass(frozen=True)
class PaperFigures:
    """How a form keeps its quotas by the very versions that stand on it. overlaps: with each parallel form; placed: version →
    where it belongs; gone: questions that may not be drawn any more; renewed: of which papers draw a newer version now."""

    met: tuple[Met, ...]
    overlaps: tuple[Met, ...]
    placed: Mapping[UUID, PlacedVersion]
    gone: frozenset[UUID]
    renewed: frozenset[UUID]


def paper_figures(row: PaperForm, data: PaperData, forms: Sequence[PaperData]) -> PaperFigures:
    """One query on top of what was read. The gate is the caller's."""
    content = read_blueprint(row.blueprint.content)
    placed = placed_versions([item.version for item in data.items])
    on_form = [
        (place, placed[item.version].place) for place, section in enumerate(data.sections) for item in section.items
    ]
    own = frozenset(item.question for item in data.items)
    quota = overlap_quota(content)
    return PaperFigures(
        met=met_by(content, data.form, on_form),
        overlaps=tuple(
            Met(quota, data.form + other.form, Decimal(len(own & {item.question for item in other.items})))
            for other in forms
            if other.form != data.form
        ),
        placed=placed,
        gone=frozenset(one.place.question for one in placed.values() if not one.usable),
        renewed=frozenset(one.place.question for one in placed.values() if one.usable and one.renewed),
    )
