"""Who may be given work, and the pool's page."""

from datetime import date
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from assessment.examiners.models import Examiner
from assessment.examiners.types import (
    ExaminerData,
    ExaminerGrade,
    ExaminerRow,
    ExaminerState,
    PoolPage,
    levels_of,
)
from lms.accounts.api import Acting, Membership, Organisation, OrganisationKind, Role, User, can, may
from lms.core.clock import day_of
from lms.core.types import Level


def available_examiners(*, level: int, on: date, place: str) -> tuple[ExaminerData, ...]:
    """Examiners who may be given a work of this level handed in at this tree path, in the order they were added.

    Filed, their card valid on that day and allowing the level, an examiner of their body on that day, and the body works
    where the place lies (S1-29, S1-30, domain A4). Ties to the candidate are the caller's question.
    """
    filed = (
        Examiner.objects.filter(state=ExaminerState.FILED, valid_from__lte=on, valid_to__gte=on)
        .select_related("organisation")
        .order_by("id")
    )
    rows = [
        row
        for row in filed
        if level in row.levels
        and Level(level) in levels_of(ExaminerGrade(row.grade))
        and place.startswith(row.organisation.scope_path)
    ]
    held = set(
        Membership.objects.filter(
            Q(valid_to=None) | Q(valid_to__gte=on),
            valid_from__lte=on,
            role=Role.EXAMINER,
            user__is_active=True,
            user__uuid__in=[row.user for row in rows],
        ).values_list("user__uuid", "organisation")
    )
    return tuple(_data(row) for row in rows if (row.user, row.organisation_id) in held)


def _data(row: Examiner) -> ExaminerData:
    return ExaminerData(row.uuid, row.user, row.person, ExaminerGrade(row.grade), row.organisation.uuid)


def examiner(uuid: UUID) -> ExaminerData | None:
    """One examiner, whatever her state."""
    row = Examiner.objects.select_related("organisation").filter(uuid=uuid).first()
    return _data(row) if row else None


def examiner_names(users: list[UUID]) -> dict[UUID, str]:
    """What to call them on pages of their own office and the bureau: the names they are signed in by."""
    return dict(User.objects.filter(uuid__in=users).values_list("uuid", "display_name"))


def _readable(acting: Acting) -> QuerySet[Examiner]:
    """The rows this person may see: her own, her body's, or those of the place she covers. Raises PermissionDenied."""
    cell = can(acting, "examiner_pool", "read")
    if cell is None or acting.user is None or acting.organisation is None:
        raise PermissionDenied
    rows = Examiner.objects.select_related("organisation").order_by("organisation__path", "id")
    if cell.own:
        return rows.filter(user=acting.user)
    if acting.role is Role.INSTITUTION_ADMIN:
        return rows.filter(organisation__uuid=acting.organisation)
    return rows.filter(organisation__path__startswith=acting.organisation_path)


def examiner_for(acting: Acting, uuid: UUID) -> Examiner:
    """The gate of one row. Raises PermissionDenied, Http404."""
    row = _readable(acting).filter(uuid=uuid).first()
    if row is None:
        raise Http404
    return row


def adds_examiners(acting: Acting) -> bool:
    """Staff of an evaluation body add to its own pool."""
    if acting.organisation is None or can(acting, "examiner_pool", "create") is None:
        return False
    return Organisation.objects.filter(uuid=acting.organisation, kind=OrganisationKind.EVALUATION_BODY).exists()


def addable_users(acting: Acting, *, on: date) -> list[tuple[str, str]]:
    """Examiners of her body who are not in its pool yet: (uuid, name)."""
    if acting.organisation is None:
        return []
    members = Membership.objects.filter(
        Q(valid_to=None) | Q(valid_to__gte=on),
        valid_from__lte=on,
        role=Role.EXAMINER,
        organisation__uuid=acting.organisation,
        user__is_active=True,
    ).order_by("id")
    listed = set(
        Examiner.objects.filter(organisation__uuid=acting.organisation)
        .exclude(state=ExaminerState.ENDED)
        .values_list("user", flat=True)
    )
    pairs = members.values_list("user__uuid", "user__display_name")
    return [(str(uuid), name) for uuid, name in dict(pairs).items() if uuid not in listed]


def waiting_examiners(acting: Acting) -> int:
    """How many wait for this bureau to file them; 0 for everybody else."""
    if can(acting, "examiner_pool", "approve") is None:
        return 0
    rows = Examiner.objects.filter(organisation__path__startswith=acting.organisation_path)
    return rows.filter(state=ExaminerState.DRAFT).count()


def pool_page(acting: Acting) -> PoolPage:
    """The pool as this person may see it. Raises PermissionDenied."""
    rows = list(_readable(acting))
    names = examiner_names([row.user for row in rows])
    return PoolPage(
        rows=tuple(_row(acting, row, names.get(row.user, "")) for row in rows),
        add_url=reverse("assessment:examiner_add") if adds_examiners(acting) else "",
        waiting=waiting_examiners(acting),
    )


def _row(acting: Acting, row: Examiner, name: str) -> ExaminerRow:
    label, tone = state_label(ExaminerState(row.state))
    return ExaminerRow(
        uuid=row.uuid,
        name=name,
        organisation_name=row.organisation.name,
        grade_label=grade_label(ExaminerGrade(row.grade)),
        levels_label="、".join(Level(level).label_zh for level in sorted(row.levels, reverse=True)),
        card_no=row.card_no,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        state_label=label,
        tone=tone,
        filed_on=day_of(row.filed_at) if row.filed_at else None,
        acts=_acts(acting, row),
    )


def _acts(acting: Acting, row: Examiner) -> tuple[tuple[str, str, bool], ...]:
    state = ExaminerState(row.state)
    acts: list[tuple[str, str, bool]] = []
    if may(acting, "examiner_pool", "approve", place=row.organisation.path):
        if state is ExaminerState.DRAFT:
            acts.append((ExaminerState.FILED, _("File"), False))
        elif state is ExaminerState.FILED:
            acts.append((ExaminerState.SUSPENDED, pgettext("examiner", "Suspend"), True))
        elif state is ExaminerState.SUSPENDED:
            acts.append((ExaminerState.FILED, pgettext("examiner", "Restore"), False))
    if can(acting, "examiner_pool", "update") and state is not ExaminerState.ENDED:
        acts.append((ExaminerState.ENDED, pgettext("examiner", "Remove from the pool"), True))
    return tuple(acts)


def grade_label(grade: ExaminerGrade) -> str:
    """考评员, 高级考评员."""
    return {
        ExaminerGrade.EXAMINER: _("Examiner"),
        ExaminerGrade.SENIOR: _("Senior examiner"),
    }[grade]


def state_label(state: ExaminerState) -> tuple[str, str]:
    """What a state is called, and the tone of its tag."""
    return {
        ExaminerState.DRAFT: (pgettext("examiner", "To be filed"), "warn"),
        ExaminerState.FILED: (pgettext("examiner", "Filed"), "ok"),
        ExaminerState.SUSPENDED: (pgettext("examiner", "Suspended"), "bad"),
        ExaminerState.ENDED: (pgettext("examiner", "Left"), "mute"),
    }[state]
