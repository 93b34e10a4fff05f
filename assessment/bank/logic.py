"""What a question is in storage: moves of its state, its two halves as JSON, what is searched and compared of it. Pure."""

import json
import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from assessment.bank.types import (
    Key,
    Media,
    MediaKind,
    Option,
    Place,
    QuestionDocument,
    QuestionState,
    QuestionType,
    Step,
    Stimulus,
)
from lms.core.similar import grams, signature
from lms.core.types import Level

_S = QuestionState
MOVES: Mapping[QuestionState, Collection[QuestionState]] = {
    _S.DRAFT: {_S.IN_REVIEW, _S.SUSPENDED, _S.RETIRED},
    _S.IN_REVIEW: {_S.DRAFT, _S.RETURNED, _S.APPROVED, _S.SUSPENDED},
    _S.RETURNED: {_S.DRAFT, _S.SUSPENDED, _S.RETIRED},
    _S.APPROVED: {_S.DRAFT, _S.IN_USE, _S.SUSPENDED, _S.RETIRED},
    _S.IN_USE: {_S.DRAFT, _S.SUSPENDED, _S.RETIRED},
    _S.SUSPENDED: {_S.DRAFT, _S.APPROVED, _S.IN_USE, _S.RETIRED},
    _S.RETIRED: frozenset(),
}
# A lesson was approved with its questions; they come and go with it.
PRACTICE_MOVES: Mapping[QuestionState, Collection[QuestionState]] = {
    state: {_S.APPROVED: {_S.RETIRED}, _S.RETIRED: {_S.APPROVED}}.get(state, frozenset()) for state in _S
}
# Papers draw from these whatever has become of the newest version; `approved` says which version (S1-27, S1-31).
NOT_DRAWN = frozenset({_S.SUSPENDED, _S.RETIRED})

_MARKUP = re.compile(r"!\[([^\[\]\n]*)\]\([^()\s]+\)|\*\*")  # a file as `exchange.checks.SHOWN` has it
_SPACE = re.compile(r"\s+")


def content_of(document: QuestionDocument) -> dict[str, Any]:
    """The half that may be read: everything but key and explanation."""
    place = document.place
    content: dict[str, Any] = {
        "type": document.type.value,
        "place": {
            "level": int(place.level),
            "topic": place.topic,
            "step": place.step.value,
            "difficulty": place.difficulty,
            "clause": place.clause,
            "law": place.law,
            "source": place.source,
            "uncertain": place.uncertain,
        },
        "stem": document.stem,
        "options": [[option.key, option.text] for option in document.options],
        "marks": None if document.marks is None else str(document.marks),
        "media": [[place, *_media(media)] for place, media in enumerate(document.media) if _open(document, media)],
    }
    if document.stimulus is not None:
        content["stimulus"] = {"uid": str(document.stimulus.uid), "text": document.stimulus.text}
    return content


def secret_of(document: QuestionDocument) -> str:
    """The other half as JSON."""
    key = document.key
    return _canonical(
        {
            "choices": key.choices,
            "truth": key.truth,
            "blanks": key.blanks,
            "pairs": key.pairs,
            "model": key.model,
            "explanation": document.explanation,
            "media": [
                [place, *_media(media)] for place, media in enumerate(document.media) if not _open(document, media)
            ],
        }
    )


def _media(media: Media) -> tuple[str, str, str]:
    return media.name, media.sha256, media.kind.value


def _open(document: QuestionDocument, media: Media) -> bool:
    """Shown to whoever reads the question; what only explanation or model answer show is as secret as they are."""
    texts = [document.stem, *(option.text for option in document.options)]
    if document.stimulus is not None:
        texts.append(document.stimulus.text)
    return any(f"]({media.name})" in text for text in texts)


def files_of(content: Mapping[str, Any]) -> frozenset[str]:
    """SHA-256 of the files that the half that may be read shows."""
    return frozenset(sha256 for _place, _name, sha256, _kind in content["media"])


def whole_of(document: QuestionDocument) -> str:
    """Both halves as one text that is the same for the same question."""
    return _canonical({"content": content_of(document), "secret": secret_of(document)})


def document_from(uid: UUID, content: Mapping[str, Any], secret: str = "") -> QuestionDocument:
    """The document again; without `secret` its key and explanation are empty."""
    place, shared = content["place"], content.get("stimulus")
    key, explanation = key_from(secret) if secret else (Key(), "")
    media = sorted([*content["media"], *(json.loads(secret)["media"] if secret else ())])
    return QuestionDocument(
        uid=uid,
        type=QuestionType(content["type"]),
        place=Place(
            level=Level(place["level"]),
            topic=place["topic"],
            step=Step(place["step"]),
            difficulty=place["difficulty"],
            clause=place["clause"],
            law=place["law"],
            source=place["source"],
            uncertain=place["uncertain"],
        ),
        stem=content["stem"],
        key=key,
        options=tuple(Option(name, text) for name, text in content["options"]),
        explanation=explanation,
        marks=None if content["marks"] is None else Decimal(content["marks"]),
        stimulus=Stimulus(UUID(shared["uid"]), shared["text"]) if shared else None,
        media=tuple(Media(name, sha256, MediaKind(kind)) for _place, name, sha256, kind in media),
    )


def key_from(secret: str) -> tuple[Key, str]:
    """Key and explanation out of a version's secret half."""
    said = json.loads(secret)
    key = Key(
        choices=tuple(said["choices"]),
        truth=said["truth"],
        blanks=tuple(tuple(texts) for texts in said["blanks"]),
        pairs=tuple((left, right) for left, right in said["pairs"]),
        model=said["model"],
    )
    return key, said["explanation"]


def _canonical(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def plain(text: str) -> str:
    """Text without its little markup, on one line; of a file its description stays."""
    return _SPACE.sub(" ", _MARKUP.sub(lambda found: found[1] or "", text)).strip()


def searchable(text: str) -> str:
    """How text is searched, by the same function on both sides: one form of every character, no capitals, no markup."""
    return unicodedata.normalize("NFKC", plain(text)).casefold()


def search_text_of(document: QuestionDocument) -> str:
    """Stem, options and shared material; never key and explanation."""
    parts = [document.stem, *(option.text for option in document.options)]
    if document.stimulus is not None:
        parts.append(document.stimulus.text)
    return "\n".join(searchable(part) for part in parts)


def grams_of(stem: str, options: Iterable[str]) -> tuple[frozenset[str], frozenset[str]]:
    """What is compared of a question: grams of the whole and of the stem. The order of the options plays no part."""
    of_stem = grams(plain(stem))
    whole = of_stem.union(*(grams(plain(option)) for option in options))
    return whole, of_stem


def signature_of(document: QuestionDocument) -> bytes:
    """MinHash of the whole and of the stem, 2 × 256 bytes."""
    whole, stem = grams_of(document.stem, (option.text for option in document.options))
    return signature(whole).tobytes() + signature(stem).tobytes()


# A short stem such as "下列说法正确的是" is like many; from this many grams on, a like stem alone makes a like question.
_TELLING = 8
# Known to be enough for a changed number, swapped or partly rewritten options, and more than unlike questions share.
LIKE = 0.5


def likeness(one: tuple[frozenset[str], frozenset[str]], other: tuple[frozenset[str], frozenset[str]]) -> float:
    """How much of two questions is the same, 0 to 1; each as `grams_of` gives it."""
    score = _jaccard(one[0], other[0])
    if min(len(one[1]), len(other[1])) >= _TELLING:
        score = max(score, _jaccard(one[1], other[1]))
    return score


def _jaccard(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other) if one or other else 0.0


def read_quorums(said: Mapping[str, Any]) -> dict[Level, int]:
    """Approvals needed by level, out of `data/review.yaml`. Raises ValueError: never fewer than two (S1-27)."""
    quorums = {Level(int(level)): int(count) for level, count in said["quorum"].items()}
    if set(quorums) != set(Level) or min(quorums.values()) < 2:
        raise ValueError("review.yaml: every level needs a quorum of two or more")
    return quorums


def written_since(versions: Iterable[tuple[int, int | None]], approved: int) -> frozenset[int]:
    """Numbers of the versions whose text is in what came after version `approved` (0: never approved).

    versions: (number, restored from). What was restored is the work of whoever wrote it first, too.
    """
    origin = dict(versions)
    found = {number for number in origin if number > approved}
    queue = list(found)
    while queue:
        before = origin[queue.pop()]
        if before is not None and before not in found:
            found.add(before)
            queue.append(before)
    return frozenset(found)
