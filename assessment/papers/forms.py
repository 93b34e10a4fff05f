"""Forms of blueprints and papers: the editor, a drawing, reasons."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext, pgettext_lazy

from assessment.bank.models import Question
from assessment.bank.presentation import STEPS, TYPES, difficulty
from assessment.bank.selectors.topics import topics_of
from assessment.bank.types import Pool, Step
from assessment.papers.logic import content_of, plain
from assessment.papers.presentation import MEASURES, SOURCES
from assessment.papers.types import FORMS, BlueprintContent, Measure, Source
from lms.core.types import Level

_MOST_ROWS: Final = 20
_SPARE: Final = 2
_PERCENT: Final[dict[str, Any]] = {
    "min_value": 0,
    "max_value": 100,
    "max_digits": 5,
    "decimal_places": 2,
    "required": False,
}


@dataclass(frozen=True)
class Row:
    """Fields that stand on one line. label: its name for the ear."""

    label: str
    fields: tuple[BoundField, ...]


class BlueprintForm(forms.Form):
    """A blueprint as rows of fields: sections, topics, difficulty, steps. Empty rows say nothing."""

    title = forms.CharField(label=pgettext_lazy("paper", "Title"), max_length=200)
    key = forms.SlugField(
        label=pgettext_lazy("paper", "Key"),
        max_length=60,
        help_text=_("Latin letters, digits, - and _. Versions of one blueprint have the same key for good."),
    )
    note = forms.CharField(
        label=pgettext_lazy("paper", "Note"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("What a document says and what is our own choice."),
    )
    minutes = forms.IntegerField(label=pgettext_lazy("paper", "Minutes"), min_value=1, max_value=600, initial=60)
    total = forms.DecimalField(
        label=pgettext_lazy("paper", "Total"), min_value=1, max_digits=6, decimal_places=2, initial=100
    )
    pass_mark = forms.DecimalField(
        label=pgettext_lazy("paper", "Pass mark"), min_value=0, max_digits=6, decimal_places=2, initial=60
    )
    topic_measure = forms.ChoiceField(
        label=pgettext_lazy("paper", "Shares of topics are of"),
        choices=[(one.value, label) for one, label in MEASURES.items()],
        initial=Measure.MARKS.value,
    )
    law_minimum = forms.DecimalField(
        label=pgettext_lazy("paper", "Least share of law (%)"), **{**_PERCENT, "required": True}, initial=10
    )
    overlap_limit = forms.DecimalField(
        label=pgettext_lazy("paper", "Most in common of two forms (%)"), **{**_PERCENT, "required": True}, initial=20
    )
    exposure_limit = forms.IntegerField(
        label=pgettext_lazy("paper", "Most uses of a question"),
        required=False,
        min_value=0,
        help_text=_("Empty: however often."),
    )
    pairs = forms.CharField(
        label=pgettext_lazy("paper", "Forbidden pairs"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Two question numbers a line. Look-alikes are kept apart by themselves."),
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        level: Level,
        blueprint: BlueprintContent | None = None,
        more: int = 0,
    ) -> None:
        """blueprint: what is edited; its key and level stay. more: rows beyond those sent."""
        self.level, self.edited = level, blueprint
        super().__init__(data, initial=_initial(blueprint), auto_id="id_%s")
        if blueprint is not None:
            self.fields["key"].disabled = True
        sections = _section_rows(blueprint)
        topics = _topic_rows(level, blueprint)
        sent = (_sent(data, "rows"), _sent(data, "topic_rows")) if data is not None else (0, 0)
        self.rows_shown = min(_MOST_ROWS, max(sent[0] or len(sections) + _SPARE, len(sections)) + more)
        self.topic_rows_shown = min(_MOST_ROWS, max(sent[1] or len(topics) + 1, len(topics)) + more)
        self._add_sections(sections)
        self._add_topics(topics)
        self._add_shares(blueprint)

    # Fields --------------------------------------------------------------------------------------------------------------

    def _put(self, name: str, field: forms.Field, label: str, initial: Any = None) -> None:
        field.label, field.initial, field.required = label, initial, False
        field.widget.attrs |= {"aria-label": label, "autocomplete": "off"}
        self.fields[name] = field

    def _add_sections(self, rows: Sequence[Mapping[str, Any]]) -> None:
        for at in range(self.rows_shown):
            said = rows[at] if at < len(rows) else {}
            where = pgettext("paper", "Section row %(number)d") % {"number": at + 1}

            def label(words: str, where: str = where) -> str:
                return f"{where}: {words}"

            self._put(
                f"s{at}-title", forms.CharField(max_length=60), label(pgettext("paper", "Title")), said.get("title")
            )
            sources = [(one.value, words) for one, words in SOURCES.items()]
            self._put(
                f"s{at}-from",
                forms.ChoiceField(choices=sources),
                label(pgettext("paper", "From")),
                said.get("from", "bank"),
            )
            types = [("", "—"), *((one.value, words) for one, words in TYPES.items())]
            self._put(
                f"s{at}-type", forms.ChoiceField(choices=types), label(pgettext("paper", "Type")), said.get("type")
            )
            count = forms.IntegerField(min_value=1, max_value=300)
            self._put(f"s{at}-count", count, label(pgettext("paper", "Questions")), said.get("count"))
            marks = forms.DecimalField(min_value=Decimal("0.01"), max_digits=6, decimal_places=2)
            self._put(f"s{at}-marks", marks, label(pgettext("paper", "Marks each, or the video's")), said.get("marks"))
            cases = forms.IntegerField(min_value=1, max_value=50)
            self._put(f"s{at}-cases", cases, label(pgettext("paper", "Cases at most")), said.get("cases"))

    def _add_topics(self, rows: Sequence[Mapping[str, Any]]) -> None:
        for at in range(self.topic_rows_shown):
            said = rows[at] if at < len(rows) else {}
            where = pgettext("paper", "Topic row %(number)d") % {"number": at + 1}
            for name, field, words in (
                ("name", forms.CharField(max_length=60), pgettext("paper", "Name")),
                ("codes", forms.CharField(max_length=200), pgettext("paper", "Topic codes")),
                ("share", forms.DecimalField(**_PERCENT), pgettext("paper", "Share in percent")),
                ("tolerance", forms.DecimalField(**_PERCENT), pgettext("paper", "Tolerance (±)")),
            ):
                self._put(f"t{at}-{name}", field, f"{where}: {words}", said.get(name))

    def _add_shares(self, blueprint: BlueprintContent | None) -> None:
        for prefix, name, words in self._share_names():
            held: Any = None
            if blueprint is not None:
                held = blueprint.difficulty.get(int(name)) if prefix == "d" else blueprint.steps.get(Step(name))
            for part in ("share", "tolerance"):
                label = pgettext("paper", "Share in percent") if part == "share" else pgettext("paper", "Tolerance (±)")
                initial = plain(getattr(held, part)) if held else None
                self._put(f"{prefix}{name}-{part}", forms.DecimalField(**_PERCENT), f"{words}: {label}", initial)

    @staticmethod
    def _share_names() -> Iterator[tuple[str, str, str]]:
        for number in range(1, 6):
            yield "d", str(number), difficulty(number)
        for step in Step:
            yield "p", step.value, str(STEPS[step])

    # For the template ----------------------------------------------------------------------------------------------------

    @property
    def section_rows(self) -> tuple[Row, ...]:
        """The rows of sections as they are shown."""
        names = ("title", "from", "type", "count", "marks", "cases")
        return tuple(Row(str(at + 1), tuple(self[f"s{at}-{name}"] for name in names)) for at in range(self.rows_shown))

    @property
    def topic_rows(self) -> tuple[Row, ...]:
        """The rows of topics."""
        names = ("name", "codes", "share", "tolerance")
        return tuple(
            Row(str(at + 1), tuple(self[f"t{at}-{name}"] for name in names)) for at in range(self.topic_rows_shown)
        )

    @property
    def share_rows(self) -> tuple[Row, ...]:
        """Difficulty and steps."""
        return tuple(
            Row(words, (self[f"{prefix}{name}-share"], self[f"{prefix}{name}-tolerance"]))
            for prefix, name, words in self._share_names()
        )

    @property
    def topics_known(self) -> tuple[str, ...]:
        """Every topic of the level with its code."""
        return tuple(f"{topic.code} {topic.title}" for topic in topics_of(self.level))

    # What was said -------------------------------------------------------------------------------------------------------

    def clean_pairs(self) -> list[list[str]]:
        """Numbers as uids."""
        lines = [line.replace(",", " ").replace("，", " ").split() for line in self.cleaned_data["pairs"].splitlines()]
        asked = [line for line in lines if line]
        if any(
            len(line) != 2 or not all(one.isascii() and one.isdigit() and len(one) < 10 for one in line)
            for line in asked
        ):
            raise forms.ValidationError(_("Write two question numbers a line."))
        numbers = {int(one) for line in asked for one in line}
        known = dict(Question.objects.filter(pk__in=numbers, pool=Pool.EXAM).values_list("pk", "uuid"))
        missing = sorted(numbers - set(known))
        if missing:
            raise forms.ValidationError(
                _("The bank has no question %(numbers)s."), params={"numbers": ", ".join(map(str, missing))}
            )
        return [[str(known[int(a)]), str(known[int(b)])] for a, b in asked]

    def content(self) -> dict[str, Any]:
        """The blueprint as `logic.read_blueprint` reads it. Only after `is_valid`."""
        said = self.cleaned_data
        return {
            "key": self.edited.key if self.edited else said["key"],
            "level": int(self.level),
            "title": said["title"],
            "note": said["note"],
            "minutes": said["minutes"],
            "total": said["total"],
            "pass_mark": said["pass_mark"],
            "sections": list(self._sections()),
            "topic_measure": said["topic_measure"],
            "topics": list(self._topics()),
            "difficulty": dict(self._shares("d")),
            "steps": dict(self._shares("p")),
            "law_minimum": said["law_minimum"],
            "forbidden_pairs": said["pairs"],
            "overlap_limit": said["overlap_limit"],
            "exposure_limit": said["exposure_limit"],
        }

    def clean(self) -> dict[str, Any]:
        """A row that says something says all of it."""
        for at in range(self.rows_shown):
            if self._said(at, "title", "type", "count", "marks", "cases"):
                video = self.cleaned_data.get(f"s{at}-from") == Source.VIDEO
                for name in ("title", "marks") if video else ("title", "type", "count", "marks"):
                    if not self.cleaned_data.get(f"s{at}-{name}") and not self.has_error(f"s{at}-{name}"):
                        self.add_error(f"s{at}-{name}", _("Fill this in, or empty the whole row."))
        for at in range(self.topic_rows_shown):
            if self.cleaned_data.get(f"t{at}-share") is not None and not self.cleaned_data.get(f"t{at}-codes"):
                self.add_error(f"t{at}-codes", _("Fill this in, or empty the whole row."))
        return self.cleaned_data

    def _said(self, at: int, *names: str) -> bool:
        return any(self.cleaned_data.get(f"s{at}-{name}") not in (None, "") for name in names)

    def _sections(self) -> Iterator[dict[str, Any]]:
        """Neighbouring case rows of one title are one section of several types."""
        open_case: dict[str, Any] | None = None
        for at in range(self.rows_shown):
            if not self._said(at, "title"):
                continue
            said = {
                name: self.cleaned_data[f"s{at}-{name}"]
                for name in ("title", "from", "type", "count", "marks", "cases")
            }
            ask = {name: said[name] for name in ("type", "count", "marks")}
            if said["from"] == Source.VIDEO:
                yield {"title": said["title"], "from": "video", "share": said["marks"]}
            elif said["from"] == Source.BANK:
                yield {"title": said["title"], "from": "bank", "items": [ask]}
            elif open_case is not None and open_case["title"] == said["title"]:
                open_case["items"].append(ask)
                open_case["cases"] = max(open_case["cases"], said["cases"] or 1)
                continue
            else:
                open_case = {"title": said["title"], "from": "case", "cases": said["cases"] or 1, "items": [ask]}
                yield open_case
                continue
            open_case = None

    def _topics(self) -> Iterator[dict[str, Any]]:
        for at in range(self.topic_rows_shown):
            share = self.cleaned_data.get(f"t{at}-share")
            if share is not None:
                codes = (
                    self.cleaned_data[f"t{at}-codes"].replace(",", " ").replace("，", " ").replace("、", " ").split()
                )
                yield {
                    "name": self.cleaned_data[f"t{at}-name"],
                    "codes": codes,
                    "share": share,
                    "tolerance": self.cleaned_data.get(f"t{at}-tolerance") or 0,
                }

    def _shares(self, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
        for prefix, name, _words in self._share_names():
            share = self.cleaned_data.get(f"{prefix}{name}-share")
            if prefix == kind and share is not None:
                yield name, {"share": share, "tolerance": self.cleaned_data.get(f"{prefix}{name}-tolerance") or 0}


def _sent(data: Mapping[str, Any], name: str) -> int:
    given = str(data.get(name, ""))
    return int(given) if given.isascii() and given.isdigit() and len(given) < 3 else 0


def _initial(blueprint: BlueprintContent | None) -> dict[str, Any]:
    if blueprint is None:
        return {}
    said = content_of(blueprint)
    uids = {uid for pair in blueprint.forbidden_pairs for uid in pair}
    serials = dict(Question.objects.filter(uuid__in=uids).values_list("uuid", "pk")) if uids else {}
    pairs = [f"{serials.get(a, '?')} {serials.get(b, '?')}" for a, b in blueprint.forbidden_pairs]
    names = ("title", "key", "note", "minutes", "total", "pass_mark", "topic_measure", "law_minimum", "overlap_limit")
    return {name: said[name] for name in (*names, "exposure_limit")} | {"pairs": "\n".join(pairs)}


def _section_rows(blueprint: BlueprintContent | None) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for section in blueprint.sections if blueprint else ():
        head = {"title": section.title, "from": section.source.value}
        if section.source is Source.VIDEO:
            rows.append(head | {"marks": plain(section.share)})
        for ask in section.asks:
            cases = section.cases if section.source is Source.CASE else None
            rows.append(head | {"type": ask.type.value, "count": ask.count, "marks": plain(ask.marks), "cases": cases})
    return rows


def _topic_rows(level: Level, blueprint: BlueprintContent | None) -> list[dict[str, Any]]:
    if blueprint is None:
        return [{"name": topic.title, "codes": topic.code} for topic in topics_of(level)]
    return [
        {"name": one.name, "codes": " ".join(one.codes), "share": plain(one.share), "tolerance": plain(one.tolerance)}
        for one in blueprint.topics
    ]


class DrawForm(forms.Form):
    """What to draw by, how many forms, by which seed, without which questions."""

    blueprint = forms.ChoiceField(label=pgettext_lazy("paper", "Blueprint"))
    parallel = forms.TypedChoiceField(
        label=pgettext_lazy("paper", "Parallel forms"),
        choices=[(number, FORMS[:number]) for number in range(1, len(FORMS) + 1)],
        coerce=int,
        initial=1,
    )
    seed = forms.IntegerField(
        label=pgettext_lazy("paper", "Seed"),
        min_value=0,
        max_value=2**31 - 1,
        widget=forms.NumberInput(attrs={"autocomplete": "off"}),
        help_text=_("Chosen by chance and kept with the paper: the same seed and the same bank give the same paper."),
    )
    avoid = forms.MultipleChoiceField(
        label=_("Without the questions of these papers"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(
        self, *args: Any, blueprints: Sequence[tuple[str, str]], groups: Sequence[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["blueprint"].choices = list(blueprints)  # type: ignore[attr-defined]
        self.fields["avoid"].choices = list(groups)  # type: ignore[attr-defined]
        if not groups:
            del self.fields["avoid"]


class ReasonForm(forms.Form):
    """Why: kept with the paper and in the audit trail."""

    reason = forms.CharField(
        label=pgettext_lazy("paper", "Reason"),
        max_length=300,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Say why; the reason is kept in the audit trail.")},
    )
