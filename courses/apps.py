from django.apps import AppConfig


class CoursesConfig(AppConfig):
    """What is taught, to whom, when."""

    name = "courses"
    label = "courses"

    def ready(self) -> None:
        """Register the reference data."""
        from courses.catalogue.services import load_curriculum
        from lms.core import reference

        reference.register("curriculum", load_curriculum)
