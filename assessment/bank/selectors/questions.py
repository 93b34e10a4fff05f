"""Gates and reads of questions. No key passes here: `services.keys` is its only door."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import StrIndex
from django.http import Http404

from assessment.bank.logic import NOT_DRAWN, document_from, files_of, plain, searchable
from assessment.bank.models import (
    KeyLookItem,
    Question,
    QuestionComment,
    QuestionFile,
    QuestionVerdict,
    QuestionVersion,
)
from assessment.bank.rules import may_see_keys, require_reader, writes_questions
from assessment.bank.selectors.impartial import obstacle, persons_of, taught_levels, written_by
from assessment.bank.selectors.topics import quorum_of, topic_title
from assessment.bank.types import (
    CommentData,
    Filters,
    KeyLookData,
    MoveData,
    Pool,
    QuestionList,
    QuestionPage,
    QuestionRow,
    QuestionState,
    QuestionType,
    ReviewVerdict,
    Rights,
    Step,
    Stimulus,
    VerdictData,
    VersionData,
)
from lms.accounts.api import Acting, User, may
from lms.core.clock import day_of
from lms.core.types import Level

PAGE = 25
# A count beyond this helps nobody choose: the list says "more than", and the search stays fast.
LIMIT = 1000
_EXCERPT = 80


def question_for(acting: Acting, uuid: UUID) -> Question:
    """The gate of one question. Raises NotAllowed by role; Http404 when unknown."""
    require_reader(acting)
    row = Question.objects.select_related("current", "approved").filter(uuid=uuid).first()
    if row is None or row.current is None:
        raise Http404
    return row


def file_for(acting: Acting, uuid: UUID, sha256: str) -> QuestionFile:
    """The gate of one file of a question. What only an explanation shows is as secret as the explanation: it is served to
    whoever was shown that version's key.

    Raises NotAllowed by role; Http404 when unknown or not this question's.
    """
    row = question_for(acting, uuid)
    held = QuestionFile.objects.filter(sha256=sha256).first()
    if held is None:
        raise Http404
    versions = list(row.versions.order_by("-number"))
    if any(sha256 in files_of(version.content) for version in versions):
        return held
    seen = _looked_at(acting, row)
    for version in versions:
        if version.pk in seen and sha256 in {
            media.sha256 for media in document_from(row.uuid, version.content, version.secret).media
        }:
            return held
    raise Http404


def _looked_at(acting: Acting, row: Question) -> frozenset[int]:
    """Versions (primary keys) whose key she was shown; a look is what the audit knows of."""
    if acting.user is None or not may_see_keys(acting):
        return frozenset()
    looks = KeyLookItem.objects.filter(version__question=row, look__by=acting.user)
    return frozenset(looks.values_list("version_id", flat=True))


def names_of(users: Iterable[UUID | None]) -> dict[UUID | None, str]:
    """User → the name colleagues know her by; "" for the installation. One query."""
    wanted = {user for user in users if user is not None}
    rows = User.objects.filter(uuid__in=wanted).values_list("uuid", "display_name") if wanted else []
    named: dict[UUID | None, str] = dict(rows)
    return named | {None: ""}


def version_data(row: QuestionVersion, names: dict[UUID | None, str] | None = None) -> VersionData:
    """One version without its key."""
    known = names if names is not None else names_of([row.author])
    return VersionData(
        uuid=row.uuid,
        number=row.number,
        document=document_from(row.question.uuid, row.content),
        author=row.author,
        author_name=known.get(row.author, ""),
        created_at=row.created_at,
        note=row.note,
        restored_from=row.restored_from,
    )


def excerpt(text: str) -> str:
    """The beginning of a stem, for a list."""
    bare = plain(text)
    return bare if len(bare) <= _EXCERPT else bare[: _EXCERPT - 1] + "…"


def usable(row: Question) -> bool:
    """Whether papers may draw it now."""
    return row.pool == Pool.EXAM and row.approved_id is not None and row.state not in NOT_DRAWN


def _row_data(row: Question, names: dict[UUID | None, str]) -> QuestionRow:
    current = row.current
    return QuestionRow(
        uuid=row.uuid,
        serial=row.pk,
        pool=Pool(row.pool),
        level=Level(row.level),
        topic=row.topic,
        topic_title=topic_title(row.topic),
        type=QuestionType(row.type),
        step=Step(row.step),
        difficulty=row.difficulty,
        law=row.law,
        state=QuestionState(row.state),
        stem=excerpt(current.content["stem"]) if current else "",
        version=current.number if current else 0,
        usable=usable(row),
        exposure=row.exposure,
        opened_at=row.opened_at,
        is_demo=row.is_demo,
        author_name=names.get(row.author, ""),
        updated_at=row.updated_at,
    )


def _narrowed(acting: Acting, filters: Filters, *, now: datetime) -> QuerySet[Question]:
    rows = _waiting(acting, now=now) if filters.waiting else Question.objects.all()
    exact = {
        "level": None if filters.level is None else int(filters.level),
        "topic": filters.topic or None,
        "type": filters.type,
        "step": filters.step,
        "difficulty": filters.difficulty,
        "state": filters.state,
        "pool": filters.pool,
    }
    rows = rows.filter(**{name: value for name, value in exact.items() if value is not None})
    if filters.mine:
        rows = _hers(rows, acting.user, filters.state) if acting.user else rows.none()
    words = searchable(filters.words)
    if words.isdecimal() and Question.objects.filter(pk=int(words[:15])).exists():
        return rows.filter(Q(pk=int(words[:15])) | Q(pk__in=_with_words(rows, words)))
    return _with_words(rows, words) if words else rows


def _hers(rows: QuerySet[Question], user: UUID, state: QuestionState | None) -> QuerySet[Question]:
    """Questions of which she wrote a version; of those returned the ones returned to her, as `returned_questions` counts."""
    if state is QuestionState.RETURNED:
        return rows.filter(current__author=user)
    # The first version's author stands in the question, and its index has the list's order; others' questions are few.
    later = QuestionVersion.objects.filter(author=user, number__gt=1).exclude(question__author=user)
    others = set(later.values_list("question_id", flat=True))
    return rows.filter(Q(author=user) | Q(pk__in=others)) if others else rows.filter(author=user)


def _with_words(rows: QuerySet[Question], words: str) -> QuerySet[Question]:
    """Every word of them, somewhere. Both sides are written alike (`searchable`), so no case is folded by the database."""
    for place, word in enumerate(words.split()[:8]):
        name = f"word_{place}"
        rows = rows.alias(**{name: StrIndex("search_text", Value(word))}).filter(**{f"{name}__gt": 0})
    return rows


def questions_list(
    acting: Acting, filters: Filters, *, before: int | None = None, after: int | None = None, now: datetime
) -> QuestionList:
    """A page, newest first; the same number of queries whatever it holds. Raises NotAllowed.

    before, after: serials as `QuestionList` gives them.
    """
    require_reader(acting)
    keys = list(_narrowed(acting, filters, now=now).order_by("-pk").values_list("pk", flat=True)[: LIMIT + 1])
    beyond = len(keys) > LIMIT
    shown = _cut(keys, before, after)
    if beyond and before is not None and (not shown or shown[-1] == keys[-1]):
        # Past what was counted: the page is looked up for itself.
        shown = list(
            _narrowed(acting, filters, now=now)
            .filter(pk__lt=before)
            .order_by("-pk")
            .values_list("pk", flat=True)[: PAGE + 1]
        )
    more, shown = _more(keys, shown, beyond), shown[:PAGE]
    rows = {row.pk: row for row in Question.objects.filter(pk__in=shown).select_related("current")}
    names = names_of(row.author for row in rows.values())
    return QuestionList(
        rows=tuple(_row_data(rows[pk], names) for pk in shown if pk in rows),
        count=min(len(keys), LIMIT),
        beyond=beyond,
        before=shown[-1] if more and shown else None,
        after=shown[0] if shown and keys and shown[0] != keys[0] else None,
    )


def _cut(keys: list[int], before: int | None, after: int | None) -> list[int]:
    if after is not None:
        return [pk for pk in keys if pk > after][-PAGE:]
    if before is not None:
        return [pk for pk in keys if pk < before][: PAGE + 1]
    return keys[: PAGE + 1]


def _more(keys: list[int], shown: list[int], beyond: bool) -> bool:
    if len(shown) > PAGE:
        return True
    return bool(shown) and (shown[-1] > keys[-1] or (beyond and shown[-1] == keys[-1]))


def _waiting(acting: Acting, *, now: datetime) -> QuerySet[Question]:
    """Questions that wait for this expert's verdict; none for everybody else."""
    none = Question.objects.none()
    if acting.user is None or acting.person is None or not may(acting, "question", "approve"):
        return none
    taught = taught_levels(acting, on=day_of(now))
    if None in taught:
        return none
    mine = persons_of(acting)
    asked = Question.objects.filter(pool=Pool.EXAM, state=QuestionState.IN_REVIEW)
    given = QuestionVerdict.objects.filter(
        Q(expert=acting.user) | Q(expert_person__in=mine),
        version=OuterRef("current"),
        round=OuterRef("round"),
    )
    # Only those of which she ever wrote a version are looked at one by one.
    hers = QuestionVersion.objects.filter(Q(author=acting.user) | Q(author_person__in=mine)).values("question")
    wrote = written_by(acting, list(asked.filter(pk__in=hers).only("pk", "approved_id", "state")))
    levels = [int(level) for level in taught if level is not None]
    return asked.exclude(level__in=levels).exclude(pk__in=wrote).exclude(Exists(given))


def waiting_questions(acting: Acting, *, now: datetime) -> int:
    """How many wait for her verdict; 0 for whoever gives none."""
    return _waiting(acting, now=now).count()


def next_waiting(acting: Acting, serial: int, *, now: datetime) -> UUID | None:
    """The question to judge after this one: the next serial that waits for her, else the first; None when none does."""
    waiting = _waiting(acting, now=now).order_by("pk").values_list("uuid", flat=True)
    return waiting.filter(pk__gt=serial).first() or waiting.first()


def returned_questions(acting: Acting) -> int:
    """How many of hers were returned to her."""
    if acting.user is None or not writes_questions(acting):
        return 0
    return Question.objects.filter(pool=Pool.EXAM, state=QuestionState.RETURNED, current__author=acting.user).count()


def question_page(acting: Acting, uuid: UUID, *, now: datetime) -> QuestionPage:
    """One question with everything that was said and done about it, without its key. What colleagues say may name a key, so
    only the committee reads it. Raises NotAllowed, Http404.
    """
    row = question_for(acting, uuid)
    insider = writes_questions(acting)
    versions = list(row.versions.order_by("-number"))
    verdicts = list(QuestionVerdict.objects.filter(version__question=row).select_related("version").order_by("-id"))
    comments = list(QuestionComment.objects.filter(version__question=row).select_related("version").order_by("id"))
    moves = list(row.moves.order_by("-id"))
    looks = list(
        KeyLookItem.objects.filter(version__question=row).select_related("look", "version").order_by("-id")[:50]
    )
    names = names_of(
        [
            row.author,
            *(version.author for version in versions),
            *(verdict.expert for verdict in verdicts),
            *(comment.author for comment in comments),
            *(move.by for move in moves),
            *(item.look.by for item in looks),
        ]
    )
    for version in versions:
        version.question = row
    current = [one for one in verdicts if one.version_id == row.current_id and one.round == row.round]
    return QuestionPage(
        row=_row_data(row, names),
        versions=tuple(_shown(version_data(version, names), insider) for version in versions),
        approved=row.approved.number if row.approved else None,
        approvals=sum(one.verdict == ReviewVerdict.APPROVE for one in current),
        quorum=quorum_of(Level(row.level)),
        verdicts=tuple(
            VerdictData(
                number=one.version.number,
                round=one.round,
                expert_name=names.get(one.expert, ""),
                verdict=ReviewVerdict(one.verdict),
                words=one.words if insider else "",
                at=one.at,
                current=one in current,
            )
            for one in verdicts
        ),
        comments=tuple(
            CommentData(names.get(one.author, ""), one.version.number, one.words, one.at) for one in comments if insider
        ),
        moves=tuple(
            MoveData(
                QuestionState(one.before),
                QuestionState(one.after),
                one.reason if insider else "",
                names.get(one.by, ""),
                one.at,
            )
            for one in moves
        ),
        looks=tuple(
            KeyLookData(
                names.get(item.look.by, ""), item.version.number, item.look.reason, item.look.format, item.look.at
            )
            for item in looks
        ),
        rights=rights_of(acting, row, now=now),
    )


def _shown(data: VersionData, insider: bool) -> VersionData:
    return data if insider else replace(data, note="")


def rights_of(acting: Acting, row: Question, *, now: datetime) -> Rights:
    """What she may do with it as it stands."""
    state = QuestionState(row.state)
    exam = row.pool == Pool.EXAM
    writes = exam and writes_questions(acting)
    expert = exam and may(acting, "question", "approve") and acting.person is not None
    asked = state in {QuestionState.IN_REVIEW, QuestionState.SUSPENDED}
    why_not = obstacle(acting, row, now=now) if expert and asked else ""
    given = (
        expert
        and state is QuestionState.IN_REVIEW
        and QuestionVerdict.objects.filter(
            Q(expert=acting.user) | Q(expert_person__in=persons_of(acting)), version=row.current, round=row.round
        ).exists()
    )
    gone = state in {QuestionState.RETIRED, QuestionState.IN_REVIEW}
    return Rights(
        write=writes and not gone,
        submit=writes and state is QuestionState.DRAFT,
        withdraw=writes and may_withdraw(acting, row),
        judge=expert and state is QuestionState.IN_REVIEW and not why_not and not given,
        why_not=why_not,
        suspend=expert and row.approved_id is not None and state not in NOT_DRAWN,
        reinstate=expert and state is QuestionState.SUSPENDED and not why_not,
        retire=expert and not gone,
        see_key=may_see_keys(acting),
    )


def may_withdraw(acting: Acting, row: Question) -> bool:
    """Whether a writer may make it a draft again. Out of a review that is under way only she takes it who wrote the newest
    version or sent it there: the others say their verdict. A returned one anybody may take up."""
    if row.state == QuestionState.IN_REVIEW and acting.user is not None:
        if row.current is not None and row.current.author == acting.user:
            return True
        sent = row.moves.filter(after=QuestionState.IN_REVIEW).order_by("-id").values_list("by", flat=True).first()
        return sent == acting.user
    return row.state == QuestionState.RETURNED


def questions_of_stimulus(acting: Acting, stimulus: UUID) -> tuple[QuestionRow, ...]:
    """The questions of one case set, in the order they came. Raises NotAllowed."""
    require_reader(acting)
    rows = list(Question.objects.filter(stimulus=stimulus).select_related("current").order_by("pk"))
    names = names_of(row.author for row in rows)
    return tuple(_row_data(row, names) for row in rows)


def differing_stimulus(acting: Acting, uuid: UUID, stimulus: Stimulus) -> tuple[int, ...]:
    """Serials of the other questions of this case set whose newest version shows another text of the shared material.
    Raises NotAllowed."""
    require_reader(acting)
    rows = Question.objects.filter(stimulus=stimulus.uid, current__isnull=False).exclude(uuid=uuid).order_by("pk")
    texts = rows.values_list("pk", "current__content")
    return tuple(pk for pk, content in texts if content["stimulus"]["text"] != stimulus.text)


def uids_of(acting: Acting, filters: Filters, *, now: datetime) -> tuple[UUID, ...]:
    """Every question of a list, oldest first: what an export takes out. Raises NotAllowed."""
    require_reader(acting)
    return tuple(_narrowed(acting, filters, now=now).order_by("pk").values_list("uuid", flat=True))


def known_uids(uids: Collection[UUID]) -> frozenset[UUID]:
    """Those of them that are questions of the exam pool already; one query."""
    return frozenset(Question.objects.filter(uuid__in=list(uids), pool=Pool.EXAM).values_list("uuid", flat=True))
