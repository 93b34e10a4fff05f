"""What is wrong in a file, and where: said so that the writer can mend it."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong. line: counted from 1; 0 is the whole file.

    message: an English msgid with %(names)s, values: what fills them; `courses.catalogue.exchange.words.say` translates.
    """

    line: int
    message: str
    values: dict[str, Any] = field(default_factory=dict)
    file: str = ""

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        return f"{where}: {self.message % self.values}".removeprefix(": ")


class Unreadable(ValueError):
    """A file is not what it should be; `faults` names every fault found, in the order of lines."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = tuple(sorted(faults, key=lambda fault: (fault.file, fault.line)))
        super().__init__("\n".join(str(fault) for fault in self.faults))
