"""The words a recogniser is told of before it listens. Pure.

Whisper reads them before every window of 30 s and then prefers them among what sounds alike. So they must be words this host
is likely to say, in the order of their likelihood, and few: every token is read again and again, and a word that is never said
can only do harm.
"""

from collections.abc import Iterable

# Measured (ADR 0029): lists of 55 tokens do no harm, 100 cost half of the punctuation, 160 quadruple one clip's errors. A
# token covers a byte at least, so no tokeniser makes more of the words than this; of Chinese about half.
MAX_TOKENS = 100
_LONGEST = 20


def hotwords(*lists: Iterable[str]) -> tuple[str, ...]:
    """Words of all lists in their order, each once, as many as fit; one that is too long or has no letter is left out."""
    chosen: list[str] = []
    left = MAX_TOKENS - len("。".encode())
    for words in lists:
        for word in words:
            word = "".join(char if char.isalnum() else " " for char in word).strip()
            cost = len(word.encode()) + len("，".encode())
            if not word or len(word) > _LONGEST or word in chosen:
                continue
            if cost > left:
                return tuple(chosen)
            chosen.append(word)
            left -= cost
    return tuple(chosen)


def sentence(words: Iterable[str]) -> str:
    """The words written as a sentence: they bring punctuation too, which caption lines are cut at (28-34 marks a minute
    against 11-24, same error rate, four clips)."""
    held = "，".join(words)
    return f"{held}。" if held else ""
