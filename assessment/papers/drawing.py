"""Drawing papers from what the bank offers: every quota at once, by a recorded seed. Pure.

Questions that a blueprint cannot tell apart (type, topic, difficulty, law, step, case) are one *cell*. How many of each cell
stand on each form is an integer program (`scipy.optimize.milp`, HiGHS), so a drawing is found wherever one exists and none is
guessed at; its goal is the numbers nearest to those of a plain random draw of the least exposed. Which questions of a cell is
then the seed's choice, least exposed first. Forbidden pairs enter the program only where the choice trips over them: their
questions become cells of one. When there is no solution the same program with priced slack says which quotas fail and by
how much at least: a pair or the overlap is given up before a share, a share before a question of a section.
"""

import random
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import combinations
from typing import Any, Final
from uuid import UUID

from assessment.bank.types import Drawable, QuestionType
from assessment.papers.logic import overlap_quota, quotas
from assessment.papers.types import (
    FORMS,
    BlueprintContent,
    Drawn,
    DrawnForm,
    Measure,
    Met,
    Offer,
    PaperItem,
    Quota,
    QuotaKind,
    SectionData,
    Shortfall,
    Source,
)

# Cases looked at first; when they do not do, all of them are.
_CASES_FIRST: Final = 40
# How near to the random draw's numbers is near enough: the goal is fairness, not a record.
_GAP: Final = 0.05
# Prices of the slack, in this order of what is given up first.
_PAIR, _SHARE, _MISSING = 0.01, 1.0, 1000.0
_SHARED = 0.25
_NO_PAIRS: Final = Quota(QuotaKind.PAIRS, "", Measure.COUNT, Decimal(0), Decimal(0))


@dataclass(frozen=True)
class _Slot:
    """One type of one section. marks: hundredths, each."""

    section: int
    source: Source
    type: QuestionType
    count: int
    marks: int
    cases: int


@dataclass(frozen=True)
class _Cell:
    """Questions that the blueprint cannot tell apart, in the seed's order."""

    first: Drawable
    questions: Sequence[Drawable]

    @property
    def stimulus(self) -> UUID | None:
        return self.first.stimulus


def draw(
    blueprint: BlueprintContent,
    drawable: Iterable[Drawable],
    *,
    seed: int,
    forms: int = 1,
    avoid: Collection[UUID] = (),
    pairs: Collection[tuple[UUID, UUID]] = (),
) -> Drawn | tuple[Shortfall, ...]:
    """Parallel forms that keep every quota, or the quotas that fail. The same arguments give the same papers.

    drawable: of the blueprint's level. forms: 1 to 4. avoid: uids not to be drawn. pairs: uids never on one form besides
    the blueprint's own. A sound blueprint (`logic.faults`) is asked for.
    """
    if not 1 <= forms <= len(FORMS):
        raise ValueError(f"1 to {len(FORMS)} forms are drawn together, not {forms}")
    return _Drawing(blueprint, drawable, seed, avoid, [*blueprint.forbidden_pairs, *pairs]).drawn(forms)


def offers(
    blueprint: BlueprintContent, drawable: Iterable[Drawable], avoid: Collection[UUID] = ()
) -> tuple[Offer, ...]:
    """For each quota how many questions would count for it, among those that some section could take."""
    slots = _slots(blueprint)
    # So many questions are alike to a blueprint that they are counted by what it can tell of them.
    kinds: dict[tuple[Any, ...], tuple[Drawable, int]] = {}
    for one in _usable(blueprint, drawable, avoid):
        key = (one.type, one.topic, one.difficulty, one.law, one.step, one.stimulus is None)
        first, count = kinds.get(key, (one, 0))
        kinds[key] = first, count + 1
    fits = [(one, count) for one, count in kinds.values() if any(_takes(slot, one) for slot in slots)]
    found = []
    for quota in quotas(blueprint):
        if quota.kind is QuotaKind.SECTION:
            place = next(at for at, one in enumerate(blueprint.sections) if one.title == quota.name)
            own = [slot for slot in slots if slot.section == place and slot.type is quota.type]
            found.append(Offer(quota, sum(count for one, count in fits if any(_takes(slot, one) for slot in own))))
        else:
            found.append(Offer(quota, sum(count for one, count in fits if _counts(blueprint, quota, one))))
    return tuple(found)


def met_by(blueprint: BlueprintContent, form: str, items: Iterable[tuple[int, Drawable]]) -> tuple[Met, ...]:
    """How one form meets every quota. items: (section's place, question), by exact arithmetic."""
    marks = {(slot.section, slot.type): slot.marks for slot in _slots(blueprint)}
    worth = [(section, one, marks[section, one.type]) for section, one in items]
    found = []
    for quota in quotas(blueprint):
        if quota.kind is QuotaKind.SECTION:
            amount = sum(
                blueprint.sections[section].title == quota.name and one.type is quota.type for section, one, _m in worth
            )
        else:
            amount = sum(_worth(quota, mark) for _s, one, mark in worth if _counts(blueprint, quota, one))
        found.append(Met(quota, form, _amount(quota, amount)))
    return tuple(found)


def _usable(blueprint: BlueprintContent, drawable: Iterable[Drawable], avoid: Collection[UUID]) -> list[Drawable]:
    """In the order of their uids, whatever order they came in: the seed must find the same."""
    most, left_out = blueprint.exposure_limit, frozenset(avoid)
    return sorted(
        (one for one in drawable if (most is None or one.exposure <= most) and one.question not in left_out),
        key=lambda one: one.question.int,
    )


def _slots(blueprint: BlueprintContent) -> tuple[_Slot, ...]:
    return tuple(
        _Slot(place, section.source, ask.type, ask.count, int(ask.marks * 100), section.cases)
        for place, section in enumerate(blueprint.sections)
        for ask in section.asks
    )


def _takes(slot: _Slot, one: Drawable) -> bool:
    """A question of a case stands with its case or not at all."""
    return slot.type is one.type and (slot.source is Source.CASE) is (one.stimulus is not None)


def _counts(blueprint: BlueprintContent, quota: Quota, one: Drawable) -> bool:
    match quota.kind:
        case QuotaKind.TOPIC:
            return any(one.topic in topics.codes for topics in blueprint.topics if topics.name == quota.name)
        case QuotaKind.DIFFICULTY:
            return str(one.difficulty) == quota.name
        case QuotaKind.STEP:
            return one.step.value == quota.name
        case QuotaKind.LAW:
            return one.law
    return False


def _worth(quota: Quota, marks: int) -> int:
    """What a question counts in the program: hundredths of marks, or itself."""
    return marks if quota.measure is Measure.MARKS else 1


def _amount(quota: Quota, counted: int) -> Decimal:
    return Decimal(counted) / 100 if quota.measure is Measure.MARKS else Decimal(counted)


def _ends(quota: Quota) -> tuple[int, int | None]:
    scale = 100 if quota.measure is Measure.MARKS else 1
    return int(quota.low * scale), None if quota.high is None else int(quota.high * scale)


class _Drawing:
    """One drawing: its cells, its random order, what it has learnt of pairs."""

    def __init__(
        self,
        blueprint: BlueprintContent,
        drawable: Iterable[Drawable],
        seed: int,
        avoid: Collection[UUID],
        pairs: Iterable[tuple[UUID, UUID]],
    ) -> None:
        self.blueprint, self.seed = blueprint, seed
        self.slots = _slots(blueprint)
        alone = {slot.type for slot in self.slots if slot.source is Source.BANK}
        shared = {slot.type for slot in self.slots if slot.source is Source.CASE}
        rng = random.Random(seed)  # noqa: S311  # a paper must be drawable again from its seed; it guards nothing
        chance = (
            (one.exposure, rng.random(), place, one)
            for place, one in enumerate(_usable(blueprint, drawable, avoid))
            if one.type in (alone if one.stimulus is None else shared)
        )
        # Least exposed first, then by chance: the order in which questions are taken everywhere below.
        self.queue = [one for _exposure, _chance, _place, one in sorted(chance)]
        self.home: list[int] = []  # of each in the queue its cell, -1 for those of a case that is not looked at
        self.stimuli = self._stimuli()
        asked = [(a, b) for a, b in pairs if a != b]
        held = {one.question for one in self.queue} if asked else set()
        self.enemies: dict[UUID, set[UUID]] = {}
        for a, b in asked:
            if a in held and b in held:
                self.enemies.setdefault(a, set()).add(b)
                self.enemies.setdefault(b, set()).add(a)
        self.apart: set[UUID] = set()

    def drawn(self, forms: int) -> Drawn | tuple[Shortfall, ...]:
        """The whole way: a few cases, all cases, pairs taken apart as they are met, or the reasons."""
        few = True
        while True:
            cells = self._cells(few)
            program = _Program(self, cells, forms)
            solved = program.solved()
            if solved is None:
                if few and self._has_more_cases():
                    few = False
                    continue
                return self._reasons(cells, forms)
            chosen = self._chosen(program, solved, forms)
            if chosen is not None:
                return self._assembled(chosen, forms)

    def _reasons(self, cells: Sequence[_Cell], forms: int) -> tuple[Shortfall, ...]:
        """What fails for one form alone is told of one; else it is what the forms may not have in common."""
        alone = _Program(self, cells, 1, slack=True).shortfalls()
        return alone or _Program(self, cells, forms, slack=True).shortfalls()

    # Cells ---------------------------------------------------------------------------------------------------------------

    def _stimuli(self) -> dict[UUID, int]:
        """Each shared material's place: least exposed on the whole first, then the seed's order."""
        exposed: dict[UUID, list[int]] = {}
        for one in self.queue:
            if one.stimulus is not None:
                exposed.setdefault(one.stimulus, []).append(one.exposure)
        # They stand in the order of their least exposed question, which is a matter of chance, too.
        order = sorted(exposed, key=lambda uid: sum(exposed[uid]) / len(exposed[uid]))
        return {uid: place for place, uid in enumerate(order)}

    def _has_more_cases(self) -> bool:
        return len(self.stimuli) > _CASES_FIRST

    def _cells(self, few: bool) -> list[_Cell]:
        most = _CASES_FIRST if few else len(self.stimuli)
        steps = bool(self.blueprint.steps)
        found: dict[tuple[Any, ...], int] = {}
        held: list[list[Drawable]] = []
        self.home = []
        for one in self.queue:
            if one.stimulus is not None and self.stimuli[one.stimulus] >= most:
                self.home.append(-1)
                continue
            key = (
                one.type,
                one.topic,
                one.difficulty,
                one.law,
                one.step if steps else None,
                one.stimulus,
                one.question if self.apart and one.question in self.apart else None,
            )
            place = found.setdefault(key, len(held))
            if place == len(held):
                held.append([])
            held[place].append(one)
            self.home.append(place)
        return [_Cell(own[0], own) for own in held]

    # Which questions -----------------------------------------------------------------------------------------------------

    def _chosen(self, program: "_Program", solved: Sequence[int], forms: int) -> list[dict[int, list[Drawable]]] | None:
        """For each form, slot → questions; None when a forbidden pair stood in the way and was taken apart."""
        taken: list[set[UUID]] = [set() for _form in range(forms)]
        chosen: list[dict[int, list[Drawable]]] = [defaultdict(list) for _form in range(forms)]
        # Cells of one first: the others can still choose.
        for place in sorted(range(len(program.cells)), key=lambda at: len(program.cells[at].questions)):
            groups = program.groups(solved, place)
            if not groups:
                continue
            cell = program.cells[place]
            left = list(cell.questions)
            own: list[list[Drawable]] = [[] for _form in range(forms)]
            for group, count in groups:
                for _number in range(count):
                    one = next((one for one in left if self._may_stand(one, group, taken)), None)
                    if one is None:
                        self._take_apart(cell)
                        return None
                    left.remove(one)
                    for form in group:
                        own[form].append(one)
                        taken[form].add(one.question)
            for form in range(forms):
                rest = own[form]
                for slot, count in program.uses(solved, place, form):
                    chosen[form][slot] += rest[:count]
                    rest = rest[count:]
        return chosen

    def _may_stand(self, one: Drawable, group: Iterable[int], taken: Sequence[Collection[UUID]]) -> bool:
        enemies = self.enemies.get(one.question)
        return not enemies or not any(enemy in taken[form] for form in group for enemy in enemies)

    def _take_apart(self, cell: _Cell) -> None:
        fresh = {one.question for one in cell.questions if one.question in self.enemies} - self.apart
        fresh |= {enemy for one in fresh for enemy in self.enemies[one]} - self.apart
        if not fresh:  # what is apart is kept apart by the program: a pair cannot trip anybody twice
            raise RuntimeError("a forbidden pair could not be taken apart")
        self.apart |= fresh

    def _assembled(self, chosen: Sequence[Mapping[int, Sequence[Drawable]]], forms: int) -> Drawn:
        made = []
        for form in range(forms):
            by_section: dict[int, list[tuple[int, Drawable]]] = defaultdict(list)
            for slot, questions in chosen[form].items():
                by_section[self.slots[slot].section] += [(slot, one) for one in questions]
            made.append(self._form(form, by_section))
        held = [frozenset(item.question for item in one.items) for one in made]
        quota = overlap_quota(self.blueprint)
        return Drawn(
            self.seed,
            tuple(made),
            tuple(
                Met(quota, FORMS[a] + FORMS[b], Decimal(len(held[a] & held[b])))
                for a, b in combinations(range(forms), 2)
            ),
        )

    def _form(self, form: int, by_section: Mapping[int, Sequence[tuple[int, Drawable]]]) -> DrawnForm:
        # Its own order on each form: neighbours copy nothing from each other by number.
        rng = random.Random(f"{self.seed} {form}")  # noqa: S311  # as above
        position = 0
        sections, placed = [], []
        for place, section in enumerate(self.blueprint.sections):
            own = sorted(by_section.get(place, ()), key=lambda pair: pair[1].question.int)
            rng.shuffle(own)
            cases: dict[UUID | None, int] = {}
            for _slot, one in own:
                cases.setdefault(one.stimulus, len(cases))
            own.sort(key=lambda pair: (cases[pair[1].stimulus], pair[0]))  # a case together, its types in their order
            items = []
            for slot, one in own:
                position += 1
                marks = Decimal(self.slots[slot].marks) / 100
                items.append(PaperItem(position, one.question, one.version, one.type, marks, one.stimulus))
                placed.append((place, one))
            sections.append(SectionData(section.title, section.source, tuple(items), section.share))
        met = met_by(self.blueprint, FORMS[form], placed)
        off = [
            one
            for one in met
            if one.found < one.quota.low or (one.quota.high is not None and one.found > one.quota.high)
        ]
        if off:  # pragma: no cover  # the program's numbers were checked; a paper off its quotas is never handed out
            raise RuntimeError(f"a drawn form misses a quota: {off[0]}")
        return DrawnForm(FORMS[form], tuple(sections), met)


@dataclass
class _Row:
    """low ≤ Σ coefficient × variable ≤ high."""

    terms: list[tuple[int, float]]
    low: float
    high: float


@dataclass
class _Slack:
    """A variable whose value is a shortfall. sign: -1 too little, 1 too much."""

    variable: int
    quota: Quota
    form: str
    sign: int


@dataclass
class _Build:
    """Variables and rows as they come."""

    upper: list[float] = field(default_factory=list)
    whole: list[int] = field(default_factory=list)
    cost: list[float] = field(default_factory=list)
    rows: list[_Row] = field(default_factory=list)

    def variable(self, upper: float, *, cost: float = 0.0, whole: bool = True) -> int:
        self.upper.append(upper)
        self.whole.append(int(whole))
        self.cost.append(cost)
        return len(self.upper) - 1

    def row(self, terms: list[tuple[int, float]], low: float, high: float) -> None:
        self.rows.append(_Row(terms, low, high))


_INF: Final = float("inf")


class _Program:
    """The integer program over the cells. With `slack` it can always be solved, and says at what price."""

    def __init__(self, drawing: _Drawing, cells: Sequence[_Cell], forms: int, *, slack: bool = False) -> None:
        self.drawing, self.cells, self.forms, self.slack = drawing, cells, forms, slack
        self.build = _Build()
        self.slacks: list[_Slack] = []
        self._use: dict[tuple[int, int], list[tuple[int, int]]] = {}
        self._groups: dict[int, list[tuple[tuple[int, ...], int]]] = {}
        self._missing: dict[int, list[tuple[int, _Slot]]] = defaultdict(list)
        self._cells()
        self._sections()
        for form in range(forms):
            self._quotas(form)
            self._pairs(form)
        self._overlaps()
        if not slack:
            self._fairness()

    # What a solution says ------------------------------------------------------------------------------------------------

    def uses(self, solved: Sequence[int], cell: int, form: int) -> list[tuple[int, int]]:
        """Slot → how many of this cell."""
        return [(slot, solved[variable]) for slot, variable in self._use[cell, form] if solved[variable]]

    def groups(self, solved: Sequence[int], cell: int) -> list[tuple[tuple[int, ...], int]]:
        """Forms → how many questions of this cell stand on exactly these."""
        if self.forms == 1:
            count = sum(solved[variable] for _slot, variable in self._use[cell, 0])
            return [((0,), count)] if count else []
        return [(group, solved[variable]) for group, variable in self._groups[cell] if solved[variable]]

    def shortfalls(self) -> tuple[Shortfall, ...]:
        """What fails at the least price; nothing when all can be had."""
        solved = self.solved()
        if solved is None:  # pragma: no cover  # with slack there is always one
            raise RuntimeError("the program with slack has no solution")
        found = []
        for one in self.slacks:
            by = _amount(one.quota, solved[one.variable])
            if by:
                end = one.quota.low if one.sign < 0 else one.quota.high or Decimal(0)
                found.append(Shortfall(one.quota, one.form, end + one.sign * by, by))
        return tuple(found)

    def solved(self) -> list[int] | None:
        """Values of the variables, None when there is no solution."""
        import numpy as np
        from scipy.optimize import Bounds, LinearConstraint, milp
        from scipy.sparse import csr_array

        build = self.build
        if any(not row.terms and not row.low <= 0 <= row.high for row in build.rows):
            return None
        rows = [row for row in build.rows if row.terms]
        where = [place for place, row in enumerate(rows) for _term in row.terms]
        which = [variable for row in rows for variable, _coefficient in row.terms]
        values = [coefficient for row in rows for _variable, coefficient in row.terms]
        table = csr_array((values, (where, which)), shape=(len(rows), len(build.upper)))
        answer = milp(
            np.array(build.cost),
            integrality=np.array(build.whole),
            bounds=Bounds(0, np.array(build.upper)),
            constraints=LinearConstraint(table, [row.low for row in rows], [row.high for row in rows]),
            options={"mip_rel_gap": 0.0 if self.slack else _GAP},
        )
        if answer.x is None:
            return None
        return [round(value) for value in answer.x]

    # The program ---------------------------------------------------------------------------------------------------------

    def _cells(self) -> None:
        """How many of a cell each slot of each form takes; which forms share them."""
        build, everyone = self.build, range(self.forms)
        groups = [group for size in range(1, self.forms + 1) for group in combinations(everyone, size)]
        for place, cell in enumerate(self.cells):
            count = len(cell.questions)
            slots = [at for at, slot in enumerate(self.drawing.slots) if _takes(slot, cell.first)]
            for form in everyone:
                self._use[place, form] = [
                    (slot, build.variable(min(count, self.drawing.slots[slot].count))) for slot in slots
                ]
            if self.forms == 1:
                if len(slots) > 1:
                    build.row([(variable, 1) for _slot, variable in self._use[place, 0]], 0, count)
                continue
            price = 0.0 if self.slack else _SHARED
            own = [(group, build.variable(count, cost=price * (len(group) - 1))) for group in groups]
            self._groups[place] = own
            build.row([(variable, 1) for _group, variable in own], 0, count)
            for form in everyone:
                terms: list[tuple[int, float]] = [(variable, 1) for _slot, variable in self._use[place, form]]
                terms += [(variable, -1) for group, variable in own if form in group]
                build.row(terms, 0, 0)

    def _terms(self, form: int) -> Iterable[tuple[int, int, int]]:
        """(cell, slot, variable) of one form."""
        for place in range(len(self.cells)):
            for slot, variable in self._use[place, form]:
                yield place, slot, variable

    def _sections(self) -> None:
        sections = [one for one in quotas(self.drawing.blueprint) if one.kind is QuotaKind.SECTION]
        for form in range(self.forms):
            filled: dict[int, list[tuple[int, float]]] = defaultdict(list)
            for _cell, at, variable in self._terms(form):
                filled[at].append((variable, 1))
            for at, (slot, quota) in enumerate(zip(self.drawing.slots, sections, strict=True)):
                terms = filled[at]
                if self.slack:
                    missing = self.build.variable(slot.count, cost=_MISSING)
                    self.slacks.append(_Slack(missing, quota, FORMS[form], -1))
                    self._missing[form].append((missing, slot))
                    terms = [*terms, (missing, 1)]
                self.build.row(terms, slot.count, slot.count)
            self._case_sections(form)

    def _case_sections(self, form: int) -> None:
        """A shared material is opened or not; it belongs to one section of a form; no section has more than it may."""
        slots = self.drawing.slots
        by_case: dict[tuple[UUID, int], dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
        for place, at, variable in self._terms(form):
            stimulus = self.cells[place].stimulus
            if stimulus is not None:
                by_case[stimulus, slots[at].section][at].append(variable)
        opened: dict[int, list[tuple[int, float]]] = defaultdict(list)
        homes: dict[UUID, list[tuple[int, float]]] = defaultdict(list)
        rank = self.drawing.stimuli
        for (stimulus, section), own in by_case.items():
            price = 0.0 if self.slack else 0.02 * ((rank[stimulus] + form * 7) % len(rank))
            switch = self.build.variable(1, cost=price)
            opened[section].append((switch, 1))
            homes[stimulus].append((switch, 1))
            for at, variables in own.items():
                self.build.row([*((one, 1.0) for one in variables), (switch, -float(slots[at].count))], -_INF, 0)
        for section, terms in opened.items():
            most = next(slot.cases for slot in slots if slot.section == section)
            self.build.row(terms, 0, most)
        for terms in homes.values():
            if len(terms) > 1:
                self.build.row(terms, 0, 1)

    def _quotas(self, form: int) -> None:
        blueprint, slots = self.drawing.blueprint, self.drawing.slots
        used = list(self._terms(form))
        for quota in quotas(blueprint):
            if quota.kind is QuotaKind.SECTION:
                continue
            fits = [_counts(blueprint, quota, cell.first) for cell in self.cells]
            terms: list[tuple[int, float]] = [
                (variable, float(_worth(quota, slots[at].marks))) for place, at, variable in used if fits[place]
            ]
            low, high = _ends(quota)
            if not self.slack:
                self.build.row(terms, low, _INF if high is None else high)
                continue
            # A question that is missing anyway may be thought of as any that would help.
            wild = [(missing, float(_worth(quota, slot.marks))) for missing, slot in self._missing[form]]
            unit = 1.0 if quota.measure is Measure.COUNT else float(blueprint.drawn_marks * 100 / blueprint.count)
            under = self.build.variable(max(low, 0), cost=_SHARE / unit)
            self.slacks.append(_Slack(under, quota, FORMS[form], -1))
            self.build.row([*terms, *wild, (under, 1)], low, _INF)
            if high is not None:
                over = self.build.variable(_INF, cost=_SHARE / unit)
                self.slacks.append(_Slack(over, quota, FORMS[form], 1))
                self.build.row([*terms, (over, -1)], -_INF, high)

    def _pairs(self, form: int) -> None:
        """Of two enemies that are cells of one, one at most."""
        apart = self.drawing.apart
        alone = {cell.first.question: place for place, cell in enumerate(self.cells) if cell.first.question in apart}
        broken = None
        terms: list[tuple[int, float]] = []
        for one, place in sorted(alone.items(), key=lambda pair: pair[0].int):
            for other in sorted(self.drawing.enemies.get(one, ()), key=lambda uid: uid.int):
                if other.int > one.int and other in alone:
                    both = [(variable, 1.0) for at in (place, alone[other]) for _slot, variable in self._use[at, form]]
                    if self.slack:
                        stands = self.build.variable(1)
                        terms.append((stands, 1))
                        both.append((stands, -1))
                    self.build.row(both, 0, 1)
        if terms:
            broken = self.build.variable(len(terms), cost=_PAIR)
            self.slacks.append(_Slack(broken, _NO_PAIRS, FORMS[form], 1))
            self.build.row([*terms, (broken, -1)], 0, 0)

    def _overlaps(self) -> None:
        quota = overlap_quota(self.drawing.blueprint)
        most = float(quota.high or 0)
        for a, b in combinations(range(self.forms), 2):
            terms: list[tuple[int, float]] = [
                (variable, 1) for own in self._groups.values() for group, variable in own if a in group and b in group
            ]
            if self.slack:
                over = self.build.variable(_INF, cost=_PAIR)
                self.slacks.append(_Slack(over, quota, FORMS[a] + FORMS[b], 1))
                terms.append((over, -1))
            self.build.row(terms, -_INF, most)

    def _fairness(self) -> None:
        """Near to what the seed would have drawn with no quota at all."""
        slots, drawing = self.drawing.slots, self.drawing
        used_before: set[int] = set()
        for form in range(self.forms):
            wanted = {
                slot.type: sum(other.count for other in slots if (other.type, other.source) == (slot.type, Source.BANK))
                for slot in slots
            }
            left = sum(wanted.values())
            target: dict[int, int] = defaultdict(int)
            for place, one in enumerate(drawing.queue):
                if not left:
                    break
                if wanted[one.type] and one.stimulus is None and place not in used_before:
                    wanted[one.type] -= 1
                    left -= 1
                    target[drawing.home[place]] += 1
                    used_before.add(place)
            for place, cell in enumerate(self.cells):
                if cell.stimulus is None:
                    off = self.build.variable(_INF, cost=1.0, whole=False)
                    terms: list[tuple[int, float]] = [(variable, 1) for _slot, variable in self._use[place, form]]
                    self.build.row([*terms, (off, 1)], target[place], _INF)
                    self.build.row([*terms, (off, -1)], -_INF, target[place])
