"""Tags and filters that every template has (they are builtins): bundles, icons, times, sizes, names of languages."""

import math
import re
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import Any

from django import template
from django.conf import settings
from django.template.exceptions import TemplateSyntaxError
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, ngettext, pgettext

from lms.core import charts, timeline
from lms.core.static import BUNDLES, ICONS, SPRITE

register = template.Library()


@register.simple_tag
def bundle(name: str) -> SafeString:
    """The style sheets of a page family: one file, or while debugging its single files, so that a line can be found.

    Raises TemplateSyntaxError for a bundle that `lms.core.static.BUNDLES` does not know.
    """
    if name not in BUNDLES:
        raise TemplateSyntaxError(f"no bundle is called {name!r}")
    files = BUNDLES[name] if settings.DEBUG else (f"bundle/{name}.css",)
    return format_html_join("\n", '<link rel="stylesheet" href="{}">', ((static(file),) for file in files))


@register.simple_tag
def icon(name: str, css_class: str = "") -> SafeString:
    """A decorative icon from the sprite; the words beside it carry the meaning.

    Raises TemplateSyntaxError for an icon that `lms.core.static.ICONS` does not list.
    """
    return _drawn_icon(name, css_class)


# A page has dozens, and the address of the sprite costs more than all the rest of one.
@lru_cache(maxsize=1000)
def _drawn_icon(name: str, css_class: str) -> SafeString:
    if name not in ICONS:
        raise TemplateSyntaxError(f"no icon is called {name!r}")
    return format_html(
        '<svg class="{}" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        f"icon {css_class}".strip(),
        static(SPRITE),
        name,
    )


@register.simple_tag
def page_language() -> str:
    """The page's language as HTML wants it: zh-Hans or en."""
    code = get_language() or settings.LANGUAGE_CODE
    return "zh-Hans" if code.startswith("zh") else code


@register.filter
def media_time(seconds: Any) -> str:
    """A place in a recording: 41.6 → 00:41, 3725 → 1:02:05; what is not a number shows as —."""
    try:
        whole = max(0, math.floor(float(seconds)))
    except (TypeError, ValueError, OverflowError):
        return "—"
    minutes, second = divmod(whole, 60)
    hour, minute = divmod(minutes, 60)
    return f"{hour}:{minute:02}:{second:02}" if hour else f"{minute:02}:{second:02}"


@register.simple_tag
def media_range(start: Any, end: Any = None) -> str:
    """A stretch of a recording: 00:41–00:46; a single second when it begins and ends in the same one."""
    first, last = media_time(start), media_time(end)
    return first if first == last or last == "—" else f"{first}–{last}"


@register.filter
def seconds_attr(seconds: Any) -> str:
    """Seconds for an address or a data attribute: at most two decimals, a point whatever the language."""
    try:
        return f"{max(0.0, float(seconds)):.2f}".rstrip("0").rstrip(".")
    except (TypeError, ValueError):
        return "0"


@register.filter
def kb_datetime(moment: Any, style: str = "table") -> SafeString | str:
    """A moment in Shanghai time inside `<time>`. Styles: table 2026-03-20 14:30, date 2026-03-20, clock 14:32:08,
    time 14:32."""
    if not isinstance(moment, datetime):
        return "—"
    local = timezone.localtime(moment) if timezone.is_aware(moment) else moment
    shown = {"date": "%Y-%m-%d", "clock": "%H:%M:%S", "time": "%H:%M"}.get(style, "%Y-%m-%d %H:%M")
    return format_html('<time datetime="{}">{}</time>', local.isoformat(timespec="seconds"), local.strftime(shown))


@register.filter
def filesize_zh(size: Any) -> str:
    """A file's size the way phones say it: 186MB, 1.8GB (base 1024, no space: a number before its unit)."""
    try:
        value = float(size)
    except (TypeError, ValueError):
        return "—"
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1024 or unit == "GB":
            break
        value /= 1024
    number = f"{value:.1f}".removesuffix(".0") if unit == "GB" else f"{value:.0f}"
    return f"{number}{unit}"


@register.filter
def duration_zh(seconds: Any) -> str:
    """An effort or wait in words: 1小时20分, 3分12秒, 45秒 (English: 1 h 20 min, 3 min 12 s, 45 s)."""
    try:
        whole = max(0, round(float(seconds)))
    except (TypeError, ValueError):
        return "—"
    minutes, second = divmod(whole, 60)
    hour, minute = divmod(minutes, 60)
    if hour:
        return gettext("%(hours)d h %(minutes)d min") % {"hours": hour, "minutes": minute}
    if minute and second:
        return gettext("%(minutes)d min %(seconds)d s") % {"minutes": minute, "seconds": second}
    if minute:
        return gettext("%(minutes)d min") % {"minutes": minute}
    return gettext("%(seconds)d s") % {"seconds": second}


@register.filter
def percent_of(part: Any, whole: Any) -> int:
    """`part` of `whole` in whole percent, 0–100, for `<progress>`; 0 when there is no whole."""
    try:
        share = float(part) / float(whole)
    except (TypeError, ValueError, ZeroDivisionError):
        return 0
    return max(0, min(100, round(share * 100)))


@register.filter
def first_clause(text: Any) -> str:
    """A citation up to its first semicolon: the article itself, before exceptions and penalties."""
    return re.split("[；;]", str(text), maxsplit=1)[0]


@register.filter
def with_tone(items: Iterable[Any], tones: str) -> list[Any]:
    """Those of the things whose `tone` is among the given ones: `page.checks|with_tone:"warn bad"`."""
    wanted = set(tones.split())
    return [item for item in items if item.tone in wanted]


@register.filter
def numbered(items: Iterable[Any], number: int) -> Any:
    """The one of the things whose `number` it is; None where there is none: `rules|numbered:finding.number`."""
    return next((item for item in items or () if item.number == number), None)


@register.filter
def doubtful(cues: Iterable[Any]) -> list[Any]:
    """The lines of a transcript that need a listen."""
    return [cue for cue in cues if cue.low_trust]


@register.filter
def unheard(findings: Iterable[Any], cues: Iterable[Any]) -> list[Any]:
    """The findings that hang on no cue, so that they can be shown before the transcript."""
    heard = {finding.number for cue in cues or () for finding in cue.findings}
    return [finding for finding in findings or () if finding.number not in heard]


@register.inclusion_tag("components/timeline.html")
def evidence_timeline(page: Any, notes: Iterable[Any] | None = None, *, whole: bool = False) -> dict[str, Any]:
    """Sound, hints and gaps of a work (`assessment.marking.types.EvidencePage`) over time, with its sentence.

    notes: comments (`NoteView`) drawn as dots below; None leaves that line out. whole: a line of its own for every stretch
    that a check points at, whatever it says, and one for what needs a listen.
    """
    duration = float(page.duration_s)
    path, width = timeline.wave(page.waveform)
    marks = [
        timeline.stretch(
            finding.start_s,
            finding.end_s,
            duration,
            tone=finding.tone,
            label=f"{media_range(finding.start_s, finding.end_s)} {finding.category_name}",
        )
        for finding in page.findings
    ]
    gaps = [
        timeline.stretch(start, end, duration, tone=check.tone, label=f"{media_range(start, end)} {check.label}")
        for check in page.checks
        if whole or check.tone in {"warn", "bad", "notrun"}
        for start, end in check.ranges
    ]
    listen = gettext("Needs a listen")
    doubtful = [
        timeline.stretch(
            cue.start_s,
            cue.end_s,
            duration,
            tone="notrun",
            label=f"{media_range(cue.start_s, cue.end_s)} {listen}",
        )
        for cue in page.cues
        if whole and cue.low_trust
    ]
    line = timeline.Timeline(
        duration=round(duration, 1),
        wave=path,
        wave_width=width,
        marks=marks,
        gaps=[] if whole else gaps,
        rows=(
            timeline.Row(pgettext("timeline", "Checks"), 53, gaps),
            timeline.Row(pgettext("timeline", "Listen"), 67, doubtful),
        )
        if whole
        else (),
        ticks=timeline.ticks(duration, [media_time(second) for second in timeline.tick_seconds(duration)]),
        head=timeline.percent(page.start_s, duration),
        notes=None
        if notes is None
        else [
            timeline.Dot(timeline.percent(note.at_s, duration), f"{media_time(note.at_s)} {note.text}")
            for note in notes
            if note.at_s is not None
        ],
        sentence=_sentence(duration, marks, gaps, doubtful),
    )
    return {"line": line, "start": page.start_s}


@register.inclusion_tag("components/dot_strip.html")
def totals_strip(seats: Iterable[Any]) -> dict[str, Any]:
    """The totals of a panel's sheets (`assessment.marking.types.SeatView`) on one line, with its sentence; nothing while
    one is missing."""
    given = [seat for seat in seats if seat.total is not None]
    if not given:
        return {"strip": None}
    sentence = gettext("; ").join(f"{seat.label} {seat.total:.1f}" for seat in given)
    return {"strip": charts.dot_strip([(seat.label, float(seat.total)) for seat in given]), "sentence": sentence}


def _sentence(
    duration: float, marks: list[timeline.Stretch], gaps: list[timeline.Stretch], doubtful: list[timeline.Stretch]
) -> str:
    """The drawing in words: how long, how many findings and where, how many noticed stretches and where, how many to hear."""
    parts = [gettext("%(time)s of sound") % {"time": media_time(duration)}]
    for stretches, words in (
        (marks, ngettext("%(number)d finding", "%(number)d findings", len(marks))),
        (gaps, ngettext("%(number)d noticed stretch", "%(number)d noticed stretches", len(gaps))),
    ):
        part = words % {"number": len(stretches)}
        if stretches:
            part += gettext(" (%(list)s)") % {"list": gettext(", ").join(each.label for each in stretches)}
        parts.append(part)
    if doubtful:
        words = ngettext("%(number)d line needs a listen", "%(number)d lines need a listen", len(doubtful))
        parts.append(words % {"number": len(doubtful)})
    return gettext("; ").join(parts)
