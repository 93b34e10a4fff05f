"""How Django forms are drawn: our own field, from the project's templates."""

from typing import Any

from django.forms.renderers import DjangoTemplates, TemplatesSetting
from django.template.exceptions import TemplateDoesNotExist
from django.template.loader import get_template


class KaiboRenderer(TemplatesSetting):
    """Finds templates where pages find theirs; Django's own widgets come from the package's folder.

    Unlike `TemplatesSetting` it does not need `django.forms` in INSTALLED_APPS. `as_field_group` draws
    `components/field.html`, which ties label, hint and error together for assistive technology.
    """

    field_template_name = "components/field.html"
    form_template_name = "components/form.html"

    _widgets = DjangoTemplates()

    def get_template(self, template_name: str) -> Any:
        """The project's template of this name, else Django's own. Raises TemplateDoesNotExist."""
        try:
            return get_template(template_name)
        except TemplateDoesNotExist:
            return self._widgets.get_template(template_name)
