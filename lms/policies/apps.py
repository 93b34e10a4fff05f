from django.apps import AppConfig


class PoliciesConfig(AppConfig):
    """The law book: versioned policy profiles, pure evaluators, explained decisions."""

    name = "lms.policies"
    label = "policies"

    def ready(self) -> None:
        """Register the reference data."""
        from lms.core import reference
        from lms.core.workdays.services import load_workdays
        from lms.policies.services import load_profiles

        reference.register("workdays", load_workdays)
        reference.register("policies", load_profiles)
