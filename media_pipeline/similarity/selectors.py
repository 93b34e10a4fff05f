"""What works were found to be like. Who may see it is decided above; nothing here says whose the other work is."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import QuerySet

from lms.core import similar
from media_pipeline.assets.labels import level_label, product_label
from media_pipeline.assets.models import MediaAsset, Rendition
from media_pipeline.assets.types import ROWS_A_PAGE, AssetState, BlindHead, Pages, RenditionKind, StoredFile
from media_pipeline.rulepacks.api import mask_cues
from media_pipeline.rulepacks.check import untimed
from media_pipeline.similarity.models import Lookalike, LookalikeRelease
from media_pipeline.similarity.texts import Line, lines_of
from media_pipeline.similarity.types import (
    HeldWork,
    Kind,
    LookalikeHead,
    LookalikeLine,
    LookalikeSides,
    Measured,
    Release,
    Stretch,
    Tie,
)


def lookalikes_of(work: UUID) -> list[LookalikeHead]:
    """The matches of a work: others' first, the most alike in front, then the same person's earlier attempts."""
    return [_head(row) for row in Lookalike.objects.filter(asset__uuid=work).order_by("number")]


def _head(row: Lookalike) -> LookalikeHead:
    measures = tuple(
        Measured(
            Kind(told["kind"]),
            told["value"],
            told["threshold"],
            told["warns"],
            tuple(Stretch(**span) for span in told["stretches"]),
            told["how"],
        )
        for told in row.measures
    )
    return LookalikeHead(row.uuid, row.number, Tie(row.tie), measures, row.found_at)


def _match(work: UUID, number: int) -> Lookalike | None:
    rows = Lookalike.objects.select_related("asset", "other")
    return rows.filter(asset__uuid=work, number=number).first()


def lookalike_sides(work: UUID, number: int) -> LookalikeSides | None:
    """One match with what both say, names hidden and common phrases marked. None where there is none (any more)."""
    row = _match(work, number)
    if row is None:
        return None
    lines = lines_of([row.asset_id, row.other_id])
    own, other = lines.get(row.asset_id, []), lines.get(row.other_id, [])
    runs = similar.shared(_letters(own), _letters(other))
    return LookalikeSides(
        head=_head(row),
        other=row.other.uuid,
        other_code=row.other.blind_code,
        other_place=row.other.organisation_path,
        own_duration_s=row.asset.duration_s or 0.0,
        other_duration_s=row.other.duration_s or 0.0,
        own_lines=_marked(own, [(here, size) for here, _, size in runs]),
        other_lines=_marked(other, [(there, size) for _, there, size in runs]),
    )


def _letters(lines: Sequence[Line]) -> str:
    return "".join(similar.letters(text).text for _, _, text in lines)


def _marked(lines: Sequence[Line], runs: Sequence[tuple[int, int]]) -> tuple[LookalikeLine, ...]:
    """Lines in parts that are common and that are not; runs count the letters of all lines."""
    common = {place for start, size in runs for place in range(start, start + size)}
    hidden = mask_cues([untimed(index, text) for index, (_, _, text) in enumerate(lines)])
    found: list[LookalikeLine] = []
    passed = 0
    for index, (start_s, end_s, text) in enumerate(lines):
        said = similar.letters(text)
        shared = {at for place, at in enumerate(said.at) if passed + place in common}
        names = {at for start, end in hidden.get(index, ()) for at in range(start, end)}
        found.append(LookalikeLine(start_s, end_s, _parts(text, shared, names)))
        passed += len(said.text)
    return tuple(found)


def _parts(text: str, shared: set[int], names: set[int]) -> tuple[tuple[str, bool, bool], ...]:
    parts: list[tuple[str, bool, bool]] = []
    for at, sign in enumerate(text):
        # A comma between two common phrases belongs to them.
        common = at in shared or (not sign.isalnum() and at - 1 in shared and at + 1 in shared)
        if parts and parts[-1][1:] == (common, at in names):
            parts[-1] = (parts[-1][0] + sign, common, at in names)
        else:
            parts.append((sign, common, at in names))
    return tuple(("○○" if name else words, common, name) for words, common, name in parts)


def lookalike_file(work: UUID, number: int, *, other: bool, kind: RenditionKind) -> StoredFile | None:
    """A file of either work of a match, whatever became of the work. None where there is none."""
    row = _match(work, number)
    if row is None:
        return None
    asset = row.other_id if other else row.asset_id
    file = Rendition.objects.filter(asset=asset, kind=kind).order_by("-id").first()
    return StoredFile(file.key, file.size, file.sha256, file.mime) if file else None


def held_head(code: str) -> BlindHead | None:
    """The work of a blind code that is held back as somebody else's file, None when there is none."""
    row = _held().filter(blind_code=code).first()
    return BlindHead(row.uuid, row.blind_code, row.organisation_path) if row else None


def _held() -> QuerySet[MediaAsset]:
    works = MediaAsset.submissions.filter(state=AssetState.REJECTED, lookalikes__measures__0__kind=Kind.FILE)
    return works.distinct()


def count_held_works(*, organisation_path: str) -> int:
    """How many works at or below a place are held back as the file of somebody else."""
    return _held().filter(organisation_path__startswith=organisation_path).count()


def held_works(*, organisation_path: str, page: Pages) -> list[HeldWork]:
    """One page of them, the longest waiting first."""
    rows = _held().filter(organisation_path__startswith=organisation_path).order_by("moved_at", "pk")
    return [
        HeldWork(row.blind_code, level_label(row.level), product_label(row.product), row.created_at, row.moved_at)
        for row in rows[page.start : page.start + ROWS_A_PAGE]
    ]


def release_of(work: UUID) -> Release | None:
    """The decision that let a work go on, None where there is none."""
    row = LookalikeRelease.objects.filter(asset__uuid=work).first()
    return Release(row.reason, row.by, row.at) if row else None
