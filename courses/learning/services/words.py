"""Words as trainees and teachers type them."""

import unicodedata

from django.utils.translation import gettext as _

from courses.learning.types import StudyRefused


def tidy(text: str) -> str:
    """Words as typed, without control characters and outer space."""
    unified = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(letter for letter in unified if letter in "\n\t" or unicodedata.category(letter) != "Cc").strip()


def worded(text: str, most: int) -> str:
    """Words that must be there. Raises StudyRefused ("empty", "long")."""
    words = tidy(text)
    if not words:
        raise StudyRefused(_("Write something first."), code="empty", field="text")
    return bounded(words, most)


def bounded(words: str, most: int) -> str:
    """At most so many characters. Raises StudyRefused ("long")."""
    if len(words) > most:
        raise StudyRefused(_("At most %(count)d characters.") % {"count": most}, code="long", field="text")
    return words
