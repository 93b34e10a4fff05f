"""What courses holds about a person."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Q
from django.utils.translation import pgettext

from courses.classes.models import ClassInstructor
from courses.enrolment.logic import packed
from courses.enrolment.models import Enrolment
from courses.enrolment.selectors import question_label, state_label
from courses.enrolment.types import EnrolmentState
from lms.core.holdings import Holding
from lms.core.types import Level
from lms.policies.api import DecisionKind, held_decisions


def hold(person: UUID, user: UUID | None) -> Sequence[Holding]:
    """Her enrolments with what she declared, and the classes she teaches."""
    mine = Q(person__uuid=person) | Q(person__user__uuid=user) if user else Q(person__uuid=person)
    rows = Enrolment.objects.filter(mine).select_related("training_class__institution").order_by("id")
    taught = ClassInstructor.objects.filter(mine).select_related("training_class__institution").order_by("id")
    return [
        Holding(
            pgettext("courses", "Enrolments"),
            [
                {
                    pgettext("courses", "Class"): row.training_class.name,
                    pgettext("courses", "Institution"): row.training_class.institution.name,
                    pgettext("courses", "Level"): Level(row.training_class.level).rank_zh,
                    pgettext("courses", "State"): state_label(EnrolmentState(row.state))[0],
                    pgettext("courses", "Submitted"): row.created_at,
                    pgettext("courses", "Reason"): row.reason,
                    **{question_label(name): value for name, value in packed(row.declaration).items()},
                }
                for row in rows
            ],
        ),
        held_decisions(DecisionKind.ENROLMENT, subjects=[row.uuid for row in rows]),
        Holding(
            pgettext("courses", "Classes taught"),
            [
                {
                    pgettext("courses", "Class"): row.training_class.name,
                    pgettext("courses", "Institution"): row.training_class.institution.name,
                    pgettext("courses", "Since"): row.created_at,
                }
                for row in taught
            ],
        ),
    ]
