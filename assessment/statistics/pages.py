"""The pages of statistics, from stored runs alone: the same in Wagtail's frame for the committee and at the offices' desk."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from assessment.bank.above import QuestionFigures
from assessment.bank.presentation import TYPES, topic_label
from assessment.bank.rules import reads_questions
from assessment.papers.pages import Column
from assessment.papers.selectors import group_of
from assessment.statistics.building import flag_of
from assessment.statistics.flags import reaching, thresholds
from assessment.statistics.models import AnalysedItem, AnalysisRun, Concern
from assessment.statistics.presentation import (
    DASH,
    KINDS,
    NO_RASCH,
    STATES,
    TONES,
    counted,
    difficulty_words,
    drift_words,
    few_words,
    figure,
    fit_words,
    flag_label,
    flag_words,
    option_label,
    percent,
    type_of,
)
from assessment.statistics.rules import asks_for_runs, decides_concerns, may_see_options, reads_statistics
from assessment.statistics.selectors import (
    PAGE,
    DecisionData,
    decisions_on,
    history_for,
    is_standing,
    items_of,
    newest_of,
    newest_run,
    open_concern,
    open_concerns,
    run_for,
    runs,
    waiting_concerns,
)
from assessment.statistics.types import Code, Flag, OptionFigures, RunKind, Same
from lms.accounts.api import Acting
from lms.core import clock
from lms.core.charts import BarChart, ColumnChart, Scatter, ShareBar, columns, scatter, share_bars
from lms.core.types import Level

_PASS: Final = 60
_STEPS: Final = 20
_CORRELATION: Final = (-0.4, 0.8)
_NAMED: Final = 12  # items of one step of the map that are named


@dataclass(frozen=True)
class Cell:
    """One cell. num: a figure, to the right; tags: states in words and tones; url: where it leads; kind: code (short, in one
    line), wide (a name) or ""."""

    text: str = ""
    num: bool = False
    tags: tuple[tuple[str, str], ...] = ()
    url: str = ""
    kind: str = ""


@dataclass(frozen=True)
class Table:
    """A table in either frame. note: words instead of rows; foot: a line below."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""
    foot: str = ""


@dataclass(frozen=True)
class Link:
    """Somewhere to go; current: here already."""

    label: str
    url: str
    current: bool = False


@dataclass(frozen=True)
class Frame:
    """Where a page stands: its addresses. desk: at the offices' desk, else in Wagtail's frame."""

    desk: bool

    def _at(self, name: str, *args: Any, **query: Any) -> str:
        address = reverse(f"assessment:statistics_{name}" if self.desk else f"statistics:{name}", args=args)
        said = {key: value for key, value in query.items() if value not in (None, "")}
        return f"{address}?{urlencode(said)}" if said else address

    def list(self, **query: Any) -> str:
        """Sittings analysed."""
        return self._at("list", **query)

    def run(self, uuid: UUID, **query: Any) -> str:
        """One run."""
        return self._at("run", uuid, **query)

    def excel(self, uuid: UUID) -> str:
        """The same as a file."""
        return self._at("excel", uuid)

    def question(self, uuid: UUID, **query: Any) -> str:
        """One question."""
        return self._at("question", uuid, **query)


# The list --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ListPage:
    """Sittings analysed. concerns: how many questions wait for the committee, None for those who decide nothing."""

    sittings: Table
    wholes: Table
    levels: tuple[Link, ...]
    older: str
    newer: str
    concerns: int | None
    concerns_url: str


def list_page(acting: Acting, frame: Frame, *, level: Level | None = None, offset: int = 0) -> ListPage:
    """Raises NotAllowed."""
    found = runs(acting, level=level, offset=offset)
    number = int(level) if level else None
    decides = decides_concerns(acting) and not frame.desk
    return ListPage(
        sittings=Table(
            pgettext("statistics", "Sittings analysed"),
            (
                Column(pgettext("statistics", "Sitting")),
                Column(pgettext("statistics", "Held on")),
                Column(pgettext("statistics", "Level")),
                Column(pgettext("statistics", "Candidates"), num=True),
                Column(pgettext("statistics", "Mean"), num=True),
                Column(pgettext("statistics", "Reliability"), num=True),
                Column(pgettext("statistics", "Flagged"), num=True),
            ),
            tuple(_run_row(row, frame) for row in found.rows),
            note=_("No results have been released yet. An analysis is made as soon as they are."),
        ),
        wholes=Table(
            pgettext("statistics", "Several sittings taken together"),
            (
                Column(pgettext("statistics", "Analysis")),
                Column(pgettext("statistics", "What is taken together")),
                Column(pgettext("statistics", "Sittings"), num=True),
                Column(pgettext("statistics", "Candidates"), num=True),
                Column(pgettext("statistics", "Flagged"), num=True),
            ),
            tuple(
                (
                    Cell(row.title, url=frame.run(row.uuid)),
                    Cell(str(KINDS[RunKind(row.kind)])),
                    Cell(f"{row.sittings:,}", num=True),
                    Cell(f"{row.candidates:,}", num=True),
                    Cell(str(row.flagged), num=True),
                )
                for row in found.wholes
            ),
            note=pgettext("statistics", "None yet."),
        ),
        levels=(
            Link(pgettext("statistics", "All levels"), frame.list(), level is None),
            *(
                Link(one.label_zh, frame.list(level=int(one)), one is level)
                for one in (Level.ELEMENTARY, Level.INTERMEDIATE, Level.ADVANCED)
            ),
        ),
        older=frame.list(level=number, offset=found.before) if found.before else "",
        newer=frame.list(level=number, offset=max(0, offset - PAGE)) if offset else "",
        concerns=waiting_concerns(acting) if decides else None,
        concerns_url=reverse("statistics:concerns") if decides else "",
    )


def _run_row(row: AnalysisRun, frame: Frame) -> tuple[Cell, ...]:
    test = _tests_of(row)
    return (
        Cell(f"{row.title} · {row.place}" if row.place else row.title, url=frame.run(row.uuid), kind="wide"),
        Cell(clock.day_of(row.held_at).isoformat(), kind="code"),
        Cell(Level(row.level).label_zh, kind="code"),
        Cell(f"{row.candidates:,}", num=True),
        Cell(counted([figure(one["mean"], 1) for one in test]) or DASH, num=True),
        Cell(counted([figure(one["alpha"]) for one in test]) or DASH, num=True),
        Cell(str(row.flagged), num=True),
    )


def _tests_of(row: AnalysisRun) -> list[Mapping[str, Any]]:
    return [part["test"] for part in row.parts if part["shown"]]


# A run -----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class MapLine:
    """One step of the item–person map. share: of the fullest step's candidates, in percent; items: their numbers."""

    label: str
    candidates: int
    share: float
    items: str
    count: int


@dataclass(frozen=True)
class RunPage:
    """One run, one of its papers. warnings: in sentences, before any figure; the charts are None where nothing is shown.

    group_url: the analysis of this paper with its parallel forms over all sittings, group_ask_url: where to ask for one.
    """

    uuid: UUID
    title: str
    place: str
    facts: tuple[tuple[str, str], ...]
    forms: tuple[Link, ...]
    warnings: tuple[str, ...]
    figures: tuple[tuple[str, str], ...]
    flags: tuple[tuple[str, str], ...]
    histogram: ColumnChart | None
    histogram_finding: str
    histogram_table: Table | None
    scatter: Scatter | None
    scatter_finding: str
    map: tuple[MapLine, ...]
    map_finding: str
    items: Table | None
    excel_url: str
    again_url: str
    newest_url: str
    group_url: str = ""
    group_ask_url: str = ""


def run_page(acting: Acting, uuid: UUID, frame: Frame, *, form: str = "") -> RunPage:
    """From the stored run: three queries, and of a sitting's paper its group's. Raises NotAllowed, Http404."""
    run = run_for(acting, uuid)
    at = next((at for at, part in enumerate(run.parts) if part["form"] == form), 0)
    again = asks_for_runs(acting) and not frame.desk
    page = page_of(run, items_of(run, at), frame, at=at, standing=is_standing(run), again=again)
    return _with_group(page, run, run.parts[at]["paper"], frame, asks=again)


def _with_group(page: RunPage, run: AnalysisRun, paper: str | None, frame: Frame, *, asks: bool) -> RunPage:
    """Before its first run a group of parallel papers is in no list: from a sitting of one of them it can be asked for."""
    if RunKind(run.kind) is not RunKind.SITTING or paper is None:
        return page
    group = group_of(UUID(paper))
    if group is None:
        return page
    held = newest_run(RunKind.GROUP, group)
    return replace(
        page,
        group_url=frame.run(held) if held else "",
        group_ask_url=reverse("statistics:again", args=[RunKind.GROUP, group]) if asks and held is None else "",
    )


def page_of(
    run: AnalysisRun,
    items: list[AnalysedItem],
    frame: Frame,
    *,
    at: int = 0,
    standing: bool = True,
    again: bool = False,
) -> RunPage:
    """The page of one booklet from its rows. again: she may ask for a new analysis."""
    part = run.parts[at]
    letter = pgettext("paper", "Form %(letter)s")
    forms = [
        Link(letter % {"letter": one["form"]}, frame.run(run.uuid, form=one["form"]), number == at)
        for number, one in enumerate(run.parts)
    ]
    page = RunPage(
        uuid=run.uuid,
        title=run.title,
        place=run.place,
        facts=_facts(run),
        forms=tuple(forms) if len(forms) > 1 else (),
        warnings=_warnings(part),
        figures=(),
        flags=(),
        histogram=None,
        histogram_finding="",
        histogram_table=None,
        scatter=None,
        scatter_finding="",
        map=(),
        map_finding="",
        items=None,
        excel_url=frame.excel(run.uuid),
        again_url=reverse("statistics:again", args=[run.kind, run.subject]) if again else "",
        newest_url="" if standing else frame.list(),
    )
    return _filled(page, run, part, items, frame) if part["shown"] else page


def _facts(run: AnalysisRun) -> tuple[tuple[str, str], ...]:
    return (
        (pgettext("statistics", "What is taken together"), str(KINDS[RunKind(run.kind)])),
        (pgettext("statistics", "Level"), Level(run.level).label_zh),
        (pgettext("statistics", "Held on"), clock.day_of(run.held_at).isoformat()),
        (pgettext("statistics", "Sittings"), f"{run.sittings:,}"),
        (pgettext("statistics", "Candidates"), f"{run.candidates:,}"),
        (pgettext("statistics", "Analysed on"), f"{run.at.astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M}"),
        (pgettext("statistics", "Run"), f"{run.number} · {run.engine} · {run.content_hash[:16]}"),
    )


def _warnings(part: Mapping[str, Any]) -> tuple[str, ...]:
    limits = thresholds()
    candidates = part["candidates"]
    if not part["shown"]:
        words = _("Fewer than %(limit)d candidates: no figures are kept, for they would be somebody's marks.")
        return (words % {"limit": limits.shown_min},)
    said = [few_words(candidates, limits.candidates_min)] if candidates < limits.candidates_min else []
    if part["no_rasch"]:
        said.append(str(NO_RASCH[part["no_rasch"]]))
    return tuple(said)


def _filled(
    page: RunPage, run: AnalysisRun, part: Mapping[str, Any], items: list[AnalysedItem], frame: Frame
) -> RunPage:
    test = part["test"]
    level = RunKind(run.kind) is RunKind.LEVEL
    flags = {item.pk: [flag_of(said, item.version) for said in item.flags] for item in items}
    looked = {item.pk for item in items if reaching(flags[item.pk], thresholds())}
    below = sum(part["scores"][: _PASS * _STEPS // 100])
    return replace(
        page,
        figures=_test_figures(test, part, level=level),
        flags=tuple((flag_words(flag), TONES[flag.weight]) for flag in map(flag_of, part["flags"])),
        histogram=columns(part["scores"], most=100, line=_PASS),
        histogram_finding=_("%(below)d of %(all)d candidates stay below %(line)d of 100.")
        % {"below": below, "all": sum(part["scores"]), "line": _PASS},
        histogram_table=_histogram_table(part["scores"]),
        scatter=_scatter(items, looked, level=level),
        scatter_finding=_scatter_finding(items, looked, level=level),
        map=_map(part["map"], items, level=level),
        map_finding=_map_finding(part["map"]),
        items=_items_table(items, flags, frame, run, level=level),
    )


def _test_figures(test: Mapping[str, Any], part: Mapping[str, Any], *, level: bool) -> tuple[tuple[str, str], ...]:
    counts = (
        (pgettext("statistics", "Candidates"), f"{test['candidates']:,}"),
        (pgettext("statistics", "Questions"), str(test["items"])),
    )
    if level:
        return counts  # nobody was asked all of them: there is no total
    return (
        *counts,
        (pgettext("statistics", "Mean"), f"{figure(test['mean'], 1)} / {figure(test['maximum'], 1)}"),
        (pgettext("statistics", "Standard deviation"), figure(test["deviation"], 1)),
        (
            pgettext("statistics", "Lowest, median, highest"),
            " · ".join(figure(test[name], 1) for name in ("lowest", "median", "highest")),
        ),
        (pgettext("statistics", "Reliability (alpha)"), figure(test["alpha"])),
        (pgettext("statistics", "Standard error of measurement"), figure(test["error"], 1)),
        (pgettext("statistics", "Reliability of abilities (Rasch)"), figure(part["separation"])),
    )


def _histogram_table(scores: Sequence[int]) -> Table:
    width = 100 // len(scores)
    rows = [
        (Cell(f"{at * width}–{(at + 1) * width}"), Cell(str(count), num=True))
        for at, count in enumerate(scores)
        if count
    ]
    return Table(
        pgettext("statistics", "Scores"),
        (
            Column(pgettext("statistics", "Of 100, the upper end left out")),
            Column(pgettext("statistics", "Candidates"), num=True),
        ),
        tuple(rows),
    )


def _number(item: AnalysedItem, *, level: bool) -> str:
    """How the figures call an item: its place on the paper, in the whole level its number in the bank."""
    return str(item.serial if level else item.position)


def _scatter(items: Iterable[AnalysedItem], looked: set[int], *, level: bool) -> Scatter | None:
    limits = thresholds()
    points = [
        (_number(item, level=level), item.figures["facility"], item.figures["correlation"], item.pk in looked)
        for item in items
        if item.figures.get("facility") is not None and item.figures.get("correlation") is not None
    ]
    if not points:
        return None
    return scatter(
        points,
        x=(0, 1),
        y=_CORRELATION,
        guides_x=(limits.facility_min, limits.facility_max),
        guides_y=(limits.correlation_min,),
    )


def _scatter_finding(items: Sequence[AnalysedItem], looked: set[int], *, level: bool) -> str:
    named = [_number(item, level=level) for item in items if item.pk in looked]
    if not named:
        return _("No question is flagged.")
    shown = counted(named[:_NAMED]) + ("…" if len(named) > _NAMED else "")
    return _("To look at: %(count)d of %(all)d questions (no. %(numbers)s).") % {
        "count": len(named),
        "all": len(items),
        "numbers": shown,
    }


def _map(rows: Sequence[Sequence[Any]], items: Iterable[AnalysedItem], *, level: bool) -> tuple[MapLine, ...]:
    """The most able and the hardest on top."""
    if not rows:
        return ()
    width = rows[1][0] - rows[0][0] if len(rows) > 1 else 0.5
    by_step: dict[int, list[str]] = {}
    for item in items:
        difficulty = item.figures.get("difficulty")
        if difficulty is not None:
            step = min(len(rows) - 1, max(0, int((difficulty - rows[0][0]) / width + 1e-6)))
            by_step.setdefault(step, []).append(_number(item, level=level))
    most = max(row[1] for row in rows) or 1
    made = []
    for step, (lowest, candidates, count) in enumerate(rows):
        named = by_step.get(step, [])
        words = counted(named[:_NAMED]) + ("…" if len(named) > _NAMED else "")
        made.append(
            MapLine(
                f"{figure(lowest, 1)} – {figure(lowest + width, 1)}",
                candidates,
                round(candidates / most * 100, 2),
                words,
                count,
            )
        )
    return tuple(reversed(made))


def _map_finding(rows: Sequence[Sequence[Any]]) -> str:
    if not rows:
        return ""
    people, things = sum(row[1] for row in rows), sum(row[2] for row in rows)
    half = (rows[1][0] - rows[0][0]) / 2 if len(rows) > 1 else 0.25
    able = sum((row[0] + half) * row[1] for row in rows) / people if people else 0.0
    hard = sum((row[0] + half) * row[2] for row in rows) / things if things else 0.0
    gap = able - hard
    if abs(gap) < 0.5:
        return _("The questions are about as hard as the candidates are able.")
    if gap > 0:
        return _("The paper was easy for these candidates: they stand %(gap)s logits above the questions.") % {
            "gap": figure(gap, 1)
        }
    return _("The paper was hard for these candidates: they stand %(gap)s logits below the questions.") % {
        "gap": figure(-gap, 1)
    }


def _items_table(
    items: Iterable[AnalysedItem],
    flags: Mapping[int, list[Flag]],
    frame: Frame,
    run: AnalysisRun,
    *,
    level: bool,
) -> Table:
    return Table(
        pgettext("statistics", "Questions"),
        (
            *(() if level else (Column(pgettext("statistics", "No."), num=True),)),
            Column(pgettext("statistics", "In the bank")),
            Column(pgettext("statistics", "Topic")),
            *((Column(pgettext("statistics", "Candidates"), num=True),) if level else ()),
            Column(pgettext("statistics", "Facility"), num=True),
            Column(pgettext("statistics", "Item–rest r"), num=True),
            *(() if level else (Column(pgettext("statistics", "Alpha without"), num=True),)),
            Column(pgettext("statistics", "Rasch difficulty"), num=True),
            Column(pgettext("statistics", "Infit / outfit"), num=True),
            Column(pgettext("statistics", "To look at")),
        ),
        tuple(
            (
                *(() if level else (Cell(str(item.position), num=True),)),
                Cell(
                    pgettext("statistics", "%(serial)d, v%(number)d")
                    % {"serial": item.serial, "number": item.version_number},
                    url=frame.question(item.question, version=item.version_number, run=run.uuid),
                    kind="code",
                ),
                Cell(item.topic),
                *((Cell(f"{item.figures['asked']:,}", num=True),) if level else ()),
                Cell(percent(item.figures.get("facility")), num=True),
                Cell(figure(item.figures.get("correlation")), num=True),
                *(() if level else (Cell(figure(item.figures.get("alpha_without")), num=True),)),
                Cell(difficulty_words(item.figures), num=True),
                Cell(fit_words(item.figures), num=True),
                Cell(tags=_tags(flags[item.pk])),
            )
            for item in items
        ),
        note=pgettext("statistics", "No question tells anything here."),
    )


def _tags(flags: Iterable[Flag]) -> tuple[tuple[str, str], ...]:
    """Each once; that there are few candidates is said above the table."""
    shown = dict.fromkeys((flag_label(flag), TONES[flag.weight]) for flag in flags if flag.code is not Code.TOO_FEW)
    return tuple(shown)


def _sentences(flags: Iterable[Flag]) -> tuple[tuple[str, str], ...]:
    """The same in full; two options that hardly anybody chose are one sentence."""
    said = dict.fromkeys((flag_words(flag), TONES[flag.weight]) for flag in flags if flag.code is not Code.TOO_FEW)
    return tuple(said)


# A question ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Options:
    """Which option the weakest, the middle and the best third chose. chart: the same as bars."""

    table: Table
    chart: BarChart
    finding: str
    flags: tuple[str, ...]


@dataclass(frozen=True)
class ConcernBox:
    """What waits for a decision. urgent: the key may be wrong."""

    uuid: UUID
    flags: tuple[tuple[str, str], ...]
    raised_on: str
    urgent: bool
    decide_url: str


@dataclass(frozen=True)
class QuestionPage:
    """One question by version. item: the row of the figures shown; options_url: where the options are shown, to who may."""

    question: UUID
    item: int
    title: str
    facts: tuple[tuple[str, str], ...]
    versions: tuple[Link, ...]
    taken_from: Link
    figures: tuple[tuple[str, str], ...]
    warnings: tuple[str, ...]
    flags: tuple[tuple[str, str], ...]
    history: Table
    history_chart: BarChart | None
    history_finding: str
    concern: ConcernBox | None
    decisions: tuple[tuple[str, str, str], ...]
    options_url: str
    bank_url: str


def question_page(
    acting: Acting, uuid: UUID, frame: Frame, *, version: str = "", run: str = "", item: int | None = None
) -> QuestionPage:
    """version: its number, the latest when "" or unknown; run: whose figures, all sittings of the level when "" or unknown;
    item: a row of the history instead of both.

    Raises NotAllowed, Http404.
    """
    rows = history_for(acting, uuid)
    shown = _chosen(rows, version, run, item)
    mine = [row for row in rows if row.version == shown.version]
    here = shown.version_number
    numbers = sorted({row.version_number for row in rows}, reverse=True)
    flags = [flag_of(said, shown.version) for said in shown.flags]
    drift = shown.figures.get("drift")
    concern = open_concern(uuid, shown.version)
    sittings = [row for row in rows if row.run.kind == RunKind.SITTING]
    return QuestionPage(
        question=uuid,
        item=shown.pk,
        title=pgettext("statistics", "Question %(serial)d, version %(number)d")
        % {"serial": shown.serial, "number": here},
        facts=(
            (pgettext("statistics", "Level"), Level(shown.run.level).label_zh),
            (pgettext("statistics", "Topic"), topic_label(shown.topic)),
            (pgettext("statistics", "Type"), str(TYPES[type_of(shown.type)])),
        ),
        versions=tuple(
            Link(
                pgettext("statistics", "Version %(number)d") % {"number": number},
                frame.question(uuid, version=number),
                number == here,
            )
            for number in numbers
        )
        if len(numbers) > 1
        else (),
        taken_from=Link(_whence(shown), frame.run(shown.run.uuid)),
        figures=_item_figures(shown, drift),
        warnings=_item_warnings(shown),
        flags=_sentences(flags),
        history=_history(rows, frame),
        history_chart=_history_chart(sittings),
        history_finding=_history_finding(sittings),
        concern=_concern(concern, acting, frame),
        decisions=tuple(_decision(one) for one in decisions_on(acting, uuid)),
        options_url=reverse("statistics:options", args=[uuid, shown.pk])
        if may_see_options(acting) and not frame.desk and shown.figures.get("facility") is not None and mine
        else "",
        bank_url=reverse("bank:question", args=[uuid]) if reads_questions(acting) and not frame.desk else "",
    )


def _chosen(rows: Sequence[AnalysedItem], version: str, run: str, item: int | None) -> AnalysedItem:
    if item is not None:
        found = next((row for row in rows if row.pk == item), None)
        if found is None:
            raise Http404
        return found
    newest = max(row.version_number for row in rows)
    asked = {str(row.version_number): row.version_number for row in rows}.get(version, newest)
    mine = [row for row in rows if row.version_number == asked]
    named = [row for row in mine if str(row.run.uuid) == run]
    over_all = [row for row in mine if row.run.kind == RunKind.LEVEL]
    return (named or over_all or mine)[0]


def _whence(item: AnalysedItem) -> str:
    if RunKind(item.run.kind) is RunKind.SITTING:
        return f"{item.run.title} · {clock.day_of(item.run.held_at).isoformat()}"
    return f"{item.run.title} · {KINDS[RunKind(item.run.kind)]}"


def _item_figures(item: AnalysedItem, drift: Mapping[str, Any] | None) -> tuple[tuple[str, str], ...]:
    said = item.figures
    if said.get("facility") is None:
        return ((pgettext("statistics", "Asked"), f"{said['asked']:,}"),)
    return (
        (pgettext("statistics", "Asked"), f"{said['asked']:,}"),
        (
            pgettext("statistics", "Answered · left empty · not reached"),
            f"{said['answered']:,} · {said['omitted']:,} · {said['not_reached']:,}",
        ),
        (pgettext("statistics", "Facility"), percent(said["facility"])),
        (pgettext("statistics", "Item–rest correlation"), figure(said["correlation"])),
        (pgettext("statistics", "Best third less weakest third"), percent(said["upper_lower"])),
        (pgettext("statistics", "Alpha of the paper without it"), figure(said["alpha_without"])),
        (pgettext("statistics", "Rasch difficulty, logits"), difficulty_words(said)),
        (pgettext("statistics", "Infit / outfit"), fit_words(said)),
        (pgettext("statistics", "Since the sittings before"), drift_words(drift)),
    )


def _item_warnings(item: AnalysedItem) -> tuple[str, ...]:
    limits = thresholds()
    if item.figures.get("facility") is None:
        words = _("Fewer than %(limit)d candidates: no figures are kept, for they would be somebody's marks.")
        return (words % {"limit": limits.shown_min},)
    reached = item.figures["answered"] + item.figures["omitted"]
    return (few_words(reached, limits.candidates_min),) if reached < limits.candidates_min else ()


def _history(rows: Iterable[AnalysedItem], frame: Frame) -> Table:
    return Table(
        pgettext("statistics", "Where it was asked"),
        (
            Column(pgettext("statistics", "Analysis")),
            Column(pgettext("statistics", "Version"), num=True),
            Column(pgettext("statistics", "Candidates"), num=True),
            Column(pgettext("statistics", "Facility"), num=True),
            Column(pgettext("statistics", "Item–rest r"), num=True),
            Column(pgettext("statistics", "Rasch difficulty"), num=True),
            Column(pgettext("statistics", "Since the sittings before")),
            Column(pgettext("statistics", "To look at")),
        ),
        tuple(
            (
                Cell(
                    _whence(row),
                    url=frame.question(row.question, version=row.version_number, run=row.run.uuid),
                    kind="wide",
                ),
                Cell(str(row.version_number), num=True),
                Cell(f"{row.figures['asked']:,}", num=True),
                Cell(percent(row.figures.get("facility")), num=True),
                Cell(figure(row.figures.get("correlation")), num=True),
                Cell(difficulty_words(row.figures), num=True),
                Cell(drift_words(row.figures.get("drift"))),
                Cell(tags=_tags([flag_of(said, row.version) for said in row.flags])),
            )
            for row in rows
        ),
    )


_IN_CHART: Final = 12


def _history_chart(sittings: Sequence[AnalysedItem]) -> BarChart | None:
    """Facility sitting by sitting, the earliest first."""
    if len(sittings) < 2:
        return None
    bars = [
        ShareBar(
            f"{clock.day_of(row.run.held_at).isoformat()} {row.run.title} v{row.version_number}",
            percent(row.figures.get("facility")),
            row.figures.get("facility"),
            1,
        )
        for row in reversed(sittings[:_IN_CHART])
    ]
    return share_bars(bars, keys=((1, pgettext("statistics", "Facility")),))


def _history_finding(sittings: Sequence[AnalysedItem]) -> str:
    drifted = [row for row in sittings if any(said[0] == Code.DRIFT for said in row.flags)]
    if not drifted:
        return _("No change beyond chance from sitting to sitting.")
    words = [flag_words(flag_of(said)) for row in drifted for said in row.flags if said[0] == Code.DRIFT]
    edited = any((row.figures.get("drift") or {}).get("same") == Same.QUESTION for row in drifted)
    changed = _("Its wording has changed in between.")
    return f"{words[0]} {changed}" if edited else words[0]


def _concern(concern: Concern | None, acting: Acting, frame: Frame) -> ConcernBox | None:
    if concern is None:
        return None
    flags = [flag_of(said, concern.version) for said in concern.flags]
    return ConcernBox(
        uuid=concern.uuid,
        flags=_sentences(flags),
        raised_on=clock.day_of(concern.raised_at).isoformat(),
        urgent=concern.urgent,
        decide_url=reverse("statistics:decide", args=[concern.uuid])
        if decides_concerns(acting) and not frame.desk
        else "",
    )


def _decision(one: DecisionData) -> tuple[str, str, str]:
    words = pgettext("statistics", "%(verdict)s, version %(number)d")
    said = words % {"verdict": STATES[one.verdict], "number": one.version_number}
    return said, one.reason, f"{one.by_name} · {clock.day_of(one.at).isoformat()}"


_THIRDS: Final = (("low", 5), ("middle", 3), ("high", 1))


def options_shown(item: AnalysedItem, found: OptionFigures) -> Options | None:
    """The distractor table and its bars, for who was shown the key. None for what has no options."""
    if not found.rows:
        return None
    reached = item.figures["answered"] + item.figures["omitted"]
    totals = {name: sum(getattr(row, name) for row in found.rows) for name, _series in _THIRDS}
    words = {
        "low": pgettext("statistics", "weakest third"),
        "middle": pgettext("statistics", "middle third"),
        "high": pgettext("statistics", "best third"),
    }
    bars = []
    rows = []
    for row in found.rows:
        label = option_label(row.option)
        marked = pgettext("statistics", "%(option)s (right)") % {"option": label} if row.right else label
        for name, series in _THIRDS:
            count, whole = getattr(row, name), totals[name]
            bars.append(
                ShareBar(
                    f"{marked} · {words[name]}",
                    f"{count} · {percent(count / whole if whole else None)}",
                    count / whole if whole else None,
                    series,
                )
            )
        rows.append(
            (
                Cell(marked),
                *(Cell(f"{getattr(row, name):,}", num=True) for name, _series in _THIRDS),
                Cell(percent(row.share), num=True),
                Cell(figure(row.correlation), num=True),
                Cell(percent(row.rest), num=True),
            )
        )
    empty = pgettext("statistics", "Left empty: %(count)d of %(all)d.")
    said = [
        f"{option_label(option)}{pgettext('punctuation', ': ')}{flag_label(_of(item, code))}"
        for code, option in found.flags
    ]
    return Options(
        table=Table(
            pgettext("statistics", "Options by thirds of the candidates"),
            (
                Column(pgettext("statistics", "Option")),
                Column(pgettext("statistics", "Weakest third"), num=True),
                Column(pgettext("statistics", "Middle third"), num=True),
                Column(pgettext("statistics", "Best third"), num=True),
                Column(pgettext("statistics", "Chosen by"), num=True),
                Column(pgettext("statistics", "Correlation"), num=True),
                Column(pgettext("statistics", "Rest of the paper"), num=True),
            ),
            tuple(rows),
            foot=empty % {"count": item.figures["omitted"], "all": reached},
        ),
        chart=share_bars(bars, keys=tuple((series, words[name]) for name, series in _THIRDS)),
        finding=counted(said)
        if said
        else _("The better the candidates, the more of them should choose what is right."),
        flags=tuple(said),
    )


def _of(item: AnalysedItem, code: Code) -> Flag:
    return next(flag_of(said, item.version) for said in item.flags if said[0] == code)


def figures_for_bank(acting: Acting, question: UUID) -> QuestionFigures | None:
    """The line on the bank's page of a question: its figures over all sittings, and whether the committee has to decide."""
    if not reads_statistics(acting):
        return None
    item = newest_of(question)
    if item is None:
        return None
    waits = open_concern(question, item.version) is not None
    words = _(
        "Version %(number)d: facility %(facility)s, item–rest correlation %(correlation)s, %(count)d candidates."
    ) % {
        "number": item.version_number,
        "facility": percent(item.figures.get("facility")),
        "correlation": figure(item.figures.get("correlation")),
        "count": item.figures["asked"],
    }
    if waits:
        first = _("Bad statistics wait for a decision.")
        words = f"{first} {words}"
    return QuestionFigures(words, Frame(desk=False).question(question, version=item.version_number), waits)


# Questions with bad statistics -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ConcernsPage:
    """The committee's desk list."""

    table: Table
    count: int


def concerns_page(acting: Acting, frame: Frame) -> ConcernsPage:
    """Raises NotAllowed."""
    found = open_concerns(acting)
    return ConcernsPage(
        Table(
            _("Questions with bad statistics"),
            (
                Column(pgettext("statistics", "In the bank")),
                Column(pgettext("statistics", "Level")),
                Column(pgettext("statistics", "Topic")),
                Column(pgettext("statistics", "To look at")),
                Column(pgettext("statistics", "Waits since")),
            ),
            tuple(
                (
                    Cell(
                        pgettext("statistics", "%(serial)d, v%(number)d")
                        % {"serial": row.serial, "number": row.version_number},
                        url=frame.question(row.question, version=row.version_number),
                        kind="code",
                    ),
                    Cell(Level(row.level).label_zh, kind="code"),
                    Cell(topic_label(row.topic), kind="wide"),
                    Cell(tags=_tags([flag_of(said, row.version) for said in row.flags])),
                    Cell(clock.day_of(row.raised_at).isoformat(), kind="code"),
                )
                for row in found
            ),
            note=_("No question waits for a decision."),
        ),
        len(found),
    )
