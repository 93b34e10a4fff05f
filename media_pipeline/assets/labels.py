"""Words for states, products, levels and stages, in the reader's language."""

from datetime import timedelta

from django.utils.translation import get_language, gettext, ngettext, pgettext

from lms.core.types import Level, ProductKind
from media_pipeline.assets.types import AssetState, Purpose
from media_pipeline.stages.api import Reason, stage_named
from media_pipeline.stages.messages import say


def language() -> str:
    """The language of stored reasons and of rule packs: "zh" or "en"."""
    return "zh" if (get_language() or "zh").startswith("zh") else "en"


def level_label(level: int) -> str:
    """初级, 中级 …"""
    return {
        Level.ELEMENTARY: pgettext("level", "Elementary"),
        Level.INTERMEDIATE: pgettext("level", "Intermediate"),
        Level.ADVANCED: pgettext("level", "Advanced"),
        Level.TECHNICIAN: pgettext("level", "Technician"),
        Level.SENIOR_TECHNICIAN: pgettext("level", "Senior technician"),
    }[Level(level)]


def product_label(product: str) -> str:
    """食品, 茶叶 …"""
    return {
        ProductKind.FOOD: pgettext("product", "Food"),
        ProductKind.TEA: pgettext("product", "Tea"),
        ProductKind.HEALTH_FOOD: pgettext("product", "Health food"),
        ProductKind.ALCOHOL: pgettext("product", "Alcohol"),
        ProductKind.COSMETICS: pgettext("product", "Cosmetics"),
        ProductKind.DAILY: pgettext("product", "Daily goods"),
        ProductKind.OTHER: pgettext("product", "Other"),
    }[ProductKind(product)]


def state_label(state: AssetState) -> tuple[str, str]:
    """The tag of a state: its words and its tone."""
    return {
        AssetState.UPLOADED: (pgettext("submission", "Uploaded"), "now"),
        AssetState.VALIDATING: (pgettext("submission", "Checking the file"), "now"),
        AssetState.QUEUED: (pgettext("submission", "Waiting for speech to text"), "now"),
        AssetState.TRANSCRIBING: (pgettext("submission", "Speech to text"), "now"),
        AssetState.CHECKING: (pgettext("submission", "Checking the words"), "now"),
        AssetState.READY: (pgettext("submission", "Checks finished"), "ok"),
        AssetState.REJECTED: (pgettext("submission", "Not accepted"), "bad"),
        AssetState.FAILED: (pgettext("submission", "Processing stopped"), "warn"),
        AssetState.REPLACED: (pgettext("submission", "Replaced by a new upload"), "mute"),
    }[state]


def material_label(state: AssetState) -> tuple[str, str]:
    """The same for a video of a lesson or of homework, which nobody judges here."""
    return {
        AssetState.READY: (pgettext("video", "Ready"), "ok"),
        AssetState.REJECTED: (pgettext("video", "Cannot be used"), "bad"),
        AssetState.FAILED: (pgettext("video", "Processing stopped"), "warn"),
    }.get(state, (pgettext("video", "Being prepared"), "now"))


def purpose_label(purpose: Purpose) -> str:
    """What a video was handed in for."""
    return {
        Purpose.SUBMISSION: pgettext("purpose of a video", "Assessment"),
        Purpose.LESSON: pgettext("purpose of a video", "Lesson"),
        Purpose.HOMEWORK: pgettext("purpose of a video", "Homework"),
        Purpose.RECORDING: pgettext("purpose of a video", "Class recording"),
    }[purpose]


def headline(state: AssetState) -> str:
    """The sentence that answers "what now" on the progress page."""
    if state is AssetState.READY:
        return gettext("The checks are finished. Your video goes to the examiners.")
    if state is AssetState.REJECTED:
        return gettext("This video was not accepted. Please upload another one.")
    if state is AssetState.FAILED:
        return gettext("Something went wrong on our side. You need not upload again; staff will start it once more.")
    if state is AssetState.REPLACED:
        return gettext("You have uploaded a newer video in its place.")
    return gettext("Your video is being checked.")


def stage_title(name: str) -> str:
    """文件检查, 语音转文字 … (a stage brings its own two titles)."""
    stage = stage_named(name)
    return stage.title_zh if language() == "zh" else stage.title


def spent(wall_s: float) -> str:
    """How long a stage took: 21秒, 3分钟."""
    seconds = max(1, round(wall_s))
    if seconds < 90:
        return ngettext("%(number)d second", "%(number)d seconds", seconds) % {"number": seconds}
    minutes = round(timedelta(seconds=seconds) / timedelta(minutes=1))
    return ngettext("%(number)d minute", "%(number)d minutes", minutes) % {"number": minutes}


def reason_text(reason: dict[str, object]) -> str:
    """A stored refusal or note in plain words."""
    return say(Reason.from_json(reason), language())
