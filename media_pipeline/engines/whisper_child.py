"""Runs a speech recogniser in a child process of its own.

    python -I child_entry.py media_pipeline.engines.whisper_child  < request.json   (one `RecogniserRequest` as JSON)

Writes JSON lines on stdout: {"progress": 0.4} as segments come, then {"result": {…}} as in `ports.Recognition`, or
{"error": "a plain line"}. Only our own 16 kHz mono wav is ever read: the engines' loaders shut nothing out.
"""

import json
import sys
import wave
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

RATE = 16_000
# Beside an openai checkpoint: which attention heads follow the sound.
HEADS = "alignment_heads.json"
Audio = npt.NDArray[np.float32]
# An engine reads the sound when its model stands: loading one takes twice its size for a moment.
Read = Callable[[], Audio]

# The choices of KAIBO_WHISPER_ENGINE. Each module has `version() -> str` and `recognise(request, read, progress) -> dict`.
ENGINES = {
    "faster-whisper": "media_pipeline.engines.whisper_faster",
    "openai-whisper": "media_pipeline.engines.whisper_openai",
}


@dataclass(frozen=True)
class RecogniserRequest:
    """What to hear and how. `model`: a folder or file of weights, or a name the engine knows."""

    engine: str
    model: str
    compute_type: str
    wav: str
    language: str
    prompt: str
    hotwords: str
    beam: int
    word_timestamps: bool
    threads: int


class Engine(Protocol):
    def recognise(
        self, request: RecogniserRequest, read: Read, progress: Callable[[float], None]
    ) -> dict[str, Any]: ...


def read_wav(path: Path) -> Audio:
    """16 kHz mono 16-bit PCM as floats -1..1, shape (samples,). Raises ValueError on any other wav."""
    with wave.open(str(path), "rb") as wav:
        if (wav.getframerate(), wav.getnchannels(), wav.getsampwidth()) != (RATE, 1, 2):
            raise ValueError(f"{path.name} is not 16 kHz mono 16-bit")
        samples = np.frombuffer(wav.readframes(wav.getnframes()), dtype="<i2").astype(np.float32)
    samples /= 32768.0
    return samples


def main() -> None:
    request = RecogniserRequest(**json.loads(sys.stdin.read()))
    engine: Any = import_module(ENGINES[request.engine])
    try:
        read = partial(read_wav, Path(request.wav))
        result = engine.recognise(request, read, lambda share: _say({"progress": share}))
    except (ImportError, OSError, RuntimeError, ValueError) as error:
        _say({"error": f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"})
        sys.exit(1)
    _say({"result": result})


def _say(message: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(message, ensure_ascii=False) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
