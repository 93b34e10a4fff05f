"""Wagtail's forms of pictures and documents: title, collection and tags change, the file never does."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from wagtail.documents.forms import BaseDocumentForm
from wagtail.images.forms import BaseImageForm

REPLACED = _(
    "A file keeps its content: who approved a lesson has seen this one. Bring the new one as a file of its own."
)


class _OneFile:
    instance: Any
    cleaned_data: dict[str, Any]
    changed_data: list[str]

    def clean_file(self) -> Any:
        """Refused here, too: Wagtail deletes the old file before it saves the row."""
        if self.instance.pk is not None and "file" in self.changed_data:
            raise ValidationError(REPLACED, code="replaced")
        return self.cleaned_data["file"]


class PictureForm(_OneFile, BaseImageForm):
    """A picture (`WAGTAILIMAGES_IMAGE_FORM_BASE`)."""


class DocumentForm(_OneFile, BaseDocumentForm):
    """A document (`WAGTAILDOCS_DOCUMENT_FORM_BASE`)."""
