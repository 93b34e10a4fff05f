from django.apps import AppConfig


class CoursesConfig(AppConfig):
    """What is taught, to whom, when."""

    name = "courses"
    label = "courses"

    def ready(self) -> None:
        """Register the reference data, hear the news, name the notices, say what is held about a person."""
        from courses.catalogue import listeners as catalogue_listeners
        from courses.catalogue.services import load_curriculum
        from courses.enrolment import holder, listeners
        from courses.enrolment.services import NOTICE_KINDS
        from courses.learning import holder as learning_holder
        from lms.core import holdings, reference
        from lms.notices.api import register_kind

        self.heard = (catalogue_listeners, listeners)
        reference.register("curriculum", load_curriculum)
        holdings.register("courses", holder.hold)
        holdings.register("courses.learning", learning_holder.hold)
        for kind, label in NOTICE_KINDS.items():
            register_kind(kind, label)
