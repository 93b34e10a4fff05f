from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "lms.portal"
    label = "portal"

    def ready(self) -> None:
        from lms.portal.demo import listeners  # noqa: F401  # subscribes
