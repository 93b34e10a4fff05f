"""One work held against the earlier ones: implements `stages.ports.Earlier`."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

import numpy as np
from django.db.models import Q, QuerySet

from lms.accounts.api import records_of
from lms.core import similar
from media_pipeline.assets.models import MediaAsset
from media_pipeline.assets.types import AssetState
from media_pipeline.similarity import logic
from media_pipeline.similarity.candidates import most_alike
from media_pipeline.similarity.models import Fingerprint
from media_pipeline.similarity.services import keep_prints
from media_pipeline.similarity.texts import Said, lines_of, said
from media_pipeline.similarity.types import Alike, Kind, Measured, Tie
from media_pipeline.stages.ports import Comparison
from media_pipeline.stages.prints import Prints, picture_query, sound_keys
from media_pipeline.stages.thresholds import Thresholds
from media_pipeline.stages.transcribe import doubts
from media_pipeline.stages.types import Check, Json, Reason, Verdict

# Of each kind of key so many earlier works are held against in full.
_MOST = 20
# So many look-alikes are kept for a panel, and so many earlier attempts of the same person.
_KEPT = 10
# Fewer letters of her own say nothing.
_LEAST_LETTERS = 60
_CHECKS = {Kind.PICTURE: "duplicate_video", Kind.SOUND: "duplicate_audio", Kind.TEXT: "duplicate_text"}


@dataclass(frozen=True)
class _Other:
    """Another work and what was measured."""

    asset: int
    tie: Tie
    measures: tuple[Measured, ...]

    @property
    def strongest(self) -> tuple[bool, float, int]:
        """To sort by: the same file first."""
        values = [each.value for each in self.measures if each.warns]
        return (self.measures[0].kind is not Kind.FILE, -max(values), self.asset)

    def to_json(self) -> Json:
        return {"other": self.asset, "tie": self.tie.value, "measures": [asdict(each) for each in self.measures]}


@dataclass(frozen=True)
class EarlierWorks:
    """The record of works as one work is held against it."""

    asset: MediaAsset
    now: datetime

    def compare(self, prints: Prints, thresholds: Thresholds) -> Comparison:
        """Fingerprints first, in a transaction of their own: of two works compared at the same moment one sees the other."""
        mine = said(() if "text" in prints.lacking else prints.said)
        lacking = _lacking(prints, mine)
        keep_prints(self.asset, prints, mine, now=self.now)
        keys = picture_query(prints.pictures) | sound_keys(prints.sounds.values()) | mine.keys
        rows = Fingerprint.objects.filter(pk__in=most_alike(keys, most=_MOST)).exclude(asset=self.asset)
        hers = self._hers()
        attempts = list(self._attempts(hers).order_by("-pk").values_list("pk", flat=True)[:_KEPT])
        # What was made to show the platform stays among itself.
        strangers = rows.filter(asset__is_demo=self.asset.is_demo).exclude(
            asset__in=MediaAsset.submissions.filter(hers)
        )
        measured = _measured(
            prints, mine, [*strangers, *Fingerprint.objects.filter(asset__in=attempts)], thresholds, lacking
        )
        twins = self._twins(hers)
        others = [
            _Other(asset, Tie.OTHER, (*_same_file(asset in twins), *measured.get(asset, ())))
            for asset in dict.fromkeys([*twins, *measured])
            if asset not in attempts
        ]
        alike = sorted((other for other in others if any(each.warns for each in other.measures)), key=_strongest)
        linked = [_Other(asset, Tie.SAME, measured.get(asset, ())) for asset in attempts]
        checks = (
            _exact(len(twins)),
            *(_check(kind, others, thresholds, lacking.get(kind)) for kind in _CHECKS),
            _resubmission(self._attempts(hers).count()),
        )
        return Comparison(checks, tuple(each.to_json() for each in (*alike[:_KEPT], *linked)))

    def _hers(self) -> Q:
        """Works of the same human being: by this login, or by any record that was merged into one with hers."""
        mine = Q(owner_user=self.asset.owner_user)
        if self.asset.owner_person is not None:
            person: UUID = self.asset.owner_person
            mine |= Q(owner_person__in=records_of([person])[person])
        return mine

    def _attempts(self, hers: Q) -> QuerySet[MediaAsset]:
        """Her earlier works that were looked at to the end; what another upload took the place of was none."""
        works = MediaAsset.submissions.filter(hers, pk__lt=self.asset.pk, fingerprint__isnull=False)
        return works.exclude(state=AssetState.REPLACED)

    def _twins(self, hers: Q) -> list[int]:
        """The same file handed in earlier by somebody else, whatever became of it; one that came later is its own affair."""
        works = MediaAsset.submissions.filter(
            sha256=self.asset.sha256, is_demo=self.asset.is_demo, pk__lt=self.asset.pk
        )
        return list(works.exclude(hers).order_by("pk").values_list("pk", flat=True))


def _strongest(other: _Other) -> tuple[bool, float, int]:
    return other.strongest


def _lacking(prints: Prints, mine: Said) -> Mapping[Kind, Reason]:
    found = {Kind(part): Reason(code) for part, code in prints.lacking.items() if part != Kind.TEXT}
    if Kind.TEXT in prints.lacking:
        found[Kind.TEXT] = doubts(prints.lacking[Kind.TEXT])
    elif mine.own_letters < _LEAST_LETTERS:
        found[Kind.TEXT] = Reason("little_own_text", {"letters": mine.own_letters})
    return found


def _measured(
    prints: Prints, mine: Said, rows: Sequence[Fingerprint], t: Thresholds, lacking: Collection[Kind]
) -> dict[int, tuple[Measured, ...]]:
    """Asset → what each of the three measures says, of those that could be taken."""
    found: dict[int, list[Measured]] = {row.asset_id: [] for row in rows}
    for row in rows:
        if Kind.PICTURE not in lacking:
            like = logic.pictures_alike(prints.pictures, np.frombuffer(row.pictures, "<u8"), bits=t.picture_bits)
            found[row.asset_id].append(_measure(Kind.PICTURE, like, t.same_picture_share))
        if Kind.SOUND not in lacking:
            like = logic.sounds_alike(prints.sounds, np.frombuffer(row.sound, "<u4"), like=t.same_sound_share)
            found[row.asset_id].append(_measure(Kind.SOUND, like, t.same_sound_share))
    if Kind.TEXT not in lacking:
        for asset, like in _texts(mine, list(found)).items():
            found[asset].append(_measure(Kind.TEXT, like, t.like_text_share))
    return {asset: tuple(measures) for asset, measures in found.items()}


def _measure(kind: Kind, like: Alike, threshold: float) -> Measured:
    warns = like.value >= threshold
    return Measured(kind, like.value, threshold, warns, like.stretches if warns else (), like.how)


def _texts(mine: Said, assets: Sequence[int]) -> dict[int, Alike]:
    others = {asset: said(lines) for asset, lines in lines_of(assets).items()}
    told = [asset for asset, other in others.items() if other.own_letters >= _LEAST_LETTERS]
    values = similar.cosines(similar.counts(mine.pieces), [similar.counts(others[asset].pieces) for asset in told])
    return {
        asset: Alike(
            round(value, 3),
            logic.said_stretches(similar.shared(mine.text, others[asset].text), mine.seconds, others[asset].seconds),
        )
        for asset, value in zip(told, values, strict=True)
    }


def _same_file(same: bool) -> tuple[Measured, ...]:
    return (Measured(Kind.FILE, 1.0, 1.0, warns=True),) if same else ()


def _exact(twins: int) -> Check:
    if twins:
        return Check("duplicate_exact", Verdict.FAIL, twins, 0, note=Reason("same_file"))
    return Check("duplicate_exact", Verdict.PASS, 0, 0)


def _resubmission(count: int) -> Check:
    if count:
        return Check("resubmission", Verdict.INFO, count, 0, note=Reason("earlier_attempts", {"count": count}))
    return Check("resubmission", Verdict.PASS, 0, 0)


def _check(kind: Kind, others: Sequence[_Other], t: Thresholds, lacking: Reason | None) -> Check:
    """The most alike of all earlier works of others; the boundary is in the thresholds."""
    threshold = {
        Kind.PICTURE: t.same_picture_share,
        Kind.SOUND: t.same_sound_share,
        Kind.TEXT: t.like_text_share,
    }[kind]
    if lacking:
        return Check(_CHECKS[kind], Verdict.NOT_RUN, None, threshold, note=lacking)
    measures = [each for other in others for each in other.measures if each.kind is kind]
    best = max(measures, key=lambda each: each.value, default=None)
    if best is None or not best.warns:
        return Check(_CHECKS[kind], Verdict.PASS, best.value if best else 0.0, threshold)
    code = {
        Kind.PICTURE: "like_picture_mirrored" if best.how else "like_picture",
        Kind.SOUND: "like_sound",
        Kind.TEXT: "same_text" if best.value >= t.same_text_share else "like_text",
    }[kind]
    ranges = tuple((span.own_start, span.own_end) for span in best.stretches)
    if code == "same_text":
        threshold = t.same_text_share
    note = Reason(code, {"percent": round(best.value * 100)})
    return Check(_CHECKS[kind], Verdict.WARN, best.value, threshold, ranges, note)
