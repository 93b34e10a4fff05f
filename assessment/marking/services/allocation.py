"""Forming the panel of a work: its examiners by level, filing, conflicts and load, re-read in one transaction."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Count, F, Q, QuerySet
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_noop

from assessment.candidates.selectors import candidacy, submission
from assessment.candidates.services import begin_scoring
from assessment.candidates.types import CandidacyData, SubmissionData, SubmissionState
from assessment.marking.logic import LEASE, quoted, seats_needed
from assessment.marking.models import Panel, PanelFinding, Rubric, ScoreSheet
from assessment.marking.selectors.pool import Free, Pool
from assessment.marking.selectors.rubrics import criteria_of, rubric_of
from assessment.marking.selectors.waivers import waived_for
from assessment.marking.services.evidence import open_evidence
from assessment.marking.types import SEATED_SHEETS, PanelKind, PanelState, SheetState
from assessment.specification.selectors import specification
from assessment.specification.types import Part, Quorum
from lms.core import audit, clock
from lms.core.jobs import enqueue
from lms.core.reference import content_hash
from lms.notices.api import notify
from media_pipeline.api import Evidence, EvidenceFinding, asset_titles, evidence_of

ALLOCATION_JOB = "marking.allocate"
NOTICE = "work_to_score"
_WORDS = {
    PanelKind.VIDEO: (
        gettext_noop("A work waits for your score"),
        gettext_noop("Please score work %(code)s. Everything you enter is saved at once."),
    ),
    PanelKind.ANSWERS: (
        gettext_noop("A booklet of short answers waits for your score"),
        gettext_noop("Please score booklet %(code)s. Everything you enter is saved at once."),
    ),
}


class NotMarkable(Exception):
    """The specification does not say how this work is scored, or names a rubric that is not installed."""


def ask_for_examiners(submission: UUID) -> None:
    """Let the worker form or complete the panel of a submission, or complete that of an attempt's booklet."""
    enqueue(ALLOCATION_JOB, submission, key=str(submission))


def ask_for_waiting() -> int:
    """The same for every panel with an empty seat, as when an examiner was filed; returns how many.

    Seats are counted, not told by `shortfall`: the job that was asked for when an examiner withdrew may have died, or may
    have been a twin that had looked already.
    """
    seated = Count("sheets", filter=Q(sheets__state__in=sorted(SEATED_SHEETS)))
    scoring = Panel.objects.filter(state__in=[PanelState.WAITING, PanelState.SCORING])
    short = list(scoring.annotate(seated=seated).filter(seated__lt=F("seats")).values_list("submission", flat=True))
    for waiting in short:
        ask_for_examiners(waiting)
    return len(short)


@transaction.atomic
def allocate(*, submission: UUID, now: datetime, by: UUID | None = None) -> PanelState | None:
    """Give every empty seat of the work's panel an examiner; the panel begins when all its seats can be filled.

    submission: of a video, or the attempt of a booklet, which was formed when it was opened. Again is harmless: full panels
    stay as they are. Too few examiners: the panel says why and waits. Returns where the panel stands, None for a work that was
    replaced meanwhile. `by`: the chief who asked, None for the installation.
    Raises NotMarkable, NoCandidacy, IllegalMove (the work was replaced this very moment).
    """
    panel = _booklet(submission) or _panel_of_work(submission, now)
    if panel is None:
        return None
    state = PanelState(panel.state)
    if state not in {PanelState.WAITING, PanelState.SCORING}:
        return state
    taken = set(panel.sheets.filter(state__in=sorted(SEATED_SHEETS)).values_list("seat", flat=True))
    empty = [seat for seat in range(1, panel.seats + 1) if seat not in taken]
    if not empty:
        return state
    pool = Pool(panel, candidacy(panel.candidacy), _day(now))
    chosen = _first(pool, len(empty))
    short = len(chosen) < len(empty)
    panel.shortfall = pool.why(needed=len(empty), found=len(chosen)) if short else None
    panel.save(update_fields=["shortfall"])
    if short and state is PanelState.WAITING:
        return state
    for seat, free in zip(empty, chosen, strict=False):
        seat_examiner(panel, free, seat=seat, by=by, now=now)
    if state is PanelState.WAITING:
        panel.move(PanelState.SCORING, now=now)
        if panel.kind == PanelKind.VIDEO:
            begin_scoring(submission=panel.submission, now=now)
    if chosen:
        record_seats(panel, list(zip(empty, chosen, strict=False)), by=by, now=now)
    return PanelState(panel.state)


def _locked() -> QuerySet[Panel]:
    return Panel.objects.select_for_update(of=("self",)).select_related("rubric")


def _booklet(attempt: UUID) -> Panel | None:
    return _locked().filter(submission=attempt, kind=PanelKind.ANSWERS).first()


def _panel_of_work(uuid: UUID, now: datetime) -> Panel | None:
    work = submission(uuid)
    if work.state is SubmissionState.REPLACED:
        return None
    return _panel(work, candidacy(work.candidacy), now)


def _day(now: datetime) -> date:
    return clock.day_of(now)


def _first(pool: Pool, count: int) -> list[Free]:
    chosen: list[Free] = []
    before = _who_marked_before(pool.panel)
    turn = sorted(pool.free(), key=lambda free: free.examiner.user not in before) if before else pool.free()
    for free in turn:
        if free.person not in {one.person for one in chosen}:
            chosen.append(free)
        if len(chosen) == count:
            break
    return chosen


def _who_marked_before(panel: Panel) -> set[UUID]:
    """Examiners of this candidate's earlier booklets with the same questions: what came to count later is marked by them."""
    if panel.kind != PanelKind.ANSWERS:
        return set()
    asked = list(panel.answers.values_list("version", flat=True))
    booklets = Panel.objects.filter(candidacy=panel.candidacy, kind=PanelKind.ANSWERS, answers__version__in=asked)
    sheets = ScoreSheet.objects.filter(panel__in=booklets.exclude(pk=panel.pk), state__in=sorted(SEATED_SHEETS))
    return set(sheets.values_list("examiner_user", flat=True))


def seat_examiner(
    panel: Panel, free: Free, *, seat: int, by: UUID | None, now: datetime, fourth: bool = False
) -> ScoreSheet:
    """Give one examiner a seat, open the evidence to her and tell her; a sheet she had before continues as she left it."""
    user = free.examiner.user
    if panel.kind == PanelKind.VIDEO:  # a booklet is read on the sheet itself
        open_evidence(examiner=user, asset=panel.asset, granted_by=by, now=now)
    before = ScoreSheet.objects.select_for_update().filter(panel=panel, examiner_user=user).first()
    if before is None:
        sheet = ScoreSheet.objects.create(
            panel=panel,
            examiner=free.examiner.uuid,
            examiner_user=user,
            examiner_person=free.person,
            seat=seat,
            fourth=fourth,
            lease_until=now + LEASE,
            assigned_at=now,
        )
    else:
        sheet = before
        after = SheetState.IN_PROGRESS if sheet.revision else SheetState.ASSIGNED
        sheet.move(after, now=now, seat=seat, fourth=fourth, lease_until=now + LEASE, assigned_at=now)
    title, body = _WORDS[PanelKind(panel.kind)]
    notify(
        user=user,
        person=free.person,
        kind=NOTICE,
        title=title,
        body=body,
        params={"code": panel.code},
        url=reverse("assessment:scoring_sheet", args=[panel.code]),
        now=now,
        key=f"{sheet.uuid}:{now.isoformat()}",
    )
    return sheet


def record_seats(panel: Panel, seats: Sequence[tuple[int, Free]], *, by: UUID | None, now: datetime) -> None:
    """The panel's event of who was given which seat; last in the transaction."""
    audit.record(
        subject_kind="panel",
        subject=panel.uuid,
        action="examiners_assigned",
        actor=by,
        fields={f"seat_{seat}": free.examiner.user for seat, free in seats},
        now=now,
    )


def _panel(work: SubmissionData, held: CandidacyData, now: datetime) -> Panel:
    """The work's panel, locked; made from the specification and the evidence as they stand now."""
    rows = _locked().filter(submission=work.uuid)
    panel = rows.first()
    if panel is None:
        try:
            with transaction.atomic():
                _form(work, held, now)
        except IntegrityError:
            pass  # another worker formed it first: continue with that one
        panel = rows.get()
    return panel


def _form(work: SubmissionData, held: CandidacyData, now: datetime) -> None:
    asked = specification(held.specification)
    rule = asked.part(Part.VIDEO)
    rubric = rubric_of(rule.rubric_key, rule.rubric_hash) if rule else None
    if rubric is None:
        raise NotMarkable(f"{asked.key} v{asked.version}")
    evidence, english = both_languages(work.asset)
    panel = Panel.objects.create(
        submission=work.uuid,
        candidacy=work.candidacy,
        asset=work.asset,
        code=asset_titles([work.asset])[work.asset],
        organisation_path=held.organisation_path,
        level=held.level,
        specification=held.specification,
        rubric=rubric,
        asked=_asked(rubric, work.candidacy),
        seats=seats_of(asked.quorum),
        spread_limit=asked.quorum.spread_limit,
        evidence_hash=evidence_hash(evidence),
        engine_line=evidence.engine_line[:500],
        is_demo=held.is_demo,
        created_at=now,
        moved_at=now,
    )
    PanelFinding.objects.bulk_create(
        panel_finding(panel, number, finding, other, evidence)
        for number, (finding, other) in enumerate(zip(evidence.findings, english.findings, strict=True), start=1)
    )


def both_languages(asset: UUID) -> tuple[Evidence, Evidence]:
    """The evidence in Chinese and in English: a finding keeps its category's name in both."""
    with translation.override("zh-hans"):
        evidence = evidence_of(asset)
    with translation.override("en"):
        return evidence, evidence_of(asset)


def panel_finding(
    panel: Panel, number: int, finding: EvidenceFinding, english: EvidenceFinding, evidence: Evidence
) -> PanelFinding:
    """A finding of the evidence as the panel's own, not saved."""
    return PanelFinding(
        panel=panel,
        number=number,
        severity=finding.severity,
        category_name=finding.category_name,
        category_name_en=english.category_name,
        law=finding.law,
        law_note=finding.law_note,
        rule=finding.rule,
        text=quoted(finding, evidence.cues),
        start_s=finding.start_s,
        end_s=finding.end_s,
        suspected=finding.suspected,
    )


def _asked(rubric: Rubric, candidacy: UUID) -> list[str] | None:
    """The criteria to score where a decision waives others; None for all. What is waived later leaves this panel alone."""
    waived = waived_for(candidacy).criteria
    codes = [criterion.code for criterion in criteria_of(rubric)]
    left = [code for code in codes if code not in waived]
    return left if left != codes else None


def seats_of(quorum: Quorum) -> int:
    """How many examiners a panel has under a specification."""
    return seats_needed(quorum.minimum, odd=quorum.odd)


def evidence_hash(evidence: Evidence) -> str:
    """What the machine had found, by its content and engines."""
    told = asdict(evidence)
    del told["waveform"], told["level_label"], told["product_label"]
    return content_hash(json.dumps(told, ensure_ascii=False, sort_keys=True))
