"""Whether an item has become easier or harder between two groups of candidates, or from one version to the next. Pure numpy.

Facility moves with the candidates as well as with the item: `facility_drift` suits groups that are alike. `difficulty_drift`
compares Rasch difficulties against the common items' own mean and is free of the candidates. Both give the false discovery
rate (Benjamini and Hochberg 1995) over the items compared.
"""

import math
from collections.abc import Sequence

import numpy as np

from assessment.statistics.types import Asked, Drift, Floats, RaschFigures, Responses, Same


def facility_drift(before: Responses, after: Responses, *, same: Same = Same.VERSION) -> tuple[Drift, ...]:
    """Of every item that both have and somebody reached in each, in the order of `before`.

    z of a score test with the variance of both groups together; for items right or wrong it is the two-proportion z test.
    """
    rows = []
    for here, there in _common(before.items, after.items, same):
        first, second = _reached(before, here), _reached(after, there)
        if not len(first) or not len(second):
            continue
        variance = float(np.concatenate([first, second]).var())
        error = math.sqrt(variance * (1 / len(first) + 1 / len(second)))
        rows.append((before.items[here], after.items[there], float(first.mean()), float(second.mean()), error))
    return _drifts(rows)


def difficulty_drift(before: RaschFigures, after: RaschFigures, *, same: Same = Same.VERSION) -> tuple[Drift, ...]:
    """Of every item that has a difficulty in both, against the mean of these items (so one alone never drifts)."""
    both = [
        (here, there)
        for here, there in _common([row.item for row in before.items], [row.item for row in after.items], same)
        if before.items[here].difficulty is not None and after.items[there].difficulty is not None
    ]
    if len(both) < 2:
        return ()
    first, spread = _centred(before, [here for here, _there in both])
    second, wider = _centred(after, [there for _here, there in both])
    errors = np.sqrt(np.diag(spread) + np.diag(wider))
    return _drifts(
        [
            (before.items[here].item, after.items[there].item, float(first[at]), float(second[at]), float(errors[at]))
            for at, (here, there) in enumerate(both)
        ]
    )


def false_discovery(p: Floats) -> Floats:
    """Benjamini and Hochberg's adjusted values, in the order given."""
    count = len(p)
    order = np.argsort(p, kind="stable")
    steps = p[order] * count / np.arange(1, count + 1)
    found = np.empty(count)
    found[order] = np.minimum(1, np.minimum.accumulate(steps[::-1])[::-1])
    return found


def _common(before: Sequence[Asked], after: Sequence[Asked], same: Same) -> list[tuple[int, int]]:
    place = {getattr(item, same.value): at for at, item in enumerate(after)}
    return [
        (at, place[getattr(item, same.value)]) for at, item in enumerate(before) if getattr(item, same.value) in place
    ]


def _reached(responses: Responses, at: int) -> Floats:
    return responses.shares[responses.reached[:, at], at]


def _centred(figures: RaschFigures, items: list[int]) -> tuple[Floats, Floats]:
    """Difficulties of these items about their own mean, and the covariance of that."""
    difficulty = np.array([figures.items[at].difficulty for at in items], dtype=np.float64)
    centring = np.eye(len(items)) - 1 / len(items)
    return centring @ difficulty, centring @ figures.covariance[np.ix_(items, items)] @ centring


def _drifts(rows: list[tuple[Asked, Asked, float, float, float]]) -> tuple[Drift, ...]:
    zs = [(after - before) / error if error > 0 else 0.0 for _b, _a, before, after, error in rows]
    ps = [math.erfc(abs(z) / math.sqrt(2)) for z in zs]
    return tuple(
        Drift(before_item, after_item, before, after, after - before, z, p, float(q))
        for (before_item, after_item, before, after, _error), z, p, q in zip(
            rows, zs, ps, false_discovery(np.array(ps)), strict=True
        )
    )
