"""One matrix of answers, all that can be said of it. Pure."""

import numpy as np

from assessment.statistics.classical import item_figures, test_figures
from assessment.statistics.flags import fit_flags, item_flags, test_flags, thresholds, weightiest_first
from assessment.statistics.rasch import rasch
from assessment.statistics.types import MapRow, NoRasch, RaschFigures, Report, Responses, Thresholds


def analyse(responses: Responses, limits: Thresholds | None = None) -> Report:
    """Figures of test and items, the Rasch model where the answers allow one, and the flags of all of it."""
    limits = limits or thresholds()
    test, items = test_figures(responses), item_figures(responses)
    model: RaschFigures | None = None
    no_rasch = ""
    try:
        model = rasch(responses, candidates_min=limits.rasch_candidates_min, partial_max=limits.partial_max)
    except NoRasch as refused:
        no_rasch = refused.reason
    flags = [*test_flags(test, limits)]
    for at, figures in enumerate(items):
        flags += item_flags(figures, limits)
        if model is not None:
            flags += fit_flags(model.items[at], limits)
    return Report(test, items, model, no_rasch, weightiest_first(flags))


def score_steps(responses: Responses, steps: int = 20) -> tuple[int, ...]:
    """How many candidates have 0 to below 1/steps of the marks they were asked for, and so on; the last holds the whole too.

    With 20 steps the pass mark of 60 lies between two of them. Who was asked nothing is not counted.
    """
    possible = (responses.asked * responses.maxima).sum(axis=1)
    totals = np.nansum(responses.shares * responses.maxima, axis=1)[possible > 0]
    # Marks are hundredths: what floats lose is far below.
    places = np.floor(totals / possible[possible > 0] * steps + 1e-9).astype(np.intp)
    return tuple(np.bincount(np.minimum(places, steps - 1), minlength=steps).tolist())


def item_person_map(figures: RaschFigures, width: float = 0.5) -> tuple[MapRow, ...]:
    """Candidates and items side by side on one scale of logits, from the lowest to the highest of either, no step left out."""
    abilities = figures.ability[~np.isnan(figures.ability)]
    difficulties = np.array([row.difficulty for row in figures.items if row.difficulty is not None])
    ours, theirs = (np.floor(values / width + 1e-9).astype(int) for values in (abilities, difficulties))
    return tuple(
        MapRow(step * width, int((ours == step).sum()), int((theirs == step).sum()))
        for step in range(min(ours.min(), theirs.min()), max(ours.max(), theirs.max()) + 1)
    )
