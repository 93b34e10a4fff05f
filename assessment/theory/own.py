"""A candidate's own result: her marks once they are released, and her paper where the release opened it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _

from assessment.bank.logic import key_from
from assessment.bank.selectors import topic_title
from assessment.bank.services import opened_keys
from assessment.delivery.models import Attempt, RosterEntry
from assessment.delivery.selectors import counted_responses, entry_for
from assessment.delivery.types import AttemptState, SittingState
from assessment.theory.logic import by_section, by_topic, pass_line, passed
from assessment.theory.models import PaperMark, QuestionCorrection
from assessment.theory.opened import OpenedSection, opened_sections
from assessment.theory.pages import CAUSES, standing_of
from assessment.theory.rules import MARKS
from assessment.theory.selectors import release_of, told_marks
from assessment.theory.types import Cause, PaperContent, Share
from lms.accounts.api import Acting, require
from lms.policies.types import Shown


@dataclass(frozen=True)
class ShareView:
    """Marks of one section or topic. low: below the pass line's share."""

    title: str
    mark: Decimal
    maximum: Decimal
    low: bool


@dataclass(frozen=True)
class PaperResult:
    """What a candidate reads of her paper. state: released, waits, absent, void. mark and line: of 100, one decimal.

    corrected: why this mark took the place of an earlier one, "" when it is the first; opened: her paper, where the release
    opened it, with_keys: and what is right."""

    title: str
    state: str
    sat_at: datetime
    hall: str
    mark: Decimal | None = None
    line: Decimal | None = None
    verdict: str = ""
    tone: str = "mute"
    summary: str = ""
    sections: tuple[ShareView, ...] = ()
    topics: tuple[ShareView, ...] = ()
    corrected: str = ""
    before: Decimal | None = None
    code: str = ""
    released_at: datetime | None = None
    list_url: str = ""
    opened: tuple[OpenedSection, ...] = ()
    with_keys: bool = False


def paper_result(acting: Acting, entry: UUID) -> PaperResult:
    """Her own marks once they are released; before that, that they are not. Raises Http404 (also another's), NotAllowed."""
    row = entry_for(acting, entry)
    require(acting, MARKS, "read", own=True)
    if row.included is False:
        raise Http404  # she was left out, which her page of the sitting says with the reason
    sitting = row.sitting
    attempt, released = told_marks(row)
    list_url = reverse("assessment:delivery:sittings")
    if not released:
        return PaperResult(sitting.title, _why_none(row, attempt), sitting.opens_at, sitting.hall, list_url=list_url)
    head, before = released[-1], released[-2] if len(released) > 1 else None
    content = head.as_content()
    line = pass_line(content)
    ok = passed(content)
    decision = release_of(sitting)
    shown = Shown(decision.shown) if decision else Shown.MARKS
    return PaperResult(
        title=sitting.title,
        state="released",
        sat_at=sitting.opens_at,
        hall=sitting.hall,
        mark=content.mark,
        line=line,
        verdict=standing_of(content)[0],
        tone="ok" if ok else "bad",
        summary=_summary(content, line),
        sections=tuple(_share(one, one.name, content) for one in by_section(content)),
        topics=tuple(_share(one, topic_title(one.name), content) for one in by_topic(content)),
        corrected=str(CAUSES[Cause(head.cause)]) if before else "",
        before=before.mark if before else None,
        code=head.code,
        released_at=head.release.at,
        list_url=list_url,
        opened=_opened(head, attempt, content, shown) if attempt and shown is not Shown.MARKS else (),
        with_keys=shown is Shown.KEYS,
    )


def _opened(head: PaperMark, attempt: Attempt, content: PaperContent, shown: Shown) -> tuple[OpenedSection, ...]:
    """Her paper as its mark counts it: the key that counted is a corrected one where the mark stands on a correction."""
    keys = {}
    if shown is Shown.KEYS:
        keys = opened_keys([item.place.version for item in content.items])
        for row in QuestionCorrection.objects.filter(uuid__in=content.corrections).exclude(key=""):
            keys[row.version] = key_from(row.key)[0]
    responses = counted_responses([attempt.uuid])[attempt.uuid]
    return opened_sections(content.items, responses, None if attempt.on_paper else attempt.seed, keys)


def _why_none(row: RosterEntry, attempt: Attempt | None) -> str:
    if row.sitting.state == SittingState.VOIDED or (attempt and attempt.state == AttemptState.VOIDED):
        began = attempt is not None and attempt.started_ms is not None
        if row.sitting.state == SittingState.VOIDED or began:
            return "void"
    began = attempt is not None and attempt.started_ms is not None
    if row.sitting.state == SittingState.RELEASED and not began:
        return "absent"
    return "waits"


def _summary(content: PaperContent, line: Decimal) -> str:
    if content.mark is None:
        return ""
    if content.proposed_fail:
        return _("A grave breach was confirmed in your video; no mark makes it good.")
    said = (
        _("%(mark)s points of 100. The pass line is %(line)s.")
        if content.mark >= line
        else _("%(mark)s points of 100. The pass line is %(line)s; %(gap)s were missing.")
    )
    return said % {"mark": f"{content.mark:.1f}", "line": f"{line:.1f}", "gap": f"{line - content.mark:.1f}"}


def _share(share: Share, title: str, content: PaperContent) -> ShareView:
    mark = share.mark or Decimal(0)
    return ShareView(title, mark, share.maximum, mark * content.total < share.maximum * content.pass_mark)
