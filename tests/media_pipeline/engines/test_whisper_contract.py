"""What every recogniser must do, whichever is installed: real weights, real speech."""

from difflib import SequenceMatcher
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml
from django.conf import settings

from media_pipeline.engines.api import EngineError, EngineHands, EngineSettings
from media_pipeline.stages.hallucination import sort_out
from media_pipeline.stages.text import normalise
from media_pipeline.stages.thresholds import Thresholds
from tests.media_pipeline.clips import SPEECH, ffmpeg

HAS_OPENAI = find_spec("whisper") is not None and find_spec("torch") is not None
SECONDS = 12


@pytest.fixture(
    scope="module",
    params=(
        "faster-whisper",
        pytest.param(
            "openai-whisper",
            marks=pytest.mark.skipif(not HAS_OPENAI, reason="openai-whisper is not installed (optional engine)"),
        ),
    ),
)
def hands(request, tmp_path_factory):
    model = settings.WHISPER_MODEL
    assert Path(model).is_dir(), "run `make setup` first: the weights are not there"
    if request.param == "openai-whisper":
        from media_pipeline.engines.openai_checkpoint import CHECKPOINT, convert

        held = Path(settings.WEIGHTS_DIR) / "whisper-base-openai" / CHECKPOINT
        model = str(held if held.is_file() else convert(Path(model), tmp_path_factory.mktemp("openai")))
    return EngineHands(EngineSettings(whisper_model=model, whisper_engine=request.param))


# Resident megabytes: the default must fit a worker of 1 GB.
ROOM = {"faster-whisper": 1024, "openai-whisper": 2048}


@pytest.fixture(scope="module")
def wav(tmp_path_factory):
    path = tmp_path_factory.mktemp("wav") / "speech.wav"
    # Two seconds of silence in front: times must be those of the file, not of the speech found in it.
    ffmpeg(
        "-i",
        str(SPEECH / "violating-tea.opus"),
        "-af",
        f"atrim=end={SECONDS},adelay=2000",
        "-ar",
        "16000",
        "-ac",
        "1",
        str(path),
    )
    return path


@pytest.mark.slow
def test_speech_becomes_timed_text(hands, wav):
    shares: list[float] = []
    heard = hands.transcribe(
        wav, language="zh", prompt="", hotwords="明月茶园，绿茶。", duration_s=SECONDS + 2, progress=shares.append
    )
    said = "".join(yaml.safe_load((SPEECH / "violating-tea.yaml").read_text("utf-8"))["text"])
    text = normalise("".join(segment["text"] for segment in heard.segments))[0]
    assert SequenceMatcher(None, text, said[: len(text)]).ratio() > 0.75
    assert (heard.language, heard.language_probability > 0.9) == ("zh", True)
    assert heard.speech_s == pytest.approx(SECONDS, abs=1.5)
    assert heard.segments[0]["start"] == pytest.approx(2.0, abs=0.7)
    assert heard.segments[-1]["end"] == pytest.approx(SECONDS + 2, abs=1.0)
    for segment in heard.segments:
        assert {"avg_logprob", "no_speech_prob", "compression_ratio"} <= segment.keys()
        assert "".join(word["word"] for word in segment["words"]) == segment["text"]
        assert all(word["start"] <= word["end"] for word in segment["words"])
    assert shares == sorted(shares)
    assert 0 < shares[-1] <= 1
    cpu_s, peak_mb = hands.spent()
    assert cpu_s > 0
    assert peak_mb < ROOM[hands.versions()["whisper"].split()[0]]


def test_silence_gives_no_text_even_with_a_prompt(hands, tmp_path):
    path = tmp_path / "silence.wav"
    ffmpeg("-f", "lavfi", "-t", "8", "-i", "anullsrc=r=16000:cl=mono", "-c:a", "pcm_s16le", str(path))
    prompt = "以下是普通话的句子。"
    heard = hands.transcribe(path, language="zh", prompt=prompt, hotwords="", duration_s=8)
    assert sort_out(heard.segments, prompt, Thresholds())[0] == []


def test_missing_weights_are_an_engine_error(tmp_path, wav):
    hands = EngineHands(EngineSettings(whisper_model=str(tmp_path)))
    with pytest.raises(EngineError):
        hands.transcribe(wav, language="zh", prompt="", hotwords="", duration_s=1)


def test_an_unknown_engine_is_named():
    with pytest.raises(EngineError, match="faster-whisper or openai-whisper"):
        EngineHands(EngineSettings(whisper_model="x", whisper_engine="other"))
