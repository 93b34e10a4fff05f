"""GIFT, in and out, after Moodle's documentation (https://docs.moodle.org/en/GIFT_format).

What GIFT has no word for stands in a comment before the question, `// [id:…] [tag:kaibo.level=5] …`, which Moodle keeps as
ID number and tags; so every question comes back byte for byte. Conventions of ours, each told by `kaibo.type`:
- ordering: matching of the places with the options, `{=1 -> first =2 -> second}`; several blanks: matching of the blanks
  with their accepted texts, joined by " / "; one blank: the missing word `{=best =other}` in its place;
- matching: right items that no left one has stand behind an empty left side; `kaibo.order` gives the letters as they stand;
- short: an essay `{}` whose general feedback is the model answer (`kaibo.model` characters) and then the explanation;
- a case set's material stands before the stem, `kaibo.stimulus` gives its name and length.
Questions that show files come as a zip: questions.gift.txt and files/<SHA-256>.<suffix>, named by `kaibo.file`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from django.utils.translation import gettext as _

from assessment.bank.exchange import zips
from assessment.bank.exchange.checks import (
    BETWEEN_TEXTS,
    CELL_CHARACTERS,
    QUESTIONS,
    SHOWN,
    decimal_of,
    excerpt,
    sides,
    sifted,
)
from assessment.bank.exchange.chinese.texts import decoded
from assessment.bank.exchange.markup import Shelf, Unreadable, html_events, to_text
from assessment.bank.types import (
    BLANK,
    Key,
    Option,
    QuestionDocument,
    QuestionType,
    Reading,
    ReadQuestion,
    Refused,
    Step,
)
from lms.core.types import Level

FORMAT = "gift"
TEXT_NAME = "questions.gift.txt"
_SIGNS = "~=#{}:"
_FORMATTED = re.compile(r"\[(html|moodle|plain|markdown)\]", re.IGNORECASE)
_TAG = re.compile(r"\[(id|tag):((?:\\\]|[^\]\[<>`\n])+)\]")
_WEIGHT = re.compile(r"%(-?\d{1,3}(?:\.\d{1,7})?)%")
_COARSE = re.compile(r"[%\[\]<>`\\\x00-\x1f\x7f-\x9f\u2028\u2029]|^\s|\s$")
# Moodle knows these shares of the marks alone.
_SHARES = (100, 50, 33.33333, 25, 20, 16.66667, 14.28571, 12.5, 11.11111, 10, 10, 10)
_JOINT = "\n\n"
# A blank, or a file whose name may hold strokes.
_BLANK = re.compile(rf"{SHOWN.pattern}|(?P<blank>_{{4,}})")


# Out ------------------------------------------------------------------------------------------------------------------


def write(documents: Sequence[QuestionDocument], files: Mapping[str, bytes], *, title: str) -> bytes:
    """The questions as GIFT in UTF-8; as a zip of it and the files when they show any. files: bytes by SHA-256."""
    category = _escaped(title).replace("/", "//")
    text = "\n".join([f"$CATEGORY: {category}\n", *(_question(document) for document in documents)])
    data = text.encode()
    shown = {media.sha256: media.name for document in documents for media in document.media}
    if not shown:
        return data
    entries = {_entry(digest, name): files[digest] for digest, name in shown.items() if digest in files}
    return zips.packed({TEXT_NAME: data, **entries}, first=TEXT_NAME)


def _entry(digest: str, name: str) -> str:
    return f"files/{digest}.{_suffix(name)}"


def _suffix(name: str) -> str:
    return name.rpartition(".")[2].lower()


def _question(document: QuestionDocument) -> str:
    tags = _tags(document)
    stem, material = document.stem, ""
    if document.stimulus:
        tags.append(("stimulus", f"{document.stimulus.uid}/{len(document.stimulus.text)}"))
        material = _escaped(document.stimulus.text + _JOINT)
    if document.type is QuestionType.SHORT:
        tags.append(("model", str(len(document.key.model))))
    if document.type is QuestionType.MATCHING:
        tags.append(("order", "".join(_right_order(document))))
    if document.type is QuestionType.ORDERING:
        tags.append(("order", "".join(document.key.choices)))
    tags += [("file", f"{media.sha256}.{_suffix(media.name)}/{media.name}") for media in document.media]
    head = " ".join([f"// [id:{document.uid}]", *(f"[tag:kaibo.{name}={_coarse(value)}]" for name, value in tags)])
    body = _body(document, stem)
    return f"{head}\n[markdown]{material}{body}\n"


def _tags(document: QuestionDocument) -> list[tuple[str, str]]:
    place = document.place
    tags = [("type", document.type.value), ("level", str(int(place.level))), ("step", place.step.value)]
    tags.append(("difficulty", str(place.difficulty)))
    tags += [
        (name, value)
        for name, value in (("topic", place.topic), ("clause", place.clause), ("source", place.source))
        if value
    ]
    tags += [(name, "1") for name, yes in (("law", place.law), ("uncertain", place.uncertain)) if yes]
    if document.marks is not None:
        tags.append(("marks", f"{document.marks:f}"))
    return tags


def _coarse(value: str) -> str:
    """A tag's value: what Moodle's pattern of a tag forbids as %XX of its UTF-8 bytes."""
    return _COARSE.sub(lambda found: "".join(f"%{byte:02X}" for byte in found.group().encode()), value)


def _body(document: QuestionDocument, stem: str) -> str:
    more = f"####{_text(document.explanation)}" if document.explanation else ""
    key = document.key
    match document.type:
        case QuestionType.TRUE_FALSE:
            return f"{_escaped(stem)}{{{'T' if key.truth else 'F'}{more}}}"
        case QuestionType.SHORT:
            model = key.model + (_JOINT + document.explanation if document.explanation else "")
            return f"{_escaped(stem)}{{####{_text(model)}}}"
        case QuestionType.FILL if len(key.blanks) == 1:
            place = next(found for found in _BLANK.finditer(stem) if found["blank"])
            before, after = stem[: place.start()], stem[place.end() :]
            answers = "".join(f" ={_answer(text)}" for text in key.blanks[0])
            return f"{_escaped(before)}{{{answers.strip()}{more}}}{_escaped(after)}"
        case QuestionType.FILL:
            rows = [(str(number), BETWEEN_TEXTS.join(texts)) for number, texts in enumerate(key.blanks, start=1)]
        case QuestionType.ORDERING:
            texts = {option.key: option.text for option in document.options}
            rows = [(str(number), texts[choice]) for number, choice in enumerate(key.choices, start=1)]
        case QuestionType.MATCHING:
            left, right = sides(document.options)
            texts = {option.key: option.text for option in (*left, *right)}
            lefts = {paired: mine for mine, paired in key.pairs}
            rows = [
                (texts[lefts[choice]] if choice in lefts else "", texts[choice]) for choice in _right_order(document)
            ]
        case _:
            return f"{_escaped(stem)}{{{_choices(document)}{more}}}"
    return f"{_escaped(stem)}{{{_rows(rows)}{more}}}"


def _rows(rows: Sequence[tuple[str, str]]) -> str:
    return " ".join(
        f"={_text(left).replace('->', _ARROW)} -> {_text(right).replace('->', _ARROW)}" for left, right in rows
    )


# An arrow inside a text: an unseen character, which no tidy text holds, keeps it from parting the sides.
_ARROW = "-\u200b>"


def _right_order(document: QuestionDocument) -> list[str]:
    """Right keys as they are written: those of the pairs, then those that nothing belongs to."""
    _left, right = sides(document.options)
    paired = [key for _mine, key in document.key.pairs]
    return paired + [option.key for option in right if option.key not in paired]


def _choices(document: QuestionDocument) -> str:
    right = document.key.choices
    if document.type is QuestionType.SINGLE:
        return " ".join(
            f"{'=' if option.key in right else '~'}{_weighed(option.text, 100 if option.key in right else 0)}"
            for option in document.options
        )
    share = _SHARES[len(right) - 1]
    return " ".join(f"~%{share if option.key in right else -100}%{_text(option.text)}" for option in document.options)


def _weighed(text: str, share: int) -> str:
    return f"%{share}%{_text(text)}" if text.startswith("%") else _text(text)


def _answer(text: str) -> str:
    return _weighed(text, 100).replace("*", "\\*")


def _text(text: str) -> str:
    """A text that could be mistaken for one with a format of its own gets one."""
    made = _escaped(text)
    return f"[markdown]{made}" if _FORMATTED.match(text) else made


def _escaped(text: str) -> str:
    made = text.replace("\\", "\\\\")
    for sign in _SIGNS:
        made = made.replace(sign, f"\\{sign}")
    return made.replace("\n", "\\n")


# In -------------------------------------------------------------------------------------------------------------------


@dataclass
class _Chunk:
    """One question's lines. tags: of the comments before and in it."""

    where: str
    lines: list[str] = field(default_factory=list)
    tags: list[tuple[str, str]] = field(default_factory=list)
    uid: str = ""


class _Refusal(ValueError):
    """Why a question cannot be read, for people."""


def read(data: bytes, *, name: str) -> Reading:
    """GIFT text, or a zip of it with the files it shows. Raises lms.core.imports.ImportRefused for a dangerous zip."""
    zips.sized(data)
    files: dict[str, bytes] = {}
    if data.startswith(b"PK"):
        with zips.opened(data, zips.PACKAGE_KINDS) as archive:
            texts = [one for one in archive.names if one.endswith((".gift.txt", ".gift", ".txt"))]
            if len(texts) != 1:
                return Reading(FORMAT, (), (Refused(name, _("The archive holds no GIFT text, or several.")),))
            shown = [one for one in archive.names if one != texts[0]]
            files = {one: archive.read(one, most=100 * 1024 * 1024) for one in shown}
            data = archive.read(texts[0], most=zips.LIMITS.entry)
    text = decoded(data)
    if text is None:
        return Reading(FORMAT, (), (Refused(name, _("This is no text file; save it as plain text in UTF-8.")),))
    title, chunks = _chunks(text.removeprefix("\ufeff"))
    questions: list[ReadQuestion] = []
    refused: list[Refused] = []
    for chunk in chunks[: QUESTIONS + 1]:  # `sifted` refuses the first too many
        try:
            questions.append(_read(chunk, files))
        except (_Refusal, Unreadable) as bad:
            refused.append(Refused(chunk.where, str(bad), excerpt("".join(chunk.lines)[:200])))
    if not questions and not refused:
        refused.append(Refused("", _("No question was found in the file.")))
    return sifted(FORMAT, questions, refused, title)


def _chunks(text: str) -> tuple[str, list[_Chunk]]:
    """The title (the first category) and the questions, which blank lines part."""
    title = ""
    chunks: list[_Chunk] = []
    chunk = _Chunk("")
    for number, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), start=1):
        bare = line.strip()
        if not bare:
            if chunk.lines:
                chunks.append(chunk)
                chunk = _Chunk("")
        elif bare.startswith("//"):
            for what, value in _TAG.findall(bare):
                if what == "id":
                    chunk.uid = value
                elif value.startswith("kaibo."):
                    key, _sign, said = value.removeprefix("kaibo.").partition("=")
                    chunk.tags.append((key, _fine(said)))
        elif bare.startswith("$CATEGORY:"):
            title = title or _unescaped(bare.removeprefix("$CATEGORY:").strip().replace("//", "/"))
        else:
            chunk.where = chunk.where or f"第{number}行"
            chunk.lines.append(line)
    if chunk.lines:
        chunks.append(chunk)
    return title, chunks


def _fine(value: str) -> str:
    return re.sub(
        r"(?:%[0-9A-F]{2})+",
        lambda found: bytes.fromhex(found.group().replace("%", "")).decode("utf-8", "replace"),
        value,
    )


def _unescaped(text: str) -> str:
    return re.sub(r"\\([~=#{}:n\\*])", lambda found: "\n" if found.group(1) == "n" else found.group(1), text)


def _read(chunk: _Chunk, files: Mapping[str, bytes]) -> ReadQuestion:
    tags = dict(chunk.tags)
    raw = "\n".join(chunk.lines)
    if len(raw) > CELL_CHARACTERS * 4:
        raise _Refusal(_("The question is too long."))
    if "type" not in tags:
        raw = raw.strip()
    if raw.startswith("::") and (end := _find(raw, "::", 2)) > 0:
        raw = raw[end + 2 :].lstrip()
    how = ""
    if found := _FORMATTED.match(raw):
        how, raw = found.group(1).lower(), raw[found.end() :]
    opening = _find(raw, "{", 0)
    closing = _find(raw, "}", opening + 1) if opening >= 0 else -1
    if closing < 0:
        raise _Refusal(_("There is no answer in braces { }."))
    if _find(raw, "{", closing + 1) >= 0:
        raise _Refusal(_("There are two answers in braces; part questions by a blank line."))
    shelf = Shelf(lambda address: _found(address, files))
    draft = _Draft(how, raw[:opening], raw[opening + 1 : closing], raw[closing + 1 :], tags, shelf)
    made = draft.made()
    return _placed(chunk, made, files, shelf)


def _found(address: str, files: Mapping[str, bytes]) -> bytes | None:
    last = address.rpartition("/")[2]
    return next((data for name, data in files.items() if name.rpartition("/")[2] == last), None)


def _find(text: str, sign: str, start: int) -> int:
    """Where an unescaped sign stands, or -1."""
    found = re.compile(r"\\.|" + re.escape(sign), re.DOTALL)
    for hit in found.finditer(text, max(start, 0)):
        if hit.group() == sign:
            return hit.start()
    return -1


@dataclass
class _Made:
    """What the body of a question says."""

    type: QuestionType
    stem: str
    key: Key
    options: tuple[Option, ...] = ()
    explanation: str = ""
    stimulus: str = ""
    stimulus_uid: UUID | None = None


@dataclass
class _Draft:
    """A body taken apart: before the brace, in it, after it."""

    how: str
    before: str
    inside: str
    after: str
    tags: Mapping[str, str]
    shelf: Shelf

    @property
    def ours(self) -> bool:
        """Written by `write`: white space counts."""
        return "type" in self.tags

    def made(self) -> _Made:
        """The question. Raises _Refusal, Unreadable."""
        answers, _hash, general = _parted(self.inside, "####")
        explanation = self.said(general, self.how)
        tokens = list(_tokens(answers))
        missing = bool(self.after.strip()) or self.tags.get("type") == "fill"
        stem = self.stem(missing and not self._several(tokens))
        if (self.ours and self.tags["type"] == "short") or not answers.strip():
            return self._short(stem, explanation)
        bare = answers.strip()
        truth = re.match(r"(T|TRUE|F|FALSE)\s*(?:#|$)", bare, re.IGNORECASE)
        if truth:
            notes = [self.said(note, self.how) for note in _split(bare, "#")[1:]]
            return self._with(
                QuestionType.TRUE_FALSE,
                stem,
                Key(truth=truth.group(1).upper().startswith("T")),
                (),
                [*notes, explanation],
            )
        if bare.startswith("#"):
            return self._number(bare[1:], explanation)
        if not tokens or tokens[0][0] == "":
            raise _Refusal(_("The answer in braces has neither = nor ~."))
        if all(sign == "=" for sign, _t in tokens) and all("->" in text for _sign, text in tokens):
            return self._matching(stem, tokens, explanation)
        if all(sign == "=" for sign, _t in tokens):
            return self._words(tokens, explanation)
        return self._choice(stem, tokens, explanation)

    def _several(self, tokens: Sequence[tuple[str, str]]) -> bool:
        return bool(tokens) and all("->" in text for _sign, text in tokens)

    def stem(self, missing: bool) -> str:
        """The text around the brace, with a blank in its place when a word is missing there."""
        before, after = self.before, self.after
        if not self.ours:
            before, after = before.rstrip(), after.lstrip()
            if missing and self.before != before:
                before += " "
        whole = f"{before}{BLANK if missing else ''}{after}"
        return self._plain(whole, self.how)

    def said(self, text: str, how: str) -> str:
        """A text unescaped; HTML becomes ours. Raises Unreadable."""
        if found := _FORMATTED.match(text.lstrip()):
            how, text = found.group(1).lower(), text.lstrip()[found.end() :]
        return self._plain(text, how)

    def _plain(self, text: str, how: str) -> str:
        plain = _unescaped(text)
        if how == "html" or (how != "plain" and how != "markdown" and re.search(r"</\w+>|<br\s*/?>", plain)):
            return to_text(html_events(plain), self.shelf)
        return plain.replace(_ARROW, "->")

    def _with(self, type_: QuestionType, stem: str, key: Key, options: Sequence[Option], notes: Sequence[str]) -> _Made:
        made = _Made(type_, stem, key, tuple(options), "\n".join(note for note in notes if note.strip()))
        told = self.tags.get("stimulus", "")
        uid, _slash, size = told.partition("/")
        if told:
            try:
                made.stimulus_uid, length = UUID(uid), int(size)
            except ValueError:
                raise _Refusal(_("The tag kaibo.%(name)s is damaged.") % {"name": "stimulus"}) from None
            made.stimulus, made.stem = stem[:length], stem[length + len(_JOINT) :]
        return made

    def _short(self, stem: str, general: str) -> _Made:
        if "model" in self.tags:
            if not re.fullmatch(r"[0-9]{1,6}", self.tags["model"]):
                raise _Refusal(_("The tag kaibo.%(name)s is damaged.") % {"name": "model"})
            length = int(self.tags["model"])
            return self._with(
                QuestionType.SHORT, stem, Key(model=general[:length]), (), [general[length + len(_JOINT) :]]
            )
        return self._with(QuestionType.SHORT, stem, Key(model=general), (), [])

    def _number(self, text: str, explanation: str) -> _Made:
        found = re.fullmatch(r"\s*=?\s*(-?\d{1,15}(?:\.\d{1,9})?)(?:\s*:\s*0(?:\.0*)?)?\s*", _unescaped(text))
        if found is None:
            raise _Refusal(_("A number with a range or tolerance cannot be kept; ask for the exact number."))
        stem = self.stem(True)
        return self._with(QuestionType.FILL, stem, Key(blanks=((found.group(1),),)), (), [explanation])

    def _words(self, tokens: Sequence[tuple[str, str]], explanation: str) -> _Made:
        texts, notes = [], [explanation]
        for _sign, token in tokens:
            text, note = self._answer(token)
            weight, text = _weight(text)
            if weight not in (None, 100):
                raise _Refusal(_("An answer worth a part of the marks cannot be kept."))
            if re.search(r"(?<!\\)\*", text):
                raise _Refusal(_("An answer with the wildcard * cannot be kept; list the accepted texts."))
            texts.append(self.said(text.replace("\\*", "*"), "plain" if self.ours else self.how))
            notes += [f"{texts[-1]}：{note}"] if note else []
        return self._with(QuestionType.FILL, self.stem(True), Key(blanks=(tuple(texts),)), (), notes)

    def _answer(self, token: str) -> tuple[str, str]:
        text, _sign, note = _parted(token.strip(), "#")
        return text.strip(), self.said(note.strip(), self.how)

    def _matching(self, stem: str, tokens: Sequence[tuple[str, str]], explanation: str) -> _Made:
        if len(tokens) > len(_SHARES) and self.tags.get("type") != "fill":
            raise _Refusal(_("There are %(count)s options; between 2 and 12 are allowed.") % {"count": len(tokens)})
        rows = []
        for _sign, token in tokens:
            left, _arrow, right = token.partition("->")
            rows.append((self.said(left.strip(), self.how), self.said(right.strip(), self.how)))
        type_ = self.tags.get("type", "matching")
        if type_ == "fill":
            return self._with(
                QuestionType.FILL,
                stem,
                Key(blanks=tuple(tuple(right.split(BETWEEN_TEXTS)) for _l, right in rows)),
                (),
                [explanation],
            )
        order = self.tags.get("order", "")
        if type_ == "ordering":
            if sorted(order) != [chr(65 + at) for at in range(len(rows))]:
                raise _Refusal(_("The tag kaibo.%(name)s is damaged.") % {"name": "order"})
            options = sorted(
                (Option(key, right) for key, (_left, right) in zip(order, rows, strict=True)), key=lambda one: one.key
            )
            return self._with(QuestionType.ORDERING, stem, Key(choices=tuple(order)), options, [explanation])
        return self._pairs(stem, rows, order, explanation)

    def _pairs(self, stem: str, rows: Sequence[tuple[str, str]], order: str, explanation: str) -> _Made:
        lefts = [Option(str(number), left) for number, left in enumerate([left for left, _r in rows if left], start=1)]
        if not order:  # another program's: the right side in the order of its letters would give the answer away
            texts = sorted({right for _left, right in rows})
            if len(texts) < len(rows):
                raise _Refusal(_("A right item belongs to two left ones; each may be used once at most."))
            order = "".join(chr(65 + texts.index(right)) for _left, right in rows)
        if sorted(order) != [chr(65 + at) for at in range(len(rows))]:
            raise _Refusal(_("The tag kaibo.%(name)s is damaged.") % {"name": "order"})
        rights = sorted(
            (Option(key, right) for key, (_l, right) in zip(order, rows, strict=True)), key=lambda one: one.key
        )
        keys = [key for key, (left, _r) in zip(order, rows, strict=True) if left]
        pairs = tuple(zip([left.key for left in lefts], keys, strict=True))
        return self._with(QuestionType.MATCHING, stem, Key(pairs=pairs), (*lefts, *rights), [explanation])

    def _choice(self, stem: str, tokens: Sequence[tuple[str, str]], explanation: str) -> _Made:
        options, weights, notes = [], [], [explanation]
        if len(tokens) > 12:
            raise _Refusal(_("There are %(count)s options; between 2 and 12 are allowed.") % {"count": len(tokens)})
        for at, (sign, token) in enumerate(tokens):
            text, note = self._answer(token)
            weight, text = _weight(text)
            key = chr(65 + at)
            options.append(Option(key, self.said(text, self.how)))
            weights.append(weight if weight is not None else Decimal(100 if sign == "=" else 0))
            notes += [f"{key}：{note}"] if note else []
        right = tuple(option.key for option, weight in zip(options, weights, strict=True) if weight > 0)
        whole = sum(weight == 100 for weight in weights)
        single = len(right) == 1 and whole == 1
        if whole > 1 or (whole and not single):
            raise _Refusal(
                _("Several answers are each worth all marks, or one beside others: which are right is not clear.")
            )
        if len(right) == 1 and not single:
            raise _Refusal(_("An answer worth a part of the marks cannot be kept."))
        type_ = QuestionType.SINGLE if single else QuestionType.MULTIPLE
        return self._with(type_, stem, Key(choices=right), options, notes)


def _weight(text: str) -> tuple[Decimal | None, str]:
    found = _WEIGHT.match(text)
    return (Decimal(found.group(1)), text[found.end() :].strip()) if found else (None, text)


def _parted(text: str, sign: str) -> tuple[str, str, str]:
    at = _find(text, sign, 0)
    return (text, "", "") if at < 0 else (text[:at], sign, text[at + len(sign) :])


def _split(text: str, sign: str) -> list[str]:
    parts, start = [], 0
    while (at := _find(text, sign, start)) >= 0:
        parts.append(text[start:at])
        start = at + len(sign)
    return [*parts, text[start:]]


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    """Answers with the sign before each, "" for text before the first."""
    marks = [hit.start() for hit in re.finditer(r"\\.|[=~]", text, re.DOTALL) if hit.group() in "=~"]
    if text[: marks[0] if marks else len(text)].strip():
        yield "", text
        return
    for at, start in enumerate(marks):
        end = marks[at + 1] if at + 1 < len(marks) else len(text)
        yield text[start], text[start + 1 : end]


def _placed(chunk: _Chunk, made: _Made, files: Mapping[str, bytes], shelf: Shelf) -> ReadQuestion:
    tags = dict(chunk.tags)
    named: dict[str, bytes] = dict(shelf.files)
    for key, value in chunk.tags:
        if key == "file":
            entry, _slash, called = value.partition("/")
            if f"files/{entry}" in files:
                named[called] = files[f"files/{entry}"]
    for text in (made.stimulus, made.stem, *(option.text for option in made.options), made.key.model, made.explanation):
        for _alt, called in SHOWN.findall(text):
            if called not in named and (data := _found(called, files)) is not None:
                named[called] = data
    try:
        return ReadQuestion(
            where=chunk.where,
            type=made.type,
            stem=made.stem,
            key=made.key,
            options=made.options,
            explanation=made.explanation,
            marks=_marks(tags["marks"]) if "marks" in tags else None,
            stimulus=made.stimulus,
            stimulus_uid=made.stimulus_uid,
            uid=_uid(chunk.uid),
            level=Level(int(tags["level"])) if "level" in tags else None,
            topic=tags.get("topic", ""),
            step=Step(tags["step"]) if "step" in tags else None,
            difficulty=int(tags["difficulty"]) if "difficulty" in tags else None,
            clause=tags.get("clause", ""),
            law="law" in tags if "type" in tags else None,
            source=tags.get("source", ""),
            uncertain="uncertain" in tags,
            files=tuple(named.items()),
        )
    except ValueError:
        raise _Refusal(_("A tag of the question (kaibo.…) is damaged.")) from None


def _marks(text: str) -> Decimal:
    """Raises ValueError."""
    told = decimal_of(text)
    if told is None:
        raise ValueError(text[:40])
    return told


def _uid(text: str) -> UUID | None:
    """A name of another system is none of ours."""
    try:
        return UUID(text)
    except ValueError:
        return None
