"""What pages say of a question: its words, its text with files and blanks, its key in sentences."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, pgettext, pgettext_lazy

from assessment.bank.exchange.checks import sides
from assessment.bank.selectors.topics import topic_title, topics_of
from assessment.bank.types import (
    BLANK,
    Key,
    MediaKind,
    Option,
    Place,
    Pool,
    QuestionDocument,
    QuestionState,
    QuestionType,
    Step,
)
from lms.core.types import Level

TYPES: Final[Mapping[QuestionType, Promise]] = {
    QuestionType.SINGLE: pgettext_lazy("question type", "Single choice"),
    QuestionType.MULTIPLE: pgettext_lazy("question type", "Multiple choice"),
    QuestionType.TRUE_FALSE: pgettext_lazy("question type", "True or false"),
    QuestionType.FILL: pgettext_lazy("question type", "Fill in"),
    QuestionType.ORDERING: pgettext_lazy("question type", "Ordering"),
    QuestionType.MATCHING: pgettext_lazy("question type", "Matching"),
    QuestionType.SHORT: pgettext_lazy("question type", "Short answer"),
}
STEPS: Final[Mapping[Step, Promise]] = {
    Step.REMEMBER: pgettext_lazy("cognitive step", "Remember"),
    Step.UNDERSTAND: pgettext_lazy("cognitive step", "Understand"),
    Step.APPLY: pgettext_lazy("cognitive step", "Apply"),
    Step.ANALYSE: pgettext_lazy("cognitive step", "Analyse"),
}
STATES: Final[Mapping[QuestionState, Promise]] = {
    QuestionState.DRAFT: pgettext_lazy("question state", "Draft"),
    QuestionState.IN_REVIEW: pgettext_lazy("question state", "In review"),
    QuestionState.RETURNED: pgettext_lazy("question state", "Returned"),
    QuestionState.APPROVED: pgettext_lazy("question state", "Approved"),
    QuestionState.IN_USE: pgettext_lazy("question state", "In use"),
    QuestionState.SUSPENDED: pgettext_lazy("question state", "Suspended"),
    QuestionState.RETIRED: pgettext_lazy("question state", "Retired"),
}
# The tone of a state: amber waits for somebody, red was refused, green was decided by people.
TONES: Final[Mapping[QuestionState, str]] = {
    QuestionState.DRAFT: "mute",
    QuestionState.IN_REVIEW: "now",
    QuestionState.RETURNED: "bad",
    QuestionState.APPROVED: "ok",
    QuestionState.IN_USE: "ok",
    QuestionState.SUSPENDED: "warn",
    QuestionState.RETIRED: "mute",
}
POOLS: Final[Mapping[Pool, Promise]] = {
    Pool.EXAM: pgettext_lazy("question pool", "Exam"),
    Pool.PRACTICE: pgettext_lazy("question pool", "Practice"),
}
LEVELS: Final = (Level.ELEMENTARY, Level.INTERMEDIATE, Level.ADVANCED)
_MARKUP: Final = re.compile(r"!\[([^\[\]\n]*)\]\(([^()\s]+)\)|\*\*(.+?)\*\*|_{4,}|\n")


def topic_label(code: str) -> str:
    """Code and title; words where there is none yet."""
    if not code:
        return gettext("No topic yet")
    title = topic_title(code)
    return code if title == code else f"{code} {title}"


def topic_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """For a select: the topics of each level under its name."""
    return [
        (level.label_zh, [(topic.code, f"{topic.code} {topic.title}") for topic in topics_of(level)])
        for level in LEVELS
    ]


def shown(document: QuestionDocument, text: str, address: Callable[[str], str]) -> SafeString:
    """A text of the question as HTML: strong words, blanks, line ends, its files. `address` leads from a file's SHA-256 to
    where it is served; a file that the question does not have shows as its description alone."""
    files = {media.name: media for media in document.media}

    def file(alt: str, name: str) -> SafeString:
        media = files.get(name)
        if media is None:
            return format_html("[{}]", alt or name)
        src = address(media.sha256)
        if media.kind is MediaKind.PICTURE:
            return format_html('<img class="bank-picture" src="{}" alt="{}">', src, alt)
        if media.kind is MediaKind.AUDIO:
            return format_html('<audio controls preload="none" src="{}" aria-label="{}"></audio>', src, alt or name)
        return format_html(
            '<video class="bank-picture" controls preload="none" src="{}" aria-label="{}"></video>', src, alt or name
        )

    made: list[str] = []
    at = 0
    for found in _MARKUP.finditer(text):
        made.append(escape(text[at : found.start()]))
        at = found.end()
        if found[2]:
            made.append(file(found[1], found[2]))
        elif found[3]:
            made.append(format_html("<strong>{}</strong>", found[3]))
        elif found[0] == "\n":
            made.append("<br>")
        elif document.type is QuestionType.FILL:
            made.append(
                format_html(
                    '<span class="bank-blank">{}<span class="w-sr-only">{}</span></span>',
                    BLANK,
                    pgettext("question", "blank"),
                )
            )
        else:
            made.append(found[0])
    made.append(escape(text[at:]))
    return mark_safe("".join(made))  # noqa: S308 - every piece was escaped above


@dataclass(frozen=True)
class ShownQuestion:
    """The readable parts of a question as HTML. options and left: pairs of key and text; left is filled for matching alone."""

    stimulus: SafeString
    stem: SafeString
    left: tuple[tuple[str, SafeString], ...]
    options: tuple[tuple[str, SafeString], ...]
    judged: bool


def shown_question(document: QuestionDocument, address: Callable[[str], str]) -> ShownQuestion:
    """Stem, options and shared material; `address` as in `shown`. judged: the options are "true" and "false"."""
    left, right = sides(document.options)

    def said(options: Sequence[Option]) -> tuple[tuple[str, SafeString], ...]:
        return tuple((option.key, shown(document, option.text, address)) for option in options)

    return ShownQuestion(
        stimulus=shown(document, document.stimulus.text if document.stimulus else "", address),
        stem=shown(document, document.stem, address),
        left=said(left),
        options=said(right),
        judged=document.type is QuestionType.TRUE_FALSE,
    )


def key_lines(document: QuestionDocument, key: Key) -> tuple[str, ...]:
    """What is right, a line for each thing to know."""
    texts = {option.key: option.text for option in document.options}
    if document.type in (QuestionType.SINGLE, QuestionType.MULTIPLE):
        return tuple(f"{one} {texts.get(one, '')}".strip() for one in key.choices)
    if document.type is QuestionType.TRUE_FALSE:
        return (pgettext("answer", "True") if key.truth else pgettext("answer", "False"),)
    if document.type is QuestionType.FILL:
        words = gettext("Blank %(number)d: %(texts)s")
        return tuple(words % {"number": number, "texts": " / ".join(one)} for number, one in enumerate(key.blanks, 1))
    if document.type is QuestionType.ORDERING:
        return tuple(f"{place}. {one} {texts.get(one, '')}".strip() for place, one in enumerate(key.choices, 1))
    if document.type is QuestionType.MATCHING:
        return tuple(f"{left} {texts.get(left, '')} → {right} {texts.get(right, '')}" for left, right in key.pairs)
    return (key.model,)


def facts(place: Place, *, marks: str = "") -> tuple[tuple[str, str], ...]:
    """Where a question belongs, as pairs of name and value."""
    yes, no = pgettext("law", "Yes"), pgettext("law", "No")
    return (
        (pgettext("question", "Level"), place.level.label_zh),
        (pgettext("question", "Topic"), topic_label(place.topic)),
        (pgettext("question", "Step"), str(STEPS[place.step])),
        (pgettext("question", "Difficulty"), difficulty(place.difficulty)),
        (pgettext("question", "Source clause"), place.clause or pgettext("question", "not filled in")),
        (pgettext("question", "Asks about law"), yes if place.law else no),
        (pgettext("question", "Source"), place.source or pgettext("question", "not filled in")),
        (pgettext("question", "Suggested marks"), marks or "—"),
    )


def difficulty(number: int) -> str:
    """1 easy … 5 hard, in words."""
    words = {
        1: pgettext("difficulty", "1 easy"),
        2: pgettext("difficulty", "2 rather easy"),
        3: pgettext("difficulty", "3 middling"),
        4: pgettext("difficulty", "4 rather hard"),
        5: pgettext("difficulty", "5 hard"),
    }
    return words.get(number, str(number))


def type_words(kind: QuestionType) -> str:
    """What a type is for, in a line."""
    return {
        QuestionType.SINGLE: gettext("Two to twelve options, exactly one is right"),
        QuestionType.MULTIPLE: gettext("Two to twelve options, two or more are right"),
        QuestionType.TRUE_FALSE: gettext("A statement to judge"),
        QuestionType.FILL: gettext("A text with blanks; each may accept several texts"),
        QuestionType.ORDERING: gettext("Steps to bring into their order"),
        QuestionType.MATCHING: gettext("Items on the left that belong to items on the right"),
        QuestionType.SHORT: gettext("An answer in a few sentences, marked by people"),
    }[kind]
