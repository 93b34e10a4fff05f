"""A rule pack as one document: what is stored, edited, compared and published. Pure.

format      1
categories  code → {zh, en, law, law_note, rewording}
words       name → expression that patterns share as <name>
rules       [{id, category, term, severity, scope, patterns, rewording, from, until}]
exceptions  as exceptions.yaml
statements  as statements.yaml
sentences   name of a set → labelled sentences; a set whose name ends in `set-aside` is never shown sentence by sentence
"""

import hashlib
import json
import re
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from lms.core.types import ProductKind
from media_pipeline.rulepacks.scoring import Sentence, sentence_of
from media_pipeline.rulepacks.types import Excuses, Rule, StatementRule
from media_pipeline.stages.types import Severity

Document = Mapping[str, Any]
FORMAT = 1
# Raised when the matcher reads the same document differently.
MATCHER_REVISION = 4
SCOPES = ("all", "food", "cosmetics", "alcohol")
MAX_PATTERN = 3000
MAX_PATTERNS = 30
MAX_RULES = 2000
MAX_SENTENCES = 20_000
_ID = re.compile(r"([A-Z]{2,8})-\d{2,3}")
_UNBOUNDED = 100
_WORDS_IN_WORDS = 4


@dataclass(frozen=True)
class Fault:
    """What is wrong (a code of `FAULTS`) and where: a rule's id, a sentence's id, or the name of a part."""

    where: str
    code: str
    detail: str = ""


FAULTS = frozenset(
    "format lacks many id twice term severity scope patterns dates order unreadable sentence marks"
    " syntax word long empty endless backreference".split()
)


class PackFault(Exception):
    """A document that is no pack."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(f"{fault.where}: {fault.code} {fault.detail}".strip() for fault in faults))
        self.faults = tuple(faults)


@dataclass(frozen=True)
class Parts:
    """A document, read: ready for a matcher and for its tests."""

    version: str
    rules: tuple[Rule, ...]
    excuses: Excuses
    statements: tuple[StatementRule, ...]
    sentences: Mapping[str, tuple[Sentence, ...]]


def canonical(document: Document) -> str:
    """The same text for the same content."""
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def document_hash(document: Document) -> str:
    """SHA-256 of the content (64 hex digits)."""
    return hashlib.sha256(canonical(document).encode()).hexdigest()


def version_of(document: Document, on: date | None) -> str:
    """First 12 hex digits over content, the rules out of force on that day, and the matcher's revision."""
    asleep = [rule["id"] for rule in document["rules"] if not in_force(rule, on)]
    return hashlib.sha256(f"{MATCHER_REVISION}{asleep}{canonical(document)}".encode()).hexdigest()[:12]


def in_force(rule: Mapping[str, Any], on: date | None) -> bool:
    """Between its dates, both included; without a day all are."""
    if on is None:
        return True
    first, last = rule.get("from"), rule.get("until")
    return (not first or date.fromisoformat(first) <= on) and (not last or on <= date.fromisoformat(last))


def read_document(document: Document, on: date | None = None) -> Parts:
    """Raises PackFault with everything that is wrong."""
    faults = list(_faults(document))
    if faults:
        raise PackFault(faults)
    words = document["words"]
    return Parts(
        version=version_of(document, on),
        rules=tuple(_rule(row, document["categories"], words) for row in document["rules"] if in_force(row, on)),
        excuses=_excuses(document["exceptions"]),
        statements=tuple(_statement(row) for row in document["statements"]),
        sentences={name: tuple(sentence_of(row) for row in rows) for name, rows in document["sentences"].items()},
    )


# Patterns ----------------------------------------------------------------------------------------------------------------


def expanded(pattern: str, words: Mapping[str, str]) -> str:
    """`<rival>` replaced by the shared word of that name, which may hold words itself. Raises ValueError where there is
    none, or where words hold each other."""

    def word(match: re.Match[str]) -> str:
        try:
            return words[match[1]]
        except KeyError:
            raise ValueError(f"there is no word <{match[1]}>") from None

    for _depth in range(_WORDS_IN_WORDS):
        filled = re.sub(r"<([a-z_][a-z_0-9]*)>", word, pattern)
        if filled == pattern:
            return pattern
        pattern = filled
    raise ValueError("words hold each other")


def compiled(pattern: str) -> re.Pattern[str]:
    """A pattern in the alphabet of a stream: Chinese digits are written 0-9 in both."""
    return re.compile(plain_pattern(pattern))


def plain_pattern(pattern: str) -> str:
    """Digits translated only: the rest of a pattern is syntax. Patterns are written in simplified script, lower case."""
    return pattern.translate(str.maketrans("零〇一二三四五六七八九两幺", "0012345678921"))


def pattern_fault(pattern: str) -> tuple[str, str] | None:
    """Why an expression is not taken: (code, detail).

    Refused without running it: what does not compile, backreferences, a repetition without end inside another. What
    is left may still be slow (`(?:a|a)*b`): `trial` runs it on texts made to hurt it, in a child of limited CPU.
    """
    if len(pattern) > MAX_PATTERN:
        return "long", str(MAX_PATTERN)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            found = compiled(pattern)
    except (re.error, OverflowError, RecursionError, Warning) as error:
        return "syntax", f"{pattern}: {error}"
    if found.match(""):
        return "empty", pattern
    code = _loops(tree_of(pattern), endless=False)
    return (code, pattern) if code else None


def tree_of(pattern: str) -> Any:
    """The syntax tree that `re` itself runs."""
    from re import _parser  # type: ignore[attr-defined]  # no public name, none other tells what `re` will do

    return _parser.parse(plain_pattern(pattern))


def _loops(tree: Any, *, endless: bool) -> str:
    for code, argument in tree:
        name = str(code)
        if name.startswith("GROUPREF"):
            return "backreference"
        inner = endless
        if name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
            inner = argument[1] > _UNBOUNDED
            if inner and endless:
                return "endless"
            inner = inner or endless
        for part in _parts(argument):
            fault = _loops(part, endless=inner)
            if fault:
                return fault
    return ""


def _parts(argument: Any) -> Iterator[Any]:
    """The subtrees of one node."""
    if hasattr(argument, "data"):
        yield argument
    elif isinstance(argument, tuple | list):
        for item in argument:
            yield from _parts(item)


# Reading -----------------------------------------------------------------------------------------------------------------


def _rule(row: Mapping[str, Any], categories: Mapping[str, Any], words: Mapping[str, str]) -> Rule:
    category = categories[row["category"]]
    return Rule(
        id=row["id"],
        category=row["category"],
        category_name=category["zh"],
        category_name_en=category["en"],
        law=category["law"],
        law_note=category["law_note"],
        term=row["term"],
        severity=Severity(row["severity"]),
        scope=row["scope"],
        patterns=tuple(compiled(expanded(text, words)) for text in row["patterns"]),
        rewording=row.get("rewording") or category["rewording"],
    )


def _excuses(data: Mapping[str, Any]) -> Excuses:
    negation, forbidden, warning, quotation = (data[key] for key in ("negation", "forbidden", "warning", "quotation"))
    return Excuses(
        stretches={key: tuple(compiled(text) for text in texts) for key, texts in data["stretches"].items()},
        negations=tuple(
            (group["reach"], compiled("|".join(f"(?:{text})" for text in group["words"])))
            for group in negation["before"]
        ),
        turn=compiled(negation["turn"]),
        negated_within=compiled(negation["within"]),
        denial=compiled(negation["after"]),
        denial_beyond=compiled(negation["sentence"]),
        deaf=frozenset(negation["deaf"]),
        forbidden_reach=forbidden["reach"],
        forbidden=compiled(forbidden["before"]),
        forbidden_turn=compiled(forbidden["turn"]),
        warned=frozenset(warning["categories"]),
        warning_before=compiled(warning["before"]),
        warning_after=compiled(warning["after"]),
        quotation_reach=quotation["reach"],
        reporter=compiled(quotation["before"]),
        refutation=compiled(quotation["after"]),
        # Packs written before these were known have none.
        judgements=tuple(
            (frozenset(group["categories"]), compiled(group["after"]), compiled(group["unless"]))
            for group in data.get("judged", ())
        ),
    )


def _statement(item: Mapping[str, Any]) -> StatementRule:
    return StatementRule(
        id=item["id"],
        zh=item["zh"],
        en=item["en"],
        applies=frozenset(item["applies"]),
        patterns=tuple(compiled(text) for text in item["patterns"]),
        across=tuple(compiled(text) for text in item.get("across", [])),
        when=compiled(item["when"]) if "when" in item else None,
        declared_ai=bool(item.get("declared_ai", False)),
        words=tuple(str(word) for word in item.get("words", [])),
    )


# Faults ------------------------------------------------------------------------------------------------------------------


def _faults(document: Document) -> Iterator[Fault]:
    if document.get("format") != FORMAT:
        yield Fault("format", "format")
        return
    missing = {"categories", "words", "rules", "exceptions", "statements", "sentences"} - document.keys()
    if missing:
        yield Fault("pack", "lacks", ", ".join(sorted(missing)))
        return
    if len(document["rules"]) > MAX_RULES:
        yield Fault("rules", "many", str(MAX_RULES))
        return
    twice = {key for key, count in Counter(row.get("id") for row in document["rules"]).items() if count > 1}
    for row in document["rules"]:
        key = str(row.get("id"))
        if key in twice:
            yield Fault(key, "twice")
        yield from (Fault(key, code, detail) for code, detail in rule_faults(row, document))
    yield from _part_faults(document)
    yield from _sentence_faults(document)


def rule_faults(row: Mapping[str, Any], document: Document) -> Iterator[tuple[str, str]]:
    """(code, detail) of everything wrong with one rule of a document."""
    match = _ID.fullmatch(str(row.get("id")))
    if not match or match[1] != row.get("category") or row["category"] not in document["categories"]:
        yield "id", ""
    if not str(row.get("term") or "").strip():
        yield "term", ""
    if row.get("severity") not in set(Severity):
        yield "severity", ""
    if row.get("scope") not in SCOPES:
        yield "scope", ""
    if len(row["patterns"]) > MAX_PATTERNS:
        yield "patterns", str(MAX_PATTERNS)
    for pattern in row["patterns"]:
        try:
            fault = pattern_fault(expanded(pattern, document["words"]))
        except ValueError as error:
            fault = ("word", f"{pattern}: {error}")
        if fault:
            yield fault
    try:
        first, last = (row.get(name) and date.fromisoformat(row[name]) for name in ("from", "until"))
    except (ValueError, TypeError):
        yield "dates", ""
    else:
        if first and last and last < first:
            yield "order", ""


def _part_faults(document: Document) -> Iterator[Fault]:
    for name in ("exceptions", "statements"):
        for text in _expressions(document[name]):
            try:
                code = _loops(tree_of(text), endless=False)
            except (re.error, RecursionError, OverflowError) as error:
                yield Fault(name, "syntax", f"{text}: {error}")
            else:
                if code:
                    yield Fault(name, code, text)
    try:
        _excuses(document["exceptions"])
        for row in document["statements"]:
            _statement(row)
    except (KeyError, TypeError, AttributeError, ValueError, re.error) as error:
        yield Fault("exceptions", "unreadable", repr(error))


def _expressions(part: Any) -> Iterator[str]:
    """Everything in exceptions or statements that is read as an expression."""
    if isinstance(part, str):
        yield part
    elif isinstance(part, list):
        for item in part:
            yield from _expressions(item)
    elif isinstance(part, dict):
        for key, item in part.items():
            if key not in ("id", "zh", "en", "applies", "deaf", "categories", "reach", "declared_ai"):
                yield from _expressions(item)


def _sentence_faults(document: Document) -> Iterator[Fault]:
    if sum(len(rows) for rows in document["sentences"].values()) > MAX_SENTENCES:
        yield Fault("sentences", "many", str(MAX_SENTENCES))
        return
    seen: set[str] = set()
    for row in (row for rows in document["sentences"].values() for row in rows):
        key = str(row.get("id"))
        if key in seen:
            yield Fault(key, "twice")
        seen.add(key)
        text = row.get("text")
        if not isinstance(text, str) or not text or row.get("product") not in {None, *ProductKind}:
            yield Fault(key, "sentence")
        elif any(text[flag["start"] : flag["end"]] != flag["text"] for flag in row["flags"]):
            yield Fault(key, "marks")


# Comparing ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class RuleChange:
    """One rule in two packs: field → (before, after); a rule that is new or gone has all its fields."""

    id: str
    kind: str
    fields: Mapping[str, tuple[Any, Any]]


@dataclass(frozen=True)
class Difference:
    """Two packs compared. `parts`: names of the other parts that differ; `sentences`: (added, gone)."""

    rules: tuple[RuleChange, ...]
    parts: tuple[str, ...]
    sentences: tuple[int, int]

    def __bool__(self) -> bool:
        return bool(self.rules or self.parts or any(self.sentences))


def difference(before: Document, after: Document) -> Difference:
    """What a pack has that another had not."""
    old, new = ({row["id"]: row for row in document["rules"]} for document in (before, after))
    changes = []
    for key in sorted(old.keys() | new.keys()):
        was, now = old.get(key, {}), new.get(key, {})
        fields = {
            name: (was.get(name), now.get(name))
            for name in ("category", "term", "severity", "scope", "patterns", "rewording", "from", "until")
            if was.get(name) != now.get(name)
        }
        if fields:
            changes.append(RuleChange(key, "changed" if was and now else "added" if now else "gone", fields))
    said = [{canonical(row) for rows in document["sentences"].values() for row in rows} for document in (before, after)]
    return Difference(
        tuple(changes),
        tuple(name for name in ("categories", "words", "exceptions", "statements") if before[name] != after[name]),
        (len(said[1] - said[0]), len(said[0] - said[1])),
    )
