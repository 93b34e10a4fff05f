"""Questions as a candidate sees them. A version's markup is made once and kept without its key; a page only puts the kept
pieces in her order. Her answers are filled in by the page itself (`el/kb-exam.js`), so nothing here depends on them.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from assessment.bank.presentation import shown_question
from assessment.bank.selectors import documents_of
from assessment.bank.types import QuestionDocument, QuestionType
from assessment.delivery.logic import option_order
from assessment.delivery.models import RenderedQuestion

# Raised when what is kept changes its shape or its markup: everything is then made anew, beside the old.
RELEASE: Final = 1
_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
# Stands in an option's markup where its letter goes: no text that was escaped has it.
_LETTER: Final = "\x00"
# The bank draws a blank as a line with a word for screen readers; here it becomes a field.
_BLANK: Final = re.compile(r'<span class="bank-blank">.*?</span></span>')


@dataclass(frozen=True)
class Kept:
    """What is kept of a version. stem: pieces of HTML with a blank between each two; options and left: (key, HTML)."""

    type: QuestionType
    stimulus: str
    stem: tuple[str, ...]
    left: tuple[tuple[str, str], ...]
    options: tuple[tuple[str, str], ...]


def kept_questions(versions: Collection[UUID]) -> dict[UUID, Kept]:
    """Version → its markup; what has none yet gets it now. One query when all have. Raises LookupError for a version that
    the bank does not know."""
    found = _stored(versions)
    lacking = [version for version in versions if version not in found]
    if lacking:
        documents = documents_of(lacking)
        if unknown := [version for version in lacking if version not in documents]:
            raise LookupError(f"no such versions of questions: {unknown}")
        rows = [
            RenderedQuestion(version=version, release=RELEASE, parts=_parts(version, document))
            for version, document in documents.items()
        ]
        # Somebody else may make the same at the same moment: the first one stays.
        RenderedQuestion.objects.bulk_create(rows, ignore_conflicts=True)
        found |= {row.version: _read(row.parts) for row in rows}
    return found


def _stored(versions: Collection[UUID]) -> dict[UUID, Kept]:
    rows = RenderedQuestion.objects.filter(release=RELEASE, version__in=list(versions))
    return {version: _read(parts) for version, parts in rows.values_list("version", "parts")}


def _parts(version: UUID, document: QuestionDocument) -> dict[str, Any]:
    shown = shown_question(document, lambda sha256: reverse("assessment:delivery:file", args=[version, sha256]))
    return {
        "type": document.type.value,
        "stimulus": str(shown.stimulus),
        "stem": _BLANK.split(shown.stem),
        "left": [[key, str(text)] for key, text in shown.left],
        "options": [[key, str(text)] for key, text in shown.options],
    }


def _read(parts: Mapping[str, Any]) -> Kept:
    return Kept(
        type=QuestionType(parts["type"]),
        stimulus=parts["stimulus"],
        stem=tuple(parts["stem"]),
        left=tuple((key, text) for key, text in parts["left"]),
        options=tuple((key, text) for key, text in parts["options"]),
    )


def stem_html(kept: Kept, position: int) -> SafeString:
    """The stem, blanks as fields."""
    pieces = [kept.stem[0]]
    for number, piece in enumerate(kept.stem[1:], 1):
        pieces += [_field(position, number), piece]
    return mark_safe("".join(pieces))  # noqa: S308 - every piece was escaped when it was made


def _field(position: int, number: int) -> str:
    label = _("Question %(position)d, blank %(number)d") % {"position": position, "number": number}
    return format_html(
        '<input class="exam-blank" name="q{}" data-blank="{}" aria-label="{}" maxlength="200" autocomplete="off"'
        ' autocapitalize="off" spellcheck="false">',
        position,
        number,
        label,
    )


def answer_html(kept: Kept, position: int, version: UUID, seed: str) -> SafeString:
    """Where she answers: her order of the options."""
    texts = dict(kept.options)
    ordered = option_order(seed, version, list(texts))
    if kept.type is QuestionType.TRUE_FALSE:
        return _choices(
            position, "radio", [("true", pgettext("answer", "True")), ("false", pgettext("answer", "False"))]
        )
    if choices := choices_of(kept, position):
        return ordered_choices(choices, version, seed)
    if kept.type is QuestionType.ORDERING:
        return _ordering(position, [(key, texts[key]) for key in ordered])
    if kept.type is QuestionType.MATCHING:
        return _matching(position, kept.left, [(key, texts[key]) for key in ordered])
    if kept.type is QuestionType.SHORT:
        return format_html(
            '<textarea class="exam-text" name="q{0}" rows="8" maxlength="4000" aria-labelledby="q{0}-stem"></textarea>',
            position,
        )
    return SafeString("")


@dataclass(frozen=True)
class Choice:
    """An option that takes the letter of its place: its key, and its markup before and after the letter."""

    key: str
    before: str
    after: str


def choices_of(kept: Kept, position: int) -> tuple[Choice, ...]:
    """What is chosen from in an order of her own: single and multiple choice; nothing for the other types."""
    if kept.type not in (QuestionType.SINGLE, QuestionType.MULTIPLE):
        return ()
    kind = "radio" if kept.type is QuestionType.SINGLE else "checkbox"
    return tuple(
        Choice(key, *_choices(position, kind, [(key, mark_safe(text))], letter=_LETTER).split(_LETTER))  # noqa: S308 - escaped when it was made
        for key, text in kept.options
    )


def ordered_choices(choices: Sequence[Choice], version: UUID, seed: str) -> SafeString:
    """Her order, letters given anew in it. The value of an option is its own name."""
    held = {one.key: one for one in choices}
    ordered = [held[key] for key in option_order(seed, version, list(held))]
    lettered = (f"{one.before}{letter}{one.after}" for letter, one in zip(_LETTERS, ordered, strict=False))
    return mark_safe("".join(lettered))  # noqa: S308 - escaped when it was made


def _choices(position: int, kind: str, options: Sequence[tuple[str, str]], *, letter: str = "") -> SafeString:
    return format_html_join(
        "",
        '<label class="exam-option"><input class="exam-input" type="{}" name="q{}" value="{}">'
        '<span class="exam-letter" data-kind="{}" aria-hidden="true">{}</span>'
        '<span class="exam-words">{}</span></label>',
        ((kind, position, key, kind, letter, text) for key, text in options),
    )


def _select(position: int, key: str, label: str, choices: Sequence[tuple[str, str]]) -> SafeString:
    none = format_html('<option value="">{}</option>', pgettext("answer", "Choose"))
    return format_html(
        '<select class="exam-select" name="q{}" data-key="{}" aria-label="{}">{}{}</select>',
        position,
        key,
        label,
        none,
        format_html_join("", '<option value="{}">{}</option>', choices),
    )


def _ordering(position: int, options: Sequence[tuple[str, str]]) -> SafeString:
    numbers = [(str(number), str(number)) for number in range(1, len(options) + 1)]
    return _rows(
        [
            (_select(position, key, _("Place of step %(letter)s") % {"letter": letter}, numbers), letter, text)
            for letter, (key, text) in zip(_LETTERS, options, strict=False)
        ]
    )


def _matching(position: int, left: Sequence[tuple[str, str]], right: Sequence[tuple[str, str]]) -> SafeString:
    lettered = list(zip(_LETTERS, right, strict=False))
    choices = [(key, letter) for letter, (key, _text) in lettered]
    shown = format_html_join(
        "",
        '<li class="exam-pair"><span class="exam-letter" data-kind="plain">{}</span><span class="exam-words">{}</span></li>',
        ((letter, mark_safe(text)) for letter, (_key, text) in lettered),  # noqa: S308 - escaped when it was made
    )
    asked = _rows(
        [
            (_select(position, key, _("What belongs to %(name)s") % {"name": key}, choices), key, text)
            for key, text in left
        ]
    )
    return format_html('{}<ul class="exam-pairs">{}</ul>', asked, shown)


def _rows(rows: Sequence[tuple[SafeString, str, str]]) -> SafeString:
    return format_html_join(
        "",
        '<div class="exam-pair"><span class="exam-letter" data-kind="plain">{}</span><span class="exam-words">{}</span>{}'
        "</div>",
        ((letter, mark_safe(text), select) for select, letter, text in rows),  # noqa: S308 - escaped when it was made
    )
