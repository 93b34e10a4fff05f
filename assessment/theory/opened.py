"""A released paper opened to who sat it: its questions as she saw them, her answers that count, their marks, and what is right
where the release says so. Nothing here decides whether it may be shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import Any, Final
from uuid import UUID

from django.urls import reverse
from django.utils.html import format_html_join, linebreaks
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from assessment.bank.presentation import TYPES, shown
from assessment.bank.selectors import documents_of
from assessment.bank.types import BLANK, Key, QuestionDocument, QuestionType
from assessment.delivery.logic import option_order
from assessment.delivery.rendering import Kept, kept_questions
from assessment.marking.objective import not_answered
from assessment.theory.types import STRUCK, ItemMark

_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_CHOSEN: Final = (QuestionType.SINGLE, QuestionType.MULTIPLE)


@dataclass(frozen=True)
class OptionView:
    """One option by the letter it had on her screen. mine: she chose it."""

    letter: str
    text: SafeString
    mine: bool


@dataclass(frozen=True)
class OpenedQuestion:
    """One question. stimulus, stem, texts of options and lines: HTML; again: the same material as the question before; left:
    what was to be matched; mine: her answer in lines; right: what is right, () where it is not opened; note: a sentence."""

    position: int
    type_label: str
    mark: Decimal
    maximum: Decimal
    tone: str
    standing: str
    stimulus: SafeString
    again: bool
    stem: SafeString
    left: tuple[tuple[str, SafeString], ...]
    options: tuple[OptionView, ...]
    mine: tuple[SafeString, ...]
    right: tuple[SafeString, ...]
    note: str


@dataclass(frozen=True)
class OpenedSection:
    """A section of the paper."""

    title: str
    questions: tuple[OpenedQuestion, ...]


def opened_sections(
    items: Sequence[ItemMark], responses: Mapping[int, Any], seed: str | None, keys: Mapping[UUID, Key]
) -> tuple[OpenedSection, ...]:
    """items: of the mark that stands, in the paper's order; responses: position → what counts; seed: of her order of
    options, None as printed;
    keys: version → what counted as right, {} where that is not opened. Two queries, one more with model answers."""
    kept = kept_questions([item.place.version for item in items])
    models = [item.place.version for item in items if keys and item.place.type is QuestionType.SHORT]
    documents = documents_of(models) if models else {}
    found: list[tuple[str, OpenedQuestion]] = []
    before = ""
    for item in items:
        one = kept[item.place.version]
        view = _question(
            item,
            one,
            responses.get(item.place.position),
            seed,
            keys.get(item.place.version),
            documents.get(item.place.version),
            again=bool(one.stimulus) and one.stimulus == before,
        )
        found.append((item.place.section, view))
        before = one.stimulus
    return tuple(
        OpenedSection(title, tuple(question for _title, question in group))
        for title, group in groupby(found, key=lambda pair: pair[0])
    )


def _question(
    item: ItemMark,
    kept: Kept,
    response: Any,
    seed: str | None,
    key: Key | None,
    model: QuestionDocument | None,
    *,
    again: bool,
) -> OpenedQuestion:
    place, mark = item.place, item.mark or Decimal(0)
    texts = dict(kept.options)
    ordered: Sequence[str] = list(texts) if seed is None else option_order(seed, place.version, list(texts))
    if kept.type is QuestionType.TRUE_FALSE:
        ordered = ()
    letters = dict(zip(ordered, _LETTERS, strict=False))
    chosen = set(_picked(response)) if kept.type in _CHOSEN else set()
    tone, standing = _standing(item, mark)
    return OpenedQuestion(
        position=place.position,
        type_label=str(TYPES[kept.type]),
        mark=mark,
        maximum=place.marks,
        tone=tone,
        standing=standing,
        stimulus=_safe(kept.stimulus),
        again=again,
        stem=_stem(kept),
        left=tuple((name, _safe(text)) for name, text in kept.left),
        options=tuple(OptionView(letters[one], _safe(texts[one]), one in chosen) for one in ordered),
        mine=_said(kept.type, response, letters) or (_plain(pgettext("opened paper", "Not answered")),),
        right=_right(kept.type, key, letters, place.version, model)
        if key is not None and item.outcome != STRUCK
        else (),
        note=_("This question was struck out; everybody has its marks.") if item.outcome == STRUCK else "",
    )


def _standing(item: ItemMark, mark: Decimal) -> tuple[str, str]:
    if item.outcome == STRUCK:
        return "info", pgettext("opened paper", "Struck out")
    if mark == item.place.marks:
        return "ok", pgettext("opened paper", "Full marks")
    return (
        ("warn", pgettext("opened paper", "Part of the marks"))
        if mark
        else ("bad", pgettext("opened paper", "No marks"))
    )


def _safe(html: str) -> SafeString:
    return mark_safe(html)  # noqa: S308 - every piece was escaped when it was made


def _stem(kept: Kept) -> SafeString:
    """With its blanks as numbered lines."""
    pieces = [kept.stem[0]]
    for number, piece in enumerate(kept.stem[1:], 1):
        pieces += [f"{BLANK}({number})", piece]
    return _safe("".join(pieces))


def _picked(response: Any) -> list[str]:
    """Names of options in a response, whatever its shape."""
    said = response if isinstance(response, list) else [response]
    return [one for one in said if isinstance(one, str)]


def _plain(text: str) -> SafeString:
    return format_html_join("", "{}", [(text,)])


def _lines(texts: Sequence[str]) -> tuple[SafeString, ...]:
    return tuple(_plain(text) for text in texts)


def _truth(said: object) -> str:
    return pgettext("answer", "True") if said else pgettext("answer", "False")


def _said(kind: QuestionType, response: Any, letters: Mapping[str, str]) -> tuple[SafeString, ...]:
    """Her answer; () for none, or for what is none of this type."""
    if not_answered(response):
        return ()
    comma = pgettext("list", ", ")
    match kind:
        case QuestionType.SINGLE | QuestionType.MULTIPLE:
            named = sorted(letters[one] for one in _picked(response) if one in letters)
            return _lines([comma.join(named)] if named else [])
        case QuestionType.TRUE_FALSE:
            return _lines([_truth(response)] if isinstance(response, bool) else [])
        case QuestionType.ORDERING:
            named = [letters[one] for one in _picked(response) if one in letters]
            return _lines([" → ".join(named)] if named else [])
        case QuestionType.FILL:
            texts = response if isinstance(response, list) else [response]
            return _lines([_blank(number, str(text or "—")) for number, text in enumerate(texts, 1)])
        case QuestionType.MATCHING:
            pairs = response.items() if isinstance(response, dict) else ()
            named = [f"{left} → {letters[right]}" for left, right in sorted(pairs) if right in letters]
            return _lines([comma.join(named)] if named else [])
    return (_safe(linebreaks(str(response), autoescape=True)),)


def _blank(number: int, texts: str) -> str:
    return _("Blank %(number)d: %(texts)s") % {"number": number, "texts": texts}


def _right(
    kind: QuestionType, key: Key, letters: Mapping[str, str], version: UUID, model: QuestionDocument | None
) -> tuple[SafeString, ...]:
    """What is right, by the letters of her screen."""
    comma = pgettext("list", ", ")
    match kind:
        case QuestionType.SINGLE | QuestionType.MULTIPLE:
            return _lines([comma.join(sorted(letters[one] for one in key.choices if one in letters))])
        case QuestionType.TRUE_FALSE:
            return _lines([_truth(key.truth)])
        case QuestionType.ORDERING:
            return _lines([" → ".join(letters[one] for one in key.choices if one in letters)])
        case QuestionType.FILL:
            return _lines([_blank(number, " / ".join(texts)) for number, texts in enumerate(key.blanks, 1)])
        case QuestionType.MATCHING:
            return _lines([comma.join(f"{left} → {letters[right]}" for left, right in key.pairs if right in letters)])
    if model is None:
        return ()
    # A file that only the model answer shows stays with the committee: its description stands for it.
    return (shown(model, key.model, lambda sha256: reverse("assessment:delivery:file", args=[version, sha256])),)
