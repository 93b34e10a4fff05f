"""Forms of homework: clean input, never save."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from courses.homework.types import TEXT_MAX, WORDS_MAX, HomeworkRefused, RubricData
from lms.core.ids import new_uuid


class _Refusable(forms.Form):
    def refuse(self, refusal: HomeworkRefused) -> None:
        """Show a service's refusal beside the field it names."""
        self.add_error(refusal.field if refusal.field in self.fields else None, refusal.message)


class TaskForm(_Refusable):
    """What she hands in. The picture comes with whatever button she pressed; `revision` is of the draft she changed."""

    text = forms.CharField(
        label=pgettext_lazy("homework", "What you hand in"),
        max_length=2 * TEXT_MAX,  # the service counts what is left of it
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 10, "data-text": True}),
    )
    revision = forms.IntegerField(min_value=0, required=False, widget=forms.HiddenInput)
    picture = forms.FileField(
        label=_("Add a picture"),
        required=False,
        widget=forms.FileInput(
            attrs={"accept": "image/jpeg,image/png,image/webp", "aria-describedby": "id_picture_helptext"}
        ),
        error_messages={
            "invalid": _("The picture did not arrive. Please choose it again."),
            "empty": _("The file is empty. Please choose the picture again."),
        },
    )

    @property
    def said(self) -> dict[str, Any]:
        """Text and revision, for the services."""
        return {"text": self.cleaned_data["text"], "revision": self.cleaned_data["revision"] or 0}

    @property
    def chosen(self) -> UploadedFile[Any] | None:
        """The picture that came along."""
        return self.cleaned_data.get("picture") or None


class VideoForm(_Refusable):
    """One video. `token` makes the same form sent twice one video."""

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
    token = forms.UUIDField(widget=forms.HiddenInput, initial=new_uuid)


class MarkForm(_Refusable):
    """A level for every criterion of the rubric, and words for her."""

    words = forms.CharField(
        label=_("Words for the trainee"),
        help_text=_("She reads them with the mark: what was good, what to do better."),
        max_length=2 * WORDS_MAX,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, *args: Any, rubric: RubricData, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._codes = [criterion.code for criterion in rubric.criteria]
        choices = [(level.code, level.label) for level in rubric.levels]
        for code in self._codes:
            self.fields[f"level-{code}"] = forms.ChoiceField(choices=choices, required=False)

    @property
    def levels(self) -> dict[str, str]:
        """Criterion → level, as far as chosen."""
        return {code: level for code in self._codes if (level := self.cleaned_data.get(f"level-{code}"))}

    @property
    def chosen(self) -> dict[str, str]:
        """The same of a form that was sent, whatever else is wrong with it."""
        return {code: self.data.get(f"level-{code}", "") for code in self._codes}


class ReturnForm(_Refusable):
    """Why it goes back."""

    reason = forms.CharField(
        label=_("What to do better"),
        max_length=2 * WORDS_MAX,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
