"""One matrix of answers, all that can be said of it. Pure."""

from assessment.statistics.classical import item_figures, test_figures
from assessment.statistics.flags import fit_flags, item_flags, test_flags, thresholds, weightiest_first
from assessment.statistics.rasch import rasch
from assessment.statistics.types import NoRasch, RaschFigures, Report, Responses, Thresholds


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
