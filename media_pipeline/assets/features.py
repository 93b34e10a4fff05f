"""Features for scoring support: as stored for models, and in words for the evidence page."""

from uuid import UUID

from django.utils.translation import gettext, pgettext

from media_pipeline.assets import models
from media_pipeline.assets.types import (
    AssetState,
    EvidenceCoverage,
    EvidenceFeature,
    EvidenceFeatures,
    EvidenceMarker,
)
from media_pipeline.stages.features import CRITERIA, UNITS, Coverage, Feature, FeatureSheet, topics
from media_pipeline.stages.messages import say


def features_of(work: UUID) -> FeatureSheet | None:
    """The newest sheet of a finished work, None where this version found none or the stored schema is another's."""
    row = (
        models.FeatureSheet.objects.filter(asset__uuid=work, asset__state=AssetState.READY).order_by("-run__id").first()
    )
    return _read(row)


def features_shown(run: models.StageRun, words: str) -> EvidenceFeatures | None:
    """The sheet of a run of the last stage in `words` ("zh" or "en")."""
    sheet = _read(models.FeatureSheet.objects.filter(run=run).first())
    if sheet is None:
        return None
    return EvidenceFeatures(
        figures=tuple(_figure(each, words) for each in sheet.features),
        markers=tuple(
            EvidenceMarker(each.name, each.zh if words == "zh" else each.en, each.at_s, each.doubtful)
            for each in sheet.markers
        ),
        coverage=tuple(_coverage(each, words) for each in sheet.coverage if each.share is not None),
    )


def _read(row: models.FeatureSheet | None) -> FeatureSheet | None:
    try:
        return FeatureSheet.from_json(row.content) if row else None
    except (ValueError, KeyError, TypeError):
        return None  # of another version of this program: computed anew when the work is looked at again


def _figure(feature: Feature, words: str) -> EvidenceFeature:
    return EvidenceFeature(
        name=feature.name,
        label=_label(feature.name),
        value="" if feature.value is None else _with_unit(feature.value, UNITS[feature.name]),
        why=say(feature.why, words) if feature.why else "",
    )


def _coverage(each: Coverage, words: str) -> EvidenceCoverage:
    names = {topic.key: topic.zh if words == "zh" else topic.en for topic in topics().topics}
    missing = tuple(names.get(key, key) for key in each.missing)
    english, chinese = CRITERIA.get(each.criterion, (each.criterion, each.criterion))
    title = chinese if words == "zh" else english
    return EvidenceCoverage(each.criterion, title, len(each.said), len(each.said) + len(each.missing), missing)


def _with_unit(value: float, unit: str) -> str:
    if unit == "%":
        return f"{value * 100:.0f}%"
    if unit == "cpm":
        return gettext("%(number)s characters a minute") % {"number": f"{value:.0f}"}
    if unit == "s":
        return gettext("%(number)s s") % {"number": f"{value:.1f}"}
    if unit == "st":
        return pgettext("feature", "%(number)s semitones") % {"number": f"{value:.1f}"}
    return f"{value:g} {unit}".strip()


def _label(name: str) -> str:
    return {
        "speech_rate": pgettext("feature", "Speech rate"),
        "speech_share": pgettext("feature", "Share of speech"),
        "pause_count": pgettext("feature", "Pauses"),
        "pause_share": pgettext("feature", "Share of pauses"),
        "pause_longest": pgettext("feature", "Longest pause"),
        "pause_median": pgettext("feature", "Middle pause"),
        "loudness": pgettext("feature", "Loudness"),
        "loudness_range": pgettext("feature", "Range of loudness"),
        "pitch_spread": pgettext("feature", "Spread of pitch"),
        "brand_count": pgettext("feature", "Brand named"),
        "trust": pgettext("feature", "Trusted transcript"),
    }[name]
