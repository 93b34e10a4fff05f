"""What the media rooms say to pages and to the rooms above: states, moves and frozen page data. No Django."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class Purpose(StrEnum):
    """What a video was handed in for. Only a submission is judged: every list and gate of works knows no other."""

    SUBMISSION = "submission"  # 视频作品, for the assessment
    LESSON = "lesson"  # 教学视频
    HOMEWORK = "homework"  # 作业视频
    RECORDING = "recording"  # 课次录像: kept as evidence that the training took place (S2-31), never transcribed


# Videos of hours; the others last minutes.
LONG = frozenset({Purpose.LESSON, Purpose.RECORDING})


class AssetState(StrEnum):
    """Where an uploaded selling video stands (domain 3.2, 视频作品, as far as the pipeline decides it)."""

    UPLOADED = "uploaded"  # 已上传
    VALIDATING = "validating"  # 文件、画面和声音检查中
    QUEUED = "queued"  # 等待语音转文字
    TRANSCRIBING = "transcribing"  # 语音转文字中
    CHECKING = "checking"  # 用语检查中
    READY = "ready_for_scoring"  # 检测完成
    REJECTED = "rejected_intake"  # 没通过检测
    FAILED = "media_failed"  # 处理出错
    REPLACED = "replaced"  # 已重新上传


# One table of allowed moves; every other move raises IllegalMove.
MOVES: dict[AssetState, frozenset[AssetState]] = {
    AssetState.UPLOADED: frozenset({AssetState.VALIDATING, AssetState.FAILED, AssetState.REPLACED}),
    # Ready at once where nothing is transcribed.
    AssetState.VALIDATING: frozenset(
        {AssetState.QUEUED, AssetState.READY, AssetState.REJECTED, AssetState.FAILED, AssetState.REPLACED}
    ),
    AssetState.QUEUED: frozenset({AssetState.TRANSCRIBING, AssetState.FAILED, AssetState.REPLACED}),
    AssetState.TRANSCRIBING: frozenset(
        {AssetState.CHECKING, AssetState.REJECTED, AssetState.FAILED, AssetState.REPLACED}
    ),
    AssetState.CHECKING: frozenset({AssetState.READY, AssetState.REJECTED, AssetState.FAILED, AssetState.REPLACED}),
    # Until its scoring begins (`sealed_at`) she may hand in another.
    AssetState.READY: frozenset({AssetState.REPLACED}),
    # Ready: the same file as somebody else's, released by the chief examiner.
    AssetState.REJECTED: frozenset({AssetState.REPLACED, AssetState.READY}),
    # A dead job that staff retry goes back to where its stage waits.
    AssetState.FAILED: frozenset(
        {AssetState.UPLOADED, AssetState.VALIDATING, AssetState.QUEUED, AssetState.CHECKING, AssetState.REPLACED}
    ),
    AssetState.REPLACED: frozenset(),
}


def may_move(before: AssetState, after: AssetState) -> bool:
    """Whether the table allows it."""
    return after in MOVES[before]


# Nothing moves any more without a person.
SETTLED = frozenset({AssetState.READY, AssetState.REJECTED, AssetState.FAILED, AssetState.REPLACED})


# The kind of job that does one stage of one work; its key is `<work's uuid>:<stage>`.
STAGE_JOB = "media.stage"


class RenditionKind(StrEnum):
    """A file made from, or equal to, the upload."""

    SOURCE = "source"
    PROXY = "proxy"
    WAV = "wav"
    POSTER = "poster"
    THUMBS = "thumbs"
    WAVEFORM = "waveform"
    CAPTIONS = "captions"


class StageState(StrEnum):
    """State of one step on the trainee's progress list."""

    DONE = "done"
    NOW = "now"
    TODO = "todo"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True)
class StoredFile:
    """A file in private storage, ready to be served. size in bytes; sha256 64 hex digits; key never leaves the server."""

    key: str
    size: int
    sha256: str
    mime: str


@dataclass(frozen=True)
class Material:
    """A video that is not judged: a lesson's or of homework. Who may see it is decided above.

    reasons: plain sentences when it was refused or processing stopped.
    hints: what the checks found that its maker may want to mend, in words. captions: number of the newest version, 0 for
    the machine's own, None while there are none.
    """

    uuid: UUID
    purpose: Purpose
    owner_user: UUID
    title: str
    state: AssetState
    state_label: str
    tone: str
    live: bool
    reasons: tuple[str, ...]
    hints: tuple[str, ...]
    duration_s: float | None
    captions: int | None


@dataclass(frozen=True)
class CaptionLine:
    """A line of captions. id: its name in every later version; the machine's lines are numbered from 0. Seconds."""

    id: int
    start_s: float
    end_s: float
    text: str


@dataclass(frozen=True)
class Captions:
    """The captions of a video in one version. number: 0 for what the machine heard, then 1, 2 … as people correct.

    doubtful: ids of lines that the machine itself does not trust; told of its own version only.
    """

    asset: UUID
    number: int
    lines: tuple[CaptionLine, ...]
    doubtful: frozenset[int] = frozenset()


@dataclass(frozen=True)
class TranscriptLine:
    """A line of a work's transcript. id: its name in every later version; the machine's lines are numbered from 0. Seconds.

    sure: somebody has listened to it. low_trust: it needs a listen.
    """

    id: int
    start_s: float
    end_s: float
    text: str
    sure: bool = False
    low_trust: bool = False


@dataclass(frozen=True)
class TranscriptVersion:
    """A work's transcript as it stood. number: 0 for what the machine heard, then 1, 2 … by, reason, at: None and "" for 0."""

    asset: UUID
    number: int
    lines: tuple[TranscriptLine, ...]
    by: UUID | None = None
    reason: str = ""
    at: datetime | None = None


@dataclass(frozen=True)
class StageView:
    """One step of the progress list.

    title: translated; state: see StageState; detail: translated short text such as "21 seconds" or "about a minute", may be
    empty; fraction: 0..1 while it runs and the engine can tell, else None (draw an indeterminate <progress>).
    """

    name: str
    title: str
    state: StageState
    detail: str
    fraction: float | None


@dataclass(frozen=True)
class WorkRow:
    """One of the trainee's own works in her list. tone: ok|warn|bad|info|now|mute of the status tag."""

    uuid: UUID
    title: str
    product_label: str
    level_label: str
    uploaded_at: datetime
    duration_s: float | None
    size: int
    state: AssetState
    state_label: str
    tone: str
    url: str


@dataclass(frozen=True)
class Pages:
    """Where a list stands: page `number` of `count` (from 1), `total` rows in all."""

    number: int
    count: int
    total: int

    @property
    def previous(self) -> int | None:
        return self.number - 1 if self.number > 1 else None

    @property
    def next(self) -> int | None:
        return self.number + 1 if self.number < self.count else None

    @property
    def start(self) -> int:
        """How many rows come before this page."""
        return (self.number - 1) * ROWS_A_PAGE


ROWS_A_PAGE = 50


def pages(total: int, asked: int) -> Pages:
    """The page asked for, or the nearest there is; an empty list has one page."""
    count = max(1, -(-total // ROWS_A_PAGE))
    return Pages(min(max(1, asked), count), count, total)


@dataclass(frozen=True)
class WorksPage:
    """The trainee's list of works, newest first. upload_url: "" for those who may only look."""

    rows: list[WorkRow]
    pages: Pages
    upload_url: str


@dataclass(frozen=True)
class WorkPage:
    """The progress page of one work, seen by its owner. Never carries transcript, findings or anything of the evidence.

    headline: translated sentence that answers "what now". reasons: plain refusal sentences (state rejected) or the one plain
    reason (state failed). can_replace: a new upload may take its place (`replace_url`). live: still moving, keep polling:
    `progress_url` after `poll_s` seconds. waiting_ahead: works in the line before this one, None when it is not waiting.
    """

    uuid: UUID
    title: str
    product_label: str
    level_label: str
    uploaded_at: datetime
    duration_s: float | None
    size: int
    state: AssetState
    state_label: str
    tone: str
    headline: str
    stages: list[StageView]
    reasons: list[str]
    waiting_ahead: int | None
    can_replace: bool
    replace_url: str
    live: bool
    poll_s: int
    progress_url: str


@dataclass(frozen=True)
class UploadPage:
    """What the upload form says before a file is chosen. replaces_title: the work that this one replaces, or "".

    said: JSON, what an upload in pieces says besides the form's fields.
    """

    max_bytes: int
    min_duration_s: int
    replaces_title: str
    works_url: str
    said: str


@dataclass(frozen=True)
class CoveredWork:
    """A work as the institution or bureau that covers it may see it: whose and how it stands, never what was said."""

    uuid: UUID
    owner_person: UUID | None
    organisation_name: str
    title: str
    uploaded_at: datetime
    state: AssetState
    state_label: str
    tone: str
    reasons: list[str]


@dataclass(frozen=True)
class BlindHead:
    """Enough of a work to decide who may see its evidence. `organisation_path` is for the gate, never for a page."""

    uuid: UUID
    code: str
    organisation_path: str


@dataclass(frozen=True)
class BlindWork:
    """A line of an examiner's list. findings_bad counts B and H, findings_warn M and L, checks_warn checks that warn."""

    uuid: UUID
    code: str
    level_label: str
    product_label: str
    duration_s: float
    ready_at: datetime
    findings_bad: int
    findings_warn: int
    checks_warn: int


@dataclass(frozen=True)
class EvidenceCue:
    """A caption line. masks: character spans of text that hold a name said in a self-introduction."""

    index: int
    start_s: float
    end_s: float
    text: str
    masks: tuple[tuple[int, int], ...]
    low_trust: bool


@dataclass(frozen=True)
class EvidenceFinding:
    """A machine hint. spans: (cue index, first character, end character) of every piece; rewording: what a host may say
    instead."""

    severity: str
    category_name: str
    law: str
    law_note: str
    rule: str
    text: str
    start_s: float
    end_s: float
    suspected: bool
    spans: tuple[tuple[int, int, int], ...]
    rewording: str = ""


@dataclass(frozen=True)
class EvidenceCheck:
    """An automatic check in words. metric, threshold: with units, "" where there is none."""

    name: str
    label: str
    verdict: str
    metric: str
    threshold: str
    ranges: tuple[tuple[float, float], ...]
    note: str


@dataclass(frozen=True)
class EvidenceFeature:
    """A figure for scoring support in words. value: with its unit, "" where it is absent; why: then the reason, else ""."""

    name: str
    label: str
    value: str
    why: str


@dataclass(frozen=True)
class EvidenceMarker:
    """A part of a selling video. at_s: its first second, None where it is not heard; doubtful: in untrusted lines alone."""

    name: str
    label: str
    at_s: float | None
    doubtful: bool


@dataclass(frozen=True)
class EvidenceCoverage:
    """How much of a criterion's topics is heard. criterion: its code; label: its name; said of `topics`; missing: topics in
    words."""

    criterion: str
    label: str
    said: int
    topics: int
    missing: tuple[str, ...]


@dataclass(frozen=True)
class EvidenceFeatures:
    """Features for scoring support; coverage of those criteria alone whose words could be heard."""

    figures: tuple[EvidenceFeature, ...]
    markers: tuple[EvidenceMarker, ...]
    coverage: tuple[EvidenceCoverage, ...]


@dataclass(frozen=True)
class Evidence:
    """All that the machine found in one finished work; nothing in it says whose it is.

    waveform: peaks 0..1 evenly spaced over duration_s. engine_line: engines and versions. cues by index, findings by time.
    features: None in works of versions that found none. transcript: number of its version, 0 for what the machine heard.
    """

    code: str
    level_label: str
    product_label: str
    declared_ai: bool
    duration_s: float
    waveform: list[float]
    cues: list[EvidenceCue]
    findings: list[EvidenceFinding]
    checks: list[EvidenceCheck]
    engine_line: str
    features: EvidenceFeatures | None = None
    transcript: int = 0
