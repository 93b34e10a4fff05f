"""The recognisers compared: cost and error rate of engines on one clip, of the demonstration clips, memory over length.

The voices are synthetic studio speech, which flatters every recogniser: the figures compare, they do not promise.
"""

import re
import tempfile
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings

from lms.core.types import ProductKind
from media_pipeline.engines.children import run_child
from media_pipeline.engines.ffmpeg import find_ffmpeg
from media_pipeline.engines.hands import EngineHands, EngineSettings
from media_pipeline.rulepacks.api import current_pack
from media_pipeline.stages import transcribe
from media_pipeline.stages.api import EngineError, Limits, Recognition, Request, StageContext, Tools
from media_pipeline.stages.text import normalise
from media_pipeline.stages.thresholds import thresholds_in

SPEECH = Path(settings.BASE_DIR) / "lms" / "portal" / "demo" / "speech"
CLIPS = ("clean-tea", "violating-tea", "clean-dates", "violating-dates")
# A number may be read out in digits or characters: neither counts as an error.
_NUMBERS = re.compile("[0-9零〇一二两三四五六七八九十百千万半]+")
_LIMITS = Limits(wall_s=7200, cpu_s=7200, memory_mb=4096, output_mb=8192)
_RATE = 16_000


def engines() -> Iterator[tuple[str, EngineSettings]]:
    """Name and settings of every recogniser that can run here: openai-whisper where its environment was set up."""
    for beam in (1, 5):
        yield f"faster-whisper int8 beam {beam}", EngineSettings(settings.WHISPER_MODEL, whisper_beam=beam)
    python = settings.WHISPER_PYTHON or str(Path(settings.VAR_DIR) / "openai-whisper" / "bin" / "python")
    model = Path(settings.WEIGHTS_DIR) / "whisper-base-openai" / "base.pt"
    if Path(python).exists() and model.exists():
        for beam in (1, 5):
            chosen = EngineSettings(str(model), "openai-whisper", whisper_beam=beam, whisper_python=python)
            yield f"openai-whisper float32 beam {beam}", chosen


def compare(seconds: int) -> Iterator[str]:
    """Every engine on the first seconds of one clip. Raises EngineError."""
    card = _card(CLIPS[1])
    yield f"\n{seconds} s of {CLIPS[1]} (synthetic voice {card['voice']}), hotwords as in production"
    ran = set()
    with tempfile.TemporaryDirectory() as folder:
        wav = _wav(Path(folder), CLIPS[1], seconds)
        for name, chosen in engines():
            hands = EngineHands(chosen)
            heard = _heard(hands, wav, seconds, card)
            cpu_s, peak = hands.spent()
            # The clip is cut: what is missing at the end of the script is no error.
            rate = error_rate(_text(card), _words(heard), cut=True)
            yield f"  {name:<32} {cpu_s / seconds:6.3f} CPU-s/s  {peak:5.0f} MB  {rate:5.1%} characters wrong"
            ran.add(chosen.whisper_engine)
    if "openai-whisper" not in ran:
        yield "  openai-whisper: not here (`make test-openai-whisper` sets it up where it can run)"


def error_rates() -> Iterator[str]:
    """Characters wrong in the demonstration clips, numbers aside, with the engine of this installation."""
    yield "\nCharacters wrong, numbers aside; every voice is synthetic and flatters the recogniser"
    engine = EngineSettings(
        settings.WHISPER_MODEL,
        settings.WHISPER_ENGINE,
        settings.WHISPER_COMPUTE_TYPE,
        whisper_python=settings.WHISPER_PYTHON,
    )
    rates = []
    for clip in CLIPS:
        card = _card(clip)
        with tempfile.TemporaryDirectory() as folder:
            wav = _wav(Path(folder), clip)
            rates.append(error_rate(_text(card), _words(_heard(EngineHands(engine), wav, card["duration_s"], card))))
        yield f"  {clip:<18} {card['voice']:<12} {rates[-1]:5.1%}"
    yield f"  {'mean':<31} {sum(rates) / len(rates):5.1%}"


def memory(minutes: list[int]) -> Iterator[str]:
    """The whole stage on speech of so many minutes: cost and the largest process. Raises EngineError."""
    yield "\nSpeech to text over length: pieces of about four minutes, each a process of its own"
    peaks = []
    for length in minutes:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            wav = _looped(folder, length * 60)
            tools = Tools(
                EngineHands(EngineSettings(settings.WHISPER_MODEL)), current_pack(), thresholds_in().of("lesson")
            )
            (folder / "out").mkdir()
            facts = {"measure": {"duration_s": length * 60.0}}
            given = StageContext(wav, folder / "out", facts, {"wav": wav}, Request(), tools, lambda share: None)
            cues = transcribe.work(given).data["cues"]
            cpu_s, peak = tools.hands.spent()
        peaks.append(peak)
        yield f"  {length:3d} min  {cpu_s / length / 60:6.3f} CPU-s/s  {peak:5.0f} MB  {len(cues)} lines"
    if len(peaks) > 1:
        yield f"  the longest takes {max(peaks) / min(peaks):.2f} times the memory of the least"


def error_rate(said: str, heard: str, *, cut: bool = False) -> float:
    """Levenshtein distance over what was said, letters and characters only; `cut`: the script may go on behind it."""
    a, b = plain(said), plain(heard)
    row = list(range(len(b) + 1))
    column = [row[-1]]
    for number, want in enumerate(a, 1):
        above, row = row, [number]
        for place, got in enumerate(b, 1):
            row.append(min(above[place] + 1, row[-1] + 1, above[place - 1] + (want != got)))
        column.append(row[-1])
    if not cut:
        return row[-1] / max(1, len(a))
    best = min(range(len(column)), key=lambda length: (column[length], abs(length - len(b))))
    return column[best] / max(1, best)


def plain(text: str) -> str:
    """Letters and characters of one script, numbers left out."""
    return _NUMBERS.sub("", re.sub(r"[\W_]+", "", normalise(text)[0]).lower())


def _card(clip: str) -> dict[str, Any]:
    return yaml.safe_load((SPEECH / f"{clip}.yaml").read_text(encoding="utf-8"))


def _text(card: dict[str, Any]) -> str:
    return "".join(card["text"])


def _words(heard: Recognition) -> str:
    return "".join(segment["text"] for segment in heard.segments)


def _heard(hands: EngineHands, wav: Path, seconds: float, card: dict[str, Any]) -> Recognition:
    request = Request(ProductKind(card["product_kind"]), brand=card["brand"], product_name=card["product_name"])
    prompt, words = transcribe.plan(request, current_pack())
    return hands.transcribe(wav, language="zh", prompt=prompt, hotwords=words, duration_s=seconds)


def _wav(folder: Path, clip: str, seconds: float | None = None) -> Path:
    wav = folder / f"{clip}.wav"
    length = ("-t", str(seconds)) if seconds else ()
    binary = str(find_ffmpeg(settings.FFMPEG))
    source = SPEECH / f"{clip}.opus"
    command = [binary, "-v", "error", "-nostdin", "-i", str(source), *length, "-ar", str(_RATE), "-ac", "1", str(wav)]
    ended = run_child(command, limits=_LIMITS, folder=folder, reads=(source,))
    if ended.returncode:
        raise EngineError(ended.log.strip()[-300:])
    return wav


def _looped(folder: Path, seconds: int) -> Path:
    """All clips one after the other until it is long enough."""
    parts = []
    for clip in CLIPS:
        with wave.open(str(_wav(folder, clip)), "rb") as held:
            parts.append(held.readframes(held.getnframes()))
    whole, left, place = folder / "long.wav", seconds * _RATE * 2, 0
    with wave.open(str(whole), "wb") as made:
        made.setparams((1, 2, _RATE, 0, "NONE", ""))
        while left > 0:
            piece = parts[place % len(parts)][:left]
            made.writeframes(piece)
            left, place = left - len(piece), place + 1
    return whole
