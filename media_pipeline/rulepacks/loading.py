"""Reading a rule pack from its data files; the version is the hash of what was read."""

import csv
import hashlib
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from media_pipeline.rulepacks.types import Excuses, Rule, StatementRule
from media_pipeline.stages.types import Severity

DATA = Path(__file__).with_name("data")
FILES = ("flag-terms.csv", "patterns.yaml", "exceptions.yaml", "statements.yaml")
# Raised when the matcher reads the same data differently.
MATCHER_REVISION = 1


@lru_cache
def content_hash(folder: Path = DATA) -> str:
    """First 12 hex digits of the sha256 over all data files and the matcher's revision."""
    digest = hashlib.sha256(str(MATCHER_REVISION).encode())
    for name in FILES:
        digest.update((folder / name).read_bytes())
    return digest.hexdigest()[:12]


def load_rules(folder: Path = DATA) -> tuple[Rule, ...]:
    """All rules. Raises ValueError where a pattern names no rule or is no regular expression."""
    patterns: dict[str, list[str]] = _yaml(folder / "patterns.yaml")
    with (folder / "flag-terms.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    unknown = patterns.keys() - {row["id"] for row in rows}
    if unknown:
        raise ValueError(f"patterns.yaml names rules that are not there: {', '.join(sorted(unknown))}")
    return tuple(_rule(row, patterns.get(row["id"], [])) for row in rows)


def load_excuses(folder: Path = DATA) -> Excuses:
    data: dict[str, Any] = _yaml(folder / "exceptions.yaml")
    negation, quotation = data["negation"], data["quotation"]
    return Excuses(
        stretches={key: tuple(compiled(text) for text in texts) for key, texts in data["stretches"].items()},
        negation_reach=negation["reach"],
        negations=compiled("|".join(f"(?:{text})" for text in negation["before"])),
        turn=compiled(negation["turn"]),
        denial=compiled(negation["after"]),
        deaf=frozenset(negation["deaf"]),
        quotation_reach=quotation["reach"],
        reporter=compiled(quotation["before"]),
        refutation=compiled(quotation["after"]),
    )


def load_statements(folder: Path = DATA) -> tuple[StatementRule, ...]:
    return tuple(
        StatementRule(
            id=item["id"],
            zh=item["zh"],
            en=item["en"],
            applies=frozenset(item["applies"]),
            patterns=tuple(compiled(text) for text in item["patterns"]),
            across=tuple(compiled(text) for text in item.get("across", [])),
            when=compiled(item["when"]) if "when" in item else None,
        )
        for item in _yaml(folder / "statements.yaml")
    )


def compiled(pattern: str) -> re.Pattern[str]:
    """A pattern in the alphabet of a stream: Chinese digits are written 0-9 in both."""
    return re.compile(plain_pattern(pattern))


def plain_pattern(pattern: str) -> str:
    """Digits translated only: the rest of a pattern is syntax. Patterns are written in simplified script, lower case."""
    return pattern.translate(str.maketrans("零〇一二三四五六七八九两幺", "0012345678921"))


def _rule(row: dict[str, str], patterns: list[str]) -> Rule:
    zh, _, en = row["category_name"].partition(" ")
    law, law_note = _law(row["law"])
    return Rule(
        id=row["id"],
        category=row["category"],
        category_name=zh,
        category_name_en=en,
        law=law,
        law_note=law_note,
        term=row["term"],
        severity=Severity(row["severity"]),
        scope=row["scope"],
        patterns=tuple(compiled(text) for text in patterns),
    )


def _law(cited: str) -> tuple[str, str]:
    """(clauses without source tags, those of them nobody has checked: tagged [K])."""
    parts = [part.strip() for part in re.split(r";\s*", cited)]
    bare = [re.sub(r"\s*\[[^\]]*\]", "", part).strip().replace("exceptions ", "例外见") for part in parts]
    unchecked = [name for name, part in zip(bare, parts, strict=True) if re.search(r"\[[^\]]*K", part)]
    return "；".join(bare), "；".join(unchecked)


def _yaml(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))
