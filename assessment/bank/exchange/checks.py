"""What every question must be, whoever wrote it: an editor, a file or our own content. Django's gettext, nothing else of it.

`faults` judges a document, `tidied` brings one into its one written form (what a file keeps byte for byte), `document_of`
makes one of what a file told, `sifted` closes every reader: what is not sound is refused with its place and reason.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from string import ascii_uppercase
from typing import Any
from uuid import UUID, uuid5

from django.utils.translation import gettext as _

from assessment.bank.types import (
    BLANK,
    Fault,
    Key,
    Media,
    MediaKind,
    Option,
    Place,
    QuestionDocument,
    QuestionType,
    Reading,
    ReadQuestion,
    Refused,
    Stimulus,
)
from lms.core.types import Level

FILE_BYTES = 20 * 1024 * 1024  # a file that people bring, and one of its media
CELL_CHARACTERS = 32_767
QUESTIONS = 5_000  # in one file
STEM_CHARACTERS = 4_000  # the explanation and the model answer as well
STIMULUS_CHARACTERS = 8_000
OPTION_CHARACTERS = 1_000
_PLACES = 9  # before or behind the point: more than marks and shares of them ever have
WORD_CHARACTERS = 200  # clause, source, one accepted text
OPTIONS = range(2, 13)

CHOICES = frozenset({QuestionType.SINGLE, QuestionType.MULTIPLE})
WITH_OPTIONS = CHOICES | {QuestionType.ORDERING, QuestionType.MATCHING}

# A picture, sound or film of the question: ![alt](name).
SHOWN = re.compile(r"!\[([^\[\]\n]*)\]\(([^()\s]+)\)")
# Blanks; people draw them longer than four strokes.
BLANKS = re.compile(r"_{4,}")
_DRAWN = re.compile(r"[_＿]{3,}")
_NAME = re.compile(r"[^\s()\[\]{}/\\<>\"'`|?*:&#%!.][^\s()\[\]{}/\\<>\"'`|?*:&#%!]{0,99}")
# Control characters but the line's end, halves of characters, what XML cannot hold, and what turns the writing about.
_UNSEEN = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u00ad\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\uffff]"
)
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_SPACES = re.compile("[\t\u00a0]")
_WIDE_GAP = re.compile(r"\s+")
_END_MARKS = ".。;；,，、"
# The dry run, Excel and the plain readers join the accepted texts of a blank by " / ".
BETWEEN_TEXTS = " / "
_LONE_STROKE = re.compile(r"(?:^|\s)/(?:\s|$)")
_STIMULI = UUID("6d1f0b52-6f0c-5b8e-9d3a-5b1d0c6c3a11")  # the name space of case sets known by their text alone
_NOBODY = UUID(int=0)


def normalise(text: str) -> str:
    """Text as it is compared: widths and cases made one, white space and markup's stars left out, no mark at its end.

    White space between two Latin words or numbers stays one space, so that "12 3" is not "123".
    """
    plain = unicodedata.normalize("NFKC", text).replace("**", "").casefold()
    kept: list[str] = []
    for word in plain.split():
        if kept and kept[-1][-1].isascii() and kept[-1][-1].isalnum() and word[0].isascii() and word[0].isalnum():
            kept.append(" ")
        kept.append(word)
    return "".join(kept).rstrip(_END_MARKS)


def tidy(text: str) -> str:
    """Text in its one written form: lines end in \\n and hold no space at their ends, no tab, nothing unseen."""
    lines = _UNSEEN.sub("", _SPACES.sub(" ", _LINE_ENDS.sub("\n", text))).split("\n")
    return "\n".join(line.rstrip() for line in lines).strip()


def _tidy_word(text: str) -> str:
    return _WIDE_GAP.sub(" ", tidy(text))


def tidied(document: QuestionDocument) -> QuestionDocument:
    """The document with every text tidy, blanks drawn with four strokes, marks in their shortest form and files in the
    order they are shown."""
    key, place = document.key, document.place
    made = replace(
        document,
        stem=_tidy_stem(document.stem, document.type),
        options=tuple(Option(option.key, tidy(option.text)) for option in document.options),
        key=_tidy_key(key),
        explanation=tidy(document.explanation),
        marks=shortest(document.marks),
        stimulus=document.stimulus and Stimulus(document.stimulus.uid, tidy(document.stimulus.text)),
        place=replace(
            place, topic=_tidy_word(place.topic), clause=_tidy_word(place.clause), source=_tidy_word(place.source)
        ),
    )
    order = {name: number for number, name in enumerate(names_shown(made))}
    return replace(made, media=tuple(sorted(made.media, key=lambda file: order.get(file.name, len(order)))))


def _tidy_stem(stem: str, type_: QuestionType) -> str:
    text = tidy(stem)
    if type_ is not QuestionType.FILL:
        return text
    # The name of a file may hold strokes: it is no blank.
    rest, last = [], 0
    for shown in SHOWN.finditer(text):
        rest += [_DRAWN.sub(BLANK, text[last : shown.start()]), shown.group()]
        last = shown.end()
    return "".join([*rest, _DRAWN.sub(BLANK, text[last:])])


def blanks_drawn(stem: str) -> int:
    """How many blanks a stem has; strokes in the name or the words of a file are none."""
    return len(BLANKS.findall(SHOWN.sub(" ", stem)))


def _tidy_key(key: Key) -> Key:
    blanks = tuple(tuple(_tidy_word(text) for text in texts) for texts in key.blanks)
    return replace(key, blanks=blanks, model=tidy(key.model))


def shortest(marks: Decimal | None) -> Decimal | None:
    """Marks without zeros at the end: 2 for 2.00, 20 for 2E+1. What `faults` refuses anyhow is left as it is."""
    if marks is None or not marks.is_finite() or abs(marks.adjusted()) > _PLACES:
        return marks
    return Decimal(f"{marks.normalize():f}")


def decimal_of(text: str) -> Decimal | None:
    """A number that a file tells, None for what is none: infinite, or so large or small that written out it fills pages."""
    try:
        told = Decimal(text.strip())
    except InvalidOperation:
        return None
    if not told.is_finite():
        return None
    if not told:
        return Decimal(0)
    return told if abs(told.adjusted()) <= _PLACES else None


def names_shown(document: QuestionDocument) -> tuple[str, ...]:
    """The names of the files that its texts show, each once, in their order."""
    texts = [document.stimulus.text if document.stimulus else "", document.stem]
    texts += [option.text for option in document.options]
    texts += [document.key.model, document.explanation]
    return tuple(dict.fromkeys(name for text in texts for _alt, name in SHOWN.findall(text)))


def media_kind(head: bytes) -> MediaKind | None:
    """What the first bytes of a file say it is; None for what a question cannot show, an SVG drawing among them."""
    if head.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a")):
        return MediaKind.PICTURE
    if head[:4] == b"RIFF":
        return {b"WEBP": MediaKind.PICTURE, b"WAVE": MediaKind.AUDIO}.get(head[8:12])
    if head[4:8] == b"ftyp":
        return MediaKind.AUDIO if head[8:11] == b"M4A" else MediaKind.VIDEO
    if head.startswith((b"ID3", b"OggS")) or (
        len(head) > 1 and head[0] == 0xFF and head[1] in (0xFA, 0xFB, 0xF2, 0xF3)
    ):
        return MediaKind.AUDIO
    return None


# Faults --------------------------------------------------------------------------------------------------------------


def faults(document: QuestionDocument) -> tuple[Fault, ...]:
    """Everything that is wrong with a question, in the reader's language; () for a sound one."""
    found: list[Fault] = []
    found.extend(_text_faults(document))
    if document.type in WITH_OPTIONS:
        found.extend(_option_faults(document))
    elif document.options:
        found.append(Fault("options", _("A question of this type has no options.")))
    found.extend(_KEYS[document.type](document))
    if _filled(document.key) - {_FIELD[document.type]}:
        found.append(Fault("key", _("The answer does not fit the type of the question.")))
    found.extend(_place_faults(document))
    found.extend(_media_faults(document))
    return tuple(found)


def _text_faults(document: QuestionDocument) -> Iterator[Fault]:
    if not document.stem.strip():
        yield Fault("stem", _("The stem is empty."))
    place, key = document.place, document.key
    texts = [
        ("stem", document.stem, STEM_CHARACTERS),
        ("explanation", document.explanation, STEM_CHARACTERS),
        ("key", key.model, STEM_CHARACTERS),
        ("stimulus", document.stimulus.text if document.stimulus else "", STIMULUS_CHARACTERS),
        ("place", place.clause, WORD_CHARACTERS),
        ("place", place.source, WORD_CHARACTERS),
        ("place", place.topic, 20),
    ]
    texts += [("key", text, WORD_CHARACTERS) for accepted in key.blanks for text in accepted]
    for field, text, most in texts:
        yield from _one_text(field, text, most)
    if document.stimulus and not document.stimulus.text.strip():
        yield Fault("stimulus", _("The shared material is empty."))


def _one_text(field: str, text: str, most: int, option: str = "") -> Iterator[Fault]:
    if len(text) > most:
        yield Fault(
            field,
            _("The text has %(size)s characters; at most %(most)s are kept.") % {"size": len(text), "most": most},
            option,
        )
    if _UNSEEN.search(text):
        yield Fault(field, _("The text holds an invisible control character; type it again."), option)


def _option_faults(document: QuestionDocument) -> Iterator[Fault]:
    left, right = sides(document.options)
    rows: list[tuple[tuple[Option, ...], Callable[[int], tuple[str, ...]]]] = [(document.options, _lettering)]
    shown = document.options
    if document.type is QuestionType.MATCHING:
        rows, shown = [(left, _counting), (right, _lettering)], (*left, *right)
    for options, keys in rows:
        if len(options) not in OPTIONS:
            yield Fault(
                "options",
                _("There are %(count)s options; between 2 and 12 are allowed.") % {"count": len(options)},
            )
        if tuple(option.key for option in options) != keys(len(options)) or shown != document.options:
            yield Fault("options", _("The letters of the options are not A, B, C… in their order."))
        seen: dict[str, str] = {}
        for option in options:
            yield from _one_text("options", option.text, OPTION_CHARACTERS, option.key)
            same = normalise(option.text)
            if not option.text.strip():
                yield Fault("options", _("Option %(key)s is empty.") % {"key": option.key}, option.key)
            elif same in seen:
                yield Fault(
                    "options",
                    _("Options %(first)s and %(second)s say the same.") % {"first": seen[same], "second": option.key},
                    option.key,
                )
            seen.setdefault(same, option.key)


def sides(options: Sequence[Option]) -> tuple[tuple[Option, ...], tuple[Option, ...]]:
    """Left (1, 2, 3…) and right (A, B, C…) of a matching question; left is () for the others."""
    left = tuple(option for option in options if option.key.isdecimal())
    return left, tuple(option for option in options if not option.key.isdecimal())


def _lettering(count: int) -> tuple[str, ...]:
    return tuple(ascii_uppercase[:count])


def _counting(count: int) -> tuple[str, ...]:
    return tuple(str(number + 1) for number in range(count))


def _chosen_faults(document: QuestionDocument) -> Iterator[Fault]:
    chosen, keys = document.key.choices, [option.key for option in document.options]
    for key in chosen:
        if key not in keys:
            yield Fault("key", _("The answer %(key)s is not among the options.") % {"key": key}, key)
    if not chosen:
        yield Fault("key", _("The answer is missing."))
    elif document.type is QuestionType.SINGLE and len(chosen) != 1:
        yield Fault("key", _("A single choice has exactly one answer."))
    elif document.type is QuestionType.MULTIPLE and len(set(chosen)) < 2:
        yield Fault("key", _("A multiple choice has two answers or more."))
    elif document.type is QuestionType.MULTIPLE and _out_of_order(chosen, keys):
        yield Fault("key", _("The answers do not stand in the order of the options, or one stands twice."))


def _out_of_order(chosen: Sequence[str], keys: Sequence[str]) -> bool:
    return set(chosen) <= set(keys) and [key for key in keys if key in chosen] != list(chosen)


def _ordering_faults(document: QuestionDocument) -> Iterator[Fault]:
    if sorted(document.key.choices) != sorted(option.key for option in document.options):
        yield Fault("key", _("The answer of an ordering question names every option once, in the right order."))


def _matching_faults(document: QuestionDocument) -> Iterator[Fault]:
    left, right = sides(document.options)
    pairs = document.key.pairs
    if [pair[0] for pair in pairs] != [option.key for option in left]:
        yield Fault("key", _("The answer of a matching question names every left item once, in its order."))
    for _left, key in pairs:
        if key not in {option.key for option in right}:
            yield Fault("key", _("The answer %(key)s is not among the options.") % {"key": key}, key)
    if len({pair[1] for pair in pairs}) < len(pairs):
        yield Fault("key", _("A right item belongs to two left ones; each may be used once at most."))


def _truth_faults(document: QuestionDocument) -> Iterator[Fault]:
    if document.key.truth is None:
        yield Fault("key", _("The answer is missing."))


def _fill_faults(document: QuestionDocument) -> Iterator[Fault]:
    drawn, given = blanks_drawn(document.stem), len(document.key.blanks)
    if not drawn:
        yield Fault("stem", _("The stem has no blank; mark each with four underscores."))
    elif drawn != given:
        yield Fault(
            "key",
            _("The stem has %(drawn)s blanks, the answer has %(given)s texts.") % {"drawn": drawn, "given": given},
        )
    for number, texts in enumerate(document.key.blanks, start=1):
        if not texts or not all(text.strip() for text in texts):
            yield Fault("key", _("The answer of blank %(number)s is empty.") % {"number": number}, str(number))
        elif any("\n" in text or _LONE_STROKE.search(text) for text in texts):
            yield Fault(
                "key",
                _("The answer of blank %(number)s holds a line's end or a lone stroke.") % {"number": number},
                str(number),
            )
        elif len({normalise(text) for text in texts}) < len(texts):
            yield Fault("key", _("Blank %(number)s accepts the same text twice.") % {"number": number}, str(number))


def _short_faults(document: QuestionDocument) -> Iterator[Fault]:
    if not document.key.model.strip():
        yield Fault("key", _("The model answer is missing."))


_KEYS: dict[QuestionType, Callable[[QuestionDocument], Iterable[Fault]]] = {
    QuestionType.SINGLE: _chosen_faults,
    QuestionType.MULTIPLE: _chosen_faults,
    QuestionType.TRUE_FALSE: _truth_faults,
    QuestionType.FILL: _fill_faults,
    QuestionType.ORDERING: _ordering_faults,
    QuestionType.MATCHING: _matching_faults,
    QuestionType.SHORT: _short_faults,
}
_FIELD = {
    QuestionType.SINGLE: "choices",
    QuestionType.MULTIPLE: "choices",
    QuestionType.TRUE_FALSE: "truth",
    QuestionType.FILL: "blanks",
    QuestionType.ORDERING: "choices",
    QuestionType.MATCHING: "pairs",
    QuestionType.SHORT: "model",
}


def _filled(key: Key) -> set[str]:
    filled = {name for name in ("choices", "blanks", "pairs", "model") if getattr(key, name)}
    return filled | ({"truth"} if key.truth is not None else set())


def _place_faults(document: QuestionDocument) -> Iterator[Fault]:
    if document.place.difficulty not in range(1, 6):
        yield Fault("place", _("The difficulty is a number from 1 (easy) to 5 (hard)."))
    marks = document.marks
    if marks is not None and (
        not marks.is_finite()
        or abs(marks.adjusted()) > _PLACES
        or not 0 < marks <= 100
        or marks != marks.quantize(Decimal("0.01"))
    ):
        yield Fault("marks", _("Marks are a number above 0 and at most 100."))


def _media_faults(document: QuestionDocument) -> Iterator[Fault]:
    names = [media.name for media in document.media]
    shown = names_shown(document)
    for name in shown:
        if name not in names:
            yield Fault("media", _("The file %(name)s is shown, but it is not there.") % {"name": name})
    for media in document.media:
        if media.name not in shown:
            yield Fault("media", _("The file %(name)s is not shown anywhere.") % {"name": media.name})
        if not _NAME.fullmatch(media.name) or "." not in media.name:
            yield Fault(
                "media",
                _("The file name %(name)s holds a space, a bracket or another sign that cannot stand there.")
                % {"name": media.name},
            )
    if len({name.casefold() for name in names}) < len(names):
        yield Fault("media", _("Two files of the question have the same name."))


# From a file ---------------------------------------------------------------------------------------------------------


def document_of(read: ReadQuestion, defaults: Place, uid: UUID) -> QuestionDocument:
    """The tidy document of what a file told; `defaults` fills what it left out, `uid` names it when the file does not.

    A stimulus without a name of its own gets one of its text, so the questions of one case set share it. The default
    topic goes with the default level: a file that says another level and no topic leaves the topic unknown.
    """
    level = read.level if read.level is not None else defaults.level
    place = Place(
        level=level,
        topic=read.topic or (defaults.topic if level is defaults.level else ""),
        step=read.step or defaults.step,
        difficulty=read.difficulty if read.difficulty is not None else defaults.difficulty,
        clause=read.clause or defaults.clause,
        law=read.law if read.law is not None else defaults.law,
        source=read.source or defaults.source,
        uncertain=read.uncertain or defaults.uncertain,
    )
    stimulus = None
    if read.stimulus.strip():
        text = tidy(read.stimulus)
        stimulus = Stimulus(read.stimulus_uid or uuid5(_STIMULI, normalise(text)), text)
    media = tuple(
        Media(name, sha256(data).hexdigest(), media_kind(data[:16]) or MediaKind.PICTURE) for name, data in read.files
    )
    return tidied(
        QuestionDocument(
            uid=read.uid or uid,
            type=read.type,
            place=place,
            stem=read.stem,
            key=read.key,
            options=read.options,
            explanation=read.explanation,
            marks=read.marks,
            stimulus=stimulus,
            media=media,
        )
    )


def sifted(format_: str, questions: Iterable[ReadQuestion], refused: Iterable[Refused], title: str = "") -> Reading:
    """What a reader found, judged: sound questions are accepted with tidy texts, the others refused with all reasons.

    A name (uid) that stands twice is refused the second time; more than 5,000 questions are refused from there on.
    """
    accepted: list[ReadQuestion] = []
    bad = list(refused)
    seen: dict[UUID, str] = {}
    for count, read in enumerate(questions, start=1):
        reasons = [fault.message for fault in faults(document_of(read, Place(Level.ELEMENTARY), _NOBODY))]
        reasons += _file_reasons(read)
        if read.uid is not None and read.uid in seen:
            reasons.append(_("The same question number stands at %(where)s already.") % {"where": seen[read.uid]})
        if count > QUESTIONS:
            reasons = [_("More than %(most)s questions; split the file.") % {"most": QUESTIONS}]
        if reasons:
            bad.append(Refused(read.where, " ".join(dict.fromkeys(reasons)), excerpt(read.stem), read))
            continue
        if read.uid is not None:
            seen[read.uid] = read.where
        accepted.append(_tidy_read(read))
    return Reading(format_, tuple(accepted), tuple(bad), tidy(title))


def _tidy_read(read: ReadQuestion) -> ReadQuestion:
    return replace(
        read,
        stem=_tidy_stem(read.stem, read.type),
        options=tuple(Option(option.key, tidy(option.text)) for option in read.options),
        key=_tidy_key(read.key),
        explanation=tidy(read.explanation),
        marks=shortest(read.marks),
        stimulus=tidy(read.stimulus),
        topic=_tidy_word(read.topic),
        clause=_tidy_word(read.clause),
        source=_tidy_word(read.source),
    )


def _file_reasons(read: ReadQuestion) -> list[str]:
    reasons = []
    for name, data in read.files:
        if media_kind(data[:16]) is None:
            reasons.append(
                _("The file %(name)s is no picture (PNG, JPEG, GIF, WebP), sound or film that can be shown.")
                % {"name": name}
            )
        if len(data) > FILE_BYTES:
            reasons.append(_("The file %(name)s is larger than 20 MB.") % {"name": name})
    return reasons


def excerpt(text: str) -> str:
    """The beginning of a text in one line, for a list of what was refused."""
    line = _WIDE_GAP.sub(" ", _UNSEEN.sub("", text.replace("\n", " "))).strip()
    return line if len(line) <= 60 else f"{line[:59]}…"


# The dry run ---------------------------------------------------------------------------------------------------------


def to_json(read: ReadQuestion) -> dict[str, Any]:
    """A question in the shape of the dry run: type, stem, options, answer, and where there are any marks, explanation,
    stimulus. Matching answers are "1-B", ordering ones the keys in the right order, accepted texts joined by " / "."""
    told: dict[str, Any] = {
        "type": read.type.value,
        "stem": read.stem,
        "options": [{"key": option.key, "text": option.text} for option in read.options],
        "answer": answer_of(read.type, read.key),
    }
    if read.marks is not None:
        told["marks"] = int(read.marks) if read.marks == read.marks.to_integral_value() else float(read.marks)
    if read.explanation:
        told["explanation"] = read.explanation
    if read.stimulus:
        told["stimulus"] = read.stimulus
    return told


def answer_of(type_: QuestionType, key: Key) -> list[str] | bool | str | None:
    """The answer as plain values: a list of keys, pairs or texts, true or false, or a text."""
    if type_ is QuestionType.TRUE_FALSE:
        return key.truth
    if type_ is QuestionType.FILL:
        return [BETWEEN_TEXTS.join(texts) for texts in key.blanks]
    if type_ is QuestionType.MATCHING:
        return [f"{left}-{right}" for left, right in key.pairs]
    return key.model if type_ is QuestionType.SHORT else list(key.choices)
