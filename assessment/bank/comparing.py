"""Two versions of a question side by side: which words went, which came. No Django.

Chinese has no spaces, so every character of it is a word; a run of Latin letters or digits is one.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from assessment.bank.types import QuestionDocument

_WORD = re.compile(r"[A-Za-z0-9]+|\s+|.", re.DOTALL)
# How often a word of one side meets itself on the other: what a search for the longest run walks through, again and
# again. Two unlike stems of 4,000 characters have some 110,000; their words are sought in a few hundredths of a second.
_MEETINGS = 200_000


@dataclass(frozen=True)
class Piece:
    """A run of text. changed: it stands on this side alone."""

    text: str
    changed: bool = False


@dataclass(frozen=True)
class Compared:
    """One part of a question on both sides. part: stem, stimulus, option, explanation…; option: its key where it is one."""

    part: str
    before: tuple[Piece, ...]
    after: tuple[Piece, ...]
    option: str = ""

    @property
    def changed(self) -> bool:
        """Whether the sides differ."""
        return any(piece.changed for piece in (*self.before, *self.after))


def pieces(before: str, after: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Both texts, cut where they begin and cease to differ."""
    old, new = _WORD.findall(before), _WORD.findall(after)
    head = _alike(old, new)
    tail = _alike(old[head:][::-1], new[head:][::-1])
    inside_old, inside_new = old[head : len(old) - tail], new[head : len(new) - tail]
    left: list[Piece] = []
    right: list[Piece] = []
    for kind, a, b, c, d in [
        ("equal", 0, head, 0, head),
        *((kind, a + head, b + head, c + head, d + head) for kind, a, b, c, d in _changes(inside_old, inside_new)),
        ("equal", len(old) - tail, len(old), len(new) - tail, len(new)),
    ]:
        _add(left, "".join(old[a:b]), kind != "equal")
        _add(right, "".join(new[c:d]), kind != "equal")
    return tuple(left), tuple(right)


def _alike(old: Sequence[str], new: Sequence[str]) -> int:
    """With how many words both begin."""
    return next(
        (at for at, (one, other) in enumerate(zip(old, new, strict=False)) if one != other), min(len(old), len(new))
    )


def _changes(old: Sequence[str], new: Sequence[str]) -> Sequence[tuple[str, int, int, int, int]]:
    """What is the same and what is not, as difflib tells it; one change of it all where the search would be long."""
    ours, theirs = Counter(old), Counter(new)
    if sum(count * theirs[word] for word, count in ours.items()) > _MEETINGS:
        return [("replace", 0, len(old), 0, len(new))]
    return SequenceMatcher(None, old, new, autojunk=False).get_opcodes()


def _add(pieces: list[Piece], text: str, changed: bool) -> None:
    if pieces and pieces[-1].changed is changed:
        pieces[-1] = Piece(pieces[-1].text + text, changed)
    elif text:
        pieces.append(Piece(text, changed))


def compared(before: QuestionDocument, after: QuestionDocument) -> tuple[Compared, ...]:
    """The readable parts: shared material, stem, and every option by its key. Key and explanation are not among them."""
    parts = [
        _part(
            "stimulus", before.stimulus.text if before.stimulus else "", after.stimulus.text if after.stimulus else ""
        ),
        _part("stem", before.stem, after.stem),
    ]
    old = {option.key: option.text for option in before.options}
    new = {option.key: option.text for option in after.options}
    parts += [_part("option", old.get(key, ""), new.get(key, ""), key) for key in dict.fromkeys((*old, *new))]
    return tuple(part for part in parts if part.before or part.after)


def compared_texts(rows: Sequence[tuple[str, str, str]]) -> tuple[Compared, ...]:
    """Rows of (part, before, after), such as the facts of a place; those that are empty on both sides are left out."""
    return tuple(_part(name, before, after) for name, before, after in rows if before or after)


def _part(part: str, before: str, after: str, option: str = "") -> Compared:
    left, right = pieces(before, after)
    return Compared(part, left, right, option)
