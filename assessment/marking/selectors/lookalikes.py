"""Works that are like another, side by side. The other one is a number here: whose it is, nobody is told."""

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from assessment.marking.selectors.evidence import evidence_for
from assessment.marking.types import AlikeMeasure, AlikePage, AlikePair, AlikeRow, AlikeSide, HeldPage, HeldRow
from lms.accounts.api import Acting, Cell, can, may
from media_pipeline.api import (
    BlindHead,
    LookalikeHead,
    LookalikeKind,
    LookalikeSides,
    Measured,
    RenditionKind,
    StoredFile,
    Tie,
    count_held_works,
    held_head,
    held_works,
    lookalike_file,
    lookalike_sides,
    lookalikes_of,
    pages,
    release_of,
)

OWN, OTHER = "own", "other"


def _cell(acting: Acting) -> Cell:
    """Raises PermissionDenied."""
    cell = can(acting, "lookalike", "read")
    if cell is None:
        raise PermissionDenied
    return cell


def lookalike_gate(acting: Acting, code: str) -> BlindHead:
    """The work, for whoever has its evidence; one that is held back has none yet, and is for those who cover its place.

    Raises PermissionDenied by role, Http404.
    """
    cell = _cell(acting)
    held = held_head(code)
    if held is None:
        return evidence_for(acting, code)
    if cell.own or not acting.covers(held.organisation_path):
        raise Http404
    return held


def held_page(acting: Acting, *, page: int = 1) -> HeldPage:
    """Works held back within reach. Raises PermissionDenied: an examiner has her own works alone."""
    if _cell(acting).own:
        raise PermissionDenied
    place = acting.organisation_path
    shown = pages(count_held_works(organisation_path=place), page)
    rows = held_works(organisation_path=place, page=shown)
    return HeldPage([HeldRow(row, reverse("assessment:lookalikes", args=[row.code])) for row in rows], shown)


def lookalike_page(acting: Acting, code: str) -> AlikePage:
    """All that a work is like. Raises PermissionDenied, Http404."""
    head = lookalike_gate(acting, code)
    held = held_head(code) is not None
    blind = _cell(acting).own
    return AlikePage(
        code=code,
        rows=[_row(code, match) for match in lookalikes_of(head.uuid)],
        held=held,
        may_release=held and may(acting, "lookalike", "approve", place=head.organisation_path),
        release=None if blind else release_of(head.uuid),
        back_url=reverse("assessment:held_works") if held else reverse("assessment:evidence", args=[code]),
        back_label=_("Same files") if held else _("Work %(code)s") % {"code": code},
    )


def lookalike_pair(acting: Acting, code: str, number: int) -> tuple[BlindHead, LookalikeSides, AlikePair]:
    """Two works side by side. Raises PermissionDenied, Http404."""
    head = lookalike_gate(acting, code)
    sides = lookalike_sides(head.uuid, number)
    if sides is None:
        raise Http404
    row = _row(code, sides.head)
    first = next((span for measure in row.measures for span in measure.stretches), (0.0, 0.0, 0.0, 0.0))
    pair = AlikePair(
        code=code,
        row=row,
        # Whose number it is may only know who could find that work without this match.
        other_code="" if _cell(acting).own or not acting.covers(sides.other_place) else sides.other_code,
        own=AlikeSide(
            title=_("This work"),
            video_url=_address(head, number, OWN, RenditionKind.PROXY),
            poster_url=_address(head, number, OWN, RenditionKind.POSTER),
            duration_s=sides.own_duration_s,
            start_s=first[0],
            lines=sides.own_lines,
        ),
        other=AlikeSide(
            title=row.title,
            video_url=_address(head, number, OTHER, RenditionKind.PROXY),
            poster_url=_address(head, number, OTHER, RenditionKind.POSTER),
            duration_s=sides.other_duration_s,
            start_s=first[2],
            lines=sides.other_lines,
        ),
        shared=sum(any(common for _text, common, _name in line.parts) for line in sides.own_lines),
        back_url=reverse("assessment:lookalikes", args=[code]),
    )
    return head, sides, pair


def _address(head: BlindHead, number: int, side: str, kind: RenditionKind) -> str:
    """Where a side's file is served, "" where there is none (any more)."""
    if lookalike_file(head.uuid, number, other=side == OTHER, kind=kind) is None:
        return ""
    name = "assessment:lookalike_video" if kind is RenditionKind.PROXY else "assessment:lookalike_poster"
    return reverse(name, args=[head.code, number, side])


def lookalike_stored_file(acting: Acting, code: str, number: int, *, side: str, kind: RenditionKind) -> StoredFile:
    """A file of either work. Raises PermissionDenied, Http404."""
    head = lookalike_gate(acting, code)
    if side not in {OWN, OTHER}:
        raise Http404
    file = lookalike_file(head.uuid, number, other=side == OTHER, kind=kind)
    if file is None:
        raise Http404
    return file


def _row(code: str, match: LookalikeHead) -> AlikeRow:
    same = match.tie is Tie.SAME
    title = _("The same person's earlier work %(number)d") if same else _("Earlier work %(number)d")
    return AlikeRow(
        number=match.number,
        title=title % {"number": match.number},
        same_person=same,
        measures=[_measure(measure) for measure in match.measures],
        url=reverse("assessment:lookalike", args=[code, match.number]),
    )


def _measure(measure: Measured) -> AlikeMeasure:
    file = measure.kind is LookalikeKind.FILE
    return AlikeMeasure(
        label={
            LookalikeKind.FILE: _("The file"),
            LookalikeKind.PICTURE: _("Picture"),
            LookalikeKind.SOUND: pgettext("look-alike", "Sound"),
            LookalikeKind.TEXT: pgettext("look-alike", "Words"),
        }[measure.kind],
        value=_("the same to the last byte") if file else f"{measure.value:.0%}",
        threshold="" if file else f"{measure.threshold:.0%}",
        warns=measure.warns,
        how=_HOW[measure.how]() if measure.how else "",
        stretches=[(span.own_start, span.own_end, span.other_start, span.other_end) for span in measure.stretches],
    )


_HOW = {
    "mirrored": lambda: _("turned round"),
    "slower": lambda: _("played faster than the other"),
    "faster": lambda: _("played slower than the other"),
    "slower_lower": lambda: _("played faster and higher than the other"),
    "faster_higher": lambda: _("played slower and lower than the other"),
}
