"""What papers may draw and have drawn (S1-27, S1-28, S1-31), and how the bank is filled: no key."""

from collections.abc import Collection
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet, Sum

from assessment.bank.logic import NOT_DRAWN, document_from, files_of
from assessment.bank.models import Question, QuestionFile, QuestionVersion
from assessment.bank.rules import require_statistics
from assessment.bank.selectors.topics import topics
from assessment.bank.types import (
    Drawable,
    PlacedVersion,
    Pool,
    QuestionDocument,
    QuestionState,
    QuestionType,
    StatisticsRow,
    Step,
)
from lms.accounts.api import Acting
from lms.core.types import Level

_DRAWN = Q(pool=Pool.EXAM, approved__isnull=False) & ~Q(state__in=sorted(NOT_DRAWN))


def _usable() -> QuerySet[Question]:
    """The exam pool's questions with an approved version that is neither suspended nor retired."""
    return Question.objects.filter(_DRAWN)


def drawable(level: Level) -> tuple[Drawable, ...]:
    """Every question of a level that a paper may draw today, by the version that was approved, in the order of their uids.

    What a newer, unapproved version says plays no part. Two queries: a question's own columns say where its newest version
    belongs, so only where that is not the approved one its JSON is looked into. The gate is the caller's.
    """
    newest = Q(current=F("approved"))
    own = ("topic", "type", "step", "difficulty", "law", "stimulus")
    place = "approved__content__place"
    older = (
        f"{place}__topic",
        "approved__content__type",
        f"{place}__step",
        f"{place}__difficulty",
        f"{place}__law",
        "approved__content__stimulus__uid",
    )
    ends = ("uuid", "approved__uuid", "exposure")
    rows = [
        *_usable().filter(newest, level=int(level)).values_list(*ends, *own),
        *_usable().filter(~newest, **{f"{place}__level": int(level)}).values_list(*ends, *older),
    ]
    rows.sort(key=lambda row: row[0].int)
    types, steps = {kind.value: kind for kind in QuestionType}, {step.value: step for step in Step}
    return tuple(
        Drawable(
            question=question,
            version=version,
            level=level,
            topic=topic,
            type=types[kind],
            step=steps[step],
            difficulty=difficulty,
            law=bool(law),
            stimulus=UUID(str(stimulus)) if stimulus else None,
            exposure=exposure,
        )
        for question, version, exposure, topic, kind, step, difficulty, law, stimulus in rows
    )


def documents_of(versions: Collection[UUID]) -> dict[UUID, QuestionDocument]:
    """Version → its document without key and explanation, for papers, whatever has become of the question since. One query;
    unknown ones are left out. The gate is the caller's."""
    rows = QuestionVersion.objects.filter(uuid__in=list(versions)).values_list("uuid", "question__uuid", "content")
    return {version: document_from(question, content) for version, question, content in rows}


def placed_versions(versions: Collection[UUID]) -> dict[UUID, PlacedVersion]:
    """Version → where it belongs and whether papers may still draw its question. One query; unknown ones are left out. The
    gate is the caller's."""
    rows = QuestionVersion.objects.filter(uuid__in=list(versions)).select_related("question", "question__approved")
    found = {}
    for row in rows.defer("secret", "signature", "question__approved__secret", "question__approved__content"):
        place, shared, question = row.content["place"], row.content.get("stimulus"), row.question
        approved = question.approved
        found[row.uuid] = PlacedVersion(
            Drawable(
                question=question.uuid,
                version=row.uuid,
                level=Level(place["level"]),
                topic=place["topic"],
                type=QuestionType(row.content["type"]),
                step=Step(place["step"]),
                difficulty=place["difficulty"],
                law=bool(place["law"]),
                stimulus=UUID(shared["uid"]) if shared else None,
                exposure=question.exposure,
            ),
            serial=question.pk,
            number=row.number,
            usable=approved is not None and QuestionState(question.state) not in NOT_DRAWN,
            renewed=approved is not None and approved.uuid != row.uuid,
        )
    return found


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


def file_of(version: UUID, sha256: str) -> QuestionFile | None:
    """A file that this version shows outside its explanation, else None. The gate is the caller's."""
    content = QuestionVersion.objects.filter(uuid=version).values_list("content", flat=True).first()
    if content is None or sha256 not in files_of(content):
        return None
    return QuestionFile.objects.filter(sha256=sha256).first()
