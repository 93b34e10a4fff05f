"""The gallery: every component in every state, in both languages and themes. Mounted only while debugging and in tests.

`?lang=en`, `?theme=dark`, `?size=large`, `?density=phone` choose how a page shows. All names and figures are made up.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import translation

from lms.portal import gallery_data as data
from lms.portal import gallery_scoring as scoring


@dataclass(frozen=True)
class Entry:
    """A gallery page: its template is `gallery/<name>.html`, its context comes from `context`."""

    name: str
    title: str
    context: Callable[[], dict[str, Any]] = dict


class SampleForm(forms.Form):
    """Every kind of field once."""

    phone = forms.CharField(
        label=data.say("手机号", "Phone number"),
        help_text=data.say("用来接收考试通知", "Used for exam notices"),
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel"}),
    )
    name = forms.CharField(label=data.say("姓名", "Name"), required=False)
    product = forms.ChoiceField(
        label=data.say("带什么货", "What is sold"),
        choices=[("tea", data.say("茶叶", "Tea")), ("food", data.say("食品", "Food"))],
    )
    level = forms.ChoiceField(
        label=data.say("报考等级", "Level"),
        widget=forms.RadioSelect,
        choices=[("5", data.say("初级", "Elementary")), ("4", data.say("中级", "Intermediate"))],
    )
    words = forms.CharField(label=data.say("卖点", "Selling points"), widget=forms.Textarea, required=False)
    agreed = forms.BooleanField(label=data.say("视频是本人出镜、本人讲解", "I appear and speak in the video myself"))

    def clean_phone(self) -> str:
        digits: str = self.cleaned_data["phone"].replace(" ", "")
        if len(digits) != 11:
            message = data.say("手机号要11位，现在是%d位", "A phone number has 11 digits, this one has %d")
            raise forms.ValidationError(str(message) % len(digits))
        return digits


class SampleUploadForm(forms.Form):
    """The upload form's shape."""

    video = forms.FileField(
        label=data.say("选一条视频", "Choose a video"),
        widget=forms.FileInput(attrs={"accept": "video/*"}),
    )
    title = forms.CharField(label=data.say("给作品起个名字", "A name for the work"))


def _forms() -> dict[str, Any]:
    refused = SampleForm({"phone": "1380000123", "product": "tea", "level": "5"})
    refused.is_valid()
    return {"form": SampleForm(), "refused": refused}


def _rubric() -> dict[str, Any]:
    return {"sheet": scoring.sheet("refused")["sheet"], "given": scoring.sheet("locked")["sheet"]}


def _scoring_page(state: str) -> Entry:
    """The scoring desk in one state; the open one has the plain name."""
    name = "page-scoring" if state == "open" else f"page-scoring-{state}"
    return Entry(name, f"Page: scoring desk, {state}", lambda: {**scoring.sheet(state), "shell": data.desk_shell()})


def _panel_page(state: str) -> Entry:
    """A panel in one state; the one that asks most has the plain name."""
    name = "page-panel" if state == "spread" else f"page-panel-{state}"
    return Entry(name, f"Page: panel, {state}", lambda: {**scoring.panel(state), "shell": data.desk_shell()})


ENTRIES: tuple[Entry, ...] = (
    Entry("tokens", "Tokens", lambda: {"groups": data.TOKENS}),
    Entry("button", "Button"),
    Entry("field", "Field", _forms),
    Entry("error-summary", "Error summary", _forms),
    Entry("tag", "Status tag"),
    Entry("steps", "Steps", lambda: {"steps": data.steps(), "refused": data.refused_steps()}),
    Entry("decision", "Decision card", lambda: {"decisions": data.decisions()}),
    Entry("finding", "Finding chip", lambda: {"findings": data.findings(), **_rubric()}),
    Entry("time-link", "Time link"),
    Entry("transcript", "Transcript", lambda: {"page": data.evidence()}),
    Entry("timeline", "Evidence timeline", lambda: {"page": data.evidence(), "quiet": data.quiet_evidence()}),
    Entry("checks", "Checks", lambda: {"page": data.evidence()}),
    Entry("player", "Evidence player", lambda: {"page": data.evidence()}),
    Entry("rubric", "Rubric row", _rubric),
    Entry("save-status", "Save status", lambda: {"at": data.MOMENT}),
    Entry("chart", "Chart", lambda: {"charts": data.charts()}),
    Entry("table", "Data table", lambda: {"tables": data.tables()}),
    Entry("flash", "Flash", lambda: {"samples": data.flashes()}),
    Entry("dialog", "Dialog"),
    Entry("job", "Job progress", lambda: {"jobs": data.jobs()}),
    Entry("empty", "Empty state"),
    Entry("upload", "File picker", lambda: {"form": SampleUploadForm()}),
    Entry("page-home", "Page: trainee home", lambda: {"page": data.home(), "shell": data.phone_shell()}),
    Entry("page-upload", "Page: upload", lambda: {"form": SampleUploadForm(), "shell": data.phone_shell(2)}),
    Entry("page-work", "Page: a work", lambda: {"work": data.jobs()[1], "shell": data.phone_shell(2)}),
    Entry("page-evidence", "Page: evidence", lambda: {"page": data.evidence(), "shell": data.desk_shell()}),
    Entry("page-scoring-list", "Page: works to score", lambda: {"page": scoring.works(), "shell": data.desk_shell()}),
    *(_scoring_page(state) for state in ("open", "refused", "full", "locked")),
    Entry("page-booklet", "Page: booklet desk", lambda: {**scoring.booklet(), "shell": data.desk_shell()}),
    Entry(
        "page-booklet-locked",
        "Page: booklet desk, locked",
        lambda: {**scoring.booklet("locked"), "shell": data.desk_shell()},
    ),
    Entry("page-panels", "Page: panels", lambda: {"page": scoring.panels(), "shell": data.desk_shell()}),
    *(_panel_page(state) for state in ("spread", "scoring", "rulings", "final")),
    Entry("page-board", "Page: desk home", lambda: {"board": data.board(), "shell": data.desk_shell()}),
    Entry("page-sign-in", "Page: sign in", lambda: {"shell": data.phone_shell()}),
)
_BY_NAME = {entry.name: entry for entry in ENTRIES}


def _looks(request: HttpRequest) -> dict[str, str]:
    asked = {
        "lang": ("zh-hans", "en"),
        "theme": ("light", "dark", "auto"),
        "size": ("normal", "large"),
        "density": ("desk", "phone"),
    }
    return {
        name: request.GET[name] if request.GET.get(name) in allowed else allowed[0] for name, allowed in asked.items()
    }


def _draw(request: HttpRequest, template: str, entry: Entry | None) -> HttpResponse:
    looks = _looks(request)
    with translation.override(looks["lang"]):
        context: dict[str, Any] = {
            "entries": [(each, reverse("gallery:entry", args=[each.name])) for each in ENTRIES],
            "entry": entry,
            "looks": looks,
            "messages": [],
            "shell": data.desk_shell(),
        }
        context |= entry.context() if entry else {}
        context["shell"].theme, context["shell"].text_size = looks["theme"], looks["size"]
        return render(request, template, context)


def index(request: HttpRequest) -> HttpResponse:
    """All entries."""
    return _draw(request, "gallery/index.html", None)


def entry(request: HttpRequest, name: str) -> HttpResponse:
    """One entry; 404 when there is none of this name."""
    if name not in _BY_NAME:
        raise Http404
    return _draw(request, f"gallery/{name}.html", _BY_NAME[name])


urlpatterns = [
    path("", index, name="index"),
    path("<slug:name>/", entry, name="entry"),
]
