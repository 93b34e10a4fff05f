from django.apps import AppConfig


class AssessmentConfig(AppConfig):
    """What is asked, answered, judged."""

    name = "assessment"
    label = "assessment"

    def ready(self) -> None:
        """Hear the news of the rooms below; say what is held about a person."""
        from assessment.candidates import holder as candidates
        from assessment.candidates import listeners as candidates_listeners
        from assessment.certification import holder as certification
        from assessment.certification.loading import load_schemes
        from assessment.examiners import holder as examiners
        from assessment.specification.services import load_specifications
        from lms.core import holdings, reference

        self.heard = (candidates_listeners,)
        holdings.register("assessment.candidates", candidates.hold)
        holdings.register("assessment.examiners", examiners.hold)
        reference.register("specifications", load_specifications)
        holdings.register("assessment.certification", certification.hold)
        reference.register("number_schemes", load_schemes)
