"""The form that hands in a package."""

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from courses.packages.services import TITLE_CHARS


class PackageForm(forms.Form):
    """A zip and what to call it."""

    package = forms.FileField(
        label=_("Choose a package"),
        widget=forms.FileInput(attrs={"accept": ".zip,application/zip"}),
        help_text=_("A SCORM 1.2 package as a zip, at most 100 MB, of one part."),
        error_messages={
            "required": _("Choose a package first."),
            "missing": _("Choose a package first."),
            "invalid": _("The package did not arrive. Please choose it again."),
            "empty": _("The file is empty. Please choose the package again."),
        },
    )
    title = forms.CharField(
        label=pgettext_lazy("package", "Title"),
        max_length=TITLE_CHARS,
        help_text=_("You choose the package in a lesson by it."),
        error_messages={"required": _("Give the package a title.")},
    )
