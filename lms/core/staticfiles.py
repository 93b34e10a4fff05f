"""What `collectstatic` gathers: Django's own app with htmx's extensions left out.

They name modules that their package does not carry, which stops the hashing of module imports; no page uses them.
"""

from django.contrib.staticfiles.apps import StaticFilesConfig


class KaiboStaticFilesConfig(StaticFilesConfig):
    ignore_patterns = [*StaticFilesConfig.ignore_patterns, "django_htmx/ext/*"]
