"""Our plain text to HTML and back: lines, **strong**, files. Nothing else of HTML is let in, nothing of ours is lost.

Out: every line's end is a <br/>, spaces that HTML would swallow are no-break spaces, which tidy text does not hold.
In: blocks begin lines, scripts and styles are dropped, and what says something that text cannot say (formulas, drawings,
frames, pictures on the network) refuses the question by name.
"""

import base64
import binascii
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from html import escape
from string import ascii_lowercase
from typing import Any
from urllib.parse import unquote
from xml.etree.ElementTree import Element

from bs4 import BeautifulSoup
from bs4.element import CData, NavigableString, PreformattedString, Tag
from django.utils.translation import gettext as _

from assessment.bank.exchange.checks import CELL_CHARACTERS, SHOWN
from assessment.bank.types import MediaKind

_STRONG = re.compile(r"\*\*(?=\S)(.+?)(?<=\S)\*\*")
_SWALLOWED = re.compile(r"^ +| {2,}", re.MULTILINE)
_COLLAPSED = re.compile(r"[ \t\r\n\f]+")
_NO_BREAK = "\u00a0"

# Events of a walk: ("start", tag, attributes), ("end", tag, {}) or ("text", characters, {}).
Event = tuple[str, str, Mapping[str, str]]
# A file by its address in the foreign text: its bytes, or None.
Finder = Callable[[str], bytes | None]


class Unreadable(Exception):
    """A text that says more than our texts can. message: for the reader."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


# Out -----------------------------------------------------------------------------------------------------------------


def to_html(
    text: str,
    address: Callable[[str], tuple[str, MediaKind] | None],
    *,
    plain: Callable[[str], str] = lambda piece: escape(piece, quote=False),
) -> str:
    """A text as XHTML without a paragraph around it. address: where a shown file lies and what it is, None for a name
    that is no file; plain: how the characters between are written (a fill-in question draws its blanks there)."""

    def shown(piece: str) -> str:
        out, last = [], 0
        for found in SHOWN.finditer(piece):
            place = address(found.group(2))
            if place is not None:
                out += [plain(piece[last : found.start()]), _file_tag(found.group(1), *place)]
                last = found.end()
        return "".join([*out, plain(piece[last:])])

    def line(text: str) -> str:
        out, last = [], 0
        for found in _STRONG.finditer(text):
            out += [shown(text[last : found.start()]), f"<strong>{shown(found.group(1))}</strong>"]
            last = found.end()
        return "".join([*out, shown(text[last:])])

    kept = _SWALLOWED.sub(lambda found: _NO_BREAK * len(found.group()), text)
    return "<br/>".join(line(one) for one in kept.split("\n"))


def _file_tag(alt: str, address: str, kind: MediaKind) -> str:
    said, source = escape(alt.replace(_NO_BREAK, "\u0020")), escape(address)
    if kind is MediaKind.PICTURE:
        return f'<img src="{source}" alt="{said}"/>'
    tag = "audio" if kind is MediaKind.AUDIO else "video"
    return f'<{tag} src="{source}" controls="controls" title="{said}"></{tag}>'


# In ------------------------------------------------------------------------------------------------------------------

_BLOCKS = frozenset(
    "address article aside blockquote center dd div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header li "
    "main nav ol p pre section table tbody tfoot thead tr ul caption content-body".split()
)
_DROPPED = frozenset("script style head template noscript title link meta base".split())
_REFUSED: Mapping[str, str] = {
    "math": "MathML",
    "svg": "SVG",
    "iframe": "iframe",
    "embed": "embed",
    "applet": "applet",
    "canvas": "canvas",
    "portable-custom-interaction": "PCI",
}
_HIGH = str.maketrans("0123456789+-()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ⁿ")
_LOW = str.maketrans("0123456789+-()", "₀₁₂₃₄₅₆₇₈₉₊₋₍₎")
_SAFE_NAME = re.compile(r"[\s()\[\]{}/\\<>\"'`|?*:&#%!]+")
_BRACKETS = re.compile(r"[\[\]\n]")
_OURS = re.compile(r"[0-9a-f]{16}-")
# An honest text of 4,000 characters has some hundred tags, however it was pasted.
_TAGS = 2_000
_OPEN_TAGS = 20  # "<" after the last ">": signs of a comparison, or an attack on the parser
_EMBEDDED = re.compile(r"data:[\w/+.-]{1,60}+;base64,[A-Za-z0-9+/=\s]*+", re.IGNORECASE)
_SIGN = "\ue0fd"  # for private use: a text that holds it already at most shows its own file twice
_SIGNED = re.compile(f"{_SIGN}([0-9]{{1,5}}){_SIGN}")
_DATA = re.compile(r"data:(image/(?:png|jpeg|gif|webp)|audio/[\w.-]+|video/mp4);base64,", re.IGNORECASE)


class Shelf:
    """The files that one question shows, by the name it calls them. find: bytes by the address in the foreign text."""

    def __init__(self, find: Finder) -> None:
        self._find = find
        self._names: dict[str, str] = {}
        self.files: dict[str, bytes] = {}

    def look(self, find: Finder) -> None:
        """Look elsewhere from now on: an address may mean another file in another part of the question."""
        self._find = find
        self._names = {}

    def named(self, address: str) -> str:
        """The name of the file at an address. Raises Unreadable when it is not in what was given."""
        if address in self._names:
            return self._names[address]
        data = self._data(address)
        if address.lower().startswith("data:"):
            name = f"file-{len(self.files) + 1}.{address[5:40].partition(';')[0].rpartition('/')[2].lower()}"
        else:
            name = _OURS.sub("", unquote(address).replace("\\", "/").rpartition("/")[2], count=1)
        name = _SAFE_NAME.sub("-", name).lstrip(".-")[-90:] or "file.bin"
        stem, dot, suffix = name.rpartition(".")
        name = free = name if dot else f"{name}.bin"
        for letter in ascii_lowercase:
            if free not in self.files or self.files[free] == data:
                break
            free = f"{stem or name}-{letter}.{suffix}"
        self._names[address] = free
        self.files[free] = data
        return free

    def _data(self, address: str) -> bytes:
        found = _DATA.match(address)
        if found:
            try:
                return base64.b64decode(address[found.end() :], validate=True)
            except (binascii.Error, ValueError):
                raise Unreadable(_("A picture inside the text is damaged.")) from None
        if re.match(r"[a-zA-Z][\w+.-]*:|//", address):
            raise Unreadable(_("The text shows a file on the network (%(address)s).") % {"address": address[:80]})
        data = self._find(address)
        if data is None:
            raise Unreadable(_("The file %(name)s is shown, but it is not there.") % {"name": address[:80]})
        return data


def embedded(html: str) -> tuple[str, tuple[str, ...]]:
    """An HTML text with a short sign for each file inside it (data: addresses), and these files by their signs' numbers.

    Raises Unreadable for a text that no question has: the parser needs the square of what is badly written.
    """
    files: list[str] = []

    def sign(found: re.Match[str]) -> str:
        files.append(found.group())
        return f"{_SIGN}{len(files) - 1}{_SIGN}"

    slim = _EMBEDDED.sub(sign, html)
    if len(slim) > CELL_CHARACTERS:
        raise Unreadable(
            _("The text has %(size)s characters; at most %(most)s are kept.")
            % {"size": len(slim), "most": CELL_CHARACTERS}
        )
    if slim.count("<") > _TAGS or slim.count("<", slim.rfind(">") + 1) > _OPEN_TAGS:
        raise Unreadable(_("The text has too many tags, or tags that do not end; leave its layout out."))
    return slim, tuple(files)


def html_events(html: str, files: Sequence[str] = ()) -> Iterator[Event]:
    """The walk through an HTML text, however badly it is written. files: taken out of it before, see `embedded`, whose
    refusals are made here as well. Raises Unreadable."""
    slim, found = embedded(html)
    held = files or found

    def back(text: str) -> str:
        return _SIGNED.sub(lambda sign: held[int(sign[1])] if int(sign[1]) < len(held) else "", text)

    for what, name, attributes in _soup_events(BeautifulSoup(slim, "html.parser")):
        yield what, back(name) if what == "text" else name, {key: back(value) for key, value in attributes.items()}


def _soup_events(tag: Tag) -> Iterator[Event]:
    # The parser nests as deep as the text does: a walk of our own does not fall over it.
    stack: list[tuple[Iterator[Any], str]] = [(iter(tag.children), "")]
    while stack:
        children, name = stack[-1]
        child = next(children, None)
        if child is None:
            stack.pop()
            if name:
                yield "end", name, {}
        elif isinstance(child, Tag):
            held = child.name.lower()
            yield (
                "start",
                held,
                {key: value if isinstance(value, str) else " ".join(value) for key, value in child.attrs.items()},
            )
            stack.append((iter(child.children), held))
        elif isinstance(child, CData) or (
            isinstance(child, NavigableString) and not isinstance(child, PreformattedString)
        ):
            yield "text", str(child), {}


def xml_events(element: Element) -> Iterator[Event]:
    """The walk through the inside of an XML element, names without their space."""
    stack: list[tuple[Iterator[Element], str, str]] = [(iter(element), "", "")]
    if element.text:
        yield "text", element.text, {}
    while stack:
        children, name, tail = stack[-1]
        child = next(children, None)
        if child is None:
            stack.pop()
            if name:
                yield "end", name, {}
            if tail:
                yield "text", tail, {}
        elif isinstance(child.tag, str):
            tag = child.tag.rpartition("}")[2]
            yield "start", tag, child.attrib
            if child.text:
                yield "text", child.text, {}
            stack.append((iter(child), tag, child.tail or ""))


class Writer:
    """Events become text. More than 100 levels deep is refused."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._out: list[str] = []
        self._marks: list[tuple[str, int, bool]] = []  # open inline tags: where they began
        self._lists: list[int | None] = []
        self._skip = 0
        self._pre = 0
        self._films: list[bool] = []  # open <video>, <audio>, <object>: whether its file is known
        self._fresh = True  # nothing on this line yet
        self._depth = 0

    @property
    def text(self) -> str:
        """What was said so far; `tidy` makes its no-break spaces plain."""
        return "".join(self._out).strip("\n")

    def take(self, event: Event) -> None:
        """One event. Raises Unreadable."""
        what, name, attributes = event
        if what == "text":
            self._characters(name)
        elif what == "start":
            self._depth += 1
            if self._depth > 100:
                raise Unreadable(_("The text is nested too deep."))
            self._start(name, attributes)
        else:
            self._depth -= 1
            self._end(name)

    def say(self, words: str) -> None:
        """Words as they are."""
        if words and not self._skip:
            self._out.append(words)
            self._fresh = words.endswith("\n")

    def line(self) -> None:
        """The next word begins a line."""
        if not self._fresh and not self._skip:
            self._end_line()

    def _end_line(self) -> None:
        while self._out and self._out[-1] == " ":
            self._out.pop()
        self._out.append("\n")
        self._fresh = True

    def _characters(self, text: str) -> None:
        if self._skip or (self._films and self._films[-1]):
            return
        if self._pre:
            self.say(text)
            return
        text = _COLLAPSED.sub(" ", text)
        if text.startswith(" ") and (self._fresh or (self._out and self._out[-1].endswith(" "))):
            text = text[1:]
        self.say(text)

    def _start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag in _DROPPED or self._skip:
            # Void tags end at once in every parser; a depth of their own keeps the count right.
            self._skip += 1
        elif tag in _REFUSED:
            raise Unreadable(_("The text holds something that cannot be taken in (%(tag)s).") % {"tag": _REFUSED[tag]})
        elif tag == "br":
            self._end_line()
        elif tag in ("img", "audio", "video", "object", "source"):
            self._file(tag, attributes)
        elif tag in ("strong", "b", "sup", "sub"):
            self._marks.append((tag, len(self._out), any(mark[0] in ("strong", "b") for mark in self._marks)))
        elif tag in ("td", "th"):
            if not self._fresh:
                self.say(" | ")
        elif tag in _BLOCKS or tag == "hr":
            self._block(tag)

    def _block(self, tag: str) -> None:
        self.line()
        if tag == "ol":
            self._lists.append(0)
        elif tag == "ul":
            self._lists.append(None)
        elif tag == "li" and self._lists:
            count = self._lists[-1]
            self._lists[-1] = None if count is None else count + 1
            self.say("• " if count is None else f"{count + 1}. ")
        elif tag == "pre":
            self._pre += 1

    def _file(self, tag: str, attributes: Mapping[str, str]) -> None:
        address = (attributes.get("data") if tag == "object" else attributes.get("src")) or ""
        if tag == "source":
            if address and self._films and not self._films[-1]:
                self._films[-1] = True
                self._show("", address)
            return
        if tag != "img":
            self._films.append(bool(address))
        if address:
            self._show(attributes.get("alt") or attributes.get("title") or attributes.get("aria-label") or "", address)
        elif tag in ("img", "object"):
            raise Unreadable(_("The text shows a file without an address."))

    def _show(self, alt: str, address: str) -> None:
        self.say(f"![{_BRACKETS.sub(' ', alt)}]({self._shelf.named(address)})")

    def _end(self, tag: str) -> None:
        if self._skip:
            self._skip -= 1
        elif tag in ("audio", "video", "object"):
            if self._films and not self._films.pop():
                raise Unreadable(_("The text shows a file without an address."))
        elif tag in ("strong", "b", "sup", "sub"):
            self._end_mark(tag)
        elif tag in _BLOCKS:
            if tag in ("ol", "ul") and self._lists:
                self._lists.pop()
            elif tag == "pre" and self._pre:
                self._pre -= 1
            self.line()

    def _end_mark(self, tag: str) -> None:
        if not self._marks:
            return
        _tag, began, inside = self._marks.pop()
        said = "".join(self._out[began:])
        words = said.strip()
        if not words:
            return
        if tag in ("sup", "sub"):
            letters = _HIGH if tag == "sup" else _LOW
            plain = all(ord(letter) in letters for letter in words)
            new = words.translate(letters) if plain else f"{'^' if tag == 'sup' else '_'}({words})"
        elif inside or "\n" in words:
            return
        else:
            new = f"**{words}**"
        begin, end = said[: len(said) - len(said.lstrip())], said[len(said.rstrip()) :]
        self._out[began:] = [piece for piece in (begin, new, end) if piece]


def to_text(events: Iterable[Event], shelf: Shelf) -> str:
    """The text of a walk; files go on the shelf. Raises Unreadable."""
    writer = Writer(shelf)
    for event in events:
        writer.take(event)
    return writer.text
