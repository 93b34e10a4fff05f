"""Classical item and test statistics over a matrix of answers. Pure numpy.

Figures of an item are taken over those who reached it; a total holds every mark a candidate has, so what she did not reach
counts nothing in it. On forms that differ, "the rest" is a share of the other items' marks that she was asked.
"""

import numpy as np
from numpy.typing import NDArray

from assessment.statistics.types import Asked, Bools, Floats, ItemFigures, OptionRow, Responses, Seen, TestFigures

_WHOLE = 1.0 - 1e-9  # a share that is the whole, whatever floats made of it
_TINY = 1e-12


def thirds(totals: Floats) -> NDArray[np.intp]:
    """0, 1 or 2 for each candidate: the weakest, the middle, the best third. Equal totals are never parted, so that nothing
    hangs on the order of candidates: a group of equals goes where its middle lies."""
    _levels, inverse, counts = np.unique(np.round(totals, 6), return_inverse=True, return_counts=True)
    middles = 3 * (2 * np.cumsum(counts) - counts)  # in sixths of a candidate, so that whole numbers decide
    return ((middles >= 2 * len(totals)).astype(int) + (middles > 4 * len(totals)))[inverse]


def item_figures(responses: Responses) -> tuple[ItemFigures, ...]:
    """Every item's, in the order of the columns."""
    seen, reached = responses.seen, responses.reached
    shares = np.nan_to_num(responses.shares)
    marks = shares * responses.maxima
    rest = _rest(responses, marks)
    third = thirds(_shares_of_total(responses, marks))
    facility = _means(shares, reached)
    correlation = _correlations(shares, rest, reached)
    alphas = alpha_without(responses)
    counts = {state: (seen == state).sum(axis=0) for state in Seen}
    right = (shares >= _WHOLE) & reached
    partial = ((shares > _TINY) & ~right & reached).sum(axis=0)
    rest_of_right = _means(rest, right)
    best, weakest = (_means(shares, reached & (third == group)[:, None]) for group in (2, 0))
    return tuple(
        ItemFigures(
            item=item,
            asked=int(counts[Seen.ANSWERED][at] + counts[Seen.OMITTED][at] + counts[Seen.NOT_REACHED][at]),
            answered=int(counts[Seen.ANSWERED][at]),
            omitted=int(counts[Seen.OMITTED][at]),
            not_reached=int(counts[Seen.NOT_REACHED][at]),
            facility=_said(facility[at]),
            correlation=_said(correlation[at]),
            upper_lower=_said(best[at] - weakest[at]),
            alpha_without=_said(alphas[at]),
            partial=float(partial[at] / max(1, int(counts[Seen.ANSWERED][at]))),
            rest_of_right=_said(rest_of_right[at]),
            options=_options(item, reached[:, at], right[:, at], responses.chosen[:, at], rest[:, at], third),
        )
        for at, item in enumerate(responses.items)
    )


def test_figures(responses: Responses) -> TestFigures:
    """The test's. maximum: of the items together."""
    totals = np.nansum(responses.shares * responses.maxima, axis=1)
    several, some = len(totals) > 1, len(totals) > 0
    deviation = float(totals.std(ddof=1)) if several else None
    coefficient = alpha(responses)
    return TestFigures(
        candidates=len(totals),
        items=len(responses.items),
        maximum=float(responses.maxima.sum()),
        mean=float(totals.mean()) if some else None,
        deviation=deviation,
        lowest=float(totals.min()) if some else None,
        median=float(np.median(totals)) if some else None,
        highest=float(totals.max()) if some else None,
        alpha=coefficient,
        error=None if coefficient is None or deviation is None else deviation * float(np.sqrt(1 - coefficient)),
    )


test_figures.__test__ = False  # type: ignore[attr-defined]  # no test, whatever pytest thinks of its name


def alpha(responses: Responses) -> float | None:
    """Cronbach's alpha of the marks (KR-20 where all items are right or wrong for one mark)."""
    if not bool(responses.asked.all()) or len(responses.items) < 2 or len(responses.shares) < 2:
        return None
    marks = responses.shares * responses.maxima
    return _said(_alpha(marks.var(axis=0).sum(), marks.sum(axis=1).var(), len(responses.items)))


def alpha_without(responses: Responses) -> Floats:
    """Alpha of the test without each item; NaN where there is none."""
    count = len(responses.items)
    if not bool(responses.asked.all()) or count < 3 or len(responses.shares) < 2:
        return np.full(count, np.nan)
    marks = responses.shares * responses.maxima
    variances, totals = marks.var(axis=0), marks.sum(axis=1)
    shared = (marks - marks.mean(axis=0)).T @ (totals - totals.mean()) / len(totals)
    return _alpha(variances.sum() - variances, totals.var() - 2 * shared + variances, count - 1)


def _alpha(of_items: Floats | float, of_total: Floats | float, count: int) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(
            np.asarray(of_total) > _TINY, count / (count - 1) * (1 - of_items / np.asarray(of_total)), np.nan
        )


def _shares_of_total(responses: Responses, marks: Floats) -> Floats:
    possible = (responses.asked * responses.maxima).sum(axis=1)
    return np.divide(marks.sum(axis=1), possible, out=np.zeros(len(marks)), where=possible > 0)


def _rest(responses: Responses, marks: Floats) -> Floats:
    """For each candidate and item: the share she has of the other items' marks, candidates × items."""
    asked = responses.asked * responses.maxima
    others = asked.sum(axis=1, keepdims=True) - asked
    return np.divide(marks.sum(axis=1, keepdims=True) - marks, others, out=np.zeros_like(marks), where=others > _TINY)


def _means(values: Floats, over: Bools) -> Floats:
    counts = over.sum(axis=0)
    return np.divide((values * over).sum(axis=0), counts, out=np.full(len(counts), np.nan), where=counts > 0)


def _correlations(one: Floats, other: Floats, over: Bools) -> Floats:
    """Pearson's, column by column over those of `over`; NaN without variance."""
    first = np.where(over, one - _means(one, over), 0.0)
    second = np.where(over, other - _means(other, over), 0.0)
    spread = np.sqrt((first**2).sum(axis=0) * (second**2).sum(axis=0))
    return np.divide((first * second).sum(axis=0), spread, out=np.full(len(spread), np.nan), where=spread > _TINY)


def _options(
    item: Asked, reached: Bools, right: Bools, chosen: NDArray[np.uint32], rest: Floats, third: NDArray[np.intp]
) -> tuple[OptionRow, ...]:
    if not item.options:
        return ()
    bits = np.uint32(1) << np.arange(len(item.options), dtype=np.uint32)
    chose = ((chosen[:, None] & bits) > 0) & reached[:, None]
    every = np.repeat(rest[:, None], len(bits), axis=1)
    correlations = _correlations(chose.astype(np.float64), every, np.repeat(reached[:, None], len(bits), axis=1))
    counts = np.array([chose[third == group].sum(axis=0) for group in range(3)])
    means, spreads = _means(every, chose), _squared_errors(every, chose)
    mean, spread = _means(every[:, :1], right[:, None]), _squared_errors(every[:, :1], right[:, None])
    errors = np.sqrt(spreads + spread)
    leads = np.divide(means - mean, errors, out=np.full(len(bits), np.nan), where=errors > _TINY)
    everybody = int(reached.sum())
    return tuple(
        OptionRow(
            option=option,
            right=option in item.key,
            low=int(counts[0, number]),
            middle=int(counts[1, number]),
            high=int(counts[2, number]),
            share=float(counts[:, number].sum() / everybody) if everybody else None,
            rest=_said(means[number]),
            correlation=_said(correlations[number]),
            lead=_said(leads[number]),
        )
        for number, option in enumerate(item.options)
    )


def _squared_errors(values: Floats, over: Bools) -> Floats:
    """Of the means: variance by the number of candidates; NaN below two."""
    counts = over.sum(axis=0)
    squares = np.where(over, values - _means(values, over), 0.0) ** 2
    return np.divide(squares.sum(axis=0), counts * (counts - 1.0), out=np.full(len(counts), np.nan), where=counts > 1)


def _said(figure: float | Floats) -> float | None:
    return None if np.isnan(figure) else float(figure)
