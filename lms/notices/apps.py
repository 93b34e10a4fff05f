from django.apps import AppConfig


class NoticesConfig(AppConfig):
    """Notices in the site, by mail and SMS; receipts; the list of people not reached."""

    name = "lms.notices"
    label = "notices"

    def ready(self) -> None:
        """Say what is held about a person."""
        from lms.core import holdings
        from lms.notices.holder import hold

        holdings.register("notices", hold)
