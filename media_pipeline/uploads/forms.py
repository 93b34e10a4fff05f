"""The upload form: plain multipart, checked field by field; what is inside the file is the pipeline's to judge."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from lms.core.ids import new_uuid
from lms.core.types import Level, ProductKind
from media_pipeline.assets.labels import level_label, product_label
from media_pipeline.uploads.services import too_big

# Assessed by video in this scheme; technicians are not (domain 4.1).
LEVELS = (Level.ELEMENTARY, Level.INTERMEDIATE, Level.ADVANCED)


def _products() -> list[tuple[str, str]]:
    return [("", gettext("Please choose")), *((kind.value, product_label(kind)) for kind in ProductKind)]


def _levels() -> list[tuple[str, str]]:
    return [(str(int(level)), level_label(level)) for level in LEVELS]


class DeclarationForm(forms.Form):
    """What the trainee says about her video. `token` makes the same form sent twice one work."""

    title = forms.CharField(
        label=_("Title"),
        max_length=60,
        help_text=_("For yourself, to find it again. Examiners do not see it."),
        error_messages={"required": _("Give the video a title.")},
    )
    product = forms.TypedChoiceField(
        label=_("Kind of product"),
        choices=_products,
        coerce=ProductKind,
        help_text=_("The rules on what must be said depend on it."),
        error_messages={"required": _("Choose the kind of product.")},
    )
    product_name = forms.CharField(
        label=_("Product name"),
        max_length=60,
        help_text=_("As you say it in the video, for example Lianjiang rock tea."),
        error_messages={"required": _("Fill in the product's name.")},
    )
    brand = forms.CharField(
        label=_("Brand"), max_length=60, required=False, help_text=_("Leave it empty if there is none.")
    )
    level = forms.TypedChoiceField(
        label=_("Level"),
        choices=_levels,
        coerce=lambda value: Level(int(value)),
        initial=str(int(Level.ELEMENTARY)),
        error_messages={"required": _("Choose the level.")},
    )
    declared_ai = forms.TypedChoiceField(
        label=_("Is any picture or voice made by AI?"),
        choices=[("no", _("No")), ("yes", _("Yes, and the video says so"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        error_messages={"required": _("Say whether AI was used.")},
    )
    token = forms.UUIDField(widget=forms.HiddenInput, initial=new_uuid)


class UploadForm(DeclarationForm):
    """The same with the video in it: one long request, for browsers without JavaScript."""

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

    def clean_video(self) -> UploadedFile[Any]:
        video: UploadedFile[Any] = self.cleaned_data["video"]
        if (video.size or 0) > settings.UPLOAD_MAX_BYTES:
            raise ValidationError(too_big(), code="too_big")
        return video
