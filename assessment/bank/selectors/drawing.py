"""What papers may draw (S1-27, S1-28, S1-31), and how the bank is filled: no text, no key."""

from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum

from assessment.bank.logic import NOT_DRAWN
from assessment.bank.models import Question
from assessment.bank.rules import require_statistics
from assessment.bank.selectors.topics import topics
from assessment.bank.types import Drawable, Pool, QuestionType, StatisticsRow, Step
from lms.accounts.api import Acting
from lms.core.types import Level

_DRAWN = Q(pool=Pool.EXAM, approved__isnull=False) & ~Q(state__in=sorted(NOT_DRAWN))


def _usable() -> QuerySet[Question]:
    """The exam pool's questions with an approved version that is neither suspended nor retired."""
    return Question.objects.filter(_DRAWN)


def drawable(level: Level) -> tuple[Drawable, ...]:
    """Every question of a level that a paper may draw today, by the version that was approved, in the order of their uids.

    What a newer, unapproved version says plays no part. One query. The gate is the caller's.
    """
    place = "approved__content__place"
    rows = _usable().filter(**{f"{place}__level": int(level)}).order_by("uuid")
    return tuple(
        Drawable(
            question=question,
            version=version,
            level=level,
            topic=topic,
            type=QuestionType(kind),
            step=Step(step),
            difficulty=difficulty,
            law=bool(law),
            stimulus=UUID(stimulus) if stimulus else None,
            exposure=exposure,
        )
        for question, version, topic, kind, step, difficulty, law, stimulus, exposure in rows.values_list(
            "uuid",
            "approved__uuid",
            f"{place}__topic",
            "approved__content__type",
            f"{place}__step",
            f"{place}__difficulty",
            f"{place}__law",
            "approved__content__stimulus__uid",
            "exposure",
        )
    )


def statistics(acting: Acting) -> tuple[StatisticsRow, ...]:
    """How many questions of the exam pool each topic has and how many may be drawn. One query. Raises NotAllowed."""
    require_statistics(acting)
    counted = {
        row["topic"]: row
        for row in Question.objects.filter(pool=Pool.EXAM)
        .order_by()
        .values("topic")
        .annotate(
            questions=Count("pk"),
            usable=Count("pk", filter=_DRAWN),
            law=Count("pk", filter=_DRAWN & Q(law=True)),
            exposure=Sum("exposure"),
        )
    }
    return tuple(
        StatisticsRow(
            level=topic.level,
            topic=topic.code,
            topic_title=topic.title,
            questions=counted[topic.code]["questions"] if topic.code in counted else 0,
            usable=counted[topic.code]["usable"] if topic.code in counted else 0,
            law=counted[topic.code]["law"] if topic.code in counted else 0,
            exposure=counted[topic.code]["exposure"] or 0 if topic.code in counted else 0,
        )
        for topic in topics()
    )
