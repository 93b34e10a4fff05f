"""Same sound, other characters: what a recogniser or a disguise makes of a term. Pure.

Only terms of three syllables and more: among 60,000 dictionary words every false hit came from two syllables. Four and
more also fuzzily (zh=z, n=l, ng=n), as many speakers do not tell them apart. Always `suspected`.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from media_pipeline.stages.text import is_han

MIN_SYLLABLES = 3
MIN_FUZZY = 4
_FUZZY = ((re.compile(r"^(z|c|s)h"), r"\1"), (re.compile(r"^n(?=[aeiouü])"), "l"), (re.compile(r"ng$"), "n"))


def _each(rest: str) -> Any:
    """pypinyin takes a list for characters that have no sound, though it is typed otherwise."""
    return list(rest)


def syllables(text: str) -> list[str]:
    """Toneless pinyin of each character, one entry a character; other characters stand for themselves."""
    from pypinyin.seg.simpleseg import seg

    return [sound for word in seg(text) for sound in _of_word(word)]


@lru_cache(maxsize=32_768)
def _of_word(word: str) -> tuple[str, ...]:
    """A word of pypinyin's own cutting: speech repeats its words, and looking one up is most of the work."""
    from pypinyin import Style, lazy_pinyin

    return tuple(lazy_pinyin([word], style=Style.NORMAL, errors=_each, v_to_u=True))


def readings(text: str) -> list[list[str]]:
    """Both ways to read a text: in context, and each character alone (降 in a misheard word is read wrongly in context)."""
    in_context, alone = syllables(text), [syllable for char in text for syllable in _of_word(char)]
    both = [in_context] if in_context == alone else [in_context, alone]
    return [reading for reading in both if len(reading) == len(text)]


@lru_cache(maxsize=4096)
def fuzzy(sound: str) -> str:
    for pattern, replacement in _FUZZY:
        sound = pattern.sub(replacement, sound)
    return sound


def spoken(text: str) -> str:
    """Digits as they are said: a term's 一 was written 1 and would lose its sound."""
    return text.translate(str.maketrans("0123456789", "零一二三四五六七八九"))


class SoundIndex:
    """Finds terms by sound. `terms`: (key, text in stream alphabet)."""

    def __init__(self, terms: Iterable[tuple[Any, str]]) -> None:
        from ahocorasick import Automaton

        self._exact, self._fuzzy = Automaton(), Automaton()
        exact: dict[str, list[tuple[Any, int]]] = {}
        loose: dict[str, list[tuple[Any, int]]] = {}
        for key, text in terms:
            said = spoken(text)
            if len(said) < MIN_SYLLABLES or not all(is_han(char) for char in said):
                continue
            for sounds in readings(said):
                exact.setdefault(_joined(sounds), []).append((key, len(said)))
                if len(said) >= MIN_FUZZY:
                    loose.setdefault(_joined([fuzzy(sound) for sound in sounds]), []).append((key, len(said)))
        for automaton, words in ((self._exact, exact), (self._fuzzy, loose)):
            for word, keys in words.items():
                automaton.add_word(word, keys)
            automaton.make_automaton()

    def find(self, text: str) -> list[tuple[Any, int, int]]:
        """(key, start, end) of every term whose sound is in `text`, by either reading."""
        found: dict[tuple[Any, int, int], None] = {}
        for sounds in readings(spoken(text)):
            found |= dict.fromkeys(self._search(self._exact, sounds))
            found |= dict.fromkeys(self._search(self._fuzzy, [fuzzy(sound) for sound in sounds]))
        return list(found)

    @staticmethod
    def _search(automaton: Any, sounds: Sequence[str]) -> Iterable[tuple[Any, int, int]]:
        if not len(automaton):
            return
        ends: dict[int, int] = {}
        position = 0
        for place, sound in enumerate(sounds):
            position += len(sound) + 1
            ends[position] = place + 1
        for last, keys in automaton.iter(" " + " ".join(sounds) + " "):
            end = ends.get(last)
            if end is not None:
                for key, length in keys:
                    yield key, end - length, end


def _joined(sounds: Sequence[str]) -> str:
    return " " + " ".join(sounds) + " "
