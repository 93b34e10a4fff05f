"""Similarity: the fingerprints of a work, and what the earlier works say to them. Always a hint to a person, but for one file
handed in by two people."""

from collections.abc import Mapping
from pathlib import Path

import ffmpeg
import numpy as np

from media_pipeline.stages import measure_plan
from media_pipeline.stages.context import StageContext, StageOutput
from media_pipeline.stages.measure import read_outcome
from media_pipeline.stages.ports import Command, EngineError, Hands, Limits
from media_pipeline.stages.prints import SIDE, SPEEDS, Hashes, Prints, Sounds, hashes, unpacked
from media_pipeline.stages.types import Json, Verdict, checks_json

# Said by an ffmpeg that was built without it.
_NO_CHROMAPRINT = "chromaprint' is not"


def work(context: StageContext) -> StageOutput:
    """Nothing is compared where there is no record of earlier works: the checks stay "not run"."""
    if context.earlier is None:
        return StageOutput({"checks": []})
    prints = take(context.facts, context.files, context.workspace, context.tools.hands)
    context.progress(0.5)
    found = context.earlier.compare(prints, context.tools.thresholds)
    context.progress(1.0)
    refused = tuple(check.note for check in found.checks if check.verdict is Verdict.FAIL and check.note)
    return StageOutput({"checks": checks_json(found.checks), "matches": list(found.matches)}, refused=refused)


def take(facts: Mapping[str, Json], files: Mapping[str, Path], folder: Path, hands: Hands) -> Prints:
    """The fingerprints of a measured and heard work, in an empty folder. Works of versions that took none of the picture are
    read again from the video that is shown."""
    lacking: dict[str, str] = {}
    packed = facts["measure"].get("pictures")
    pictures = unpacked(packed) if packed else _again(files.get("proxy"), folder, hands)
    if not len(pictures):
        lacking["picture"] = "no_print_of_picture"
    sounds: dict[str, Sounds] = {}
    if "wav" not in files:
        lacking["sound"] = "needs_sound"
    else:
        outcome = hands.run(plan_sounds(files["wav"], facts["measure"].get("duration_s") or 0.0, folder))
        if outcome.returncode and _NO_CHROMAPRINT in outcome.log:
            lacking["sound"] = "no_print_of_sound"
        elif read_outcome(outcome) is not None:
            raise EngineError(f"no fingerprints of our own sound: {outcome.log[-300:]}")
        else:
            sounds = {name: np.frombuffer((folder / name).read_bytes(), dtype="<u4") for name in SPEEDS}
    heard = facts.get("transcribe", {})
    said = tuple((cue["start"], cue["end"], cue["text"]) for cue in heard.get("cues", ()))
    if heard.get("doubt"):
        lacking["text"] = heard["doubt"]
    return Prints(pictures, sounds, said, lacking)


def _again(proxy: Path | None, folder: Path, hands: Hands) -> Hashes:
    """Hashes from our own proxy; none where there is none."""
    if proxy is None:
        return np.zeros(0, dtype=np.uint64)
    seen = ffmpeg.input(f"file:{proxy}", f="mov", protocol_whitelist="file", threads=1).video
    command = measure_plan.pictures_for_prints(seen.filter("fps", measure_plan.DETECT_FPS)).compile()
    outcome = hands.run(Command(tuple(command[1:]), folder, _LIMITS))
    if read_outcome(outcome) is not None:
        raise EngineError(f"no fingerprints of our own proxy: {outcome.log[-300:]}")
    raw = np.frombuffer((folder / measure_plan.SMALL).read_bytes(), dtype=np.uint8)
    return hashes(raw.reshape(-1, SIDE, SIDE))


# Half an hour, the longest that is accepted, takes a minute of CPU.
_LIMITS = Limits(wall_s=1800, cpu_s=900, memory_mb=2048, output_mb=200)


def plan_sounds(wav: Path, duration_s: float, folder: Path) -> Command:
    """Chromaprint of a work's sound as it is and as a copy may have been played, in one pass."""
    sound = ffmpeg.input(f"file:{wav}", f="wav", protocol_whitelist="file").audio
    halves = sound.filter_multi_output("asplit", len(SPEEDS))
    outputs = []
    for place, (name, (speed, pitched)) in enumerate(SPEEDS.items()):
        played = halves[place]
        if pitched:
            rate = measure_plan.SOUND_RATE
            played = played.filter("asetrate", round(rate * speed)).filter("aresample", rate)
        elif speed != 1:
            played = played.filter("atempo", round(speed, 6))
        outputs.append(played.output(name, f="chromaprint", fp_format="raw"))
    return Command(tuple(ffmpeg.merge_outputs(*outputs).compile()[1:]), folder, _LIMITS, duration_s)
