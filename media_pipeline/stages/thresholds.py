"""The thresholds of domain 4.5. Proposed defaults ([P]) unless a source is named; data, changed without touching code."""

import hashlib
import json
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Thresholds:
    """Boundaries of the automatic checks. Shares are 0..1, times seconds, levels dB or LUFS."""

    # Checks that only warn where they would refuse a work.
    warn_only: tuple[str, ...] = ()

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

    # Spoken mentions of the brand; a regional skill paper scores three [V].
    brand_good_count: int = 3

    @property
    def version(self) -> str:
        """First 8 hex digits of the content's sha256."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()[:8]


# Videos of lessons and of homework are taught with, not judged: any length up to three hours, a still picture or no sound
# at all (slides, a demonstration by hand) is theirs to choose, and is noted for whoever made it.
MATERIAL = Thresholds(
    warn_only=("resolution", "audio_present", "silence", "black", "frozen"),
    min_duration_s=1.0,
    long_duration_s=3 * 3600.0,
    max_duration_s=3 * 3600.0,
)
