"""QTI 2.1, 2.2 and 3.0 into questions. The versions differ in how they spell names: all are read in the spelling of 3.0
without its prefix ("simple-choice"), and from there on there is one way.

What a question of ours cannot be (several interactions, graphics, gaps to drag into, adaptive items, random values) is
refused item by item with the reason.
"""

import posixpath
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as made
from decimal import Decimal
from urllib.parse import unquote
from uuid import UUID
from xml.etree.ElementTree import Element

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from assessment.bank.exchange import words, zips
from assessment.bank.exchange.checks import FILE_BYTES, QUESTIONS, decimal_of, excerpt, sifted
from assessment.bank.exchange.markup import Shelf, Unreadable, to_text, xml_events
from assessment.bank.exchange.qti.writing import DIFFICULTIES, TOOL
from assessment.bank.types import BLANK, Key, Option, QuestionType, Reading, ReadQuestion, Refused, Step
from lms.core.imports import Archive, ImportRefused, safe_xml

_LETTERS = "ABCDEFGHIJKL"
_ITEM_TYPE = re.compile(r"imsqti_(?:apip)?item_xmlv(\d)p(\d)")
_UUID = re.compile(
    r"(?:[A-Za-z]{1,4}[-_])?([0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})(?:-[0-9a-f]{8})?", re.IGNORECASE
)
_HUMP = re.compile(r"(?<=[a-z0-9])([A-Z])")
_DROPPED = "script"  # the walk leaves such elements out
_DEEPEST = 80


def read(data: bytes, *, name: str) -> Reading:
    """The items of a package, or of one item's XML. Raises ImportRefused."""
    zips.sized(data)
    if not data.startswith(b"PK"):
        root = safe_xml(data, name)
        version = _version(root)
        if version is None:
            raise ImportRefused(gettext_noop("This is no QTI item."), name)
        return _sifted([(name, root, None)], _Package(None, ""), version, "")
    with zips.opened(data, zips.PACKAGE_KINDS) as archive:
        manifests = [path for path in archive.names if path.rpartition("/")[2].lower() == "imsmanifest.xml"]
        if len(manifests) != 1:
            raise ImportRefused(gettext_noop("The package has no imsmanifest.xml, or more than one."), name)
        return _read_package(archive, manifests[0])


def _version(root: Element) -> str | None:
    space, _brace, tag = root.tag.rpartition("}")
    if tag == "qti-assessment-item":
        return "qti30"
    if tag == "assessmentItem":
        return "qti22" if "v2p2" in space else "qti21"
    return None


class _Package:
    """The files of a package, found from where an item lies. Without an archive nothing is found."""

    def __init__(self, archive: Archive | None, base: str) -> None:
        self._archive = archive
        self.base = base
        self.stimuli: dict[str, Element] = {}

    def path(self, href: str, beside: str) -> str | None:
        """The entry that an address means, None when there is none or it leads outside."""
        if self._archive is None or not href:
            return None
        folder = posixpath.dirname(beside)
        for said in (href, unquote(href)):
            plain = said.partition("#")[0].partition("?")[0]
            found = posixpath.normpath(
                posixpath.join(self.base if plain.startswith("/") else folder, plain.lstrip("/"))
            )
            if not found.startswith("..") and found in self._archive.names:
                return found
        return None

    def bytes_of(self, href: str, beside: str) -> bytes | None:
        """A file's bytes. Raises ImportRefused when it is too large."""
        path = self.path(href, beside)
        return self._archive.read(path, FILE_BYTES) if self._archive is not None and path else None

    def stimulus(self, href: str, beside: str) -> tuple[str, Element] | None:
        """Path and root of a stimulus, in plain spelling; read once."""
        path = self.path(href, beside)
        if path is None or self._archive is None:
            return None
        if path not in self.stimuli:
            root = safe_xml(self._archive.read(path, FILE_BYTES), path)
            _plain(root)
            self.stimuli[path] = root
        return path, self.stimuli[path]


def _read_package(archive: Archive, manifest: str) -> Reading:
    root = safe_xml(archive.read(manifest, FILE_BYTES), manifest)
    _plain(root)
    package = _Package(archive, posixpath.dirname(manifest))
    items: list[tuple[str, Element | None, Element | None]] = []
    refused: list[Refused] = []
    version = None
    for resource in root.iter("resource"):
        if not _ITEM_TYPE.match(resource.get("type", "")):
            continue
        href = resource.get("href") or next((file.get("href", "") for file in resource.iter("file")), "")
        path = package.path(href, manifest)
        if path is None:
            refused.append(Refused(href[:200], _("The manifest names this item, but the package does not hold it.")))
            continue
        try:
            item = safe_xml(archive.read(path, FILE_BYTES), path)
        except ImportRefused as wrong:
            refused.append(Refused(path, wrong.message))
            continue
        found = _version(item)
        if found is None:
            refused.append(Refused(path, _("This is no QTI item.")))
            continue
        version = version or found
        items.append((path, item, resource.find("metadata")))
        if len(items) > QUESTIONS:
            break
    if version is None and not refused:
        raise ImportRefused(gettext_noop("The manifest names no items of QTI 2.1, 2.2 or 3.0."), manifest)
    title = " ".join((_lom(root.find("metadata"), "general", "title") or "").split())
    return _sifted(items, package, version or "qti30", title, refused)


def _sifted(
    items: Sequence[tuple[str, Element | None, Element | None]],
    package: _Package,
    version: str,
    title: str,
    refused: Sequence[Refused] = (),
) -> Reading:
    questions: list[ReadQuestion] = []
    bad = list(refused)
    for path, root, metadata in items:
        if root is None:
            continue
        try:
            _plain(root)
            questions.append(_Item(root, path, package, metadata).question())
        except Unreadable as wrong:
            bad.append(Refused(path, wrong.message, excerpt(root.get("title", ""))))
        except ImportRefused as wrong:
            bad.append(Refused(path, wrong.message, excerpt(root.get("title", ""))))
    return sifted(version, questions, bad, title)


def _plain(root: Element) -> None:
    """Names without space and prefix, in small letters with strokes: qti-simple-choice and simpleChoice are the same."""
    for element in root.iter():
        if isinstance(element.tag, str):
            element.tag = _HUMP.sub(r"-\1", element.tag.rpartition("}")[2]).lower().removeprefix("qti-")
            for name in list(element.attrib):
                plain = _HUMP.sub(r"-\1", name.rpartition("}")[2]).lower()
                if plain != name:
                    element.attrib[plain] = element.attrib.pop(name)


def _lom(metadata: Element | None, *path: str) -> str:
    """The text of a LOM element by its path below <lom>, "" when it is not there."""
    lom = next(iter(metadata.iter("lom")), None) if metadata is not None else None
    found = lom.find("/".join(path)) if lom is not None else None
    if found is None:
        return ""
    return "".join(found.itertext())


@dataclass
class _Declared:
    """A response declaration: the right values, and points by value."""

    cardinality: str
    right: list[str] = made(default_factory=list)
    points: dict[str, Decimal] = made(default_factory=dict)


# Interactions that become a question, and what the others are called in the reason.
_KNOWN = frozenset(
    {"choice-interaction", "order-interaction", "match-interaction", "associate-interaction", "extended-text-interaction",
     "text-entry-interaction"}
)  # fmt: skip


class _Item:
    """One item in plain spelling."""

    def __init__(self, root: Element, path: str, package: _Package, metadata: Element | None) -> None:
        self._root = root
        self._path = path
        self._package = package
        self._metadata = metadata
        self._shelf = Shelf(lambda address: package.bytes_of(address, path))
        self._notes: list[str] = []
        self._declared = {row.get("identifier", ""): _declaration(row) for row in root.findall("response-declaration")}

    def question(self) -> ReadQuestion:
        """The question. Raises Unreadable."""
        root = self._root
        if root.get("adaptive") in ("true", "1"):
            raise Unreadable(_("An adaptive item asks in several steps; that is not kept here."))
        if root.find("template-declaration") is not None or root.find("template-processing") is not None:
            raise Unreadable(_("The item is made anew with random values each time; that is not kept here."))
        body = root.find("item-body")
        if body is None:
            raise Unreadable(_("The item has no body."))
        _not_too_deep(body)
        asked = [
            element
            for element in body.iter()
            if element.tag.endswith("-interaction") and element.tag != "end-attempt-interaction"
        ]
        self._judge(asked)
        model = self._rubrics(body)
        stimulus_uid, stimulus = self._stimulus()
        type_, options, key = self._answer(asked, model)
        stem = self._stem(body, asked)
        explanation = self._explanation()
        told = self._told()
        return ReadQuestion(
            where=self._path,
            type=type_,
            stem=stem,
            key=key,
            options=options,
            explanation=explanation,
            marks=None if told.get("marks") == "unset" else self._marks(),
            stimulus=stimulus,
            stimulus_uid=stimulus_uid,
            uid=_uid(root.get("identifier", "")),
            level=words.level_of(told.get("level", "")),
            topic=told.get("topic", ""),
            step=Step(told["step"]) if told.get("step") in set(Step) else None,
            difficulty=self._difficulty(),
            clause=self._related("isbasedon"),
            law={"yes": True, "no": False}.get(told.get("law", "")),
            source=self._related("ispartof"),
            uncertain=told.get("uncertain") == "yes",
            files=tuple(self._shelf.files.items()),
        )

    def _judge(self, asked: Sequence[Element]) -> None:
        for element in asked:
            if element.tag not in _KNOWN:
                raise Unreadable(_("Interactions of the kind “%(kind)s” are not kept here.") % {"kind": element.tag})
        if not asked:
            raise Unreadable(_("The item asks nothing."))
        if len(asked) > 1 and {element.tag for element in asked} != {"text-entry-interaction"}:
            raise Unreadable(_("The item asks several questions at once; make an item of each."))
        for element in self._root.iter("printed-variable"):
            raise Unreadable(
                _("The item shows a value that is only known later (%(name)s).")
                % {"name": element.get("identifier", "")}
            )

    def _text(self, element: Element) -> str:
        return to_text(xml_events(element), self._shelf)

    def _rubrics(self, body: Element) -> str:
        """The model answer told to scorers. Blocks for others than candidates are taken out of the text."""
        model = []
        for block in body.iter("rubric-block"):
            views = set(block.get("view", "").split())
            if "scorer" in views:
                model.append(self._text(block))
            if "candidate" not in views and views:
                _drop(block)
        for feedback in (*body.iter("feedback-inline"), *body.iter("feedback-block")):
            said = self._text(feedback)
            if said.strip():
                self._notes.append(said)
            _drop(feedback)
        return "\n".join(model)

    def _stimulus(self) -> tuple[UUID | None, str]:
        named, texts = None, []
        for reference in self._root.iter("assessment-stimulus-ref"):
            href = reference.get("href", "")
            found = self._package.stimulus(href, self._path)
            if found is None:
                raise Unreadable(_("The shared material %(name)s is not in what was given.") % {"name": href[:80]})
            path, root = found
            body = root.find("stimulus-body")
            if body is None:
                raise Unreadable(_("The shared material %(name)s is not in what was given.") % {"name": href[:80]})
            _not_too_deep(body)
            named = named or _uid(root.get("identifier", ""))
            self._shelf.look(lambda address, path=path: self._package.bytes_of(address, path))  # type: ignore[misc]
            texts.append(self._text(body))
        self._shelf.look(lambda address: self._package.bytes_of(address, self._path))
        return (named if len(texts) == 1 else None), "\n".join(texts)

    def _stem(self, body: Element, asked: Sequence[Element]) -> str:
        for element in asked:
            prompts = element.findall("prompt")
            tail = element.tail
            if element.tag == "text-entry-interaction":
                element.clear()
                element.tag, element.text, element.tail = "span", BLANK, tail
                continue
            for child in list(element):
                if child not in prompts:
                    element.remove(child)
            element.tag = "div"
            for prompt in prompts:
                prompt.tag = "div"
        return self._text(body)

    def _answer(self, asked: Sequence[Element], model: str) -> tuple[QuestionType, tuple[Option, ...], Key]:
        first = asked[0]
        if first.tag == "text-entry-interaction":
            return QuestionType.FILL, (), Key(blanks=tuple(self._accepted(element) for element in asked))
        declared = self._declaration(first)
        if first.tag == "extended-text-interaction":
            return QuestionType.SHORT, (), Key(model=model or "\n".join(declared.right))
        if first.tag == "match-interaction":
            return self._matched(first, declared)
        if first.tag == "associate-interaction":
            return self._associated(first, declared)
        return self._chosen(first, declared)

    def _declaration(self, element: Element) -> _Declared:
        declared = self._declared.get(element.get("response-identifier", ""))
        if declared is None:
            raise Unreadable(_("The item declares no answer for its question."))
        return declared

    def _accepted(self, element: Element) -> tuple[str, ...]:
        declared = self._declaration(element)
        most = max(declared.points.values(), default=Decimal(0))
        if any(0 < points < most for points in declared.points.values()):
            raise Unreadable(_("An answer is worth a part of the marks; here a text is right or it is not."))
        mapped = [text for text, points in declared.points.items() if points > 0]
        return tuple(dict.fromkeys([*declared.right, *mapped]))

    def _choices(self, elements: Sequence[Element]) -> list[tuple[str, str]]:
        if len(elements) > len(_LETTERS):
            raise Unreadable(_("There are %(count)s options; between 2 and 12 are allowed.") % {"count": len(elements)})
        return [(element.get("identifier", ""), self._text(element)) for element in elements]

    def _chosen(self, element: Element, declared: _Declared) -> tuple[QuestionType, tuple[Option, ...], Key]:
        choices = self._choices(element.findall("simple-choice"))
        letters = {identifier: _LETTERS[i] for i, (identifier, _text) in enumerate(choices)}
        right = self._right(declared)
        if element.tag == "order-interaction":
            key = Key(choices=tuple(letters.get(one, one) for one in right))
            return QuestionType.ORDERING, _lettered(choices), key
        if declared.cardinality == "single":
            truth = self._truth(choices, right)
            if truth is not None:
                return QuestionType.TRUE_FALSE, (), Key(truth=truth)
            return QuestionType.SINGLE, _lettered(choices), Key(choices=tuple(letters.get(one, one) for one in right))
        chosen = {letters.get(one, one) for one in right}
        return QuestionType.MULTIPLE, _lettered(choices), Key(choices=tuple(sorted(chosen)))

    def _right(self, declared: _Declared) -> list[str]:
        """The right values: as declared, else by points. Raises Unreadable where the two contradict each other."""
        positive = [value for value, points in declared.points.items() if points > 0]
        if declared.right:
            if declared.cardinality == "multiple" and positive and set(positive) != set(declared.right):
                raise Unreadable(_("The declared answer and the points contradict each other."))
            return declared.right
        if declared.cardinality == "single" and positive:
            return [max(positive, key=lambda value: declared.points[value])]
        return positive

    def _truth(self, choices: Sequence[tuple[str, str]], right: Sequence[str]) -> bool | None:
        """Whether a choice of two is one of true and false, and which is right."""
        if len(choices) != 2 or len(right) != 1 or right[0] not in dict(choices):
            return None
        said = {identifier: identifier.lower() for identifier, _text in choices}
        if set(said.values()) == {"true", "false"}:
            return said[right[0]] == "true"
        if self._root.get("tool-name") == TOOL:
            return None  # ours says so by its identifiers
        meant = {identifier: words.truth_of(text) for identifier, text in choices}
        return meant[right[0]] if set(meant.values()) == {True, False} else None

    def _matched(self, element: Element, declared: _Declared) -> tuple[QuestionType, tuple[Option, ...], Key]:
        sets = element.findall("simple-match-set")
        if len(sets) != 2:
            raise Unreadable(_("A matching question has two sets of items."))
        left, right = (self._choices(one.findall("simple-associable-choice")) for one in sets)
        return self._paired(left, right, [pair.split() for pair in self._right(declared)])

    def _associated(self, element: Element, declared: _Declared) -> tuple[QuestionType, tuple[Option, ...], Key]:
        choices = dict(self._choices(element.findall("simple-associable-choice")))
        pairs = [pair.split() for pair in self._right(declared)]
        first = [pair[0] for pair in pairs if len(pair) == 2]
        if set(first) & {pair[1] for pair in pairs if len(pair) == 2}:
            raise Unreadable(_("An item stands on both sides of the pairs."))
        left = [(one, text) for one, text in choices.items() if one in first]
        right = [(one, text) for one, text in choices.items() if one not in first]
        return self._paired(left, right, pairs)

    def _paired(
        self, left: Sequence[tuple[str, str]], right: Sequence[tuple[str, str]], pairs: Sequence[Sequence[str]]
    ) -> tuple[QuestionType, tuple[Option, ...], Key]:
        numbers = {one: str(i) for i, (one, _text) in enumerate(left, start=1)}
        letters = {one: _LETTERS[i] for i, (one, _text) in enumerate(right)}
        options = [Option(numbers[one], text) for one, text in left] + [
            Option(letters[one], text) for one, text in right
        ]
        found = [(numbers.get(pair[0], pair[0]), letters.get(pair[1], pair[1])) for pair in pairs if len(pair) == 2]
        order = list(numbers.values())
        found.sort(key=lambda pair: order.index(pair[0]) if pair[0] in order else len(order))
        return QuestionType.MATCHING, tuple(options), Key(pairs=tuple(found))

    def _explanation(self) -> str:
        said = [self._text(feedback) for feedback in self._root.findall("modal-feedback")]
        return "\n".join(dict.fromkeys(text for text in [*said, *self._notes] if text.strip()))

    def _marks(self) -> Decimal | None:
        for outcome in self._root.findall("outcome-declaration"):
            if outcome.get("identifier") == "MAXSCORE":
                return _number(outcome.findtext("default-value/value"))
        for outcome in self._root.findall("outcome-declaration"):
            if outcome.get("identifier") == "SCORE" and outcome.get("normal-maximum"):
                return _number(outcome.get("normal-maximum"))
        return None

    def _told(self) -> Mapping[str, str]:
        """What our own metadata say, by name; topic codes of ours from others as well."""
        told: dict[str, str] = {}
        if self._metadata is not None:
            for path in self._metadata.iter("taxon-path"):
                name = "".join("".join(one.itertext()) for one in path.findall("source")).strip()
                value = path.findtext("taxon/id") or ""
                if name.startswith("kaibo:"):
                    told[name.removeprefix("kaibo:")] = value
        return told

    def _difficulty(self) -> int | None:
        said = _lom(self._metadata, "educational", "difficulty", "value").strip().lower()
        return DIFFICULTIES.index(said) + 1 if said in DIFFICULTIES else None

    def _related(self, kind: str) -> str:
        """The words of a LOM relation of a kind, "" without one."""
        lom = next(iter(self._metadata.iter("lom")), None) if self._metadata is not None else None
        for relation in lom.iter("relation") if lom is not None else ():
            if (relation.findtext("kind/value") or "").strip() == kind:
                return relation.findtext("resource/description/string") or ""
        return ""


def _declaration(row: Element) -> _Declared:
    declared = _Declared(row.get("cardinality", "single"))
    declared.right = [_value(value.text) for value in row.findall("correct-response/value")]
    for entry in row.findall("mapping/map-entry"):
        declared.points[_value(entry.get("map-key"))] = _number(entry.get("mapped-value")) or Decimal(0)
    return declared


def _value(text: str | None) -> str:
    return " ".join((text or "").split()) if "\n" not in (text or "").strip() else (text or "").strip()


def _number(text: str | None) -> Decimal | None:
    if not (text or "").strip():
        return None
    told = decimal_of(text or "")
    if told is None:
        raise Unreadable(_("A number is expected here."))
    return told


def _lettered(choices: Sequence[tuple[str, str]]) -> tuple[Option, ...]:
    return tuple(Option(_LETTERS[i], text) for i, (_identifier, text) in enumerate(choices))


def _uid(identifier: str) -> UUID | None:
    found = _UUID.fullmatch(identifier)
    return UUID(found.group(1)) if found else None


def _drop(element: Element) -> None:
    tail = element.tail
    element.clear()
    element.tag, element.tail = _DROPPED, tail


def _not_too_deep(element: Element) -> None:
    level, depth = [element], 0
    while level:
        depth += 1
        if depth > _DEEPEST:
            raise Unreadable(_("The text is nested too deep."))
        level = [child for one in level for child in one]
