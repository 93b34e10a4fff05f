"""Long recordings are heard in pieces, cut where it is quiet, told on one clock; whoever is killed goes on at the piece."""

import itertools
import os
import signal
import subprocess
import sys
import time
import wave
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from media_pipeline.stages import transcribe
from media_pipeline.stages.api import Request, StageContext, Tools
from media_pipeline.stages.parts import PIECE_S, WHOLE_S, Kept, cuts, joined, part_of, quietest_of
from media_pipeline.stages.thresholds import Thresholds
from tests.media_pipeline.clips import tools
from tests.media_pipeline.fakes import RecordedHands, heard

RATE = 16_000


def sound(path: Path, seconds: float, quiet: tuple[tuple[float, float], ...] = ()) -> Path:
    """A wav of noise with quiet stretches."""
    samples = np.random.default_rng(1).integers(-8000, 8000, round(seconds * RATE), dtype=np.int16)
    for low, high in quiet:
        samples[round(low * RATE) : round(high * RATE)] //= 400
    with wave.open(str(path), "wb") as made:
        made.setparams((1, 2, RATE, 0, "NONE", ""))
        made.writeframes(samples.tobytes())
    return path


def middle(low: float, high: float) -> float:
    return (low + high) / 2


def test_five_minutes_are_heard_whole() -> None:
    assert cuts(WHOLE_S, middle) == [(0.0, WHOLE_S)]
    assert cuts(WHOLE_S + 1, middle) == [(0.0, PIECE_S), (PIECE_S, WHOLE_S + 1)]


def test_a_piece_ends_where_it_is_quietest(tmp_path: Path) -> None:
    # A pause of half a second between two sentences; a closure of 0.1 s inside a word nearer to the wanted end.
    wav = sound(tmp_path / "sound.wav", 320.0, ((239.9, 240.0), (251.0, 251.5)))
    ((_, end), (start, last)) = cuts(320.0, quietest_of(wav))
    assert (end == start, last) == (True, 320.0)
    assert 251.1 < end < 251.4
    assert quietest_of(wav)(400.0, 401.0) == 400.5  # behind its end


@given(seconds=st.floats(1.0, 3 * 3600.0), at=st.floats(0, 1))
def test_pieces_have_no_gap_and_are_not_long(seconds: float, at: float) -> None:
    parts = cuts(seconds, lambda low, high: low + at * (high - low))
    assert (parts[0][0], parts[-1][1]) == (0.0, seconds)
    assert all(before[1] == after[0] for before, after in itertools.pairwise(parts))
    assert all(0 < end - start <= WHOLE_S for start, end in parts)


def test_times_are_those_of_the_whole() -> None:
    whole = joined([((0.0, 1200.0), heard("一", "二")), ((1200.0, 2400.0), heard("三"))])
    assert [(part["start"], part["text"]) for part in whole.segments] == [(0.0, "一"), (2.0, "二"), (1200.0, "三")]
    assert whole.segments[2]["words"][0]["end"] == 1202.0
    assert (whole.speech_s, round(whole.language_probability, 6)) == (6.0, 0.9)


def test_a_silent_piece_says_nothing_of_the_language() -> None:
    silent = replace(heard(), language_probability=0.0, speech_s=0.0)
    assert joined([((0.0, 240.0), heard("一")), ((240.0, 480.0), silent)]).language_probability == pytest.approx(0.9)
    assert joined([((0.0, 240.0), silent), ((240.0, 480.0), silent)]).language_probability == 0.0


def test_a_piece_has_the_sound_of_its_seconds(tmp_path: Path) -> None:
    source = tmp_path / "sound.wav"
    with wave.open(str(source), "wb") as made:
        made.setparams((1, 2, RATE, 0, "NONE", ""))
        made.writeframes(b"".join(bytes([second, 0]) * RATE for second in range(5)))
    with part_of(source, (1.5, 3.0), tmp_path) as part, wave.open(str(part), "rb") as read:
        assert (read.getframerate(), read.getnframes()) == (RATE, 24000)
        assert read.readframes(24000) == bytes([1, 0]) * 8000 + bytes([2, 0]) * 16000
    assert not part.exists()


def test_a_piece_that_was_not_written_to_its_end_is_heard_again(tmp_path: Path) -> None:
    kept = Kept(tmp_path / "kept")
    kept.put((0.0, 240.5), heard("茶"))
    assert kept.get((0.0, 240.5)) == heard("茶")
    (piece,) = (tmp_path / "kept").iterdir()
    piece.write_text(piece.read_text(encoding="utf-8")[:40], encoding="utf-8")
    assert (kept.get((0.0, 240.5)), kept.get((240.5, 480.0)), Kept(None).get((0.0, 1.0))) == (None, None, None)


def context(folder: Path, wav: Path, hands: RecordedHands, seconds: float) -> StageContext:
    folder.mkdir(exist_ok=True)
    return StageContext(
        wav, folder, {"measure": {"duration_s": seconds}}, {"wav": wav}, Request(),
        Tools(hands, tools().rules, Thresholds()), lambda share: None, wav.parent / "kept",
    )  # fmt: skip


@pytest.mark.parametrize("seconds, asked", ((60.0, 1), (620.0, 3)))
def test_the_stage_asks_once_a_piece(tmp_path: Path, seconds: float, asked: int) -> None:
    hands = RecordedHands(recognition=heard("大家好，今天讲鱼丸。"))
    wav = sound(tmp_path / "sound.wav", 1.0)
    output = transcribe.work(context(tmp_path / "out", wav, hands, seconds))
    assert len(hands.asked) == asked
    assert [cue["start"] for cue in output.data["cues"]] == [0.0, 240.0, 480.0][:asked]
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["captions.vtt"]


_SLOW = """
import sys, time
from pathlib import Path
import django; django.setup()
from tests.media_pipeline.fakes import RecordedHands, heard
from tests.media_pipeline.stages.test_parts import context
from media_pipeline.stages import transcribe
class Slow(RecordedHands):
    def transcribe(self, wav, **told):
        if len(self.asked) == 2:
            print("third", flush=True)
            time.sleep(60)
        return super().transcribe(wav, **told)
folder = Path(sys.argv[1])
transcribe.work(context(folder / "first", folder / "sound.wav", Slow(recognition=heard("大家好，今天讲鱼丸。")), 1200.0))
"""


def test_killed_in_the_middle_it_goes_on_at_the_piece(tmp_path: Path) -> None:
    """Twenty minutes in five pieces, kill -9 in the third: two are not heard again, and the text is the same."""
    wav = sound(tmp_path / "sound.wav", 1.0)
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "lms.settings.test", "PYTHONPATH": str(settings.BASE_DIR)}
    child = subprocess.Popen([sys.executable, "-c", _SLOW, str(tmp_path)], env=environment, stdout=subprocess.PIPE)
    assert child.stdout is not None
    assert child.stdout.readline() == b"third\n"
    os.kill(child.pid, signal.SIGKILL)
    assert child.wait() == -signal.SIGKILL
    child.stdout.close()
    began = time.monotonic()
    second = RecordedHands(recognition=heard("大家好，今天讲鱼丸。"))
    resumed = transcribe.work(context(tmp_path / "second", wav, second, 1200.0))
    assert (len(second.asked), time.monotonic() - began < 30) == (3, True)
    whole = RecordedHands(recognition=heard("大家好，今天讲鱼丸。"))
    (tmp_path / "kept").rename(tmp_path / "elsewhere")
    assert transcribe.work(context(tmp_path / "third", wav, whole, 1200.0)).data == resumed.data
    assert len(whole.asked) == 5
