"""Adding to the pool and filing it."""

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from assessment.examiners.events import ExaminerFiled
from assessment.examiners.models import Examiner
from assessment.examiners.selectors import grade_label
from assessment.examiners.types import ExaminerGrade, ExaminerRefused, ExaminerState, levels_of
from lms.accounts.api import Acting, Membership, Organisation, OrganisationKind, Person, Role, require
from lms.core import audit
from lms.core.clock import day_of
from lms.core.crypto import blind_index
from lms.core.events import publish
from lms.core.types import Level

# Who may do what: the body says who is in its pool, the bureau who is filed (S1-30).
_FILING = frozenset({ExaminerState.FILED, ExaminerState.SUSPENDED})


@transaction.atomic
def add_examiner(
    *,
    by: Acting,
    user: UUID,
    card_no: str,
    grade: ExaminerGrade,
    levels: Collection[Level],
    valid_from: date,
    valid_to: date,
    now: datetime,
    is_demo: bool = False,
) -> Examiner:
    """Put an examiner of the acting evaluation body into its pool, to be filed; both days of validity are included.

    Raises NotAllowed, PermissionDenied (not an evaluation body), ExaminerRefused ("user", "card_no", "levels",
    "valid_to").
    """
    if by.organisation is None:
        raise PermissionDenied
    body = Organisation.objects.filter(uuid=by.organisation, kind=OrganisationKind.EVALUATION_BODY).first()
    if body is None:
        raise PermissionDenied
    require(by, "examiner_pool", "create", place=body.path)
    today = day_of(now)
    member = (
        Membership.objects.filter(
            Q(valid_to=None) | Q(valid_to__gte=today),
            user__uuid=user,
            organisation=body,
            role=Role.EXAMINER,
            valid_from__lte=today,
        )
        .select_related("user")
        .first()
    )
    if member is None:
        raise ExaminerRefused(_("Choose an examiner of your own body."), code="user", field="user")
    card = "".join(card_no.split()).upper()
    if not card:
        raise ExaminerRefused(_("Enter the number of the qualification card."), code="card_no", field="card_no")
    beyond = sorted(set(levels) - levels_of(grade))
    if not levels or beyond:
        raise ExaminerRefused(_levels_words(grade, beyond), code="levels", field="levels")
    if valid_to < max(valid_from, today):
        raise ExaminerRefused(_("The card has run out on this day."), code="valid_to", field="valid_to")
    row = Examiner(
        user=user,
        person=Person.objects.filter(user=member.user).values_list("uuid", flat=True).first(),
        organisation=body,
        card_no=card,
        card_index=blind_index(card, purpose="examiner_card"),
        grade=grade,
        levels=sorted((int(level) for level in levels), reverse=True),
        valid_from=valid_from,
        valid_to=valid_to,
        created_by=by.user,
        created_at=now,
        is_demo=is_demo or body.is_demo,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise ExaminerRefused(
            _("This examiner, or this card, is in a pool already."), code="twice", field="card_no"
        ) from None
    audit.record(
        subject_kind="examiner",
        subject=row.uuid,
        action="added",
        actor=by.user,
        fields={"user": user, "organisation": body.uuid, "grade": grade, "card": card},
        now=now,
    )
    return row


def _levels_words(grade: ExaminerGrade, beyond: list[Level]) -> str:
    if not beyond:
        return _("Choose at least one level.")
    return _("%(grade)s: only levels 5 to 3. Levels 2 and 1 need a senior examiner.") % {"grade": grade_label(grade)}


@transaction.atomic
def move_examiner(*, by: Acting, examiner: Examiner, to: ExaminerState, now: datetime) -> Examiner:
    """File, suspend or restore (the bureau of the place), or let go (her body).

    Whoever put her into the pool does not file her. Raises NotAllowed, ExaminerRefused ("same_person", "run_out"),
    IllegalMove.
    """
    row = Examiner.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=examiner.pk)
    filed: dict[str, datetime | UUID | None] = {}
    if to in _FILING:
        require(by, "examiner_pool", "approve", place=row.organisation.path)
        if by.user is not None and by.user in {row.created_by, row.user}:
            raise ExaminerRefused(_("Somebody else has to file this examiner."), code="same_person")
    else:
        require(by, "examiner_pool", "update", place=_own_place(by, row))
    if to is ExaminerState.FILED:
        if row.valid_to < day_of(now):
            raise ExaminerRefused(_("The card has run out. It has to be renewed first."), code="run_out")
        filed = {"filed_at": now, "filed_by": by.user}
    row.move(to, **filed)
    if to is ExaminerState.FILED:
        publish(ExaminerFiled(row.uuid, row.user))
    audit.record(
        subject_kind="examiner", subject=row.uuid, action="moved", actor=by.user, fields={"state": to}, now=now
    )
    return row


def _own_place(by: Acting, row: Examiner) -> str | None:
    """A body works on the whole place it stands in, but the pool of another body there is not its own."""
    return row.organisation.path if by.organisation == row.organisation.uuid else None
