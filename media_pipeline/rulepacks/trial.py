"""A pack tried on its own sentences and on texts made to hurt its patterns. Pure; run in a child of limited CPU.

Child: `python -I child_entry.py media_pipeline.rulepacks.trial` reads a document (JSON) on standard input, names each
rule before its patterns run (so that who killed it knows which), and ends with the outcome as one line of JSON.
"""

import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Any

from media_pipeline.rulepacks.api import matcher_of
from media_pipeline.rulepacks.check import check, untimed
from media_pipeline.rulepacks.document import Document, Parts, expanded, read_document, tree_of
from media_pipeline.rulepacks.scoring import score

MIN_RECALL, MAX_FALSE_ALARMS = 0.95, 0.03
# Two hours of speech (domain); a pack that needs longer than this for it is not published.
_TRANSCRIPT = 26_000
MAX_SECONDS = 2.0
_PUMPED = 1200
_LITERALS = 24


def is_held_out(name: str) -> bool:
    """Sets of this name are measured, never shown sentence by sentence."""
    return name.endswith("set-aside")


def trial(document: Document, say: Callable[[str], None] = lambda _rule: None) -> dict[str, Any]:
    """Outcome: `passed`; `seconds` for two hours of speech; `sets`: name → figures by category, whether it passed, and
    for sets that are not held out the ids missed and wrongly flagged. Raises PackFault."""
    parts = read_document(document)
    for rule, row in zip(parts.rules, document["rules"], strict=True):
        say(rule.id)
        for pattern, source in zip(rule.patterns, row["patterns"], strict=True):
            for text in hurting(expanded(source, document["words"])):
                for _match in pattern.finditer(text):
                    pass
    say("sentences")
    pack = matcher_of(parts)
    sets = {name: _set(name, parts, lambda row: check(pack, row.text, row.product)) for name in parts.sentences}
    say("speed")
    seconds = _seconds(parts)
    passed = all(one["passed"] for one in sets.values()) and seconds <= MAX_SECONDS
    return {"passed": passed, "seconds": round(seconds, 3), "sets": sets}


def hurting(pattern: str) -> Iterator[str]:
    """Texts near to what a pattern wants, over and over, that end otherwise."""
    literals = _literals(tree_of(pattern))
    whole = "".join(literals)
    for unit in dict.fromkeys((whole, whole[: len(whole) // 2], *literals[:_LITERALS])):
        if unit:
            yield unit * (_PUMPED // len(unit) + 1) + "〇"


def _literals(tree: Any) -> list[str]:
    found: list[str] = []
    for code, argument in tree:
        name = str(code)
        if name == "LITERAL":
            found.append(chr(argument))
        elif name == "IN":
            found += [chr(item[1]) for item in argument if str(item[0]) == "LITERAL"][:2]
            found += [chr(item[1][0]) for item in argument if str(item[0]) == "RANGE"][:1]
        elif name not in ("ASSERT", "ASSERT_NOT", "NOT_LITERAL", "AT", "ANY"):
            for part in _subtrees(argument):
                found += _literals(part)
    return found


def _subtrees(argument: Any) -> Iterator[Any]:
    if hasattr(argument, "data"):
        yield argument
    elif isinstance(argument, tuple | list):
        for item in argument:
            yield from _subtrees(item)


def _set(name: str, parts: Parts, find: Callable[..., Any]) -> dict[str, Any]:
    result = score(parts.sentences[name], find)
    total, held = result.total, is_held_out(name)
    if held:
        passed = total.recall >= MIN_RECALL and total.false_alarms <= MAX_FALSE_ALARMS
    else:
        passed = not result.missed and not result.alarmed
    return {
        "passed": passed,
        "held_out": held,
        "total": asdict(total),
        "categories": {category: asdict(figures) for category, figures in result.by_category.items()},
        "missed": [] if held else list(result.missed),
        "alarmed": [] if held else list(result.alarmed),
    }


def _seconds(parts: Parts) -> float:
    texts = [row.text for rows in parts.sentences.values() for row in rows] or ["大家好"]
    whole = "".join(texts) * (_TRANSCRIPT // len("".join(texts)) + 1)
    lines = [untimed(at // 20, whole[at : at + 20]) for at in range(0, _TRANSCRIPT, 20)]
    pack, started = matcher_of(parts), time.process_time()
    pack.find(lines, None)
    return time.process_time() - started


def main() -> None:
    def say(rule: str) -> None:
        sys.stdout.write(f"{rule}\n")
        sys.stdout.flush()

    sys.stdout.write(json.dumps(trial(json.load(sys.stdin), say), ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
