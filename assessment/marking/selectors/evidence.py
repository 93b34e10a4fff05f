"""Gates and reads of the evidence pages. Everything given to a template is blind: the work is its code."""

from collections.abc import Iterable
from dataclasses import replace
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.translation import get_language, pgettext

from assessment.marking.logic import masked, quoted, same_findings, severity_tone, spans_of, verdict_tone
from assessment.marking.models import EvidenceGrant, PanelFinding
from assessment.marking.types import CheckView, CueView, EvidenceListPage, EvidencePage, EvidenceRow, FindingView
from lms.accounts.api import Acting, Cell, Role, User, can, records_of
from media_pipeline.api import (
    BlindHead,
    BlindWork,
    Evidence,
    EvidenceCheck,
    EvidenceCue,
    EvidenceFinding,
    Pages,
    RenditionKind,
    StoredFile,
    blind_head,
    blind_works,
    caption_text,
    count_blind_works,
    evidence_cues,
    evidence_file,
    evidence_of,
    lookalikes_of,
    pages,
    rewordings_of,
)

# The matrix's remark on a trainee's own evidence.
AFTER_DECISION = "after decision"


def _cell(acting: Acting) -> Cell:
    """The matrix's answer by role. "After decision" is her own work once its grade is released: the grant is written
    then, so there is nothing to reach before. Raises PermissionDenied."""
    cell = can(acting, "evidence", "read")
    if cell is None or (cell.condition != AFTER_DECISION and can(acting, "other_submission", "read") is None):
        raise PermissionDenied
    return cell


def evidence_for(acting: Acting, code: str) -> BlindHead:
    """The gate of everything that shows one work's evidence.

    Raises PermissionDenied by role; Http404 when the code is unknown, not ready, not assigned (examiner), or belongs to
    an institution that the acting organisation does not cover (chief, bureau, inspector).
    """
    cell = _cell(acting)
    head = blind_head(code)
    if head is None or not _reaches(acting, cell, head):
        raise Http404
    return head


def _reaches(acting: Acting, cell: Cell, head: BlindHead) -> bool:
    if cell.own:
        return _grants(acting).filter(asset=head.uuid).exists()
    return acting.covers(head.organisation_path)


def _works(acting: Acting, cell: Cell, asked: int) -> tuple[list[BlindWork], Pages]:
    """An examiner's assigned works, everybody else's by place."""
    uuids = _assigned(acting) if cell.own else None
    place = None if cell.own else acting.organisation_path
    shown = pages(count_blind_works(uuids=uuids, organisation_path=place), asked)
    return blind_works(uuids=uuids, organisation_path=place, page=shown), shown


def _assigned(acting: Acting) -> list[UUID]:
    return list(_grants(acting).values_list("asset", flat=True))


def _grants(acting: Acting) -> QuerySet[EvidenceGrant]:
    if acting.user is None:
        return EvidenceGrant.objects.none()
    users = {acting.user}
    if acting.role is Role.TRAINEE and acting.person is not None:
        # A merged record's evidence was opened to the login it had then.
        records = records_of([acting.person])[acting.person]
        users |= set(User.objects.filter(person__uuid__in=records).values_list("uuid", flat=True))
    return EvidenceGrant.objects.filter(examiner_user__in=users, ended_at=None)


def evidence_list(acting: Acting, *, page: int = 1) -> EvidenceListPage:
    """The works whose evidence this person may see, oldest first. Raises PermissionDenied, also for a trainee: she comes to
    her evidence from her result."""
    cell = _cell(acting)
    if cell.condition == AFTER_DECISION:
        raise PermissionDenied
    works, shown = _works(acting, cell, page)
    return EvidenceListPage([_row(work) for work in works], shown.number, shown.count, shown.total, assigned=cell.own)


def waiting_evidence(acting: Acting) -> int:
    """How many finished works are assigned to this examiner; 0 for every other role."""
    if acting.role is not Role.EXAMINER:
        return 0
    return count_blind_works(uuids=_assigned(acting))


def _row(work: BlindWork) -> EvidenceRow:
    return EvidenceRow(
        code=work.code,
        level_label=work.level_label,
        product_label=work.product_label,
        duration_s=work.duration_s,
        ready_at=work.ready_at,
        findings_bad=work.findings_bad,
        findings_warn=work.findings_warn,
        checks_warn=work.checks_warn,
        url=reverse("assessment:evidence", args=[work.code]),
    )


def evidence_page(acting: Acting, code: str, *, start_s: float = 0.0) -> EvidencePage:
    """The whole page of one work. Raises PermissionDenied, Http404 (see `evidence_for`)."""
    head = evidence_for(acting, code)
    evidence = evidence_of(head.uuid)
    numbered, gone = numbered_findings(head.uuid, evidence)
    views = {number: _finding(number, finding, evidence) for number, finding in numbered}
    known = rewordings_of(head.uuid) if gone else {}
    views |= {row.number: finding_view(row, rewording=known.get(row.rule, ""), gone=True) for row in gone}
    looks = _looks(acting, head)
    checks = [_check(check, looks) for check in evidence.checks]
    beginning: dict[int, list[FindingView]] = {}
    for number, finding in numbered:
        beginning.setdefault(finding.spans[0][0] if finding.spans else -1, []).append(views[number])
    return EvidencePage(
        code=evidence.code,
        level_label=evidence.level_label,
        product_label=evidence.product_label,
        declared_ai=evidence.declared_ai,
        duration_s=evidence.duration_s,
        start_s=min(max(start_s, 0.0), evidence.duration_s),
        video_url=reverse("assessment:evidence_media", args=[code]),
        captions_url=reverse("assessment:evidence_captions", args=[code]),
        poster_url=reverse("assessment:evidence_poster", args=[code]),
        waveform=evidence.waveform,
        cues=[
            CueView(
                index=cue.index,
                start_s=cue.start_s,
                end_s=cue.end_s,
                spans=spans_of(cue, numbered),
                low_trust=cue.low_trust,
                findings=beginning.get(cue.index, []),
            )
            for cue in evidence.cues
        ],
        findings=list(views.values()),
        checks=checks,
        hint_count=len(numbered),
        check_count=len(checks),
        attention_count=sum(check.tone in {"warn", "bad", "notrun"} for check in checks),
        engine_line=evidence.engine_line,
        features=evidence.features,
        list_url="" if can(acting, "other_submission", "read") is None else reverse("assessment:evidence_list"),
        transcript_url=""
        if can(acting, "transcript", "read") is None
        else reverse("assessment:transcript", args=[code]),
        transcript_number=evidence.transcript,
        package_url=reverse("assessment:evidence_package", args=[code]),
    )


def numbered_findings(asset: UUID, evidence: Evidence) -> tuple[list[tuple[int, EvidenceFinding]], list[PanelFinding]]:
    """The findings with their numbers and weight on the panel, and the panel's that a corrected transcript does not hold.

    Before there is a panel they are counted in time order.
    """
    held = list(PanelFinding.objects.filter(panel__asset=asset, replaced_by=None).order_by("number"))
    if not held:
        return list(enumerate(evidence.findings, start=1)), []
    places = same_findings(held, evidence.findings)
    known = [
        (held[place].number, replace(finding, severity=held[place].severity))
        for place, finding in zip(places, evidence.findings, strict=True)
        if place is not None
    ]
    return known, [row for place, row in enumerate(held) if place not in places]


def finding_view(finding: PanelFinding, *, rewording: str, gone: bool = False) -> FindingView:
    """A finding as it stood when the panel came to it. gone: the transcript does not hold it any more. rewording: what the
    work's own finding offers (`rewordings_of`)."""
    return FindingView(
        number=finding.number,
        severity=finding.severity,
        severity_label=severity_label(finding.severity),
        tone=severity_tone(finding.severity),
        category_name=category_of(finding),
        law=finding.law,
        law_note=finding.law_note,
        rule=finding.rule,
        text=finding.text,
        start_s=finding.start_s,
        end_s=finding.end_s,
        suspected=finding.suspected,
        rewording=rewording,
        gone=gone,
    )


def category_of(finding: PanelFinding) -> str:
    """The category's name in the reader's language."""
    chinese = (get_language() or "zh").startswith("zh")
    return finding.category_name if chinese else finding.category_name_en


def _finding(number: int, finding: EvidenceFinding, evidence: Evidence) -> FindingView:
    return FindingView(
        number=number,
        severity=finding.severity,
        severity_label=severity_label(finding.severity),
        tone=severity_tone(finding.severity),
        category_name=finding.category_name,
        law=finding.law,
        law_note=finding.law_note,
        rule=finding.rule,
        text=quoted(finding, evidence.cues),
        start_s=finding.start_s,
        end_s=finding.end_s,
        suspected=finding.suspected,
        rewording=finding.rewording,
    )


def severity_label(severity: str) -> str:
    """否决, 严重, 一般, 提醒."""
    return {
        "B": pgettext("severity", "Proposed fail"),
        "H": pgettext("severity", "Serious"),
        "M": pgettext("severity", "Ordinary"),
        "L": pgettext("severity", "Reminder"),
    }[severity]


def _looks(acting: Acting, head: BlindHead) -> str:
    """Where works that are like this one stand beside it, "" where there are none to see."""
    if can(acting, "lookalike", "read") is None or not lookalikes_of(head.uuid):
        return ""
    return reverse("assessment:lookalikes", args=[head.code])


# Checks that found another work.
_COMPARED = frozenset({"duplicate_exact", "duplicate_video", "duplicate_audio", "duplicate_text", "resubmission"})


def _check(check: EvidenceCheck, looks: str) -> CheckView:
    return CheckView(
        name=check.name,
        label=check.label,
        verdict=check.verdict,
        verdict_label=verdict_label(check.verdict),
        tone=verdict_tone(check.verdict),
        metric=check.metric,
        threshold=check.threshold,
        ranges=list(check.ranges),
        note=check.note,
        look_url=looks if check.name in _COMPARED and check.verdict in {"warn", "fail", "info"} else "",
    )


def verdict_label(verdict: str) -> str:
    """正常, 需留意, 供参考, 不通过, 未检测."""
    return {
        "pass": pgettext("check", "Fine"),
        "warn": pgettext("check", "Look at it"),
        "info": pgettext("check", "For information"),
        "fail": pgettext("check", "Failed"),
        "not_run": pgettext("check", "Not run"),
    }[verdict]


def evidence_captions(acting: Acting, code: str) -> str:
    """The captions as WebVTT, names masked. Raises PermissionDenied, Http404."""
    return captions_of_cues(evidence_cues(evidence_for(acting, code).uuid))


def captions_of_cues(cues: Iterable[EvidenceCue]) -> str:
    """Caption lines as WebVTT, names masked."""
    return caption_text(
        (cue.start_s, cue.end_s, masked(cue.text, cue.masks)) for cue in cues if cue.end_s > cue.start_s
    )


def evidence_stored_file(acting: Acting, code: str, kind: RenditionKind) -> StoredFile:
    """A file of the evidence. Raises PermissionDenied, Http404 (also when there is no such file)."""
    file = evidence_file(evidence_for(acting, code).uuid, kind)
    if file is None:
        raise Http404
    return file
