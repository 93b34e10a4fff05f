"""The year table's form."""

import re
from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lms.core.workdays.api import YearTable
from lms.policies.pages import days_as_text

# 2026-02-15 [2026-02-23] 休|班 [name]
_LINE = re.compile(
    r"^(?P<first>\d{4}-\d{2}-\d{2})(?:\s+(?:至\s*)?(?P<last>\d{4}-\d{2}-\d{2}))?\s+(?P<kind>[休班])(?:\s+(?P<name>.*))?$"
)


class YearForm(forms.Form):
    """A whole year: where it comes from, and a line for each day or run of days that differs from its weekday."""

    source = forms.CharField(
        label=gettext_lazy("Source of the table"),
        max_length=200,
        help_text=gettext_lazy("Number of the State Council's notice about the holidays of the year"),
    )
    days = forms.CharField(
        label=gettext_lazy("Days that differ from their weekday"),
        required=False,
        widget=forms.Textarea(attrs={"data-long": True, "spellcheck": "false", "autocomplete": "off"}),
        help_text=gettext_lazy(
            "A line a day: date, 休 for a holiday or 班 for a make-up day, name. Two dates make a run of days."
        ),
    )

    def __init__(self, *args: Any, table: YearTable, **kwargs: Any) -> None:
        self.year = table.year
        kwargs.setdefault("initial", {"source": table.source, "days": days_as_text(table)})
        super().__init__(*args, **kwargs)

    def clean_days(self) -> list[tuple[date, bool, str]]:
        """(day, worked, name) for each day. Every fault names its line."""
        days: list[tuple[date, bool, str]] = []
        for number, line in enumerate(self.cleaned_data["days"].splitlines(), start=1):
            if line.strip():
                days += self._line(number, line.strip())
        seen: set[date] = set()
        for day, _works, _name in days:
            if day in seen:
                raise forms.ValidationError(_("%(day)s stands in the table twice") % {"day": day})
            seen.add(day)
        return days

    def _line(self, number: int, line: str) -> list[tuple[date, bool, str]]:
        found = _LINE.match(line)
        unreadable = forms.ValidationError(
            _("Line %(number)s cannot be read. Write for example 2026-02-14 班 调休") % {"number": number}
        )
        if found is None:
            raise unreadable
        try:
            first = date.fromisoformat(found["first"])
            last = date.fromisoformat(found["last"] or found["first"])
        except ValueError:
            raise unreadable from None
        if not first <= last or {first.year, last.year} != {self.year}:
            raise forms.ValidationError(
                _("Line %(number)s: the days lie in %(year)s, the earlier first")
                % {"number": number, "year": self.year}
            )
        name = (found["name"] or "").strip()[:60]
        return [(first + timedelta(days=i), found["kind"] == "班", name) for i in range((last - first).days + 1)]
