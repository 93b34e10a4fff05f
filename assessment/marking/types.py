"""Page data of evidence, scoring desk and panel, and the states of marking: blind from the start. No Django.

Nothing here may hold the owner's name, the file name, the typed title or the institution; the work is its blind code.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from media_pipeline.assets.types import Pages
from media_pipeline.similarity.types import HeldWork, LookalikeLine, Release


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


class ShownFeatures(Protocol):
    """Features for scoring support as the pipeline words them for pages; figures, markers and coverage as components draw."""

    @property
    def figures(self) -> tuple[object, ...]: ...
    @property
    def markers(self) -> tuple[object, ...]: ...
    @property
    def coverage(self) -> tuple[object, ...]: ...


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
    text: the words as heard, masked like the transcript. suspected: found by sound only (疑似).
    rewording: what a host may say instead, "" when the rule has none. gone: the corrected transcript does not hold it any
    more; the panel rules on it all the same."""

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
    rewording: str = ""
    gone: bool = False


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
    look_url: the page that shows what was found side by side, "" where there is none.
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
    look_url: str = ""


@dataclass(frozen=True)
class EvidencePage:
    """Everything the evidence page shows. waveform: peaks 0..1, evenly spaced over duration_s.

    findings: in time order, numbered from 1; each also hangs on the cue it begins in. hint_count, check_count: for the tabs.
    engine_line: engines and versions, one line. start_s: second the player opens at (`?t=`), 0 by default. list_url: "" for a
    trainee, who sees her own work only. features: for scoring support, None in works of versions that found none.
    package_url: where the sealed file is taken, by POST.
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
    features: ShownFeatures | None = None
    transcript_url: str = ""
    transcript_number: int = 0
    package_url: str = ""


@dataclass(frozen=True)
class TranscriptLineView:
    """A line to listen to. text: names masked letter by letter, and so it is typed. error: why it was not taken."""

    id: int
    start_s: float
    end_s: float
    text: str
    masked: bool
    low_trust: bool
    sure: bool
    heard: bool = False
    error: str = ""


@dataclass(frozen=True)
class LineChange:
    """What one version made of a line: before and after, "" for a line put in or taken out, the same for one confirmed."""

    start_s: float
    before: str
    after: str


@dataclass(frozen=True)
class TranscriptChange:
    """One version for its readers. seat and reason: "" for an examiner, who must not learn what a colleague thinks."""

    number: int
    at: datetime
    seat: str
    reason: str
    changes: list[LineChange]


@dataclass(frozen=True)
class TranscriptPage:
    """The transcript of a work, to be corrected by an examiner of its panel or read with its history.

    number: the version shown, 0 for the machine's. reason: as typed. mistake: what was refused as a whole. added: start, end
    and text of a line that the machine missed, as typed.
    """

    code: str
    level_label: str
    product_label: str
    duration_s: float
    video_url: str
    captions_url: str
    poster_url: str
    number: int
    editable: bool
    lines: list[TranscriptLineView]
    doubtful: int
    versions: list[TranscriptChange]
    back_url: str
    reason: str = ""
    mistake: str = ""
    field: str = ""
    added: tuple[str, str, str] = ("", "", "")


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


class Verdict(StrEnum):
    """What a person says of a machine finding."""

    CONFIRM = "confirm"  # 确认违规
    DISMISS = "dismiss"  # 不成立


class PanelKind(StrEnum):
    """What a panel judges: everything about examiners, sheets and arbitration is the same for both."""

    VIDEO = "video"  # 视频作品
    ANSWERS = "answers"  # 简答题答卷


@dataclass(frozen=True)
class BookletItem:
    """One short-answer question of a paper. position: on the paper; marks: what it is worth there, above 0, in hundredths."""

    position: int
    question: UUID
    version: UUID
    marks: Decimal


class PanelState(StrEnum):
    """Where a panel stands: waiting for examiners → scoring → (spread → arbitration) → rulings of the chief → final."""

    WAITING = "waiting"  # 待分配
    SCORING = "scoring"  # 评分中
    SPREAD = "spread"  # 分差过大，待指派
    ARBITRATION = "arbitration"  # 仲裁评分中
    RULINGS = "rulings"  # 待组长裁定
    FINAL = "final"  # 已完成


# One table of allowed moves; every other move raises IllegalMove.
PANEL_MOVES: dict[PanelState, frozenset[PanelState]] = {
    PanelState.WAITING: frozenset({PanelState.SCORING}),
    # A seat that falls empty waits again while the others go on: the state stays, `shortfall` says why.
    PanelState.SCORING: frozenset({PanelState.SPREAD, PanelState.RULINGS, PanelState.FINAL}),
    PanelState.SPREAD: frozenset({PanelState.ARBITRATION}),
    PanelState.ARBITRATION: frozenset({PanelState.SPREAD, PanelState.RULINGS}),
    PanelState.RULINGS: frozenset({PanelState.FINAL}),
    PanelState.FINAL: frozenset(),
}


class SheetState(StrEnum):
    """Where one examiner's sheet stands (domain 3.2, 评分表)."""

    ASSIGNED = "assigned"  # 待评
    IN_PROGRESS = "in_progress"  # 评分中
    SUBMITTED = "submitted"  # 已提交
    INCLUDED = "included"  # 已计入
    SUPERSEDED = "superseded"  # 未计入 (trimmed, or not one of the middle ones after arbitration)
    CONFLICT_DECLARED = "conflict_declared"  # 已回避
    WITHDRAWN = "withdrawn"  # 已改派; everything saved stays and continues if it comes back to her


SHEET_MOVES: dict[SheetState, frozenset[SheetState]] = {
    SheetState.ASSIGNED: frozenset({SheetState.IN_PROGRESS, SheetState.CONFLICT_DECLARED, SheetState.WITHDRAWN}),
    SheetState.IN_PROGRESS: frozenset({SheetState.SUBMITTED, SheetState.CONFLICT_DECLARED, SheetState.WITHDRAWN}),
    SheetState.SUBMITTED: frozenset({SheetState.INCLUDED, SheetState.SUPERSEDED}),
    SheetState.INCLUDED: frozenset(),
    SheetState.SUPERSEDED: frozenset(),
    SheetState.CONFLICT_DECLARED: frozenset(),
    SheetState.WITHDRAWN: frozenset({SheetState.ASSIGNED, SheetState.IN_PROGRESS}),
}
# She may still write on it.
OPEN_SHEETS = frozenset({SheetState.ASSIGNED, SheetState.IN_PROGRESS})
# It is locked.
LOCKED_SHEETS = frozenset({SheetState.SUBMITTED, SheetState.INCLUDED, SheetState.SUPERSEDED})
# It holds its seat on the panel.
SEATED_SHEETS = OPEN_SHEETS | LOCKED_SHEETS


class Relation(StrEnum):
    """Why an examiner withdraws from a work (回避)."""

    RELATIVE = "relative"  # 亲属
    MASTER_APPRENTICE = "master_apprentice"  # 师徒
    TEACHER_STUDENT = "teacher_student"  # 师生
    INTEREST = "interest"  # 利益关系
    OTHER = "other"  # 其他


@dataclass(frozen=True)
class SheetChanges:
    """What a save brings; a key that is not there leaves its value as it was.

    scores: criterion code → figure as typed, "" clears. comments: criterion code → text; a line that begins with
    `[00:41]` is a comment at that second. rulings: finding number → (verdict or "" to clear, reason).
    """

    scores: Mapping[str, str] = field(default_factory=dict)
    comments: Mapping[str, str] = field(default_factory=dict)
    rulings: Mapping[int, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Receipt:
    """The answer to a save. total: of the scores so far; done of `of`: criteria scored; missing: what still keeps the sheet
    from being handed in, criterion codes and findings as `F2`. errors: code, `F2` or `C2.comment` → what is wrong with
    it; everything else was saved (answer 422 when there are errors, always with the new revision).
    """

    revision: int
    saved_at: datetime
    total: Decimal
    done: int
    of: int
    rulings_done: int
    rulings_of: int
    missing: tuple[str, ...]
    errors: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class SheetDraft:
    """The latest sheet as the browser keeps it, for the answer to a stale save ("sheet")."""

    revision: int
    scores: Mapping[str, str]
    comments: Mapping[str, str]
    rulings: Mapping[int, tuple[str, str]]


class MarkingRefusal(Exception):
    """A foreseen refusal of a service of this room. `message` is for the person who asked; `field` names the input."""

    code = "refused"

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class StaleRevision(MarkingRefusal):
    """Another window saved meanwhile (409): `draft` is what is stored."""

    code = "revision"

    def __init__(self, message: str, *, draft: SheetDraft) -> None:
        super().__init__(message)
        self.draft = draft


class SheetLocked(MarkingRefusal):
    """The sheet was handed in: nothing more is written on it (409). A second submit of the same sheet ends here too."""

    code = "submitted"


class SheetWithdrawn(MarkingRefusal):
    """The sheet is not hers any more: reassigned, or she declared a conflict (409). What she saved is kept."""

    code = "withdrawn"


class SheetIncomplete(MarkingRefusal):
    """It may not be handed in yet. missing: as in `Receipt`."""

    code = "incomplete"

    def __init__(self, message: str, *, missing: tuple[str, ...]) -> None:
        super().__init__(message)
        self.missing = missing


class ConflictKnown(MarkingRefusal):
    """A tie to the candidate is on record: she must declare the conflict instead."""

    code = "conflict"


class NotInPool(MarkingRefusal):
    """She is no filed examiner with a valid card any more: what she saved stays, but she may not hand in."""

    code = "pool"


@dataclass(frozen=True)
class BandView:
    """One band of a criterion: 优秀 13.5–15. low, high: Decimal, in the rubric's steps; descriptor: one short line."""

    code: str
    label: str
    low: Decimal
    high: Decimal
    descriptor: str


@dataclass(frozen=True)
class NoteView:
    """One line of a comment; at_s: the second it speaks of, None when it has none."""

    at_s: float | None
    text: str


@dataclass(frozen=True)
class CriterionRow:
    """One line of the sheet. maximum, score: Decimal; score None while empty; hints: automatic checks beside it (their
    ranges are the times); band: code of the band the score lies in, "" while empty."""

    code: str
    title: str
    observed: str
    maximum: Decimal
    step: Decimal
    bands: list[BandView]
    score: Decimal | None
    band: str
    comment: str
    notes: list[NoteView]
    hints: list[CheckView]


@dataclass(frozen=True)
class SheetFinding:
    """A finding to rule on (B, H, M) with her own ruling. verdict: "" | confirm | dismiss. deduction: what it costs once
    confirmed (确认后 -10分): points, None for B (proposed fail, C7 becomes 0)."""

    finding: FindingView
    verdict: str
    reason: str
    deduction: int | None


@dataclass(frozen=True)
class DeskPage:
    """What the scoring desk says of a sheet to its examiner, whatever she judges. editable: she may still write; locked:
    handed in, read only (no other sheet is ever shown here). findings: to rule on; a booklet has none.

    handed_in of `assigned`: her works (本批 12/30). next_url: the next open work, "" when none. relations: value, label.
    URL names: scoring_list, scoring_sheet, scoring_save, scoring_submit, scoring_conflict (each with the code).
    """

    code: str
    kind: PanelKind
    rubric_title: str
    rubric_version: int
    level_label: str
    state: SheetState
    state_label: str
    editable: bool
    locked: bool
    revision: int
    saved_at: datetime | None
    submitted_at: datetime | None
    lease_until: datetime | None
    criteria: list[CriterionRow]
    findings: list[SheetFinding]
    total: Decimal
    maximum: Decimal
    places: int
    done: int
    of: int
    rulings_done: int
    rulings_of: int
    missing: list[str]
    handed_in: int
    assigned: int
    relations: list[tuple[str, str]]
    list_url: str
    next_url: str
    save_url: str
    submit_url: str
    conflict_url: str


@dataclass(frozen=True)
class SheetPage(DeskPage):
    """The scoring desk of one video, by its examiner. `evidence` is the evidence page as is; findings that need no ruling (L)
    are only there. waived: titles of criteria that a decision waives; nobody scores them, and nobody here knows why."""

    evidence: EvidencePage
    waived: list[str]


@dataclass(frozen=True)
class AnswerView:
    """One question of a booklet with the answer to judge. stimulus, stem, model, points: HTML, made from the bank's plain
    text; model: the answer that is expected, points: what it is explained by, both "" where they are not this person's to
    see. words: as the candidate typed them."""

    code: str
    position: int
    title: str
    maximum: Decimal
    stimulus: str
    stem: str
    words: str
    model: str = field(repr=False)
    points: str = field(repr=False)


@dataclass(frozen=True)
class BookletPage(DeskPage):
    """The scoring desk of one booklet, by its examiner. answers: criterion → question and answer. blank: positions that were
    not answered; they are worth 0 and nobody scores them."""

    answers: Mapping[str, AnswerView]
    blank: list[int]


@dataclass(frozen=True)
class DeskRow:
    """One work or booklet in the examiner's list 待评. tone of the state tag: now|info|ok|mute. late: her time for it is over
    (the chief may give it to somebody else; what she saved stays). product_label: of a booklet what it is; duration_s: None
    there."""

    code: str
    kind: PanelKind
    level_label: str
    product_label: str
    duration_s: float | None
    state: SheetState
    state_label: str
    tone: str
    done: int
    of: int
    to_rule: int
    assigned_at: datetime
    lease_until: datetime | None
    late: bool
    submitted_at: datetime | None
    url: str


@dataclass(frozen=True)
class DeskList:
    """An examiner's works: `waiting` by the time they are due, `handed_in` newest first (at most 50)."""

    waiting: list[DeskRow]
    handed_in: list[DeskRow]
    handed_in_total: int


@dataclass(frozen=True)
class PanelRow:
    """One panel in the chief's list. handed_in of `seats`; spread None until all are in; to_decide: findings only the chief
    can decide; why: sentences that say what it waits for; asks: something waits for the chief."""

    code: str
    kind_label: str
    level_label: str
    state: PanelState
    state_label: str
    tone: str
    handed_in: int
    seats: int
    spread: Decimal | None
    to_decide: int
    why: list[str]
    asks: bool
    moved_at: datetime
    url: str


@dataclass(frozen=True)
class PanelsList:
    """Panels that the acting organisation covers: `asking` wait for the chief, then `running`, then `finished` (newest first;
    page `number` of `count`). total: panels in all."""

    asking: list[PanelRow]
    running: list[PanelRow]
    finished: list[PanelRow]
    number: int
    count: int
    total: int

    @property
    def previous(self) -> int | None:
        return self.number - 1 if self.number > 1 else None

    @property
    def next(self) -> int | None:
        return self.number + 1 if self.number < self.count else None


@dataclass(frozen=True)
class SeatView:
    """One examiner as 甲乙丙丁. name: "" until the panel is signed. total None until every sheet is in. late: her time is
    over. may_reassign: the chief may give the sheet to somebody else (only when late). counted: its total made the mark."""

    seat: int
    label: str
    name: str
    state: SheetState
    state_label: str
    tone: str
    total: Decimal | None
    fourth: bool
    late: bool
    may_reassign: bool
    counted: bool
    lease_until: datetime | None
    submitted_at: datetime | None


@dataclass(frozen=True)
class PanelCriterion:
    """One line of the comparison. scores and comments in the order of the seats; None where a sheet is not shown (yet).
    spread: largest difference; wide: worth looking at (at least 20 % of the maximum)."""

    code: str
    title: str
    maximum: Decimal
    scores: list[Decimal | None]
    comments: list[list[NoteView]]
    spread: Decimal | None
    wide: bool


@dataclass(frozen=True)
class RulingView:
    """One person's ruling. label: 甲, 乙, 丙 or 组长."""

    label: str
    verdict: Verdict
    verdict_label: str
    reason: str


@dataclass(frozen=True)
class PanelFindingView:
    """A finding with the panel's rulings ([] until every sheet is in). status: "" (too early) | confirmed | dismissed | open.
    needs_chief: a tie, or B; chief: her ruling or None; deduction as in SheetFinding."""

    finding: FindingView
    rulings: list[RulingView]
    confirmed: int
    dismissed: int
    needs_chief: bool
    chief: RulingView | None
    status: str
    status_label: str
    deduction: int | None


@dataclass(frozen=True)
class ExaminerOption:
    """An examiner who could take a seat: filed, level, no conflict, not on the panel. name masked; load: open sheets."""

    examiner: UUID
    name: str
    grade_label: str
    load: int
    recommended: bool


@dataclass(frozen=True)
class MarkView:
    """The sum as it stands (after every sheet is in): centre = mean or median; removed: C7 taken away for a B; deducted;
    mark; proposed_fail. pending: the chief still has to decide something."""

    method: str
    method_label: str
    centre: Decimal
    removed: Decimal
    deducted: int
    mark: Decimal
    grade: str
    grade_label: str
    proposed_fail: bool
    pending: bool


@dataclass(frozen=True)
class MarksView:
    """What the sheets of a booklet come to (after every sheet is in). marks: title of a question and its mark; blank:
    positions that were not answered, 0 each; total of `maximum`."""

    method_label: str
    marks: list[tuple[str, Decimal]]
    blank: list[int]
    total: Decimal
    maximum: Decimal


@dataclass(frozen=True)
class PanelPage:
    """One panel for the chief (others who may read it: may_decide etc. are False). evidence: of a video, as on the scoring
    desk; answers: of a booklet, each by its criterion, where she may read them; `mark` and findings are a video's, `marks` a
    booklet's.

    waived: titles of criteria that nobody scores. why: sentences that say what it waits for. options: who could take a seat
    (the fourth, or a late sheet); [] when nothing is to be assigned. reason_required: signing needs a reason (after
    arbitration).
    URL names, each with the code: panel, panel_finding, panel_fourth, panel_sign, panel_reassign, panel_retry.
    """

    code: str
    kind: PanelKind
    evidence: EvidencePage | None
    answers: Mapping[str, AnswerView]
    level_label: str
    rubric_title: str
    rubric_version: int
    state: PanelState
    state_label: str
    tone: str
    waived: list[str]
    why: list[str]
    seats: list[SeatView]
    criteria: list[PanelCriterion]
    spread: Decimal | None
    spread_limit: Decimal
    limit_words: str
    places: int
    findings: list[PanelFindingView]
    mark: MarkView | None
    marks: MarksView | None
    options: list[ExaminerOption]
    may_retry: bool
    may_decide: bool
    may_assign: bool
    may_sign: bool
    reason_required: bool
    refused: str
    signed_by: str
    signed_at: datetime | None
    signed_reason: str
    list_url: str
    finding_url: str
    fourth_url: str
    sign_url: str
    reassign_url: str
    retry_url: str


class Centre(StrEnum):
    """How the sheets became one figure (domain 4.3 rule 3)."""

    MEAN = "mean"  # 平均
    TRIMMED = "trimmed"  # 去掉一个最高、一个最低后平均
    MEDIAN = "median"  # 仲裁后取中位数


@dataclass(frozen=True)
class SheetMarks:
    """The scores of one locked sheet: criterion code → Decimal."""

    seat: int
    scores: Mapping[str, Decimal]

    @property
    def total(self) -> Decimal:
        return sum(self.scores.values(), Decimal(0))


@dataclass(frozen=True)
class Ruled:
    """A finding with the counts of the panel's rulings and the chief's own, if any. silent: sheets that were handed in before
    it was found in a corrected transcript."""

    number: int
    severity: str
    confirmed: int
    dismissed: int
    chief: Verdict | None = None
    silent: int = 0


@dataclass(frozen=True)
class MarkingRules:
    """What a rubric says beside its criteria. bands: (code, lowest share in percent), best first; trim_from: this many sheets
    lose the highest and the lowest; high, medium: points a confirmed finding costs, and all of its kind at most."""

    bands: tuple[tuple[str, int], ...]
    compliance: str
    trim_from: int
    high: int
    high_cap: int
    medium: int
    medium_cap: int


@dataclass(frozen=True)
class Judgement:
    """What sheets and rulings come to. counted: seats whose totals make the centre; means: criterion → figure, one decimal,
    adding up to the centre; removed: compliance marks taken away for a B; points: finding → points it cost (a cap may leave
    0); undecided: findings only the chief can decide; while there are any, the mark is provisional."""

    spread: Decimal
    method: Centre
    counted: tuple[int, ...]
    centre: Decimal
    means: Mapping[str, Decimal]
    removed: Decimal
    points: Mapping[int, int]
    deducted: int
    mark: Decimal
    grade: str
    proposed_fail: bool
    undecided: tuple[int, ...]


@dataclass(frozen=True)
class BookletJudgement:
    """What the sheets of a booklet come to. marks: criterion → mark in hundredths; total: their sum."""

    spread: Decimal
    method: Centre
    counted: tuple[int, ...]
    marks: Mapping[str, Decimal]
    total: Decimal


@dataclass(frozen=True)
class OutcomeCriterion:
    """One criterion of an outcome. mean: over the counted sheets, one decimal; the means add up to the centre. band: code."""

    code: str
    title: str
    maximum: Decimal
    mean: Decimal
    band: str
    band_label: str


@dataclass(frozen=True)
class OutcomeSheet:
    """One examiner's sheet, as 甲乙丙丁. content_hash: of the sheet as she signed it."""

    label: str
    total: Decimal
    counted: bool
    content_hash: str


@dataclass(frozen=True)
class OutcomeDeduction:
    """A confirmed finding. quote: the words, names masked; start_s, end_s: seconds in the video; points: what it cost (0 when
    the most that may be deducted was reached), None for B: the compliance marks (`removed`) and the grade. confirmed: how many
    of the `asked` examiners confirmed it; by_chief: the chief examiner decided."""

    number: int
    severity: str
    severity_label: str
    tone: str
    category_name: str
    law: str
    law_note: str
    rule: str
    quote: str
    start_s: float
    end_s: float
    points: int | None
    confirmed: int
    asked: int
    by_chief: bool


@dataclass(frozen=True)
class OutcomeData:
    """How one video came to its mark, pinned to rubric, evidence, sheets and rulings: centre − removed − deducted = mark,
    not below 0. waived: titles of criteria that a decision waives; all figures are then scaled to 100 marks. dismissed: how
    many machine findings people did not confirm. signed_by: a user, None when no decision of the chief was needed."""

    uuid: UUID
    submission: UUID
    candidacy: UUID
    asset: UUID
    code: str
    level: int
    specification: UUID
    rubric_key: str
    rubric_version: int
    rubric_hash: str
    rubric_title: str
    evidence_hash: str
    engine_line: str
    method: Centre
    method_label: str
    spread: Decimal
    sheets: list[OutcomeSheet]
    criteria: list[OutcomeCriterion]
    centre: Decimal
    removed: Decimal
    removed_title: str
    deductions: list[OutcomeDeduction]
    deducted: int
    dismissed: int
    mark: Decimal
    maximum: Decimal
    grade: str
    grade_label: str
    proposed_fail: bool
    signed_by: UUID | None
    reason: str
    at: datetime
    content_hash: str
    waived: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class BookletOutcomeData:
    """How the short answers of an attempt came to their marks. marks: position → mark in hundredths, of every question; method
    None: nothing was answered, nobody was asked; sheets as in `OutcomeData`."""

    uuid: UUID
    attempt: UUID
    candidacy: UUID
    code: str
    method: Centre | None
    marks: tuple[tuple[int, Decimal], ...]
    total: Decimal
    maximum: Decimal
    spread: Decimal
    sheets: tuple[OutcomeSheet, ...]
    signed_by: UUID | None
    reason: str
    at: datetime
    content_hash: str


@dataclass(frozen=True)
class WaiverData:
    """The decision that holds for a candidacy: names of checks and codes of criteria that are waived. Never its reason.

    uuid, by, at: None where nobody decided.
    """

    candidacy: UUID
    uuid: UUID | None
    checks: tuple[str, ...]
    criteria: tuple[str, ...]
    by: UUID | None = None
    at: datetime | None = None


@dataclass(frozen=True)
class WaiverRow:
    """A candidate in the chief's list of waivers. name: masked; what: what is waived in words, "" for nothing; at: when that
    was decided."""

    name: str
    class_name: str
    level_label: str
    what: str
    at: datetime | None
    url: str


@dataclass(frozen=True)
class WaiverList:
    """classes: (uid, name, level in words) whose candidates may still be examined; chosen: the one shown, None for none; rows:
    its candidates; decided: everybody for whom something is waived."""

    classes: list[tuple[UUID, str, str]]
    chosen: UUID | None
    rows: list[WaiverRow]
    decided: list[WaiverRow]


@dataclass(frozen=True)
class AlikeMeasure:
    """One measure in words. stretches: seconds of both works, (own start, own end, other start, other end)."""

    label: str
    value: str
    threshold: str
    warns: bool
    how: str
    stretches: list[tuple[float, float, float, float]]


@dataclass(frozen=True)
class AlikeRow:
    """A match in the list of a work. title names the other by a number alone."""

    number: int
    title: str
    same_person: bool
    measures: list[AlikeMeasure]
    url: str


@dataclass(frozen=True)
class AlikePage:
    """The matches of one work. held: the same file of somebody else keeps it from being scored. back_url: "" where the reader
    comes from the list of held works. release: the decision that let it go on, for those who are not blind."""

    code: str
    rows: list[AlikeRow]
    held: bool
    may_release: bool
    release: Release | None
    back_url: str
    back_label: str


@dataclass(frozen=True)
class AlikeSide:
    """One of the two clips. video_url: "" where its file is gone."""

    title: str
    video_url: str
    poster_url: str
    duration_s: float
    start_s: float
    lines: tuple[LookalikeLine, ...]


@dataclass(frozen=True)
class AlikePair:
    """Two works side by side. code: one's own; other_code: the other's, "" for whoever is blind."""

    code: str
    row: AlikeRow
    other_code: str
    own: AlikeSide
    other: AlikeSide
    shared: int
    back_url: str


@dataclass(frozen=True)
class HeldRow:
    """One of them, by its code."""

    work: HeldWork
    url: str


@dataclass(frozen=True)
class HeldPage:
    """Works that are held back because somebody else handed in the same file, the longest waiting first."""

    rows: list[HeldRow]
    pages: Pages


@dataclass(frozen=True)
class WaiverPage:
    """What may be waived for one candidate. checks, criteria: (name, label); reason: of the decision that holds, as typed by
    whoever took it. may_decide: False for those who only read. begun: her work is being scored, and it is too late for it."""

    candidacy: UUID
    row: WaiverRow
    checks: list[tuple[str, str]]
    criteria: list[tuple[str, str]]
    waived_checks: tuple[str, ...]
    waived_criteria: tuple[str, ...]
    reason: str = field(repr=False)
    may_decide: bool
    begun: bool
