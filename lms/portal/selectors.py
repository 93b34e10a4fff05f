"""Reads that join domains, and the gates of the portal's own pages."""

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext, gettext_noop

from lms.accounts.api import Acting, can, masked_names
from lms.core.jobs import dead_count, dead_jobs
from lms.portal.navigation import BLIND_ROLES
from lms.portal.types import DeadLetterRow, WorkOverviewRow, WorksOverview
from media_pipeline.api import ROWS_A_PAGE, asset_titles, count_works_covered, pages, works_covered


def works_for(acting: Acting, *, page: int) -> WorksOverview:
    """Works of the trainees the role covers: masked names, states, never content. Raises PermissionDenied."""
    cell = can(acting, "other_submission", "read")
    # Who scores or arbitrates sees works by code only: beside masked names the codes could be told apart by time.
    if cell is None or cell.own or acting.role in BLIND_ROLES:
        raise PermissionDenied
    shown = pages(count_works_covered(organisation_path=acting.organisation_path), page)
    works = works_covered(organisation_path=acting.organisation_path, offset=shown.start, limit=ROWS_A_PAGE)
    names = masked_names({work.owner_person for work in works if work.owner_person})
    rows = [
        WorkOverviewRow(
            holder=names.get(work.owner_person, "") if work.owner_person else "",
            organisation=work.organisation_name,
            title=work.title,
            submitted_at=work.uploaded_at,
            state_label=work.state_label,
            tone=work.tone,
            reasons=tuple(work.reasons),
        )
        for work in works
    ]
    return WorksOverview(rows, shown)


_KINDS = {"media.stage": gettext_noop("Video processing")}


def dead_letters_for(acting: Acting) -> list[DeadLetterRow]:
    """Jobs that gave up. Raises PermissionDenied for everybody but administrators."""
    if can(acting, "dead_letter", "read") is None:
        raise PermissionDenied
    jobs = dead_jobs()
    codes = asset_titles({job.subject for job in jobs})
    return [
        DeadLetterRow(
            uuid=job.uuid,
            kind_label=gettext(_KINDS[job.kind]) if job.kind in _KINDS else job.kind,
            subject=codes.get(job.subject, str(job.subject)[:8]),
            reason=job.reason,
            attempts=job.attempts,
            died_at=job.died_at,
        )
        for job in jobs
    ]


def dead_letter_count(acting: Acting) -> int:
    """How many failed jobs wait for this person; 0 for everybody but administrators."""
    return dead_count() if can(acting, "dead_letter", "read") else 0
