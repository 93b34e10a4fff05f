"""Marked-up sentences into labelled ones, and back. Pure.

`# ABS` opens a category; every other line is one sentence:

    M core food 我是{大胃王}，今天五十个包子打底。 ;; note

`M` must be flagged inside the braces, `N` (near miss) must not be flagged at all; then difficulty (`core`, `hard`, or
`sound` for a homophone, which is only ever suspected), product kind or `-`, text, note. Offsets are characters of the
text without braces.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

LINE = re.compile(r"([MN]) (core|hard|sound) (\S+) (.*?)(?: ;; (.*))?")


def sentences(source: str, prefix: str) -> Iterator[dict[str, Any]]:
    """Raises ValueError naming the line where the mark-up is wrong."""
    category, numbers = "", defaultdict[str, int](int)
    for number, line in enumerate(source.splitlines(), 1):
        if not line.strip():
            continue
        if line.startswith("# "):
            category = line[2:].strip()
            continue
        match = LINE.fullmatch(line)
        if not match or not category:
            raise ValueError(f"line {number}: not a sentence: {line}")
        letter, difficulty, product, marked, note = match.groups()
        text, flags = unmarked(marked, category)
        if (letter == "M") != bool(flags):
            raise ValueError(f"line {number}: {'no span' if letter == 'M' else 'a span'} is marked")
        numbers[letter + category] += 1
        yield {
            "id": f"{prefix}-{letter}-{category}-{numbers[letter + category]:02}",
            "kind": "must" if letter == "M" else "near",
            "category": category,
            "difficulty": difficulty,
            "product": None if product == "-" else product,
            "text": text,
            "flags": flags,
            "note": note or "",
        }


def unmarked(marked: str, category: str) -> tuple[str, list[dict[str, Any]]]:
    text, flags, start = "", [], None
    for character in marked:
        if character == "{" and start is None:
            start = len(text)
        elif character == "}" and start is not None:
            flags.append({"category": category, "start": start, "end": len(text), "text": text[start:]})
            start = None
        elif character in "{}":
            raise ValueError(f"unbalanced braces: {marked}")
        else:
            text += character
    if start is not None:
        raise ValueError(f"unbalanced braces: {marked}")
    return text, flags


def marked_up(rows: Iterable[Mapping[str, Any]]) -> str:
    """Labelled sentences as people edit them."""
    lines, category = [], ""
    for row in rows:
        if row["category"] != category:
            category = row["category"]
            lines.append(f"# {category}")
        text = row["text"]
        for flag in sorted(row["flags"], key=lambda flag: -flag["start"]):
            text = f"{text[: flag['start']]}{{{flag['text']}}}{text[flag['end'] :]}"
        letter = "M" if row["flags"] else "N"
        note = f" ;; {row['note']}" if row["note"] else ""
        lines.append(f"{letter} {row['difficulty']} {row['product'] or '-'} {text}{note}")
    return "\n".join(lines)
