"""Where a pattern can match at all: the words one of which every match of it must hold. Pure.

Some hundred patterns over two hours of speech cost a second when each is searched everywhere. One automaton over the
words they need tells where each of them has a chance; only there it is run. The findings are the same.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from re import _parser  # type: ignore[attr-defined]  # no public name, none other tells what `re` will do
from typing import Any

_MANY = 300
# What a look-ahead may see behind a match; one that sees farther is searched everywhere.
_AHEAD = 60
_FAR = 400


@dataclass(frozen=True)
class Need:
    """`words`: one of them is in every match (None: nothing is known). A match is at most `width` characters, or, at
    `_FAR`, of any length."""

    words: frozenset[str] | None
    width: int


def need_of(pattern: str) -> Need:
    """What a match of `pattern` needs, from the syntax tree that `re` itself runs."""
    tree = _parser.parse(pattern)
    exact, words = _read(tree)
    best = _better(exact, words)
    return Need(frozenset(best) if best else None, _FAR if _sees_far(tree) else min(tree.getwidth()[1], _FAR))


def _read(tree: Any) -> tuple[set[str] | None, set[str] | None]:
    """(all texts it can be, where they are few; words one of which is in each)."""
    run: set[str] = {""}
    finite, best = True, None
    for code, argument in tree:
        exact, words = _node(str(code), argument)
        if exact is None:
            best = _better(best, run, words)
            run, finite = {""}, False
        elif len(run) * len(exact) > _MANY:
            best = _better(best, run)
            run, finite = exact, False
        else:
            run = {left + right for left in run for right in exact}
    return (run if finite else None), _better(best, run)


def _node(name: str, argument: Any) -> tuple[set[str] | None, set[str] | None]:
    match name:
        case "LITERAL":
            return {chr(argument)}, None
        case "IN":
            return _of_class(argument), None
        case "AT" | "ASSERT" | "ASSERT_NOT":
            return {""}, None
        case "SUBPATTERN":
            return _read(argument[-1])
        case "BRANCH":
            return _of_branches([_read(part) for part in argument[1]])
        case "MAX_REPEAT" | "MIN_REPEAT":
            least, most, part = argument
            exact, words = _read(part)
            if most == 1 and exact is not None:
                return (exact if least else exact | {""}), None
            return None, (_better(exact, words) if least else None)
    return None, None


def _of_class(items: Any) -> set[str] | None:
    found: set[str] = set()
    for code, argument in items:
        if str(code) == "LITERAL":
            found.add(chr(argument))
        elif str(code) == "RANGE" and argument[1] - argument[0] < _MANY:
            found.update(map(chr, range(argument[0], argument[1] + 1)))
        else:
            return None
    return found


def _of_branches(parts: Sequence[tuple[set[str] | None, set[str] | None]]) -> tuple[set[str] | None, set[str] | None]:
    union: set[str] = set()
    finite = all(exact is not None for exact, _ in parts)
    for exact, words in parts:
        best = exact if finite else _better(exact, words)
        if best is None:
            return None, None
        union |= best
    if len(union) > _MANY:
        return None, union
    return (union, None) if finite else (None, union)


def _better(*candidates: set[str] | None) -> set[str] | None:
    """The set whose shortest word is longest, then the smaller; one with an empty word says nothing."""
    usable = [words for words in candidates if words and "" not in words]
    return max(usable, key=lambda words: (min(2, *map(len, words)), -len(words)), default=None)


def _sees_far(tree: Any) -> bool:
    for code, argument in tree:
        if str(code) in ("ASSERT", "ASSERT_NOT"):
            direction, part = argument
            if direction > 0 and part.getwidth()[1] > _AHEAD:
                return True
        for part in _subtrees(argument):
            if _sees_far(part):
                return True
    return False


def _subtrees(argument: Any) -> Iterator[Any]:
    if hasattr(argument, "data"):
        yield argument
    elif isinstance(argument, tuple | list):
        for item in argument:
            yield from _subtrees(item)


class PatternIndex:
    """Finds all matches of many patterns. `patterns`: (key, pattern)."""

    def __init__(self, patterns: Iterable[tuple[Any, re.Pattern[str]]]) -> None:
        from ahocorasick import Automaton

        self._patterns = list(patterns)
        self._needs = [need_of(pattern.pattern) for _, pattern in self._patterns]
        self._everywhere = [number for number, need in enumerate(self._needs) if need.words is None]
        self._words = Automaton()
        numbers: dict[str, list[int]] = {}
        for number, need in enumerate(self._needs):
            for word in need.words or ():
                numbers.setdefault(word, []).append(number)
        for word, found in numbers.items():
            self._words.add_word(word, (len(word), tuple(found)))
        if numbers:
            self._words.make_automaton()

    def find(self, text: str) -> Iterator[tuple[Any, int, int]]:
        """(key, start, end) of every match that is not empty, pattern by pattern."""
        chances: dict[int, list[tuple[int, int]]] = {}
        if len(self._words):
            for last, (length, numbers) in self._words.iter(text):
                for number in numbers:
                    chances.setdefault(number, []).append((last + 1 - length, last + 1))
        windows = {number: _windows(places, self._needs[number].width, len(text)) for number, places in chances.items()}
        windows |= dict.fromkeys(self._everywhere, ((0, len(text)),))
        for number in sorted(windows):
            key, pattern = self._patterns[number]
            for low, high in windows[number]:
                for match in pattern.finditer(text, low, high):
                    if match.end() > match.start():
                        yield key, match.start(), match.end()


def _windows(places: Iterable[tuple[int, int]], width: int, length: int) -> Sequence[tuple[int, int]]:
    """Where matches around `places` can lie, in order, those that touch as one."""
    if width == _FAR:
        return [(0, length)]
    windows: list[tuple[int, int]] = []
    for start, end in sorted(places):
        left, right = max(0, end - width), min(length, start + width + _AHEAD)
        if windows and left <= windows[-1][1]:
            left, right = min(left, windows[-1][0]), max(right, windows[-1][1])
            windows.pop()
        windows.append((left, right))
    return windows
