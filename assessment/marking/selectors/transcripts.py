"""The transcript of a work with its versions: what an examiner corrects, and what chief, bureau and inspector look up."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.urls import reverse

from assessment.marking.logic import masked
from assessment.marking.models import ScoreSheet
from assessment.marking.selectors.evidence import evidence_for
from assessment.marking.selectors.words import seat_label
from assessment.marking.types import (
    OPEN_SHEETS,
    LineChange,
    PanelKind,
    TranscriptChange,
    TranscriptLineView,
    TranscriptPage,
)
from lms.accounts.api import Acting, Role, can
from media_pipeline.api import TranscriptLine, TranscriptVersion, evidence_of, mask_names, transcript_versions

Spans = Mapping[int, Sequence[tuple[int, int]]]


def names_in(version: TranscriptVersion) -> Spans:
    """Line id → where names are said in it: hidden on every page, whoever types."""
    return mask_names({line.id: line.text for line in version.lines})


def open_sheet(acting: Acting, code: str) -> ScoreSheet | None:
    """Her own sheet on a work while she may still write on it: who judges it may correct what was heard. None for others."""
    if acting.role is not Role.EXAMINER or acting.user is None:
        return None
    rows = ScoreSheet.objects.filter(
        examiner_user=acting.user, panel__code=code, panel__kind=PanelKind.VIDEO, state__in=sorted(OPEN_SHEETS)
    )
    return rows.select_related("panel").first()


def transcript_page(acting: Acting, code: str) -> TranscriptPage:
    """The newest version and the history. Raises PermissionDenied, Http404 (see `evidence_for`)."""
    if can(acting, "transcript", "read") is None:
        raise PermissionDenied
    head = evidence_for(acting, code)
    evidence = evidence_of(head.uuid)
    versions = transcript_versions(head.uuid)
    newest = versions[-1]
    hidden = names_in(newest)
    lines = [_line(line, hidden.get(line.id, ())) for line in newest.lines]
    sheet = open_sheet(acting, code)
    back = "assessment:scoring_sheet" if sheet else "assessment:evidence"
    return TranscriptPage(
        code=code,
        level_label=evidence.level_label,
        product_label=evidence.product_label,
        duration_s=evidence.duration_s,
        video_url=reverse("assessment:evidence_media", args=[code]),
        captions_url=reverse("assessment:evidence_captions", args=[code]),
        poster_url=reverse("assessment:evidence_poster", args=[code]),
        number=newest.number,
        editable=sheet is not None,
        lines=lines,
        doubtful=sum(line.low_trust for line in lines),
        versions=_history(acting, code, versions),
        back_url=reverse(back, args=[code]),
    )


def _line(line: TranscriptLine, masks: Sequence[tuple[int, int]]) -> TranscriptLineView:
    shown = masked(line.text, masks)
    return TranscriptLineView(line.id, line.start_s, line.end_s, shown, bool(masks), line.low_trust, line.sure)


def _history(acting: Acting, code: str, versions: Sequence[TranscriptVersion]) -> list[TranscriptChange]:
    """Newest first. Seat and reason are for those who do not score: a colleague's words would be a hint."""
    told = acting.role is not Role.EXAMINER
    seats = _seats(code) if told else {}
    pairs = list(pairwise(versions))
    return [
        TranscriptChange(
            number=after.number,
            at=after.at,
            seat=seat_label(seats[after.by]) if told and after.by in seats else "",
            reason=after.reason if told else "",
            changes=_changes(before, after),
        )
        for before, after in reversed(pairs)
        if after.at is not None
    ]


def _seats(code: str) -> dict[UUID, int]:
    return dict(ScoreSheet.objects.filter(panel__code=code).values_list("examiner_user", "seat"))


def _changes(before: TranscriptVersion, after: TranscriptVersion) -> list[LineChange]:
    old, new = ({line.id: line for line in version.lines} for version in (before, after))
    hidden_old, hidden_new = names_in(before), names_in(after)
    rows = []
    for number in sorted(old.keys() | new.keys(), key=lambda number: (old.get(number) or new[number]).start_s):
        was, now = old.get(number), new.get(number)
        if was is not None and now is not None and (was.text, was.sure) == (now.text, now.sure):
            continue
        said = masked(was.text, hidden_old.get(number, ())) if was else ""
        says = masked(now.text, hidden_new.get(number, ())) if now else ""
        rows.append(LineChange((was or now or _NOWHERE).start_s, said, says))
    return rows


_NOWHERE = TranscriptLine(-1, 0.0, 0.0, "")
