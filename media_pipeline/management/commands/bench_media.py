"""`manage.py bench_media`: CPU seconds a video second of each stage, beside the same work done naively, in one run."""

import resource
import sys
import tempfile
from argparse import ArgumentParser
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from lms.core.types import ProductKind
from media_pipeline.engines.children import run_child
from media_pipeline.engines.ffmpeg import find_ffmpeg
from media_pipeline.management import speech_bench
from media_pipeline.rulepacks.api import current_pack
from media_pipeline.stages.api import PROXY_ENCODER, EngineError, Limits, Report, Request, run_offline
from media_pipeline.toolbox import tools

_SPEECH = ("clean-tea.opus", "violating-tea.opus", "clean-dates.opus", "violating-dates.opus")
# Of the two ways a work takes, CPU seconds a video second of all stages on a 720p30 video of five minutes; resident megabytes.
_AIMS = {"transcoded": 0.35, "remuxed": 0.22}
_AIM_MB = 700
# What the upload weighs: as telephones write it, and light enough to be shown as it is.
_BIT_RATES = {"transcoded": "6M", "remuxed": "1800k"}
_WIDE = Limits(wall_s=7200, cpu_s=7200, memory_mb=16_384, output_mb=8192)
# What somebody writes first: one ffmpeg run a job, each decoding the whole upload again. Encoder settings are ours, so
# that the difference is the number of passes and the size they work at.
_X264 = ("-c:v", "libx264", *(word for name, value in PROXY_ENCODER.items() for word in (f"-{name}", str(value))))
_JOBS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "proxy",
        ("-vf", "scale=-2:480", *_X264, "-c:a", "aac", "proxy.mp4"),
    ),
    ("black", ("-vf", "blackdetect=d=0.5", "-an", "-f", "null", "-")),
    ("frozen", ("-vf", "freezedetect=n=0.001:d=2", "-an", "-f", "null", "-")),
    ("scenes", ("-vf", "scdet=threshold=10", "-an", "-f", "null", "-")),
    ("thumbnails", ("-vf", "fps=1/2,scale=-2:120", "thumb%04d.jpg")),
    ("loudness", ("-vn", "-af", "ebur128=peak=true", "-f", "null", "-")),
    ("silence", ("-vn", "-af", "silencedetect=noise=-40dB:d=2", "-f", "null", "-")),
    ("wav", ("-vn", "-ar", "16000", "-ac", "1", "sound.wav")),
)
# Its own loader needs an ffmpeg on PATH; the samples of the wav are the same.
_OPENAI = (
    "import sys, wave, numpy, whisper; wav = wave.open(sys.argv[2]); model = whisper.load_model(sys.argv[1], device='cpu');"
    " samples = numpy.frombuffer(wav.readframes(wav.getnframes()), '<i2').astype('float32') / 32768;"
    " whisper.transcribe(model, samples, language='zh', fp16=False)"
)
_FASTER = (
    "import sys; from faster_whisper import WhisperModel; model = WhisperModel(sys.argv[1], device='cpu');"
    " list(model.transcribe(sys.argv[2], language='zh', word_timestamps=True)[0])"
)


class Command(BaseCommand):
    help = "Measure the pipeline on 720p30 videos beside a naive script, and the recognisers; prints CPU seconds per second."
    requires_system_checks = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--seconds", type=int, nargs="+", default=[60, 300], help="lengths of the videos")
        parser.add_argument("--speech", action="store_true", help="only the recognisers: engines, error rates, memory")
        parser.add_argument("--minutes", type=int, nargs="+", default=[1, 10, 60], help="lengths of the memory test")
        parser.add_argument("--clip-seconds", type=int, default=20, help="of the clip that engines are compared on")
        parser.add_argument("--no-naive", action="store_true", help="leave the naive script out")

    def handle(self, *args: Any, **options: Any) -> None:
        for line in self._engines(options["no_naive"]):
            self.stdout.write(line)
        settings.SCRATCH_DIR.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="bench-", dir=settings.SCRATCH_DIR) as folder:
            try:
                for seconds in [] if options["speech"] else options["seconds"]:
                    for way in _AIMS:
                        naive = not options["no_naive"] and way == "transcoded"
                        self._measure(Path(folder), seconds, way, naive=naive)
                for lines in (
                    speech_bench.compare(options["clip_seconds"]),
                    speech_bench.error_rates(),
                    speech_bench.memory(options["minutes"]),
                ):
                    for line in lines:
                        self.stdout.write(line)
            except EngineError as error:
                raise CommandError(str(error)) from error

    def _engines(self, no_naive: bool) -> list[str]:
        lines = [f"{name}: {version}" for name, version in tools(book=current_pack()).hands.versions().items()]
        if not no_naive:
            lines.append(f"naive: {len(_JOBS)} ffmpeg runs with our encoder settings, then {_naive_recogniser()[0]}")
        return lines

    def _measure(self, folder: Path, seconds: int, way: str, *, naive: bool) -> None:
        self.stdout.write(f"\n{way}: {seconds} s, 1280x720, 30 pictures a second, {_BIT_RATES[way]}bit/s, speech")
        video = folder / f"work-{seconds}.mp4"
        _draw(video, seconds, way)
        request = Request(product=ProductKind.TEA, brand="明月茶园", product_name="绿茶")
        report = run_offline(video, request, tools(book=current_pack()))
        ours = self._print_stages(report, seconds, way)
        if naive:
            theirs = self._print_naive(video, folder / f"naive-{seconds}", seconds)
            self.stdout.write(f"  naive / ours: {theirs / ours:.1f} times the CPU")
        video.unlink()

    def _print_stages(self, report: Report, seconds: int, way: str) -> float:
        if report.duration_s is None:
            raise CommandError(f"the benchmark's video was refused: {report.refused}")
        for timing in report.timings:
            share = timing.cpu_s / seconds
            self.stdout.write(
                f"  {timing.stage:<12} {share:6.3f} CPU-s/s  wall {timing.wall_s:6.1f} s  {timing.peak_rss_mb:5.0f} MB"
            )
        total = sum(timing.cpu_s for timing in report.timings)
        peak = max(timing.peak_rss_mb for timing in report.timings)
        self.stdout.write(f"  {report.verdict}, {len(report.cues)} cues, {len(report.findings)} findings")
        cost = _beside(
            f"{total / seconds:.3f} CPU-s a video second", total / seconds <= _AIMS[way], f"{_AIMS[way]:.2f}"
        )
        room = _beside(f"{peak:.0f} MB resident in the largest child", peak <= _AIM_MB, f"{_AIM_MB} MB")
        worker = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
        self.stdout.write(f"  {way}: {cost}; {room} (and {worker} MB in the worker)")
        return total

    def _print_naive(self, video: Path, folder: Path, seconds: int) -> float:
        folder.mkdir()
        binary = str(find_ffmpeg(settings.FFMPEG))
        costs = {
            name: _cost([binary, "-v", "error", "-nostdin", "-y", "-i", str(video), *job], folder)
            for name, job in _JOBS
        }
        title, code, model = _naive_recogniser(folder)
        costs[title.split()[0]] = _cost([sys.executable, "-c", code, model, "sound.wav"], folder)
        for name, cost in costs.items():
            self.stdout.write(f"  naive {name:<14} {cost / seconds:6.3f} CPU-s/s")
        total = sum(costs.values())
        self.stdout.write(f"  naive together       {total / seconds:6.3f} CPU-s/s")
        return total


def _beside(figure: str, within: bool, aim: str) -> str:
    return f"{figure}, {'within' if within else 'OUTSIDE'} the aim of {aim}"


def _draw(video: Path, seconds: int, way: str) -> None:
    """A moving picture with looped demonstration speech; with camera grain where it is as heavy as a telephone's."""
    speech = Path(settings.BASE_DIR) / "lms" / "portal" / "demo" / "speech"
    listing = video.with_suffix(".txt")
    listing.write_text("".join(f"file '{speech / name}'\n" for name in _SPEECH), encoding="utf-8")
    grain = ",noise=alls=8:allf=t" if way == "transcoded" else ""
    rate = _BIT_RATES[way]
    picture = f"testsrc2=s=1280x720:r=30{grain}"
    command = (
        *(str(find_ffmpeg(settings.FFMPEG)), "-v", "error", "-nostdin", "-y"),
        *("-f", "lavfi", "-i", picture, "-stream_loop", "-1", "-f", "concat", "-safe", "0", "-i", str(listing)),
        *("-map", "0:v", "-map", "1:a", "-t", str(seconds), "-c:v", "libx264", "-preset", "ultrafast"),
        *("-b:v", rate, "-maxrate", rate, "-bufsize", rate),
        *("-pix_fmt", "yuv420p", "-c:a", "aac", "-b:a", "128k", str(video)),
    )
    _cost(command, video.parent)


def _naive_recogniser(folder: Path | None = None) -> tuple[str, str, str]:
    """(what it is, code, model): openai-whisper with its Python defaults, or where it is missing faster-whisper's."""
    if find_spec("whisper") is None or find_spec("torch") is None:
        title = (
            "faster-whisper defaults (float32, beam 5, word times, no VAD, all cores): openai-whisper is not installed"
        )
        return title, _FASTER, settings.WHISPER_MODEL
    title = "openai-whisper defaults (greedy, no VAD, all cores) on the same weights"
    if folder is None:
        return title, _OPENAI, ""
    from media_pipeline.engines.openai_checkpoint import convert

    return title, _OPENAI, str(convert(Path(settings.WHISPER_MODEL), folder))


def _cost(command: Sequence[str], folder: Path) -> float:
    """CPU seconds of one command, outside the walls as a naive script is. Raises EngineError when it fails."""
    ended = run_child(list(command), limits=_WIDE, folder=folder, walled=False, environment={"HF_HUB_OFFLINE": "1"})
    if ended.returncode:
        raise EngineError(f"{Path(command[0]).name}: {ended.log.strip()[-300:]}")
    return ended.cpu_s
