"""Writes of statistics: runs, what they lay before the committee, what it decides."""

from assessment.statistics.services.concerns import decide_concern, lapse_concerns, lay_before_committee
from assessment.statistics.services.exports import export_run
from assessment.statistics.services.options import reveal_options
from assessment.statistics.services.runs import (
    GROUP_JOB,
    LEVEL_JOB,
    SITTING_JOB,
    analyse_group,
    analyse_level,
    analyse_sitting,
    ask_for_run,
    refresh_sitting,
)

__all__ = [
    "GROUP_JOB",
    "LEVEL_JOB",
    "SITTING_JOB",
    "analyse_group",
    "analyse_level",
    "analyse_sitting",
    "ask_for_run",
    "decide_concern",
    "export_run",
    "lapse_concerns",
    "lay_before_committee",
    "refresh_sitting",
    "reveal_options",
]
