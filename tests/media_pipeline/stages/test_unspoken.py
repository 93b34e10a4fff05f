"""Silence, music, noise and another language through the real recogniser: no invented text, and nothing that passes."""

from pathlib import Path

import pytest

from lms.core.types import ProductKind
from media_pipeline.stages import compliance, transcribe
from media_pipeline.stages.context import StageContext
from media_pipeline.stages.types import Check, Cue, Json, Request, Verdict
from tests.media_pipeline.clips import ffmpeg, tools

pytestmark = pytest.mark.slow

ENGLISH = Path(__file__).parent.parent / "data" / "english.opus"
CHORD = "sine=f=262:r=16000[a];sine=f=330:r=16000[b];sine=f=392:r=16000[c];[a][b][c]amix=3,tremolo=f=2:d=0.7"
# A tea of a brand: whatever invents text would find the hotwords easiest.
CARD = Request(product=ProductKind.TEA, brand="明月茶园", product_name="绿茶", declared_ai=None)
HEARD = ("language", "speech_share", "speech_rate", "asr_trust", "hallucination")
SAID = ("banned_words", "required_statements", "brand_named", "ai_declaration", "alcohol_visual")


def judged(folder: Path, *inputs: str, seconds: float) -> tuple[dict[str, Check], list[Cue], list[str]]:
    """(checks of what was heard and said, cues, severities of the findings) of a sound."""
    wav = folder / "sound.wav"
    ffmpeg(*inputs, "-t", str(seconds), "-ar", "16000", "-ac", "1", "-c:a", "pcm_s16le", str(wav))
    (folder / "out").mkdir()
    facts: dict[str, Json] = {"measure": {"duration_s": seconds}}
    given = StageContext(wav, folder / "out", facts, {"wav": wav}, CARD, tools(), lambda share: None)
    facts["transcribe"] = transcribe.work(given).data
    said = compliance.work(given).data
    checks = {check["name"]: Check.from_json(check) for check in (*facts["transcribe"]["checks"], *said["checks"])}
    cues = [Cue.from_json(cue) for cue in facts["transcribe"]["cues"]]
    return checks, cues, [finding["severity"] for finding in said["findings"]]


@pytest.mark.parametrize(
    "source",
    ("anullsrc=r=16000:cl=mono", CHORD, "anoisesrc=color=pink:amplitude=0.3:r=16000"),
    ids=("silence", "music", "noise"),
)
def test_where_nobody_speaks_there_is_no_text_and_no_pass(tmp_path: Path, source: str) -> None:
    checks, cues, findings = judged(tmp_path, "-f", "lavfi", "-i", source, seconds=6)
    assert ([cue.text for cue in cues], findings) == ([], [])
    assert {checks[name].verdict for name in HEARD + SAID} <= {Verdict.NOT_RUN, Verdict.WARN, Verdict.INFO}
    assert checks["asr_trust"].verdict is Verdict.NOT_RUN
    assert checks["banned_words"].verdict is Verdict.NOT_RUN


def test_english_is_not_taken_for_mandarin(tmp_path: Path) -> None:
    checks, cues, findings = judged(tmp_path, "-i", str(ENGLISH), seconds=11.8)
    assert checks["language"].verdict is Verdict.WARN
    assert float(checks["language"].metric or 0) < 0.1
    assert cues
    assert all(cue.low_trust for cue in cues)
    assert checks["asr_trust"].verdict is Verdict.INFO
    assert checks["asr_trust"].ranges
    assert {checks[name].verdict for name in HEARD + SAID} <= {Verdict.NOT_RUN, Verdict.WARN, Verdict.INFO}
    assert not {"B", "H"} & set(findings)
