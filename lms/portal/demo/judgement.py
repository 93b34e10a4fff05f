"""The demonstration's judgement: three sheets, rulings, grade, number, certificate; then all of it told on a terminal.

The marks are ours (marks.yaml) and say that they are; everything else is done by the services that people use. What stands
already is left as it is, so a second run only tells.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import yaml
from django.conf import settings
from django.utils.translation import override

from assessment.api import (
    GradeData,
    GradeState,
    OutcomeData,
    PanelState,
    Part,
    SheetChanges,
    SheetState,
    Verdict,
    allocate_numbers,
    attempts_left,
    candidacy,
    certificates_of,
    confirm_grade,
    create_batch,
    decide_finding,
    desk_list,
    file_batch,
    freeze_batch,
    grades_of,
    issue_batch,
    outcome,
    panel_page,
    part_label,
    release_grade,
    review_batch,
    save_sheet,
    sheet_page,
    sign_panel,
    submission_for_asset,
    submit_sheet,
)
from lms.core.types import Level
from lms.policies.api import Grade, decision_card
from lms.portal.demo.children import Child
from lms.portal.demo.training import EXAMINERS
from lms.portal.demo.works import DemoFailed
from lms.portal.demo.world import World
from media_pipeline.api import evidence_of

_MARKS = Path(__file__).with_name("marks.yaml")
_PATIENCE_S = 120.0


def marks_of(clip: str) -> dict[str, Any]:
    """The demonstration marks of one clip."""
    return dict(yaml.safe_load(_MARKS.read_text(encoding="utf-8"))[clip])


def judge(world: World, work: UUID, clip: str, worker: Child, *, now: Callable[[], datetime]) -> OutcomeData:
    """Let the cast score, rule, sign, confirm and release one work; how it came out. Raises DemoFailed, ChildDied."""
    marks = marks_of(clip)
    code = evidence_of(work).code
    submitted = submission_for_asset(work)
    if submitted is None:
        raise DemoFailed(f"{clip}: the work stands under no candidacy")
    if not any(_video_of(grade) for grade in grades_of(submitted.candidacy)):
        _await_panel(world, code, worker, now)
        _score(world, code, marks, now)
        _rule(world, code, marks, now)
    grade = _newest(submitted.candidacy)
    if grade.state is GradeState.COMPUTED:
        confirm_grade(by=world.acting("chief"), decision=grade.decision, now=now())
        grade = _newest(submitted.candidacy)
    if grade.state is GradeState.CHIEF_CONFIRMED:
        release_grade(by=world.acting("hr"), decision=grade.decision, now=now())
        grade = _newest(submitted.candidacy)
    marked = _video_of(grade)
    if grade.state is not GradeState.PUBLISHED or marked is None:
        raise DemoFailed(f"{clip}: the grade stands at {grade.state}")
    return outcome(marked)


def _video_of(grade: GradeData) -> UUID | None:
    """The outcome of her video that a decision counts."""
    return next((part.outcome for part in grade.parts if part.part is Part.VIDEO), None)


def _newest(candidacy: UUID) -> GradeData:
    grades = grades_of(candidacy)
    if not grades:
        raise DemoFailed("the panel finished, but no grade was computed")
    return grades[0]


def _await_panel(world: World, code: str, worker: Child, now: Callable[[], datetime]) -> None:
    """Examiners are allocated by a job of the worker."""
    until = time.monotonic() + _PATIENCE_S
    while len(_seated(world, code, now)) < len(marks_of("clean-dates")["sheets"]):
        worker.check()
        if time.monotonic() > until:
            raise DemoFailed(f"{code}: no examiners were allocated within {_PATIENCE_S:.0f} s")
        time.sleep(0.5)


def _seated(world: World, code: str, now: Callable[[], datetime]) -> list[str]:
    seated = []
    for who in EXAMINERS:
        desk = desk_list(world.acting(who), now=now())
        if any(row.code == code for row in (*desk.waiting, *desk.handed_in)):
            seated.append(who)
    return seated


def _score(world: World, code: str, marks: dict[str, Any], now: Callable[[], datetime]) -> None:
    for who, sheet in zip(_seated(world, code, now), marks["sheets"], strict=False):
        acting = world.acting(who)
        page = sheet_page(acting, code)
        if page.state not in {SheetState.ASSIGNED, SheetState.IN_PROGRESS}:
            continue
        rulings = {}
        for asked in page.findings:
            dismissed = sheet["dismiss"].get(asked.finding.rule)
            verdict = Verdict.DISMISS if dismissed else Verdict.CONFIRM
            rulings[asked.finding.number] = (str(verdict), dismissed or marks["confirm"])
        changes = SheetChanges(scores=sheet["scores"], comments=sheet["comment"], rulings=rulings)
        receipt = save_sheet(by=acting, code=code, changes=changes, revision=page.revision, now=now())
        if receipt.errors or receipt.missing:
            raise DemoFailed(f"{code}: the demonstration sheet lacks {receipt.missing} {dict(receipt.errors)}")
        submit_sheet(by=acting, code=code, revision=receipt.revision, now=now())


def _rule(world: World, code: str, marks: dict[str, Any], now: Callable[[], datetime]) -> None:
    """The chief decides what only she can decide, and signs."""
    chief = world.acting("chief")
    page = panel_page(chief, code, now=now())
    if page.state is PanelState.FINAL:
        return
    for ruled in page.findings:
        if ruled.needs_chief and ruled.chief is None:
            dismissed = marks["chief"].get(ruled.finding.rule)
            decide_finding(
                by=chief,
                code=code,
                finding=ruled.finding.number,
                verdict=str(Verdict.DISMISS if dismissed else Verdict.CONFIRM),
                reason=dismissed or marks["confirm"],
                now=now(),
            )
    sign_panel(by=chief, code=code, reason=marks["sign"], now=now())


def certify(world: World, works: Mapping[str, UUID], *, now: Callable[[], datetime]) -> int:
    """A batch for those of the cast who passed and have no paper yet: frozen, filed, reviewed, numbered, issued.

    works: who → her work. Returns how many papers were issued.
    """
    passed: list[UUID] = []
    for who, work in works.items():
        submitted = submission_for_asset(work)
        if (
            submitted
            and _newest(submitted.candidacy).grade not in (None, Grade.FAIL)
            and not certificates_of(world.person(who))
        ):
            passed.append(submitted.candidacy)
    if not passed:
        return 0
    staff, bureau = world.acting("body"), world.acting("hr-city")
    rules = candidacy(passed[0]).specification
    batch = create_batch(by=staff, level=Level.ELEMENTARY, specification=rules, now=now()).uuid
    freeze_batch(by=staff, batch=batch, candidacies=passed, now=now())
    file_batch(by=staff, batch=batch, now=now())
    review_batch(by=bureau, batch=batch, now=now())
    allocate_numbers(by=bureau, batch=batch, now=now())
    return len(issue_batch(by=staff, batch=batch, now=now()))


def tell(world: World, who: str, work: UUID, judged: OutcomeData, *, now: datetime) -> Iterator[str]:
    """Sheets, rulings, grade with reasons, number, certificate and verification address, as lines."""
    submitted = submission_for_asset(work)
    assert submitted is not None  # noqa: S101  # `judge` has found it
    with override("zh-hans"):
        yield f"  评分（演示分数，不是真人评分）  {judged.rubric_title} 第{judged.rubric_version}版"
        for sheet in judged.sheets:
            counted = "计入" if sheet.counted else "未计入"
            yield f"    {sheet.label}  {sheet.total:.1f} 分  {counted}  {sheet.content_hash[:12]}"
        page = panel_page(world.acting("chief"), judged.code, now=now)
        for line in page.criteria:
            scores = "  ".join(f"{score:>5.1f}" for score in line.scores if score is not None)
            yield f"    {scores}  {line.title} /{line.maximum:.0f}"
        yield f"    {judged.method_label} {judged.centre:.1f}  分差 {judged.spread:.1f}"
        for ruled in page.findings:
            said = "  ".join(f"{ruling.label}{ruling.verdict_label}" for ruling in ruled.rulings)
            chief = f"  {ruled.chief.label}{ruled.chief.verdict_label}" if ruled.chief else ""
            yield f"    {ruled.finding.severity_label}  {ruled.finding.text}  {said}{chief}  → {ruled.status_label}"
        yield f"  违规认定  确认 {len(judged.deductions)} 处，不成立 {judged.dismissed} 处"
        for breach in judged.deductions:
            cost = "一票否决" if breach.points is None else f"-{breach.points} 分"
            yield f"    {breach.severity_label}  {breach.quote}  {breach.rule}  {cost}  {breach.law}"
        grade = _newest(submitted.candidacy)
        composite = f"{grade.composite:.1f} 分" if grade.composite is not None else "无总分"
        parts = "  ".join(f"{part_label(part.part)} {part.mark} 分" for part in grade.parts)
        yield f"  成绩认定  {parts}  总评 {composite}"
        card = decision_card(grade.policy_decision)
        for reason in card.reasons:
            yield f"    {reason.title}  规定 {reason.required}  实际 {reason.found}  {reason.clause}"
        yield f"    {card.policy}"
        papers = certificates_of(world.person(who))
        if not papers:
            left = attempts_left(world.person(who), candidacy(submitted.candidacy).specification)
            limit = "不限次数" if left.allowed is None else f"共{left.allowed}次"
            yield f"  补考 resit  {left.state}，已用{left.used}次，{limit}"
            yield "  证书  未通过，没有证书"
        for paper in papers:
            yield f"  证书编号（人社局配发）  {paper.number}"
            yield f"    PDF  {Path(settings.VAR_DIR) / 'private' / paper.pdf_key}"
            yield f"    SHA-256  {paper.pdf_sha256}"
            yield f"    查验  {paper.verify_url}"
