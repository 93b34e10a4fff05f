"""System check of a production machine (`manage.py check --deploy`): what keeps the readers of strangers' files in."""

import sys
from collections.abc import Sequence
from typing import Any

from django.core import checks
from django.core.checks import CheckMessage, register

from media_pipeline.engines.api import WALLS, EngineError, standing_walls


@register(deploy=True)
def check_walls(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """Every wall of ADR 0028 stands; what is missing is a warning, for the others and ffmpeg's own options still hold."""
    try:
        standing = standing_walls()
    except EngineError as fault:
        return [checks.Error(str(fault), id="media_pipeline.E001")]
    missing = [wall for wall in WALLS if wall not in standing]
    if not missing:
        return []
    return [
        checks.Warning(
            f"Programs that read uploads run without {', '.join(missing)} here (standing: {standing}).",
            hint="Linux 5.13 or newer with Landlock; in a container allow unshare and the landlock calls."
            if sys.platform == "linux"
            else "Only Linux has these walls.",
            id="media_pipeline.W001",
        )
    ]
