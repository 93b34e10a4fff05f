from django.apps import AppConfig


class NoticesConfig(AppConfig):
    """Notices in the site, by mail and SMS; receipts; the list of people not reached."""

    name = "lms.notices"
    label = "notices"
