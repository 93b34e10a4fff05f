"""Lesson text between its two shapes: Markdown in documents and files, HTML in Draftail and on screens.

The Markdown is a small one: paragraphs, `###` headings, **strong**, lists (nested too), [links](https://…), > quotations and
a backslash at the end of a line for a break; everything else is plain text. **Strong** needs no spaces around it, as Chinese
has none (CommonMark's own rule would refuse `**红线。**然后`).

`canonical(x)` has one spelling for one text, and `to_markdown(to_html(x)) == x` for every canonical x.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from itertools import groupby

from bs4 import BeautifulSoup
from bs4.element import Comment, NavigableString, Tag
from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

_LINKABLE = re.compile(r"^(https?://|mailto:|tel:|/(?!/)|#)", re.IGNORECASE)
_UNSAFE_IN_URL = re.compile(r"""[\s()<>\[\]\\"'*_\x00-\x1f\x7f]""")
_ENTITY = re.compile(r"&(?=[#a-z0-9]+;)", re.IGNORECASE)
_SPECIAL = re.compile(r"([\\*_\[\]])")
# What would begin a block of its own, or a directive of the file format, at the start of a line.
_LEADING = re.compile(r"^(?:(#{1,6})(?=\s|$)|(>)|([-+])(?=\s|$)|(\d{1,9})([.)])(?=\s|$)|(:::))")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1b\x7f]")
_ASCII_WORD = re.compile(r"[!-~]")


@dataclass(frozen=True)
class _Run:
    """Characters of one look. `href` "" is no link; text "\n" is a line break."""

    text: str
    strong: bool = False
    href: str = ""


_BREAK = _Run("\n")
_Inline = tuple[_Run, ...]


@dataclass(frozen=True)
class _Paragraph:
    inline: _Inline


@dataclass(frozen=True)
class _Heading:
    inline: _Inline


@dataclass(frozen=True)
class _Quote:
    inline: _Inline


@dataclass(frozen=True)
class _Item:
    inline: _Inline
    lists: "tuple[_List, ...]" = ()


@dataclass(frozen=True)
class _List:
    ordered: bool
    items: tuple[_Item, ...]


_Block = _Paragraph | _Heading | _Quote | _List


def to_html(markdown: str) -> str:
    """Markdown as HTML of Draftail's kind: p, h3, ul, ol, li, blockquote, b, a, br. Every character is escaped."""
    return "".join(_html(block) for block in _tidy(_read_markdown(markdown)))


def to_markdown(html: str) -> str:
    """HTML as canonical Markdown; what this Markdown does not know becomes plain text."""
    return _write(_tidy(_read_html(html)))


def canonical(markdown: str) -> str:
    """The one spelling of a text."""
    return _write(_tidy(_read_markdown(markdown)))


def plain_text(markdown: str) -> str:
    """The words alone, one line a block."""
    return "\n".join(_words(_tidy(_read_markdown(markdown))))


# Markdown in --------------------------------------------------------------------------------------------------------
def _strong(state: StateInline, silent: bool) -> bool:
    """`**…**` around anything, with no rule about what stands beside it."""
    start, end = state.pos, state.posMax
    if not state.src.startswith("**", start):
        return False
    state.pos = start + 2
    found = False
    while state.pos < end:
        if state.src.startswith("**", state.pos) and state.pos + 2 <= end:
            found = state.pos > start + 2
            break
        state.md.inline.skipToken(state)
    close = state.pos
    state.pos = start
    if not found:
        return False
    if not silent:
        state.pos, state.posMax = start + 2, close
        state.push("strong_open", "strong", 1)
        state.md.inline.tokenize(state)
        state.push("strong_close", "strong", -1)
    state.pos, state.posMax = close + 2, end
    return True


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    parser = MarkdownIt("zero")
    parser.enable(["heading", "list", "blockquote", "escape", "newline", "link"])
    parser.inline.ruler.before("link", "kaibo_strong", _strong)
    parser.validateLink = lambda url: bool(_LINKABLE.match(url))  # type: ignore[method-assign]
    parser.normalizeLink = _address  # type: ignore[method-assign]
    return parser


def _address(url: str) -> str:
    return _UNSAFE_IN_URL.sub(lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode()), url.strip())


def _read_markdown(markdown: str) -> list[_Block]:
    tokens = iter(_parser().parse(_CONTROL.sub("", markdown)))
    return list(_blocks_of(tokens))


def _blocks_of(tokens: Iterator[Token]) -> Iterator[_Block]:
    for token in tokens:
        if token.type == "paragraph_open":
            yield _Paragraph(_inline_token(tokens))
        elif token.type == "heading_open":
            yield _Heading(_inline_token(tokens))
        elif token.type in {"bullet_list_open", "ordered_list_open"}:
            yield _list_of(tokens, ordered=token.type == "ordered_list_open")
        elif token.type == "blockquote_open":
            for block in _until(tokens, "blockquote"):
                yield from _quotes(block)


def _until(tokens: Iterator[Token], name: str) -> list[_Block]:
    """The blocks inside a container, to its end."""
    inner: list[Token] = []
    depth = 1
    for token in tokens:
        depth += (token.type == f"{name}_open") - (token.type == f"{name}_close")
        if not depth:
            break
        inner.append(token)
    return list(_blocks_of(iter(inner)))


def _list_of(tokens: Iterator[Token], *, ordered: bool) -> _List:
    name = "ordered_list" if ordered else "bullet_list"
    items: list[_Item] = []
    for token in tokens:
        if token.type == f"{name}_close":
            break
        if token.type == "list_item_open":
            items.append(_item(_until(tokens, "list_item")))
    return _List(ordered, tuple(items))


def _item(blocks: Iterable[_Block]) -> _Item:
    inline: list[_Run] = []
    lists: list[_List] = []
    for block in blocks:
        if isinstance(block, _List):
            lists.append(block)
        else:
            inline.extend((_BREAK, *block.inline) if inline else block.inline)
    return _Item(tuple(inline), tuple(lists))


def _quotes(block: _Block) -> Iterator[_Block]:
    if isinstance(block, _List):
        yield from (_Quote(item.inline) for item in block.items)
        for item in block.items:
            for inner in item.lists:
                yield from _quotes(inner)
    else:
        yield _Quote(block.inline)


def _inline_token(tokens: Iterator[Token]) -> _Inline:
    runs: list[_Run] = []
    strong, href = 0, ""
    for token in next(tokens).children or ():
        if token.type == "strong_open":
            strong += 1
        elif token.type == "strong_close":
            strong -= 1
        elif token.type == "link_open":
            href = str(token.attrs.get("href", ""))
        elif token.type == "link_close":
            href = ""
        elif token.type == "hardbreak":
            runs.append(_BREAK)
        elif token.type == "softbreak":
            runs.append(_Run("\r", strong > 0, href))
        elif token.content:
            runs.append(_Run(token.content.replace("\n", " "), strong > 0, href))
    return tuple(runs)


# HTML in ------------------------------------------------------------------------------------------------------------
_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
_CONTAINERS = {
    "div",
    "section",
    "article",
    "table",
    "thead",
    "tbody",
    "tr",
    "td",
    "th",
    "body",
    "html",
    "dl",
    "dt",
    "dd",
}
_SKIPPED = {"script", "style", "head", "template", "iframe", "object", "svg"}


def _read_html(html: str) -> list[_Block]:
    return _html_blocks(BeautifulSoup(_CONTROL.sub("", html), "html.parser"))


def _html_blocks(node: Tag) -> list[_Block]:
    blocks: list[_Block] = []
    loose: list[_Run] = []

    def flush() -> None:
        if loose:
            blocks.append(_Paragraph(tuple(loose)))
            loose.clear()

    for child in node.children:
        if isinstance(child, Tag) and child.name in _HEADINGS | _CONTAINERS | {"p", "ul", "ol", "blockquote", "li"}:
            flush()
            if child.name in {"ul", "ol"}:
                blocks.append(_html_list(child))
            elif child.name in _CONTAINERS:
                blocks.extend(_html_blocks(child))
            elif child.name in _HEADINGS:
                blocks.append(_Heading(tuple(_html_inline(child))))
            elif child.name == "blockquote":
                for inner in _html_blocks(child):
                    blocks.extend(_quotes(inner))
            else:
                # A paragraph that wrongly holds blocks is split around them.
                blocks.extend(_html_blocks(child) if _holds_blocks(child) else [_Paragraph(tuple(_html_inline(child)))])
        else:
            loose.extend(_html_child(child, strong=False, href=""))
    flush()
    return blocks


def _holds_blocks(tag: Tag) -> bool:
    return tag.find([*_HEADINGS, *_CONTAINERS, "p", "ul", "ol", "blockquote", "li"]) is not None


def _html_list(tag: Tag) -> _List:
    items: list[_Item] = []
    for child in tag.children:
        if not isinstance(child, Tag):
            if not isinstance(child, Comment) and str(child).strip():
                items.append(_Item((_Run(str(child)),)))
        elif child.name == "li":
            items.append(_item(_html_blocks(child)))
        elif child.name in {"ul", "ol"}:
            items.append(_Item((), (_html_list(child),)))
        else:
            items.append(_Item(tuple(_html_inline(child))))
    return _List(tag.name == "ol", tuple(items))


def _html_inline(tag: Tag, *, strong: bool = False, href: str = "") -> Iterator[_Run]:
    for child in tag.children:
        yield from _html_child(child, strong=strong, href=href)


def _html_child(child: object, *, strong: bool, href: str) -> Iterator[_Run]:
    if isinstance(child, Tag):
        if child.name == "br":
            yield _BREAK
        elif child.name in {"b", "strong"}:
            yield from _html_inline(child, strong=True, href=href)
        elif child.name == "a":
            to = _address(str(child.get("href") or ""))
            yield from _html_inline(child, strong=strong, href=to if _LINKABLE.match(to) else href)
        elif child.name not in _SKIPPED:
            yield from _html_inline(child, strong=strong, href=href)
    elif isinstance(child, NavigableString) and type(child) is NavigableString and str(child):
        yield _Run(re.sub(r"\s", " ", str(child)), strong, href)


# One shape ----------------------------------------------------------------------------------------------------------
def _tidy(blocks: Iterable[_Block]) -> list[_Block]:
    """No empty blocks, lists of one kind in a row are one, spaces collapsed."""
    tidied: list[_Block] = []
    for block in blocks:
        if isinstance(block, _List):
            tidy = _tidy_list(block)
            last = tidied[-1] if tidied else None
            if isinstance(last, _List) and last.ordered == tidy.ordered:
                tidied[-1] = _List(last.ordered, last.items + tidy.items)
            elif tidy.items:
                tidied.append(tidy)
            continue
        inline = _tidy_inline(block.inline, breaks=not isinstance(block, _Heading))
        if inline:
            tidied.append(type(block)(inline))
    return tidied


def _tidy_list(block: _List) -> _List:
    items: list[_Item] = []
    for item in block.items:
        inline = _tidy_inline(item.inline)
        lists = tuple(inner for inner in _tidy(item.lists) if isinstance(inner, _List))
        if inline:
            items.append(_Item(inline, lists))
        else:
            items.extend(deeper for inner in lists for deeper in inner.items)
    return _List(block.ordered, tuple(items))


_Mark = tuple[str, bool, str]  # one character, strong, link


def _tidy_inline(runs: _Inline, *, breaks: bool = True) -> _Inline:
    """Runs merged; one space at most, none beside a break or at the ends; a space looks like both its neighbours."""
    marks: list[_Mark] = []
    for run in runs:
        for letter in run.text:
            if letter == "\n":
                marks.append(("\n" if breaks else " ", False, ""))
            else:
                marks.append((letter if letter == "\r" else " " if letter.isspace() else letter, run.strong, run.href))
    return _merged(_collapsed(marks))


def _collapsed(marks: list[_Mark]) -> list[_Mark]:
    kept: list[_Mark] = []
    for index, (letter, strong, href) in enumerate(marks):
        before = kept[-1][0] if kept else "\n"
        if letter == "\r":  # a line that went on: Latin words need the space, Chinese does not
            after = marks[index + 1][0] if index + 1 < len(marks) else ""
            if _ASCII_WORD.fullmatch(before) and _ASCII_WORD.fullmatch(after):
                kept.append((" ", strong, href))
        elif letter == " " and before in " \n":
            continue
        elif letter == "\n":
            while kept and kept[-1][0] == " ":
                kept.pop()
            if kept:
                kept.append((letter, False, ""))
        else:
            kept.append((letter, strong, href))
    while kept and kept[-1][0] in " \n":
        kept.pop()
    return kept


def _merged(kept: list[_Mark]) -> _Inline:
    merged: list[_Run] = []
    for index, (letter, strong, href) in enumerate(kept):
        if letter == "\n":
            merged.append(_BREAK)
            continue
        if letter == " ":
            _, strong_before, href_before = kept[index - 1]
            _, strong_after, href_after = kept[index + 1]
            href = href_before if href_before == href_after else ""
            strong = strong_before and strong_after and href_before == href_after
        last = merged[-1] if merged else None
        if last is not None and last != _BREAK and (last.strong, last.href) == (strong, href):
            merged[-1] = _Run(last.text + letter, strong, href)
        else:
            merged.append(_Run(letter, strong, href))
    return tuple(merged)


# Out ----------------------------------------------------------------------------------------------------------------
def _html(block: _Block) -> str:
    if isinstance(block, _List):
        name = "ol" if block.ordered else "ul"
        items = "".join(
            f"<li>{_html_runs(item.inline)}{''.join(_html(inner) for inner in item.lists)}</li>" for item in block.items
        )
        return f"<{name}>{items}</{name}>"
    name = {_Paragraph: "p", _Heading: "h3", _Quote: "blockquote"}[type(block)]
    return f"<{name}>{_html_runs(block.inline)}</{name}>"


def _html_runs(runs: _Inline) -> str:
    out: list[str] = []
    for href, group in groupby(runs, key=lambda run: run.href):
        inner = "".join(_html_run(run) for run in group)
        out.append(f'<a href="{escape(href)}">{inner}</a>' if href else inner)
    return "".join(out)


def _html_run(run: _Run) -> str:
    if run == _BREAK:
        return "<br/>"
    text = escape(run.text, quote=False)
    return f"<b>{text}</b>" if run.strong else text


def _write(blocks: Iterable[_Block]) -> str:
    parts = []
    for block in blocks:
        if isinstance(block, _List):
            parts.append("\n".join(_list_lines(block)))
        elif isinstance(block, _Heading):
            line = _line(block.inline)
            parts.append("### " + (line[:-1] + "\\#" if line.endswith("#") and not line.endswith("\\#") else line))
        elif isinstance(block, _Quote):
            parts.append("\n".join(f"> {line}" for line in _lines(block.inline)))
        else:
            parts.append("\n".join(_lines(block.inline)))
    return "\n\n".join(parts)


def _list_lines(block: _List) -> Iterator[str]:
    for number, item in enumerate(block.items, start=1):
        mark = f"{number}. " if block.ordered else "- "
        indent = " " * len(mark)
        for at, line in enumerate(_lines(item.inline)):
            yield (indent if at else mark) + line
        for inner in item.lists:
            for line in _list_lines(inner):
                yield indent + line


def _lines(runs: _Inline) -> list[str]:
    """The lines of a block; all but the last end with the backslash of a break."""
    lines: list[list[_Run]] = [[]]
    for run in runs:
        if run == _BREAK:
            lines.append([])
        else:
            lines[-1].append(run)
    written = [_line(tuple(line)) for line in lines]
    return [line + "\\" for line in written[:-1]] + written[-1:]


def _line(runs: _Inline) -> str:
    out: list[str] = []
    href = ""
    for run in runs:
        if run.href != href:
            out.append(_close(href))
            out.append("[" if run.href else "")
            href = run.href
        text = _SPECIAL.sub(r"\\\1", run.text)
        out.append(f"**{text}**" if run.strong else text)
    out.append(_close(href))
    return _LEADING.sub(_kept_as_text, "".join(out))


def _close(href: str) -> str:
    return f"]({_ENTITY.sub(lambda _: chr(92) + '&', href)})" if href else ""


def _kept_as_text(found: "re.Match[str]") -> str:
    hashes, quote, bullet, digits, dot, colons = found.groups()
    if digits:
        return f"{digits}\\{dot}"
    return "\\" + (hashes or quote or bullet or colons)


def _words(blocks: Iterable[_Block]) -> Iterator[str]:
    for block in blocks:
        if isinstance(block, _List):
            for item in block.items:
                yield "".join(run.text for run in item.inline)
                yield from _words(item.lists)
        else:
            yield "".join(run.text for run in block.inline)
