"""What the default recogniser computes window by window is what its library computes of the whole."""

import numpy as np
import pytest
from faster_whisper.feature_extractor import FeatureExtractor
from faster_whisper.vad import get_vad_model

from media_pipeline.engines.whisper_faster import SpectrumInWindows, VoiceInWindows


@pytest.mark.parametrize("samples", (160, 16_000, 320_000, 320_001, 719_999))
def test_the_spectrum_is_that_of_the_whole(samples):
    sound = np.random.default_rng(samples).normal(0, 0.1, samples).astype(np.float32)
    sound[: samples // 2] /= 1000  # nothing is as loud as in the second half: the floor is that of the whole
    of = FeatureExtractor()
    spectrum = SpectrumInWindows(of)(sound)
    assert spectrum.dtype == np.float32
    np.testing.assert_allclose(spectrum, of(sound), atol=1e-5)


def test_chunks_of_another_length_are_refused():
    with pytest.raises(ValueError, match="another length"):
        SpectrumInWindows(FeatureExtractor())(np.zeros(16_000, np.float32), chunk_length=5)


def test_the_voice_is_found_where_the_whole_has_it():
    # Bursts, so that what it remembers of earlier windows matters; 50 s are three windows.
    sound = np.random.default_rng(5).normal(0, 0.2, 512 * 1570).astype(np.float32)
    sound *= np.sin(np.arange(len(sound)) / 9000) ** 8
    model = get_vad_model()
    whole = model(sound)
    held = model.session
    model.session = VoiceInWindows(held)
    try:
        in_windows = model(sound)
    finally:
        model.session = held
    np.testing.assert_allclose(in_windows, whole, atol=1e-6)
    assert np.ptp(whole) > 0.001
