"""How Django forms are drawn: our own field, from the project's templates."""

from django.forms.renderers import TemplatesSetting


class KaiboRenderer(TemplatesSetting):
    """Finds templates where pages find theirs; Django's own widgets come from `django.forms` in INSTALLED_APPS.

    `as_field_group` draws `components/field.html`, which ties label, hint and error together for assistive technology.
    """

    field_template_name = "components/field.html"
    form_template_name = "components/form.html"
