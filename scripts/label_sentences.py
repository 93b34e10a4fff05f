"""Labelled sentences for the compliance rules: marked-up text in, JSON lines with offsets out.

The mark-up is `media_pipeline.rulepacks.labelling`'s.
With `--seed` the sentences are dealt into a tuning half and a set-aside half, within each
category and kind; without it all go to one file.
"""

import argparse
import json
import random
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from media_pipeline.rulepacks.labelling import sentences

SHIPPED = ROOT / "media_pipeline" / "rulepacks" / "data" / "sentences"


def dealt(rows: list[dict[str, Any]], seed: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """(tuning, set aside): every group of category, kind and sound is shuffled and cut in two."""
    groups = defaultdict[tuple[str, str, bool], list[dict[str, Any]]](list)
    for row in rows:
        groups[row["category"], row["kind"], row["difficulty"] == "sound"].append(row)
    chance = random.Random(seed)  # noqa: S311 (nothing secret: the deal must be repeatable)
    aside, turn = set[str](), 0
    for key in sorted(groups):
        group = [row["id"] for row in groups[key]]
        chance.shuffle(group)
        # An odd one goes to either side in turn.
        cut = (len(group) + turn) // 2
        turn ^= len(group) % 2
        aside.update(group[:cut])
    return [row for row in rows if row["id"] not in aside], [row for row in rows if row["id"] in aside]


def write(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    must = sum(row["kind"] == "must" for row in rows)
    print(f"{path.name}: {len(rows)} sentences, {must} must, {len(rows) - must} near")


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=Path)
    parser.add_argument("--prefix", required=True, help="begins every id")
    parser.add_argument("--seed", type=int, help="deal into tuning and set-aside by this seed")
    parser.add_argument("--name", default="", help="begins the names of the files written")
    options = parser.parse_args(arguments)
    rows = list(sentences(options.source.read_text("utf-8"), options.prefix))
    if options.seed is None:
        write(SHIPPED / f"{options.name}.jsonl", rows)
        return
    tuning, aside = dealt(rows, options.seed)
    write(SHIPPED / f"{options.name}-tuning.jsonl", tuning)
    write(SHIPPED / f"{options.name}-set-aside.jsonl", aside)


if __name__ == "__main__":
    main(sys.argv[1:])
