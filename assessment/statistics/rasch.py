"""The Rasch model (1PL) by conditional maximum likelihood, in numpy. Pure.

A candidate's score of right answers is all that matters of her, so she drops out of the likelihood of the difficulties
(Andersen 1970): nothing is assumed of how able the candidates are. What she was not asked or did not reach is no answer:
candidates are taken together by what they reached, each group with its own items.

For one group and difficulties b, with p = 1 / (1 + exp(b)), the score of independent answers has the distribution f, and
the chance of a right answer given the score r is p[i] · f without i [r−1] / f[r]. Sums of positive terms only, so nothing
cancels. Second derivatives need f without two items, weighted over scores; they are had by one pass forward and one back over
the items instead of one convolution a pair.

Abilities are Warm's (1989) weighted likelihood estimates: finite for no and for full score too. Fit is conditional on the
score (Müller 2020): infit and outfit are 1 in expectation whatever the number of items.
"""

from dataclasses import dataclass

import numpy as np

from assessment.statistics.types import (
    Asked,
    Bools,
    Floats,
    Left,
    NoRasch,
    RaschFigures,
    RaschItem,
    Responses,
    ScaleRow,
    Seen,
)

_MANY = 300  # items: beyond it the chance of an extreme score is no number a float can hold
_FORMS = 1000  # different sets of items reached: each costs a few milliseconds
_ROUNDS = 60
_STEP = 1e-10
_CHUNK = 4_000_000  # numbers held at once for second derivatives
_WHOLE = 1.0 - 1e-9


@dataclass(frozen=True, eq=False)
class _Group:
    """Candidates who reached the same items. items: columns; rows: candidates; scores: of each of them; counts: candidates by
    score 0 … k; right: right answers by item and score, k × (k+1)."""

    items: np.ndarray
    rows: np.ndarray
    scores: np.ndarray
    counts: Floats
    right: Floats


def rasch(responses: Responses, *, candidates_min: int = 30, partial_max: float = 0.1) -> RaschFigures:
    """Difficulties, abilities and fit.

    An answer is right when it has all its marks. Items of which more than `partial_max` of the answers earned a part of the
    marks are left out, and so are those that all or none got right. Raises NoRasch: fewer than `candidates_min` candidates or
    two items tell anything, the answers fall into parts that nobody links (Fischer 1981), or there are too many items.
    """
    shares = np.nan_to_num(responses.shares)
    reached = responses.reached
    right = (shares >= _WHOLE) & reached
    left = _left(shares, right, responses.seen == Seen.ANSWERED, partial_max)
    kept = np.array([at for at in range(len(left)) if left[at] is None], dtype=np.intp)
    # Items go one after the other: without one, others may be all right or all wrong among those who still tell anything.
    while True:
        telling = _telling(right[:, kept], reached[:, kept])
        settled = _extremes(right[np.ix_(telling, kept)], reached[np.ix_(telling, kept)])
        for at, why in zip(kept, settled, strict=True):
            left[at] = why
        if all(why is None for why in settled):
            break
        kept = np.array([at for at in kept if left[at] is None], dtype=np.intp)
    if len(kept) < 2 or int(telling.sum()) < candidates_min:
        raise NoRasch("few", f"{int(telling.sum())} candidates and {len(kept)} items tell anything")
    if len(kept) > _MANY:
        raise NoRasch("many", f"{len(kept)} items, at most {_MANY} are taken")
    answers, came = right[:, kept], reached[:, kept]
    if not _linked(answers[telling], came[telling]):
        raise NoRasch("split", "the answers fall into parts that nobody links")
    groups = _groups(answers, came)
    if len(groups) > _FORMS:
        raise NoRasch("many", f"{len(groups)} different sets of items were reached, at most {_FORMS} are taken")
    difficulty, rounds = _difficulties(groups, answers, came)
    covariance = _inverse(_information(groups, difficulty))
    ability, ability_error = _abilities(groups, difficulty, len(shares))
    return RaschFigures(
        items=_items(responses.items, kept, left, difficulty, covariance, _fit(groups, difficulty)),
        scale=_scale(difficulty),
        ability=ability,
        ability_error=ability_error,
        covariance=_spread_out(covariance, kept, len(left)),
        separation=_separation(ability, ability_error),
        candidates=int(telling.sum()),
        rounds=rounds,
    )


# What can be estimated -------------------------------------------------------------------------------------------------


def _left(shares: Floats, right: Bools, answered: Bools, partial_max: float) -> list[Left | None]:
    partial = ((shares > 0) & ~right & answered).sum(axis=0) / np.maximum(1, answered.sum(axis=0))
    return [Left.PARTIAL if share > partial_max else None for share in partial]


def _telling(right: Bools, reached: Bools) -> Bools:
    """Candidates with something right and something wrong: the others say nothing of the items."""
    scores = right.sum(axis=1)
    return (scores > 0) & (scores < reached.sum(axis=1))


def _extremes(right: Bools, reached: Bools) -> list[Left | None]:
    hits, came = right.sum(axis=0), reached.sum(axis=0)
    return [
        Left.ALL_WRONG if hit == 0 else Left.ALL_RIGHT if hit == of else None
        for hit, of in zip(hits, came, strict=True)
    ]


def _linked(right: Bools, reached: Bools) -> bool:
    """Whether a finite estimate exists: from every item to every other a way over candidates who got the one right and the
    next wrong."""
    ways = (right.astype(np.float32).T @ (reached & ~right).astype(np.float32)) > 0
    np.fill_diagonal(ways, True)
    steps = 1
    while steps < len(ways):
        ways = (ways.astype(np.float32) @ ways.astype(np.float32)) > 0
        steps *= 2
    return bool(ways.all())


def _groups(right: Bools, reached: Bools) -> list[_Group]:
    packed, inverse = np.unique(np.packbits(reached, axis=1), axis=0, return_inverse=True)
    masks = np.unpackbits(packed, axis=1, count=reached.shape[1]).astype(bool)
    order = np.argsort(inverse.ravel(), kind="stable")
    bounds = np.searchsorted(inverse.ravel()[order], np.arange(len(masks) + 1))
    groups = []
    for number, mask in enumerate(masks):
        rows = order[bounds[number] : bounds[number + 1]]
        items = np.flatnonzero(mask)
        if not len(items):
            continue
        answers = right[np.ix_(rows, items)]
        scores = answers.sum(axis=1)
        by_score = np.zeros((len(items) + 1, len(items)))
        np.add.at(by_score, scores, answers)
        counts = np.bincount(scores, minlength=len(items) + 1).astype(np.float64)
        groups.append(_Group(items, rows, scores, counts, by_score.T))
    return groups


# Chances given the score -----------------------------------------------------------------------------------------------


def _chances(difficulty: Floats) -> Floats:
    """Of a right answer to each item, for an ability amid them: any would do, this one keeps floats well above 0."""
    return 1 / (1 + np.exp(difficulty - difficulty.mean()))


def _without_one(chances: Floats) -> Floats:
    """Distribution of the score of the other items, k × k: row i without item i, column a score of 0 … k−1."""
    count = len(chances)
    found = np.zeros((count, count))
    found[:, 0] = 1
    for number, chance in enumerate(chances):
        each = np.full((count, 1), chance)
        each[number] = 0
        raised = found[:, :-1] * each
        found *= 1 - each
        found[:, 1:] += raised
    return found


def _given_score(difficulty: Floats) -> tuple[Floats, Floats]:
    """(distribution of the score, 0 … k; chance of a right answer by item and score, k × (k+1))."""
    chances = _chances(difficulty)
    others = _without_one(chances)
    count = len(chances)
    scores = np.zeros(count + 1)
    scores[:-1] += (1 - chances[0]) * others[0]
    scores[1:] += chances[0] * others[0]
    if not scores.all():
        raise NoRasch("many", "too many items too far apart: the chance of an extreme score is too small for a float")
    right = np.zeros((count, count + 1))
    right[:, 1:] = chances[:, None] * others / scores[1:]
    return scores, right


def _difficulties(groups: list[_Group], right: Bools, reached: Bools) -> tuple[Floats, int]:
    """Newton's method on a concave likelihood, begun at the log odds of being wrong."""
    came = reached.sum(axis=0)
    hits = right.sum(axis=0)
    difficulty = np.log((came - hits + 0.5) / (hits + 0.5))
    difficulty -= difficulty.mean()
    before, after = 0.0, np.inf
    inverse = np.zeros((0, 0))
    for rounds in range(1, _ROUNDS + 1):
        # The second derivatives are the dear part: they are had anew only while the steps do not shrink fast by the old ones.
        if after > before / 10:
            inverse = _inverse(_information(groups, difficulty))
        step = inverse @ _slope(groups, difficulty)
        step /= max(1.0, float(np.abs(step).max()))
        difficulty += step
        difficulty -= difficulty.mean()
        before, after = after, float(np.abs(step).max())
        if after < _STEP:
            return difficulty, rounds
    raise NoRasch("slow", "no estimate was found")


def _slope(groups: list[_Group], difficulty: Floats) -> Floats:
    """Of the log likelihood: right answers expected less right answers found."""
    slope = np.zeros(len(difficulty))
    for group in groups:
        _scores, right = _given_score(difficulty[group.items])
        slope[group.items] += right[:, 1:-1] @ group.counts[1:-1] - group.right[:, 1:-1].sum(axis=1)
    return slope


def _information(groups: list[_Group], difficulty: Floats) -> Floats:
    """Minus the second derivatives: sum over scores of the covariance of right answers given the score."""
    found = np.zeros((len(difficulty), len(difficulty)))
    for group in groups:
        if not group.counts[1:-1].any():
            continue
        scores, right = _given_score(difficulty[group.items])
        inner = right[:, 1:-1]
        weights = group.counts[1:-1]
        pairs = _pairs(_chances(difficulty[group.items]), group.counts, scores)
        np.fill_diagonal(pairs, inner @ weights)
        found[np.ix_(group.items, group.items)] += pairs - np.einsum("ir,jr->ij", inner * weights, inner)
    return found


def _pairs(chances: Floats, counts: Floats, scores: Floats) -> Floats:
    """Sum over scores of candidates × chance that both of two items are right, k × k (the diagonal means nothing).

    For row i, over the items but i: ahead[j] is the distribution of the score of those before j; behind[j](s) what a score s
    of those before and at j is worth, once those behind have their say.
    """
    count = len(chances)
    worth = np.zeros(count + 1)
    worth[1:-1] = counts[1:-1] / scores[1:-1]
    found = np.zeros((count, count))
    chunk = max(1, _CHUNK // (count * count))
    for start in range(0, count, chunk):
        rows = np.arange(start, min(start + chunk, count))
        each = np.repeat(chances[None, :], len(rows), axis=0)
        each[np.arange(len(rows)), rows] = 0
        behind = np.empty((count + 1, len(rows), count))
        behind[count, :, :-1] = worth[2:]
        behind[count, :, -1] = 0
        for item in range(count - 1, 0, -1):
            chance = each[:, item, None]
            behind[item] = (1 - chance) * behind[item + 1]
            behind[item, :, :-1] += chance * behind[item + 1, :, 1:]
        ahead = np.zeros((len(rows), count))
        ahead[:, 0] = 1
        for item in range(count):
            found[rows, item] = (ahead * behind[item + 1]).sum(axis=1)
            chance = each[:, item, None]
            raised = ahead[:, :-1] * chance
            ahead *= 1 - chance
            ahead[:, 1:] += raised
    return found * chances[:, None] * chances[None, :]


def _inverse(information: Floats) -> Floats:
    """Of a matrix whose rows sum to zero, within the difficulties that sum to zero."""
    count = len(information)
    lift = float(np.trace(information)) / count**2
    return np.asarray(np.linalg.inv(information + lift) - 1 / (lift * count**2), dtype=np.float64)


# Candidates ------------------------------------------------------------------------------------------------------------


def _warm(difficulty: Floats, scores: np.ndarray) -> tuple[Floats, Floats]:
    """(ability, standard error) of each score on these items."""
    ability = np.zeros(len(scores))
    for _round in range(200):
        chance = 1 / (1 + np.exp(difficulty - ability[:, None]))
        spread = chance * (1 - chance)
        information = spread.sum(axis=1)
        slope = scores - chance.sum(axis=1) + (spread * (1 - 2 * chance)).sum(axis=1) / (2 * information)
        step = np.clip(slope / information, -0.7, 0.7)
        ability += step
        if float(np.abs(step).max(initial=0)) < 1e-11:
            break
    chance = 1 / (1 + np.exp(difficulty - ability[:, None]))
    return ability, 1 / np.sqrt((chance * (1 - chance)).sum(axis=1))


def _abilities(groups: list[_Group], difficulty: Floats, candidates: int) -> tuple[Floats, Floats]:
    ability, error = np.full(candidates, np.nan), np.full(candidates, np.nan)
    for group in groups:
        scores, inverse = np.unique(group.scores, return_inverse=True)
        found, spread = _warm(difficulty[group.items], scores)
        ability[group.rows], error[group.rows] = found[inverse.ravel()], spread[inverse.ravel()]
    return ability, error


def _scale(difficulty: Floats) -> tuple[ScaleRow, ...]:
    scores = np.arange(len(difficulty) + 1)
    return tuple(
        ScaleRow(int(score), float(ability), float(error))
        for score, ability, error in zip(scores, *_warm(difficulty, scores), strict=True)
    )


def _separation(ability: Floats, error: Floats) -> float | None:
    """Share of the abilities' variance that is not error."""
    known = ~np.isnan(ability)
    variance = float(ability[known].var()) if known.any() else 0.0
    return 1 - float((error[known] ** 2).mean()) / variance if variance > 0 else None


# Fit -------------------------------------------------------------------------------------------------------------------


def _fit(groups: list[_Group], difficulty: Floats) -> Floats:
    """infit, outfit and their distance from 1 in standard errors: 4 × items."""
    squares, spread, infit_noise, ratios, people, outfit_noise = np.zeros((6, len(difficulty)))
    for group in groups:
        counts = group.counts[1:-1]
        some = counts > 0
        counts, hits = counts[some], group.right[:, 1:-1][:, some]
        chance = _given_score(difficulty[group.items])[1][:, 1:-1][:, some]
        variance = chance * (1 - chance)
        residuals = hits * (1 - chance) ** 2 + (counts - hits) * chance**2
        lean = (1 - 2 * chance) ** 2
        squares[group.items] += residuals.sum(axis=1)
        spread[group.items] += variance @ counts
        infit_noise[group.items] += (variance * lean) @ counts
        ratios[group.items] += (residuals / variance).sum(axis=1)
        people[group.items] += counts.sum()
        outfit_noise[group.items] += (lean / variance) @ counts
    infit, outfit = squares / spread, ratios / people
    # Without noise a mean square is 1 by construction: items all of one difficulty, on two of them.
    infit_error, outfit_error = np.sqrt(infit_noise) / spread, np.sqrt(outfit_noise) / people
    distances = [
        np.divide(found - 1, error, out=np.zeros_like(error), where=error > 1e-12)
        for found, error in ((infit, infit_error), (outfit, outfit_error))
    ]
    return np.array([infit, outfit, *distances])


# Telling ---------------------------------------------------------------------------------------------------------------


def _items(
    asked: tuple[Asked, ...],
    kept: np.ndarray,
    left: list[Left | None],
    difficulty: Floats,
    covariance: Floats,
    fit: Floats,
) -> tuple[RaschItem, ...]:
    place = {int(column): number for number, column in enumerate(kept)}
    errors = np.sqrt(np.diag(covariance))
    rows = []
    for at, item in enumerate(asked):
        number = place.get(at)
        if number is None:
            rows.append(RaschItem(item, None, None, None, None, None, None, left[at]))
            continue
        infit, outfit, infit_z, outfit_z = (float(figure) for figure in fit[:, number])
        rows.append(RaschItem(item, float(difficulty[number]), float(errors[number]), infit, outfit, infit_z, outfit_z))
    return tuple(rows)


def _spread_out(covariance: Floats, kept: np.ndarray, items: int) -> Floats:
    found = np.full((items, items), np.nan)
    found[np.ix_(kept, kept)] = covariance
    return found
