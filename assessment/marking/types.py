"""Page data of the evidence pages: blind from the start. No Django.

Nothing here may hold the owner's name, the file name, the typed title or the institution; the work is its blind code.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


class HeardLine(Protocol):
    """A caption line as the pipeline gives it. masks: character spans (start, end) of text that hold a name."""

    @property
    def index(self) -> int: ...
    @property
    def start_s(self) -> float: ...
    @property
    def end_s(self) -> float: ...
    @property
    def text(self) -> str: ...
    @property
    def masks(self) -> tuple[tuple[int, int], ...]: ...


class Hint(Protocol):
    """A machine finding as the pipeline gives it. spans: (cue index, first character, end character) of every piece."""

    @property
    def severity(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def spans(self) -> tuple[tuple[int, int, int], ...]: ...


@dataclass(frozen=True)
class Span:
    """A run of a cue's text. tone: "" plain, "bad" (B, H), "warn" (M, L), "masked" (text is a placeholder, the name never
    leaves the server). finding_number: the finding this run belongs to, for the link; None when plain or masked."""

    text: str
    tone: str
    finding_number: int | None


@dataclass(frozen=True)
class FindingView:
    """One machine hint. severity: B|H|M|L; severity_label 否决/严重/一般/提醒; tone: "bad" (B, H) or "warn" (M, L).

    start_s, end_s: seconds in the video. rule: id in the rule pack such as MED-012; law: article, "" when none.
    text: the words as heard, masked like the transcript. suspected: found by sound only (疑似)."""

    number: int
    severity: str
    severity_label: str
    tone: str
    category_name: str
    law: str
    law_note: str
    rule: str
    text: str
    start_s: float
    end_s: float
    suspected: bool


@dataclass(frozen=True)
class CueView:
    """One line of the transcript with the findings that begin in it."""

    index: int
    start_s: float
    end_s: float
    spans: list[Span]
    low_trust: bool
    findings: list[FindingView]


@dataclass(frozen=True)
class CheckView:
    """One automatic check. verdict: pass|warn|info|fail|not_run; tone: ok|warn|info|bad|notrun.

    metric and threshold are ready to print with their units, "" when there is none; ranges: (from_s, to_s) pairs to jump to.
    """

    name: str
    label: str
    verdict: str
    verdict_label: str
    tone: str
    metric: str
    threshold: str
    ranges: list[tuple[float, float]]
    note: str


@dataclass(frozen=True)
class EvidencePage:
    """Everything the evidence page shows. waveform: peaks 0..1, evenly spaced over duration_s.

    findings: in time order, numbered from 1; each also hangs on the cue it begins in. hint_count, check_count: for the tabs.
    engine_line: engines and versions, one line. start_s: second the player opens at (`?t=`), 0 by default.
    """

    code: str
    level_label: str
    product_label: str
    declared_ai: bool
    duration_s: float
    start_s: float
    video_url: str
    captions_url: str
    poster_url: str
    waveform: list[float]
    cues: list[CueView]
    findings: list[FindingView]
    checks: list[CheckView]
    hint_count: int
    check_count: int
    attention_count: int
    engine_line: str
    list_url: str


@dataclass(frozen=True)
class EvidenceRow:
    """One work in the examiner's list (待评列表). Counts are of the machine's hints."""

    code: str
    level_label: str
    product_label: str
    duration_s: float
    ready_at: datetime | None
    findings_bad: int
    findings_warn: int
    checks_warn: int
    url: str


@dataclass(frozen=True)
class EvidenceListPage:
    """Works that the acting person may look at, oldest first; page `number` of `count`, `total` works in all.

    assigned: an examiner's own list (else all she covers)."""

    rows: list[EvidenceRow]
    number: int
    count: int
    total: int
    assigned: bool

    @property
    def previous(self) -> int | None:
        return self.number - 1 if self.number > 1 else None

    @property
    def next(self) -> int | None:
        return self.number + 1 if self.number < self.count else None
