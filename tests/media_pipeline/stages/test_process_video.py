"""The command: only JSON on stdout, exit code 2 on a refusal, no database."""

import json

import pytest
from django.core.management import call_command

from tests.media_pipeline.clips import SPEECH, clip, ffmpeg


def run_command(capsys, *arguments):
    """(exit code, stdout)"""
    try:
        call_command("process_video", *arguments)
    except SystemExit as left:
        return left.code, capsys.readouterr().out
    return 0, capsys.readouterr().out


@pytest.mark.req("S2-32")
def test_a_short_video_is_refused_with_code_two(tmp_path, capsys):
    source = clip(tmp_path / "short.mp4", seconds=2, picture="testsrc2=s=854x480:r=15")
    code, out = run_command(capsys, str(source), "--json", "--product", "tea", "--level", "5")
    data = json.loads(out)
    assert (code, data["verdict"], data["duration_s"]) == (2, "refused", 2.0)
    assert data["reasons"] == ["视频长 2.0 秒，不足 60 秒，请补足时长后上传。"]
    assert [timing["stage"] for timing in data["timings"]] == ["intake", "measure"]


def test_a_missing_file_still_answers(tmp_path, capsys):
    code, out = run_command(capsys, str(tmp_path / "none.mp4"), "--json", "--language", "en")
    data = json.loads(out)
    assert (code, data["reasons"], data["duration_s"], data["timings"]) == (2, ["There is no such file."], None, [])


def test_a_report_for_a_person(tmp_path, capsys):
    source = clip(tmp_path / "short.mp4", seconds=2, picture="testsrc2=s=854x480:r=15")
    code, out = run_command(capsys, str(source))
    assert code == 2
    assert "short.mp4  检测未通过  时长 2 秒" in out
    assert "不通过  时长  2.0" in out


@pytest.mark.slow
@pytest.mark.req("S2-32")
def test_a_violating_demonstration_is_ready_with_findings(tmp_path, capsys):
    picture = ("-f", "lavfi", "-t", "67", "-i", "testsrc2=s=854x480:r=15")
    source = tmp_path / "tea.mp4"
    ffmpeg(
        *picture,
        "-i",
        str(SPEECH / "violating-tea.opus"),
        "-c:v",
        "libx264",
        "-preset",
        "ultrafast",
        "-c:a",
        "aac",
        str(source),
    )
    code, out = run_command(
        capsys, str(source), "--json", "--product", "tea", "--brand", "明月茶园", "--product-name", "绿茶"
    )
    data = json.loads(out)
    assert (code, data["verdict"], data["reasons"]) == (0, "ready", [])
    assert [timing["stage"] for timing in data["timings"]] == [
        "intake",
        "measure",
        "transcribe",
        "compliance",
        "similarity",
    ]
    rules = {finding["rule"]: finding for finding in data["findings"]}
    assert {"ABS-18", "MED-09", "MED-10", "PRICE-01", "DIV-01"} <= rules.keys()
    assert rules["ABS-18"]["start_s"] == pytest.approx(21.2, abs=1.0)
    assert rules["DIV-01"]["start_s"] == pytest.approx(59.5, abs=1.0)
