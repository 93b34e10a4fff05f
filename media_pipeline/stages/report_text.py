"""A report as lines for a person at a terminal, in Chinese or English."""

from collections.abc import Iterator
from typing import Any

from media_pipeline.stages.checks import label
from media_pipeline.stages.messages import say
from media_pipeline.stages.pipeline import STAGES
from media_pipeline.stages.types import Report, Verdict

_WORDS: dict[str, Any] = {
    "zh": {
        "ready": "检测通过，可以评分",
        "refused": "检测未通过",
        "duration": "时长",
        "seconds": "秒",
        "checks": "检测项目",
        "transcript": "转写文字",
        "findings": "需要核对的用语",
        "none": "无",
        "timings": "用时（墙钟秒 / CPU 秒）",
        "suspected": "疑似",
        "doubtful": "转写不可靠",
        "marks": {"pass": "通过", "warn": "注意", "info": "说明", "fail": "不通过", "not_run": "未检测"},
    },
    "en": {
        "ready": "Ready for scoring",
        "refused": "Refused",
        "duration": "duration",
        "seconds": "s",
        "checks": "Checks",
        "transcript": "Transcript",
        "findings": "Words to look at",
        "none": "none",
        "timings": "Time (wall s / CPU s)",
        "suspected": "suspected",
        "doubtful": "doubtful transcript",
        "marks": {"pass": "pass", "warn": "warn", "info": "info", "fail": "FAIL", "not_run": "not run"},
    },
}


def media_time(seconds: float) -> str:
    """41 → 00:41, 3725 → 1:02:05."""
    hours, rest = divmod(int(seconds), 3600)
    minutes, second = divmod(rest, 60)
    return f"{hours}:{minutes:02d}:{second:02d}" if hours else f"{minutes:02d}:{second:02d}"


def report_lines(report: Report, name: str, language: str) -> Iterator[str]:
    """The report for `name`, section by section."""
    words = _WORDS[language]
    length = f"{report.duration_s:g} {words['seconds']}" if report.duration_s is not None else "—"
    yield f"{name}  {words[report.verdict]}  {words['duration']} {length}"
    for reason in report.refused:
        yield f"  ✗ {say(reason, language)}"
    yield from ("", words["checks"])
    yield from _checks(report, language)
    yield from ("", f"{words['transcript']}{'' if report.cues else '  ' + words['none']}")
    for cue in report.cues:
        doubt = f"  [{words['doubtful']}]" if cue.low_trust else ""
        yield f"  {media_time(cue.start)}  {cue.text}{doubt}"
    yield from ("", f"{words['findings']}{'' if report.findings else '  ' + words['none']}")
    for finding in report.findings:
        suspected = f"  [{words['suspected']} {finding.term}]" if finding.suspected else ""
        category = finding.category_name if language == "zh" else finding.category_name_en
        said = f"{finding.severity.value}  {finding.text}{suspected}"
        yield f"  {media_time(finding.start_s)}  {said}  {category}  {finding.rule}"
    yield from ("", words["timings"])
    titles = {stage.name: stage.title_zh if language == "zh" else stage.title for stage in STAGES}
    for timing in report.timings:
        yield f"  {timing.wall_s:6.1f} / {timing.cpu_s:5.1f}  {titles[timing.stage]}"


def _checks(report: Report, language: str) -> Iterator[str]:
    """What is wrong or worth a word first, the rest in one line each."""
    marks = _WORDS[language]["marks"]
    order = [Verdict.FAIL, Verdict.WARN, Verdict.INFO, Verdict.PASS, Verdict.NOT_RUN]
    for check in sorted(report.checks, key=lambda item: order.index(item.verdict)):
        metric = "" if check.metric is None else f"  {check.metric}"
        note = f"  {say(check.note, language)}" if check.note else ""
        yield f"  {marks[check.verdict.value]}  {label(check.name, language)}{metric}{note}"
