"""Plain exam papers in the shapes that Chinese teachers write: read, never guessed at.

A question without a clear key is refused with its line and reason. Every line that is not blank ends in a question, in a
refusal, or is known as heading, shared material or page noise: `account` says which.
"""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from assessment.bank.exchange.checks import FILE_BYTES, excerpt, sifted
from assessment.bank.exchange.chinese.blocks import taken_apart
from assessment.bank.exchange.chinese.layouts import settled
from assessment.bank.exchange.chinese.listing import brought
from assessment.bank.exchange.chinese.questions import read_block
from assessment.bank.exchange.chinese.texts import Fate, Line, decoded, lines_of
from assessment.bank.types import Reading, ReadQuestion, Refused

FORMAT = "plain"


def read(data: bytes, *, name: str) -> Reading:
    """An exam paper as text: UTF-8, UTF-16 or GB18030. Never raises for what stands in it."""
    if len(data) > FILE_BYTES:
        return Reading(FORMAT, (), (Refused(name, _("The file %(name)s is larger than 20 MB.") % {"name": name}),))
    text = decoded(data)
    if text is None:
        reason = _("This is no text file; save it as plain text in UTF-8.")
        return Reading(FORMAT, (), (Refused(name, reason),))
    return account(tuple(lines_of(text)), FORMAT)[0]


def account(lines: tuple[Line, ...], format_: str) -> tuple[Reading, tuple[Fate | None, ...]]:
    """The reading of lines, and what became of each: None would be a line that was dropped, and there is none."""
    layout = settled(lines)
    paper = taken_apart(layout.lines)
    paper.fates.update(layout.fates)
    paper.strays.extend(layout.strays)
    refused = brought(paper)
    for line in paper.strays:
        paper.fates[line.index] = Fate.REFUSED
        reason = (
            _("The line is longer than 32,767 characters.") if line.too_long else _("This line belongs to no question.")
        )
        refused.append((line, Refused(line.where, reason, excerpt(line.text[:200]))))
    questions: list[tuple[Line, ReadQuestion]] = []
    for section in paper.sections:
        for block in section.blocks:
            for line in (*block.lines, *(line for line, _text in block.listed)):
                paper.fates.setdefault(line.index, Fate.QUESTION)
            for made, own in read_block(block):
                first = own[0]
                if isinstance(made, ReadQuestion):
                    questions.append((first, made))
                else:
                    refused.append((first, Refused(first.where, str(made), excerpt(first.text), made.read)))
    for line in layout.lines:
        for index in line.also:
            if line.index in paper.fates:
                paper.fates.setdefault(index, paper.fates[line.index])
    reading = sifted(format_, (read for _line, read in questions), _in_order(refused), paper.title)
    places = {line.where: line.index for line in lines}
    bad = tuple(sorted(reading.refused, key=lambda one: places.get(one.where, 0)))
    if not reading.accepted and not bad:
        bad = (Refused("", _("No question was found in the file.")),)
    reading = Reading(reading.format, reading.accepted, bad, reading.title)
    return reading, tuple(paper.fates.get(line.index) for line in lines)


def _in_order(refused: Iterable[tuple[Line, Refused]]) -> list[Refused]:
    return [one for _line, one in sorted(refused, key=lambda pair: pair[0].index)]
