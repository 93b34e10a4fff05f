"""The blocks of a lesson as Wagtail edits them; one for each of `types.BLOCK_TYPES`, under the same word and field names.

A task's and a question's uid is the id Wagtail gives every block of a stream: kept through edits, new for a duplicate.
"""

from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.forms import CheckboxSelectMultiple
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.blocks.struct_block import StructBlockValidationError
from wagtail.documents.blocks import DocumentChooserBlock
from wagtail.images.blocks import ImageChooserBlock

from courses.catalogue.types import Accepts, CheckKind
from courses.packages.blocks import PackageBlock
from courses.videos.blocks import LessonVideoBlock

RICH = ["h3", "bold", "ol", "ul", "link", "blockquote"]
HALF = Decimal("0.5")
_OPTIONS_MAX = 8
_KINDS = [
    (CheckKind.SINGLE.value, pgettext_lazy("self-check", "One right answer")),
    (CheckKind.MULTIPLE.value, pgettext_lazy("self-check", "Several right answers")),
    (CheckKind.TRUE_FALSE.value, pgettext_lazy("self-check", "True or false")),
]
_ACCEPTS = [
    (Accepts.TEXT.value, pgettext_lazy("handed in", "Text")),
    (Accepts.PICTURE.value, pgettext_lazy("handed in", "Picture")),
    (Accepts.VIDEO.value, pgettext_lazy("handed in", "Video")),
]


def _rich(label: Any, **kwargs: Any) -> blocks.RichTextBlock:
    return blocks.RichTextBlock(label=label, features=RICH, **kwargs)


def _line(label: Any, most: int = 200, **kwargs: Any) -> blocks.CharBlock:
    return blocks.CharBlock(label=label, max_length=most, **kwargs)


class Picture(blocks.StructBlock):
    """`name`: what the file is called in an export; empty: as it was uploaded."""

    image = ImageChooserBlock(label=pgettext_lazy("lesson", "Picture"))
    alt = _line(_("What the picture shows"), help_text=_("Read aloud to who cannot see it."))
    caption = _line(_("Caption"), required=False)
    name = blocks.RegexBlock(
        regex=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$",
        label=_("File name in exports"),
        required=False,
        error_messages={"invalid": _("Letters, digits, dots, hyphens and underscores only.")},
    )

    class Meta:
        icon = "image"
        label = pgettext_lazy("lesson", "Picture")
        group = pgettext_lazy("lesson", "Content")


class ChapterPart(blocks.StructBlock):
    """Where a part of the video begins."""

    second = blocks.IntegerBlock(label=_("Second it begins"), min_value=0)
    title = _line(pgettext_lazy("lesson", "Chapter"), 60)


class Video(blocks.StructBlock):
    """One lesson video, with where its parts begin."""

    video = LessonVideoBlock(label=pgettext_lazy("lesson", "Lesson video"))
    title = _line(pgettext_lazy("lesson", "Title"), 100)
    chapters = blocks.ListBlock(ChapterPart(), label=pgettext_lazy("lesson", "Chapters"), default=[], required=False)

    class Meta:
        icon = "media"
        label = pgettext_lazy("lesson", "Lesson video")
        group = pgettext_lazy("lesson", "Content")

    def clean(self, value: Any) -> Any:
        """Chapters in order of time; a draft may be unfinished."""
        cleaned = super().clean(value)
        if self.is_deferred_validation:
            return cleaned
        seconds = [chapter["second"] for chapter in cleaned["chapters"]]
        if seconds != sorted(set(seconds)):
            raise StructBlockValidationError(
                {"chapters": ValidationError(gettext("Every chapter begins later than the one before it."))}
            )
        return cleaned


class Download(blocks.StructBlock):
    """A file to take away."""

    document = DocumentChooserBlock(label=pgettext_lazy("lesson", "File"))
    title = _line(pgettext_lazy("lesson", "Title"), 100)
    name = blocks.RegexBlock(
        regex=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$",
        label=_("File name in exports"),
        required=False,
        error_messages={"invalid": _("Letters, digits, dots, hyphens and underscores only.")},
    )

    class Meta:
        icon = "download"
        label = pgettext_lazy("lesson", "Download")
        group = pgettext_lazy("lesson", "Content")


class Package(blocks.StructBlock):
    """A SCORM package, shown in a frame of its own."""

    package = PackageBlock(label=pgettext_lazy("lesson", "Package"))
    title = _line(pgettext_lazy("lesson", "Title"), 100)

    class Meta:
        icon = "code"
        label = pgettext_lazy("lesson", "Package")
        group = pgettext_lazy("lesson", "Content")


class Case(blocks.StructBlock):
    """An example from selling."""

    title = _line(pgettext_lazy("lesson", "Title"), 100)
    product = _line(pgettext_lazy("lesson", "Product"), 60, required=False)
    text = _rich(pgettext_lazy("lesson", "Text"))

    class Meta:
        icon = "folder-open-inverse"
        label = pgettext_lazy("lesson", "Case")
        group = pgettext_lazy("lesson", "Selling")


class Law(blocks.StructBlock):
    """What the law says, in our words, with where it stands."""

    law = _line(pgettext_lazy("lesson", "Law"), 100)
    article = _line(pgettext_lazy("lesson", "Article"), 60)
    text = _rich(_("What it says, in our own words"))
    source = _line(pgettext_lazy("lesson", "Source"), help_text=_("The text this was read in, with its year."))
    uncertain = blocks.BooleanBlock(label=_("To be checked before anybody relies on it"), required=False)

    class Meta:
        icon = "warning"
        label = pgettext_lazy("lesson", "What the law says")
        group = pgettext_lazy("lesson", "Selling")


class Say(blocks.StructBlock):
    """How to say it, how not to."""

    good = blocks.TextBlock(label=_("Say it like this"), rows=2)
    bad = blocks.TextBlock(label=_("Do not say it like this"), rows=2)
    why = blocks.TextBlock(label=pgettext_lazy("lesson", "Why"), rows=2)

    class Meta:
        icon = "openquote"
        label = _("Say and do not say")
        group = pgettext_lazy("lesson", "Selling")


class Script(blocks.StructBlock):
    """A sample selling script."""

    title = _line(pgettext_lazy("lesson", "Title"), 100)
    product = _line(pgettext_lazy("lesson", "Product"), 60, required=False)
    text = _rich(pgettext_lazy("lesson", "Text"))

    class Meta:
        icon = "doc-full"
        label = _("Sample selling script")
        group = pgettext_lazy("lesson", "Selling")


class Task(blocks.StructBlock):
    """A practice task that is handed in."""

    title = _line(pgettext_lazy("lesson", "Title"), 100)
    text = _rich(pgettext_lazy("practice task", "What to do"))
    accepts = blocks.MultipleChoiceBlock(
        choices=_ACCEPTS, label=_("May be handed in as"), widget=CheckboxSelectMultiple, default=[Accepts.TEXT.value]
    )
    minutes = blocks.IntegerBlock(label=_("Minutes it should take"), min_value=1, max_value=600, default=30)

    class Meta:
        icon = "edit"
        label = pgettext_lazy("lesson", "Practice task")
        group = pgettext_lazy("lesson", "Practice")


class Answer(blocks.StructBlock):
    """One answer; its letter follows its place."""

    text = _line(pgettext_lazy("self-check", "Answer"))
    correct = blocks.BooleanBlock(label=pgettext_lazy("self-check", "Right"), required=False)


class Check(blocks.StructBlock):
    """A self-check question; never one that a paper may draw."""

    kind = blocks.ChoiceBlock(choices=_KINDS, label=pgettext_lazy("self-check", "Kind"), default=CheckKind.SINGLE.value)
    stem = blocks.TextBlock(label=pgettext_lazy("self-check", "Question"), rows=2)
    options = blocks.ListBlock(
        Answer(),
        label=pgettext_lazy("self-check", "Answers"),
        min_num=2,
        max_num=_OPTIONS_MAX,
        default=[{"text": "", "correct": False}] * 2,
    )
    explanation = blocks.TextBlock(label=pgettext_lazy("self-check", "Explanation"), rows=2)
    clause = _line(pgettext_lazy("self-check", "Where it stands"), 120, required=False)

    class Meta:
        icon = "help"
        label = pgettext_lazy("lesson", "Self-check question")
        group = pgettext_lazy("lesson", "Practice")

    def clean(self, value: Any) -> Any:
        """As many right answers as the kind says; a draft may be unfinished."""
        cleaned = super().clean(value)
        if self.is_deferred_validation:
            return cleaned
        right = sum(bool(option["correct"]) for option in cleaned["options"])
        kind = CheckKind(cleaned["kind"])
        problem = ""
        if kind is CheckKind.MULTIPLE and right < 2:
            problem = gettext("Mark at least two answers as right, or choose another kind.")
        elif kind is not CheckKind.MULTIPLE and right != 1:
            problem = gettext("Mark exactly one answer as right.")
        elif kind is CheckKind.TRUE_FALSE and len(cleaned["options"]) != 2:
            problem = gettext("True or false has two answers.")
        if problem:
            raise StructBlockValidationError({"options": ValidationError(problem)})
        return cleaned


class TermPart(blocks.StructBlock):
    """A word of the trade."""

    term = _line(pgettext_lazy("lesson", "Term"), 40)
    meaning = blocks.TextBlock(label=pgettext_lazy("lesson", "Meaning"), rows=2)


class Terms(blocks.StructBlock):
    """Words of the trade and what they mean."""

    terms = blocks.ListBlock(TermPart(), label=pgettext_lazy("lesson", "Terms"), min_num=1)

    class Meta:
        icon = "list-ul"
        label = pgettext_lazy("lesson", "Glossary terms")
        group = pgettext_lazy("lesson", "Content")


class LessonBody(blocks.StreamBlock):
    """The whole lesson."""

    text = _rich(pgettext_lazy("lesson", "Text"), icon="pilcrow", group=pgettext_lazy("lesson", "Content"))
    picture = Picture()
    video = Video()
    download = Download()
    package = Package()
    terms = Terms()
    case = Case()
    law = Law()
    say = Say()
    script = Script()
    task = Task()
    check = Check()
