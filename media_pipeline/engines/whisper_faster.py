"""faster-whisper (CTranslate2): the default recogniser; 22 times less CPU than openai-whisper at beam 5.

Its voice filter and its spectrum are computed window by window here: over a whole piece at once they took more memory than
the model, and more the longer it was. What comes out is the same (ADR 0029).
"""

import ctypes
from collections.abc import Callable
from importlib.metadata import version as installed
from typing import Any

import numpy as np

from media_pipeline.engines.whisper_child import RATE, Audio, Read, RecogniserRequest

# About twenty seconds of the voice filter's 32 ms, and of the spectrum's 10 ms.
_VOICE_WINDOW = 600
_FRAMES_WINDOW = 2000


def version() -> str:
    return installed("faster-whisper")


def recognise(request: RecogniserRequest, read: Read, progress: Callable[[float], None]) -> dict[str, Any]:
    """Recognise with voice-activity filtering always on: with a prompt, silence would come back as that prompt."""
    from faster_whisper import WhisperModel
    from faster_whisper.transcribe import restore_speech_timestamps
    from faster_whisper.vad import collect_chunks, get_speech_timestamps, get_vad_model

    model = WhisperModel(
        request.model, device="cpu", compute_type=request.compute_type, cpu_threads=request.threads, num_workers=1
    )
    model.feature_extractor = SpectrumInWindows(model.feature_extractor)
    voice = get_vad_model()
    voice.session = VoiceInWindows(voice.session)
    audio = read()
    seconds = max(len(audio) / RATE, 0.001)
    stretches = get_speech_timestamps(audio)
    if not stretches:
        return {"language": request.language, "language_probability": 0.0, "speech_s": 0.0, "segments": []}
    speech = np.concatenate(collect_chunks(audio, stretches)[0])
    speech_s = len(speech) / RATE
    del audio
    _give_back()
    _, _, languages = model.detect_language(speech)
    found, _ = model.transcribe(
        speech,
        language=request.language,
        beam_size=request.beam,
        condition_on_previous_text=False,
        initial_prompt=request.prompt or None,
        hotwords=request.hotwords or None,
        word_timestamps=request.word_timestamps,
    )
    del speech
    _give_back()
    segments = []
    for segment in restore_speech_timestamps(found, stretches, RATE):
        _give_back()
        segments.append(
            {
                "start": segment.start,
                "end": segment.end,
                "text": segment.text,
                "avg_logprob": segment.avg_logprob,
                "no_speech_prob": segment.no_speech_prob,
                "compression_ratio": segment.compression_ratio,
                "words": [
                    {"word": word.word, "start": word.start, "end": word.end, "probability": word.probability}
                    for word in segment.words or []
                ],
            }
        )
        progress(min(1.0, segment.end / seconds))
    return {
        "language": request.language,
        "language_probability": dict(languages).get(request.language, 0.0),
        "speech_s": speech_s,
        "segments": segments,
    }


def _give_back() -> None:
    """Memory that is free goes back to the system where the C library can (glibc): it kept up to a fifth of its peak."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


class VoiceInWindows:
    """The voice filter's session, asked for a few seconds at a time: what it remembers goes from one window to the next."""

    def __init__(self, session: Any) -> None:
        self._session = session

    def run(self, names: Any, given: dict[str, Any]) -> Any:
        outputs, h, c = [], given["h"], given["c"]
        for start in range(0, len(given["input"]), _VOICE_WINDOW):
            window = given["input"][start : start + _VOICE_WINDOW]
            output, h, c = self._session.run(names, {"input": window, "h": h, "c": c})
            outputs.append(output)
        return np.concatenate(outputs), h, c


class SpectrumInWindows:
    """The log-mel spectrum of a recording as `of` makes it, its Fourier transform taken of a few seconds at a time."""

    def __init__(self, of: Any) -> None:
        self._of = of

    def __getattr__(self, name: str) -> Any:
        return getattr(self._of, name)

    def __call__(self, waveform: Audio, padding: int = 160, chunk_length: int | None = None) -> Audio:
        """Shape (mel bands, frames). Raises ValueError with a chunk's length: nobody here asks for one."""
        if chunk_length is not None:
            raise ValueError("chunks of another length are not computed here")
        of, half = self._of, self._of.n_fft // 2
        # Mirrored at both ends, so that a frame stands around its moment; the last frame is not used (as in the original).
        padded = np.pad(np.pad(waveform, (0, padding)), half, mode="reflect")
        frames = (len(waveform) + padding) // of.hop_length
        window = np.hanning(of.n_fft + 1)[:-1].astype("float32")
        mel = np.empty((len(of.mel_filters), frames), dtype="float32")
        for start in range(0, frames, _FRAMES_WINDOW):
            end = min(frames, start + _FRAMES_WINDOW)
            part = padded[start * of.hop_length : (end - 1) * of.hop_length + of.n_fft]
            transform = of.stft(part, of.n_fft, of.hop_length, window=window, center=False, return_complex=True)
            mel[:, start:end] = of.mel_filters @ np.abs(transform.astype("complex64")) ** 2
        heard = np.log10(np.clip(mel, 1e-10, None))
        return (np.maximum(heard, heard.max() - 8.0) + 4.0) / 4.0
