"""Forms of the bank: the editor of every type, filters, reasons, files to bring in and take out."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from string import ascii_uppercase
from typing import Any, Final
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.forms.boundfield import BoundField
from django.forms.utils import ErrorDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from assessment.bank.exchange.checks import (
    BETWEEN_TEXTS,
    FILE_BYTES,
    OPTIONS,
    STEM_CHARACTERS,
    STIMULUS_CHARACTERS,
    WORD_CHARACTERS,
    blanks_drawn,
    faults,
    names_shown,
    sides,
    tidied,
)
from assessment.bank.presentation import LEVELS, STATES, STEPS, TYPES, difficulty, topic_choices
from assessment.bank.selectors.topics import topics_of
from assessment.bank.types import (
    Key,
    Media,
    MediaKind,
    Option,
    Place,
    QuestionDocument,
    QuestionState,
    QuestionType,
    Step,
    Stimulus,
)
from lms.core.ids import new_uuid
from lms.core.types import Level

MOST: Final = OPTIONS.stop - 1
_FEW: Final = {QuestionType.SINGLE: 4, QuestionType.MULTIPLE: 4, QuestionType.ORDERING: 4, QuestionType.MATCHING: 4}
_SPARE: Final = 1  # empty rows after those that are filled
_WORDS: Final = 1000
_DIFFICULTIES: Final = range(1, 6)


class Files(forms.ClearableFileInput):
    """Several files at once."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """A list of files, each no larger than the house allows."""

    widget = Files

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile[Any]]:
        """Raises ValidationError."""
        given = data if isinstance(data, list) else [data] if data else []
        files: list[UploadedFile[Any]] = []
        for one in given:
            file = super().clean(one, initial)
            if (file.size or 0) > FILE_BYTES:
                raise ValidationError(_("A file may have 20 MB at most."), code="too_big")
            files.append(file)
        return files


@dataclass(frozen=True)
class Row:
    """One row of the editor's list of options, pairs or blanks. letter: as it will be called; None where a type has no such
    field."""

    letter: str
    text: BoundField | None = None
    right: BoundField | None = None
    place: BoundField | None = None
    left: BoundField | None = None
    pair: BoundField | None = None
    errors: tuple[str, ...] = ()


def _letters(count: int) -> list[tuple[str, str]]:
    return [("", "—"), *((letter, letter) for letter in ascii_uppercase[:count])]


class QuestionForm(forms.Form):
    """The editor. A row without text is left out, and the letters close up over it.

    `document()` gives what was typed, once the form is valid; every fault of it stands at its field. `files` are new files,
    `kept` those the question has or that were handed in with an earlier, refused sending.
    """

    level = forms.TypedChoiceField(
        label=pgettext_lazy("question", "Level"),
        choices=[(level.value, level.label_zh) for level in LEVELS],
        coerce=int,
    )
    topic = forms.ChoiceField(
        label=pgettext_lazy("question", "Topic"),
        choices=lambda: [("", pgettext("question", "Choose a topic")), *topic_choices()],
        error_messages={"required": _("Choose the topic the question belongs to.")},
    )
    step = forms.ChoiceField(
        label=pgettext_lazy("question", "Step"), choices=[(step.value, words) for step, words in STEPS.items()]
    )
    difficulty = forms.TypedChoiceField(
        label=pgettext_lazy("question", "Difficulty"),
        choices=lambda: [(number, difficulty(number)) for number in _DIFFICULTIES],
        coerce=int,
    )
    clause = forms.CharField(
        label=pgettext_lazy("question", "Source clause"),
        required=False,
        max_length=WORD_CHARACTERS,
        help_text=_("Such as 《中华人民共和国广告法》第九条"),
    )
    law = forms.BooleanField(label=_("Asks about law (at least a tenth of a paper)"), required=False)
    source = forms.CharField(
        label=pgettext_lazy("question", "Source"),
        required=False,
        max_length=WORD_CHARACTERS,
        help_text=_("Who it is from"),
    )
    uncertain = forms.BooleanField(label=_("A point of law in it waits for a check"), required=False)
    marks = forms.DecimalField(
        label=pgettext_lazy("question", "Suggested marks"),
        required=False,
        min_value=Decimal("0.01"),
        max_value=100,
        max_digits=5,
        decimal_places=2,
        help_text=_("Leave it empty and the paper decides."),
    )
    stimulus = forms.CharField(
        label=_("Shared material"),
        required=False,
        max_length=STIMULUS_CHARACTERS,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("The case that several questions ask about; readers see it above each of them."),
    )
    stimulus_uid = forms.UUIDField(required=False, widget=forms.HiddenInput)
    stem = forms.CharField(
        label=pgettext_lazy("question", "Stem"),
        max_length=STEM_CHARACTERS,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Write the stem.")},
    )
    explanation = forms.CharField(
        label=pgettext_lazy("question", "Explanation"),
        required=False,
        max_length=STEM_CHARACTERS,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Why this is right; shown with the answer alone."),
    )
    # A field of that name does not stand in the way of `Form.files`: fields are taken off the class.
    files = FilesField(  # type: ignore[assignment]
        label=_("Add files"),
        required=False,
        help_text=_(
            "Pictures (PNG, JPEG, GIF, WebP), sound (MP3, M4A, OGG, WAV), film (MP4), at most 20 MB each. "
            "Write ![what it shows](file name) where the file should stand."
        ),
    )
    note = forms.CharField(
        label=_("What was changed"), required=False, max_length=300, help_text=_("For those who compare versions")
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        files: MultiValueDict[str, UploadedFile[Any]] | None = None,
        *,
        type: QuestionType,  # noqa: A002 - the document's own word
        document: QuestionDocument | None = None,
        known: QuestionDocument | None = None,
        more: int = 0,
    ) -> None:
        """document: what the fields show at first; known: what a sent form is a new version of; more: so many rows beyond
        what was sent or the document has."""
        self.type = type
        self.kind = type.value
        self.action = ""
        self.was = document or known
        initial = _initial(document) if document else {"difficulty": 3, "step": Step.UNDERSTAND.value}
        super().__init__(data, files, initial=initial, auto_id="id_%s")
        sent = _count(data, "rows") if data is not None else 0
        self.rows_shown = min(MOST, max(sent, self._needed(document)) + more)
        self._add_rows(document)
        if type is QuestionType.FILL:
            self.fields["stem"].help_text = _("Mark each blank with four underscores: ____")
        self.kept: tuple[Media, ...] = _kept(data) if data is not None else document.media if document else ()

    def _needed(self, document: QuestionDocument | None) -> int:
        if self.type is QuestionType.FILL:
            return max(2, len(document.key.blanks) + _SPARE if document else 2)
        if self.type not in _FEW:
            return 0
        if document is None:
            return _FEW[self.type]
        return max(_FEW[self.type], *(len(side) + _SPARE for side in sides(document.options)))

    def _text(self, name: str, label: str, initial: str = "", *, lines: int = 1) -> None:
        widget = forms.Textarea(attrs={"rows": lines}) if lines > 1 else forms.TextInput()
        widget.attrs |= {"aria-label": label, "autocomplete": "off"}
        self.fields[name] = forms.CharField(label=label, required=False, initial=initial, widget=widget)

    def _add_rows(self, document: QuestionDocument | None) -> None:
        count = range(self.rows_shown)
        key = document.key if document else Key()
        left, options = sides(document.options) if document else ((), ())
        if self.type in _FEW:
            for index in count:
                option = options[index] if index < len(options) else Option("", "")
                letter = ascii_uppercase[index]
                label = pgettext("question", "Option %(letter)s") % {"letter": letter}
                self._text(f"opt-{index}", label, option.text)
                if self.type is QuestionType.MULTIPLE:
                    self.fields[f"right-{index}"] = forms.BooleanField(
                        label=gettext("%(letter)s is right") % {"letter": letter},
                        required=False,
                        initial=bool(option.key) and option.key in key.choices,
                    )
                if self.type is QuestionType.ORDERING:
                    place = key.choices.index(option.key) + 1 if option.key in key.choices else None
                    self.fields[f"place-{index}"] = forms.IntegerField(
                        label=gettext("Place of %(letter)s") % {"letter": letter},
                        required=False,
                        initial=place,
                        min_value=1,
                        max_value=MOST,
                    )
                if self.type is QuestionType.MATCHING:
                    self._add_pair(index, left, dict(key.pairs))
        if self.type is QuestionType.SINGLE:
            right = next((i for i, option in enumerate(options) if option.key in key.choices), None)
            self.fields["right"] = forms.ChoiceField(
                label=pgettext("question", "Right answer"),
                choices=[(str(index), ascii_uppercase[index]) for index in count],
                initial=None if right is None else str(right),
                required=False,
                widget=forms.RadioSelect,
            )
        elif self.type is QuestionType.TRUE_FALSE:
            self.fields["truth"] = forms.ChoiceField(
                label=pgettext("question", "Right answer"),
                choices=[("true", pgettext("answer", "True")), ("false", pgettext("answer", "False"))],
                initial={True: "true", False: "false"}.get(key.truth) if key.truth is not None else None,
                required=False,
                widget=forms.RadioSelect,
            )
        elif self.type is QuestionType.FILL:
            for index in count:
                texts = key.blanks[index] if index < len(key.blanks) else ()
                label = pgettext("question", "Blank %(number)d") % {"number": index + 1}
                self._text(f"blank-{index}", label, BETWEEN_TEXTS.join(texts))
        elif self.type is QuestionType.SHORT:
            self._text("model", pgettext("question", "Model answer"), key.model, lines=5)
            self.fields["model"].max_length = STEM_CHARACTERS  # type: ignore[attr-defined]

    def _add_pair(self, index: int, left: Sequence[Option], pairs: Mapping[str, str]) -> None:
        option = left[index] if index < len(left) else Option("", "")
        number = str(index + 1)
        self._text(f"left-{index}", pgettext("question", "Left item %(number)s") % {"number": number}, option.text)
        self.fields[f"pair-{index}"] = forms.ChoiceField(
            label=gettext("%(number)s belongs to") % {"number": number},
            choices=_letters(self.rows_shown),
            initial=pairs.get(option.key, ""),
            required=False,
        )

    # What was typed ---------------------------------------------------------------------------------------------------

    def clean(self) -> dict[str, Any]:
        """The whole document, judged as every other way into the bank judges it."""
        data = super().clean() or {}
        _check_topic(self, data)
        if self.type is QuestionType.ORDERING:
            self._check_places(data)
        if not self.errors:
            # The names of files to be kept are known here, their bytes only to whoever keeps them.
            for fault in faults(self.document()):
                if fault.field != "media":
                    self.add_error(self._field_of(fault.field, fault.option), fault.message)
        return data

    def _check_places(self, data: Mapping[str, Any]) -> None:
        filled = [index for index in range(self.rows_shown) if data.get(f"opt-{index}")]
        given = [data.get(f"place-{index}") for index in filled]
        if filled and sorted(place or 0 for place in given) != list(range(1, len(filled) + 1)):
            words = gettext("Give every item its place, from 1 to %(count)d, each once.") % {"count": len(filled)}
            self.add_error(f"place-{filled[0]}", words)

    def _field_of(self, field: str, option: str) -> str | None:
        if field == "options" and option:
            name, at = ("left", int(option) - 1) if option.isdecimal() else ("opt", ascii_uppercase.find(option))
            filled = [i for i in range(self.rows_shown) if self.cleaned_data.get(f"{name}-{i}")]
            return f"{name}-{filled[at]}" if 0 <= at < len(filled) else None
        if field == "key":
            names = {QuestionType.SINGLE: "right", QuestionType.TRUE_FALSE: "truth", QuestionType.SHORT: "model"}
            if self.type is QuestionType.FILL and option.isdecimal() and f"blank-{int(option) - 1}" in self.fields:
                return f"blank-{int(option) - 1}"
            return names.get(self.type)
        return field if field in self.fields else None

    def document(self) -> QuestionDocument:
        """The question as typed, tidy."""
        data = self.cleaned_data
        options, key = self._answer(data)
        stimulus = None
        if data["stimulus"].strip():
            stimulus = Stimulus(data["stimulus_uid"] or UUID(int=0), data["stimulus"])
        return tidied(
            QuestionDocument(
                uid=self.was.uid if self.was else UUID(int=0),
                type=self.type,
                place=Place(
                    level=Level(data["level"]),
                    topic=data["topic"],
                    step=Step(data["step"]),
                    difficulty=data["difficulty"],
                    clause=data["clause"],
                    law=data["law"],
                    source=data["source"],
                    uncertain=data["uncertain"],
                ),
                stem=data["stem"],
                key=key,
                options=options,
                explanation=data["explanation"],
                marks=data["marks"],
                stimulus=stimulus,
                media=self.kept,
            )
        )

    def placed(self, uid: UUID) -> QuestionDocument:
        """The same with all its names: `uid` of the question, one for shared material that has none. A file that no text
        shows yet stands below the stem."""
        document = replace(self.document(), uid=uid)
        if document.stimulus is not None and document.stimulus.uid.int == 0:
            document = replace(document, stimulus=Stimulus(new_uuid(), document.stimulus.text))
        shown = names_shown(document)
        lost = [media.name for media in document.media if media.name not in shown]
        if lost:
            files = "\n".join(f"![{name.rpartition('.')[0]}]({name})" for name in lost)
            document = replace(document, stem=f"{document.stem}\n{files}")
        return tidied(document)

    def _answer(self, data: Mapping[str, Any]) -> tuple[tuple[Option, ...], Key]:
        count = range(self.rows_shown)
        if self.type is QuestionType.TRUE_FALSE:
            return (), Key(truth={"true": True, "false": False}.get(data["truth"]))
        if self.type is QuestionType.SHORT:
            return (), Key(model=data["model"])
        if self.type is QuestionType.FILL:
            drawn = blanks_drawn(data["stem"])
            texts = [data[f"blank-{index}"] for index in count]
            while len(texts) > drawn and not texts[-1].strip():
                texts.pop()
            split = [tuple(part.strip() for part in text.split(BETWEEN_TEXTS)) if text else () for text in texts]
            return (), Key(blanks=tuple(split))
        filled = [index for index in count if data[f"opt-{index}"]]
        letters = {index: ascii_uppercase[place] for place, index in enumerate(filled)}
        options = tuple(Option(letters[index], data[f"opt-{index}"]) for index in filled)
        if self.type is QuestionType.SINGLE:
            right = data["right"]
            return options, Key(choices=(letters[int(right)],) if right and int(right) in letters else ())
        if self.type is QuestionType.MULTIPLE:
            return options, Key(choices=tuple(letters[index] for index in filled if data[f"right-{index}"]))
        if self.type is QuestionType.ORDERING:
            order = sorted(filled, key=lambda index: data[f"place-{index}"] or 0)
            return options, Key(choices=tuple(letters[index] for index in order))
        return self._matched(data, options, letters)

    def _matched(
        self, data: Mapping[str, Any], right: tuple[Option, ...], letters: Mapping[int, str]
    ) -> tuple[tuple[Option, ...], Key]:
        filled = [index for index in range(self.rows_shown) if data[f"left-{index}"]]
        numbers = {index: str(place) for place, index in enumerate(filled, 1)}
        left = tuple(Option(numbers[index], data[f"left-{index}"]) for index in filled)
        pairs = []
        for index in filled:
            chosen = data[f"pair-{index}"]
            pairs.append((numbers[index], letters.get(ascii_uppercase.find(chosen), "") if chosen else ""))
        return (*left, *right), Key(pairs=tuple(pairs))

    # How it is drawn --------------------------------------------------------------------------------------------------

    def rows(self) -> Iterator[Row]:
        """The rows of options, pairs or blanks."""
        radios = list(self["right"]) if "right" in self.fields else []
        for index in range(self.rows_shown):
            parts = {
                "text": f"blank-{index}" if self.type is QuestionType.FILL else f"opt-{index}",
                "right": f"right-{index}",
                "place": f"place-{index}",
                "left": f"left-{index}",
                "pair": f"pair-{index}",
            }
            bound: dict[str, Any] = {part: self[name] for part, name in parts.items() if name in self.fields}
            errors = tuple(str(error) for one in bound.values() for error in one.errors)
            if radios:
                bound["right"] = radios[index]
            letter = str(index + 1) if self.type is QuestionType.FILL else ascii_uppercase[index]
            yield Row(letter, **bound, errors=errors)

    def unjudged(self) -> "QuestionForm":
        """Itself without a word about what is missing: only another row was asked for."""
        self.full_clean()
        self._errors = ErrorDict()
        return self

    def refuse(self, field: str, message: str) -> None:
        """Show a service's refusal at its field, or above all of them."""
        named = {"media": "files", "place": "topic"}.get(field, field)
        self.add_error(self._field_of(named, "") if named in (*self.fields, "key") else None, message)

    def drive(self, address: str) -> None:
        """Let the stem ask, while somebody types, what is like it; the key is not sent."""
        self.fields["stem"].widget.attrs |= {
            "hx-post": address,
            "hx-trigger": "input changed delay:700ms, load",
            "hx-target": "#alike",
            "hx-params": self.compared_names,
            "hx-sync": "this:replace",
        }

    @property
    def rows_label(self) -> str:
        """What the rows are."""
        if self.type is QuestionType.FILL:
            return pgettext("question", "Blanks")
        if self.type is QuestionType.MATCHING:
            return pgettext("question", "Items to match")
        return pgettext("question", "Options")

    @property
    def rows_help(self) -> str:
        """How to fill them."""
        return {
            QuestionType.SINGLE: gettext("Mark the one that is right. Rows left empty are left out."),
            QuestionType.MULTIPLE: gettext("Mark all that are right, two or more. Rows left empty are left out."),
            QuestionType.ORDERING: gettext(
                "Write them as readers see them, and give each its place in the right order."
            ),
            QuestionType.MATCHING: gettext(
                "Left items get numbers, right ones letters. Say for each left item which letter belongs to it; a letter may "
                "stay over."
            ),
            QuestionType.FILL: gettext("In the order of the blanks. Several accepted texts: part them by “ / ”."),
        }.get(self.type, "")

    @property
    def right_errors(self) -> str:
        """What is wrong with the choice of the right option."""
        return " ".join(str(error) for error in self.errors.get("right", ())) if self.is_bound else ""

    def placed_by(self, place: Place) -> dict[str, Any]:
        """The fields of a place, for the editor of a row that could not be read."""
        return _place_fields(place)

    @property
    def can_grow(self) -> bool:
        """Whether one more row may be asked for."""
        return 0 < self.rows_shown < MOST

    @property
    def faults(self) -> list[tuple[str, str, str]]:
        """Every error as (id of its field or "", its name, what is wrong), for the summary."""
        found = []
        for name, errors in self.errors.items():
            field = self[name] if name in self.fields else None
            for error in errors:
                anchor = field.id_for_label if field and not name.startswith("__") else ""
                found.append((anchor or (f"id_{name}" if field else ""), str(field.label) if field else "", str(error)))
        return found

    @property
    def compared_names(self) -> str:
        """The fields that the look-alike hint sends; the key is none of them."""
        names = ["csrfmiddlewaretoken", "uid", "stem", *(f"opt-{index}" for index in range(self.rows_shown))]
        return ",".join(names)


def _check_topic(form: forms.Form, data: Mapping[str, Any]) -> None:
    level, code = data.get("level"), data.get("topic")
    if level and code and code not in {topic.code for topic in topics_of(Level(level))}:
        form.add_error("topic", gettext("This topic belongs to another level."))


def _initial(document: QuestionDocument) -> dict[str, Any]:
    return {
        **_place_fields(document.place),
        "marks": document.marks,
        "stem": document.stem,
        "explanation": document.explanation,
        "stimulus": document.stimulus.text if document.stimulus else "",
        "stimulus_uid": document.stimulus.uid if document.stimulus else None,
    }


def _place_fields(place: Place) -> dict[str, Any]:
    return {
        "level": int(place.level),
        "topic": place.topic,
        "step": place.step.value,
        "difficulty": place.difficulty,
        "clause": place.clause,
        "law": place.law,
        "source": place.source,
        "uncertain": place.uncertain,
    }


def _count(data: Mapping[str, Any], name: str) -> int:
    given = str(data.get(name, ""))
    return min(MOST, int(given)) if given.isascii() and given.isdigit() and len(given) < 4 else 0


def _kept(data: Mapping[str, Any]) -> tuple[Media, ...]:
    """Files the form carries along: `media` is `sha256 kind name`, `drop` the hashes to leave out."""
    lists = data if isinstance(data, MultiValueDict) else MultiValueDict()
    dropped = set(lists.getlist("drop"))
    kept: list[Media] = []
    for line in lists.getlist("media")[:50]:
        sha256, _gap, rest = line.partition(" ")
        kind, _gap, name = rest.partition(" ")
        if len(sha256) == 64 and kind in list(MediaKind) and name and sha256 not in dropped:
            kept.append(Media(name[:200], sha256, MediaKind(kind)))
    return tuple(kept)


def with_media(kept: Sequence[Media], new: Sequence[Media]) -> tuple[Media, ...]:
    """Both; a new file takes the place of one of the same name."""
    names = {one.name.casefold() for one in new}
    return (*(one for one in kept if one.name.casefold() not in names), *new)


class FilterForm(forms.Form):
    """What the list shows; anything unknown in the address counts as not asked."""

    q = forms.CharField(required=False, max_length=100, label=_("Words of stem or options"))
    level = forms.TypedChoiceField(
        label=pgettext_lazy("question", "Level"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=[("", pgettext_lazy("filter", "All")), *((level.value, level.label_zh) for level in LEVELS)],
    )
    topic = forms.ChoiceField(
        label=pgettext_lazy("question", "Topic"),
        required=False,
        choices=lambda: [("", pgettext("filter", "All")), *topic_choices()],
    )
    type = forms.ChoiceField(
        label=pgettext_lazy("question", "Type"),
        required=False,
        choices=[("", pgettext_lazy("filter", "All")), *((one.value, words) for one, words in TYPES.items())],
    )
    state = forms.ChoiceField(
        label=pgettext_lazy("question", "State"),
        required=False,
        choices=[("", pgettext_lazy("filter", "All")), *((one.value, words) for one, words in STATES.items())],
    )
    difficulty = forms.TypedChoiceField(
        label=pgettext_lazy("question", "Difficulty"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=lambda: [("", pgettext("filter", "All")), *((n, difficulty(n)) for n in _DIFFICULTIES)],
    )
    mine = forms.ChoiceField(
        label=pgettext_lazy("question", "Whose"),
        required=False,
        choices=[
            ("", pgettext_lazy("filter", "All")),
            ("written", pgettext_lazy("question", "Written by me")),
            ("review", pgettext_lazy("question", "Waiting for my review")),
        ],
    )

    def asked(self) -> dict[str, Any]:
        """What was asked for and makes sense."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value not in ("", None)}


class ReasonForm(forms.Form):
    """Why: kept in the audit trail."""

    reason = forms.CharField(
        label=pgettext_lazy("question", "Reason"),
        max_length=300,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Say why; the reason is kept in the audit trail.")},
    )


class VerdictForm(forms.Form):
    """The expert's word on one version."""

    words = forms.CharField(
        label=_("Remarks"),
        required=False,
        max_length=_WORDS,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Needed when you return it: what must be changed."),
    )
    verdict = forms.ChoiceField(choices=[("approve", ""), ("return", "")], required=True)

    def clean(self) -> dict[str, Any]:
        """A return says why."""
        data = super().clean() or {}
        if data.get("verdict") == "return" and not data.get("words", "").strip():
            self.add_error("words", _("Say what must be changed."))
        return data


class CommentForm(forms.Form):
    """A remark beside the question."""

    words = forms.CharField(
        label=pgettext_lazy("question", "Comment"),
        max_length=_WORDS,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Write the comment.")},
    )


class ImportForm(forms.Form):
    """A file or pasted text, and where its questions belong."""

    file = forms.FileField(
        label=pgettext_lazy("import", "File"),
        required=False,
        help_text=_("Word, Excel, text, GIFT, Moodle XML or a QTI package, at most 20 MB"),
        error_messages={"empty": _("The file is empty. Please choose it again.")},
    )
    text = forms.CharField(
        label=_("Or paste the text of a paper"),
        required=False,
        max_length=200_000,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    level = forms.TypedChoiceField(
        label=pgettext_lazy("question", "Level"),
        choices=[(level.value, level.label_zh) for level in LEVELS],
        coerce=int,
    )
    topic = forms.ChoiceField(
        label=pgettext_lazy("question", "Topic"),
        choices=lambda: [("", pgettext("question", "Choose a topic")), *topic_choices()],
        help_text=_("For questions whose file names none; each can be changed before they are taken in."),
        error_messages={"required": _("Choose the topic the questions belong to.")},
    )
    step = forms.ChoiceField(
        label=pgettext_lazy("question", "Step"),
        choices=[(step.value, words) for step, words in STEPS.items()],
        initial=Step.UNDERSTAND.value,
    )
    difficulty = forms.TypedChoiceField(
        label=pgettext_lazy("question", "Difficulty"),
        choices=lambda: [(number, difficulty(number)) for number in _DIFFICULTIES],
        coerce=int,
        initial=3,
    )
    source = forms.CharField(
        label=pgettext_lazy("question", "Source"),
        required=False,
        max_length=WORD_CHARACTERS,
        help_text=_("Who it is from"),
    )
    clause = forms.CharField(
        label=pgettext_lazy("question", "Source clause"),
        required=False,
        max_length=WORD_CHARACTERS,
        help_text=_("For questions whose file names none; a question goes to review with its clause alone."),
    )

    def clean(self) -> dict[str, Any]:
        """Either of both ways, and a topic of the level."""
        data = super().clean() or {}
        file = data.get("file")
        if file is None and not data.get("text", "").strip() and "file" not in self.errors:
            self.add_error("file", _("Choose a file, or paste the text."))
        if file is not None and (file.size or 0) > FILE_BYTES:
            self.add_error("file", _("The file is larger than 20 MB. Split it, or take pictures out of it."))
        _check_topic(self, data)
        if file is not None and self.errors and "file" not in self.errors:
            self.add_error("file", _("Please choose the file once more: a browser does not keep it."))
        return data

    def place(self) -> Place:
        """What the questions get that say nothing themselves."""
        data = self.cleaned_data
        return Place(
            level=Level(data["level"]),
            topic=data["topic"],
            step=Step(data["step"]),
            difficulty=data["difficulty"],
            source=data["source"],
            clause=data["clause"],
        )


class ExportForm(forms.Form):
    """Which questions leave, how, and why."""

    level = forms.TypedChoiceField(
        label=pgettext_lazy("question", "Level"),
        choices=[(level.value, level.label_zh) for level in LEVELS],
        coerce=int,
    )
    topic = forms.ChoiceField(
        label=pgettext_lazy("question", "Topic"),
        required=False,
        choices=lambda: [("", pgettext("filter", "All")), *topic_choices()],
    )
    state = forms.ChoiceField(
        label=pgettext_lazy("question", "State"),
        required=False,
        initial=QuestionState.APPROVED.value,
        choices=[("", pgettext_lazy("filter", "All")), *((one.value, words) for one, words in STATES.items())],
    )
    format = forms.ChoiceField(label=_("Format"))
    reason = forms.CharField(
        label=pgettext_lazy("question", "Reason"),
        max_length=300,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("Kept in the audit trail with the numbers of all questions taken out"),
        error_messages={"required": _("Say why; the reason is kept in the audit trail.")},
    )

    def __init__(self, *args: Any, formats: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["format"].choices = list(formats)  # type: ignore[attr-defined]
