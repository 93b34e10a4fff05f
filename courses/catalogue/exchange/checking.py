"""What a writer is told about a folder of lessons: every fault with its line, and for each lesson what it holds."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from django.utils.translation import gettext_noop as _

from courses.catalogue.exchange.codec import Vocabulary, dump, load
from courses.catalogue.exchange.faults import Fault, Unreadable
from courses.catalogue.types import (
    CaseBlock,
    CheckBlock,
    LawBlock,
    LessonDocument,
    SayBlock,
    ScriptBlock,
    TaskBlock,
    TextBlock,
)

_CHINESE = re.compile("[\u3400-\u9fff]")


@dataclass(frozen=True)
class Checked:
    """One lesson file. characters: Chinese ones in running text and in cases, law, say and scripts; canonical: the file is
    its own export; text: that export."""

    path: Path
    faults: tuple[Fault, ...]
    document: LessonDocument | None
    characters: int = 0
    running: int = 0
    tasks: int = 0
    checks: int = 0
    cases: int = 0
    laws: int = 0
    canonical: bool = False
    text: str = ""


def check_lesson(path: Path, tags: Vocabulary | None, audiences: Vocabulary | None) -> Checked:
    """Read one lesson file; its pictures are looked for in `files/` beside the folder of its course."""
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8")
        document = load(text, file=path.as_posix(), files=_files(path), tags=tags, audiences=audiences)
    except UnicodeDecodeError:
        return Checked(path, (Fault(0, _("The file is not UTF-8."), file=path.as_posix()),), None)
    except Unreadable as refused:
        return Checked(path, refused.faults, None)
    blocks, canonical = document.blocks, dump(document)
    running = sum(chinese(block.text) for block in blocks if isinstance(block, TextBlock))
    told = sum(chinese(block.text) for block in blocks if isinstance(block, CaseBlock | LawBlock | ScriptBlock))
    said = sum(chinese(block.good + block.bad + block.why) for block in blocks if isinstance(block, SayBlock))
    return Checked(
        path=path,
        faults=(),
        document=document,
        characters=running + told + said,
        running=running,
        tasks=sum(isinstance(block, TaskBlock) for block in blocks),
        checks=sum(isinstance(block, CheckBlock) for block in blocks),
        cases=sum(isinstance(block, CaseBlock) for block in blocks),
        laws=sum(isinstance(block, LawBlock) for block in blocks),
        canonical=text == canonical,
        text=canonical,
    )


def chinese(text: str) -> int:
    """How many Chinese characters a text has."""
    return len(_CHINESE.findall(text))


def _files(path: Path) -> Mapping[str, str]:
    folder = path.parent.parent / "files"
    return {each.name: sha256(each.read_bytes()).hexdigest() for each in sorted(folder.glob("*")) if each.is_file()}


def twice(checked: list[Checked]) -> list[Fault]:
    """Uids of lessons, tasks and questions that stand in two files."""
    seen: dict[str, Path] = {}
    faults = []
    for each in checked:
        if each.document is None:
            continue
        inner = [block.uid for block in each.document.blocks if isinstance(block, TaskBlock | CheckBlock)]
        for uid in map(str, (each.document.uid, *inner)):
            if uid in seen:
                values = {"uid": uid, "file": seen[uid].as_posix()}
                faults.append(Fault(0, _("The uid %(uid)s stands in %(file)s, too; choose a new one."), values))
                faults[-1] = replace(faults[-1], file=each.path.as_posix())
            seen[uid] = each.path
    return faults
