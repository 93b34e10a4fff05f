"""Moodle XML, in and out: multichoice, truefalse, shortanswer, cloze of short answers, ordering, matching, essay.

What Moodle has no field for (level, step, clause, the order in which options are shown…) stands in tags `kaibo:name=value`,
which Moodle keeps. A case set's material stands at the head of each of its questions, as Moodle knows no shared one.
Format: https://docs.moodle.org/en/Moodle_XML_format, https://docs.moodle.org/en/Embedded_Answers_(Cloze)_question_type.
"""

import base64
import binascii
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as made
from decimal import Decimal
from hashlib import sha256
from html import escape, unescape
from typing import Any
from urllib.parse import quote, unquote
from uuid import UUID
from xml.etree.ElementTree import Element
from xml.parsers import expat

from bs4 import BeautifulSoup
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from assessment.bank.exchange import words, zips
from assessment.bank.exchange.checks import (
    QUESTIONS,
    SHOWN,
    blanks_drawn,
    decimal_of,
    excerpt,
    normalise,
    sides,
    sifted,
)
from assessment.bank.exchange.markup import Shelf, Unreadable, embedded, html_events, to_html, to_text
from assessment.bank.types import (
    BLANK,
    Key,
    Media,
    Option,
    QuestionDocument,
    QuestionType,
    Reading,
    ReadQuestion,
    Refused,
    Step,
)
from lms.core.imports import ImportRefused, safe_xml
from lms.core.types import Level

_TAG = "kaibo:"
_CASE_CLASS = "kaibo-stimulus"
_LETTERS = "ABCDEFGHIJKL"
_PLACEHOLDER = "\x00"
# Moodle's plural of grades: fractions it knows by these spellings.
_SHARES = {
    1: "100",
    2: "50",
    3: "33.33333",
    6: "16.66667",
    7: "14.28571",
    8: "12.5",
    9: "11.11111",
    11: "9.09091",
    12: "8.33333",
}


# Out -----------------------------------------------------------------------------------------------------------------


def write(documents: Sequence[QuestionDocument], files: Mapping[str, bytes], *, title: str) -> bytes:
    """A quiz of these questions; a category stands before each change of topic. Raises KeyError for a missing file."""
    out = ['<?xml version="1.0" encoding="UTF-8"?>', "<quiz>"]
    category = ""
    for document in documents:
        wanted = _category(document, title)
        if wanted != category:
            category = wanted
            out.append(
                f'<question type="category"><category><text>{escape(wanted, quote=False)}</text></category></question>'
            )
        out.append(_Written(document, files).xml())
    return "\n".join([*out, "</quiz>", ""]).encode()


def _category(document: QuestionDocument, title: str) -> str:
    place = document.place
    topic = words.topics().get(place.topic)
    names = [
        title,
        words.LEVEL_WORDS[place.level][0],
        f"{place.topic} {topic[1]}" if topic else place.topic or "未分类",
    ]
    return "/".join(["$course$", "top", *(name.replace("/", "//") for name in names if name)])


class _Written:
    """One question on its way out."""

    def __init__(self, document: QuestionDocument, files: Mapping[str, bytes]) -> None:
        self._document = document
        self._files = files
        self._media: dict[str, Media] = {media.name: media for media in document.media}

    def xml(self) -> str:
        document = self._document
        kind, body = _KINDS_OUT[document.type](self)
        tags = "".join(f"<tag><text>{escape(tag, quote=False)}</text></tag>" for tag in self._tags())
        return "\n".join(
            [
                f'<question type="{kind}">',
                f"<name><text>{escape(excerpt(document.stem), quote=False)}</text></name>",
                self._stem(kind),
                self._html("generalfeedback", document.explanation),
                f"<defaultgrade>{document.marks if document.marks is not None else 1:f}</defaultgrade>",
                "<penalty>0</penalty>",
                "<hidden>0</hidden>",
                f"<idnumber>{document.uid}</idnumber>",
                *body,
                f"<tags>{tags}</tags>",
                "</question>",
            ]
        )

    def _tags(self) -> Iterator[str]:
        document, place = self._document, self._document.place
        told: dict[str, str] = {
            "level": str(int(place.level)),
            "topic": place.topic,
            "step": place.step.value,
            "difficulty": str(place.difficulty),
            "clause": place.clause,
            "law": "yes" if place.law else "no",
            "source": place.source,
            "uncertain": "yes" if place.uncertain else "",
            "marks": "unset" if document.marks is None else "",
            "stimulus": str(document.stimulus.uid) if document.stimulus else "",
        }
        if document.type is QuestionType.ORDERING:
            told["shown"] = "".join(document.key.choices)
        elif document.type is QuestionType.MATCHING:
            told["shown"] = "".join(key for key, _text in self._right())
        return (f"{_TAG}{name}={value}" for name, value in told.items() if value)

    def _stem(self, kind: str) -> str:
        document = self._document
        text = document.stem
        if kind == "cloze":
            html = to_html(text, self._address, plain=lambda piece: _escaped(piece).replace(BLANK, _PLACEHOLDER))
            html = html.replace("{", "&#123;")
            for accepted in document.key.blanks:
                html = html.replace(_PLACEHOLDER, _cloze(accepted), 1)
        else:
            html = to_html(text, self._address)
        shown = text
        html = f"<p>{html}</p>"
        if document.stimulus:
            shown = f"{document.stimulus.text}\n{text}"
            case = to_html(document.stimulus.text, self._address)
            # No code of a cloze question may hide in its material.
            html = f'<div class="{_CASE_CLASS}"><p>{case.replace("{", "&#123;")}</p></div>{html}'
        return self._part("questiontext", html, shown)

    def _html(self, tag: str, text: str, attributes: str = "", inside: str = "") -> str:
        return self._part(tag, f"<p>{to_html(text, self._address)}</p>" if text else "", text, attributes, inside)

    def _part(self, tag: str, html: str, text: str, attributes: str = "", inside: str = "") -> str:
        # What is HTML holds no unescaped ">", so no CDATA ends early in it.
        said = f"<![CDATA[{html}]]>" if html else ""
        return f'<{tag} format="html"{attributes}><text>{said}</text>{self._shown(text)}{inside}</{tag}>'

    def _shown(self, text: str) -> str:
        out = []
        for name in dict.fromkeys(name for _alt, name in SHOWN.findall(text)):
            if name in self._media:
                data = base64.b64encode(self._files[self._media[name].sha256]).decode()
                out.append(f'<file name="{escape(name)}" path="/" encoding="base64">{data}</file>')
        return "".join(out)

    def _address(self, name: str) -> tuple[str, Any] | None:
        media = self._media.get(name)
        return (f"@@PLUGINFILE@@/{quote(name)}", media.kind) if media else None

    def choice(self) -> tuple[str, list[str]]:
        document = self._document
        right = set(document.key.choices)
        share = _SHARES.get(len(right), f"{Decimal(100) / max(len(right), 1):f}")
        single = document.type is QuestionType.SINGLE
        # A wrong letter makes a multiple choice wrong as a whole, as papers here have it.
        wrong = "0" if single else "-100"
        body = [
            f"<single>{'true' if single else 'false'}</single>",
            "<shuffleanswers>false</shuffleanswers>",
            "<answernumbering>ABCD</answernumbering>",
        ]
        body += [
            self._html("answer", option.text, f' fraction="{share if option.key in right else wrong}"')
            for option in document.options
        ]
        return "multichoice", body

    def truth(self) -> tuple[str, list[str]]:
        right = bool(self._document.key.truth)
        return "truefalse", [
            f'<answer fraction="{100 if right is value else 0}" format="moodle_auto_format"><text>{word}</text></answer>'
            for word, value in (("true", True), ("false", False))
        ]

    def fill(self) -> tuple[str, list[str]]:
        blanks = self._document.key.blanks
        if len(blanks) != 1:
            return "cloze", []
        return "shortanswer", [
            "<usecase>0</usecase>",
            *(
                f'<answer fraction="100" format="moodle_auto_format"><text>{_escaped(_starred(text))}</text></answer>'
                for text in blanks[0]
            ),
        ]

    def ordering(self) -> tuple[str, list[str]]:
        texts = {option.key: option.text for option in self._document.options}
        return "ordering", [
            "<layouttype>VERTICAL</layouttype>",
            "<selecttype>ALL</selecttype>",
            "<selectcount>0</selectcount>",
            "<gradingtype>ALL_OR_NOTHING</gradingtype>",
            *(
                self._html("answer", texts[key], f' fraction="{place}.0000000"')
                for place, key in enumerate(self._document.key.choices, start=1)
            ),
        ]

    def _right(self) -> list[tuple[str, str]]:
        """Right items by letter in the order of their left ones, then those without."""
        _left, right = sides(self._document.options)
        texts = {option.key: option.text for option in right}
        used = [key for _left, key in self._document.key.pairs]
        return [(key, texts[key]) for key in [*used, *(key for key in texts if key not in used)]]

    def matching(self) -> tuple[str, list[str]]:
        left, _right = sides(self._document.options)
        body = ["<shuffleanswers>true</shuffleanswers>"]
        for number, (_key, text) in enumerate(self._right()):
            said = left[number].text if number < len(left) else ""
            # Right items are plain in Moodle; a file that one shows travels beside the left one.
            answer = f"<answer><text>{_escaped(text)}</text>{self._shown(text)}</answer>"
            body.append(self._html("subquestion", said, inside=answer))
        return "matching", body

    def essay(self) -> tuple[str, list[str]]:
        return "essay", [
            "<responseformat>plain</responseformat>",
            "<responserequired>1</responserequired>",
            self._html("graderinfo", self._document.key.model),
        ]


_KINDS_OUT: Mapping[QuestionType, Callable[[_Written], tuple[str, list[str]]]] = {
    QuestionType.SINGLE: _Written.choice,
    QuestionType.MULTIPLE: _Written.choice,
    QuestionType.TRUE_FALSE: _Written.truth,
    QuestionType.FILL: _Written.fill,
    QuestionType.ORDERING: _Written.ordering,
    QuestionType.MATCHING: _Written.matching,
    QuestionType.SHORT: _Written.essay,
}


def _escaped(text: str) -> str:
    return escape(text, quote=False)


def _starred(text: str) -> str:
    """A star of a short answer stands for anything, unless a backslash is before it."""
    return text.replace("*", "\\*")


_CODED = re.compile("[&<>{}~#\"'=%/:\\\\]")


def _cloze(accepted: Sequence[str]) -> str:
    coded = [_CODED.sub(lambda sign: f"&#{ord(sign.group())};", text).replace("*", "\\*") for text in accepted]
    return "{1:SHORTANSWER:" + "~".join(f"={text}" for text in coded) + "}"


# In ------------------------------------------------------------------------------------------------------------------


@dataclass
class _Asked:
    """One question element: its tags and files at hand."""

    element: Element
    where: str
    topic: str
    shelf: Shelf
    tags: Mapping[str, str]
    blanks: list[tuple[str, ...]] = made(default_factory=list)


def read(data: bytes, *, name: str) -> Reading:
    """The questions of a quiz. Raises ImportRefused for what is no Moodle XML or no safe one."""
    zips.sized(data)
    root = safe_xml(data, name)
    if root.tag != "quiz":
        raise ImportRefused(gettext_noop("This is no Moodle XML: it does not begin with <quiz>."), name)
    lines = _lines(data)
    questions: list[ReadQuestion] = []
    refused: list[Refused] = []
    topic, title, count = "", "", 0
    for element in root.findall("question"):
        line = next(lines, 0)
        kind = element.get("type", "")
        if kind == "category":
            told, topic = _path(element.findtext("category/text") or "")
            title = title or told
            continue
        count += 1
        if count > QUESTIONS + 1:
            break
        where = _("Line %(line)s (question %(number)s)") % {"line": line, "number": count}
        try:
            questions.append(_question(element, kind, where, topic))
        except Unreadable as wrong:
            said = element.findtext("questiontext/text") or element.findtext("name/text") or ""
            said = re.sub(r"<[^<>]*>", " ", said[:2000])
            refused.append(Refused(where, wrong.message, excerpt(unescape(said))))
    return sifted("moodle", questions, refused, title)


def _lines(data: bytes) -> Iterator[int]:
    """Where each question begins. The text passed the gate: it has no document type and no entities."""
    found: list[int] = []
    parser = expat.ParserCreate()

    def begins(tag: str, _attributes: Mapping[str, str]) -> None:
        if tag == "question":
            found.append(parser.CurrentLineNumber)

    parser.StartElementHandler = begins
    parser.Parse(data, True)
    return iter(found)


def _path(category: str) -> tuple[str, str]:
    """Title and topic of a category's path; "" where it does not say."""
    names = [name.replace("\x00", "/").strip() for name in category.replace("//", "\x00").split("/")]
    while names and (names[0].startswith("$") or names[0] == "top"):
        names.pop(0)
    return (names[0] if len(names) > 2 else ""), words.topic_of(names[-1]) if names else ""


def _question(element: Element, kind: str, where: str, topic: str) -> ReadQuestion:
    if kind not in _KINDS_IN:
        raise Unreadable(_("Questions of the Moodle type “%(type)s” are not kept here.") % {"type": kind[:40]})
    texts = [tag.findtext("text") or "" for tag in element.findall("tags/tag")]
    tags = dict(text[len(_TAG) :].partition("=")[::2] for text in texts if text.startswith(_TAG))
    asked = _Asked(element, where, topic, Shelf(lambda _address: None), tags)
    stimulus, stem = _stem(asked, kind)
    type_, options, key, stem = _KINDS_IN[kind](asked, stem)
    grade = (element.findtext("defaultgrade") or "").strip()
    explanation = _field(asked, element.find("generalfeedback"))
    remarks = [_field(asked, answer.find("feedback")) for answer in element.findall("answer")[: len(_LETTERS)]]
    noted = [f"{_LETTERS[i]}. {remark}" for i, remark in enumerate(remarks) if remark.strip()]
    return ReadQuestion(
        where=where,
        type=type_,
        stem=stem,
        key=key,
        options=options,
        explanation="\n".join([explanation, *noted]).strip(),
        marks=None if tags.get("marks") == "unset" else _number(grade),
        stimulus=stimulus,
        stimulus_uid=_uid(tags.get("stimulus", "")),
        uid=_uid((element.findtext("idnumber") or "").strip()),
        level=words.level_of(tags.get("level", "")) or _level(tags.get("topic") or topic),
        topic=tags.get("topic") or ("" if tags else topic),
        step=Step(tags["step"]) if tags.get("step") in set(Step) else None,
        difficulty=words.difficulty_of(tags.get("difficulty", "")),
        clause=tags.get("clause", ""),
        law={"yes": True, "no": False}.get(tags.get("law", "")),
        source=tags.get("source", ""),
        uncertain=tags.get("uncertain") == "yes",
        files=tuple(asked.shelf.files.items()),
    )


def _level(topic: str) -> Level | None:
    found = words.topics().get(topic)
    return found[0] if found else None


def _uid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _number(text: str) -> Decimal | None:
    if not text:
        return None
    told = decimal_of(text)
    if told is None:
        raise Unreadable(_("A number is expected here."))
    return told


def _stem(asked: _Asked, kind: str) -> tuple[str, str]:
    """Material and stem; of a cloze question with its answers taken out."""
    part = asked.element.find("questiontext")
    if part is None:
        return "", ""
    html = part.findtext("text") or ""
    asked.shelf.look(_finder(part))
    html, pictures = embedded(html)
    if part.get("format") in _PLAIN:
        return "", part.findtext("text") or ""
    case = ""
    if _CASE_CLASS in html:
        soup = BeautifulSoup(html, "html.parser")
        found = soup.find("div", class_=_CASE_CLASS)
        if found is not None:
            case = to_text(html_events(str(found.extract()), pictures), asked.shelf)
            # Decoded again, a brace that was written as an entity would look like a code.
            html = str(soup) if kind != "cloze" else html.partition("</div>")[2]
    if kind == "cloze":
        html = _CLOZE.sub(lambda found: _taken(found, asked.blanks), html)
        if _CLOZE_HEAD.search(html):
            # Left in the text it would show its answer.
            raise Unreadable(_("A gap of the text has no end, or is too long."))
    return case, to_text(html_events(_broken(html, part), pictures), asked.shelf)


_PLAIN = frozenset({"plain_text", "markdown", "2", "4"})
_CLOZE = re.compile(r"\{(\d{0,9}+):([A-Za-z_]{1,40}+):((?:\\.|[^}\\]){0,4000}+)\}", re.DOTALL)
_CLOZE_HEAD = re.compile(r"\{\d{0,9}+:[A-Za-z_]{1,40}+:")
_SHORT_CODES = frozenset({"SHORTANSWER", "SA", "MW", "SHORTANSWER_C", "SAC", "MWC"})


def _taken(found: re.Match[str], blanks: list[tuple[str, ...]]) -> str:
    code = found.group(2).upper()
    if code not in _SHORT_CODES:
        raise Unreadable(_("A gap of the Moodle type “%(type)s” is not kept here.") % {"type": code[:40]})
    accepted = []
    for choice in re.split(r"(?<!\\)~", found.group(3)):
        answer = re.split(r"(?<![\\&])#", choice)[0].strip()
        share = re.match(r"%(-?[\d.]+)%|=", answer)
        points = "0" if share is None else share.group(1) or "100"
        text = re.sub(r"\\([}~#\"/\\])", r"\1", answer[share.end() :] if share else answer)
        if _whole(points):
            accepted.append(_unstarred(unescape(text).strip()))
    blanks.append(tuple(accepted))
    return BLANK


def _whole(share: str) -> bool:
    """Whether a fraction is the whole. Raises Unreadable for a part of it: a text is right or it is not."""
    number = _number(share.strip() or "0") or Decimal(0)
    if 0 < number < 100:
        raise Unreadable(_("An answer is worth a part of the marks; here a text is right or it is not."))
    return number >= 100


def _unstarred(text: str) -> str:
    if re.search(r"(?<!\\)\*", text):
        raise Unreadable(_("An answer holds a star for “anything”; name the accepted texts."))
    return text.replace("\\*", "*")


def _finder(part: Element) -> Callable[[str], bytes | None]:
    held = {}
    for file in part.iter("file"):
        try:
            held[file.get("name", "")] = base64.b64decode("".join((file.text or "").split()), validate=True)
        except (binascii.Error, ValueError):
            raise Unreadable(_("The file %(name)s is damaged.") % {"name": file.get("name", "")[:80]}) from None

    def find(address: str) -> bytes | None:
        return held.get(unquote(address.removeprefix("@@PLUGINFILE@@").lstrip("/").partition("?")[0]))

    return find


def _broken(html: str, part: Element) -> str:
    """Moodle's own automatic format breaks lines where the text does."""
    return html.replace("\n", "<br>") if part.get("format") in ("moodle_auto_format", "0") else html


def _field(asked: _Asked, part: Element | None) -> str:
    if part is None:
        return ""
    text = part.findtext("text") or ""
    html, pictures = embedded(text)
    if part.get("format") in _PLAIN:
        return text
    asked.shelf.look(_finder(part))
    return to_text(html_events(_broken(html, part), pictures), asked.shelf)


_Made = tuple[QuestionType, tuple[Option, ...], Key, str]


def _choice(asked: _Asked, stem: str) -> _Made:
    answers = asked.element.findall("answer")
    _countable(answers)
    single = (asked.element.findtext("single") or "true").strip().lower() in ("true", "1")
    options = _lettered([_field(asked, answer) for answer in answers])
    shares = [_number((answer.get("fraction") or "0").strip()) or Decimal(0) for answer in answers]
    if single and any(0 < share < 100 for share in shares):
        raise Unreadable(_("An answer is worth a part of the marks; here a text is right or it is not."))
    right = tuple(option.key for option, share in zip(options, shares, strict=True) if share > 0)
    return QuestionType.SINGLE if single else QuestionType.MULTIPLE, options, Key(choices=right), stem


def _countable(rows: Sequence[object]) -> None:
    """Raises Unreadable for more than there are letters, before each of them is read."""
    if len(rows) > len(_LETTERS):
        raise Unreadable(_("There are %(count)s options; between 2 and 12 are allowed.") % {"count": len(rows)})


def _lettered(texts: Sequence[str]) -> tuple[Option, ...]:
    return tuple(Option(_LETTERS[i], text) for i, text in enumerate(texts))


def _truth(asked: _Asked, stem: str) -> _Made:
    right = [
        (answer.findtext("text") or "").strip().lower()
        for answer in asked.element.findall("answer")
        if _whole(answer.get("fraction") or "0")
    ]
    truth = words.truth_of(right[0]) if len(right) == 1 else None
    return QuestionType.TRUE_FALSE, (), Key(truth=truth), stem


def _fill(asked: _Asked, stem: str) -> _Made:
    accepted = tuple(
        _unstarred((answer.findtext("text") or "").strip())
        for answer in asked.element.findall("answer")
        if _whole(answer.get("fraction") or "0")
    )
    # Moodle's short answer has its field below the text.
    return QuestionType.FILL, (), Key(blanks=(accepted,)), stem if blanks_drawn(stem) else f"{stem}\n{BLANK}"


def _numerical(asked: _Asked, stem: str) -> _Made:
    for answer in asked.element.findall("answer"):
        if (_number((answer.findtext("tolerance") or "0").strip()) or 0) != 0:
            raise Unreadable(_("A number with a tolerance is not kept here; name the accepted texts."))
    return _fill(asked, stem)


def _cloze_in(asked: _Asked, stem: str) -> _Made:
    return QuestionType.FILL, (), Key(blanks=tuple(asked.blanks)), stem


def _mixed(texts: Sequence[str]) -> list[int]:
    """An order to show things in that does not give the answer away, the same at every import."""
    return sorted(range(len(texts)), key=lambda i: sha256(normalise(texts[i]).encode()).digest())


def _shown_as(asked: _Asked, texts: Sequence[str]) -> list[str]:
    """The letter of each text: as our own tag says, else by `_mixed`."""
    letters = list(asked.tags.get("shown", ""))
    if sorted(letters) == list(_LETTERS[: len(texts)]):
        return letters
    order = _mixed(texts)
    return [_LETTERS[order.index(i)] for i in range(len(texts))]


def _ordering(asked: _Asked, stem: str) -> _Made:
    answers = asked.element.findall("answer")
    _countable(answers)
    places = [_number((answer.get("fraction") or "").strip()) for answer in answers]
    if None not in places:
        answers = [answers[i] for i in sorted(range(len(answers)), key=lambda i: places[i] or 0)]
    texts = [_field(asked, answer) for answer in answers]
    letters = _shown_as(asked, texts)
    options = tuple(Option(key, text) for key, text in sorted(zip(letters, texts, strict=True)))
    return QuestionType.ORDERING, options, Key(choices=tuple(letters)), stem


def _matching(asked: _Asked, stem: str) -> _Made:
    rows = asked.element.findall("subquestion")
    _countable(rows)
    left: list[str] = []
    right: list[str] = []
    pairs: list[int] = []
    for row in rows:
        said = _field(asked, row)
        text = row.findtext("answer/text") or ""
        for _alt, name in SHOWN.findall(text):
            asked.shelf.named(name)
        if text not in right:
            right.append(text)
        if said.strip():
            left.append(said)
            pairs.append(right.index(text))
    letters = _shown_as(asked, right)
    options = [Option(str(number), text) for number, text in enumerate(left, start=1)]
    options += [Option(key, text) for key, text in sorted(zip(letters, right, strict=True))]
    key = tuple((str(number), letters[place]) for number, place in enumerate(pairs, start=1))
    return QuestionType.MATCHING, tuple(options), Key(pairs=key), stem


def _essay(asked: _Asked, stem: str) -> _Made:
    return QuestionType.SHORT, (), Key(model=_field(asked, asked.element.find("graderinfo"))), stem


_KINDS_IN: Mapping[str, Callable[[_Asked, str], _Made]] = {
    "multichoice": _choice,
    "truefalse": _truth,
    "shortanswer": _fill,
    "numerical": _numerical,
    "cloze": _cloze_in,
    "multianswer": _cloze_in,
    "ordering": _ordering,
    "matching": _matching,
    "match": _matching,
    "essay": _essay,
}
