"""What this room holds about a person: what she wrote, judged and said, when she looked at keys. Never a question's words."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Q
from django.utils.translation import pgettext

from assessment.bank.models import KeyLook, QuestionComment, QuestionVerdict, QuestionVersion
from lms.core.holdings import Holding


def hold(person: UUID, user: UUID | None) -> Sequence[Holding]:
    """Her part in the question bank."""
    wrote = Q(author_person=person) | Q(author=user) if user else Q(author_person=person)
    judged = Q(expert_person=person) | Q(expert=user) if user else Q(expert_person=person)
    versions = QuestionVersion.objects.filter(wrote).order_by("id")
    verdicts = QuestionVerdict.objects.filter(judged).order_by("id").select_related("version")
    comments = QuestionComment.objects.filter(author=user).order_by("id").select_related("version") if user else []
    looks = KeyLook.objects.filter(by=user).order_by("id") if user else []
    return [
        Holding(
            pgettext("held", "Questions you wrote"),
            [
                {
                    pgettext("question", "Question"): row.question_id,
                    pgettext("question", "Version"): row.number,
                    pgettext("held", "On"): row.created_at,
                }
                for row in versions.only("question_id", "number", "created_at")
            ],
        ),
        Holding(
            pgettext("held", "Questions you judged"),
            [
                {
                    pgettext("question", "Question"): row.version.question_id,
                    pgettext("question", "Version"): row.version.number,
                    pgettext("question", "Verdict"): row.verdict,
                    pgettext("question", "Words"): row.words,
                    pgettext("held", "On"): row.at,
                }
                for row in verdicts
            ],
        ),
        Holding(
            pgettext("held", "What you said of questions"),
            [
                {
                    pgettext("question", "Question"): row.version.question_id,
                    pgettext("question", "Words"): row.words,
                    pgettext("held", "On"): row.at,
                }
                for row in comments
            ],
        ),
        Holding(
            pgettext("held", "Your looks at answers"),
            [
                {
                    pgettext("question", "Reason"): row.reason,
                    pgettext("question", "Format"): row.format,
                    pgettext("held", "On"): row.at,
                }
                for row in looks
            ],
        ),
    ]
