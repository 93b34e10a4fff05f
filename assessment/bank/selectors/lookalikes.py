"""Questions like another one: by signature among all, then exactly. For the editor while somebody types, and for imports.

Every process keeps one small table (128 bytes a question: 6.4 MB for 50,000), read when it is first asked and then only what
was written since. What the table says is only a hint: whatever is reported was compared by its stored text.
"""

from collections.abc import Iterable, Mapping, Sequence
from threading import Lock
from typing import TYPE_CHECKING
from uuid import UUID

from assessment.bank.logic import LIKE, grams_of, likeness
from assessment.bank.models import Question, QuestionVersion
from assessment.bank.rules import require_reader
from assessment.bank.selectors.questions import excerpt
from assessment.bank.types import LookAlike, Pool, QuestionDocument, QuestionState
from lms.accounts.api import Acting
from lms.core.similar import SIZE, estimates, signature, sketch

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# The estimate errs by 0.06; what lies this far below is not like it.
_SLACK = 0.2
_CANDIDATES = 30
# Rows of a transaction that committed after a later one are read again: so many numbers back.
_OVERLAP = 200
_CHUNK = 400


class _Table:
    """Sketches of the newest version of every question; row i belongs to question `keys[i]`."""

    def __init__(self) -> None:
        self._lock = Lock()
        self.forget()

    def forget(self) -> None:
        """Read everything anew at the next question."""
        self._place: dict[int, int] = {}
        self._keys: list[int] = []
        self._tables: tuple[NDArray[np.uint8], NDArray[np.uint8]] | None = None
        self._seen = 0

    def refresh(self) -> "tuple[Sequence[int], NDArray[np.uint8], NDArray[np.uint8]]":
        """Questions with their two sketches. One query; at first over the whole bank."""
        import numpy as np

        with self._lock:
            newest = QuestionVersion.objects.filter(current_of__isnull=False).order_by("id")
            rows = newest.values_list("id", "question_id", "signature")
            fresh = list(rows.filter(id__gt=self._seen - _OVERLAP) if self._seen else rows)
            if self._seen and (not fresh or fresh[-1][0] < self._seen):
                # The newest is gone: its transaction was rolled back after this process had read it, or a backup came back.
                self.forget()
                fresh = list(rows)
            if self._tables is None:
                self._tables = np.zeros((0, SIZE // 4), np.uint8), np.zeros((0, SIZE // 4), np.uint8)
            if fresh:
                self._tables = self._taken(fresh, *self._tables)
                self._seen = fresh[-1][0]
            count = len(self._keys)
            return self._keys[:count], self._tables[0][:count], self._tables[1][:count]

    def _taken(
        self, fresh: Sequence[tuple[int, int, bytes]], whole: "NDArray[np.uint8]", stem: "NDArray[np.uint8]"
    ) -> "tuple[NDArray[np.uint8], NDArray[np.uint8]]":
        import numpy as np

        both = sketch(np.frombuffer(b"".join(bytes(row[2]) for row in fresh), "<u4")).reshape(len(fresh), 2, -1)
        for _version, question, _signature in fresh:
            if question not in self._place:
                self._place[question] = len(self._keys)
                self._keys.append(question)
        places = np.array([self._place[question] for _version, question, _signature in fresh])
        count = len(self._keys)
        return _with(whole, places, both[:, 0], count), _with(stem, places, both[:, 1], count)


def _with(
    table: "NDArray[np.uint8]", places: "NDArray[np.int64]", rows: "NDArray[np.uint8]", count: int
) -> "NDArray[np.uint8]":
    """A copy when it must grow, else in place: what a reader holds keeps its length."""
    import numpy as np

    if len(table) < count:
        grown = np.zeros((count + count // 8 + 64, table.shape[1]), np.uint8)
        grown[: len(table)] = table
        table = grown
    table[places] = rows
    return table


_TABLE = _Table()


def forget_lookalikes() -> None:
    """For tests and benchmarks: the next question reads the whole bank."""
    _TABLE.forget()


def lookalikes(
    acting: Acting, stem: str, options: Iterable[str] = (), *, without: UUID | None = None, most: int = 5
) -> tuple[LookAlike, ...]:
    """Questions like this text, the most alike first; without the one that is being written. Raises NotAllowed."""
    require_reader(acting)
    return _found([(stem, tuple(options), without)], most)[0]


def lookalikes_of_many(documents: Sequence[QuestionDocument], *, most: int = 3) -> list[tuple[LookAlike, ...]]:
    """The same for each of a file's questions; a question is never like itself. The gate is the caller's."""
    asked = [(document.stem, tuple(option.text for option in document.options), document.uid) for document in documents]
    return _found(asked, most)


def _found(asked: Sequence[tuple[str, tuple[str, ...], UUID | None]], most: int) -> list[tuple[LookAlike, ...]]:
    keys, whole, stems = _TABLE.refresh()
    of = [grams_of(stem, options) for stem, options, _without in asked]
    near = [_candidates(one, keys, whole, stems) for one in of]
    held = _texts({key for keys_of_one in near for key in keys_of_one})
    return [
        _judged(one, [held[key] for key in candidates if key in held], without, most)
        for one, candidates, (_stem, _options, without) in zip(of, near, asked, strict=True)
    ]


def _candidates(
    one: tuple[frozenset[str], frozenset[str]],
    keys: Sequence[int],
    whole: "NDArray[np.uint8]",
    stems: "NDArray[np.uint8]",
) -> list[int]:
    import numpy as np

    if not one[0] or not len(keys):
        return []
    best = np.maximum(estimates(sketch(signature(one[0])), whole), estimates(sketch(signature(one[1])), stems))
    near = np.flatnonzero(best >= LIKE - _SLACK)
    if len(near) > _CANDIDATES:
        near = near[np.argpartition(best[near], -_CANDIDATES)[-_CANDIDATES:]]
    return [keys[int(place)] for place in near]


def _texts(keys: Iterable[int]) -> Mapping[int, Question]:
    wanted = sorted(keys)
    found: dict[int, Question] = {}
    for start in range(0, len(wanted), _CHUNK):
        rows = Question.objects.filter(pk__in=wanted[start : start + _CHUNK], current__isnull=False)
        found.update(
            {row.pk: row for row in rows.select_related("current").defer("current__secret", "current__signature")}
        )
    return found


def _judged(
    one: tuple[frozenset[str], frozenset[str]], rows: Iterable[Question], without: UUID | None, most: int
) -> tuple[LookAlike, ...]:
    found = []
    for row in rows:
        if row.uuid == without or row.current is None:
            continue
        content = row.current.content
        score = likeness(one, grams_of(content["stem"], (text for _key, text in content["options"])))
        if score >= LIKE:
            found.append(
                LookAlike(
                    score=round(score, 2),
                    stem=excerpt(content["stem"]),
                    question=row.uuid,
                    serial=row.pk,
                    pool=Pool(row.pool),
                    state=QuestionState(row.state),
                )
            )
    return tuple(sorted(found, key=lambda like: (-like.score, like.serial))[:most])


def lookalikes_within(
    documents: Sequence[tuple[str, QuestionDocument]], *, most: int = 3
) -> list[tuple[LookAlike, ...]]:
    """For each (where, question) of one file what is like it before it in the same file."""
    import numpy as np

    of = [grams_of(document.stem, (option.text for option in document.options)) for _where, document in documents]
    if not of:
        return []
    whole = np.stack([sketch(signature(one[0])) for one in of])
    stems = np.stack([sketch(signature(one[1])) for one in of])
    places = range(len(of))
    found: list[tuple[LookAlike, ...]] = []
    for place, one in enumerate(of):
        near = _candidates(one, places[:place], whole[:place], stems[:place])
        scored = sorted(((likeness(one, of[other]), other) for other in near), key=lambda pair: (-pair[0], pair[1]))
        found.append(
            tuple(
                LookAlike(score=round(score, 2), stem=excerpt(documents[other][1].stem), where=documents[other][0])
                for score, other in scored[:most]
                if score >= LIKE
            )
        )
    return found
