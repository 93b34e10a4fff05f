from django.apps import AppConfig


class NoticesConfig(AppConfig):
    """Notices in the site, by mail and SMS; receipts; the list of people not reached."""

    name = "lms.notices"
    label = "notices"

    def ready(self) -> None:
        """Register the delivering job and what is told of the ground floor's news; say what is held about a person."""
        from lms.core import holdings
        from lms.notices import jobs, listeners
        from lms.notices.holder import hold

        self.registered = (jobs, listeners)
        holdings.register("notices", hold)
