"""The part of YAML that lesson files use: mappings, lists and words; every value keeps its line. No Django.

Reading goes over the events of libyaml, which builds nothing: no tags, no anchors (so no bomb of references), a bounded
depth. A value is the text as written: `no` is the word "no", 2021 the word "2021"; what it means is settled by its field.
Writing puts in quotes what any YAML reader would take for something else than words.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml
from django.utils.translation import gettext_noop as _
from yaml.resolver import Resolver

from courses.catalogue.exchange.faults import Fault

MAX_DEPTH = 6
_RESOLVER: Any = Resolver()
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# What cannot stand in a plain scalar, or not at its beginning.
_NOT_PLAIN = re.compile(r"""^[\s\-?:,\[\]{}#&*!|>'"%@`=<]|[:#]|\s$|^$|^(?:\.\.\.)""")
_NOT_FLOW = re.compile(r"[,\[\]{}?]")
_ESCAPED = re.compile("[\x7f-\xa0\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True)
class Word:
    """A scalar as written."""

    line: int
    text: str


@dataclass(frozen=True)
class Row:
    """A list."""

    line: int
    items: tuple["Node", ...]


@dataclass(frozen=True)
class Table:
    """A mapping; no key twice. keys: the line of each."""

    line: int
    fields: Mapping[str, "Node"]
    keys: Mapping[str, int]


Node = Word | Row | Table


def read(text: str, *, first_line: int = 1) -> Node:
    """The one YAML document in `text`, whose first line is `first_line` of the file. Raises NotYaml."""
    offset = first_line
    try:
        events: Iterator[Any] = iter(yaml.parse(text, Loader=_LOADER))
        node: Node | None = None
        event: Any
        for event in events:
            if isinstance(event, yaml.NodeEvent):
                if node is not None:
                    raise NotYaml(Fault(_line_of(event, offset), _("There is a second document here; leave one.")))
                node = _node(event, events, offset, 1)
    except yaml.YAMLError as broken:
        raise NotYaml(_fault(broken, offset, text)) from None
    return Word(first_line, "") if node is None else node


class NotYaml(ValueError):
    """The text is no YAML, or uses what is not allowed here."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        super().__init__(str(fault))


def _fault(broken: yaml.YAMLError, offset: int, text: str) -> Fault:
    mark = getattr(broken, "problem_mark", None) or getattr(broken, "context_mark", None)
    if mark is None:  # a character that YAML does not take
        position = getattr(broken, "position", 0)
        return Fault(
            text.count("\n", 0, position) + offset, _("There is a character here that cannot be read; delete it.")
        )
    return Fault(
        min(mark.line, max(text.count("\n") - 1, 0)) + offset,
        _(
            "This cannot be read (%(problem)s). Mostly a colon or quotation mark within the words is the reason: put the"
            " words in double quotes, or write them below “key: |” with two spaces in front of each line."
        ),
        {"problem": getattr(broken, "problem", "") or "?"},
    )


def _line_of(event: Any, offset: int) -> int:
    return int(event.start_mark.line) + offset


def _node(event: Any, events: Iterator[Any], offset: int, depth: int) -> Node:
    line = _line_of(event, offset)
    if isinstance(event, yaml.AliasEvent) or event.anchor is not None or getattr(event, "tag", None) not in (None, "!"):
        raise NotYaml(Fault(line, _("References (& and *) and types (!) are not used here; write the value out.")))
    if depth > MAX_DEPTH:
        raise NotYaml(Fault(line, _("This is nested too deeply.")))
    if isinstance(event, yaml.ScalarEvent):
        return Word(line, event.value)
    if isinstance(event, yaml.SequenceStartEvent):
        items = []
        while not isinstance(inner := next(events), yaml.SequenceEndEvent):
            items.append(_node(inner, events, offset, depth + 1))
        return Row(line, tuple(items))
    fields: dict[str, Node] = {}
    keys: dict[str, int] = {}
    while not isinstance(inner := next(events), yaml.MappingEndEvent):
        key = _node(inner, events, offset, depth + 1)
        value = _node(next(events), events, offset, depth + 1)
        if not isinstance(key, Word):
            raise NotYaml(Fault(key.line, _("A key must be one word.")))
        if key.text in fields:
            raise NotYaml(
                Fault(
                    key.line,
                    _("“%(key)s” stands here twice; the first is in line %(first)d."),
                    {"key": key.text, "first": keys[key.text]},
                )
            )
        fields[key.text], keys[key.text] = value, key.line
    return Table(line, fields, keys)


def word(text: str, *, flow: bool = False) -> str:
    """One line of text as a scalar: plain where every reader takes it for the same words, else in double quotes."""
    plain = not _NOT_PLAIN.search(text) and not _ESCAPED.search(text) and text.isprintable()
    if plain and flow:
        plain = not _NOT_FLOW.search(text)
    if plain and _RESOLVER.resolve(yaml.ScalarNode, text, (True, False)) == "tag:yaml.org,2002:str":
        return text
    quoted = json.dumps(text, ensure_ascii=False)
    return _ESCAPED.sub(lambda found: f"\\u{ord(found.group()):04x}", quoted)


def block(text: str, indent: str = "") -> str:
    """Lines of text as a literal scalar: `|` and each line two spaces further in than `indent`. No line may be indented
    at the beginning, none may end in blanks (see `codec.tidy`)."""
    lines = "\n".join(f"{indent}  {line}" if line else "" for line in text.split("\n"))
    return f"|\n{lines}"


def flow_list(words: tuple[str, ...]) -> str:
    """[a, b]."""
    return f"[{', '.join(word(each, flow=True) for each in words)}]"


def flow_table(pairs: tuple[tuple[str, str], ...]) -> str:
    """{key: value, …}; values already written."""
    return "{" + ", ".join(f"{key}: {value}" for key, value in pairs) + "}"
