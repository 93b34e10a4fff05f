"""Small videos drawn by ffmpeg for tests, and hands to run the stages with."""

import subprocess
from pathlib import Path

from django.conf import settings

from media_pipeline.engines.api import EngineHands, EngineSettings
from media_pipeline.engines.ffmpeg import find_ffmpeg
from media_pipeline.rulepacks.api import current_pack
from media_pipeline.stages.context import StageContext, Tools
from media_pipeline.stages.pipeline import stage_named
from media_pipeline.stages.thresholds import Thresholds
from media_pipeline.stages.types import Check, Json, Request

SPEECH = Path(settings.BASE_DIR) / "lms" / "portal" / "demo" / "speech"
VOICE = "sine=f=300:r=16000,volume=-10dB"


def tools(thresholds: Thresholds | None = None) -> Tools:
    engines = EngineSettings(whisper_model=settings.WHISPER_MODEL, ffmpeg=settings.FFMPEG)
    return Tools(EngineHands(engines), current_pack(), thresholds or Thresholds())


def ffmpeg(*arguments: str) -> None:
    binary = find_ffmpeg(settings.FFMPEG)
    subprocess.run([str(binary), "-v", "error", "-nostdin", "-y", *arguments], check=True, timeout=120)


def clip(
    path: Path,
    *,
    seconds: float = 4,
    picture: str = "testsrc2=s=160x120:r=15",
    sound: str | None = VOICE,
    options: tuple[str, ...] = (),
) -> Path:
    """A H.264/AAC clip, light enough to be remuxed unless `options` say otherwise."""
    inputs = ["-f", "lavfi", "-t", str(seconds), "-i", picture]
    if sound is not None:
        inputs += ["-f", "lavfi", "-t", str(seconds), "-i", sound]
    codecs = ["-c:v", "libx264", "-preset", "ultrafast", "-threads", "1", "-pix_fmt", "yuv420p", "-c:a", "aac"]
    ffmpeg(*inputs, *codecs, *options, str(path))
    return path


def run(
    path: Path, folder: Path, *names: str, request: Request | None = None, thresholds: Thresholds | None = None
) -> tuple[dict[str, Json], dict[str, Path], list[str]]:
    """Run stages in turn, as the pipeline does: (facts, files, codes of the refusals)."""
    facts: dict[str, Json] = {}
    files: dict[str, Path] = {}
    for name in names:
        workspace = folder / name
        workspace.mkdir(parents=True)
        context = StageContext(
            path, workspace, facts, files, request or Request(), tools(thresholds), lambda share: None
        )
        output = stage_named(name).execute(context)
        facts[name] = output.data
        files |= output.files
        if output.refused:
            return facts, files, [reason.code for reason in output.refused]
    return facts, files, []


def checks_of(facts: dict[str, Json]) -> dict[str, Check]:
    found = [Check.from_json(check) for data in facts.values() for check in data["checks"]]
    return {check.name: check for check in found}


def code_of(check: Check) -> str:
    """The code of a check's note, "" without one."""
    return check.note.code if check.note else ""
