from importlib import import_module

from django.apps import AppConfig
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


class CoreConfig(AppConfig):
    name = "lms.core"
    label = "core"

    def ready(self) -> None:
        import_module("lms.core.checks")
        import_module("lms.core.periodic")
        if settings.EXTRA_JOBS:
            if settings.PRODUCTION:
                raise ImproperlyConfigured("KAIBO_EXTRA_JOBS is for tests and refused in production")
            import_module(settings.EXTRA_JOBS)
