"""Taking the values of a mapping one by one, remembering each fault with its line."""

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from django.utils.translation import gettext_noop as _

from courses.catalogue.exchange.faults import Fault
from courses.catalogue.exchange.tidy import tidy_line, tidy_text
from courses.catalogue.exchange.yamltext import Node, Row, Table, Word

Choice = TypeVar("Choice", bound=StrEnum)
_NIL = UUID(int=0)


class Fields:
    """The fields of one mapping. A field that is missing or wrong is noted in `faults` and answered with an empty value,
    so that one reading finds every fault; whoever reads refuses the whole when there is one."""

    def __init__(self, node: Node, faults: list[Fault], known: Sequence[str]) -> None:
        self.line = node.line
        self.faults = faults
        self._fields: Mapping[str, Node] = {}
        self._meant: set[str] = set()
        if not isinstance(node, Table):
            self.fault(node.line, _("Here must stand fields, each as “key: value”: %(known)s."), known=", ".join(known))
            return
        self._fields = node.fields
        for name, line in node.keys.items():
            if name in known:
                continue
            near = get_close_matches(name, known, 1)
            if near:
                self._meant.add(near[0])
                self.fault(line, _("Unknown field “%(name)s”; is “%(near)s” meant?"), name=name, near=near[0])
            else:
                fields = ", ".join(known)
                self.fault(line, _("Unknown field “%(name)s”; known are %(known)s."), name=name, known=fields)

    def fault(self, line: int, message: str, **values: object) -> None:
        """Note one fault."""
        self.faults.append(Fault(line, message, values))

    def has(self, name: str) -> bool:
        """Whether the field is there."""
        return name in self._fields

    def line_of(self, name: str) -> int:
        """The line of a field's value; of the mapping when it is missing."""
        return self._fields[name].line if name in self._fields else self.line

    def _missing(self, name: str, *, required: bool) -> None:
        if required and name not in self._meant:
            self.fault(self.line, _("“%(name)s” is missing."), name=name)

    def _word(self, name: str, *, required: bool) -> str:
        node = self._fields.get(name)
        if node is None:
            self._missing(name, required=required)
            return ""
        if not isinstance(node, Word):
            self.fault(node.line, _("“%(name)s” must be plain words."), name=name)
            return ""
        return node.text

    def words(self, name: str, *, required: bool = True, most: int = 255) -> str:
        """One line of words."""
        text = tidy_line(self._word(name, required=required))
        if required and not text and self.has(name) and isinstance(self._fields[name], Word):
            self.fault(self.line_of(name), _("“%(name)s” is empty."), name=name)
        if len(text) > most:
            self.fault(
                self.line_of(name),
                _("“%(name)s” has %(count)d characters; at most %(most)d fit."),
                name=name,
                count=len(text),
                most=most,
            )
        return text

    def text(self, name: str, *, required: bool = True) -> str:
        """Lines of text."""
        text = tidy_text(self._word(name, required=required))
        if required and not text and self.has(name) and isinstance(self._fields[name], Word):
            self.fault(self.line_of(name), _("“%(name)s” is empty."), name=name)
        return text

    def uuid(self, name: str) -> UUID:
        """A uuid."""
        text = self._word(name, required=True).strip()
        if not text:
            if self.has(name):
                self.fault(self.line_of(name), _("“%(name)s” is empty."), name=name)
            return _NIL
        try:
            return UUID(text)
        except ValueError:
            self.fault(
                self.line_of(name),
                _("“%(name)s” must be a uuid such as 6f0e0c1e-52a3-4c0e-9a58-0d6b7c1f2a31."),
                name=name,
            )
            return _NIL

    def whole(self, name: str, *, least: int, most: int) -> int:
        """A whole number."""
        text = self._word(name, required=True).strip()
        if not self.has(name):
            return least
        if not text.isascii() or not text.isdigit() or not least <= int(text[:9]) <= most:
            self.fault(
                self.line_of(name),
                _("“%(name)s” must be a whole number from %(least)d to %(most)d."),
                name=name,
                least=least,
                most=most,
            )
            return least
        return int(text[:9])

    def hours(self, name: str) -> Decimal:
        """Hours in steps of 0.5."""
        text = self._word(name, required=True).strip()
        if not self.has(name):
            return Decimal(0)
        try:
            hours = Decimal(text) if text.isascii() and len(text) < 10 else Decimal(-1)
        except InvalidOperation:
            hours = Decimal(-1)
        if not hours.is_finite() or not 0 < hours <= 40 or hours * 2 % 1:
            self.fault(
                self.line_of(name), _("“%(name)s” must be hours in steps of 0.5, more than 0, at most 40."), name=name
            )
            return Decimal(0)
        return hours

    def flag(self, name: str, *, default: bool | None = None) -> bool:
        """true or false."""
        if default is not None and not self.has(name):
            return default
        text = self._word(name, required=True).strip()
        if self.has(name) and text not in ("true", "false"):
            self.fault(self.line_of(name), _("“%(name)s” must be true or false."), name=name)
        return text == "true"

    def choice(self, name: str, words: type[Choice]) -> Choice:
        """One of the words of an enum."""
        return self._choice(name, self._word(name, required=True).strip(), self.line_of(name), words)

    def _choice(self, name: str, text: str, line: int, words: type[Choice]) -> Choice:
        known = [word.value for word in words]
        if text in known:
            return words(text)
        if self.has(name):
            self.fault(
                line,
                _("“%(name)s” must be one of %(known)s, not “%(text)s”."),
                name=name,
                known=", ".join(known),
                text=text,
            )
        return next(iter(words))

    def choices(self, name: str, words: type[Choice]) -> tuple[Choice, ...]:
        """Some words of an enum, none twice, at least one."""
        found = [self._choice(name, item.text.strip(), item.line, words) for item in self.row(name)]
        if len(set(found)) < len(found):
            self.fault(self.line_of(name), _("“%(name)s” names something twice."), name=name)
        return tuple(dict.fromkeys(found))

    def row(self, name: str, *, required: bool = True) -> tuple[Word, ...]:
        """A list of words, at least one."""
        node = self._fields.get(name)
        if node is None:
            self._missing(name, required=required)
            return ()
        if not isinstance(node, Row) or not all(isinstance(item, Word) for item in node.items):
            self.fault(node.line, _("“%(name)s” must be a list such as [a, b]."), name=name)
            return ()
        if required and not node.items:
            self.fault(node.line, _("“%(name)s” is empty."), name=name)
        return tuple(item for item in node.items if isinstance(item, Word))

    def tables(self, name: str, known: Sequence[str], *, required: bool = True) -> "tuple[Fields, ...]":
        """A list of mappings, at least one."""
        node = self._fields.get(name)
        if node is None:
            self._missing(name, required=required)
            return ()
        if not isinstance(node, Row) or (required and not node.items):
            fields = ", ".join(known)
            self.fault(node.line, _("“%(name)s” must be a list, each line “- {%(known)s}”."), name=name, known=fields)
            return ()
        return tuple(Fields(item, self.faults, known) for item in node.items)

    def codes(
        self, name: str, vocabulary: Mapping[str, Sequence[str]] | None
    ) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Profile key → list of codes, both sorted. vocabulary: which codes each profile knows; None: not checked."""
        node = self._fields.get(name)
        if node is None:
            return ()
        if not isinstance(node, Table):
            self.fault(node.line, _("“%(name)s” must be lines “profile: [code, code]”."), name=name)
            return ()
        inner = Fields(node, self.faults, tuple(node.fields))
        return tuple((profile, self._codes(inner, profile, vocabulary)) for profile in sorted(node.fields))

    def _codes(self, inner: "Fields", profile: str, vocabulary: Mapping[str, Sequence[str]] | None) -> tuple[str, ...]:
        row = inner.row(profile)
        found = [item.text.strip() for item in row]
        if len(set(found)) < len(found):
            self.fault(inner.line_of(profile), _("“%(name)s” names something twice."), name=profile)
        if vocabulary is None:
            return tuple(sorted(set(found)))
        if profile not in vocabulary:
            known = ", ".join(sorted(vocabulary))
            self.fault(
                inner.line_of(profile),
                _("There is no profile “%(name)s” here; known are %(known)s."),
                name=profile,
                known=known,
            )
            return tuple(sorted(set(found)))
        known_codes = list(vocabulary[profile])
        for item in row:
            if item.text.strip() not in known_codes:
                self.fault(
                    item.line,
                    _("The profile %(profile)s does not know “%(code)s”; it knows %(known)s."),
                    profile=profile,
                    code=item.text.strip(),
                    known=", ".join(known_codes),
                )
        return tuple(sorted(set(found)))
