"""The demonstration's videos: drawn once, handed in by the cast, watched until they stand still, told on a terminal."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

import yaml
from django.conf import settings
from django.core.files import File
from django.utils.translation import override

from lms.core.types import Level, ProductKind
from lms.portal.demo.children import Child
from lms.portal.demo.pictures import draw_video
from lms.portal.demo.world import World
from media_pipeline.api import (
    AssetState,
    Evidence,
    StageState,
    UploadRefused,
    evidence_of,
    receive_upload,
    stage_costs,
    tools,
    work_page,
)

SPEECH = Path(__file__).parent / "speech"
# Who hands in which clip. The clips not named here are drawn for visitors to upload themselves.
HANDED_IN = {"trainee-dates": "clean-dates", "trainee": "violating-tea"}
_PATIENCE_S = 600.0
_LINES = 6


class DemoFailed(Exception):
    """The demonstration did not do what it should; the message says what."""


@dataclass(frozen=True)
class Clip:
    """One demonstration clip: its card (see speech/LICENCE.md) and the drawn video."""

    name: str
    card: dict[str, Any]
    video: Path

    @property
    def violating(self) -> bool:
        """Whether the machine is expected to find something."""
        return bool(self.card["expected"])


def draw_clips() -> Iterator[Clip]:
    """Every clip's video in var/demo/videos, drawn where it is missing. Raises pictures.DrawingFailed."""
    hands = tools().hands
    for path in sorted(SPEECH.glob("*.yaml")):
        card = yaml.safe_load(path.read_text(encoding="utf-8"))
        target = Path(settings.VAR_DIR) / "demo" / "videos" / f"{card['name']}.mp4"
        speech = path.with_suffix(".opus")
        draw_video(name=card["name"], speech=speech, duration_s=card["duration_s"], target=target, hands=hands)
        yield Clip(card["name"], card, target)


def hand_in(world: World, who: str, clip: Clip, *, now: datetime) -> UUID:
    """The character uploads the clip, once: the form's token is derived from both.

    Raises DemoFailed.
    """
    card = clip.card
    try:
        with clip.video.open("rb") as opened:
            asset = receive_upload(
                acting=world.acting(who),
                file=File(opened, name=clip.video.name),
                title=card["title_zh"],
                product=ProductKind(card["product_kind"]),
                product_name=card["product_name"],
                brand=card["brand"],
                level=Level(card["level"]),
                # The voice is synthetic, and the demonstration says so.
                declared_ai=True,
                form_token=uuid5(NAMESPACE_URL, f"kaibo-demo:candidacy:{who}:{clip.name}"),
                is_demo=True,
                now=now,
            )
    except UploadRefused as refused:
        raise DemoFailed(f"{clip.name} was not taken in: {refused.code} {refused.message}") from refused
    return asset.uuid


def watch(world: World, who: str, work: UUID, worker: Child, *, now: Callable[[], datetime]) -> Iterator[str]:
    """Lines as the stages end, until the work stands still. Raises DemoFailed and ChildDied."""
    told: set[str] = set()
    until = time.monotonic() + _PATIENCE_S
    while True:
        page = work_page(world.acting(who), work, now=now())
        for stage in page.stages:
            if stage.state is StageState.DONE and stage.name not in told:
                told.add(stage.name)
                yield f"    {stage.title}  {stage.detail}"
        if not page.live:
            break
        worker.check()
        if time.monotonic() > until:
            raise DemoFailed(f"the work did not finish within {_PATIENCE_S:.0f} s")
        time.sleep(0.5)
    if page.state is not AssetState.READY:
        raise DemoFailed(f"the work ended as {page.state}: {'; '.join(page.reasons)}")


def report(work: UUID, clip: Clip) -> Iterator[str]:
    """What the machine found, as lines. Raises DemoFailed when a clip is not judged as its card expects."""
    with override("zh-hans"):
        evidence = evidence_of(work)
        yield f"  作品 {evidence.code}  {evidence.level_label} {evidence.product_label}  {evidence.duration_s:.1f} 秒"
        yield "  各步用时"
        for cost in stage_costs(work):
            yield (
                f"    {cost.title}  {cost.wall_s:.1f} 秒，CPU {cost.cpu_s:.1f} 秒"
                f"（每秒视频 {cost.cpu_s / max(evidence.duration_s, 1):.3f}），内存 {cost.peak_rss_mb:.0f} MB"
            )
        yield "  文字稿开头"
        for cue in evidence.cues[:_LINES]:
            yield f"    {_mark(cue.start_s)}  {cue.text}"
        yield f"  检测 {len(evidence.checks)} 项"
        for check in evidence.checks:
            yield f"    {_VERDICTS[check.verdict]}  {check.label}  {check.metric}  {check.note}".rstrip()
        yield f"  提示 {len(evidence.findings)} 处（需人工认定）"
        for finding in evidence.findings:
            doubt = "疑似 " if finding.suspected else ""
            yield (
                f"    {_mark(finding.start_s)}  {finding.severity}  {doubt}{finding.text}"
                f"  {finding.category_name}  {finding.rule}  {finding.law}"
            )
    _compare(evidence, clip)


_VERDICTS = {"pass": "通过", "warn": "注意", "info": "说明", "fail": "不通过", "not_run": "未检测"}


def _mark(seconds: float) -> str:
    return f"{int(seconds) // 60:02d}:{int(seconds) % 60:02d}"


def _compare(evidence: Evidence, clip: Clip) -> None:
    sure = [finding for finding in evidence.findings if not finding.suspected]
    if clip.violating:
        found = {finding.rule for finding in sure}
        expected = {term["rule"] for term in clip.card["expected"]}
        if not found & expected:
            raise DemoFailed(f"{clip.name}: none of the violations spoken was found")
    elif sure:
        raise DemoFailed(f"{clip.name} is clean, but {', '.join(finding.text for finding in sure)} was flagged")
