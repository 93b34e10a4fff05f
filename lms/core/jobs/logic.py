"""Times between attempts. No Django."""

from datetime import timedelta

_LONGEST_S = 900


def back_off(attempt: int, base_s: float) -> timedelta:
    """The pause after the failed `attempt` (1, 2, …): base, 4·base, 16·base …, at most fifteen minutes."""
    return timedelta(seconds=min(base_s * 4 ** min(attempt - 1, 10), _LONGEST_S))
