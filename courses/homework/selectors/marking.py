"""The rubric as a grid of choices."""

from collections.abc import Mapping
from decimal import Decimal

from courses.homework.selectors.rubrics import chinese, criterion_title, level_label, title_of
from courses.homework.types import GridCell, GridRow, RubricData, RubricGrid


def rubric_grid(rubric: RubricData, chosen: Mapping[str, str]) -> RubricGrid:
    """A row a criterion, a column a level, best first; each cell with its points."""
    return RubricGrid(
        title=title_of(rubric),
        levels=tuple(
            (level_label(level), level.descriptor if chinese() else level.descriptor_en) for level in rubric.levels
        ),
        rows=tuple(
            GridRow(
                name=f"level-{criterion.code}",
                title=criterion_title(criterion),
                observed=criterion.observed if chinese() else criterion.observed_en,
                maximum=criterion.maximum,
                cells=tuple(
                    GridCell(
                        value=level.code,
                        label=level_label(level),
                        points=(criterion.maximum * level.share / 100).quantize(Decimal("0.1")),
                        checked=chosen.get(criterion.code) == level.code,
                    )
                    for level in rubric.levels
                ),
            )
            for criterion in rubric.criteria
        ),
    )
