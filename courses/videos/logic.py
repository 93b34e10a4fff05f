"""Seconds as people type them beside captions. Pure."""

import re

_TIME = re.compile(r"^(?:(\d{1,2}):)?(\d{1,3}):(\d{1,2}(?:\.\d{1,3})?)$", re.ASCII)
# What a Chinese keyboard gives for the two marks.
_MARKS = str.maketrans("：．。０１２３４５６７８９", ":..0123456789")


def show_time(seconds: float) -> str:
    """`0:05.20`, `1:02:03.00`: to the hundredth, as the pipeline keeps it."""
    hundredths = round(seconds * 100)
    minutes, rest = divmod(hundredths, 6000)
    hours, minutes = divmod(minutes, 60)
    tail = f"{rest // 100:02d}.{rest % 100:02d}"
    return f"{hours}:{minutes:02d}:{tail}" if hours else f"{minutes}:{tail}"


def read_time(text: str) -> float | None:
    """Seconds of `0:05.2`, `1：02`, `1:02:03`; None for anything else. Rounded to the hundredth."""
    match = _TIME.match(text.strip().translate(_MARKS))
    if match is None:
        return None
    hours, minutes, seconds = int(match[1] or 0), int(match[2]), float(match[3])
    if seconds >= 60 or (match[1] is not None and minutes >= 60):
        return None
    return round(hours * 3600 + minutes * 60 + seconds, 2)
