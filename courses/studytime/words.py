"""What reasons and rules are called."""

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from courses.studytime.types import Flag, Refusal, StudyRules
from lms.core.templatetags.kaibo import duration_zh


def reason_words(reason: Refusal) -> str:
    """Why a moment was not counted, in a few words."""
    return {
        Refusal.AHEAD: _("Claimed before it had happened"),
        Refusal.LATE: _("Reported too late"),
        Refusal.OUTSIDE: _("Outside the days of the class"),
        Refusal.HIDDEN: _("Page not in view"),
        Refusal.IDLE: _("Nobody touched the page for too long"),
        Refusal.UNANSWERED: _("“Are you still studying?” not answered"),
        Refusal.OVERLAP: _("Counted on another page at the same time"),
        Refusal.CAP: _("The lesson was fully counted"),
        Refusal.UNLISTED: _("Platform not listed that day"),
    }[reason]


def flag_words(flags: int) -> str:
    """What a page said of itself in a beat."""
    said = [pgettext("beat", "in view") if flags & Flag.VISIBLE else pgettext("beat", "not in view")]
    if flags & Flag.PLAYING:
        said.append(pgettext("beat", "video playing"))
    if flags & Flag.ANSWERED:
        said.append(pgettext("beat", "question answered"))
    return "、".join(said)


def rule_words(rules: StudyRules) -> tuple[tuple[str, str], ...]:
    """The rules as rows: what, how much."""
    seconds = {
        _("A page reports at least every"): rules.interval_s,
        _("One report speaks for at most"): rules.span_max_s,
        _("Reading counts after the last touch for"): rules.idle_text_s,
        _("A playing video counts after the last touch for"): rules.idle_video_s,
        _("“Are you still studying?” is asked every"): rules.presence_every_s,
        _("An answer is good for the time before it within"): rules.presence_grace_s,
        _("A report may arrive late by at most"): rules.offline_max_s,
    }
    rows = [(label, _words(value)) for label, value in seconds.items()]
    rows.append((_("Class hours are rounded down to"), str(rules.hour_step)))
    rows.append(
        (
            _("Other platforms"),
            _("only listed ones, by their logs") if rules.listed_platforms_only else _("any, by their logs"),
        )
    )
    rows.append((_("Source of the rules"), rules.clause or _("Default of this platform")))
    return tuple(rows)


def _words(seconds: int) -> str:
    return duration_zh(seconds) if seconds else pgettext("rule", "never")
