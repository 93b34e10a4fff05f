"""The thresholds of domain 4.5. Proposed defaults ([P]) unless a source is named; data, changed without touching code.

The numbers below are the table's own. What a purpose or a level has differently stands in `data/thresholds.yaml`, or in the
file an installation names in its place.
"""

import hashlib
import json
import numbers
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from lms.core.types import Level

BOOK = Path(__file__).parent / "data" / "thresholds.yaml"
SUBMISSION, RECORDING = "submission", "recording"


@dataclass(frozen=True)
class Thresholds:
    """Boundaries of the automatic checks. Shares are 0..1, times seconds, levels dB or LUFS."""

    # Checks that only warn where they would refuse a work.
    warn_only: tuple[str, ...] = ()
    # The only checks of picture and sound that are made; none named: all. With some named nothing is encoded that plays as it
    # is, and nothing is heard or read.
    only: tuple[str, ...] = ()

    max_bytes: int = 2 * 1024**3
    max_pixels: int = 9_000_000  # what a decoder may be asked for (engineering notes: an 8K-wide HEVC took 2.4 GB)

    min_duration_s: float = 60.0  # S2-32
    long_duration_s: float = 600.0
    max_duration_s: float = 1800.0
    # A file whose header promises more picture than decodes is broken, whatever the decoder's exit code.
    truncated_s: float = 1.0
    truncated_share: float = 0.02

    min_short_side: int = 480
    good_short_side: int = 720
    best_short_side: int = 1080  # a contest requires it [V]
    min_frame_rate: float = 15.0

    min_mean_volume_db: float = -60.0
    loudness_low_lufs: float = -24.0
    loudness_high_lufs: float = -12.0
    inaudible_lufs: float = -40.0
    max_true_peak_db: float = -1.0
    max_clipped_share: float = 0.001
    silence_noise_db: float = -40.0
    silence_min_s: float = 2.0
    silence_gap_s: float = 8.0
    silence_warn_share: float = 0.20
    silence_fail_share: float = 0.60
    # A gap between two words that counts as a pause, in the features for scoring.
    pause_min_s: float = 0.6
    min_speech_share: float = 0.40

    black_min_s: float = 0.5
    black_warn_s: float = 2.0
    black_warn_share: float = 0.03
    black_fail_share: float = 0.30
    frozen_noise: float = 0.001  # -60 dB
    frozen_min_s: float = 2.0
    frozen_warn_share: float = 0.20
    frozen_fail_share: float = 0.60
    dark_luma: float = 40.0  # of 255, mean
    # Variance of the 3x3 Laplacian on pictures of 240 pixels short side, 8-bit luma, median over the work.
    blur_floor: float = 15.0

    # Characters a speech minute; news reads 200-300, everyday talk 120-160 [V].
    slow_speech: float = 120.0
    fast_speech: float = 320.0
    min_mandarin_probability: float = 0.6
    low_logprob: float = -1.0
    doubtful_logprob: float = -0.5  # a high no-speech figure counts only below it (see cues.low_trust)
    high_no_speech: float = 0.6
    high_compression: float = 2.4

    # Look-alikes: bits of 64 by which two pictures of one copy may differ; the share of the shorter video that agrees.
    picture_bits: float = 10
    same_picture_share: float = 0.6
    same_sound_share: float = 0.85
    like_text_share: float = 0.4
    same_text_share: float = 0.6

    # Spoken mentions of the brand; a regional skill paper scores three [V].
    brand_good_count: int = 3

    @property
    def content_hash(self) -> str:
        """The content's sha256, 64 hex digits."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()

    @property
    def version(self) -> str:
        """Its first 8 hex digits."""
        return self.content_hash[:8]


class ThresholdFault(ValueError):
    """A file of thresholds cannot be read or makes no sense. The message names the place."""


@dataclass(frozen=True)
class ThresholdBook:
    """What each purpose has differently from the table, and each level of a work handed in for the assessment."""

    purposes: Mapping[str, Mapping[str, Any]]
    levels: Mapping[int, Mapping[str, Any]]

    def of(self, purpose: str = SUBMISSION, level: Level | None = None) -> Thresholds:
        """The thresholds of a purpose; a level counts for submissions alone. Raises ThresholdFault for an unknown purpose."""
        if purpose not in self.purposes:
            raise ThresholdFault(f"no thresholds for the purpose {purpose!r}")
        changes = dict(self.purposes[purpose])
        if purpose == SUBMISSION and level is not None:
            changes |= self.levels.get(int(level), {})
        return replace(Thresholds(), **changes)


@lru_cache
def thresholds_in(path: Path = BOOK) -> ThresholdBook:
    """The book of a file; read once a process. Raises ThresholdFault."""
    try:
        return read_book(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ThresholdFault(f"the thresholds {path.name} cannot be read: {error.strerror}") from error


def read_book(text: str) -> ThresholdBook:
    """A book from YAML: `purposes` and `levels`, each a mapping of names of `Thresholds` to values. Raises ThresholdFault."""
    try:
        told = yaml.safe_load(text) or {}
        purposes = {str(name): _changes(str(name), values) for name, values in (told.get("purposes") or {}).items()}
        levels = {
            int(Level(name)): _changes(f"level {name}", values) for name, values in (told.get("levels") or {}).items()
        }
    except (yaml.YAMLError, AttributeError, ValueError) as error:
        raise (
            error if isinstance(error, ThresholdFault) else ThresholdFault(f"thresholds cannot be read: {error}")
        ) from None
    purposes.setdefault(SUBMISSION, {})
    book = ThresholdBook(purposes, levels)
    for purpose in book.purposes:
        _sensible(purpose, book.of(purpose))
    for level in levels:
        _sensible(f"level {level}", book.of(SUBMISSION, Level(level)))
    return book


def _changes(place: str, values: Any) -> dict[str, Any]:
    known = asdict(Thresholds())
    changes: dict[str, Any] = {}
    for name, value in (values or {}).items():
        if name not in known:
            raise ThresholdFault(f"{place}: there is no threshold {name!r}")
        names = isinstance(known[name], tuple)
        if names and isinstance(value, list) and all(isinstance(one, str) for one in value):
            changes[name] = tuple(value)
        elif not names and isinstance(value, numbers.Real) and not isinstance(value, bool):
            changes[name] = type(known[name])(value)
        else:
            raise ThresholdFault(f"{place}: {name} is {'a list of checks' if names else 'a number'}, not {value!r}")
    return changes


# Two boundaries of one measure: the first is the smaller.
_ORDERED = (
    ("min_duration_s", "long_duration_s"),
    ("long_duration_s", "max_duration_s"),
    ("min_short_side", "good_short_side"),
    ("good_short_side", "best_short_side"),
    ("inaudible_lufs", "loudness_low_lufs"),
    ("loudness_low_lufs", "loudness_high_lufs"),
    ("silence_warn_share", "silence_fail_share"),
    ("black_warn_share", "black_fail_share"),
    ("frozen_warn_share", "frozen_fail_share"),
    ("slow_speech", "fast_speech"),
    ("low_logprob", "doubtful_logprob"),
    ("like_text_share", "same_text_share"),
)


def _sensible(place: str, t: Thresholds) -> None:
    for low, high in _ORDERED:
        if getattr(t, low) > getattr(t, high):
            raise ThresholdFault(f"{place}: {low} lies above {high}")
    for each in fields(Thresholds):
        value = getattr(t, each.name)
        if each.name.endswith("_share") and not 0 <= value <= 1:
            raise ThresholdFault(f"{place}: {each.name} is a share from 0 to 1")
        if each.name.endswith(("_s", "_bytes", "_pixels", "_side", "_rate")) and value <= 0:
            raise ThresholdFault(f"{place}: {each.name} lies above 0")
