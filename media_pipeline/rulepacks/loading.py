"""The shipped pack: data files read into one document."""

import csv
import json
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from media_pipeline.rulepacks.document import FORMAT, Document, read_document, version_of
from media_pipeline.rulepacks.types import Rule

DATA = Path(__file__).with_name("data")


@lru_cache(maxsize=4)
def shipped_document(folder: Path = DATA) -> Document:
    """The document of the files in `folder`. Raises ValueError where a pattern or rewording names no rule."""
    patterns, frames = _yaml(folder / "patterns.yaml"), _yaml(folder / "frames.yaml")
    said: dict[str, Any] = _yaml(folder / "categories.yaml")
    words: dict[str, str] = patterns.pop("words", {}) | frames.pop("words", {})
    for key, found in frames.items():
        patterns[key] = [*patterns.get(key, []), *found]
    with (folder / "flag-terms.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    rewordings = {key: text for entry in said.values() for key, text in entry.get("rules", {}).items()}
    unknown = (patterns.keys() | rewordings.keys()) - {row["id"] for row in rows}
    if unknown:
        raise ValueError(f"patterns or rewordings name rules that are not there: {', '.join(sorted(unknown))}")
    return {
        "format": FORMAT,
        "categories": {row["category"]: _category(row, said[row["category"]]["rewording"]) for row in rows},
        "words": words,
        "rules": [
            {
                "id": row["id"],
                "category": row["category"],
                "term": row["term"],
                "severity": row["severity"],
                "scope": row["scope"],
                "patterns": patterns.get(row["id"], []),
                "rewording": rewordings.get(row["id"], ""),
                "from": "",
                "until": "",
            }
            for row in rows
        ],
        "exceptions": _yaml(folder / "exceptions.yaml"),
        "statements": _yaml(folder / "statements.yaml"),
        "sentences": {
            path.stem: [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
            for path in sorted((folder / "sentences").glob("*.jsonl"))
        },
    }


def content_hash(folder: Path = DATA) -> str:
    """The version of the shipped pack: 12 hex digits over its content and the matcher's revision."""
    return version_of(shipped_document(folder), None)


def load_rules(folder: Path = DATA) -> tuple[Rule, ...]:
    """All rules of the shipped pack."""
    return read_document(shipped_document(folder)).rules


def _category(row: dict[str, str], rewording: str) -> dict[str, str]:
    zh, _, en = row["category_name"].partition(" ")
    law, law_note = _law(row["law"])
    return {"zh": zh, "en": en, "law": law, "law_note": law_note, "rewording": rewording}


def _law(cited: str) -> tuple[str, str]:
    """(clauses without source tags, those of them nobody has checked: tagged [K])."""
    parts = [part.strip() for part in re.split(r";\s*", cited)]
    bare = [re.sub(r"\s*\[[^\]]*\]", "", part).strip().replace("exceptions ", "例外见") for part in parts]
    unchecked = [name for name, part in zip(bare, parts, strict=True) if re.search(r"\[[^\]]*K", part)]
    return "；".join(bare), "；".join(unchecked)


def _yaml(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))
