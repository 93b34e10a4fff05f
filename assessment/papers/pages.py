"""The pages of blueprints and papers: the same facts in Wagtail's frame for the committee and at the offices' desk."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from assessment.bank.presentation import TYPES, topic_label
from assessment.bank.rules import reads_questions
from assessment.bank.selectors.questions import names_of
from assessment.papers.logic import plain, quotas
from assessment.papers.presentation import (
    MEASURES,
    STATES,
    TONES,
    amount,
    met_words,
    quota_label,
    quota_range,
    section_words,
    share_lines,
    shortfall_words,
)
from assessment.papers.rules import may_approve, may_print, writes_papers
from assessment.papers.selectors import (
    BlueprintOffer,
    PaperFigures,
    blueprint_for,
    blueprint_offer,
    blueprint_versions,
    blueprints,
    paper_data,
    paper_figures,
    paper_for,
    papers,
    parallel_forms,
)
from assessment.papers.types import BlueprintData, Drawn, Met, PaperState, SectionData, Shortfall
from lms.accounts.api import Acting

_OPEN: Final = frozenset({PaperState.DRAWN, PaperState.APPROVED, PaperState.USED})


@dataclass(frozen=True)
class Column:
    """Head of a column; num: figures, to the right."""

    label: str
    num: bool = False


@dataclass(frozen=True)
class Cell:
    """One cell. tag: a state in words with its tone; url: where it leads."""

    text: str = ""
    num: bool = False
    tag: str = ""
    tone: str = "mute"
    url: str = ""


@dataclass(frozen=True)
class Table:
    """As components/table.html draws it. note: words instead of rows; foot: a line below."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""
    foot: str = ""
    totals: tuple[Cell, ...] = ()


@dataclass(frozen=True)
class Line:
    """A sentence of a report. tone: ok, warn or bad."""

    words: str
    tone: str


@dataclass(frozen=True)
class Frame:
    """Where a page stands: its addresses. desk: at the offices' desk, else in Wagtail's frame."""

    desk: bool

    def list(self) -> str:
        """The list of both."""
        return reverse("assessment:papers") if self.desk else reverse("papers:list")

    def blueprint(self, uuid: UUID) -> str:
        """One version."""
        return reverse("assessment:blueprint" if self.desk else "papers:blueprint", args=[uuid])

    def paper(self, uuid: UUID) -> str:
        """One form of a paper."""
        return reverse("assessment:paper" if self.desk else "papers:paper", args=[uuid])


@dataclass(frozen=True)
class ListPage:
    """Blueprints and papers."""

    blueprints: Table
    papers: Table
    writes: bool


@dataclass(frozen=True)
class BlueprintPage:
    """One version. summary: whether it could be drawn now, or what fails; approve_url and edit_url: "" where she may not."""

    data: BlueprintData
    title: str
    state: str
    tone: str
    facts: tuple[tuple[str, str], ...]
    sections: Table
    offer: Table
    summary: tuple[Line, ...]
    versions: Table
    approve_url: str
    edit_url: str
    draw_url: str


@dataclass(frozen=True)
class PaperPage:
    """One form of a paper."""

    uuid: UUID
    title: str
    state: str
    tone: str
    facts: tuple[tuple[str, str], ...]
    forms: Table
    sections: tuple[Table, ...]
    coverage: Table
    warnings: tuple[Line, ...]
    moves: tuple[tuple[str, str], ...]
    approve_url: str
    withdraw_url: str
    print_url: str


def _day(at: object) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}" if at else ""  # type: ignore[arg-type]


# The list ----------------------------------------------------------------------------------------------------------------


def list_page(acting: Acting, frame: Frame) -> ListPage:
    """Both lists. Raises NotAllowed."""
    return ListPage(
        Table(
            pgettext("paper", "Blueprints"),
            (
                Column(pgettext("paper", "Blueprint")),
                Column(pgettext("paper", "Level")),
                Column(pgettext("paper", "Version"), num=True),
                Column(pgettext("paper", "Questions"), num=True),
                Column(pgettext("paper", "Minutes"), num=True),
                Column(pgettext("paper", "State")),
            ),
            tuple(_blueprint_row(data, frame) for data in blueprints(acting)),
            note=_("No blueprint is loaded yet."),
        ),
        Table(
            pgettext("paper", "Papers"),
            (
                Column(pgettext("paper", "Paper")),
                Column(pgettext("paper", "Form")),
                Column(pgettext("paper", "Level")),
                Column(pgettext("paper", "Seed"), num=True),
                Column(pgettext("paper", "Drawn on")),
                Column(pgettext("paper", "State")),
            ),
            tuple(
                (
                    Cell(row.content["title"], url=frame.paper(row.uuid)),
                    Cell(row.form),
                    Cell(row.blueprint.get_level_display()),
                    Cell(str(row.seed), num=True),
                    Cell(_day(row.at)),
                    Cell(tag=str(STATES[state]), tone=TONES[state]),
                )
                for row, state in papers(acting)
            ),
            note=_("No paper has been drawn yet."),
        ),
        writes_papers(acting),
    )


def _blueprint_row(data: BlueprintData, frame: Frame) -> tuple[Cell, ...]:
    return (
        Cell(data.title, url=frame.blueprint(data.uuid)),
        Cell(data.level.label_zh),
        Cell(str(data.version), num=True),
        Cell(str(data.content.count), num=True),
        Cell(str(data.content.minutes), num=True),
        Cell(tag=_approval(data), tone="ok" if data.approved else "now"),
    )


def _approval(data: BlueprintData) -> str:
    if data.approved:
        return pgettext("blueprint state", "Approved")
    return pgettext("blueprint state", "Waits for approval")


# A blueprint -------------------------------------------------------------------------------------------------------------


def blueprint_page(acting: Acting, uuid: UUID, frame: Frame) -> BlueprintPage:
    """One version with what the bank has for it now. Raises NotAllowed, Http404."""
    data = blueprint_for(acting, uuid)
    others = blueprint_versions(data.key, data.level)
    newer = any(other.approved and other.version > data.version for other in others)
    offer = blueprint_offer(data)
    writes = writes_papers(acting) and not frame.desk
    return BlueprintPage(
        data=data,
        title=data.title,
        state=_approval(data),
        tone="ok" if data.approved else "now",
        facts=_blueprint_facts(data),
        sections=_sections(data),
        offer=_offer(data, offer),
        summary=_outcome(offer.trial, forms=1),
        versions=_versions(data, others, frame),
        approve_url=reverse("assessment:blueprint_approve", args=[uuid])
        if not data.approved and not newer and may_approve(acting)
        else "",
        edit_url=reverse("papers:edit", args=[others[0].uuid]) if writes and others[0].uuid == uuid else "",
        draw_url=f"{reverse('papers:draw')}?blueprint={uuid}" if writes and data.approved and not newer else "",
    )


def _blueprint_facts(data: BlueprintData) -> tuple[tuple[str, str], ...]:
    content = data.content
    none = pgettext("paper", "none")
    return (
        (pgettext("paper", "Level"), data.level.label_zh),
        (pgettext("paper", "Version"), str(data.version)),
        (
            pgettext("paper", "Written by"),
            f"{data.author_name or pgettext('paper', 'shipped with the platform')} · {_day(data.created_at)}",
        ),
        (pgettext("paper", "Approved on"), _day(data.approved_at) or pgettext("paper", "not yet")),
        (pgettext("paper", "Minutes"), str(content.minutes)),
        (pgettext("paper", "Total and pass mark"), f"{plain(content.total)} / {plain(content.pass_mark)}"),
        (pgettext("paper", "Least share of law"), f"{plain(content.law_minimum)}%"),
        (pgettext("paper", "Shares of topics are of"), str(MEASURES[content.topic_measure])),
        (pgettext("paper", "Most in common"), f"{plain(content.overlap_limit)}%"),
        (
            pgettext("paper", "Most uses of a question"),
            none if content.exposure_limit is None else str(content.exposure_limit),
        ),
        (pgettext("paper", "Forbidden pairs"), str(len(content.forbidden_pairs) or none)),
        (pgettext("paper", "Fingerprint"), data.content_hash[:16]),
    )


def _sections(data: BlueprintData) -> Table:
    rows = [
        (Cell(section.title), Cell(section_words(section)), Cell(plain(section.marks), num=True))
        for section in data.content.sections
    ]
    rows += [(Cell(f"{part} · {name}"), Cell(share), Cell()) for part, name, share in share_lines(data.content)]
    return Table(
        pgettext("paper", "What every form is made of"),
        (
            Column(pgettext("paper", "Part")),
            Column(pgettext("paper", "Asked")),
            Column(pgettext("paper", "Marks"), num=True),
        ),
        tuple(rows),
    )


def _offer(data: BlueprintData, offer: BlueprintOffer) -> Table:
    drawn = isinstance(offer.trial, Drawn)
    short = {} if isinstance(offer.trial, Drawn) else {one.quota: one for one in offer.trial}
    rows = []
    for one in offer.offers:
        if one.quota in short:
            state, tone = pgettext("quota", "%(by)s off") % {"by": amount(one.quota, short[one.quota].by)}, "bad"
        elif drawn:
            state, tone = pgettext("quota", "met"), "ok"
        else:
            state, tone = pgettext("quota", "can be met"), "mute"
        rows.append(
            (
                Cell(quota_label(one.quota)),
                Cell(quota_range(one.quota), num=True),
                Cell(pgettext("paper", "%(number)s questions") % {"number": one.questions}, num=True),
                Cell(tag=state, tone=tone),
            )
        )
    return Table(
        pgettext("paper", "What the bank has for it now"),
        (
            Column(pgettext("paper", "Quota")),
            Column(pgettext("paper", "Asked"), num=True),
            Column(pgettext("paper", "In the bank"), num=True),
            Column(pgettext("paper", "Trial drawing")),
        ),
        tuple(rows),
        foot=_("%(count)d questions of this level may be drawn now.") % {"count": offer.questions},
    )


def _outcome(trial: Drawn | tuple[Shortfall, ...], *, forms: int) -> tuple[Line, ...]:
    if isinstance(trial, Drawn):
        words = (
            _("It can be drawn from the bank now.") if forms == 1 else _("All forms can be drawn from the bank now.")
        )
        return (Line(words, "ok"),)
    return tuple(Line(shortfall_words(one), "bad") for one in trial)


def _versions(data: BlueprintData, others: Sequence[BlueprintData], frame: Frame) -> Table:
    return Table(
        pgettext("paper", "All versions"),
        (
            Column(pgettext("paper", "Version")),
            Column(pgettext("paper", "Written by")),
            Column(pgettext("paper", "Written on")),
            Column(pgettext("paper", "State")),
        ),
        tuple(
            (
                Cell(str(other.version), url="" if other.uuid == data.uuid else frame.blueprint(other.uuid)),
                Cell(other.author_name or pgettext("paper", "shipped with the platform")),
                Cell(_day(other.created_at)),
                Cell(tag=_approval(other), tone="ok" if other.approved else "now"),
            )
            for other in others
        ),
    )


# A drawing ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class DrawReport:
    """What a drawing gave. lines: what fails, or that all is well; quotas: how each form meets each; hashes: of what would be
    frozen, for the button."""

    lines: tuple[Line, ...]
    quotas: Table | None
    hashes: tuple[str, ...]


def draw_report(data: BlueprintData, drawn: Drawn | tuple[Shortfall, ...], hashes: Sequence[str]) -> DrawReport:
    """For the page of a drawing; nothing was written."""
    if not isinstance(drawn, Drawn):
        return DrawReport(_outcome(drawn, forms=1), None, ())
    rows = []
    for place, quota in enumerate(quotas(data.content)):
        cells = [Cell(met_words(form.met[place]), num=True) for form in drawn.forms]
        rows.append((Cell(quota_label(quota)), Cell(quota_range(quota), num=True), *cells))
    for one in drawn.overlaps:
        words = f"{quota_label(one.quota)} ({' / '.join(one.form)})"
        rest = [Cell(met_words(one), num=True), *(Cell() for _form in drawn.forms[1:])]
        rows.append((Cell(words), Cell(quota_range(one.quota), num=True), *rest))
    heads = [Column(_form_label(form.form), num=True) for form in drawn.forms]
    table = Table(
        pgettext("paper", "How each quota is met"),
        (Column(pgettext("paper", "Quota")), Column(pgettext("paper", "Asked"), num=True), *heads),
        tuple(rows),
    )
    return DrawReport(_outcome(drawn, forms=len(drawn.forms)), table, tuple(hashes))


def _form_label(form: str) -> str:
    return pgettext("paper", "Form %(letter)s") % {"letter": form}


# A paper -----------------------------------------------------------------------------------------------------------------


def paper_page(acting: Acting, uuid: UUID, frame: Frame) -> PaperPage:
    """One form: structure, coverage, overlap, exposure; a question's text is read in the bank. Raises NotAllowed, Http404."""
    row = paper_for(acting, uuid)
    data = paper_data(row)
    forms = parallel_forms(data.group)
    figures = paper_figures(row, data, forms)
    links = reads_questions(acting) and not frame.desk
    names = names_of({row.by, *row.moves.values_list("by", flat=True)})
    moved = [
        (
            f"{STATES[PaperState(one.after)]}{f' · {one.reason}' if one.reason else ''}",
            f"{names.get(one.by) or pgettext('paper', 'the installation')} · {_day(one.at)}",
        )
        for one in row.moves.order_by("id")
    ]
    drawn_by = f"{names.get(row.by) or pgettext('paper', 'the installation')} · {_day(row.at)}"
    warnings = []
    if figures.gone and data.state in _OPEN:
        words = _("%(count)d of its questions may not be drawn any more.") % {"count": len(figures.gone)}
        warnings.append(Line(words, "bad"))
    return PaperPage(
        uuid=uuid,
        title=f"{data.title} · {_form_label(data.form)}",
        state=str(STATES[data.state]),
        tone=TONES[data.state],
        facts=(
            (pgettext("paper", "Level"), data.level.label_zh),
            (
                pgettext("paper", "Blueprint"),
                pgettext("paper", "%(key)s, version %(version)d")
                % {"key": data.blueprint_key, "version": data.blueprint_version},
            ),
            (pgettext("paper", "Seed"), str(data.seed)),
            (pgettext("paper", "Minutes"), str(data.minutes)),
            (pgettext("paper", "Total and pass mark"), f"{plain(data.total)} / {plain(data.pass_mark)}"),
            (pgettext("paper", "Questions"), str(len(data.items))),
            (pgettext("paper", "Fingerprint"), data.content_hash[:16]),
        ),
        forms=Table(
            pgettext("paper", "Parallel forms"),
            (
                Column(pgettext("paper", "Form")),
                Column(pgettext("paper", "State")),
                Column(pgettext("paper", "Questions in common"), num=True),
            ),
            tuple(_form_row(one.form, one.uuid, one.state, uuid, figures.overlaps, frame) for one in forms),
        ),
        sections=tuple(_section_table(section, figures, links=links) for section in data.sections),
        coverage=Table(
            pgettext("paper", "How each quota is met"),
            (
                Column(pgettext("paper", "Quota")),
                Column(pgettext("paper", "Asked"), num=True),
                Column(pgettext("paper", "On this form"), num=True),
            ),
            tuple(
                (
                    Cell(quota_label(one.quota)),
                    Cell(quota_range(one.quota), num=True),
                    Cell(met_words(one), num=True),
                )
                for one in figures.met
            ),
        ),
        warnings=tuple(warnings),
        moves=((str(pgettext("paper", "Drawn")), drawn_by), *moved),
        approve_url=reverse("assessment:paper_approve", args=[uuid])
        if data.state is PaperState.DRAWN and may_approve(acting) and not figures.gone
        else "",
        withdraw_url=reverse("assessment:paper_withdraw" if frame.desk else "papers:withdraw", args=[uuid])
        if data.state in _OPEN and (may_approve(acting) if frame.desk else writes_papers(acting))
        else "",
        print_url=reverse("papers:print", args=[uuid]) if may_print(acting) and not frame.desk else "",
    )


def _section_table(section: SectionData, figures: PaperFigures, *, links: bool) -> Table:
    """Its questions by number. The type where there are several, what has changed since where something has."""
    mixed = len({item.type for item in section.items}) > 1
    changed = any(item.question in figures.gone | figures.renewed for item in section.items)
    columns = [
        Column(pgettext("paper", "No.")),
        Column(pgettext("paper", "No. in the bank")),
        *([Column(pgettext("paper", "Type"))] if mixed else []),
        Column(pgettext("paper", "Topic")),
        Column(pgettext("paper", "Difficulty")),
        Column(pgettext("paper", "Law")),
        Column(pgettext("paper", "Marks"), num=True),
        Column(pgettext("paper", "Used"), num=True),
        *([Column(pgettext("paper", "Today"))] if changed else []),
    ]
    rows = []
    for item in section.items:
        one = figures.placed[item.version]
        rows.append(
            (
                Cell(str(item.position)),
                Cell(str(one.serial), url=reverse("bank:question", args=[item.question]) if links else ""),
                *([Cell(str(TYPES[item.type]))] if mixed else []),
                Cell(topic_label(one.place.topic)),
                Cell(str(one.place.difficulty)),
                Cell(pgettext("law", "Yes") if one.place.law else ""),
                Cell(plain(item.marks), num=True),
                Cell(str(one.place.exposure), num=True),
                *([_today(item.question, figures)] if changed else []),
            )
        )
    return Table(
        pgettext("paper", "%(title)s, %(count)d questions, %(marks)s marks")
        % {"title": section.title, "count": len(section.items), "marks": plain(section.marks)},
        tuple(columns),
        tuple(rows),
        note=_("The video part's final mark counts with this share."),
    )


def _today(question: UUID, figures: PaperFigures) -> Cell:
    if question in figures.gone:
        return Cell(tag=pgettext("paper", "not drawn any more"), tone="bad")
    return Cell(pgettext("paper", "newer version") if question in figures.renewed else "")


def _form_row(
    form: str, uuid: UUID, state: PaperState, here: UUID, overlaps: Sequence[Met], frame: Frame
) -> tuple[Cell, ...]:
    common = next((one for one in overlaps if one.form[1] == form), None)
    return (
        Cell(_form_label(form), url="" if uuid == here else frame.paper(uuid)),
        Cell(tag=str(STATES[state]), tone=TONES[state]),
        Cell(met_words(common) if common else "—", num=True),
    )
