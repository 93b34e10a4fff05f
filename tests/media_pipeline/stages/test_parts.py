"""Long recordings are heard in parts, cut in silence, told on one clock."""

import itertools
import wave
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_pipeline.stages import transcribe
from media_pipeline.stages.api import Recognition, Request, StageContext, Tools
from media_pipeline.stages.parts import PART_S, WHOLE_S, cuts, joined, part_of
from media_pipeline.stages.thresholds import MATERIAL
from tests.media_pipeline.clips import tools
from tests.media_pipeline.fakes import RecordedHands


def heard(*texts: str) -> Recognition:
    segments = tuple(
        {
            "start": 2.0 * place,
            "end": 2.0 * place + 2,
            "text": text,
            "avg_logprob": -0.2,
            "no_speech_prob": 0.0,
            "compression_ratio": 1.1,
            "words": [{"word": text, "start": 2.0 * place, "end": 2.0 * place + 2, "probability": 0.9}],
        }
        for place, text in enumerate(texts)
    )
    return Recognition("zh", 0.9, 2.0 * len(texts), segments)


def test_what_a_work_may_last_is_heard_whole() -> None:
    assert cuts(WHOLE_S, []) == [(0.0, WHOLE_S)]
    assert len(cuts(WHOLE_S + 1, [])) == 2


def test_a_part_ends_in_the_nearest_silence() -> None:
    silences = [(100.0, 104.0), (1190.0, 1193.0), (1260.0, 1270.0)]
    assert cuts(2400.0, silences) == [(0.0, 1191.5), (1191.5, 2400.0)]
    assert cuts(2400.0, [(100.0, 104.0)]) == [(0.0, PART_S), (PART_S, 2400.0)]


@given(
    seconds=st.floats(1.0, 3 * 3600.0),
    silences=st.lists(st.tuples(st.floats(0, 10_000), st.floats(0, 30)).map(lambda pair: (pair[0], sum(pair)))),
)
def test_parts_have_no_gap_and_are_not_long(seconds: float, silences: list[tuple[float, float]]) -> None:
    parts = cuts(seconds, silences)
    assert (parts[0][0], parts[-1][1]) == (0.0, seconds)
    assert all(before[1] == after[0] for before, after in itertools.pairwise(parts))
    assert all(0 < end - start <= WHOLE_S for start, end in parts)


def test_times_are_those_of_the_whole() -> None:
    whole = joined([((0.0, 1200.0), heard("一", "二")), ((1200.0, 2400.0), heard("三"))])
    assert [(part["start"], part["text"]) for part in whole.segments] == [(0.0, "一"), (2.0, "二"), (1200.0, "三")]
    assert whole.segments[2]["words"][0]["end"] == 1202.0
    assert (whole.speech_s, round(whole.language_probability, 6)) == (6.0, 0.9)


def test_a_part_has_the_sound_of_its_seconds(tmp_path: Path) -> None:
    source = tmp_path / "sound.wav"
    with wave.open(str(source), "wb") as made:
        made.setparams((1, 2, 16000, 0, "NONE", ""))
        made.writeframes(b"".join(bytes([second, 0]) * 16000 for second in range(5)))
    with part_of(source, (1.5, 3.0), tmp_path) as part, wave.open(str(part), "rb") as read:
        assert (read.getframerate(), read.getnframes()) == (16000, 24000)
        assert read.readframes(24000) == bytes([1, 0]) * 8000 + bytes([2, 0]) * 16000
    assert not part.exists()


@pytest.mark.parametrize("seconds, asked", ((60.0, 1), (2500.0, 2)))
def test_the_stage_asks_once_a_part(tmp_path: Path, seconds: float, asked: int) -> None:
    wav = tmp_path / "sound.wav"
    with wave.open(str(wav), "wb") as made:
        made.setparams((1, 2, 16000, 0, "NONE", ""))
        made.writeframes(bytes(32))
    hands = RecordedHands(recognition=heard("大家好，今天讲鱼丸。"))
    shares: list[float] = []
    (tmp_path / "out").mkdir()
    output = transcribe.work(
        StageContext(
            wav, tmp_path / "out", {"measure": {"duration_s": seconds, "silences": [[1190.0, 1194.0]]}}, {"wav": wav},
            Request(), Tools(hands, tools().rules, MATERIAL), shares.append,
        )
    )  # fmt: skip
    assert len(hands.asked) == asked
    starts = [cue["start"] for cue in output.data["cues"]]
    assert starts == [0.0, 1192.0][:asked]
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["captions.vtt"]
