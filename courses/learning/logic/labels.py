"""What a block of a lesson is called where one goes back to it. No Django."""

import re

from courses.catalogue.markdown import plain_text
from courses.catalogue.types import Block, CheckBlock, LawBlock, SayBlock, TermsBlock, TextBlock

_LONGEST = 22
_HEADING = re.compile(r"^###\s+(.+)$", re.MULTILINE)


def block_label(block: Block) -> str:
    """Its heading or title, else its first words, short enough for one line of a phone; "" where a picture has no words."""
    return shortened(_words(block), _LONGEST)


def _words(block: Block) -> str:
    if isinstance(block, TextBlock):
        heading = _HEADING.search(block.text)
        return plain_text(heading.group(1)) if heading else plain_text(block.text)
    if isinstance(block, LawBlock):
        return f"{block.law}{block.article}"
    if isinstance(block, SayBlock):
        return block.good
    if isinstance(block, CheckBlock):
        return block.stem
    if isinstance(block, TermsBlock):
        return "、".join(term.term for term in block.terms)
    return getattr(block, "title", "") or getattr(block, "caption", "") or getattr(block, "alt", "")


def shortened(words: str, longest: int) -> str:
    """One line, at most so many characters."""
    line = " ".join(words.split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"
