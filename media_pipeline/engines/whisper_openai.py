"""openai-whisper: an optional recogniser behind the same protocol, for who wants the reference implementation.

Not in the locked set: torch has a CPU build only in places. It costs 2.6 to 22 times the CPU of the default.
It has no voice-activity filter of its own, so the one of faster-whisper (Silero) takes the silence out first and gives
the seconds back afterwards: with a prompt, silence would come back as that prompt.
"""

import json
from collections.abc import Callable
from importlib.metadata import version as installed
from pathlib import Path
from typing import Any

from media_pipeline.engines.whisper_child import HEADS, RATE, Audio, Read, RecogniserRequest


def version() -> str:
    return installed("openai-whisper")


def recognise(request: RecogniserRequest, read: Read, progress: Callable[[float], None]) -> dict[str, Any]:
    """Recognise with beam search, without the text so far, on speech only."""
    import torch
    import whisper
    from faster_whisper.vad import SpeechTimestampsMap, collect_chunks, get_speech_timestamps

    torch.set_num_threads(request.threads)
    model = whisper.load_model(request.model, device="cpu")
    _set_alignment_heads(model, Path(request.model))
    audio = read()
    stretches = get_speech_timestamps(audio)
    if not stretches:
        return {"language": request.language, "language_probability": 0.0, "speech_s": 0.0, "segments": []}
    import numpy as np

    speech = np.concatenate(collect_chunks(audio, stretches)[0])
    back = SpeechTimestampsMap(stretches, RATE)
    probability = _language_probability(whisper, model, speech, request.language)
    progress(0.1)
    found = whisper.transcribe(
        model,
        speech,
        language=request.language,
        beam_size=request.beam,
        initial_prompt=" ".join(part for part in (request.prompt, request.hotwords) if part) or None,
        carry_initial_prompt=bool(request.hotwords),
        condition_on_previous_text=False,
        word_timestamps=request.word_timestamps,
        fp16=False,
        verbose=None,
    )
    progress(1.0)
    return {
        "language": request.language,
        "language_probability": probability,
        "speech_s": len(speech) / RATE,
        "segments": [_segment(segment, back) for segment in found["segments"]],
    }


def _language_probability(whisper: Any, model: Any, speech: Audio, language: str) -> float:
    mel = whisper.log_mel_spectrogram(whisper.pad_or_trim(speech), n_mels=model.dims.n_mels)
    _, probabilities = model.detect_language(mel)
    return float(probabilities.get(language, 0.0))


def _segment(segment: dict[str, Any], back: Any) -> dict[str, Any]:
    """A segment with its seconds in the whole recording."""
    chunk = back.get_chunk_index((segment["start"] + segment["end"]) / 2)
    return {
        "start": back.get_original_time(segment["start"], chunk),
        "end": back.get_original_time(segment["end"], chunk),
        "text": segment["text"],
        "avg_logprob": segment["avg_logprob"],
        "no_speech_prob": segment["no_speech_prob"],
        "compression_ratio": segment["compression_ratio"],
        "words": [_word(word, back) for word in segment.get("words", [])],
    }


def _word(word: dict[str, Any], back: Any) -> dict[str, Any]:
    chunk = back.get_chunk_index((word["start"] + word["end"]) / 2)
    return {
        "word": word["word"],
        "start": back.get_original_time(float(word["start"]), chunk),
        "end": back.get_original_time(float(word["end"]), chunk),
        "probability": float(word["probability"]),
    }


def _set_alignment_heads(model: Any, checkpoint: Path) -> None:
    """Which heads follow the sound; without them word times are taken from all of the upper half."""
    import torch

    path = checkpoint.with_name(HEADS)
    heads = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else []
    if not heads:
        return
    mask = torch.zeros(model.dims.n_text_layer, model.dims.n_text_head, dtype=torch.bool)
    for layer, head in heads:
        mask[layer, head] = True
    model.register_buffer("alignment_heads", mask.to_sparse(), persistent=False)
