"""Our starter bank: YAML of `content/level-N/`, loaded by the demonstration alone and never as anybody's examination.

Its questions are approved as what they are, a demonstration: their source says so, `is_demo` marks them, and no expert's
verdict is made up for them. A question whose words are the same is left alone, one that somebody has edited since is hers.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import yaml
from django.db import transaction

from assessment.bank.exchange.checks import faults, tidied
from assessment.bank.models import Question
from assessment.bank.services.writing import hash_of, keep, locked, note_move, place_problems
from assessment.bank.types import (
    Key,
    Option,
    Place,
    QuestionDocument,
    QuestionState,
    QuestionType,
    Step,
    Stimulus,
)
from lms.accounts.api import INSTALLATION
from lms.core.types import Level

CONTENT = Path(__file__).with_name("content")
_WHY = "示范题库，随平台提供；不是考试用题"


class ContentFault(ValueError):
    """A file of the starter bank is not sound; the message says where and why."""


@transaction.atomic
def load_bank(folder: Path = CONTENT, *, now: datetime) -> int:
    """Make or renew the questions of a folder; returns how many were made or changed. Raises ContentFault.

    One query tells what is there; only what changed is written.
    """
    documents = sorted(read_folder(folder), key=lambda document: document.uid)
    rows = Question.objects.filter(uuid__in=[document.uid for document in documents])
    held = dict(rows.values_list("uuid", "current__content_hash"))
    changed = 0
    for document in documents:
        if held.get(document.uid) != hash_of(document):
            changed += _load(document, now)
    return changed


def _load(document: QuestionDocument, now: datetime) -> bool:
    row = locked(document.uid)
    if row is not None and (not row.is_demo or row.versions.filter(author__isnull=False).exists()):
        return False  # somebody works on it: hers
    row, version, fresh = keep(row, document, by=INSTALLATION, is_demo=True, now=now)
    if not fresh or row.state != QuestionState.DRAFT:
        return fresh
    for after, fields in (
        (QuestionState.IN_REVIEW, {"round": row.round + 1}),
        (QuestionState.APPROVED, {"approved": version}),
    ):
        before = QuestionState(row.state)
        row.move(after, now=now, **fields)
        note_move(row, before, by=INSTALLATION, reason=_WHY, now=now)
    return True


def read_folder(folder: Path = CONTENT) -> Iterator[QuestionDocument]:
    """Every question of the starter bank, sound, each uid once. Raises ContentFault."""
    seen: dict[UUID, str] = {}
    for path in sorted(folder.glob("level-*/*.yaml")):
        for place, document in enumerate(read_file(path), start=1):
            where = f"{path.parent.name}/{path.name}, question {place}"
            if document.uid in seen:
                raise ContentFault(f"{where}: the uid stands at {seen[document.uid]} already")
            seen[document.uid] = where
            problems = [fault.message for fault in faults(document)] + place_problems(document.place)
            if problems:
                raise ContentFault(f"{where}: {' '.join(problems)}")
            yield document


def read_file(path: Path) -> Iterator[QuestionDocument]:
    """One topic's questions, tidy and unjudged. Raises ContentFault."""
    said = yaml.safe_load(path.read_text(encoding="utf-8"))
    level = Level(int(path.parent.name.removeprefix("level-")))
    stimuli = {UUID(str(one["uid"])): str(one["text"]) for one in said.get("stimuli") or ()}
    for place, entry in enumerate(said.get("questions") or (), start=1):
        try:
            yield tidied(_document(entry, said, level, stimuli))
        except (KeyError, ValueError, TypeError, AttributeError) as problem:
            raise ContentFault(f"{path.parent.name}/{path.name}, question {place}: {problem!r}") from problem


def _document(
    entry: Mapping[str, Any], said: Mapping[str, Any], level: Level, stimuli: Mapping[UUID, str]
) -> QuestionDocument:
    kind = QuestionType(entry["type"])
    shared = UUID(str(entry["stimulus"])) if entry.get("stimulus") else None
    return QuestionDocument(
        uid=UUID(str(entry["uid"])),
        type=kind,
        place=Place(
            level=level,
            topic=str(said["topic"]),
            step=Step(entry["step"]),
            difficulty=int(entry["difficulty"]),
            clause=str(entry.get("clause", "")),
            law=bool(entry.get("law", False)),
            source=str(said["source"]),
            uncertain=bool(entry.get("uncertain", False)),
        ),
        stem=str(entry["stem"]),
        key=_key(kind, entry["answer"]),
        options=tuple(Option(str(key), str(text)) for key, text in (entry.get("options") or {}).items()),
        explanation=str(entry.get("explanation", "")),
        marks=Decimal(str(entry["marks"])) if entry.get("marks") else None,
        stimulus=Stimulus(shared, stimuli[shared]) if shared else None,
    )


def _key(kind: QuestionType, answer: Any) -> Key:
    if kind is QuestionType.TRUE_FALSE:
        if not isinstance(answer, bool):
            raise ValueError("the answer is true or false")
        return Key(truth=answer)
    if kind is QuestionType.SHORT:
        return Key(model=str(answer))
    if kind is QuestionType.FILL:
        return Key(blanks=tuple(tuple(str(text) for text in texts) for texts in answer))
    if kind is QuestionType.MATCHING:
        return Key(pairs=tuple((left, right) for left, _dash, right in (str(pair).partition("-") for pair in answer)))
    return Key(choices=tuple(str(key) for key in answer))
