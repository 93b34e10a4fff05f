from django.apps import AppConfig
from django.utils.translation import gettext_noop


class AssessmentConfig(AppConfig):
    """What is asked, answered, judged."""

    name = "assessment"
    label = "assessment"

    def ready(self) -> None:
        """Hear the news of the rooms below; say what is held about a person."""
        from assessment.bank import holder as bank
        from assessment.bank import jobs as bank_jobs
        from assessment.bank.above import register_question_figures
        from assessment.bank.services.review import NOTICE_KINDS as BANK_KINDS
        from assessment.candidates import holder as candidates
        from assessment.candidates import listeners as candidates_listeners
        from assessment.certification import holder as certification
        from assessment.certification import jobs as certification_jobs
        from assessment.certification.loading import load_schemes
        from assessment.delivery import holder as delivery
        from assessment.delivery import jobs as delivery_jobs
        from assessment.examiners import holder as examiners
        from assessment.marking import holder as marking
        from assessment.marking import jobs as marking_jobs
        from assessment.marking import listeners as marking_listeners
        from assessment.marking.services import load_rubrics
        from assessment.papers import holder as papers
        from assessment.papers.services import load_blueprints
        from assessment.results import holder as results
        from assessment.results import jobs as results_jobs
        from assessment.results import listeners as results_listeners
        from assessment.specification.services import load_specifications
        from assessment.statistics import holder as statistics
        from assessment.statistics import jobs as statistics_jobs
        from assessment.statistics import listeners as statistics_listeners
        from assessment.statistics.pages import figures_for_bank
        from assessment.statistics.services.concerns import NOTICE as STATISTICS_NOTICE
        from assessment.statistics.services.concerns import NOTICE_LABEL as STATISTICS_LABEL
        from assessment.theory import holder as theory
        from assessment.theory import jobs as theory_jobs
        from assessment.theory import listeners as theory_listeners
        from assessment.theory.services.telling import NOTICE_KIND as PAPER_RELEASED
        from lms.core import holdings, reference
        from lms.notices.api import register_kind

        register_question_figures(figures_for_bank)
        self.heard = (
            candidates_listeners,
            marking_listeners,
            marking_jobs,
            theory_listeners,
            theory_jobs,
            results_listeners,
            results_jobs,
            certification_jobs,
            bank_jobs,
            delivery_jobs,
            statistics_jobs,
            statistics_listeners,
        )
        holdings.register("assessment.bank", bank.hold)
        holdings.register("assessment.candidates", candidates.hold)
        holdings.register("assessment.delivery", delivery.hold)
        holdings.register("assessment.examiners", examiners.hold)
        holdings.register("assessment.marking", marking.hold)
        holdings.register("assessment.papers", papers.hold)
        holdings.register("assessment.theory", theory.hold)
        holdings.register("assessment.results", results.hold)
        holdings.register("assessment.statistics", statistics.hold)
        reference.register("rubrics", load_rubrics)
        reference.register("specifications", load_specifications)
        reference.register("blueprints", load_blueprints)
        holdings.register("assessment.certification", certification.hold)
        reference.register("number_schemes", load_schemes)
        for kind, label in BANK_KINDS.items():
            register_kind(kind, label)
        register_kind(STATISTICS_NOTICE, STATISTICS_LABEL)
        register_kind("work_to_score", gettext_noop("Work to score"))
        register_kind(PAPER_RELEASED, gettext_noop("Paper marked"))
        register_kind("result_released", gettext_noop("Result released"))
        register_kind("attempts_used_up", gettext_noop("Attempts used up"))
        register_kind("part_expired", gettext_noop("Passed part expired"))
        register_kind("certificate_issued", gettext_noop("Certificate issued"))
        register_kind("certificate_revoked", gettext_noop("Certificate revoked"))
