"""Forms of the pages that make lesson videos."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from courses.videos.logic import read_time, show_time
from courses.videos.services import TITLE_CHARS
from lms.core.ids import new_uuid
from media_pipeline.api import CaptionLine, Purpose, too_big_for_upload

_NEW = "new"


class NewVideoForm(forms.Form):
    """What to call a video that comes in pieces. `token` makes the same form sent twice one video."""

    title = forms.CharField(
        label=pgettext_lazy("lesson video", "Title"),
        max_length=TITLE_CHARS,
        help_text=_("Readers see it above the video; you choose the video in a lesson by it."),
        error_messages={"required": _("Give the video a title.")},
    )
    token = forms.UUIDField(widget=forms.HiddenInput, initial=new_uuid)


class LessonVideoForm(NewVideoForm):
    """The same with the file in it."""

    video = forms.FileField(
        label=_("Choose a video"),
        widget=forms.FileInput(attrs={"accept": "video/*", "aria-describedby": "id_video_helptext"}),
        error_messages={
            "required": _("Choose a video first."),
            "missing": _("Choose a video first."),
            "invalid": _("The video did not arrive. Please choose it again."),
            "empty": _("The file is empty. Please choose the video again."),
        },
    )
    field_order = ("video",)

    def clean_video(self) -> Any:
        video = self.cleaned_data["video"]
        words = too_big_for_upload(video.size or 0, Purpose.LESSON)
        if words:
            raise ValidationError(words, code="too_big")
        return video


class TitleForm(forms.Form):
    """Another title."""

    title = forms.CharField(
        label=pgettext_lazy("lesson video", "Title"),
        max_length=TITLE_CHARS,
        error_messages={"required": _("Give the video a title.")},
    )


class CaptionsForm(forms.Form):
    """The lines of one page of captions, and room for one more. A line without text goes.

    lines: those of the version `base`, whose times and texts the fields show.
    """

    base = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, data: Mapping[str, Any] | None, *, lines: Sequence[CaptionLine], base: int) -> None:
        super().__init__(data, initial={"base": base}, auto_id="id_%s")
        self.lines = {line.id: line for line in lines}
        for place, line in enumerate(lines, 1):
            self._add(str(line.id), pgettext("captions", "Line %(number)d") % {"number": place}, line)
        self._add(_NEW, pgettext("captions", "New line"), None)

    def _add(self, key: str, name: str, line: CaptionLine | None) -> None:
        def field(part: str, label: str, value: str, attrs: dict[str, str]) -> None:
            attrs["aria-label"] = f"{name} {label}"
            self.fields[f"{part}-{key}"] = forms.CharField(
                label=label, required=False, initial=value, strip=True, max_length=300, widget=forms.TextInput(attrs)
            )

        # "text" would be autofilled by browsers from other pages; a phone shows digits for times.
        field("text", pgettext("captions", "text"), line.text if line else "", {"autocomplete": "off"})
        times = {"autocomplete": "off", "size": "8", "spellcheck": "false"}
        field("start", pgettext("captions", "from"), show_time(line.start_s) if line else "", dict(times))
        field("end", pgettext("captions", "to"), show_time(line.end_s) if line else "", dict(times))

    def clean(self) -> dict[str, Any]:
        """`changed` and `added` as `correct_captions` takes them."""
        cleaned = super().clean() or {}
        # What did not arrive was not taken out.
        sent = {number: line for number, line in self.lines.items() if f"text-{number}" in self.data}
        changed = {number: self._line(str(number), line) for number, line in sent.items()}
        new = self._line(_NEW, None)
        return {
            **cleaned,
            "changed": {number: line for number, line in changed.items() if line != self.lines[number]},
            "added": (new,) if new else (),
        }

    def _line(self, key: str, before: CaptionLine | None) -> CaptionLine | None:
        text = " ".join(str(self.cleaned_data.get(f"text-{key}", "")).split())
        if not text:
            return None
        start = self._time(f"start-{key}", before.start_s if before else None)
        end = self._time(f"end-{key}", before.end_s if before else None)
        if start is None or end is None:
            return before
        return CaptionLine(before.id if before else -1, start, end, text)

    def _time(self, name: str, before: float | None) -> float | None:
        """What was typed; what was not touched stays to the last digit."""
        typed = str(self.cleaned_data.get(name, ""))
        if before is not None and typed == show_time(before):
            return before
        seconds = read_time(typed)
        if seconds is None:
            self.add_error(name, gettext("Write the time like 1:05.2 (minutes:seconds)."))
        return seconds

    def refuse(self, message: str, line: int | None) -> None:
        """Show a refusal at its line, or above all of them."""
        name = f"text-{line}" if f"text-{line}" in self.fields else f"text-{_NEW}" if line is not None else None
        self.add_error(name, message)

    def rebased(self, newest: Sequence[CaptionLine], number: int) -> "CaptionsForm":
        """The same on a newer version: what she typed stays, what she left alone shows the other's work."""
        theirs = [line for line in newest if line.id in self.lines]
        touched = {str(key) for key in self.cleaned_data.get("changed", {})} | {_NEW}
        data: dict[str, Any] = {"base": number}
        for key in [*(str(line.id) for line in theirs), _NEW]:
            for part in ("text", "start", "end"):
                if key in touched:
                    data[f"{part}-{key}"] = self.data.get(f"{part}-{key}", "")
        for line in theirs:
            if str(line.id) not in touched:
                data |= {
                    f"text-{line.id}": line.text,
                    f"start-{line.id}": show_time(line.start_s),
                    f"end-{line.id}": show_time(line.end_s),
                }
        return CaptionsForm(data, lines=theirs, base=number)

    def rows(self) -> list[dict[str, Any]]:
        """The fields of each line, in order: text, start, end, line."""
        return [self._row(str(number), line) for number, line in self.lines.items()]

    def new_row(self) -> dict[str, Any]:
        """The fields of the line to add."""
        return self._row(_NEW, None)

    def _row(self, key: str, line: CaptionLine | None) -> dict[str, Any]:
        parts = {part: self[f"{part}-{key}"] for part in ("text", "start", "end")}
        errors = [error for bound in parts.values() for error in bound.errors]
        return {**parts, "line": line, "errors": errors}
