"""What is said about a recording; the file itself comes in pieces."""

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from courses.recordings.types import Mode, NewRecording
from lms.core.ids import new_uuid

SUBJECT_CHARS = 60
_LONGEST_MINUTES = 720


class _DateInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class _TimeInput(forms.TimeInput):
    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M")


class SessionForm(forms.Form):
    """Which session it shows. `token` makes the same form sent twice one recording."""

    held_on = forms.DateField(label=pgettext_lazy("session", "Day"), widget=_DateInput())
    starts_at = forms.TimeField(
        label=pgettext_lazy("session", "Begins at"),
        widget=_TimeInput(),
        help_text=_("Files of the same day and hour count as one session."),
    )
    minutes = forms.IntegerField(
        label=pgettext_lazy("session", "Minutes by the timetable"),
        min_value=1,
        max_value=_LONGEST_MINUTES,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    mode = forms.TypedChoiceField(
        label=pgettext_lazy("session", "Kind of teaching"),
        choices=[
            (Mode.THEORY.value, pgettext_lazy("session", "Theory")),
            (Mode.PRACTICE.value, pgettext_lazy("session", "Practice")),
        ],
        coerce=Mode,
        widget=forms.RadioSelect,
    )
    subject = forms.CharField(label=pgettext_lazy("session", "What was taught"), max_length=SUBJECT_CHARS)
    token = forms.UUIDField(widget=forms.HiddenInput, initial=new_uuid)

    def new(self) -> NewRecording:
        """What was said, once it is valid."""
        said = self.cleaned_data
        return NewRecording(said["held_on"], said["starts_at"], said["minutes"], said["mode"], said["subject"])


class RecordingForm(SessionForm):
    """The same with the picker; without JavaScript nothing is sent, for no request lasts as long as such a file."""

    video = forms.FileField(
        label=_("Choose the recording"),
        widget=forms.FileInput(attrs={"accept": "video/*", "aria-describedby": "id_video_helptext"}),
    )
    field_order = ("video",)


class WithdrawForm(forms.Form):
    """Why a recording is taken off the list."""

    reason = forms.CharField(
        label=pgettext_lazy("recording", "Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 2})
    )
