from django.apps import AppConfig


class PoliciesConfig(AppConfig):
    """The law book: versioned policy profiles, pure evaluators, explained decisions."""

    name = "lms.policies"
    label = "policies"
