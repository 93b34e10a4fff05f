"""From what the machine found to what the blind page shows, and from sheets and rulings to marks. Pure."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from decimal import ROUND_CEILING, Decimal
from fractions import Fraction
from hashlib import sha256
from typing import Protocol
from uuid import UUID

from assessment.marking.types import (
    BookletJudgement,
    Centre,
    HeardLine,
    Hint,
    Judgement,
    MarkingRules,
    NoteView,
    Ruled,
    SheetMarks,
    Span,
    Verdict,
)

# What stands in the place of a name, one for each character, where words are quoted or captioned.
MASK = "＊"
_GRAVE = frozenset({"B", "H"})
# How long an examiner has a work to herself; every save begins it anew.
LEASE = timedelta(hours=48)
# Findings that every examiner rules on before her sheet locks (domain 4.3 rule 6).
RULED = frozenset({"B", "H", "M"})
TENTH = Decimal("0.1")
HALF = Decimal("0.5")
# So many steps at most are shown as keys beside a question.
_MOST_KEYS = 10
_NOTE = re.compile(r"\[(\d{1,3}):([0-5]\d)\]\s*(.*)")
_VERDICT_TONES = {"pass": "ok", "warn": "warn", "info": "info", "fail": "bad", "not_run": "notrun"}


def severity_tone(severity: str) -> str:
    """B and H are "bad", M and L "warn"."""
    return "bad" if severity in _GRAVE else "warn"


def verdict_tone(verdict: str) -> str:
    """The tone of a check's tag."""
    return _VERDICT_TONES[verdict]


def masked(text: str, masks: Iterable[tuple[int, int]]) -> str:
    """The text with the characters of every mask replaced one by one, so that places in it stay true."""
    letters = list(text)
    for start, end in masks:
        letters[start:end] = MASK * len(letters[start:end])
    return "".join(letters)


def spans_of(cue: HeardLine, findings: Iterable[tuple[int, Hint]]) -> list[Span]:
    """The cue cut where findings and masks begin and end.

    Where findings overlap, the graver shows (then the earlier number); a mask hides whatever lies below it.
    """
    length = len(cue.text)
    owner: list[tuple[str, int | None]] = [("", None)] * length
    ordered = sorted(findings, key=lambda pair: ("BHML".index(pair[1].severity), pair[0]), reverse=True)
    for found, hint in ordered:
        for index, start, end in hint.spans:
            if index == cue.index:
                for place in range(max(0, start), min(end, length)):
                    owner[place] = (severity_tone(hint.severity), found)
    for start, end in cue.masks:
        for place in range(max(0, start), min(end, length)):
            owner[place] = ("masked", None)
    spans: list[Span] = []
    begun = 0
    for place in range(1, length + 1):
        if place == length or owner[place] != owner[begun]:
            tone, number = owner[begun]
            piece = cue.text[begun:place]
            spans.append(Span(MASK * len(piece) if tone == "masked" else piece, tone, number))
            begun = place
    return spans


def quoted(finding: Hint, cues: Iterable[HeardLine]) -> str:
    """The words of a finding, with names masked as in the transcript."""
    by_index = {cue.index: cue for cue in cues}
    pieces = [
        masked(by_index[index].text, by_index[index].masks)[start:end]
        for index, start, end in finding.spans
        if index in by_index
    ]
    return "".join(pieces) or MASK * len(finding.text)


class Placed(Protocol):
    """A finding with its place, of the machine or of a panel."""

    @property
    def rule(self) -> str: ...
    @property
    def severity(self) -> str: ...
    @property
    def start_s(self) -> float: ...
    @property
    def end_s(self) -> float: ...


def same_findings(held: Sequence[Placed], found: Sequence[Placed]) -> list[int | None]:
    """For each finding read now, the place in `held` of the panel's own that it is; None for one the panel does not have.

    The same rule at the same second (a corrected line moves by less) is the same finding, also when it is read as lighter than
    before; read as graver (somebody has listened) it is another one, which takes the place of the lighter.
    """
    free = set(range(len(held)))
    answers: list[int | None] = []
    for one in found:
        near = [place for place in sorted(free) if at_same_place(held[place], one)]
        near = [place for place in near if _GRAVITY[held[place].severity] <= _GRAVITY[one.severity]]
        best = min(near, key=lambda place: abs(held[place].start_s - one.start_s), default=None)
        free.discard(-1 if best is None else best)
        answers.append(best)
    return answers


def at_same_place(one: Placed, other: Placed) -> bool:
    """Whether two findings are the same words to a rule."""
    return one.rule == other.rule and max(one.start_s, other.start_s) - min(one.end_s, other.end_s) <= _SAME_S


_SAME_S = 1.0
_GRAVITY = {severity: place for place, severity in enumerate("BHML")}


def seconds_typed(text: str) -> float:
    """0:41.5 or 41.5 as seconds. Raises ValueError on anything else."""
    found = _CLOCK.fullmatch(text.strip().replace("：", ":"))
    if found is None:
        raise ValueError(text)
    return int(found[1] or 0) * 60 + float(found[2])


_CLOCK = re.compile(r"(?:(\d{1,3}):)?(\d{1,4}(?:\.\d{1,3})?)")


def unmasked(typed: str, text: str, masks: Iterable[tuple[int, int]]) -> str:
    """What was typed over a masked line, with the names behind the masks again.

    Raises ValueError unless every mask is as long as it was and in its order.
    """
    shown = masked(text, masks)
    hidden = [text[found.start() : found.end()] for found in re.finditer(f"{MASK}+", shown)]
    kept = list(re.finditer(f"{MASK}+", typed))
    if [len(one) for one in hidden] != [len(one.group()) for one in kept]:
        raise ValueError("a mask was changed")
    pieces, at = [], 0
    for name, place in zip(hidden, kept, strict=True):
        pieces += [typed[at : place.start()], name]
        at = place.end()
    return "".join([*pieces, typed[at:]])


# Allocation.


def seats_needed(minimum: int, *, odd: bool) -> int:
    """How many examiners a panel has: the minimum, one more where it must be odd and is not."""
    return minimum + 1 if odd and minimum % 2 == 0 else minimum


def in_turn(loads: Mapping[UUID, int], *, seed: str) -> list[UUID]:
    """Examiners by open work, least first; those with equal work in an order of the seed's own, so that nobody is always
    first and the order of rows does not matter."""
    return sorted(loads, key=lambda uuid: (loads[uuid], sha256(f"{seed}:{uuid}".encode()).hexdigest()))


# The sheet.


def parsed_score(text: str, *, maximum: Decimal, step: Decimal) -> Decimal | None:
    """A typed score, None for an empty field. Raises ValueError for anything but 0 to maximum in whole steps, or the
    maximum."""
    typed = unicodedata.normalize("NFKC", text).strip().replace("。", ".")
    if not typed:
        return None
    if not re.fullmatch(r"\d{1,3}(\.\d{1,2})?", typed):
        raise ValueError(typed)
    score = Decimal(typed)
    if score > maximum or (score % step and score != maximum):
        raise ValueError(typed)
    return score.quantize(quantum_of(maximum, step))


def quantum_of(maximum: Decimal, step: Decimal) -> Decimal:
    """The decimals that scores of a criterion have: one, two where maximum or step need them."""
    return min(TENTH, *(Decimal(1).scaleb(int(value.normalize().as_tuple().exponent)) for value in (maximum, step)))


def band_ranges(maximum: Decimal, step: Decimal, shares: Sequence[int]) -> list[tuple[Decimal, Decimal] | None]:
    """For lowest shares in percent, best first: the scores of each band, in steps, that leave no gap; None where a band
    holds no step."""
    lows = [(maximum * share / 100 / step).to_integral_value(ROUND_CEILING) * step for share in shares]
    highs = [maximum, *(low - step for low in lows)]
    return [(low, high) if low <= high else None for low, high in zip(lows, highs, strict=False)]


def band_of(value: Decimal, maximum: Decimal, bands: Iterable[tuple[str, int]]) -> str:
    """The band a score lies in: (code, lowest share in percent), best first."""
    return next(code for code, share in bands if value * 100 >= maximum * share)


def notes_of(comment: str) -> list[NoteView]:
    """A comment line by line; `[00:41] too fast` speaks of second 41."""
    notes = []
    for line in filter(None, (line.strip() for line in comment.splitlines())):
        found = _NOTE.fullmatch(line)
        notes.append(NoteView(float(int(found[1]) * 60 + int(found[2])), found[3]) if found else NoteView(None, line))
    return notes


# Short answers.


def step_of(marks: Decimal) -> Decimal:
    """Steps in which people score a question of so many marks: half marks, or all or nothing where it is worth less."""
    return min(HALF, marks)


def offered_scores(marks: Decimal) -> list[Decimal]:
    """The scores a desk offers as keys, highest first, from the question's marks to 0: every step, wider ones where there
    would be too many."""
    step = step_of(marks)
    while marks / step > _MOST_KEYS:
        step *= 2
    steps = [step * number for number in range(int(marks / step) + 1)]
    return sorted({*steps, marks}, reverse=True)


def scaled_limit(limit: Decimal, whole: Decimal) -> Decimal:
    """A spread limit of 100 marks for a booklet of so many in all."""
    return limit * whole / 100


def worth_judging(response: object) -> str:
    """The words of a short answer that people judge; "" for what is no text or has nothing to read, which is 0 by itself."""
    return response.strip() if isinstance(response, str) else ""


def nameless(words: str, names: Iterable[str]) -> str:
    """An answer with the candidate's own names hidden, letter by letter: whoever signs her answer is still blind to us. A name
    of one letter is no name."""
    for name in sorted({name for name in names if len(name) > 1}, key=len, reverse=True):
        words = words.replace(name, MASK * len(name))
    return words


def judge_booklet(sheets: Sequence[SheetMarks], *, arbitrated: bool, trim_from: int) -> BookletJudgement:
    """The marks of short answers: the same sheets count as for a video; of each question their mean, half up to 0.01, once.

    The spread is of the sheets' totals; nothing is deducted and nothing compared with a pass mark here.
    """
    method, counted = counted_sheets(sheets, arbitrated=arbitrated, trim_from=trim_from)
    marks = {
        code: _half_up_cent(sum((Fraction(sheet.scores[code]) for sheet in counted), Fraction(0)) / len(counted))
        for code in counted[0].scores
    }
    return BookletJudgement(
        spread=spread_of([sheet.total for sheet in sheets]),
        method=method,
        counted=tuple(sorted(sheet.seat for sheet in counted)),
        marks=marks,
        total=sum(marks.values(), Decimal("0.00")),
    )


def _half_up_cent(value: Fraction) -> Decimal:
    return Decimal(int(value * 100 + Fraction(1, 2))).scaleb(-2)


# The outcome (domain 4.3).


def half_up(value: Fraction) -> Decimal:
    """To one decimal, halves up; for figures from 0."""
    return Decimal(int(value * 10 + Fraction(1, 2))).scaleb(-1)


def spread_of(totals: Sequence[Decimal]) -> Decimal:
    """Highest minus lowest."""
    return max(totals) - min(totals)


def needs_arbitration(totals: Sequence[Decimal], limit: Decimal) -> bool:
    """Whether one more examiner must mark: a spread above the limit; the limit itself is still a mean (rule 3)."""
    return spread_of(totals) > limit


def counted_sheets(
    sheets: Sequence[SheetMarks], *, arbitrated: bool, trim_from: int
) -> tuple[Centre, list[SheetMarks]]:
    """The sheets whose mean is the centre. After arbitration the middle one or two, which is the median; with
    `trim_from` or more all but the highest and the lowest; else all."""
    ordered = sorted(sheets, key=lambda sheet: (sheet.total, sheet.seat))
    if arbitrated:
        return Centre.MEDIAN, ordered[(len(ordered) - 1) // 2 : len(ordered) // 2 + 1]
    if len(ordered) >= trim_from:
        return Centre.TRIMMED, ordered[1:-1]
    return Centre.MEAN, ordered


def status_of(ruled: Ruled) -> Verdict | None:
    """What became of a finding: the panel's majority; ties and every B are the chief's, None until she has decided."""
    if not needs_chief(ruled):
        return Verdict.CONFIRM if ruled.confirmed > ruled.dismissed else Verdict.DISMISS
    return ruled.chief


def needs_chief(ruled: Ruled) -> bool:
    """Whether only the chief can decide it: every B, and where those who were silent could have turned it."""
    return ruled.severity == "B" or abs(ruled.confirmed - ruled.dismissed) <= ruled.silent


def deduction_of(severity: str, rules: MarkingRules) -> int | None:
    """What a confirmed finding costs at most; None for B."""
    return {"B": None, "H": rules.high, "M": rules.medium}.get(severity, 0)


def points_of(confirmed: Iterable[tuple[int, str]], rules: MarkingRules) -> dict[int, int]:
    """Finding → points, in the order of numbers until the most of its kind is reached. L and B cost no points."""
    left = {"H": rules.high_cap, "M": rules.medium_cap}
    points = {}
    for number, severity in sorted(confirmed):
        if severity in left:
            points[number] = min(deduction_of(severity, rules) or 0, left[severity])
            left[severity] -= points[number]
    return points


def apportioned(shares: Mapping[str, Fraction], whole: Decimal) -> dict[str, Decimal]:
    """The shares to one decimal so that they add up to the whole, their sum half up: the largest remainders rise."""
    tenths = {name: int(share * 10) for name, share in shares.items()}
    missing = int(whole * 10) - sum(tenths.values())
    rising = sorted(shares, key=lambda name: tenths[name] - shares[name] * 10)[:missing]
    return {name: Decimal(floor + (name in rising)).scaleb(-1) for name, floor in tenths.items()}


def scaled(points: Decimal | Fraction, whole: Decimal) -> Fraction:
    """Points of so many in all as marks of 100: where criteria are waived, those that are left make the whole."""
    return Fraction(points) * 100 / Fraction(whole)


def judge(
    sheets: Sequence[SheetMarks],
    findings: Sequence[Ruled],
    rules: MarkingRules,
    *,
    arbitrated: bool,
    whole: Decimal = Decimal(100),
) -> Judgement:
    """The mark of a video (domain 4.3). `arbitrated`: one more examiner has marked because the spread was too wide.

    Deductions apply once, after the centre. A breach of severity B takes the compliance marks away and proposes a fail:
    provisionally as the panel ruled, finally as the chief did. `whole`: what the criteria that were scored are worth in all.
    """
    method, counted = counted_sheets(sheets, arbitrated=arbitrated, trim_from=rules.trim_from)
    exact = sum((scaled(sheet.total, whole) for sheet in counted), Fraction(0)) / len(counted)
    centre = half_up(exact)
    codes = list(counted[0].scores)
    shares = {
        code: sum((scaled(sheet.scores[code], whole) for sheet in counted), Fraction(0)) / len(counted)
        for code in codes
    }
    settled = {ruled.number: status_of(ruled) for ruled in findings}
    undecided = tuple(ruled.number for ruled in findings if settled[ruled.number] is None)
    upheld = [
        ruled
        for ruled in findings
        if settled[ruled.number] is Verdict.CONFIRM
        or (settled[ruled.number] is None and ruled.confirmed > ruled.dismissed)
    ]
    proposed_fail = any(ruled.severity == "B" for ruled in upheld)
    removed = centre - half_up(exact - shares.get(rules.compliance, Fraction(0))) if proposed_fail else Decimal("0.0")
    points = points_of(((ruled.number, ruled.severity) for ruled in upheld), rules)
    deducted = sum(points.values())
    mark = max(Decimal("0.0"), centre - removed - deducted)
    return Judgement(
        spread=spread_of([sheet.total for sheet in sheets]),
        method=method,
        counted=tuple(sorted(sheet.seat for sheet in counted)),
        centre=centre,
        means=apportioned(shares, centre),
        removed=removed,
        points=points,
        deducted=deducted,
        mark=mark,
        grade=rules.bands[-1][0] if proposed_fail else band_of(mark, Decimal(100), rules.bands),
        proposed_fail=proposed_fail,
        undecided=undecided,
    )
