"""Who may not judge a question: whoever wrote what is in it, and whoever teaches at its level today (S1-27, domain 3.3)."""

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from django.utils.translation import gettext as _

from assessment.bank.above import class_levels
from assessment.bank.logic import written_since
from assessment.bank.models import Question, QuestionVersion
from assessment.bank.refusals import BankRefusal
from assessment.bank.types import QuestionState
from assessment.candidates.selectors import class_levels as levels_of_candidates
from lms.accounts.api import Acting, TieKind, records_of, ties_of
from lms.core.clock import day_of
from lms.core.types import Level


def require_impartial(acting: Acting, question: Question, *, now: datetime, whole: bool = False) -> None:
    """whole: it is the approved text that is judged, not what was written since. Raises BankRefusal ("author", "teaches",
    "level")."""
    if written_by(acting, [question], whole=whole):
        raise BankRefusal(_("You wrote on this question. Others must judge it."), code="author")
    _require_not_teaching(taught_levels(acting, on=day_of(now)), Level(question.level))


def _require_not_teaching(taught: Collection[Level | None], level: Level) -> None:
    if level in taught:
        raise BankRefusal(_("You teach a class of this level now. Others must judge its questions."), code="teaches")
    if None in taught:
        raise BankRefusal(
            _("You teach a class whose level is not known here. Until it is, you judge no questions."), code="level"
        )


def obstacle(acting: Acting, question: Question, *, now: datetime) -> str:
    """The same as words for her, "" when nothing speaks against it."""
    try:
        require_impartial(acting, question, now=now)
    except BankRefusal as refusal:
        return refusal.message
    return ""


def persons_of(acting: Acting) -> frozenset[UUID]:
    """Every record of the human being who acts."""
    return records_of([acting.person])[acting.person] if acting.person is not None else frozenset()


def wrote(acting: Acting, question: Question) -> bool:
    """Whether a text of hers is in the versions since the last approval, restored ones included; in any version of a
    suspended question."""
    return bool(written_by(acting, [question]))


def written_by(acting: Acting, questions: Collection[Question], *, whole: bool = False) -> frozenset[int]:
    """Those of them (primary keys) in which a text of hers is; two queries. whole: as `require_impartial`."""
    mine = persons_of(acting)
    rows = QuestionVersion.objects.filter(question__in=[question.pk for question in questions])
    by_question: dict[int, dict[int, tuple[UUID | None, UUID | None, int | None, int]]] = {}
    for pk, question, number, author, person, restored in rows.values_list(
        "pk", "question_id", "number", "author", "author_person", "restored_from"
    ):
        by_question.setdefault(question, {})[number] = (author, person, restored, pk)
    found = set()
    for question in questions:
        versions = by_question.get(question.pk, {})
        approved = next((number for number, row in versions.items() if row[3] == question.approved_id), 0)
        if whole or question.state == QuestionState.SUSPENDED:
            approved = 0  # what is judged is the approved text itself: whoever wrote any of it stands back
        for number in written_since([(number, row[2]) for number, row in versions.items()], approved):
            author, person = versions[number][:2]
            if (author is not None and author == acting.user) or person in mine:
                found.add(question.pk)
    return frozenset(found)


def taught_levels(acting: Acting, *, on: date) -> frozenset[Level | None]:
    """Levels of the classes she teaches or is about to teach; None among them: of one the level is not known."""
    if acting.person is None:
        return frozenset()
    mine = persons_of(acting)
    classes = [
        tie.object
        for tie in ties_of(acting.person, kinds=[TieKind.TEACHES])
        if tie.person in mine and not tie.void and (tie.valid_to is None or tie.valid_to >= on)
    ]
    if not classes:
        return frozenset()
    said = class_levels(classes)
    others = levels_of_candidates([one for one in classes if one not in said])
    binding = [one for one in classes if one not in said or said[one] is not None]  # a class that is over binds nobody
    return frozenset(said.get(one) or others.get(one) for one in binding)
