"""The questions of a paper as one piece of HTML. What is the same for everybody is drawn once by each process, in each
language; a request only puts her options in their order and joins the pieces.
"""

from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Final
from uuid import UUID

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from assessment.bank.presentation import TYPES
from assessment.bank.types import QuestionType
from assessment.delivery.papers import paper_being_sat
from assessment.delivery.rendering import (
    RELEASE,
    Choice,
    Kept,
    answer_html,
    choices_of,
    kept_questions,
    ordered_choices,
    stem_html,
)

# Stands in a question's markup where she answers: no text that was escaped has it.
_HERE: Final = "\x00"
_SHUFFLED_WITHIN: Final = (QuestionType.ORDERING, QuestionType.MATCHING)
_GROUPED: Final = (QuestionType.SINGLE, QuestionType.MULTIPLE, QuestionType.TRUE_FALSE)


@dataclass(frozen=True)
class QuestionView:
    """One question. stem, stimulus, answer: HTML; again: the same material as the question before."""

    position: int
    type_label: str
    grouped: bool
    marks: str
    stimulus: SafeString
    again: bool
    stem: SafeString
    answer: SafeString
    type: str


@dataclass(frozen=True)
class _Drawn:
    """A question around its answer. Of choices and answer at most one; with neither the answer is made for each candidate."""

    position: int
    version: UUID
    kept: Kept
    head: str
    tail: str
    choices: tuple[Choice, ...]
    answer: str | None

    def html(self, seed: str) -> str:
        """In her order."""
        answer: str
        if self.choices:
            answer: str = ordered_choices(self.choices, self.version, seed)
        elif self.answer is not None:
            answer = self.answer
        else:
            answer = answer_html(self.kept, self.position, self.version, seed)
        return f"{self.head}{answer}{self.tail}"


def questions_html(paper: UUID, seed: str, *, aloud: bool = False) -> SafeString:
    """Every question, in the current language, options in the order that the seed gives them. aloud: granted to her."""
    drawn = _drawn(paper, RELEASE, get_language() or "", aloud)
    return mark_safe("".join(one.html(seed) for one in drawn))  # noqa: S308 - every piece was escaped when it was made


def cells_html(count: int) -> SafeString:
    """The answer sheet's cells, in the current language."""
    return _cells(count, get_language() or "")


@lru_cache(maxsize=16)
def _cells(count: int, _language: str) -> SafeString:
    return render_to_string("assessment/exam/_cells.html", {"positions": range(1, count + 1)})


@lru_cache(maxsize=64)
def _drawn(paper: UUID, _release: int, _language: str, aloud: bool) -> tuple[_Drawn, ...]:
    """A paper never changes, nor does what its versions look like."""
    items = [item for section in paper_being_sat(paper).sections for item in section.items]
    kept = kept_questions([item.version for item in items])
    found: list[_Drawn] = []
    before = ""
    for item in items:
        one = kept[item.version]
        view = QuestionView(
            position=item.position,
            type_label=str(TYPES[one.type]),
            grouped=one.type in _GROUPED,
            marks=_marks(item.marks),
            stimulus=mark_safe(one.stimulus),  # noqa: S308 - escaped when it was made
            again=bool(one.stimulus) and one.stimulus == before,
            stem=stem_html(one, item.position),
            answer=mark_safe(_HERE),  # noqa: S308 - ours
            type=one.type.value,
        )
        shown = {"one": view, "all": len(items), "aloud": aloud}
        head, tail = render_to_string("assessment/exam/_question.html", shown).split(_HERE)
        choices = choices_of(one, item.position)
        found.append(
            _Drawn(
                position=item.position,
                version=item.version,
                kept=one,
                head=head,
                tail=tail,
                choices=choices,
                answer=None
                if choices or one.type in _SHUFFLED_WITHIN
                else answer_html(one, item.position, item.version, ""),
            )
        )
        before = one.stimulus
    return tuple(found)


def _marks(marks: Decimal) -> str:
    return f"{marks.normalize():f}"
